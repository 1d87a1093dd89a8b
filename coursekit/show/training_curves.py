"""The curves of training runs, drawn from their logs."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from coursekit.show.figure import Picture, canvas, picture
from coursekit.show.grids import COLORS

Log = Sequence[Mapping[str, Any]]


def training_curves(
    logs: Mapping[str, Log], caption: str, *, over: str = "epochs", goal: float | None = None
) -> Picture:
    """Draw loss and accuracy of one or more runs after every epoch.

    Args:
        logs: the lines of each run's ``log.jsonl``, as ``coursekit.training.read_results`` returns them;
            lines that are no epochs are left out.
        caption: what to look at.
        over: "epochs", or "seconds" of training.
        goal: an accuracy to mark, 0 to 1.

    Raises:
        ValueError: there is no run with an epoch in it, there are more runs than colors, or ``over`` is
            something else.
    """
    runs = {name: [line for line in log if "number" in line] for name, log in logs.items()}
    if not runs or not all(runs.values()):
        raise ValueError("logs needs at least one run, and a finished epoch in each of them")
    if len(runs) > len(COLORS):
        raise ValueError(f"logs has {len(runs)} runs, expected at most {len(COLORS)}")
    if over not in ("epochs", "seconds"):
        raise ValueError(f"over is {over!r}, expected 'epochs' or 'seconds'")
    figure, (left, right) = canvas(9.2, 3.5, 1, 2)
    told = []
    for color, (name, epochs) in zip(COLORS, runs.items(), strict=False):
        seconds = np.cumsum([epoch["seconds"] for epoch in epochs])
        x = seconds if over == "seconds" else [epoch["number"] for epoch in epochs]
        # a loss that JSON has no number for is null
        train, test = (
            [np.nan if epoch[key] is None else epoch[key] for epoch in epochs]
            for key in ("loss", "test_loss")
        )
        left.plot(x, train, "--", color=color, linewidth=1.3)
        left.plot(x, test, "-", color=color, linewidth=2, label=name)
        accuracy = [epoch["test_accuracy"] for epoch in epochs]
        right.plot(x, accuracy, "-", color=color, linewidth=2, label=name)
        told.append(
            f"{name}: training loss from {train[0]:.2f} to {train[-1]:.2f}, test loss {test[-1]:.2f} and "
            f"accuracy {accuracy[-1]:.1%} at the end, after {len(epochs)} epochs and {seconds[-1]:.0f} s"
        )
    unit = "epochs" if over == "epochs" else "training time in s"
    left.set(xlabel=unit, ylabel="loss L; dashed: training", ylim=(0, None))
    right.set(xlabel=unit, ylabel="share of the test images right")
    if goal is not None:
        right.axhline(goal, color="black", linewidth=0.8, linestyle=":", label=f"goal, {goal:.1%}")
    right.legend(loc="lower right", fontsize=10)
    return picture(
        figure,
        alt=f"Left, training and test loss over {over}; right, the share of test images that is right. "
        f"{'; '.join(told)}.",
        caption=caption,
    )
