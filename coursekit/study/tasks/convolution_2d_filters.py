"""Exercises 2.3 and 2.4: a kernel turned and centered, and the strength of an edge."""

import numpy as np

from coursekit.reference import filter_centered, filter_preceding, filter_succeeding
from coursekit.study.task import Case, Misconception, Task
from coursekit.study.tasks.convolution_2d_windows import draw, slide

Rng = np.random.Generator

# --- 2.3 Centered, as large as the image ----------------------------------------------------------------------


def _centered_cases(rng: Rng) -> list[Case]:
    spot = np.zeros((3, 3))
    spot[1, 1] = 1
    by_hand = spot, np.arange(1.0, 10).reshape(3, 3)
    cases = [Case(by_hand, label="one bright pixel, w = 1 2 3 / 4 5 6 / 7 8 9")]
    for H, W, F_h, F_w in [(4, 5, 3, 3), (5, 7, 3, 5), (6, 4, 5, 3), (3, 6, 1, 3)]:
        label = f"x of {H} by {W}, w of {F_h} by {F_w}"
        cases.append(Case((draw(rng, H, W), draw(rng, F_h, F_w)), label=label))
    return cases


def _padded(x: np.ndarray, w: np.ndarray, mode: str) -> np.ndarray:
    """Slide the turned kernel over an image with a border of half a kernel."""
    border = [(F // 2, F // 2) for F in w.shape]
    return slide(np.pad(x, border, mode=mode), w[::-1, ::-1])  # type: ignore[call-overload]


def _wrapped_at_the_start(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Take pixels before the first from the far end, as Python does, and zeros behind the last."""
    before, after = [(F // 2, 0) for F in w.shape], [(0, F // 2) for F in w.shape]
    return slide(np.pad(np.pad(x, before, mode="wrap"), after), w[::-1, ::-1])


def _full(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Convolve at every place where the kernel touches the image."""
    return slide(np.pad(x, [(F - 1, F - 1) for F in w.shape]), w[::-1, ::-1])


def _bounds_of_slide_11(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Convolve with the sums that run one too far, so that Python takes row -1 for the last one."""
    (H, W), (r, s) = x.shape, (w.shape[0] // 2, w.shape[1] // 2)
    padded = np.pad(x, [(F, F) for F in w.shape])
    y = np.zeros(x.shape)
    for a in range(-r - 1, r + 1):
        for b in range(-s - 1, s + 1):
            top, left = w.shape[0] - a, w.shape[1] - b
            y += w[r + a, s + b] * padded[top : top + H, left : left + W]
    return y


def _bordered(x: np.ndarray, w: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Slide the turned kernel over an image with so many rows and columns of zeros on each side."""
    return slide(np.pad(x, ((rows, rows), (columns, columns))), w[::-1, ::-1])


def _zeros_around_the_answer(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    return np.pad(slide(x, w[::-1, ::-1]), [(F // 2, F // 2) for F in w.shape])


def _first_row_outside(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    inside = x.copy()
    inside[0], inside[:, 0] = 0, 0
    return filter_centered(inside, w)


def _sums_end_early(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    read = w.copy()
    read[-1], read[:, -1] = 0, 0
    return filter_centered(x, read)


def _kernel_from_its_corner(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Convolve with w[a, b], where Python takes negative indices from the far end."""
    return filter_centered(x, np.roll(w, (w.shape[0] // 2, w.shape[1] // 2), axis=(0, 1)))


def _nothing_outside(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Read the image without asking whether there is such a pixel."""
    (r, s), y = (w.shape[0] // 2, w.shape[1] // 2), np.zeros(x.shape)
    for i, j in np.ndindex(y.shape):
        for a in range(-r, r + 1):
            for b in range(-s, s + 1):
                y[i, j] += w[r + a, s + b] * x[i - a, j - b]
    return y


CENTERED = Task(
    id="2.3",
    title="Centered, as large as the image",
    points=3,
    minutes=12,
    difficulty=2,
    name="filter_same",
    cases=_centered_cases,
    reference=lambda x, w: filter_centered(x, w),
    hints=(
        "Put half a kernel of zeros around the image first: `np.pad(x, ((r, r), (s, s)))` with r = F_h // 2 rows above "
        "and below and s = F_w // 2 columns on either side. From there on no pixel is outside.",
        "The minus signs in x[i - a, j - b] turn the kernel by 180 degrees. `w[::-1, ::-1]` does that; what is left is "
        "the sliding window of 2.2, on the padded image.",
    ),
    misconceptions=(
        Misconception(
            "kernel not turned",
            "Your kernel is centered and not turned: with x[i - a, j - b] a step forward in the kernel is a step "
            "backward in the image. A bright pixel should leave the kernel as it is.",
            lambda x, w: filter_centered(x, w[::-1, ::-1]),
        ),
        Misconception(
            "flipped upside down only",
            "You flipped the rows of the kernel and not its columns; both indices have a minus sign.",
            lambda x, w: filter_centered(x, w[:, ::-1]),
        ),
        Misconception(
            "flipped left to right only",
            "You flipped the columns of the kernel and not its rows; both indices have a minus sign.",
            lambda x, w: filter_centered(x, w[::-1]),
        ),
        Misconception(
            "transposed",
            "You transposed the kernel, which exchanges rows and columns. A turn by 180 degrees keeps rows rows and "
            "reverses their order and their direction.",
            lambda x, w: filter_centered(x, w.T[::-1, ::-1]),
        ),
        Misconception(
            "quarter turn",
            "`np.rot90` turned your kernel by 90 degrees; you need twice as much.",
            lambda x, w: filter_centered(x, np.rot90(w)[::-1, ::-1]),
        ),
        Misconception(
            "not padded",
            "Your kernel is turned, and your output is smaller than the image: pixels outside it count as zeros.",
            lambda x, w: slide(x, w[::-1, ::-1]),
        ),
        Misconception(
            "neither turned nor padded",
            "That is the sliding window of 2.2. Here pixels outside count as zeros, so that the output is as large as "
            "the image, and the minus signs turn the kernel.",
            lambda x, w: slide(x, w),
        ),
        Misconception(
            "border repeated",
            "You repeated the pixels at the border; outside the image are zeros.",
            lambda x, w: _padded(x, w, "edge"),
        ),
        Misconception(
            "wrapped around",
            "Your image goes on at the far side, as if it were rolled up (`np.roll` does that); outside it are zeros.",
            lambda x, w: _padded(x, w, "wrap"),
        ),
        Misconception(
            "negative indices",
            "Above and to the left of the image your indices are negative, which Python takes from the far end without "
            "an error. Pixels outside the image are zeros on all four sides.",
            _wrapped_at_the_start,
        ),
        Misconception(
            "not centered",
            "Your output is moved by half a kernel: you started the kernel at its corner, and the middle of the kernel "
            "belongs on pixel (i, j). As many zeros go on one side of the image as on the other.",
            lambda x, w: filter_preceding(x, w),
        ),
        Misconception(
            "every place that touches",
            "You padded with a whole kernel less one, so your output is larger than the image: half a kernel is "
            "enough.",
            _full,
        ),
        Misconception(
            "one row too many",
            "Your sums run over one row and one column more than the kernel has; index -1 is the last one in Python, "
            "so no error warned you. Count the values of a for F_h = 3.",
            _bounds_of_slide_11,
        ),
        Misconception(
            "succeeding formula",
            "You started the kernel at its corner and did not turn it: that is slide 9's formula of the succeeding "
            "neighbors. Center the kernel, and mind the minus signs.",
            lambda x, w: filter_succeeding(x, w),
        ),
        Misconception(
            "border of one pixel",
            "Your border is one pixel wide, which fits kernels of 3 by 3 only: half a kernel is F_h // 2 rows and "
            "F_w // 2 columns.",
            lambda x, w: _bordered(x, w, 1, 1),
        ),
        Misconception(
            "border of the rows on all sides",
            "Your border is F_h // 2 wide on all sides: to the left and right it is F_w // 2.",
            lambda x, w: _bordered(x, w, w.shape[0] // 2, w.shape[0] // 2),
        ),
        Misconception(
            "borders exchanged",
            "You put the border for the columns above and below, and the one for the rows left and right: `np.pad` "
            "takes rows first.",
            lambda x, w: _bordered(x, w, w.shape[1] // 2, w.shape[0] // 2),
        ),
        Misconception(
            "zeros around the answer",
            "You put the zeros around the answer. They belong around the image, before you slide: at the border the "
            "kernel still reads the pixels that are there.",
            _zeros_around_the_answer,
        ),
        Misconception(
            "first row and column taken for outside",
            "You leave out the first row and column of the image: its indices start at 0, so 0 is inside.",
            _first_row_outside,
        ),
        Misconception(
            "sums end one early",
            "The last row and column of your kernel are never read: `range(-r, r)` leaves out r.",
            _sums_end_early,
        ),
        Misconception(
            "kernel read from its corner",
            "With a and b around 0, w[a, b] starts at the corner of the kernel, and negative indices come from its far "
            "end: the formula reads w[r + a, s + b].",
            _kernel_from_its_corner,
        ),
        Misconception(
            "pixels outside read",
            "An index runs off its array. If it is the one of the image: pixels outside count as zeros, so pad first, "
            "or ask whether the pixel exists. Below 0 there is no error; Python reads from the far end.",
            _nothing_outside,
        ),
    ),
)

# --- 2.4 How strong is the edge? ------------------------------------------------------------------------------

ACROSS = np.outer([1.0, 2, 1], [-1.0, 0, 1])
PREWITT = np.outer([1.0, 1, 1], [-1.0, 0, 1])


def _edge_cases(rng: Rng) -> list[Case]:
    ramp = 4.0 * np.arange(3)[:, None] + 3.0 * np.arange(3)
    cases = [Case((ramp,), label="a ramp that rises by 3 to the right and by 4 downward")]
    for H, W in [(4, 4), (5, 7), (8, 6)]:
        cases.append(Case((rng.uniform(size=(H, W)).round(2),), label=f"x of {H} by {W}"))
    return cases


def _strength(x: np.ndarray, w: np.ndarray = ACROSS) -> np.ndarray:
    return np.hypot(slide(x, w), slide(x, w.T))


STRENGTH = Task(
    id="2.4",
    title="How strong is the edge?",
    points=3,
    minutes=8,
    difficulty=2,
    name="edge_strength",
    cases=_edge_cases,
    reference=lambda x: _strength(x),
    hints=(
        "Two kernels, two answers: one for the slope across, and one with its rows and columns exchanged (`.T`) for "
        "the slope down. Your code of 2.2 can be copied into the cell as a helper.",
        "The two slopes are the legs of a right triangle. How long is the third side?",
    ),
    misconceptions=(
        Misconception(
            "absolute values added",
            "You added the absolute values. That is quick and overrates slanted edges: the two slopes are the legs of "
            "a right triangle, and you walked along both.",
            lambda x: np.abs(slide(x, ACROSS)) + np.abs(slide(x, ACROSS.T)),
        ),
        Misconception(
            "root forgotten",
            "That is the square of the strength: an edge twice as steep would count four times as much.",
            lambda x: slide(x, ACROSS) ** 2 + slide(x, ACROSS.T) ** 2,
        ),
        Misconception(
            "slopes added before squaring",
            "You added the two slopes first, where an upward and a downward slope cancel. Square each by itself, then "
            "add.",
            lambda x: np.abs(slide(x, ACROSS) + slide(x, ACROSS.T)),
        ),
        Misconception(
            "added with signs",
            "You added the two slopes with their signs: slopes in opposite directions cancel, and a strength is never "
            "negative.",
            lambda x: slide(x, ACROSS) + slide(x, ACROSS.T),
        ),
        Misconception(
            "one direction only",
            "You look across only: level edges get the strength 0.",
            lambda x: np.abs(slide(x, ACROSS)),
        ),
        Misconception(
            "one direction with its sign",
            "That is the slope across, with its sign. Level edges get 0, and a strength is never negative.",
            lambda x: slide(x, ACROSS),
        ),
        Misconception(
            "downward only",
            "You look down only: upright edges get the strength 0.",
            lambda x: np.abs(slide(x, ACROSS.T)),
        ),
        Misconception(
            "same kernel twice",
            "Both of your kernels look in the same direction. The second one looks down: it has rows and columns "
            "exchanged, a flipped kernel looks across again.",
            lambda x: np.sqrt(2) * np.abs(slide(x, ACROSS)),
        ),
        Misconception(
            "equal weights",
            "Your three lines have the same weight; in Sobel's kernel the middle one counts twice.",
            lambda x: _strength(x, PREWITT),
        ),
        Misconception(
            "divided by 8",
            "You divided by 8, which gives the slope a pixel. A sensible unit, and not what was asked: Sobel's kernel "
            "is used as it stands.",
            lambda x: _strength(x) / 8,
        ),
        Misconception(
            "padded",
            "You padded the image, so its border looks like an edge of its own. Keep the places where the window fits.",
            lambda x: _strength(np.pad(x, 1)),
        ),
        Misconception(
            "larger slope only",
            "You kept the larger of the two slopes. Both count: they are the legs of a right triangle, and the "
            "strength is the third side.",
            lambda x: np.maximum(np.abs(slide(x, ACROSS)), np.abs(slide(x, ACROSS.T))),
        ),
        Misconception(
            "mean of the squares",
            "You averaged the squares; the length of the gradient is the root of their sum.",
            lambda x: _strength(x) / np.sqrt(2),
        ),
        Misconception(
            "one after the other",
            "You slid the second kernel over the answers of the first. Both look at the image.",
            lambda x: slide(slide(x, ACROSS), ACROSS.T),
        ),
    ),
)
