"""The figures of chapter 01."""

from collections.abc import Mapping, Sequence

import ipywidgets
import numpy as np
from matplotlib.axes import Axes

from coursekit.reference import conv1d, output_size, toeplitz1d
from coursekit.show.figure import GRAY, INPUT, KERNEL, OUTPUT, Picture, canvas, picture
from coursekit.show.grids import COLORS, by_value, frame, number_grid
from coursekit.show.typed import numbers
from coursekit.show.widget import Explorer, explorer


def two_ways_round(spike: np.ndarray, forward: np.ndarray, flipped: np.ndarray) -> Picture:
    """Draw what cross-correlation and convolution make of one spike."""
    return _stems(
        {"spike": spike, "cross-correlation": forward, "convolution": flipped},
        "A spike meets the kernel 1, 2, 3. Cross-correlation prints the kernel backward, convolution forward.",
    )


def slope(x: np.ndarray, y: np.ndarray) -> Picture:
    """Draw a signal and its differences."""
    return _stems(
        {"x": x, "x with (−1, 1)": y},
        "The kernel (−1, 1) is a derivative: 0 at rest, 1 on a slope of 1. The height of the signal is forgotten.",
    )


def template(x: np.ndarray, y: np.ndarray) -> Picture:
    """Draw a signal and the answers of the template 1, 0, 1."""
    return _stems(
        {"x": x, "x with (1, 0, 1)": y},
        "The pattern starts at entry 8, where the answer is 6. A lone spike is half a pattern and answers 3.",
    )


def sliding(x: np.ndarray, w: np.ndarray, i: int) -> Picture:
    """Draw place i of a sliding kernel: the window on the signal, the products, the output so far."""
    x, w = np.asarray(x, dtype=float), np.asarray(w, dtype=float)
    y, places = conv1d(x, w), np.arange(i, i + len(w))
    figure, (top, middle, bottom) = canvas(9, 5, 3, sharex=True)
    top.axvspan(i - 0.5, i + len(w) - 0.5, color=KERNEL, alpha=0.25, label="under the kernel")
    _stem(top, np.arange(len(x)), x, INPUT)
    top.set_ylabel("x")
    _stem(middle, places, x[places] * w, KERNEL)
    for place, weight in zip(places, w, strict=True):
        middle.annotate(
            f"× {weight:.3g}",
            (place, 0),
            (0, -6),
            textcoords="offset points",
            ha="center",
            va="top",
        )
    middle.set_ylabel("x · w")
    middle.margins(y=0.3)
    _stem(bottom, np.arange(len(y))[: i + 1], y[: i + 1], OUTPUT)
    bottom.set_ylim(
        min(0.0, y.min()) - 0.1 * np.ptp(y) - 0.05, max(0.0, y.max()) + 0.25 * np.ptp(y) + 0.05
    )
    bottom.set(ylabel="y", xlabel="entry", xlim=(-0.7, len(x) - 0.3))
    bottom.xaxis.get_major_locator().set_params(integer=True)
    terms = " + ".join(
        f"({value:.3g})({weight:.3g})" for value, weight in zip(x[places], w, strict=True)
    )
    return picture(
        figure,
        alt=f"Three rows of stems. The kernel lies on entries {i} to {i + len(w) - 1} of x; below are the {len(w)} "
        f"products; below that the output up to place {i}, where it is {y[i]:g}.",
        caption=f"Place i = {i}: {terms} = {y[i]:.4g}, which becomes y[{i}].",
    )


def sliding_widget(x: np.ndarray, kernels: Mapping[str, Sequence[float]]) -> Explorer:
    """Let the reader slide one of several kernels along a signal."""
    shortest = min(len(w) for w in kernels.values())

    def draw(kernel: str, place: int) -> Picture:
        w = np.asarray(kernels[kernel], dtype=float)
        last = len(x) - len(w)
        if place > last:
            raise ValueError(
                f"this kernel of {len(w)} has its last place at {last}; place {place} hangs over the end"
            )
        return sliding(x, w, place)

    return explorer(
        draw,
        kernel=ipywidgets.Dropdown(options=list(kernels), description="kernel w"),
        place=ipywidgets.IntSlider(min=0, max=len(x) - shortest, description="place i"),
    )


def product(T: np.ndarray, x: np.ndarray, row: int) -> Picture:
    """Draw y = T x with one row marked: the kernel in T, what it meets in x, and the output that comes of it."""
    y = T @ x
    figure, axes = canvas(
        2.6 + 0.6 * T.shape[1], 1.2 + 0.55 * T.shape[1], 1, 3, width_ratios=[T.shape[1], 1.05, 1.05]
    )
    _band(axes[0], T, f"T, {T.shape[0]} × {T.shape[1]}", "y", "x")
    for ax, name, values in ((axes[1], "x", x), (axes[2], "y = T x", y)):
        number_grid(ax, values[:, None], name, row_name=name[0])
    seen = np.flatnonzero(T[row])
    frame(axes[0], row, row, seen[0], seen[-1])
    frame(axes[1], seen[0], seen[-1], 0, 0)
    frame(axes[2], row, row, 0, 0)
    terms = " + ".join(f"{T[row, j]:g}·{x[j]:g}" for j in seen)
    return picture(
        figure,
        alt=f"A matrix T with the kernel in every row, one column further right each time, the column x and the "
        f"column y. Row {row} of T, entries {seen[0]} to {seen[-1]} of x and entry {row} of y are framed.",
        caption=f"Row {row} of T times x: {terms} = {y[row]:g}. The frame moves down one row and right one column "
        f"for the next output.",
    )


def down_and_up(T: np.ndarray) -> Picture:
    """Draw T and its transpose beside each other, to one scale."""
    rows, columns = T.shape
    figure, (left, right) = canvas(9, 1.0 + 0.45 * columns, 1, 2, width_ratios=[columns, rows])
    _band(left, T, f"stride 2: {columns} → {rows}", "y", "x")
    _band(right, T.T, f"transposed: {rows} → {columns}", "x", "y")
    shared = [str(j) for j in np.flatnonzero(np.count_nonzero(T, axis=0) > 1)]
    return picture(
        figure,
        alt=f"Two matrices. The first has {rows} rows; the kernel moves two columns from one row to "
        f"the next. The second is its transpose with {columns} rows, of which rows "
        f"{' and '.join(shared)} hold two entries and the others one.",
        caption=f"The transpose spreads {rows} numbers over {columns} places. Where copies of the "
        f"kernel overlap, in rows {' and '.join(shared)}, they add up.",
    )


def band(w: np.ndarray, W: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> Picture:
    """Draw T for a kernel, the input's entries over its columns and the output's beside its rows."""
    w = np.asarray(w, dtype=float)
    T = toeplitz1d(w, W, stride=stride, padding=padding, dilation=dilation)
    places = output_size(W, len(w), stride=stride, padding=padding, dilation=dilation)
    figure, ax = canvas(7, 4.4)
    _band(ax, T, f"T: {T.shape[0]} rows (outputs), {T.shape[1]} columns (inputs)", "y", "x")
    span = dilation * (len(w) - 1) + 1
    return picture(
        figure,
        alt=f"A matrix of {T.shape[0]} rows and {T.shape[1]} columns. Every row holds the kernel "
        f"{', '.join(f'{v:g}' for v in w)}, each {stride} columns further right than the row above; all else is zero.",
        caption=f"The kernel spans {span}; ({W} + 2·{padding} − {span}) // {stride} + 1 = {places} places. "
        f"{np.count_nonzero(T)} of {T.size} entries are not zero.",
    )


def band_widget() -> Explorer:
    """Let the reader edit kernel, stride, padding and dilation, and watch T change."""

    def draw(kernel: str, W: int, stride: int, padding: int, dilation: int) -> Picture:
        return band(numbers(kernel), W, stride, padding, dilation)

    return explorer(
        draw,
        kernel=ipywidgets.Text("1, 2, 3", description="kernel w", continuous_update=False),
        W=ipywidgets.IntSlider(9, min=3, max=16, description="width W"),
        stride=ipywidgets.IntSlider(1, min=1, max=4, description="stride"),
        padding=ipywidgets.IntSlider(0, min=0, max=3, description="padding"),
        dilation=ipywidgets.IntSlider(1, min=1, max=4, description="dilation"),
    )


def photograph_row(photo: np.ndarray, row: int, smooth: np.ndarray, edges: np.ndarray) -> Picture:
    """Draw a photograph with one row marked, and below it that row, its averages and their differences."""
    figure, axes = canvas(9, 7.6, 4, height_ratios=[2.6, 1, 1, 1])
    axes[0].imshow(photo, cmap="gray", vmin=0, vmax=1)
    axes[0].axhline(row, color=KERNEL, linewidth=2)
    axes[0].set_ylabel("row")
    signals = {
        f"row {row}": photo[row],
        "averaged over 9": smooth,
        "difference over 9 of the averages": edges,
    }
    for ax, (name, values), color in zip(axes[1:], signals.items(), COLORS, strict=False):
        left = (
            photo.shape[1] - len(values)
        ) / 2  # a shorter output belongs to the middle of its window
        ax.plot(left + np.arange(len(values)), values, color=color, linewidth=1)
        ax.set_title(name, loc="left")
        ax.set(ylabel="difference" if values is edges else "brightness", xlim=(0, photo.shape[1]))
    axes[-1].set_xlabel("column")
    return picture(
        figure,
        alt=f"A photograph of a pagoda with row {row} marked across a roof. Below, the brightness "
        "along it, jagged over the roof; the averages, almost free of that; their differences, with "
        "a deep dip where the roof begins and bumps where the sky returns.",
        caption="Averaging nearly wipes out the tiles. The difference dips deepest where sky turns to "
        "roof; the tree on the right swings almost as far.",
    )


def growth(sizes: Sequence[int], seconds: Mapping[str, Sequence[float]]) -> Picture:
    """Draw measured times over the length of the signal on two logarithmic axes."""
    figure, ax = canvas(9, 3.8)
    for (name, times), color, marker in zip(seconds.items(), COLORS, "os^vDx", strict=False):
        ax.loglog(sizes, times, color=color, marker=marker, label=name)
    ax.set(xlabel="entries of the signal, W", ylabel="seconds for one product")
    ax.legend()
    return picture(
        figure,
        alt=f"Measured seconds against the length of the signal on logarithmic axes, one line each for "
        f"{', '.join(seconds)}. The full matrix rises about twice as steeply as the others once the signal is long.",
        caption="Time for one product as the signal grows. Both axes grow by factors: twice as steep "
        "means that twice the length costs four times as much, not two.",
    )


def _stems(signals: Mapping[str, np.ndarray], caption: str) -> Picture:
    """Draw short signals one above the other, one stem an entry, each number written out."""
    figure, axes = canvas(9, 1.5 * len(signals) + 0.3, len(signals), sharex=True)
    for ax, (name, values), color in zip(axes, signals.items(), COLORS, strict=False):
        _stem(ax, np.arange(len(values)), np.asarray(values, dtype=float), color)
        ax.set_ylabel(name)
    axes[-1].set_xlabel("entry i")
    axes[-1].xaxis.get_major_locator().set_params(integer=True)
    numbers = "; ".join(
        f"{name}: {', '.join(f'{v:g}' for v in values)}" for name, values in signals.items()
    )
    return picture(figure, f"Rows of stems, one above the other. {numbers}.", caption)


def _stem(ax: Axes, places: np.ndarray, values: np.ndarray, color: str) -> None:
    ax.axhline(0, color=GRAY, linewidth=0.8)
    ax.vlines(places, 0, values, color=color, linewidth=2)
    ax.plot(places, values, "o", color=color)
    ax.margins(y=0.25)
    if len(values) <= 20:
        for place, value in zip(places, values, strict=True):
            side = 6 if value >= 0 else -6
            va = "bottom" if value >= 0 else "top"
            ax.annotate(
                f"{value:.3g}",
                (place, value),
                (0, side),
                textcoords="offset points",
                ha="center",
                va=va,
            )


def _band(ax: Axes, T: np.ndarray, title: str, row_name: str, column_name: str) -> None:
    """Draw a Toeplitz matrix, every weight in a color of its own and the zeros empty."""
    number_grid(
        ax,
        T,
        title,
        row_name=row_name,
        column_name=column_name,
        fills=by_value(T),
        zeros=False,
    )
