"""AlexNet: five convolutions and three linear layers, on two graphics cards or as lectures draw it."""

from typing import Literal

from torch import nn

from coursekit.models.choices import at_least, he_normal, one_of

Variant = Literal["published", "slide 53"]


def alexnet(
    *,
    variant: Variant = "published",
    classes: int = 1000,
    channels: int = 3,
    hidden: int = 4096,
) -> nn.Sequential:
    r"""Build an AlexNet for images of 227×227 pixels.

    ===========  ========  ===========  =========  ===========
    layer        published              slide 53
    ===========  =====================  ======================
    input        3×227×227              3×227×227
    conv1        96×55×55  34944        96×55×55   34944
    pool1        96×27×27               96×27×27
    conv2        256×27×27 307456       256×23×23  614656
    pool2        256×13×13              256×11×11
    conv3        384×13×13 885120       384×9×9    885120
    conv4        384×13×13 663936       384×7×7    1327488
    conv5        256×13×13 442624       256×5×5    884992
    pool5        256×6×6                256×2×2
    fc6          4096      37752832     4096       4198400
    fc7          4096      16781312     4096       16781312
    fc8          1000      4097000      1000       4097000
    together               60965224                28823912
    ===========  ========  ===========  =========  ===========

    As published, the convolutions 2, 4 and 5 have two groups, each of which sees the half of the
    channels that lies on its own graphics card; convolutions 2 to 5 are padded, and the responses of
    the first two are normalized. The slide's drawing has no groups and no padding. The paper says
    224×224; only 227 gives its 55. The weights start as in :func:`coursekit.models.choices.he_normal`, the
    paper's from N(0, 0.01²).

    Args:
        variant: "published" or "slide 53".
        classes: scores for each image.
        channels: of the images.
        hidden: units of fc6 and of fc7.

    Returns:
        A network from images (N, channels, 227, 227) to scores (N, classes).

    Raises:
        CourseError: a number is below 1, or there is no such variant.

    Source: Krizhevsky et al. 2012, ImageNet classification with deep convolutional neural networks,
    section 3.5 and Figure 2; CS7015 lecture 11, slides 53 and 54.
    """
    one_of("variant", variant, ("published", "slide 53"))
    for name, number in {"classes": classes, "channels": channels, "hidden": hidden}.items():
        at_least(name, number, 1)
    features = _as_published(channels) if variant == "published" else _as_drawn(channels)
    model = nn.Sequential()
    model.add_module("features", features)
    pixels = 6 * 6 if variant == "published" else 2 * 2
    model.add_module("classifier", dense_layers(256 * pixels, classes, hidden=hidden))
    he_normal(model)
    return model


def dense_layers(inputs: int, classes: int, *, hidden: int = 4096) -> nn.Sequential:
    """Return the three linear layers of AlexNet, which ZFNet and VGG took over."""
    return nn.Sequential(
        nn.Flatten(),
        *(nn.Linear(inputs, hidden), nn.ReLU(), nn.Dropout()),
        *(nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout()),
        nn.Linear(hidden, classes),
    )


def _as_published(channels: int) -> nn.Sequential:
    return nn.Sequential(
        *(nn.Conv2d(channels, 96, 11, stride=4), nn.ReLU(), normalization(), nn.MaxPool2d(3, 2)),
        *(nn.Conv2d(96, 256, 5, padding=2, groups=2), nn.ReLU(), normalization()),
        nn.MaxPool2d(3, 2),
        *(nn.Conv2d(256, 384, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(384, 384, 3, padding=1, groups=2), nn.ReLU()),
        *(nn.Conv2d(384, 256, 3, padding=1, groups=2), nn.ReLU(), nn.MaxPool2d(3, 2)),
    )


def _as_drawn(channels: int) -> nn.Sequential:
    return nn.Sequential(
        *(nn.Conv2d(channels, 96, 11, stride=4), nn.ReLU(), nn.MaxPool2d(3, 2)),
        *(nn.Conv2d(96, 256, 5), nn.ReLU(), nn.MaxPool2d(3, 2)),
        *(nn.Conv2d(256, 384, 3), nn.ReLU()),
        *(nn.Conv2d(384, 384, 3), nn.ReLU()),
        *(nn.Conv2d(384, 256, 3), nn.ReLU(), nn.MaxPool2d(3, 2)),
    )


def normalization() -> nn.Module:
    r"""Return AlexNet's normalization over channels, which ZFNet took over too.

    .. math:: b = a \Big/ \Big(2 + 10^{-4} \sum_{5\ channels} a^2\Big)^{0.75}

    torch takes the mean of the squares, not their sum: hence its factor of 5 times as much.
    """
    return nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0)
