"""1x1 convolution: the same matrix applied to the channels of every pixel."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Num

from coursekit.reference.arguments import as_bias, as_float_array, as_output_gradient, check_cache
from coursekit.reference.layout import in_order, is_batch_last, rows


class Conv1x1Cache(NamedTuple):
    """What conv1x1_backward needs from the forward pass."""

    pixels: np.ndarray  # (H, C, W N): for every row the channels of all its pixels
    w: np.ndarray  # (K, C)
    bias: bool
    x_shape: tuple[int, ...]
    batch_last: bool


def conv1x1(
    x: Num[np.ndarray, "N C H W"], w: Num[np.ndarray, "K C"], b: Num[np.ndarray, " K"] | None = None
) -> Float[np.ndarray, "N K H W"]:
    r"""Mix the channels of every pixel with one matrix.

    .. math:: y_{n,:,i,j} = w \, x_{n,:,i,j} + b

    The same as :func:`~coursekit.reference.convolution2d.conv2d` with kernels (K, C, 1, 1), and the
    same as a fully connected layer from C to K numbers at every pixel.

    Args:
        x: images (N, C, H, W), in either memory order of ``layout``; the output keeps it.
        w: the matrix (K, C).
        b: one bias for each output channel, or None.

    Raises:
        TypeError: x, w or b is not an array of real numbers.
        ValueError: shapes do not fit together.

    Source: CS7015 lecture 11, slide 62; Lin, Chen and Yan, Network in network, 2013.
    """
    return conv1x1_forward(x, w, b)[0]


def conv1x1_forward(
    x: Num[np.ndarray, "N C H W"], w: Num[np.ndarray, "K C"], b: Num[np.ndarray, " K"] | None = None
) -> tuple[Float[np.ndarray, "N K H W"], Conv1x1Cache]:
    """Return ``(y, cache)``: the output of :func:`conv1x1`, and what :func:`conv1x1_backward` needs.

    Args and Raises: as for :func:`conv1x1`.
    """
    x, w = as_float_array("x", x), as_float_array("w", w)
    if x.ndim != 4 or w.ndim != 2:
        raise ValueError(
            f"x has shape {x.shape} and w has shape {w.shape}, expected (N, C, H, W) and (K, C)"
        )
    if x.shape[1] != w.shape[1]:
        raise ValueError(
            f"x has {x.shape[1]} channels and w, of shape {w.shape}, mixes {w.shape[1]}"
        )
    b = as_bias(b, len(w), "channels")
    N, C, H, W = x.shape
    last = is_batch_last(x)
    dtype = np.result_type(x, w)
    pixels = rows(x).reshape(H, C, W * N)
    y = w.astype(dtype, copy=False) @ pixels
    if b is not None:
        y += b.astype(dtype, copy=False)[:, None]
    if np.may_share_memory(pixels, x):  # the caller may go on to change it
        pixels = pixels.copy()
    cache = Conv1x1Cache(pixels, w.copy(), b is not None, x.shape, last)
    return in_order(y.reshape(H, len(w), W, N), last), cache


def conv1x1_backward(
    dy: Num[np.ndarray, "N K H W"], cache: Conv1x1Cache
) -> tuple[Float[np.ndarray, "N C H W"], Float[np.ndarray, "K C"], Float[np.ndarray, " K"] | None]:
    r"""Return ``(dx, dw, db)``, the gradients with respect to the images, the matrix and the biases.

    .. math::
        dx_{n,:,i,j} = w^\top dy_{n,:,i,j}, \qquad
        dw = \sum_{n,i,j} dy_{n,:,i,j} \, x_{n,:,i,j}^\top, \qquad db = \sum_{n,i,j} dy_{n,:,i,j}

    Args:
        dy: gradient of the loss with respect to the output, of the output's shape.
        cache: from :func:`conv1x1_forward`.

    Raises:
        TypeError: dy is not an array of real numbers, or cache is not conv1x1_forward's.
        ValueError: dy does not have the output's shape.

    Source: as for :func:`conv1x1`.
    """
    check_cache(cache, Conv1x1Cache, "conv1x1_forward")
    N, C, H, W = cache.x_shape
    dy = as_output_gradient(dy, (N, len(cache.w), H, W))
    dtype = np.result_type(dy, cache.pixels, cache.w)
    d_pixels = rows(dy.astype(dtype, copy=False)).reshape(H, len(cache.w), W * N)
    dx = (cache.w.T @ d_pixels).reshape(H, C, W, N)
    dw = (d_pixels @ cache.pixels.swapaxes(1, 2)).sum(axis=0)
    db = d_pixels.sum(axis=(0, 2), dtype=np.float64).astype(dtype) if cache.bias else None
    return in_order(dx, cache.batch_last), dw, db
