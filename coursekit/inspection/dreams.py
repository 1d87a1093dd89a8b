"""Dreams: an image in which a layer sees more and more of what it saw a little of."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import interpolate

from coursekit.errors import CourseError
from coursekit.inspection.ascent import Bound, moved_gradient, unit_step, within
from coursekit.inspection.channels import chosen_channels
from coursekit.inspection.layers import run
from coursekit.inspection.undisturbed import check_images, undisturbed
from coursekit.models.choices import at_least


def dream(
    model: nn.Module,
    image: Float[Tensor, "1 C H W"],
    layer: str,
    channels: Sequence[int] | None = None,
    *,
    seed: int,
    scales: int = 3,
    ratio: float = 1.4,
    steps: int = 10,
    rate: float = 0.05,
    jitter: int = 2,
    low: Bound = None,
    high: Bound = None,
) -> Float[Tensor, "1 C H W"]:
    r"""Return an image in which a layer's answers have grown, at several scales.

    .. math:: x \leftarrow x + \text{rate} \, \frac{g}{\sqrt{\text{mean}(g^2)}}, \qquad
        g = \frac{\partial}{\partial x} \, \tfrac12 \, \text{mean}(A(x)^2)

    It begins with a small version of the image. What the ascent adds there is enlarged and goes on from
    in the next one, so that there are large shapes as well as small ones.

    Args:
        model: any; it comes back as it was. What comes behind the layer does not run, so that images of any size
            will do for a convolution.
        image: normalized as the model was trained.
        layer: name of one, its answers are A.
        channels: of the layer; None for all.
        seed: of the jitter.
        scales: versions of the image, the last one of its own size.
        ratio: of the sizes of one version and the next, above 1.
        steps: of ascent at each scale.
        rate: how far a pixel moves in one, on average, in standard deviations of gray levels.
        jitter: pixels, at most, by which the image is moved before each step, and back.
        low: the smallest value of a pixel, a number or one for each channel: see ``limits``.
        high: the largest.

    Raises:
        CourseError: there is no such layer or channel, a number is out of its range, or the layer answers with 0
            everywhere.

    Source: Mordvintsev, Olah and Tyka 2015, Inceptionism; Louppe lecture 5, "Deep dream".
    """
    check_images(model, image, "image")
    at_least("steps", steps, 1)
    at_least("jitter", jitter, 0)
    if not ratio > 1:
        raise CourseError(f"ratio is {ratio}, expected more than 1.")
    sizes = _sizes((image.shape[2], image.shape[3]), at_least("scales", scales, 1), ratio)
    generator = torch.Generator().manual_seed(seed)
    image = image.detach()
    added, moved = torch.zeros_like(image), False
    with undisturbed(model):

        def answer(x: Tensor) -> Tensor:
            return _strength(model, x, layer, channels)

        for size in sizes:
            base, added = _resized(image, size), _resized(added, size)
            x = base + added
            for _ in range(steps):
                _, g = moved_gradient(answer, x, jitter, generator)
                moved = moved or bool(g.any())
                x = within(x + rate * unit_step(g), low, high)
            added = x - base
    if not moved:
        raise CourseError(
            f"Layer {layer!r} answers with 0 everywhere, and nothing makes it answer more: take another image, "
            "other channels, or the layer before the ReLU."
        )
    return x


def _sizes(size: tuple[int, int], scales: int, ratio: float) -> list[tuple[int, int]]:
    H, W = size
    sizes = [(round(H / ratio**k), round(W / ratio**k)) for k in reversed(range(scales))]
    if min(sizes[0]) < 1:
        raise CourseError(
            f"{scales} scales with a ratio of {ratio} begin with {sizes[0][0]}×{sizes[0][1]} pixels: take fewer, "
            "or a smaller ratio."
        )
    return sizes


def _resized(x: Float[Tensor, "N C H W"], size: tuple[int, int]) -> Float[Tensor, "N C h w"]:
    if tuple(x.shape[2:]) == size:
        return x
    return interpolate(x, size=size, mode="bilinear", align_corners=False, antialias=True)


def _strength(
    model: nn.Module, x: Tensor, layer: str, channels: Sequence[int] | None
) -> Float[Tensor, ""]:
    A = run(model, x, [layer], whole=False).layers[layer]
    return A[:, chosen_channels(channels, A, layer)].square().mean() / 2
