"""The figures of chapter 06; the graph of a neuron is drawn in ``backpropagation_graph``."""

from collections.abc import Mapping, Sequence

import ipywidgets
import matplotlib
import numpy as np
from matplotlib.axes import Axes

from coursekit.reference import conv2d, output_size, toeplitz2d
from coursekit.show.backpropagation_graph import neuron_graph, neuron_widget
from coursekit.show.figure import GRAY, INPUT, KERNEL, OUTPUT, Picture, canvas, picture
from coursekit.show.grids import COLORS, by_value, frame, number_grid, tint
from coursekit.show.typed import matrix
from coursekit.show.widget import Explorer, explorer

__all__ = [
    "back_through_convolution",
    "back_widget",
    "dead_units",
    "gradients_of_three_layers",
    "loss_curves",
    "neuron_graph",
    "neuron_widget",
    "step_sizes",
    "structures",
    "structures_widget",
]


def loss_curves(losses: Mapping[str, Sequence[float]]) -> Picture:
    """Draw the loss over the steps of training, one line for each way of computing gradients."""
    figure, ax = canvas(9, 3.6)
    for (name, values), color, dash in zip(losses.items(), COLORS, ("-", "--", ":"), strict=False):
        ax.plot(values, dash, color=color, linewidth=2, label=name)
    ax.set(xlabel="step of gradient descent", ylabel="loss L", ylim=(0, None))
    ax.legend()
    ends = ", ".join(f"{name} at {values[-1]:.2f}" for name, values in losses.items())
    return picture(
        figure,
        alt=f"The loss over {len(next(iter(losses.values())))} steps of training. All lines fall steeply and flatten; "
        f"they end with {ends}.",
        caption="Could you tell from one of these lines alone which of the two backward passes is wrong?",
    )


def step_sizes(h: np.ndarray, errors: Mapping[str, np.ndarray]) -> Picture:
    """Draw the error of numerical slopes over the size of the nudge, on logarithmic axes."""
    figure, ax = canvas(9, 3.9)
    best = []
    for (name, error), color, marker in zip(errors.items(), COLORS[1:], "os^", strict=False):
        ax.loglog(h, error, color=color, marker=marker, markersize=4, label=name)
        best.append(f"{name} {error.min():.0e} at h = {h[np.argmin(error)]:.0e}")
    ax.set(xlabel="size of the nudge, h", ylabel="error of the slope")
    ax.legend(loc="lower left")
    return picture(
        figure,
        alt="The error of two numerical slopes against the size of the nudge on logarithmic axes, both V-shaped: "
        "too large on the right, too much rounding on the left. Smallest errors: "
        + "; ".join(best)
        + ".",
        caption="To the right of each valley the nudge is too large for a curved function; to the left, rounding "
        "eats the difference of two nearly equal numbers.",
    )


def dead_units(dead: Mapping[str, Sequence[int]], units: int) -> Picture:
    """Draw how many of a layer's units answer to no image, over the steps of training."""
    figure, ax = canvas(9, 3.6)
    for (name, counts), color, dash in zip(
        dead.items(), COLORS, ("-", "--", "-.", ":"), strict=False
    ):
        ax.plot(counts, dash, color=color, linewidth=2, label=name)
    ax.axhline(units, color=GRAY, linewidth=1)
    ax.set(xlabel="step of gradient descent", ylabel="dead units", ylim=(-1, units + 1.5))
    ax.legend(loc="center right")
    ends = ", ".join(f"{counts[-1]} with {name}" for name, counts in dead.items())
    return picture(
        figure,
        alt=f"The number of dead units over the steps of training, one line for each setting; the gray line marks all "
        f"{units} units. They end at {ends}.",
        caption=f"Of {units} units dead at the end: {ends}. A step that is too long throws a unit off for every "
        "image, and no later step brings it back: the lines climb and never come down. The first remedy is a smaller "
        "rate.",
    )


def structures(H: int, F: int, stride: int = 1) -> Picture:
    """Draw one layer as three matrices: dense, local, and local with shared weights.

    Raises:
        ValueError: the kernel does not fit the image.
    """
    H_out = output_size(H, F, stride=stride)
    numbered = np.arange(1.0, F * F + 1).reshape(F, F)
    shared = toeplitz2d(numbered, H, H, stride=stride)
    local = np.zeros_like(shared)
    local[shared != 0] = np.arange(1, np.count_nonzero(shared) + 1)
    dense = np.arange(1.0, shared.size + 1).reshape(shared.shape)
    layers = {"dense": dense, "local": local, "shared": shared}
    rows, columns = shared.shape
    figure, axes = canvas(11, 1.0 + 3.4 * rows / columns, 1, 3)
    counts = {name: len(np.unique(T[T != 0])) for name, T in layers.items()}
    for ax, (name, T) in zip(axes, layers.items(), strict=True):
        _structure(ax, T, f"{name}: {counts[name]:,} weights")
    return picture(
        figure,
        alt=f"Three matrices with a row for each of {rows} outputs and a column for each of {columns} pixels. "
        f"dense: every cell is filled, each with a weight of its own. local: {counts['local']} cells are filled, "
        f"{F * F} in a row, each with a weight of its own. shared: the same cells with only {F * F} weights, those "
        "of the kernel, each in its color, repeated in every row.",
        caption=f"An image of {H} × {H}, neighborhoods of {F} × {F}, stride {stride}: {H_out} × {H_out} "
        "outputs. Gray: a weight of its own. In color: one weight wherever the color is the same. Dense "
        f"{counts['dense']:,}, local {counts['local']:,}, shared {counts['shared']:,}.",
    )


def structures_widget() -> Explorer:
    """Let the reader change the image, the neighborhood and the stride of the three layers."""

    def draw(image: int, kernel: int, stride: int) -> Picture:
        return structures(image, kernel, stride)

    return explorer(
        draw,
        image=ipywidgets.IntSlider(3, min=2, max=7, description="image H"),
        kernel=ipywidgets.IntSlider(2, min=1, max=7, description="kernel F"),
        stride=ipywidgets.IntSlider(1, min=1, max=3, description="stride S"),
    )


def gradients_of_three_layers(
    dense: np.ndarray, local: np.ndarray, shared: np.ndarray, T: np.ndarray
) -> Picture:
    """Draw the gradient of the dense matrix, what is left of it without connections, and what is summed.

    Args:
        dense: dy times x transposed.
        local: the same, zero where there is no connection.
        shared: gradient of the kernel, (F, F).
        T: the layer's matrix, whose equal entries are one weight.
    """
    figure, axes = canvas(7.5, 8.2, 3, height_ratios=[4, 4, 2])
    fills = by_value(T)
    number_grid(axes[0], dense, "dense: every entry", fontsize=9, row_name="y", column_name="x")
    number_grid(
        axes[1], local, "local: where T has a weight", fills=fills, zeros=False, fontsize=9,
        row_name="y", column_name="x",
    )  # fmt: skip
    weights = np.unique(T[T != 0]).reshape(shared.shape)
    number_grid(axes[2], shared, "shared: each color added up", fills=by_value(weights), fontsize=9)
    return picture(
        figure,
        alt=f"Three grids of numbers. The gradient of the dense matrix, all {dense.size} entries filled. Below it "
        f"the same numbers where the layer is connected, {np.count_nonzero(T)} of them in {shared.size} colors. "
        f"Below that the gradient of the kernel: {', '.join(f'{v:.3g}' for v in shared.ravel())}.",
        caption="One gradient, more and more structure: drop what is not connected, then add up what is shared.",
    )


def back_through_convolution(dy: np.ndarray, w: np.ndarray, row: int, column: int) -> Picture:
    """Draw one pixel of dx: the flipped kernel on the padded dy, their products added.

    Raises:
        ValueError: the kernel is not square, or dx has no such pixel.
    """
    dy, w = np.asarray(dy, dtype=float), np.asarray(w, dtype=float)
    F = len(w)
    if w.shape != (F, F):
        raise ValueError(f"the kernel has shape {w.shape}, expected as many rows as columns")
    flipped = w[::-1, ::-1]
    padded = np.pad(dy, F - 1)
    dx = conv2d(padded[None, None], flipped[None, None])[0, 0]
    if row >= dx.shape[0] or column >= dx.shape[1]:
        raise ValueError(
            f"dx has {dx.shape[0]} rows and {dx.shape[1]} columns here, there is no pixel ({row}, {column})"
        )
    figure, axes = canvas(10.5, 4.1, 1, 3, width_ratios=[F, padded.shape[1], dx.shape[1]])
    _grid(axes[0], flipped, "w flipped", KERNEL)
    _grid(axes[1], padded, "dy, with zeros around it", OUTPUT)
    _grid(axes[2], dx, "dx", INPUT)
    frame(axes[1], row, row + F - 1, column, column + F - 1)
    frame(axes[2], row, row, column, column)
    window = padded[row : row + F, column : column + F]
    terms = [
        f"({window[a, m]:g})({flipped[a, m]:g})"
        for a, m in np.ndindex(F, F)
        if window[a, m] != 0 and flipped[a, m] != 0
    ]
    return picture(
        figure,
        alt=f"Three grids: the flipped kernel; dy of {dy.shape[0]} by {dy.shape[1]} with {F - 1} zeros on each side; "
        f"dx of {dx.shape[0]} by {dx.shape[1]}. A frame of {F} by {F} lies on the padded dy from its row {row} and "
        f"column {column} on; pixel ({row}, {column}) of dx is framed and holds {dx[row, column]:g}.",
        caption=f"dx[{row}, {column}] = {' + '.join(terms) or '0'} = {dx[row, column]:g}. Every product is what one "
        "output returns for reading this pixel.",
    )


def back_widget() -> Explorer:
    """Let the reader walk over dx, and change dy and the kernel."""

    def draw(row: int, column: int, dy: str, kernel: str) -> Picture:
        return back_through_convolution(matrix(dy, "dy"), matrix(kernel), row, column)

    return explorer(
        draw,
        row=ipywidgets.IntSlider(1, min=0, max=4, description="row of dx"),
        column=ipywidgets.IntSlider(1, min=0, max=4, description="column"),
        dy=ipywidgets.Text("1 2; 0 -1", description="dy", continuous_update=False),
        kernel=ipywidgets.Text(
            "1 4 1; 1 4 3; 3 3 1", description="kernel w", continuous_update=False
        ),
    )


def _structure(ax: Axes, T: np.ndarray, title: str) -> None:
    """Draw a matrix of numbered weights: gray where each stands once, else equal ones in one color, zeros empty."""
    shared = len(np.unique(T[T != 0])) < np.count_nonzero(T)
    fills = np.ones((*T.shape, 3))
    fills[T != 0] = tint(GRAY)
    if shared:
        shades = matplotlib.colormaps["viridis"](np.linspace(0.15, 1, int(T.max())))[:, :3]
        fills[T != 0] = (0.65 * shades + 0.35)[T[T != 0].astype(int) - 1]
    if T.shape[1] <= 9:
        number_grid(
            ax, T, title, fills=fills, zeros=False, fontsize=9, row_name="y", column_name="x"
        )
        return
    ax.imshow(fills, interpolation="nearest")
    ax.set_xticks(np.arange(T.shape[1]) - 0.5, minor=True)
    ax.set_yticks(np.arange(T.shape[0]) - 0.5, minor=True)
    ax.grid(which="minor", color="white", linewidth=0.5)
    ax.tick_params(which="both", length=0)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set(xlabel=title, ylabel="outputs", title=f"{T.shape[1]} pixels")
    for spine in ax.spines.values():
        spine.set(visible=True, color=GRAY)


def _grid(ax: Axes, values: np.ndarray, title: str, color: str) -> None:
    """Draw a grid of numbers, those that are not zero in the color of what they are."""
    fills = np.ones((*values.shape, 3))
    fills[values != 0] = tint(color)
    number_grid(ax, values, title, fills=fills)
