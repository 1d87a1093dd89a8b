"""Scores of images, and which of them is asked about."""

from collections.abc import Sequence
from typing import SupportsIndex

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from coursekit.errors import CourseError
from coursekit.inspection.layers import run

Target = SupportsIndex | Sequence[int] | Int64[Tensor, " N"] | None


def scores_of(model: nn.Module, images: Float[Tensor, "N C H W"]) -> Float[Tensor, "N classes"]:
    """Return the scores of images, in torch's graph.

    Raises:
        CourseError: the model does not take the images, or gives something else.
    """
    return check_scores(run(model, images, []).output, len(images))


def check_scores(scores: object, count: int) -> Float[Tensor, "N classes"]:
    """Return scores, if that is what they are.

    Raises:
        CourseError: they are something else.
    """
    if not isinstance(scores, Tensor) or scores.ndim != 2 or len(scores) != count:
        what = tuple(scores.shape) if isinstance(scores, Tensor) else f"a {type(scores).__name__}"
        raise CourseError(
            f"The model returned {what} for {count} images, expected scores of shape ({count}, classes)."
        )
    return scores


def classes_of(scores: Float[Tensor, "N classes"], target: Target) -> Int64[Tensor, " N"]:
    """Return the class that is asked about, for each image.

    Args:
        scores: of a model.
        target: one class for all images, one for each, or None for the one that the model finds.

    Raises:
        CourseError: there is no such class, or not one for each image.
    """
    count, classes = scores.shape
    if target is None:
        return scores.argmax(1)
    try:
        given = torch.as_tensor(target)
    except (TypeError, ValueError, RuntimeError):
        given = torch.tensor(torch.nan)  # no number at all
    if not _whole(given) or tuple(given.shape) not in ((), (count,)):
        what = f"of shape {tuple(given.shape)}" if given.ndim else repr(target)
        raise CourseError(
            f"target is {what}, expected a class, a tensor with one for each of {count} images, or None."
        )
    chosen = given.to(scores.device, torch.int64).expand(count)
    if chosen.min() < 0 or chosen.max() >= classes:
        raise CourseError(
            f"target holds {chosen.min()} to {chosen.max()}, expected classes from 0 to {classes - 1}."
        )
    return chosen


def chosen_scores(scores: Float[Tensor, "N classes"], target: Target) -> Float[Tensor, " N"]:
    """Return for each image the score that is asked about; see :func:`classes_of`."""
    return scores.gather(1, classes_of(scores, target)[:, None])[:, 0]


def found_classes(
    model: nn.Module, images: Float[Tensor, "N C H W"], target: Target
) -> Int64[Tensor, " N"]:
    """Return the class that is asked about, for each image, where several runs have to ask about the same."""
    with torch.no_grad():
        return classes_of(scores_of(model, images), target)


def _whole(numbers: Tensor) -> bool:
    return not (numbers.is_floating_point() or numbers.is_complex() or numbers.dtype == torch.bool)
