"""Recipes with a name: a network, the images it is made for, and how to train it.

The numbers are those of published practice, put together for the goals below; the sources stand with
each. None of these runs was made on a GPU yet: what they reach and how long they take is to be
measured.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from torch import nn

from coursekit.errors import CourseError
from coursekit.models import cifar_resnet, resnet9, whitened_resnet
from coursekit.training.recipe import Recipe


class Plan(NamedTuple):
    """All that a training run needs but the images themselves.

    Args:
        title: in a few words.
        build: makes the network, given ``classes`` and ``channels``.
        data: the images: "cifar10", "fashion-mnist", or "fashion-mnist-subset", which comes with the
            course.
        recipe: how it is trained.
        goal: the accuracy to reach, 0 to 1.
    """

    title: str
    build: Callable[..., nn.Module]
    data: str
    recipe: Recipe
    goal: float


# what a GPU likes; elsewhere it does nothing
_FAST = Recipe(
    momentum=0.9,
    nesterov=True,
    weight_decay=5e-4,
    decay_norm_and_bias=False,
    flip="alternating",
    test_flips=True,
    bf16=True,
    channels_last=True,
    compile="default",
)

RECIPES = {
    # He et al. 2016, section 4.2: lr 0.1 for 128 images, crops with padding 4, flips. Here 512 images and
    # four times the rate (Goyal et al. 2017), a cosine (Loshchilov and Hutter 2017), more weight decay
    "resnet20": Plan(
        "ResNet-20, 0.27 million parameters, the classic made fast",
        partial(cifar_resnet, 20),
        "cifar10",
        replace(
            _FAST,
            lr=0.4,
            schedule="cosine",
            warm_up=5,
            epochs=100,
            batch_size=512,
            crop=4,
            ema=0.999,
        ),
        0.913,
    ),
    # Page 2018, How to train your ResNet, and its repository cifar10-fast: 24 epochs, up to 0.4 in the
    # first five and down along a line; label smoothing and the average of the weights from its part 8
    "resnet9": Plan(
        "ResNet-9, 6.6 million parameters, readable",
        resnet9,
        "cifar10",
        replace(
            _FAST,
            lr=0.4,
            schedule="linear",
            warm_up=4,
            epochs=20,
            batch_size=512,
            label_smoothing=0.2,
            crop=4,
            cutout=8,
            ema=0.99,
        ),
        0.94,
    ),
    # Jordan 2024, airbench96: its rates and decay, made ours by its ways of summing losses; ours has one
    # rate for all parameters, and weight averaging in place of its lookahead
    "residual10m": Plan(
        "a residual net of 9.9 million parameters with a whitening first layer",
        whitened_resnet,
        "cifar10",
        replace(
            _FAST,
            lr=1.17,
            momentum=0.85,
            weight_decay=1.3e-3,
            schedule="linear",
            warm_up=8,
            epochs=37,
            batch_size=1024,
            label_smoothing=0.2,
            crop=4,
            cutout=12,
            ema=0.99,
            whiten=5e-4,
        ),
        0.96,
    ),
    # as ResNet-9, with smaller steps and batches for a narrower net
    "fashion": Plan(
        "ResNet-9 with 28 channels, 1.3 million parameters, for clothes",
        partial(resnet9, width=28),
        "fashion-mnist",
        replace(
            _FAST,
            lr=0.2,
            schedule="linear",
            warm_up=4,
            epochs=20,
            batch_size=256,
            label_smoothing=0.1,
            crop=2,
            cutout=8,
            ema=0.995,
        ),
        0.945,
    ),
    # for a CPU and the images that come with the course
    "small": Plan(
        "ResNet-9 with 12 channels, for a CPU",
        partial(resnet9, width=12),
        "fashion-mnist-subset",
        replace(
            _FAST, lr=0.2, schedule="linear", warm_up=1, epochs=4, batch_size=128, crop=1, ema=0.99
        ),
        0.88,
    ),
}


def named(name: str) -> Plan:
    """Return the plan of a name.

    Raises:
        CourseError: there is none.
    """
    if name not in RECIPES:
        raise CourseError(f"There is no recipe {name!r}: expected one of {', '.join(RECIPES)}.")
    return RECIPES[name]
