"""A small fully convolutional network: a score for every class at every pixel, of an image of any size."""

from collections.abc import Sequence
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from coursekit.models.choices import at_least, he_normal, one_of
from coursekit.reference import bilinear_kernel

COARSEST = 16  # pixels from one score of the last stage to the next
Upsampling = Literal["learned", "bilinear", "nearest"]


class Fcn(nn.Module):
    r"""Score several maps, enlarge the coarsest, add the next finer one, and so on; then enlarge to the image.

    ::

        x ─ stage1 ─ stage2 ─────┬───── stage3 ─────┬───── stage4
            1/2      1/4         │      1/8         │      1/16
                               1×1                1×1      1×1
                                 + ───── ×2 ─────── + ── ×2 ─┘
                                 └─ ×4 ─ scores

    This is stride 4; stride 8 leaves the finest 1×1 out, stride 16 both, and the last enlargement is ×8 or ×16.
    Maps whose side is odd are rounded up when they shrink, so what was enlarged is cropped at the bottom and right.

    Args:
        stages: from the image to ever coarser maps, each half as large as the one before.
        widths: channels that come out of each stage.
        classes: K, background included.
        heads: how many of the last stages are scored.
        upsampling: see :func:`fcn`.

    Source: Long et al. 2015, Fully convolutional networks for semantic segmentation, section 4; Verbeek,
    Introduction to neural networks, slide 58.
    """

    def __init__(
        self,
        stages: Sequence[nn.Module],
        widths: Sequence[int],
        classes: int,
        heads: int,
        upsampling: Upsampling,
    ) -> None:
        super().__init__()
        self.stages = nn.ModuleList(stages)
        coarse_first = list(reversed(widths))[:heads]
        self.scores = nn.ModuleList(nn.Conv2d(width, classes, 1) for width in coarse_first)
        steps = [2] * (heads - 1) + [COARSEST // 2 ** (heads - 1)]
        self.enlarge = nn.ModuleList(enlargement(classes, s, upsampling) for s in steps)

    def forward(self, x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N K H W"]:
        """Return the scores of every class at every pixel."""
        maps, y = [], x
        for stage in self.stages:
            y = stage(y)
            maps.append(y)
        total = self.scores[0](maps[-1])
        finer = zip(reversed(maps[:-1]), self.scores[1:], self.enlarge, strict=False)
        for map_, score, enlarge in finer:
            added = score(map_)
            total = cropped(enlarge(total), added) + added
        return cropped(self.enlarge[-1](total), x)


def cropped(y: Float[Tensor, "N K H2 W2"], like: Float[Tensor, "N C H W"]) -> Tensor:
    """Cut rows at the bottom and columns at the right until y has the height and width of another map."""
    return y[..., : like.shape[-2], : like.shape[-1]]


def enlargement(classes: int, scale: int, upsampling: Upsampling) -> nn.Module:
    """Return what makes maps s times larger, without mixing them at the start.

    Args:
        classes: K, how many maps.
        scale: s.
        upsampling: see :func:`fcn`.

    Source: Long et al. 2015, section 3.3.
    """
    if upsampling == "nearest":
        return nn.Upsample(scale_factor=scale, mode="nearest")
    if upsampling == "bilinear":
        return nn.Upsample(scale_factor=scale, mode="bilinear", align_corners=False)
    tent = torch.from_numpy(bilinear_kernel(scale))
    F = len(tent)
    layer = nn.ConvTranspose2d(classes, classes, F, scale, padding=(F - scale) // 2, bias=False)
    with torch.no_grad():
        layer.weight.zero_()
        for k in range(classes):
            layer.weight[k, k] = tent.to(layer.weight.dtype)
    return layer


def fcn(
    stride: int = 4,
    *,
    classes: int = 5,
    channels: int = 1,
    width: int = 16,
    upsampling: Upsampling = "learned",
) -> Fcn:
    """Build a small FCN: 100,607 parameters with stride 4, 5 classes and learned upsampling.

    ======  ==========  =====================================
    part    output      what
    ======  ==========  =====================================
    stage1  16, 1/2     3×3, 2×2 max pooling
    stage2  32, 1/4     3×3, 2×2 max pooling
    stage3  64, 1/8     3×3, 2×2 max pooling
    stage4  64, 1/16    3×3, 2×2 max pooling, 3×3
    scores  K, 1/16 …   1×1 on the last one, two or three stages
    ======  ==========  =====================================

    Batchnorm and ReLU follow every 3×3. ``torch.manual_seed`` before says which weights it starts from.

    Args:
        stride: of the finest map that is scored: 16, 8 or 4, in the spirit of FCN-32s, FCN-16s and FCN-8s.
        classes: K, background included.
        channels: of the images.
        width: channels of the first stage; the others have 2, 4 and 4 times as many.
        upsampling: "learned", transposed convolutions that start as bilinear interpolation; "bilinear" or
            "nearest", which stay what they are.

    Returns:
        A network from images (N, channels, H, W) of any size to scores (N, K, H, W).

    Raises:
        CourseError: the stride or the upsampling is none of these, or a number is below 1.

    Source: Long et al. 2015, Fully convolutional networks for semantic segmentation.
    """
    one_of("stride", stride, (4, 8, 16))
    one_of("upsampling", upsampling, ("learned", "bilinear", "nearest"))
    for name, number in {"classes": classes, "channels": channels, "width": width}.items():
        at_least(name, number, 1)
    widths = [width, 2 * width, 4 * width, 4 * width]
    stages, C = [], channels
    for K in widths:
        stages.append(nn.Sequential(*_convolution(C, K), nn.MaxPool2d(2, ceil_mode=True)))
        C = K
    stages[-1].extend(_convolution(C, C))
    model = Fcn(stages, widths, classes, {16: 1, 8: 2, 4: 3}[stride], upsampling)
    he_normal(model)
    # what is added is nothing at first, so a finer net starts as a coarser one
    for score in list(model.scores)[1:]:
        nn.init.zeros_(score.get_parameter("weight"))
    return model


def _convolution(channels: int, kernels: int) -> tuple[nn.Module, ...]:
    """Return a convolution that keeps the size; batchnorm has its bias."""
    convolution = nn.Conv2d(channels, kernels, 3, padding=1, bias=False)
    return convolution, nn.BatchNorm2d(kernels), nn.ReLU()
