"""Chapter 09: all masks of one unit's inputs, and how an average over masks approaches the scaled net."""

from itertools import product

import ipywidgets
import numpy as np
from matplotlib.ticker import NullFormatter

from coursekit.show.figure import BLUE, GRAY, GREEN, RED, Picture, canvas, picture
from coursekit.show.typed import numbers
from coursekit.show.widget import Explorer, explorer

MOST = 4  # inputs: 16 masks can still be read


def masks(x: np.ndarray, w: np.ndarray, rate: float) -> Picture:
    """Draw the answer of one unit for every mask of its inputs, how probable it is, and the expectation.

    Args:
        x: inputs.
        w: a weight for each.
        rate: the probability to drop an input.

    Raises:
        ValueError: x and w differ in length, or there are more than four.
    """
    if len(x) != len(w):
        raise ValueError(f"there are {len(x)} inputs and {len(w)} weights, expected one for each")
    if len(x) > MOST:
        raise ValueError(
            f"{len(x)} inputs have {2 ** len(x)} masks, expected at most {MOST} inputs"
        )
    every = np.array(list(product((0, 1), repeat=len(x))))
    z, keep = every @ (w * x), 1 - rate
    chance = np.prod(np.where(every == 1, keep, rate), axis=1)
    mean, full = chance @ z, w @ x
    figure, (top, bottom) = canvas(9, 5, 2, height_ratios=[1.6, 1], sharex=True)
    places = np.arange(len(every))
    top.bar(places, z, color=GREEN, width=0.6)
    top.axhline(0, color=GRAY, linewidth=0.8)
    top.axhline(full, color=BLUE, linestyle=":", linewidth=2, label=f"nothing dropped: {full:.4g}")
    top.axhline(mean, color=RED, linewidth=2, label=f"expectation: {mean:.4g}")
    top.set_ylabel("z")
    top.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=10)
    bottom.bar(places, chance, color=GRAY, width=0.6)
    bottom.set(xlabel="mask (1 = kept, 0 = dropped)", ylabel="probability", ylim=(0, 1))
    bottom.set_xticks(places, ["".join(map(str, mask)) for mask in every])
    bottom.tick_params(axis="x", rotation=0 if len(every) < 16 else 45)
    told = "; ".join(
        f"mask {''.join(map(str, mask))}: z = {value:.4g}, probability {p:.4g}"
        for mask, value, p in zip(every, z, chance, strict=True)
    )
    return picture(
        figure,
        alt=f"Bars of z for each of {len(every)} masks, and below them their probabilities. {told}. A line marks the "
        f"expectation, {mean:.4g}, another one {full:.4g}, where nothing is dropped.",
        caption=f"Probability × z, added up over {len(every)} masks: {mean:.4g}. The full unit gives {full:.4g}, and "
        f"{keep:.2g} of it is {keep * full:.4g}.",
    )


def mask_widget() -> Explorer:
    """Let the reader choose inputs, weights and a rate, and see every mask."""

    def draw(x: str, theta: str, rate: float) -> Picture:
        return masks(numbers(x, "the input"), numbers(theta, "the weights"), rate)

    return explorer(
        draw,
        x=ipywidgets.Text("3, 5", description="inputs", continuous_update=False),
        theta=ipywidgets.Text("2, -1", description="weights", continuous_update=False),
        rate=ipywidgets.FloatSlider(0.5, min=0, max=0.9, step=0.05, description="rate"),
    )


def averaging(counts: np.ndarray, distances: dict[str, np.ndarray]) -> Picture:
    """Draw how far averaged answers are from those of the scaled net, against the number of masks.

    Args:
        counts: numbers of masks.
        distances: for each kind of average, (seeds, counts).
    """
    figure, ax = canvas(9, 3.8)
    told = []
    for (name, values), color, mark in zip(distances.items(), (RED, BLUE), "os", strict=False):
        mean, low, high = values.mean(axis=0), values.min(axis=0), values.max(axis=0)
        ax.fill_between(counts, low, high, color=color, alpha=0.2, linewidth=0)
        ax.loglog(counts, mean, mark + "-", color=color, label=name)
        told.append(f"{name} from {mean[0]:.3f} to {mean[-1]:.4f}")
    ax.set(xlabel="masks averaged", ylabel="mean |difference in p|")
    ax.set_xticks(counts, [str(count) for count in counts])
    ax.set_xticks([], minor=True)
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.set_yticks(ticks := [0.002, 0.005, 0.01, 0.02, 0.05], [str(tick) for tick in ticks])
    every = np.concatenate([values.ravel() for values in distances.values()])
    ax.set_ylim(every.min() / 1.2, every.max() * 1.2)
    ax.legend()
    return picture(
        figure,
        alt=f"Mean absolute difference of the probabilities from those of the scaled net, for {counts[0]} to "
        f"{counts[-1]} masks, on logarithmic axes: {'; '.join(told)}. The geometric mean falls along a straight line, "
        "the arithmetic mean levels off.",
        caption="Bands reach from the smallest to the largest of the seeds. Of the two averages one keeps "
        "approaching the scaled net, and the other one settles beside it.",
    )
