"""Batch normalization in training: every channel gets mean 0 and variance 1 over the batch.

At test time running averages take the place of the batch's statistics, see
:mod:`coursekit.reference.running_statistics`. Layer and group normalization, which need no batch, are in
:mod:`coursekit.reference.layernorm`.
"""

from typing import NamedTuple, SupportsFloat

import numpy as np
from jaxtyping import Float, Num

from coursekit.reference.arguments import as_output_gradient, check_cache
from coursekit.reference.standardization import (
    all_but_channels,
    as_batch,
    as_eps,
    center,
    check_enough_values,
    per_channel,
    scale_and_shift,
    total,
)


class BatchNormCache(NamedTuple):
    """What the backward passes and update_running need; all arrays are its own."""

    centered: np.ndarray  # x - mean; times inverse_std it is x_hat
    gamma: np.ndarray  # (C,), as the next three
    mean: np.ndarray  # of the batch
    variance: np.ndarray  # of the batch, biased: divided by M
    inverse_std: np.ndarray  # 1 / sqrt(variance + eps)
    values: int  # M, how many there are in each channel: N for (N, D), N * H * W for (N, C, H, W)


def batchnorm(
    x: Num[np.ndarray, "N C"] | Num[np.ndarray, "N C H W"],
    gamma: Num[np.ndarray, " C"],
    beta: Num[np.ndarray, " C"],
    *,
    eps: SupportsFloat = 1e-5,
) -> Float[np.ndarray, "N C"] | Float[np.ndarray, "N C H W"]:
    r"""Normalize every channel by its mean and variance over the batch, as in training.

    .. math::
        \mu_c = \frac{1}{M} \sum_{n,h,w} x_{n,c,h,w} \qquad
        \sigma^2_c = \frac{1}{M} \sum_{n,h,w} (x_{n,c,h,w} - \mu_c)^2 \qquad
        y_{n,c,h,w} = \gamma_c \, \frac{x_{n,c,h,w} - \mu_c}{\sqrt{\sigma^2_c + \epsilon}} + \beta_c

    with M = NHW, or M = N for (N, C), where a channel is a feature. The variance is the biased one,
    divided by M. A bias added to x before is taken away with the mean.

    Args:
        x: the batch, (N, C) or (N, C, H, W).
        gamma: scale of each channel, (C,); start with ones.
        beta: shift of each channel, (C,); start with zeros.
        eps: added to the variance, in its units, so that a constant channel gives beta.

    Returns:
        y: of the shape and the memory order of x, float32 where all arrays are, float64 otherwise.

    Raises:
        TypeError: an argument is not an array of real numbers, or eps not a number.
        ValueError: the shapes do not fit, eps is not positive, or a channel has a single value.

    Source: Ioffe and Szegedy 2015; Leal-Taixé and Niessner lecture 7, slides 49 to 55.
    """
    return batchnorm_forward(x, gamma, beta, eps=eps)[0]


def batchnorm_forward(
    x: Num[np.ndarray, "N C"] | Num[np.ndarray, "N C H W"],
    gamma: Num[np.ndarray, " C"],
    beta: Num[np.ndarray, " C"],
    *,
    eps: SupportsFloat = 1e-5,
) -> tuple[Float[np.ndarray, "N C"] | Float[np.ndarray, "N C H W"], BatchNormCache]:
    """Return ``(y, cache)``: the output of :func:`batchnorm`, and what training needs besides.

    ``cache.mean`` and ``cache.variance`` are the batch's, from which
    :func:`~coursekit.reference.running_statistics.update_running` makes averages.

    Args and Raises: as for :func:`batchnorm`.
    """
    x, gamma, beta = as_batch(x, gamma, beta)
    eps = as_eps(eps)
    M = x[:, :1].size  # N, or NHW
    check_enough_values(x, M, "channel", "; at test time use batchnorm_inference")
    centered, *statistics = center(x, all_but_channels(x), eps)
    mean, variance, inverse_std = (one.reshape(-1).astype(x.dtype) for one in statistics)
    # gamma * inverse_std first: one number for each channel, and one pass less over all of x
    y = scale_and_shift(centered, per_channel(gamma * inverse_std, x), per_channel(beta, x))
    return y, BatchNormCache(centered, gamma.copy(), mean, variance, inverse_std, M)


def batchnorm_backward(
    dy: Num[np.ndarray, "N C"] | Num[np.ndarray, "N C H W"], cache: BatchNormCache
) -> tuple[
    Float[np.ndarray, "N C"] | Float[np.ndarray, "N C H W"],
    Float[np.ndarray, " C"],
    Float[np.ndarray, " C"],
]:
    r"""Return ``(dx, dgamma, dbeta)`` in closed form.

    .. math::
        d\gamma_c &= \sum_{n,h,w} dy_{n,c,h,w} \, \hat{x}_{n,c,h,w} \qquad
        d\beta_c = \sum_{n,h,w} dy_{n,c,h,w}

        dx_{n,c,h,w} &= \frac{\gamma_c}{\sqrt{\sigma^2_c + \epsilon}} \left( dy_{n,c,h,w}
        - \frac{d\beta_c}{M} - \hat{x}_{n,c,h,w} \, \frac{d\gamma_c}{M} \right)

    with :math:`\hat{x} = (x - \mu) / \sqrt{\sigma^2 + \epsilon}`, of which the cache has both factors.
    :func:`batchnorm_backward_graph` shows where this comes from.

    Args:
        dy: gradient of the loss with respect to the output, of the output's shape.
        cache: from :func:`batchnorm_forward`.

    Raises:
        TypeError: dy is not an array of real numbers, or cache is not batchnorm_forward's.
        ValueError: dy does not have the output's shape.

    Source: Ioffe and Szegedy 2015, section 3, simplified.
    """
    check_cache(cache, BatchNormCache, "batchnorm_forward")
    centered, gamma, _, _, inverse_std, M = cache
    dy = as_output_gradient(dy, centered.shape)
    dtype = np.result_type(dy, centered)
    axes = all_but_channels(dy)
    inverse = per_channel(inverse_std, dy)
    dgamma, dbeta = inverse * total(axes, dy, centered), total(axes, dy)
    M = max(1, M)  # the sums over an empty batch are 0
    dx = np.empty_like(centered, dtype)  # in the memory order of x
    np.multiply(centered, (-inverse * dgamma / M).astype(dtype), out=dx)  # -x_hat dgamma / M
    dx += dy
    dx -= (dbeta / M).astype(dtype)
    dx *= per_channel(gamma, dy) * inverse
    return dx, dgamma.reshape(-1).astype(dtype), dbeta.reshape(-1).astype(dtype)


def batchnorm_backward_graph(
    dy: Num[np.ndarray, "N C"] | Num[np.ndarray, "N C H W"], cache: BatchNormCache
) -> tuple[
    Float[np.ndarray, "N C"] | Float[np.ndarray, "N C H W"],
    Float[np.ndarray, " C"],
    Float[np.ndarray, " C"],
]:
    r"""Return what :func:`batchnorm_backward` does, one node of the computation graph at a time.

    Forward, with a bar for the mean over a channel:

    .. math::
        \text{centered} = x - \bar{x} \to \text{square} = \text{centered}^2
        \to \text{variance} = \overline{\text{square}} \to \text{std} = \sqrt{\text{variance} + \epsilon}
        \to \text{inverse} = \frac{1}{\text{std}} \to \hat{x} = \text{centered} \cdot \text{inverse}
        \to y = \gamma \hat{x} + \beta

    Backward, each node multiplies what arrives by its own derivative, and where a value went two
    ways, what comes back is added.

    Args and Raises: as for :func:`batchnorm_backward`.

    Source: Leal-Taixé and Niessner lecture 7, slide 54; Ioffe and Szegedy 2015, section 3.
    """
    check_cache(cache, BatchNormCache, "batchnorm_forward")
    centered, M = cache.centered, max(1, cache.values)
    dy = as_output_gradient(dy, centered.shape)
    dy = dy.astype(np.result_type(dy, centered), copy=False)
    axes = all_but_channels(dy)
    gamma, inverse = per_channel(cache.gamma, dy), per_channel(cache.inverse_std, dy)
    std = 1 / inverse
    x_hat = centered * inverse

    def to_channel(gradient: np.ndarray) -> np.ndarray:
        """Add up all that comes back to a number that the whole channel used."""
        return total(axes, gradient).astype(gradient.dtype)

    # y = gamma * x_hat + beta
    dbeta = to_channel(dy)
    dgamma = to_channel(x_hat * dy)
    dx_hat = gamma * dy
    # x_hat = centered * inverse: two ways lead back
    d_centered = inverse * dx_hat
    d_inverse = to_channel(centered * dx_hat)
    # inverse = 1 / std
    d_std = -(inverse**2) * d_inverse
    # std = sqrt(variance + eps)
    d_variance = d_std / (2 * std)
    # variance = mean of square: every entry has a share of 1 / M
    d_square = d_variance / M
    # square = centered ** 2: the second way back to centered
    d_centered = 2 * centered * d_square + d_centered
    # centered = x - mean: again two ways, straight to x and through the mean
    d_mean = -to_channel(d_centered)
    # mean = mean of x: every entry has a share of 1 / M
    dx = np.empty_like(centered, dy.dtype)  # in the memory order of x
    dx[...] = d_centered + d_mean / M
    return dx, dgamma.reshape(-1), dbeta.reshape(-1)
