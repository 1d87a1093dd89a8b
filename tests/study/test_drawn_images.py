"""Images for tasks that train: other ones for every seed, the same for the same, none in both parts."""

import numpy as np
import pytest

from coursekit.study.drawn_images import draw_images


def draw(seed: int, **options):
    return draw_images(np.random.default_rng(seed), 60, 40, **options)


def test_shapes_types_and_range():
    x, labels, x_test, labels_test = draw(0, classes=5)
    assert (x.shape, x_test.shape) == ((60, 1, 28, 28), (40, 1, 28, 28))
    assert (x.dtype, labels.dtype) == (np.float32, np.int64)
    assert x.min() >= 0
    assert x.max() <= 1
    assert set(labels) == set(labels_test) == set(range(5))


def test_a_seed_gives_the_same_images_again_and_another_seed_others():
    assert all(map(np.array_equal, draw(3), draw(3)))
    assert not any(map(np.array_equal, draw(3), draw(4)))


def test_the_numbers_of_the_classes_say_the_same_in_both_parts():
    x, labels, x_test, labels_test = draw_images(np.random.default_rng(1), 800, 200, 3)
    means = np.stack([x[labels == k].mean(0) for k in range(3)])
    distance = ((x_test[:, None] - means) ** 2).sum((2, 3, 4))
    assert np.mean(distance.argmin(1) == labels_test) > 0.6


def test_numbers_of_classes_differ_between_seeds():
    means = [draw_images(np.random.default_rng(s), 400, 1, 10)[:2] for s in (0, 1)]
    first, second = (np.stack([x[y == k].mean(0) for k in range(10)]) for x, y in means)
    nearest = ((first[:, None] - second) ** 2).sum((2, 3, 4)).argmin(1)
    assert np.sum(nearest == np.arange(10)) < 6


@pytest.mark.parametrize("part", [0, 2])
def test_no_image_stands_twice(part):
    images = draw(2)[part].reshape(-1, 784)
    assert len(np.unique(images, axis=0)) == len(images)
