"""Exercises 1.1 to 1.3: places, the sliding dot product, weighted averages."""

import numpy as np

from coursekit.reference import conv1d, true_conv1d
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
