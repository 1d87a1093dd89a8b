"""ResNet for ImageNet: one convolution, four stages of residual blocks, one linear layer."""

from torch import nn

from coursekit.errors import CourseError
from coursekit.models.choices import at_least, he_normal, one_of
from coursekit.models.residual import (
    Residual,
    Shortcut,
    StrideAt,
    basic_layers,
    bottleneck_layers,
    shortcut_around,
    start_as_identity,
)

# blocks in each of the four stages; from 50 layers on they are bottlenecks
BLOCKS = {
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
}


def resnet(
    depth: int = 18,
    *,
    plain: bool = False,
    shortcut: Shortcut = "B",
    stride_at: StrideAt = "3x3",
    zero_init_residual: bool = False,
    classes: int = 1000,
    channels: int = 3,
) -> nn.Sequential:
    """Build a ResNet: 11.7, 21.8, 25.6, 44.5 or 60.2 million parameters with 1000 classes.

    ======  =========  =============================  ==============================================
    part    output     18 and 34 layers               50, 101 and 152 layers
    ======  =========  =============================  ==============================================
    stem    112×112    7×7, 64, stride 2, then a 3×3 max pooling with stride 2
    stage1  56×56      blocks of 3×3, 64; 3×3, 64     blocks of 1×1, 64; 3×3, 64; 1×1, 256
    stage2  28×28      3×3, 128; 3×3, 128             1×1, 128; 3×3, 128; 1×1, 512
    stage3  14×14      3×3, 256; 3×3, 256             1×1, 256; 3×3, 256; 1×1, 1024
    stage4  7×7        3×3, 512; 3×3, 512             1×1, 512; 3×3, 512; 1×1, 2048
    head    classes    the mean over the image, one linear layer
    ======  ================================================================================

    Args:
        depth: layers with weights: 18, 34, 50, 101 or 152.
        plain: leave the shortcuts out, projections included: the twin that shows what they do.
        shortcut: where a stage changes the shape: "A" pads with zeros, "B" projects.
        stride_at: where a bottleneck has its stride: "1x1" as published, "3x3" as in torchvision.
        zero_init_residual: start every block as its shortcut alone.
        classes: scores for each image.
        channels: of the images.

    Returns:
        A network from images (N, channels, H, W) to scores (N, classes); published for 224×224.

    Raises:
        CourseError: there is no such depth or choice, a number is below 1, or a plain net is asked to
            start as its shortcuts.

    Source: He et al. 2016, Deep residual learning for image recognition, Table 1.
    """
    one_of("depth", depth, BLOCKS)
    one_of("shortcut", shortcut, ("A", "B"))
    one_of("stride_at", stride_at, ("1x1", "3x3"))
    at_least("classes", classes, 1)
    at_least("channels", channels, 1)
    refuse_plain_start(plain, zero_init_residual)
    model = nn.Sequential()
    model.add_module("stem", _stem(channels))
    C = 64
    for stage, blocks in enumerate(BLOCKS[depth], 1):
        K = 64 * 2 ** (stage - 1) * (1 if depth < 50 else 4)
        made = []
        for block in range(blocks):
            stride = 2 if stage > 1 and block == 0 else 1
            shapes = (C, K, stride)
            layers = (
                basic_layers(*shapes)
                if depth < 50
                else bottleneck_layers(*shapes, stride_at=stride_at)
            )
            around = None if plain else shortcut_around(*shapes, shortcut)
            made.append(Residual(layers, around))
            C = K
        model.add_module(f"stage{stage}", nn.Sequential(*made))
    model.add_module("head", pooled_scores(C, classes))
    he_normal(model)
    if zero_init_residual:
        start_as_identity(model)
    return model


def pooled_scores(channels: int, classes: int) -> nn.Sequential:
    """Return the head of a ResNet: the mean of each channel over the image, then one linear layer."""
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes))


def refuse_plain_start(plain: bool, zero_init_residual: bool) -> None:
    """Refuse to start the blocks of a plain net at 0: nothing would reach its end, nor ever come back.

    Raises:
        CourseError: both are asked for.
    """
    if plain and zero_init_residual:
        raise CourseError(
            "zero_init_residual starts every block as its shortcut, and a plain net has none: "
            "its scores would be the same for all images. Leave one of the two out."
        )


def _stem(channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, 64, 7, stride=2, padding=3, bias=False),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.MaxPool2d(3, stride=2, padding=1),
    )
