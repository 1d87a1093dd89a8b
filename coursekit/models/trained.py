"""A network that is trained already, for those who want to look inside one: it ships with the package."""

import hashlib
import io
import json
import zipfile
import zlib
from collections import OrderedDict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from coursekit.errors import CourseError
from coursekit.models.choices import he_normal

WEIGHTS = Path(__file__).with_name("fashion_net.npz")
RECORD = Path(__file__).with_name("fashion_net.json")
COMMAND = "python -m coursekit.training.make_fashion_net"

LAYERS = ((16, 7), (32, 3), (48, 3), (64, 3), (64, 3))  # kernels and their size
_POOLED = (1, 3)


class TrainedNet(NamedTuple):
    """A trained network and what goes with it.

    Args:
        model: from normalized images (N, 1, H, W) to scores (N, 10), in testing mode.
        mean: of the images that it was trained on, in gray levels, one number for each channel.
        std: their standard deviation.
        record: how it was made and how good it is: see ``fashion_net.json`` beside this module.
    """

    model: nn.Sequential
    mean: torch.Tensor
    std: torch.Tensor
    record: dict[str, Any]

    def normalized(self, images: np.ndarray) -> torch.Tensor:
        """Return gray levels, 0 to 255, as the network wants them: (images − mean) / std."""
        x = torch.tensor(images, dtype=torch.float64)
        return ((x - self.mean.reshape(-1, 1, 1)) / self.std.reshape(-1, 1, 1)).float()

    def brightness(self, x: torch.Tensor) -> np.ndarray:
        """Return normalized images as brightness, black at 0 and white at 1, to be shown."""
        levels = x.detach().cpu() * self.std.reshape(-1, 1, 1) + self.mean.reshape(-1, 1, 1)
        brightness: np.ndarray = (levels / 255).numpy()
        return brightness


def fashion_net(*, classes: int = 10, channels: int = 1) -> nn.Sequential:
    """Build a small VGG-like network: 84826 parameters for gray images and ten classes.

    Five convolutions with batch normalization and ReLU, ``conv1`` to ``relu5``; a max pooling behind the first and the
    third, ``pool1`` and ``pool3``; the mean of every map, ``average``, and one linear layer, ``scores``. The kernels
    of ``conv1`` are 7×7, large enough to look at. What comes before ``average`` takes images of any size.

    Args:
        classes: scores for each image.
        channels: of the images.
    """
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    C = channels
    for n, (K, F) in enumerate(LAYERS, 1):
        layers[f"conv{n}"] = nn.Conv2d(C, K, F, padding=F // 2, bias=False)
        layers[f"norm{n}"] = nn.BatchNorm2d(K)
        layers[f"relu{n}"] = nn.ReLU()
        if n in _POOLED:
            layers[f"pool{n}"] = nn.MaxPool2d(2)
        C = K
    layers["average"] = nn.AdaptiveAvgPool2d(1)
    layers["flatten"] = nn.Flatten()
    layers["scores"] = nn.Linear(C, classes)
    model = nn.Sequential(layers)
    he_normal(model)
    return model


def trained_fashion_net(weights: Path = WEIGHTS, record: Path = RECORD) -> TrainedNet:
    """Return the trained network that the package ships.

    Args:
        weights: the file with the parameters.
        record: the file with its checksum.

    Raises:
        CourseError: a file is missing, or is not the one that was recorded.
    """
    try:
        told = json.loads(record.read_text(encoding="utf-8"))
        content = weights.read_bytes()
        found = hashlib.sha256(content).hexdigest()
        if found != told["sha256"]:
            raise CourseError(
                f"{weights} has the sha256 {found[:12]}..., recorded is {told['sha256'][:12]}...: it is damaged or "
                f"another file. {_HELP}"
            )
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            arrays = {name: torch.from_numpy(stored[name]) for name in stored.files}
        mean, std = arrays.pop("mean"), arrays.pop("std")
        model = fashion_net()
        model.load_state_dict(arrays)
    except CourseError:
        raise
    except (
        OSError,
        KeyError,
        ValueError,
        RuntimeError,
        EOFError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise CourseError(
            f"{weights.name} and {record.name} in {weights.parent} do not give a network: {error}. {_HELP}"
        ) from error
    return TrainedNet(model.eval(), mean, std, told)


_HELP = (
    f"`git checkout {WEIGHTS.name} {RECORD.name}` in its folder brings both back, and so does installing the course "
    f"again; `{COMMAND}` makes them anew in a few minutes."
)
