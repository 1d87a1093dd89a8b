"""ResNet-9: a shallow, wide residual net that learns CIFAR-10 within seconds on a GPU."""

from jaxtyping import Float
from torch import Tensor, nn

from coursekit.models.choices import at_least, he_normal
from coursekit.models.resnet import refuse_plain_start


class AddedTo(nn.Module):
    """Layers whose result is added to their input: y = x + F(x), with no ReLU after the addition.

    Args:
        layers: F, which keeps the shape.
        plain: leave the addition out.
    """

    def __init__(self, layers: nn.Sequential, *, plain: bool = False) -> None:
        super().__init__()
        self.layers = layers
        self.plain = plain

    def forward(self, x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C H W"]:
        """Add what the layers compute."""
        return self.layers(x) if self.plain else x + self.layers(x)


class Scaled(nn.Module):
    """Multiply by a number that is not trained.

    Args:
        factor: the number.
    """

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        """Multiply every entry."""
        return self.factor * x


def resnet9(
    *,
    plain: bool = False,
    zero_init_residual: bool = False,
    classes: int = 10,
    channels: int = 3,
    width: int = 64,
) -> nn.Sequential:
    """Build a ResNet-9: 6573120 parameters with 10 classes.

    ======  =========  ====================================================
    part    output     what
    ======  =========  ====================================================
    stem    64×32×32   3×3
    stage1  128×16×16  3×3, 2×2 max pooling, two 3×3 with a shortcut
    stage2  256×8×8    3×3, 2×2 max pooling
    stage3  512×4×4    3×3, 2×2 max pooling, two 3×3 with a shortcut
    head    classes    the maximum over the image, linear, times 0.125
    ======  =========  ====================================================

    Batchnorm and ReLU follow every convolution.

    Args:
        plain: leave the two shortcuts out.
        zero_init_residual: start the two blocks as their shortcuts alone.
        classes: scores for each image.
        channels: of the images.
        width: channels of the stem; the stages have 2, 4 and 8 times as many.

    Returns:
        A network from images (N, channels, H, W) to scores (N, classes); H and W at least 8.

    Raises:
        CourseError: a number is below 1, or a plain net is asked to start as its shortcuts.

    Source: Page 2018, How to train your ResNet, part 4, and its repository cifar10-fast.
    """
    for name, number in {"classes": classes, "channels": channels, "width": width}.items():
        at_least(name, number, 1)
    refuse_plain_start(plain, zero_init_residual)
    w = width
    head = (nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(8 * w, classes, bias=False))
    model = nn.Sequential()
    model.add_module("stem", _convolution(channels, w))
    model.add_module(
        "stage1", nn.Sequential(_convolution(w, 2 * w), nn.MaxPool2d(2), _block(2 * w, plain))
    )
    model.add_module("stage2", nn.Sequential(_convolution(2 * w, 4 * w), nn.MaxPool2d(2)))
    model.add_module(
        "stage3", nn.Sequential(_convolution(4 * w, 8 * w), nn.MaxPool2d(2), _block(8 * w, plain))
    )
    model.add_module("head", nn.Sequential(*head, Scaled(0.125)))
    he_normal(model)
    if zero_init_residual:
        for block in model.modules():
            if isinstance(block, AddedTo):
                nn.init.zeros_(block.get_parameter("layers.1.1.weight"))  # gamma of the second norm
    return model


def _convolution(channels: int, kernels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, kernels, 3, padding=1, bias=False), nn.BatchNorm2d(kernels), nn.ReLU()
    )


def _block(channels: int, plain: bool) -> AddedTo:
    layers = nn.Sequential(_convolution(channels, channels), _convolution(channels, channels))
    return AddedTo(layers, plain=plain)
