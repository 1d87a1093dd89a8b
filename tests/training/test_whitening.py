"""A whitened first layer: its outputs are uncorrelated, of variance 1, and it stays what it is."""

import numpy as np
import pytest
import torch
from tiny import CLASSES
from torch import nn

from coursekit.data import Images, color_photograph
from coursekit.errors import CourseError
from coursekit.training import Recipe, channel_statistics, train
from coursekit.training.whitening import patch_covariance, whiten_first_layer, whitening_kernels


@pytest.fixture(scope="module")
def photos():
    """Return small pieces of a photograph: neighboring pixels are alike, as in any image."""
    photo = np.rint(255 * color_photograph()).astype(np.uint8)
    cut = [photo[:, i : i + 16, j : j + 16] for i in range(0, 240, 16) for j in range(0, 320, 16)]
    x = np.stack(cut)
    labels = np.arange(len(x)) % CLASSES
    return Images(x, labels, x[:30], labels[:30])


def outputs(layer, data):
    mean, std = channel_statistics(data.x)
    x = (torch.tensor(data.x).double() - mean.reshape(-1, 1, 1)) / std.reshape(-1, 1, 1)
    with torch.no_grad():
        return layer.double()(x).transpose(0, 1).flatten(1)


def net(kernels, size=2):
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, kernels, size),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(kernels, CLASSES),
    )


@pytest.mark.parametrize("size", [2, 3])
def test_the_covariance_of_the_outputs_is_the_identity(photos, size):
    entries = 3 * size * size
    model = net(entries, size)
    before = torch.cov(outputs(model[0], photos), correction=0)
    whiten_first_layer(model.float(), photos.x, *channel_statistics(photos.x), 0.0)
    after = torch.cov(outputs(model[0], photos), correction=0)
    identity = torch.eye(entries, dtype=torch.float64)
    assert (before - identity).abs().max() > 0.5
    torch.testing.assert_close(after, identity, atol=1e-3, rtol=0)


def test_epsilon_damps_the_directions_in_which_there_is_little(photos):
    mean, std = channel_statistics(photos.x)
    x = (torch.tensor(photos.x).double() - mean.reshape(-1, 1, 1)) / std.reshape(-1, 1, 1)
    covariance = patch_covariance(x, (2, 2))
    kernels = whitening_kernels(covariance, 0.05)
    variances = torch.linalg.eigvalsh(covariance).flip(0)
    expected = torch.diag(variances / (variances + 0.05))
    torch.testing.assert_close(kernels @ covariance @ kernels.T, expected)
    assert variances[0] > 1 > 0.05 > variances[-1]


def test_the_patches_are_those_that_the_convolution_sees(photos):
    x = torch.tensor(photos.x[:7]).double()
    rows = torch.nn.functional.unfold(x, (2, 3)).transpose(1, 2).flatten(0, 1)
    expected = torch.tensor(np.cov(rows.numpy().T, bias=True))
    torch.testing.assert_close(patch_covariance(x, (2, 3)), expected)


def test_twice_the_kernels_are_both_signs(photos):
    model = net(24)
    whiten_first_layer(model, photos.x, *channel_statistics(photos.x), 1e-3)
    assert torch.equal(model[0].weight[12:], -model[0].weight[:12])
    assert model[0].weight[:12].any()


def test_training_leaves_the_whitening_alone_and_learns_its_bias(photos):
    model, twin = net(24), net(24)
    train(model, photos, Recipe(lr=0.05, epochs=1, batch_size=20, whiten=1e-2, weight_decay=0.1))
    whiten_first_layer(twin, photos.x, *channel_statistics(photos.x), 1e-2)
    assert torch.equal(model[0].weight, twin[0].weight)
    assert not torch.equal(model[0].bias, twin[0].bias)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (net(13), "has 13 of 12 entries"),
        (nn.Sequential(nn.Flatten(), nn.Linear(768, CLASSES)), "has none"),
        (nn.Sequential(nn.Conv2d(3, 3, 1, groups=3)), "has 3 of 1 entries"),
    ],
)
def test_a_first_layer_that_cannot_whiten_is_refused_in_words(photos, model, words):
    with pytest.raises(CourseError, match=f"whiten needs a first convolution .* {words}"):
        train(model, photos, Recipe(whiten=1e-3, batch_size=8))
