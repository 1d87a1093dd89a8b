"""The figures of chapter 03: places, padding, stride, dilation, and what a layer costs."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import ipywidgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import ConnectionPatch, Rectangle

from coursekit.reference import conv2d_cost, output_size, toeplitz1d
from coursekit.show.figure import BLACK, GRAY, INPUT, KERNEL, OUTPUT, RED, Picture, canvas, picture
from coursekit.show.grids import COLORS, WHITE, Color, frame, number_grid, tint
from coursekit.show.images import show_image
from coursekit.show.widget import Explorer, explorer

PADDING: Color = (0.93, 0.93, 0.93)


class Geometry(NamedTuple):
    """The numbers of one convolution layer on a square image."""

    W: int = 7
    F: int = 3
    S: int = 2
    P: int = 1
    D: int = 1
    C: int = 3
    K: int = 10

    @property
    def span(self) -> int:
        """Entries from the first to the last tap."""
        return self.D * (self.F - 1) + 1

    @property
    def padded(self) -> int:
        """Entries of the padded input along one axis."""
        return self.W + 2 * self.P

    @property
    def places(self) -> int:
        """Entries of the output along one axis."""
        return output_size(self.W, self.F, stride=self.S, padding=self.P, dilation=self.D)

    def unread(self) -> np.ndarray:
        """Which entries of the input, along one axis, no place reads."""
        T = toeplitz1d(np.ones(self.F), self.W, stride=self.S, padding=self.P, dilation=self.D)
        never: np.ndarray = T.sum(axis=0) == 0
        return never


def layer(g: Geometry, place: int = 0, *, costs: bool = True) -> Picture:
    """Draw one channel of a layer: padding, input, the taps of one place, the output, and the accounts.

    Args:
        g: the layer.
        place: whose taps are drawn, row by row.
        costs: whether parameters, activations and multiply-adds are among the accounts.
    """
    n = g.places
    if place >= n * n:
        last = f"places 0 to {n * n - 1}" if n > 1 else "place 0 only"
        raise ValueError(f"the output has {n} × {n} entries, so {last}; there is no place {place}")
    i, j = divmod(place, n)
    to_scale = max(n / g.padded, 0.4)  # room for the title below a small output
    figure, (left, middle, right) = canvas(12, 5.5, 1, 3, width_ratios=[1, to_scale, 0.85])
    _padded_input(left, g, i, j)
    _output(middle, n, i, j)
    for start, end in ((-0.5, -0.5), (g.span - 0.5, 0.5)):  # the upper line and the lower one
        line = ConnectionPatch(
            (j * g.S + g.span - 0.5, i * g.S + start),
            (j - 0.5, i + end),
            coordsA="data",
            coordsB="data",
            axesA=left,
            axesB=middle,
            color=RED,
        )
        figure.add_artist(line)
    accounts = _accounts(g) if costs else _sizes(g)
    _table(right, accounts)
    unread = int(g.unread().sum())
    pixels = g.W**2 - (g.W - unread) ** 2
    told = (
        f"Hatched: {pixels} of {g.W**2} pixels that no place reads."
        if pixels
        else "Every pixel is read."
    )
    return picture(
        figure,
        alt=f"A grid of {g.W} by {g.W} input pixels with padding {g.P} around it; the {g.F} by "
        f"{g.F} taps of place {place}, {g.D} apart, begin at row {i * g.S} and column {j * g.S} of the padded grid. "
        f"Lines lead to row {i}, column {j} of an output of {n} by {n}. {told} Beside it: "
        f"{'; '.join(f'{name} {value}' for name, value in accounts if name)}.",
        caption=f"Along each axis: ({g.W} + 2·{g.P} − {g.span}) // {g.S} + 1 = {n} places. Orange: the pixels that "
        f"place {place} reads. Gray: padding, always 0. {told}",
    )


def layer_widget(*, costs: bool = True) -> Explorer:
    """Let the reader set every number of a layer and watch geometry and accounts follow.

    Args:
        costs: False for the geometry only, without channels and kernels.
    """

    def draw(place: int, **numbers: int) -> Picture:
        return layer(Geometry(**numbers), place, costs=costs)

    def slider(value: int, least: int, most: int, name: str) -> ipywidgets.IntSlider:
        return ipywidgets.IntSlider(value, min=least, max=most, description=name)

    start = Geometry()
    sliders = {
        "W": slider(start.W, 1, 16, "width W"),
        "F": slider(start.F, 1, 11, "kernel F"),
        "S": slider(start.S, 1, 5, "stride S"),
        "P": slider(start.P, 0, 4, "padding P"),
        "D": slider(start.D, 1, 4, "dilation D"),
    }
    if costs:
        sliders["C"] = slider(start.C, 1, 64, "channels C")
        sliders["K"] = slider(start.K, 1, 64, "kernels K")
    return explorer(draw, **sliders, place=slider(0, 0, 255, "place"))


def counts(
    panels: Mapping[str, np.ndarray], alt: str, caption: str, *, color: str = INPUT
) -> Picture:
    """Draw arrays of numbers side by side, the darker the larger; zeros are white."""
    widest = max(values.shape[1] for values in panels.values())
    size = 0.44 if widest < 10 else 0.36
    figure, axes = canvas(
        sum(size * values.shape[1] + 0.4 for values in panels.values()),
        size * max(values.shape[0] for values in panels.values()) + 0.7,
        1,
        len(panels),
        squeeze=False,
        width_ratios=[values.shape[1] for values in panels.values()],
    )
    for ax, (name, values) in zip(axes[0], panels.items(), strict=True):
        number_grid(ax, values, name, fills=shade(values, color), fontsize=10)
    return picture(figure, alt, caption)


def read_counts(W: int, F: int, strides: Sequence[int]) -> Picture:
    """Draw how many places read each pixel of a W by W image, for several strides."""
    panels, told = {}, []
    for S in strides:
        once = toeplitz1d(np.ones(F), W, stride=S).sum(axis=0)
        panels[f"stride {S}"] = np.outer(once, once)
        told.append(f"stride {S}: along one axis {', '.join(f'{v:g}' for v in once)}")
    never = [
        f"At stride {S}, {W**2 - np.count_nonzero(grid)} of {W**2} pixels are never read"
        for S, grid in zip(strides, panels.values(), strict=True)
        if not grid.all()
    ]
    return counts(
        panels,
        alt=f"Grids of {W} by {W} numbers: how many places of a kernel of {F} read each pixel. {'; '.join(told)}; "
        f"a pixel's number is the product of the two along its axes.",
        caption=f"How many places read each pixel. {'; '.join(never) or 'Every pixel is read'}. "
        "A pixel that nobody reads can change without any effect.",
    )


def darkening(images: Mapping[str, np.ndarray]) -> Picture:
    """Draw small images of brightness with their numbers, rounded to two digits."""
    rounded = {name: np.round(image, 2) for name, image in images.items()}
    corners = "; ".join(
        f"{name}: corner {v[0, 0]:.2f}, middle {v[len(v) // 2, len(v) // 2]:.2f}"
        for name, v in rounded.items()
    )
    return counts(
        rounded,
        alt=f"Grids of numbers, darker where larger. {corners}.",
        caption=f"An average of ones should be 1 everywhere. {corners}.",
        color=OUTPUT,
    )


def mixtures(photo: np.ndarray, mixed: Mapping[str, np.ndarray]) -> Picture:
    """Draw a photograph (3, H, W) and mixtures of its channels by name; positive orange, negative purple."""
    height = 2.4 * photo.shape[1] / photo.shape[2] + 0.35
    figure, axes = canvas(9.6, height, 1, 1 + len(mixed))
    show_image(axes[0], photo.transpose(1, 2, 0), "x: three channels")
    for ax, (name, image) in zip(axes[1:], mixed.items(), strict=True):
        show_image(ax, image, name, signed=bool(image.min() < 0))
    return picture(
        figure,
        alt="A color photograph of an orange flower before dark blue-green leaves, and beside it "
        f"{len(mixed)} mixtures of its channels: {', '.join(mixed)}. Every edge stands where it stood.",
        caption="Orange is positive, purple negative. Each picture gives another weight to red, green and blue; "
        "none moves or blurs anything.",
    )


def time_against_count(
    names: Sequence[str], multiply_adds: Sequence[int], seconds: Sequence[float]
) -> Picture:
    """Draw measured times over multiply-adds on logarithmic axes, each point with its layer's name."""
    figure, ax = canvas(9, 4.2)
    told = [f"{name} takes {1000 * time:.2g} ms" for name, time in zip(names, seconds, strict=True)]
    for name, count, time, color, marker in zip(
        names, multiply_adds, seconds, COLORS, "os^vDX", strict=False
    ):
        ax.loglog([count], [time], marker, color=color, markersize=9)
        ax.annotate(name, (count, time), (8, -4), textcoords="offset points")
    ends = np.array([min(multiply_adds), max(multiply_adds)])
    slowest = max(time / count for time, count in zip(seconds, multiply_adds, strict=True))
    ax.loglog(ends, ends * slowest, "--", color=GRAY, label="time proportional to the count")
    ax.set(xlabel="multiply-adds for one image", ylabel="seconds", xlim=(ends[0] / 2, ends[1] * 6))
    ax.legend()
    return picture(
        figure,
        alt=f"Measured seconds against multiply-adds on logarithmic axes, one point each: {'; '.join(told)}. A "
        "dashed line shows where time would be proportional to the count.",
        caption="The dashed line goes through the slowest layer per multiply-add. The further a layer lies below it, "
        "the better the processor is used.",
    )


def shade(values: np.ndarray, color: str) -> np.ndarray:
    """Return a color for every cell (rows, columns, 3): white for 0, the full tint for the largest."""
    amount = (np.abs(values) / (np.abs(values).max() or 1.0))[..., None]
    return (1 - amount) * np.array(WHITE) + amount * np.array(tint(color))


def _padded_input(ax: Axes, g: Geometry, i: int, j: int) -> None:
    fills = np.tile(np.array(PADDING), (g.padded, g.padded, 1))
    inside = slice(g.P, g.P + g.W)
    fills[inside, inside] = tint(INPUT)
    for a, m in np.ndindex(g.F, g.F):
        fills[i * g.S + a * g.D, j * g.S + m * g.D] = to_rgb(KERNEL)
    number_grid(ax, np.zeros((g.padded, g.padded)), "", fills=fills, zeros=False)
    for r, q in np.ndindex(g.padded, g.padded):
        inside_too = g.P <= r < g.P + g.W and g.P <= q < g.P + g.W
        if not inside_too and g.padded <= 12:  # in more and smaller cells the gray says enough
            ax.text(q, r, "0", ha="center", va="center", color=BLACK, fontsize=10)
    style: dict[str, Any] = {"fill": False, "hatch": "////", "edgecolor": GRAY, "linewidth": 0}
    for k in np.flatnonzero(g.unread()):
        ax.add_patch(Rectangle((k + g.P - 0.5, g.P - 0.5), 1, g.W, **style))
        ax.add_patch(Rectangle((g.P - 0.5, k + g.P - 0.5), g.W, 1, **style))
    frame(ax, g.P, g.P + g.W - 1, g.P, g.P + g.W - 1, color=INPUT)
    frame(ax, i * g.S, i * g.S + g.span - 1, j * g.S, j * g.S + g.span - 1)
    padded = f", padded {g.padded} × {g.padded}" if g.P else ""
    ax.set_xlabel(f"one channel of x, {g.W} × {g.W}{padded}")


def _output(ax: Axes, n: int, i: int, j: int) -> None:
    fills = np.tile(np.array(tint(OUTPUT)), (n, n, 1))
    number_grid(ax, np.zeros((n, n)), f"one channel of y, {n} × {n}", fills=fills, zeros=False)
    frame(ax, i, i, j, j)


def _sizes(g: Geometry) -> list[tuple[str, str]]:
    """Return what the geometry of one channel comes to, by name."""
    return [
        ("input x", f"{g.W} × {g.W}"),
        ("span of a kernel", f"{g.D}·({g.F} − 1) + 1 = {g.span}"),
        ("left over", f"{(g.padded - g.span) % g.S} of {g.padded}"),
        ("output y", f"{g.places} × {g.places}"),
    ]


def _accounts(g: Geometry) -> list[tuple[str, str]]:
    """Return sizes and costs of all channels, by name."""
    n = g.places
    cost = conv2d_cost((g.C, g.W, g.W), g.K, g.F, stride=g.S, padding=g.P, dilation=g.D)
    _, span, left_over, _ = _sizes(g)
    return [
        ("input x", f"{g.C} × {g.W} × {g.W}"),
        ("kernels w", f"{g.K} of {g.C} × {g.F} × {g.F}"),
        span,
        left_over,
        ("output y", f"{g.K} × {n} × {n}"),
        ("", ""),
        ("parameters", f"{g.K}·({g.C}·{g.F}² + 1) = {cost.parameters:,}"),
        ("activations", f"{g.K}·{n}² = {cost.activations:,}"),
        ("multiply-adds", f"{cost.activations:,}·{g.C}·{g.F}² = {cost.multiply_adds:,}"),
    ]


def _table(ax: Axes, lines: Sequence[tuple[str, str]]) -> None:
    """Write names and values in two columns."""
    ax.set_axis_off()
    ax.set(xlim=(0, 1), ylim=(10.5, -1.5))
    top = (9 - len(lines)) / 2
    for k, (name, value) in enumerate(lines):
        ax.text(0.03, top + k, name, va="center", fontsize=11, color="#444444")
        ax.text(0.42, top + k, value, va="center", fontsize=11)
