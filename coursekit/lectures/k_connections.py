"""Khapra, slides 31 to 41 and 48: kernels that are learned, sparse connections, shared weights."""

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.reference import (
    conv2d,
    conv2d_backward,
    conv2d_cost,
    conv2d_forward,
    gradcheck,
    linear,
    linear_cost,
    receptive_field,
    relu_backward,
    relu_forward,
    toeplitz2d,
)


def _learned(kernels: int) -> Finding:
    """Learn kernels from what the edge detector and its likes answer, by gradient descent from random weights."""
    rng = np.random.default_rng(33)
    x, target = rng.normal(size=(8, 1, 8, 8)), rng.normal(size=(kernels, 1, 3, 3))
    target[0, 0] = [[1, 1, 1], [1, -8, 1], [1, 1, 1]]
    goal, w = conv2d(x, target), 0.1 * rng.normal(size=target.shape)
    start = np.abs(w - target).max()
    for _ in range(60):
        y, cache = conv2d_forward(x, w)
        w = w - 0.5 * conv2d_backward((y - goal) / (8 * 36), cache)[1]
    end = np.abs(w - target).max()
    return Finding(
        bool(end < 1e-3),
        f"largest error of a weight: {start:.2g} at first, after 60 steps "
        + ("below 0.001" if end < 1e-3 else f"{end:.2g}"),
    )


def _layers_learn() -> Finding:
    """Check the gradient of the first layer's kernel, through a ReLU and a second convolution."""

    def forward(w: np.ndarray) -> tuple[np.ndarray, tuple]:
        h, first = conv2d_forward(x, w)
        a, bend = relu_forward(h)
        y, second = conv2d_forward(a, top)
        return y, (first, bend, second)

    def backward(dy: np.ndarray, caches: tuple) -> np.ndarray:
        first, bend, second = caches
        return conv2d_backward(relu_backward(conv2d_backward(dy, second)[0], bend), first)[1]

    rng = np.random.default_rng(35)
    x, top = rng.normal(size=(2, 1, 6, 6)), rng.normal(size=(2, 3, 2, 2))
    report = gradcheck(forward, backward, rng.normal(size=(3, 1, 3, 3)))
    return Finding(bool(report), f"its gradient, moved entry by entry: {report}")


def structure() -> np.ndarray:
    """Return the matrix of a 2×2 kernel on a 4×4 image, an entry of 1 for each connection."""
    return (toeplitz2d(np.ones((2, 2)), 4, 4) != 0).astype(float)


def _who_contributes(layer: str) -> list[int]:
    """Return the numbers, from 1, of the pixels that can change the first hidden unit."""
    rng = np.random.default_rng(37)
    x, dense, kernel = rng.normal(size=(4, 4)), rng.normal(size=(9, 16)), rng.normal(size=(2, 2))

    def first_unit(image: np.ndarray) -> float:
        if layer == "dense":
            return float(linear(image.reshape(1, -1), dense)[0, 0])
        return float(conv2d(image[None, None], kernel[None, None])[0, 0, 0, 0])

    found = []
    for pixel in range(16):
        nudged = x.copy()
        nudged.flat[pixel] += 1
        if first_unit(nudged) != first_unit(x):
            found.append(pixel + 1)
    return found


def _fewer() -> Finding:
    dense = linear_cost(16, 9, bias=False).parameters
    sparse = int(structure().sum())
    return Finding(sparse < dense, f"{dense} connections dense, {sparse} with neighborhoods of 2×2")


def _meet(layers: int) -> bool:
    """Say whether the middle unit on top of some layers with kernels of 3 sees x_1 and x_5 of five inputs."""
    field = receptive_field([(3, 1, 1, 1)] * layers)
    first, last = field.span(2)
    return first <= 0 and last >= 4


def _sharing() -> Finding:
    own, shared = int(structure().sum()), conv2d_cost((1, 4, 4), 1, 2, bias=False).parameters
    return Finding(
        shared < own, f"{own} weights to learn if each place has its own, {shared} shared"
    )


def _many_shared() -> Sides:
    kernels = range(1, 5)
    small = [conv2d_cost((1, 4, 4), K, 2, bias=False).parameters for K in kernels]
    large = [conv2d_cost((1, 400, 400), K, 2, bias=False).parameters for K in kernels]
    return Sides(small, large, "1 to 4 kernels on 4×4 and on 400×400 pixels")


def _as_matrix() -> Sides:
    rng = np.random.default_rng(48)
    x, w = rng.normal(size=(3, 3)), rng.normal(size=(2, 2))
    y = conv2d(x[None, None], w[None, None])[0, 0]
    return Sides(toeplitz2d(w, 3, 3) @ x.ravel(), y.ravel(), "a 3×3 image and a 2×2 kernel")


def _few_active() -> Finding:
    active = toeplitz2d(np.ones((2, 2)), 3, 3) != 0
    large = (2 * 2) / (224 * 224)
    return Finding(
        bool(active.mean() < 0.5),
        f"{int(active.sum())} of {active.size} for 3×3 pixels; of 224×224 each output uses {large:.3%}",
    )


def _weights_after_a_step(shared: bool) -> Finding:
    """Count the different weights of the matrix after one step of gradient descent."""
    rng = np.random.default_rng(48)
    x, dy, w = rng.normal(size=(3, 3)), rng.normal(size=4), rng.normal(size=(2, 2))
    color = toeplitz2d(np.arange(1.0, 5).reshape(2, 2), 3, 3)
    gradient = np.outer(dy, x.ravel()) * (color > 0)
    if shared:
        for one in range(1, 5):
            gradient[color == one] = gradient[color == one].sum()
    after = toeplitz2d(w, 3, 3) - 0.1 * gradient
    different = len(set(np.round(after[color > 0], 12)))
    return Finding(
        different == w.size, f"{different} different weights after a step, {w.size} before"
    )


CLAIMS = (
    Claim(
        "K33-learn-a-kernel",
        "a kernel can be learned instead of made by hand",
        "comparison",
        compute=lambda: _learned(1),
        chapter=5,
        cell="train-on-features",
    ),
    Claim(
        "K33-printed-kernel",
        "nine entries of a learned kernel, from -2.1e-2 to 3.2e-3",
        "number",
        unchecked="the slide does not say on which data, from which start and how long it was trained",
        place="slides 33 to 35",
    ),
    Claim(
        "K34-several-kernels",
        "several kernels can be learned at once",
        "comparison",
        compute=lambda: _learned(3),
        chapter=5,
        cell="train-on-features",
    ),
    Claim(
        "K35-layers",
        "several layers of kernels can be learned: as parameters, by backpropagation",
        "comparison",
        compute=_layers_learn,
        chapter=6,
        cell="backward-of-a-convnet",
    ),
    Claim(
        "K37-dense",
        "in a dense layer all 16 inputs contribute to h_11",
        "count",
        printed="16",
        compute=lambda: len(_who_contributes("dense")),
        chapter=6,
        cell="slide-claims-checked",
    ),
    Claim(
        "K38-local",
        "with a 2×2 kernel only the pixels 1, 2, 5 and 6 of a 4×4 image contribute to h_11",
        "worked example",
        printed="1 2 5 6",
        compute=lambda: _who_contributes("convolution"),
        chapter=6,
        cell="slide-claims-checked",
    ),
    Claim(
        "K38-fewer",
        "sparse connections mean fewer parameters",
        "comparison",
        compute=_fewer,
        chapter=6,
        cell="widget-three-structures",
    ),
    Claim(
        "K39-apart",
        "x_1 and x_5 do not meet in layer 1",
        "comparison",
        compute=lambda: Finding(
            not _meet(1), f"one layer sees {receptive_field([(3,)]).size} inputs of five"
        ),
        chapter=4,
        cell="count-and-measure",
    ),
    Claim(
        "K39-together",
        "both contribute to g_3 in layer 2",
        "comparison",
        compute=lambda: Finding(
            _meet(2), f"two layers see {receptive_field([(3,), (3,)]).size} inputs of five"
        ),
        chapter=4,
        cell="count-and-measure",
    ),
    Claim(
        "K41-easier",
        "one kernel for all places is easier to learn than one for each",
        "comparison",
        compute=_sharing,
        chapter=6,
        cell="gradient-with-structure",
        remark="Counted are the weights",
    ),
    Claim(
        "K41-many",
        "there can be many kernels, each shared by all places",
        "count",
        compute=_many_shared,
        chapter=3,
        cell="count-the-parameters",
    ),
    Claim(
        "K48-as-matrix",
        "a convolution is a feed-forward layer most of whose weights are zero",
        "formula",
        compute=_as_matrix,
        chapter=2,
        cell="build-the-blocks",
    ),
    Claim(
        "K48-few",
        "only a few weights are active",
        "comparison",
        compute=_few_active,
        chapter=2,
        cell="the-matrix-of-a-photograph",
    ),
    Claim(
        "K48-train",
        "so it can be trained as a feed-forward net with sparse connections",
        "comparison",
        compute=lambda: _weights_after_a_step(shared=False),
        conventions={
            "if weights of one color stay equal, each moved by the sum of their gradients": (
                lambda: _weights_after_a_step(shared=True)
            )
        },
        chapter=6,
        cell="back-through-convolution",
    ),
)
