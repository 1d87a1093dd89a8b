"""The exercises of chapter 05 on losses: binary cross-entropy and hinge."""

from collections.abc import Callable
from typing import Any

import numpy as np

from coursekit.reference import (
    bce_with_logits,
    multiclass_hinge,
    sigmoid,
)
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator

# --- 5.4 Cross-entropy that survives --------------------------------------------------------------------------


def _bce_cases(rng: Rng) -> list[Case]:
    cases = [Case((np.array([0.0, 2, -1]), np.array([1.0, 0, 0])), label="s = 0 2 -1, t = 1 0 0")]
    for N in (5, 8):
        s, t = rng.normal(0, 2, N).round(2), np.arange(N) % 3 > 0
        cases.append(Case((s, t.astype(float)), label=f"{N} scores"))
    s, t = np.append(rng.normal(0, 2, 4).round(2), [800.0, -900.0]), np.array([1.0, 0, 0, 1, 0, 1])
    cases.append(Case((s, t), label="scores of 800 and -900, both on the wrong side"))
    return cases


def _from_probability(s: np.ndarray, t: np.ndarray, least: float = 0.0) -> np.floating:
    p = np.clip(sigmoid(s), least, 1 - least)
    with np.errstate(divide="ignore"):
        return np.mean(np.where(t == 1, -np.log(p), -np.log(1 - p)))


_CLIPPED = (
    "You kept the probability away from 0 and 1. That avoids infinity, but an example that is wrong by 800 then costs "
    "no more than one that is wrong by 20. Write the loss in terms of the score."
)


def _without_bars(s: np.ndarray, t: np.ndarray) -> np.floating:
    with np.errstate(over="ignore"):
        return np.mean(np.maximum(s, 0) - s * t + np.log(1 + np.exp(-s)))


def _exponent_up(s: np.ndarray, t: np.ndarray) -> np.floating:
    with np.errstate(over="ignore"):
        return np.mean(np.maximum(s, 0) - s * t + np.log(1 + np.exp(np.abs(s))))


def _both_ways(
    name: str, sentence: str, wrong: Callable[[np.ndarray, np.ndarray], Any]
) -> tuple[Misconception, ...]:
    """Return a mistake as made with the stable costs of the examples, and as made through the probability."""

    def naive(s: np.ndarray, t: np.ndarray) -> Any:
        with np.errstate(divide="ignore"):
            return wrong(-np.log(np.where(t == 1, sigmoid(s), 1 - sigmoid(s))), t)

    return (
        Misconception(
            name, sentence, lambda s, t: wrong(np.logaddexp(0, np.where(t == 1, -s, s)), t)
        ),
        Misconception(name + ", through the probability", sentence, naive),
    )


def _clipped(least: float) -> Misconception:
    return Misconception(
        f"clipped at {least:g}", _CLIPPED, lambda s, t: _from_probability(s, t, least)
    )


BCE = Task(
    id="5.4",
    title="Cross-entropy that survives",
    points=3,
    minutes=10,
    difficulty=2,
    name="bce",
    returns=("L",),
    cases=_bce_cases,
    reference=lambda s, t: bce_with_logits(s, t),
    hints=(
        "First the formula of the chapter: minus the logarithm of the probability that the truth got, averaged.",
        "Put σ(s) = 1/(1 + e^(-s)) into -log σ(s). What is left is log(1 + e^(-s)); and for the target 0 the same "
        "with -s.",
        "`np.exp` of 800 overflows. `np.logaddexp(0, a)` is log(1 + e^a) for every a; the chapter has another form "
        "with |s|.",
    ),
    misconceptions=(
        Misconception(
            "through the probability",
            "Your formula is right on paper. At a score of 800 the computer rounds the sigmoid to 1, or e to the 800 "
            "to infinity, and the loss becomes infinite. Rewrite it so that no exponent is large and positive.",
            lambda s, t: _from_probability(s, t),
        ),
        *(_clipped(10.0**-power) for power in range(3, 17)),
        _clipped(float(np.finfo(float).eps)),
        *_both_ways(
            "summed",
            "You added the examples up; the loss is their average, so that it does not grow with their number.",
            lambda costs, t: np.sum(costs),
        ),
        *_both_ways(
            "sign",
            "Your loss is negative: making it small would make the network as wrong as it can be.",
            lambda costs, t: -np.mean(costs),
        ),
        Misconception(
            "targets swapped",
            "You charge the right answers: an example of target 1 costs the logarithm of p, not of 1 - p.",
            lambda s, t: bce_with_logits(s, 1 - t),
        ),
        *_both_ways(
            "not averaged",
            "You returned the loss of every example; return their average, one number.",
            lambda costs, t: costs,
        ),
        Misconception(
            "squared error",
            "That is the mean squared error. Cross-entropy is minus the logarithm of what the truth got.",
            lambda s, t: np.mean((sigmoid(s) - t) ** 2),
        ),
        Misconception(
            "sign of s t",
            "Almost: s t is subtracted. An example of target 1 costs less, the larger its score.",
            lambda s, t: np.mean(np.logaddexp(0, s) + s * t),
        ),
        Misconception(
            "s t forgotten",
            "Your loss does not look at the targets: for target 1, s has to be subtracted.",
            lambda s, t: np.mean(np.logaddexp(0, s)),
        ),
        Misconception(
            "exponent turned up",
            "Almost: the exponent is -|s|. With |s| it grows with the score and overflows.",
            _exponent_up,
        ),
        Misconception(
            "a question to the whole array",
            "`max` and `if` need one yes or no, and s > 0 is one for each entry: use `np.maximum` or `np.where`.",
            lambda s, t: max(s, 0),
        ),
        *_both_ways(
            "only the ones",
            "Only the examples of target 1 cost something; a network that always says 1 would cost nothing.",
            lambda costs, t: np.mean(np.where(t == 1, costs, 0)),
        ),
        Misconception(
            "bars forgotten",
            "Almost: in log(1 + e^(-|s|)) the bars matter. Without them negative scores are charged twice.",
            _without_bars,
        ),
        *_both_ways(
            "base 2",
            "You took the logarithm to base 2, which counts bits; the course counts with the natural one.",
            lambda costs, t: np.mean(costs) / np.log(2),
        ),
    ),
)

# --- 5.5 A margin is enough -----------------------------------------------------------------------------------


def labeled_scores(rng: Rng, sizes: list[tuple[int, int]], scale: float) -> list[Case]:
    """Return cases of random scores and labels, one for each (examples, classes)."""
    return [
        Case(
            (rng.normal(0, scale, (N, C)).round(2), rng.integers(0, C, N)),
            label=f"{N} examples, {C} classes",
        )
        for N, C in sizes
    ]


def _hinge_cases(rng: Rng) -> list[Case]:
    by_hand = (np.array([[3.0, 1, 2.5], [0, 1, 1]]), np.array([0, 0]))
    return [
        Case(by_hand, label="scores 3 1 2.5 and 0 1 1, class 0 is right"),
        *labeled_scores(rng, [(6, 4), (9, 3), (12, 6)], 1.0),
    ]


def _gaps(s: np.ndarray, labels: np.ndarray, margin: float = 1.0) -> np.ndarray:
    """Return what each rival is short of: max(0, s_k − s_c + margin), 0 for the right class."""
    rows = np.arange(len(s))
    gaps: np.ndarray = np.maximum(0, s - s[rows, labels][:, None] + margin)
    gaps[rows, labels] = 0
    return gaps


def _squared(s: np.ndarray, labels: np.ndarray) -> np.floating:
    return np.mean(np.sum(_gaps(s, labels) ** 2, axis=1))


HINGE = Task(
    id="5.5",
    title="A margin is enough",
    points=3,
    minutes=10,
    difficulty=2,
    name="hinge",
    returns=("L",),
    cases=_hinge_cases,
    reference=lambda s, labels: multiclass_hinge(s, labels),
    hints=(
        "One example first: by hand, the first row of scores is 3, 1, 2.5 and class 0 is right. Class 1 is far enough "
        "behind, class 2 is 0.5 too close.",
        "`s[np.arange(len(s)), labels]` are the right scores, one for each row. Subtract them from their rows: "
        "`[:, None]` makes a column of them.",
        "What does the right class itself contribute to the sum if you do not leave it out?",
    ),
    misconceptions=(
        Misconception(
            "competes with itself",
            "The right class competes with itself in your sum and costs 1 for each example: leave it out.",
            lambda s, labels: multiclass_hinge(s, labels) + 1,
        ),
        Misconception(
            "no margin",
            "You count only rivals that are ahead. A rival that is less than 1 behind costs something too.",
            lambda s, labels: multiclass_hinge(s, labels, margin=0),
        ),
        Misconception(
            "strongest rival only",
            "You count the strongest rival only; every rival that is too close is added.",
            lambda s, labels: np.mean(np.max(_gaps(s, labels), axis=1)),
        ),
        Misconception(
            "strongest of all",
            "You took the largest entry of each row, the right class included, which makes at least 1 for everybody. "
            "Leave it out, and add up all rivals that are too close.",
            lambda s, labels: np.mean(np.maximum(1, np.max(_gaps(s, labels), axis=1))),
        ),
        Misconception(
            "averaged over the classes",
            "You divided by the number of classes too. Add over the rivals, average over the examples.",
            lambda s, labels: multiclass_hinge(s, labels) / s.shape[1],
        ),
        Misconception(
            "averaged over the rivals",
            "You divided by the number of rivals too. Add over the rivals, average over the examples.",
            lambda s, labels: multiclass_hinge(s, labels) / (s.shape[1] - 1),
        ),
        Misconception(
            "summed",
            "You added the examples up; the loss is their average.",
            lambda s, labels: multiclass_hinge(s, labels) * len(s),
        ),
        Misconception(
            "competes with itself, averaged over the classes",
            "Two things: leave the right class out of its sum, and divide by the number of examples only.",
            lambda s, labels: (multiclass_hinge(s, labels) + 1) / s.shape[1],
        ),
        Misconception(
            "competes with itself, summed",
            "Two things: leave the right class out of its sum, and average over the examples.",
            lambda s, labels: (multiclass_hinge(s, labels) + 1) * len(s),
        ),
        Misconception(
            "not averaged",
            "You returned the loss of every example; return their average, one number.",
            lambda s, labels: np.sum(_gaps(s, labels), axis=1),
        ),
        Misconception(
            "row in place of a column",
            "The scores have N rows. What you subtract must be a column of N right scores, one for each row: "
            "`[:, None]` makes it one.",
            lambda s, labels: s - s[np.arange(len(s)), labels],
        ),
        Misconception(
            "whole rows picked",
            "`s[labels]` picks whole rows. The right score of row i is `s[i, labels[i]]`; hint 2 has all rows.",
            lambda s, labels: np.sum(np.maximum(0, s - s[labels] + 1)) / len(s),
        ),
        Misconception(
            "margin turned round",
            "Your margin has the wrong sign: a rival that is 0.5 behind is too close by 0.5, so 1 is added.",
            lambda s, labels: np.sum(_gaps(s, labels, margin=-1)) / len(s),
        ),
        Misconception(
            "no rivals",
            "You look at the right score alone. The margin is its lead over each of the others.",
            lambda s, labels: np.mean(np.maximum(0, 1 - s[np.arange(len(s)), labels])),
        ),
        Misconception(
            "wrong way round",
            "You charge the right class for being ahead: it is the rival's score minus the right score, plus 1.",
            lambda s, labels: multiclass_hinge(-s, labels),
        ),
        Misconception(
            "squared",
            "You squared what is missing. That is a loss too, but here it counts as it is.",
            _squared,
        ),
        Misconception(
            "kept inside the maximum",
            "Some rivals lower your loss: what is far enough behind counts 0, not less.",
            lambda s, labels: np.mean(
                np.sum(s - s[np.arange(len(s)), labels][:, None] + 1, axis=1) - 1
            ),
        ),
    ),
)
