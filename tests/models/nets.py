"""Every network once, small enough to run, with the shape of its images."""

from collections.abc import Callable
from typing import NamedTuple

from torch import nn

from coursekit.models import (
    alexnet,
    cifar_resnet,
    googlenet,
    lenet5,
    lenet5_1998,
    parse,
    resnet,
    resnet9,
    vgg,
    whitened_resnet,
    zfnet,
)


class Net(NamedTuple):
    build: Callable[..., nn.Module]
    options: dict
    shape: tuple[int, int, int]
    classes: int = 7

    def __call__(self) -> nn.Module:
        return self.build(**self.options, classes=self.classes)


_VGG = {"size": 32, "widths": (4, 4, 6, 6, 8), "hidden": 12}
_PATTERN = {"pattern": "INPUT -> [[CONV -> RELU]*2 -> POOL]*3 -> [FC -> RELU]*2 -> FC"}

NETS = {
    "lenet5": Net(lenet5, {}, (1, 28, 28)),
    "lenet5 of 1998": Net(lenet5_1998, {}, (1, 32, 32)),
    "alexnet": Net(alexnet, {"hidden": 20}, (3, 227, 227)),
    "alexnet of slide 53": Net(alexnet, {"variant": "slide 53", "hidden": 20}, (3, 227, 227)),
    "zfnet": Net(zfnet, {"hidden": 20}, (3, 224, 224)),
    **{f"vgg-{d}": Net(vgg, {"depth": d, **_VGG}, (3, 32, 32)) for d in (11, 13, 16, 19)},
    "vgg-16 with batchnorm": Net(vgg, {"depth": 16, "batchnorm": True, **_VGG}, (3, 32, 32)),
    "googlenet": Net(googlenet, {}, (3, 64, 64)),
    "googlenet with batchnorm": Net(googlenet, {"batchnorm": True}, (3, 64, 64)),
    "googlenet with heads": Net(googlenet, {"auxiliary": True}, (3, 224, 224)),
    "googlenet with both": Net(googlenet, {"auxiliary": True, "batchnorm": True}, (3, 224, 224)),
    **{f"resnet-{d}": Net(resnet, {"depth": d}, (3, 64, 64)) for d in (18, 34, 50, 101, 152)},
    "resnet-50 as published": Net(resnet, {"depth": 50, "stride_at": "1x1"}, (3, 64, 64)),
    "resnet-34 with option A": Net(resnet, {"depth": 34, "shortcut": "A"}, (3, 64, 64)),
    "plain-34": Net(resnet, {"depth": 34, "plain": True}, (3, 64, 64)),
    "plain-50": Net(resnet, {"depth": 50, "plain": True}, (3, 64, 64)),
    **{
        f"cifar resnet-{d}": Net(cifar_resnet, {"depth": d}, (3, 32, 32))
        for d in (20, 32, 44, 56, 110)
    },
    "cifar resnet-20 with option B": Net(cifar_resnet, {"shortcut": "B"}, (3, 32, 32)),
    "cifar plain-20": Net(cifar_resnet, {"plain": True}, (3, 32, 32)),
    "resnet9": Net(resnet9, {}, (3, 32, 32)),
    "plain resnet9": Net(resnet9, {"plain": True}, (3, 32, 32)),
    "whitened resnet": Net(whitened_resnet, {"widths": (24, 32, 48)}, (3, 32, 32)),
    "a pattern": Net(parse, _PATTERN, (3, 32, 32)),
}
