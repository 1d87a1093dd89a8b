"""The exercise 16.5: the matrix of a convolution with one wrong entry."""

from collections.abc import Callable

import numpy as np

from coursekit.reference import toeplitz2d
from coursekit.study.task import Case, Misconception, Task

Array = np.ndarray
Rng = np.random.Generator
Entry = tuple[int, int, float]

KERNEL = np.array([[1.0, 4.0, 1.0], [1.0, 4.0, 3.0], [3.0, 3.0, 1.0]])


def matrix(w: Array, H: int, W: int) -> Array:
    """Return the matrix as a full array."""
    T = toeplitz2d(w, H, W)
    return np.asarray(T.toarray() if hasattr(T, "toarray") else T, dtype=float)


def first_entry(right: Array, printed: Array) -> Entry:
    """Return the first entry, row by row, at which two matrices differ."""
    i, j = np.unravel_index(int(np.argmax(right != printed)), right.shape)
    return int(i), int(j), float(right[i, j])


def _cases(rng: Rng) -> list[Case]:
    printed = matrix(KERNEL, 4, 4)
    printed[2, 6] = 3.0  # in place of 1: the last column of the kernel's first row
    cases = [Case((KERNEL, 4, 4, printed), label="the slide")]
    for F, H, W, row in ((2, 3, 4, 0), (3, 5, 4, None)):
        w = rng.permutation(np.arange(1, F * F + 1)).astype(float)  # no two alike
        printed = matrix(w.reshape(F, F), H, W)
        k = int(rng.integers(1, len(printed))) if row is None else row
        # a place with a number below 1 in the last case, else one that should be zero: in its row's far half
        places = np.flatnonzero(printed[k] != 0) if row is None else np.flatnonzero(printed[k] == 0)
        j = int(rng.choice(places[1:]))
        printed[k, j] = float(rng.integers(F * F + 1, F * F + 5))
        cases.append(Case((w.reshape(F, F), H, W, printed), label=f"{F} × {F} on {H} × {W}"))
    return cases


def _find(w: Array, H: int, W: int, printed: Array) -> Entry:
    return first_entry(matrix(w, H, W), printed)


def _by(compute: Callable[[Array, int, int], Array]) -> Callable[..., Entry]:
    def found(w: Array, H: int, W: int, printed: Array) -> Entry:
        return first_entry(compute(w, H, W), printed)

    return found


def _rows_side_by_side(w: Array, H: int, W: int) -> Array:
    """Put the rows of the kernel one behind the other, without the gap that a row of the image leaves."""
    F = len(w)
    T = np.zeros(((H - F + 1) * (W - F + 1), H * W))
    for k, row in enumerate(T):
        i, j = divmod(k, W - F + 1)
        start = i * W + j
        row[start : start + F * F] = w.ravel()[: len(row) - start]
    return T


def _by_one(w: Array, H: int, W: int) -> Array:
    """Move every row one step on, also where the window begins a new row of the image."""
    T = matrix(w, H, W)
    return np.array([np.roll(T[0], k) for k in range(len(T))])


def _column_by_row(w: Array, H: int, W: int, printed: Array) -> Entry:
    i, j, right = _find(w, H, W, printed)
    return j, i, right


def _from_one(w: Array, H: int, W: int, printed: Array) -> Entry:
    i, j, right = _find(w, H, W, printed)
    return i + 1, j + 1, right


def _only_where_weights_are(w: Array, H: int, W: int, printed: Array) -> Entry:
    right = matrix(w, H, W)
    return first_entry(right, np.where(right == 0, 0, printed))


def _printed_entry(w: Array, H: int, W: int, printed: Array) -> Entry:
    i, j, _ = _find(w, H, W, printed)
    return i, j, float(printed[i, j])


ENTRY = Task(
    id="16.5",
    title="A matrix with one wrong entry",
    points=4,
    minutes=15,
    difficulty=3,
    name="wrong_entry",
    returns=("row", "column", "right"),
    cases=_cases,
    reference=_find,
    misconceptions=(
        Misconception(
            "kernel flipped",
            "Your matrix has the kernel turned around. In this course, as on the slide, the kernel is laid on the "
            "image as it is.",
            _by(lambda w, H, W: matrix(w[::-1, ::-1].copy(), H, W)),
        ),
        Misconception(
            "rows of the kernel without a gap",
            "In your matrix the rows of the kernel follow each other directly. Between them lie the pixels of the "
            "image's row that the window does not cover.",
            _by(_rows_side_by_side),
        ),
        Misconception(
            "always one step on",
            "Each row of your matrix is the one above, one step on. When the window begins a new row of the image, "
            "it jumps further.",
            _by(_by_one),
        ),
        Misconception(
            "kernel transposed",
            "Your matrix has rows and columns of the kernel exchanged.",
            _by(lambda w, H, W: matrix(w.T.copy(), H, W)),
        ),
        Misconception(
            "only where weights are",
            "You compare the entries that hold weights. An entry that should be 0 may be wrong too.",
            _only_where_weights_are,
        ),
        Misconception(
            "column before row",
            "You return the column before the row.",
            _column_by_row,
        ),
        Misconception(
            "counted from one",
            "Row and column are one too high. Python counts from 0, and so do these exercises.",
            _from_one,
        ),
        Misconception(
            "the printed entry",
            "You return the entry that the slide prints. That one is wrong; what would be right in its place?",
            _printed_entry,
        ),
    ),
    hints=(
        "Each row of the matrix is one place of the window; each column one pixel, row by row.",
        "Lay the kernel into an image of zeros at one place, then write that image as one row: `.ravel()`.",
        "np.argwhere(right != printed) gives the row and the column.",
    ),
)
