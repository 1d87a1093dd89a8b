"""Leal-Taixé and Niessner, slides 80 to 83: dropout."""

from itertools import product

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.reference import dropout_weight_scaling


def _net(theta: np.ndarray, x: np.ndarray, mask: np.ndarray) -> float:
    return float(theta @ (mask * x))


def _all_masks() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(83)
    masks = np.array(list(product((0, 1), repeat=2)), dtype=float)
    return rng.normal(size=2), rng.normal(size=2), masks


def _four_terms() -> Sides:
    (a, b), (x, y), masks = _all_masks()
    printed = (a * 0 + b * 0 + a * x + b * 0 + a * 0 + b * y + a * x + b * y) / 4
    theta, inputs = np.array([a, b]), np.array([x, y])
    return Sides(
        printed,
        np.mean([_net(theta, inputs, mask) for mask in masks]),
        "the four masks of two inputs",
    )


def _one_half() -> Sides:
    theta, inputs, masks = _all_masks()
    return Sides(
        (theta @ inputs) / 2,
        np.mean([_net(theta, inputs, mask) for mask in masks]),
        "the four masks of two inputs",
    )


def _weight_scaling() -> Sides:
    theta, inputs, masks = _all_masks()
    tested = dropout_weight_scaling(inputs, 0.5, training=False)
    return Sides(
        theta @ tested,
        np.mean([_net(theta, inputs, mask) for mask in masks]),
        "dropout with p = 0.5 as it is tested",
    )


def _modes_differ() -> Finding:
    theta, inputs, masks = _all_masks()
    trained = sorted({round(_net(theta, inputs, mask), 2) for mask in masks})
    tested = theta @ dropout_weight_scaling(inputs, 0.5, training=False)
    return Finding(
        round(float(tested), 2) not in trained,
        f"in training one of {trained}, in testing {tested:.2f}",
    )


def _shared() -> Finding:
    """Give a small net every mask of its six hidden units, and count the functions that come out."""
    rng = np.random.default_rng(80)
    w, v, x = rng.normal(size=(6, 4)), rng.normal(size=6), rng.normal(size=(20, 4))
    hidden = np.maximum(x @ w.T, 0)
    outputs = {np.round(hidden @ (v * mask), 9).tobytes() for mask in product((0, 1), repeat=6)}
    return Finding(
        len(outputs) > w.size + v.size,
        f"6 hidden units: {len(outputs)} different nets from {w.size + v.size} weights",
    )


CLAIMS = (
    Claim(
        "T80-ensemble",
        "dropout trains a large ensemble of models with shared parameters",
        "count",
        compute=_shared,
        chapter=9,
        cell="every-mask-of-a-small-net",
    ),
    Claim(
        "T82-conditions",
        "with dropout, training and testing are not the same",
        "comparison",
        compute=_modes_differ,
        chapter=9,
        cell="two-scalings",
    ),
    Claim(
        "T83-four-terms",
        "E[z] is a quarter of the sum over the four masks",
        "worked example",
        compute=_four_terms,
        chapter=9,
        cell="all-four-masks",
    ),
    Claim(
        "T83-half",
        "and that is one half of θ1 x + θ2 y",
        "worked example",
        compute=_one_half,
        chapter=9,
        cell="all-four-masks",
    ),
    Claim(
        "T83-scaling",
        "so weights scaled by p = 0.5 give the expected output when testing",
        "formula",
        compute=_weight_scaling,
        chapter=9,
        cell="two-scalings",
    ),
    Claim(
        "T83-larger",
        "dropout needs larger models and more training time",
        "comparison",
        unchecked="it takes many trainings; chapter 09 measures them for one net on 500 images",
        chapter=9,
        cell="measure-dropout",
    ),
)
