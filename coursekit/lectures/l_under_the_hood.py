"""Louppe, "Under the hood": filters, and images that a filter answers most to."""

from functools import cache

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.lectures.nets import rows, shape
from coursekit.reference import (
    conv2d_backward,
    conv2d_forward,
    relu_backward,
    relu_forward,
)
from coursekit.reference.initialization import he_normal

_TRAINED = "needs a network trained on ImageNet, which the course does not have"


def _answer(x: np.ndarray, map_: int = 3) -> tuple[float, np.ndarray]:
    """Return the length of one map of a second convolution with ReLU, and its gradient by the image."""
    rng = np.random.default_rng(19)
    first, second = (he_normal(shape, rng) for shape in ((6, 3, 3, 3), (4, 6, 3, 3)))
    a, one = conv2d_forward(x[None], first)
    b, bend = relu_forward(a)
    c, two = conv2d_forward(b, second)
    h, last = relu_forward(c)
    length = float(np.linalg.norm(h[0, map_]))
    dh = np.zeros_like(h)
    dh[0, map_] = h[0, map_] / length
    back = conv2d_backward(relu_backward(dh, last), two)[0]
    return length, conv2d_backward(relu_backward(back, bend), one)[0][0]


def _start() -> np.ndarray:
    return np.random.default_rng(20).uniform(size=(3, 8, 8))


@cache
def ascent(steps: int, *, bounded: bool) -> tuple[float, float]:
    """Climb from a random image, by steps along the gradient of the answer.

    Returns:
        The answer at the end, and the largest pixel.
    """
    x = _start()
    for _ in range(steps):
        x = x + 0.1 * _answer(x)[1]
        if bounded:
            x = np.clip(x, 0, 1)
    return _answer(x)[0], float(np.abs(x).max())


def _gradient() -> Sides:
    """Compare one step's gain with the squared length of the gradient, which is what ascent should gain."""
    x = _start()
    length, dx = _answer(x)
    rate = 1e-7
    gain = (_answer(x + rate * dx)[0] - length) / rate
    return Sides(round(gain, 2), round(float((dx**2).sum()), 2), "a random net and image")


def _climbs() -> Finding:
    start, end = _answer(_start())[0], ascent(100, bounded=False)[0]
    return Finding(end > 2 * start, f"from {start:.0f} to {end:.0f} in 100 steps")


def _has_a_maximum(*, bounded: bool) -> Finding:
    """See whether the answer stops to grow: by a tenth at most in as many steps again."""
    (sooner, _), (later, largest) = (ascent(steps, bounded=bounded) for steps in (100, 200))
    return Finding(
        later < 1.1 * sooner,
        f"after 100 steps {sooner:.0f}, after 200 {later:.0f}, the largest pixel at {largest:.1f}",
    )


def _filters(name: str, place: int) -> int:
    return (rows(name, "Conv2d")[place].shape or (0,))[0]


def _at_least(name: str, place: int, shown: int, *, slices: bool) -> Finding:
    """See whether a layer has as many filters as are shown, or as many slices of filters."""
    kernels = _filters(name, place)
    maps = _filters(name, place - 1) if slices else 1
    what = f"{kernels} filters" + (f" of {maps} slices" if slices else "")
    return Finding(kernels * maps >= shown, f"{what}, {shown} are shown")


def _vgg(stage: int, printed: str) -> Claim:
    return Claim(
        f"L-filters-vgg-{stage}",
        f"VGG-16: filters of convolution {stage}-1",
        "count",
        printed=printed,
        compute=lambda: shape("VGG-16", f"stage{stage}.0")[0],
        place="Maximum response samples",
        chapter=11,
        cell="vgg-audit",
    )


CLAIMS = (
    Claim(
        "L-filters-lenet",
        "LeNet's second convolution: the first 32 filters are shown",
        "count",
        compute=lambda: _at_least("LeNet-5", 1, 32, slices=False),
        conventions={
            "each filter is shown as its slices, one for each map that it reads": (
                lambda: _at_least("LeNet-5", 1, 32, slices=True)
            )
        },
        place="Looking at filters",
        chapter=11,
        cell="lenet-table",
        remark="Or it is another net of this name: larger ones are in use",
    ),
    Claim(
        "L-filters-alexnet",
        "AlexNet's first convolution: the first 20 filters are shown",
        "count",
        compute=lambda: _at_least("AlexNet", 0, 20, slices=False),
        place="Looking at filters",
        chapter=11,
        cell="alexnet-twice",
    ),
    Claim(
        "L-response-climbs",
        "gradient ascent from a random image finds images to which a filter answers more",
        "comparison",
        compute=_climbs,
        place="Maximum response samples",
        chapter=14,
        cell="climb-by-hand",
    ),
    Claim(
        "L-response-step",
        "a small step along the gradient of the length of h raises that length",
        "formula",
        compute=_gradient,
        place="Maximum response samples",
        chapter=14,
        cell="one-small-step",
    ),
    Claim(
        "L-response-maximum",
        "so one finds images that maximize the length of h",
        "comparison",
        compute=lambda: _has_a_maximum(bounded=False),
        conventions={
            "among images whose pixels stay from 0 to 1": lambda: _has_a_maximum(bounded=True)
        },
        place="Maximum response samples",
        chapter=14,
        cell="no-maximum",
        remark="Without a bound there is no maximum: an image twice as bright is answered about twice as loudly",
    ),
    _vgg(1, "64"),
    _vgg(2, "128"),
    _vgg(3, "256"),
    _vgg(4, "512"),
    _vgg(5, "512"),
    Claim(
        "L-hierarchy",
        "the first layers code directions and colors, later ones textures, the last ones intricate patterns",
        "comparison",
        unchecked=_TRAINED,
        place="Maximum response samples",
    ),
    Claim(
        "L-magpie",
        "an image made by ascent is a magpie with 99.9% confidence",
        "number",
        printed="99.9%",
        unchecked=_TRAINED,
        place="Maximum response samples, a slide left out",
    ),
    Claim(
        "L-cortex",
        "deep networks are becoming accurate models of the visual cortex",
        "comparison",
        unchecked="a statement about measurements on brains, which are not here",
        place="Biological plausibility",
    ),
)
