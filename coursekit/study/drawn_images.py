"""Images for tasks that train: another set for every seed, with other numbers for the classes."""

import numpy as np

from coursekit.data.fashion_mnist import fashion_mnist

MOST_SHIFT = 2  # pixels


def draw_images(
    rng: np.random.Generator, train: int, test: int, classes: int = 4
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Draw small gray images of clothes, disguised so that looking them up somewhere gives little.

    Which classes there are and which number each has is drawn; each image is shifted, perhaps mirrored, made
    brighter or darker and covered with a little noise. Test images come from those that Fashion-MNIST keeps for
    testing. The sandbox does not hold them, but they are public: the numbers and the disguise are what a stored
    table of answers would have to undo.

    Args:
        rng: seeded.
        train: number of images to learn from.
        test: number of images to predict.
        classes: how many of the ten classes.

    Returns:
        Training images (train, 1, 28, 28) in [0, 1] as float32, their classes (train,) as int64, test images
        and their classes likewise.
    """
    data = fashion_mnist()
    chosen = rng.permutation(10)[:classes]
    x, labels = _disguised(rng, data.x, data.labels, chosen, train)
    x_test, labels_test = _disguised(rng, data.x_test, data.labels_test, chosen, test)
    return x, labels, x_test, labels_test


def _disguised(
    rng: np.random.Generator, x: np.ndarray, labels: np.ndarray, chosen: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    number = np.full(10, -1)
    number[chosen] = np.arange(len(chosen))
    picked = rng.choice(np.flatnonzero(number[labels] >= 0), count, replace=False)
    images = x[picked].reshape(count, 1, 28, 28).astype(np.float32) / 255
    for image in images:
        image[0] = np.roll(image[0], rng.integers(-MOST_SHIFT, MOST_SHIFT + 1, 2), (0, 1))
        if rng.random() < 0.5:
            image[0] = image[0, :, ::-1].copy()
    images *= rng.uniform(0.7, 1.0, (count, 1, 1, 1)).astype(np.float32)
    images += rng.normal(0, 0.03, images.shape).astype(np.float32)
    return images.clip(0, 1), number[labels[picked]].astype(np.int64)
