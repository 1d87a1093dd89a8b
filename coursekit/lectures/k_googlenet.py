"""Khapra, slides 64 and 65: GoogLeNet, and averaging in place of a fully connected layer."""

from typing import TYPE_CHECKING

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Published
from coursekit.lectures.nets import net, rows, shape
from coursekit.reference import linear_cost

if TYPE_CHECKING:
    from torch import Tensor


def _dropout() -> float:
    from torch import nn

    return next(100 * m.p for m in net("GoogLeNet").modules() if isinstance(m, nn.Dropout))


def _weights() -> "Tensor":
    return net("GoogLeNet").get_parameter("head.3.weight")


def _head() -> tuple[int, int]:
    return linear_cost((1024, 7, 7), 1000).parameters, linear_cost(1024, 1000).parameters


def _at(id_: str, what: str, printed: str, row: str, depth: int | None = None) -> Claim:
    return Claim(
        f"K64-{id_}",
        f"GoogLeNet: shape behind {what}",
        "shape",
        printed=printed,
        compute=lambda: shape("GoogLeNet", row, depth),
        chapter=11,
        cell="googlenet-table",
    )


def _block(name: str, printed: str) -> Claim:
    return _at(f"block-{name}", f"block {name}", printed, f"inception_{name}", 1)


def _widths(block: str, printed: str, ways: tuple[str, ...], what: str) -> Claim:
    return Claim(
        f"K64-kernels-{block}",
        f"GoogLeNet, kernels of block {block}: {what}",
        "count",
        printed=printed,
        compute=lambda: [shape("GoogLeNet", f"inception_{block}.{way}")[0] for way in ways],
        chapter=11,
        cell="inception-block",
    )


CLAIMS = (
    Claim(
        "K64-input",
        "GoogLeNet: the image is 229×229",
        "shape",
        printed="229×229",
        compute=lambda: Published("GoogLeNet image"),
        slips={
            "what 112 places of 7×7 at stride 2 read, the padding included": (
                lambda: [2 * (shape("GoogLeNet", "stem.0.0")[1] - 1) + 7] * 2
            )
        },
        chapter=11,
        cell="googlenet-table",
    ),
    _at("conv-1", "the first convolution", "64×112×112", "stem.0.0"),
    _at("pool-1", "the first pooling", "64×56×56", "stem.1"),
    _at("conv-2", "the second convolution", "192×56×56", "stem.4.0"),
    _at("pool-2", "the second pooling", "192×28×28", "stem.6"),
    _block("3a", "256×28×28"),
    _block("3b", "480×28×28"),
    _at("pool-3", "the third pooling", "480×14×14", "pool_3", 1),
    _block("4a", "512×14×14"),
    _block("4b", "512×14×14"),
    _block("4c", "512×14×14"),
    _block("4d", "528×14×14"),
    _block("4e", "832×14×14"),
    _at("pool-4", "the fourth pooling", "832×7×7", "pool_4", 1),
    _block("5a", "832×7×7"),
    _block("5b", "1024×7×7"),
    _at("average", "the average pooling", "1024×1×1", "head.0"),
    Claim(
        "K64-dropout",
        "GoogLeNet: dropout in front of the linear layer, in percent",
        "number",
        printed="40%",
        compute=_dropout,
        chapter=11,
        cell="googlenet-table",
    ),
    Claim(
        "K64-classes",
        "GoogLeNet: scores of the linear layer",
        "count",
        printed="1000",
        compute=lambda: rows("GoogLeNet", "Linear")[-1].shape or (),
        chapter=11,
        cell="googlenet-table",
    ),
    _widths(
        "3a",
        "64 96 128 16 32 32",
        ("one.0", "three.0.0", "three.1.0", "five.0.0", "five.1.0", "pooled.1.0"),
        "1×1; 1×1 and 3×3; 1×1 and 5×5; 1×1 behind the pooling",
    ),
    _widths(
        "3b",
        "128 128 192 32 96",
        ("one.0", "three.0.0", "three.1.0", "five.0.0", "five.1.0"),
        "1×1; 1×1 and 3×3; 1×1 and 5×5",
    ),
    Claim(
        "K65-flattened",
        "a fully connected layer of 1000 units on 7×7×1024 would have this many parameters",
        "count",
        printed="49M",
        compute=lambda: linear_cost((1024, 7, 7), 1000, bias=False).parameters,
        slips={"1,024 taken for a thousand": lambda: 7 * 7 * 1000 * 1000},
        chapter=11,
        cell="pooling-head-in-numbers",
    ),
    Claim(
        "K65-averaged",
        "average pooling of 7×7 leaves this many numbers",
        "count",
        printed="1024",
        compute=lambda: np.prod(shape("GoogLeNet", "head.0")),
        chapter=11,
        cell="pooling-head-in-numbers",
    ),
    Claim(
        "K65-matrix",
        "the matrix behind it is 1024×1000",
        "shape",
        printed="1024×1000",
        compute=lambda: _weights().shape[::-1],
        chapter=11,
        cell="pooling-head-in-numbers",
    ),
    Claim(
        "K65-reduces",
        "averaging reduces the number of parameters significantly",
        "comparison",
        compute=lambda: Finding(
            _head()[1] < _head()[0] / 10,
            f"{_head()[0]:,} flattened, {_head()[1]:,} averaged, biases included",
        ),
        chapter=11,
        cell="pooling-head-in-numbers",
    ),
)
