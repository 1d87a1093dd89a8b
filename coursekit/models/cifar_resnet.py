"""The small ResNets of the paper's CIFAR-10 experiments: 6n + 2 layers."""

from torch import nn

from coursekit.errors import CourseError
from coursekit.models.choices import at_least, he_normal, one_of
from coursekit.models.residual import (
    Residual,
    Shortcut,
    basic_layers,
    shortcut_around,
    start_as_identity,
)
from coursekit.models.resnet import pooled_scores, refuse_plain_start


def cifar_resnet(
    depth: int = 20,
    *,
    plain: bool = False,
    shortcut: Shortcut = "A",
    zero_init_residual: bool = False,
    classes: int = 10,
    channels: int = 3,
) -> nn.Sequential:
    """Build a ResNet for small images: 6n + 2 layers, n basic blocks in each of three stages.

    =====  =======  ==============  ==============  ==========================
    depth  n        option A        option B        the paper, Table 6
    =====  =======  ==============  ==============  ==========================
    20     3        269722          272474          0.27M
    32     5        464154          466906          0.46M
    44     7        658586          661338          0.66M
    56     9        853018          855770          0.85M
    110    18       1727962         1730714         1.7M
    =====  =======  ==============  ==============  ==========================

    The stages have 16, 32 and 64 channels and images of 32×32, 16×16 and 8×8.

    Args:
        depth: layers with weights: 8, 14, 20, 26, 32 and so on; the paper has 20, 32, 44, 56 and 110.
        plain: leave the shortcuts out. With option A, which has no weights, the twins have as many.
        shortcut: where a stage changes the shape: "A" pads with zeros, as in the paper, "B" projects.
        zero_init_residual: start every block as its shortcut alone.
        classes: scores for each image.
        channels: of the images.

    Returns:
        A network from images (N, channels, H, W) to scores (N, classes); published for 32×32.

    Raises:
        CourseError: the depth is not 6n + 2, there is no such choice, a number is below 1, or a plain
            net is asked to start as its shortcuts.

    Source: He et al. 2016, Deep residual learning for image recognition, section 4.2.
    """
    if at_least("depth", depth, 8) % 6 != 2:
        below = (depth - 2) // 6 * 6 + 2
        raise CourseError(
            f"depth is {depth}, expected 6n + 2, such as {below} or {below + 6}: n blocks of two "
            "convolutions in each of three stages, the first convolution and the linear layer."
        )
    one_of("shortcut", shortcut, ("A", "B"))
    at_least("classes", classes, 1)
    at_least("channels", channels, 1)
    refuse_plain_start(plain, zero_init_residual)
    stem = (nn.Conv2d(channels, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
    model = nn.Sequential()
    model.add_module("stem", nn.Sequential(*stem))
    C = 16
    for stage, K in enumerate((16, 32, 64), 1):
        made = []
        for block in range((depth - 2) // 6):
            stride = 2 if stage > 1 and block == 0 else 1
            around = None if plain else shortcut_around(C, K, stride, shortcut)
            made.append(Residual(basic_layers(C, K, stride), around))
            C = K
        model.add_module(f"stage{stage}", nn.Sequential(*made))
    model.add_module("head", pooled_scores(C, classes))
    he_normal(model)
    if zero_init_residual:
        start_as_identity(model)
    return model
