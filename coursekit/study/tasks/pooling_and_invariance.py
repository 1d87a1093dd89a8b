"""The exercises of chapter 04: pooling, what it forgets, what a stride does, and what a unit sees.

Those on convolutions and on what a unit sees stand in modules of their own.
"""

import numpy as np

from coursekit.reference import average_pool2d, max_pool2d
from coursekit.study.task import Case, Misconception, Task
from coursekit.study.tasks.pooling_and_invariance_backward import BACKWARD, GRID
from coursekit.study.tasks.pooling_and_invariance_convolution import BLUR, KERNELS
from coursekit.study.tasks.pooling_and_invariance_fields import FIELD

Rng = np.random.Generator

# --- 4.1 The largest of every window --------------------------------------------------------------------------


def _pool_cases(rng: Rng) -> list[Case]:
    cases = [
        Case((GRID, 2, 2), label="the chapter's 4 × 4 numbers, F = 2, S = 2"),
        Case((GRID, 2, 1), label="the chapter's 4 × 4 numbers, F = 2, S = 1"),
    ]
    for H, W, F, S in [(5, 7, 3, 2), (8, 6, 2, 3), (7, 9, 4, 2)]:
        x = rng.normal(size=(H, W)).round(2)
        cases.append(Case((x, F, S), label=f"{H} × {W} numbers, F = {F}, S = {S}"))
    below = -rng.uniform(0.1, 5, size=(4, 7)).round(2)
    return [*cases, Case((below, 2, 2), label="4 × 7 numbers, all below 0, F = 2, S = 2")]


def _pool(x: np.ndarray, F: int, S: int) -> np.ndarray:
    y: np.ndarray = max_pool2d(x[None, None], F, stride=S)[0, 0]
    return y


def _mean(x: np.ndarray, F: int, S: int) -> np.ndarray:
    y: np.ndarray = average_pool2d(x[None, None], F, stride=S)[0, 0]
    return y


def _every_window(x: np.ndarray, rows: range, columns: range, F: int) -> np.ndarray:
    return np.array([[x[i : i + F, j : j + F].max() for j in columns] for i in rows])


def _last_place_missing(x: np.ndarray, F: int, S: int) -> np.ndarray:
    H, W = x.shape
    return _every_window(x, range(0, H - F, S), range(0, W - F, S), F)


def _over_the_end(x: np.ndarray, F: int, S: int) -> np.ndarray:
    H, W = x.shape
    return _every_window(x, range(0, H, S), range(0, W, S), F)


def _counted_by_strides(x: np.ndarray, F: int, S: int) -> np.ndarray:
    rows, columns = (range(0, side // S * S, S) for side in x.shape)
    return _every_window(x, rows, columns, F)


def _one_apart(x: np.ndarray, F: int, S: int) -> np.ndarray:
    rows, columns = _pool(x, F, S).shape
    return _every_window(x, range(rows), range(columns), F)


def _at_places_of_x(x: np.ndarray, F: int, S: int) -> np.ndarray:
    y = np.zeros(_pool(x, F, S).shape)
    for i in range(0, x.shape[0] - F + 1, S):
        for j in range(0, x.shape[1] - F + 1, S):
            y[i, j] = x[i : i + F, j : j + F].max()
    return y


def _sliced_twice(x: np.ndarray, F: int, S: int) -> np.ndarray:
    y = np.zeros(_pool(x, F, S).shape)
    for i, j in np.ndindex(*y.shape):
        y[i, j] = x[i * S : i * S + F][j * S : j * S + F].max()
    return y


def _exchanged(x: np.ndarray, F: int, S: int) -> np.ndarray:
    y = np.zeros(_pool(x, F, S).shape)
    for i, j in np.ndindex(*y.shape):
        y[i, j] = x[j * S : j * S + F, i * S : i * S + F].max()
    return y


def _height_for_both(x: np.ndarray, F: int, S: int) -> np.ndarray:
    rows = range(0, x.shape[0] - F + 1, S)
    return _every_window(x, rows, rows, F)


def _apart_by_window(x: np.ndarray, F: int, S: int) -> np.ndarray:
    rows, columns = (range(0, n * F, F) for n in _pool(x, F, S).shape)
    return _every_window(x, rows, columns, F)


def _other_window(x: np.ndarray, F: int, S: int, side: int) -> np.ndarray:
    rows, columns = (range(0, n * S, S) for n in _pool(x, F, S).shape)
    return _every_window(x, rows, columns, side)


POOL = Task(
    id="4.1",
    title="The largest of every window",
    points=3,
    minutes=8,
    difficulty=1,
    name="max_pool",
    cases=_pool_cases,
    reference=_pool,
    hints=(
        "How many windows fit below each other? As many as a kernel of F with stride S has places on H entries: "
        "(H - F) // S + 1. The same for the width.",
        "Window (i, j) begins at row i * S and column j * S and is F long: "
        "`x[i * S : i * S + F, j * S : j * S + F]`. Fill y[i, j] with its largest entry.",
    ),
    misconceptions=(
        Misconception(
            "begins with zero",
            "Where all numbers of a window are below 0, you answer 0, which is not in the window: start from one of "
            "its numbers, or take `.max()` of the whole window.",
            lambda x, F, S: np.maximum(_pool(x, F, S), 0),
        ),
        Misconception(
            "mean instead of maximum",
            "You took the mean of each window; this task keeps its largest entry.",
            _mean,
        ),
        Misconception(
            "stride forgotten",
            "Your window moves by one entry whatever S is, so you have too many windows.",
            lambda x, F, S: _pool(x, F, 1),
        ),
        Misconception(
            "windows always side by side",
            "Your windows lie side by side: you moved them by F. How far they move is a number of its own, S.",
            lambda x, F, S: _pool(x, F, F),
        ),
        Misconception(
            "as many windows, one entry apart",
            "You have the right number of windows, but number i begins at entry i; it should begin at i * S.",
            _one_apart,
        ),
        Misconception(
            "last window missing",
            "You stop before the last window that still fits: it may begin at entry H - F, and `range` leaves out "
            "its end.",
            _last_place_missing,
        ),
        Misconception(
            "fence post",
            "You counted the steps between windows, (H - F) // S; there is one window more than there are steps.",
            lambda x, F, S: _pool(x, F, S)[:-1, :-1],
        ),
        Misconception(
            "windows counted by strides",
            "You counted H // S windows. The last of them hang over the end, where Python cuts the slice off without a "
            "word; a window has to fit whole.",
            _counted_by_strides,
        ),
        Misconception(
            "windows over the end",
            "You also kept windows that hang over an end. Python cuts such a slice off without a word; keep only "
            "the windows that lie inside whole.",
            _over_the_end,
        ),
        Misconception(
            "window one entry short",
            "Your windows are one entry short on each side: a slice leaves out its end, so a : a + F already has "
            "F entries.",
            lambda x, F, S: _other_window(x, F, S, F - 1),
        ),
        Misconception(
            "window as large as the stride",
            "Your windows have S entries a side. S says how far they move; how large they are is F.",
            lambda x, F, S: _other_window(x, F, S, S),
        ),
        Misconception(
            "right number of windows, F apart",
            "You have the right number of windows, but number i begins at entry i * F; it should begin at i * S.",
            _apart_by_window,
        ),
        Misconception(
            "places of x used in y",
            "You wrote to y[i, j] where i and j count entries of x. y has one entry a window: let i and j count "
            "windows, which begin at i * S and j * S.",
            _at_places_of_x,
        ),
        Misconception(
            "sliced twice, or Python's max",
            "Two things raise this everywhere. `x[a:b][c:d]` cuts the rows twice and leaves an empty array: write "
            "`x[a:b, c:d]`. And Python's own `max` cannot compare rows: write `.max()`.",
            _sliced_twice,
        ),
        Misconception(
            "rows and columns exchanged",
            "You exchanged rows and columns: for y[i, j] the rows of the window begin at i * S, its columns at j * S.",
            _exchanged,
        ),
        Misconception(
            "height for both",
            "You counted the windows below each other and used that number for both directions; count along the width "
            "too.",
            _height_for_both,
        ),
        Misconception(
            "numbers in one row",
            "Your numbers are right and stand in one row. Arrange them like the windows, with (H - F) // S + 1 rows.",
            lambda x, F, S: _pool(x, F, S).ravel(),
        ),
    ),
)

# --- 4.2 What stays -------------------------------------------------------------------------------------------


def _stay_cases(rng: Rng) -> list[Case]:
    by_hand = np.array([[0.0, 9, 0, 0, 0, 5, 0, 0], [0, 0, 0, 0, 7, 0, 0, 3]])
    cases = [Case((by_hand, 2, 1), label="2 × 8 numbers, F = 2, moved by 1")]
    for H, W, F, d in [(6, 12, 3, 1), (8, 16, 2, 1), (8, 16, 4, 2), (9, 15, 3, 2), (12, 20, 4, 3)]:
        x = rng.integers(0, 40, size=(H, W)).astype(float)
        cases.append(Case((x, F, d), label=f"{H} × {W} numbers, F = {F}, moved by {d}"))
    # one window wide, so that all stay; what comes in from elsewhere shows in one window or in two
    narrow = np.stack([rng.integers(20, 40, size=40), rng.integers(0, 20, size=40)], axis=1) * 1.0
    narrow[1, 1] = 99
    return [*cases, Case((narrow, 2, 1), label="40 × 2 numbers, F = 2, moved by 1")]


def _stays(x: np.ndarray, F: int, d: int) -> float:
    return _stays_when(x, np.roll(x, d, axis=1), F)


def _stays_when(x: np.ndarray, moved: np.ndarray, F: int) -> float:
    return float(np.mean(_pool(x, F, F) == _pool(moved, F, F)))


def _nothing_comes_back(x: np.ndarray, F: int, d: int) -> float:
    return _stays_when(x, np.pad(x, ((0, 0), (d, 0)))[:, : x.shape[1]], F)


def _pooled_moved(x: np.ndarray, F: int, d: int) -> float:
    pooled = _pool(x, F, F)
    return float(np.mean(pooled == np.roll(pooled, d, axis=1)))


def _compared_with_moved_pooled(x: np.ndarray, F: int, d: int) -> float:
    return float(np.mean(np.roll(_pool(x, F, F), d, axis=1) == _pool(np.roll(x, d, axis=1), F, F)))


def _means_stay(x: np.ndarray, F: int, d: int) -> float:
    return float(np.mean(_mean(x, F, F) == _mean(np.roll(x, d, axis=1), F, F)))


def _overlapping(x: np.ndarray, F: int, d: int) -> float:
    return float(np.mean(_pool(x, F, 1) == _pool(np.roll(x, d, axis=1), F, 1)))


def _along_the_rows(x: np.ndarray, F: int, d: int) -> float:
    before, after = (one.reshape(-1, F * F).max(axis=1) for one in (x, np.roll(x, d, axis=1)))
    return float(np.mean(before == after))


def _other_axes(x: np.ndarray, F: int, d: int) -> float:
    H, W = x.shape
    before, after = (
        one.reshape(H // F, F, W // F, F).max(axis=(0, 2)) for one in (x, np.roll(x, d, axis=1))
    )
    return float(np.mean(before == after))


STAYS = Task(
    id="4.2",
    title="What stays",
    points=2,
    minutes=8,
    difficulty=2,
    name="share_that_stays",
    returns=("the share",),
    cases=_stay_cases,
    reference=_stays,
    hints=(
        "Four steps: pool x; move x; pool what you moved; compare the two pooled arrays.",
        "`np.roll(x, d, axis=1)` moves the columns. Windows side by side are what `reshape` makes: "
        "`x.reshape(H // F, F, W // F, F)`, and the maximum over axes 1 and 3 pools.",
        "`before == after` is an array of True and False, and its mean is the share of True.",
    ),
    misconceptions=(
        Misconception(
            "share that changes",
            "That is the share that changes; asked was for what stays.",
            lambda x, F, d: 1 - _stays(x, F, d),
        ),
        Misconception(
            "number instead of share",
            "You counted the windows that stay; divide by how many there are.",
            lambda x, F, d: round(_stays(x, F, d) * _pool(x, F, F).size),
        ),
        Misconception(
            "percent",
            "You answered in percent; a share lies between 0 and 1.",
            lambda x, F, d: 100 * _stays(x, F, d),
        ),
        Misconception(
            "pixels instead of windows",
            "You compared the pictures themselves. Pool both first: the question is what the pooled ones have in "
            "common.",
            lambda x, F, d: float(np.mean(x == np.roll(x, d, axis=1))),
        ),
        Misconception(
            "pooled picture moved",
            "You moved the pooled picture. What moves is the input; pool it anew after it has moved.",
            _pooled_moved,
        ),
        Misconception(
            "compared with the moved pooled picture",
            "You compared with the pooled picture moved along, which asks for equivariance. To stay means to be the "
            "same in the same window.",
            _compared_with_moved_pooled,
        ),
        Misconception(
            "moved down",
            "Your picture moved down: axis 0 are the rows. To the right is axis 1.",
            lambda x, F, d: _stays_when(x, np.roll(x, d, axis=0), F),
        ),
        Misconception(
            "moved through all rows",
            "What left a row on the right came in again in the next row: without an axis, `np.roll` treats the "
            "picture as one long line.",
            lambda x, F, d: _stays_when(x, np.roll(x, d), F),
        ),
        Misconception(
            "moved to the left",
            "Your picture moved to the left.",
            lambda x, F, d: _stays_when(x, np.roll(x, -d, axis=1), F),
        ),
        Misconception(
            "zeros come in",
            "Zeros come in at your left side; here, what leaves on the right comes in again.",
            _nothing_comes_back,
        ),
        Misconception(
            "divided by the pixels",
            "You divided by the number of pixels; there are fewer windows than that.",
            lambda x, F, d: _stays(x, F, d) / F**2,
        ),
        Misconception(
            "means",
            "You compared the means of the windows; this task is about their maxima.",
            _means_stay,
        ),
        Misconception(
            "divided by the rows",
            "You divided by `len`, which counts rows of windows; divide by all windows, or take `.mean()`.",
            lambda x, F, d: _stays(x, F, d) * (x.shape[1] // F),
        ),
        Misconception(
            "windows overlap",
            "Your windows move by one entry and overlap; side by side, they move by F.",
            _overlapping,
        ),
        Misconception(
            "pieces of rows for windows",
            "`reshape(-1, F * F)` cuts rows into pieces and makes no squares. Four axes do: which row of windows, row "
            "inside, which column of windows, column inside.",
            _along_the_rows,
        ),
        Misconception(
            "maximum over the wrong axes",
            "Of (H // F, F, W // F, F) you took the maximum over axes 0 and 2, which say which window. Inside a window "
            "are axes 1 and 3.",
            _other_axes,
        ),
    ),
)

# --- 4.7 In your own words ------------------------------------------------------------------------------------

WORDS = Task(
    id="4.7",
    title="What should stay, and what should move",
    points=2,
    minutes=8,
    difficulty=2,
    name="invariance and equivariance of three tasks",
    kind="written",
    hints=(
        "For each of the three, imagine the picture moved by a few pixels. Should the answer be the same, move along, "
        "or become another one?",
        "Then ask which layer forgets what: stride and pooling a little of the place, a mean over the whole map "
        "all of it.",
    ),
)

TASKS = (POOL, STAYS, KERNELS, BLUR, FIELD, BACKWARD, WORDS)
