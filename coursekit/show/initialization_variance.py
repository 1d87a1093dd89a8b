"""The figures of chapter 07.

What layers carry stands in ``initialization_variance_layers``, the network that the reader sets in
``initialization_variance_signal``, the valley of inputs that are not centered in ``initialization_variance_valley``.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from coursekit.show.figure import BLACK, Picture, canvas, picture
from coursekit.show.grids import COLORS
from coursekit.show.initialization_variance_layers import (
    DASHES,
    MARKERS,
    collect,
    per_layer,
    short,
    size,
    sizes,
)
from coursekit.show.initialization_variance_signal import signal, signal_widget
from coursekit.show.initialization_variance_valley import zigzag, zigzag_widget

__all__ = [
    "collect",
    "loss_bands",
    "per_layer",
    "signal",
    "signal_widget",
    "size",
    "sizes",
    "sums",
    "unit_paths",
    "zigzag",
    "zigzag_widget",
]


def unit_paths(paths: Mapping[str, np.ndarray]) -> Picture:
    """Draw one weight of every hidden unit over the steps of training, one panel for each start.

    Args:
        paths: arrays (steps, units), by title.
    """
    figure, axes = canvas(9, 2.9, 1, len(paths), squeeze=False, sharey=True)
    told = []
    for ax, (title, path) in zip(axes[0], paths.items(), strict=True):
        for k, line in enumerate(np.asarray(path).T):
            ax.plot(line, color=COLORS[k % len(COLORS)], linewidth=1)
        apart = float(np.ptp(path[-1]))
        ax.set(title=title, xlabel="step of gradient descent")
        lines = "one line" if apart < 1e-9 else f"{path.shape[1]} lines, {short(apart)} apart"
        told.append(f"{title}: at the end {lines}")
    axes[0, 0].set_ylabel("one weight of each unit")
    return picture(
        figure,
        alt=f"One weight of each hidden unit over the steps of training. {'; '.join(told)}.",
        caption="Every panel has one line for each hidden unit. Lines that lie on each other are units that still "
        "compute the same.",
    )


def sums(n: Sequence[int], measured: Mapping[str, np.ndarray]) -> Picture:
    """Draw the standard deviation of sums of n products over n, on logarithmic axes.

    Args:
        n: how many products each sum has.
        measured: arrays (seeds, len(n)), by what the weights were drawn with.
    """
    figure, ax = canvas(9, 3.8)
    told = []
    for k, (name, values) in enumerate(measured.items()):
        means = np.mean(values, axis=0)
        ax.loglog(
            n, means, color=COLORS[k], linestyle=DASHES[k], marker=MARKERS[k], linewidth=2, label=name
        )  # fmt: skip
        ax.fill_between(n, np.min(values, axis=0), np.max(values, axis=0), color=COLORS[k], alpha=0.25)  # fmt: skip
        told.append(f"{name}: from {short(means[0])} to {short(means[-1])}")
    ax.axhline(1, color=BLACK, linewidth=0.5)
    ax.set(xlabel="number of inputs, n", ylabel="standard deviation of s")
    ax.legend()
    seeds = len(next(iter(measured.values())))
    return picture(
        figure,
        alt=f"The standard deviation of a sum of n products, for n from {n[0]} to {n[-1]}, on logarithmic axes. "
        f"{'; '.join(told)}.",
        caption=f"Only one of the {len(measured)} choices is level. Lines: mean of {seeds} seeds; bands, hardly wider "
        "than the lines: from the smallest to the largest.",
    )


def loss_bands(panels: Mapping[str, Mapping[str, np.ndarray]]) -> Picture:
    """Draw losses over the steps of training, mean and spread over the seeds, one panel for each network.

    Args:
        panels: arrays (seeds, steps), by title of the panel, then by name of the line.
    """
    figure, axes = canvas(9, 3.1, 1, len(panels), squeeze=False, sharey=True)
    told = []
    for ax, (title, curves) in zip(axes[0], panels.items(), strict=True):
        ends = []
        for k, (name, values) in enumerate(curves.items()):
            values = np.asarray(values, dtype=float)
            ax.plot(values.mean(axis=0), color=COLORS[k], linestyle=DASHES[k], linewidth=2, label=name)  # fmt: skip
            ax.fill_between(
                range(values.shape[1]), values.min(axis=0), values.max(axis=0), color=COLORS[k], alpha=0.2
            )  # fmt: skip
            last = values[:, -10:].mean(axis=1)
            ends.append(f"{name} {last.mean():.1f} ± {last.std():.1f}")
        ax.set(title=title, xlabel="step of gradient descent", ylim=(0, 4))
        told.append(f"{title}: {', '.join(ends)}")
    axes[0, 0].set_ylabel("loss L")
    axes[0, -1].legend()
    seeds = len(next(iter(next(iter(panels.values())).values())))
    return picture(
        figure,
        alt="The loss over the steps of training. In the last ten steps, mean and standard deviation over the seeds, "
        f"{'; '.join(told)}.",
        caption=f"Lines: mean of {seeds} seeds; bands: from the smallest to the largest. A loss of 2.30 is what an "
        "equal guess among ten digits costs.",
    )
