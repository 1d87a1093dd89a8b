"""Exercises 2.1 and 2.2: how many places, and the window that slides."""

from collections.abc import Callable

import numpy as np

from coursekit.reference import conv2d
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator


def slide(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Slide one kernel over one channel."""
    y: np.ndarray = conv2d(x[None, None], w[None, None])[0, 0]
    return y


def draw(rng: Rng, *shape: int) -> np.ndarray:
    """Draw an array of numbers with two decimals."""
    return rng.normal(size=shape).round(2)


# --- 2.1 The shape of a layer's answer ------------------------------------------------------------------------

Shape = tuple[int, int, int]


def _shape_cases(rng: Rng) -> list[Case]:
    sizes = [(3, 32, 32, 6, 5, 5), (3, 40, 30, 8, 5, 3)]
    for _ in range(3):
        C, H, W, K = (int(rng.integers(low, low + 15)) for low in (2, 20, 70, 20))
        F_h, F_w = (int(F) for F in rng.permutation(8)[:2] + 1)
        sizes.append((C, H, W, K, F_h, F_w))
    label = "C = {}, H = {}, W = {}, K = {}, F_h = {}, F_w = {}"
    return [Case(size, label=label.format(*size)) for size in sizes]


def _layer_shape(C: int, H: int, W: int, K: int, F_h: int, F_w: int) -> Shape:
    return K, H - F_h + 1, W - F_w + 1


SHAPE = Task(
    id="2.1",
    title="The shape of a layer's answer",
    points=1,
    minutes=3,
    difficulty=1,
    name="layer_shape",
    returns=("the number of maps", "the number of rows", "the number of columns"),
    cases=_shape_cases,
    reference=_layer_shape,
    hints=(
        "One kernel has a slice for each channel and adds everything up: how many maps does one kernel make? And K "
        "kernels?",
        "Rows and columns are counted as in chapter 01, each by itself: H - F_h + 1 places from top to bottom.",
    ),
    misconceptions=(
        Misconception(
            "as many maps as channels",
            "Your answer has one map for each channel of the input. The channels are summed; how many maps there are "
            "is decided by something else.",
            lambda C, H, W, K, F_h, F_w: (C, H - F_h + 1, W - F_w + 1),
        ),
        Misconception(
            "a map for each kernel and channel",
            "You counted a map for every kernel and every channel. A kernel adds its channels up into one map.",
            lambda C, H, W, K, F_h, F_w: (C * K, H - F_h + 1, W - F_w + 1),
        ),
        Misconception(
            "one map",
            "That is the answer of one kernel; the layer has K of them.",
            lambda C, H, W, K, F_h, F_w: (1, H - F_h + 1, W - F_w + 1),
        ),
        Misconception(
            "fence post",
            "You counted the steps between places; in each direction there is one place more than there are steps.",
            lambda C, H, W, K, F_h, F_w: (K, H - F_h, W - F_w),
        ),
        Misconception(
            "as large as the image",
            "Your maps are as large as the image: without padding the kernel cannot be centered on the pixels at the "
            "border.",
            lambda C, H, W, K, F_h, F_w: (K, H, W),
        ),
        Misconception(
            "width first",
            "You put columns before rows: shapes are written channels, rows, columns.",
            lambda C, H, W, K, F_h, F_w: (K, W - F_w + 1, H - F_h + 1),
        ),
        Misconception(
            "channels last",
            "Your numbers are right and in another order: this course writes maps first, then rows, then columns.",
            lambda C, H, W, K, F_h, F_w: (H - F_h + 1, W - F_w + 1, K),
        ),
        Misconception(
            "height of the kernel taken from the width of the image",
            "F_h is how many rows the kernel has and goes with H; F_w goes with W.",
            lambda C, H, W, K, F_h, F_w: (K, H - F_w + 1, W - F_h + 1),
        ),
        Misconception(
            "square",
            "You used the rows for the columns too: neither image nor kernel has to be square.",
            lambda C, H, W, K, F_h, F_w: (K, H - F_h + 1, H - F_h + 1),
        ),
        Misconception(
            "windows side by side",
            "You divided, as if the windows lay side by side. They overlap: the kernel moves on by one pixel.",
            lambda C, H, W, K, F_h, F_w: (K, H // F_h, W // F_w),
        ),
        Misconception(
            "places that hang over",
            "You counted places where the kernel hangs over an edge as well; here it must lie on the image whole.",
            lambda C, H, W, K, F_h, F_w: (K, H + F_h - 1, W + F_w - 1),
        ),
    ),
)

# --- 2.2 The sliding window -----------------------------------------------------------------------------------


def _window_cases(rng: Rng) -> list[Case]:
    by_hand = np.array([[1.0, 2, 0], [0, 1, 3], [2, 0, 1]]), np.array([[1.0, -1], [2, 0]])
    cases = [Case(by_hand, label="x of 3 by 3, w = 1 -1 / 2 0")]
    for H, W, F_h, F_w in [(5, 6, 3, 3), (4, 7, 2, 3), (6, 5, 3, 1), (4, 4, 4, 4)]:
        label = f"x of {H} by {W}, w of {F_h} by {F_w}"
        cases.append(Case((draw(rng, H, W), draw(rng, F_h, F_w)), label=label))
    return cases


def _only(y: np.ndarray, rows: int | None, columns: int | None) -> np.ndarray:
    """Return y with zeros outside the first rows and columns."""
    kept = np.zeros(y.shape)
    kept[:rows, :columns] = y[:rows, :columns]
    return kept


def _in_a_frame(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Return the answers in an array as large as the image, zeros at the end."""
    y, frame = slide(x, w), np.zeros(x.shape)
    frame[: y.shape[0], : y.shape[1]] = y
    return frame


def _at_every_place(x: np.ndarray, w: np.ndarray, total: Callable[[int, int], float]) -> np.ndarray:
    """Loop over the places as the solution does; every entry is what ``total(i, j)`` returns."""
    y = np.zeros(slide(x, w).shape)
    for i, j in np.ndindex(y.shape):
        y[i, j] = total(i, j)
    return y


def _window_exchanged(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    F_h, F_w = w.shape
    return _at_every_place(x, w, lambda i, j: np.sum(x[i : i + F_w, j : j + F_h] * w))


def _read_at_j_i(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    F_h, F_w = w.shape
    return _at_every_place(x, w, lambda i, j: np.sum(x[j : j + F_h, i : i + F_w] * w))


def _slices_that_stay(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    F_h, F_w = w.shape
    return _at_every_place(x, w, lambda i, j: np.sum(x[i:F_h, j:F_w] * w))


def _matrix_product(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    F_h, F_w = w.shape
    return _at_every_place(x, w, lambda i, j: np.sum(x[i : i + F_h, j : j + F_w] @ w))


def _written_at_j_i(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    right = slide(x, w)
    y = np.zeros(right.shape)
    for i, j in np.ndindex(y.shape):
        y[j, i] = right[i, j]
    return y


def _a_window_for_every_pixel(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Return sums over windows that are cut short at the far edges, which mostly raises."""
    (F_h, F_w), y = w.shape, np.zeros(x.shape)
    for i, j in np.ndindex(y.shape):
        y[i, j] = np.sum(x[i : i + F_h, j : j + F_w] * w)
    return y


WINDOW = Task(
    id="2.2",
    title="The sliding window",
    points=3,
    minutes=8,
    difficulty=1,
    name="slide2d",
    cases=_window_cases,
    reference=lambda x, w: slide(x, w),
    hints=(
        "Start from an array of zeros with H - F_h + 1 rows and W - F_w + 1 columns. You need two loops, one over the "
        "rows of the output and one over its columns.",
        "At place (i, j) the window is `x[i : i + F_h, j : j + F_w]`. It has the shape of w: multiply the two with "
        "`*`, then add everything up with `np.sum`.",
    ),
    misconceptions=(
        Misconception(
            "kernel turned",
            "Your kernel is turned by 180 degrees: w[0, 0] must meet the top left pixel of the window. That is "
            "convolution in the sense of mathematics; the sliding window does not turn.",
            lambda x, w: slide(x, w[::-1, ::-1]),
        ),
        Misconception(
            "flipped upside down",
            "The rows of your kernel run upward: row a of the kernel meets row i + a of the image.",
            lambda x, w: slide(x, w[::-1]),
        ),
        Misconception(
            "flipped left to right",
            "The columns of your kernel run to the left: column b of the kernel meets column j + b of the image.",
            lambda x, w: slide(x, w[:, ::-1]),
        ),
        Misconception(
            "last row and column missing",
            "Your loops stop one place early: there are H - F_h + 1 rows of places, and `range` leaves out its end.",
            lambda x, w: slide(x, w)[:-1, :-1],
        ),
        Misconception(
            "last row and column zero",
            "Your array has the right shape, but the last row and column are never filled: `range` leaves out its end.",
            lambda x, w: _only(slide(x, w), -1, -1),
        ),
        Misconception(
            "mean instead of sum",
            "You divided by the number of weights. The kernel already holds the weights; add the products up, no more.",
            lambda x, w: slide(x, w) / w.size,
        ),
        Misconception(
            "last product only",
            "Only the last product of every window is left: your inner loop assigns where it should add, with +=.",
            lambda x, w: x[len(w) - 1 :, w.shape[1] - 1 :] * w[-1, -1],
        ),
        Misconception(
            "return inside the inner loop",
            "Only y[0, 0] is filled: is `return` indented so far that it belongs to a loop?",
            lambda x, w: _only(slide(x, w), 1, 1),
        ),
        Misconception(
            "return inside the outer loop",
            "Only the first row is filled: is `return` indented so far that it belongs to the outer loop?",
            lambda x, w: _only(slide(x, w), 1, None),
        ),
        Misconception(
            "room for one output a pixel",
            "Your array is as large as the image; there are fewer places where the kernel lies on it whole.",
            _in_a_frame,
        ),
        Misconception(
            "rows and columns exchanged",
            "You wrote y[j, i] where y[i, j] belongs: i counts rows, from top to bottom, and comes first.",
            lambda x, w: slide(x, w).T.copy(),
        ),
        Misconception(
            "written at (j, i)",
            "You wrote y[j, i] where y[i, j] belongs, which also runs off the array where it is not square: i counts "
            "rows, from top to bottom, and comes first.",
            _written_at_j_i,
        ),
        Misconception(
            "read at (j, i)",
            "Your window starts at row j and column i: i counts rows, from top to bottom, and comes first.",
            _read_at_j_i,
        ),
        Misconception(
            "window with rows and columns exchanged",
            "Your window is F_w rows high and F_h columns wide: `w.shape` is (F_h, F_w), rows first.",
            _window_exchanged,
        ),
        Misconception(
            "slices that do not move",
            "Your slices end at F_h and F_w wherever they start, so the window gets smaller: `x[i : i + F_h]` has F_h "
            "rows.",
            _slices_that_stay,
        ),
        Misconception(
            "matrix product",
            "`@` multiplies rows by columns. Here every weight meets the one pixel under it: `*`, then `np.sum`.",
            _matrix_product,
        ),
        Misconception(
            "a window for every pixel",
            "Your loops go over all pixels, and the last windows are cut short by the edge. Stop at the last place "
            "where the kernel lies on the image whole.",
            _a_window_for_every_pixel,
        ),
    ),
)
