"""Exercises 10.5 and 10.6: a plateau, and what a learning-rate range test says."""

import math

import numpy as np

from coursekit.reference.plateau import Plateau
from coursekit.study.task import Case, Misconception, Task

Array = np.ndarray
Rng = np.random.Generator

# --- 10.5 When progress ends ----------------------------------------------------------------------------------


def _plateau_cases(rng: Rng) -> list[Case]:
    by_hand = np.array([1.0, 0.8, 0.9, 0.85, 0.83, 0.7, 0.75, 0.72, 0.71, 0.7])
    cases = [
        Case((by_hand, 1.0, 0.1, 1), label="1 0.8 0.9 0.85 0.83 0.7 0.75 0.72 0.71 0.7, patience 1")
    ]
    ties = np.array([0.9, 0.6, 0.6, 0.6, 0.6, 0.5, 0.7, 0.65, 0.4, 0.45])
    cases.append(
        Case((ties, 0.4, 0.5, 2), label="0.9 0.6 0.6 0.6 0.6 0.5 0.7 0.65 0.4 0.45, patience 2")
    )
    for n, patience in ((30, 2), (40, 3)):
        fall = 0.4 + np.exp(-np.arange(n) / 5) + rng.normal(0, 0.03, n)
        lr, factor = float(rng.uniform(0.05, 0.4)), float(rng.uniform(0.2, 0.5))
        cases.append(
            Case((fall.round(3), lr, factor, patience), label=f"{n} epochs, patience {patience}")
        )
    return cases


def _plateau(losses: Array, lr: float, factor: float, patience: int) -> Array:
    watcher = Plateau(lr, factor=factor, patience=int(patience), threshold=0.0, eps=0.0)
    return np.array([watcher.step(loss) for loss in losses])


def _watch(
    losses: Array,
    lr: float,
    factor: float,
    patience: int,
    *,
    ties: bool = False,
    previous: bool = False,
    resets: bool = True,
    forgives: bool = True,
    anew: bool = False,
    once: bool = False,
    during: bool = False,
) -> Array:
    """Return the rates with a slip."""
    first, best, bad, last, rates = lr, math.inf, 0, math.inf, []
    for loss in losses:
        before = lr
        if loss < (last if previous else best) or (ties and loss == best):
            best, bad = min(loss, best), 0 if forgives else bad
        else:
            bad += 1
        if bad > patience:
            lr = first * factor if once else lr * factor
            bad = 0 if resets else bad
            best = math.inf if anew else best
        last = loss
        rates.append(before if during else lr)
    return np.array(rates)


PLATEAU = Task(
    id="10.5",
    title="When progress ends",
    points=3,
    minutes=14,
    difficulty=3,
    name="plateau_rates",
    returns=("rates",),
    cases=_plateau_cases,
    reference=_plateau,
    hints=(
        "Walk through the losses in order and remember three things: the rate, the best loss so far, and how many "
        "losses in a row were not better than it.",
        "A strictly better loss becomes the best and sets the count to 0; any other one adds 1.",
        "When the count is larger than patience, multiply the rate by factor and set the count to 0. Then note the "
        "rate, whatever happened.",
    ),
    misconceptions=(
        Misconception(
            "one epoch too early",
            "You lower the rate when the count reaches patience. So many losses are put up with; the next one is too "
            "much.",
            lambda losses, lr, factor, patience: _watch(losses, lr, factor, patience - 1),
        ),
        Misconception(
            "one epoch too late",
            "You lower the rate one loss too late: as soon as the count is larger than patience, it is time.",
            lambda losses, lr, factor, patience: _watch(losses, lr, factor, patience + 1),
        ),
        Misconception(
            "count not set back after a drop",
            "After a drop you go on counting from where you were, so the next bad loss lowers the rate again at once. "
            "Give the new rate its own patience.",
            lambda *a: _watch(*a, resets=False),
        ),
        Misconception(
            "count not set back by progress",
            "You count all losses that were not better, since the beginning. Progress sets the count to 0.",
            lambda *a: _watch(*a, forgives=False),
        ),
        Misconception(
            "compared with the previous loss",
            "You compare each loss with the one before. A curve that trembles on the spot is better than a moment ago "
            "half of the time: compare with the best so far.",
            lambda *a: _watch(*a, previous=True),
        ),
        Misconception(
            "a tie counts as progress",
            "You took an equal loss for progress. Only a strictly smaller one counts.",
            lambda *a: _watch(*a, ties=True),
        ),
        Misconception(
            "the best forgotten after a drop",
            "After a drop you forget the best loss, so anything counts as progress. The best stays the best.",
            lambda *a: _watch(*a, anew=True),
        ),
        Misconception(
            "always from the first rate",
            "You multiply the first rate by the factor each time, so the rate falls once and never again.",
            lambda *a: _watch(*a, once=True),
        ),
        Misconception(
            "the rate before the loss was seen",
            "You note the rate that the epoch was trained with. Asked for is the rate to go on with, after its loss "
            "was seen.",
            lambda *a: _watch(*a, during=True),
        ),
        Misconception(
            "divided by the factor",
            "You divided by the factor, so the rate grows. A factor of 0.1 means a tenth.",
            lambda losses, lr, factor, patience: _watch(losses, lr, 1 / factor, patience),
        ),
        Misconception(
            "never lowered",
            "Your rate never changes.",
            lambda losses, lr, factor, patience: np.full(len(losses), lr),
        ),
    ),
)

# --- 10.6 Read a range test -----------------------------------------------------------------------------------


def _range_cases(rng: Rng) -> list[Case]:
    by_hand = (np.array([0.001, 0.01, 0.1, 1.0]), np.array([2.0, 1.0, 0.5, 4.0]), 0.5)
    cases = [Case(by_hand, label="rates 0.001 0.01 0.1 1, losses 2 1 0.5 4, beta 0.5")]
    for n, beta in ((30, 0.8), (60, 0.9)):
        rates = np.geomspace(1e-4, 1, n)
        t = np.linspace(0, 1, n)
        losses = 2.3 - 1.6 * np.exp(-(((t - 0.72) / 0.2) ** 2)) + rng.normal(0, 0.05, n)
        losses += np.where(t > 0.9, 30 * (t - 0.9), 0)
        losses[n // 3] = 0.2  # one lucky batch, long before the curve is at its lowest
        cases.append(Case((rates, losses.round(4), beta), label=f"{n} steps, beta {beta}"))
    return cases


def _smooth(losses: Array, beta: float, kind: str = "right") -> Array:
    a, smoothed = 0.0, []
    if kind == "from the first":
        a = losses[0]
    for t, loss in enumerate(losses):
        weight = 1 - beta if kind == "swapped" else beta
        a = weight * a + (1 - weight) * loss
        if kind in ("uncorrected", "from the first"):
            smoothed.append(a)
        elif kind == "behind":
            with np.errstate(all="ignore"):
                smoothed.append(float(np.float64(a) / np.float64(1 - beta**t)))
        elif kind == "behind, guarded":
            smoothed.append(a / (1 - beta**t) if t else a)
        elif kind == "times":
            with np.errstate(all="ignore"):
                smoothed.append(float(np.float64(a) / np.float64(1 - beta * (t + 1))))
        elif kind == "fed back":
            a = a / (1 - beta ** (t + 1))
            smoothed.append(a)
        else:
            smoothed.append(a / (1 - weight ** (t + 1)))
    return np.array(smoothed)


def _range(rates: Array, losses: Array, beta: float, kind: str = "right") -> tuple[Array, float]:
    smoothed = _smooth(losses, beta, kind)
    return smoothed, rates[np.argmin(smoothed)] / 10


RANGE = Task(
    id="10.6",
    title="Read a range test",
    points=3,
    minutes=12,
    difficulty=2,
    name="read_range_test",
    returns=("smoothed", "lr"),
    cases=_range_cases,
    reference=lambda rates, losses, beta: _range(rates, losses, beta),
    hints=(
        "The average a is a running number: a loop over the losses, and a list that collects the corrected values.",
        "After the first loss, a is (1 - beta) times it. By what must you divide to get the loss itself? After t "
        "losses the missing part is beta to the power t.",
        "`np.argmin` says where the smoothed curve is lowest; the rate at that place, divided by ten, is the answer.",
    ),
    misconceptions=(
        Misconception(
            "no correction",
            "Your average starts at 0 and was not corrected, so its first values are too small, and the curve seems "
            "to be lowest at the very beginning.",
            lambda rates, losses, beta: _range(rates, losses, beta, "uncorrected"),
        ),
        Misconception(
            "started at the first loss",
            "You started the average at the first loss, which then counts for more than any other. Start at 0 and "
            "correct.",
            lambda rates, losses, beta: _range(rates, losses, beta, "from the first"),
        ),
        Misconception(
            "beta on the newest",
            "You gave beta to the newest loss, so the curve is hardly smoothed. It belongs to the past.",
            lambda rates, losses, beta: _range(rates, losses, beta, "swapped"),
        ),
        Misconception(
            "correction one step behind",
            "Your first correction divides by 0: after the first loss the power is 1, not 0.",
            lambda rates, losses, beta: _range(rates, losses, beta, "behind"),
        ),
        Misconception(
            "correction one step behind, the first left out",
            "Your correction is one step behind: the first value is left as it is, and the second one divided by what "
            "the first one needs. After t losses the power is t.",
            lambda rates, losses, beta: _range(rates, losses, beta, "behind, guarded"),
        ),
        Misconception(
            "beta times t",
            "Your correction has beta times t. After t losses a start of 0 has been multiplied by beta t times over: "
            "which operation is that?",
            lambda rates, losses, beta: _range(rates, losses, beta, "times"),
        ),
        Misconception(
            "corrected average fed back",
            "You go on averaging with the corrected value, and correct it again in the next step. Keep the two apart.",
            lambda rates, losses, beta: _range(rates, losses, beta, "fed back"),
        ),
        Misconception(
            "lowest raw loss",
            "Your smoothed curve is right, but you looked for the lowest single loss, and found one lucky batch.",
            lambda rates, losses, beta: (
                _smooth(losses, beta),
                rates[np.argmin(losses)] / 10,
            ),
        ),
        Misconception(
            "not divided by ten",
            "You chose the rate at the lowest point itself. There the loss is about to turn: stay a factor of ten "
            "below.",
            lambda rates, losses, beta: (
                _smooth(losses, beta),
                rates[np.argmin(_smooth(losses, beta))],
            ),
        ),
        Misconception(
            "the loss instead of the rate",
            "You returned a tenth of the lowest loss; asked for is a tenth of the rate at which it stands.",
            lambda rates, losses, beta: (_smooth(losses, beta), _smooth(losses, beta).min() / 10),
        ),
        Misconception(
            "the place instead of the rate",
            "You returned the number of the step; asked for is a learning rate.",
            lambda rates, losses, beta: (
                _smooth(losses, beta),
                int(np.argmin(_smooth(losses, beta))),
            ),
        ),
        Misconception(
            "the highest point",
            "You looked for the highest point of the curve.",
            lambda rates, losses, beta: (
                _smooth(losses, beta),
                rates[np.argmax(_smooth(losses, beta))] / 10,
            ),
        ),
    ),
)
