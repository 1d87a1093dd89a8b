"""Schedules: which learning rate at which step.

:func:`step_decay`, :func:`cosine`, :func:`linear` and :func:`warm_up` return a schedule, a function from the number of
the step (or epoch, whichever it counts), from 0 on, to the learning rate::

    schedule = warm_up(cosine(0.1, steps=1000), steps=100)
    optimizer.lr = schedule(step)

Where the rate depends on how training goes, see :mod:`coursekit.reference.plateau`.
"""

import math
from collections.abc import Callable
from typing import SupportsFloat, SupportsIndex

from coursekit.reference.arguments import as_count, as_number

Schedule = Callable[[int], float]


def step_decay(lr: SupportsFloat, every: SupportsIndex, factor: SupportsFloat = 0.1) -> Schedule:
    r"""Multiply the rate by a factor every so many steps.

    .. math:: \eta_t = \eta_0 \, \gamma^{\lfloor t / T \rfloor}

    Args:
        lr: η₀, at least 0.
        every: T, steps from one change to the next, at least 1.
        factor: γ, from 0 to 1.

    Raises:
        TypeError: a number is none.
        ValueError: a number is out of range.

    Source: torch.optim.lr_scheduler.StepLR.
    """
    first, T, gamma = as_number("lr", lr, 0.0), as_count("every", every, 1), _part("factor", factor)
    return lambda step: first * gamma ** (as_count("step", step, 0) // T)


def cosine(lr: SupportsFloat, steps: SupportsIndex, end: SupportsFloat = 0.0) -> Schedule:
    r"""Come down from one rate to another along half a cosine: slowly, fast, slowly.

    .. math:: \eta_t = \eta_T + \frac{\eta_0 - \eta_T}{2} \left(1 + \cos \frac{\pi t}{T}\right)

    From step T on the rate stays at the end; torch's climbs again.

    Args:
        lr: η₀, at least 0.
        steps: T, at least 1.
        end: η_T, at least 0.

    Raises:
        TypeError: a number is none.
        ValueError: a number is out of range.

    Source: Loshchilov and Hutter 2017, SGDR: stochastic gradient descent with warm restarts;
    torch.optim.lr_scheduler.CosineAnnealingLR.
    """
    first, T, last = (
        as_number("lr", lr, 0.0),
        as_count("steps", steps, 1),
        as_number("end", end, 0.0),
    )

    def rate(step: int) -> float:
        done = min(as_count("step", step, 0) / T, 1)
        return last + (first - last) * (1 + math.cos(math.pi * done)) / 2

    return rate


def linear(lr: SupportsFloat, steps: SupportsIndex, end: SupportsFloat = 0.0) -> Schedule:
    r"""Come down from one rate to another along a line.

    .. math:: \eta_t = \eta_0 + (\eta_T - \eta_0) \, t / T

    From step T on the rate stays at the end.

    Args:
        lr: η₀, at least 0.
        steps: T, at least 1.
        end: η_T, at least 0.

    Raises:
        TypeError: a number is none.
        ValueError: a number is out of range.

    Source: torch.optim.lr_scheduler.LinearLR.
    """
    first, T, last = (
        as_number("lr", lr, 0.0),
        as_count("steps", steps, 1),
        as_number("end", end, 0.0),
    )

    def rate(step: int) -> float:
        done = min(as_count("step", step, 0) / T, 1)
        return first * (1 - done) + last * done

    return rate


def warm_up(
    then: Schedule | SupportsFloat, steps: SupportsIndex, start: SupportsFloat = 1 / 3
) -> Schedule:
    r"""Climb to the first rate of another schedule along a line, then follow that schedule.

    .. math::
        \eta_t = \eta'_0 \left(s + (1 - s) \frac{t}{T}\right) \text{ for } t < T, \qquad
        \eta_t = \eta'_{t - T} \text{ from then on}

    Args:
        then: η', a schedule, or a number for a rate that stays.
        steps: T, steps of the climb, at least 0.
        start: s, the part of the rate to begin with, from 0 to 1.

    Raises:
        TypeError: then is neither a function nor a number, or a number is none.
        ValueError: a number is out of range.

    Source: Goyal et al. 2017, Accurate, large minibatch SGD; torch.optim.lr_scheduler: LinearLR
    before another, joined by SequentialLR.
    """
    later = (
        then if callable(then) else step_decay(as_number("then", then, 0.0), every=1, factor=1.0)
    )
    T, s = as_count("steps", steps, 0), _part("start", start)

    def rate(step: int) -> float:
        t = as_count("step", step, 0)
        if t >= T:
            return later(t - T)
        return later(0) * (s + (1 - s) * t / T)

    return rate


def _part(name: str, value: SupportsFloat) -> float:
    """Return a number from 0 to 1."""
    part = as_number(name, value, 0.0)
    if part > 1:
        raise ValueError(f"{name} is {value}, expected a number from 0 to 1")
    return part
