"""The exercise 16.3: the gradients of one neuron, one of them wrong."""

from collections.abc import Callable

import numpy as np

from coursekit.reference import sigmoid
from coursekit.study.task import Case, Misconception, Task
from coursekit.study.tasks.lecture_numbers_lists import (
    COUNTED_FROM_ONE,
    THE_WRONG_ONE,
    Place,
    as_printed,
    farthest,
    first_apart,
    from_one,
)

Array = np.ndarray
Rng = np.random.Generator

W = np.array([0.8, -1.5, 0.4])
X = np.array([-0.6, -1.2])
PRINTED = np.array([-0.08, -0.10, -0.15, -0.19, 0.13])  # the second lost the sign of w0


def gradients(w: Array, x: Array) -> Array:
    """Return those of w0, x0, w1, x1 and w2, for the neuron sigmoid(w0 x0 + w1 x1 + w2)."""
    y = float(sigmoid(np.array([w[0] * x[0] + w[1] * x[1] + w[2]]))[0])
    return y * (1 - y) * _local(w, x)


def _local(w: Array, x: Array) -> Array:
    return np.array([x[0], w[0], x[1], w[1], 1.0])


def _score(w: Array, x: Array) -> float:
    return float(w[0] * x[0] + w[1] * x[1] + w[2])


def _cases(rng: Rng) -> list[Case]:
    cases = [Case((W, X, PRINTED), label="the slide")]
    for _ in range(2):
        while True:
            w, x = rng.uniform(0.7, 2.5, 3), rng.uniform(0.7, 2.5, 2)
            w, x = w * rng.choice([-1, 1], 3), x * rng.choice([-1, 1], 2)
            if 0.3 < abs(_score(w, x)) < 1.5:  # not in the flat part, and σ(s) is not 1 - σ(s)
                break
        w, x = np.round(w, 2), np.round(x, 2)
        printed = np.round(gradients(w, x), 2)
        k = int(rng.integers(1, 4))  # a wrong one among the first would hide other mistakes
        printed[k] = -printed[k]
        cases.append(Case((w, x, printed), label="another neuron"))
    return cases


def _find(w: Array, x: Array, printed: Array) -> Place:
    return farthest(gradients(w, x), printed)


def _by(compute: Callable[[Array, Array], Array]) -> Callable[[Array, Array, Array], Place]:
    def found(w: Array, x: Array, printed: Array) -> Place:
        return first_apart(compute(w, x), printed, 0.0051)

    return found


def _own_value(w: Array, x: Array) -> Array:
    y = float(sigmoid(np.array([_score(w, x)]))[0])
    return y * (1 - y) * np.array([w[0], x[0], w[1], x[1], 1.0])


def _of_the_score(w: Array, x: Array) -> Array:
    return _local(w, x)


def _slope_of_the_score(w: Array, x: Array) -> Array:
    s = _score(w, x)
    return s * (1 - s) * _local(w, x)


def _times_y(w: Array, x: Array) -> Array:
    return float(sigmoid(np.array([_score(w, x)]))[0]) * _local(w, x)


def _without_sign(w: Array, x: Array, printed: Array) -> Place:
    right = np.abs(gradients(w, x))
    return first_apart(right, printed, 0.0051)


GRADIENT = Task(
    id="16.3",
    title="Five gradients",
    points=4,
    minutes=14,
    difficulty=2,
    name="wrong_gradient",
    returns=("place", "right"),
    cases=_cases,
    reference=_find,
    misconceptions=(
        Misconception(
            "exactly equal",
            "You return the first gradient that is not exactly the printed one. The slide rounds to two decimals: "
            "look for the one that is off by more than 0.005.",
            lambda w, x, printed: first_apart(gradients(w, x), printed),
        ),
        Misconception(
            "gradient of the product is the factor itself",
            "For each factor you take the factor itself. How much the product w·x moves when x moves is told by the "
            "other one, w.",
            _by(_own_value),
        ),
        Misconception(
            "stops at the score",
            "Your gradients are those of the score w0 x0 + w1 x1 + w2. The slope of the sigmoid is missing.",
            _by(_of_the_score),
        ),
        Misconception(
            "slope taken at the score",
            "You write the slope of the sigmoid as s(1 - s) with the score s. It is y(1 - y), with the sigmoid's "
            "value y.",
            _by(_slope_of_the_score),
        ),
        Misconception(
            "times the output",
            "You multiply by the sigmoid's value y. What arrives behind the sigmoid is multiplied by its slope, y(1 "
            "- y).",
            _by(_times_y),
        ),
        Misconception(
            "signs lost",
            "Your gradients have no signs, and so every negative one of the slide looks wrong.",
            _without_sign,
        ),
        Misconception("place counted from one", COUNTED_FROM_ONE, from_one(_find)),
        Misconception("the printed number", THE_WRONG_ONE, as_printed(_find)),
    ),
    hints=(
        "Go forward first: the score, then its sigmoid y.",
        "Behind the sigmoid the gradient is y(1 - y). Each factor of a product gets it times the other factor.",
        "Put the five gradients into an array in the order of the slide: w0, x0, w1, x1, w2.",
    ),
)
