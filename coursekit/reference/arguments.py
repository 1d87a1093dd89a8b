"""Say what is wrong with an argument, in the caller's terms."""

import math
import operator
from numbers import Real
from typing import SupportsFloat, SupportsIndex

import numpy as np

Size = SupportsIndex | tuple[int, int]  # one for both axes, or (along the height, along the width)

LARGEST_COUNT = 2**31 - 1  # products of two such counts still fit the int64 that NumPy indexes with


def as_float_array(name: str, value: object) -> np.ndarray:
    """Return an array of numbers as float32 or float64, without a copy where it is one already.

    Raises:
        TypeError: not a NumPy array, or an array of something else than real numbers.
    """
    # a masked array is refused because its hidden entries would be computed with like any other
    if not isinstance(value, np.ndarray) or isinstance(value, np.ma.MaskedArray):
        raise TypeError(
            f"{name} is a {type(value).__name__}, expected a NumPy array: np.array([...]) makes one"
        )
    value = np.asarray(value)
    if value.dtype in (np.float32, np.float64):
        return value
    if value.dtype.kind in "iuf":
        return value.astype(np.float64)
    raise TypeError(
        f"{name} holds {value.dtype}, expected real numbers (float32, float64 or integers)"
    )


def as_kernel(name: str, value: object) -> np.ndarray:
    """Return one kernel (F,), or K kernels over C channels (K, C, F), as float32 or float64.

    Raises:
        TypeError: as for :func:`as_float_array`.
        ValueError: another number of axes, or no tap, channel or kernel at all.
    """
    kernel = as_float_array(name, value)
    if kernel.ndim not in (1, 3):
        raise ValueError(f"{name} has shape {kernel.shape}, expected (F,) or (K, C, F)")
    if kernel.size == 0:
        raise ValueError(f"{name} has shape {kernel.shape}, expected every size to be at least 1")
    return kernel


def as_count(name: str, value: SupportsIndex, least: int) -> int:
    """Return a whole number of at least ``least`` as an int.

    Raises:
        TypeError: not a whole number.
        ValueError: smaller than ``least``, or beyond 2147483647.
    """
    try:
        count = operator.index(value)
    except TypeError:
        count = None
    if count is None or isinstance(value, bool):  # True is 1 to Python, but no stride
        raise TypeError(f"{name} is {value!r}, expected a whole number of at least {least}")
    if count < least:
        raise ValueError(f"{name} is {count}, expected a whole number of at least {least}")
    if count > LARGEST_COUNT:
        raise ValueError(f"{name} is {count}, expected a whole number of at most {LARGEST_COUNT}")
    return count


def as_steps(
    stride: SupportsIndex, padding: SupportsIndex, dilation: SupportsIndex
) -> tuple[int, int, int]:
    """Return S, P and D as ints.

    Raises:
        TypeError: one of them is not a whole number.
        ValueError: the stride or the dilation is below 1, or the padding below 0.
    """
    return (
        as_count("stride", stride, 1),
        as_count("padding", padding, 0),
        as_count("dilation", dilation, 1),
    )


def as_pair(name: str, value: Size, least: int) -> tuple[int, int]:
    """Return a size along the height and one along the width; one number stands for both.

    Raises:
        TypeError: neither a whole number nor a pair of them.
        ValueError: a pair of another length, or a number below ``least``.
    """
    if not isinstance(value, (tuple, list)):
        both = as_count(name, value, least)
        return both, both
    if len(value) != 2:
        raise ValueError(f"{name} is {value!r}, expected one whole number, or two: (height, width)")
    height, width = (as_count(f"{name}[{i}]", one, least) for i, one in enumerate(value))
    return height, width


def as_number(
    name: str,
    value: SupportsFloat,
    least: float | int = -math.inf,
    below: float | int = math.inf,
) -> float:
    """Return a finite real number from ``least`` on and smaller than ``below`` as a float.

    Raises:
        TypeError: not a real number.
        ValueError: NaN, infinite or out of range.
    """
    limits = [f"of at least {least:g}"] if least > -math.inf else []
    limits += [f"below {below:g}"] if below < math.inf else []
    expected = " ".join(("expected a finite number", " and ".join(limits))).strip()
    number = value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value
    if not isinstance(number, Real) or isinstance(number, bool):  # True is 1 to Python, but no rate
        shown = f"of shape {value.shape}" if isinstance(value, np.ndarray) else repr(value)
        raise TypeError(f"{name} is {shown}, {expected}")
    try:
        number = float(number)
    except OverflowError:  # a whole number with more than 308 digits
        number = math.inf
    if not (math.isfinite(number) and least <= number < below):
        raise ValueError(f"{name} is {number}, {expected}")
    return number


def as_bias(b: object, count: int, outputs: str) -> np.ndarray | None:
    """Return the biases, one for each of ``count`` outputs, as float32 or float64; None for None.

    Raises:
        TypeError: b is not an array of real numbers.
        ValueError: b has another shape.
    """
    if b is None:
        return None
    b = as_float_array("b", b)
    if b.shape != (count,):
        raise ValueError(f"b has shape {b.shape}, expected one bias for each of {count} {outputs}")
    return b


def as_output_gradient(dy: object, shape: tuple[int, ...]) -> np.ndarray:
    """Return dy as float32 or float64 after making sure that it has the output's shape.

    Raises:
        TypeError: dy is not an array of real numbers.
        ValueError: dy has another shape.
    """
    dy = as_float_array("dy", dy)
    if dy.shape != shape:
        raise ValueError(f"dy has shape {dy.shape}, expected the output's shape {shape}")
    return dy


def check_cache(cache: object, kind: type, forward: str) -> None:
    """Make sure that a cache is what ``forward`` returned.

    Raises:
        TypeError: it is something else.
    """
    if not isinstance(cache, kind):
        raise TypeError(
            f"cache is a {type(cache).__name__}, expected the {kind.__name__} that {forward} "
            "returns beside its result"
        )


def as_images(name: str, value: object) -> np.ndarray:
    """Return images (N, C, H, W) of at least one pixel as float32 or float64.

    Raises:
        TypeError: as for :func:`as_float_array`.
        ValueError: another number of axes, or images without pixels.
    """
    images = as_float_array(name, value)
    if images.ndim != 4:
        raise ValueError(f"{name} has shape {images.shape}, expected (N, C, H, W)")
    if 0 in images.shape[2:]:
        raise ValueError(f"{name} has shape {images.shape}, expected at least 1 row and 1 column")
    return images
