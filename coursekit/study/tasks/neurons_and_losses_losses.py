"""The exercises of chapter 05 on losses: cross-entropy, hinge and softmax with its gradient."""

from collections.abc import Callable
from typing import Any

import numpy as np

from coursekit.reference import (
    bce_with_logits,
    multiclass_hinge,
    sigmoid,
    softmax,
    softmax_cross_entropy_backward,
    softmax_cross_entropy_forward,
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
        _clipped(1e-7),
        _clipped(1e-8),
        _clipped(1e-10),
        _clipped(1e-12),
        _clipped(1e-15),
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


def _labeled_scores(rng: Rng, sizes: list[tuple[int, int]], scale: float) -> list[Case]:
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
        *_labeled_scores(rng, [(6, 4), (9, 3), (12, 6)], 1.0),
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

# --- 5.6 Softmax with its gradient ----------------------------------------------------------------------------


def _softmax_cases(rng: Rng) -> list[Case]:
    by_hand = (np.log(np.array([[1.0, 2, 1], [3, 1, 4]])), np.array([1, 0]))
    large = rng.normal(0, 2, (3, 4)).round(2) + np.array([[1000.0], [-1000], [0]])
    return [
        Case(by_hand, label="scores log 1, 2, 1 and log 3, 1, 4"),
        *_labeled_scores(rng, [(4, 3), (6, 5)], 2.0),
        Case(
            (large, rng.integers(0, 4, 3)),
            label="scores around 1000 and -1000, with which e^s overflows",
        ),
    ]


def _softmax_loss(s: np.ndarray, labels: np.ndarray) -> tuple[np.floating, np.ndarray]:
    L, cache = softmax_cross_entropy_forward(s, labels)
    return L, softmax_cross_entropy_backward(1.0, cache)


def _with_ds(
    ds: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray],
) -> Callable[[np.ndarray, np.ndarray], tuple[np.floating, np.ndarray]]:
    """Return the right loss with a wrong gradient, a function of scores, probabilities and one-hot labels."""

    def wrong(s: np.ndarray, labels: np.ndarray) -> tuple[np.floating, np.ndarray]:
        return _softmax_loss(s, labels)[0], ds(s, softmax(s), np.eye(s.shape[1])[labels])

    return wrong


def _down_the_columns(s: np.ndarray, labels: np.ndarray) -> tuple[np.floating, np.ndarray]:
    rows, p = np.arange(len(s)), softmax(s, axis=0)
    with np.errstate(divide="ignore"):
        return -np.mean(np.log(p[rows, labels])), (p - np.eye(s.shape[1])[labels]) / len(s)


def _one_total(s: np.ndarray, labels: np.ndarray) -> tuple[np.floating, np.ndarray]:
    shifted = s - s.max(axis=1, keepdims=True)
    logp = shifted - np.log(np.exp(shifted).sum())
    rows, hot = np.arange(len(s)), np.eye(s.shape[1])[labels]
    return -np.mean(logp[rows, labels]), (np.exp(logp) - hot) / len(s)


SOFTMAX = Task(
    id="5.6",
    title="Softmax with its gradient",
    points=4,
    minutes=18,
    difficulty=3,
    name="softmax_loss",
    returns=("L", "ds"),
    cases=_softmax_cases,
    reference=_softmax_loss,
    hints=(
        "Softmax does not change when you subtract the same number from all scores of an example. Which number makes "
        "sure that no exponent is positive?",
        "The loss is log(Σ e^s) - s_c. Its derivative by a score s_k has one part from the logarithm, for every k, "
        "and one from s_c, for the right class alone.",
        "The first part is p_k. The second is -1. And L is an average over N examples, so each gets a share of both.",
        "If a NaN comes out, print the scores of that case: what is e to the 1000?",
    ),
    misconceptions=(
        Misconception(
            "one not subtracted",
            "Your loss is right. Your ds pushes every score down, the right one too: where does the loss contain s_c "
            "itself?",
            _with_ds(lambda s, p, hot: p / len(s)),
        ),
        Misconception(
            "not averaged",
            "Your loss is right. Your ds is that of the sum over the examples; L is their average.",
            _with_ds(lambda s, p, hot: p - hot),
        ),
        Misconception(
            "sign of ds",
            "Your loss is right. Your ds has the other sign: a step against it would make the right score smaller.",
            _with_ds(lambda s, p, hot: (hot - p) / len(s)),
        ),
        Misconception(
            "right class only",
            "Your loss is right. Your ds moves the right score only; the others are in the denominator and move too.",
            _with_ds(lambda s, p, hot: hot * (p - 1) / len(s)),
        ),
        Misconception(
            "scores instead of probabilities",
            "Your loss is right. Your ds subtracts 1 from the scores themselves, not from their softmax.",
            _with_ds(lambda s, p, hot: (s - hot) / len(s)),
        ),
        Misconception(
            "divided by all entries",
            "Your loss is right. Your ds is divided by the number of all scores; L averages over the examples.",
            _with_ds(lambda s, p, hot: (p - hot) / s.size),
        ),
        Misconception(
            "summed",
            "You added the examples up, in L and in ds; both should be the average over the examples.",
            lambda s, labels: tuple(len(s) * part for part in _softmax_loss(s, labels)),
        ),
        Misconception(
            "loss summed",
            "Your ds is right. Your loss is the sum over the examples; it should be their average.",
            lambda s, labels: (
                len(s) * _softmax_loss(s, labels)[0],
                _softmax_loss(s, labels)[1],
            ),
        ),
        Misconception(
            "loss over all entries",
            "Your ds is right. Your loss is divided by the number of all scores; average over the examples.",
            lambda s, labels: (
                _softmax_loss(s, labels)[0] / s.shape[1],
                _softmax_loss(s, labels)[1],
            ),
        ),
        Misconception(
            "sign of the loss",
            "Your ds is right. Your loss is negative: it is minus the logarithm.",
            lambda s, labels: (-_softmax_loss(s, labels)[0], _softmax_loss(s, labels)[1]),
        ),
        Misconception(
            "largest score not added back",
            "Your ds is right. In your loss the largest score was subtracted inside the logarithm only: subtract it "
            "from the right score too.",
            lambda s, labels: (
                _softmax_loss(s, labels)[0] - np.mean(s.max(axis=1)),
                _softmax_loss(s, labels)[1],
            ),
        ),
        Misconception(
            "one total for all",
            "Your probabilities add up to 1 over the whole array; they should in each row: `axis=1, keepdims=True`.",
            _one_total,
        ),
        Misconception(
            "down the columns",
            "Your probabilities add up to 1 down the columns: they should in each row, over the classes of one "
            "example.",
            _down_the_columns,
        ),
        Misconception(
            "swapped",
            "You returned ds first: the order is L, ds.",
            lambda s, labels: _softmax_loss(s, labels)[::-1],
        ),
    ),
)
