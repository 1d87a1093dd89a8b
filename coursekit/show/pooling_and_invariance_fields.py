"""Figures of chapter 04 about receptive fields: how they grow, and how much of them counts."""

from collections.abc import Mapping, Sequence
from functools import partial

import ipywidgets
import numpy as np
from matplotlib.patches import Rectangle

from coursekit.reference import (
    conv2d_backward,
    conv2d_forward,
    max_pool2d_backward,
    max_pool2d_forward,
    receptive_field,
)
from coursekit.reference.convolution2d import Conv2dCache
from coursekit.show.figure import OUTPUT, RED, Picture, canvas, picture
from coursekit.show.grids import COLORS
from coursekit.show.typed import numbers
from coursekit.show.widget import Explorer, explorer

KINDS = ("averaging", "random kernels", "max pooling")


def growth(depths: Sequence[int], sizes: Mapping[str, Sequence[int]]) -> Picture:
    """Draw how receptive fields grow with depth, on a linear and on a logarithmic axis."""
    figure, axes = canvas(9, 3.6, 1, 2)
    for ax, scale in zip(axes, ("linear", "log"), strict=True):
        for (name, values), color, marker in zip(sizes.items(), COLORS, "os^vDx", strict=False):
            ax.plot(depths, values, color=color, marker=marker, label=name)
        ax.set(xlabel="layers", ylabel="receptive field, entries", yscale=scale)
        ax.set_title(f"{scale}{'arithmic' if scale == 'log' else ''} axis", loc="left")
        ax.xaxis.get_major_locator().set_params(integer=True)
    axes[0].legend(frameon=False)
    ends = ", ".join(f"{name} {values[-1]}" for name, values in sizes.items())
    return picture(
        figure,
        alt=f"Size of the receptive field over the number of layers, on a linear and on a logarithmic axis. After "
        f"{depths[-1]} layers: {ends}.",
        caption="A straight line on the left grows by the same amount with every layer, a straight line on the right "
        "by the same factor.",
    )


def field_on_photo(
    photo: np.ndarray, kernels: Sequence[int], strides: Sequence[int], kind: str
) -> Picture:
    """Draw what the unit in the middle of the last layer sees: computed from the sizes, and measured by a gradient.

    Args:
        photo: brightness (H, W), a square.
        kernels: F of every layer, from the input upward.
        strides: S of every layer.
        kind: one of KINDS.

    Raises:
        ValueError: the photograph is too small for that many layers.
    """
    layers = list(zip(kernels, strides, strict=True))
    spans: list[tuple[int, int]] = []
    dx, unit = _gradient(photo, layers, kind)
    below = unit
    for depth in range(len(layers), 0, -1):
        spans.insert(0, receptive_field(layers[:depth]).span(below))
        F, S = layers[depth - 1]
        below = below * S + (F - 1) // 2  # in the middle of what that unit reads
    field = receptive_field(layers)
    figure, (left, right) = canvas(10, 4.2, 1, 2)
    left.imshow(photo, cmap="gray", vmin=0, vmax=1)
    for depth, ((first, last), color) in enumerate(
        zip(spans, _cycle(len(spans)), strict=True), start=1
    ):
        side = last - first + 1
        left.add_patch(
            Rectangle(
                (first - 0.5,) * 2,
                side,
                side,
                fill=False,
                edgecolor=color,
                linewidth=2,
                label=f"layer {depth}: {side} × {side}",
            )
        )
    left.legend(
        loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=11, handlelength=1.2, frameon=False
    )
    left.set_title("from the sizes", loc="left")
    left.set(xlabel="column", ylabel="row")
    first, last = spans[-1]
    size = np.abs(dx)
    right.imshow(size / size.max(), cmap="Greens", vmin=0, vmax=1, interpolation="nearest")
    right.add_patch(
        Rectangle((first - 0.5,) * 2, field.size, field.size, fill=False, edgecolor=color)
    )
    room = max(2.0, 0.15 * field.size)
    right.set(xlim=(first - room, last + room), ylim=(last + room, first - room))
    right.set_title("measured: size of dx", loc="left")
    right.set(xlabel="column", ylabel="row")
    for axis in (right.xaxis, right.yaxis):
        axis.get_major_locator().set_params(integer=True)
    rows, columns = (np.flatnonzero(size.any(axis=axis)) for axis in (1, 0))
    seen = int(np.count_nonzero(size))
    half = _share(size)
    listed = ", ".join(f"{start} to {end}" for start, end in spans)
    return picture(
        figure,
        alt=f"Left, a photograph with {len(spans)} nested squares, from pixel {listed}. Right, the size of the "
        f"gradient inside the largest: rows {rows[0]} to {rows[-1]} and columns {columns[0]} to {columns[-1]} are not "
        "zero.",
        caption=f"From the sizes: {field.size} × {field.size} pixels, {field.size**2} in all, and {field.stride} "
        f"pixels from one unit to the next. Measured: {seen} pixel{'s' * (seen != 1)} with a gradient that is not 0; "
        f"half of its sum stands in {half} of them.",
    )


def field_widget(photo: np.ndarray) -> Explorer:
    """Let the reader stack layers and see how far the unit on top sees."""

    def draw(kernels: str, strides: str, depth: int, kind: str) -> Picture:
        F, S = _whole(kernels, "the list of kernels"), _whole(strides, "the list of strides")
        if len(F) != len(S):
            raise ValueError(f"{len(F)} kernels and {len(S)} strides, expected one stride a kernel")
        if depth > len(F):
            raise ValueError(f"layer {depth} was asked for, and the lists name {len(F)}")
        return field_on_photo(photo, F[:depth], S[:depth], kind)

    return explorer(
        draw,
        depth=ipywidgets.IntSlider(4, min=1, max=8, description="layers"),
        kind=ipywidgets.Dropdown(options=KINDS, description="layers do"),
        kernels=ipywidgets.Text("5, 2, 5, 2, 5, 2", description="F", continuous_update=False),
        strides=ipywidgets.Text("1, 2, 1, 2, 1, 2", description="S", continuous_update=False),
    )


def decay(profiles: Mapping[int, np.ndarray]) -> Picture:
    """Draw how much every entry of a receptive field counts, beside a bell curve of the same width.

    Args:
        profiles: by number of layers, the gradient's share of every column, adding up to 1.
    """
    figure, axes = canvas(9, 3.4, 1, len(profiles))
    notes = []
    for ax, (depth, share) in zip(axes, profiles.items(), strict=True):
        places = np.arange(len(share)) - (len(share) - 1) / 2
        deviation = float(np.sqrt(share @ places**2))
        between = np.linspace(places[0], places[-1], 201)
        bell = np.exp(-(between**2) / (2 * deviation**2)) / np.sqrt(2 * np.pi) / deviation
        ax.bar(places, share, color=OUTPUT, width=1.0, label="gradient")
        ax.plot(between, bell, color=RED, linewidth=1.5, label="bell curve")
        ax.set_title(f"{depth} layers, {len(share)} wide", loc="left")
        ax.set_xlabel("column from the middle")
        inside = float(share[np.abs(places) <= 2 * deviation].sum())
        notes.append(
            f"{depth} layers: {len(share)} wide, standard deviation {deviation:.2f}, {100 * inside:.0f} % of "
            f"the gradient within two of them"
        )
    axes[0].set_ylabel("share of the gradient")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside right upper", frameon=False)
    return picture(
        figure,
        alt=f"Bars for every column of the receptive field, one panel for each depth, with a bell curve over them that "
        f"fits better the more layers there are. {'; '.join(notes)}.",
        caption="The deeper the stack, the smaller the part of its receptive field that really counts: at the sides "
        f"there are bars that you cannot see. With {notes[-1]}.",
    )


def _gradient(
    photo: np.ndarray, layers: Sequence[tuple[int, int]], kind: str
) -> tuple[np.ndarray, int]:
    """Return dx of the unit in the middle of the last layer, and which unit that is along each axis."""
    rng = np.random.default_rng(4)
    y, back = np.asarray(photo, dtype=float)[None, None], []
    for F, S in layers:
        if kind == "max pooling":
            y, winners = max_pool2d_forward(y, F, stride=S)
            back.append(partial(max_pool2d_backward, cache=winners))
        else:
            w = np.ones((1, 1, F, F)) if kind == "averaging" else rng.normal(size=(1, 1, F, F))
            y, cache = conv2d_forward(y, w / F**2, stride=S)
            back.append(partial(_input_gradient, cache=cache))
    unit = y.shape[-1] // 2
    dy = np.zeros_like(y)
    dy[0, 0, unit, unit] = 1
    for step in reversed(back):
        dy = step(dy)
    return dy[0, 0], unit


def _input_gradient(dy: np.ndarray, cache: Conv2dCache) -> np.ndarray:
    dx: np.ndarray = conv2d_backward(dy, cache)[0]
    return dx


def _share(size: np.ndarray) -> int:
    """Return how many of the largest entries it takes to make up half of the sum."""
    sums = np.cumsum(np.sort(size.ravel())[::-1])
    return int(np.searchsorted(sums, sums[-1] / 2 * (1 - 1e-9))) + 1


def _whole(text: str, what: str) -> list[int]:
    values = numbers(text, what)
    if (values != np.round(values)).any() or (values < 1).any() or (values > 40).any():
        raise ValueError(f"{what} is {text!r}, expected whole numbers from 1 to 40")
    return [int(value) for value in values]


def _cycle(count: int) -> list[str]:
    return [COLORS[k % len(COLORS)] for k in range(count)]
