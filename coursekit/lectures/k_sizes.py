"""Khapra, slides 22 to 29: the size of the output."""

from itertools import product

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.reference import conv2d, conv2d_cost, output_size

SIZES, KERNELS, PADDINGS, STRIDES = range(5, 15), range(1, 6), range(4), range(1, 5)


def places(W: int, F: int, P: int = 0, S: int = 1) -> int:
    """Count where a kernel fits: the slow way, one start after the other."""
    starts = range(-P, W + P, S)
    return sum(start + F <= W + P for start in starts)


def _against_counting(formula: str) -> Sides:
    """Compare what the slide writes with the count, over all sizes, kernels and as much as the formula knows of."""
    if formula == "slide 24":
        cases = [(W, F, 0, 1) for W, F in product(SIZES, KERNELS)]
        printed = [float(W - F + 1) for W, F, _, _ in cases]
    elif formula == "slide 25":
        cases = [(W, F, P, 1) for W, F, P in product(SIZES, KERNELS, PADDINGS)]
        printed = [float(W - F + 2 * P + 1) for W, F, P, _ in cases]
    else:
        cases = list(product(SIZES, KERNELS, PADDINGS, STRIDES))
        printed = [(W - F + 2 * P) / S + 1 for W, F, P, S in cases]
        if formula == "rounded down":
            printed = [float(np.floor(size)) for size in printed]
        if formula == "strides that fit":
            kept = [k for k, (W, F, P, S) in enumerate(cases) if (W - F + 2 * P) % S == 0]
            cases, printed = [cases[k] for k in kept], [printed[k] for k in kept]
    counted = [places(*case) for case in cases]
    return Sides(printed, counted, f"{len(cases)} combinations of size, kernel, padding and stride")


def _shrinks() -> Finding:
    sizes = {F: places(7, F) for F in (1, 2, 3, 5)}
    falls = all(b < a for a, b in zip(sizes.values(), list(sizes.values())[1:], strict=False))
    return Finding(falls, f"on 7 pixels, kernel to output: {sizes}")


def _stride_skips() -> Sides:
    rng = np.random.default_rng(26)
    x, w = rng.normal(size=(1, 2, 9, 8)), rng.normal(size=(3, 2, 3, 3))
    return Sides(
        conv2d(x, w, stride=2), conv2d(x, w)[:, :, ::2, ::2], "every second place of stride 1"
    )


def _stride_shrinks() -> Finding:
    one, two = output_size(7, 3), output_size(7, 3, stride=2)
    return Finding(two < one, f"on 7 pixels a kernel of 3 gives {one}, and {two} with stride 2")


def _depth() -> Sides:
    kernels = range(1, 8)
    made = [conv2d_cost((3, 9, 9), K, 3).shape[0] for K in kernels]
    x = np.zeros((1, 3, 9, 9))
    right = [conv2d(x, np.zeros((K, 3, 3, 3))).shape[1] for K in kernels]
    return Sides(made, right, "1 to 7 filters")


def _same_size_padding() -> Finding:
    sizes = [output_size(W, 3, padding=1) for W in SIZES]
    return Finding(sizes == list(SIZES), f"{list(SIZES)} become {sizes}")


def _as_deep_as_the_input() -> Finding:
    x, taken = np.zeros((1, 3, 6, 6)), []
    for depth in range(1, 6):
        try:
            conv2d(x, np.zeros((1, depth, 2, 2)))
        except ValueError:
            continue
        taken.append(depth)
    return Finding(taken == [3], f"on 3 channels, of the depths 1 to 5 these fit: {taken}")


CLAIMS = (
    Claim(
        "K22-depth",
        "each filter is as deep as the input",
        "shape",
        compute=_as_deep_as_the_input,
        chapter=2,
        cell="a-layer-in-loops",
        remark="Layers that split their channels into groups are another matter",
    ),
    Claim(
        "K23-smaller",
        "since the kernel cannot be placed at the corners, the output is smaller than the input",
        "comparison",
        compute=_shrinks,
        chapter=3,
        cell="count-places",
        remark="A kernel of 1 shrinks nothing; all others do",
    ),
    Claim(
        "K24-formula",
        "W2 = W1 - F + 1, and the same for the height",
        "formula",
        compute=lambda: _against_counting("slide 24"),
        chapter=3,
        cell="count-places",
    ),
    Claim(
        "K24-five",
        "a 5×5 kernel makes the output even smaller than a 3×3 kernel",
        "comparison",
        compute=lambda: Finding(
            places(7, 5) < places(7, 3), f"of 7 pixels {places(7, 3)} are left, or {places(7, 5)}"
        ),
        chapter=3,
        cell="count-places",
    ),
    Claim(
        "K25-formula",
        "with padding P, W2 = W1 - F + 2P + 1",
        "formula",
        compute=lambda: _against_counting("slide 25"),
        chapter=3,
        cell="padding-that-keeps-the-size",
    ),
    Claim(
        "K25-same-size",
        "padding 1 with a 3×3 kernel keeps the size",
        "comparison",
        compute=_same_size_padding,
        chapter=3,
        cell="padding-that-keeps-the-size",
    ),
    Claim(
        "K25-rows",
        "padding 1 adds one row or column at the top, the bottom, the left and the right",
        "shape",
        compute=lambda: Sides(
            np.array(np.pad(np.ones((5, 6)), 1).shape) - (5, 6), (1 + 1, 1 + 1), "a 5×6 image"
        ),
        chapter=3,
        cell="padding",
    ),
    Claim(
        "K26-formula",
        "with stride S, W2 = (W1 - F + 2P)/S + 1, without brackets that round",
        "formula",
        compute=lambda: _against_counting("slide 26"),
        conventions={
            "rounded down, as in torch, where the stride does not fit": (
                lambda: _against_counting("rounded down")
            )
        },
        place="slides 26 and 27",
        chapter=3,
        cell="explain-stride-three",
    ),
    Claim(
        "K26-fits",
        "where the stride fits, the same formula",
        "formula",
        compute=lambda: _against_counting("strides that fit"),
        place="slides 26 and 27",
        chapter=3,
        cell="stride",
    ),
    Claim(
        "K26-skips",
        "stride 2 skips every second pixel",
        "formula",
        compute=_stride_skips,
        chapter=3,
        cell="stride",
    ),
    Claim(
        "K26-smaller",
        "a stride makes the output smaller again",
        "comparison",
        compute=_stride_shrinks,
        chapter=3,
        cell="stride",
    ),
    Claim(
        "K27-depth",
        "K filters give a depth of K",
        "formula",
        compute=_depth,
        chapter=3,
        cell="count-the-parameters",
    ),
    Claim(
        "K28-alexnet",
        "227×227×3 and 96 filters of 11×11 with stride 4 and no padding",
        "shape",
        printed="96×55×55",
        compute=lambda: conv2d_cost((3, 227, 227), 96, 11, stride=4, fit="exact").shape,
        chapter=3,
        cell="what-fits",
    ),
    Claim(
        "K29-lenet",
        "32×32×1 and 6 filters of 5×5 with stride 1 and no padding",
        "shape",
        printed="6×28×28",
        compute=lambda: conv2d_cost((1, 32, 32), 6, 5, fit="exact").shape,
        chapter=3,
        cell="padding",
    ),
)
