"""Exercise 1.5: stride and padding."""

import numpy as np

from coursekit.reference import conv1d
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator

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
