"""Exercise 10.4: a schedule."""

import math
from collections.abc import Callable

import numpy as np

from coursekit.reference.schedules import cosine, warm_up
from coursekit.study.task import Case, Misconception, Task

Array = np.ndarray
Rng = np.random.Generator

# --- 10.4 Warm up, then down a cosine -------------------------------------------------------------------------


def _schedule_cases(rng: Rng) -> list[Case]:
    cases = [Case((1.0, 2, 6, 0.5), label="lr 1, climb 2, total 6, start 0.5")]
    for climb, total in ((3, 11), (8, 40)):
        lr, start = float(rng.uniform(0.05, 0.6)), float(rng.uniform(0.1, 0.4))
        label = f"lr {lr:.3f}, climb {climb}, total {total}, start {start:.3f}"
        cases.append(Case((lr, climb, total, start), label=label))
    return cases


def _schedule(lr: float, climb: int, total: int, start: float) -> Array:
    rate = warm_up(cosine(lr, int(total - climb)), int(climb), start)
    return np.array([rate(t) for t in range(int(total))])


def _other(
    line: Callable[..., float] | None = None, fall: Callable[..., float] | None = None
) -> Callable[[float, int, int, float], Array]:
    """Return the schedule with another climb or another way down."""

    def rates(lr: float, climb: int, total: int, start: float) -> Array:
        right = _schedule(lr, climb, total, start)
        for t in range(int(total)):
            if t < climb and line is not None:
                right[t] = line(t, lr, climb, total, start)
            if t >= climb and fall is not None:
                right[t] = fall(t, lr, climb, total, start)
        return right

    return rates


def _half(lr: float, part: float) -> float:
    return lr * (1 + math.cos(math.pi * part)) / 2


SCHEDULE = Task(
    id="10.4",
    title="Up a line, down a cosine",
    points=3,
    minutes=12,
    difficulty=2,
    name="rates",
    returns=("rates",),
    cases=_schedule_cases,
    reference=_schedule,
    hints=(
        "Two cases for the number t of the step: before `climb` a line, from then on the cosine.",
        "The line starts at start times lr and would arrive at lr at t = climb: what part of the way is done at t?",
        "The cosine has a clock of its own, which shows 0 at t = climb and total - climb at the end. Half a period "
        "is pi.",
    ),
    misconceptions=(
        Misconception(
            "the cosine's clock runs from step 0",
            "Your cosine counts its steps from the beginning of training, so the rate jumps when the climb is over. "
            "Its clock starts when the climb ends.",
            _other(fall=lambda t, lr, climb, total, start: _half(lr, t / total)),
        ),
        Misconception(
            "the cosine lasts for all of training",
            "Your cosine starts at the right place but takes `total` steps, so training ends before the rate is down.",
            _other(fall=lambda t, lr, climb, total, start: _half(lr, (t - climb) / total)),
        ),
        Misconception(
            "one step too fast",
            "Your last step has rate 0 and would do nothing. The rate would be 0 at t = total, which is never taken.",
            _other(
                fall=lambda t, lr, climb, total, start: _half(lr, (t - climb) / (total - climb - 1))
            ),
        ),
        Misconception(
            "the climb starts at 0",
            "Your climb starts at 0, so that the first step does nothing. It starts at start times lr.",
            _other(line=lambda t, lr, climb, total, start: lr * t / climb),
        ),
        Misconception(
            "start taken for a rate",
            "You took `start` for a learning rate. It is a part of lr: the first rate is start times lr.",
            _other(line=lambda t, lr, climb, total, start: start + (lr - start) * t / climb),
        ),
        Misconception(
            "the climb arrives one step early",
            "Your climb is at lr in its last step already; it should arrive one step later, where the cosine begins.",
            _other(
                line=lambda t, lr, climb, total, start: lr * (start + (1 - start) * t / (climb - 1))
            ),
        ),
        Misconception(
            "both ways arrive one step early",
            "Both ways arrive one step early: the climb is at lr in its last step, the cosine at 0 in its last. "
            "`np.linspace` includes its end unless told otherwise.",
            _other(
                line=lambda t, lr, climb, total, start: (
                    lr * (start + (1 - start) * t / (climb - 1))
                ),
                fall=lambda t, lr, climb, total, start: _half(
                    lr, (t - climb) / (total - climb - 1)
                ),
            ),
        ),
        Misconception(
            "the climb goes too high",
            "Your climb adds all of lr to where it starts. Only the part from `start` to 1 is left to climb.",
            _other(line=lambda t, lr, climb, total, start: lr * (start + t / climb)),
        ),
        Misconception(
            "the climb counts from 1",
            "Your climb counts its steps from 1, so the first rate is more than start times lr. Steps count from 0.",
            _other(
                line=lambda t, lr, climb, total, start: lr * (start + (1 - start) * (t + 1) / climb)
            ),
        ),
        Misconception(
            "no climb",
            "You left the climb out: the rate starts at lr and stays there until the cosine begins.",
            _other(line=lambda t, lr, climb, total, start: lr),
        ),
        Misconception(
            "half forgotten",
            "Your cosine begins at twice lr: 1 + cos goes from 2 to 0.",
            _other(
                fall=lambda t, lr, climb, total, start: 2 * _half(lr, (t - climb) / (total - climb))
            ),
        ),
        Misconception(
            "a quarter of a period",
            "You came down along a quarter of a period, which ends steep. Half a period, shifted up by 1 and halved, "
            "ends flat.",
            _other(
                fall=lambda t, lr, climb, total, start: (
                    lr * math.cos(math.pi / 2 * (t - climb) / (total - climb))
                )
            ),
        ),
        Misconception(
            "the cosine not lifted",
            "Your cosine goes down to -lr: a negative rate walks uphill. Add 1 and halve it.",
            _other(
                fall=lambda t, lr, climb, total, start: (
                    lr * math.cos(math.pi * (t - climb) / (total - climb))
                )
            ),
        ),
        Misconception(
            "a straight line down",
            "You came down along a straight line.",
            _other(
                fall=lambda t, lr, climb, total, start: lr * (1 - (t - climb) / (total - climb))
            ),
        ),
    ),
)
