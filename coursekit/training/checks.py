"""What fits together and what does not: images, their labels, a model and its scores."""

import numpy as np
from torch import Tensor, nn

from coursekit.errors import CourseError


def check_images(images: object) -> None:
    """Refuse what are no images."""
    if not isinstance(images, np.ndarray):
        raise CourseError(f"images is a {type(images).__name__}, expected a NumPy array.")
    if images.dtype != np.uint8 or images.ndim != 4:
        raise CourseError(
            f"images has shape {images.shape} and dtype {images.dtype}, expected (N, C, H, W) and "
            "uint8, gray levels from 0 to 255. Normalizing is done batch by batch."
        )
    if images.size == 0:
        raise CourseError(f"images has shape {images.shape}, expected at least one image.")


def check_labels(labels: object, count: int) -> None:
    """Refuse what are no classes of so many images."""
    if not isinstance(labels, np.ndarray):
        raise CourseError(f"labels is a {type(labels).__name__}, expected a NumPy array.")
    if labels.dtype.kind not in "iu" or labels.shape != (count,):
        raise CourseError(
            f"labels has shape {labels.shape} and dtype {labels.dtype}, expected whole numbers, one "
            f"for each of {count} images."
        )
    if labels.min() < 0:
        raise CourseError(f"labels holds {labels.min()}, expected classes counted from 0.")


def first_parameter(model: nn.Module) -> nn.Parameter:
    """Return a parameter, which says where and how precisely the model computes.

    Raises:
        CourseError: there is none.
    """
    if not isinstance(model, nn.Module):
        raise CourseError(f"model is a {type(model).__name__}, expected a torch.nn.Module.")
    for parameter in model.parameters():
        return parameter
    raise CourseError("The model has no parameters: there is nothing to train.")


def check_scores(scores: Tensor, labels: Tensor, classes: int) -> Tensor:
    """Return the scores of a batch, if there is one for every image and class.

    Raises:
        CourseError: the model returns something else.
    """
    shape = tuple(scores.shape) if isinstance(scores, Tensor) else type(scores).__name__
    if not isinstance(scores, Tensor) or scores.ndim != 2 or len(scores) != len(labels):
        raise CourseError(
            f"The model returned {shape} for {len(labels)} images, expected scores of shape "
            f"({len(labels)}, classes)."
        )
    if scores.shape[1] < classes:
        raise CourseError(
            f"The model has {scores.shape[1]} classes and the labels go up to {classes - 1}: its "
            f"last layer needs at least {classes} outputs."
        )
    return scores
