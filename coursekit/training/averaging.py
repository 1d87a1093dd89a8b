"""A running average of the weights: its errors cancel where the weights themselves still tremble."""

import copy

import torch
from torch import nn
from torch.optim.swa_utils import get_ema_multi_avg_fn


class Average:
    r"""A copy of a model that follows it slowly.

    .. math:: \bar w \leftarrow d \, \bar w + (1 - d) \, w, \qquad d = \min(\beta, (1 + t) / (10 + t))

    in step t, counted from 0, for parameters and for the running averages of normalizations. The second
    term lets the copy forget the initial weights: otherwise a short run would end with a good part of
    them still in it.

    Args:
        model: to follow.
        decay: β, at least 0 and below 1. It averages over about 1 / (1 − β) steps.

    Attributes:
        model: the copy.

    Source: Polyak and Juditsky 1992; the rule for d, TensorFlow's ExponentialMovingAverage.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.model = copy.deepcopy(model).requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        """Move towards the weights that the model has after a step."""
        ours, theirs = self.model.state_dict(), model.state_dict()
        floats = [name for name, value in ours.items() if value.is_floating_point()]
        follow = get_ema_multi_avg_fn(min(self.decay, (1 + step) / (10 + step)))
        follow([ours[name] for name in floats], [theirs[name] for name in floats], step)
        for name in ours.keys() - floats:  # counters
            ours[name].copy_(theirs[name])

    def move_into(self, model: nn.Module) -> None:
        """Give a model the averaged weights."""
        model.load_state_dict(self.model.state_dict())
