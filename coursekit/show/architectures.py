"""The figures of chapter 11; the walk through a network and the reader of patterns stand in modules of their own."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import ipywidgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from coursekit.reference import conv2d_cost
from coursekit.show.architectures_pattern import pattern_widget as pattern_widget
from coursekit.show.architectures_walk import short as short
from coursekit.show.architectures_walk import walk_widget as walk_widget
from coursekit.show.figure import BLACK, BLUE, GRAY, GREEN, KERNEL, ORANGE, Picture, canvas, picture
from coursekit.show.grids import COLORS, tint
from coursekit.show.widget import Explorer, explorer

MEASURES = ("parameters", "activations", "multiply-adds")
GROUPS = {"convolutions": BLUE, "linear layers": ORANGE, "all else": GRAY}
MARKERS = "os^Dv"
MAPS = 28  # height and width of the maps in the picture of the reduction


def where_it_sits(tables: Mapping[str, Any]) -> Picture:
    """Draw which layers of each network hold its parameters, its activations and its multiply-adds.

    Args:
        tables: what ``coursekit.models.summary`` returns, by the name of the network.
    """
    figure, axes = canvas(10.5, 1.1 + 0.52 * len(tables), 1, 3, sharey=True)
    said = []
    for ax, measure in zip(axes, MEASURES, strict=True):
        for place, (name, table) in enumerate(tables.items()):
            amounts = [(_group(row.kind), _amount(row, measure)) for row in table]
            total = sum(amount for _, amount in amounts)
            _stack(ax, place, [(group, amount / total) for group, amount in amounts if amount])
            ax.text(1.03, place, short(total), va="center", fontsize=10)
            linear = sum(amount for group, amount in amounts if group == "linear layers") / total
            said.append(
                f"{name}, {measure}: {short(total)}, of which {linear:.0%} in linear layers"
            )
        ax.set(title=measure, xlim=(0, 1.32), xticks=[0, 0.5, 1], xlabel="share of the network")
        ax.set_xticklabels(["0", "50 %", "100 %"])
        ax.tick_params(axis="y", length=0)
    axes[0].set_yticks(range(len(tables)), list(tables))
    axes[0].invert_yaxis()
    handles = [Patch(color=color, label=group) for group, color in GROUPS.items()]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False)
    return picture(
        figure,
        alt=f"Three panels of bars, one bar for each of {', '.join(tables)}, cut into the shares of the layers. "
        + ". ".join(said)
        + ".",
        caption="From left to right in a bar: the layers, from the image to the scores. Two tones of a color "
        "take turns, one layer each. The number behind a bar is the total, for one image.",
    )


def ilsvrc(entries: Sequence[tuple[int, str, float, int | None]]) -> Picture:
    """Draw the errors of the ImageNet challenge.

    Args:
        entries: year, name, error in percent, and layers with weights; None if not known.
    """
    figure, ax = canvas(9, 3.7)
    for place, (_, _, error, layers) in enumerate(entries):
        ax.bar(place, error, color=GRAY if layers is None else GREEN, width=0.7)
        ax.text(place, error + 0.5, f"{error:g} %", ha="center", fontsize=11)
        if layers is not None:
            inside = error > 6
            ax.text(
                place,
                0.6 if inside else error + 2.6,
                f"{layers} layers",
                ha="center",
                fontsize=10,
                color="white" if inside else BLACK,
            )
    ax.set_xticks(range(len(entries)), [f"{name}\n{year}" for year, name, _, _ in entries])
    ax.set(ylabel="top-5 error, %", ylim=(0, 32))
    ax.tick_params(axis="x", length=0)
    handles = [
        Patch(color=GRAY, label="shallow"),
        Patch(color=GREEN, label="deep"),
    ]
    ax.legend(handles=handles, loc="upper right")
    told = [
        f"{year} {name} {error:g} %" + (f" with {layers} layers" if layers else "")
        for year, name, error, layers in entries
    ]
    return picture(
        figure,
        alt=f"Bars of the top-5 error, falling from left to right. {'; '.join(told)}.",
        caption="The errors and numbers of layers that CS7015 prints on slide 51: the share of test images whose class "
        "is not among the five best guesses.",
    )


def reduction(channels: int, kernels: int, kernel: int, reduced: int) -> Picture:
    """Draw the multiply-adds of a convolution, with and without a 1×1 convolution before it.

    Args:
        channels: C, of the input, on maps of 28×28.
        kernels: K, channels of the output.
        kernel: F, height and width of the kernels.
        reduced: D, channels behind the 1×1 convolution.
    """
    size, padding = (MAPS, MAPS), kernel // 2
    direct = conv2d_cost((channels, *size), kernels, kernel, padding=padding).multiply_adds
    before = conv2d_cost((channels, *size), reduced, 1).multiply_adds
    after = conv2d_cost((reduced, *size), kernels, kernel, padding=padding).multiply_adds
    figure, ax = canvas(9, 2.5)
    ax.barh(0, direct / 1e6, color=BLUE, height=0.6, label=f"{kernel}×{kernel}")
    ax.barh(1, before / 1e6, color=KERNEL, height=0.6, label="1×1")
    ax.barh(1, after / 1e6, left=before / 1e6, color=BLUE, height=0.6)
    for place, value in ((0, direct), (1, before + after)):
        ax.text(value / 1e6 + 0.01 * direct / 1e6, place, f"{value / 1e6:.1f} million", va="center")
    ax.set_yticks([0, 1], ["direct", f"through {reduced} channels"])
    ax.set(xlabel="multiply-adds for one image, in millions", ylim=(1.6, -0.6))
    ax.set_xlim(0, 1.22 * max(direct, before + after) / 1e6)
    ax.legend(loc="lower right", fontsize=10)
    times = direct / (before + after)
    verdict = f"{times:.1f} times fewer" if times > 1 else f"{1 / times:.2f} times as many"
    limit = channels * kernel**2 * kernels / (channels + kernel**2 * kernels)
    return picture(
        figure,
        alt=f"Two bars. A {kernel}×{kernel} convolution from {channels} to {kernels} channels takes "
        f"{direct / 1e6:.1f} million multiply-adds; through {reduced} channels {before / 1e6:.1f} million in the 1×1 "
        f"convolution and {after / 1e6:.1f} million behind it.",
        caption=f"{channels} channels to {kernels} on maps of {MAPS}×{MAPS}: with {reduced} channels in between "
        f"{verdict}. It pays below {limit:.1f} channels.",
    )


def reduction_widget() -> Explorer:
    """Let the reader choose the channels of a reduction, and find where it stops to pay."""
    return explorer(
        reduction,
        channels=ipywidgets.IntSlider(192, min=16, max=512, step=16, description="channels C"),
        kernels=ipywidgets.IntSlider(32, min=16, max=256, step=16, description="kernels K"),
        kernel=ipywidgets.Dropdown(options=[3, 5, 7], value=5, description="kernel F"),
        reduced=ipywidgets.IntSlider(16, min=1, max=256, description="channels between, D"),
    )


class Trained(NamedTuple):
    """What a network costs and what came of training it, one accuracy and one time for each seed."""

    parameters: int
    multiply_adds: int
    accuracy: Sequence[float]
    seconds: Sequence[float]


def compare(runs: Mapping[str, Trained]) -> Picture:
    """Draw the accuracy of trained networks over parameters, multiply-adds and seconds; one dot is one seed."""
    figure, axes = canvas(10.5, 3.7, 1, 3, sharey=True)
    said = []
    for k, (name, run) in enumerate(runs.items()):
        accuracy = 100 * np.array(run.accuracy)
        seeds = len(accuracy)
        places = ([run.parameters] * seeds, [run.multiply_adds] * seeds, run.seconds)
        for ax, x in zip(axes, places, strict=True):
            ax.plot(
                x,
                accuracy,
                MARKERS[k % len(MARKERS)],
                color=COLORS[k % len(COLORS)],
                markersize=8,
                alpha=0.8,
                label=name,
            )
        said.append(
            f"{name}: {run.parameters:,} parameters, {run.multiply_adds:,} multiply-adds, accuracy "
            f"{accuracy.min():.1f} to {accuracy.max():.1f} %, {np.mean(run.seconds):.0f} seconds"
        )
    axes[0].set(xscale="log", xlabel="parameters", ylabel="right on test images, %")
    axes[1].set(xscale="log", xlabel="multiply-adds for one image")
    for ax in axes[:2]:
        low, high = ax.get_xlim()
        ticks = [k * 10.0**e for e in range(2, 11) for k in (1, 2, 5)]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if len(ticks) > 4:  # the powers of ten are enough
            ticks = [10.0**e for e in range(2, 11) if low <= 10.0**e <= high]
        ax.set_xticks(ticks, [short(tick).replace(".00", "").replace(".0", "") for tick in ticks])
        ax.minorticks_off()
    axes[2].set(xlabel="seconds of processor time")
    axes[2].set_xlim(left=0)
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=len(names), frameon=False)
    return picture(
        figure,
        alt=f"The same accuracies over three costs, one dot for each seed. {'. '.join(said)}.",
        caption="Upward is better, to the left is cheaper. The dots of one network differ in nothing but the seed.",
    )


def moved(moves: Sequence[int], shares: Mapping[str, np.ndarray]) -> Picture:
    """Draw how the accuracy falls when the images are moved.

    Args:
        moves: pixels.
        shares: right answers (seeds, moves), by the name of the network.
    """
    figure, ax = canvas(9, 3.7)
    said = []
    for k, (name, right) in enumerate(shares.items()):
        percent = 100 * np.asarray(right)
        middle, color = percent.mean(axis=0), COLORS[k % len(COLORS)]
        ax.fill_between(moves, percent.min(axis=0), percent.max(axis=0), color=color, alpha=0.2)
        ax.plot(moves, middle, f"{MARKERS[k % len(MARKERS)]}-", color=color, label=name)
        said.append(f"{name} from {middle[0]:.0f} to {middle[-1]:.0f} %")
    ax.set(xlabel="pixels by which the test images are moved", ylabel="right, %")
    ax.set_xticks(list(moves))
    ax.legend(loc="lower left", fontsize=10)
    return picture(
        figure,
        alt=f"Accuracy against a move of {moves[0]} to {moves[-1]} pixels, one falling line for each network. "
        f"{', '.join(said)}.",
        caption="The mean of the seeds and of the directions up, down, left and right; bands from the lowest to the "
        "highest seed. No network has seen a moved image in training.",
    )


def _group(kind: str) -> str:
    return {"Conv2d": "convolutions", "Linear": "linear layers"}.get(kind, "all else")


def _amount(row: Any, measure: str) -> int:
    return int(getattr(row, measure.replace("-", "_")))


def _stack(ax: Axes, place: int, shares: Sequence[tuple[str, float]]) -> None:
    """Draw one bar whose pieces are the shares of the layers, in two tones in turn."""
    left, turn = 0.0, dict.fromkeys(GROUPS, 0)
    for group, share in shares:
        turn[group] += 1
        color = GROUPS[group] if turn[group] % 2 else tint(GROUPS[group])
        ax.barh(place, share, left=left, color=color, height=0.68)
        if share > 0.14:
            ink = "white" if color == BLUE else BLACK
            where, text = (left + share / 2, place), f"{share:.0%}"
            ax.text(*where, text, ha="center", va="center", fontsize=9.5, color=ink)
        left += share
