"""When progress ends: lower the learning rate, or stop. Both watch a loss or a score as it comes."""

import math
from numbers import Real
from typing import Any, Literal, SupportsFloat, SupportsIndex

import numpy as np

from coursekit.reference.arguments import as_count, as_number

Mode = Literal["min", "max"]


class Plateau:
    """Lower the rate when a loss has stopped to fall, or a score to rise.

    A value is better than the best so far when it is smaller by more than a part ``threshold`` of
    it (larger, with mode "max"; by the amount itself with threshold_mode "abs"). After more than
    ``patience`` values in a row that are not, the rate is multiplied by ``factor``, and the count
    begins again. NaN is never better.

    Args:
        lr: the rate to begin with, at least 0.
        factor: at least 0 and below 1.
        patience: values without progress that are put up with, at least 0.
        threshold: what counts as progress, at least 0; with "rel" below 1, and meant for values
            above 0.
        threshold_mode: "rel" or "abs".
        cooldown: values after a change that do not count as lack of progress, at least 0.
        min_lr: the rate never gets below this, at least 0.
        eps: a change of at most this is left out, at least 0.
        mode: "min" for a loss, "max" for a score.

    Attributes:
        lr: the rate now.
        best: the best value so far; ±infinity before the first.

    Source: CS7015 lecture 11, ResNet's bag of tricks: "0.1, divided by 10 when validation error
    plateaus"; torch.optim.lr_scheduler.ReduceLROnPlateau.
    """

    def __init__(
        self,
        lr: SupportsFloat,
        *,
        factor: SupportsFloat = 0.1,
        patience: SupportsIndex = 10,
        threshold: SupportsFloat = 1e-4,
        threshold_mode: Literal["rel", "abs"] = "rel",
        cooldown: SupportsIndex = 0,
        min_lr: SupportsFloat = 0.0,
        eps: SupportsFloat = 1e-8,
        mode: Mode = "min",
    ) -> None:
        self.lr = as_number("lr", lr, 0.0)
        self.factor = as_number("factor", factor, 0.0, 1.0)
        self.patience = as_count("patience", patience, 0)
        self.relative = _choice("threshold_mode", threshold_mode, ("rel", "abs")) == "rel"
        # nothing is smaller than the best by all of it, so a relative threshold of 1 waits for ever
        self.threshold = as_number("threshold", threshold, 0.0, 1.0 if self.relative else math.inf)
        self.cooldown = as_count("cooldown", cooldown, 0)
        self.min_lr = as_number("min_lr", min_lr, 0.0)
        self.eps = as_number("eps", eps, 0.0)
        self.sign = _sign(mode)
        self.best = self.sign * math.inf
        self.bad = 0  # values in a row that were not better
        self.cooling = 0  # values that do not count any more after this one

    def step(self, value: SupportsFloat) -> float:
        """Take the newest loss or score, and return the rate to go on with.

        Raises:
            TypeError: value is not a real number.
        """
        value = _as_value(value)
        if self._better(value):
            self.best, self.bad = value, 0
        else:
            self.bad += 1
        if self.cooling > 0:
            self.cooling -= 1
            self.bad = 0
        if self.bad > self.patience:
            lower = max(self.lr * self.factor, self.min_lr)
            if self.lr - lower > self.eps:
                self.lr = lower
            self.cooling, self.bad = self.cooldown, 0
        return self.lr

    def _better(self, value: float) -> bool:
        if self.relative:
            return self.sign * value < self.sign * self.best * (1 - self.sign * self.threshold)
        return self.sign * value < self.sign * self.best - self.threshold


class EarlyStopping:
    """Say when to stop: a loss has not fallen, or a score not risen, for some time.

    A value is better than the best so far when it is smaller by more than ``min_delta`` (larger,
    with mode "max"). NaN is never better.

    Args:
        patience: values in a row without progress after which to stop, at least 1. (torch's
            plateau counts differently: it acts on the value after so many.)
        min_delta: what counts as progress, in units of the value, at least 0.
        mode: "min" for a loss, "max" for a score.

    Attributes:
        best: the best value so far; ±infinity before the first.
        best_step: which value that was, counted from 0; None before the first.

    Source: Prechelt 1998, Early stopping - but when?; the callback of that name in Keras.
    """

    def __init__(
        self, patience: SupportsIndex, *, min_delta: SupportsFloat = 0.0, mode: Mode = "min"
    ) -> None:
        self.patience = as_count("patience", patience, 1)
        self.min_delta = as_number("min_delta", min_delta, 0.0)
        self.sign = _sign(mode)
        self.best = self.sign * math.inf
        self.best_step: int | None = None
        self.steps = 0
        self.bad = 0  # values in a row that were not better

    def step(self, value: SupportsFloat) -> bool:
        """Take the newest loss or score, and return whether to stop.

        Raises:
            TypeError: value is not a real number.
        """
        value = _as_value(value)
        if self.sign * value < self.sign * self.best - self.min_delta:
            self.best, self.best_step, self.bad = value, self.steps, 0
        else:
            self.bad += 1
        self.steps += 1
        return self.bad >= self.patience


def _sign(mode: str) -> int:
    """Return what to multiply a value by, so that smaller is better."""
    return 1 if _choice("mode", mode, ("min", "max")) == "min" else -1


def _choice(name: str, value: str, choices: tuple[str, str]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} is {value!r}, expected '{choices[0]}' or '{choices[1]}'")
    return value


def _as_value(value: SupportsFloat) -> float:
    """Return a loss or a score as a float; unlike an option, it may be NaN or infinite."""
    number: Any = value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value
    kind = type(number)
    if not issubclass(kind, Real) or kind is bool:
        raise TypeError(f"value is {value!r}, expected one real number, such as a loss")
    try:
        return float(number)
    except OverflowError:  # a whole number with more than 308 digits
        return math.inf if number > 0 else -math.inf
