"""Louppe, "Pooling"."""

from collections.abc import Callable

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.reference import (
    average_pool2d,
    conv2d,
    max_pool2d,
    relu,
    upsample_nearest,
)
from coursekit.reference.kernels import box, gaussian, sobel

_INDEX = "x[c, hj + n, wi + m]: the step is the size of the window, not that of the output"
POOLS: dict[str, Callable[..., np.ndarray]] = {"max": max_pool2d, "average": average_pool2d}


def _image(*shape: int) -> np.ndarray:
    return np.random.default_rng(13).normal(size=shape)


def _pooled(kind: str, index: str) -> Sides:
    """Pool by the printed formula, with the steps as printed or with those of the window."""

    def value(window: np.ndarray) -> float:
        return float(window.max() if kind == "max" else window.mean())

    h, w, r, s = 3, 4, 2, 3
    x = _image(2, r * h, s * w)
    down, across = (r, s) if index == "printed" else (h, w)
    y = [
        [
            [value(one[down * j : down * j + h, across * i : across * i + w]) for i in range(s)]
            for j in range(r)
        ]
        for one in x
    ]
    right = POOLS[kind](x[None], (h, w))[0]
    return Sides(y, right, "windows of 3×4 on 6×12 numbers")


def _shape() -> Sides:
    sizes = [(1, 2, 2, 3, 4), (3, 3, 2, 2, 2), (2, 1, 4, 5, 2)]
    made = [max_pool2d(_image(1, C, r * h, s * w), (h, w)).shape[1:] for C, h, w, r, s in sizes]
    return Sides([(C, r, s) for C, _, _, r, s in sizes], made, "three sizes of window and output")


def _down_scaled() -> Sides:
    """Enlarge an image and pool it: what is left is the image."""
    x = _image(1, 2, 4, 5)
    large = upsample_nearest(x, 2)
    return Sides([pool(large, 2) for pool in POOLS.values()], [x, x], "an image enlarged twofold")


def _as_convolution() -> Sides:
    x = _image(2, 3, 6, 8)
    boxes = np.tile(box(2), (3, 1, 1, 1))
    return Sides(conv2d(x, boxes, stride=2, groups=3), average_pool2d(x, 2), "average pooling")


def _sum_becomes_maximum() -> Sides:
    """Write max pooling as a convolution: a maximum for the sum, a sum for the product, and weights of 0."""
    x, u = _image(6, 8), np.zeros((2, 2))
    y = [[(x[j : j + 2, i : i + 2] + u).max() for i in range(0, 8, 2)] for j in range(0, 6, 2)]
    return Sides(y, max_pool2d(x[None, None], 2)[0, 0], "max pooling")


def _shuffled() -> Sides:
    """Shuffle the four numbers of each window."""
    rng = np.random.default_rng(14)
    x = _image(1, 1, 6, 8)
    cells = x.reshape(3, 2, 4, 2).swapaxes(1, 2).reshape(12, 4)
    mixed = rng.permuted(cells, axis=1).reshape(3, 4, 2, 2).swapaxes(1, 2).reshape(1, 1, 6, 8)
    return Sides(
        [pool(mixed, 2) for pool in POOLS.values()],
        [pool(x, 2) for pool in POOLS.values()],
        "numbers shuffled in windows of 2×2",
    )


def _nearly_invariant() -> Finding:
    """Move a smooth picture by one pixel and see how much of its edges' pooled strength changes."""
    smooth = conv2d(_image(1, 1, 80, 80), gaussian(9, 1.5)[None, None])
    old, new = (
        relu(conv2d(smooth[..., start : start + 66], sobel("x")[None, None])) for start in (4, 3)
    )

    def change(F: int) -> float:
        before, after = max_pool2d(old, F), max_pool2d(new, F)
        return float(np.linalg.norm(after - before) / np.linalg.norm(before))

    sizes = (1, 2, 4, 8)
    changes = [change(F) for F in sizes]
    return Finding(
        0 < changes[-1] < changes[1] < changes[0],
        "moved by one pixel, change with windows of 1, 2, 4, 8: "
        + ", ".join(f"{one:.0%}" for one in changes),
    )


def _invariant() -> Finding:
    x = np.zeros((1, 1, 4, 8))
    x[0, 0, 1, 2] = 1
    moved = np.roll(x, 1, axis=-1)
    same = np.array_equal(max_pool2d(x, (2, 2)), max_pool2d(moved, (2, 2)))
    further = np.array_equal(max_pool2d(x, (2, 2)), max_pool2d(np.roll(x, 2, axis=-1), (2, 2)))
    return Finding(
        bool(same and not further),
        f"a spot moved by one pixel inside its window, same maxima: {same}; moved by two: {further}",
    )


def _wrong_index(kind: str) -> Claim:
    return Claim(
        f"L-pooling-{kind}",
        f"{kind} pooling with windows of h×w to r×s outputs reads x[c, rj + n, si + m]",
        "formula",
        compute=lambda: _pooled(kind, "printed"),
        right=(_INDEX, lambda: _pooled(kind, "window")),
        place="Pooling",
        chapter=4,
        cell="stride-one-and-mean",
    )


CLAIMS = (
    Claim(
        "L-pooling-scales-down",
        "pooling reduces the dimension and preserves the global structure, much as scaling down does",
        "formula",
        compute=_down_scaled,
        place="Pooling",
        chapter=4,
        cell="max-pool-in-loops",
    ),
    Claim(
        "L-pooling-shape",
        "windows of h×w make C×r×s out of C×rh×sw",
        "formula",
        compute=_shape,
        place="Pooling",
        chapter=4,
        cell="max-pool-in-loops",
    ),
    _wrong_index("max"),
    _wrong_index("average"),
    Claim(
        "L-pooling-convolution-average",
        "the formula of pooling is much like that of convolution: average pooling",
        "formula",
        compute=_as_convolution,
        place="Pooling",
        chapter=4,
        cell="pooling-from-convolutions",
        remark="It is one",
    ),
    Claim(
        "L-pooling-convolution-max",
        "the formula of pooling is much like that of convolution: max pooling",
        "formula",
        compute=_sum_becomes_maximum,
        place="Pooling",
        chapter=4,
        cell="pooling-from-convolutions",
        remark="With the maximum for the sum, the sum for the product, and weights of 0; it is not linear",
    ),
    Claim(
        "L-invariant",
        "f(g(x)) = f(x): pooling is invariant to a shift, if nothing leaves its window",
        "comparison",
        compute=_invariant,
        place="Pooling: Invariance",
        chapter=4,
        cell="widget-shift",
    ),
    Claim(
        "L-invariant-permutation",
        "pooling is invariant to any permutation inside one cell",
        "formula",
        compute=_shuffled,
        place="Pooling: Invariance",
        chapter=4,
        cell="shuffle-inside",
    ),
    Claim(
        "L-pseudo-invariant",
        "so it is pseudo-invariant to local translations",
        "comparison",
        compute=_nearly_invariant,
        place="Pooling: Invariance",
        chapter=4,
        cell="photograph-moves",
        remark="Less sensitive, not invariant",
    ),
)
