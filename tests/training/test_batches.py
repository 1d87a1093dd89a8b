"""Bytes become normalized batches: every image once, in an order that the seed decides."""

import numpy as np
import pytest
import torch
from tiny import images

from coursekit.data import fashion_mnist
from coursekit.errors import CourseError
from coursekit.training import Augment, Batches, channel_statistics

ZERO, ONE = torch.zeros(1), torch.ones(1)


def numbered(count=10):
    """Return images whose pixels and labels are their number."""
    number = np.arange(count)
    return np.broadcast_to(number[:, None, None, None], (count, 1, 2, 2)).astype(np.uint8), number


def order(batches):
    return [labels.tolist() for _, labels in batches]


def shuffled(seed=0, batch_size=3, count=10):
    generator = torch.Generator().manual_seed(seed)
    return Batches(*numbered(count), batch_size, mean=ZERO, std=ONE, generator=generator)


def test_in_testing_all_images_come_in_their_order():
    batches = Batches(*numbered(), 4, mean=ZERO, std=ONE)
    assert order(batches) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert len(batches) == 3


def test_in_training_every_image_comes_once_but_for_an_incomplete_batch():
    batches = shuffled()
    seen = order(batches)
    assert [len(batch) for batch in seen] == [3, 3, 3]
    assert len(batches) == 3
    assert len({number for batch in seen for number in batch}) == 9


def test_every_epoch_has_another_order_and_the_seed_decides_which():
    one, same, other = shuffled(0), shuffled(0), shuffled(1)
    epochs = [order(one), order(one)]
    assert epochs[0] != epochs[1]
    assert epochs == [order(same), order(same)]
    assert epochs[0] != order(other)


def test_labels_stay_with_their_images():
    for x, labels in shuffled():
        assert torch.equal(x[:, 0, 0, 0], labels.float())


def test_pixels_of_the_training_set_get_mean_0_and_variance_1_in_each_channel():
    data = images(count=2000, channels=3)  # more than one chunk
    mean, std = channel_statistics(data.x)
    np.testing.assert_allclose(mean, data.x.mean((0, 2, 3)), rtol=1e-12)
    np.testing.assert_allclose(std, data.x.std((0, 2, 3)), rtol=1e-9)
    ((x, _),) = Batches(data.x, data.labels, 2000, mean=mean, std=std)
    assert x.dtype == torch.float32
    np.testing.assert_allclose(x.mean((0, 2, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(x.std((0, 2, 3), correction=0), 1, atol=1e-5)


def test_a_channel_without_contrast_is_not_divided_by_zero():
    mean, std = channel_statistics(np.full((4, 1, 2, 2), 7, np.uint8))
    assert (mean.tolist(), std.tolist()) == ([7.0], [1.0])


def test_the_images_stay_bytes():
    data = fashion_mnist()
    batches = Batches(data.x_test, data.labels_test, 100, mean=ZERO, std=ONE)
    assert batches.images.dtype == torch.uint8


def test_arrays_that_are_read_only_or_backwards_are_taken_as_they_are():
    x, labels = numbered()
    x.flags.writeable = False
    backwards = Batches(x[::-1], labels[::-1], 10, mean=ZERO, std=ONE)
    ((got, _),) = backwards
    assert got[:, 0, 0, 0].tolist() == list(range(10))[::-1]
    assert channel_statistics(x[::-1])[0].item() == 4.5


@pytest.mark.parametrize(
    ("x", "labels", "words"),
    [
        ([[1]], np.zeros(1, int), "images is a list"),
        (np.zeros((2, 1, 2, 2), np.float32), np.zeros(2, int), r"dtype float32, expected \(N, C"),
        (np.zeros((2, 2, 2), np.uint8), np.zeros(2, int), r"shape \(2, 2, 2\)"),
        (np.zeros((0, 1, 2, 2), np.uint8), np.zeros(0, int), "at least one image"),
        (np.zeros((2, 1, 2, 2), np.uint8), [0, 1], "labels is a list"),
        (np.zeros((2, 1, 2, 2), np.uint8), np.zeros(3, int), "one for each of 2 images"),
        (np.zeros((2, 1, 2, 2), np.uint8), np.zeros(2), "dtype float64, expected whole numbers"),
        (np.zeros((2, 1, 2, 2), np.uint8), np.array([0, -1]), "labels holds -1"),
    ],
)
def test_what_is_no_set_of_images_is_refused_in_words(x, labels, words):
    with pytest.raises(CourseError, match=words):
        Batches(x, labels, 1, mean=ZERO, std=ONE)


@pytest.mark.parametrize("batch_size", [0, 11])
def test_a_batch_size_that_no_batch_has_is_refused(batch_size):
    with pytest.raises(CourseError, match=f"batch_size is {batch_size} .* expected 1 to 10"):
        shuffled(batch_size=batch_size)


@pytest.mark.parametrize("crop", [2, 5])
def test_a_crop_beyond_the_reflection_is_refused(crop):
    with pytest.raises(CourseError, match=f"crop is {crop}, expected fewer .* they are 2×2"):
        Batches(*numbered(), 4, mean=ZERO, std=ONE, augment=Augment(crop=crop))
