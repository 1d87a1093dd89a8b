"""Exercise 9.1: the expectation over every mask."""

from itertools import product
from math import comb

import numpy as np

from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator
Pair = tuple[np.ndarray, np.ndarray]


def _masks_cases(rng: Rng) -> list[Case]:
    cases = [
        Case(
            (np.array([3.0, 5.0]), np.array([2.0, -1.0]), 0.5),
            label="x = 3 5, theta = 2 -1, rate 0.5",
        )
    ]
    for n, rate in ((1, 0.2), (3, 0.25), (4, 0.7)):
        x, theta = rng.normal(size=(2, n)).round(2) + 0.003
        cases.append(Case((x, theta, rate), label=f"{n} inputs, rate {rate}"))
    return cases


def _every(n: int) -> np.ndarray:
    return np.array(list(product((0, 1), repeat=n)))


def _masks(x: np.ndarray, theta: np.ndarray, rate: float) -> Pair:
    every = _every(len(x))
    return every @ (theta * x), np.prod(np.where(every == 1, 1 - rate, rate), axis=1)


def _kept_only(x: np.ndarray, theta: np.ndarray, rate: float) -> Pair:
    return _masks(x, theta, rate)[0], (1 - rate) ** _every(len(x)).sum(axis=1)


def _chances_added(x: np.ndarray, theta: np.ndarray, rate: float) -> Pair:
    return _masks(x, theta, rate)[0], np.where(_every(len(x)) == 1, 1 - rate, rate).sum(axis=1)


def _as_many_kept(x: np.ndarray, theta: np.ndarray, rate: float) -> Pair:
    z, chance = _masks(x, theta, rate)
    return z, chance * [comb(len(x), kept) for kept in _every(len(x)).sum(axis=1)]


def _other_order(x: np.ndarray, theta: np.ndarray, rate: float) -> Pair:
    every = _every(len(x))[:, ::-1]
    return every @ (theta * x), np.prod(np.where(every == 1, 1 - rate, rate), axis=1)


MASKS = Task(
    id="9.1",
    title="Every mask",
    points=3,
    minutes=10,
    difficulty=2,
    name="every_mask",
    returns=("z", "chance"),
    cases=_masks_cases,
    reference=_masks,
    hints=(
        "`itertools.product((0, 1), repeat=n)` counts through all masks in the order that is asked for; "
        "`np.array(list(...))` makes them rows.",
        "One mask m gives z = sum of m * theta * x: a product of the array of masks with a vector does all of them.",
        "An input that is kept contributes the factor 1 - rate to the probability of its mask, one that is dropped "
        "contributes rate. `np.where` chooses, `np.prod` along axis 1 multiplies.",
    ),
    misconceptions=(
        Misconception(
            "rate taken for the probability to keep",
            "You took rate for the probability to keep an input; in this course, as in torch, it is the probability "
            "to drop it.",
            lambda x, theta, rate: _masks(x, theta, 1 - rate),
        ),
        Misconception(
            "all masks equally likely",
            "You gave all masks the same probability, which is true at rate 1/2 only.",
            lambda x, theta, rate: (_masks(x, theta, rate)[0], np.full(2 ** len(x), 0.5 ** len(x))),
        ),
        Misconception(
            "dropped inputs left out of the probability",
            "You multiplied over the kept inputs only, so your probabilities do not add up to 1: that the others are "
            "dropped has a probability too.",
            _kept_only,
        ),
        Misconception(
            "scaled already",
            "You divided z by the probability to keep. That belongs to inverted dropout; here z is the plain sum "
            "over the inputs that are left.",
            lambda x, theta, rate: (
                _masks(x, theta, rate)[0] / (1 - rate),
                _masks(x, theta, rate)[1],
            ),
        ),
        Misconception(
            "probability inside z",
            "Your z are multiplied by the probabilities already; return the two separately.",
            lambda x, theta, rate: (
                np.multiply(*_masks(x, theta, rate)),
                _masks(x, theta, rate)[1],
            ),
        ),
        Misconception(
            "not added up",
            "Your z holds the products of each mask; a unit adds them up, so z has one number for each mask.",
            lambda x, theta, rate: (_every(len(x)) * theta * x, _masks(x, theta, rate)[1]),
        ),
        Misconception(
            "probabilities added",
            "You added the inputs' probabilities up. That this happens to one input and that to another: "
            "independent chances multiply.",
            _chances_added,
        ),
        Misconception(
            "masks counted from the other end",
            "Your masks are all there, in another order: the last input changes fastest, 00, 01, 10, 11, where the "
            "first digit belongs to x[0].",
            _other_order,
        ),
        Misconception(
            "masks from all kept to none",
            "Your masks run from all kept to none kept: 1 means kept, so the first one, 00, keeps nothing.",
            lambda x, theta, rate: tuple(part[::-1] for part in _masks(x, theta, rate)),
        ),
        Misconception(
            "kept inputs left out of the probability",
            "You multiplied over the dropped inputs only, so your probabilities do not add up to 1: that the others "
            "are kept has a probability too.",
            lambda x, theta, rate: (
                _masks(x, theta, rate)[0],
                rate ** (1 - _every(len(x))).sum(axis=1),
            ),
        ),
        Misconception(
            "probability of the number kept",
            "Yours is the probability that so many inputs are kept, whichever they are. One mask says which: leave "
            "out the count of masks that keep as many.",
            _as_many_kept,
        ),
        Misconception(
            "not multiplied",
            "Your chance holds one number for each input. The probability of a mask is their product, along axis 1.",
            lambda x, theta, rate: (
                _masks(x, theta, rate)[0],
                np.where(_every(len(x)) == 1, 1 - rate, rate),
            ),
        ),
        Misconception(
            "mean instead of sum",
            "You divided z by the number of inputs: that is their mean, and a unit adds up.",
            lambda x, theta, rate: (
                _masks(x, theta, rate)[0] / len(x),
                _masks(x, theta, rate)[1],
            ),
        ),
        Misconception(
            "weights left out",
            "You added the kept inputs up without their weights.",
            lambda x, theta, rate: (_every(len(x)) @ x, _masks(x, theta, rate)[1]),
        ),
        Misconception(
            "pair swapped",
            "Those are the two right answers in the wrong order: z first.",
            lambda x, theta, rate: _masks(x, theta, rate)[::-1],
        ),
    ),
)
