"""The loop: forward, loss, backward, step, for every batch of every epoch.

From data to accuracy the path is: :mod:`recipe`, what was chosen; :mod:`augment` and :mod:`batches`,
images; this module; :mod:`optimizers`, the update; :mod:`averaging`; :mod:`evaluation`. What surrounds
it (a GPU's options, memory, checkpoints, the progress bar) does not change what is computed.
"""

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from coursekit.data import Images
from coursekit.training.averaging import Average
from coursekit.training.batches import Augment, Batches, channel_statistics
from coursekit.training.checkpoint import Checkpoint, fingerprint, run_folder
from coursekit.training.checks import check_scores, first_parameter
from coursekit.training.evaluation import TEST_BATCH, evaluate, number_right
from coursekit.training.history import Epoch, History
from coursekit.training.memory import memory_used, too_large
from coursekit.training.nonfinite import stop
from coursekit.training.optimizers import make_optimizer, set_rate
from coursekit.training.progress import Progress
from coursekit.training.recipe import Recipe
from coursekit.training.speed import Speed, Told, trial_step
from coursekit.training.together import Group
from coursekit.training.whitening import whiten_first_layer


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
    training images. torch's own random numbers are the caller's again afterwards. Several processes
    train it together inside of :func:`coursekit.training.together.together`.

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
        OutOfMemoryError: a GPU's memory does not hold a step; it says which batch would fit.
    """
    one = first_parameter(model)
    group = Group.here(recipe.batch_size)
    speed = Speed(recipe, one)
    mean, std = channel_statistics(data.x)
    if recipe.whiten:
        whiten_first_layer(model, data.x, mean, std, recipe.whiten)
    order = torch.Generator().manual_seed(recipe.seed)
    augment = Augment(recipe.flip, recipe.crop, recipe.cutout, recipe.seed)
    form: dict[str, Any] = {"mean": mean, "std": std, **speed.form()}
    mine: dict[str, Any] = {"augment": augment, "part": (group.number, group.count), **form}
    batches = Batches(data.x, data.labels, recipe.batch_size, generator=order, **mine)
    test = Batches(data.x_test, data.labels_test, TEST_BATCH, **form)
    was_training = model.training
    with run_folder(folder if group.first else None) as place, speed.set_up():
        group.seed(recipe.seed)
        called = group.wrap(speed.wrap(model))
        optimizer = make_optimizer(recipe, model.parameters())
        average = Average(model, recipe.ema) if recipe.ema else None
        used = {**speed.used(), "processes": group.count}
        history = History(recipe, used=used)
        checkpoint = None
        if folder is not None:
            state = (model, optimizer, order, average, group)
            checkpoint = Checkpoint(place, fingerprint(data), *state)
            history = checkpoint.resume(history)
        batches.epoch = len(history.epochs)
        done, show = len(history.losses), show and group.first
        progress = Progress(done, len(batches), recipe.epochs, show, one.device)
        run = _Run(model, called, batches, optimizer, average, speed, group, history, progress)
        try:
            if len(history.epochs) < recipe.epochs:
                history.used = used
                history.compile_seconds += speed.prepare(model, called, *batches.first())
            for number in range(len(history.epochs) + 1, recipe.epochs + 1):
                trained = _train_epoch(run)
                history.epochs.append(group.agreed(_tested(run, test, number, *trained)))
                progress.epoch(history.epochs[-1])
                if checkpoint is not None:
                    checkpoint.save(history)
        except torch.OutOfMemoryError as error:
            tried = group.alone(model)
            too_large(
                error,
                recipe,
                lambda size: trial_step(tried, tried, *batches.first(size, group.count), speed),
            )
        finally:
            progress.close()
            model.train(was_training)
    if average is not None:
        average.move_into_model()
    group.share(model)
    return history


@dataclass
class _Run:
    """What an epoch needs."""

    model: nn.Module
    called: nn.Module  # the model, perhaps compiled: what gives scores while training
    batches: Batches
    optimizer: torch.optim.Optimizer
    average: Average | None
    speed: Speed
    group: Group
    history: History
    progress: Progress


def _train_epoch(run: _Run) -> tuple[float, float, float]:
    """Go through all images once; return the mean loss, the part that was right, and the seconds."""
    run.model.train()
    rate = run.history.recipe.rate(len(run.batches))
    start = time.perf_counter()
    right = seen = 0
    for x, labels in run.batches:
        right += _step(run, x, labels, rate(len(run.history.losses)))
        seen += run.batches.batch_size
        pace = seen / (time.perf_counter() - start)
        run.progress.step(run.history.losses[-1], right / seen, pace)
    run.speed.wait()
    seconds = time.perf_counter() - start
    loss = sum(run.history.losses[-len(run.batches) :]) / len(run.batches)
    return loss, right / seen, seconds


def _tested(
    run: _Run, test: Batches, number: int, loss: float, accuracy: float, seconds: float
) -> Epoch:
    """Test what an epoch led to, in one process; return what is to be told of the epoch."""
    final = run.model if run.average is None else run.average.model
    result = 0.0, 0.0
    if run.group.first:
        with run.speed.autocast():
            result = evaluate(final, test, flips=run.history.recipe.test_flips)
    pace = len(run.batches) * run.batches.batch_size / seconds
    return Epoch(number, loss, accuracy, *result, seconds, pace, memory_used(run.speed.device))


def _step(run: _Run, x: Tensor, labels: Tensor, lr: float) -> int:
    """Learn from one batch; return for how many of its images the scores were right before."""
    history, recipe = run.history, run.history.recipe
    set_rate(run.optimizer, lr)
    run.optimizer.zero_grad()
    with run.speed.autocast():
        scores = check_scores(run.called(x), labels, run.batches.classes)
        loss = cross_entropy(scores, labels, label_smoothing=recipe.label_smoothing)
    told = Told(*run.group.total(loss, number_right(scores, labels)))
    loss.backward()
    value, right = told.read()
    value /= run.group.count  # the mean of the processes' means
    if not math.isfinite(value):
        with run.speed.autocast():
            stop(run.model, run.group.whole(x), value, lr, history)
    run.optimizer.step()
    if run.average is not None:
        run.average.update(step=len(history.losses))
    history.losses.append(value)
    history.rates.append(lr)
    return int(right)
