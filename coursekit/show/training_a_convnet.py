"""The figures of chapter 10; valley, schedules and sick curves stand in modules of their own."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from IPython.display import Markdown

from coursekit.paths import CourseNotFoundError, course_root
from coursekit.show.batch_normalization import learning_rates as learning_rates
from coursekit.show.figure import BLUE, GRAY, KERNEL, ORANGE, RED, Picture, canvas, picture
from coursekit.show.grids import COLORS
from coursekit.show.images import gallery
from coursekit.show.training_a_convnet_schedules import schedule_widget as schedule_widget
from coursekit.show.training_a_convnet_schedules import schedules as schedules
from coursekit.show.training_a_convnet_sick import decisions as decisions
from coursekit.show.training_a_convnet_sick import follow as follow
from coursekit.show.training_a_convnet_sick import patients as patients
from coursekit.show.training_a_convnet_sick import twins as twins
from coursekit.show.training_a_convnet_valley import valley_widget as valley_widget

DASHES = ("-", "--", "-.", ":")
SHORT = {
    "convolution": "",
    "max pooling": "pool ",
    "batch normalization": "norm ",
    "LeNet-5": "LeNet-5, ",
}
EQUAL_GUESS = float(np.log(10))


def clothes(images: np.ndarray, labels: np.ndarray, names: Sequence[str]) -> Picture:
    """Draw the first image of every class.

    Args:
        images: (N, 1, H, W), 0 to 255.
        labels: (N,).
        names: of the classes.
    """
    first = [int(np.argmax(labels == k)) for k in range(len(names))]
    return gallery(
        {name: images[k, 0] / 255 for name, k in zip(names, first, strict=True)},
        alt=f"{len(names)} gray pictures of 28 by 28 pixels, bright on black: {', '.join(names)}.",
        caption="One of each class. At 28 by 28 pixels, what tells the pullover from the coat and the shirt?",
        columns=5,
        size=1.75,
    )


def smooth(losses: Sequence[float] | np.ndarray, beta: float = 0.9) -> np.ndarray:
    """Return the running average of a curve in which each step back counts beta times less."""
    values = np.asarray(losses, dtype=float)
    ages = np.arange(len(values))
    weights = np.tril(float(beta) ** np.clip(ages[:, None] - ages[None, :], 0, None))
    return weights @ values / weights.sum(axis=1)


def race(curves: Mapping[str, Sequence[float]], caption: str) -> Picture:
    """Draw the running averages of several runs' losses, and each step of the first one faintly."""
    figure, ax = canvas(8.6, 3.4)
    told = []
    for k, (name, values) in enumerate(curves.items()):
        if k == 0:
            ax.plot(values, color=COLORS[k], linewidth=0.6, alpha=0.4)
        ax.plot(smooth(values), DASHES[k % 4], color=COLORS[k], linewidth=2, label=name)
        told.append(f"{name} {np.mean(values[-20:]):.2f}")
    ax.axhline(EQUAL_GUESS, color=GRAY, linewidth=0.8)
    ax.set(xlabel="step", ylabel="loss L", ylim=(0, 3))
    ax.legend()
    return picture(
        figure,
        alt=f"The loss over the steps of {len(curves)} runs as running averages, and faintly each step of "
        f"{next(iter(curves))}. Mean of the last 20 steps: {', '.join(told)}.",
        caption=caption,
    )


def range_test(rates: Sequence[float], losses: Sequence[float]) -> Picture:
    """Draw the loss over a learning rate that grows from step to step, and where it is lowest."""
    rate, averaged = np.asarray(rates, dtype=float), smooth(losses)
    low = int(np.argmin(averaged))
    figure, ax = canvas(8.6, 3.4)
    ax.axhline(EQUAL_GUESS, color=GRAY, linewidth=0.8)
    ax.semilogx(
        rate, np.minimum(losses, 4), color=KERNEL, linewidth=0.8, alpha=0.6, label="each step"
    )
    ax.semilogx(rate, np.minimum(averaged, 4), color=KERNEL, linewidth=2.5, label="running average")
    ax.axvline(rate[low], color=RED, linestyle="--", label=f"lowest, at {rate[low]:.2g}")
    ax.axvline(
        rate[low] / 10, color=BLUE, linestyle="-.", label=f"a tenth of that, {rate[low] / 10:.2g}"
    )
    ax.set(xlabel="learning rate η, growing from step to step", ylabel="loss L", ylim=(0, 4.05))
    ax.legend(loc="lower left", fontsize=10)
    return picture(
        figure,
        alt=f"The loss against a learning rate that grows from {rate[0]:g} to {rate[-1]:.2g}. Flat at first, at "
        f"{averaged[len(rate) // 4]:.1f} after a quarter of the steps; then it falls, to its lowest average of "
        f"{averaged[low]:.1f} at a rate of {rate[low]:.2g}; then it climbs to {averaged[-1]:.1f}.",
        caption="One short run, read from left to right: too small, useful, too large. The thin line is an equal "
        "guess; losses above 4 are drawn at 4.",
    )


def epochs(
    losses: Sequence[float], history: Sequence[tuple[float, float]], each: int, goal: float
) -> Picture:
    """Draw a training: loss of every step with the validation loss of every epoch, and its accuracy.

    Args:
        losses: of every step.
        history: validation loss and accuracy after each epoch.
        each: steps of an epoch.
        goal: an accuracy to mark.
    """
    loss, accuracy = np.array(history).T
    done = np.arange(1, len(loss) + 1)
    figure, (left, right) = canvas(9, 3.3, 1, 2)
    left.plot(np.arange(len(losses)) / each, losses, color=KERNEL, linewidth=0.5, alpha=0.5)
    left.plot(
        np.arange(len(losses)) / each,
        smooth(losses, 0.97),
        color=KERNEL,
        linewidth=2.5,
        label="training, averaged",
    )
    left.plot(done, loss, "o-", color=BLUE, label="validation")
    left.set(xlabel="epoch", ylabel="loss L", ylim=(0, 1.5))
    left.legend()
    right.plot(done, accuracy, "o-", color=BLUE, label="validation")
    right.axhline(goal, color=GRAY, linestyle="--", label=f"the goal, {goal:.0%}")
    right.set(xlabel="epoch", ylabel="share right", ylim=(0.6, 1))
    right.legend(loc="lower right")
    return picture(
        figure,
        alt=f"Left, the training loss over {len(done)} epochs, falling to {np.mean(losses[-each:]):.2f}, and the "
        f"validation loss after each epoch, from {loss[0]:.2f} to {loss[-1]:.2f}, lowest after epoch "
        f"{done[np.argmin(loss)]}. Right, the share of validation images that is right, from {accuracy[0]:.0%} to "
        f"{accuracy[-1]:.0%}.",
        caption="Where do training and validation loss part? And does the accuracy notice?",
    )


def benchmark() -> Picture | Markdown:
    """Draw the recorded benchmark of the NumPy reference beside torch, benchmarks/reference.json.

    Where only the package is, without the course's repository, say so instead.
    """
    try:
        path = course_root() / "benchmarks" / "reference.json"
        recorded = json.loads(path.read_text(encoding="utf-8"))
    except (CourseNotFoundError, OSError):
        return Markdown(
            "The recorded benchmark is not on this machine: it lies in the course's repository, in "
            "`benchmarks/reference.json`."
        )
    return draw_benchmark(recorded)


def draw_benchmark(recorded: Mapping[str, Any]) -> Picture:
    """Draw ratios of our time to torch's, with one and with two threads."""
    rows = [(part, row) for part in SHORT for row in recorded[part]]
    cases = list(dict.fromkeys((part, row["case"]) for part, row in rows))
    figure, axes = canvas(9.6, 1.2 + 0.33 * len(cases), 1, 2, sharey=True)
    told = []
    for ax, count in zip(axes, (1, 2), strict=True):
        ax.axvline(1, color=GRAY, linewidth=1.5)
        for name, marker, color in (
            ("the matrix products alone", "|", GRAY),
            ("ours, batch first", "s", ORANGE),
            ("ours, batch last", "o", BLUE),
        ):
            found = {
                (part, row["case"]): row["ratio"]
                for part, row in rows
                if row["threads"] == count
                and row["what"] in (name, "ours" if name == "ours, batch last" else name)
            }
            places = [k for k, case in enumerate(cases) if case in found]
            ratios = [found[cases[k]] for k in places]
            ax.plot(ratios, places, marker, color=color, markersize=9, label=name, linestyle="")
            if name == "ours, batch last":
                told.append(
                    f"with {count} thread{'s' if count > 1 else ''}, "
                    + ", ".join(f"{cases[k][0]} {cases[k][1]}: {found[cases[k]]:g}" for k in places)
                )
        ax.set_xscale("log")
        ax.set_xticks([0.25, 0.5, 1, 2], ["1/4", "1/2", "1", "2"])
        ax.minorticks_off()
        ax.set(
            xlim=(0.22, 2.6),
            xlabel="time / torch's time",
            title=f"{count} thread" + "s" * (count > 1),
        )
    axes[0].set_yticks(range(len(cases)), [SHORT[part] + case for part, case in cases])
    axes[0].invert_yaxis()
    axes[0].set_ylabel("case")
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=3, frameon=False)
    machine = recorded["machine"]
    return picture(
        figure,
        alt=f"Time of the NumPy reference, forward and backward, divided by torch's, for {len(cases)} cases. In the "
        f"memory order that a network uses: {'; '.join(told)}.",
        caption=f"Left of 1, NumPy is faster than torch. Bars: the products alone. Recorded on {machine['date']}, "
        f"{machine['cores']} cores, NumPy {machine['numpy']}, torch {machine['torch']}.",
    )
