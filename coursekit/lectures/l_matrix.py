"""Louppe, "Convolutions as matrix multiplications"."""

from math import prod

import numpy as np

from coursekit.lectures.claim import Claim, Compute, Finding, Sides
from coursekit.reference import (
    conv2d,
    conv2d_backward,
    conv2d_cost,
    conv2d_forward,
    linear,
    linear_cost,
    toeplitz2d,
)

PLACE = "Convolutions as matrix multiplications"

X = np.array([[4.0, 5, 8, 7], [1, 8, 8, 8], [3, 6, 6, 4], [6, 5, 7, 8]])
U = np.array([[1.0, 4, 1], [1, 4, 3], [3, 3, 1]])

PRINTED = """
1 4 1 0 1 4 3 0 3 3 1 0 0 0 0 0
0 1 4 1 0 1 4 3 0 3 3 1 0 0 0 0
0 0 0 0 1 4 1 0 1 4 3 0 3 3 1 0
0 0 0 0 0 1 4 1 0 1 4 3 0 3 3 1
"""


def _slide(x: np.ndarray, u: np.ndarray) -> np.ndarray:
    return conv2d(x[None, None], u[None, None])[0, 0]


def _random() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(11)
    return rng.normal(size=(6, 7)), rng.normal(size=(3, 2))


def _shape() -> Sides:
    sizes = [(5, 6, 2, 3), (8, 8, 3, 3), (7, 4, 4, 1)]
    made = [toeplitz2d(np.ones((h, w)), H, W).shape for H, W, h, w in sizes]
    printed = [((H - h + 1) * (W - w + 1), H * W) for H, W, h, w in sizes]
    return Sides(printed, made, "three sizes of image and kernel")


def _entries() -> Sides:
    """Compare U with what every output changes by when a pixel grows by 1."""
    x, u = _random()
    start, changes = _slide(x, u), []
    for pixel in range(x.size):
        nudged = x.copy()
        nudged.flat[pixel] += 1
        changes.append((_slide(nudged, u) - start).ravel())
    return Sides(toeplitz2d(u, 6, 7), np.transpose(changes), "every pixel of a random 6×7 image")


def _reshaped() -> Sides:
    x, u = _random()
    column = toeplitz2d(u, 6, 7) @ x.reshape(-1, 1)
    return Sides(column.reshape(6 - 3 + 1, 7 - 2 + 1), _slide(x, u), "a random image and kernel")


def _fully_connected() -> Sides:
    x, u = _random()
    return Sides(
        linear(x.reshape(1, -1), toeplitz2d(u, 6, 7))[0],
        _slide(x, u).ravel(),
        "a linear layer whose weights are U, and the convolution",
    )


def _band() -> Finding:
    """See how far the weights of one output lie apart, and how many inputs it sees."""
    T = toeplitz2d(np.ones((3, 3)), 12, 12)
    reach = [np.ptp(np.flatnonzero(row)) + 1 for row in T]
    seen = {int(n) for n in np.count_nonzero(T, axis=1)}
    return Finding(
        max(reach) == 2 * 12 + 3 and seen == {9},
        f"of 144 inputs each output of a 3×3 kernel sees {max(seen)}, within a band of {max(reach)}",
    )


def _replicated() -> Finding:
    u = _random()[1]
    T = toeplitz2d(u, 6, 7)
    weights = T[T != 0]
    n = len(np.unique(weights))
    return Finding(n == u.size, f"{weights.size} weights, {n} different ones")


def _backward() -> Sides:
    """Compare the gradient that the matrix sends back with a convolution of the padded gradient, kernel flipped."""
    x, u = _random()
    dy = np.random.default_rng(12).normal(size=(4, 6))
    padded = np.pad(dy, ((2, 2), (1, 1)))
    back = (toeplitz2d(u, 6, 7).T @ dy.ravel()).reshape(x.shape)
    return Sides(_slide(padded, u[::-1, ::-1]), back, "a random gradient")


def _backward_of_weights() -> Sides:
    x, u = _random()
    dy = np.random.default_rng(12).normal(size=(4, 6))
    _, cache = conv2d_forward(x[None, None], u[None, None])
    return Sides(
        _slide(x, dy), conv2d_backward(dy[None, None], cache)[1][0, 0], "a random gradient"
    )


def _not_naive() -> Finding:
    """Count the products of one way through a kernel of 3×3, with the full matrix and without its zeros."""
    image, sliding = (1, 224, 224), conv2d_cost((1, 224, 224), 1, 3, bias=False)
    full, thin = (
        linear_cost(image, prod(sliding.shape), bias=False).multiply_adds,
        sliding.multiply_adds,
    )
    shown = f"{full:.1e} products with the full matrix, {thin:.1e} without its zeros"
    return Finding(full > 1000 * thin, f"3×3 on 224×224 pixels: {shown}")


def _claim(
    id_: str, says: str, compute: Compute, chapter: int, cell: str, notes: str = ""
) -> Claim:
    return Claim(
        f"L-matrix-{id_}",
        says,
        "formula",
        compute=compute,
        place=f"{PLACE}, notes" if notes else PLACE,
        chapter=chapter,
        cell=cell,
    )


def _example(
    id_: str, says: str, printed: str, compute: Compute, cell: str = "build-the-blocks"
) -> Claim:
    return Claim(
        f"L-example-{id_}",
        says,
        "worked example",
        printed=" ".join(printed.split()),
        compute=compute,
        place=PLACE,
        chapter=2,
        cell=cell,
    )


CLAIMS = (
    _example(
        "slides",
        "a kernel of 3×3 slides over an image of 4×4",
        "122 148 126 134",
        lambda: _slide(X, U),
        "slide-in-two-loops",
    ),
    _example("matrix", "the matrix U of this kernel", PRINTED, lambda: toeplitz2d(U, 4, 4)),
    _example(
        "flattened",
        "the image, flattened row by row",
        "4 5 8 7 1 8 8 8 3 6 6 4 6 5 7 8",
        X.ravel,
    ),
    _example(
        "product",
        "the product of U and the flattened image",
        "122 148 126 134",
        lambda: toeplitz2d(U, 4, 4) @ X.ravel(),
    ),
    _claim(
        "shape",
        "U has (H - h + 1)(W - w + 1) rows and HW columns",
        _shape,
        2,
        "build-the-blocks",
    ),
    _claim(
        "entries",
        "U_ij is the weight that multiplies input j in output i",
        _entries,
        2,
        "build-the-blocks",
    ),
    _claim(
        "reshaped",
        "the product with the flattened image, put back into rows, is the convolution",
        _reshaped,
        2,
        "build-the-blocks",
    ),
    _claim(
        "linear",
        "a convolutional layer is a fully connected layer of a special kind: v(h) = Wᵀ v(x) with Wᵀ = U",
        _fully_connected,
        6,
        "widget-three-structures",
    ),
    _claim(
        "band",
        "that the matrix is sparse, a band, makes the layer local",
        _band,
        4,
        "three-matrices",
        "notes",
    ),
    _claim(
        "shared",
        "from row to row the weights are copied",
        _replicated,
        4,
        "three-matrices",
        "notes",
    ),
    _claim(
        "backward-dx",
        "the way back is a convolution too: for the gradient of the input",
        _backward,
        6,
        "backward-is-a-convolution",
        "notes",
    ),
    _claim(
        "backward-dw",
        "the way back is a convolution too: for the gradient of the kernel",
        _backward_of_weights,
        6,
        "conv-backward-by-convolution",
        "notes",
    ),
    _claim(
        "not-naive",
        "the way back is not computed as that of a fully connected layer",
        _not_naive,
        2,
        "the-matrix-of-a-photograph",
        "notes",
    ),
)
