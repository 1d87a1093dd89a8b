"""Verbeek, slides 7 and 8: the formulas of activation functions, sigmoid and tanh."""

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.lectures.t_neurons import slope
from coursekit.reference import leaky_relu, linear, maxout, relu, sigmoid, tanh

X = np.linspace(-4, 4, 17)


def _leaky(slopes: tuple[float, ...]) -> Sides:
    printed = [np.maximum(alpha * X, X) for alpha in slopes]
    right = [leaky_relu(X, alpha) for alpha in slopes]
    return Sides(printed, right, f"x from -4 to 4 and α of {', '.join(map(str, slopes))}")


def _maxout() -> Sides:
    rng = np.random.default_rng(7)
    x, w1, w2 = rng.normal(size=(6, 5)), rng.normal(size=5), rng.normal(size=5)
    made = maxout(linear(x, np.stack([w1, w2])), 2)[:, 0]
    return Sides(np.maximum(x @ w1, x @ w2), made, "6 random inputs")


def _within(name: str, least: float, most: float) -> Finding:
    x = np.linspace(-12, 12, 241)
    y = sigmoid(x) if name == "sigmoid" else tanh(x)
    inside = bool((least < y.min()) and (y.max() < most))
    near = y.min() - least < 1e-4 and most - y.max() < 1e-4
    return Finding(
        bool(inside and near),
        f"for x from -12 to 12 strictly between {least:g} and {most:g}, and as near as 1e-4",
    )


def _centered() -> Finding:
    x = np.random.default_rng(8).normal(size=1000)
    both = np.concatenate([x, -x])
    means = float(tanh(both).mean()), float(sigmoid(both).mean())
    return Finding(
        abs(means[0]) < 1e-12 < means[1],
        f"over inputs and their negatives tanh has mean {abs(means[0]):.0f}, the sigmoid {means[1]:.1f}",
    )


def _smooth_step() -> Finding:
    x = X[X != 0]
    apart = [float(np.abs(sigmoid(k * x) - (x > 0)).max()) for k in (1, 10, 100)]
    return Finding(
        apart[0] > apart[1] > apart[2] and apart[2] < 1e-6,
        f"largest distance from a step at |x| ≥ 0.5: {', '.join(f'{a:.2g}' for a in apart)} "
        "for the sigmoid of x, 10x and 100x",
    )


def _bipolar(inner: float) -> Sides:
    return Sides(2 * sigmoid(inner * X) - 1, tanh(X), "x from -4 to 4")


def _kills() -> Finding:
    far = {name: slope(name, 10.0) for name in ("sigmoid", "tanh")}
    near = {name: slope(name, 0.0) for name in far}
    return Finding(
        all(far[name] < 1e-3 * near[name] for name in far),
        ", ".join(f"{name}: slope {near[name]:g} at 0, {far[name]:.1g} at 10" for name in far),
    )


CLAIMS = (
    Claim(
        "V07-sigmoid",
        "the sigmoid is 1/(1 + exp(-x))",
        "formula",
        compute=lambda: Sides(1 / (1 + np.exp(-X)), sigmoid(X), "x from -4 to 4"),
        chapter=5,
        cell="activation-graphs",
    ),
    Claim(
        "V07-relu",
        "ReLU is max(0, x)",
        "formula",
        compute=lambda: Sides(np.maximum(0, X), relu(X), "x from -4 to 4"),
        place="slides 7 and 9",
        chapter=5,
        cell="activation-graphs",
    ),
    Claim(
        "V07-leaky",
        "leaky ReLU is max(αx, x)",
        "formula",
        compute=lambda: _leaky((0.1, 0.5, 1.5)),
        conventions={"for an α of at most 1, as is usual": lambda: _leaky((0.1, 0.5, 1.0))},
        chapter=5,
        cell="slide-activations",
    ),
    Claim(
        "V07-maxout",
        "maxout is max(w1ᵀx, w2ᵀx)",
        "formula",
        compute=_maxout,
        place="slides 7 and 11",
        chapter=5,
        cell="maxout-becomes",
    ),
    Claim(
        "V08-range",
        "the sigmoid squashes the reals to the range from 0 to 1",
        "comparison",
        compute=lambda: _within("sigmoid", 0.0, 1.0),
        chapter=5,
        cell="activation-graphs",
        remark="No real number reaches the ends",
    ),
    Claim(
        "V08-tanh-range",
        "the range of tanh goes from -1 to 1",
        "comparison",
        compute=lambda: _within("tanh", -1.0, 1.0),
        chapter=5,
        cell="activation-graphs",
    ),
    Claim(
        "V08-centered",
        "the outputs of tanh are centered at zero",
        "comparison",
        compute=_centered,
        chapter=5,
        cell="activation-graphs",
    ),
    Claim(
        "V08-step",
        "the sigmoid is a smooth step function",
        "comparison",
        compute=_smooth_step,
        chapter=5,
        cell="activation-graphs",
    ),
    Claim(
        "V08-tanh",
        "tanh is 2σ(x) - 1",
        "formula",
        compute=lambda: _bipolar(1.0),
        right=("2σ(2x) - 1", lambda: _bipolar(2.0)),
        remark="What is printed is tanh(x/2)",
        chapter=5,
        cell="slide-activations",
    ),
    Claim(
        "V08-kill",
        "saturated units kill the gradient",
        "comparison",
        compute=_kills,
        chapter=5,
        cell="activation-graphs",
    ),
    Claim(
        "V08-exp",
        "exp is a bit expensive, ReLU and its relatives are efficient",
        "comparison",
        unchecked="how long exp takes depends on the processor and the library, and the slide gives no measure",
        place="slides 8 to 11",
    ),
)
