"""Khapra, slides 43 to 46: LeNet-5 and pooling."""

import numpy as np

from coursekit.lectures.claim import Claim, Compute, Finding
from coursekit.lectures.nets import rows, table
from coursekit.reference import conv2d_cost, linear_cost, max_pool2d, output_size

IMAGE = np.array([[1, 4, 2, 1], [5, 8, 3, 4], [7, 6, 4, 5], [1, 3, 1, 2]])
NO_BIASES = "without biases, which the same table counts in its fully connected layers"


def _pooled(stride: int) -> np.ndarray:
    return max_pool2d(IMAGE[None, None].astype(float), 2, stride=stride).ravel()


def _stride_that_takes(W: int, to: int) -> int:
    return next(S for S in range(1, W) if output_size(W, 2, stride=S) == to)


def _alternates() -> Finding:
    kinds = [row.kind for row in table("LeNet-5") if row.kind in ("Conv2d", "MaxPool2d", "Linear")]
    expected = ["Conv2d", "MaxPool2d"] * 2 + ["Linear"] * 3
    return Finding(kinds == expected, ", ".join(kinds))


def _side(k: int) -> int:
    shape = rows("LeNet-5", "Conv2d", "MaxPool2d")[k].shape
    assert shape is not None
    return shape[1]


def _parameters(
    id_: str,
    layer: str,
    printed: str,
    compute: Compute,
    conventions: dict[str, Compute] | None = None,
) -> Claim:
    return Claim(
        f"K43-{id_}",
        f"LeNet-5: parameters of {layer}",
        "count",
        printed=printed,
        compute=compute,
        conventions=conventions or {},
        place="slides 43 and 46",
        chapter=11,
        cell="lenet-audit",
    )


def _size(id_: str, layer: str, printed: str, k: int) -> Claim:
    return Claim(
        f"K43-{id_}",
        f"LeNet-5: pixels along a side behind {layer}",
        "shape",
        printed=printed,
        compute=lambda: _side(k),
        place="slides 43 and 46",
        chapter=11,
        cell="lenet-table",
    )


def _stride(id_: str, layer: str, W: int, to: int) -> Claim:
    return Claim(
        f"K43-{id_}",
        f"LeNet-5: stride of {layer}, which takes {W} to {to} with F = 2",
        "number",
        printed="1",
        compute=lambda: _stride_that_takes(W, to),
        place="slides 43 and 46",
        chapter=4,
        cell="explain-slides",
        remark=f"With stride 1, {W} would become {output_size(W, 2)}",
    )


CLAIMS = (
    Claim(
        "K43-alternates",
        "convolution and pooling layers alternate",
        "comparison",
        compute=_alternates,
        chapter=11,
        cell="lenet-table",
    ),
    _size("side-conv-1", "the first convolution", "28", 0),
    _parameters(
        "conv-1",
        "the first convolution, 6 kernels of 5×5",
        "150",
        lambda: rows("LeNet-5", "Conv2d")[0].parameters,
        {NO_BIASES: lambda: conv2d_cost((1, 32, 32), 6, 5, bias=False).parameters},
    ),
    _size("side-pool-1", "the first pooling", "14", 1),
    _stride("stride-1", "the first pooling", 28, 14),
    _parameters(
        "pool-1",
        "the first pooling",
        "0",
        lambda: rows("LeNet-5", "MaxPool2d")[0].parameters,
    ),
    _size("side-conv-2", "the second convolution", "10", 2),
    _parameters(
        "conv-2",
        "the second convolution, 16 kernels of 5×5",
        "2400",
        lambda: rows("LeNet-5", "Conv2d")[1].parameters,
        {NO_BIASES: lambda: conv2d_cost((6, 14, 14), 16, 5, bias=False).parameters},
    ),
    _size("side-pool-2", "the second pooling", "5", 3),
    _stride("stride-2", "the second pooling", 10, 5),
    _parameters(
        "pool-2",
        "the second pooling",
        "0",
        lambda: rows("LeNet-5", "MaxPool2d")[1].parameters,
    ),
    _parameters(
        "fc-1",
        "the first fully connected layer, 120 units",
        "48120",
        lambda: linear_cost((16, 5, 5), 120).parameters,
    ),
    _parameters(
        "fc-2",
        "the second fully connected layer, 84 units",
        "10164",
        lambda: linear_cost(120, 84).parameters,
    ),
    _parameters(
        "output",
        "the output layer, 10 units",
        "850",
        lambda: linear_cost(84, 10).parameters,
    ),
    Claim(
        "K43-pools-of-1998",
        "LeNet-5, which slide 46 names as the net: its two poolings have no parameters",
        "count",
        printed="0 0",
        compute=lambda: [table("LeNet-5 of 1998", 1)[name].parameters for name in ("S2", "S4")],
        conventions={
            "today's pooling takes the maximum; that of 1998 had a weight and a bias for each map": (
                lambda: [row.parameters for row in rows("LeNet-5", "MaxPool2d")]
            )
        },
        place="slide 46",
        chapter=11,
        cell="alexnet",
    ),
    Claim(
        "K44-stride-2",
        "the maxima of 2×2 windows of a 4×4 image, stride 2",
        "worked example",
        printed="8 4 7 5",
        compute=lambda: _pooled(2),
        chapter=4,
        cell="max-pool-in-loops",
    ),
    Claim(
        "K44-stride-1",
        "the maxima of 2×2 windows of a 4×4 image, stride 1",
        "worked example",
        printed="8 8 4 8 8 5 7 6 5",
        compute=lambda: _pooled(1),
        chapter=4,
        cell="stride-one-and-mean",
    ),
)
