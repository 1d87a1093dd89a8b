"""Layer and group normalization: mean and variance of one example, whatever the batch.

Batch normalization pools over all images of a batch; these pool within one image of shape (C, H, W):

- layer normalization over all of it;
- group normalization over each of several groups of channels; with a group for every channel it is
  instance normalization.
"""

import math
from typing import NamedTuple, SupportsFloat, SupportsIndex

import numpy as np
from jaxtyping import Float, Num

from coursekit.reference.arguments import as_count, as_output_gradient, check_cache
from coursekit.reference.standardization import (
    as_batch,
    as_eps,
    check_enough_values,
    scale_and_shift,
    standardize,
    standardize_backward,
    total,
)


class LayerNormCache(NamedTuple):
    """What layer_norm_backward needs from the forward pass; all arrays are its own."""

    x_hat: np.ndarray  # of the shape of x
    inverse_std: np.ndarray  # (N, 1) or (N, 1, 1, 1)
    gamma: np.ndarray  # of the shape of x without N


class GroupNormCache(NamedTuple):
    """What group_norm_backward needs from the forward pass; all arrays are its own."""

    x_hat: np.ndarray  # (N, groups, C / groups) or (N, groups, C / groups, H, W)
    inverse_std: np.ndarray  # (N, groups, 1) or (N, groups, 1, 1, 1)
    gamma: np.ndarray  # (1, groups, C / groups) or (1, groups, C / groups, 1, 1)


def layer_norm(
    x: Num[np.ndarray, "N D"] | Num[np.ndarray, "N C H W"],
    gamma: Num[np.ndarray, " D"] | Num[np.ndarray, "C H W"],
    beta: Num[np.ndarray, " D"] | Num[np.ndarray, "C H W"],
    *,
    eps: SupportsFloat = 1e-5,
) -> Float[np.ndarray, "N D"] | Float[np.ndarray, "N C H W"]:
    r"""Normalize every example by the mean and the variance of its own entries.

    .. math:: y_{n,i} = \gamma_i \, \frac{x_{n,i} - \mu_n}{\sqrt{\sigma^2_n + \epsilon}} + \beta_i

    Training and test time do not differ, and a batch of 1 is as good as any. An example may be a
    vector or an image; i runs over all its entries.

    Args:
        x: the batch, (N, D) or (N, C, H, W).
        gamma: scale of each entry, of the shape of one example; start with ones.
        beta: shift of each entry, of the same shape; start with zeros.
        eps: added to the variance, in its units.

    Returns:
        y: of the shape and the memory order of x, float32 where all arrays are, float64 otherwise.

    Raises:
        TypeError: an argument is not an array of real numbers, or eps not a number.
        ValueError: the shapes do not fit, eps is not positive, or an example has a single entry.

    Source: Ba, Kiros and Hinton 2016, Layer normalization; torch.nn.LayerNorm.
    """
    return layer_norm_forward(x, gamma, beta, eps=eps)[0]


def layer_norm_forward(
    x: Num[np.ndarray, "N D"] | Num[np.ndarray, "N C H W"],
    gamma: Num[np.ndarray, " D"] | Num[np.ndarray, "C H W"],
    beta: Num[np.ndarray, " D"] | Num[np.ndarray, "C H W"],
    *,
    eps: SupportsFloat = 1e-5,
) -> tuple[Float[np.ndarray, "N D"] | Float[np.ndarray, "N C H W"], LayerNormCache]:
    """Return ``(y, cache)``: see :func:`layer_norm` for y, the arguments and the errors."""
    x, gamma, beta = as_batch(x, gamma, beta, per_entry=True)
    eps = as_eps(eps)
    check_enough_values(x, math.prod(x.shape[1:]), "example")
    x_hat, inverse_std = standardize(x, tuple(range(1, x.ndim)), eps)
    cache = LayerNormCache(x_hat, inverse_std.astype(x.dtype), gamma.copy())
    return scale_and_shift(x_hat, gamma, beta), cache


def layer_norm_backward(
    dy: Num[np.ndarray, "N D"] | Num[np.ndarray, "N C H W"], cache: LayerNormCache
) -> tuple[
    Float[np.ndarray, "N D"] | Float[np.ndarray, "N C H W"],
    Float[np.ndarray, " D"] | Float[np.ndarray, "C H W"],
    Float[np.ndarray, " D"] | Float[np.ndarray, "C H W"],
]:
    r"""Return ``(dx, dgamma, dbeta)``.

    .. math:: d\gamma_i = \sum_n dy_{n,i} \, \hat{x}_{n,i} \qquad d\beta_i = \sum_n dy_{n,i}

    and dx from :math:`d\hat{x}_{n,i} = \gamma_i \, dy_{n,i}` by
    :func:`~coursekit.reference.standardization.standardize_backward`.

    Raises:
        TypeError: dy is not an array of real numbers, or cache is not layer_norm_forward's.
        ValueError: dy does not have the output's shape.
    """
    check_cache(cache, LayerNormCache, "layer_norm_forward")
    x_hat, inverse_std, gamma = cache
    dy = as_output_gradient(dy, x_hat.shape)
    dtype = np.result_type(dy, x_hat)
    dgamma = total((0,), dy, x_hat)[0].astype(dtype)
    dbeta = total((0,), dy)[0].astype(dtype)
    dx = standardize_backward(dy * gamma, x_hat, inverse_std, tuple(range(1, dy.ndim)))
    return dx, dgamma, dbeta


def group_norm(
    x: Num[np.ndarray, "N C"] | Num[np.ndarray, "N C H W"],
    gamma: Num[np.ndarray, " C"],
    beta: Num[np.ndarray, " C"],
    *,
    groups: SupportsIndex,
    eps: SupportsFloat = 1e-5,
) -> Float[np.ndarray, "N C"] | Float[np.ndarray, "N C H W"]:
    r"""Normalize every group of channels of every image by its own mean and variance.

    .. math::
        y_{n,c,h,w} = \gamma_c \,
        \frac{x_{n,c,h,w} - \mu_{n,g(c)}}{\sqrt{\sigma^2_{n,g(c)} + \epsilon}} + \beta_c

    where g(c) is the group of channel c: the first C / groups channels form the first group.
    ``groups=C`` is instance normalization; ``groups=1`` pools what layer normalization pools, but
    scales and shifts by channel.

    Args:
        x: the batch, (N, C) or (N, C, H, W).
        gamma: scale of each channel, (C,); start with ones.
        beta: shift of each channel, (C,); start with zeros.
        groups: into how many groups the channels are divided; divides C.
        eps: added to the variance, in its units.

    Returns:
        y: of the shape and the memory order of x, float32 where all arrays are, float64 otherwise.

    Raises:
        TypeError: an argument is not an array of real numbers, or a number is none.
        ValueError: the shapes do not fit, groups does not divide C, eps is not positive, or a
            group has a single value.

    Source: Wu and He 2018, Group normalization; torch.nn.GroupNorm.
    """
    return group_norm_forward(x, gamma, beta, groups=groups, eps=eps)[0]


def group_norm_forward(
    x: Num[np.ndarray, "N C"] | Num[np.ndarray, "N C H W"],
    gamma: Num[np.ndarray, " C"],
    beta: Num[np.ndarray, " C"],
    *,
    groups: SupportsIndex,
    eps: SupportsFloat = 1e-5,
) -> tuple[Float[np.ndarray, "N C"] | Float[np.ndarray, "N C H W"], GroupNormCache]:
    """Return ``(y, cache)``: see :func:`group_norm` for y, the arguments and the errors."""
    x, gamma, beta = as_batch(x, gamma, beta)
    G, eps = as_count("groups", groups, 1), as_eps(eps)
    N, C, *space = x.shape
    if C % G:
        raise ValueError(f"groups is {G}, expected a divisor of the {C} channels of x")
    check_enough_values(x, C // G * math.prod(space), "group")
    grouped = x.reshape(N, G, C // G, *space)
    x_hat, inverse_std = standardize(grouped, tuple(range(2, grouped.ndim)), eps)
    per_channel = (1, G, C // G, *(1 for _ in space))
    gamma, beta = gamma.reshape(per_channel), beta.reshape(per_channel)
    cache = GroupNormCache(x_hat, inverse_std.astype(x.dtype), gamma.copy())
    return scale_and_shift(x_hat, gamma, beta).reshape(x.shape), cache


def group_norm_backward(
    dy: Num[np.ndarray, "N C"] | Num[np.ndarray, "N C H W"], cache: GroupNormCache
) -> tuple[
    Float[np.ndarray, "N C"] | Float[np.ndarray, "N C H W"],
    Float[np.ndarray, " C"],
    Float[np.ndarray, " C"],
]:
    r"""Return ``(dx, dgamma, dbeta)``.

    .. math::
        d\gamma_c = \sum_{n,h,w} dy_{n,c,h,w} \, \hat{x}_{n,c,h,w}
        \qquad d\beta_c = \sum_{n,h,w} dy_{n,c,h,w}

    and dx from :math:`d\hat{x}_{n,c,h,w} = \gamma_c \, dy_{n,c,h,w}` by
    :func:`~coursekit.reference.standardization.standardize_backward`.

    Raises:
        TypeError: dy is not an array of real numbers, or cache is not group_norm_forward's.
        ValueError: dy does not have the output's shape.
    """
    check_cache(cache, GroupNormCache, "group_norm_forward")
    x_hat, inverse_std, gamma = cache
    N, G, channels, *space = x_hat.shape
    dy = as_output_gradient(dy, (N, G * channels, *space))
    grouped = dy.reshape(x_hat.shape)
    dtype = np.result_type(dy, x_hat)
    over = (0, *range(3, x_hat.ndim))  # all that one channel's gamma and beta reach
    dgamma = total(over, grouped, x_hat).reshape(-1).astype(dtype)
    dbeta = total(over, grouped).reshape(-1).astype(dtype)
    dx = standardize_backward(grouped * gamma, x_hat, inverse_std, tuple(range(2, x_hat.ndim)))
    return dx.reshape(dy.shape), dgamma, dbeta
