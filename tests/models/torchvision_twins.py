"""torchvision's networks beside ours, on weights that everybody can make: run it to record torchvision's scores.

    python tests/models/torchvision_twins.py          compares ours with torchvision's code, anew
    python tests/models/torchvision_twins.py --write  and records torchvision's scores

torchvision is no requirement of the course: ``pip install --no-deps torchvision`` gets the one for your torch. What was
recorded, test_torchvision.py compares with our networks on every machine, without torchvision.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from coursekit.models import Inception, googlenet, resnet, vgg

RECORDED = Path(__file__).with_name("torchvision_scores.json")
CLASSES = 10


def googlenet_as_in_torchvision() -> nn.Module:
    """Return our GoogLeNet with the five changes that torchvision made to the paper's."""
    model = googlenet(batchnorm=True, auxiliary=True, classes=CLASSES)
    for block in model.modules():
        if isinstance(block, Inception):
            five = block.five[1][0]
            block.five[1][0] = nn.Conv2d(
                five.in_channels, five.out_channels, 3, padding=1, bias=False
            )
        if isinstance(block, nn.BatchNorm2d):
            block.eps = 1e-3
    model.pool_4 = nn.MaxPool2d(2)
    model.after_4a[0] = model.after_4d[0] = nn.AdaptiveAvgPool2d(4)
    return model


# our network, torchvision's arguments, and the size of the images
CASES: dict[str, tuple[Callable[[], nn.Module], dict, int]] = {
    **{
        f"resnet{depth}": (lambda depth=depth: resnet(depth, classes=CLASSES), {}, 64)
        for depth in (18, 34, 50, 101, 152)
    },
    "vgg11": (lambda: vgg(11, classes=CLASSES), {}, 224),
    "vgg13_bn": (lambda: vgg(13, batchnorm=True, classes=CLASSES), {}, 224),
    "vgg16": (lambda: vgg(16, classes=CLASSES), {}, 224),
    "vgg19": (lambda: vgg(19, classes=CLASSES), {}, 224),
    "googlenet": (
        googlenet_as_in_torchvision,
        {"aux_logits": True, "init_weights": False},
        224,
    ),
}


def numbers(start: int, count: int) -> np.ndarray:
    """Return numbers of mean 0 and variance 1 that are the same in every version of NumPy."""
    return np.resize(np.roll(_TABLE, -start), count)


_RAW = np.random.PCG64(2015).random_raw(
    1_000_003
)  # the bits, unlike the distributions, never change
_TABLE = (((_RAW >> np.uint64(11)) * 2.0**-53 - 0.5) * 12**0.5).astype(np.float32)


@torch.no_grad()
def filled(build: Callable[[], nn.Module]) -> nn.Module:
    """Build a network whose weights and running averages are numbers that their places decide."""
    with torch.device("meta"):  # initial weights, drawn for nothing, would take most of the time
        model = build()
    model.to_empty(device="cpu")
    place = 0
    for module in model.modules():
        tensors = {
            **dict(module.named_parameters(recurse=False)),
            **dict(module.named_buffers(recurse=False)),
        }
        for name, tensor in tensors.items():
            if not tensor.is_floating_point():
                continue
            place += 1
            values = torch.from_numpy(numbers(7919 * place, tensor.numel())).reshape(tensor.shape)
            if tensor.dim() > 1:
                values *= (2 / tensor[0].numel()) ** 0.5
            elif name == "running_var":
                values = 1 + 0.2 * values  # between 0.65 and 1.35
            elif isinstance(module, nn.BatchNorm2d) and name == "weight":
                values = 0.7 + 0.1 * values
            else:
                values *= 0.1
            tensor.copy_(values)
    return model


def scores(model: nn.Module, size: int) -> list[list[float]]:
    """Return the scores of two images; of a GoogLeNet also those of its auxiliary heads, the earlier first."""
    model.eval()
    heads = any(name in ("after_4a", "aux1") for name, _ in model.named_children())
    model.training = heads  # the model alone, so that it asks its heads; its layers test on
    images = torch.from_numpy(numbers(0, 2 * 3 * size**2)).reshape(2, 3, size, size)
    with torch.no_grad():
        result = model(images)
    if heads:
        main, *others = result
        if type(result).__module__.startswith("torchvision"):
            others.reverse()  # it returns the later one first
        result = torch.cat([main, *others])
    return [[float(f"{score:.8g}") for score in image] for image in result.tolist()]


def far(ours: list[list[float]], theirs: list[list[float]]) -> float:
    """Return the largest difference, as a part of the largest score."""
    a, b = Tensor(ours).double(), Tensor(theirs).double()
    return ((a - b).abs().max() / b.abs().max()).item()


def torchvisions(name: str) -> nn.Module:
    """Return torchvision's network of this name."""
    try:
        import torchvision.models as networks
    except RuntimeError:
        # built for another torch (with CUDA or without), its compiled operations do not load: names for them do
        library = torch.library.Library("torchvision", "DEF")
        for operation in ("nms", "qnms"):
            library.define(f"{operation}(Tensor boxes, Tensor scores, float threshold) -> Tensor")
        for module in [m for m in sys.modules if m.startswith("torchvision")]:
            del sys.modules[module]
        import torchvision.models as networks

        torchvisions.kept = library
    return getattr(networks, name)(num_classes=CLASSES, **CASES[name][1])


def main() -> None:
    """Compare all networks, and record the scores where --write is given."""
    recorded, worst = {}, 0.0
    for name, (build, _, size) in CASES.items():
        ours, theirs = filled(build), filled(lambda name=name: torchvisions(name))
        shapes = [[tuple(p.shape) for p in model.parameters()] for model in (ours, theirs)]
        if shapes[0] != shapes[1]:
            sys.exit(f"{name}: the weights have other shapes than torchvision's.")
        recorded[name] = scores(theirs, size)
        difference = far(scores(ours, size), recorded[name])
        worst = max(worst, difference)
        print(f"{name:10} differs by {difference:.1e} of the largest score")
    if worst > 1e-5:
        sys.exit("Some network is not torchvision's.")
    if "--write" in sys.argv[1:]:
        import torchvision

        about = f"scores by torchvision {torchvision.__version__}: see torchvision_twins.py"
        RECORDED.write_text(
            json.dumps({"about": about, **recorded}).replace("]], ", "]],\n") + "\n"
        )


if __name__ == "__main__":
    main()
