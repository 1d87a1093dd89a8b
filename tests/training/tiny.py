"""A net and images so small that a run takes a moment."""

import numpy as np
import torch
from torch import nn

from coursekit.data import Images

CLASSES = 3


def images(count=40, test=12, channels=2, seed=0):
    """Return images of noise, whose class is told by how bright they are."""
    rng = np.random.default_rng(seed)

    def some(number):
        labels = rng.integers(CLASSES, size=number)
        x = rng.integers(0, 120, (number, channels, 6, 6)) + 60 * labels[:, None, None, None]
        return x.astype(np.uint8), labels

    return Images(*some(count), *some(test))


def net(seed=0, channels=2):
    """Return a net with everything that has a state: weights, running averages, dropout."""
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(channels, 4, 3),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(4 * 4 * 4, CLASSES),
    )


def whitened_net(seed=0):
    """Return a net with everything that has a state, whose first layer can be made a whitening."""
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(2, 16, 2), nn.ReLU(), *net(seed, 16)[:-1], nn.Linear(36, CLASSES)
    )


def same(one, other):
    """Say whether two models have the same weights and running averages, bit for bit."""
    a, b = one.state_dict(), other.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)
