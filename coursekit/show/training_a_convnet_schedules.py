"""Chapter 10: learning-rate schedules, drawn and measured."""

from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets
import numpy as np

from coursekit.reference.schedules import Schedule, cosine, step_decay, warm_up
from coursekit.show.figure import GRAY, KERNEL, Picture, canvas, picture
from coursekit.show.grids import COLORS
from coursekit.show.widget import Explorer, explorer

KINDS = ("constant", "step", "cosine")
EPOCHS, EACH = 30, 20  # steps of an epoch in the drawing
DASHES = ("-", "--", "-.", ":")
MARKERS = "os^D"


def make(kind: str, lr: float, climb: int, every: int, factor: float) -> Schedule:
    """Return a schedule over 30 epochs of 20 steps.

    Args:
        kind: one of KINDS.
        lr: the highest rate.
        climb: epochs of warm-up.
        every: epochs from one drop to the next, for "step".
        factor: of each drop.

    Raises:
        ValueError: the kind is unknown.
    """
    if kind not in KINDS:
        raise ValueError(f"the schedule is {kind!r}, expected one of {', '.join(KINDS)}")
    if kind == "cosine":
        then = cosine(lr, (EPOCHS - climb) * EACH)
    elif kind == "step":
        then = step_decay(lr, every * EACH, factor)
    else:
        then = step_decay(lr, 1, 1.0)
    return warm_up(then, climb * EACH)


def schedule(kind: str, lr: float, climb: int, every: int, factor: float) -> Picture:
    """Draw a learning rate over 30 epochs, on a plain and on a logarithmic axis."""
    rate = make(kind, lr, climb, every, factor)
    rates = np.array([rate(step) for step in range(EPOCHS * EACH)])
    epochs = np.arange(EPOCHS * EACH) / EACH
    figure, axes = canvas(9.6, 3.3, 1, 2)
    for ax, scale in zip(axes, ("linear", "log"), strict=True):
        if climb:
            ax.axvspan(0, climb, color=GRAY, alpha=0.2, linewidth=0)
        ax.plot(epochs, rates, color=KERNEL, linewidth=2)
        ax.set(xlabel="epoch", ylabel="learning rate η", yscale=scale, xlim=(0, EPOCHS))
    axes[0].set_ylim(0, 1.05 * max(rates))
    axes[1].set_ylim(1e-5, 2)
    axes[1].minorticks_off()
    drops = (EPOCHS - climb - 1) // every if kind == "step" else 0
    way = {
        "constant": "then stays",
        "step": f"then is multiplied by {factor:g} every {every} epochs, {drops} times",
        "cosine": "then comes down half a cosine, to 0",
    }[kind]
    start = f"climbs for {climb} epochs to {lr:g}" if climb else f"starts at {lr:g}"
    used = "" if kind == "step" else " It has no use for the sliders of the drops."
    return picture(
        figure,
        alt=f"The learning rate over {EPOCHS} epochs, left on a plain axis, right on a logarithmic one. It {start}, "
        f"{way}. Halfway through training it is {rates[len(rates) // 2]:.3g}, at the end {rates[-1]:.1e}.",
        caption=f"The rate {start}, {way}; in the last step it is {rates[-1]:.1e}. All steps together: "
        f"{rates.sum():.1f}, of which {rates[: len(rates) // 2].sum() / rates.sum():.0%} in the first half.{used}",
    )


def schedule_widget() -> Explorer:
    """Let the reader build a schedule."""
    return explorer(
        schedule,
        kind=ipywidgets.Dropdown(options=KINDS, value="step", description="schedule"),
        lr=ipywidgets.SelectionSlider(
            options=[0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0], value=0.1, description="rate"
        ),
        climb=ipywidgets.IntSlider(0, min=0, max=10, description="warm-up"),
        every=ipywidgets.IntSlider(10, min=1, max=29, description="drop every"),
        factor=ipywidgets.SelectionSlider(
            options=[0.1, 0.2, 0.3, 0.5, 0.7], value=0.1, description="factor"
        ),
    )


def schedules(
    runs: Mapping[str, tuple[Sequence[float], Sequence[float], Sequence[tuple[float, float]]]],
) -> Picture:
    """Draw the rates of several runs over the epochs, and their validation loss.

    Args:
        runs: by name of the schedule, the loss and the rate of every step, and validation loss and
            share right after every epoch.
    """
    figure, (left, right) = canvas(10, 3.7, 1, 2)
    told = []
    for k, (name, (_, used, history)) in enumerate(runs.items()):
        look: dict[str, Any] = {"color": COLORS[k], "linestyle": DASHES[k % 4], "linewidth": 2}
        values, done = np.array(history)[:, 0], np.arange(1, len(history) + 1)
        left.plot(np.arange(len(used)) * len(done) / len(used), used, label=name, **look)
        right.plot(done, values, marker=MARKERS[k % 4], **look)
        told.append(
            f"{name}: rate from {used[0]:.2g} to {used[-1]:.1e}, loss "
            + ", ".join(f"{value:.2f}" for value in values)
        )
    left.set(xlabel="epoch", ylabel="learning rate η")
    right.set(xlabel="epoch", ylabel="loss, validation")
    right.set_xticks(done)
    handles, names = left.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=len(names), frameon=False)
    return picture(
        figure,
        alt=f"Left, the learning rate of {len(runs)} runs over the epochs; right, their loss on validation images "
        f"after each epoch. {'; '.join(told)}.",
        caption="The same net, the same first weights, the same batches. Only the rate differs. Look at the right "
        "panel at the epochs in which a rate on the left comes down.",
    )
