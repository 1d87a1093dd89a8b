"""Convolution along one axis: the sum over taps, and its two gradients."""

from typing import NamedTuple, SupportsIndex

import numpy as np
from jaxtyping import Float, Num

from coursekit.reference.arguments import (
    as_float_array,
    as_kernel,
    as_output_gradient,
    as_steps,
    check_cache,
)
from coursekit.reference.geometry import output_size


class Conv1dCache(NamedTuple):
    """What conv1d_backward needs from the forward pass.

    The arrays are copies: stepping w between the passes leaves the gradients as they should be.
    """

    padded: np.ndarray  # (N, C, W + 2P)
    w: np.ndarray  # (K, C, F)
    stride: int
    padding: int
    dilation: int
    single: bool  # the caller gave one signal without N and C


def conv1d(
    x: Num[np.ndarray, " W"] | Num[np.ndarray, "N C W"],
    w: Num[np.ndarray, " F"] | Num[np.ndarray, "K C F"],
    *,
    stride: SupportsIndex = 1,
    padding: SupportsIndex = 0,
    dilation: SupportsIndex = 1,
) -> Float[np.ndarray, " W_out"] | Float[np.ndarray, "N K W_out"]:
    r"""Slide a kernel along a signal and take the dot product at every place.

    .. math:: y_{n,k,i} = \sum_{c} \sum_{m=0}^{F-1} w_{k,c,m} \; x_{n,c,\,iS + mD - P}

    with x = 0 outside the signal. This is cross-correlation, which every deep learning library
    calls convolution; :func:`true_conv1d` flips the kernel first.

    Args:
        x: one signal (W,), or a batch with channels (N, C, W).
        w: one kernel (F,), or K kernels over C channels (K, C, F).
        stride: S, entries from one place to the next.
        padding: P, zeros added at each end.
        dilation: D, entries from one tap to the next.

    Returns:
        y: (W_out,) or (N, K, W_out), see :func:`~coursekit.reference.geometry.output_size`.
        It is float32 where both x and w are, float64 otherwise.

    Raises:
        TypeError: x or w is not an array of real numbers, or a size is not a whole number.
        ValueError: shapes or sizes do not fit together.

    Source: Louppe lecture 5, "1d convolution"; CS7015 lecture 11, slides 3 to 8.
    """
    return conv1d_forward(x, w, stride=stride, padding=padding, dilation=dilation)[0]


def conv1d_forward(
    x: Num[np.ndarray, " W"] | Num[np.ndarray, "N C W"],
    w: Num[np.ndarray, " F"] | Num[np.ndarray, "K C F"],
    *,
    stride: SupportsIndex = 1,
    padding: SupportsIndex = 0,
    dilation: SupportsIndex = 1,
) -> tuple[Float[np.ndarray, " W_out"] | Float[np.ndarray, "N K W_out"], Conv1dCache]:
    """Return ``(y, cache)``: the output of :func:`conv1d`, and what :func:`conv1d_backward` needs.

    Args and Raises: as for :func:`conv1d`.
    """
    x, w = as_float_array("x", x), as_kernel("w", w)
    _check_fit(x, w)
    S, P, D = as_steps(stride, padding, dilation)
    single = x.ndim == 1
    if single:
        x, w = x[None, None], w[None, None]
    W_out = output_size(x.shape[2], w.shape[2], stride=S, padding=P, dilation=D)
    padded = np.pad(x, ((0, 0), (0, 0), (P, P)))
    y = np.zeros((len(x), len(w), W_out), dtype=np.result_type(x, w))
    for m in range(w.shape[2]):
        # what tap m sees, at every place i at once: (K, C) times (N, C, W_out)
        y += w[:, :, m] @ padded[:, :, _reach(m, W_out, S, D)]
    cache = Conv1dCache(padded, w.copy(), S, P, D, single)
    return (y[0, 0] if single else y), cache


def conv1d_backward(
    dy: Num[np.ndarray, " W_out"] | Num[np.ndarray, "N K W_out"], cache: Conv1dCache
) -> tuple[
    Float[np.ndarray, " W"] | Float[np.ndarray, "N C W"],
    Float[np.ndarray, " F"] | Float[np.ndarray, "K C F"],
]:
    r"""Return ``(dx, dw)``, the gradients of the loss with respect to the input and the kernel.

    .. math::
        dx_{n,c,j} &= \sum_k \sum_{i,m \,:\, iS + mD - P = j} w_{k,c,m} \; dy_{n,k,i}
        \qquad (dx = T^\top dy)

        dw_{k,c,m} &= \sum_n \sum_i dy_{n,k,i} \; x_{n,c,\,iS + mD - P}

    The output reads x with the matrix T, so the gradient runs back through its transpose: what
    tap m read from a place, it returns to that place.

    Args:
        dy: gradient of the loss with respect to the output, of the output's shape.
        cache: from :func:`conv1d_forward`.

    Returns:
        dx and dw: of the shapes of x and w, float32 where dy, x and w all are, float64 otherwise.

    Raises:
        TypeError: dy is not an array of real numbers, or cache is not conv1d_forward's.
        ValueError: dy does not have the output's shape.

    Source: Louppe lecture 5, "the backward pass is also a convolution".
    """
    check_cache(cache, Conv1dCache, "conv1d_forward")
    padded, w, S, P, D, single = cache
    W_padded, F = padded.shape[2], w.shape[2]
    W_out = output_size(W_padded, F, stride=S, dilation=D)
    dy = as_output_gradient(dy, (W_out,) if single else (len(padded), len(w), W_out))
    if single:
        dy = dy[None, None]
    dtype = np.result_type(dy, padded, w)
    d_padded = np.zeros(padded.shape, dtype)
    dw = np.zeros(w.shape, dtype)
    for m in range(F):
        reach = _reach(m, W_out, S, D)
        d_padded[:, :, reach] += w[:, :, m].T @ dy  # back to where tap m read
        dw[:, :, m] = (dy @ padded[:, :, reach].swapaxes(1, 2)).sum(axis=0)
    dx = d_padded[:, :, P : W_padded - P]
    return (dx[0, 0], dw[0, 0]) if single else (dx, dw)


def true_conv1d(
    x: Num[np.ndarray, " W"] | Num[np.ndarray, "N C W"],
    w: Num[np.ndarray, " F"] | Num[np.ndarray, "K C F"],
    *,
    stride: SupportsIndex = 1,
    padding: SupportsIndex = 0,
    dilation: SupportsIndex = 1,
) -> Float[np.ndarray, " W_out"] | Float[np.ndarray, "N K W_out"]:
    r"""Convolve in the sense of mathematics: the kernel runs backward.

    .. math:: y_{n,k,i} = \sum_{c} \sum_{m=0}^{F-1} w_{k,c,F-1-m} \; x_{n,c,\,iS + mD - P}

    Without stride, padding and dilation this is ``np.convolve(x, w, mode="valid")`` for a kernel
    no longer than the signal.

    Args, Returns and Raises: as for :func:`conv1d`.

    Source: CS7015 lecture 11, slide 3; Louppe lecture 5, the remark on cross-correlation.
    """
    flipped = as_kernel("w", w)[..., ::-1]
    return conv1d(x, flipped, stride=stride, padding=padding, dilation=dilation)


def _reach(m: int, W_out: int, S: int, D: int) -> slice:
    """Where tap m reads: entries mD, mD + S, ... of the padded signal, W_out of them."""
    first = m * D
    return slice(first, first + W_out * S, S)  # a stop beyond the end is the end


def _check_fit(x: np.ndarray, w: np.ndarray) -> None:
    """Raise ValueError where x does not fit w, which is (F,) or (K, C, F)."""
    if x.ndim != w.ndim:
        raise ValueError(
            f"x has shape {x.shape} and w has shape {w.shape}, expected (W,) with (F,), or "
            "(N, C, W) with (K, C, F)"
        )
    if x.ndim == 3 and x.shape[1] != w.shape[1]:
        raise ValueError(
            f"x has {x.shape[1]} channels and w has {w.shape[1]}: x of shape (N, C, W) = {x.shape} "
            f"needs w of shape (K, C, F), and w has {w.shape}"
        )
