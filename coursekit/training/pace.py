"""How long training will take, before it begins."""

import math
import time

import torch
from torch import nn

from coursekit.data import Images
from coursekit.training.batches import Batches, channel_statistics
from coursekit.training.checks import first_parameter
from coursekit.training.recipe import Recipe
from coursekit.training.speed import Speed, trial_step

_IMAGES = 64  # a CPU takes nearly the same time for an image in larger batches
_FEWEST, _MOST, _SECONDS = 3, 10, 2.0  # steps to try, and after which time no more of them


def seconds_per_epoch(model: nn.Module, data: Images, recipe: Recipe) -> float:
    """Estimate how long an epoch takes on a CPU, from the shortest of a few small steps.

    Model and random numbers stay as they are. Testing is not counted, nor is augmentation.
    """
    speed = Speed(recipe, first_parameter(model))
    count = min(_IMAGES, len(data.x))
    mean, std = channel_statistics(data.x[:count])
    some = Batches(data.x[:count], data.labels[:count], count, mean=mean, std=std, **speed.form())
    was_training = model.training
    model.train()
    seconds = math.inf
    begun = time.perf_counter()
    for step in range(_MOST):  # the first ones also take memory and choose algorithms
        if step >= _FEWEST and time.perf_counter() - begun > _SECONDS:
            break
        start = time.perf_counter()
        trial_step(model, model, *some.first(), speed)
        seconds = min(seconds, time.perf_counter() - start)
    model.train(was_training)
    # several processes share the images of a batch
    processes = torch.distributed.get_world_size() if torch.distributed.is_initialized() else 1
    return seconds * len(data.x) / count / processes


def spoken(seconds: float) -> str:
    """Return a duration as a person says it: "40 s", "12 minutes", "3.5 hours"."""
    if seconds < 100:
        return f"{max(1, round(seconds))} s"
    if seconds < 100 * 60:
        return f"{round(seconds / 60)} minutes"
    return f"{seconds / 3600:.1f} hours"
