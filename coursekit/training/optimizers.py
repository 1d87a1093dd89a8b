"""torch's optimizers, as a recipe wants them."""

from collections.abc import Iterable

import torch
from torch import nn

from coursekit.training.recipe import Recipe


def make_optimizer(recipe: Recipe, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
    """Return the optimizer of a recipe, at its learning rate, for these parameters.

    Parameters of one axis are biases and what normalizations multiply by and add. They are few and
    cannot overfit, and a recipe may spare them the weight decay.
    """
    wanted = list(parameters)
    groups = [{"params": wanted, "weight_decay": recipe.weight_decay}]
    if not recipe.decay_norm_and_bias:
        groups = [
            {"params": [p for p in wanted if p.ndim > 1], "weight_decay": recipe.weight_decay},
            {"params": [p for p in wanted if p.ndim <= 1], "weight_decay": 0.0},
        ]
    # on a GPU one kernel moves all parameters; on the CPU that is no faster
    fused = True if wanted and all(p.is_cuda for p in wanted) else None
    if recipe.optimizer == "adam":
        return torch.optim.Adam(groups, lr=recipe.lr, fused=fused)
    return torch.optim.SGD(
        groups, lr=recipe.lr, momentum=recipe.momentum, nesterov=recipe.nesterov, fused=fused
    )


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Let the next step have this learning rate.

    A schedule of :mod:`coursekit.reference.schedules` says which. It is a function of the step alone
    and keeps no state, so there is nothing of it to store in a checkpoint but the number of the step.
    """
    for group in optimizer.param_groups:
        group["lr"] = rate
