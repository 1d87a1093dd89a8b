"""The exercise 11.2: the shapes of a network."""

from typing import Any

import numpy as np

from coursekit.reference import output_size
from coursekit.study.task import Case, Misconception, Task

Array = np.ndarray
Rng = np.random.Generator

CONV, POOL = 0, 1
LENET = np.array([[CONV, 6, 5, 1, 0], [POOL, 0, 2, 2, 0], [CONV, 16, 5, 1, 0], [POOL, 0, 2, 2, 0]])


def draw_network(rng: Rng) -> tuple[Array, int, int, int]:
    """Draw a network on whose images no stride fits, so that rounding shows."""
    K1, K2, K3 = (int(k) for k in rng.choice(np.arange(8, 65), 3, replace=False))
    layers = np.array(
        [
            [CONV, K1, 7, 3, 1],
            [POOL, 0, 3, 2, 0],
            [CONV, K2, 5, 1, 2],
            [POOL, 0, 2, 2, 0],
            [CONV, K3, 3, 1, 1],
        ]
    )
    # the first convolution leaves one pixel of 6 n + 3 over and makes 2 n places, of which the pooling of 3 with
    # stride 2 leaves one over too
    H, W = (int(6 * n + 3) for n in rng.choice(np.arange(20, 40), 2, replace=False))
    return layers, int(rng.integers(3, 7)), H, W


def network_label(layers: Array, C: int, H: int, W: int) -> str:
    """Return what to call a case."""
    return f"{len(layers)} layers on {C} × {H} × {W}"


def _shapes_cases(rng: Rng) -> list[Case]:
    cases = [Case((LENET, 1, 32, 32), label="LeNet-5, 1 × 32 × 32")]
    for _ in range(2):
        drawn = draw_network(rng)
        cases.append(Case(drawn, label=network_label(*drawn)))
    return cases


def _walk(layers: Array, C: int, H: int, W: int, **wrong: Any) -> Array:
    """Return the shapes behind all layers, with a mistake where one is given."""
    size = wrong.get("size", lambda n, F, S, P: (n + 2 * P - F) // S + 1)
    shapes, start = [], (H, W)
    for kind, K, F, S, P in layers.tolist():
        if wrong.get("exchanged"):
            C = K if kind == POOL else C
        elif kind == CONV or wrong.get("pools_take_k"):
            C = K
        if wrong.get("pool_stride_one") and kind == POOL:
            S = 1
        if wrong.get("pool_halves") and kind == POOL:
            F = S = 2
        if wrong.get("from_the_image"):
            H, W = start
        H, W = size(H, F, S, P), size(W, F, S, P)
        if wrong.get("square"):
            W = H
        shapes.append((C, H, W))
    return np.array(shapes)


def shapes_of(layers: Array, C: int, H: int, W: int) -> Array:
    """Return the shapes behind all layers."""
    shapes = []
    for kind, K, F, S, P in layers.tolist():
        H, W = (output_size(n, F, stride=S, padding=P) for n in (H, W))
        C = K if kind == CONV else C
        shapes.append((C, H, W))
    return np.array(shapes)


def _shapes_with(**wrong: Any) -> Any:
    return lambda layers, C, H, W: _walk(layers, C, H, W, **wrong)


SHAPES = Task(
    id="11.2",
    title="From layer to layer",
    points=3,
    minutes=9,
    difficulty=1,
    name="shapes",
    returns=("shapes",),
    cases=_shapes_cases,
    reference=shapes_of,
    hints=(
        "Keep C, H and W in variables. Each layer changes them, and the next one starts from what is there.",
        "Height and width follow the same formula, for convolutions and poolings alike: (n + 2 * P - F) // S + 1.",
        "The channels change in a convolution only. Append (C, H, W) to a list in each step, and make an array of it.",
    ),
    misconceptions=(
        Misconception(
            "poolings change the channels",
            "You took K for the channels of a pooling too. A pooling looks at each map on its own: as many come out as "
            "went in.",
            _shapes_with(pools_take_k=True),
        ),
        Misconception(
            "padding forgotten",
            "Your layers have no padding: P is added at both sides before the kernel is laid on.",
            _shapes_with(size=lambda n, F, S, P: (n - F) // S + 1),
        ),
        Misconception(
            "padding at one side",
            "You added P once. It stands at both sides of the map.",
            _shapes_with(size=lambda n, F, S, P: (n + P - F) // S + 1),
        ),
        Misconception(
            "rounded up",
            "You rounded up where a stride does not fit. In this exercise the places that do not fit are lost.",
            _shapes_with(size=lambda n, F, S, P: -(-(n + 2 * P - F) // S) + 1),
        ),
        Misconception(
            "first place not counted",
            "You have one place too few along each axis: the kernel also has a place before its first step.",
            _shapes_with(size=lambda n, F, S, P: (n + 2 * P - F) // S),
        ),
        Misconception(
            "pooling with stride 1",
            "Your poolings move by 1, as a slide of the lectures has it. With that, 28 becomes 27.",
            _shapes_with(pool_stride_one=True),
        ),
        Misconception(
            "pooling halves",
            "Your poolings halve the map. That is F = S = 2; with F = 3 and S = 2 fewer places may be left. Use the "
            "formula for them too.",
            _shapes_with(pool_halves=True),
        ),
        Misconception(
            "kinds exchanged",
            "You took poolings for convolutions: kind 0 is a convolution, and only that sets the channels to K.",
            _shapes_with(exchanged=True),
        ),
        Misconception(
            "divided by the stride only",
            "You divided the size by the stride. That is right only if padding makes up for what the kernel takes.",
            _shapes_with(size=lambda n, F, S, P: n // S),
        ),
        Misconception(
            "every layer from the image",
            "Each of your layers starts from the image again. Its input is what the layer before made.",
            _shapes_with(from_the_image=True),
        ),
        Misconception(
            "square maps",
            "Your maps are square whatever the image is: the width needs its own calculation.",
            _shapes_with(square=True),
        ),
        Misconception(
            "channels last",
            "The numbers are right, in another order. A row is (C, H, W).",
            lambda layers, C, H, W: shapes_of(layers, C, H, W)[:, [1, 2, 0]],
        ),
        Misconception(
            "width before height",
            "You exchanged height and width. A row is (C, H, W).",
            lambda layers, C, H, W: shapes_of(layers, C, H, W)[:, [0, 2, 1]],
        ),
        Misconception(
            "the image among the shapes",
            "Your first row is the image. Asked for are the shapes behind the layers, one row for each.",
            lambda layers, C, H, W: np.vstack([[(C, H, W)], shapes_of(layers, C, H, W)]),
        ),
    ),
)
