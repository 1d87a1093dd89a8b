"""Maxout: several linear pieces compete, and the largest becomes the output."""

from typing import NamedTuple, SupportsIndex

import numpy as np
from jaxtyping import Float, Num

from coursekit.reference.arguments import (
    as_count,
    as_float_array,
    as_output_gradient,
    check_cache,
)


class MaxoutCache(NamedTuple):
    """What maxout_backward needs."""

    won: np.ndarray  # (N, C / pieces, pieces, ...), true for the one piece that became the output
    dtype: np.dtype  # of x


def maxout(
    x: Num[np.ndarray, "N C *places"], pieces: SupportsIndex
) -> Float[np.ndarray, "N units *places"]:
    r"""Return the largest of every k neighboring channels.

    .. math:: y_{n,i} = \max_{j=0}^{k-1} x_{n,\,ik+j}

    Unlike other activations it has weights of its own: the linear layer before it computes k times
    as many channels as come out. Two pieces of which one is 0 make a ReLU.

    Args:
        x: (N, C), or (N, C, H, W), or any places after the channels.
        pieces: k, channels that compete for one output; C is a multiple of it.

    Returns:
        y: (N, C / k, ...), in the memory order of x.

    Raises:
        TypeError: x is not an array of real numbers, or pieces is not a whole number.
        ValueError: x has no channel axis, or pieces is below 1 or does not divide C.

    Source: Goodfellow et al., Maxout networks, 2013; Verbeek, slide 11.
    """
    return maxout_forward(x, pieces)[0]


def maxout_forward(
    x: Num[np.ndarray, "N C *places"], pieces: SupportsIndex
) -> tuple[Float[np.ndarray, "N units *places"], MaxoutCache]:
    """Return ``(y, cache)``: the output of :func:`maxout`, and what its backward pass needs.

    Args and Raises: as for :func:`maxout`.
    """
    x = as_float_array("x", x)
    k = as_count("pieces", pieces, 1)
    if x.ndim < 2:
        raise ValueError(f"x has shape {x.shape}, expected (N, C) or (N, C, H, W)")
    N, C, *places = x.shape
    if C % k:
        raise ValueError(
            f"x has {C} channels, which {k} pieces do not divide: expected a multiple of {k}"
        )
    z = x.reshape(N, C // k, k, *places)  # a view: splitting an axis moves nothing
    y = z[:, :, 0].copy(order="K")
    for j in range(1, k):
        np.maximum(y, z[:, :, j], out=y)
    won = np.empty_like(z, dtype=bool)
    undecided = np.ones_like(y, dtype=bool)
    for j in range(k):
        # the first of equal pieces takes it all, so that every output has one winner
        np.logical_and(z[:, :, j] == y, undecided, out=won[:, :, j])
        undecided &= ~won[:, :, j]
    return y, MaxoutCache(won, x.dtype)


def maxout_backward(
    dy: Num[np.ndarray, "N units *places"], cache: MaxoutCache
) -> Float[np.ndarray, "N C *places"]:
    r"""Return dx: the piece that became the output gets its gradient, the others get nothing.

    .. math:: dx_{n,\,ik+j} = dy_{n,i} \; [\, j = \arg\max_{j'} x_{n,\,ik+j'} \,]

    Of equal pieces the first one gets it, as in torch's max along an axis.

    Args:
        dy: gradient of the loss with respect to the output, of its shape.
        cache: from :func:`maxout_forward`.

    Returns:
        dx: of the shape and memory order of x, float32 where dy and x are, float64 otherwise.

    Raises:
        TypeError: dy is not an array of real numbers, or cache is not maxout_forward's.
        ValueError: dy does not have the output's shape.

    Source: as for :func:`maxout`.
    """
    check_cache(cache, MaxoutCache, "maxout_forward")
    won, dtype = cache
    N, units, k, *places = won.shape
    dy = as_output_gradient(dy, (N, units, *places))
    dz = np.empty_like(won, dtype=np.result_type(dy, dtype))
    np.multiply(dy[:, :, None], won, out=dz)
    return dz.reshape(N, units * k, *places)
