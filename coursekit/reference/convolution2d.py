"""Convolution of images, fast: one matrix product for every row of the output.

The formula is that of :func:`conv2d`; ``convolution2d_plain`` has it as loops and as one matrix. This
version lowers the width only: beside every input row lie its F_w shifted copies, so the F_h rows under a row
of the output are, in memory, one matrix of F_h F_w C rows, and

    output row  =  (K, F_h F_w C) kernel matrix  @  (F_h F_w C, W_out N) stacked input rows.

Lowering the whole window (im2col) would make F_h F_w copies of the input; this makes F_w.
"""

from collections.abc import Iterator
from math import gcd
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Num

from coursekit.reference.arguments import (
    Size,
    as_bias,
    as_float_array,
    as_output_gradient,
    check_cache,
)
from coursekit.reference.layout import in_order, is_batch_last, rows
from coursekit.reference.steps import Steps, as_image_steps


class Conv2dCache(NamedTuple):
    """What conv2d_backward needs from the forward pass."""

    lowered: list[np.ndarray]  # one for each group: (H, F_w, C / groups, W_out, N)
    w: np.ndarray  # (K, C / groups, F_h, F_w)
    bias: bool
    x_shape: tuple[int, ...]
    y_shape: tuple[int, ...]
    batch_last: bool  # the memory order of x
    steps: Steps


def conv2d(
    x: Num[np.ndarray, "N C H W"],
    w: Num[np.ndarray, "K C_g F_h F_w"],
    b: Num[np.ndarray, " K"] | None = None,
    *,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> Float[np.ndarray, "N K H_out W_out"]:
    r"""Slide K kernels over images and take the dot product with what lies under them.

    .. math::
        y_{n,k,i,j} = b_k + \sum_{c} \sum_{a=0}^{F_h-1} \sum_{m=0}^{F_w-1}
        w_{k,c,a,m} \; x_{n,c,\,iS + aD - P,\; jS + mD - P}

    with x = 0 outside the image. Cross-correlation, as in every deep learning library. With ``groups``
    the channels are split into that many parts, and every part has K / groups kernels of its own.

    Args:
        x: images (N, C, H, W), in either memory order of ``layout``; the output keeps it.
        w: kernels (K, C / groups, F_h, F_w).
        b: one bias for each kernel, or None.
        stride: S, pixels from one place to the next; one number, or one for the height and one for
            the width, like padding and dilation.
        padding: P, zeros added at each side.
        dilation: D, pixels from one tap to the next.
        groups: parts that the channels are split into.

    Returns:
        y: (N, K, H_out, W_out), see :func:`~coursekit.reference.geometry.output_size`.

    Raises:
        TypeError: x, w or b is not an array of real numbers, or a size is not a whole number.
        ValueError: shapes or sizes do not fit together.

    Source: CS7015 lecture 11, slides 9 to 29; Louppe lecture 5, "Channels" and "Convolutional layers".
    """
    return conv2d_forward(
        x, w, b, stride=stride, padding=padding, dilation=dilation, groups=groups
    )[0]


def conv2d_forward(
    x: Num[np.ndarray, "N C H W"],
    w: Num[np.ndarray, "K C_g F_h F_w"],
    b: Num[np.ndarray, " K"] | None = None,
    *,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> tuple[Float[np.ndarray, "N K H_out W_out"], Conv2dCache]:
    """Return ``(y, cache)``: the output of :func:`conv2d`, and what :func:`conv2d_backward` needs.

    Args and Raises: as for :func:`conv2d`.
    """
    x, w, b, steps = check_conv2d(x, w, b, stride, padding, dilation, groups)
    dtype = np.result_type(x, w)
    memory = rows(x.astype(dtype, copy=False))  # (H, C, W, N)
    K, C_g, _, F_w = w.shape
    H_out, W_out = steps.places(x.shape[2:], w.shape[2:])
    y = np.empty((H_out, K, W_out, len(x)), dtype)
    lowered = []
    for g, kernels in enumerate(np.split(w.astype(dtype, copy=False), groups)):
        part = lower_width(memory[:, g * C_g : (g + 1) * C_g], F_w, W_out, steps)
        products(part, kernels, steps, y[:, g * len(kernels) : (g + 1) * len(kernels)])
        lowered.append(part)
    if b is not None:
        y += b.astype(dtype, copy=False)[:, None, None]
    last = is_batch_last(x)
    y = in_order(y, last)
    return y, Conv2dCache(lowered, w.copy(), b is not None, x.shape, y.shape, last, steps)


def conv2d_backward(
    dy: Num[np.ndarray, "N K H_out W_out"], cache: Conv2dCache
) -> tuple[
    Float[np.ndarray, "N C H W"],
    Float[np.ndarray, "K C_g F_h F_w"],
    Float[np.ndarray, " K"] | None,
]:
    r"""Return ``(dx, dw, db)``, the gradients with respect to the images, the kernels and the biases.

    .. math::
        dx_{n,c,r,q} &= \sum_k \sum_{\substack{i,a:\; iS + aD - P = r \\ j,m:\; jS + mD - P = q}}
        w_{k,c,a,m} \; dy_{n,k,i,j}

        dw_{k,c,a,m} &= \sum_{n,i,j} dy_{n,k,i,j} \; x_{n,c,\,iS + aD - P,\; jS + mD - P}

        db_k &= \sum_{n,i,j} dy_{n,k,i,j}

    Args:
        dy: gradient of the loss with respect to the output, of the output's shape.
        cache: from :func:`conv2d_forward`.

    Returns:
        dx in the memory order of x, dw, and db (None where the forward pass had no bias).

    Raises:
        TypeError: dy is not an array of real numbers, or cache is not conv2d_forward's.
        ValueError: dy does not have the output's shape.

    Source: Louppe lecture 5, "the backward pass is also a convolution".
    """
    check_cache(cache, Conv2dCache, "conv2d_forward")
    dy = as_output_gradient(dy, cache.y_shape)
    N, C, H, W = cache.x_shape
    K, C_g, _, _ = cache.w.shape
    dtype = np.result_type(dy, cache.lowered[0])
    memory = rows(dy.astype(dtype, copy=False))  # (H_out, K, W_out, N)
    dx = np.empty((H, C, W, N), dtype)
    dw = np.empty(cache.w.shape, dtype)
    K_g = K // cache.steps.groups
    for g, part in enumerate(cache.lowered):
        of_group = slice(g * K_g, (g + 1) * K_g)
        dy_g = np.ascontiguousarray(memory[:, of_group])
        dw[of_group] = kernel_gradient(part, dy_g, cache.w.shape, cache.steps)
        kernels = cache.w[of_group].astype(dtype, copy=False)
        input_gradient(dy_g, kernels, cache.steps, dx[:, g * C_g : (g + 1) * C_g])
    db = memory.sum(axis=(0, 2, 3), dtype=np.float64).astype(dtype) if cache.bias else None
    return in_order(dx, cache.batch_last), dw, db


def check_conv2d(
    x: np.ndarray,
    w: np.ndarray,
    b: np.ndarray | None,
    stride: Size,
    padding: Size,
    dilation: Size,
    groups: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, Steps]:
    """Return the arguments of a convolution as arrays and whole numbers that fit together.

    Raises:
        TypeError: one of them is of the wrong kind.
        ValueError: they do not fit together; the text names the numbers.
    """
    x, w = as_float_array("x", x), as_float_array("w", w)
    if x.ndim != 4 or w.ndim != 4:
        raise ValueError(
            f"x has shape {x.shape} and w has shape {w.shape}, expected (N, C, H, W) and "
            "(K, C / groups, F_h, F_w)"
        )
    if w.size == 0:
        raise ValueError(f"w has shape {w.shape}, expected every size to be at least 1")
    steps = as_image_steps(stride, padding, dilation, groups)
    groups = steps.groups
    if x.shape[1] % groups or w.shape[0] % groups:
        raise ValueError(
            f"groups is {groups}, which does not divide both the {x.shape[1]} channels of x and the "
            f"{w.shape[0]} kernels of w"
        )
    if x.shape[1] != w.shape[1] * groups:
        raise ValueError(
            f"x has {x.shape[1]} channels, and w has {w.shape[1]} for each of {groups} groups: "
            f"expected w of shape (K, {x.shape[1] // groups}, F_h, F_w), and w has {w.shape}"
        )
    b = as_bias(b, len(w), "kernels")
    steps.places(x.shape[2:], w.shape[2:])
    return x, w, b, steps


def lower_width(memory: np.ndarray, F_w: int, W_out: int, steps: Steps) -> np.ndarray:
    """Return (H, F_w, C, W_out, N): copy m of a row holds what tap m reads at every place j.

    lowered[h, m, c, j, n] = x[n, c, h, jS + mD - P], and 0 where that is outside the image.
    """
    H, C, W, N = memory.shape
    lowered = np.empty((H, F_w, C, W_out, N), memory.dtype)
    for m, places, columns in _reaches(F_w, W_out, W, steps):
        lowered[:, m, :, : places.start] = lowered[:, m, :, places.stop :] = 0
        lowered[:, m, :, places] = memory[:, :, columns]
    return lowered


def _reaches(F_w: int, W_out: int, W: int, steps: Steps) -> Iterator[tuple[int, slice, slice]]:
    """Yield every tap m, the places j at which it reads inside the image, and the columns it reads."""
    S, P, D = steps.stride[1], steps.padding[1], steps.dilation[1]
    for m in range(F_w):
        first = m * D - P  # the column that tap m reads at place 0; maybe left of the image
        start = min(W_out, max(0, -(first // S)))  # the first place at which it is not
        stop = max(start, min(W_out, (W - 1 - first) // S + 1))
        begin = first + start * S
        yield m, slice(start, stop), slice(begin, begin + (stop - start) * S, S)


def products(lowered: np.ndarray, kernels: np.ndarray, steps: Steps, y: np.ndarray) -> None:
    """Fill y (H_out, K, W_out, N): row i is the kernel matrix times the rows of the image under it."""
    K = len(kernels)
    matrix = np.ascontiguousarray(kernels.transpose(0, 2, 3, 1)).reshape(K, -1)  # (K, F_h F_w C)
    for i in range(len(y)):
        entries, under = _under(lowered, i, kernels.shape[2], steps)
        np.matmul(matrix[:, entries], under, out=y[i].reshape(K, under.shape[1]))


def _under(lowered: np.ndarray, i: int, F_h: int, steps: Steps) -> tuple[slice, np.ndarray]:
    """Return which columns of the kernel matrix meet the image at output row i, and what they meet.

    Kernel row a meets row iS + aD - P of the image; those that meet padding are left out. What the
    others meet is one matrix of F_w C rows for each of them and of W_out N columns.
    """
    S, P, D = steps.stride[0], steps.padding[0], steps.dilation[0]
    H, F_w, C, W_out, N = lowered.shape
    first = i * S - P  # the row that kernel row 0 meets; maybe above the image
    start = max(0, -(first // D))  # the first kernel row that is not
    stop = max(start, min(F_h, (H - 1 - first) // D + 1))
    begin = first + start * D
    block = lowered[begin : begin + (stop - start) * D : D]
    entries = slice(start * F_w * C, stop * F_w * C)
    return entries, block.reshape((stop - start) * F_w * C, W_out * N)


def kernel_gradient(
    lowered: np.ndarray, dy: np.ndarray, w_shape: tuple[int, ...], steps: Steps
) -> np.ndarray:
    """Return dw of one group: over all output rows, dy's row times the rows that it was made of."""
    _, C, F_h, F_w = w_shape
    K = dy.shape[1]
    matrix = np.zeros((K, F_h * F_w * C), dy.dtype)
    for i in range(len(dy)):
        entries, under = _under(lowered, i, F_h, steps)
        matrix[:, entries] += dy[i].reshape(K, -1) @ under.T
    return matrix.reshape(K, F_h, F_w, C).transpose(0, 3, 1, 2)


def input_gradient(dy: np.ndarray, kernels: np.ndarray, steps: Steps, dx: np.ndarray) -> None:
    """Fill dx (H, C, W, N): row h collects from every output row that read it.

    Output row i read row h with kernel row a when iS + aD - P = h. The a that have such an i are
    gcd-spaced, and so are the i: the dy rows form one matrix, and dx's row is one product, still
    lowered; adding its F_w copies back where they were read from undoes the lowering.
    """
    K, C, F_h, F_w = kernels.shape
    H_out, _, W_out, N = dy.shape
    S, P, D = steps.stride[0], steps.padding[0], steps.dilation[0]
    by_tap = np.ascontiguousarray(kernels.transpose(3, 1, 2, 0))  # (F_w, C, F_h, K)
    step = D // gcd(S, D)
    reaches = list(_reaches(F_w, W_out, dx.shape[2], steps))
    for h, row in enumerate(dx):
        row[...] = 0
        # from the last kernel row to the first, so that i rises
        read = [
            ((h + P - a * D) // S, a)
            for a in reversed(range(F_h))
            if (h + P - a * D) % S == 0 and 0 <= (h + P - a * D) // S < H_out
        ]
        if not read:
            continue
        taps = [a for _, a in read]
        dy_rows = dy[read[0][0] : read[-1][0] + 1 : step].reshape(len(taps) * K, W_out * N)
        matrix = by_tap[:, :, taps].reshape(F_w * C, len(taps) * K)
        lowered = (matrix @ dy_rows).reshape(F_w, C, W_out, N)
        for m, places, columns in reaches:
            row[:, columns] += lowered[m, :, places]
