"""Activations that work entry by entry: sigmoid, tanh, ReLU and leaky ReLU.

Each entry of the output depends on one entry of the input, so the Jacobian is diagonal and the
backward pass multiplies entry by entry: dx = dy · f'(x). The forward pass computes the slopes f'(x)
while it has x at hand, and the cache holds nothing else.
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


class SigmoidCache(NamedTuple):
    """What sigmoid_backward needs."""

    slope: np.ndarray  # σ(x) (1 − σ(x))


class TanhCache(NamedTuple):
    """What tanh_backward needs."""

    slope: np.ndarray  # 1 − tanh²(x)


class ReluCache(NamedTuple):
    """What relu_backward needs."""

    slope: np.ndarray  # 1 where x > 0, 0 elsewhere


class LeakyReluCache(NamedTuple):
    """What leaky_relu_backward needs."""

    slope: np.ndarray  # 1 where x > 0, the slope elsewhere


def sigmoid(x: Num[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    r"""Squash every number into (0, 1).

    .. math:: \sigma(x) = \frac{1}{1 + e^{-x}} = \frac{e^{\min(x, 0)}}{1 + e^{-|x|}}

    The second form is the one computed: no exponent in it is positive, so nothing overflows however
    large or small x is.

    Args:
        x: numbers in an array of any shape.

    Returns:
        y: of the shape and memory order of x.

    Raises:
        TypeError: x is not an array of real numbers.

    Source: Verbeek, slide 8; Leal-Taixé and Niessner, slide 18.
    """
    return sigmoid_forward(x)[0]


def sigmoid_forward(
    x: Num[np.ndarray, "..."],
) -> tuple[Float[np.ndarray, "..."], SigmoidCache]:
    """Return ``(y, cache)``: the output of :func:`sigmoid`, and what its backward pass needs."""
    x = as_float_array("x", x)
    e = np.negative(np.abs(x), out=np.empty_like(x))
    np.exp(e, out=e)  # e^{−|x|}, at most 1
    total = 1 + e
    y = np.maximum(e, x >= 0, out=np.empty_like(x))  # e^{min(x, 0)}: 1 from 0 on, e below
    y /= total
    # σ(x) (1 − σ(x)) = σ(x) σ(−x); written as the difference it would lose its digits
    slope = np.divide(e, np.square(total), out=e)
    return y, SigmoidCache(slope)


def sigmoid_backward(dy: Num[np.ndarray, "..."], cache: SigmoidCache) -> Float[np.ndarray, "..."]:
    r"""Return dx, at most a quarter of dy, and next to nothing where the sigmoid saturates.

    .. math:: dx = dy \; \sigma(x) \, (1 - \sigma(x))

    Args:
        dy: gradient of the loss with respect to the output, of its shape.
        cache: from :func:`sigmoid_forward`.

    Returns:
        dx: of the shape and memory order of x, float32 where dy and x are, float64 otherwise.

    Raises:
        TypeError: dy is not an array of real numbers, or cache is not sigmoid_forward's.
        ValueError: dy does not have the output's shape.

    Source: Leal-Taixé and Niessner, slide 18, "saturated neurons kill the gradient flow".
    """
    check_cache(cache, SigmoidCache, "sigmoid_forward")
    return _times_slope(dy, cache.slope)


def tanh(x: Num[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    r"""Squash every number into (−1, 1), with 0 in the middle.

    .. math:: \tanh(x) = \frac{e^x - e^{-x}}{e^x + e^{-x}} = 2\,\sigma(2x) - 1

    Args, Returns and Raises: as for :func:`sigmoid`.

    Source: LeCun, Generalization and network design strategies, 1989; Leal-Taixé and Niessner, slide
    20. Verbeek's slide 8 writes 2σ(x) − 1, which is tanh(x/2).
    """
    return tanh_forward(x)[0]


def tanh_forward(
    x: Num[np.ndarray, "..."],
) -> tuple[Float[np.ndarray, "..."], TanhCache]:
    """Return ``(y, cache)``: the output of :func:`tanh`, and what its backward pass needs."""
    x = as_float_array("x", x)
    y = np.tanh(x)
    return np.asarray(y), TanhCache(np.asarray(1 - np.square(y)))


def tanh_backward(dy: Num[np.ndarray, "..."], cache: TanhCache) -> Float[np.ndarray, "..."]:
    r"""Return dx, next to nothing where tanh saturates.

    .. math:: dx = dy \; (1 - \tanh^2 x)

    Args, Returns and Raises: as for :func:`sigmoid_backward`.

    Source: as for :func:`tanh`.
    """
    check_cache(cache, TanhCache, "tanh_forward")
    return _times_slope(dy, cache.slope)


def relu(x: Num[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    r"""Keep what is positive (rectified linear unit).

    .. math:: y = \max(0, x)

    Args, Returns and Raises: as for :func:`sigmoid`.

    Source: Verbeek, slide 9; Nair and Hinton, Rectified linear units improve restricted Boltzmann
    machines, 2010.
    """
    return relu_forward(x)[0]


def relu_forward(
    x: Num[np.ndarray, "..."],
) -> tuple[Float[np.ndarray, "..."], ReluCache]:
    """Return ``(y, cache)``: the output of :func:`relu`, and what its backward pass needs."""
    x = as_float_array("x", x)
    y = np.zeros_like(x)
    np.maximum(x, y, out=y)  # NumPy is twice as fast with an array of zeros as with the number 0
    return y, ReluCache(np.greater(x, 0, out=np.empty_like(x)))


def relu_backward(dy: Num[np.ndarray, "..."], cache: ReluCache) -> Float[np.ndarray, "..."]:
    r"""Return dx: the gradient passes where the unit is on, and nothing where it is off.

    .. math:: dx = dy \; [x > 0]

    At x = 0 the maximum has a kink and no derivative; as in torch the gradient there is 0.

    Args, Returns and Raises: as for :func:`sigmoid_backward`.

    Source: Verbeek, slides 9 and 16; Leal-Taixé and Niessner, slide 21, on the dead ReLU.
    """
    check_cache(cache, ReluCache, "relu_forward")
    return _times_slope(dy, cache.slope)


def leaky_relu(x: Num[np.ndarray, "..."], slope: SupportsFloat = 0.01) -> Float[np.ndarray, "..."]:
    r"""Keep what is positive, and let a little of what is negative through.

    .. math:: y = \begin{cases} x & x > 0 \\ \alpha x & x \le 0 \end{cases}

    which is max(αx, x) for a slope α of at most 1.

    Args:
        x: numbers in an array of any shape.
        slope: α, any number; 0.01 in torch and in Maas's paper, 0.1 in the lecture.

    Returns:
        y: of the shape and memory order of x.

    Raises:
        TypeError: x is not an array of real numbers, or the slope is not a real number.
        ValueError: the slope is NaN or infinite.

    Source: Maas et al., Rectifier nonlinearities improve neural network acoustic models, 2013;
    Verbeek, slide 10; Leal-Taixé and Niessner, slide 87.
    """
    return leaky_relu_forward(x, slope)[0]


def leaky_relu_forward(
    x: Num[np.ndarray, "..."], slope: SupportsFloat = 0.01
) -> tuple[Float[np.ndarray, "..."], LeakyReluCache]:
    """Return ``(y, cache)``: the output of :func:`leaky_relu`, and what its backward pass needs."""
    x = as_float_array("x", x)
    alpha = x.dtype.type(as_number("slope", slope))
    slopes = np.multiply(x <= 0, alpha, out=np.empty_like(x))
    slopes += x > 0
    return np.multiply(x, slopes, out=np.empty_like(x)), LeakyReluCache(slopes)


def leaky_relu_backward(
    dy: Num[np.ndarray, "..."], cache: LeakyReluCache
) -> Float[np.ndarray, "..."]:
    r"""Return dx: the gradient passes where x is positive, and shrinks to α of it elsewhere.

    .. math:: dx = dy \begin{cases} 1 & x > 0 \\ \alpha & x \le 0 \end{cases}

    At the kink x = 0 the gradient is that of the negative side, as in torch.

    Args, Returns and Raises: as for :func:`sigmoid_backward`.

    Source: as for :func:`leaky_relu`.
    """
    check_cache(cache, LeakyReluCache, "leaky_relu_forward")
    return _times_slope(dy, cache.slope)


def _times_slope(dy: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Return dy · f'(x) in the memory order of x, which is the order of the slopes."""
    dy = as_output_gradient(dy, slope.shape)
    return np.multiply(dy, slope, out=np.empty_like(slope, dtype=np.result_type(dy, slope)))
