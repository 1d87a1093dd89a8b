"""The residual block: what its layers compute is added to what came in."""

from typing import Literal

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import pad

Shortcut = Literal["A", "B"]
StrideAt = Literal["1x1", "3x3"]


class Residual(nn.Module):
    r"""A block of layers with a way around them: :math:`y = \text{ReLU}(F(x) + x)`.

    ::

        x ──┬── layers ──┬── + ── ReLU ── y
            └─ shortcut ─┘

    Args:
        layers: F, ending in a batchnorm.
        shortcut: the way around; ``nn.Identity()`` where shapes stay. None leaves it out: the block is
            then plain, y = ReLU(F(x)).

    Source: He et al. 2016, Deep residual learning for image recognition, Figure 2; CS7015 lecture 11,
    slides 69 and 70.
    """

    def __init__(self, layers: nn.Sequential, shortcut: nn.Module | None) -> None:
        super().__init__()
        self.layers = layers
        self.shortcut = shortcut
        self.relu = nn.ReLU()

    def forward(self, x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N K H2 W2"]:
        """Go both ways and add."""
        y = self.layers(x)
        if self.shortcut is not None:
            y = y + self.shortcut(x)
        return self.relu(y)


class SubsampleAndPad(nn.Module):
    """Option A for a shortcut that changes its shape: leave out pixels, append channels of zeros.

    It has no weights.

    Args:
        new_channels: channels of zeros.
        stride: from one pixel that stays to the next.
    """

    def __init__(self, new_channels: int, stride: int) -> None:
        super().__init__()
        self.new_channels = new_channels
        self.stride = stride

    def forward(self, x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N K H2 W2"]:
        """Keep every stride-th pixel and pad the channels."""
        x = x[:, :, :: self.stride, :: self.stride]
        return pad(x, (0, 0, 0, 0, 0, self.new_channels))


def shortcut_around(channels: int, kernels: int, stride: int, option: Shortcut) -> nn.Module:
    """Return the way around a block: the identity wherever the shape stays.

    Args:
        channels: C, of the block's input.
        kernels: K, channels of its output.
        stride: of the block.
        option: for the other blocks. "A" pads with zeros, "B" projects with a 1×1 convolution.

    Source: He et al. 2016, section 3.3 and Table 3.
    """
    if stride == 1 and channels == kernels:
        return nn.Identity()
    if option == "A":
        return SubsampleAndPad(kernels - channels, stride)
    return nn.Sequential(
        nn.Conv2d(channels, kernels, 1, stride, bias=False), nn.BatchNorm2d(kernels)
    )


def basic_layers(channels: int, kernels: int, stride: int) -> nn.Sequential:
    """Return the layers of a basic block: two 3×3 convolutions, the stride in the first.

    Source: He et al. 2016, Figure 5 (left).
    """
    return nn.Sequential(
        *(_convolution(channels, kernels, 3, stride), nn.BatchNorm2d(kernels), nn.ReLU()),
        *(_convolution(kernels, kernels, 3), nn.BatchNorm2d(kernels)),
    )


def bottleneck_layers(
    channels: int, kernels: int, stride: int, *, stride_at: StrideAt = "3x3"
) -> nn.Sequential:
    """Return the layers of a bottleneck: 1×1 to a quarter of the channels, 3×3 there, 1×1 back.

    Args:
        channels: C, of the input.
        kernels: K, channels of the output, a multiple of 4.
        stride: of the block.
        stride_at: "1x1" has it in the first convolution, as published; "3x3" in the second, as everybody
            does since, for a 1×1 kernel with stride 2 never looks at three pixels out of four.

    Source: He et al. 2016, Figure 5 (right); the other place of the stride, torchvision, "ResNet V1.5".
    """
    narrow = kernels // 4
    first, second = (stride, 1) if stride_at == "1x1" else (1, stride)
    return nn.Sequential(
        *(_convolution(channels, narrow, 1, first), nn.BatchNorm2d(narrow), nn.ReLU()),
        *(_convolution(narrow, narrow, 3, second), nn.BatchNorm2d(narrow), nn.ReLU()),
        *(_convolution(narrow, kernels, 1), nn.BatchNorm2d(kernels)),
    )


def start_as_identity(model: nn.Module) -> None:
    """Set the last gamma of every residual block to 0, so that it starts as its shortcut alone.

    Source: Goyal et al. 2017, Accurate, large minibatch SGD, section 5.1.
    """
    for block in model.modules():
        if isinstance(block, Residual):
            norm = [m for m in block.layers if isinstance(m, nn.BatchNorm2d)][-1]
            nn.init.zeros_(norm.weight)


def _convolution(channels: int, kernels: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    """Return a convolution without a bias, which the batchnorm behind it has."""
    return nn.Conv2d(channels, kernels, kernel, stride, padding=kernel // 2, bias=False)
