"""Batch normalization at test time: running averages instead of the statistics of a batch."""

from typing import NamedTuple, SupportsFloat

import numpy as np
from jaxtyping import Float, Num

from coursekit.reference.arguments import (
    as_float_array,
    as_number,
    as_output_gradient,
    check_cache,
)
from coursekit.reference.normalization import BatchNormCache
from coursekit.reference.standardization import (
    all_but_channels,
    as_batch,
    as_eps,
    per_channel,
    scale_and_shift,
    total,
)


class BatchNormInferenceCache(NamedTuple):
    """What batchnorm_inference_backward needs from the forward pass; all arrays are its own."""

    x_hat: np.ndarray  # of the shape of x
    gamma: np.ndarray  # (C,)
    inverse_std: np.ndarray  # (C,)


def update_running(
    mean: Num[np.ndarray, " C"],
    variance: Num[np.ndarray, " C"],
    cache: BatchNormCache,
    *,
    momentum: SupportsFloat = 0.1,
) -> tuple[Float[np.ndarray, " C"], Float[np.ndarray, " C"]]:
    r"""Return the running mean and variance, moved toward those of one more batch.

    .. math::
        \text{mean} &\leftarrow (1 - m) \, \text{mean} + m \, \mu

        \text{variance} &\leftarrow (1 - m) \, \text{variance} + m \, \frac{M}{M - 1} \, \sigma^2

    The momentum m is the weight of the new batch, as in torch; Keras and CS231n call 1 - m the
    momentum. The variance that is averaged is the unbiased one, divided by M - 1, although the
    batch itself was normalized by the biased one: test time wants to know the variance of all
    images, and that of a batch around its own mean is smaller. torch does the same. An empty batch
    moves nothing.

    Args:
        mean: the running mean so far, (C,); start with zeros.
        variance: the running variance so far, (C,); start with ones.
        cache: from :func:`~coursekit.reference.normalization.batchnorm_forward`.
        momentum: m, from 0 to 1.

    Raises:
        TypeError: an argument is not an array of real numbers, a number or batchnorm_forward's cache.
        ValueError: a shape does not fit, a variance is negative, or momentum is not from 0 to 1.

    Source: Ioffe and Szegedy 2015, algorithm 2; Leal-Taixé and Niessner lecture 7, slide 57.
    """
    check_cache(cache, BatchNormCache, "batchnorm_forward")
    channels = f"the {len(cache.mean)} channels of the batch"
    mean, variance = _as_statistics(mean, variance, cache.mean.shape, channels)
    m = as_number("momentum", momentum, least=0.0)
    if m > 1:
        raise ValueError(f"momentum is {m}, expected the weight of the new batch, from 0 to 1")
    M = cache.values
    if M == 0:
        return mean.copy(), variance.copy()
    unbiased = cache.variance * (M / (M - 1))
    return (1 - m) * mean + m * cache.mean, (1 - m) * variance + m * unbiased


def batchnorm_inference(
    x: Num[np.ndarray, "N C"] | Num[np.ndarray, "N C H W"],
    gamma: Num[np.ndarray, " C"],
    beta: Num[np.ndarray, " C"],
    mean: Num[np.ndarray, " C"],
    variance: Num[np.ndarray, " C"],
    *,
    eps: SupportsFloat = 1e-5,
) -> Float[np.ndarray, "N C"] | Float[np.ndarray, "N C H W"]:
    r"""Normalize every channel by a given mean and variance, as at test time.

    .. math:: y_{n,c,h,w} = \gamma_c \, \frac{x_{n,c,h,w} - \mu_c}{\sqrt{\sigma^2_c + \epsilon}} + \beta_c

    What an image gives does not depend on the batch it comes in, and a batch of 1 is as good as any.

    Args:
        x: the batch, (N, C) or (N, C, H, W).
        gamma: scale of each channel, (C,).
        beta: shift of each channel, (C,).
        mean: the running mean, (C,), from :func:`update_running`.
        variance: the running variance, (C,).
        eps: added to the variance, in its units; the same as in training.

    Returns:
        y: of the shape and the memory order of x, float32 where x, gamma and beta are, float64 otherwise.

    Raises:
        TypeError: an argument is not an array of real numbers, or eps not a number.
        ValueError: the shapes do not fit, eps is not positive, or a variance is negative.

    Source: Ioffe and Szegedy 2015, algorithm 2; Leal-Taixé and Niessner lecture 7, slide 57.
    """
    return batchnorm_inference_forward(x, gamma, beta, mean, variance, eps=eps)[0]


def batchnorm_inference_forward(
    x: Num[np.ndarray, "N C"] | Num[np.ndarray, "N C H W"],
    gamma: Num[np.ndarray, " C"],
    beta: Num[np.ndarray, " C"],
    mean: Num[np.ndarray, " C"],
    variance: Num[np.ndarray, " C"],
    *,
    eps: SupportsFloat = 1e-5,
) -> tuple[Float[np.ndarray, "N C"] | Float[np.ndarray, "N C H W"], BatchNormInferenceCache]:
    """Return ``(y, cache)``: see :func:`batchnorm_inference` for y, the arguments and the errors."""
    x, gamma, beta = as_batch(x, gamma, beta)
    mean, variance = _as_statistics(mean, variance, gamma.shape, f"the {len(gamma)} channels of x")
    # in float64, as in training; and y has the float type of x, gamma and beta whatever mean's is
    inverse_std = (1 / np.sqrt(variance.astype(np.float64) + as_eps(eps))).astype(x.dtype)
    x_hat = np.empty_like(x)  # in the memory order of x, which broadcasting might not keep
    np.subtract(x, per_channel(mean.astype(x.dtype), x), out=x_hat)
    x_hat *= per_channel(inverse_std, x)
    y = scale_and_shift(x_hat, per_channel(gamma, x), per_channel(beta, x))
    return y, BatchNormInferenceCache(x_hat, gamma.copy(), inverse_std)


def batchnorm_inference_backward(
    dy: Num[np.ndarray, "N C"] | Num[np.ndarray, "N C H W"], cache: BatchNormInferenceCache
) -> tuple[
    Float[np.ndarray, "N C"] | Float[np.ndarray, "N C H W"],
    Float[np.ndarray, " C"],
    Float[np.ndarray, " C"],
]:
    r"""Return ``(dx, dgamma, dbeta)``; mean and variance are constants here, and get no gradient.

    .. math:: dx_{n,c,h,w} = \frac{\gamma_c}{\sqrt{\sigma^2_c + \epsilon}} \, dy_{n,c,h,w}

    and dgamma and dbeta as for :func:`~coursekit.reference.normalization.batchnorm_backward`.

    Raises:
        TypeError: dy is not an array of real numbers, or cache is not batchnorm_inference_forward's.
        ValueError: dy does not have the output's shape.
    """
    check_cache(cache, BatchNormInferenceCache, "batchnorm_inference_forward")
    x_hat, gamma, inverse_std = cache
    dy = as_output_gradient(dy, x_hat.shape)
    dtype = np.result_type(dy, x_hat)
    axes = all_but_channels(dy)
    dgamma = total(axes, dy, x_hat).reshape(-1).astype(dtype)
    dbeta = total(axes, dy).reshape(-1).astype(dtype)
    dx = np.empty_like(x_hat, dtype)  # in the memory order of x
    np.multiply(dy, per_channel(gamma * inverse_std, dy), out=dx)
    return dx, dgamma, dbeta


def _as_statistics(
    mean: object, variance: object, expected: tuple[int, ...], channels: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return a mean and a variance for each channel, as float32 or float64; raise if they are none."""
    mean, variance = as_float_array("mean", mean), as_float_array("variance", variance)
    for name, value in (("mean", mean), ("variance", variance)):
        if value.shape != expected:
            raise ValueError(
                f"{name} has shape {value.shape}, expected {expected}: one number for each of "
                f"{channels}"
            )
    if (variance < 0).any():
        raise ValueError(f"variance holds {variance.min():g}, expected numbers of at least 0")
    return mean, variance
