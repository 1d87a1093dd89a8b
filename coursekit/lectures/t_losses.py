"""Leal-Taixé and Niessner, slides 2 to 16: one layer, probabilities, and the losses."""

from itertools import pairwise

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.reference import (
    bce_with_logits,
    linear,
    multiclass_hinge,
    sigmoid,
    softmax,
    softmax_cross_entropy,
)
from coursekit.reference.losses import multiclass_hinge_backward, multiclass_hinge_forward


def _scores() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(9)
    return 2 * rng.normal(size=(6, 3)), rng.integers(0, 3, size=6)


def _one_layer() -> tuple[int, ...]:
    image = np.zeros((1, 128 * 128))
    return linear(image, np.zeros((10, 128 * 128)), np.zeros(10)).shape[1:]


def _is_a_probability() -> Finding:
    p = sigmoid(np.linspace(-30, 30, 61))
    s = np.linspace(-5, 5, 11)
    both = bool(np.allclose(sigmoid(s) + sigmoid(-s), 1))
    return Finding(
        bool(((p > 0) & (p < 1)).all()) and both,
        "for 61 numbers from -30 to 30 between 0 and 1, and the two answers add up to 1",
    )


def _binary(sign: int) -> Sides:
    """Compare slide 9's L, or minus L, with the loss of the reference, one sample at a time."""
    s, _ = _scores()
    t = (np.arange(6) % 2).astype(float)
    p = sigmoid(s[:, 0])
    printed = t * np.log(p) + (1 - t) * np.log(1 - p)
    right = [float(bce_with_logits(s[k : k + 1, 0], t[k : k + 1])) for k in range(6)]
    return Sides(sign * printed, right, "6 random scores")


def _cost() -> Sides:
    s, _ = _scores()
    t = (np.arange(6) % 2).astype(float)
    p = sigmoid(s[:, 0])
    printed = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    return Sides(printed, float(bce_with_logits(s[:, 0], t)), "6 random scores")


def _several_classes() -> Sides:
    s, labels = _scores()
    printed = -np.mean(np.sum(np.eye(3)[labels] * np.log(softmax(s)), axis=1))
    return Sides(printed, float(softmax_cross_entropy(s, labels)), "6 random samples of 3 classes")


def _two_classes() -> Sides:
    s, _ = _scores()
    t = np.arange(6) % 2
    p = sigmoid(s[:, 0])
    both = np.stack([1 - p, p], axis=1)
    printed = -np.mean(np.sum(np.eye(2)[t] * np.log(both), axis=1))
    return Sides(printed, float(bce_with_logits(s[:, 0], t)), "6 random scores and 2 classes")


def _sigmoids_do_not_add_up() -> Finding:
    sums = sigmoid(_scores()[0]).sum(axis=1)
    return Finding(
        not np.allclose(sums, 1),
        f"three sigmoids of random scores add up to {sums.min():.2f} to {sums.max():.2f}",
    )


def _divided_by_their_sum() -> Finding:
    p = sigmoid(_scores()[0])
    p = p / p.sum(axis=1, keepdims=True)
    apart = np.abs(p - softmax(_scores()[0])).max()
    return Finding(
        bool(np.allclose(p.sum(axis=1), 1)),
        f"they add up to 1; from the softmax of the same scores they differ by up to {apart:.2f}",
    )


def _softmax() -> Sides:
    s, _ = _scores()
    return Sides(
        np.exp(s) / np.exp(s).sum(axis=1, keepdims=True), softmax(s), "6 samples of 3 scores"
    )


def _cross_entropy() -> Sides:
    s, labels = _scores()
    rows = np.arange(6)
    printed = -np.log(np.exp(s[rows, labels]) / np.exp(s).sum(axis=1))
    right = [float(softmax_cross_entropy(s[k : k + 1], labels[k : k + 1])) for k in rows]
    return Sides(printed, right, "6 random samples of 3 classes")


def _hinge() -> Sides:
    s, labels = _scores()
    printed = [
        sum(max(0.0, s[i, k] - s[i, y] + 1) for k in range(3) if k != y)
        for i, y in enumerate(labels)
    ]
    right = [float(multiclass_hinge(s[k : k + 1], labels[k : k + 1])) for k in range(6)]
    return Sides(printed, right, "6 random samples of 3 classes")


LEADS = (0.0, 1.0, 10.0, 30.0)  # of the right score before the others


def _never_zero(limit: bool) -> Finding:
    """Look at the cross-entropy as the right score leads: does it reach zero, or come as near as one likes?"""
    loss = [
        float(softmax_cross_entropy(np.array([[lead, 0.0, 0.0]]), np.array([0]))) for lead in LEADS
    ]
    shown = ", ".join(f"{value:.1g}" for value in loss)
    leads = ", ".join(f"{lead:g}" for lead in LEADS)
    falls = all(b < a for a, b in pairwise(loss))
    hold = falls and loss[-1] < 1e-9 if limit else loss[-1] == 0
    return Finding(hold, f"{shown} where the right score leads by {leads}")


def _well_enough() -> Finding:
    s, labels = np.array([[1.5, 0.2, 0.1], [0.4, 0.2, 0.1]]), np.array([0, 0])
    losses, slopes = [], []
    for k in range(2):
        loss, cache = multiclass_hinge_forward(s[k : k + 1], labels[k : k + 1])
        losses.append(float(loss))
        slopes.append(float(np.abs(multiclass_hinge_backward(1.0, cache)).max()))
    return Finding(
        losses[0] == 0 and slopes[0] == 0 and losses[1] > 0,
        f"a lead of 1.3 costs {losses[0]:g} and has slope {slopes[0]:g}, a lead of 0.2 costs {losses[1]:.1f}",
    )


def _likelihood() -> Sides:
    s, labels = _scores()
    p = softmax(s)[np.arange(6), labels]
    return Sides(
        np.log(np.prod(p)) / 6, -float(softmax_cross_entropy(s, labels)), "6 random samples"
    )


CLAIMS = (
    Claim(
        "T02-one-layer",
        "f = Wx takes an image of 128×128 to this many scores",
        "shape",
        printed="10",
        compute=_one_layer,
        chapter=5,
        cell="collapse",
    ),
    Claim(
        "T07-sigmoid",
        "the sigmoid is 1/(1 + exp(-x))",
        "formula",
        compute=lambda: Sides(
            1 / (1 + np.exp(-np.linspace(-5, 5, 11))),
            sigmoid(np.linspace(-5, 5, 11)),
            "x from -5 to 5",
        ),
        chapter=5,
        cell="activation-graphs",
    ),
    Claim(
        "T07-probability",
        "its value can be read as a probability",
        "comparison",
        compute=_is_a_probability,
        chapter=5,
        cell="three-losses",
    ),
    Claim(
        "T09-loss",
        "the loss of a sample is y log p + (1 - y) log(1 - p)",
        "formula",
        compute=lambda: _binary(1),
        conventions={
            "that is the log-likelihood, to be made large; the cost below it has the minus": (
                lambda: _binary(-1)
            )
        },
        chapter=5,
        cell="softmax-and-slides",
    ),
    Claim(
        "T09-cost",
        "the cost is minus the mean of y log p + (1 - y) log(1 - p)",
        "formula",
        compute=_cost,
        chapter=5,
        cell="bce-by-hand",
    ),
    Claim(
        "T10-classes",
        "for M classes the cost is minus the mean of the sum of y_c log p_c",
        "formula",
        compute=_several_classes,
        chapter=5,
        cell="softmax-and-slides",
    ),
    Claim(
        "T10-two",
        "for two classes that is the cost from before",
        "formula",
        compute=_two_classes,
        chapter=5,
        cell="bce-by-hand",
    ),
    Claim(
        "T12-sum",
        "several sigmoids are no distribution over classes, for those have to sum to 1",
        "comparison",
        compute=_sigmoids_do_not_add_up,
        chapter=5,
        cell="softmax-and-slides",
    ),
    Claim(
        "T13-normalized",
        "divided by their sum they are probabilities",
        "comparison",
        compute=_divided_by_their_sum,
        chapter=5,
        cell="softmax-and-slides",
        remark="They are not the softmax of the next slide, which divides exponentials",
    ),
    Claim(
        "T14-softmax",
        "p(cat) is exp(s_cat) divided by the sum of exp(s_c)",
        "formula",
        compute=_softmax,
        chapter=5,
        cell="softmax-and-slides",
    ),
    Claim(
        "T15-cross-entropy",
        "the cross-entropy of a sample is -log of the softmax of its true score",
        "formula",
        compute=_cross_entropy,
        chapter=5,
        cell="softmax-and-slides",
    ),
    Claim(
        "T15-hinge",
        "the hinge loss is the sum over the other classes of max(0, s_k - s_y + 1)",
        "formula",
        compute=_hinge,
        chapter=5,
        cell="near-the-optimum",
    ),
    Claim(
        "T15-likelihood",
        "cross-entropy comes from maximum likelihood",
        "formula",
        compute=_likelihood,
        chapter=5,
        cell="three-losses",
    ),
    Claim(
        "T15-zero",
        "cross-entropy optimizes until the loss is zero",
        "comparison",
        compute=lambda: _never_zero(limit=False),
        conventions={
            "as a limit, which no finite scores reach": lambda: _never_zero(limit=True),
        },
        chapter=5,
        cell="near-the-optimum",
    ),
    Claim(
        "T15-enough",
        "the hinge loss saturates once a class is learned well enough",
        "comparison",
        compute=_well_enough,
        chapter=5,
        cell="near-the-optimum",
    ),
)
