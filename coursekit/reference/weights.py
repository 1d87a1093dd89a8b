"""What initializers are told: the shape of weights and their fans, a generator, a float type."""

import math
from collections.abc import Sequence
from typing import SupportsIndex

import numpy as np
from jaxtyping import Float
from numpy.typing import DTypeLike

from coursekit.reference.arguments import as_count

Shape = Sequence[SupportsIndex]
Weights = Float[np.ndarray, "..."]


def fans(shape: Shape) -> tuple[int, int]:
    r"""Return ``(fan_in, fan_out)``: how many inputs an output sums, and how many outputs sum an input.

    .. math:: \text{fan}_{in} = C \, F_H F_W \qquad \text{fan}_{out} = K \, F_H F_W

    and C and K for a linear layer. As in torch, fan_out knows nothing of stride, groups and the edges
    of an image, where an input enters fewer sums.

    Args:
        shape: of the weights: (K, C), (K, C, F) or (K, C, F_H, F_W).

    Raises:
        TypeError: shape is not a sequence of whole numbers.
        ValueError: shape has fewer than 2 axes or more than 4, or a size below 1.

    Source: Glorot and Bengio 2010; torch.nn.init.
    """
    K, C, *window = as_weights_shape(shape)
    return C * math.prod(window), K * math.prod(window)


def as_shape(shape: Shape) -> tuple[int, ...]:
    """Return a shape as a tuple of ints.

    Raises:
        TypeError: not a sequence of whole numbers.
        ValueError: a size is below 1.
    """
    if not isinstance(shape, Sequence) or isinstance(shape, (str, bytes)):
        raise TypeError(f"shape is {shape!r}, expected sizes such as (64, 3, 3, 3)")
    return tuple(as_count(f"shape[{i}]", size, 1) for i, size in enumerate(shape))


def as_weights_shape(shape: Shape) -> tuple[int, ...]:
    """Return a shape of weights as a tuple of ints.

    Raises:
        TypeError: not a sequence of whole numbers.
        ValueError: fewer than 2 axes or more than 4, or a size below 1.
    """
    sizes = as_shape(shape)
    if not 2 <= len(sizes) <= 4:
        raise ValueError(f"shape is {sizes}, expected (K, C), (K, C, F) or (K, C, F, F)")
    return sizes


def as_generator(rng: np.random.Generator) -> np.random.Generator:
    """Return rng; raise TypeError where it is no generator of random numbers, such as a bare seed."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng is {rng!r}, expected a generator: np.random.default_rng(0) makes one")
    return rng


def as_dtype(dtype: DTypeLike) -> np.dtype:
    """Return dtype as np.float32 or np.float64; raise TypeError where it is something else."""
    # compared by name: NumPy reads None as float64, and what it cannot read raises in its own words
    for known in (np.dtype(np.float32), np.dtype(np.float64)):
        if isinstance(dtype, (str, type, np.dtype)) and dtype in (known, known.type, known.name):
            return known
    raise TypeError(f"dtype is {dtype!r}, expected np.float32 or np.float64")
