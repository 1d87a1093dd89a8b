"""Leal-Taixé and Niessner, slides 18 to 23 and 87: activation functions, and centered data."""

from typing import Any

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.reference import leaky_relu, linear_cost, maxout, relu, sigmoid, tanh
from coursekit.reference.activations import (
    relu_backward,
    relu_forward,
    sigmoid_backward,
    sigmoid_forward,
    tanh_backward,
    tanh_forward,
)

X = np.linspace(-4, 4, 17)
PAIRS: dict[str, tuple[Any, Any]] = {
    "sigmoid": (sigmoid_forward, sigmoid_backward),
    "tanh": (tanh_forward, tanh_backward),
    "ReLU": (relu_forward, relu_backward),
}


def slope(name: str, at: float) -> float:
    """Return the derivative of an activation function."""
    forward, backward = PAIRS[name]
    _, cache = forward(np.array([at]))
    return float(backward(np.ones(1), cache)[0])


def _chain() -> Sides:
    _, cache = sigmoid_forward(X)
    h = 1e-6
    numeric = 3 * (sigmoid(X + h) - sigmoid(X - h)) / (2 * h)
    return Sides(np.round(sigmoid_backward(np.full(17, 3.0), cache), 7), np.round(numeric, 7))


def _saturated(name: str) -> Finding:
    far, near = slope(name, 6.0), slope(name, 0.0)
    return Finding(far < 0.01 * near, f"slope {far:.2g} at 6, {near:.2g} at 0")


def _one_sign() -> Finding:
    """See whether the gradients of all weights of a unit have one sign, behind sigmoids and behind tanh."""
    rng = np.random.default_rng(19)
    s = rng.normal(size=(1000, 2))
    shares = {
        name: float(((h > 0).all(axis=1) | (h < 0).all(axis=1)).mean())
        for name, h in {"sigmoid": sigmoid(s), "tanh": tanh(s)}.items()
    }
    return Finding(
        shares["sigmoid"] == 1 and shares["tanh"] < 1,
        f"both gradients of one sign: {shares['sigmoid']:.0%} of samples behind sigmoids, "
        f"{shares['tanh']:.0%} behind tanh",
    )


def _centered() -> Finding:
    x = np.random.default_rng(20).normal(size=10_000)
    means = abs(tanh(x).mean()), sigmoid(x).mean()
    return Finding(
        bool(means[0] < 0.05 < means[1]),
        f"means {means[0]:.2f} of tanh, {means[1]:.2f} of sigmoid",
    )


def _does_not_saturate(sides: str) -> Finding:
    points = (-20.0, 20.0) if sides == "both" else (0.5, 20.0)
    slopes = [slope("ReLU", at) for at in points]
    where = " and ".join(f"{at:g}" for at in points)
    return Finding(min(slopes) == 1, f"slopes {slopes[0]:g} and {slopes[1]:g} at {where}")


def _large_gradients() -> Finding:
    x = np.linspace(0.1, 6, 60)
    means = {name: np.mean([slope(name, at) for at in x]) for name in PAIRS}
    return Finding(
        bool(means["ReLU"] > max(means["tanh"], means["sigmoid"])),
        "mean slope from 0 to 6: " + ", ".join(f"{name} {m:.2f}" for name, m in means.items()),
    )


def _dead() -> Finding:
    s = -np.abs(np.random.default_rng(21).normal(size=(50, 1))) - 0.1
    y, cache = relu_forward(s)
    ds = relu_backward(np.ones_like(s), cache)
    return Finding(
        bool((y == 0).all() and (ds == 0).all()),
        f"largest output {y.max():g}, largest gradient {np.abs(ds).max():g} over 50 samples",
    )


def _maxout_is(name: str) -> Sides:
    other = {"ReLU": 0 * X, "leaky ReLU": 0.1 * X}[name]
    both = np.stack([X, other], axis=1)
    right = {"ReLU": relu(X), "leaky ReLU": leaky_relu(X, 0.1)}[name]
    return Sides(maxout(both, 2)[:, 0], right, "x from -4 to 4")


def _maxout_alive() -> Finding:
    h, a, b = 1e-6, -0.5, 0.8
    slopes = [
        (max(a * (x + h), b * (x + h)) - max(a * (x - h), b * (x - h))) / (2 * h)
        for x in (-20.0, -1.0, 1.0, 20.0)
    ]
    return Finding(
        min(abs(one) for one in slopes) > 0.1,
        f"two pieces: slopes {', '.join(f'{one:.1f}' for one in slopes)} at -20, -1, 1 and 20",
    )


def _maxout_weights() -> Finding:
    one, two = (linear_cost(8, pieces * 5).parameters for pieces in (1, 2))
    made = maxout(np.zeros((1, 10)), 2).shape[1]
    return Finding(
        made == 5 and two > one,
        f"5 units of 8 inputs: {one} parameters, with two pieces each {two}",
    )


def _mean_subtracted(axes: tuple[int, ...]) -> Finding:
    images = np.random.default_rng(23).random((20, 3, 4, 4))
    left = images - images.mean(axis=axes, keepdims=True)
    largest = float(np.abs(left.mean(axis=axes)).max())
    count = images.mean(axis=axes).size
    return Finding(largest < 1e-12, f"all {count} means are 0 afterwards, up to rounding")


CLAIMS = (
    Claim(
        "T18-chain",
        "the gradient of the loss goes through the sigmoid as the product of two slopes",
        "formula",
        compute=_chain,
        chapter=6,
        cell="backward-by-hand",
    ),
    Claim(
        "T18-saturated",
        "at x = 6 the sigmoid is saturated and kills the gradient",
        "comparison",
        compute=lambda: _saturated("sigmoid"),
        chapter=5,
        cell="activation-graphs",
    ),
    Claim(
        "T19-one-sign",
        "the sigmoid's outputs are not centered, so the gradients of all weights of a unit have one sign",
        "comparison",
        compute=_one_sign,
        chapter=5,
        cell="slide-activations",
    ),
    Claim(
        "T20-centered",
        "tanh is centered at zero",
        "comparison",
        compute=_centered,
        chapter=5,
        cell="activation-graphs",
    ),
    Claim(
        "T20-saturates",
        "tanh still saturates",
        "comparison",
        compute=lambda: _saturated("tanh"),
        chapter=5,
        cell="activation-graphs",
    ),
    Claim(
        "T21-no-saturation",
        "ReLU does not saturate",
        "comparison",
        compute=lambda: _does_not_saturate("both"),
        conventions={"on its positive side": lambda: _does_not_saturate("positive")},
        chapter=5,
        cell="activation-graphs",
    ),
    Claim(
        "T21-gradients",
        "where ReLU is active, its gradient is large and the same everywhere",
        "comparison",
        compute=_large_gradients,
        chapter=5,
        cell="race-of-activations",
    ),
    Claim(
        "T21-dead",
        "a ReLU that puts out zero for everything is dead",
        "comparison",
        compute=_dead,
        chapter=5,
        cell="dead-and-alive",
    ),
    Claim(
        "T22-relu",
        "maxout generalizes ReLU",
        "formula",
        compute=lambda: _maxout_is("ReLU"),
        chapter=5,
        cell="maxout-becomes",
    ),
    Claim(
        "T22-leaky",
        "maxout generalizes leaky ReLU",
        "formula",
        compute=lambda: _maxout_is("leaky ReLU"),
        chapter=5,
        cell="maxout-becomes",
    ),
    Claim(
        "T22-alive",
        "maxout is linear in pieces, does not die and does not saturate",
        "comparison",
        compute=_maxout_alive,
        chapter=5,
        cell="maxout-becomes",
        remark="Unless a piece has slope 0, as in the ReLU that maxout contains",
    ),
    Claim(
        "T22-weights",
        "maxout increases the number of parameters",
        "count",
        compute=_maxout_weights,
        chapter=5,
        cell="maxout-becomes",
    ),
    Claim(
        "T23-mean-image",
        "subtracting the mean image centers every input",
        "comparison",
        compute=lambda: _mean_subtracted((0,)),
        chapter=7,
        cell="pixels-centered",
    ),
    Claim(
        "T23-channel-mean",
        "subtracting the mean of each channel centers every channel",
        "comparison",
        compute=lambda: _mean_subtracted((0, 2, 3)),
        chapter=7,
        cell="pixels-centered",
    ),
    Claim(
        "T87-sigmoid",
        "among the activation functions: the sigmoid, 1/(1 + exp(-x))",
        "formula",
        compute=lambda: Sides(1 / (1 + np.exp(-X)), sigmoid(X), "x from -4 to 4"),
        chapter=5,
        cell="activation-graphs",
    ),
    Claim(
        "T87-relu",
        "ReLU is max(0, x)",
        "formula",
        compute=lambda: Sides(np.maximum(0, X), relu(X), "x from -4 to 4"),
        chapter=5,
        cell="activation-graphs",
    ),
    Claim(
        "T87-leaky",
        "leaky ReLU is max(0.1x, x)",
        "formula",
        compute=lambda: Sides(np.maximum(0.1 * X, X), leaky_relu(X, 0.1), "x from -4 to 4"),
        chapter=5,
        cell="slide-activations",
    ),
)
