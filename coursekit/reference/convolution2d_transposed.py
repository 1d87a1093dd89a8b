"""Transposed convolution: what a convolution does to gradients, as a layer of its own."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Num

from coursekit.reference.arguments import (
    Size,
    as_bias,
    as_float_array,
    as_output_gradient,
    as_pair,
    check_cache,
)
from coursekit.reference.convolution2d import input_gradient, kernel_gradient, lower_width, products
from coursekit.reference.layout import in_order, is_batch_last, rows
from coursekit.reference.steps import Steps, as_image_steps


class ConvTranspose2dCache(NamedTuple):
    """What conv_transpose2d_backward needs from the forward pass."""

    memory: np.ndarray  # x as (H, C, W, N)
    w: np.ndarray  # (C, K / groups, F_h, F_w)
    bias: bool
    y_shape: tuple[int, ...]
    batch_last: bool  # the memory order of x
    steps: Steps


def conv_transpose2d(
    x: Num[np.ndarray, "N C H W"],
    w: Num[np.ndarray, "C K_g F_h F_w"],
    b: Num[np.ndarray, " K"] | None = None,
    *,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> Float[np.ndarray, "N K H_out W_out"]:
    r"""Put a copy of the kernel, times the pixel, at every pixel's place, and add what overlaps.

    .. math::
        y_{n,k,r,q} = b_k + \sum_c \sum_{\substack{i,a:\; iS + aD - P = r \\ j,m:\; jS + mD - P = q}}
        w_{c,k,a,m} \; x_{n,c,i,j}

    With T the matrix of the convolution with the same numbers, this multiplies by its transpose. It
    has the opposite shape of that convolution and does not undo it.

    Args:
        x: images (N, C, H, W), in either memory order of ``layout``; the output keeps it.
        w: kernels (C, K / groups, F_h, F_w): as in the convolution from K channels to C.
        b: one bias for each output channel, or None.
        stride: S, pixels of the output from one copy to the next; one number, or one for the height
            and one for the width, like the other sizes.
        padding: P, pixels cut off at each side of the output.
        output_padding: rows and columns that a stride leaves undecided, added at the bottom and right;
            smaller than the stride or the dilation.
        dilation: D, pixels from one tap to the next.
        groups: parts that the channels are split into.

    Returns:
        y: (N, K, H_out, W_out) with H_out = (H - 1) S - 2P + D (F_h - 1) + output_padding + 1.

    Raises:
        TypeError: x, w or b is not an array of real numbers, or a size is not a whole number.
        ValueError: shapes or sizes do not fit together, or no pixel would be left.

    Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning, 2016, chapter 4.
    """
    return conv_transpose2d_forward(
        x,
        w,
        b,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        dilation=dilation,
        groups=groups,
    )[0]


def conv_transpose2d_forward(
    x: Num[np.ndarray, "N C H W"],
    w: Num[np.ndarray, "C K_g F_h F_w"],
    b: Num[np.ndarray, " K"] | None = None,
    *,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> tuple[Float[np.ndarray, "N K H_out W_out"], ConvTranspose2dCache]:
    """Return ``(y, cache)``: the output, and what :func:`conv_transpose2d_backward` needs.

    Args and Raises: as for :func:`conv_transpose2d`.
    """
    steps = as_image_steps(stride, padding, dilation, groups)
    x, w, b = _checked(x, w, b, steps.groups)
    H_out, W_out = _output_sizes(x, w, steps, as_pair("output_padding", output_padding, 0))
    dtype = np.result_type(x, w)
    memory = rows(x.astype(dtype, copy=False))
    K_g = w.shape[1]
    y = np.empty((H_out, groups * K_g, W_out, len(x)), dtype)
    for g, kernels in enumerate(np.split(w.astype(dtype, copy=False), groups)):
        part = np.ascontiguousarray(memory[:, g * len(kernels) : (g + 1) * len(kernels)])
        input_gradient(part, kernels, steps, y[:, g * K_g : (g + 1) * K_g])
    if b is not None:
        y += b.astype(dtype, copy=False)[:, None, None]
    last = is_batch_last(x)
    if np.may_share_memory(memory, x):  # the caller may go on to change it
        memory = memory.copy()
    y_shape = (len(x), groups * K_g, H_out, W_out)
    return in_order(y, last), ConvTranspose2dCache(
        memory, w.copy(), b is not None, y_shape, last, steps
    )


def conv_transpose2d_backward(
    dy: Num[np.ndarray, "N K H_out W_out"], cache: ConvTranspose2dCache
) -> tuple[
    Float[np.ndarray, "N C H W"],
    Float[np.ndarray, "C K_g F_h F_w"],
    Float[np.ndarray, " K"] | None,
]:
    r"""Return ``(dx, dw, db)``: dx is the convolution of dy with the same kernels.

    .. math::
        dx_{n,c,i,j} &= \sum_k \sum_{a,m} w_{c,k,a,m} \; dy_{n,k,\,iS + aD - P,\; jS + mD - P}

        dw_{c,k,a,m} &= \sum_{n,i,j} x_{n,c,i,j} \; dy_{n,k,\,iS + aD - P,\; jS + mD - P}

    Args:
        dy: gradient of the loss with respect to the output, of the output's shape.
        cache: from :func:`conv_transpose2d_forward`.

    Raises:
        TypeError: dy is not an array of real numbers, or cache is not conv_transpose2d_forward's.
        ValueError: dy does not have the output's shape.

    Source: as for :func:`conv_transpose2d`.
    """
    check_cache(cache, ConvTranspose2dCache, "conv_transpose2d_forward")
    dy = as_output_gradient(dy, cache.y_shape)
    groups = cache.steps.groups
    C, K_g, _, F_w = cache.w.shape
    H, _, W, N = cache.memory.shape
    dtype = np.result_type(dy, cache.memory)
    memory = rows(dy.astype(dtype, copy=False))
    dx = np.empty((H, C, W, N), dtype)
    dw = np.empty(cache.w.shape, dtype)
    C_g = C // groups
    for g in range(groups):
        of_group = slice(g * C_g, (g + 1) * C_g)
        lowered = lower_width(memory[:, g * K_g : (g + 1) * K_g], F_w, W, cache.steps)
        kernels = cache.w[of_group].astype(dtype, copy=False)
        products(lowered, kernels, cache.steps, dx[:, of_group])
        x_g = np.ascontiguousarray(cache.memory[:, of_group], dtype)
        dw[of_group] = kernel_gradient(lowered, x_g, cache.w.shape, cache.steps)
    db = memory.sum(axis=(0, 2, 3), dtype=np.float64).astype(dtype) if cache.bias else None
    return in_order(dx, cache.batch_last), dw, db


def _checked(
    x: np.ndarray, w: np.ndarray, b: np.ndarray | None, groups: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    x, w = as_float_array("x", x), as_float_array("w", w)
    if x.ndim != 4 or w.ndim != 4:
        raise ValueError(
            f"x has shape {x.shape} and w has shape {w.shape}, expected (N, C, H, W) and "
            "(C, K / groups, F_h, F_w)"
        )
    if w.size == 0 or 0 in x.shape[2:]:
        raise ValueError(
            f"x has shape {x.shape} and w has shape {w.shape}, expected every size but N to be at least 1"
        )
    if x.shape[1] != len(w):
        raise ValueError(
            f"x has {x.shape[1]} channels and w has {len(w)}: expected w of shape "
            f"({x.shape[1]}, K / groups, F_h, F_w), and w has {w.shape}"
        )
    if x.shape[1] % groups:
        raise ValueError(
            f"groups is {groups}, which does not divide the {x.shape[1]} channels of x"
        )
    return x, w, as_bias(b, w.shape[1] * groups, "output channels")


def _output_sizes(
    x: np.ndarray, w: np.ndarray, steps: Steps, extra: tuple[int, int]
) -> tuple[int, int]:
    sizes = []
    for axis, name in enumerate(("height", "width")):
        S, P, D = steps.stride[axis], steps.padding[axis], steps.dilation[axis]
        if extra[axis] >= max(S, D):
            raise ValueError(
                f"output_padding is {extra[axis]} along the {name}, expected less than the stride {S} "
                f"or the dilation {D}"
            )
        size = (x.shape[2 + axis] - 1) * S - 2 * P + D * (w.shape[2 + axis] - 1) + extra[axis] + 1
        if size < 1:
            raise ValueError(
                f"padding {P} leaves no pixel: the output's {name} would be {size} (input "
                f"{x.shape[2 + axis]}, kernel {w.shape[2 + axis]}, stride {S})"
            )
        sizes.append(size)
    return sizes[0], sizes[1]
