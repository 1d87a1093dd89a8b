"""Maximum response: an image that a unit answers to as strongly as can be."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from coursekit.errors import CourseError
from coursekit.inspection.ascent import Bound, blurred, moved_gradient, noise, unit_step, within
from coursekit.inspection.channels import chosen_channels
from coursekit.inspection.layers import run
from coursekit.inspection.scores import check_scores
from coursekit.inspection.undisturbed import check_images, check_model, undisturbed
from coursekit.models.choices import at_least


class Regularization(NamedTuple):
    """What keeps an image from being noise that a net happens to answer to; nothing of it by default."""

    decay: float = 0.0  # the part of every pixel that each step takes away, below 1
    blur: float = 0.0  # sigma in pixels of a Gaussian after each step
    jitter: int = 0  # pixels, at most, by which it is moved around before each step, and back


class Ascent(NamedTuple):
    """An image and how strongly it was answered to on the way."""

    image: Float[Tensor, "1 C H W"]
    responses: tuple[float, ...]  # before each step, and at the end


def maximum_response(
    model: nn.Module,
    shape: tuple[int, int, int],
    layer: str | None,
    channel: int,
    *,
    seed: int,
    place: tuple[int, int] | None = None,
    steps: int = 100,
    rate: float = 0.1,
    regularization: Regularization | None = None,
    start: Float[Tensor, "1 C H W"] | None = None,
    low: Bound = None,
    high: Bound = None,
) -> Ascent:
    r"""Change an image step by step so that a unit answers more strongly.

    .. math:: x \leftarrow \text{blur}\Big((1 - \text{decay}) \Big(x + \text{rate} \,
        \frac{g}{\sqrt{\text{mean}(g^2)}}\Big)\Big), \qquad g = \frac{\partial a(x)}{\partial x}

    Args:
        model: any; it comes back as it was.
        shape: (C, H, W) of the image.
        layer: name of one; None for the scores. Before a ReLU there is a gradient everywhere.
        channel: of the layer, or a class.
        seed: of the noise to start from, and of the jitter.
        place: row and column of one unit; None for the mean of the channel's answers a.
        steps: of ascent.
        rate: how far a pixel moves in one, on average, in standard deviations of gray levels.
        regularization: of the image; None for none.
        start: an image to start from instead.
        low: the smallest value of a pixel, a number or one for each channel: see ``limits``.
        high: the largest.

    Raises:
        CourseError: there is no such layer, channel or place, a number is out of its range, or nothing of the
            image changes the answer at the start.

    Source: Erhan et al. 2009, Visualizing higher-layer features of a deep network; Simonyan et al. 2014,
    section 2 (decay); Yosinski et al. 2015 (blur); Mordvintsev et al. 2015 (jitter).
    """
    check_model(model)
    like = next(model.parameters(), torch.zeros(()))
    x = noise((1, *shape), seed=seed, like=like) if start is None else start
    check_images(model, x, "start")
    if tuple(x.shape) != (1, *shape):
        raise CourseError(f"start has shape {tuple(x.shape)}, expected {(1, *shape)}.")
    x = x.detach()
    kept = check_regularization(regularization)
    at_least("steps", steps, 1)
    generator = torch.Generator().manual_seed(seed)
    responses = []
    with undisturbed(model):

        def answer(image: Tensor) -> Tensor:
            return _answer(model, image, layer, channel, place)

        for step in range(steps):
            value, g = moved_gradient(answer, x, kept.jitter, generator)
            responses.append(value)
            if step == 0 and not g.any():
                raise CourseError(
                    f"Nothing changes the answer of channel {channel} of {layer or 'the scores'} at the start: its "
                    "gradient is 0. Take another seed or start, or the layer before the ReLU."
                )
            x = (1 - kept.decay) * (x + rate * unit_step(g))
            x = within(blurred(x, kept.blur), low, high)
        with torch.no_grad():
            responses.append(answer(x).item())
    return Ascent(x, tuple(responses))


def check_regularization(kept: Regularization | None) -> Regularization:
    """Return what was asked for, or nothing of it.

    Raises:
        CourseError: a number is out of its range.
    """
    kept = kept or Regularization()
    at_least("jitter", kept.jitter, 0)
    if not 0 <= kept.decay < 1:
        raise CourseError(f"decay is {kept.decay}, expected at least 0 and below 1.")
    if not kept.blur >= 0:
        raise CourseError(f"blur is {kept.blur}, expected 0 or more pixels.")
    return kept


def _answer(
    model: nn.Module,
    image: Tensor,
    layer: str | None,
    channel: int,
    place: tuple[int, int] | None,
) -> Float[Tensor, ""]:
    if layer is None:
        values = check_scores(run(model, image, []).output, len(image))
    else:
        values = run(model, image, [layer], whole=False).layers[layer]
    (channel,) = chosen_channels(channel, values, layer)
    if place is None:
        return values[:, channel].mean()
    places = tuple(values.shape[2:])
    if len(place) != len(places) or any(not 0 <= p < n for p, n in zip(place, places, strict=True)):
        raise CourseError(
            f"place is {place}, expected a row and a column: {layer or 'the output'} has shape {tuple(values.shape)}."
        )
    return values[(slice(None), channel, *place)].mean()
