"""Convolution of images, plain: loops that read like the formula, and (``doubly_blocked``) one matrix.

``convolution2d`` computes the same with many small matrices and much faster; tests hold the three
equal.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Num

from coursekit.reference.arguments import Size, as_output_gradient, check_cache
from coursekit.reference.convolution2d import check_conv2d
from coursekit.reference.layout import batch_last, empty_like_order, is_batch_last
from coursekit.reference.steps import Steps


class Conv2dLoopsCache(NamedTuple):
    """What conv2d_loops_backward needs from the forward pass; the arrays are copies."""

    padded: np.ndarray  # (N, C, H + 2P, W + 2P)
    w: np.ndarray  # (K, C / groups, F_h, F_w)
    bias: bool
    y_shape: tuple[int, ...]
    batch_last: bool  # the memory order of x
    steps: Steps


def conv2d_loops(
    x: Num[np.ndarray, "N C H W"],
    w: Num[np.ndarray, "K C_g F_h F_w"],
    b: Num[np.ndarray, " K"] | None = None,
    *,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> Float[np.ndarray, "N K H_out W_out"]:
    r"""Visit every entry of the output, and take the dot product of kernel and window there.

    .. math::
        y_{n,k,i,j} = b_k + \sum_{c} \sum_{a=0}^{F_h-1} \sum_{m=0}^{F_w-1}
        w_{k,c,a,m} \; x_{n,c,\,iS + aD - P,\; jS + mD - P}

    with x = 0 outside the image, and c running over the channels of the group of kernel k.

    Args, Returns and Raises: as for :func:`~coursekit.reference.convolution2d.conv2d`.

    Source: Louppe lecture 5, "2d convolution", "Channels" and "Convolutional layers".
    """
    return conv2d_loops_forward(
        x, w, b, stride=stride, padding=padding, dilation=dilation, groups=groups
    )[0]


def conv2d_loops_forward(
    x: Num[np.ndarray, "N C H W"],
    w: Num[np.ndarray, "K C_g F_h F_w"],
    b: Num[np.ndarray, " K"] | None = None,
    *,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> tuple[Float[np.ndarray, "N K H_out W_out"], Conv2dLoopsCache]:
    """Return ``(y, cache)``: the output of :func:`conv2d_loops`, and what its backward pass needs.

    Args and Raises: as for :func:`conv2d_loops`.
    """
    x, w, b, steps = check_conv2d(x, w, b, stride, padding, dilation, groups)
    P_h, P_w = steps.padding
    padded = np.pad(x, ((0, 0), (0, 0), (P_h, P_h), (P_w, P_w)))
    H_out, W_out = steps.places(x.shape[2:], w.shape[2:])
    y = empty_like_order(x, (len(x), len(w), H_out, W_out), np.result_type(x, w))
    for n, k, i, j in np.ndindex(y.shape):
        y[n, k, i, j] = np.sum(w[k] * padded[n][_window(k, i, j, w.shape, steps)])
        if b is not None:
            y[n, k, i, j] += b[k]
    cache = Conv2dLoopsCache(padded, w.copy(), b is not None, y.shape, is_batch_last(x), steps)
    return y, cache


def conv2d_loops_backward(
    dy: Num[np.ndarray, "N K H_out W_out"], cache: Conv2dLoopsCache
) -> tuple[
    Float[np.ndarray, "N C H W"],
    Float[np.ndarray, "K C_g F_h F_w"],
    Float[np.ndarray, " K"] | None,
]:
    r"""Return ``(dx, dw, db)``: every entry of the output returns its dy to what it was made of.

    The output entry was a sum of products, so each factor gets dy times the other factor:

    .. math::
        dx_{n,c,\,iS + aD - P,\; jS + mD - P} &\mathrel{+}= w_{k,c,a,m} \; dy_{n,k,i,j}

        dw_{k,c,a,m} &\mathrel{+}= x_{n,c,\,iS + aD - P,\; jS + mD - P} \; dy_{n,k,i,j}

        db_k &\mathrel{+}= dy_{n,k,i,j}

    Args:
        dy: gradient of the loss with respect to the output, of the output's shape.
        cache: from :func:`conv2d_loops_forward`.

    Returns:
        dx in the memory order of x, dw, and db (None where the forward pass had no bias).

    Raises:
        TypeError: dy is not an array of real numbers, or cache is not conv2d_loops_forward's.
        ValueError: dy does not have the output's shape.

    Source: Louppe lecture 5, "the backward pass is also a convolution".
    """
    check_cache(cache, Conv2dLoopsCache, "conv2d_loops_forward")
    padded, w, bias, y_shape, last, steps = cache
    dy = as_output_gradient(dy, y_shape)
    dtype = np.result_type(dy, padded, w)
    dy, padded, w = (array.astype(dtype, copy=False) for array in (dy, padded, w))
    d_padded, dw, db = (np.zeros(shape, dtype) for shape in (padded.shape, w.shape, len(w)))
    for n, k, i, j in np.ndindex(dy.shape):
        window = _window(k, i, j, w.shape, steps)
        d_padded[n][window] += w[k] * dy[n, k, i, j]
        dw[k] += padded[n][window] * dy[n, k, i, j]
        db[k] += dy[n, k, i, j]
    (P_h, P_w), (H, W) = steps.padding, padded.shape[2:]
    dx = d_padded[:, :, P_h : H - P_h, P_w : W - P_w]
    dx = batch_last(dx) if last else np.ascontiguousarray(dx)
    return dx, dw, db if bias else None


def _window(
    k: int, i: int, j: int, w_shape: tuple[int, ...], steps: Steps
) -> tuple[slice, slice, slice]:
    """Channels, rows and columns of the padded image that kernel k meets at place (i, j)."""
    K, C_g, F_h, F_w = w_shape
    group = k // (K // steps.groups)
    return (
        slice(group * C_g, (group + 1) * C_g),
        _taps(i, F_h, steps.stride[0], steps.dilation[0]),
        _taps(j, F_w, steps.stride[1], steps.dilation[1]),
    )


def _taps(i: int, F: int, S: int, D: int) -> slice:
    """Where F taps read along one axis at place i: iS, iS + D, ..., iS + (F - 1)D."""
    return slice(i * S, i * S + D * (F - 1) + 1, D)
