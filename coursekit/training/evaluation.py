"""What a model is worth on images that it is not trained on."""

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from coursekit.data import Images
from coursekit.training.batches import Batches, channel_statistics
from coursekit.training.checks import check_scores, first_parameter
from coursekit.training.recipe import Recipe
from coursekit.training.speed import Speed

TEST_BATCH = 1000  # no gradients are kept, so larger batches fit than in training


@torch.no_grad()
def evaluate(model: nn.Module, batches: Batches, *, flips: bool = False) -> tuple[float, float]:
    """Return the mean cross-entropy in nats, and the part of the images that is right, 0 to 1.

    The model is in test mode meanwhile (dropout off, running averages in batchnorm), and as it was
    afterwards.

    Args:
        model: from images to scores.
        batches: of images to test with.
        flips: take the mean of the scores of every image and its mirror image.
    """
    before = model.training
    model.eval()
    try:
        loss, right, count = 0.0, 0, 0
        for x, labels in batches:
            scores = check_scores(model(x), labels, batches.classes)
            if flips:
                scores = (scores + model(x.flip(-1))) / 2
            loss += cross_entropy(scores, labels, reduction="sum").item()
            right += int(number_right(scores, labels))
            count += len(labels)
    finally:
        model.train(before)
    return loss / count, right / count


def examine(
    model: nn.Module, data: Images, recipe: Recipe, *, flips: bool | None = None
) -> tuple[float, float]:
    """Return mean cross-entropy in nats and the part right of the test images, as training tests.

    Args:
        model: trained with that recipe.
        data: images and labels.
        recipe: how it was trained.
        flips: whether to take the mean of the scores of every image and its mirror image; None: as the
            recipe says.
    """
    speed = Speed(recipe, first_parameter(model))
    mean, std = channel_statistics(data.x)
    form = speed.form()
    batches = Batches(data.x_test, data.labels_test, TEST_BATCH, mean=mean, std=std, **form)
    with speed.autocast():
        return evaluate(model, batches, flips=recipe.test_flips if flips is None else flips)


def number_right(scores: Tensor, labels: Tensor) -> Tensor:
    """Return for how many images the label has the highest score; the first of equal ones counts."""
    return (scores.argmax(1) == labels).sum()
