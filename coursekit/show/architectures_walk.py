"""A walk through a network, layer by layer: what a layer makes of its input, and what it costs."""

from collections.abc import Mapping, Sequence
from math import log2
from typing import Any

import ipywidgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from coursekit.show.figure import GRAY, INPUT, KERNEL, OUTPUT, PINK, RED, Picture, canvas, picture
from coursekit.show.grids import tint
from coursekit.show.widget import Explorer, explorer

STOPS = (
    "Conv2d",
    "MaxPool2d",
    "AvgPool2d",
    "AdaptiveAvgPool2d",
    "Linear",
    "Inception",
    "Sequential",
)
WORDS = {
    "Conv2d": "a convolution",
    "MaxPool2d": "max pooling",
    "AvgPool2d": "average pooling",
    "AdaptiveAvgPool2d": "global average pooling",
    "Linear": "a linear layer",
    "Inception": "an Inception block",
    "Sequential": "several layers together",
}


def walk(name: str, table: Any, image: Sequence[int], layer: int) -> Picture:
    """Draw a network as a row of maps, and mark one layer.

    Args:
        name: of the network.
        table: what ``coursekit.models.summary`` returns.
        image: (C, H, W) of its images.
        layer: from 1 on; ReLU, dropout and the like do not count.

    Raises:
        ValueError: the network has fewer layers.
    """
    rows = [row for row in table if row.kind in STOPS]
    if not 1 <= layer <= len(rows):
        raise ValueError(f"{name} has {len(rows)} layers here, so there is no layer {layer}")
    shapes = [tuple(image), *(row.shape for row in rows)]
    figure, (maps, costs) = canvas(10, 4.6, 2, 1, height_ratios=[1.5, 1], sharex=True)
    for place, shape in enumerate(shapes):
        color = INPUT if place == 0 else OUTPUT
        _volume(maps, place, shape, color, marked=place == layer)
    maps.tick_params(length=0)
    maps.set(ylim=(-1, None), yticks=[], ylabel="height of the maps")
    maps.set_title(f"{name}: a box is as high as its maps (root scale), wider with more channels")
    shares = [
        np.array([getattr(row, measure) for row in rows]) / getattr(table, measure)
        for measure in ("parameters", "multiply_adds")
    ]
    numbers = np.arange(1, len(shapes))
    costs.bar(numbers - 0.2, 100 * shares[0], 0.38, color=KERNEL, label="parameters")
    costs.bar(numbers + 0.2, 100 * shares[1], 0.38, color=PINK, label="multiply-adds")
    costs.axvspan(layer - 0.5, layer + 0.5, color=GRAY, alpha=0.25, zorder=0)
    costs.set(ylabel="share, %", xlim=(-0.6, len(shapes) - 0.4))
    costs.set_xticks(range(len(shapes)), ["×".join(map(str, s)) for s in shapes], fontsize=9)
    costs.tick_params(axis="x", rotation=60, length=0)
    costs.set_xlabel("the image, then the output of each layer")
    costs.legend(loc="upper left", fontsize=10)
    row, before = rows[layer - 1], shapes[layer - 1]
    seen = (
        ""
        if row.receptive_field is None
        else f" One output sees {_by(row.receptive_field)} pixels."
    )
    part = f"{shares[0][layer - 1]:.1%} and {shares[1][layer - 1]:.1%}"
    return picture(
        figure,
        alt=f"{name} as a row of boxes from {_by(shapes[0])} to {_by(shapes[-1])}; layer {layer}, {WORDS[row.kind]} "
        f"with output {_by(row.shape)}, is marked. Bars below: it holds {part} of parameters and multiply-adds.",
        caption=f"Layer {layer} of {len(rows)}, {WORDS[row.kind]}: {_by(before)} becomes {_by(row.shape)}. "
        f"{_counted(row)}, {short(row.multiply_adds)} multiply-adds: {part} of the network.{seen}",
    )


def walk_widget(networks: Mapping[str, tuple[Any, Sequence[int]]]) -> Explorer:
    """Let the reader walk through networks.

    Args:
        networks: table and shape of the images, by name.
    """
    most = max(sum(row.kind in STOPS for row in table) for table, _ in networks.values())

    def draw(network: str, layer: int) -> Picture:
        return walk(network, *networks[network], layer)

    return explorer(
        draw,
        network=ipywidgets.Dropdown(options=list(networks), description="network"),
        layer=ipywidgets.IntSlider(1, min=1, max=most, description="layer"),
    )


def short(number: float) -> str:
    """Return a number as people say it: 61.7 K, 138 M, 15.5 G."""
    for unit, name in ((1e9, " G"), (1e6, " M"), (1e3, " K")):
        if number >= unit:
            return f"{number / unit:#.3g}".rstrip(".") + name
    return f"{number:.3g}"


def _volume(ax: Axes, place: int, shape: Sequence[int], color: str, *, marked: bool) -> None:
    """Draw maps as a box, a vector as a flat one."""
    height = float(np.sqrt(shape[1])) if len(shape) > 1 else 0.8
    width = min(0.92, 0.14 + 0.075 * log2(shape[0]))
    box = Rectangle(
        (place - width / 2, 0),
        width,
        height,
        facecolor=tint(color),
        edgecolor=RED if marked else color,
        linewidth=3 if marked else 1,
    )
    ax.add_patch(box)
    ax.autoscale_view()


def _counted(row: Any) -> str:
    """Return the number of parameters, as a product where it is one."""
    if row.kind not in ("Conv2d", "Linear"):
        return f"{row.parameters:,} parameters"
    taps = row.multiply_adds // row.activations
    kernels = row.shape[0]
    if row.parameters == kernels * (taps + 1):
        return f"{kernels} · ({taps:,} + 1) = {row.parameters:,} parameters"
    return f"{row.parameters:,} parameters"


def _by(numbers: Sequence[int]) -> str:
    return "×".join(map(str, numbers))
