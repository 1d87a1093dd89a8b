"""The exercises of chapter 01: sliding a kernel, the matrix that does the same, and the way back."""

import numpy as np

from coursekit.reference import conv1d, conv1d_backward, conv1d_forward, toeplitz1d, true_conv1d
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator

# --- 1.1 Count the places --------------------------------------------------------------------------------------


def _places_cases(rng: Rng) -> list[Case]:
    sizes = [
        (7, 3),
        (12, 7),
        (5, 5),
        *((int(rng.integers(20, 90)), int(rng.integers(2, 12))) for _ in range(3)),
    ]
    return [Case((W, F), label=f"W = {W}, F = {F}") for W, F in sizes]


def _places(W: int, F: int) -> int:
    return W - F + 1


PLACES = Task(
    id="1.1",
    title="Count the places",
    points=1,
    minutes=2,
    difficulty=1,
    name="count_places",
    returns=("the number of places",),
    cases=_places_cases,
    reference=_places,
    hints=(
        "Lay a kernel of 3 on a signal of 5 with your fingers and count: places 0, 1 and 2.",
        "The first place starts at entry 0. At which entry does the last one start, and how many are there from 0 "
        "to that one, both counted?",
    ),
    misconceptions=(
        Misconception(
            "fence post",
            "You counted the steps between places; there is one place more than there are steps.",
            lambda W, F: W - F,
        ),
        Misconception(
            "output as long as the input",
            "That is the length of the input: without padding the kernel cannot be centered on the first or the "
            "last entries, so there are fewer places.",
            lambda W, F: W,
        ),
        Misconception(
            "full convolution",
            "You counted places where the kernel hangs over an end as well; here it must lie on the signal whole.",
            lambda W, F: W + F - 1,
        ),
    ),
)

# --- 1.2 The sliding dot product ------------------------------------------------------------------------------


def _signal_and_kernel(rng: Rng, sizes: list[tuple[int, int]]) -> list[Case]:
    return [
        Case((rng.normal(size=W).round(2), rng.normal(size=F).round(2)), label=f"W = {W}, F = {F}")
        for W, F in sizes
    ]


def _sliding_cases(rng: Rng) -> list[Case]:
    by_hand = Case(
        (np.array([1.0, 2.0, 0.0, 4.0]), np.array([1.0, -1.0])), label="x = 1 2 0 4, w = 1 -1"
    )
    return [by_hand, *_signal_and_kernel(rng, [(7, 3), (9, 4), (4, 4), (30, 5)])]


def _same_length(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    left = (len(w) - 1) // 2
    padded = np.pad(x, (left, len(w) - 1 - left))
    return np.array([padded[i : i + len(w)] @ w for i in range(len(x))])


SLIDING = Task(
    id="1.2",
    title="The sliding dot product",
    points=3,
    minutes=6,
    difficulty=1,
    name="sliding_dot",
    cases=_sliding_cases,
    reference=lambda x, w: conv1d(x, w),
    hints=(
        "Start from an array of zeros with one entry for every place, and fill it in a loop over the places i.",
        "At place i the kernel lies on `x[i : i + F]`. Multiply that by w, entry by entry, and add up: `@` does "
        "both.",
    ),
    misconceptions=(
        Misconception(
            "kernel flipped",
            "Your kernel runs backward: w[0] must meet the first entry under the kernel. That is convolution in "
            "the sense of mathematics, which `np.convolve` computes; deep learning libraries do not flip.",
            lambda x, w: true_conv1d(x, w),
        ),
        Misconception(
            "last place missing",
            "Your loop stops one place early: there are W - F + 1 places, and `range` leaves out its end.",
            lambda x, w: conv1d(x, w)[:-1],
        ),
        Misconception(
            "mean instead of sum",
            "You divided by F. The kernel already holds the weights; add the products up, no more.",
            lambda x, w: conv1d(x, w) / len(w),
        ),
        Misconception(
            "last product only",
            "Only the last product of every window is left: your inner loop assigns where it should "
            "add, with +=.",
            lambda x, w: x[len(w) - 1 :] * w[-1],
        ),
        Misconception(
            "return inside the loop",
            "Only y[0] is filled: is `return` indented so far that it belongs to the loop?",
            lambda x, w: np.append(x[: len(w)] @ w, np.zeros(len(x) - len(w))),
        ),
        Misconception(
            "room for one output an entry",
            "Your array has one entry for every entry of x; there are only W - F + 1 places.",
            lambda x, w: np.append(conv1d(x, w), np.zeros(len(w) - 1)),
        ),
        Misconception(
            "padded to the input's length",
            "Your output is as long as the input, as if there were zeros around the signal. Use only the places "
            "where the kernel lies on the signal whole.",
            _same_length,
        ),
    ),
)

# --- 1.3 The newest measurement counts most -------------------------------------------------------------------


def _smooth_cases(rng: Rng) -> list[Case]:
    sensor = np.array([1.0, 1.1, 1.2, 1.4, 1.7, 1.8, 1.9, 2.1, 2.2, 2.4, 2.5, 2.7])
    cases = [Case((sensor, np.array([3.0, 2.0, 1.0])), label="the position sensor, w = 3 2 1")]
    for W, F in [(8, 2), (10, 3), (20, 5)]:
        x, w = rng.normal(2, 1, size=W).round(2), rng.uniform(0.2, 3, size=F).round(2)
        cases.append(Case((x, w), label=f"W = {W}, F = {F}"))
    return cases


def _smooth(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    return true_conv1d(x, w) / w.sum()


def _smooth_from_the_start(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    return np.convolve(x, w)[: len(x)] / w.sum()


SMOOTH = Task(
    id="1.3",
    title="The newest measurement counts most",
    points=3,
    minutes=8,
    difficulty=2,
    name="smooth",
    returns=("s",),
    cases=_smooth_cases,
    reference=_smooth,
    hints=(
        "w[0] belongs to the newest measurement, which is the last one under the window. In which direction does "
        "w lie on the signal, then?",
        "Flip the weights once, slide them as in 1.2, and divide by the sum of the weights so that a constant "
        "signal stays what it is.",
    ),
    misconceptions=(
        Misconception(
            "weights in the wrong direction",
            "You gave the largest weight to the oldest measurement: w[0] is for the newest, which is the last entry "
            "under the window.",
            lambda x, w: conv1d(x, w) / w.sum(),
        ),
        Misconception(
            "not normalized",
            "Your weights do not add up to 1, so a sensor that stands still at 2.0 would not give 2.0. Divide by "
            "their sum.",
            lambda x, w: true_conv1d(x, w),
        ),
        Misconception(
            "divided by the number of weights",
            "You divided by how many weights there are; a weighted average is divided by their sum.",
            lambda x, w: true_conv1d(x, w) / len(w),
        ),
        Misconception(
            "places at both ends",
            "You also kept places where the window hangs over an end, as `np.convolve` does unless told "
            'otherwise; `mode="valid"` keeps those with F measurements.',
            lambda x, w: np.convolve(x, w) / w.sum(),
        ),
        Misconception(
            "reads from the end of the signal",
            "At the first times your index t - a is negative, which Python takes from the end of x without "
            "an error. Start at t = F - 1.",
            lambda x, w: (
                np.array([sum(w[a] * x[t - a] for a in range(len(w))) for t in range(len(x))])
                / w.sum()
            ),
        ),
        Misconception(
            "averages before there are enough measurements",
            "You also averaged at the first times, where some measurements do not exist yet and count as 0. Start "
            "at the first time with F measurements.",
            _smooth_from_the_start,
        ),
    ),
)

# --- 1.4 The same thing as a matrix ---------------------------------------------------------------------------


def _matrix_cases(rng: Rng) -> list[Case]:
    by_hand = Case((np.array([1.0, 2.0, 3.0]), 5), label="w = 1 2 3, W = 5")
    sizes = [(6, 2), (8, 4), (5, 5), (12, 3)]
    return [
        by_hand,
        *(Case((rng.normal(size=F).round(2), W), label=f"W = {W}, F = {F}") for W, F in sizes),
    ]


def _circulant(w: np.ndarray, W: int) -> np.ndarray:
    row = np.concatenate([w, np.zeros(W - len(w))])
    return np.array([np.roll(row, i) for i in range(W)])


def _all_in_one_row(w: np.ndarray, W: int) -> np.ndarray:
    row = np.zeros(W)
    for i in range(W - len(w) + 1):
        row[i : i + len(w)] = w
    return row


MATRIX = Task(
    id="1.4",
    title="The same thing as a matrix",
    points=3,
    minutes=10,
    difficulty=2,
    name="toeplitz",
    returns=("T",),
    cases=_matrix_cases,
    reference=lambda w, W: toeplitz1d(w, W),
    hints=(
        "T has one row for every output and one column for every input. Which entries of x does output 0 read, and "
        "with which weights? That is row 0.",
        "Row i is row 0 moved i entries to the right: write w into `T[i, i : i + F]`.",
    ),
    misconceptions=(
        Misconception(
            "kernel flipped",
            "Your rows hold the kernel backward. Row i times x must be w[0] x[i] + w[1] x[i + 1] + ...",
            lambda w, W: toeplitz1d(w[::-1].copy(), W),
        ),
        Misconception(
            "transposed",
            "That is the transpose: the kernels stand in the columns. T has one row for every output, so that T @ x "
            "is the output.",
            lambda w, W: toeplitz1d(w, W).T.copy(),
        ),
        Misconception(
            "wrapped around",
            "Your last rows wrap around to the start of the signal (a circulant matrix). Keep only the rows in which "
            "the kernel fits whole.",
            _circulant,
        ),
        Misconception(
            "one row many times",
            "All your rows are one and the same array, so the last change shows in all of them: make a new "
            "array for each row.",
            lambda w, W: np.tile(_all_in_one_row(w, W), (W - len(w) + 1, 1)),
        ),
        Misconception(
            "rows of zeros",
            "Your matrix is square, and its last rows are zero. There are only W - F + 1 outputs, so there "
            "are only that many rows.",
            lambda w, W: np.vstack([toeplitz1d(w, W), np.zeros((len(w) - 1, W))]),
        ),
        Misconception(
            "moves to the left",
            "Your kernel starts at the right end and moves left; row 0 belongs to the first place, so it starts at "
            "column 0.",
            lambda w, W: toeplitz1d(w, W)[::-1].copy(),
        ),
    ),
)

# --- 1.5 Stride and padding -----------------------------------------------------------------------------------


def _strided_cases(rng: Rng) -> list[Case]:
    by_hand = (np.array([1.0, 2, 0, 4, 3]), np.array([1.0, -1, 2]), 2, 1)
    cases = [Case(by_hand, label="x = 1 2 0 4 3, w = 1 -1 2, stride 2, padding 1")]
    for W, F, S, P in [
        (7, 3, 1, 0),
        (7, 3, 2, 0),
        (8, 3, 1, 1),
        (8, 3, 3, 2),
        (9, 4, 2, 3),
        (10, 2, 4, 0),
    ]:
        x, w = rng.normal(size=W).round(2), rng.normal(size=F).round(2)
        cases.append(Case((x, w, S, P), label=f"W = {W}, F = {F}, stride {S}, padding {P}"))
    return cases


def _strided(x: np.ndarray, w: np.ndarray, stride: int, padding: int) -> np.ndarray:
    return conv1d(x, w, stride=stride, padding=padding)


def _padded_with(
    x: np.ndarray, w: np.ndarray, stride: int, before: int, after: int, mode: str
) -> np.ndarray:
    padded = np.pad(x, (before, after), mode=mode)  # type: ignore[call-overload]
    return conv1d(padded, w, stride=stride)


def _last_place_missing(x: np.ndarray, w: np.ndarray, stride: int, padding: int) -> np.ndarray:
    padded, F = np.pad(x, padding), len(w)
    return np.array([padded[i : i + F] @ w for i in range(0, len(padded) - F, stride)])


def _counted_too_early(x: np.ndarray, w: np.ndarray, stride: int, padding: int) -> np.ndarray:
    return conv1d(x, w, stride=stride, padding=padding)[: (len(x) - len(w)) // stride + 1]


STRIDED = Task(
    id="1.5",
    title="Stride and padding",
    points=4,
    minutes=12,
    difficulty=2,
    name="strided_conv",
    cases=_strided_cases,
    reference=_strided,
    hints=(
        "First build the padded signal: `np.pad(x, padding)` puts that many zeros at each end. From there on padding "
        "is done.",
        "Place i now starts at entry i * stride of the padded signal. The last place is the last one at which the "
        "kernel still fits: (W + 2 * padding - F) // stride + 1 places.",
    ),
    misconceptions=(
        Misconception(
            "stride forgotten",
            "Your kernel moves one entry at a time whatever the stride is: place i starts at entry i * stride.",
            lambda x, w, stride, padding: conv1d(x, w, padding=padding),
        ),
        Misconception(
            "as many places, one entry apart",
            "You have the right number of places, but place i starts at entry i * stride, not at i.",
            lambda x, w, stride, padding: conv1d(x, w, padding=padding)[
                : (len(x) + 2 * padding - len(w)) // stride + 1
            ],
        ),
        Misconception(
            "padding forgotten",
            "Your signal is not padded: put `padding` zeros before the first entry and after the last.",
            lambda x, w, stride, padding: conv1d(x, w, stride=stride),
        ),
        Misconception(
            "padded before only",
            "You padded one end only: `padding` zeros go to each end, 2 * padding in all.",
            lambda x, w, stride, padding: _padded_with(x, w, stride, padding, 0, "constant"),
        ),
        Misconception(
            "places counted before padding",
            "You counted the places before you padded: use the length of the padded signal.",
            _counted_too_early,
        ),
        Misconception(
            "padded at one end",
            "You padded one end only: `padding` zeros go to each end, 2 * padding in all.",
            lambda x, w, stride, padding: _padded_with(x, w, stride, 0, padding, "constant"),
        ),
        Misconception(
            "input subsampled first",
            "You took every stride-th entry of the signal and slid the kernel over those. The stride is how far the "
            "kernel jumps; under the kernel all entries are neighbors.",
            lambda x, w, stride, padding: conv1d(np.pad(x, padding)[::stride], w),
        ),
        Misconception(
            "last place missing",
            "You stop before the last place where the kernel still fits: it may start at entry "
            "len(padded) - F, and `range` leaves out its end.",
            _last_place_missing,
        ),
        Misconception(
            "padded with the edge value",
            "You repeated the first and the last entry; the padding of this chapter is zeros.",
            lambda x, w, stride, padding: _padded_with(x, w, stride, padding, padding, "edge"),
        ),
    ),
)

# --- 1.6 The way back -----------------------------------------------------------------------------------------


def _backward_cases(rng: Rng) -> list[Case]:
    by_hand = (np.array([1.0, 0, 2]), np.array([1.0, 2, 0, 4]), np.array([1.0, -1]))
    cases = [Case(by_hand, label="dy = 1 0 2, x = 1 2 0 4, w = 1 -1")]
    for W, F in [(5, 2), (7, 3), (8, 8), (12, 4)]:
        dy, x, w = (rng.normal(size=n).round(2) for n in (W - F + 1, W, F))
        cases.append(Case((dy, x, w), label=f"W = {W}, F = {F}"))
    return cases


def _backward(dy: np.ndarray, x: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return conv1d_backward(dy, conv1d_forward(x, w)[1])


def _flipped_dx(dy: np.ndarray, x: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.convolve(dy, w[::-1]), _backward(dy, x, w)[1]


def _flipped_dw(dy: np.ndarray, x: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    dx, dw = _backward(dy, x, w)
    return dx, dw[::-1].copy()


def _overwritten_dx(dy: np.ndarray, x: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    dx = np.zeros(len(x))
    for i in range(len(dy)):
        dx[i : i + len(w)] = dy[i] * w
    return dx, _backward(dy, x, w)[1]


BACKWARD = Task(
    id="1.6",
    title="The way back",
    points=4,
    minutes=20,
    difficulty=3,
    name="backward",
    returns=("dx", "dw"),
    cases=_backward_cases,
    reference=_backward,
    hints=(
        "Output i reads x[i + m] with weight w[m]. If x[i + m] grows a little, by how much does y[i] grow, "
        "and so L? The same question for w[m].",
        "Loop over the places. Which slice of x did place i read? The same slice of dx gets something, and so "
        "does all of dw.",
        "`dx[i : i + F]` gets dy[i] * w added, and dw gets dy[i] * x[i : i + F] added: add, do not assign.",
    ),
    misconceptions=(
        Misconception(
            "dx without the flip",
            "Your dw is right. Your dx slides the kernel over dy in the wrong direction: x[j] is read with w[0] by "
            "output j but with w[1] by output j - 1, so on the way back the kernel is flipped.",
            _flipped_dx,
        ),
        Misconception(
            "dw flipped",
            "Your dx is right. Your dw stands backward: dw[m] collects dy[i] times x[i + m].",
            _flipped_dw,
        ),
        Misconception(
            "overwritten instead of added",
            "Your dw is right. In your dx every place overwrites what earlier places left: use += where the windows "
            "overlap.",
            _overwritten_dx,
        ),
        Misconception(
            "last place only in dw",
            "Your dx is right. Your dw holds what the last place left: every place adds to it, with +=.",
            lambda dy, x, w: (_backward(dy, x, w)[0], dy[-1] * x[-len(w) :]),
        ),
        Misconception(
            "overwritten in both",
            "Every place overwrites what the one before left, in dx and in dw: use += in both.",
            lambda dy, x, w: (_overwritten_dx(dy, x, w)[0], dy[-1] * x[-len(w) :]),
        ),
        Misconception(
            "dy forgotten",
            "dy does not appear: what flows back through place i is dy[i] times what it read.",
            lambda dy, x, w: _backward(np.ones(len(dy)), x, w),
        ),
        Misconception(
            "swapped",
            "You returned dw first: the order is dx, dw.",
            lambda dy, x, w: _backward(dy, x, w)[::-1],
        ),
    ),
)

# --- 1.7 In your own words ------------------------------------------------------------------------------------

WORDS = Task(
    id="1.7",
    title="What the matrix may not do",
    points=2,
    minutes=8,
    difficulty=2,
    name="convolution as a constrained matrix",
    kind="written",
    hints=(
        "Count the numbers that can be chosen freely in a matrix of W - F + 1 rows and W columns, and in T.",
        "Then think of a task in which the same thing matters wherever it occurs, and of one in which the place "
        "itself matters.",
    ),
)

TASKS = (PLACES, SLIDING, SMOOTH, MATRIX, STRIDED, BACKWARD, WORDS)
