r"""Initial weights: how large random numbers must be for a signal to survive many layers.

A sum :math:`s = \sum_{i=1}^{n} w_i x_i` of independent products with mean 0 has

.. math:: \mathrm{Var}(s) = n \, \mathrm{Var}(w) \, \mathrm{Var}(x)

so a linear layer multiplies the variance of its input by n Var(w), and the rules below choose Var(w)
to make that factor 1. They state a *variance*; numbers are drawn with its square root, the standard
deviation. To draw with 1 / n as the standard deviation, a mistake that has been published, makes the
variance n times too small, and the signal is gone after a few layers.

Weights have torch's shapes: (K, C) for a linear layer from C features to K, (K, C, F, F) for a
convolution from C channels to K. Every initializer is called alike, with a shape and a generator:
``he_normal((K, C, F, F), np.random.default_rng(0))``. The same seed gives the same weights, in float32
those of float64 rounded.
"""

import math
from typing import Literal, SupportsFloat

import numpy as np
from numpy.typing import DTypeLike

from coursekit.reference.arguments import as_number
from coursekit.reference.weights import Shape, Weights, as_dtype, as_generator, as_shape, fans


def zeros(
    shape: Shape, rng: np.random.Generator | None = None, *, dtype: DTypeLike = np.float32
) -> Weights:
    """Return zeros: right for biases; as weights they keep all neurons of a layer the same forever.

    Source: Leal-Taixé and Niessner lecture 7, slide 27. Args and Raises: as for :func:`constant`.
    """
    return constant(shape, rng, value=0.0, dtype=dtype)


def constant(
    shape: Shape,
    rng: np.random.Generator | None = None,
    *,
    value: SupportsFloat,
    dtype: DTypeLike = np.float32,
) -> Weights:
    """Return one value everywhere, such as 1 for gamma of batch normalization.

    Args:
        shape: any sizes of at least 1.
        rng: not used; an initializer that needs none is called like one that does.
        value: the value.
        dtype: float32 or float64.

    Raises:
        TypeError: shape, value or dtype is of the wrong kind.
        ValueError: a size is below 1, or value is not finite.
    """
    return np.full(as_shape(shape), as_number("value", value), as_dtype(dtype))


def normal(
    shape: Shape, rng: np.random.Generator, *, std: SupportsFloat, dtype: DTypeLike = np.float32
) -> Weights:
    """Draw from the normal distribution with mean 0 and a *standard deviation*: Var(w) = std².

    Args:
        shape: any sizes of at least 1.
        rng: where the random numbers come from.
        std: standard deviation, in the units of the weights.
        dtype: float32 or float64.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: a size is below 1, or std is negative or not finite.
    """
    sizes, std = as_shape(shape), as_number("std", std, least=0.0)
    return (as_generator(rng).standard_normal(sizes) * std).astype(as_dtype(dtype))


def uniform(
    shape: Shape, rng: np.random.Generator, *, bound: SupportsFloat, dtype: DTypeLike = np.float32
) -> Weights:
    """Draw evenly from -bound to bound: Var(w) = bound² / 3, so bound = sqrt(3) std.

    Args:
        shape: any sizes of at least 1.
        rng: where the random numbers come from.
        bound: largest absolute value, in the units of the weights.
        dtype: float32 or float64.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: a size is below 1, or bound is negative or not finite.
    """
    sizes, bound = as_shape(shape), as_number("bound", bound, least=0.0)
    return (as_generator(rng).uniform(-1.0, 1.0, sizes) * bound).astype(as_dtype(dtype))


def xavier_normal(
    shape: Shape, rng: np.random.Generator, *, dtype: DTypeLike = np.float32
) -> Weights:
    r"""Draw normal weights that keep the variance of a signal on its way forward.

    .. math:: \mathrm{Var}(w) = \frac{1}{\text{fan}_{in}} \qquad \text{std} = \sqrt{1 / \text{fan}_{in}}

    The lecture's Xavier rule, also LeCun's, right for layers without an activation and for tanh near
    0. What torch calls Xavier is :func:`glorot_normal`.

    Args:
        shape: of the weights, see :func:`fans`.
        rng: where the random numbers come from.
        dtype: float32 or float64.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: a size is below 1, or shape has fewer than 2 axes or more than 4.

    Source: Leal-Taixé and Niessner lecture 7, slide 41; LeCun, Bottou, Orr and Müller 1998.
    """
    fan_in, _ = fans(shape)
    return _normal_of(1 / fan_in, shape, rng, dtype)


def xavier_uniform(
    shape: Shape, rng: np.random.Generator, *, dtype: DTypeLike = np.float32
) -> Weights:
    r"""Draw uniform weights of the variance of :func:`xavier_normal`; see there.

    .. math:: \mathrm{Var}(w) = \frac{1}{\text{fan}_{in}} \qquad \text{bound} = \sqrt{3 / \text{fan}_{in}}
    """
    fan_in, _ = fans(shape)
    return _uniform_of(1 / fan_in, shape, rng, dtype)


def glorot_normal(
    shape: Shape, rng: np.random.Generator, *, dtype: DTypeLike = np.float32
) -> Weights:
    r"""Draw normal weights that keep the variance about the same both forward and backward.

    .. math::
        \mathrm{Var}(w) = \frac{2}{\text{fan}_{in} + \text{fan}_{out}} \qquad
        \text{std} = \sqrt{\frac{2}{\text{fan}_{in} + \text{fan}_{out}}}

    Forward asks for 1 / fan_in and backward for 1 / fan_out; this is a compromise between the two.

    Args and Raises: as for :func:`xavier_normal`.

    Source: Glorot and Bengio 2010, equation 12; torch.nn.init.xavier_normal_.
    """
    return _normal_of(2 / sum(fans(shape)), shape, rng, dtype)


def glorot_uniform(
    shape: Shape, rng: np.random.Generator, *, dtype: DTypeLike = np.float32
) -> Weights:
    r"""Draw uniform weights of the variance of :func:`glorot_normal`; see there.

    .. math::
        \mathrm{Var}(w) = \frac{2}{\text{fan}_{in} + \text{fan}_{out}} \qquad
        \text{bound} = \sqrt{\frac{6}{\text{fan}_{in} + \text{fan}_{out}}}

    Source: Glorot and Bengio 2010, equation 16; torch.nn.init.xavier_uniform_.
    """
    return _uniform_of(2 / sum(fans(shape)), shape, rng, dtype)


def he_normal(
    shape: Shape,
    rng: np.random.Generator,
    *,
    mode: Literal["fan_in", "fan_out"] = "fan_in",
    dtype: DTypeLike = np.float32,
) -> Weights:
    r"""Draw normal weights that make up for ReLU, which lets half of a signal through.

    .. math:: \mathrm{Var}(w) = \frac{2}{\text{fan}} \qquad \text{std} = \sqrt{2 / \text{fan}}

    Args:
        shape: of the weights, see :func:`fans`.
        rng: where the random numbers come from.
        mode: "fan_in" keeps the signal going forward, "fan_out" the gradient going backward.
        dtype: float32 or float64.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: mode is another word, a size is below 1, or shape has fewer than 2 axes or more
            than 4.

    Source: He, Zhang, Ren and Sun 2015; Leal-Taixé and Niessner lecture 7, slides 44 and 45;
    torch.nn.init.kaiming_normal_ with nonlinearity="relu".
    """
    return _normal_of(2 / _fan(shape, mode), shape, rng, dtype)


def he_uniform(
    shape: Shape,
    rng: np.random.Generator,
    *,
    mode: Literal["fan_in", "fan_out"] = "fan_in",
    dtype: DTypeLike = np.float32,
) -> Weights:
    r"""Draw uniform weights of the variance of :func:`he_normal`; see there.

    .. math:: \mathrm{Var}(w) = \frac{2}{\text{fan}} \qquad \text{bound} = \sqrt{6 / \text{fan}}

    With ``nonlinearity="relu"`` torch.nn.init.kaiming_uniform_ is the same. The bound that
    torch.nn.Linear and torch.nn.Conv2d choose by themselves is smaller, sqrt(1 / fan_in).
    """
    return _uniform_of(2 / _fan(shape, mode), shape, rng, dtype)


def _fan(shape: Shape, mode: str) -> int:
    """Return fan_in or fan_out, whichever mode names."""
    names = ("fan_in", "fan_out")
    if mode not in names:
        raise ValueError(f'mode is {mode!r}, expected "fan_in" or "fan_out"')
    return fans(shape)[names.index(mode)]


def _normal_of(
    variance: float, shape: Shape, rng: np.random.Generator, dtype: DTypeLike
) -> Weights:
    return normal(shape, rng, std=math.sqrt(variance), dtype=dtype)


def _uniform_of(
    variance: float, shape: Shape, rng: np.random.Generator, dtype: DTypeLike
) -> Weights:
    # evenly from -b to b has variance b² / 3
    return uniform(shape, rng, bound=math.sqrt(3 * variance), dtype=dtype)
