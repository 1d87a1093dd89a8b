"""SmoothGrad: the mean of the maps of an image with a little noise, many times."""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from coursekit.errors import CourseError
from coursekit.inspection.saliency import saliency
from coursekit.inspection.scores import Target, found_classes
from coursekit.inspection.undisturbed import check_images, undisturbed
from coursekit.models.choices import at_least

Method = Callable[[nn.Module, Tensor, Int64[Tensor, " N"]], Tensor]


def smoothgrad(
    model: nn.Module,
    images: Float[Tensor, "N C H W"],
    target: Target = None,
    *,
    seed: int,
    count: int = 25,
    noise: float = 0.15,
    method: Method = saliency,
) -> Float[Tensor, "N C H W"]:
    r"""Return the mean of the maps of noisy copies of an image.

    .. math:: \frac1n \sum_{i=1}^n M_c(x + \varepsilon_i), \qquad
        \varepsilon_i \sim \mathcal{N}(0, \sigma^2), \quad \sigma = \text{noise} \cdot (\max x - \min x)

    Args:
        model: from images to scores; it comes back as it was.
        images: normalized as the model was trained.
        target: class c, one for all or (N,); None for the one with the highest score without noise.
        seed: of the noise.
        count: n, noisy copies of each image.
        noise: σ as a part of the range of each image, at least 0.
        method: M, makes maps from (model, images, classes).

    Raises:
        CourseError: a number is out of its range, or the images do not fit the model.

    Source: Smilkov et al. 2017, SmoothGrad: removing noise by adding noise.
    """
    check_images(model, images)
    at_least("count", count, 1)
    if not noise >= 0:
        raise CourseError(f"noise is {noise}, expected 0 or more: a part of the image's range.")
    generator = torch.Generator().manual_seed(seed)
    with undisturbed(model):
        classes = found_classes(model, images, target)
    sigma = noise * (images.amax((1, 2, 3), True) - images.amin((1, 2, 3), True))
    total = torch.zeros_like(images)
    for _ in range(count):
        drawn = torch.randn(images.shape, generator=generator, dtype=images.dtype)
        total += method(model, images + sigma * drawn.to(images.device), classes)
    return total / count
