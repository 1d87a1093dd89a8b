"""Images change exactly as they should: to the pixel, in every way that is possible, as the seed says."""

import numpy as np
import pytest
import torch
from tiny import images
from torch.nn.functional import pad

from coursekit.training import Augment, Batches
from coursekit.training.augment import (
    alternating_flips,
    crop,
    cutout,
    draw_centers,
    draw_flips,
    draw_offsets,
    flip,
)


def counted(count=1, channels=2, height=5, width=7):
    """Return images whose pixels are all different."""
    return torch.arange(count * channels * height * width).reshape(count, channels, height, width)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


# ---- the changes


def test_only_the_chosen_images_are_mirrored():
    x = counted(3)
    y = flip(x, torch.tensor([True, False, True]))
    assert torch.equal(y[1], x[1])
    for i in (0, 2):
        assert torch.equal(y[i], torch.tensor(x[i].numpy()[:, :, ::-1].copy()))


@pytest.mark.parametrize("padding", [1, 4])
def test_a_crop_is_a_window_on_the_image_padded_by_reflection(padding):
    steps = range(-padding, padding + 1)
    offsets = torch.tensor([(down, right) for down in steps for right in steps])
    x = counted(len(offsets))
    y = crop(x, offsets)
    padded = pad(x.double(), (padding,) * 4, mode="reflect").to(x.dtype)
    for i, (down, right) in enumerate(offsets.tolist()):
        top, left = padding + down, padding + right
        assert torch.equal(y[i], padded[i, :, top : top + 5, left : left + 7])


def test_a_crop_of_a_known_image():
    x = torch.tensor([[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]])
    assert crop(x, torch.tensor([[-1, 0]])).tolist() == [[[[4, 5, 6], [1, 2, 3], [4, 5, 6]]]]
    assert crop(x, torch.tensor([[0, 1]])).tolist() == [[[[2, 3, 2], [5, 6, 5], [8, 9, 8]]]]
    assert crop(x, torch.tensor([[2, 0]])).tolist() == [[[[7, 8, 9], [4, 5, 6], [1, 2, 3]]]]
    assert torch.equal(crop(x, torch.tensor([[0, 0]])), x)


def test_a_crop_of_bytes_is_bytes():
    x = torch.tensor(images().x)
    assert crop(x, torch.zeros(len(x), 2, dtype=torch.int64)).dtype == torch.uint8


def test_cutout_hides_a_square_cut_off_at_the_border():
    x = torch.ones(3, 2, 4, 5)
    y = cutout(x, torch.tensor([[1, 2], [0, 0], [3, 4]]), 2)
    hidden = [{(i, j) for i, j in zip(*np.where(one[0] == 0), strict=True)} for one in y]
    assert hidden[0] == {(0, 1), (0, 2), (1, 1), (1, 2)}
    assert hidden[1] == {(0, 0)}
    assert hidden[2] == {(2, 3), (2, 4), (3, 3), (3, 4)}
    assert torch.equal(y[:, 0], y[:, 1])
    odd = cutout(torch.ones(1, 1, 5, 5), torch.tensor([[2, 2]]), 3)
    assert odd.sum() == 25 - 9
    assert not odd[0, 0, 1:4, 1:4].any()


# ---- what is drawn


def test_every_offset_is_reached_and_none_beyond():
    drawn = draw_offsets(4000, 2, generator())
    pairs, counts = drawn.unique(dim=0, return_counts=True)
    assert len(pairs) == 25
    assert pairs.min() == -2
    assert pairs.max() == 2
    # 160 expected for each; 6 times the spread of about 12.4
    assert counts.min() > 160 - 75
    assert counts.max() < 160 + 75


def test_every_pixel_can_be_the_center_of_a_square():
    drawn = draw_centers(4000, 3, 5, generator())
    assert {tuple(pair) for pair in drawn.tolist()} == {(i, j) for i in range(3) for j in range(5)}


def test_heads_and_tails_come_as_often():
    assert 0.45 < draw_flips(4000, generator()).double().mean() < 0.55


@pytest.mark.parametrize(
    "draw",
    [
        lambda g: draw_flips(50, g),
        lambda g: draw_offsets(50, 4, g),
        lambda g: draw_centers(50, 8, 8, g),
    ],
)
def test_the_seed_decides_what_is_drawn(draw):
    assert torch.equal(draw(generator(1)), draw(generator(1)))
    assert not torch.equal(draw(generator(1)), draw(generator(2)))


def test_alternating_flips_show_every_image_both_ways_in_any_two_epochs():
    epochs = [alternating_flips(100, epoch, seed=3) for epoch in range(4)]
    assert torch.equal(epochs[0], epochs[2])
    assert torch.equal(epochs[1], epochs[3])
    assert torch.equal(epochs[0], ~epochs[1])
    assert 30 < epochs[0].sum() < 70
    assert not torch.equal(epochs[0], alternating_flips(100, 0, seed=4))


# ---- in the batches


def seen(augment, epochs=1, count=12, batch_size=5, side=4):
    """Return images by their label, as each epoch shows them; -1 and +1 mark the left and right side."""
    x = np.zeros((count, 1, side, side), np.uint8)
    x[:, :, :, side // 2 :] = 2
    batches = Batches(
        x,
        np.arange(count),
        batch_size,
        mean=torch.ones(1),
        std=torch.ones(1),
        generator=generator(),
        augment=augment,
    )
    return [
        {int(label): image for x, labels in batches for image, label in zip(x, labels, strict=True)}
        for _ in range(epochs)
    ]


def mirrored(image):
    return bool(image[0, 0, 0] > 0)


def test_the_order_of_the_images_does_not_depend_on_how_they_are_changed():
    plain, changed = seen(Augment()), seen(Augment("random", 1, 2))
    assert list(plain[0]) == list(changed[0])


def test_an_alternating_flip_follows_the_image_through_every_order():
    augment = Augment("alternating", seed=7)
    for number, epoch in enumerate(seen(augment, epochs=4)):
        wanted = alternating_flips(12, number, seed=7)
        assert len(epoch) == 10
        assert all(mirrored(image) == wanted[label] for label, image in epoch.items())


def test_a_random_flip_changes_from_epoch_to_epoch():
    one, other = seen(Augment("random"), epochs=2)
    both = one.keys() & other.keys()
    assert {mirrored(one[label]) == mirrored(other[label]) for label in both} == {True, False}


def test_what_is_hidden_is_the_mean_color():
    (epoch,) = seen(Augment(cutout=2))
    zeros = [int((image == 0).sum()) for image in epoch.values()]
    assert set(zeros) <= {1, 2, 4}
    assert 4 in zeros


def test_a_crop_moves_the_border_between_dark_and_bright():
    (epoch,) = seen(Augment(crop=1), count=40, batch_size=40)
    widths = {int((image[0, 0] > 0).sum()) for image in epoch.values()}
    assert widths == {1, 2, 3}


@pytest.mark.parametrize("augment", [Augment(), Augment("random", 2, 2)])
@pytest.mark.parametrize("channels_last", [False, True])
def test_batches_lie_in_memory_as_they_were_asked_to(augment, channels_last):
    data = images(channels=3)
    batches = Batches(
        data.x,
        data.labels,
        8,
        mean=torch.zeros(3),
        std=torch.ones(3),
        generator=generator(),
        augment=augment,
        channels_last=channels_last,
    )
    for x, _ in batches:
        assert x.shape == (8, 3, 6, 6)
        assert x.is_contiguous(memory_format=batches.memory)
    assert batches.first(3)[0].is_contiguous(memory_format=batches.memory)
    assert (batches.memory == torch.channels_last) is channels_last


def test_the_first_images_are_a_batch_that_draws_nothing():
    data, order = images(), generator()
    batches = Batches(
        data.x, data.labels, 8, mean=torch.zeros(2), std=torch.ones(2), generator=order
    )
    before = order.get_state()
    x, labels = batches.first()
    assert torch.equal(x, torch.tensor(data.x[:8]).float())
    assert labels.tolist() == data.labels[:8].tolist()
    assert len(batches.first(3)[0]) == 3
    assert torch.equal(order.get_state(), before)
