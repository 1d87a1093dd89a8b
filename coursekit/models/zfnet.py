"""ZFNet: AlexNet with a smaller first kernel and a smaller first stride, found by looking inside."""

from torch import nn

from coursekit.models.alexnet import dense_layers, normalization
from coursekit.models.choices import at_least, he_normal


def zfnet(*, classes: int = 1000, channels: int = 3, hidden: int = 4096) -> nn.Sequential:
    """Build a ZFNet for images of 224×224 pixels: 62357608 parameters with 1000 classes.

    ======  ==========  ===========================
    layer   output      kernel
    ======  ==========  ===========================
    conv1   96×110×110  7×7, stride 2 (AlexNet: 11×11, stride 4)
    pool1   96×55×55    3×3, stride 2
    conv2   256×26×26   5×5, stride 2
    pool2   256×13×13   3×3, stride 2
    conv3   384×13×13   3×3
    conv4   384×13×13   3×3
    conv5   256×13×13   3×3
    pool5   256×6×6     3×3, stride 2
    fc6     4096
    fc7     4096
    fc8     1000
    ======  ==========  ===========================

    The first two poolings round up, or 110 would not give 55. Slide 56 of CS7015 draws another net: its
    7×7 kernel gives 55 from 227 with no stride, and its last pooling makes 256 channels of 512.

    Args:
        classes: scores for each image.
        channels: of the images.
        hidden: units of fc6 and of fc7.

    Returns:
        A network from images (N, channels, 224, 224) to scores (N, classes).

    Raises:
        CourseError: a number is below 1.

    Source: Zeiler and Fergus 2014, Visualizing and understanding convolutional networks, Figure 3.
    """
    for name, number in {"classes": classes, "channels": channels, "hidden": hidden}.items():
        at_least(name, number, 1)
    features = nn.Sequential(
        *(nn.Conv2d(channels, 96, 7, stride=2, padding=1), nn.ReLU()),
        *(nn.MaxPool2d(3, 2, ceil_mode=True), normalization()),
        *(nn.Conv2d(96, 256, 5, stride=2), nn.ReLU()),
        *(nn.MaxPool2d(3, 2, ceil_mode=True), normalization()),
        *(nn.Conv2d(256, 384, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(384, 384, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2)),
    )
    model = nn.Sequential()
    model.add_module("features", features)
    model.add_module("classifier", dense_layers(256 * 6 * 6, classes, hidden=hidden))
    he_normal(model)
    return model
