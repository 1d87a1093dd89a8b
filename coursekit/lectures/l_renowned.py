"""Louppe, "Architectures": LeNet-5, AlexNet, VGG, GoogLeNet, and the receptive field."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from coursekit.lectures.claim import Claim, Compute, Finding
from coursekit.lectures.nets import layers, net, rows, table
from coursekit.reference import conv2d_backward, conv2d_forward, receptive_field

PLACES = {
    "lenet": "LeNet-5",
    "alexnet": "AlexNet",
    "vgg": "VGG",
    "field": "effective receptive field",
    "googlenet": "GoogLeNet, a slide left out",
}
LAYERS = ("Conv2d", "MaxPool2d", "Linear")


def _order(name: str) -> list[str]:
    return [row.kind for row in rows(name, *LAYERS)]


def _lenet() -> Finding:
    order = _order("LeNet-5")
    return Finding(
        order[:4] == ["Conv2d", "MaxPool2d"] * 2 and set(order[4:]) == {"Linear"},
        ", ".join(order),
    )


def _two_parts() -> Finding:
    """See which convolutions of the published AlexNet let half of the kernels see half of the channels."""
    from torch import nn

    groups = [m.groups for m in net("AlexNet").modules() if isinstance(m, nn.Conv2d)]
    return Finding(max(groups) == 2, f"groups of its convolutions: {' '.join(map(str, groups))}")


def _sizes(name: str) -> list[int]:
    from torch import nn

    return [int(m.kernel_size[0]) for m in net(name).modules() if isinstance(m, nn.Conv2d)]


def _smaller_kernels() -> Finding:
    before, after = (sorted(set(_sizes(name)), reverse=True) for name in ("AlexNet", "VGG-16"))
    return Finding(
        max(after) == 3 < max(before), f"kernels of AlexNet: {before}, of VGG-16: {after}"
    )


def _blocks() -> Finding:
    order = _order("VGG-19")
    blocks = " ".join(order).split("MaxPool2d")
    return Finding(
        len(blocks) - 1 == 5
        and set("".join(blocks[:-1]).replace("Conv2d", "").split()) == set()
        and set(blocks[-1].split()) == {"Linear"},
        f"{len(blocks) - 1} blocks of "
        + ", ".join(str(one.count("Conv2d")) for one in blocks[:-1])
        + f" convolutions and a pooling, then {blocks[-1].count('Linear')} linear layers",
    )


def _inception(what: str) -> int:
    """Count GoogLeNet's blocks, or the ways side by side in one."""
    from coursekit.models import Inception

    blocks = [m for m in net("GoogLeNet").modules() if isinstance(m, Inception)]
    return len(blocks) if what == "blocks" else len(list(blocks[0].children()))


def _stem() -> int:
    names = [row.name for row in table("GoogLeNet")]
    first = next(i for i, name in enumerate(names) if name.startswith("inception"))
    return sum(row.kind == "MaxPool2d" for row in list(table("GoogLeNet"))[:first])


def _averaged() -> Finding:
    means = [row for row in table("GoogLeNet") if row.kind == "AdaptiveAvgPool2d"]
    before = rows("GoogLeNet", "Conv2d")[-1]
    shapes = [row.shape for row in means]
    return Finding(
        len(means) == 1 and (means[0].shape or ())[1:] == (1, 1),
        f"behind maps of {before.shape and before.shape[1:]}: one mean, {shapes[0] if shapes else None}",
    )


def _linear_growth() -> Finding:
    sizes = [receptive_field([(3,)] * depth).size for depth in range(1, 9)]
    return Finding(
        len(set(np.diff(sizes))) == 1,
        f"after 1 to 8 layers of 3: {', '.join(map(str, sizes))} pixels across",
    )


def _exponential_growth() -> Finding:
    """Let every second layer be a pooling, or have every convolution a stride of 2."""
    pooled = [receptive_field([(3,), (2, 2)] * n).size for n in range(1, 8)]
    strided = [receptive_field([(3, 2)] * n).size for n in range(1, 8)]
    twice = all(b >= 2 * a for sizes in (pooled, strided) for a, b in pairwise(sizes))
    return Finding(
        twice,
        f"with poolings {', '.join(map(str, pooled))} pixels across, with strides {', '.join(map(str, strided))}",
    )


def _reach(depth: int) -> np.ndarray:
    """Return the gradient of one unit on top of some averages of three, along the row of its inputs."""
    x, caches = np.zeros((1, 1, 1, 2 * depth + 1)), []
    w = np.full((1, 1, 1, 3), 1 / 3)
    for _ in range(depth):
        x, cache = conv2d_forward(x, w)
        caches.append(cache)
    dx = np.ones_like(x)
    for cache in reversed(caches):
        dx = conv2d_backward(dx, cache)[0]
    return dx.ravel()


def _field(*, whole: bool) -> Finding:
    """Compare the receptive field with what a unit can see, or with what carries 95% of its gradient."""
    depth = 20
    size, gradient = receptive_field([(3,)] * depth).size, _reach(depth)
    middle = np.sort(gradient)[::-1].cumsum()
    used = int(np.count_nonzero(gradient)) if whole else 1 + int((middle < 0.95).sum())
    what = "can change it" if whole else "have 95% of the gradient"
    return Finding(used == size, f"{depth} layers of 3: of {size} pixels across {used} {what}")


def _claim(
    id_: str,
    says: str,
    compute: Compute,
    cell: str,
    *,
    printed: str = "",
    conventions: Mapping[str, Compute] | None = None,
    remark: str = "",
) -> Claim:
    net_or_field = id_.split("-")[0]
    return Claim(
        f"L-{id_}",
        says,
        "count" if printed else "comparison",
        printed=printed,
        compute=compute,
        conventions=conventions or {},
        place=f"Architectures: {PLACES[net_or_field]}",
        chapter=4 if net_or_field == "field" else 11,
        cell=cell,
        remark=remark,
    )


CLAIMS = (
    _claim(
        "lenet",
        "LeNet-5 is two pairs of convolution and pooling and a block of fully connected layers",
        _lenet,
        "lenet-table",
        remark="In its modern form; its paper calls the first of the fully connected layers a convolution, "
        "whose kernels are as large as its input",
    ),
    _claim(
        "alexnet-layers",
        "AlexNet: layers of the convolutional network in front of its perceptron",
        lambda: len(rows("AlexNet", "Conv2d")),
        "count-the-layers",
        printed="8",
        conventions={
            "its three poolings, which have no weights, are counted too, as LeNet-5's paper does": (
                lambda: len(rows("AlexNet", "Conv2d", "MaxPool2d"))
            ),
        },
        remark="By the usual count, layers with weights, all of AlexNet has 8, the perceptron's included",
    ),
    _claim(
        "alexnet-perceptron",
        "AlexNet: layers of the perceptron at its end",
        lambda: len(rows("AlexNet", "Linear")),
        "count-the-layers",
        printed="3",
        remark="Counted are layers with weights; in the pattern before, K counts hidden ones, here 2",
    ),
    _claim(
        "alexnet-parts",
        "the original AlexNet was made of two parts, for two graphics cards",
        _two_parts,
        "alexnet-twice",
    ),
    _claim(
        "vgg-blocks",
        "VGG is five blocks of convolutions and a pooling, and a block of fully connected layers",
        _blocks,
        "vgg-audit",
    ),
    _claim(
        "vgg-depth",
        "VGG: layers of the deepest one",
        lambda: layers("VGG-19"),
        "five-networks",
        printed="19",
    ),
    _claim(
        "vgg-kernels",
        "VGG reduced the size of kernels to 3",
        _smaller_kernels,
        "stack-of-small",
    ),
    _claim(
        "field-linear",
        "what a unit sees grows linearly with depth in a chain of convolutions",
        _linear_growth,
        "growth-with-depth",
    ),
    _claim(
        "field-exponential",
        "with poolings or strides in between it grows exponentially",
        _exponential_growth,
        "growth-with-depth",
    ),
    _claim(
        "field-name",
        "the part of the input that affects a unit is called its effective receptive field",
        lambda: _field(whole=False),
        "effective-field",
        conventions={
            "the receptive field; since Luo and others (2016) the effective one is the part that counts": (
                lambda: _field(whole=True)
            )
        },
    ),
    _claim(
        "googlenet-stem",
        "GoogLeNet: convolutions with a pooling in front of its blocks",
        _stem,
        "googlenet-table",
        remark="The second is two convolutions, 1×1 and 3×3",
        printed="2",
    ),
    _claim(
        "googlenet-blocks",
        "GoogLeNet: Inception blocks",
        lambda: _inception("blocks"),
        "googlenet-table",
        printed="9",
    ),
    _claim(
        "googlenet-ways",
        "ways side by side in an Inception block",
        lambda: _inception("ways"),
        "inception-block",
        printed="4",
    ),
    _claim(
        "googlenet-mean",
        "GoogLeNet ends in a global average pooling",
        _averaged,
        "pooling-head-in-numbers",
    ),
)
