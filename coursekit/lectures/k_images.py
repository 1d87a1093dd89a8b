"""Khapra, slides 9 to 19: convolution of images, and of images with channels."""

import numpy as np
from scipy import signal

from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.reference import (
    conv2d,
    conv2d_cost,
    filter_centered,
    filter_preceding,
    filter_succeeding,
)

SHARPEN = np.array([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]])
EDGES = np.array([[1.0, 1, 1], [1, -8, 1], [1, 1, 1]])
CROSS_CORRELATION = (
    "cross-correlation, which deep learning calls convolution: the kernel is not flipped"
)


def _random(*shape: int) -> np.ndarray:
    return np.random.default_rng(9).normal(size=shape)


def _flat(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    return conv2d(image[None, None], kernel[None, None])[0, 0]


def _preceding() -> Sides:
    image, kernel = _random(6, 7), _random(3, 2)
    right = signal.convolve2d(image, kernel)[:6, :7]
    return Sides(filter_preceding(image, kernel), right, "a random 6×7 image and a 3×2 kernel")


def _succeeding(right: str) -> Sides:
    image, kernel = _random(6, 7), _random(3, 2)
    how = {"convolution": signal.convolve2d, "correlation": signal.correlate2d}[right]
    inside = filter_succeeding(image, kernel)[:4, :6]
    return Sides(inside, how(image, kernel, "valid"), "a random 6×7 image and a 3×2 kernel")


def _six_sums() -> Sides:
    a, b, c, d, e, f, g, h, i, j, k, l, w, x, y, z = _random(16)  # noqa: E741
    sums = [
        [
            a * w + b * x + e * y + f * z,
            b * w + c * x + f * y + g * z,
            c * w + d * x + g * y + h * z,
        ],
        [
            e * w + f * x + i * y + j * z,
            f * w + g * x + j * y + k * z,
            g * w + h * x + k * y + l * z,
        ],
    ]
    image = np.array([[a, b, c, d], [e, f, g, h], [i, j, k, l]])
    right = _flat(image, np.array([[w, x], [y, z]]))
    return Sides(sums, right, "random numbers for the sixteen letters")


SIZES = (1, 2, 3, 4, 5)


def _rows_read(first: str) -> Sides:
    """Count the rows of a kernel of m rows that a sum over a reads, with the slide's bounds or with ours."""
    read = []
    for m in SIZES:
        if first == "slide":
            read.append(np.floor(m / 2) - np.floor(-m / 2) + 1)
        else:
            read.append((m - 1 - m // 2) - (-(m // 2)) + 1)
    return Sides(read, SIZES, f"kernels of {SIZES[0]} to {SIZES[-1]} rows")


def _centered() -> Sides:
    image, kernel = _random(6, 7), _random(3, 5)
    right = signal.convolve2d(image, kernel, "same")
    return Sides(filter_centered(image, kernel), right, "a random 6×7 image and a 3×5 kernel")


def _all_neighbors() -> Finding:
    spot = np.zeros((5, 5))
    spot[2, 2] = 1
    rows, columns = np.nonzero(filter_centered(spot, np.ones((3, 3))))
    reach = sorted({int(r) - 2 for r in rows}), sorted({int(c) - 2 for c in columns})
    return Finding(
        reach == ([-1, 0, 1], [-1, 0, 1]), f"rows {reach[0]} and columns {reach[1]} from the pixel"
    )


def _nine_ones(factor: float) -> Sides:
    image = np.random.default_rng(13).random((6, 7))
    averages = np.lib.stride_tricks.sliding_window_view(image, (3, 3)).mean((2, 3))
    return Sides(_flat(image, np.ones((3, 3))) / factor, averages, "a random 6×7 image")


def _step() -> np.ndarray:
    return np.where(np.arange(8) < 4, 0.25, 0.75) * np.ones((5, 1))


def _sharpens() -> Finding:
    level = _flat(np.full((5, 5), 0.5), SHARPEN)
    before, after = np.ptp(_step()), np.ptp(_flat(_step(), SHARPEN))
    return Finding(
        bool(np.allclose(level, 0.5) and after > before),
        f"a flat 0.5 stays {level[0, 0]:g}; an edge of height {before:g} becomes {after:g} high",
    )


def _finds_edges() -> Finding:
    level, edge = _flat(np.full((5, 5), 0.5), EDGES), _flat(_step(), EDGES)
    hit = np.flatnonzero(np.abs(edge[0]) > 1e-12) + 1
    return Finding(
        bool(np.allclose(level, 0) and list(hit) == [3, 4]),
        f"a flat 0.5 becomes {level[0, 0]:g}; of an edge between columns 3 and 4 columns {hit} answer",
    )


def _one_value_a_place() -> Sides:
    sizes = [(5, 6, 2, 3), (8, 8, 3, 3), (7, 4, 4, 1)]
    made = [_flat(_random(H, W), _random(m, n)).size for H, W, m, n in sizes]
    places = [
        sum(1 for i in range(H) for j in range(W) if i + m <= H and j + n <= W)
        for H, W, m, n in sizes
    ]
    return Sides(made, places, "three sizes of image and kernel")


def _over_what(slid_over: str) -> Finding:
    output = _flat(_random(4, 4), np.ones((2, 2)))
    over = {"input": (4, 4), "output": output.shape}[slid_over]
    places = _flat(np.zeros(over), np.ones((2, 2))).size
    return Finding(
        places == output.size,
        f"over the {slid_over} of {over[0]}×{over[1]} a 2×2 filter has {places} places; "
        f"what comes out has {output.size} entries",
    )


def _no_move_in_depth() -> Sides:
    x, w = _random(3, 5, 6), _random(3, 2, 2)
    slid = signal.correlate(x, w, "valid")  # in all three directions
    return Sides(slid, conv2d(x[None], w[None])[0], "a 3×5×6 input and a filter as deep")


def _maps(filters: int) -> int:
    return int(conv2d(_random(1, 3, 5, 5), _random(filters, 3, 2, 2)).shape[1])


CLAIMS = (
    Claim(
        "K09-preceding",
        "the formula that looks at preceding neighbors is the convolution",
        "formula",
        compute=_preceding,
        chapter=2,
        cell="three-formulas-one-pixel",
    ),
    Claim(
        "K09-succeeding",
        "in practice the formula with succeeding neighbors is used for the same operation",
        "formula",
        compute=lambda: _succeeding("convolution"),
        conventions={CROSS_CORRELATION: lambda: _succeeding("correlation")},
        chapter=2,
        cell="one-idea",
    ),
    Claim(
        "K10-six-sums",
        "six sums of four products: a 3×4 image of letters and a 2×2 kernel",
        "worked example",
        compute=_six_sums,
        chapter=2,
        cell="slide-ten-in-letters",
    ),
    Claim(
        "K10-size",
        "the output of that example has two rows of three",
        "shape",
        printed="2×3",
        compute=lambda: conv2d_cost((1, 3, 4), 1, 2).shape[1:],
        chapter=2,
        cell="slide-ten-in-letters",
    ),
    Claim(
        "K11-bounds",
        "the centered sum runs from the floor of -m/2 to the floor of m/2 and meets each of the m rows of the kernel",
        "formula",
        compute=lambda: _rows_read("slide"),
        right=(
            "from -⌊m/2⌋ to m - 1 - ⌊m/2⌋, which reads every row once",
            lambda: _rows_read("ours"),
        ),
        chapter=2,
        cell="the-bounds-of-slide-eleven",
        remark="For an odd m the printed bounds would do if ⌊-m/2⌋ were rounded toward zero",
    ),
    Claim(
        "K11-centered",
        "with the kernel centered on the pixel the sum is still a convolution",
        "formula",
        compute=_centered,
        chapter=2,
        cell="one-idea",
        remark="Computed with the bounds that read every row once",
    ),
    Claim(
        "K11-neighbors",
        "the centered kernel looks at preceding and at succeeding neighbors",
        "comparison",
        compute=_all_neighbors,
        chapter=2,
        cell="three-formulas-one-pixel",
    ),
    Claim(
        "K13-blur",
        "a kernel of nine ones blurs: each pixel becomes the mean of its window",
        "formula",
        compute=lambda: _nine_ones(1),
        conventions={
            "up to a factor of 9, which goes unseen where a program rescales what it shows": (
                lambda: _nine_ones(9)
            )
        },
        chapter=2,
        cell="nine-ones",
    ),
    Claim(
        "K14-sharpen",
        "5 in the middle and -1 at its four neighbors sharpens",
        "comparison",
        compute=_sharpens,
        chapter=2,
        cell="three-questions",
    ),
    Claim(
        "K15-edges",
        "-8 in the middle of eight ones finds edges",
        "comparison",
        compute=_finds_edges,
        chapter=2,
        cell="three-questions",
    ),
    Claim(
        "K17-one-value",
        "each place of the kernel gives one value of the output",
        "count",
        compute=_one_value_a_place,
        chapter=2,
        cell="slide-in-two-loops",
    ),
    Claim(
        "K17-several-maps",
        "several filters give as many feature maps",
        "count",
        compute=lambda: Sides([_maps(k) for k in SIZES], SIZES, "1 to 5 filters"),
        chapter=2,
        cell="a-layer-in-loops",
    ),
    Claim(
        "K18-over-output",
        "in two dimensions the filter slides over a two-dimensional output",
        "comparison",
        compute=lambda: _over_what("output"),
        right=("it slides over the input", lambda: _over_what("input")),
        chapter=2,
        cell="color",
        remark="A slip of the pen: for one dimension the same slide says input",
    ),
    Claim(
        "K19-no-depth",
        "a filter as deep as the input makes a convolution of a 3D input a 2D one, with an output of one layer",
        "formula",
        compute=_no_move_in_depth,
        chapter=2,
        cell="a-layer-in-loops",
    ),
)
