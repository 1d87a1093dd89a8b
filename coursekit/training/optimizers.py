"""torch's optimizers, as a recipe wants them."""

from collections.abc import Iterable

import torch
from torch import nn

from coursekit.training.recipe import Recipe


def make_optimizer(recipe: Recipe, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
    """Return the optimizer of a recipe, at its learning rate, for these parameters."""
    if recipe.optimizer == "adam":
        return torch.optim.Adam(parameters, lr=recipe.lr, weight_decay=recipe.weight_decay)
    return torch.optim.SGD(
        parameters,
        lr=recipe.lr,
        momentum=recipe.momentum,
        nesterov=recipe.nesterov,
        weight_decay=recipe.weight_decay,
    )


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Let the next step have this learning rate.

    A schedule of :mod:`coursekit.reference.schedules` says which. It is a function of the step alone
    and keeps no state, so there is nothing of it to store in a checkpoint but the number of the step.
    """
    for group in optimizer.param_groups:
        group["lr"] = rate
