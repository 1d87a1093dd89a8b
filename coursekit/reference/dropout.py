"""Dropout: in training, each unit is missing with a certain probability.

More arrives at the next layer when nothing is missing, twice as much for a rate of one half, so one
of the two modes is scaled:

- **inverted** dropout divides by the probability to keep, in training. What libraries do.
- **weight scaling** multiplies by it, in testing. What the first paper did.

Either way testing computes the expectation of training. The random numbers are drawn in the order
of (N, C, H, W), whatever the order in memory: one seed drops the same units of the same images.
"""

from typing import NamedTuple, SupportsFloat

import numpy as np
from jaxtyping import Float, Num

from coursekit.reference.arguments import (
    as_float_array,
    as_number,
    as_output_gradient,
    check_cache,
)


class DropoutCache(NamedTuple):
    """What the backward passes need: dropout is a multiplication by random numbers."""

    scale: np.ndarray  # of the shape of x, or one that stretches to it
    shape: tuple[int, ...]  # of x


def dropout(
    x: Num[np.ndarray, "..."],
    rate: SupportsFloat,
    rng: np.random.Generator | None = None,
    *,
    training: bool | np.bool_ = True,
) -> Float[np.ndarray, "..."]:
    r"""Drop entries at random and scale up the others, so that the expectation stays (inverted).

    .. math:: y_i = \frac{m_i}{q} \, x_i, \qquad P(m_i = 1) = q = 1 - \text{rate}

    Then E[y] = x and Var[y] = x² · rate / q. In testing y = x.

    Args:
        x: numbers in an array of any shape.
        rate: the probability to drop an entry, at least 0 and below 1, as in torch. The first paper
            and CS231n give the probability q to keep it instead.
        rng: where the random numbers come from; not needed in testing.
        training: False for testing, which drops nothing.

    Returns:
        y: of the shape and memory order of x.

    Raises:
        TypeError: x is not an array of real numbers, rate is not a number, rng is not a generator
            in training, or training is neither True nor False.
        ValueError: rate is not in [0, 1).

    Source: Srivastava et al., Dropout, 2014, scaled as in CS231n's notes on regularization;
    Leal-Taixé and Niessner, slides 77 to 83.
    """
    return dropout_forward(x, rate, rng, training=training)[0]


def dropout_forward(
    x: Num[np.ndarray, "..."],
    rate: SupportsFloat,
    rng: np.random.Generator | None = None,
    *,
    training: bool | np.bool_ = True,
) -> tuple[Float[np.ndarray, "..."], DropoutCache]:
    """Return ``(y, cache)``: the output of :func:`dropout`, and what its backward pass needs.

    Args and Raises: as for :func:`dropout`.
    """
    x, rate = as_float_array("x", x), _as_rate(rate)
    if not _is_training(training):
        return _forward(x, np.ones((), x.dtype))
    return _forward(x, _draw(rng, rate, x, 1 / (1 - rate)))


def dropout_weight_scaling(
    x: Num[np.ndarray, "..."],
    rate: SupportsFloat,
    rng: np.random.Generator | None = None,
    *,
    training: bool | np.bool_ = True,
) -> Float[np.ndarray, "..."]:
    r"""Drop entries at random in training, and scale all of them down in testing.

    .. math:: y_i = m_i \, x_i \text{ in training}, \qquad y_i = q \, x_i \text{ in testing}

    with P(m = 1) = q = 1 − rate. Instead of its inputs, the weights of the next layer can be
    multiplied by q for testing, which gave the rule its name.

    Args, Returns and Raises: as for :func:`dropout`.

    Source: Srivastava et al., Dropout, 2014; Leal-Taixé and Niessner, slide 83.
    """
    return dropout_weight_scaling_forward(x, rate, rng, training=training)[0]


def dropout_weight_scaling_forward(
    x: Num[np.ndarray, "..."],
    rate: SupportsFloat,
    rng: np.random.Generator | None = None,
    *,
    training: bool | np.bool_ = True,
) -> tuple[Float[np.ndarray, "..."], DropoutCache]:
    """Return ``(y, cache)``: :func:`dropout_weight_scaling`, and what its backward pass needs.

    Args and Raises: as for :func:`dropout`.
    """
    x, rate = as_float_array("x", x), _as_rate(rate)
    if not _is_training(training):
        return _forward(x, np.array(1 - rate, x.dtype))
    return _forward(x, _draw(rng, rate, x, 1))


def spatial_dropout2d(
    x: Num[np.ndarray, "N C H W"],
    rate: SupportsFloat,
    rng: np.random.Generator | None = None,
    *,
    training: bool | np.bool_ = True,
) -> Float[np.ndarray, "N C H W"]:
    r"""Drop whole channels of an image at random, and scale up the others.

    .. math:: y_{n,c,i,j} = \frac{m_{n,c}}{q} \, x_{n,c,i,j}, \qquad P(m_{n,c} = 1) = q

    Neighboring places of a feature map say nearly the same: where only some of them are missing,
    the others give the missing ones away. torch calls this dropout2d.

    Args:
        x: (N, C, H, W); each image loses channels of its own.
        rate: as for :func:`dropout`.
        rng: as for :func:`dropout`.
        training: as for :func:`dropout`.

    Returns and Raises: as for :func:`dropout`; ValueError as well where x has other than 4 axes.

    Source: Tompson et al., Efficient object localization using convolutional networks, 2015.
    """
    return spatial_dropout2d_forward(x, rate, rng, training=training)[0]


def spatial_dropout2d_forward(
    x: Num[np.ndarray, "N C H W"],
    rate: SupportsFloat,
    rng: np.random.Generator | None = None,
    *,
    training: bool | np.bool_ = True,
) -> tuple[Float[np.ndarray, "N C H W"], DropoutCache]:
    """Return ``(y, cache)``: :func:`spatial_dropout2d`, and what its backward pass needs.

    Args and Raises: as for :func:`spatial_dropout2d`.
    """
    x, rate = as_float_array("x", x), _as_rate(rate)
    if x.ndim != 4:
        raise ValueError(f"x has shape {x.shape}, expected (N, C, H, W)")
    if not _is_training(training):
        return _forward(x, np.ones((), x.dtype))
    # one random number for each channel of each image, which stretches over its places
    return _forward(x, _draw(rng, rate, x[:, :, :1, :1], 1 / (1 - rate)))


def dropout_backward(dy: Num[np.ndarray, "..."], cache: DropoutCache) -> Float[np.ndarray, "..."]:
    r"""Return dx: what was dropped gets no gradient, and the rest is scaled as it was forward.

    .. math:: dx_i = \frac{m_i}{q} \, dy_i

    Args:
        dy: gradient of the loss with respect to the output, of its shape.
        cache: from :func:`dropout_forward`.

    Returns:
        dx: of the shape and memory order of dy, float32 where dy and x are, float64 otherwise.

    Raises:
        TypeError: dy is not an array of real numbers, or cache is not a forward pass's.
        ValueError: dy does not have the output's shape.

    Source: as for :func:`dropout`.
    """
    check_cache(cache, DropoutCache, "dropout_forward")
    return _backward(dy, cache)


def dropout_weight_scaling_backward(
    dy: Num[np.ndarray, "..."], cache: DropoutCache
) -> Float[np.ndarray, "..."]:
    r"""Return dx: what was dropped gets no gradient, and the rest all of it.

    .. math:: dx_i = m_i \, dy_i

    Args, Returns and Raises: as for :func:`dropout_backward`.

    Source: as for :func:`dropout_weight_scaling`.
    """
    check_cache(cache, DropoutCache, "dropout_weight_scaling_forward")
    return _backward(dy, cache)


def spatial_dropout2d_backward(
    dy: Num[np.ndarray, "N C H W"], cache: DropoutCache
) -> Float[np.ndarray, "N C H W"]:
    r"""Return dx: a dropped channel gets no gradient at any place.

    .. math:: dx_{n,c,i,j} = \frac{m_{n,c}}{q} \, dy_{n,c,i,j}

    Args, Returns and Raises: as for :func:`dropout_backward`.

    Source: as for :func:`spatial_dropout2d`.
    """
    check_cache(cache, DropoutCache, "spatial_dropout2d_forward")
    return _backward(dy, cache)


def _as_rate(rate: SupportsFloat) -> float:
    return as_number("rate", rate, least=0, below=1)


def _is_training(training: object) -> bool:
    if not isinstance(training, (bool, np.bool_)):  # "test" would count as true
        raise TypeError(f"training is {training!r}, expected True or False")
    return bool(training)


def _draw(rng: object, rate: float, like: np.ndarray, scale: float | int) -> np.ndarray:
    """Return an array like another of 0 with probability rate, and of scale otherwise."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"rng is a {type(rng).__name__}, expected a random generator: "
            "np.random.default_rng(seed) makes one"
        )
    kept = np.empty_like(like, dtype=bool)
    np.greater_equal(rng.random(like.shape), rate, out=kept)
    return np.multiply(kept, like.dtype.type(scale), out=np.empty_like(like))


def _forward(x: np.ndarray, scale: np.ndarray) -> tuple[np.ndarray, DropoutCache]:
    return np.multiply(x, scale, out=np.empty_like(x)), DropoutCache(scale, x.shape)


def _backward(dy: np.ndarray, cache: DropoutCache) -> np.ndarray:
    dy = as_output_gradient(dy, cache.shape)
    dtype = np.result_type(dy, cache.scale)
    return np.multiply(dy, cache.scale, out=np.empty_like(dy, dtype=dtype))
