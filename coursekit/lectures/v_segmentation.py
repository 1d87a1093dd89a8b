"""Verbeek, slides 56 to 58 and 60: a label for every pixel."""

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.lectures.nets import rows, shape
from coursekit.reference import (
    average_pool2d,
    conv1x1,
    conv2d,
    conv2d_cost,
    linear,
    relu,
    total_cost,
    upsample_bilinear,
    upsample_nearest,
)

PATCH = 13  # what three layers of 5×5 see


def _image(slide: int, *size: int) -> np.ndarray:
    return np.random.default_rng(slide).normal(size=size)


def _once_per_image() -> Sides:
    """Run a small net on every patch, and once on the whole image."""
    x, w1, w2 = _image(56, 1, 3, 9, 10), _image(57, 4, 3, 3, 3), _image(58, 2, 4, 3, 3)
    patches = np.concatenate([x[:, :, i : i + 5, j : j + 5] for i in range(5) for j in range(6)])
    one_by_one = conv2d(relu(conv2d(patches, w1)), w2)[:, :, 0, 0].T.reshape(2, 5, 6)
    return Sides(conv2d(relu(conv2d(x, w1)), w2)[0], one_by_one, "30 patches of 5×5")


def _cost(side: int) -> int:
    made: tuple[int, ...] = (3, side, side)
    layers = []
    for kernels in (16, 16, 2):
        layers.append(conv2d_cost(made, kernels, 5))
        made = layers[-1].shape
    return total_cost(layers).multiply_adds


def _wasteful() -> Finding:
    side = 64
    patches = (side - PATCH + 1) ** 2 * _cost(PATCH)
    return Finding(
        patches > 10 * _cost(side),
        f"three layers of 5×5 at every place of {side}×{side} pixels: {patches / 1e6:,.0f} million "
        f"multiply-adds patch by patch, {_cost(side) / 1e6:,.0f} in one go",
    )


def _as_one_by_one(first: bool) -> Finding:
    """See which kernel the dense layers of VGG-16 are, by dividing their weights by the channels they read."""
    channels, sizes = shape("VGG-16", rows("VGG-16", "MaxPool2d")[-1].name)[0], {}
    for k, row in enumerate(rows("VGG-16", "Linear")):
        assert row.shape is not None
        weights = row.parameters / row.shape[0] - 1  # of one unit, without its bias
        sizes[k + 1] = round((weights / channels) ** 0.5)
        channels = row.shape[0]
    kept = {k: side for k, side in sizes.items() if first or k > 1}
    return Finding(
        set(kept.values()) == {1},
        "in VGG-16 " + ", ".join(f"dense layer {k} is {side}×{side}" for k, side in kept.items()),
    )


def _own_position() -> Sides:
    x, w, b = _image(57, 2, 6, 3, 4), _image(58, 5, 6), _image(59, 5)
    right = np.stack(
        [linear(x[:, :, i, j], w, b) for i in range(3) for j in range(4)], axis=2
    ).reshape(2, 5, 3, 4)
    return Sides(conv1x1(x, w, b), right, "the same dense layer at 12 positions")


def _factor() -> float:
    return 224 / shape("VGG-16", rows("VGG-16", "MaxPool2d")[-1].name)[-1]


def disc(radius: float = 26.0) -> np.ndarray:
    """Return a disc of ones on 64×64 zeros, a little off the middle."""
    rows_, columns = np.mgrid[:64, :64]
    inside = (rows_ - 29) ** 2 + (columns - 34) ** 2 < radius**2
    return inside[None, None].astype(float)


def _blurry() -> Finding:
    coarse = average_pool2d(disc(), 16)
    fine = upsample_bilinear(coarse, scale=16, align_corners=False)
    unsure = [float(((y > 0.1) & (y < 0.9)).mean()) for y in (disc(), fine)]
    return Finding(
        unsure[1] > 0.2,
        f"pixels between 0.1 and 0.9: {unsure[0]:.0%} of a disc, {unsure[1]:.0%} once it has been "
        "16 times smaller",
    )


def _concatenated() -> Sides:
    fine, coarse = _image(58, 1, 3, 8, 8), _image(59, 1, 5, 4, 4)
    large, w = upsample_nearest(coarse, scale=2), _image(60, 2, 8)
    return Sides(
        conv1x1(fine, w[:, :3]) + conv1x1(large, w[:, 3:]),
        conv1x1(np.concatenate([fine, large], axis=1), w),
        "3 fine and 5 coarse maps",
    )


def _finer() -> Finding:
    """Make masks smaller, enlarge them again, and compare: intersection over union."""
    found = {}
    for factor in (32, 16, 8):
        coarse = average_pool2d(disc(), factor)
        again = upsample_bilinear(coarse, scale=factor, align_corners=False) > 0.5
        both, either = (again & (disc() > 0)).sum(), (again | (disc() > 0)).sum()
        found[factor] = float(both / either)
    return Finding(
        found[32] < found[16] < found[8],
        "intersection over union of a disc: "
        + ", ".join(f"{share:.2f} at 1/{factor}" for factor, share in found.items()),
    )


CLAIMS = (
    Claim(
        "V56-once",
        "a net on all patches gives what its convolutions give once per image",
        "formula",
        compute=_once_per_image,
        chapter=15,
        cell="once-per-image",
        remark="Without padding",
    ),
    Claim(
        "V56-wasteful",
        "running the net patch by patch would be wasteful",
        "comparison",
        compute=_wasteful,
        chapter=15,
        cell="once-per-image",
    ),
    Claim(
        "V57-dense",
        "fully connected layers are convolutions of size 1×1",
        "shape",
        compute=lambda: _as_one_by_one(first=True),
        conventions={
            "all but the first, whose filter is as large as its map, as slide 47 says": (
                lambda: _as_one_by_one(first=False)
            )
        },
        chapter=15,
        cell="dense-layers-of-vgg",
    ),
    Claim(
        "V57-position",
        "as a 1×1 convolution a dense layer is one function, of the features at each position",
        "formula",
        compute=_own_position,
        chapter=3,
        cell="matrix-for-each-pixel",
    ),
    Claim(
        "V57-steps",
        "sub-sampling layers of the network",
        "count",
        printed="5",
        compute=lambda: len(rows("VGG-16", "MaxPool2d")),
        chapter=11,
        cell="five-networks",
        remark="Counted in VGG-16",
    ),
    Claim(
        "V57-factor",
        "five sub-sampling layers reduce the resolution by this factor",
        "number",
        printed="32",
        compute=_factor,
        chapter=11,
        cell="five-networks",
    ),
    Claim(
        "V58-blurry",
        "upsampling by bilinear interpolation gives blurry predictions",
        "comparison",
        compute=_blurry,
        chapter=15,
        cell="enlarge-the-scores",
    ),
    Claim(
        "V58-weighted",
        "a weighted sum of maps at several resolutions is what concatenating them can give",
        "formula",
        compute=_concatenated,
        chapter=15,
        cell="sum-or-concatenate",
    ),
    Claim(
        "V60-detail",
        "detail is better preserved at finer resolutions",
        "comparison",
        compute=_finer,
        chapter=15,
        cell="what-a-stride-keeps",
    ),
)
