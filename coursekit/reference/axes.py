"""Work on images along the height and along the width, one after the other.

Pooling and upsampling treat the two axes alike, so each is written once, for one axis of an array, and
called twice. That costs F_h + F_w steps for a window instead of F_h F_w. The array is the one that lies in
memory, (N, C, H, W) or (H, C, W, N): then what is fast for one order is fast for the other.
"""

import math
from collections.abc import Iterator

import numpy as np

from coursekit.reference.layout import from_rows, rows

Shape = tuple[int, int, int, int]

_SLAB = 2**20  # entries


def to_memory(x: np.ndarray, last: bool) -> np.ndarray:
    """Return (N, C, H, W) as it shall lie in memory: (H, C, W, N) for batch last, else itself."""
    return rows(x) if last else x


def from_memory(memory: np.ndarray, last: bool) -> np.ndarray:
    """Return the (N, C, H, W) that :func:`to_memory` made an array of."""
    return from_rows(memory) if last else memory


def image_axes(last: bool) -> tuple[int, int]:
    """Return the axes of the height and of the width in an array that :func:`to_memory` returned."""
    return (0, 2) if last else (2, 3)


def memory_shape(shape: Shape, last: bool) -> Shape:
    """Return how (N, C, H, W) lies in memory: (H, C, W, N) for batch last, else as it is."""
    N, C, H, W = shape
    return (H, C, W, N) if last else shape


def slabs(shape: tuple[int, ...]) -> Iterator[tuple[slice, slice]]:
    """Yield the channels of an array in memory, some at a time, as the index that takes them.

    What is computed on the way for some channels stays in the fast memory; for all, it would not.
    """
    C = shape[1]
    step = max(1, _SLAB * C // max(1, math.prod(shape)))
    for c in range(0, C, step):
        yield slice(None), slice(c, c + step)


def at(axis: int, entries: slice) -> tuple[slice, ...]:
    """Return the index that takes these entries along an axis, and everything along those before."""
    return (*(slice(None),) * axis, entries)


def resized(shape: tuple[int, ...], axis: int, size: int) -> tuple[int, ...]:
    """Return the shape with another size along an axis."""
    return (*shape[:axis], size, *shape[axis + 1 :])
