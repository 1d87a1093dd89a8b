"""Say what is wrong with an argument, in the caller's terms."""

import operator
from typing import SupportsIndex

import numpy as np


def as_float_array(name: str, value: object) -> np.ndarray:
    """Return an array of numbers as float32 or float64, without a copy where it is one already.

    Raises:
        TypeError: not a NumPy array, or an array of something else than real numbers.
    """
    if not isinstance(value, np.ndarray):
        raise TypeError(
            f"{name} is a {type(value).__name__}, expected a NumPy array: try np.asarray({name}, dtype=float)"
        )
    if value.dtype in (np.float32, np.float64):
        return value
    if value.dtype.kind in "iuf":
        return value.astype(np.float64)
    raise TypeError(f"{name} holds {value.dtype}, expected real numbers (float32, float64 or integers)")


def as_count(name: str, value: SupportsIndex, least: int) -> int:
    """Return a whole number of at least ``least`` as an int.

    Raises:
        TypeError: not a whole number.
        ValueError: smaller than ``least``.
    """
    if isinstance(value, (bool, np.bool_)) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} is {value!r}, expected a whole number of at least {least}")
    count = operator.index(value)
    if count < least:
        raise ValueError(f"{name} is {count}, expected a whole number of at least {least}")
    return count
