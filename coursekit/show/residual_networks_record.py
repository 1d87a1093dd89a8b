"""What benchmarks/degradation.py recorded: plain and residual twins of three depths, and a grid of sizes."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from IPython.display import Markdown

from coursekit.paths import CourseNotFoundError, course_root
from coursekit.show.figure import BLUE, GRAY, OUTPUT, RED, Picture, canvas, picture
from coursekit.show.grids import COLORS

Record = Mapping[str, Any]
KINDS = {"plain": (RED, "s"), "residual": (BLUE, "o"), "identity start": (OUTPUT, "^")}
DASHES = ("-", "--", ":")
MISSING = Markdown(
    "The recorded runs are not on this machine: they lie in the course's repository, in "
    "`benchmarks/degradation.json`."
)


def record() -> Record | None:
    """Return what is recorded; None where only the package is, without the course's repository."""
    try:
        path = course_root() / "benchmarks" / "degradation.json"
        recorded: Record = json.loads(path.read_text(encoding="utf-8"))
    except (CourseNotFoundError, OSError):
        return None
    return recorded


def chosen(recorded: Record, **wanted: Any) -> list[Mapping[str, Any]]:
    """Return the runs with these values, ``width=16, pixels=14, epochs=3`` where nothing else is asked for."""
    wanted = {"width": 16, "pixels": 14, "epochs": 3} | wanted
    return [run for run in recorded["runs"] if all(run[k] == v for k, v in wanted.items())]


def machine(recorded: Record) -> str:
    """Return where, when and how the runs were made, for a caption."""
    found = recorded["machine"]
    seeds = sorted({run["seed"] for run in recorded["runs"]})
    return (
        f"Recorded on {found['date']} with {found['threads']} thread, {found['processor']}, torch {found['torch']}, "
        f"`{found['command']}`, seeds {seeds[0]} to {seeds[-1]} at most."
    )


def summed_up(
    recorded: Record | None, kinds: Sequence[str], what: str = "train_loss", **wanted: Any
) -> str:
    """Return mean and standard deviation over the seeds, for each kind and depth, as lines of text."""
    if recorded is None:
        return str(MISSING.data)
    lines = []
    for kind in kinds:
        for depth in sorted({run["depth"] for run in recorded["runs"]}):
            found = [run[what] for run in chosen(recorded, kind=kind, depth=depth, **wanted)]
            if found:
                lines.append(
                    f"{kind:14} {depth:2} layers: {np.mean(found):.3f} ± {spread(found):.3f} ({len(found)} seeds)"
                )
    return "\n".join(lines)


def spread(values: Sequence[float]) -> float:
    """Return the standard deviation of a sample, 0 for one value."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def degradation(
    recorded: Record | None, kinds: Sequence[str] = ("plain",), **wanted: Any
) -> Picture | Markdown:
    """Draw loss curves, and training and test accuracy against depth, of the recorded runs of some kinds."""
    if recorded is None:
        return MISSING
    depths = sorted({run["depth"] for run in chosen(recorded, **wanted)})
    figure, axes = canvas(10, 3.7, 1, 3, width_ratios=(1.25, 1, 1))
    told = []
    for kind in kinds:
        color, marker = KINDS[kind]
        means: dict[str, list[float]] = {"train_loss": [], "test_accuracy": []}
        for depth, dash in zip(depths, DASHES, strict=False):
            runs = chosen(recorded, kind=kind, depth=depth, **wanted)
            curves = np.array([run["losses"] for run in runs])
            steps = 10 * np.arange(1, curves.shape[1] + 1) - 5
            axes[0].plot(steps, curves.mean(0), dash, color=color, lw=1.8, label=f"{kind} {depth}")
            for ax, (what, found) in zip(axes[1:], means.items(), strict=True):
                values = [run[what] for run in runs]
                ax.plot(
                    [depth] * len(values), values, marker, color=color, alpha=0.45, markersize=5
                )
                found.append(float(np.mean(values)))
        for ax, found in zip(axes[1:], means.values(), strict=True):
            ax.plot(depths, found, "-", color=color, linewidth=2, label=kind)
        told += [
            f"{kind} {depth}: {loss:.2f} and {right:.0%}"
            for depth, loss, right in zip(depths, *means.values(), strict=True)
        ]
    axes[0].set(xlabel="step", ylabel="training loss L", ylim=(0, None), title="while training")
    axes[1].set(xlabel="layers", ylabel="training loss L", ylim=(0, None), title="afterwards")
    axes[2].set(xlabel="layers", ylabel="share right", title="test images")
    for ax in axes[1:]:
        ax.set_xticks(depths)
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(
        handles,
        names,
        loc="outside upper center",
        ncols=min(len(names), 6),
        frameon=False,
        fontsize=9.5,
    )
    seeds = len(chosen(recorded, kind=kinds[0], depth=depths[0], **wanted))
    return picture(
        figure,
        alt=f"Three panels. Left, the training loss over the steps. Middle and right, training loss and test accuracy "
        f"after training against depth. Means of {seeds} seeds, loss and accuracy: {'; '.join(told)}.",
        caption=f"Points: {seeds} seeds; lines: their means. {machine(recorded)}",
    )


def deleted(recorded: Record | None) -> str:
    """Return what the recorded nets of 20 layers lost with one block, over all seeds, as lines of text."""
    if recorded is None:
        return str(MISSING.data)
    lines = []
    for kind in ("plain", "residual"):
        runs = [run for run in chosen(recorded, kind=kind, depth=20) if "without" in run]
        whole = np.mean([run["test_accuracy"] for run in runs])
        without = [np.mean(run["without"]) for run in runs]
        every = np.concatenate([run["without"] for run in runs])
        lines.append(
            f"{kind:8} 20: {whole:.1%} whole; without one block {np.mean(without):.1%} ± {spread(without):.1%} on "
            f"average, {every.min():.1%} to {every.max():.1%} ({len(runs)} seeds)"
        )
    return "\n".join(lines)


def grid(
    recorded: Record | None, costs: Mapping[tuple[int, int, int], float]
) -> Picture | Markdown:
    """Draw what depth, width and resolution bring, against what they cost.

    Args:
        recorded: the record.
        costs: multiply-adds in millions, by depth, width and pixels.
    """
    if recorded is None:
        return MISSING
    figure, axes = canvas(10, 4.2, 1, 2)
    told, smallest = [], min(costs)
    for k, (sizes, cost) in enumerate(sorted(costs.items(), key=lambda one: one[1])):
        depth, width, pixels = sizes
        runs = chosen(recorded, kind="residual", depth=depth, width=width, pixels=pixels)
        runs = [run for run in runs if run["seed"] < 3]
        changed = sum(a != b for a, b in zip(sizes, smallest, strict=True))
        color, marker = COLORS[changed], ("s", "o", "^", "D")[changed]
        for ax, what in zip(axes, ("train_loss", "test_accuracy"), strict=True):
            values = np.array([run[what] for run in runs])
            ax.plot([cost] * 2, [values.min(), values.max()], color=color, linewidth=1.5)
            ax.plot(cost, values.mean(), marker, color=color, markersize=7)
            # where a neighbor stands close by on the right
            to_the_left = k in ((4, 5) if what == "train_loss" else (1, 4, 5))
            ax.annotate(
                f"{depth}, {width}, {pixels}",
                (cost, values.mean()),
                xytext=(-7 if to_the_left else 7, 0),
                textcoords="offset points",
                fontsize=10.5,
                ha="right" if to_the_left else "left",
                va="center",
            )
        loss, right = (np.mean([run[w] for run in runs]) for w in ("train_loss", "test_accuracy"))
        told.append(
            f"depth {depth}, width {width}, {pixels} pixels: {cost:.2f} million, {loss:.3f}, {right:.1%}"
        )
    for ax, name in zip(axes, ("training loss L", "share of test images right"), strict=True):
        ax.set(xscale="log", xlabel="multiply-adds for one image (millions)", ylabel=name)
        ax.set_xticks([0.2, 0.5, 1, 2, 5, 10], ["0.2", "0.5", "1", "2", "5", "10"])
        ax.minorticks_off()
        ax.margins(y=0.1)
        ax.set_xlim(0.6 * min(costs.values()), 4 * max(costs.values()))  # room for the last label
        ax.grid(axis="y", color=GRAY, alpha=0.25)
    return picture(
        figure,
        alt=f"Training loss and accuracy against cost on a logarithmic axis, for {len(costs)} residual nets, "
        f"with cost, loss and accuracy: {'; '.join(told)}.",
        caption="Beside each point: layers, channels of the first stage, pixels of an image's side. Blue square: "
        "the smallest; then one, two and three of them doubled or more. Bars: lowest and highest of 3 seeds, "
        f"300 steps each. {machine(recorded)}",
    )
