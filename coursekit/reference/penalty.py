"""The L2 penalty: large weights cost something, so training keeps only those that pay."""

from typing import NamedTuple, SupportsFloat

import numpy as np
from jaxtyping import Float, Num

from coursekit.reference.arguments import as_float_array, as_number, check_cache


class L2PenaltyCache(NamedTuple):
    """What l2_penalty_backward needs."""

    w: np.ndarray  # a copy
    strength: float


def l2_penalty(w: Num[np.ndarray, "..."], strength: SupportsFloat) -> np.floating:
    r"""Penalize large weights by half the sum of their squares (weight decay).

    .. math:: R = \frac{\lambda}{2} \sum_j w_j^2

    The half makes λw the gradient, which is what torch's optimizers call weight_decay. The lecture
    writes the sum of squares without it.

    Args:
        w: weights, in an array of any shape.
        strength: λ, at least 0.

    Returns:
        R: a number, float32 where w is, float64 otherwise.

    Raises:
        TypeError: w is not an array of real numbers, or strength is not a number.
        ValueError: strength is below 0, NaN or infinite.

    Source: Verbeek, slide 12; Leal-Taixé and Niessner, slides 64 and 90.
    """
    return l2_penalty_forward(w, strength)[0]


def l2_penalty_forward(
    w: Num[np.ndarray, "..."], strength: SupportsFloat
) -> tuple[np.floating, L2PenaltyCache]:
    """Return ``(R, cache)``: :func:`l2_penalty`, and what its backward pass needs."""
    w = as_float_array("w", w)
    strength = as_number("strength", strength, least=0)
    R = w.dtype.type(strength / 2) * np.sum(np.square(w))
    return R, L2PenaltyCache(w.copy(order="K"), strength)


def l2_penalty_backward(dL: SupportsFloat, cache: L2PenaltyCache) -> Float[np.ndarray, "..."]:
    r"""Return dw: every weight is pulled to zero in proportion to its size.

    .. math:: dw_j = dL \; \lambda \, w_j

    Args:
        dL: gradient of what follows with respect to the penalty; 1 when it is added to the loss.
        cache: from :func:`l2_penalty_forward`.

    Returns:
        dw: of the shape, memory order and dtype of w.

    Raises:
        TypeError: dL is not a number, or cache is not l2_penalty_forward's.
        ValueError: dL is NaN or infinite.

    Source: as for :func:`l2_penalty`, differentiated.
    """
    check_cache(cache, L2PenaltyCache, "l2_penalty_forward")
    dL = as_number("dL", dL)
    return np.multiply(cache.w, dL * cache.strength, out=np.empty_like(cache.w))
