"""Louppe, "Architectures": residual networks, and depth, width and resolution."""

from functools import cache

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.lectures.k_residual import DEEP, small_net_errors
from coursekit.lectures.nets import layers, net

PLACE = "Architectures: ResNet"


def _projections() -> Finding:
    """See where the shortcuts of a ResNet have a convolution of 1×1."""
    from torch import nn

    from coursekit.models import Residual

    blocks = [m for m in net("ResNet-152").modules() if isinstance(m, Residual)]
    ways = [m.shortcut for m in blocks]
    regular = sum(isinstance(one, nn.Identity) for one in ways)
    sizes = {
        layer.kernel_size
        for one in ways
        if one is not None
        for layer in one.modules()
        if isinstance(layer, nn.Conv2d)
    }
    return Finding(
        sizes == {(1, 1)} and regular > len(ways) / 2,
        f"{regular} of {len(ways)} blocks are regular, {len(ways) - regular} have a convolution of {sorted(sizes)}",
    )


def _sum_of_both() -> Sides:
    """Compare the output of a block with x + f(x), where f is its layers and ReLU comes last in f."""
    import torch

    from coursekit.models import Residual
    from coursekit.models.residual import basic_layers

    generator = torch.Generator().manual_seed(16)
    block = Residual(basic_layers(3, 3, 1), torch.nn.Identity()).eval()
    x = torch.randn(2, 3, 5, 5, generator=generator)
    entered: list[torch.Tensor] = []
    block.relu.register_forward_hook(lambda _module, given, _out: entered.append(given[0]))
    with torch.no_grad():
        for weights in block.parameters():
            weights.copy_(torch.randn(weights.shape, generator=generator))
        block(x)
        printed = x + block.layers(x)
    return Sides(printed.numpy(), entered[-1].numpy(), "a random block and input")


def _gradient_of_the_sum() -> Sides:
    """Compare the gradient in front of h = x + f(x) with the one behind it plus what came back through f."""
    rng = np.random.default_rng(17)
    x, w1, w2, dh = (rng.normal(size=shape) for shape in ((4,), (6, 4), (4, 6), (4,)))

    def h(x: np.ndarray) -> np.ndarray:
        return x + w2 @ np.tanh(w1 @ x)

    through = w1.T @ ((1 - np.tanh(w1 @ x) ** 2) * (w2.T @ dh))
    step = 1e-6
    nudged = [dh @ (h(x + step * e) - h(x - step * e)) / (2 * step) for e in np.eye(4)]
    return Sides(np.round(dh + through, 6), np.round(nudged, 6), "a random block of two layers")


@cache
def growth(*, plain: bool, normalized: bool) -> float:
    """Return how much longer the gradient is at the first block of 44 untrained layers than at the last."""
    import torch
    from torch import Tensor, nn

    from coursekit.models import Residual, cifar_resnet

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(18)
        model, x = cifar_resnet(44, plain=plain), torch.randn(8, 3, 8, 8)
    outputs: list[Tensor] = []

    def keep(_module: nn.Module, _given: tuple[Tensor, ...], out: Tensor) -> None:
        out.retain_grad()
        outputs.append(out)

    for name, layer in list(model.named_modules()):
        if isinstance(layer, Residual):
            layer.register_forward_hook(keep)
        elif isinstance(layer, nn.BatchNorm2d) and not normalized:
            model.set_submodule(name, nn.Identity())
    nn.functional.cross_entropy(model(x), torch.arange(8)).backward()
    first, last = (one.grad for one in (outputs[0], outputs[-1]))
    assert first is not None
    assert last is not None
    return float(first.norm() / last.norm())


def _passes() -> Finding:
    found = [growth(plain=False, normalized=normalized) for normalized in (True, False)]
    return Finding(
        min(found) > 0.1,
        f"from the last to the first of 44 layers a gradient grows {found[0]:.0f} times, "
        f"without batchnorm {found[1]:.0f} times",
    )


def _would_vanish(*, normalized: bool) -> Finding:
    """See whether the gradient vanishes in a net without skip connections and does not in one with them."""
    plain, residual = (growth(plain=kind, normalized=normalized) for kind in (True, False))
    which = "with" if normalized else "without"
    return Finding(
        plain < 0.01 and residual > 0.1,
        f"{which} batchnorm, 44 layers multiply a gradient by {plain:.1g} where they are plain, "
        f"by {residual:.1g} with skip connections",
    )


def _trains() -> Finding:
    plain, residual = (small_net_errors(DEEP, residual=one)[0] for one in (False, True))
    return Finding(
        residual < plain / 2,
        f"training errors of small nets with {DEEP} layers: {plain:.0%} plain, {residual:.0%} residual",
    )


def _sees(depth: int, pixels: int) -> float:
    """Return how much of an image's side a unit of the last convolution sees, at most all of it."""
    import torch

    from coursekit.models import cifar_resnet, summary

    with torch.device("meta"):
        rows = list(summary(cifar_resnet(depth), (3, pixels, pixels)))
    field = [row.receptive_field for row in rows if row.kind == "Conv2d"][-1]
    assert field is not None
    return min(1.0, field[0] / pixels)


def _larger_images() -> Finding:
    small, large, deeper = _sees(8, 32), _sees(8, 64), _sees(20, 64)
    return Finding(
        large < small <= deeper,
        f"with 8 layers a unit sees {small:.0%} of 32 pixels and {large:.0%} of 64; with 20 layers {deeper:.0%}",
    )


CLAIMS = (
    Claim(
        "L-resnet-depth",
        "layers of the deepest ResNet",
        "count",
        printed="152",
        compute=lambda: layers("ResNet-152"),
        place=PLACE,
        chapter=12,
        cell="the-family",
    ),
    Claim(
        "L-resnet-projection",
        "besides the regular block there is one with a convolution of 1×1",
        "comparison",
        compute=_projections,
        place=PLACE,
        chapter=12,
        cell="the-family",
        remark="Where a stage changes the shape",
    ),
    Claim(
        "L-resnet-sum",
        "a residual block computes h = x + f(x)",
        "formula",
        compute=_sum_of_both,
        place=PLACE,
        chapter=12,
        cell="block-by-hand",
        remark="In front of the last ReLU",
    ),
    Claim(
        "L-resnet-deep",
        "skip connections make it possible to train networks of this depth",
        "comparison",
        compute=_trains,
        place=PLACE,
        chapter=12,
        cell="both-recorded",
        remark="The chapter measures it for convolutional nets with batchnorm, on five seeds",
    ),
    Claim(
        "L-resnet-shortcut",
        "gradients can take a shortcut around the layers",
        "formula",
        compute=_gradient_of_the_sum,
        place=PLACE,
        chapter=12,
        cell="gradient-at-the-plus",
        remark="What arrives is the gradient behind the sum, whole, plus what came back through the layers",
    ),
    Claim(
        "L-resnet-passes",
        "with skip connections gradients pass through without vanishing",
        "comparison",
        compute=_passes,
        place=PLACE,
        chapter=12,
        cell="what-arrives-measured",
    ),
    Claim(
        "L-resnet-reason",
        "that they do not vanish is what skip connections do: without them they would",
        "comparison",
        compute=lambda: _would_vanish(normalized=True),
        conventions={"for networks without batchnorm": lambda: _would_vanish(normalized=False)},
        place=PLACE,
        chapter=12,
        cell="what-arrives-measured",
        remark="With batchnorm, as in every ResNet, the gradient of the plain net explodes",
    ),
    Claim(
        "L-scaling-dependent",
        "depth, width and resolution depend on each other and should grow together",
        "comparison",
        unchecked="the experiment is Tan and Le's, on ImageNet; chapter 12 measures its own on eight small nets",
        place="Architectures: width and resolution, notes",
        chapter=12,
        cell="grid-of-sizes",
    ),
    Claim(
        "L-scaling-depth",
        "larger images want more depth, so that receptive fields include more pixels",
        "comparison",
        compute=_larger_images,
        place="Architectures: width and resolution, notes",
        chapter=12,
        cell="grid-of-sizes",
    ),
    Claim(
        "L-scaling-width",
        "larger images want more width, for patterns that are finer",
        "comparison",
        unchecked="the experiment is Tan and Le's, on ImageNet; chapter 12 measures its own on eight small nets",
        place="Architectures: width and resolution, notes",
        chapter=12,
        cell="grid-of-sizes",
    ),
)
