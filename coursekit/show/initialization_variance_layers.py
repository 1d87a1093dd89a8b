"""What every layer of a network carries: the distribution of its numbers, and their size layer by layer.

Both figures take arrays, so any network can be shown: chapter 07 draws initializations, chapter 08 the same
networks with and without batch normalization.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection

from coursekit.show.figure import BLACK, GRAY, OUTPUT, RED, Picture, canvas, picture
from coursekit.show.grids import COLORS

GRADIENT = RED  # what comes back has this color; what goes forward that of outputs
BINS = 40
WIDTH = 0.86  # of the widest place of a histogram; layers are 1 apart
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
MARKERS = "osv^D"

Panels = Mapping[str, Mapping[str, Sequence[np.ndarray]]]


def size(values: np.ndarray) -> float:
    """Return the root of the mean square; for numbers around 0 it is their standard deviation."""
    values = np.asarray(values, dtype=float)
    most = float(np.abs(values).max(initial=0.0))  # divided out: squares of small numbers underflow
    return most * float(np.sqrt(np.mean((values / most) ** 2))) if most > 0 else 0.0


def per_layer(
    panels: Panels, *, caption: str, colors: Mapping[str, str] | None = None, most: int = 10
) -> Picture:
    """Draw a histogram of every layer's numbers, side by side in one panel for each network and direction.

    Histograms stand upright: numbers run along the vertical axis, and a wider place means more of them. Every
    panel has its own scale, which holds all its layers; exact zeros are a gray bar at 0, as long as their share.

    Args:
        panels: arrays of any shape, one for each layer, the layer next to the input first; by the title of the row
            (such as an initialization), then by that of the column (such as ``"tanh, forward"``).
        caption: what to look at; the figure adds how to read a histogram.
        colors: by title of the column; left out, columns with "gradient" or "backward" in it are red, others green.
        most: layers in a panel; of deeper networks as many are drawn, evenly spaced, the first and last among them.

    Raises:
        ValueError: there is no panel, rows have different columns, a panel has no layer, or a number is not finite.
    """
    columns = _columns(panels)
    chosen = {} if colors is None else dict(colors)
    figure, axes = canvas(
        1.2 + 2.9 * len(columns),
        0.5 + (2.3 if len(panels) == 1 else 1.55) * len(panels),
        len(panels),
        len(columns),
        squeeze=False,
    )
    said = []
    for i, (row, arrays) in enumerate(panels.items()):
        told = []
        for ax, column in zip(axes[i], columns, strict=True):
            layers = [np.asarray(layer, dtype=float).ravel() for layer in arrays[column]]
            _check(layers, f"{row}, {column}")
            _histograms(ax, layers, chosen.get(column, _color(column)), most)
            told.append(f"{column} {_ends(layers)}")
            ax.set_title((f"{column}\n" if i == 0 else "") + _ends(layers), fontsize=10)
            if i == len(panels) - 1:
                ax.set_xlabel("layer", fontsize=10)
        axes[i, 0].set_ylabel(row, fontsize=11, fontweight="bold")
        said.append(f"{row}: {'; '.join(told)}")
    figure.align_ylabels(axes[:, 0])
    return picture(
        figure,
        alt="A grid of panels. Each has an upright histogram of the numbers in every layer, from the first layer on "
        "the left to the last on the right. Sizes (root mean square) in the first and the last layer: "
        + ". ".join(said)
        + ".",
        caption=f"{caption} Upward: the numbers in a layer; the wider a place, the more of them.",
    )


def collect(seeds: Iterable[Panels]) -> dict[str, dict[str, np.ndarray]]:
    """Return what :func:`sizes` draws: arrays (seeds, layers), by column, then by row.

    Args:
        seeds: for each seed what :func:`per_layer` draws; a generator lets go of each before it makes the next.
    """
    found: dict[str, dict[str, list[list[float]]]] = {}
    for panels in seeds:
        for row, arrays in panels.items():
            for column, layers in arrays.items():
                of_row = found.setdefault(column, {}).setdefault(row, [])
                of_row.append([size(layer) for layer in layers])
    return {
        column: {row: np.array(values) for row, values in rows.items()}
        for column, rows in found.items()
    }


def sizes(
    panels: Mapping[str, Mapping[str, np.ndarray]], *, caption: str, columns: int = 2
) -> Picture:
    """Draw the size of the numbers over the layers, one line for each network, on a logarithmic axis.

    The line is the mean over the seeds, the band reaches from the smallest to the largest seed. What is 0 in every
    layer has no place on the axis and stands in the legend alone.

    Args:
        panels: arrays (seeds, layers), by the title of the panel, then by the name of the line.
        caption: what to look at; the figure adds how many seeds there are.
        columns: panels in a row.

    Raises:
        ValueError: there is no panel, or an array does not have two axes or a number that is not finite.
    """
    if not panels:
        raise ValueError("there is no panel, expected at least one")
    rows = -(-len(panels) // columns)
    figure, axes = canvas(10.5, 0.3 + 3.2 * rows, rows, columns, squeeze=False, sharex=True)
    for ax in axes.flat[len(panels) :]:
        ax.set_axis_off()
    said, seeds = [], set()
    for ax, (title, lines) in zip(axes.flat, panels.items(), strict=False):
        told = []
        for k, (name, values) in enumerate(lines.items()):
            values = np.asarray(values, dtype=float)
            if values.ndim != 2 or not values.size or not np.isfinite(values).all():
                raise ValueError(
                    f"{title}, {name} has shape {values.shape}, expected finite sizes (seeds, layers)"
                )
            seeds.add(len(values))
            _line(ax, name, values, k)
            means = values.mean(axis=0)
            told.append(f"{name} from {short(means[0])} to {short(means[-1])}")
        ax.set(title=title, xlabel="layer", ylabel="size", yscale="log")
        said.append(f"{title}: {', '.join(told)}")
    handles, names = axes.flat[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=len(names), frameon=False)
    many = " or ".join(str(n) for n in sorted(seeds))
    return picture(
        figure,
        alt="The size (root mean square) of every layer's numbers on a logarithmic axis, from the first layer to the "
        f"last. {'. '.join(said)}.",
        caption=f"{caption} Lines: mean of {many} seeds; bands: from the smallest to the largest.",
    )


def short(value: float) -> str:
    """Return a number as a caption shows it: 0, 0.22, 31 or 3e−07."""
    if value == 0 or 0.01 <= abs(value) < 1000:
        return f"{value:.2g}" if abs(value) < 100 else f"{value:.0f}"
    mantissa, exponent = f"{value:.0e}".split("e")
    return f"{mantissa}e{int(exponent)}".replace("-", "−")


def _columns(panels: Panels) -> list[str]:
    """Return the titles of the columns, the same in every row."""
    if not panels:
        raise ValueError("there is no panel, expected at least one")
    first, *others = [list(arrays) for arrays in panels.values()]
    if not first or any(other != first for other in others):
        raise ValueError(
            f"the rows have the columns {[first, *others]}, expected the same in each and at least one"
        )
    return first


def _check(layers: Sequence[np.ndarray], what: str) -> None:
    if not layers or any(layer.size == 0 for layer in layers):
        raise ValueError(f"{what} has no numbers, expected an array for each layer")
    for number, layer in enumerate(layers, start=1):
        if not np.isfinite(layer).all():
            raise ValueError(
                f"layer {number} of {what} holds a number that is not finite, so it has no histogram"
            )


def _color(column: str) -> str:
    return GRADIENT if "gradient" in column or "backward" in column else OUTPUT


def _ends(layers: Sequence[np.ndarray]) -> str:
    return f"size {short(size(layers[0]))} → {short(size(layers[-1]))}"


def _histograms(ax: Axes, layers: Sequence[np.ndarray], color: str, most: int) -> None:
    """Draw upright histograms side by side, all on one scale, zeros as a gray bar."""
    picked = np.unique(np.linspace(0, len(layers) - 1, min(most, len(layers))).round().astype(int))
    reach = max(float(np.quantile(np.abs(layers[k]), 0.999)) for k in picked)
    top = reach * 1.05 or 1.0
    edges = np.linspace(-top, top, BINS + 1)
    outlines, zeros = [], []
    for place, k in enumerate(picked):
        layer, left = layers[k], place - WIDTH / 2
        rest = layer[layer != 0]
        if len(rest):
            counts = np.histogram(rest, edges)[0]
            shares = counts / max(1, counts.max())
            shares[shares < 0.01] = (
                0  # thinner than a pixel: would show in one place and not in another
            )
            right = left + WIDTH * np.repeat(shares, 2)
            steps = np.column_stack([right, np.repeat(edges, 2)[1:-1]])
            outlines.append(np.vstack([steps, [left, top], [left, -top]]))
        if share := 1 - len(rest) / len(layer):
            zeros.append([(left, 0), (left + WIDTH * share, 0)])
    # two collections, not thousands of bars: those would take half a minute
    ax.add_collection(PolyCollection(outlines, facecolors=color, linewidths=0, antialiaseds=False))
    ax.add_collection(LineCollection(zeros, colors=GRAY, linewidths=3))
    ax.axhline(0, color=BLACK, linewidth=0.4, zorder=0)
    ax.set(xlim=(-0.6, len(picked) - 0.4), ylim=(-top, top))
    ax.set_xticks(range(len(picked)), [str(k + 1) for k in picked])
    ax.set_yticks(
        [-reach, 0, reach], [f"−{short(reach)}", "0", short(reach)] if reach else [""] * 3
    )
    ax.tick_params(labelsize=8)


def _line(ax: Axes, name: str, values: np.ndarray, k: int) -> None:
    places = np.arange(1, values.shape[1] + 1)
    color = COLORS[k % len(COLORS)]
    if not values.any():
        ax.plot([], [], color=color, linestyle=DASHES[k % len(DASHES)], label=f"{name} (0)")
        return
    shown = np.where(values > 0, values, np.nan)
    ax.plot(
        places, shown.mean(axis=0), color=color, linestyle=DASHES[k % len(DASHES)], linewidth=2,
        marker=MARKERS[k % len(MARKERS)], markersize=4, markevery=max(1, len(places) // 10), label=name,
    )  # fmt: skip
    ax.fill_between(
        places, shown.min(axis=0), shown.max(axis=0), color=color, alpha=0.25, linewidth=0
    )
