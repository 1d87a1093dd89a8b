"""Fooling images: noise to us, and for a net the surest of cats."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from coursekit.errors import CourseError
from coursekit.inspection.ascent import Bound, unit_step, within
from coursekit.inspection.scores import Target, classes_of, scores_of
from coursekit.inspection.undisturbed import check_images, gradient, undisturbed
from coursekit.models.choices import at_least


class Fooling(NamedTuple):
    """Images and how sure the model is of them."""

    images: Float[Tensor, "N C H W"]
    confidence: Float[Tensor, " N"]  # the probability of the class that was asked for
    steps: int  # until all were sure enough, or as many as were allowed


def fooling_images(
    model: nn.Module,
    start: Float[Tensor, "N C H W"],
    target: Target,
    *,
    confidence: float = 0.99,
    steps: int = 200,
    rate: float = 0.02,
    low: Bound = None,
    high: Bound = None,
) -> Fooling:
    r"""Change images, noise for example, until the model is sure that they show a class.

    .. math:: x \leftarrow x + \text{rate} \, \frac{g}{\sqrt{\text{mean}(g^2)}}, \qquad
        g = \frac{\partial \log p_c(x)}{\partial x}

    An image whose probability is high enough is left alone. If ``steps`` were too few, the result says so by its
    confidence.

    Args:
        model: from images to scores; it comes back as it was.
        start: images to begin with, normalized as the model was trained: see ``noise``.
        target: class c to see there, one for all or (N,).
        confidence: the probability to reach, above 0 and below 1.
        steps: at most.
        rate: how far a pixel moves in one, on average, in standard deviations of gray levels.
        low: the smallest value of a pixel, a number or one for each channel: see ``limits``.
        high: the largest.

    Raises:
        CourseError: a number is out of its range, there is no such class, or the images do not fit.

    Source: Nguyen, Yosinski and Clune 2015, Deep neural networks are easily fooled, section 3.3.
    """
    check_images(model, start, "start")
    at_least("steps", steps, 1)
    if not 0 < confidence < 1:
        raise CourseError(f"confidence is {confidence}, expected above 0 and below 1.")
    if target is None:
        raise CourseError("target is None, expected the class to see, or one for each image.")
    x = within(start.detach().clone(), low, high)
    with undisturbed(model):
        for step in range(steps + 1):
            x = x.detach().requires_grad_()
            scores = scores_of(model, x).double()
            classes = classes_of(scores, target)
            log_p = scores.log_softmax(1).gather(1, classes[:, None])[:, 0]
            short = log_p.detach().exp() < confidence
            if step == steps or not short.any():
                break
            g = gradient(log_p.sum(), x)
            x = torch.where(
                short[:, None, None, None], within(x + rate * unit_step(g), low, high), x
            )
    return Fooling(x.detach(), log_p.detach().exp().to(start.dtype), step)
