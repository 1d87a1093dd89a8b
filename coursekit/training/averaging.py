"""A running average of the weights: its errors cancel where the weights themselves still tremble."""

import copy

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn


class Average:
    r"""A copy of a model that follows it slowly.

    .. math:: \bar w \leftarrow d \, \bar w + (1 - d) \, w, \qquad d = \min(\beta, (1 + t) / (10 + t))

    in step t, counted from 0, for parameters and for the running averages of normalizations. The second
    term lets the copy forget the initial weights: otherwise a short run would end with a good part of
    them still in it.

    Args:
        model: to follow, in place: its tensors have to stay the same.
        decay: β, at least 0 and below 1. It averages over about 1 / (1 − β) steps.

    Attributes:
        model: the copy.

    Source: Polyak and Juditsky 1992; the rule for d, TensorFlow's ExponentialMovingAverage.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.model = copy.deepcopy(model).requires_grad_(False)
        self.decay = decay
        # the tensors themselves: looking them up by name in every step would take as long as the update
        self._ours, self._theirs = _numbers(self.model), _numbers(model)

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Move towards the weights that the model has after a step."""
        follow = get_ema_multi_avg_fn(min(self.decay, (1 + step) / (10 + step)))
        follow(self._ours, self._theirs, step)

    @torch.no_grad()
    def move_into_model(self) -> None:
        """Give the model that was followed the averaged weights."""
        for ours, theirs in zip(self._ours, self._theirs, strict=True):
            theirs.copy_(ours)


def _numbers(model: nn.Module) -> list[Tensor]:
    """Return parameters and running averages, without counters."""
    return [value for value in model.state_dict().values() if value.is_floating_point()]
