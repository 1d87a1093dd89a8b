"""Verbeek, slides 2 and 3: a neuron, and the perceptron."""

from functools import cache
from itertools import product

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Published, Sides
from coursekit.reference import linear, sigmoid

INPUTS = np.array(list(product((0, 1), repeat=3)))


def threshold_unit(weights: tuple[float, ...], threshold: float) -> tuple[int, ...]:
    """Return what a linear threshold unit answers to the eight inputs of three bits."""
    return tuple((np.array(weights) @ INPUTS.T >= threshold).astype(int).tolist())


@cache
def units_of_1943() -> frozenset[tuple[int, ...]]:
    """Return what the units of 1943 can answer: excitations count alike, one inhibition is a veto."""
    answers = set()
    for roles in product(("excites", "inhibits", "absent"), repeat=3):
        excites = np.array([role == "excites" for role in roles])
        inhibits = np.array([role == "inhibits" for role in roles])
        for threshold in range(5):
            fires = (INPUTS @ excites >= threshold) & (INPUTS @ inhibits == 0)
            answers.add(tuple(fires.astype(int).tolist()))
    return frozenset(answers)


@cache
def _linear_threshold_units() -> frozenset[tuple[int, ...]]:
    weights = product(range(-3, 4), repeat=3)
    return frozenset(threshold_unit(w, t - 0.5) for w in weights for t in range(-9, 11))


def _1943_is_linear() -> Finding:
    old, linear_units = units_of_1943(), _linear_threshold_units()
    return Finding(
        old <= linear_units,
        f"of three bits, {len(old & linear_units)} of its {len(old)} functions have weights and a threshold",
    )


def _any_weights(units: frozenset[tuple[int, ...]], whose: str) -> Finding:
    unequal = threshold_unit((2, 1, 1), 2)
    return Finding(
        unequal in units,
        f"the weights 2, 1, 1 with threshold 2 are among those {whose}"
        if unequal in units
        else f"no unit {whose} answers like the weights 2, 1, 1 with threshold 2",
    )


def _continuous(output: str) -> Finding:
    s = np.linspace(-3, 3, 61)
    different = len(set(((s >= 0).astype(float) if output == "step" else sigmoid(s)).tolist()))
    return Finding(different > 2, f"{different} different answers to 61 sums ({output})")


def _associative(own: bool) -> Sides:
    rng = np.random.default_rng(3)
    x, v = rng.normal(size=(6, 5)), rng.normal(size=(4, 5))
    printed = np.sign(linear(x, v if own else np.tile(v[0], (4, 1))))
    return Sides(printed, np.sign(x @ v.T), "6 inputs and four units with random wires")


def _mistakes(features: np.ndarray, targets: np.ndarray) -> int:
    w = np.zeros(features.shape[1])
    for _ in range(30):
        wrong = 0
        for x, t in zip(features, targets, strict=True):
            if t * (w @ x) <= 0:
                w, wrong = w + t * x, wrong + 1
    return wrong


def _generalized() -> Finding:
    """Let the perceptron rule learn XOR, from the bits and from fixed random units."""
    x = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], dtype=float)
    targets = np.array([-1, 1, 1, -1])
    units = np.sign(x @ np.random.default_rng(3).normal(size=(3, 20)))
    plain, fixed = _mistakes(x, targets), _mistakes(units, targets)
    return Finding(
        fixed == 0 < plain,
        f"XOR, mistakes in the 30th pass: {plain} on the bits, {fixed} on 20 fixed random units",
    )


def _slope_of_loss(activation: str) -> float:
    """Return the largest change of the loss, per change, when weights of a first layer move a little."""
    rng = np.random.default_rng(4)
    x, t = rng.normal(size=(12, 5)), rng.normal(size=12)
    w, v, h = rng.normal(size=(4, 5)), rng.normal(size=4), 1e-5
    bend = (lambda s: (s >= 0).astype(float)) if activation == "step" else sigmoid
    slopes = []
    for place in np.ndindex(4, 5):
        losses = []
        for sign in (1, -1):
            moved = w.copy()
            moved[place] += sign * h
            losses.append(np.mean((bend(x @ moved.T) @ v - t) ** 2))
        slopes.append(abs(losses[0] - losses[1]) / (2 * h))
    return float(max(slopes))


def _step_prevents() -> Finding:
    step, smooth = _slope_of_loss("step"), _slope_of_loss("sigmoid")
    return Finding(
        step == 0 < smooth,
        f"largest slope of the loss in a first layer's weights: {step:g} with steps, {smooth:.2f} with sigmoids",
    )


CLAIMS = (
    Claim(
        "V02-neurons",
        "neurons in the human brain",
        "number",
        printed="1e11",
        compute=lambda: Published("neurons in the brain"),
        chapter=5,
        cell="explain-xor",
    ),
    Claim(
        "V02-threshold",
        "the unit of 1943 is a linear threshold unit",
        "comparison",
        compute=_1943_is_linear,
        chapter=5,
        cell="widget-one-unit",
        remark="A veto is a weight that no excitation can outweigh",
    ),
    Claim(
        "V02-weights",
        "the unit of 1943 has multiplicative weights",
        "comparison",
        compute=lambda: _any_weights(units_of_1943(), "of 1943"),
        conventions={
            "weights that differ, as the perceptron has them": (
                lambda: _any_weights(_linear_threshold_units(), "with weights")
            )
        },
        chapter=5,
        cell="explain-xor",
    ),
    Claim(
        "V02-continuous",
        "the output of the unit of 1943 is a continuous quantity, a firing rate",
        "comparison",
        compute=lambda: _continuous("step"),
        conventions={
            "with a sigmoid for the threshold, as came later": lambda: _continuous("sigmoid")
        },
        chapter=5,
        cell="explain-xor",
    ),
    Claim(
        "V03-year",
        "the year of Rosenblatt's perceptron",
        "number",
        printed="1957",
        compute=lambda: Published("perceptron report"),
        chapter=5,
        cell="explain-random-features",
        remark="The machine was shown in 1960",
    ),
    Claim(
        "V03-sensor",
        "pixels of the perceptron's sensor",
        "shape",
        printed="20×20",
        compute=lambda: Published("Mark I sensor"),
        chapter=5,
        cell="random-associative-units",
    ),
    Claim(
        "V03-units",
        "an associative unit is φ_i(x) = sign(vᵀx), written with a v that has no index",
        "formula",
        compute=lambda: _associative(own=False),
        conventions={
            "the index of v is left out: each unit has wires of its own, as the slide says beside it": (
                lambda: _associative(own=True)
            )
        },
        chapter=5,
        cell="explain-random-features",
    ),
    Claim(
        "V03-generalized",
        "a linear function of fixed features classifies what none of the inputs does",
        "comparison",
        compute=_generalized,
        chapter=5,
        cell="perceptron-on-digits",
    ),
    Claim(
        "V03-sign",
        "the sign activation prevents learning in the first layer",
        "comparison",
        compute=_step_prevents,
        chapter=5,
        cell="nudge-a-weight",
        place="slides 3 and 4",
    ),
)
