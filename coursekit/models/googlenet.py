"""GoogLeNet: nine Inception blocks, and one linear layer where AlexNet and VGG have three."""

from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor, nn

from coursekit.models.choices import at_least, he_normal
from coursekit.models.inception import Inception, Widths, convolution

BLOCKS = {
    "3a": Widths(64, 96, 128, 16, 32, 32),
    "3b": Widths(128, 128, 192, 32, 96, 64),
    "4a": Widths(192, 96, 208, 16, 48, 64),
    "4b": Widths(160, 112, 224, 24, 64, 64),
    "4c": Widths(128, 128, 256, 24, 64, 64),
    "4d": Widths(112, 144, 288, 32, 64, 64),
    "4e": Widths(256, 160, 320, 32, 128, 128),
    "5a": Widths(256, 160, 320, 32, 128, 128),
    "5b": Widths(384, 192, 384, 48, 128, 128),
}


class Scores(NamedTuple):
    """What a GoogLeNet with auxiliary heads says in training.

    The paper's loss is that of the scores plus 0.3 times that of each head.
    """

    scores: Float[Tensor, "N classes"]
    after_4a: Float[Tensor, "N classes"]
    after_4d: Float[Tensor, "N classes"]


class GoogLeNet(nn.Module):
    """GoogLeNet for images of 224×224 pixels; :func:`googlenet` builds it.

    Args:
        batchnorm: normalize before every ReLU, and nowhere else.
        auxiliary: have two more heads in training, which bring gradients to the middle of the net.
        classes: scores for each image.
        channels: of the images.
    """

    def __init__(self, *, batchnorm: bool, auxiliary: bool, classes: int, channels: int) -> None:
        super().__init__()
        self.stem = _stem(channels, batchnorm)
        C = 192
        for name, widths in BLOCKS.items():
            self.add_module(f"inception_{name}", Inception(C, widths, batchnorm=batchnorm))
            C = widths.out
        self.pool_3 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.pool_4 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.after_4a = _auxiliary(BLOCKS["4a"].out, classes, batchnorm) if auxiliary else None
        self.after_4d = _auxiliary(BLOCKS["4d"].out, classes, batchnorm) if auxiliary else None
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.4), nn.Linear(C, classes)
        )

    def forward(self, x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N classes"] | Scores:
        """Return the scores; in training with auxiliary heads, those of the heads too."""
        x = self.stem(x)
        x = self._blocks(x, "3a", "3b")
        x = self.pool_3(x)
        x = middle = self._blocks(x, "4a")
        x = late = self._blocks(x, "4b", "4c", "4d")
        x = self._blocks(x, "4e")
        x = self.pool_4(x)
        x = self._blocks(x, "5a", "5b")
        scores = self.head(x)
        if self.training and self.after_4a is not None and self.after_4d is not None:
            return Scores(scores, self.after_4a(middle), self.after_4d(late))
        return scores

    def _blocks(self, x: Tensor, *names: str) -> Tensor:
        for name in names:
            x = self.get_submodule(f"inception_{name}")(x)
        return x


def googlenet(
    *, batchnorm: bool = False, auxiliary: bool = False, classes: int = 1000, channels: int = 3
) -> GoogLeNet:
    """Build a GoogLeNet: 6998552 parameters with 1000 classes, a twentieth of VGG-16's.

    =========  ==========  ============================================================
    part       output      what
    =========  ==========  ============================================================
    stem       192×28×28   7×7 stride 2, pooling, 1×1, 3×3, pooling
    3a, 3b     480×28×28   two Inception blocks, then pooling
    4a to 4e   832×14×14   five, then pooling
    5a, 5b     1024×7×7    two
    head       1024        the mean over 7×7, dropout of 40 %, one linear layer
    =========  ==========  ============================================================

    torchvision's net of this name differs: batchnorm throughout, 3×3 kernels where the paper has 5×5, and
    a 2×2 kernel in the last pooling.

    Args:
        batchnorm: normalize before every ReLU. Without, the stem normalizes over channels as AlexNet does.
        auxiliary: have two more heads behind 4a and 4d, used in training only.
        classes: scores for each image.
        channels: of the images.

    Returns:
        A network from images (N, channels, 224, 224) to scores (N, classes); in training with auxiliary
        heads to :class:`Scores`. Without them other sizes than 224 do as well.

    Raises:
        CourseError: a number is below 1.

    Source: Szegedy et al. 2015, Going deeper with convolutions, Table 1 and Figure 3; CS7015 lecture 11,
    slides 64 and 65.
    """
    at_least("classes", classes, 1)
    at_least("channels", channels, 1)
    model = GoogLeNet(batchnorm=batchnorm, auxiliary=auxiliary, classes=classes, channels=channels)
    he_normal(model)
    return model


def _stem(channels: int, batchnorm: bool) -> nn.Sequential:
    """Return what stands below the Inception blocks: 3×224×224 to 192×28×28."""

    def norm() -> nn.Module:
        return nn.Identity() if batchnorm else nn.LocalResponseNorm(5)

    return nn.Sequential(
        convolution(channels, 64, 7, stride=2, batchnorm=batchnorm),
        nn.MaxPool2d(3, 2, ceil_mode=True),
        norm(),
        convolution(64, 64, 1, batchnorm=batchnorm),
        convolution(64, 192, 3, batchnorm=batchnorm),
        norm(),
        nn.MaxPool2d(3, 2, ceil_mode=True),
    )


def _auxiliary(channels: int, classes: int, batchnorm: bool) -> nn.Sequential:
    """Return a classifier for maps of 14×14 in the middle of the net."""
    return nn.Sequential(
        nn.AvgPool2d(5, 3),
        convolution(channels, 128, 1, batchnorm=batchnorm),
        nn.Flatten(),
        *(nn.Linear(128 * 4 * 4, 1024), nn.ReLU(), nn.Dropout(0.7)),
        nn.Linear(1024, classes),
    )
