"""Hierarchical compositionality, slides 89 to 100: a layer's parameters, and a unit as a neuron."""

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.reference import (
    conv2d,
    conv2d_backward,
    conv2d_cost,
    conv2d_forward,
    linear,
    output_size,
)


def shape_of(*arguments: int, padding: int = 0) -> tuple[int, ...]:
    """Return an output's shape in the lecture's order: height, width, depth."""
    C, W, K, F = arguments
    depth, H, W = conv2d_cost((C, W, W), K, F, padding=padding).shape
    return H, W, depth


def _arithmetic() -> Sides:
    return Sides((32 + 2 * 2 - 5) / 1 + 1, output_size(32, 5, padding=2), "32 pixels")


def _per_filter() -> int:
    return conv2d_cost((3, 32, 32), 1, 5, padding=2).parameters


def _color() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(99)
    return rng.normal(size=(1, 3, 32, 32)), rng.normal(size=(1, 3, 5, 5))


def products() -> int:
    """Count the numbers of a color image that have a part in one number of the output."""
    y, cache = conv2d_forward(*_color())
    dy = np.zeros_like(y)
    dy[0, 0, 10, 20] = 1
    return int(np.count_nonzero(conv2d_backward(dy, cache)[0]))


def _as_neuron(bias: bool) -> Sides:
    x, w = _color()
    b = np.array([0.3]) if bias else None
    patch = x[:, :, 10:15, 20:25].reshape(1, -1)
    return Sides(
        linear(patch, w.reshape(1, -1), b)[0, 0],
        conv2d(x, w, b)[0, 0, 10, 20],
        "one of the places of a random image",
    )


def _local() -> Finding:
    seen, all_pixels = products(), 3 * 32 * 32
    return Finding(seen < all_pixels, f"it sees {seen} of {all_pixels:,} numbers")


CLAIMS = (
    Claim(
        "H90-arithmetic",
        "padding 2: (32 + 2·2 - 5)/1 + 1 is the size",
        "formula",
        compute=_arithmetic,
        place="slides 89 and 90",
        chapter=3,
        cell="count-the-parameters",
    ),
    Claim(
        "H90-shape",
        "32×32×3, ten 5×5 filters, stride 1, padding 2: the output",
        "shape",
        printed="32×32×10",
        compute=lambda: shape_of(3, 32, 10, 5, padding=2),
        place="slides 89 and 90",
        chapter=3,
        cell="count-the-parameters",
    ),
    Claim(
        "H92-filter",
        "parameters of each filter, 5·5·3 and one for the bias",
        "count",
        printed="76",
        compute=_per_filter,
        place="slides 91 and 92",
        chapter=3,
        cell="count-the-parameters",
    ),
    Claim(
        "H92-layer",
        "parameters of the layer",
        "count",
        printed="760",
        compute=lambda: conv2d_cost((3, 32, 32), 10, 5, padding=2).parameters,
        place="slides 91 and 92",
        chapter=3,
        cell="explain-cost",
    ),
    Claim(
        "H99-products",
        "one number of the output is a dot product of 5·5·3 numbers",
        "count",
        printed="75",
        compute=products,
        place="slides 99 and 100",
        chapter=5,
        cell="kernels-as-units",
    ),
    Claim(
        "H99-dot",
        "one number of the output is the dot product of the filter and a part of the image",
        "formula",
        compute=lambda: _as_neuron(bias=False),
        place="slides 99 and 100",
        chapter=5,
        cell="kernels-as-units",
    ),
    Claim(
        "H100-neuron",
        "with its bias it is a neuron",
        "formula",
        compute=lambda: _as_neuron(bias=True),
        chapter=5,
        cell="explain-features",
    ),
    Claim(
        "H100-local",
        "a neuron with local connectivity",
        "comparison",
        compute=_local,
        chapter=5,
        cell="explain-features",
    ),
)
