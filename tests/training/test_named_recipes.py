"""Every recipe with a name can be followed: its net takes its images and learns from them."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from coursekit.data import Images, fashion_mnist
from coursekit.errors import CourseError
from coursekit.training import RECIPES, named, train

SHAPES = {"cifar10": (3, 32, 32), "fashion-mnist": (1, 28, 28), "fashion-mnist-subset": (1, 28, 28)}
MILLIONS = {
    "resnet20": 0.27,
    "resnet9": 6.57,
    "residual10m": 9.92,
    "fashion": 1.26,
    "small": 0.23,
}


@pytest.mark.parametrize("name", RECIPES)
def test_the_net_has_the_size_that_the_title_says(name):
    plan = named(name)
    with torch.device("meta"):
        model = plan.build(classes=10, channels=SHAPES[plan.data][0])
    found = sum(p.numel() for p in model.parameters()) / 1e6
    assert found == pytest.approx(MILLIONS[name], abs=0.01)


def test_the_net_for_clothes_has_at_most_a_million_and_a_half_parameters():
    assert MILLIONS["fashion"] <= 1.5


@pytest.mark.parametrize("name", ["resnet20", "resnet9", "residual10m", "fashion"])
def test_a_step_of_the_recipe_can_be_taken(name):
    plan = named(name)
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (8, *SHAPES[plan.data]), dtype=np.uint8)
    labels = np.arange(8)
    torch.manual_seed(0)
    model = plan.build(classes=10, channels=x.shape[1])
    before = [p.detach().clone() for p in model.parameters()]
    recipe = replace(plan.recipe, epochs=1, batch_size=4, warm_up=0)
    history = train(model, Images(x, labels, x[:4], labels[:4]), recipe)
    assert len(history.losses) == 2
    assert 0.5 < history.losses[0] < 12
    frozen = sum(not p.requires_grad for p in model.parameters())
    changed = sum(
        not torch.equal(p, old) for p, old in zip(model.parameters(), before, strict=True)
    )
    assert frozen == (name == "residual10m")
    assert changed == len(before)


def test_the_small_recipe_learns_from_the_images_that_come_with_the_course():
    plan, data = named("small"), fashion_mnist()
    assert plan.data == "fashion-mnist-subset"
    few = Images(data.x[:1500], data.labels[:1500], data.x_test[:300], data.labels_test[:300])
    torch.manual_seed(0)
    history = train(plan.build(classes=10, channels=1), few, replace(plan.recipe, epochs=2))
    assert history.epochs[-1].test_accuracy > 0.5


def test_the_same_number_of_classes_and_channels_fits_every_net():
    for plan in RECIPES.values():
        with torch.device("meta"):
            model = plan.build(classes=7, channels=1)
            linear = [m for m in model.modules() if isinstance(m, nn.Linear)][-1]
        assert linear.out_features == 7


def test_a_name_without_a_recipe_is_refused_with_those_there_are():
    with pytest.raises(
        CourseError, match="no recipe 'resnet18': expected one of resnet20, resnet9"
    ):
        named("resnet18")
