"""Leal-Taixé and Niessner, slides 64 to 75 and 90: penalties, augmentation, early stopping, bagging."""

from itertools import product

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Published, Sides
from coursekit.reference.penalty import l2_penalty, l2_penalty_backward, l2_penalty_forward

STRENGTH = 0.3


def _theta() -> np.ndarray:
    return np.random.default_rng(64).normal(size=4)


def _decay(penalty: str) -> Sides:
    """Compare what a step subtracts with the gradient of the penalty."""
    theta = _theta()
    _, cache = l2_penalty_forward(theta, STRENGTH)
    subtracted = {
        "a number": np.full(4, STRENGTH * (theta @ theta)),
        "the weights": STRENGTH * theta,
    }[penalty]
    return Sides(subtracted, l2_penalty_backward(1.0, cache), "four random weights")


def _spread() -> Finding:
    together, apart = (float(l2_penalty(np.array(w), 2.0)) for w in ([1.0, 0.0], [0.5, 0.5]))
    return Finding(
        apart < together,
        f"weights 1 and 0 cost {together:g}, one half and one half {apart:g}; on equal inputs they give the same sum",
    )


def _sum_of_squares(half: bool) -> Sides:
    theta = _theta()
    printed = np.sum(theta**2) / (2 if half else 1)
    return Sides(printed, float(l2_penalty(theta, 1.0)), "four random weights, λ = 1")


def _ten_crops() -> int:
    """Count different crops of an image and its mirror image: the corners and the middle."""
    image = np.arange(8 * 8).reshape(8, 8)
    starts = [(0, 0), (0, 2), (2, 0), (2, 2), (1, 1)]
    crops = {
        view[i : i + 6, j : j + 6].tobytes() for view in (image, image[:, ::-1]) for i, j in starts
    }
    return len(crops)


def _distance(steps: int, size: float) -> tuple[float, float]:
    """Return how far descent has come from its start, and how far the steps can reach at most."""
    rng = np.random.default_rng(73)
    A, theta = rng.normal(size=(30, 5)), np.zeros(5)
    y, longest = A @ rng.normal(size=5), 0.0
    for _ in range(steps):
        gradient = A.T @ (A @ theta - y) / 30
        longest = max(longest, float(np.linalg.norm(gradient)))
        theta = theta - size * gradient
    return float(np.linalg.norm(theta)), steps * size * longest


def _stays_near() -> Finding:
    reached = [_distance(tau, 0.05) for tau in (5, 20, 80)]
    inside = all(far <= most for far, most in reached)
    grows = reached[0][0] < reached[1][0] < reached[2][0]
    return Finding(
        inside and grows,
        "after 5, 20 and 80 steps "
        + ", ".join(f"{far:.2f} of at most {most:.2f}" for far, most in reached)
        + " from the start",
    )


SIZES = (1, 2, 4, 8)  # of an ensemble


def team_error(k: int) -> float:
    """Return the expected squared error of the average of k models, each wrong by +1 or -1, over all outcomes."""
    return float(np.mean([np.mean(errors) ** 2 for errors in product((-1, 1), repeat=k)]))


def _falls_linearly() -> Sides:
    """Draw the line through the first two ensembles and see whether the others lie on it."""
    errors = [team_error(k) for k in SIZES]
    drop = errors[1] - errors[0]
    return Sides(
        [errors[0] + drop * (k - 1) for k in SIZES],
        errors,
        "1, 2, 4 and 8 models with independent errors",
    )


def _falls_inversely() -> Sides:
    return Sides(
        [1 / k for k in SIZES],
        [team_error(k) for k in SIZES],
        "1, 2, 4 and 8 models with independent errors",
    )


def _bags() -> Finding:
    rng = np.random.default_rng(75)
    bags = [set(rng.integers(0, 500, 500).tolist()) for _ in range(3)]
    shares = [len(bag) / 500 for bag in bags]
    return Finding(
        bags[0] != bags[1] != bags[2],
        f"three bags of 500 out of 500 hold {', '.join(f'{s:.0%}' for s in shares)} of the samples",
    )


CLAIMS = (
    Claim(
        "T64-update",
        "weight decay subtracts λ θᵀθ in each step",
        "formula",
        compute=lambda: _decay("a number"),
        right=("it subtracts λ θ, a vector", lambda: _decay("the weights")),
        chapter=9,
        cell="penalty-and-decay",
        remark="Of the step the transcript has this term only, with a minus, beside rate and gradient",
    ),
    Claim(
        "T64-spread",
        "the penalty prefers one half and one half to one weight alone",
        "comparison",
        compute=_spread,
        chapter=9,
        cell="penalty-and-decay",
    ),
    Claim(
        "T69-crop",
        "training crops are 224×224",
        "shape",
        printed="224×224",
        compute=lambda: Published("AlexNet crops"),
        chapter=9,
        cell="explain-crop-numbers",
    ),
    Claim(
        "T69-scales",
        "images are resized to a random L in [256, 480], credited to Krizhevsky 2012",
        "number",
        printed="256 480",
        compute=lambda: Published("AlexNet training scales"),
        conventions={
            "of the later paper on residual networks; Krizhevsky 2012 has the one scale 256": (
                lambda: Published("ResNet training scales")
            )
        },
        chapter=9,
        cell="explain-crop-numbers",
    ),
    Claim(
        "T69-ten-crops",
        "testing uses four corners and the center, and their mirror images",
        "count",
        printed="10",
        compute=_ten_crops,
        chapter=9,
        cell="ten-crops",
    ),
    Claim(
        "T73-near",
        "stopped after τ steps of size ε, the weights cannot be far from their start",
        "comparison",
        compute=_stays_near,
        chapter=9,
        cell="early-stopping",
    ),
    Claim(
        "T73-linear",
        "the error decreases linearly with the size of the ensemble",
        "formula",
        compute=_falls_linearly,
        conventions={
            "linearly is said of 1/k, for k models with independent errors, as in Goodfellow and others' book": (
                _falls_inversely
            )
        },
        place="slides 73 and 74",
        chapter=9,
        cell="error-of-an-average",
    ),
    Claim(
        "T75-bags",
        "in bagging every model has a training set of its own",
        "comparison",
        compute=_bags,
        chapter=9,
        cell="draw-a-bag",
    ),
    Claim(
        "T90-penalty",
        "the penalty is the sum of the squared weights",
        "formula",
        compute=lambda: _sum_of_squares(half=False),
        conventions={
            "with a half in front, λ θ is its gradient: the reference and torch have it so": (
                lambda: _sum_of_squares(half=True)
            )
        },
        chapter=9,
        cell="penalty-and-decay",
    ),
)
