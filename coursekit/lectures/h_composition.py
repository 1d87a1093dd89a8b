"""Hierarchical compositionality, slides 33 to 42: from linear classifiers to functions of functions."""

from itertools import product

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.reference import linear, relu

CORNERS = np.array(list(product((0.0, 1.0), repeat=2)))
XOR = np.where(CORNERS[:, 0] != CORNERS[:, 1], 1, -1)


def _units(x: np.ndarray) -> np.ndarray:
    """Return the answers of fixed random units, a feature extractor that knows nothing."""
    wires = np.random.default_rng(33).integers(-1, 2, size=(20, x.shape[1]))
    return np.where(x @ wires.T >= 0, 1.0, -1.0)


def _decision() -> Sides:
    rng = np.random.default_rng(0)
    X, W, b = rng.normal(size=(30, 8)), rng.normal(size=20), 0.5
    F, N = _units(X), 20
    terms = [np.sign(sum(W[i] * F[n, i] for i in range(N)) + b) for n in range(30)]
    right = np.where(linear(F, W[None], np.array([b]))[:, 0] > 0, 1, -1)
    return Sides(terms, right, "30 random inputs and 20 units")


def _perceptron(features: np.ndarray, targets: np.ndarray, passes: int = 50) -> int:
    """Learn by the perceptron rule; return the mistakes of the last pass."""
    x, mistakes = np.column_stack([features, np.ones(len(features))]), 0
    w = np.zeros(x.shape[1])
    for _ in range(passes):
        mistakes = 0
        for one, t in zip(x, targets, strict=True):
            if t * (one @ w) <= 0:
                w, mistakes = w + t * one, mistakes + 1
    return mistakes


def _on_features() -> Finding:
    either, both = CORNERS.max(axis=1), CORNERS.min(axis=1)
    plain, on_top = _perceptron(CORNERS, XOR), _perceptron(np.column_stack([either, both]), XOR)
    return Finding(
        on_top == 0 < plain,
        f"XOR, mistakes in the last of 50 passes: {plain} on the inputs, {on_top} on OR and AND",
    )


def _template_matching() -> Sides:
    rng = np.random.default_rng(33)
    x, templates = rng.normal(size=(200, 16)), rng.normal(size=(5, 16))
    scores = linear(x, templates, -np.sum(templates**2, axis=1) / 2)
    distances = np.sum((x[:, None] - templates) ** 2, axis=2)
    return Sides(scores.argmax(axis=1), distances.argmin(axis=1), "200 random inputs, 5 templates")


def _summed() -> Finding:
    x = np.linspace(-2, 2, 401)
    errors = {}
    for units in (2, 5, 10, 50):
        bends = relu(x[:, None] - np.linspace(-2.5, 1.9, units))
        columns = np.column_stack([bends, np.ones(len(x))])
        best = np.linalg.lstsq(columns, np.sin(4 * x), rcond=None)[0]
        errors[units] = float(np.abs(columns @ best - np.sin(4 * x)).max())
    return Finding(
        errors[50] < 0.05 < errors[2],
        "largest error of a sum of ReLU units against a wave: "
        + ", ".join(f"{n} units {error:.2g}" for n, error in errors.items()),
    )


def _boosted() -> Finding:
    """Boost thresholds (AdaBoost) on a row of points with a hole in the middle."""
    x = np.arange(9.0)
    t = np.where((x >= 3) & (x < 6), -1, 1)
    stumps = [s * np.sign(x - cut) for cut in np.arange(-0.5, 9) for s in (1, -1)]
    best_alone = min(int((stump != t).sum()) for stump in stumps)
    share, total, rounds = np.full(9, 1 / 9), np.zeros(9), 0
    while (np.sign(total) != t).any() and rounds < 20:
        errors = [share[stump != t].sum() for stump in stumps]
        k = int(np.argmin(errors))
        alpha = np.log((1 - errors[k]) / errors[k]) / 2
        total, rounds = total + alpha * stumps[k], rounds + 1
        share = share * np.exp(-alpha * t * stumps[k])
        share = share / share.sum()
    left = int((np.sign(total) != t).sum())
    return Finding(
        left == 0 < best_alone,
        f"the best threshold has {best_alone} of 9 points wrong, a sum of {rounds} has {left}",
    )


def _kernel_machine() -> Sides:
    """Fit with the kernel (1 + xz)², as a sum over the examples and with the features 1, √2 x, x²."""
    rng = np.random.default_rng(36)
    x, new, y = rng.normal(size=12), rng.normal(size=30), rng.normal(size=12)
    alpha = np.linalg.solve((1 + np.outer(x, x)) ** 2 + 0.1 * np.eye(12), y)
    summed = (1 + np.outer(new, x)) ** 2 @ alpha  # of one simple function for each example

    def features(z: np.ndarray) -> np.ndarray:
        return np.column_stack([np.ones(len(z)), np.sqrt(2) * z, z**2])

    w = np.linalg.solve(features(x).T @ features(x) + 0.1 * np.eye(3), features(x).T @ y)
    return Sides(summed, features(new) @ w, "12 random examples, 30 new inputs")


def _fold(x: np.ndarray) -> np.ndarray:
    return 2 * relu(x) - 4 * relu(x - 0.5)  # two units


def _pieces(y: np.ndarray) -> int:
    """Count the straight pieces of a graph."""
    return 1 + int((np.abs(np.diff(y, 2)) > 1e-9).sum())


def _composed() -> Finding:
    grid = np.arange(2**10 + 1) / 2**10
    y, counts = grid, []
    for _ in range(5):
        y = _fold(y)
        counts.append(_pieces(y))
    # units side by side bend the graph once each
    beside = sum((-1) ** j * relu(grid - 100 * j / 2**10) for j in range(1, 11))
    assert isinstance(beside, np.ndarray)
    return Finding(
        counts[-1] > _pieces(beside),
        f"one fold of two units, 1 to 5 times: {', '.join(map(str, counts))} pieces; "
        f"ten units side by side: {_pieces(beside)}",
    )


def _cascade(bend: bool) -> bool:
    """Say whether a single matrix can do what a cascade of two does, on 40 random inputs."""
    rng = np.random.default_rng(42)
    x, first, second = rng.normal(size=(40, 6)), rng.normal(size=(30, 6)), rng.normal(size=(4, 30))
    hidden = relu(linear(x, first)) if bend else linear(x, first)
    y = linear(hidden, second)
    best = np.linalg.lstsq(x, y, rcond=None)[0]
    return bool(np.allclose(x @ best, y))


def _nonlinear() -> Finding:
    linear_is_one, bent_is_one = _cascade(bend=False), _cascade(bend=True)
    return Finding(
        linear_is_one and not bent_is_one,
        "two linear layers are one matrix; with ReLU between them no matrix does the same",
    )


CLAIMS = (
    Claim(
        "H33-first",
        "the perceptron of 1960 was the first machine that learned",
        "comparison",
        unchecked="a date and a priority in history; nothing here computes it",
        chapter=5,
        cell="explain-random-features",
        remark="Chapter 05 tells the machine of 1960 from the report of 1957",
    ),
    Claim(
        "H33-decision",
        "y is the sign of the sum of W_i F_i(X), i = 1 to N, plus b",
        "formula",
        compute=_decision,
        chapter=5,
        cell="perceptron-on-digits",
    ),
    Claim(
        "H33-features",
        "it was a linear classifier on top of simple features",
        "comparison",
        compute=_on_features,
        chapter=5,
        cell="xor-by-hand",
    ),
    Claim(
        "H33-templates",
        "a linear classifier is a kind of template matching",
        "formula",
        compute=_template_matching,
        chapter=1,
        cell="template-kernel",
        remark="The highest score is the nearest template if the bias is minus half its length squared",
    ),
    Claim(
        "H33-majority",
        "most practical applications are linear classifiers or template matching",
        "comparison",
        unchecked="the slide names no survey of applications, and there is none here to count in",
    ),
    Claim(
        "H33-effort",
        "designing a feature extractor costs experts considerable effort",
        "comparison",
        unchecked="the slide says neither which extractor nor how long its design took",
        chapter=5,
        cell="explain-features",
    ),
    Claim(
        "H36-sums",
        "a linear combination of simple functions can be a complicated one",
        "comparison",
        compute=_summed,
        place="slides 35 and 36",
        chapter=5,
        cell="bend-and-fold",
    ),
    Claim(
        "H36-boosting",
        "boosting is such a combination",
        "comparison",
        compute=_boosted,
        chapter=5,
        cell="bend-and-fold",
    ),
    Claim(
        "H36-kernels",
        "kernel methods are such a combination, too",
        "formula",
        compute=_kernel_machine,
        chapter=5,
        cell="bend-and-fold",
    ),
    Claim(
        "H37-compositions",
        "simple functions of simple functions can be complicated, which is the way of deep learning",
        "comparison",
        compute=_composed,
        place="slides 37 and 38",
        chapter=5,
        cell="side-by-side-or-folded",
    ),
    Claim(
        "H40-year",
        "pictures of features from Zeiler and Fergus, 2013",
        "number",
        unchecked="a year of publication; the pictures themselves need a net trained on ImageNet",
        remark="The course cites that paper by its conference of 2014",
    ),
    Claim(
        "H41-year",
        "sparse deep belief nets from ICML 2009",
        "number",
        unchecked="a year of publication; nothing here computes it",
    ),
    Claim(
        "H42-nonlinear",
        "compositionality means a cascade of transformations that are not linear",
        "comparison",
        compute=_nonlinear,
        place="slides 42 and 48",
        chapter=5,
        cell="collapse",
    ),
)
