"""Scenes: garments of Fashion-MNIST laid on cloudy canvases, with a class for every pixel and a box for every object.

A garment's pixels are those of its image that are not dark. They are copied as they are, so the mask is exact: a pixel
belongs to an object if and only if it was copied from it and nothing was laid on it later.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64, UInt8

from coursekit.data.fashion_mnist import FASHION_MNIST_CLASSES, fashion_mnist
from coursekit.data.images import Images
from coursekit.errors import CourseError

SCENE_GARMENTS = ("T-shirt/top", "Trouser", "Sneaker", "Bag")
BACKGROUND, VOID = 0, 255
_DARK = 20  # of 255: darker pixels of a garment's image are not the garment
_CLOUD = 8  # pixels from one random gray of the canvas to the next


class Scenes(NamedTuple):
    """Scenes, and what is where in them.

    M is the most objects that a scene may have. A scene with fewer ends in objects of label 0 with boxes of zeros.
    """

    x: UInt8[np.ndarray, "N 1 H W"]  # 0 to 255
    masks: UInt8[np.ndarray, "N H W"]  # 0 background, 1 to K the garments, 255 void
    labels: Int64[np.ndarray, "N M"]  # of the objects, those below first; 0 where there is none
    boxes: Int64[np.ndarray, "N M 4"]  # top, left, bottom, right of the whole; the last two outside


def scenes(
    count: int,
    *,
    size: int | tuple[int, int] = 64,
    objects: tuple[int, int] = (2, 4),
    garments: Sequence[str] = SCENE_GARMENTS,
    border: int = 1,
    seed: int = 0,
    test: bool = False,
) -> Scenes:
    """Make scenes, the same for the same arguments.

    Every object is a garment of 28 by 28 pixels at a random place inside the canvas; later ones lie on earlier ones.
    Class k + 1 is the k-th of the garments.

    Args:
        count: how many scenes.
        size: height and width of a scene in pixels, at least 28; one number for both.
        objects: the fewest and the most objects in a scene, each number as likely as the others.
        garments: which kinds, names from FASHION_MNIST_CLASSES.
        border: pixels of the void ring around every object, label 255: no metric and no loss should count them.
        seed: of everything that is drawn.
        test: take garments that nothing was trained on.

    Raises:
        CourseError: a number is out of range, or there is no such garment.
    """
    height, width = _checked(count, size, objects, garments, border)
    x, labels = _garments(fashion_mnist(), garments, test)
    rng = np.random.default_rng((seed, int(test)))
    canvas = np.stack([_cloud(rng, height, width) for _ in range(count)])
    masks = np.zeros((count, height, width), np.uint8)
    found = np.zeros((count, objects[1]), np.int64)
    boxes = np.zeros((count, objects[1], 4), np.int64)
    for n in range(count):
        for m in range(rng.integers(objects[0], objects[1] + 1)):
            one = rng.integers(len(x))
            row, column = rng.integers(height - 27), rng.integers(width - 27)
            garment = np.zeros((height, width), np.uint8)
            garment[row : row + 28, column : column + 28] = x[one]
            inside = garment > _DARK
            canvas[n][inside] = garment[inside]
            masks[n][_grown(inside, border)] = VOID
            masks[n][inside] = labels[one]
            found[n, m], boxes[n, m] = labels[one], _box(inside)
    return Scenes(canvas[:, None], masks, found, boxes)


def _garments(
    data: Images, names: Sequence[str], test: bool
) -> tuple[UInt8[np.ndarray, "N 28 28"], Int64[np.ndarray, " N"]]:
    """Return the images of some kinds of garment, and their classes from 1 on."""
    x, labels = (data.x_test, data.labels_test) if test else (data.x, data.labels)
    numbers = [FASHION_MNIST_CLASSES.index(name) for name in names]
    wanted = np.isin(labels, numbers)
    place = {number: k + 1 for k, number in enumerate(numbers)}
    return x[wanted, 0], np.array([place[number] for number in labels[wanted].tolist()])


def _cloud(rng: np.random.Generator, height: int, width: int) -> UInt8[np.ndarray, "H W"]:
    """Return a canvas of soft clouds with grain: random grays every few pixels, even steps between them, noise."""
    coarse = rng.uniform(0, 130, size=(height // _CLOUD + 2, width // _CLOUD + 2))
    for axis, side in enumerate((height, width)):
        place = np.arange(side) / _CLOUD
        lower = place.astype(int)
        t = (place - lower).reshape((-1, 1) if axis == 0 else (1, -1))
        coarse = (1 - t) * coarse.take(lower, axis) + t * coarse.take(lower + 1, axis)
    return np.clip(coarse + rng.normal(0, 8, size=coarse.shape), 0, 255).astype(np.uint8)


def _grown(inside: np.ndarray, border: int) -> np.ndarray:
    """Return a mask with all pixels that are at most ``border`` rows and columns from one of it."""
    grown = inside.copy()
    for axis in (0, 1):
        once = grown.copy()
        for step in range(1, border + 1):
            ahead, behind = [slice(None)] * 2, [slice(None)] * 2
            ahead[axis], behind[axis] = slice(step, None), slice(None, -step)
            grown[tuple(ahead)] |= once[tuple(behind)]
            grown[tuple(behind)] |= once[tuple(ahead)]
    return grown


def _box(inside: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


def _checked(
    count: int,
    size: int | tuple[int, int],
    objects: tuple[int, int],
    garments: Sequence[str],
    border: int,
) -> tuple[int, int]:
    """Return height and width of a scene.

    Raises:
        CourseError: as for :func:`scenes`.
    """
    height, width = size if isinstance(size, tuple) else (size, size)
    if count < 1:
        raise CourseError(f"count is {count}, expected at least 1.")
    if min(height, width) < 28:
        raise CourseError(f"size is {size}, and a garment of 28 by 28 pixels has to fit in.")
    if not 1 <= objects[0] <= objects[1]:
        raise CourseError(f"objects is {objects}, expected the fewest, at least 1, and the most.")
    if border < 0:
        raise CourseError(f"border is {border}, expected 0 (no void) or more pixels.")
    unknown = [name for name in garments if name not in FASHION_MNIST_CLASSES]
    if unknown or not garments or len(set(garments)) < len(garments):
        raise CourseError(
            f"garments is {tuple(garments)}, expected different names out of {FASHION_MNIST_CLASSES}."
        )
    return height, width
