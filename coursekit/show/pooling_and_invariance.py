"""The figures of chapter 04: what moves with the picture, what stays, and what pooling looks at."""

from collections.abc import Callable, Mapping, Sequence

import ipywidgets
import numpy as np

from coursekit.reference import average_pool2d, conv2d, max_pool2d, relu
from coursekit.show.figure import GRAY, OUTPUT, Picture, canvas, picture
from coursekit.show.grids import COLORS, frame, number_grid, tint
from coursekit.show.images import show_image
from coursekit.show.pooling_and_invariance_fields import decay as decay
from coursekit.show.pooling_and_invariance_fields import field_widget as field_widget
from coursekit.show.pooling_and_invariance_fields import growth as growth
from coursekit.show.pooling_and_invariance_waves import alias_widget as alias_widget
from coursekit.show.pooling_and_invariance_waves import coarse_rings as coarse_rings
from coursekit.show.widget import Explorer, explorer

ROW = 9  # of the answers to the letter T: across its upper stroke


def moved(x: np.ndarray, y: np.ndarray, x_moved: np.ndarray, y_moved: np.ndarray) -> Picture:
    """Draw a picture and the answers of a kernel to it, before and after the picture has moved."""
    figure, axes = canvas(7.6, 4.6, 2, 3)
    for row, (image, answers, when) in zip(
        axes, ((x, y, ""), (x_moved, y_moved, ", moved")), strict=True
    ):
        show_image(row[0], _plane(image), f"x{when}")
        show_image(row[1], _plane(answers), f"y{when}", signed=True)
        row[2].plot(_plane(answers)[ROW], color=OUTPUT, drawstyle="steps-mid")
        row[2].set_title(f"row {ROW} of y{when}", loc="left")
        row[2].set(ylabel="answer", ylim=(-5, 5))
    axes[1, 2].set_xlabel("column")
    peaks = [int(np.argmax(_plane(answers)[ROW])) for answers in (y, y_moved)]
    return picture(
        figure,
        alt="Two rows of three panels. A white letter T on black; the answers, positive along the left ends of its "
        f"strokes and negative along the right ends; row {ROW} of the answers as a line, with its peak at column "
        f"{peaks[0]}. "
        f"Below, the same with the letter further right: the peak stands at column {peaks[1]}.",
        caption=f"Compare the lines on the right: the same shape, {peaks[1] - peaks[0]} columns further right. "
        "Orange is positive, purple negative.",
    )


def windows(x: np.ndarray, F: int, S: int) -> Picture:
    """Draw a small image, and beside it the maximum and the mean of each of its windows.

    With the stride equal to the window, every window has a color; where windows overlap, the first is framed.
    """
    x = np.asarray(x, dtype=float)
    largest = max_pool2d(x[None, None], F, stride=S)[0, 0]
    mean = average_pool2d(x[None, None], F, stride=S)[0, 0]
    figure, axes = canvas(8.4, 3.2, 1, 3, width_ratios=[len(x), len(mean), len(mean)])
    names = ("x", f"max, {F} × {F}, stride {S}", f"mean, {F} × {F}, stride {S}")
    for ax, values, name in zip(axes, (x, largest, mean), names, strict=True):
        fills = None
        if S == F:
            side = F if values is x else 1
            fills = np.array(
                [
                    [tint(COLORS[(i // side * len(mean) + j // side) % 6]) for j in range(len(row))]
                    for i, row in enumerate(values)
                ]
            )
        number_grid(ax, values, name, fills=fills)
    if S != F:
        frame(axes[0], 0, F - 1, 0, F - 1)
        for ax in axes[1:]:
            frame(ax, 0, 0, 0, 0)
    return picture(
        figure,
        alt=f"Three grids of numbers. x: {_rows(x)}. The maximum of every {F} by {F} window with stride {S}: "
        f"{_rows(largest)}. The mean of every window: {_rows(mean)}.",
        caption=f"The upper left window holds {_list(x[:F, :F].ravel())}: its maximum is {largest[0, 0]:g}, "
        f"its mean {mean[0, 0]:g}.",
    )


def shifted(x: np.ndarray, w: np.ndarray, shift: int, F: int) -> Picture:
    """Draw a picture, its rectified answers and their largest entries, before and after a shift to the right.

    Args:
        x: the picture (H, W), empty at the sides so that nothing is lost.
        w: the kernel (F_h, F_w).
        shift: columns that the picture moves.
        F: side and stride of the pooling window.
    """
    x = np.asarray(x, dtype=float)
    before, after = (_pooled(image, w, F) for image in (x, np.roll(x, shift, axis=1)))
    figure, axes = canvas(9, 6.3, 2, 3)
    titles = ("picture x", "features", f"max of every {F} × {F}")
    for row, images, when in zip(axes, (before, after), ("", f", moved by {shift}"), strict=True):
        for ax, image, title in zip(row, images, titles, strict=True):
            show_image(ax, image / max(1.0, image.max()), f"{title}{when}")
        for edge in np.arange(0, len(images[1]) + 1, F):  # the windows, on what they pool
            row[1].axhline(edge - 0.5, color=GRAY, linewidth=0.5)
            row[1].axvline(edge - 0.5, color=GRAY, linewidth=0.5)
    features, pooled = (_change(a, b) for a, b in zip(before[1:], after[1:], strict=True))
    old, new = before[2], after[2]
    alive = (old > 0) | (new > 0)
    same = int(np.count_nonzero(np.isclose(old, new) & alive))
    return picture(
        figure,
        alt=f"Two rows of three images: the picture; the answers of the kernel; and the largest answer of every "
        f"{F} by {F} window, as blocks. In the lower row the picture is moved {shift} columns to the right. The "
        f"answers change by {features:.0f} %, the pooled answers by {pooled:.0f} %.",
        caption=f"Moved by {shift}, window {F}: the answers change by {features:.0f} %, the pooled ones by "
        f"{pooled:.0f} % (length of the difference over length of the original). Of {np.count_nonzero(alive)} pooled "
        f"answers that are not 0 before or after, {same} stay the same.",
    )


def shift_widget(pictures: Mapping[str, np.ndarray], w: np.ndarray) -> Explorer:
    """Let the reader move a picture, and choose the size of the pooling window."""

    def draw(name: str, shift: int, F: int) -> Picture:
        return shifted(pictures[name], w, shift, F)

    return explorer(
        draw,
        name=ipywidgets.Dropdown(options=list(pictures), description="picture"),
        shift=ipywidgets.IntSlider(1, min=0, max=8, description="shift"),
        F=ipywidgets.IntSlider(4, min=1, max=8, description="window F"),
    )


def two_cells(
    answer: Callable[[float, float], tuple[float, float]],
    places: Sequence[float],
    angles: Sequence[float],
) -> Picture:
    """Draw the answers of a simple and a complex cell to a bar, over its place and over its angle.

    Args:
        answer: takes place and angle of a bar, and returns what the simple and the complex cell answer.
        places: of an upright bar, pixels from the middle.
        angles: of a bar in the middle, degrees from upright.
    """
    names = ("simple cell", "complex cell")
    figure, axes = canvas(9, 3.4, 1, 2, sharey=True)
    panels = (
        (
            axes[0],
            places,
            np.array([answer(place, 0) for place in places]),
            "place of the bar, pixels from the middle",
        ),
        (
            axes[1],
            angles,
            np.array([answer(0, angle) for angle in angles]),
            "angle of the bar, degrees from upright",
        ),
    )
    widths = []
    for ax, across, answers, name in panels:
        for cell, values, color, marker in zip(names, answers.T, COLORS, "os", strict=False):
            ax.plot(across, values, color=color, marker=marker, markersize=4, label=cell)
            half = np.asarray(across)[values > values.max() / 2]
            widths.append(f"the {cell} from {half[0]:g} to {half[-1]:g}")
        ax.set_xlabel(name)
    axes[0].set_ylabel("answer")
    axes[1].legend(frameon=False)
    return picture(
        figure,
        alt="Two panels of two lines, the answers of both cells to a bar. More than half of the largest answer, over "
        f"its place in pixels: {' and '.join(widths[:2])}; over its angle in degrees: {' and '.join(widths[2:])}.",
        caption="Left: the simple cell wants the bar at one place, the complex cell takes it anywhere in its window. "
        "Right: neither puts up with a turned bar.",
    )


def bar(place: float, angle: float, size: int = 41) -> np.ndarray:
    """Return a white bar on black, (1, 1, size, size), three pixels thick, turned about the middle.

    Args:
        place: where the bar crosses the middle row when it is upright, in columns from the middle.
        angle: degrees from upright.
        size: pixels a side.
    """
    across = np.arange(size) - size // 2
    turn = np.radians(angle)
    distance = (across - place) * np.cos(turn) + across[:, None] * np.sin(turn)
    return (np.abs(distance) < 1.5).astype(float)[None, None]


def wobble(shifts: Sequence[int], changes: Mapping[str, Sequence[float]]) -> Picture:
    """Draw how much the features of a picture change with its shift, one line for each way to subsample."""
    figure, ax = canvas(9, 3.8)
    for (name, values), color, marker in zip(changes.items(), COLORS, "os^vDx", strict=False):
        ax.plot(shifts, values, color=color, marker=marker, label=name)
    ax.set(xlabel="shift of the picture, pixels", ylabel="change of the features, %")
    ax.set_ylim(bottom=-0.5)
    figure.legend(*ax.get_legend_handles_labels(), loc="outside right upper", frameon=False)
    most = ", ".join(f"{name} at most {max(values):.1f} %" for name, values in changes.items())
    return picture(
        figure,
        alt=f"Change of the features in percent over the shift of the picture, one line each: {most}.",
        caption="A perfectly invariant net would give a flat line at 0. See where the lines come back to 0, and how "
        "high they rise in between.",
    )


def capital_t(size: int = 42, left: int = 10, top: int = 8) -> np.ndarray:
    """Return a white letter T on black, (size, size), with room at its sides to move."""
    x = np.zeros((size, size))
    x[top : top + 4, left : left + 20] = 1
    x[top + 4 : top + 24, left + 8 : left + 12] = 1
    return x


def on_black(image: np.ndarray, size: int, left: int, top: int) -> np.ndarray:
    """Return an image in the midst of a black one, (size, size)."""
    x = np.zeros((size, size))
    x[top : top + image.shape[0], left : left + image.shape[1]] = image
    return x


def _pooled(x: np.ndarray, w: np.ndarray, F: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    answers = relu(conv2d(x[None, None], np.asarray(w, dtype=float)[None, None]))
    return x, answers[0, 0], max_pool2d(answers, F)[0, 0]


def _change(before: np.ndarray, after: np.ndarray) -> float:
    """Length of the difference in percent of the length of what was there before."""
    return float(100 * np.linalg.norm(after - before) / np.linalg.norm(before))


def _plane(x: np.ndarray) -> np.ndarray:
    return x.reshape(x.shape[-2:])


def _list(values: np.ndarray) -> str:
    return ", ".join(f"{value:g}" for value in values)


def _rows(values: np.ndarray) -> str:
    return "; ".join(_list(row) for row in values)
