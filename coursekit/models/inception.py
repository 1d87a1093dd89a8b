"""The Inception block: four ways to look at the same maps, side by side."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn


class Widths(NamedTuple):
    """The channels of an Inception block: a row of Table 1 of the paper."""

    one: int  # 1×1
    reduce_three: int  # the 1×1 before the 3×3
    three: int  # 3×3
    reduce_five: int  # the 1×1 before the 5×5
    five: int  # 5×5
    pooled: int  # the 1×1 behind the pooling

    @property
    def out(self) -> int:
        """Channels of the block's output: those of its four ways together."""
        return self.one + self.three + self.five + self.pooled


class Inception(nn.Module):
    r"""The Inception module with dimension reduction: four ways, stacked channel by channel.

    ::

        1×1 ─────────────┐
        1×1 ──── 3×3 ────┤
        1×1 ──── 5×5 ────┼── stacked
        pool 3×3 ─ 1×1 ──┘

    All keep the height and the width. A ReLU follows every convolution. The 1×1 convolutions before the
    large kernels reduce what those cost: a 5×5 kernel on 192 channels multiplies 4800 numbers at each
    place, one on 16 channels 400.

    Args:
        channels: C, maps of the input.
        widths: channels of the six convolutions.
        batchnorm: normalize before every ReLU.

    Source: Szegedy et al. 2015, Going deeper with convolutions, Figure 2(b); with batchnorm, Ioffe and
    Szegedy 2015; CS7015 lecture 11, slide 63.
    """

    def __init__(self, channels: int, widths: Widths, *, batchnorm: bool = False) -> None:
        super().__init__()
        w = widths
        self.one = convolution(channels, w.one, 1, batchnorm=batchnorm)
        self.three = nn.Sequential(
            convolution(channels, w.reduce_three, 1, batchnorm=batchnorm),
            convolution(w.reduce_three, w.three, 3, batchnorm=batchnorm),
        )
        self.five = nn.Sequential(
            convolution(channels, w.reduce_five, 1, batchnorm=batchnorm),
            convolution(w.reduce_five, w.five, 5, batchnorm=batchnorm),
        )
        self.pooled = nn.Sequential(
            nn.MaxPool2d(3, stride=1, padding=1),
            convolution(channels, w.pooled, 1, batchnorm=batchnorm),
        )

    def forward(self, x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N K H W"]:
        """Go all four ways and stack what comes of them."""
        return torch.cat([self.one(x), self.three(x), self.five(x), self.pooled(x)], dim=1)


def convolution(
    channels: int, kernels: int, kernel: int, *, stride: int = 1, batchnorm: bool = False
) -> nn.Sequential:
    """Return a convolution with its ReLU; with batchnorm between them, which makes the bias redundant."""
    layers = nn.Sequential(
        nn.Conv2d(channels, kernels, kernel, stride, padding=kernel // 2, bias=not batchnorm)
    )
    if batchnorm:
        layers.append(nn.BatchNorm2d(kernels))
    return layers.append(nn.ReLU())
