"""Verbeek, slides 17 to 33: convolutional layers, their shapes and weights."""

from itertools import pairwise

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.reference import (
    conv1x1,
    conv2d,
    conv2d_cost,
    conv2d_toeplitz,
    linear_cost,
    max_pool2d,
    toeplitz2d,
)
from coursekit.reference.kernels import gabor

IMAGE = (3, 32, 32)
FILTERS, SIZE = 6, 5


def _last(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return a shape as the slides print it, with the channels last."""
    return (*shape[1:], shape[0])


def _classes() -> int:
    from coursekit.data.cifar10 import CIFAR10_CLASSES

    return len(CIFAR10_CLASSES)


def _linear_map() -> Sides:
    rng = np.random.default_rng(18)
    x, w = rng.normal(size=(2, 1, 5, 6)), rng.normal(size=(2, 1, 3, 3))
    return Sides(conv2d_toeplitz(x, w), conv2d(x, w), "2 images, the convolution as a matrix")


def _moved(columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what a convolution makes of an image, and of the image moved."""
    rng = np.random.default_rng(19)
    x = np.zeros((1, 1, 9, 14))
    x[..., 3:6, 3:6], w = rng.normal(size=(3, 3)), rng.normal(size=(1, 1, 3, 3))
    return conv2d(x, w), conv2d(np.roll(x, columns, axis=3), w)


def _invariant() -> Sides:
    before, after = _moved(4)
    return Sides(after, before, "an image moved by 4 columns")


def _equivariant() -> Sides:
    before, after = _moved(4)
    return Sides(after, np.roll(before, 4, axis=3), "an image moved by 4 columns")


def _complex_cells() -> Finding:
    """Move a bar and see how much the answer changes at one place, and as the maximum of places nearby."""
    kernel = gabor(11, sigma=2.5, wavelength=6)
    images = np.zeros((5, 1, 31, 31))
    for k in range(5):
        images[k, 0, :, 13 + k : 16 + k] = 1
    answers = np.maximum(conv2d(images, kernel[None, None]), 0)
    simple = answers[:, 0, 10, 10]
    pooled = max_pool2d(answers[:, :, 6:15, 6:15], 9)[:, 0, 0, 0]
    swing = [float(np.ptp(a) / a.max()) for a in (simple, pooled)]
    return Finding(
        swing[1] < 0.5 * swing[0],
        f"a bar moved by up to 4 pixels: one place changes by {swing[0]:.0%} of its maximum, "
        f"the pool by {swing[1]:.0%}",
    )


def _three_kinds() -> Finding:
    inputs = int(np.prod(IMAGE))
    made = conv2d_cost(IMAGE, FILTERS, SIZE, bias=False)
    dense = linear_cost(inputs, made.activations, bias=False).parameters
    counts = (dense, made.multiply_adds, made.parameters)
    return Finding(
        all(a > b for a, b in pairwise(counts)),
        f"6 filters of 5×5 on 32×32×3: {counts[0]:,} weights fully connected, "
        f"{counts[1]:,} local, {counts[2]:,} shared",
    )


def _local_is_sparse() -> Sides:
    """Count the entries that are not zero in the matrix of a small convolution, and the different ones."""
    T = toeplitz2d(np.arange(1.0, 10).reshape(3, 3), 7, 8)
    cost = conv2d_cost((1, 7, 8), 1, 3, bias=False)
    counted = (int(np.count_nonzero(T)), len(np.unique(T[T != 0])))
    return Sides((cost.multiply_adds, cost.parameters), counted, "a 3×3 kernel on 7×8 pixels")


def _decoupled(what: str) -> Sides:
    inputs = {
        "pixels": [(3, 8, 8), (3, 32, 32), (3, 500, 375)],
        "channels": [(3, 8, 8), (64, 8, 8), (64, 32, 32)],
    }[what]
    counts = [conv2d_cost(one, FILTERS, SIZE).parameters for one in inputs]
    return Sides(counts, [counts[0]] * 3, "inputs of three sizes, the parameters of 6 filters")


def _dot_products() -> Sides:
    rng = np.random.default_rng(27)
    x, w, b = rng.normal(size=(3, 8, 8)), rng.normal(size=(3, 5, 5)), rng.normal(size=1)
    printed = [
        [w.ravel() @ x[:, i : i + 5, j : j + 5].ravel() + b[0] for j in range(4)] for i in range(4)
    ]
    return Sides(printed, conv2d(x[None], w[None], b)[0, 0], "a random 8×8×3 image, wᵀx + b")


def _depths(groups: int) -> list[int]:
    """Return the depths of a filter that a layer on 6 channels accepts."""
    taken = []
    for depth in range(1, 8):
        try:
            conv2d(np.zeros((1, 6, 5, 5)), np.zeros((6, depth, 3, 3)), groups=groups)
        except ValueError:
            continue
        taken.append(depth)
    return taken


def _full_depth(all_groups: tuple[int, ...]) -> Finding:
    found = {groups: _depths(groups) for groups in all_groups}
    return Finding(
        all(depths == [6] for depths in found.values()),
        "on 6 channels: "
        + ", ".join(
            f"depth {depths[0]} in {'one group' if groups == 1 else f'{groups} groups'}"
            for groups, depths in found.items()
        ),
    )


def _pixel_by_pixel() -> Sides:
    rng = np.random.default_rng(33)
    x, w = rng.normal(size=(1, 64, 4, 5)), rng.normal(size=(32, 64))
    return Sides(conv1x1(x, w)[0], np.einsum("kc,chw->khw", w, x[0]), "a random 4×5×64 input")


def _shape(
    id_: str,
    says: str,
    printed: str,
    shape: tuple[int, int, int],
    kernels: int,
    size: int,
    place: str,
) -> Claim:
    return Claim(
        id_,
        says,
        "shape",
        printed=printed,
        compute=lambda: _last(conv2d_cost(shape, kernels, size, fit="exact").shape),
        chapter=3 if size == 1 else 2,
        cell="matrix-for-each-pixel" if size == 1 else "a-layer-in-loops",
        place=place,
    )


CLAIMS = (
    Claim(
        "V17-classes",
        "an image gets one of these classes, from airplane to truck",
        "count",
        printed="10",
        compute=_classes,
        chapter=13,
        cell="full-run",
    ),
    Claim(
        "V18-linear",
        "a convolution takes the place of a linear map, and is one itself",
        "formula",
        compute=_linear_map,
        chapter=2,
        cell="build-the-blocks",
    ),
    Claim(
        "V19-translation",
        "convolution gives translation invariance",
        "formula",
        compute=_invariant,
        conventions={"equivariance: the output moves along with the input": _equivariant},
        chapter=4,
        cell="move-and-convolve",
    ),
    Claim(
        "V19-complex",
        "complex cells pool simple cells of a region, which forgives the place",
        "comparison",
        compute=_complex_cells,
        chapter=4,
        cell="simple-and-complex",
    ),
    _shape("V20-first", "six 5×5×3 filters on 32×32×3", "28×28×6", IMAGE, 6, 5, "slides 20 and 32"),
    _shape(
        "V21-second", "ten 5×5×6 filters on 28×28×6", "24×24×10", (6, 28, 28), 10, 5, "slide 21"
    ),
    Claim(
        "V24-kinds",
        "full connection, local connection and convolution need fewer and fewer weights",
        "count",
        compute=_three_kinds,
        chapter=2,
        cell="the-matrix-of-a-photograph",
    ),
    Claim(
        "V24-sharing",
        "local connection without sharing has weights of its own at each place",
        "count",
        compute=_local_is_sparse,
        chapter=4,
        cell="three-matrices",
    ),
    Claim(
        "V25-decoupled",
        "through sharing the number of parameters does not depend on the size of the input",
        "count",
        compute=lambda: _decoupled("pixels"),
        chapter=3,
        cell="explain-cost",
    ),
    Claim(
        "V25-representation",
        "through sharing it does not depend on the size of the representation either",
        "count",
        compute=lambda: _decoupled("channels"),
        conventions={"its height and width; the channels do count": lambda: _decoupled("pixels")},
        chapter=3,
        cell="explain-calculator",
    ),
    Claim(
        "V27-dot",
        "sliding a filter over the image computes dot products",
        "formula",
        compute=_dot_products,
        place="slides 27 to 29",
        chapter=2,
        cell="a-layer-in-loops",
    ),
    Claim(
        "V28-depth",
        "filters always extend through the full depth of the input",
        "shape",
        compute=lambda: _full_depth((1, 2, 3)),
        conventions={
            "without groups, which AlexNet has in three of its layers": lambda: _full_depth((1,))
        },
        chapter=2,
        cell="color",
    ),
    Claim(
        "V29-patch",
        "the dot product of one hidden unit has this many terms",
        "count",
        printed="75",
        compute=lambda: (
            conv2d_cost(IMAGE, 1, SIZE).multiply_adds // conv2d_cost(IMAGE, 1, SIZE).activations
        ),
        chapter=2,
        cell="a-layer-in-loops",
    ),
    _shape("V30-map", "one 5×5×3 filter makes one map", "28×28×1", IMAGE, 1, 5, "slides 30 and 31"),
    Claim(
        "V32-maps",
        "six filters make this many maps",
        "count",
        printed="6",
        compute=lambda: conv2d(np.zeros((1, *IMAGE)), np.zeros((FILTERS, 3, SIZE, SIZE))).shape[1],
        chapter=2,
        cell="a-layer-in-loops",
    ),
    _shape("V33-one", "32 filters of 1×1 on 56×56×64", "56×56×32", (64, 56, 56), 32, 1, "slide 33"),
    Claim(
        "V33-terms",
        "each 1×1 filter on 56×56×64 performs a dot product of this many numbers",
        "count",
        printed="64",
        compute=lambda: conv2d_cost((64, 56, 56), 1, 1, bias=False).parameters,
        chapter=3,
        cell="matrix-for-each-pixel",
    ),
    Claim(
        "V33-pixels",
        "a convolution with 1×1 filters makes sense: one matrix for each pixel",
        "formula",
        compute=_pixel_by_pixel,
        chapter=3,
        cell="matrix-for-each-pixel",
    ),
)
