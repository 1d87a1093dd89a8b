"""Verbeek, slide 59: upsampling and pooling as convolutions."""

import numpy as np

from coursekit.lectures.claim import Claim, Sides
from coursekit.reference import (
    average_pool2d,
    bilinear_kernel,
    conv2d,
    conv_transpose2d,
    max_pool2d,
    relu,
    toeplitz2d,
    upsample_bilinear,
    upsample_nearest,
)


def _image(seed: int, *size: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=size)


def _zeros(x: np.ndarray, where: str) -> np.ndarray:
    """Put as many zeros around an image or between its pixels as make it twice as large."""
    N, C, H, W = x.shape
    if where == "around":
        return np.pad(x, ((0, 0), (0, 0), (H // 2, H - H // 2), (W // 2, W - W // 2)))
    apart = np.zeros((N, C, 2 * H, 2 * W))
    apart[:, :, ::2, ::2] = x
    return apart


def _nearest(where: str) -> Sides:
    x, box = _image(59, 1, 1, 5, 6), np.ones((1, 1, 2, 2))
    shifted = np.pad(_zeros(x, where), ((0, 0), (0, 0), (1, 0), (1, 0)))
    return Sides(conv2d(shifted, box), upsample_nearest(x, scale=2), "a random 5×6 image, doubled")


def _bilinear(where: str) -> Sides:
    x, tent = _image(59, 1, 1, 7, 7), bilinear_kernel(2)[None, None]
    shifted = np.pad(_zeros(x, where), ((0, 0), (0, 0), (2, 1), (2, 1)))
    inside = (..., slice(2, -2), slice(2, -2))
    right = upsample_bilinear(x, scale=2, align_corners=False)
    return Sides(
        conv2d(shifted, tent)[inside], right[inside], "a random 7×7 image, away from its border"
    )


def _no_interactions() -> Sides:
    x = _image(59, 1, 3, 4, 4)
    alone = [upsample_bilinear(x[:, c : c + 1], scale=2, align_corners=False) for c in range(3)]
    together = upsample_bilinear(x, scale=2, align_corners=False)
    return Sides(together, np.concatenate(alone, axis=1), "three maps, together and one by one")


def _counterpart() -> Sides:
    x, w = _image(59, 1, 1, 3, 3), _image(60, 1, 1, 3, 3)
    T = toeplitz2d(w[0, 0], 7, 7, stride=2)
    right = (T.T @ x.ravel()).reshape(1, 1, 7, 7)
    return Sides(
        conv_transpose2d(x, w, stride=2), right, "3×3 to 7×7, the matrix of stride 2 transposed"
    )


def _average() -> Sides:
    x = _image(59, 2, 3, 6, 8)
    made = conv2d(x, np.full((3, 1, 2, 2), 0.25), stride=2, groups=3)
    return Sides(made, average_pool2d(x, 2), "2 images of 3 channels")


def _linear_maximum() -> Sides:
    """Compare the maxima of a sum with the sum of the maxima: a convolution does not tell them apart."""
    x, y = _image(59, 2, 1, 1, 4, 4)
    return Sides(max_pool2d(x, 2) + max_pool2d(y, 2), max_pool2d(x + y, 2), "two random images")


def _relu_maximum() -> Sides:
    x = y = _image(59, 2, 1, 6, 8)
    for shape_ in ((1, 1, 1, 2), (1, 1, 2, 1)):
        a, b = np.array([1.0, 0]).reshape(shape_), np.array([0, 1.0]).reshape(shape_)
        step = shape_[2:]
        y = conv2d(y, b, stride=step) + relu(conv2d(y, a - b, stride=step))
    return Sides(y, max_pool2d(x, 2), "2 random images")


CLAIMS = (
    Claim(
        "V59-nearest",
        "nearest neighbor interpolation is zero-padding and a convolution",
        "formula",
        compute=lambda: _nearest("around"),
        conventions={"zeros between the pixels, not around the image": lambda: _nearest("between")},
        chapter=3,
        cell="which-width-and-where-zeros",
    ),
    Claim(
        "V59-bilinear",
        "bilinear interpolation is zero-padding and a convolution",
        "formula",
        compute=lambda: _bilinear("around"),
        conventions={
            "zeros between the pixels, not around the image": lambda: _bilinear("between")
        },
        chapter=3,
        cell="which-width-and-where-zeros",
        remark="At the border the convolution goes on with zeros",
    ),
    Claim(
        "V59-channels",
        "interpolation has no interactions between channels",
        "formula",
        compute=_no_interactions,
        chapter=3,
        cell="four-ways-to-enlarge",
    ),
    Claim(
        "V59-counterpart",
        "learned upsampling is the counterpart of strided convolution",
        "formula",
        compute=_counterpart,
        chapter=3,
        cell="which-width-and-where-zeros",
    ),
    Claim(
        "V59-average",
        "average pooling can be written in terms of convolutions",
        "formula",
        compute=_average,
        chapter=4,
        cell="pooling-from-convolutions",
    ),
    Claim(
        "V59-max",
        "max pooling can be written in terms of convolutions",
        "formula",
        compute=_linear_maximum,
        conventions={"of convolutions and ReLU; alone they are linear": _relu_maximum},
        chapter=4,
        cell="pooling-from-convolutions",
    ),
)
