"""Arrays as a reader sees them on paper: a grid of cells with their numbers in them."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from coursekit.show.figure import BLACK, GRAY, INPUT, ORANGE, OUTPUT, PINK, RED, SKY

COLORS = (INPUT, RED, OUTPUT, ORANGE, PINK, SKY)  # for things that are told apart, in this order
WHITE = (1.0, 1.0, 1.0)
Color = tuple[float, float, float]


def number_grid(
    ax: Axes,
    values: np.ndarray,
    title: str,
    *,
    row_name: str = "",
    column_name: str = "",
    fills: np.ndarray | None = None,
    zeros: bool = True,
    fontsize: float = 11,
) -> None:
    """Draw a matrix as a grid with its numbers written in.

    Args:
        ax: where to draw.
        values: numbers (rows, columns).
        title: stands below the grid.
        row_name: letter that names the rows, with their numbers as subscripts; empty for none.
        column_name: the same for the columns.
        fills: color of every cell (rows, columns, 3); white where left out, see :func:`by_value`.
        zeros: whether to write the zeros too.
        fontsize: of the numbers.
    """
    rows, columns = values.shape
    shown = np.ones((rows, columns, 3)) if fills is None else fills
    ax.imshow(shown, aspect="equal", interpolation="nearest")
    ax.set_xticks(np.arange(columns + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(rows + 1) - 0.5, minor=True)
    ax.set(xlim=(-0.55, columns - 0.45), ylim=(rows - 0.45, -0.55))  # room for the outermost lines
    ax.grid(which="minor", color=GRAY, linewidth=0.5)
    ax.tick_params(which="both", length=0)
    ax.set_xticks(range(columns), [column_name and column_name + sub(j) for j in range(columns)])
    ax.set_yticks(range(rows), [row_name and row_name + sub(i) for i in range(rows)])
    ax.xaxis.tick_top()
    ax.spines[:].set_visible(False)
    for i, j in np.ndindex(rows, columns):
        if zeros or values[i, j] != 0:
            ax.text(
                j,
                i,
                f"{values[i, j]:.3g}",
                ha="center",
                va="center",
                color=BLACK,
                fontsize=fontsize,
            )
    ax.set_xlabel(title)


def by_value(values: np.ndarray) -> np.ndarray:
    """Return a color for every cell (rows, columns, 3): equal numbers get the same, zero gets white."""
    fills = np.ones((*values.shape, 3))
    for k, value in enumerate(v for v in np.unique(values) if v != 0):
        fills[values == value] = tint(COLORS[k % len(COLORS)])
    return fills


def frame(ax: Axes, top: float, bottom: float, left: float, right: float, color: str = RED) -> None:
    """Draw a frame around the cells from row ``top`` to ``bottom`` and column ``left`` to ``right``."""
    corner = (left - 0.5, top - 0.5)
    ax.add_patch(
        Rectangle(
            corner, right - left + 1, bottom - top + 1, fill=False, edgecolor=color, linewidth=3
        )
    )


def tint(color: str) -> Color:
    """Return a light version of a color ``"#rrggbb"``, on which black numbers stay readable."""
    red, green, blue = (0.45 * int(color[k : k + 2], 16) / 255 + 0.55 for k in (1, 3, 5))
    return red, green, blue


def sub(n: int) -> str:
    """Return a number as a subscript: 12 as ₁₂."""
    return "".join("₀₁₂₃₄₅₆₇₈₉"[int(digit)] for digit in str(n))
