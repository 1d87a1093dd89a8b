"""Verbeek, slides 46 and 47: receptive fields, and the first fully connected layer."""

from collections.abc import Callable
from functools import partial

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.lectures.nets import rows, table
from coursekit.reference import (
    conv2d,
    conv2d_backward,
    conv2d_cost,
    conv2d_forward,
    linear,
    linear_cost,
    receptive_field,
)
from coursekit.reference.convolution2d import Conv2dCache
from coursekit.reference.pooling import average_pool2d_backward, average_pool2d_forward


def _back(dy: np.ndarray, cache: Conv2dCache) -> np.ndarray:
    return conv2d_backward(dy, cache)[0]


def _seen(depth: int, stride: int, layer: str = "convolution") -> int:
    """Count the inputs whose change reaches one unit on top of some layers of size 3."""
    y: np.ndarray = np.zeros((1, 1, 1, 150))
    back: list[Callable[[np.ndarray], np.ndarray]] = []
    for _ in range(depth):
        if layer == "convolution":
            y, conv = conv2d_forward(y, np.ones((1, 1, 1, 3)), stride=(1, stride))
            back.append(partial(_back, cache=conv))
        else:
            y, pool = average_pool2d_forward(y, (1, 3), stride=(1, stride))
            back.append(partial(average_pool2d_backward, cache=pool))
    dy = np.zeros_like(y)
    dy[..., y.shape[-1] // 2] = 1
    for one in reversed(back):
        dy = one(dy)
    return int(np.count_nonzero(dy))


DEPTHS = range(1, 6)


def _grows(stride: int) -> Sides:
    printed = [1 + n * (3 - 1) if stride == 1 else 2 ** (n + 1) - 1 for n in DEPTHS]
    return Sides(printed, [_seen(n, stride) for n in DEPTHS], "1 to 5 layers, measured")


def _area() -> Sides:
    sizes = [receptive_field([(3, stride)] * n).size for stride in (1, 2) for n in DEPTHS]
    return Sides(
        sizes, [_seen(n, stride) for stride in (1, 2) for n in DEPTHS], "10 stacks, measured"
    )


def _regardless() -> Sides:
    return Sides(
        [_seen(n, 2, "pooling") for n in DEPTHS],
        [_seen(n, 2) for n in DEPTHS],
        "1 to 5 layers with stride 2",
    )


def _same_layer() -> Sides:
    rng = np.random.default_rng(47)
    x, w = rng.normal(size=(2, 3, 16, 16)), rng.normal(size=(5, 3, 16, 16))
    dense = linear(x.reshape(2, -1), w.reshape(5, -1))
    return Sides(conv2d(x, w)[:, :, 0, 0], dense, "2 inputs of 16×16×3 and 5 units")


def _many() -> Finding:
    shares = {
        name: rows(name, "Linear")[0].parameters / table(name).parameters
        for name in ("AlexNet", "VGG-16")
    }
    return Finding(
        min(shares.values()) > 0.5,
        ", ".join(f"{share:.0%} of {name}" for name, share in shares.items()),
    )


CLAIMS = (
    Claim(
        "V46-area",
        "the receptive field is the area of the image that has an impact on a unit",
        "formula",
        compute=_area,
        chapter=4,
        cell="count-and-measure",
    ),
    Claim(
        "V46-linear",
        "each layer with filters of size w makes the receptive field larger by w - 1",
        "formula",
        compute=lambda: _grows(1),
        chapter=4,
        cell="growth-with-depth",
        remark="For stride 1",
    ),
    Claim(
        "V46-exponential",
        "with strides the receptive field grows exponentially with depth",
        "formula",
        compute=lambda: _grows(2),
        chapter=4,
        cell="growth-with-depth",
        remark="Compared with 2 to the power of n + 1, less 1, for size 3 and stride 2",
    ),
    Claim(
        "V46-regardless",
        "the receptive field grows alike whether layers pool or convolve",
        "formula",
        compute=_regardless,
        chapter=4,
        cell="explain-growth",
    ),
    Claim(
        "V47-parameters",
        "4096 units on a map of 16×16×256 have this many parameters",
        "count",
        printed="256M",
        compute=lambda: linear_cost((256, 16, 16), 4096).parameters,
        slips={
            "a million taken for 2 to the power of 20, and no biases": (
                lambda: linear_cost((256, 16, 16), 4096, bias=False).parameters / 2**20 * 10**6
            )
        },
        chapter=3,
        cell="slide-against-computed",
    ),
    Claim(
        "V47-one",
        "a 16×16 filter without padding makes a map of this size of it",
        "shape",
        printed="1×1",
        compute=lambda: conv2d_cost((256, 16, 16), 4096, 16).shape[1:],
        chapter=3,
        cell="slide-against-computed",
    ),
    Claim(
        "V47-same",
        "a filter as large as its input is a fully connected layer",
        "formula",
        compute=_same_layer,
        chapter=3,
        cell="explain-slides",
    ),
    Claim(
        "V47-many",
        "the first fully connected layer has many of the parameters",
        "comparison",
        compute=_many,
        chapter=11,
        cell="five-networks",
    ),
)
