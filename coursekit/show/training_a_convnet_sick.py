"""Chapter 10: curves of nets that something is wrong with, and of two nets that should be the same."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from coursekit.reference import (
    softmax_cross_entropy,
    softmax_cross_entropy_backward,
    softmax_cross_entropy_forward,
)
from coursekit.reference.layers import MaxPool2d, ReLU
from coursekit.reference.network import Sequential
from coursekit.reference.optim import SGD
from coursekit.show.figure import BLACK, BLUE, GRAY, KERNEL, RED, Picture, canvas, picture
from coursekit.show.grids import COLORS

EQUAL_GUESS = float(np.log(10))
TOP = 4.2
Run = tuple[Sequence[float], Sequence[tuple[int, float]]]  # loss of every step; (step, validation)


def follow(
    network: Sequential,
    x_val: np.ndarray,
    labels_val: np.ndarray,
    *,
    x: np.ndarray,
    labels: np.ndarray,
    lr: float,
    view: Callable[[np.ndarray], np.ndarray] = lambda x: x,
    zero: bool = False,
    shuffled: bool = True,
    steps: int = 160,
) -> Run:
    """Train a network with something wrong, and return its losses, for training and for validation.

    SGD with momentum 0.9, batches of 50, a look at the validation images every 20 steps.

    Args:
        network: trained in place.
        x_val: images to look at.
        labels_val: their labels.
        x: images to train on.
        labels: their labels.
        lr: learning rate.
        view: what is done to the images before the network sees them.
        zero: whether all weights begin at zero.
        shuffled: False takes the images sorted by class, in every epoch.
        steps: how many.
    """
    for p in network.params.values():
        p *= not zero
    optimizer, rng = SGD(network.params, lr, momentum=0.9), np.random.default_rng(3)
    losses: list[float] = []
    checks: list[tuple[int, float]] = []
    queue: list[np.ndarray] = []
    for k in range(steps):
        if not queue:
            order = rng.permutation(len(x)) if shuffled else np.argsort(labels, kind="stable")
            queue = np.split(order, len(x) // 50)
        b = queue.pop(0)
        loss, cache = softmax_cross_entropy_forward(network.forward(view(x[b])), labels[b])
        network.backward(softmax_cross_entropy_backward(1.0, cache))
        optimizer.step(network.grads)
        losses.append(float(loss))
        if k % 20 == 19:
            scores = network.forward(view(x_val), training=False)
            checks.append((k, float(softmax_cross_entropy(scores, labels_val))))
    return losses, checks


def patients(runs: Mapping[str, Run], causes: Mapping[str, str] | None = None) -> Picture:
    """Draw the curves of several runs in small panels, with or without what was wrong.

    Args:
        runs: by letter, the training loss of every step, and the validation loss at some steps.
        causes: by letter; None keeps them back.
    """
    figure, axes = canvas(9.8, 4.7, 2, -(-len(runs) // 2), squeeze=False, sharey=True)
    for ax, (letter, (losses, checks)) in zip(axes.flat, runs.items(), strict=False):
        values = np.asarray(losses, dtype=float)
        fine = np.isfinite(values)
        ax.axhline(EQUAL_GUESS, color=GRAY, linewidth=0.8)
        ax.plot(np.where(fine, np.minimum(values, TOP), np.nan), color=KERNEL, linewidth=1)
        if not fine.all():
            ax.plot(np.argmin(fine), TOP - 0.15, "x", color=RED, markersize=11, markeredgewidth=3)
        steps, found = np.array(checks, dtype=float).T
        shown = np.isfinite(found)
        ax.plot(steps[shown], np.minimum(found[shown], TOP), "o", color=BLUE, markersize=4)
        ax.set_title(f"{letter}: {causes[letter]}" if causes else letter, fontsize=10.5)
        ax.set(xlabel="step", ylim=(-0.1, TOP + 0.1), xlim=(0, len(values)))
    for row in axes:
        row[0].set_ylabel("loss L")
    told = "; ".join(
        f"{letter}{f' ({causes[letter]})' if causes else ''}: {describe(*run)}"
        for letter, run in runs.items()
    )
    return picture(
        figure,
        alt=f"{len(runs)} panels with the loss over the steps of training. {told}.",
        caption="Orange: training loss of each step. Dots: validation loss. The thin line at 2.30 is an equal guess; "
        f"losses above {TOP:g} are drawn at {TOP:g}, a cross is a loss that is not a number.",
    )


def describe(losses: Sequence[float], checks: Sequence[tuple[int, float]]) -> str:
    """Say in words how a curve goes: where it starts and ends, how it trembles, what validation does."""
    values = np.asarray(losses, dtype=float)
    fine = np.isfinite(values)
    if not fine.all():
        return f"not a number from step {np.argmin(fine)} on"
    start, end = np.median(values[:5]), values[-10:]
    words = f"from {start:.1f} to {np.median(end):.1f}"
    if (jump := values.max()) > max(3.0, 1.5 * start):
        words += ", with jumps above 4" if jump > TOP else f", with jumps to {jump:.1f}"
    found = [value for _, value in checks]
    words += f", validation {found[0]:.1f} to {found[-1]:.1f}"
    if min(found) < found[-1] - 0.15:
        words += f" by way of {min(found):.1f}"
    return words


def decisions(network: Sequential, x: np.ndarray) -> np.ndarray:
    """Return which way every ReLU and every window of a 2 by 2 pooling goes, for every image in a row.

    Args:
        network: its layers are called forward.
        x: images.
    """
    found = []
    for layer in network:
        if isinstance(layer, MaxPool2d):
            corners = np.stack([x[:, :, i::2, j::2] for i, j in np.ndindex(2, 2)])
            found.append(corners.argmax(axis=0).ravel())
        x = layer.forward(x)
        if isinstance(layer, ReLU):
            found.append((x > 0).ravel())
    return np.concatenate(found)


def twins(
    ours: Sequence[float], theirs: Sequence[float], gaps: Mapping[str, np.ndarray], goal: float
) -> Picture:
    """Draw two loss curves on top of each other, and how far pairs of curves are apart at each step.

    Args:
        ours: losses of the net in NumPy.
        theirs: losses of its twin in torch.
        gaps: absolute differences of losses by what was compared.
        goal: the largest difference that is asked for in the first steps.
    """
    figure, (left, right) = canvas(9.2, 3.5, 1, 2)
    left.plot(ours, color=KERNEL, linewidth=4, alpha=0.6, label="NumPy")
    left.plot(theirs, color=BLACK, linewidth=1, label="torch")
    left.set(xlabel="step", ylabel="loss L")
    left.legend()
    told = []
    for (name, values), color, style in zip(gaps.items(), COLORS, ("-", "--", "-."), strict=False):
        gap = np.maximum(np.asarray(values, dtype=float), 1e-17)
        running = np.maximum.accumulate(gap)
        right.semilogy(running, style, color=color, label=name)
        late = np.flatnonzero(gap > goal)
        told.append(
            f"{name}: {'stays below' if not len(late) else 'later exceeds'} {goal:g} in {len(gap)} steps"
        )
    right.axhline(goal, color=GRAY, linewidth=1.5, linestyle=":")
    right.set(xlabel="step", ylabel="largest gap so far", ylim=(1e-17, 10))
    right.set_yticks(10.0 ** np.arange(-16, 1, 4))
    right.minorticks_off()
    right.legend(loc="center right", bbox_to_anchor=(1, 0.36), fontsize=10)
    return picture(
        figure,
        alt=f"Left, two loss curves of {len(ours)} steps that lie on each other for the eye. Right, the largest gap so "
        f"far between pairs of curves, on a logarithmic axis. {'; '.join(told)}.",
        caption=f"Left: NumPy and torch, the same weights and batches. Right: how far apart so far. The dotted line is "
        f"{goal:g}. A gap that starts as rounding grows by itself.",
    )
