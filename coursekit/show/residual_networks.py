"""The figures of chapter 12; the record stands in a module of its own, and so do blocks and paths."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.ticker import MaxNLocator

from coursekit.show.figure import (
    BLACK,
    BLUE,
    GRAY,
    KERNEL,
    OUTPUT,
    RED,
    SKY,
    Picture,
    canvas,
    picture,
)
from coursekit.show.images import gallery
from coursekit.show.initialization_variance_layers import short
from coursekit.show.residual_networks_blocks import block_widget as block_widget
from coursekit.show.residual_networks_paths import chain_widget as chain_widget
from coursekit.show.residual_networks_record import degradation as degradation
from coursekit.show.residual_networks_record import deleted as deleted
from coursekit.show.residual_networks_record import grid as grid
from coursekit.show.residual_networks_record import machine as machine
from coursekit.show.residual_networks_record import record as record
from coursekit.show.residual_networks_record import summed_up as summed_up
from coursekit.show.training_a_convnet import EQUAL_GUESS, smooth

STYLES = {"plain": (RED, "--", "s"), "residual": (BLUE, "-", "o")}
OTHER = (SKY, "-.", "^")
DASHES = {8: "-", 20: "--", 44: ":"}


def halved(
    images: np.ndarray, pooled: np.ndarray, labels: np.ndarray, names: Sequence[str]
) -> Picture:
    """Draw the first image of four classes, as it is and averaged over 2×2 pixels.

    Args:
        images: (N, 1, H, W), 0 to 255.
        pooled: the same (N, 1, H/2, W/2).
        labels: (N,).
        names: of the classes.
    """
    shown = {}
    for title, source in (("", images), (", coarse", pooled)):
        for k in (0, 5, 6, 9):
            place = int(np.argmax(labels == k))
            shown[f"{names[k]}{title}"] = source[place, 0] / 255
    side = pooled.shape[-1]
    return gallery(
        shown,
        alt=f"Four gray pictures of clothes: {', '.join(names[k] for k in (0, 5, 6, 9))}; below them the same with "
        f"{side} by {side} pixels, coarser and still recognizable.",
        caption="Above as published, below averaged over 2 × 2 pixels. What can no longer be told apart?",
        size=1.9,
    )


def race(curves: Mapping[str, Sequence[float]], caption: str) -> Picture:
    """Draw the running averages of several runs' losses, in the colors and dashes of the recorded runs.

    Args:
        curves: the loss of every step, by names such as "plain 44".
        caption: what to look at.
    """
    figure, ax = canvas(8.6, 3.4)
    told = []
    for name, values in curves.items():
        kind, depth = name.rsplit(" ", 1)
        color, _, _ = STYLES.get(kind, OTHER)
        dash = DASHES.get(int(depth), "-.")
        ax.plot(smooth(values), dash, color=color, linewidth=2, label=name)
        told.append(f"{name} {np.mean(values[-20:]):.2f}")
    ax.axhline(EQUAL_GUESS, color=GRAY, linewidth=0.8)
    ax.set(xlabel="step", ylabel="training loss L", ylim=(0, 3))
    figure.legend(loc="outside upper center", ncols=len(curves), frameon=False, fontsize=10)
    return picture(
        figure,
        alt=f"The loss over the steps of {len(curves)} runs as running averages. Mean of the last 20 steps: "
        f"{', '.join(told)}.",
        caption=f"{caption} Running averages; the gray line is an equal guess.",
    )


def reach(panels: Mapping[str, Mapping[str, np.ndarray]]) -> Picture:
    """Draw the length of the loss's gradient at every block, from the first to the last.

    Args:
        panels: arrays (seeds, blocks), by the title of the panel, then by the name of the net; a name that begins
            with plain or residual gets the color that it has everywhere in the chapter.

    Raises:
        ValueError: an array does not have two axes, or a number in it is not positive.
    """
    figure, axes = canvas(9.6, 3.7, 1, len(panels), squeeze=False, sharey=True)
    said = []
    for ax, (title, lines) in zip(axes[0], panels.items(), strict=True):
        told = []
        for name, values in lines.items():
            values = np.asarray(values, dtype=float)
            if values.ndim != 2 or not (values > 0).all():
                raise ValueError(
                    f"{title}, {name} has shape {values.shape}, expected positive lengths (seeds, blocks)"
                )
            color, dash, marker = STYLES.get(name.split()[0].rstrip(","), OTHER)
            places = np.arange(1, values.shape[1] + 1)
            middle = np.exp(np.log(values).mean(axis=0))
            ax.plot(places, middle, dash, color=color, marker=marker, markersize=4, label=name)
            ax.fill_between(places, values.min(0), values.max(0), color=color, alpha=0.2, lw=0)
            told.append(
                f"{name} {short(middle[-1])} at the last block, {short(middle[0])} at the first"
            )
        ax.set(title=title, xlabel="block, the first next to the image", yscale="log")
        ax.legend(fontsize=10)
        said.append(f"{title}: {'; '.join(told)}")
    axes[0, 0].set_ylabel("length of the gradient")
    count = len(next(iter(next(iter(panels.values())).values())))
    return picture(
        figure,
        alt="The length of the gradient at the output of every block, on a logarithmic axis. "
        f"{'. '.join(said)}.",
        caption=f"Read each line from right to left, as the gradient travels. Mean of the logarithms and range of "
        f"{count} seeds.",
    )


def growth(sizes: Mapping[str, Sequence[float]]) -> Picture:
    """Draw the size of the signal behind every block, by the name of the net."""
    figure, ax = canvas(8.6, 3.2)
    told = []
    for (name, values), color, dash in zip(
        sizes.items(), (BLUE, RED, OUTPUT, KERNEL), ("-", "--", "-.", ":"), strict=False
    ):
        ax.plot(np.arange(1, len(values) + 1), values, dash, color=color, linewidth=2, label=name)
        told.append(f"{name} from {short(values[0])} to {short(values[-1])}")
    ax.set(xlabel="block", ylabel="size of the signal", ylim=(0, None))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(fontsize=10)
    return picture(
        figure,
        alt=f"The size, root mean square, of what comes out of each block. {'; '.join(told)}.",
        caption="Behind each block: the root mean square of what it hands on, before any training.",
    )


def without_one(
    losses: Mapping[str, Sequence[float]], whole: Mapping[str, float], names: Sequence[str]
) -> Picture:
    """Draw the share right without each block, one at a time, by the name of the net.

    Args:
        losses: the share right without each block, in order.
        whole: the share right of the net as trained, by the same names.
        names: of the blocks.
    """
    figure, axes = canvas(9.6, 3.5, 1, len(losses), squeeze=False, sharey=True)
    told = []
    for ax, (name, values) in zip(axes[0], losses.items(), strict=True):
        color, _, marker = STYLES.get(name.split()[0], OTHER)
        places = np.arange(len(values))
        ax.axhline(whole[name], color=BLACK, linewidth=1.2, label="nothing removed")
        ax.axhline(0.1, color=GRAY, linestyle=":", label="a guess")
        ax.vlines(places, values, whole[name], color=color, linewidth=2, alpha=0.5)
        ax.plot(places, values, marker, color=color, markersize=8, label="without this block")
        ax.set_xticks(places, names, rotation=90 if len(names) > 8 else 0, fontsize=9)
        ax.set(title=name, xlabel="block taken out: stage.place", ylim=(0, 1))
        told.append(
            f"{name}: {whole[name]:.0%} whole, without one block between {min(values):.0%} and {max(values):.0%}"
        )
    axes[0, 0].set_ylabel("share of test images right")
    axes[0, -1].legend(fontsize=9)
    return picture(
        figure,
        alt=f"For each block, the accuracy when it alone is replaced by the identity. {'; '.join(told)}.",
        caption="Nothing was trained again. How much does a net miss a block that was there in all of its training?",
    )


def family(rows: Sequence[tuple[str, int, float, float]]) -> Picture:
    """Draw depth against parameters of published nets, the size of a point for its multiply-adds.

    Args:
        rows: name, layers with weights, parameters in millions, multiply-adds in billions.
    """
    figure, ax = canvas(8.6, 3.8)
    for name, layers, parameters, cost in rows:
        color = BLUE if name.startswith("ResNet") else KERNEL
        ax.scatter(layers, parameters, s=30 * cost + 10, color=color, alpha=0.6, linewidth=0)
        aside = {"ResNet-18": (8, -13), "ResNet-34": (-28, 14), "ResNet-50": (10, -9)}
        ax.annotate(
            f"{name}, {cost:.1f}",
            (layers, parameters),
            xytext=aside.get(name, (9, 7)),
            textcoords="offset points",
            fontsize=10,
        )
    most = max(row[2] for row in rows)
    ax.set(xlabel="layers with weights", ylabel="parameters (millions)")
    ax.set(xlim=(0, 1.25 * max(row[1] for row in rows)), ylim=(0, 1.15 * most))
    told = ", ".join(f"{n} {d} layers, {p:.1f} million and {c:.1f} billion" for n, d, p, c in rows)
    return picture(
        figure,
        alt=f"Depth against parameters, with multiply-adds as the area of the point: {told}.",
        caption="Area, and the number beside the name: billions of multiply-adds for one image. Does "
        "more depth mean more parameters?",
    )
