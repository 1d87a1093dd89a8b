"""Leal-Taixé and Niessner, slides 88 to 93: one neuron as a graph, and depth without structure."""

from functools import cache

import numpy as np

from coursekit.lectures.claim import Claim
from coursekit.lectures.k_residual import deeper_is_worse
from coursekit.lectures.k_resnet import halved, inputs_halved
from coursekit.reference import sigmoid

INPUTS = {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "b": -3.0}

VALUES = {
    "p": ("the product of the first pair", "-2.00"),
    "q": ("the product of the second pair", "6.00"),
    "r": ("the sum of the products", "4.00"),
    "s": ("the sum with the bias", "1.00"),
    "n": ("its negative", "-1.00"),
    "e": ("the exponential", "0.37"),
    "d": ("plus one", "1.37"),
    "y": ("the inverse, the output", "0.73"),
}
GRADIENTS = {
    "y": "1.00",
    "d": "-0.53",
    "e": "-0.53",
    "n": "-0.20",
    "s": "0.20",
    "r": "0.20",
    "p": "0.20",
    "q": "0.20",
    "b": "0.20",
    "w0": "-0.20",
    "x0": "-0.39",
    "w1": "-0.39",
    "x1": "-0.59",
}


def values(**given: float) -> dict[str, float]:
    """Walk through the graph; what is given replaces what the graph would compute."""
    steps = {
        "p": lambda v: v["w0"] * v["x0"],
        "q": lambda v: v["w1"] * v["x1"],
        "r": lambda v: v["p"] + v["q"],
        "s": lambda v: v["r"] + v["b"],
        "n": lambda v: -v["s"],
        "e": lambda v: np.exp(v["n"]),
        "d": lambda v: v["e"] + 1,
        "y": lambda v: 1 / v["d"],
    }
    found = {name: given.get(name, value) for name, value in INPUTS.items()}
    for name, step in steps.items():
        found[name] = given[name] if name in given else float(step(found))
    return found


@cache
def gradient(name: str) -> float:
    """Return by how much the output moves with one value of the graph, by moving it."""
    h, at = 1e-5, values()[name]
    up, down = (values(**{name: at + sign * h})["y"] for sign in (1, -1))
    return round((up - down) / (2 * h), 9)


def _value(name: str) -> Claim:
    what, printed = VALUES[name]
    return Claim(
        f"T88-value-{name}",
        f"one neuron as a graph: {what}",
        "worked example",
        printed=printed,
        compute=lambda: values()[name],
        chapter=6,
        cell="forward-in-small-steps",
    )


def _gradient(name: str) -> Claim:
    what = VALUES[name][0] if name in VALUES else f"the input {name}"
    return Claim(
        f"T88-gradient-{name}",
        f"one neuron as a graph: the gradient that arrives at {what}",
        "worked example",
        printed=GRADIENTS[name],
        compute=lambda: gradient(name),
        slips={"the sign of the other factor is lost": lambda: -gradient(name)},
        chapter=6,
        cell="slide-gradients-against-computed",
    )


CLAIMS = (
    *(_value(name) for name in VALUES),
    *(_gradient(name) for name in GRADIENTS),
    Claim(
        "T88-sigmoid",
        "the steps of the graph together are a sigmoid",
        "worked example",
        printed="0.73",
        compute=lambda: float(sigmoid(np.array([values()["s"]]))[0]),
        chapter=6,
        cell="one-neuron",
    ),
    Claim(
        "T90-initialization",
        "weights are initialized by Xavier/2",
        "comparison",
        compute=halved,
        conventions={
            "the 2 divides the number of inputs, not the variance: 1/(n/2)": inputs_halved,
        },
        chapter=7,
        cell="predict-ten-relu-layers",
    ),
    Claim(
        "T91-deeper",
        "just going deeper makes optimization hard: performance drops",
        "comparison",
        compute=deeper_is_worse,
        chapter=12,
        cell="plain-recorded",
        remark="The chapter measures it for convolutional nets with batchnorm, on five seeds",
    ),
)
