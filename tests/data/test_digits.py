"""The digits that the chapters train on."""

import numpy as np

from coursekit.data import digits


def test_digits_are_split_the_same_way_every_time():
    one, other = digits(), digits()
    assert (one.x.shape, one.x_test.shape) == ((1437, 1, 8, 8), (360, 1, 8, 8))
    assert (one.labels.shape, one.labels_test.shape) == ((1437,), (360,))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    assert (one.x.min(), one.x.max()) == (0, 1)


def test_every_digit_is_in_both_parts_and_no_image_in_both():
    found = digits()
    for labels in (found.labels, found.labels_test):
        assert np.array_equal(np.unique(labels), np.arange(10))
        assert np.bincount(labels).min() > len(labels) / 15
    train = {image.tobytes() for image in found.x}
    assert not any(image.tobytes() in train for image in found.x_test)
