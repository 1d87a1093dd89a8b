"""The networks that lectures speak of, as tables: built once, without weights."""

from collections.abc import Callable
from functools import cache
from math import prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

    from coursekit.models.summary import Row, Summary


@cache
def net(name: str) -> "nn.Module":
    """Build a network on torch's meta device, where weights have shapes and no numbers.

    Args:
        name: ``"LeNet-5"``, ``"LeNet-5 of 1998"``, ``"AlexNet"``, ``"AlexNet of slide 53"``, ``"ZFNet"``,
            ``"VGG-16"``, ``"VGG-19"``, ``"GoogLeNet"``, ``"ResNet-50"``, ``"ResNet-152"``.
    """
    import torch
    from torch import nn

    from coursekit import models

    build: dict[str, Callable[[], nn.Module]] = {
        "LeNet-5": lambda: models.lenet5(size=32),
        "LeNet-5 of 1998": models.lenet5_1998,
        "AlexNet": models.alexnet,
        "AlexNet of slide 53": lambda: models.alexnet(variant="slide 53"),
        "ZFNet": models.zfnet,
        "VGG-16": lambda: models.vgg(16),
        "VGG-19": lambda: models.vgg(19),
        "GoogLeNet": models.googlenet,
        "ResNet-50": lambda: models.resnet(50),
        "ResNet-152": lambda: models.resnet(152),
    }
    if name == "LeNet-5 of 1998":  # it computes with what it is made of
        return build[name]()
    with torch.device("meta"):
        return build[name]()


@cache
def table(name: str, depth: int | None = None) -> "Summary":
    """Return a network's table; ``depth=1`` has one row for each part."""
    from coursekit.models import summary

    pixels = {"LeNet-5": (1, 32, 32), "LeNet-5 of 1998": (1, 32, 32)}
    sizes = {"AlexNet": (3, 227, 227), "AlexNet of slide 53": (3, 227, 227)}
    return summary(net(name), (pixels | sizes).get(name, (3, 224, 224)), depth=depth)


def rows(name: str, *kinds: str) -> "list[Row]":
    """Return the rows of some kinds of layer: ``"Conv2d"``, ``"Linear"``, ``"MaxPool2d"``."""
    return [row for row in table(name) if row.kind in kinds]


def shape(name: str, row: str, depth: int | None = None) -> tuple[int, ...]:
    """Return the shape that a row puts out."""
    found = table(name, depth)[row].shape
    assert found is not None
    return found


def parameters(name: str, *kinds: str) -> int:
    """Return how many parameters the layers of some kinds have."""
    return sum(row.parameters for row in rows(name, *kinds))


def layers(name: str) -> int:
    """Count the layers with weights along one way from the image to the scores.

    Branches side by side count as the longest of them, and projections around a block do not count.
    """
    from torch import nn

    count, inside = 0, dict[str, dict[str, int]]()
    for path, layer in net(name).named_modules():
        part, _, rest = path.partition(".")
        if ".shortcut." in path or not isinstance(layer, nn.Conv2d | nn.Linear):
            continue
        if part.startswith("inception"):
            branch = rest.partition(".")[0]
            ways = inside.setdefault(part, {})
            ways[branch] = ways.get(branch, 0) + 1
        else:
            count += 1
    return count + sum(max(ways.values()) for ways in inside.values())


def size(shape_of: tuple[int, ...]) -> int:
    """Return how many numbers a shape holds."""
    return prod(shape_of)
