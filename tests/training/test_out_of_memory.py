"""When a batch does not fit, a run says which one would."""

import weakref

import pytest
import torch
from tiny import CLASSES, images
from torch import nn

from coursekit.errors import CourseError
from coursekit.training import OutOfMemoryError, Recipe, train
from coursekit.training.memory import largest_that_fits


class Full(nn.Module):
    """A layer that takes no more than so many images."""

    def __init__(self, most):
        super().__init__()
        self.most, self.kept, self.alive = most, [], []

    def forward(self, x):
        self.alive.append(sum(kept() is not None for kept in self.kept))
        self.kept.append(weakref.ref(x))
        if len(x) > self.most and self.training:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")
        return x


def net(most):
    return nn.Sequential(nn.BatchNorm2d(2), Full(most), nn.Flatten(), nn.Linear(72, CLASSES))


@pytest.mark.parametrize("most", [40, 47, 100, 255])
def test_the_batch_that_would_fit_is_found_and_named(most):
    with pytest.raises(OutOfMemoryError) as caught:
        train(net(most), images(count=300), Recipe(lr=0.1, batch_size=256))
    fits = caught.value.batch_size
    assert most * 0.8 <= fits <= most
    assert fits % 8 == 0
    assert f"a training step of 256 images. A batch of {fits} would fit" in str(caught.value)
    assert f"batch_size={fits}" in str(caught.value)
    assert f"lr={0.1 * fits / 256:.2g} instead of 0.1" in str(caught.value)
    assert "bf16=True" in str(caught.value)
    assert isinstance(caught.value, CourseError)


def test_where_no_image_fits_it_is_not_the_batch():
    with pytest.raises(OutOfMemoryError, match="Not even a single image fits: another program"):
        train(net(0), images(), Recipe(batch_size=16))


def test_who_has_bf16_already_is_not_advised_to_take_it():
    with pytest.raises(OutOfMemoryError) as caught:
        train(net(8), images(), Recipe(batch_size=16, bf16=True))
    assert "bf16" not in str(caught.value)


def test_every_tensor_of_a_step_that_failed_is_freed_before_the_next_try():
    model = net(4)
    with pytest.raises(OutOfMemoryError):
        train(model, images(), Recipe(batch_size=16))
    assert len(model[1].alive) > 3
    assert not any(model[1].alive)


@pytest.mark.parametrize("most", [1, 2, 5, 8, 9, 23, 39])
def test_the_search_is_exact_for_few_images_and_close_for_many(most):
    tried = []

    def attempt(size):
        tried.append(size)
        if size > most:
            raise torch.OutOfMemoryError

    fits = largest_that_fits(40, attempt)
    assert fits <= most
    assert fits == most or most - fits < 8 + most // 8
    if most <= 8:
        assert fits == most
    assert len(tried) <= 6


def test_another_error_in_the_search_is_not_taken_for_a_lack_of_memory():
    def attempt(size):
        raise RuntimeError("expected 4D input")

    with pytest.raises(RuntimeError, match="4D"):
        largest_that_fits(40, attempt)
