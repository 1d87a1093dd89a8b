"""Louppe, the notes to the title and "Visual perception": cells of the visual cortex, and networks."""

import numpy as np

from coursekit.lectures.claim import Claim, Finding
from coursekit.lectures.nets import rows
from coursekit.reference import conv2d, relu
from coursekit.reference.kernels import gabor

_HISTORY = "history: what happened then, nothing here could compute"


def _more_filters() -> Finding:
    """Count how often a convolution has fewer filters than the one before it."""
    found = {}
    for name in ("LeNet-5", "AlexNet", "VGG-16"):
        counts = [row.shape[0] for row in rows(name, "Conv2d") if row.shape]
        found[name] = (counts, int((np.diff(counts) < 0).sum()), int((np.diff(counts) > 0).sum()))
    shown = "; ".join(f"{name} {' '.join(map(str, c))}" for name, (c, _, _) in found.items())
    return Finding(all(more > fewer for _, fewer, more in found.values()), shown)


def _bar(column: int, *, turned: bool = False) -> np.ndarray:
    """Return a bright bar of three columns on black, or of three rows."""
    image = np.zeros((40, 40))
    image[:, column - 1 : column + 2] = 1
    return image.T if turned else image


def _simple_units(image: np.ndarray) -> np.ndarray:
    """Return what a convolution and a ReLU answer at every place; a unit sees 15×15 pixels."""
    kernel = gabor(15, sigma=3, wavelength=8)
    return relu(conv2d(image[None, None], (kernel - kernel.mean())[None, None]))[0, 0]


def _local() -> Finding:
    """Let a bar stand in the middle of what one unit sees, two columns beside, and outside."""
    here, beside, outside = (_simple_units(_bar(column))[13, 13] for column in (20, 22, 35))
    return Finding(
        bool(here > 0 and beside < here / 2 and outside == 0),
        f"a bar two columns beside its place: {beside / here:.0%} of its answer; outside of 15×15 pixels: {outside:g}",
    )


def _pooled() -> Finding:
    """Take the largest of 9×9 units, while a bar moves over five columns, and of a bar turned by 90°."""

    def largest(image: np.ndarray) -> float:
        return float(_simple_units(image)[9:18, 9:18].max())

    moved = np.array([largest(_bar(column)) for column in range(18, 23)])
    turned = largest(_bar(20, turned=True)) / moved.max()
    least = moved.min() / moved.max()
    return Finding(
        bool(least > 0.99 and turned < 0.1),
        f"the largest of 9×9 units, for a bar moved by up to two columns: {least:.0%}; turned by 90°: {turned:.0%}",
    )


CLAIMS = (
    Claim(
        "L-more-filters",
        "typically the number of filters grows as one goes deeper into a network",
        "comparison",
        compute=_more_filters,
        place="title, notes",
        chapter=11,
        cell="five-networks",
        remark="Typically: the last convolution of AlexNet has fewer than the one before it",
    ),
    Claim(
        "L-hubel-wiesel",
        "Hubel and Wiesel found in 1959 to 1962 how the visual system processes information, for which they got the "
        "Nobel prize of 1981",
        "comparison",
        unchecked=_HISTORY,
        place="Visual perception",
    ),
    Claim(
        "L-neurons",
        "the neurons that they recorded answered to lines at one place and of one direction, some only to a moving one",
        "comparison",
        unchecked="a measurement on living cells; the course has models of such cells only",
        place="Visual perception, notes",
        chapter=4,
        cell="simple-and-complex",
    ),
    Claim(
        "L-simple-cells",
        "simple cells are local",
        "comparison",
        compute=_local,
        place="Inductive biases",
        chapter=4,
        cell="simple-and-complex",
        remark="Of a model: a convolution and a ReLU",
    ),
    Claim(
        "L-complex-cells",
        "complex cells are invariant to translation",
        "comparison",
        compute=_pooled,
        place="Inductive biases",
        chapter=4,
        cell="simple-and-complex",
        remark="Of a model, the largest of simple ones; as far as its window reaches",
    ),
    Claim(
        "L-neocognitron",
        "Fukushima's network of 1980 was built upon convolutions, and its training was largely inefficient",
        "comparison",
        unchecked=_HISTORY,
        place="Neocognitron",
    ),
    Claim(
        "L-backpropagation",
        "in the 1980s and 90s LeCun trained a convolutional network by backpropagation",
        "comparison",
        unchecked=_HISTORY,
        place="Visual perception: Convolutional networks",
    ),
)
