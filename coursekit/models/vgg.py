"""VGG: nothing but 3×3 convolutions, two to four of them before every pooling."""

from collections.abc import Sequence

from torch import nn

from coursekit.errors import CourseError
from coursekit.models.alexnet import dense_layers
from coursekit.models.choices import at_least, he_normal, one_of

# convolutions before each of the five poolings; three linear layers make the depth full
CONVOLUTIONS = {
    11: (1, 1, 2, 2, 2),  # A in the paper's Table 1
    13: (2, 2, 2, 2, 2),  # B
    16: (2, 2, 3, 3, 3),  # D
    19: (2, 2, 4, 4, 4),  # E
}


def vgg(
    depth: int = 16,
    *,
    batchnorm: bool = False,
    classes: int = 1000,
    channels: int = 3,
    size: int = 224,
    widths: Sequence[int] = (64, 128, 256, 512, 512),
    hidden: int = 4096,
) -> nn.Sequential:
    """Build a VGG: with 1000 classes 132863336, 133047848, 138357544 or 143667240 parameters.

    Each of its five stages keeps height and width, has one number of channels, and ends in a max
    pooling that halves the image: 224, 112, 56, 28, 14, 7. Two 3×3 convolutions see 5×5 pixels, three see
    7×7, with fewer weights than one kernel of that size and with a ReLU between them.

    Args:
        depth: layers with weights: 11, 13, 16 or 19.
        batchnorm: normalize after every convolution, which the paper does not. The biases of the
            convolutions, which the normalization takes out again, stay, as they do in torchvision.
        classes: scores for each image.
        channels: of the images.
        size: height and width of the images, a multiple of 32.
        widths: channels of the five stages.
        hidden: units of the two hidden linear layers.

    Returns:
        A network from images (N, channels, size, size) to scores (N, classes).

    Raises:
        CourseError: there is no such depth, a number is below 1, or the size is no multiple of 32.

    Source: Simonyan and Zisserman 2015, Very deep convolutional networks for large-scale image
    recognition, Table 1.
    """
    one_of("depth", depth, CONVOLUTIONS)
    for name, number in {"classes": classes, "channels": channels, "hidden": hidden}.items():
        at_least(name, number, 1)
    if at_least("size", size, 32) % 32:
        raise CourseError(f"size is {size}, expected a multiple of 32: five poolings halve it.")
    if len(widths) != 5:
        raise CourseError(f"widths has {len(widths)} numbers, expected 5: one for each stage.")
    model = nn.Sequential()
    C = channels
    for stage, (convolutions, K) in enumerate(zip(CONVOLUTIONS[depth], widths, strict=True), 1):
        at_least(f"widths[{stage - 1}]", K, 1)
        model.add_module(f"stage{stage}", _stage(C, K, convolutions, batchnorm))
        C = K
    model.add_module("classifier", dense_layers(C * (size // 32) ** 2, classes, hidden=hidden))
    he_normal(model)
    return model


def _stage(channels: int, width: int, convolutions: int, batchnorm: bool) -> nn.Sequential:
    """Return convolutions of one width, each with its ReLU, and the pooling behind them."""
    layers: list[nn.Module] = []
    for C in [channels] + [width] * (convolutions - 1):
        layers.append(nn.Conv2d(C, width, 3, padding=1))
        if batchnorm:
            layers.append(nn.BatchNorm2d(width))
        layers.append(nn.ReLU())
    return nn.Sequential(*layers, nn.MaxPool2d(2))
