"""Verbeek, slides 13 to 16: forward and backward propagation."""

from collections.abc import Callable
from functools import cache

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.reference import (
    linear_backward,
    linear_forward,
    relu_backward,
    relu_forward,
    sigmoid,
)

SIZES = (4, 5, 3)
OF = "a net of 4, 5 and 3 units"


@cache
def _weights() -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(13)
    x, goal = rng.normal(size=SIZES[0]), rng.normal(size=SIZES[-1])
    return x, rng.normal(size=SIZES[:2]), rng.normal(size=SIZES[1:]), goal


def _forward(first: np.ndarray, second: np.ndarray, moved: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return all activations and outputs, node by node; ``moved`` is added to the activations of the middle."""
    x, _, _, _ = _weights()
    a1 = np.array([sum(first[i, j] * x[i] for i in range(SIZES[0])) for j in range(SIZES[1])])
    a1 = a1 + moved
    x1 = sigmoid(a1)
    a2 = np.array([sum(second[j, k] * x1[j] for j in range(SIZES[1])) for k in range(SIZES[2])])
    return a1, x1, a2, sigmoid(a2)


def _loss(first: np.ndarray, second: np.ndarray, moved: np.ndarray) -> float:
    goal = _weights()[3]
    return float(0.5 * np.sum((_forward(first, second, moved)[-1] - goal) ** 2))


def _numeric(f: Callable[[np.ndarray], float], at: np.ndarray) -> np.ndarray:
    """Return the gradient of f, by moving one entry after the other."""
    found, h = np.zeros_like(at), 1e-3
    for place in np.ndindex(at.shape):
        for step, weight in ((-2, 1), (-1, -8), (1, 8), (2, -1)):  # exact up to h to the fourth
            moved = at.copy()
            moved[place] += step * h
            found[place] += weight * f(moved) / (12 * h)
    return found


STILL = np.zeros(SIZES[1])


def _slide() -> dict[str, np.ndarray]:
    """Walk back as the slides have it: g = f'(a) ∂L/∂x, ∂L/∂x_i = Σ w_ij g_j, ∂L/∂w_ij = g_j x_i."""
    x, first, second, goal = _weights()
    _, x1, _, x2 = _forward(first, second, STILL)
    g2 = x2 * (1 - x2) * (x2 - goal)
    dx1 = np.array([sum(second[i, j] * g2[j] for j in range(SIZES[2])) for i in range(SIZES[1])])
    g1 = x1 * (1 - x1) * dx1
    w1 = np.array([[g1[j] * x[i] for j in range(SIZES[1])] for i in range(SIZES[0])])
    w2 = np.array([[g2[j] * x1[i] for j in range(SIZES[2])] for i in range(SIZES[1])])
    return {"g1": g1, "dx1": dx1, "w1": w1, "w2": w2, "x": x}


def _walked(name: str, right: np.ndarray) -> Sides:
    return Sides(_slide()[name], right, OF)


def _node_by_node() -> Sides:
    x, first, second, _ = _weights()
    right = sigmoid(sigmoid(x @ first) @ second)
    return Sides(_forward(first, second, STILL)[-1], right, OF)


def _weight_gradients() -> Sides:
    _, first, second, _ = _weights()
    right = np.concatenate(
        [
            _numeric(lambda w: _loss(w, second, STILL), first).ravel(),
            _numeric(lambda w: _loss(first, w, STILL), second).ravel(),
        ]
    )
    printed = np.concatenate([_slide()["w1"].ravel(), _slide()["w2"].ravel()])
    return Sides(printed, right, OF)


def _activation_gradients() -> Sides:
    _, first, second, _ = _weights()
    return _walked("g1", _numeric(lambda moved: _loss(first, second, moved), STILL))


def _node_gradients() -> Sides:
    """Compare ∂L/∂x_i with what comes out if the outputs of the middle are moved, not its activations."""
    _, first, second, goal = _weights()
    x1 = _forward(first, second, STILL)[1]
    right = _numeric(
        lambda nodes: float(0.5 * np.sum((sigmoid(nodes @ second) - goal) ** 2)), x1.copy()
    )
    return _walked("dx1", right)


def _outer() -> Sides:
    rng = np.random.default_rng(14)
    x, w, g = rng.normal(size=(1, 4)), rng.normal(size=(3, 4)), rng.normal(size=(1, 3))
    _, dw, _ = linear_backward(g, linear_forward(x, w)[1])
    return Sides(np.outer(x[0], g[0]), dw.T, "4 inputs and 3 units, w_ij in row i and column j")


POINTS = np.array([-2.0, -0.5, 0.0, 0.5, 2.0])


def _step_function() -> Sides:
    _, kept = relu_forward(POINTS)
    printed = np.where(POINTS <= 0, 0.0, 1.0)
    return Sides(printed, relu_backward(np.ones(5), kept), "-2, -0.5, 0, 0.5 and 2")


def _subgradient() -> Finding:
    """See whether the slope at 0 keeps the line through 0 below the function, which is what makes it one."""
    _, kept = relu_forward(np.zeros(1))
    at_zero = float(relu_backward(np.ones(1), kept)[0])
    below = bool((np.maximum(0, POINTS) >= at_zero * POINTS).all())
    return Finding(below, f"the slope {at_zero:g} at 0 keeps the line below the function: {below}")


@cache
def _relu_layer() -> tuple[np.ndarray, ...]:
    """Return activations, what comes from above, weights above, inputs, and the gradients of two layers."""
    rng = np.random.default_rng(16)
    x, w, top, g = (rng.normal(size=s) for s in ((1, 5), (6, 5), (4, 6), (1, 4)))
    a, first = linear_forward(x, w)
    h, bend = relu_forward(a)
    _, second = linear_forward(h, top)
    dh, _, _ = linear_backward(g, second)
    da = relu_backward(dh, bend)
    _, dw, _ = linear_backward(da, first)
    return a[0], g[0], top, da[0], dw


def _only_active() -> Sides:
    a, g, top, da, _ = _relu_layer()
    printed = [
        0.0 if a[i] <= 0 else sum(top[j, i] * g[j] for j in range(len(g))) for i in range(len(a))
    ]
    return Sides(printed, da, f"6 units, {int((a > 0).sum())} of them active")


def _killed() -> Finding:
    a, _, _, _, dw = _relu_layer()
    off = a <= 0
    return Finding(
        bool(off.any() and (dw[off] == 0).all() and (dw[~off] != 0).all()),
        f"{int(off.sum())} of {len(a)} units are inactive: their weights have gradient "
        f"{np.abs(dw[off]).max():g}, all others another",
    )


def _remain() -> Finding:
    """Train a layer on fixed inputs, with half of its units switched off at the start."""
    rng = np.random.default_rng(17)
    x, t = rng.normal(size=(60, 4)), rng.normal(size=60)
    w, b, v = rng.normal(size=(4, 10)), np.zeros(10), rng.normal(size=10)
    b[:5] = -20
    for _ in range(200):
        a = x @ w + b
        h = np.maximum(a, 0)
        dy = 2 * (h @ v - t) / 60
        da = np.outer(dy, v) * (a > 0)
        w, b, v = w - 0.05 * x.T @ da, b - 0.05 * da.sum(axis=0), v - 0.05 * h.T @ dy
    awake = int(np.any((x @ w + b)[:, :5] > 0, axis=0).sum())
    return Finding(
        awake == 0, f"{awake} of 5 units that no sample activates are awake after 200 steps"
    )


CLAIMS = (
    Claim(
        "V13-forward",
        "node by node, a_j = Σ w_ij x_i over what feeds j, then x_j = f(a_j)",
        "formula",
        compute=_node_by_node,
        chapter=6,
        cell="layers",
    ),
    Claim(
        "V14-weights",
        "∂L/∂w_ij = g_j x_i",
        "formula",
        compute=_weight_gradients,
        place="slides 14 and 16",
        chapter=6,
        cell="layers",
    ),
    Claim(
        "V14-outer",
        "the gradient of a weight matrix is the outer product of x and g",
        "formula",
        compute=_outer,
        chapter=6,
        cell="predict-net-backward",
    ),
    Claim(
        "V15-outputs",
        "∂L/∂x_i = Σ g_j w_ij over all that i feeds",
        "formula",
        compute=_node_gradients,
        chapter=6,
        cell="layers",
    ),
    Claim(
        "V15-activations",
        "g_i = f'(a_i) Σ w_ij g_j",
        "formula",
        compute=_activation_gradients,
        chapter=6,
        cell="layers",
    ),
    Claim(
        "V16-step",
        "the slope of ReLU is 0 for a ≤ 0 and 1 otherwise",
        "formula",
        compute=_step_function,
        chapter=6,
        cell="trust-no-gradient",
    ),
    Claim(
        "V16-subgradient",
        "the slope 0 at 0 is a subgradient of ReLU",
        "comparison",
        compute=_subgradient,
        chapter=6,
        cell="trust-no-gradient",
        remark="So is every number from 0 to 1",
    ),
    Claim(
        "V16-active",
        "g_i is 0 for an inactive unit, so only active ones need the sum",
        "formula",
        compute=_only_active,
        chapter=6,
        cell="backward-of-the-net",
    ),
    Claim(
        "V16-killed",
        "inactive units kill the gradient of the weights that come in",
        "comparison",
        compute=_killed,
        chapter=6,
        cell="units-switched-off",
    ),
    Claim(
        "V16-remain",
        "inactive units tend to remain inactive",
        "comparison",
        compute=_remain,
        chapter=6,
        cell="units-switched-off",
        remark="With fixed inputs it is certain; deeper in a net inputs move",
    ),
)
