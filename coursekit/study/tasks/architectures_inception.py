"""The exercise 11.7: an Inception block in torch."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from coursekit.study.task import Case, Misconception, Task

if TYPE_CHECKING:
    from torch import nn

Rng = np.random.Generator


def _block_cases(rng: Rng) -> list[Case]:
    cases = []
    for height, width in ((6, 6), (5, 8)):
        # all different, so that no two layers can be taken for each other
        C, *widths = (int(n) for n in rng.choice(np.arange(2, 12), 7, replace=False))
        given = {"x": rng.normal(size=(2, C, height, width)), "seed": int(rng.integers(10**6))}
        label = f"{C} channels on maps of {height} × {width}, widths {', '.join(map(str, widths))}"
        cases.append(Case((C, *widths), label=label, given=given))
    return cases


def _block(
    channels: int,
    *widths: int,
    order: tuple[int, ...] = (0, 1, 2, 3),
    reduced: bool = True,
    ended: bool = True,
    average: bool = False,
    pool_last: bool = False,
    active_first: bool = False,
    paddings: tuple[int, int, int] = (0, 1, 2),
    pool: tuple[int, int] = (1, 1),
) -> "nn.Module":
    """Return an Inception block, with a mistake where one is asked for.

    Args:
        channels: C of the input.
        widths: channels of the six convolutions.
        order: in which the four ways are stacked.
        reduced: whether a ReLU stands behind the 1×1 convolutions before 3×3 and 5×5.
        ended: whether a ReLU stands at the end of each way.
        average: pool by the mean.
        pool_last: pool behind the last 1×1 convolution instead of before it.
        active_first: a ReLU before every convolution instead of behind it.
        paddings: of the kernels of 1, 3 and 5.
        pool: stride and padding of the pooling.
    """
    import torch
    from torch import nn

    def conv(C: int, K: int, F: int, active: bool) -> nn.Sequential:
        layers: list[nn.Module] = [nn.Conv2d(C, K, F, padding=paddings[F // 2])]
        layers += [nn.ReLU()] if active else []
        return nn.Sequential(*(layers[::-1] if active_first else layers))

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            one, reduce_three, three, reduce_five, five, pooled = widths
            kind = nn.AvgPool2d if average else nn.MaxPool2d
            last = [kind(3, *pool), conv(channels, pooled, 1, ended)]
            ways = [
                conv(channels, one, 1, ended),
                nn.Sequential(
                    conv(channels, reduce_three, 1, reduced), conv(reduce_three, three, 3, ended)
                ),
                nn.Sequential(
                    conv(channels, reduce_five, 1, reduced), conv(reduce_five, five, 5, ended)
                ),
                nn.Sequential(*(last[::-1] if pool_last else last)),
            ]
            self.ways = nn.ModuleList(ways)

        def forward(self, x: Any) -> Any:
            return torch.cat([self.ways[k](x) for k in order], dim=1)

    return Block()


def _reference(
    channels: int, one: int, reduce_three: int, three: int, reduce_five: int, five: int, pooled: int
) -> "nn.Module":
    return _block(channels, one, reduce_three, three, reduce_five, five, pooled)


def _wrong(**mistake: Any) -> Callable[..., "nn.Module"]:
    def build(channels: int, *widths: int) -> "nn.Module":
        return _block(channels, *widths, **mistake)

    return build


BLOCK = Task(
    id="11.7",
    title="Four ways at once",
    points=3,
    minutes=14,
    difficulty=2,
    name="inception_block",
    graded_by="module",
    returns=("y", "dx", "parameters"),
    cases=_block_cases,
    reference=_reference,
    uses_torch=True,
    hints=(
        "`SideBySide([a, b, c, d])` sends x through four modules and stacks their outputs in that order. So write four "
        "modules, each an `nn.Sequential`.",
        "All ways must keep height and width: a kernel of 3 needs padding 1, one of 5 padding 2, and the pooling "
        "`nn.MaxPool2d(3, stride=1, padding=1)`.",
        "There are six convolutions, and a ReLU follows each of them. A small function that returns a convolution with "
        "its ReLU saves you from forgetting one.",
    ),
    misconceptions=(
        Misconception(
            "no ReLU behind the reductions",
            "Behind the 1×1 convolutions that reduce there is no ReLU. Every convolution of the block has one; without "
            "it, the two in a row are one linear layer.",
            _wrong(reduced=False),
        ),
        Misconception(
            "no ReLU at the end",
            "The four ways end without a ReLU. Every convolution of the block has one.",
            _wrong(ended=False),
        ),
        Misconception(
            "no ReLU at all",
            "There is no ReLU in your block. Every convolution has one.",
            _wrong(reduced=False, ended=False),
        ),
        Misconception(
            "pooling behind the 1×1",
            "In the fourth way you pool behind the convolution. The pooling comes first, so that the maximum is taken "
            "over what came in.",
            _wrong(pool_last=True),
        ),
        Misconception(
            "average pooling",
            "Your fourth way takes the mean of its neighborhood. This block takes the maximum.",
            _wrong(average=True),
        ),
        Misconception(
            "ReLU before the convolution",
            "Your ReLU stands before each convolution. It follows it.",
            _wrong(active_first=True),
        ),
        Misconception(
            "no padding",
            "Your 3×3 and 5×5 have no padding, so their maps come out smaller and cannot be stacked on the others: "
            "give them padding 1 and 2.",
            _wrong(paddings=(0, 0, 0)),
        ),
        Misconception(
            "the same padding for 3×3 and 5×5",
            "A padding of 1 keeps the size with a kernel of 3. With a kernel of 5 it takes 2, half the kernel rounded "
            "down.",
            _wrong(paddings=(0, 1, 1)),
        ),
        Misconception(
            "padding 1 everywhere",
            "All your convolutions have a padding of 1. That keeps the size with a kernel of 3 only: a kernel of 1 "
            "needs none, one of 5 needs 2.",
            _wrong(paddings=(1, 1, 1)),
        ),
        Misconception(
            "pooling without padding",
            "Your pooling has no padding, so its maps come out smaller than the others: `padding=1`.",
            _wrong(pool=(1, 0)),
        ),
        Misconception(
            "pooling with stride 3",
            "A pooling of torch moves on by its own size unless you say otherwise: `stride=1`.",
            _wrong(pool=(3, 1)),
        ),
        Misconception(
            "pooling with stride 3 and without padding",
            "Your pooling moves on by its own size and has no padding, torch's defaults: here it takes `stride=1, "
            "padding=1`.",
            _wrong(pool=(3, 0)),
        ),
        Misconception(
            "pooled way first",
            "The right maps, in another order: you stacked the pooled way first.",
            _wrong(order=(3, 0, 1, 2)),
        ),
        Misconception(
            "3×3 and 5×5 exchanged",
            "The right maps, in another order: the 3×3 comes before the 5×5.",
            _wrong(order=(0, 2, 1, 3)),
        ),
    ),
)
