"""The loop: forward, loss, backward, step, for every batch of every epoch."""

import math
import time
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from coursekit.data import Images
from coursekit.errors import CourseError
from coursekit.reference.schedules import Schedule
from coursekit.training.batches import Batches, channel_statistics
from coursekit.training.checkpoint import Checkpoint, fingerprint, run_folder
from coursekit.training.evaluation import check_scores, evaluate, number_right
from coursekit.training.history import Epoch, History
from coursekit.training.nonfinite import stop
from coursekit.training.optimizers import make_optimizer, set_rate
from coursekit.training.progress import Progress
from coursekit.training.recipe import Recipe

_TEST_BATCH = 1000  # no gradients are kept, so larger batches fit


def train(
    model: nn.Module,
    data: Images,
    recipe: Recipe,
    *,
    folder: Path | str | None = None,
    show: bool = True,
) -> History:
    """Train a model in place, and return what happened.

    It is trained where its parameters are and in their dtype: ``model.to("cuda")`` before moves all
    of it to a GPU. Images are normalized by mean and standard deviation of each channel over the
    training images. torch's own random numbers are the caller's again afterwards.

    Args:
        model: from images (N, C, H, W) to scores (N, classes).
        data: images and labels to train on and to test with after every epoch.
        recipe: how.
        folder: where a checkpoint and a log are kept. If it holds a checkpoint of this run, the run
            goes on from there, and ends with the weights that it would have had without a stop.
            None keeps nothing.
        show: whether to say how far it is.

    Returns:
        Losses and rates of all steps, losses and accuracies of all epochs.

    Raises:
        CourseError: model, data and recipe do not fit, or the folder is of another run.
        NonFiniteLossError: the loss became NaN or infinite.
    """
    one = _first_parameter(model)
    mean, std = channel_statistics(data.x)
    form: dict[str, Any] = {"mean": mean, "std": std, "device": one.device, "dtype": one.dtype}
    order = torch.Generator().manual_seed(recipe.seed)
    batches = Batches(data.x, data.labels, recipe.batch_size, generator=order, **form)
    test = Batches(data.x_test, data.labels_test, _TEST_BATCH, **form)
    optimizer = make_optimizer(recipe, model.parameters())
    rate = recipe.rate(len(batches))
    history = History(recipe)
    was_training = model.training
    with run_folder(folder) as place, torch.random.fork_rng(_gpus(one)):
        torch.manual_seed(recipe.seed)
        checkpoint = None
        if place is not None:
            checkpoint = Checkpoint(place, fingerprint(data), model, optimizer, order)
            history = checkpoint.resume(history)
        steps = len(batches) * recipe.epochs
        progress = Progress(len(history.losses), steps, recipe.epochs, show)
        try:
            for _ in range(len(history.epochs), recipe.epochs):
                start = time.perf_counter()
                loss, accuracy = _train_epoch(model, batches, optimizer, rate, history, progress)
                seconds = time.perf_counter() - start
                tested = evaluate(model, test)
                done = Epoch(len(history.epochs) + 1, loss, accuracy, *tested, seconds)
                history.epochs.append(done)
                progress.epoch(done)
                if checkpoint is not None:
                    checkpoint.save(history)
        finally:
            progress.close()
            model.train(was_training)
    return history


def _train_epoch(
    model: nn.Module,
    batches: Batches,
    optimizer: torch.optim.Optimizer,
    rate: Schedule,
    history: History,
    progress: Progress,
) -> tuple[float, float]:
    """Go through all images once; return the mean loss in nats, and the part that was right."""
    model.train()
    smoothing = history.recipe.label_smoothing
    right = seen = 0
    for x, labels in batches:
        lr = rate(len(history.losses))
        set_rate(optimizer, lr)
        scores = check_scores(model(x), labels, batches.classes)
        loss = cross_entropy(scores, labels, label_smoothing=smoothing)
        value = loss.item()
        if not math.isfinite(value):
            stop(model, x, value, lr, history)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        history.losses.append(value)
        history.rates.append(lr)
        right += number_right(scores, labels)
        seen += len(labels)
        progress.step(len(history.epochs) + 1, value, right / seen)
    return sum(history.losses[-len(batches) :]) / len(batches), right / seen


def _first_parameter(model: nn.Module) -> nn.Parameter:
    """Return a parameter, which says where and how precisely the model computes."""
    if not isinstance(model, nn.Module):
        raise CourseError(f"model is a {type(model).__name__}, expected a torch.nn.Module.")
    for parameter in model.parameters():
        return parameter
    raise CourseError("The model has no parameters: there is nothing to train.")


def _gpus(parameter: nn.Parameter) -> list[torch.device]:
    """Return the GPUs whose random numbers the run uses."""
    return [parameter.device] if parameter.is_cuda else []
