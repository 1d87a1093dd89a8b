"""Models so small that what they do is known, and a net with everything that has a state."""

import torch
from torch import nn
from torch.nn import functional

SHAPE = (2, 9, 8)
CLASSES = 4


def images(count=3, shape=SHAPE, seed=0, dtype=torch.float64):
    return torch.randn((count, *shape), generator=torch.Generator().manual_seed(seed), dtype=dtype)


def linear(seed=0, shape=SHAPE):
    """Return scores W x + b, the images flattened."""
    torch.manual_seed(seed)
    size = shape[0] * shape[1] * shape[2]
    return nn.Sequential(nn.Flatten(), nn.Linear(size, CLASSES)).double()


def weights(model, shape=SHAPE):
    """Return the weights of a linear model as images, one for each class."""
    return model[1].weight.detach().reshape(-1, *shape)


class Quadratic(nn.Module):
    """Scores Σ w x²: their gradient at x is 2 w x."""

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(images(CLASSES, seed=5))

    def forward(self, x):
        return torch.einsum("nchw,kchw->nk", x**2, self.w)


def net(seed=0, inplace=False):
    """Return a net with batchnorm, dropout and a head of global average pooling."""
    torch.manual_seed(seed)
    model = nn.Sequential()
    model.add_module("conv1", nn.Conv2d(2, 5, 3, padding=1))
    model.add_module("norm", nn.BatchNorm2d(5))
    model.add_module("relu1", nn.ReLU(inplace))
    model.add_module("drop", nn.Dropout(0.4))
    model.add_module("conv2", nn.Conv2d(5, 6, 3, stride=2))
    model.add_module("relu2", nn.ReLU(inplace))
    model.add_module("head", nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 4)))
    model.norm.running_mean.normal_(0, 0.2)
    model.norm.running_var.uniform_(0.5, 2)
    return model.double()


class Own(nn.Module):
    """A user's model: one ReLU used twice, one as a function, and a parameter of its own."""

    def __init__(self, inplace=False):
        super().__init__()
        torch.manual_seed(3)
        self.inplace = inplace
        self.shift = nn.Parameter(torch.zeros(1))
        self.conv1 = nn.Conv2d(2, 3, 3)
        self.conv2 = nn.Conv2d(3, 3, 3)
        self.conv3 = nn.Conv2d(3, 3, 1)
        self.unused = nn.Linear(2, 2)
        self.relu = nn.ReLU(inplace)
        self.last = nn.Linear(3, CLASSES)
        self.double()

    def forward(self, x):
        x = self.relu(self.conv1(x + self.shift))
        x = self.relu(self.conv2(x))
        x = functional.relu(self.conv3(x), inplace=self.inplace)
        return self.last(x.mean((2, 3)))
