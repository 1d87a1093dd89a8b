"""Upsampling: larger images by repeating pixels, or by going evenly from one to the next.

Both kinds work along the width and then along the height; the gradient runs back through the same steps.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Num

from coursekit.reference.arguments import Size, as_images, as_output_gradient, as_pair, check_cache
from coursekit.reference.axes import (
    Shape,
    from_memory,
    image_axes,
    memory_shape,
    resized,
    to_memory,
)
from coursekit.reference.layout import is_batch_last
from coursekit.reference.windows import Window, add_windows, spread_windows


class UpsampleNearestCache(NamedTuple):
    """What upsample_nearest_backward needs."""

    scale: tuple[int, int]
    x_shape: Shape
    dtype: np.dtype  # of x
    batch_last: bool  # the memory order of x


class UpsampleBilinearCache(NamedTuple):
    """What upsample_bilinear_backward needs."""

    scale: tuple[int, int]
    align_corners: bool
    x_shape: Shape
    dtype: np.dtype  # of x
    batch_last: bool  # the memory order of x


def upsample_nearest(
    x: Num[np.ndarray, "N C H W"], scale: Size
) -> Float[np.ndarray, "N C H_out W_out"]:
    r"""Repeat every pixel s times along the height and s times along the width.

    .. math:: y_{n,c,h,w} = x_{n,c,\,\lfloor h/s \rfloor,\, \lfloor w/s \rfloor}

    Args:
        x: images (N, C, H, W), in either memory order of ``layout``; the output keeps it.
        scale: s, how many times larger; one number, or one for the height and one for the width.

    Returns:
        y: (N, C, s H, s W).

    Raises:
        TypeError: x is not an array of real numbers, or the scale is not a whole number.
        ValueError: x does not have four axes or has no pixels, or the scale is below 1.

    Source: Verbeek, Introduction to neural networks, slide 59; torch.nn.functional.interpolate.
    """
    return upsample_nearest_forward(x, scale)[0]


def upsample_nearest_forward(
    x: Num[np.ndarray, "N C H W"], scale: Size
) -> tuple[Float[np.ndarray, "N C H_out W_out"], UpsampleNearestCache]:
    """Return ``(y, cache)``: what :func:`upsample_nearest` returns, and what backward needs.

    Args and Raises: as for :func:`upsample_nearest`.
    """
    x, (s_h, s_w) = as_images("x", x), as_pair("scale", scale, 1)
    last = is_batch_last(x)
    height, width = image_axes(last)
    memory = to_memory(x, last)
    wider = np.zeros(resized(memory.shape, width, s_w * memory.shape[width]), x.dtype)
    spread_windows(memory, width, Window(s_w, s_w, 0), wider)
    y = np.zeros(resized(wider.shape, height, s_h * wider.shape[height]), x.dtype)
    spread_windows(wider, height, Window(s_h, s_h, 0), y)
    return from_memory(y, last), UpsampleNearestCache((s_h, s_w), x.shape, x.dtype, last)


def upsample_nearest_backward(
    dy: Num[np.ndarray, "N C H_out W_out"], cache: UpsampleNearestCache
) -> Float[np.ndarray, "N C H W"]:
    r"""Return dx: every pixel collects the gradients of its copies.

    .. math:: dx_{n,c,h,w} = \sum_{a=0}^{s-1} \sum_{m=0}^{s-1} dy_{n,c,\,hs + a,\,ws + m}

    That is average pooling with stride s, without the division.

    Args:
        dy: gradient of the loss with respect to the output, of the output's shape.
        cache: from :func:`upsample_nearest_forward`.

    Returns:
        dx: of the shape and memory order of x, float32 where dy and x both are, else float64.

    Raises:
        TypeError: dy is not an array of real numbers, or cache is not upsample_nearest_forward's.
        ValueError: dy does not have the output's shape.

    Source: Verbeek, Introduction to neural networks, slide 59; torch.nn.functional.interpolate.
    """
    check_cache(cache, UpsampleNearestCache, "upsample_nearest_forward")
    (s_h, s_w), x_shape, dtype, last = cache
    height, width = image_axes(last)
    d_memory = _output_gradient(dy, x_shape, (s_h, s_w), dtype, last)
    dx = np.zeros(memory_shape(x_shape, last), d_memory.dtype)
    d_wider = np.zeros(resized(d_memory.shape, height, dx.shape[height]), dx.dtype)
    add_windows(d_memory, height, Window(s_h, s_h, 0), d_wider)
    add_windows(d_wider, width, Window(s_w, s_w, 0), dx)
    return from_memory(dx, last)


def upsample_bilinear(
    x: Num[np.ndarray, "N C H W"], *, scale: Size, align_corners: bool
) -> Float[np.ndarray, "N C H_out W_out"]:
    r"""Go evenly from every pixel to the next, along both axes.

    Entry w of the output lies at the place u of the input, between the pixels below and above it:

    .. math::
        y_w &= (1 - t) \, x_{\lfloor u \rfloor} + t \, x_{\lfloor u \rfloor + 1},
        \qquad t = u - \lfloor u \rfloor

        u &= \max\left(0, \frac{w + 1/2}{s} - \frac{1}{2}\right)
        \quad \text{or, with align\_corners,} \quad u = w \, \frac{W - 1}{sW - 1}

    along the width, and likewise along the height. Without align_corners a pixel is a square, both
    images cover the same area, and the border goes on as its outermost pixel. With it a pixel is a point,
    and the outermost points of both images coincide.

    Args:
        x: images (N, C, H, W), in either memory order of ``layout``; the output keeps it.
        scale: s, how many times larger; one number, or one for the height and one for the width.
        align_corners: which of the two conventions; torch's default is False.

    Returns:
        y: (N, C, s H, s W).

    Raises:
        TypeError: x is not an array of real numbers, the scale is not a whole number, or
            align_corners is neither True nor False.
        ValueError: x does not have four axes or has no pixels, or the scale is below 1.

    Source: Verbeek, Introduction to neural networks, slide 59; torch.nn.functional.interpolate.
    """
    return upsample_bilinear_forward(x, scale=scale, align_corners=align_corners)[0]


def upsample_bilinear_forward(
    x: Num[np.ndarray, "N C H W"], *, scale: Size, align_corners: bool
) -> tuple[Float[np.ndarray, "N C H_out W_out"], UpsampleBilinearCache]:
    """Return ``(y, cache)``: what :func:`upsample_bilinear` returns, and what backward needs.

    Args and Raises: as for :func:`upsample_bilinear`.
    """
    x, (s_h, s_w) = as_images("x", x), as_pair("scale", scale, 1)
    if not isinstance(align_corners, (bool, np.bool_)):
        raise TypeError(f"align_corners is {align_corners!r}, expected True or False")
    last = is_batch_last(x)
    height, width = image_axes(last)
    wider = _interpolated(to_memory(x, last), width, s_w, align_corners)
    y = _interpolated(wider, height, s_h, align_corners)
    cache = UpsampleBilinearCache((s_h, s_w), bool(align_corners), x.shape, x.dtype, last)
    return from_memory(y, last), cache


def upsample_bilinear_backward(
    dy: Num[np.ndarray, "N C H_out W_out"], cache: UpsampleBilinearCache
) -> Float[np.ndarray, "N C H W"]:
    r"""Return dx: every gradient goes back to the pixels below and above, by the weights they had.

    .. math::
        dx_j = \sum_{w \,:\, \lfloor u_w \rfloor = j} (1 - t_w) \, dy_w
        + \sum_{w \,:\, \lfloor u_w \rfloor + 1 = j} t_w \, dy_w

    along the height, and then along the width.

    Args:
        dy: gradient of the loss with respect to the output, of the output's shape.
        cache: from :func:`upsample_bilinear_forward`.

    Returns and Raises: as for :func:`upsample_nearest_backward`.

    Source: Verbeek, Introduction to neural networks, slide 59; torch.nn.functional.interpolate.
    """
    check_cache(cache, UpsampleBilinearCache, "upsample_bilinear_forward")
    (s_h, s_w), align_corners, x_shape, dtype, last = cache
    height, width = image_axes(last)
    d_memory = _output_gradient(dy, x_shape, (s_h, s_w), dtype, last)
    d_wider = _interpolated_backward(d_memory, height, s_h, align_corners)
    return from_memory(_interpolated_backward(d_wider, width, s_w, align_corners), last)


def bilinear_kernel(scale: Size) -> Float[np.ndarray, "F_h F_w"]:
    r"""Kernel of a transposed convolution that interpolates: a tent along each axis.

    .. math::
        w_{a,m} = \left(1 - \frac{|a - c|}{s}\right) \left(1 - \frac{|m - c|}{s}\right),
        \qquad c = \frac{F - 1}{2}, \quad F = 2s - (s \bmod 2)

    With stride s and padding (F - s) / 2 the transposed convolution of every channel by itself gives
    what :func:`upsample_bilinear` without align_corners gives, except near the border, where it goes
    on with zeros. A network that learns to upsample starts from here.

    Args:
        scale: s, how many times larger; one number, or one for the height and one for the width.

    Returns:
        w: (F_h, F_w), float64.

    Raises:
        TypeError: the scale is not a whole number.
        ValueError: the scale is below 1.

    Source: Long et al. 2015, Fully convolutional networks for semantic segmentation, section 3.3;
    Verbeek, Introduction to neural networks, slide 59.
    """
    s_h, s_w = as_pair("scale", scale, 1)
    return np.outer(_tent(s_h), _tent(s_w))


def _tent(s: int) -> np.ndarray:
    """Return how much of a pixel arrives at each of the F places around it, along one axis."""
    F = 2 * s - s % 2
    return 1 - np.abs(np.arange(F) - (F - 1) / 2) / s


def _between(W: int, s: int, align_corners: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return for all sW places u the pixels below and above, and t, how far u is beyond the one below."""
    w = np.arange(s * W)
    # u as a fraction of whole numbers: rounded, it might fall short of the pixel that it lies on
    if align_corners:
        dividend, divisor = w * (W - 1), max(1, s * W - 1)
    else:
        dividend, divisor = np.maximum(0, 2 * w + 1 - s), 2 * s
    lower = dividend // divisor
    upper = np.minimum(lower + 1, W - 1)  # beyond the last pixel the image goes on as it is
    return lower, upper, dividend % divisor / divisor


def _interpolated(x: np.ndarray, axis: int, s: int, align_corners: bool) -> np.ndarray:
    """Return x interpolated along one axis."""
    lower, upper, t = _between(x.shape[axis], s, align_corners)
    t = _along(t, axis, x)
    return (1 - t) * x.take(lower, axis) + t * x.take(upper, axis)


def _interpolated_backward(dy: np.ndarray, axis: int, s: int, align_corners: bool) -> np.ndarray:
    """Return the gradient of :func:`_interpolated`."""
    W = dy.shape[axis] // s
    lower, upper, t = _between(W, s, align_corners)
    pixel = np.arange(W)
    # the places that a pixel is below or above of lie side by side
    first, last = np.searchsorted(upper, pixel), np.searchsorted(lower, pixel, side="right") - 1
    dx = np.zeros(resized(dy.shape, axis, W), dy.dtype)
    for k in range(np.max(last - first) + 1):
        place = np.minimum(first + k, last)  # the k-th of every pixel; some have fewer
        weight = (1 - t[place]) * (lower[place] == pixel) + t[place] * (upper[place] == pixel)
        dx += _along(weight * (first + k <= last), axis, dy) * dy.take(place, axis)
    return dx


def _along(t: np.ndarray, axis: int, x: np.ndarray) -> np.ndarray:
    """Return t so that it multiplies x along one axis, in x's dtype."""
    return t.astype(x.dtype).reshape(resized((1,) * x.ndim, axis, len(t)))


def _output_gradient(
    dy: np.ndarray, x_shape: Shape, scale: tuple[int, int], dtype: np.dtype, last: bool
) -> np.ndarray:
    """Return dy as it shall lie in memory, in the dtype that dx gets."""
    N, C, H, W = x_shape
    dy = as_output_gradient(dy, (N, C, scale[0] * H, scale[1] * W))
    return to_memory(dy.astype(np.result_type(dy, dtype), copy=False), last)
