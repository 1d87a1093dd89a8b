"""Pooling: the largest entry of every window, or the mean of its entries, and who gets the gradient.

The maximum of a window is the largest of the maxima of its rows, and its sum the sum of their sums. So
each kind of pooling works along the width and then along the height.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Num

from coursekit.reference.arguments import Size, as_images, as_output_gradient, check_cache
from coursekit.reference.axes import (
    Shape,
    from_memory,
    image_axes,
    memory_shape,
    resized,
    slabs,
    to_memory,
)
from coursekit.reference.layout import is_batch_last
from coursekit.reference.windows import (
    Pooling,
    add_windows,
    largest,
    output_gradient,
    prepared,
    spread_windows,
    tap_dtype,
    to_winners,
)


class MaxPool2dCache(NamedTuple):
    """What max_pool2d_backward needs: which tap won, and not the numbers."""

    columns: np.ndarray  # for every row of x, the taps along the width; in the memory order of x
    rows: np.ndarray  # the taps along the height: which row had the largest maximum
    pooling: Pooling


class AveragePool2dCache(NamedTuple):
    """What average_pool2d_backward needs."""

    pooling: Pooling


class GlobalAveragePool2dCache(NamedTuple):
    """What global_average_pool2d_backward needs."""

    x_shape: Shape
    dtype: np.dtype  # of x
    batch_last: bool  # the memory order of x


def max_pool2d(
    x: Num[np.ndarray, "N C H W"],
    kernel: Size,
    *,
    stride: Size | None = None,
    padding: Size = 0,
) -> Float[np.ndarray, "N C H_out W_out"]:
    r"""Keep the largest entry of every window.

    .. math::
        y_{n,c,i,j} = \max_{0 \le a < F_h, \; 0 \le m < F_w} x_{n,c,\,iS + a - P,\; jS + m - P}

    with x = -∞ outside the image, so padding never wins. A window that sees NaN gives NaN.

    Args:
        x: images (N, C, H, W), in either memory order of ``layout``; the output keeps it.
        kernel: F, pixels of the window; one number, or one for the height and one for the width,
            like stride and padding.
        stride: S, pixels from one window to the next; None means F, windows side by side.
        padding: P, pixels added at each side, at most half of the window.

    Returns:
        y: (N, C, H_out, W_out), see :func:`~coursekit.reference.geometry.output_size`. Rows and
        columns at the end that no window reaches are not read.

    Raises:
        TypeError: x is not an array of real numbers, or a size is not a whole number.
        ValueError: x does not have four axes or has no pixels, a size is too small, the window is
            larger than the padded image, or the padding is more than half of the window.

    Source: CS7015 lecture 11, slide 44; Louppe lecture 5, "Pooling".
    """
    return max_pool2d_forward(x, kernel, stride=stride, padding=padding)[0]


def max_pool2d_forward(
    x: Num[np.ndarray, "N C H W"],
    kernel: Size,
    *,
    stride: Size | None = None,
    padding: Size = 0,
) -> tuple[Float[np.ndarray, "N C H_out W_out"], MaxPool2dCache]:
    """Return ``(y, cache)``: what :func:`max_pool2d` returns, and what its backward pass needs.

    Args and Raises: as for :func:`max_pool2d`.
    """
    x, pooling = prepared(x, kernel, stride, padding)
    last, height, width = pooling.batch_last, *image_axes(pooling.batch_last)
    memory = to_memory(x, last)
    y = np.empty(memory_shape(pooling.y_shape, last), x.dtype)
    rows = np.zeros(y.shape, tap_dtype(pooling.height))
    row_shape = resized(memory.shape, width, y.shape[width])
    columns = np.zeros(row_shape, tap_dtype(pooling.width))
    for some in slabs(memory.shape):
        row_maxima = np.empty(columns[some].shape, x.dtype)
        largest(memory[some], width, pooling.width, row_maxima, columns[some])
        largest(row_maxima, height, pooling.height, y[some], rows[some])
    return from_memory(y, last), MaxPool2dCache(columns, rows, pooling)


def max_pool2d_backward(
    dy: Num[np.ndarray, "N C H_out W_out"], cache: MaxPool2dCache
) -> Float[np.ndarray, "N C H W"]:
    r"""Return dx: every window gives its gradient to the entry that won it, and nothing to the others.

    .. math:: dx_{n,c,h,w} = \sum_{(i,j) \text{ won by } (h,w)} dy_{n,c,i,j}

    Of equal entries the first wins, row by row, and of several NaN the last, both as in torch.

    Args:
        dy: gradient of the loss with respect to the output, of the output's shape.
        cache: from :func:`max_pool2d_forward`.

    Returns:
        dx: of the shape and memory order of x, float32 where dy and x both are, else float64.

    Raises:
        TypeError: dy is not an array of real numbers, or cache is not max_pool2d_forward's.
        ValueError: dy does not have the output's shape.

    Source: CS7015 lecture 11, slide 44; CS231n, notes on backpropagation, the max gate.
    """
    check_cache(cache, MaxPool2dCache, "max_pool2d_forward")
    columns, rows, pooling = cache
    last, height, width = pooling.batch_last, *image_axes(pooling.batch_last)
    d_memory = output_gradient(dy, pooling)
    dx = np.zeros(memory_shape(pooling.x_shape, last), d_memory.dtype)
    for some in slabs(dx.shape):
        d_row_maxima = np.zeros(columns[some].shape, dx.dtype)
        to_winners(d_memory[some], rows[some], height, pooling.height, d_row_maxima)
        to_winners(d_row_maxima, columns[some], width, pooling.width, dx[some])
    return from_memory(dx, last)


def average_pool2d(
    x: Num[np.ndarray, "N C H W"],
    kernel: Size,
    *,
    stride: Size | None = None,
    padding: Size = 0,
) -> Float[np.ndarray, "N C H_out W_out"]:
    r"""Take the mean of every window.

    .. math::
        y_{n,c,i,j} = \frac{1}{F_h F_w} \sum_{a=0}^{F_h-1} \sum_{m=0}^{F_w-1}
        x_{n,c,\,iS + a - P,\; jS + m - P}

    with x = 0 outside the image. The padding counts: a window half outside is still divided by
    F_h F_w, torch's default (``count_include_pad=True``), so borders come out darker.

    Args, Returns and Raises: as for :func:`max_pool2d`.

    Source: Louppe lecture 5, "Pooling"; LeCun et al. 1998, Gradient-based learning applied to
    document recognition (whose subsampling has a trained weight besides).
    """
    return average_pool2d_forward(x, kernel, stride=stride, padding=padding)[0]


def average_pool2d_forward(
    x: Num[np.ndarray, "N C H W"],
    kernel: Size,
    *,
    stride: Size | None = None,
    padding: Size = 0,
) -> tuple[Float[np.ndarray, "N C H_out W_out"], AveragePool2dCache]:
    """Return ``(y, cache)``: what :func:`average_pool2d` returns, and what its backward pass needs.

    Args and Raises: as for :func:`max_pool2d`.
    """
    x, pooling = prepared(x, kernel, stride, padding)
    last, height, width = pooling.batch_last, *image_axes(pooling.batch_last)
    memory = to_memory(x, last)
    y = np.zeros(memory_shape(pooling.y_shape, last), x.dtype)
    for some in slabs(memory.shape):
        row_sums = np.zeros(resized(memory[some].shape, width, y.shape[width]), x.dtype)
        add_windows(memory[some], width, pooling.width, row_sums)
        add_windows(row_sums, height, pooling.height, y[some])
    y /= pooling.height.size * pooling.width.size
    return from_memory(y, last), AveragePool2dCache(pooling)


def average_pool2d_backward(
    dy: Num[np.ndarray, "N C H_out W_out"], cache: AveragePool2dCache
) -> Float[np.ndarray, "N C H W"]:
    r"""Return dx: every window shares its gradient out evenly.

    .. math:: dx_{n,c,h,w} = \frac{1}{F_h F_w} \sum_{(i,j) \text{ that see } (h,w)} dy_{n,c,i,j}

    The share of the padding is lost.

    Args:
        dy: gradient of the loss with respect to the output, of the output's shape.
        cache: from :func:`average_pool2d_forward`.

    Returns and Raises: as for :func:`max_pool2d_backward`.

    Source: Louppe lecture 5, "Pooling".
    """
    check_cache(cache, AveragePool2dCache, "average_pool2d_forward")
    pooling = cache.pooling
    last, height, width = pooling.batch_last, *image_axes(pooling.batch_last)
    share = output_gradient(dy, pooling) / (pooling.height.size * pooling.width.size)
    dx = np.zeros(memory_shape(pooling.x_shape, last), share.dtype)
    for some in slabs(dx.shape):
        d_row_sums = np.zeros(resized(share[some].shape, height, dx.shape[height]), dx.dtype)
        spread_windows(share[some], height, pooling.height, d_row_sums)
        spread_windows(d_row_sums, width, pooling.width, dx[some])
    return from_memory(dx, last)


def global_average_pool2d(x: Num[np.ndarray, "N C H W"]) -> Float[np.ndarray, "N C"]:
    r"""Take the mean of every channel: one number for each, whatever the size of the image.

    .. math:: y_{n,c} = \frac{1}{HW} \sum_{h,w} x_{n,c,h,w}

    Args:
        x: images (N, C, H, W), in either memory order of ``layout``.

    Returns:
        y: (N, C).

    Raises:
        TypeError: x is not an array of real numbers.
        ValueError: x does not have four axes, or has no pixels.

    Source: CS7015 lecture 11, GoogLeNet's last layer; Lin et al. 2014, Network in network.
    """
    return global_average_pool2d_forward(x)[0]


def global_average_pool2d_forward(
    x: Num[np.ndarray, "N C H W"],
) -> tuple[Float[np.ndarray, "N C"], GlobalAveragePool2dCache]:
    """Return ``(y, cache)``: what :func:`global_average_pool2d` returns, and what backward needs.

    Args and Raises: as for :func:`global_average_pool2d`.
    """
    x = as_images("x", x)
    last = is_batch_last(x)
    _, _, H, W = x.shape
    # batch last: the rows and then what is left, for speed, and because one long sum in float32 loses digits
    y = x.sum(axis=2).sum(axis=2) if last else x.sum(axis=(2, 3))
    y /= H * W
    return np.ascontiguousarray(y), GlobalAveragePool2dCache(x.shape, x.dtype, last)


def global_average_pool2d_backward(
    dy: Num[np.ndarray, "N C"], cache: GlobalAveragePool2dCache
) -> Float[np.ndarray, "N C H W"]:
    r"""Return dx: every pixel gets the same share of its channel's gradient.

    .. math:: dx_{n,c,h,w} = \frac{1}{HW} \, dy_{n,c}

    Args:
        dy: gradient of the loss with respect to the output, (N, C).
        cache: from :func:`global_average_pool2d_forward`.

    Returns and Raises: as for :func:`max_pool2d_backward`.

    Source: Lin et al. 2014, Network in network.
    """
    check_cache(cache, GlobalAveragePool2dCache, "global_average_pool2d_forward")
    x_shape, x_dtype, last = cache
    N, C, H, W = x_shape
    dy = as_output_gradient(dy, (N, C))
    share = dy.astype(np.result_type(dy, x_dtype)) / (H * W)
    # a row (C, W, N) for all rows of (H, C, W, N), or a pixel (N, C) for all pixels of (N, C, H, W)
    part = np.repeat(share.T[:, None], W, axis=1) if last else share[:, :, None, None]
    return from_memory(np.broadcast_to(part, memory_shape(x_shape, last)).copy(), last)
