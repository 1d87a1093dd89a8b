"""Integrated gradients: shares of a score that add up."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from coursekit.errors import CourseError
from coursekit.inspection.saliency import saliency
from coursekit.inspection.scores import Target, chosen_scores, found_classes, scores_of
from coursekit.inspection.undisturbed import check_images, undisturbed
from coursekit.models.choices import at_least


class Contributions(NamedTuple):
    """What every pixel contributes to a score."""

    values: Float[Tensor, "N C H W"]
    difference: Float[Tensor, " N"]  # of the score at the image and at the baseline

    @property
    def gap(self) -> Float[Tensor, " N"]:
        """What the contributions lack of the difference: 0, but for the steps of the sum."""
        return self.difference - self.values.sum((1, 2, 3))


def integrated_gradients(
    model: nn.Module,
    images: Float[Tensor, "N C H W"],
    target: Target = None,
    *,
    baseline: Float[Tensor, "N C H W"] | None = None,
    steps: int = 50,
) -> Contributions:
    r"""Return the contribution of every pixel on the straight way from a baseline b to the image x.

    .. math:: (x_i - b_i) \int_0^1 \frac{\partial s_c}{\partial x_i}(b + t (x - b)) \, dt
        \approx \frac{x_i - b_i}{n} \sum_{k=1}^n \frac{\partial s_c}{\partial x_i}
        \big(b + \tfrac{k - 1/2}{n} (x - b)\big)

    All of them add up to s(x) − s(b) (completeness): exactly where the score is linear or quadratic along
    the way, else the better the more steps; look at ``gap``. What they say depends on the baseline.

    Args:
        model: from images to scores; it comes back as it was.
        images: x, normalized as the model was trained.
        target: class c, one for all or (N,); None for the one with the highest score at the image.
        baseline: b, of the shape of the images, or one for all; None for zeros, the mean gray level.
        steps: n.

    Raises:
        CourseError: the baseline has another shape, steps is below 1, or the images do not fit the model.

    Source: Sundararajan, Taly and Yan 2017, Axiomatic attribution for deep networks, section 3.
    """
    check_images(model, images)
    at_least("steps", steps, 1)
    images = images.detach()
    start = torch.zeros_like(images) if baseline is None else baseline
    check_images(model, start, "baseline")
    if start.shape[1:] != images.shape[1:] or len(start) not in (1, len(images)):
        raise CourseError(
            f"baseline has shape {tuple(start.shape)}, expected that of the images, {tuple(images.shape)}, or "
            "one image."
        )
    start = start.detach()
    way = images - start
    total = torch.zeros_like(images)
    with undisturbed(model):
        classes = found_classes(model, images, target)
        with torch.no_grad():
            there = chosen_scores(scores_of(model, images), classes)
            difference = there - chosen_scores(scores_of(model, start.expand_as(images)), classes)
    for k in range(steps):
        total += saliency(model, start + (k + 0.5) / steps * way, classes)
    return Contributions(way * total / steps, difference)
