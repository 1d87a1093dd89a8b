"""Softmax: scores become probabilities."""

from typing import NamedTuple, SupportsIndex

import numpy as np
from jaxtyping import Float, Num

from coursekit.reference.arguments import (
    LARGEST_COUNT,
    as_count,
    as_float_array,
    as_output_gradient,
    check_cache,
)


class SoftmaxCache(NamedTuple):
    """What softmax_backward needs; p is a copy that the caller does not hold."""

    p: np.ndarray
    axis: int


def softmax(s: Num[np.ndarray, "..."], axis: SupportsIndex = -1) -> Float[np.ndarray, "..."]:
    r"""Turn scores into probabilities: positive, and 1 together along the axis.

    .. math:: p_c = \frac{e^{s_c}}{\sum_k e^{s_k}} = \frac{e^{s_c - m}}{\sum_k e^{s_k - m}}
        \qquad m = \max_k s_k

    Less the largest score no exponent is positive, so nothing overflows; numerator and denominator
    shrink alike.

    Args:
        s: scores, in an array of any shape with at least one axis.
        axis: along which the probabilities add up to 1: the last one, or 1 for (N, C, H, W).

    Returns:
        p: of the shape and memory order of s.

    Raises:
        TypeError: s is not an array of real numbers, or axis is not a whole number.
        ValueError: s has no such axis, or no score along it.

    Source: Leal-Taixé and Niessner, slide 14.
    """
    return softmax_forward(s, axis)[0]


def softmax_forward(
    s: Num[np.ndarray, "..."], axis: SupportsIndex = -1
) -> tuple[Float[np.ndarray, "..."], SoftmaxCache]:
    """Return ``(p, cache)``: the output of :func:`softmax`, and what its backward pass needs.

    Args and Raises: as for :func:`softmax`.
    """
    s = as_float_array("s", s)
    if s.ndim == 0:
        raise ValueError("s has shape (), expected at least one axis to add up along")
    axis = as_count("axis", axis, -LARGEST_COUNT)
    if not -s.ndim <= axis < s.ndim:
        raise ValueError(
            f"axis is {axis}, expected {-s.ndim} to {s.ndim - 1}: s has shape {s.shape}"
        )
    if s.shape[axis] == 0:
        raise ValueError(f"s has shape {s.shape}, expected at least 1 score along axis {axis}")
    p = np.empty_like(s)
    np.subtract(s, s.max(axis=axis, keepdims=True), out=p)
    np.exp(p, out=p)
    p /= p.sum(axis=axis, keepdims=True)
    return p, SoftmaxCache(p.copy(order="K"), axis)


def softmax_backward(dy: Num[np.ndarray, "..."], cache: SoftmaxCache) -> Float[np.ndarray, "..."]:
    r"""Return ds: by how much each dy is above their average, weighted with the probabilities.

    .. math:: ds_c = p_c \left( dy_c - \sum_k p_k \, dy_k \right)

    because ∂p_k/∂s_c = p_k ([k = c] − p_c): what one score gains, all the others lose.

    Args:
        dy: gradient of the loss with respect to the probabilities, of their shape.
        cache: from :func:`softmax_forward`.

    Returns:
        ds: of the shape and memory order of s, float32 where dy and s are, float64 otherwise.

    Raises:
        TypeError: dy is not an array of real numbers, or cache is not softmax_forward's.
        ValueError: dy does not have the output's shape.

    Source: as for :func:`softmax`, differentiated.
    """
    check_cache(cache, SoftmaxCache, "softmax_forward")
    p, axis = cache
    dy = as_output_gradient(dy, p.shape)
    average = np.sum(p * dy, axis=axis, keepdims=True)
    ds = np.subtract(dy, average, out=np.empty_like(p, dtype=np.result_type(dy, p)))
    ds *= p
    return ds
