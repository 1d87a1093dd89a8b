"""Exercise 6.5: units that have died."""

import numpy as np

from coursekit.reference import linear_forward
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator


def _dead_cases(rng: Rng) -> list[Case]:
    by_hand = (np.array([[1.0], [2.0]]), np.array([[1.0], [-1.0], [0.0], [1.0]]))
    cases = [Case((*by_hand, np.array([0.0, 0.5, 0.0, -1.5])), label="2 samples, 4 units")]
    for N, D, M in [(5, 3, 12), (8, 4, 20), (6, 2, 15)]:
        while True:
            x, w = rng.uniform(0.1, 1, (N, D)).round(2), rng.normal(size=(M, D)).round(2)
            b = rng.normal(-0.3, 0.6, M).round(2)
            w[:2], b[:2] = 0, 0  # two units that sit exactly on the corner
            a = x @ w.T + b
            counts = [np.sum(np.all(a <= 0, axis=0)), np.sum(np.any(a <= 0, axis=0))]
            counts += [np.sum(np.all(a < 0, axis=0)), np.sum(np.any(a > 0, axis=0))]
            counts += [np.sum(np.all(a <= 0, axis=1)), np.sum(a <= 0), np.sum(a.mean(axis=0) <= 0)]
            counts += [np.sum(np.all(a - b <= 0, axis=0)), np.sum(a[0] <= 0)]
            counts += [np.sum(np.all(a == 0, axis=0))]
            if len(set(counts)) == len(counts):  # no mistake hits the right number by chance
                break
        cases.append(Case((x, w, b), label=f"{N} samples, {M} units"))
    return cases


def _sums(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    return linear_forward(x, w, b)[0]


DEAD = Task(
    id="6.5",
    title="Count the dead",
    points=2,
    minutes=6,
    difficulty=1,
    name="count_dead",
    returns=("the number of dead units",),
    cases=_dead_cases,
    reference=lambda x, w, b: int(np.sum(np.all(_sums(x, w, b) <= 0, axis=0))),
    hints=(
        "Compute the sums a of all units for all samples; a has one row for each sample, one column for each unit.",
        "A unit is dead if it is off in its whole column. `np.all` along the right axis, then count.",
    ),
    misconceptions=(
        Misconception(
            "off for some sample",
            "You counted units that are off for at least one sample. Those still learn from the others; dead means off "
            "for every sample.",
            lambda x, w, b: int(np.sum(np.any(_sums(x, w, b) <= 0, axis=0))),
        ),
        Misconception(
            "counted entries",
            "You counted pairs of a sample and a unit. A unit counts once, and only if it is off for every sample.",
            lambda x, w, b: int(np.sum(_sums(x, w, b) <= 0)),
        ),
        Misconception(
            "along the wrong axis",
            "You counted samples for which every unit is off, or left the axis out. The question is about units: which "
            "axis of a runs over the samples?",
            lambda x, w, b: int(np.sum(np.all(_sums(x, w, b) <= 0, axis=1))),
        ),
        Misconception(
            "the living",
            "You counted the units that are on for some sample, the living ones.",
            lambda x, w, b: int(np.sum(np.any(_sums(x, w, b) > 0, axis=0))),
        ),
        Misconception(
            "corner taken for alive",
            "You left out units whose sums are exactly 0. The course gives ReLU the slope 0 there, so they send "
            "nothing back either.",
            lambda x, w, b: int(np.sum(np.all(_sums(x, w, b) < 0, axis=0))),
        ),
        Misconception(
            "always on",
            "You counted units that are on for every sample. Dead ones are off for every sample: mind the sign of a.",
            lambda x, w, b: int(np.sum(np.all(_sums(x, w, b) > 0, axis=0))),
        ),
        Misconception(
            "sums that are exactly 0",
            "You counted units whose sums are exactly 0. That holds for what comes out of ReLU; the sums that go in "
            "may be negative too.",
            lambda x, w, b: int(np.sum(np.all(_sums(x, w, b) == 0, axis=0))),
        ),
        Misconception(
            "first sample only",
            "You counted the units that are off for the first sample. Dead means off for every sample.",
            lambda x, w, b: int(np.sum(_sums(x, w, b)[0] <= 0)),
        ),
        Misconception(
            "bias forgotten",
            "Your sums lack the bias, which can switch a unit on or off.",
            lambda x, w, b: int(np.sum(np.all(_sums(x, w, 0 * b) <= 0, axis=0))),
        ),
        Misconception(
            "off on average",
            "You asked whether the sum is negative on average. One sample that switches a unit on is enough to keep it "
            "alive.",
            lambda x, w, b: int(np.sum(_sums(x, w, b).mean(axis=0) <= 0)),
        ),
    ),
)
