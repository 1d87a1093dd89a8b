"""The torch LeNet is the NumPy LeNet: the same function, the same loss curve."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from coursekit.data import fashion_mnist
from coursekit.errors import CourseError
from coursekit.models import copy_weights, lenet5
from coursekit.reference.layers import ReLU
from coursekit.reference.lenet import lenet5 as reference_lenet5
from coursekit.reference.losses import softmax_cross_entropy_backward, softmax_cross_entropy_forward
from coursekit.reference.network import Sequential
from coursekit.reference.optim import SGD, Adam
from coursekit.reference.trained_layers import BatchNorm, Conv2d, Linear
from coursekit.training import Batches, Recipe, channel_statistics, make_optimizer, set_rate

VARIANTS = ("modern", "1998-like")
RECIPES = {
    "sgd": Recipe(lr=0.05, batch_size=100),
    "momentum": Recipe(lr=0.02, momentum=0.9, weight_decay=5e-4, batch_size=100),
    "nesterov": Recipe(lr=0.02, momentum=0.9, nesterov=True, schedule="cosine", batch_size=100),
    "adam": Recipe(optimizer="adam", lr=1e-3, batch_size=100),
}


def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("size", [28, 32])
def test_with_copied_weights_the_scores_are_the_same(variant, size):
    network = reference_lenet5(rng(), size=size, variant=variant, dtype=np.float64)
    model = lenet5(size=size, variant=variant).double()
    copy_weights(network, model)
    x = rng().standard_normal((3, 1, size, size))
    with torch.no_grad():
        scores = model(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(scores, network.forward(x, training=False), atol=1e-12)
    network.params["1.b"] += 1  # the copy is nobody else's
    assert model[0].bias.detach().abs().max() == 0


@pytest.mark.parametrize("name", RECIPES)
def test_the_first_twenty_losses_agree_with_the_numpy_lenet(name):
    recipe = RECIPES[name]
    data = fashion_mnist()
    mean, std = channel_statistics(data.x)
    order = torch.Generator().manual_seed(0)
    batches = Batches(data.x, data.labels, recipe.batch_size, mean=mean, std=std, generator=order)
    rate = recipe.rate(len(batches))
    network, model = reference_lenet5(rng()), lenet5()
    copy_weights(network, model)
    if recipe.optimizer == "adam":
        ours = Adam(network.params, recipe.lr)
    else:
        ours = SGD(
            network.params,
            recipe.lr,
            momentum=recipe.momentum,
            nesterov=recipe.nesterov,
            weight_decay=recipe.weight_decay,
        )
    theirs = make_optimizer(recipe, model.parameters())
    gaps = []
    for step, (x, labels) in zip(range(20), batches, strict=False):
        ours.lr = rate(step)
        set_rate(theirs, rate(step))
        loss, cache = softmax_cross_entropy_forward(network.forward(x.numpy()), labels.numpy())
        network.backward(softmax_cross_entropy_backward(1.0, cache))
        ours.step(network.grads)
        other = cross_entropy(model(x), labels)
        theirs.zero_grad()
        other.backward()
        theirs.step()
        gaps.append(abs(float(loss) - other.item()))
    assert len(gaps) == 20
    assert max(gaps) < 1e-4


@pytest.mark.parametrize("variant", VARIANTS)
def test_parameters_and_spread_of_the_initial_weights_are_the_references(variant):
    torch.manual_seed(0)
    model, network = lenet5(variant=variant), reference_lenet5(rng(), variant=variant)
    assert sum(p.numel() for p in model.parameters()) == 61706
    for ours, theirs in zip(network.params.values(), model.parameters(), strict=True):
        assert ours.shape == tuple(theirs.shape)
        if ours.ndim > 1:
            # the spread of n numbers is known to about 1 / sqrt(2 n)
            near = 5 / np.sqrt(ours.size)
            assert theirs.std().item() == pytest.approx(ours.std(), rel=near)
        else:
            assert not theirs.any()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"size": 30}, "size is 30"),
        ({"classes": 0}, "classes is 0"),
        ({"variant": "2020"}, "'2020'"),
    ],
)
def test_what_there_is_no_lenet_for_is_refused(given, words):
    with pytest.raises(CourseError, match=words):
        lenet5(**given)


# ---- copying weights


def test_running_averages_of_batchnorm_are_copied_too():
    network = Sequential(Conv2d(1, 3, 3, rng(), bias=False), BatchNorm(3), ReLU())
    x = rng().standard_normal((4, 1, 5, 5)).astype(np.float32)
    network.forward(x)
    model = nn.Sequential(nn.Conv2d(1, 3, 3, bias=False), nn.BatchNorm2d(3), nn.ReLU()).eval()
    copy_weights(network, model)
    with torch.no_grad():
        y = model(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(y, network.forward(x, training=False), atol=1e-5)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (nn.Sequential(nn.Linear(4, 3)), "2 layers with weights and the model 1"),
        (nn.Sequential(nn.Linear(4, 3), nn.Conv2d(3, 2, 1)), "Linear in the network and Conv2d"),
        (
            nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 3)),
            r"w has shape \(2, 3\) in the network and",
        ),
        (nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2, bias=False)), r"b has shape \(2,\).* None"),
    ],
)
def test_a_model_that_is_no_twin_is_refused_and_left_alone(model, words):
    network = Sequential(Linear(4, 3, rng()), ReLU(), Linear(3, 2, rng()))
    before = model[0].weight.detach().clone()
    with pytest.raises(CourseError, match=words):
        copy_weights(network, model)
    assert torch.equal(model[0].weight, before)
