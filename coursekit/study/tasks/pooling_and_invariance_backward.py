"""The exercise of chapter 04 on the way back through max pooling."""

import numpy as np

from coursekit.reference import (
    average_pool2d_backward,
    average_pool2d_forward,
    max_pool2d_backward,
    max_pool2d_forward,
)
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator
GRID = np.array([[1.0, 4, 2, 1], [5, 8, 3, 4], [7, 6, 4, 5], [1, 3, 1, 2]])  # CS7015, slide 44


def _backward_cases(rng: Rng) -> list[Case]:
    dy = np.arange(1.0, 10).reshape(3, 3)
    cases = [
        Case((dy, GRID + np.arange(16).reshape(4, 4) / 100, 2, 1), label="4 × 4, F = 2, S = 1")
    ]
    for H, W, F, S in [(4, 6, 2, 2), (5, 7, 3, 2), (7, 6, 3, 1), (8, 9, 4, 3)]:
        x = (rng.permutation(H * W) - H * W // 2).reshape(H, W) / 4  # no two are equal
        shape = ((H - F) // S + 1, (W - F) // S + 1)
        cases.append(
            Case((rng.normal(size=shape).round(2), x, F, S), label=f"{H} × {W}, F = {F}, S = {S}")
        )
    return cases


def _backward(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    cache = max_pool2d_forward(x[None, None], F, stride=S)[1]
    dx: np.ndarray = max_pool2d_backward(dy[None, None], cache)[0, 0]
    return dx


def _shared_out(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    cache = average_pool2d_forward(x[None, None], F, stride=S)[1]
    dx: np.ndarray = average_pool2d_backward(dy[None, None], cache)[0, 0]
    return dx


def _winners(
    x: np.ndarray, F: int, S: int, shape: tuple[int, ...]
) -> list[tuple[int, int, int, int]]:
    """Return for each window its place (i, j) and where in it the largest entry stands (a, m)."""
    found = []
    for i, j in np.ndindex(*shape):
        a, m = divmod(int(x[i * S : i * S + F, j * S : j * S + F].argmax()), F)
        found.append((i, j, a, m))
    return found


def _overwritten(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    dx = np.zeros_like(x)
    for i, j, a, m in _winners(x, F, S, dy.shape):
        dx[i * S + a, j * S + m] = dy[i, j]
    return dx


def _erased(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    dx = np.zeros_like(x)
    for i, j, a, m in _winners(x, F, S, dy.shape):
        dx[i * S : i * S + F, j * S : j * S + F] = 0
        dx[i * S + a, j * S + m] = dy[i, j]
    return dx


def _counted_through_x(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    dx = np.zeros_like(x)
    for i, j, a, m in _winners(x, F, S, dy.shape):
        dx.flat[a * F + m] += dy[i, j]
    return dx


def _transposed(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    dx = np.zeros_like(x)
    for i, j, a, m in _winners(x, F, S, dy.shape):
        dx[i * S + m, j * S + a] += dy[i, j]
    return dx


def _stride_forgotten(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    dx = np.zeros_like(x)
    for i, j, a, m in _winners(x, F, 1, dy.shape):
        dx[i + a, j + m] += dy[i, j]
    return dx


def _added_without_stride(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    dx = np.zeros_like(x)
    for i, j, a, m in _winners(x, F, S, dy.shape):
        dx[i + a, j + m] += dy[i, j]
    return dx


def _row_by_argmax(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    dx = np.zeros_like(x)
    for i, j, a, m in _winners(x, F, S, dy.shape):
        dx[i * S : i * S + F, j * S : j * S + F][a * F + m] += dy[i, j]
    return dx


def _places_of_x_in_dy(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    dx = np.zeros_like(x)
    for i, j, a, m in _winners(x, F, S, dy.shape):
        dx[i * S + a, j * S + m] += dy[i * S, j * S]
    return dx


def _place_in_window(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    dx = np.zeros_like(x)
    for i, j, a, m in _winners(x, F, S, dy.shape):
        dx[a, m] += dy[i, j]
    return dx


def _times_x(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    return _backward(dy, x, F, S) * x


def _own_value(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    return _times_x(np.ones_like(dy), x, F, S)


BACKWARD = Task(
    id="4.6",
    title="The way back through max pooling",
    points=4,
    minutes=15,
    difficulty=3,
    name="max_pool_backward",
    returns=("dx",),
    cases=_backward_cases,
    reference=_backward,
    hints=(
        "y[i, j] is a copy of one entry of its window. If that entry grows a little, y[i, j] grows by the same; if "
        "another one does, nothing happens.",
        "Loop over the windows as in 4.1. `argmax` of a window counts through it row by row; "
        "`np.unravel_index(k, window.shape)` makes a row and a column of it.",
        "That row and column count from the corner of the window, which stands at i * S, j * S. An entry may win "
        "several windows: add.",
    ),
    misconceptions=(
        Misconception(
            "overwritten instead of added",
            "Where an entry wins several windows, only the last one's gradient is left: use +=.",
            _overwritten,
        ),
        Misconception(
            "erased by the next window",
            "A window writes zeros over what earlier windows left for its other entries: add to the slice of dx, with "
            "+=.",
            _erased,
        ),
        Misconception(
            "counted through x",
            "You took the `argmax` of a window as a place in x. It counts through the window; make a row and a column "
            "of it and add where the window begins.",
            _counted_through_x,
        ),
        Misconception(
            "shared out",
            "You shared the gradient out among all entries of the window, as average pooling does. The maximum comes "
            "from one of them.",
            _shared_out,
        ),
        Misconception(
            "given to the whole window",
            "Every entry of a window gets the full gradient. Would y[i, j] change if an entry grew a little that is "
            "not the largest?",
            lambda dy, x, F, S: _shared_out(dy, x, F, S) * F**2,
        ),
        Misconception(
            "dy forgotten",
            "Your winners get 1 for each window that they won; what comes back is the dy of that window.",
            lambda dy, x, F, S: _backward(np.ones_like(dy), x, F, S),
        ),
        Misconception(
            "times x",
            "You multiplied with the entry that won. y is a copy of it, so when it grows by a little, y grows by just "
            "that: the factor is 1.",
            _times_x,
        ),
        Misconception(
            "place in the window taken for place in x",
            "You used the winner's place inside its window as its place in x: add where the window begins, i * S "
            "and j * S.",
            _place_in_window,
        ),
        Misconception(
            "stride forgotten",
            "Your windows begin at i, j whatever S is; they begin at i * S, j * S.",
            _stride_forgotten,
        ),
        Misconception(
            "row and column exchanged",
            "Inside the window you exchanged row and column: `argmax` counts row by row, so the row is k // F and the "
            "column k % F.",
            _transposed,
        ),
        Misconception(
            "added without the stride",
            "You looked into the right window and then added at i + a, j + m: the window begins at i * S, j * S.",
            _added_without_stride,
        ),
        Misconception(
            "argmax taken for a row",
            "`argmax` of a window counts all its entries, and you used it as a row. Make a row and a column "
            "of it with `np.unravel_index`.",
            _row_by_argmax,
        ),
        Misconception(
            "places of x used in dy",
            "You read dy[i, j] where i and j count entries of x. dy has one entry a window: let i and j count windows.",
            _places_of_x_in_dy,
        ),
        Misconception(
            "written into a copy",
            "Your dx is 0 everywhere. If you wrote into `.flatten()` or `.ravel()` of a slice, that was a copy: write "
            "into dx itself.",
            lambda dy, x, F, S: np.zeros_like(x),
        ),
        Misconception(
            "value instead of gradient",
            "Your winners get their own value. What comes back to them is dy of their window; how large they are does "
            "not matter.",
            _own_value,
        ),
    ),
)
