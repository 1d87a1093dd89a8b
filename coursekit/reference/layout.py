"""Where the numbers of an (N, C, H, W) array lie in memory: batch first, as usual, or batch last.

The logical shape of an image batch is always (N, C, H, W). In memory the course knows two orders:

- **batch first**, C order: the entries of one row of one image lie side by side. What NumPy makes by default.
- **batch last**: memory runs through (H, C, W, N). Everything that belongs to one row of all images lies side by
  side, so one output row of a convolution is one matrix product over contiguous memory.

Operations of this package keep the order of their input, so a network that converts its images once
with :func:`batch_last` stays in that order from layer to layer.
"""

import numpy as np
from jaxtyping import Num

_TO_MEMORY = (2, 1, 3, 0)  # (N, C, H, W) -> (H, C, W, N)
_TO_LOGICAL = (3, 1, 0, 2)  # (H, C, W, N) -> (N, C, H, W)
_SLAB = (
    8  # images copied at a time: what is written for them stays in the fast memory, 3 times faster
)


def batch_last(x: Num[np.ndarray, "N C H W"]) -> Num[np.ndarray, "N C H W"]:
    """Return the same array in batch-last order; itself if it is so already."""
    return from_rows(rows(x))


def batch_first(x: Num[np.ndarray, "N C H W"]) -> Num[np.ndarray, "N C H W"]:
    """Return the same array in batch-first order (C order); itself if it is so already."""
    if x.flags.c_contiguous:
        return x
    copy = np.empty(x.shape, x.dtype)
    for h in range(x.shape[2]):  # row by row: what is read for one row still fits the fast memory
        copy[:, :, h] = x[:, :, h]
    return copy


def is_batch_last(x: np.ndarray) -> bool:
    """Say whether an (N, C, H, W) array lies in memory as (H, C, W, N)."""
    return x.ndim == 4 and x.transpose(_TO_MEMORY).flags.c_contiguous and not x.flags.c_contiguous


def rows(x: Num[np.ndarray, "N C H W"]) -> Num[np.ndarray, "H C W N"]:
    """Return an (N, C, H, W) array as (H, C, W, N), contiguous; a view if it is batch last already."""
    memory = x.transpose(_TO_MEMORY)
    if memory.flags.c_contiguous:
        return memory
    copy = np.empty(memory.shape, x.dtype)
    for n in range(0, len(x), _SLAB):
        from_rows(copy)[n : n + _SLAB] = x[n : n + _SLAB]
    return copy


def from_rows(memory: Num[np.ndarray, "H C W N"]) -> Num[np.ndarray, "N C H W"]:
    """Return the logical (N, C, H, W) view of an (H, C, W, N) array."""
    return memory.transpose(_TO_LOGICAL)


def empty_like_order(
    x: np.ndarray, shape: tuple[int, int, int, int], dtype: np.dtype
) -> np.ndarray:
    """Return an uninitialized (N, C, H, W) array of this shape in the memory order of x."""
    if not is_batch_last(x):
        return np.empty(shape, dtype)
    N, C, H, W = shape
    return from_rows(np.empty((H, C, W, N), dtype))


def in_order(memory: Num[np.ndarray, "H C W N"], last: bool) -> Num[np.ndarray, "N C H W"]:
    """Return an (H, C, W, N) array as (N, C, H, W): batch last as it is, or copied to batch first."""
    return from_rows(memory) if last else batch_first(from_rows(memory))
