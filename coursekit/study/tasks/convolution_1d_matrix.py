"""Exercises 1.4 and 1.6: a kernel as a matrix, and the way back."""

import numpy as np

from coursekit.reference import conv1d_backward, conv1d_forward, toeplitz1d
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator

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
