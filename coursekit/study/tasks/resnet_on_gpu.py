"""The exercises of chapter 13: limits of a step, averages, a reading; the others have modules of their own."""

from collections.abc import Callable

import numpy as np

from coursekit.study.task import Case, Misconception, Task
from coursekit.study.tasks.resnet_on_gpu_batches import CROPS, SMOOTHING
from coursekit.study.tasks.resnet_on_gpu_networks import RUN, STAGE, WHITENING

Array = np.ndarray
Rng = np.random.Generator
Limits = Callable[[float, float, int, int, float, float], tuple[float, float, float, float]]

# --- 13.1 What limits a step ----------------------------------------------------------------------------------


def _limit_cases(rng: Rng) -> list[Case]:
    cases = [
        Case(
            (1e6, 1000, 10, 100, 1e12, 1e10), label="1e6 multiply-adds, 1000 activations, batch 100"
        )
    ]
    # one that arithmetic limits, one that memory does, one that starting does
    for million, activations, operations, batch in (
        (400, 4e5, 60, 512),
        (20, 2e6, 80, 256),
        (2, 9e3, 200, 8),
    ):
        m = 1e6 * float(rng.integers(million, 2 * million))
        a = activations * float(rng.integers(10, 20)) / 10
        rate, bandwidth = 1e12 * float(rng.integers(20, 60)), 1e9 * float(rng.integers(900, 2000))
        label = f"{m / 1e6:g} million multiply-adds, batch {batch}"
        cases.append(Case((m, a, operations, batch, rate, bandwidth), label=label))
    return cases


def _limits(
    *,
    arithmetic: float = 6,
    images_in_arithmetic: bool = True,
    memory: float = 20,
    images_in_memory: bool = True,
    start: Callable[[int, int], float] = lambda operations, batch: 5e-6 * operations,
    together: Callable[[tuple[float, float, float]], float] = max,
    pace: Callable[[int, float], float] = lambda batch, seconds: batch / seconds,
) -> Limits:
    """Return the limits with some of the factors replaced."""

    def limits(
        multiply_adds: float,
        activations: float,
        operations: int,
        batch: int,
        rate: float,
        bandwidth: float,
    ) -> tuple[float, float, float, float]:
        three = (
            arithmetic * multiply_adds * (batch if images_in_arithmetic else 1) / rate,
            memory * activations * (batch if images_in_memory else 1) / bandwidth,
            start(operations, batch),
        )
        return (*three, pace(batch, together(three)))

    return limits


LIMITS = Task(
    id="13.1",
    title="What limits a step",
    points=2,
    minutes=8,
    difficulty=1,
    name="limits",
    returns=("arithmetic", "memory", "start", "pace"),
    cases=_limit_cases,
    reference=_limits(),
    hints=(
        "A multiply-add is two operations: it multiplies and adds. And the way back costs twice the way there.",
        "Which of the three grow with the number of images, and which does not? The pace is images divided by "
        "the seconds that the step takes at least.",
    ),
    misconceptions=(
        Misconception(
            "a multiply-add counted once",
            "Your arithmetic takes half the time: rates count operations, and a multiply-add is two of them.",
            _limits(arithmetic=3),
        ),
        Misconception(
            "only forward",
            "Your arithmetic takes a third of the time: you counted the way there and not the way back.",
            _limits(arithmetic=2),
        ),
        Misconception(
            "back as long as forward",
            "You counted the way back once. It computes two gradients, that of the input and that of the weights.",
            _limits(arithmetic=4),
        ),
        Misconception(
            "arithmetic of one image",
            "Your arithmetic is that of one image. How many images are in a step?",
            _limits(images_in_arithmetic=False),
        ),
        Misconception(
            "numbers instead of bytes",
            "Your memory takes a quarter of the time: the bandwidth counts bytes, and each number has four.",
            _limits(memory=5),
        ),
        Misconception(
            "moved once",
            "You moved each activation once. How many times is it written and read, there and back?",
            _limits(memory=4),
        ),
        Misconception(
            "memory of one image",
            "Your memory has the activations of one image in it. How many images are there?",
            _limits(images_in_memory=False),
        ),
        Misconception(
            "microseconds",
            "Your start counts microseconds. All times here are in seconds: 1 µs is 1e-6 of them.",
            _limits(start=lambda operations, batch: 5.0 * operations),
        ),
        Misconception(
            "started for every image",
            "You started the operations anew for each image. One operation works on the whole batch.",
            _limits(start=lambda operations, batch: 5e-6 * operations * batch),
        ),
        Misconception(
            "the limits added up",
            "Your pace adds the three up. They go on side by side: the step takes at least as long as the longest.",
            _limits(together=sum),
        ),
        Misconception(
            "the shortest",
            "Your pace is that of the shortest limit. The step has to wait for the longest.",
            _limits(together=min),
        ),
        Misconception(
            "steps a second",
            "Your pace counts steps a second. How many images are in a step?",
            _limits(pace=lambda batch, seconds: 1 / seconds),
        ),
        Misconception(
            "seconds for an image",
            "Your pace is upside down: it counts seconds for an image, not images in a second.",
            _limits(pace=lambda batch, seconds: seconds / batch),
        ),
    ),
)

# --- 13.3 Averaged weights ------------------------------------------------------------------------------------


def _average_cases(rng: Rng) -> list[Case]:
    cases = [
        Case((np.array([10.0]), np.array([[0.0], [0.0]]), 0.15), label="10, then 0 0; beta = 0.15")
    ]
    for T, D, beta in ((6, 2, 0.3), (25, 3, 0.6)):
        w = rng.normal(size=(T, D)).cumsum(axis=0).round(3)
        start = rng.normal(2, 1, D).round(3)
        cases.append(Case((start, w, beta), label=f"{T} steps, {D} weights, beta = {beta}"))
    return cases


def _average(
    decay: Callable[[int, float], float] = lambda t, beta: min(beta, (1 + t) / (10 + t)),
    first: Callable[[Array, Array], Array] = lambda start, w: start,
    told: Callable[[Array, list[Array]], list[Array]] = lambda start, found: found,
) -> Callable[[Array, Array, float], Array]:
    """Return the averaging with another decay, or another beginning."""

    def averages(start: Array, w: Array, beta: float) -> Array:
        average, found = first(start, w), []
        for t, now in enumerate(w):
            d = decay(t, beta)
            average = d * average + (1 - d) * now
            found.append(average)
        return np.array(told(start, found))

    return averages


def _of_neighbors(start: Array, w: Array, beta: float) -> Array:
    """Average each weight with the one before, instead of the average so far."""
    d = np.array([min(beta, (1 + t) / (10 + t)) for t in range(len(w))])[:, None]
    return d * np.vstack([start[None], w[:-1]]) + (1 - d) * w


AVERAGE = Task(
    id="13.3",
    title="Averaged weights",
    points=2,
    minutes=8,
    difficulty=1,
    name="averages",
    returns=("averages",),
    cases=_average_cases,
    reference=_average(),
    hints=(
        "Keep one array, the average so far, and append it to a list after each step.",
        "The decay of step t is the smaller of beta and (1 + t) / (10 + t), with t from 0 on: in step 0 it is at most "
        "0.1, so that the initial weights are soon forgotten.",
    ),
    misconceptions=(
        Misconception(
            "decay on the wrong side",
            "You gave the new weights the part d, and the average 1 − d. Which of them is meant to change slowly?",
            _average(lambda t, beta: 1 - min(beta, (1 + t) / (10 + t))),
        ),
        Misconception(
            "always beta",
            "You used beta from the first step on. Early in training the decay is smaller: beta is its upper limit.",
            _average(lambda t, beta: beta),
        ),
        Misconception(
            "the larger of the two",
            "You took the larger of the two decays. The initial weights are then remembered instead of forgotten.",
            _average(lambda t, beta: max(beta, (1 + t) / (10 + t))),
        ),
        Misconception(
            "never beta",
            "You used (1 + t) / (10 + t) throughout, without its upper limit beta.",
            _average(lambda t, beta: (1 + t) / (10 + t)),
        ),
        Misconception(
            "counted from 1",
            "Your first step is number 1. Here it is number 0, with a decay of at most 0.1.",
            _average(lambda t, beta: min(beta, (2 + t) / (11 + t))),
        ),
        Misconception(
            "begins at 0",
            "Your average begins at 0. It begins at the initial weights, `start`.",
            _average(first=lambda start, w: np.zeros_like(start)),
        ),
        Misconception(
            "begins at the first weights",
            "Your average begins at the weights after the first step, and forgets `start`.",
            _average(first=lambda start, w: w[0]),
        ),
        Misconception(
            "told before it moved",
            "Your rows come a step too early: they begin with `start`. Asked for is the average after every step.",
            _average(told=lambda start, found: [start, *found[:-1]]),
        ),
        Misconception(
            "one array, kept many times",
            "All your rows are the last average: the same array was kept each time and changed afterwards. Make a "
            "new one in each step.",
            _average(told=lambda start, found: [found[-1]] * len(found)),
        ),
        Misconception(
            "the weights before",
            "You averaged each row of w with the row before it. What has to be kept is the average so far.",
            _of_neighbors,
        ),
        Misconception(
            "the mean of all",
            "You took the mean of all weights so far. The old ones should be forgotten, little by little.",
            lambda start, w, beta: w.cumsum(axis=0) / np.arange(1, len(w) + 1)[:, None],
        ),
    ),
)

# --- 13.8 Read a profile --------------------------------------------------------------------------------------

READING = Task(
    id="13.8",
    title="Advice for a slow run",
    points=2,
    minutes=10,
    difficulty=2,
    name="advice for a slow run",
    kind="written",
    hints=(
        "How long does a step take if preparing and computing go on one after the other? If preparing took "
        "no time at all, how much faster would it be?",
        "Three causes need three remedies: the GPU waits for images, or for operations to be started, or for "
        "its memory.",
    ),
)

TASKS = (LIMITS, CROPS, AVERAGE, SMOOTHING, WHITENING, STAGE, RUN, READING)
