"""What a model is worth on images that it is not trained on."""

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from coursekit.errors import CourseError
from coursekit.training.batches import Batches


@torch.no_grad()
def evaluate(model: nn.Module, batches: Batches) -> tuple[float, float]:
    """Return the mean cross-entropy in nats, and the part of the images that is right, 0 to 1.

    The model is in test mode meanwhile (dropout off, running averages in batchnorm), and as it was
    afterwards.
    """
    before = model.training
    model.eval()
    try:
        loss, right, count = 0.0, 0, 0
        for x, labels in batches:
            scores = check_scores(model(x), labels, batches.classes)
            loss += cross_entropy(scores, labels, reduction="sum").item()
            right += number_right(scores, labels)
            count += len(labels)
    finally:
        model.train(before)
    return loss / count, right / count


def number_right(scores: Tensor, labels: Tensor) -> int:
    """Return for how many images the label has the highest score; the first of equal ones counts."""
    return int((scores.argmax(1) == labels).sum())


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
