"""Adversarial images: a change too small to see that makes a net see something else."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from coursekit.errors import CourseError
from coursekit.inspection.ascent import Bound, as_bound, within
from coursekit.inspection.scores import Target, found_classes, scores_of
from coursekit.inspection.undisturbed import check_images, gradient, undisturbed
from coursekit.models.choices import at_least

Size = float | Float[Tensor, " C"]


def fast_gradient_sign(
    model: nn.Module,
    images: Float[Tensor, "N C H W"],
    labels: Target,
    epsilon: Size,
    *,
    targeted: bool = False,
    low: Bound = None,
    high: Bound = None,
) -> Float[Tensor, "N C H W"]:
    r"""Return images of which every pixel was moved by epsilon, to where the loss grows.

    .. math:: x + \epsilon \, \text{sign}\Big(\frac{\partial}{\partial x} L(s(x), y)\Big)

    with the cross-entropy L; with ``targeted``, to where it falls.

    Args:
        model: from images to scores; it comes back as it was.
        images: x, normalized as the model was trained.
        labels: y, the right classes, or those that the model is to see; None for those that it sees now.
        epsilon: in standard deviations of gray levels: a number, or one for each channel: ``8 / std`` is eight
            gray levels.
        targeted: move towards the labels, not away from them.
        low: the smallest value of a pixel, a number or one for each channel: see ``limits``.
        high: the largest.

    Raises:
        CourseError: epsilon is below 0, or images and labels do not fit the model.

    Source: Goodfellow, Shlens and Szegedy 2015, Explaining and harnessing adversarial examples, section 4.
    """
    return projected_gradient(
        model,
        images,
        labels,
        epsilon,
        steps=1,
        rate=1.0,
        targeted=targeted,
        low=low,
        high=high,
        seed=None,
    )


def projected_gradient(
    model: nn.Module,
    images: Float[Tensor, "N C H W"],
    labels: Target,
    epsilon: Size,
    *,
    seed: int | None,
    steps: int = 10,
    rate: float | None = None,
    targeted: bool = False,
    low: Bound = None,
    high: Bound = None,
) -> Float[Tensor, "N C H W"]:
    r"""Return images of which no pixel is further than epsilon from where it was, found in several steps.

    .. math:: x \leftarrow \text{clip}\Big(x + \eta \, \epsilon \, \text{sign}\Big(\frac{\partial}{\partial x}
        L(s(x), y)\Big), \; x_0 - \epsilon, \; x_0 + \epsilon\Big)

    Args:
        model: from images to scores; it comes back as it was.
        images: x₀, normalized as the model was trained.
        labels: y, the right classes, or those that the model is to see; None for those that it sees now.
        epsilon: in standard deviations of gray levels, a number or one for each channel.
        seed: of a random place within epsilon to start at; None starts at the image.
        steps: of ascent.
        rate: η, the length of a step as a part of epsilon; None for 2.5 / steps.
        targeted: move towards the labels, not away from them.
        low: the smallest value of a pixel, a number or one for each channel: see ``limits``.
        high: the largest.

    Raises:
        CourseError: a number is out of its range, or images and labels do not fit the model.

    Source: Madry et al. 2018, Towards deep learning models resistant to adversarial attacks, section 2.1.
    """
    check_images(model, images)
    at_least("steps", steps, 1)
    eta = 2.5 / steps if rate is None else rate
    far = as_bound("epsilon", epsilon, images)
    if far is None or (far < 0).any() or not eta > 0:
        raise CourseError(f"epsilon is {epsilon} and rate {eta}, expected at least 0 and above 0.")
    first = images.detach().clone()
    x = first
    if seed is not None:
        generator = torch.Generator().manual_seed(seed)
        drawn = torch.rand(first.shape, generator=generator, dtype=first.dtype).to(first.device)
        x = within(first + far * (2 * drawn - 1), low, high)
    with undisturbed(model):
        y = found_classes(model, first, labels)
        for _ in range(steps):
            x = x.detach().requires_grad_()
            # in double precision: of a score that is sure, float32 has no gradient left
            loss = cross_entropy(scores_of(model, x).double(), y, reduction="sum")
            up = gradient(loss, x).sign()
            x = x.detach() + eta * far * (-up if targeted else up)
            x = within(torch.clamp(x, first - far, first + far), low, high)
    return x
