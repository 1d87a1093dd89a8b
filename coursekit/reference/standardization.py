"""Mean 0 and variance 1 over any axes, forward and backward: what all normalizations share."""

import math
from typing import NamedTuple, SupportsFloat

import numpy as np

from coursekit.reference.arguments import as_float_array, as_number
from coursekit.reference.axes import to_memory
from coursekit.reference.layout import is_batch_last

SMALLEST_EPS = 1e-30  # 0 could divide by zero; the inverse square root of this fits float32
_IMAGES = (0, 2, 3)  # all axes of (N, C, H, W) but the channels
_ROWS = 256  # how many numbers are added up in float32 along the first axis


class Centered(NamedTuple):
    """An array with mean 0 over some axes, and the statistics of what it was made of.

    The statistics are float64, and the axes that they pool have length 1.
    """

    centered: np.ndarray
    mean: np.ndarray
    variance: np.ndarray  # biased: divided by the number of values M, not by M - 1
    inverse_std: np.ndarray  # 1 / sqrt(variance + eps)


def center(x: np.ndarray, axes: tuple[int, ...], eps: float) -> Centered:
    r"""Subtract the mean over some axes, and return the variance over them as well.

    .. math::
        \mu = \frac{1}{M} \sum_{i=1}^{M} x_i \qquad
        \sigma^2 = \frac{1}{M} \sum_{i=1}^{M} (x_i - \mu)^2

    Nothing to pool has mean 0 and variance 0.

    Raises:
        ValueError: the squares are too large for the array's type.
    """
    M = _count(x, axes)
    mean = total(axes, x) / M
    centered = np.empty_like(x)  # in the memory order of x, which broadcasting might not keep
    np.subtract(x, mean.astype(x.dtype), out=centered)
    variance = total(axes, centered, centered) / M
    if not np.isfinite(variance).all() and np.isfinite(x).all():
        raise ValueError(
            f"x holds {np.abs(x).max():.0e}, expected numbers whose squares fit {x.dtype}"
        )
    return Centered(centered, mean, variance, 1 / np.sqrt(variance + eps))


def standardize(x: np.ndarray, axes: tuple[int, ...], eps: float) -> tuple[np.ndarray, np.ndarray]:
    r"""Return x with mean 0 and variance 1 over some axes, and 1 / sqrt(variance + eps).

    .. math:: \hat{x}_i = \frac{x_i - \mu}{\sqrt{\sigma^2 + \epsilon}}

    Raises:
        ValueError: as for :func:`center`.
    """
    x_hat, _, _, inverse_std = center(x, axes, eps)
    x_hat *= inverse_std.astype(x.dtype)
    return x_hat, inverse_std


def standardize_backward(
    dx_hat: np.ndarray, x_hat: np.ndarray, inverse_std: np.ndarray, axes: tuple[int, ...]
) -> np.ndarray:
    r"""Return the gradient of the loss with respect to what :func:`standardize` was given.

    .. math::
        dx_i = \frac{1}{\sqrt{\sigma^2 + \epsilon}} \left( d\hat{x}_i
        - \frac{1}{M} \sum_j d\hat{x}_j
        - \hat{x}_i \, \frac{1}{M} \sum_j d\hat{x}_j \, \hat{x}_j \right)

    The two sums are the ways through the mean and through the variance: without them, the step
    would move what normalization takes away again.
    """
    M = _count(x_hat, axes)
    dtype = np.result_type(dx_hat, x_hat)
    through_mean = (total(axes, dx_hat) / M).astype(dtype)
    through_variance = (total(axes, dx_hat, x_hat) / M).astype(dtype)
    dx = np.empty_like(x_hat, dtype)  # in the memory order of x
    np.multiply(x_hat, -through_variance, out=dx)
    dx += dx_hat
    dx -= through_mean
    dx *= inverse_std.astype(dtype)
    return dx


def scale_and_shift(x_hat: np.ndarray, gamma: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """Return gamma * x_hat + beta."""
    y = np.multiply(x_hat, gamma, out=np.empty_like(x_hat))
    y += beta
    return y


def total(axes: tuple[int, ...], *factors: np.ndarray) -> np.ndarray:
    """Sum the product of arrays of one shape over some axes, which keep length 1, in float64.

    einsum multiplies and adds in one pass, without an array for the product. Along the first axis
    it adds to one float32 number after the other, and each addition rounds: over 65,000 examples
    that loses two digits, so blocks of it are added up in float64.
    """
    if axes == _IMAGES and len(factors) == 2:
        return _dots(*factors)
    every = list(range(factors[0].ndim))
    kept = [axis for axis in every if axis not in axes]
    rows = len(factors[0])
    step = _ROWS if 0 in axes else max(1, rows)
    result = 0.0
    for n in range(0, max(1, rows), step):
        operands = (part for factor in factors for part in (factor[n : n + step], every))
        result = result + np.einsum(*operands, kept).astype(np.float64)
    return np.expand_dims(result, axes)


def _dots(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the sum of a b over every channel of (N, C, H, W), as :func:`total` does, but faster.

    In both memory orders, (N, C, H W) and (H, C, W N), a channel's entries lie in one piece behind
    it: a dot product for each piece takes half of einsum's time.
    """
    last = is_batch_last(a)
    pieces = (to_memory(array, last) for array in (a, b))
    a, b = (p.reshape(*p.shape[:2], p.shape[2] * p.shape[3]) for p in pieces)
    with np.errstate(
        over="ignore", invalid="ignore"
    ):  # as einsum: infinity and NaN show by themselves
        dots = np.vecdot(a, b)
    return dots.sum(axis=0, dtype=np.float64)[None, :, None, None]


def as_batch(
    x: object, gamma: object, beta: object, *, per_entry: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return x, gamma and beta in one float type, x contiguous in one of the course's two orders.

    gamma and beta have an entry for each channel, or for each entry of an example.

    Raises:
        TypeError: one of them is not an array of real numbers.
        ValueError: their shapes do not fit together.
    """
    x = as_float_array("x", x)
    if x.ndim not in (2, 4):
        axes = "(N, D)" if per_entry else "(N, C)"
        raise ValueError(f"x has shape {x.shape}, expected {axes} or (N, C, H, W)")
    if not is_batch_last(x):
        x = np.ascontiguousarray(x)
    parameters = []
    for name, value in (("gamma", gamma), ("beta", beta)):
        parameter = as_float_array(name, value)
        expected = x.shape[1:] if per_entry else x.shape[1:2]
        if parameter.shape != expected:
            whose = "entry of an example" if per_entry else "channel"
            raise ValueError(
                f"{name} has shape {parameter.shape}, expected {expected}: one number for each "
                f"{whose} of x, which has shape {x.shape}"
            )
        parameters.append(parameter)
    dtype = np.result_type(x, *parameters)
    x, gamma, beta = (array.astype(dtype, copy=False) for array in (x, *parameters))
    return x, gamma, beta


def as_eps(eps: SupportsFloat) -> float:
    """Return eps as a float.

    Raises:
        TypeError: not a real number.
        ValueError: zero, negative, or so small that it does not keep a division by zero away.
    """
    return as_number("eps", eps, least=SMALLEST_EPS)


def check_enough_values(x: np.ndarray, count: int, pool: str, hint: str = "") -> None:
    """Make sure that every mean is one of at least two values, where there are any at all.

    Raises:
        ValueError: a channel, an example or a group has a single value.
    """
    if count == 1 and x.size:
        raise ValueError(
            f"x of shape {x.shape} has 1 value for each {pool}, expected at least 2: minus its "
            f"mean a single value is 0, whatever it was{hint}"
        )


def all_but_channels(x: np.ndarray) -> tuple[int, ...]:
    """Return (0,) for (N, C) and (0, 2, 3) for (N, C, H, W)."""
    return (0, *range(2, x.ndim))


def per_channel(values: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return C numbers in a shape that reaches all entries of their channel of x."""
    return values.reshape(1, -1, *(1 for _ in x.shape[2:]))


def _count(x: np.ndarray, axes: tuple[int, ...]) -> int:
    """Return M, how many values share a mean; 1 where there are none, to divide their sum 0 by."""
    return max(1, math.prod(x.shape[axis] for axis in axes))
