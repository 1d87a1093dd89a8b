"""The exercise of chapter 05 on activations: a leaky ReLU and its gradient."""

import numpy as np

from coursekit.reference import leaky_relu_backward, leaky_relu_forward
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator
Pair = tuple[np.ndarray, np.ndarray]

# --- 5.3 A leak, both ways ------------------------------------------------------------------------------------


def _leaky_cases(rng: Rng) -> list[Case]:
    by_hand = (np.array([1.0, 10, -3]), np.array([-2.0, 1, 3]), 0.1)
    cases = [Case(by_hand, label="dy = 1 10 -3, x = -2 1 3, slope 0.1")]
    for n, slope in [(8, 0.01), (10, 0.3), (12, 1.5)]:
        dy, x = rng.normal(size=(2, n)).round(2) + 0.003  # off zero: the kink is not the question
        x[:2] = -1.5, 1.5
        dy[:4] = 0.7, -0.7, -0.4, 0.4
        cases.append(Case((dy, x, slope), label=f"{n} entries, slope {slope}"))
    return cases


def _leaky(dy: np.ndarray, x: np.ndarray, slope: float) -> Pair:
    y, cache = leaky_relu_forward(x, slope)
    return y, leaky_relu_backward(dy, cache)


def _asked_as_a_whole(dy: np.ndarray, x: np.ndarray, slope: float) -> Pair:
    if x > 0:
        return x, dy
    return slope * x, slope * dy


LEAKY = Task(
    id="5.3",
    title="A leak, both ways",
    points=3,
    minutes=10,
    difficulty=2,
    name="leaky",
    returns=("y", "dx"),
    cases=_leaky_cases,
    reference=_leaky,
    hints=(
        "`np.where(condition, this, that)` chooses entry by entry.",
        "On the way back each dy is multiplied by the slope of the graph at the place where its x was: 1 on one side, "
        "`slope` on the other.",
    ),
    misconceptions=(
        Misconception(
            "closed on the way back",
            "Your y is right. Your dx is that of a plain ReLU: on the left the graph has a slope too.",
            lambda dy, x, slope: (_leaky(dy, x, slope)[0], dy * (x > 0)),
        ),
        Misconception(
            "looks at the sign of dy",
            "Your y is right. Your dx looks at the sign of dy; the slope depends on where x was.",
            lambda dy, x, slope: (_leaky(dy, x, slope)[0], np.where(dy > 0, dy, slope * dy)),
        ),
        Misconception(
            "dy forgotten",
            "Your y is right. Your dx is the slope alone: it multiplies what flows back, dy.",
            lambda dy, x, slope: (_leaky(dy, x, slope)[0], np.where(x > 0, 1.0, slope)),
        ),
        Misconception(
            "times the output",
            "Your y is right. Your dx multiplies dy by the value of the graph; the chain rule wants its slope.",
            lambda dy, x, slope: (_leaky(dy, x, slope)[0], dy * _leaky(dy, x, slope)[0]),
        ),
        Misconception(
            "slope times x",
            "Your y is right. Your dx multiplies the slope with x; what flows back is dy, so multiply that.",
            lambda dy, x, slope: (_leaky(dy, x, slope)[0], np.where(x > 0, 1.0, slope) * x),
        ),
        Misconception(
            "dy forgotten on the left",
            "Your y is right. On the left your dx is the slope alone: it multiplies dy there too.",
            lambda dy, x, slope: (_leaky(dy, x, slope)[0], np.where(x > 0, dy, slope)),
        ),
        Misconception(
            "dy forgotten on the right",
            "Your y is right. On the right your dx is 1: the slope there is 1, and it multiplies dy.",
            lambda dy, x, slope: (_leaky(dy, x, slope)[0], np.where(x > 0, 1.0, slope * dy)),
        ),
        Misconception(
            "maximum",
            "max(slope · x, x) is the leaky ReLU only while the slope is at most 1; ask for the sign of x instead.",
            lambda dy, x, slope: (np.maximum(slope * x, x), _leaky(dy, x, slope)[1]),
        ),
        Misconception(
            "maximum both ways",
            "max(slope · x, x) changes sides when the slope is above 1; ask for the sign of x instead, both ways.",
            lambda dy, x, slope: (
                np.maximum(slope * x, x),
                dy * np.where(x > slope * x, 1.0, slope),
            ),
        ),
        Misconception(
            "flat on the left",
            "On the left your y is the slope itself; it should be a line with that slope.",
            lambda dy, x, slope: (np.where(x > 0, x, slope), _leaky(dy, x, slope)[1]),
        ),
        Misconception(
            "plain ReLU",
            "That is a ReLU without a leak: negative inputs should come through, shrunk by the slope.",
            lambda dy, x, slope: (np.maximum(x, 0), dy * (x > 0)),
        ),
        Misconception(
            "a question to the whole array",
            "An `if` needs one yes or no, and x > 0 is one for each entry: `np.where` chooses entry by entry.",
            _asked_as_a_whole,
        ),
        Misconception(
            "ReLU forward",
            "Your dx is right. Your y is a plain ReLU: on the left it should be slope times x.",
            lambda dy, x, slope: (np.maximum(x, 0), _leaky(dy, x, slope)[1]),
        ),
        Misconception(
            "sides exchanged",
            "You shrink the positive side. The leak is where x is negative.",
            lambda dy, x, slope: (
                np.where(x > 0, slope * x, x),
                np.where(x > 0, slope * dy, dy),
            ),
        ),
        Misconception(
            "leak on both sides",
            "You added slope times x to a ReLU, so the right side is too steep. The leak is on the left only.",
            lambda dy, x, slope: (np.maximum(x, 0) + slope * x, dy * ((x > 0) + slope)),
        ),
        Misconception(
            "leak turned up",
            "On the left your line goes the wrong way: slope times x is negative where x is.",
            lambda dy, x, slope: (
                np.where(x > 0, x, -slope * x),
                np.where(x > 0, dy, -slope * dy),
            ),
        ),
        Misconception(
            "leak turned up on the way back",
            "Your y is right. On the left your dx has the wrong sign: the slope of slope times x is slope.",
            lambda dy, x, slope: (_leaky(dy, x, slope)[0], np.where(x > 0, dy, -slope * dy)),
        ),
        Misconception(
            "forward again",
            "Your y is right. Your dx sends dy through the leaky ReLU; multiply it by the slope at x instead.",
            lambda dy, x, slope: (_leaky(dy, x, slope)[0], np.maximum(dy, slope * dy)),
        ),
        Misconception(
            "forward again, with the maximum",
            "Two things: max(slope · x, x) changes sides when the slope is above 1; and dy does not go through it, "
            "it is multiplied by the slope at x.",
            lambda dy, x, slope: (np.maximum(slope * x, x), np.maximum(dy, slope * dy)),
        ),
        Misconception(
            "slope everywhere",
            "Your y is right. Your dx multiplies every dy by the leak; on the right the slope is 1.",
            lambda dy, x, slope: (_leaky(dy, x, slope)[0], slope * dy),
        ),
        Misconception(
            "swapped",
            "You returned dx first: the order is y, dx.",
            lambda dy, x, slope: _leaky(dy, x, slope)[::-1],
        ),
    ),
)
