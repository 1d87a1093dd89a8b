"""The figures of chapter 02 that are made of numbers; those of photographs are in convolution_2d_photos."""

from collections.abc import Mapping

import ipywidgets
import numpy as np
from matplotlib.axes import Axes

from coursekit.reference import conv2d
from coursekit.show.figure import INPUT, KERNEL, ORANGE, OUTPUT, SKY, Picture, canvas, picture
from coursekit.show.grids import frame, number_grid, tint
from coursekit.show.typed import matrix
from coursekit.show.widget import Explorer, explorer

MOST_ROWS = 5  # of a kernel whose products have to stay readable
ROW_COLORS = (SKY, ORANGE, OUTPUT)  # of the rows of a kernel


def walk(x: np.ndarray, w: np.ndarray, i: int, j: int) -> Picture:
    """Draw place (i, j) of a kernel on an image: the window, the table of products, the output so far."""
    (F_h, F_w), y = w.shape, _slide(x, w)
    window = x[i : i + F_h, j : j + F_w]
    figure, (left, middle, right) = canvas(
        11.5, 4.5, 1, 3, width_ratios=[x.shape[1], F_w + 0.6, y.shape[1]]
    )
    number_grid(left, x, "image x", fills=_shades(x), zeros=False, fontsize=10)
    _count(left, x.shape)
    frame(left, i, i + F_h - 1, j, j + F_w - 1, KERNEL)
    products = window * w + 0.0  # without the sign of a zero
    fills = np.broadcast_to(tint(KERNEL), (F_h, F_w, 3))
    number_grid(middle, np.zeros((F_h, F_w)), "x · w", fills=fills, zeros=False)
    small = 9 if F_w <= 3 else 7
    for a, b in np.ndindex(F_h, F_w):
        factors = f"{window[a, b]:.3g}·{_sign(float(w[a, b]))}"
        middle.text(b, a - 0.22, factors, ha="center", va="center", fontsize=small)
        middle.text(b, a + 0.2, f"{products[a, b]:.3g}", ha="center", va="center", fontsize=11)
    so_far = np.arange(y.size).reshape(y.shape) <= i * y.shape[1] + j
    fills = np.where(so_far[..., None], tint(OUTPUT), 1.0)
    number_grid(right, np.where(so_far, y, 0.0), "output y so far", fills=fills, zeros=False)
    _count(right, y.shape)
    frame(right, i, i, j, j, OUTPUT)
    for ax in (left, middle, right):
        for text in ax.texts:
            text.set_in_layout(False)  # they lie within their cells: nothing to make room for
    terms = " + ".join("(" + " + ".join(f"{p:.3g}" for p in row) + ")" for row in products)
    return picture(
        figure,
        alt=f"Three grids of numbers: an image of {x.shape[0]} by {x.shape[1]} with the window of rows {i} to "
        f"{i + F_h - 1} and columns {j} to {j + F_w - 1} framed; the {F_h * F_w} products of window and kernel; "
        f"the output up to place ({i}, {j}), where it is {y[i, j]:.4g}.",
        caption=f"Place ({i}, {j}), row by row: {terms} = {y[i, j]:.4g}, which becomes y[{i}, {j}].",
    )


def walk_widget(x: np.ndarray, kernel: str, start: tuple[int, int] = (0, 0)) -> Explorer:
    """Let the reader type a kernel and walk it over an image, from the place ``start`` on."""

    def draw(kernel: str, row: int, column: int) -> Picture:
        w = matrix(kernel)
        if max(w.shape) > MOST_ROWS:
            raise ValueError(
                f"the kernel has {w.shape[0]} rows and {w.shape[1]} columns, expected at most {MOST_ROWS} of each"
            )
        last = x.shape[0] - w.shape[0], x.shape[1] - w.shape[1]
        if min(last) < 0:
            raise ValueError(
                f"the kernel of {w.shape[0]} by {w.shape[1]} is larger than the image of {x.shape[0]} by {x.shape[1]}"
            )
        if row > last[0] or column > last[1]:
            raise ValueError(
                f"this kernel of {w.shape[0]} by {w.shape[1]} has its last place at {last}; "
                f"place {(row, column)} hangs over an edge"
            )
        return walk(x, w, row, column)

    return explorer(
        draw,
        kernel=ipywidgets.Text(
            kernel,
            description="kernel w",
            continuous_update=False,
            layout=ipywidgets.Layout(width="36em"),
        ),
        row=ipywidgets.IntSlider(start[0], min=0, max=x.shape[0] - 1, description="row i"),
        column=ipywidgets.IntSlider(start[1], min=0, max=x.shape[1] - 1, description="column j"),
    )


def spike(image: np.ndarray, answers: Mapping[str, np.ndarray]) -> Picture:
    """Draw an image and what several operations make of it, the image's brightest pixel framed in each.

    Args:
        image: numbers (H, W), mostly zeros.
        answers: of the same shape, where a frame makes sense; of any other shape, they get none.
    """
    grids = {"image": image, **answers}
    widths = [grid.shape[1] for grid in grids.values()]
    figure, axes = canvas(
        0.44 * sum(widths) + 1.2, 0.45 * image.shape[0] + 0.7, 1, len(grids), width_ratios=widths
    )
    place = divmod(int(np.argmax(image)), image.shape[1])
    for ax, (name, grid) in zip(axes, grids.items(), strict=True):
        color = tint(INPUT if grid is image else OUTPUT)
        number_grid(ax, grid, name, fills=np.where(grid[..., None] != 0, color, 1.0), zeros=False)
        if grid.shape == image.shape:
            frame(ax, place[0], place[0], place[1], place[1])
    said = "; ".join(f"{name}: {_say(grid)}" for name, grid in answers.items())
    return picture(
        figure,
        alt=f"Grids of numbers. The image is zero but for entry ({place[0]}, {place[1]}). {said}.",
        caption="The frame marks the place of the bright pixel in every grid; empty cells are 0.",
    )


def blocks(T: np.ndarray, x: np.ndarray, w: np.ndarray, row: int) -> Picture:
    """Draw y = T x with the rows of the image and the blocks of T told apart, one row of T framed.

    Args:
        T: doubly blocked Toeplitz matrix of w, (H_out W_out, H W).
        x: image (H, W).
        w: kernel (F_h, F_w) without a zero in it, at most three rows.
        row: which row of T to explain.
    """
    (H, W), (F_h, F_w) = x.shape, w.shape
    H_out, W_out = H - F_h + 1, W - F_w + 1
    flat = x.reshape(1, -1)
    figure, ((top, corner), (left, right)) = canvas(
        11.5, 3.9, 2, 2, width_ratios=[H * W, 1.6], height_ratios=[1.25, H_out * W_out]
    )
    corner.set_axis_off()
    i, j = divmod(row, W_out)
    meets = np.zeros((1, H * W, 3)) + 1.0
    for a in range(F_h):
        start = (i + a) * W + j
        meets[0, start : start + F_w] = tint(ROW_COLORS[a])
    number_grid(top, flat, "", fills=meets, fontsize=10)
    top.set_yticks([0], ["v(x)"])
    top.set_xticks(
        [r * W + (W - 1) / 2 for r in range(H)], [f"row {r} of the image" for r in range(H)]
    )
    fills = np.ones((*T.shape, 3))
    for (p, c), value in np.ndenumerate(T):
        a = c // W - p // W_out  # which row of the kernel this block holds
        if 0 <= a < F_h:
            fills[p, c] = tint(ROW_COLORS[a]) if value else np.array(tint(ROW_COLORS[a])) / 2 + 0.5
    number_grid(left, T, f"T, {T.shape[0]} × {T.shape[1]}", row_name="y", fills=fills, zeros=False)
    left.set_xticks([])
    _separate(left, W_out, W, H_out, H)
    number_grid(right, (T @ flat[0])[:, None], "y = T v(x)")
    frame(left, row, row, 0, H * W - 1)
    frame(right, row, row, 0, 0)
    terms = [f"{T[row, c]:g}·{flat[0, c]:g}" for c in np.flatnonzero(T[row])]
    return picture(
        figure,
        alt=f"A matrix of {T.shape[0]} rows and {T.shape[1]} columns in {H_out} by {H} blocks, below the image written "
        f"as one row. Each block that is not empty holds one row of the kernel as a band, in that row's color, and "
        f"the blocks themselves move one to the right from the first row of blocks to the next. Row {row} is framed.",
        caption=f"Row {row} of T times v(x): {' + '.join(terms)} = {T[row] @ flat[0]:g}. One color for each row of "
        f"the kernel; thick lines separate the blocks.",
    )


def _separate(ax: Axes, height: int, width: int, rows: int, columns: int) -> None:
    """Draw the lines between blocks."""
    for r in range(rows + 1):
        ax.axhline(r * height - 0.5, color="black", linewidth=1.5)
    for c in range(columns + 1):
        ax.axvline(c * width - 0.5, color="black", linewidth=1.5)


def _slide(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    answer: np.ndarray = conv2d(x[None, None], w[None, None])[0, 0]
    return answer


def _count(ax: Axes, shape: tuple[int, ...]) -> None:
    """Write the numbers of rows and columns beside a grid."""
    ax.set_yticks(range(shape[0]), [str(i) for i in range(shape[0])])
    ax.set_xticks(range(shape[1]), [str(j) for j in range(shape[1])])


def _shades(values: np.ndarray, color: str = INPUT) -> np.ndarray:
    """Return a color for every cell: white at 0, the color's tint at the largest absolute value."""
    share = np.abs(values) / (np.abs(values).max() or 1.0)
    return 1 - share[..., None] * (1 - np.array(tint(color)))


def _sign(value: float) -> str:
    return f"({value:.3g})" if value < 0 else f"{value:.3g}"


def _say(grid: np.ndarray) -> str:
    """Return the rows of a grid that are not zero, as a reader of the alt text needs them."""
    rows = [" ".join(f"{v:.3g}" for v in row) for row in grid if np.any(row) or len(grid) <= 3]
    return " / ".join(rows) or "all zero"
