"""Verbeek, slides 9 to 11: ReLU, leaky ReLU and maxout."""

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Published, Sides
from coursekit.lectures.t_neurons import slope
from coursekit.reference import linear_cost, maxout, relu
from coursekit.reference.activations import leaky_relu_backward, leaky_relu_forward

X = np.linspace(-4, 4, 17)


def _positive_side() -> Finding:
    slopes = [slope("ReLU", at) for at in (0.5, 20.0, 1e6)]
    return Finding(min(slopes) == 1 == max(slopes), f"slope {slopes[0]:g} at 0.5, 20 and a million")


def _leaky_does_not_saturate() -> Finding:
    _, cache_ = leaky_relu_forward(np.array([-1e3, 1e3]), 0.1)
    slopes = leaky_relu_backward(np.ones(2), cache_)
    return Finding(
        bool(slopes.min() > 0), f"slopes {slopes[0]:g} and {slopes[1]:g} at -1,000 and 1,000"
    )


def _learned_bias(leak: float) -> float:
    """Return where a bias ends that starts 5 too low, after descent toward the ReLU of the inputs."""
    x, b = np.random.default_rng(10).normal(size=60), -5.0
    for _ in range(600):
        y, cache_ = leaky_relu_forward(x + b, leak)
        b -= float(leaky_relu_backward(2 * (y - relu(x)) / 60, cache_).sum())
    return b


def _will_not_die() -> Finding:
    dead, leaky = _learned_bias(0.0), _learned_bias(0.1)
    return Finding(
        dead == -5 and leaky > -1,
        f"a bias that starts at -5, with 0 to find: {dead:.1f} with ReLU, {leaky:.1f} with a leak of 0.1",
    )


def _relu_by_maxout() -> Sides:
    both = np.stack([0 * X, X], axis=1)
    return Sides(maxout(both, 2)[:, 0], relu(X), "x from -4 to 4")


def _maxout_by_relu() -> Sides:
    a, b = np.random.default_rng(11).normal(size=(2, 50))
    right = maxout(np.stack([a, b], axis=1), 2)[:, 0]
    return Sides(relu(a - b) + relu(b) - relu(-b), right, "50 random pairs")


def _more_weights() -> Finding:
    one, two = (linear_cost(20, pieces * 7).parameters for pieces in (1, 2))
    return Finding(two > one, f"7 units of 20 inputs: {one} parameters, with two pieces each {two}")


def _maxout_slopes() -> Finding:
    rng, h = np.random.default_rng(11), 1e-6
    a, b = rng.normal(size=(2, 100))
    slopes = [
        (np.maximum(a * (x + h), b * (x + h)) - np.maximum(a * (x - h), b * (x - h))) / (2 * h)
        for x in (-50.0, 50.0)
    ]
    flat = int((np.abs(slopes) < 1e-3).sum())
    return Finding(flat == 0, f"{flat} of 100 units with two random pieces are flat at -50 or 50")


CLAIMS = (
    Claim(
        "V09-positive",
        "ReLU does not saturate on its positive side",
        "comparison",
        compute=_positive_side,
        chapter=5,
        cell="activation-graphs",
    ),
    Claim(
        "V09-faster",
        "ReLU converges much faster than sigmoid and tanh",
        "comparison",
        unchecked="it takes trainings of large nets; on digits ReLU is far ahead of the sigmoid, but not of tanh",
        chapter=5,
        cell="race-of-activations",
        place="slides 9 and 10",
    ),
    Claim(
        "V09-six",
        "ReLU converges faster than sigmoid and tanh, for example by this factor",
        "number",
        printed="6",
        compute=lambda: Published("AlexNet ReLU against tanh"),
        chapter=5,
        cell="race-of-activations",
        remark="Against tanh, for one net",
    ),
    Claim(
        "V09-common",
        "ReLU is most commonly used today",
        "comparison",
        unchecked="it is a statement about what others used in 2017; nobody has counted here",
    ),
    Claim(
        "V10-saturate",
        "leaky ReLU does not saturate",
        "comparison",
        compute=_leaky_does_not_saturate,
        chapter=5,
        cell="activation-graphs",
    ),
    Claim(
        "V10-die",
        "units with leaky ReLU will not die",
        "comparison",
        compute=_will_not_die,
        chapter=5,
        cell="dead-and-alive",
    ),
    Claim(
        "V10-six",
        "leaky ReLU, too, converges 6 times faster",
        "number",
        unchecked="the six is published for ReLU alone; the slide names no experiment with a leak",
    ),
    Claim(
        "V11-relu",
        "maxout can implement ReLU",
        "formula",
        compute=_relu_by_maxout,
        chapter=5,
        cell="maxout-becomes",
    ),
    Claim(
        "V11-vice-versa",
        "ReLU networks can implement maxout",
        "formula",
        compute=_maxout_by_relu,
        chapter=5,
        cell="maxout-becomes",
        remark="Three ReLU units for a unit with two pieces",
    ),
    Claim(
        "V11-saturate",
        "maxout does not saturate",
        "comparison",
        compute=_maxout_slopes,
        chapter=5,
        cell="maxout-becomes",
        remark="Unless a piece has slope 0, as in the ReLU that maxout contains",
    ),
    Claim(
        "V11-parameters",
        "maxout has more parameters per unit",
        "count",
        compute=_more_weights,
        chapter=5,
        cell="maxout-becomes",
    ),
)
