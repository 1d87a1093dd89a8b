"""The exercises of chapter 10: an honest mean and a curve; steps and rates stand in modules of their own."""

from typing import Any

import numpy as np

from coursekit.study.task import Case, Misconception, Task
from coursekit.study.tasks.training_a_convnet_adam import ADAM
from coursekit.study.tasks.training_a_convnet_momentum import MOMENTUM
from coursekit.study.tasks.training_a_convnet_rates import PLATEAU, RANGE
from coursekit.study.tasks.training_a_convnet_schedule import SCHEDULE

Array = np.ndarray
Rng = np.random.Generator

# --- 10.1 Batches of different sizes --------------------------------------------------------------------------


def _batches_cases(rng: Rng) -> list[Case]:
    by_hand = (np.array([1.0, 4.0]), np.array([2, 0]), np.array([3, 1]))
    cases = [Case(by_hand, label="losses 1 4, right 2 0, sizes 3 1")]
    for n, size in ((4, 50), (6, 64)):
        sizes = np.full(n, size)
        sizes[-1] = rng.integers(3, size // 2)
        right = np.array([rng.integers(s // 4 + 1, s) for s in sizes])
        right[-1] = 1  # the short batch is a bad one
        losses = rng.uniform(0.3, 1.0, n).round(3)
        losses[-1] += 2
        label = f"{n} batches of {size}, the last of {sizes[-1]}"
        cases.append(Case((losses, right, sizes), label=label))
    return cases


def _batches(losses: Array, right: Array, sizes: Array) -> tuple[float, float]:
    return float(losses @ sizes / sizes.sum()), float(right.sum() / sizes.sum())


BATCHES = Task(
    id="10.1",
    title="Batches of different sizes",
    points=2,
    minutes=5,
    difficulty=1,
    name="whole_set",
    returns=("loss", "accuracy"),
    cases=_batches_cases,
    reference=_batches,
    hints=(
        "What is the sum of the losses of all images in a batch, if the mean over that batch is known?",
        "Add up over all images first, and divide by the number of all images at the end, for the loss and for the "
        "accuracy.",
    ),
    misconceptions=(
        Misconception(
            "mean of the means",
            "You averaged the batches as if they were equally large. An image in the short batch then counts for "
            "more than the others.",
            lambda losses, right, sizes: (losses.mean(), np.mean(right / sizes)),
        ),
        Misconception(
            "mean of the mean losses",
            "The accuracy is right, the loss is not: you averaged the losses as if the batches were equally large.",
            lambda losses, right, sizes: (losses.mean(), right.sum() / sizes.sum()),
        ),
        Misconception(
            "mean of the accuracies",
            "The loss is right, the accuracy is not: you averaged the shares of batches of different sizes.",
            lambda losses, right, sizes: (
                losses @ sizes / sizes.sum(),
                np.mean(right / sizes),
            ),
        ),
        Misconception(
            "mean losses divided by the images",
            "You added up the mean losses and divided by the number of images. Each of them is a mean already: how "
            "many images does it stand for?",
            lambda losses, right, sizes: (losses.sum() / sizes.sum(), right.sum() / sizes.sum()),
        ),
        Misconception(
            "sum of the losses",
            "Your loss is the sum over all images. Divide by their number.",
            lambda losses, right, sizes: (losses @ sizes, right.sum() / sizes.sum()),
        ),
        Misconception(
            "divided by the number of batches",
            "You added up the losses of all images and divided by the number of batches. How many numbers did you "
            "add?",
            lambda losses, right, sizes: (
                losses @ sizes / len(losses),
                right.sum() / sizes.sum(),
            ),
        ),
        Misconception(
            "number right instead of the share",
            "Your accuracy is a number of images; asked for is the share of all images.",
            lambda losses, right, sizes: (losses @ sizes / sizes.sum(), right.sum()),
        ),
        Misconception(
            "number right in a batch",
            "You divided the number of right answers by the number of batches, not of images.",
            lambda losses, right, sizes: (losses @ sizes / sizes.sum(), right.mean()),
        ),
        Misconception(
            "in percent",
            "Your accuracy is in percent; asked for is a share between 0 and 1.",
            lambda losses, right, sizes: (
                losses @ sizes / sizes.sum(),
                100 * right.sum() / sizes.sum(),
            ),
        ),
        Misconception(
            "error instead of accuracy",
            "You returned the share that is wrong.",
            lambda losses, right, sizes: (
                losses @ sizes / sizes.sum(),
                1 - right.sum() / sizes.sum(),
            ),
        ),
        Misconception(
            "the short batch left out",
            "You left out the last batch. In training that is common; a test counts every image.",
            lambda losses, right, sizes: _batches(losses[:-1], right[:-1], sizes[:-1]),
        ),
    ),
)

# --- 10.7 Read a curve ----------------------------------------------------------------------------------------


def _curve_cases(rng: Rng) -> list[Case]:
    by_hand = (np.array([2.0, 1.0, 0.5, 0.2]), np.array([2.1, 1.2, 0.9, 1.1]))
    cases = [Case(by_hand, label="train 2 1 0.5 0.2, val 2.1 1.2 0.9 1.1")]
    for n, lost in ((20, 0), (24, 5)):
        t = np.arange(n)
        train = 2.3 * np.exp(-t / 5) + rng.normal(0, 0.01, n)
        turn = 2.4 * np.exp(-t / 4) + 0.3 + 0.03 * t
        val = turn + rng.normal(0, 0.02, n)
        if lost:
            train[-lost:], val[-lost:] = np.nan, np.nan
            train[-lost - 1] = np.inf  # on the way from large to not a number
            val[-lost - 3 : -lost - 1] = np.inf
        label = f"{n} epochs" + (f", the last {lost} not a number" if lost else "")
        cases.append(Case((train.round(3), val.round(3)), label=label))
    return cases


def _curve(train: Array, val: Array) -> tuple[int, float, int]:
    best = int(np.nanargmin(val))
    lost = int(np.sum(~(np.isfinite(train) & np.isfinite(val))))
    return best, float(val[best] - train[best]), lost


def _with(**wrong: Any) -> Any:
    """Return the answer with one of its three parts replaced."""

    def read(train: Array, val: Array) -> tuple[Any, Any, Any]:
        best, gap, lost = _curve(train, val)
        if "best" in wrong:
            best = int(wrong["best"](train, val))
            gap = float(val[best] - train[best])
        if "number" in wrong:
            best = wrong["number"](best)
        if "gap" in wrong:
            gap = float(wrong["gap"](train, val, best))
        if "lost" in wrong:
            lost = int(wrong["lost"](train, val))
        return best, gap, lost

    return read


CURVE = Task(
    id="10.7",
    title="Read a curve",
    points=2,
    minutes=9,
    difficulty=2,
    name="read_curve",
    returns=("best", "gap", "lost"),
    cases=_curve_cases,
    reference=_curve,
    hints=(
        "`np.argmin` of an array with NaN in it returns the place of the NaN. NumPy has a version that passes over "
        "them.",
        "The gap is taken at the best epoch: the loss on validation images minus the loss on training images.",
        "`np.isfinite` is false for NaN and for infinity. An epoch is lost if it is false for either of the two "
        "losses.",
    ),
    misconceptions=(
        Misconception(
            "NaN taken for the smallest",
            "Your best epoch is one whose loss is not a number: `np.argmin` stops at the first NaN.",
            _with(best=lambda train, val: np.argmin(val)),
        ),
        Misconception(
            "NaN taken for the smallest, infinity not counted",
            "Two things: `np.argmin` stops at the first NaN, so your best epoch is a lost one; and `np.isnan` lets "
            "infinity pass.",
            _with(
                best=lambda train, val: np.argmin(val),
                lost=lambda train, val: np.sum(np.isnan(train) | np.isnan(val)),
            ),
        ),
        Misconception(
            "best on the training images",
            "You looked for the lowest training loss. It falls as long as training goes well; which epoch to keep is "
            "for the validation images to say.",
            _with(best=lambda train, val: np.nanargmin(train)),
        ),
        Misconception(
            "best on the training images, NaN taken for the smallest",
            "You looked at the training losses, and `np.argmin` stops at the first NaN. Which epoch to keep is for the "
            "validation images to say.",
            _with(best=lambda train, val: np.argmin(train)),
        ),
        Misconception(
            "epochs counted from 1",
            "Your best epoch is one too large: epochs count from 0 here.",
            _with(number=lambda best: best + 1),
        ),
        Misconception(
            "the loss instead of the epoch",
            "You returned the lowest validation loss; asked for is the number of its epoch.",
            lambda train, val: (np.nanmin(val), *_curve(train, val)[1:]),
        ),
        Misconception(
            "gap the other way round",
            "Your gap has the wrong sign: it is how much worse the net does on validation images.",
            _with(gap=lambda train, val, best: train[best] - val[best]),
        ),
        Misconception(
            "gap at the end",
            "You took the gap in the last epoch. Asked for is the gap at the epoch that you would keep.",
            _with(gap=lambda train, val, best: val[-1] - train[-1]),
        ),
        Misconception(
            "lowest minus lowest",
            "You subtracted the lowest training loss from the lowest validation loss. They stand in different epochs: "
            "no net ever had both.",
            _with(gap=lambda train, val, best: np.nanmin(val) - np.nanmin(train)),
        ),
        Misconception(
            "infinity not counted",
            "You counted NaN and let infinity pass. `np.isnan` is false for it.",
            _with(lost=lambda train, val: np.sum(np.isnan(train) | np.isnan(val))),
        ),
        Misconception(
            "only validation looked at",
            "You looked at the validation losses alone. An epoch whose training loss is not finite is lost as well.",
            _with(lost=lambda train, val: np.sum(~np.isfinite(val))),
        ),
        Misconception(
            "only training looked at",
            "You looked at the training losses alone. An epoch whose validation loss is not finite is lost as well.",
            _with(lost=lambda train, val: np.sum(~np.isfinite(train))),
        ),
        Misconception(
            "numbers counted, not epochs",
            "You counted numbers: an epoch with two of them counts once.",
            _with(lost=lambda train, val: np.sum(~np.isfinite(train)) + np.sum(~np.isfinite(val))),
        ),
        Misconception(
            "NaNs counted, not epochs",
            "You counted NaNs. An epoch with two of them counts once, and infinity is not finite either.",
            _with(lost=lambda train, val: np.sum(np.isnan(train)) + np.sum(np.isnan(val))),
        ),
        Misconception(
            "finite epochs counted",
            "You counted the epochs that are fine.",
            _with(lost=lambda train, val: np.sum(np.isfinite(train) & np.isfinite(val))),
        ),
        Misconception(
            "lost or not",
            "You said whether an epoch was lost; asked for is how many.",
            _with(lost=lambda train, val: np.any(~np.isfinite(train + val))),
        ),
    ),
)

# --- 10.8 In your own words -----------------------------------------------------------------------------------

WORDS = Task(
    id="10.8",
    title="Three curves",
    points=2,
    minutes=10,
    difficulty=2,
    name="reading sick curves",
    kind="written",
    hints=(
        "What does a net cost that gives each of ten classes the same probability? Compare the level of each curve "
        "with that.",
        "A cause is worth little without the test that would have come out otherwise if you were wrong.",
    ),
)

TASKS = (BATCHES, MOMENTUM, ADAM, SCHEDULE, PLATEAU, RANGE, CURVE, WORDS)
