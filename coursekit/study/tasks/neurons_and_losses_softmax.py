"""The exercise of chapter 05 on softmax: the loss and its gradient."""

from collections.abc import Callable

import numpy as np

from coursekit.reference import (
    softmax,
    softmax_cross_entropy_backward,
    softmax_cross_entropy_forward,
)
from coursekit.study.task import Case, Misconception, Task
from coursekit.study.tasks.neurons_and_losses_losses import labeled_scores

Rng = np.random.Generator

# --- 5.6 Softmax with its gradient ----------------------------------------------------------------------------


def _softmax_cases(rng: Rng) -> list[Case]:
    by_hand = (np.log(np.array([[1.0, 2, 1], [3, 1, 4]])), np.array([1, 0]))
    large = rng.normal(0, 2, (3, 4)).round(2) + np.array([[1000.0], [-1000], [0]])
    return [
        Case(by_hand, label="scores log 1, 2, 1 and log 3, 1, 4"),
        *labeled_scores(rng, [(4, 3), (6, 5)], 2.0),
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


def _shifted_by(
    shift: Callable[[np.ndarray], np.ndarray | float],
) -> Callable[[np.ndarray, np.ndarray], tuple[np.floating, np.ndarray]]:
    """Return softmax with its gradient as the formulas say, after subtracting this from the scores."""

    def wrong(s: np.ndarray, labels: np.ndarray) -> tuple[np.floating, np.ndarray]:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            e = np.exp(s - shift(s))
            p = e / e.sum(axis=1, keepdims=True)
            right = p[np.arange(len(s)), labels]
            return -np.mean(np.log(right)), (p - np.eye(s.shape[1])[labels]) / len(s)

    return wrong


def _whole_columns(s: np.ndarray, labels: np.ndarray) -> tuple[np.floating, np.ndarray]:
    ds = softmax(s)
    ds[:, labels] -= 1
    return _softmax_loss(s, labels)[0], ds / len(s)


def _labels_subtracted(s: np.ndarray, labels: np.ndarray) -> tuple[np.floating, np.ndarray]:
    return _softmax_loss(s, labels)[0], (softmax(s) - labels[:, None]) / len(s)


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
            "one subtracted everywhere",
            "Your loss is right. Your ds subtracts 1 from every entry; only the right class of each row gets it.",
            _with_ds(lambda s, p, hot: (p - 1) / len(s)),
        ),
        Misconception(
            "one subtracted in whole columns",
            "Your loss is right. `ds[:, labels]` means whole columns; one entry in each row is `ds[rows, labels]`, "
            "with `rows = np.arange(len(s))`.",
            _whole_columns,
        ),
        Misconception(
            "labels subtracted",
            "Your loss is right. A label says where to subtract 1; you subtracted its number.",
            _labels_subtracted,
        ),
        Misconception(
            "nothing subtracted",
            "Right, as long as no e^s overflows: e to the 1000 is infinite, and infinite by infinite is NaN. Subtract "
            "something from each example's scores first.",
            _shifted_by(lambda s: 0.0),
        ),
        Misconception(
            "one maximum for all",
            "You subtracted the largest score of the whole batch. An example whose scores all lie far below it gets "
            "nothing but zeros: each row needs its own largest score.",
            _shifted_by(lambda s: s.max()),
        ),
        Misconception(
            "maximum of the columns",
            "You subtracted the largest score of each class. What makes no difference to softmax is the same number "
            "for all classes of one example: `axis=1`.",
            _shifted_by(lambda s: s.max(axis=0)),
        ),
        Misconception(
            "by the probability",
            "Your loss is right. Your ds is the gradient by the probabilities; go on through softmax to the scores.",
            _with_ds(lambda s, p, hot: -hot / p / len(s)),
        ),
        Misconception(
            "row in place of a column",
            "The scores have N rows. A largest score or a sum for each row must be a column: `keepdims=True`.",
            lambda s, labels: s - s.max(axis=1),
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
