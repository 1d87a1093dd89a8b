"""Exercise 12.6: a basic block as a torch module."""

from collections.abc import Callable
from typing import Any

import numpy as np

from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator


def _cases(rng: Rng) -> list[Case]:
    cases = []
    for C, train in ((2, True), (5, True), (4, False)):
        x = rng.normal(size=(3, C, 6, 5))
        given = {"x": x, "seed": int(rng.integers(10**6)), "train": train}
        label = f"{C} channels, {'training' if train else 'testing'}"
        cases.append(Case((C,), label=label, given=given))
    return cases


def _class(way: str) -> Callable[[int], Any]:
    """Return what builds a block whose layers are right and whose way through them is not."""

    def build(C: int) -> Any:
        from torch import Tensor, nn

        class Wrong(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.layers = _block(C).layers
                if way == "no padding":
                    self.layers[0].padding = self.layers[3].padding = (0, 0)

            def forward(self, x: Tensor) -> Tensor:
                first, norm, relu, second, last = self.layers
                if way == "around the first":
                    return last(second(relu(norm(first(x)) + x))).relu()
                if way == "around the second":
                    hidden = relu(norm(first(x)))
                    return (last(second(hidden)) + hidden).relu()
                if way == "x overwritten":
                    return (2 * self.layers(x)).relu()
                if way == "before the norm":
                    return last(second(relu(norm(first(x)))) + x).relu()
                if way == "shortcut rectified":
                    return (self.layers(x) + x.relu()).relu()
                return (self.layers(x) + x).relu()

        return Wrong()

    return build


def _block(C: int) -> Any:
    from torch import nn

    from coursekit.models.residual import Residual, basic_layers

    return Residual(basic_layers(C, C, 1), nn.Identity())


def _slip(slip: str) -> Callable[[int], Any]:
    """Return what builds a block with one mistake."""

    def build(C: int) -> Any:
        from torch import nn

        block = _block(C)
        first, norm, relu, second, last = block.layers
        if slip == "plain":
            block.shortcut = None
        elif slip == "relu before":
            block.layers.append(nn.ReLU())
            block.relu = nn.Identity()
        elif slip == "relu twice":
            block.layers.append(nn.ReLU())
        elif slip == "no relu":
            block.relu = nn.Identity()
        elif slip == "no relu inside":
            block.layers = nn.Sequential(first, norm, second, last)
        elif slip == "relu before norm":
            block.layers = nn.Sequential(first, relu, norm, second, last)
        elif slip == "one norm":
            block.layers = nn.Sequential(first, norm, relu, second)
        elif slip == "no norm":
            block.layers = nn.Sequential(first, relu, second)
        elif slip == "bias":
            block.layers[0] = nn.Conv2d(C, C, 3, padding=1)
            block.layers[3] = nn.Conv2d(C, C, 3, padding=1)
        elif slip == "projection":
            around = nn.Conv2d(C, C, 1, bias=False)
            block.shortcut = nn.Sequential(around, nn.BatchNorm2d(C))
        return block

    return build


BLOCK = Task(
    id="12.6",
    title="A block in torch",
    points=2,
    minutes=10,
    difficulty=2,
    name="build_block",
    graded_by="module",
    returns=("y", "dx", "parameters"),
    cases=_cases,
    reference=_block,
    uses_torch=True,
    hints=(
        "In `__init__`, make the layers and keep them in `self`. In `forward`, use them.",
        "`nn.Conv2d(C, C, 3, padding=1, bias=False)` keeps the size of the image.",
        "`nn.Sequential` can hold everything before the sum: convolution, batchnorm, ReLU, convolution, batchnorm.",
    ),
    misconceptions=(
        Misconception(
            "no skip",
            "There is no sum in your block: it is a plain one.",
            _slip("plain"),
        ),
        Misconception(
            "ReLU before the sum",
            "You rectified what the layers computed, and not the sum. Add first.",
            _slip("relu before"),
        ),
        Misconception(
            "x overwritten",
            "You added F(x) to itself: was x still what came in when you added it? Give the results of the layers "
            "another name.",
            _class("x overwritten"),
        ),
        Misconception(
            "shortcut around the first convolution",
            "Your shortcut ends before the second convolution. It goes around both.",
            _class("around the first"),
        ),
        Misconception(
            "shortcut around the second convolution",
            "Your shortcut begins behind the first convolution. It carries x itself, around both.",
            _class("around the second"),
        ),
        Misconception(
            "the sum before the second batchnorm",
            "You added x before the second batchnorm, which then normalizes x too. Add behind it.",
            _class("before the norm"),
        ),
        Misconception(
            "the shortcut rectified",
            "You rectified x on its way around. The shortcut is the identity.",
            _class("shortcut rectified"),
        ),
        Misconception(
            "no padding",
            "Without padding your convolutions shrink the image, and F(x) + x no longer fits: `padding=1`.",
            _class("no padding"),
        ),
        Misconception(
            "ReLU before and after the sum",
            "Your second batchnorm is followed by a ReLU of its own. Then the layers can add and never take away.",
            _slip("relu twice"),
        ),
        Misconception(
            "no ReLU after the sum",
            "The ReLU behind the sum is missing.",
            _slip("no relu"),
        ),
        Misconception(
            "no ReLU inside",
            "Between your two convolutions there is no ReLU.",
            _slip("no relu inside"),
        ),
        Misconception(
            "ReLU before batchnorm",
            "Your first ReLU stands before the batchnorm. In a ResNet it stands behind.",
            _slip("relu before norm"),
        ),
        Misconception(
            "one batchnorm",
            "Only your first convolution has a batchnorm behind it.",
            _slip("one norm"),
        ),
        Misconception(
            "no batchnorm",
            "Your block has no batchnorm. There is one behind each convolution.",
            _slip("no norm"),
        ),
        Misconception(
            "biases",
            "Your convolutions have biases, which the batchnorm behind them takes away again.",
            _slip("bias"),
        ),
        Misconception(
            "a projection",
            "Your shortcut is a projection. The shape stays, so it can be the identity, without weights.",
            _slip("projection"),
        ),
    ),
)
