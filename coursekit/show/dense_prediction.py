"""Figures of chapter 15: scenes with boxes and masks, and how boxes overlap."""

from collections.abc import Mapping, Sequence

import ipywidgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from coursekit.data import SCENE_GARMENTS, Scenes
from coursekit.reference import box_iou
from coursekit.show.figure import (
    BLACK,
    BLUE,
    GRAY,
    GREEN,
    ORANGE,
    OUTPUT,
    PINK,
    RED,
    Picture,
    canvas,
    picture,
)
from coursekit.show.images import show_image
from coursekit.show.widget import Explorer, explorer

CLASSES = ("background", *SCENE_GARMENTS)
VOID = 255
_COLORS = ("#ffffff", BLUE, ORANGE, GREEN, PINK)
_TRUE, _PREDICTED = OUTPUT, RED


def boxes(
    scenes: Scenes, predicted: np.ndarray | None = None, *, count: int = 5, caption: str = ""
) -> Picture:
    """Draw scenes with the boxes of their objects, and a predicted box in each.

    Args:
        scenes: the first of them are shown.
        predicted: (N, 4) one box a scene, in pixels; None for none.
        count: how many scenes.
        caption: what to look at.
    """
    figure, axes = canvas(2.0 * count, 2.7, 1, count)
    told = []
    for n, ax in enumerate(axes):
        there = scenes.labels[n] > 0
        names = [CLASSES[k] for k in scenes.labels[n][there]]
        title = ", ".join(names)
        for box in scenes.boxes[n][there]:
            _box(ax, box, _TRUE, "-")
        if predicted is not None:
            _box(ax, predicted[n], _PREDICTED, "--")
            # in float32, predictions of a network, and whole numbers do not compare without a hitch
            best = box_iou(predicted[n].astype(float), scenes.boxes[n][there].astype(float)).max()
            title = f"IoU {best:.2f}"
            told.append(f"{best:.2f}")
        else:
            told.append(title)
        show_image(ax, scenes.x[n, 0] / 255, title)
        ax.title.set_fontsize(11)
    what = "IoU with the closest object" if predicted is not None else "objects"
    if predicted is not None:
        figure.legend(handles=_box_handles(), loc="outside lower center", ncols=2, frameon=False)
    return picture(
        figure,
        alt=f"{count} gray scenes with a green frame around every object"
        + (" and a dashed red one that is predicted" if predicted is not None else "")
        + f"; {what}: {'; '.join(told)}.",
        caption=caption or "The frame is the smallest box that holds all pixels of the garment.",
    )


def two_boxes(down: int, right: int, growth: float, side: int = 28) -> Picture:
    """Draw a right box, a predicted one that is moved and resized about its center, and what they share."""
    canvas_side = 64
    a = np.array([18.0, 18, 18 + side, 18 + side])
    middle, half = np.array([18 + side / 2 + down, 18 + side / 2 + right]), growth * side / 2
    b = np.concatenate([middle - half, middle + half])
    start, end = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
    both = float(np.prod(np.maximum(end - start, 0)))
    areas = [float(np.prod(box[2:] - box[:2])) for box in (a, b)]
    iou = float(box_iou(a, b))
    figure, ax = canvas(4.8, 4.4)
    if both:
        corner = (start[1] - 0.5, start[0] - 0.5)
        ax.add_patch(Rectangle(corner, *(end - start)[::-1], color=GRAY, alpha=0.4, linewidth=0))
    _box(ax, a, _TRUE, "-")
    _box(ax, b, _PREDICTED, "--")
    ax.set(xlim=(0, canvas_side), ylim=(canvas_side, 0), aspect="equal")
    ax.set(xlabel="column, pixels", ylabel="row, pixels")
    ax.legend(handles=_box_handles(), loc="lower left", frameon=False, fontsize=10)
    either = areas[0] + areas[1] - both
    return picture(
        figure,
        alt=f"A solid green box of {side} by {side} pixels and a dashed red one of {growth * side:.0f} by "
        f"{growth * side:.0f}, moved {down} down and {right} right. They share {both:.0f} pixels, shaded gray.",
        caption=f"Shared {both:.0f}, together {areas[0]:.0f} + {areas[1]:.0f} − {both:.0f} = {either:.0f}, "
        f"IoU {both:.0f} / {either:.0f} = {iou:.3f}.",
    )


def box_widget() -> Explorer:
    """Let the reader move and resize a predicted box."""

    def draw(down: int, right: int, growth: float) -> Picture:
        return two_boxes(down, right, growth)

    return explorer(
        draw,
        down=ipywidgets.IntSlider(7, min=-30, max=30, description="down"),
        right=ipywidgets.IntSlider(7, min=-30, max=30, description="right"),
        growth=ipywidgets.FloatSlider(1.0, min=0.5, max=1.5, step=0.1, description="side, factor"),
    )


def masks(scenes: Scenes, *, count: int = 5) -> Picture:
    """Draw scenes, and below each the class of every pixel."""
    figure, axes = canvas(2.0 * count, 4.7, 2, count)
    for n in range(count):
        show_image(axes[0, n], scenes.x[n, 0] / 255, f"scene {n}")
        draw_labels(axes[1, n], scenes.masks[n], "")
    legend(figure)
    found = [
        ", ".join(CLASSES[k] for k in range(1, len(CLASSES)) if (scenes.masks[n] == k).any())
        for n in range(count)
    ]
    return picture(
        figure,
        alt=f"{count} gray scenes, and below each its pixels in the color of their class, with a thin gray ring of "
        f"void around every object. Objects hide parts of others. From left to right: {'; '.join(found)}.",
        caption="Every pixel has a class. Whatever was laid on last hides what is below; the gray ring is void.",
    )


def labeled(
    scenes: Scenes, predicted: Mapping[str, np.ndarray], chosen: Sequence[int], caption: str
) -> Picture:
    """Draw some scenes, the right labels, and those of several networks side by side.

    Args:
        scenes: with their masks.
        predicted: labels (N, H, W) by the name of who predicted them.
        chosen: which scenes, one a row.
        caption: what to look at; what the percentages are is added.
    """
    columns = ["scene", "right", *predicted]
    figure, axes = canvas(
        2.0 * len(columns), 2.15 * len(chosen) + 0.7, len(chosen), len(columns), squeeze=False
    )
    wrong: dict[str, list[str]] = {name: [] for name in predicted}
    for row, n in zip(axes, chosen, strict=True):
        show_image(row[0], scenes.x[n, 0] / 255, f"scene {n}")
        draw_labels(row[1], scenes.masks[n], "right")
        for ax, (name, labels) in zip(row[2:], predicted.items(), strict=True):
            share = _wrong(scenes.masks[n], labels[n])
            wrong[name].append(f"{100 * share:.0f}")
            draw_labels(ax, labels[n], f"{name}: {100 * share:.0f} %")
            ax.title.set_fontsize(10)
    legend(figure)
    told = "; ".join(f"{name} {', '.join(shares)} %" for name, shares in wrong.items())
    return picture(
        figure,
        alt=f"{len(chosen)} scenes, one a row: the picture, the right classes in color, and those predicted by "
        f"{', '.join(predicted)}. Wrong pixels from the first row to the last: {told}.",
        caption=f"{caption} The numbers are shares of wrong pixels.",
    )


def scene_widget(scenes: Scenes, predicted: Mapping[str, np.ndarray]) -> Explorer:
    """Let the reader walk through scenes and networks, and see where each is wrong."""

    def draw(scene: int, net: str) -> Picture:
        right, labels = scenes.masks[scene], predicted[net][scene]
        figure, axes = canvas(9.6, 3.3, 1, 4)
        show_image(axes[0], scenes.x[scene, 0] / 255, f"scene {scene}")
        draw_labels(axes[1], right, "right")
        draw_labels(axes[2], labels, net)
        mistakes = np.where(right == VOID, VOID, (labels != right).astype(int))
        share = _wrong(right, labels)
        shades = np.ones((*mistakes.shape, 3))
        shades[mistakes == 1], shades[mistakes == VOID] = to_rgb(RED), to_rgb("#dddddd")
        show_image(axes[3], shades, "wrong pixels")
        _frame(axes[3])
        legend(figure)
        there = ", ".join(CLASSES[k] for k in np.unique(right) if 0 < k < VOID)
        return picture(
            figure,
            alt=f"Scene {scene} with {there}: the picture, the right classes, those that {net} predicts, and the "
            f"pixels in which they differ, {100 * share:.1f} % of those that count.",
            caption=f"{100 * share:.1f} % of the pixels that count are wrong. Where do they lie: along outlines, or in "
            "whole objects?",
        )

    return explorer(
        draw,
        scene=ipywidgets.IntSlider(0, min=0, max=min(len(scenes.x), 40) - 1, description="scene"),
        net=ipywidgets.Dropdown(options=list(predicted), description="labeled by"),
    )


def near_outline(masks: np.ndarray, pixels: int = 3) -> np.ndarray:
    """Return which pixels (N, H, W) are at most so many rows and columns from void, and not void themselves."""
    void = np.pad(masks == VOID, ((0, 0), (pixels, pixels), (pixels, pixels)))
    square = (2 * pixels + 1, 2 * pixels + 1)
    windows = np.lib.stride_tricks.sliding_window_view(void, square, axis=(1, 2))
    near: np.ndarray = windows.any(axis=(3, 4)) & (masks != VOID)
    return near


def draw_labels(ax: Axes, labels: np.ndarray, title: str) -> None:
    """Draw classes as colors, void gray."""
    colors = np.full((VOID + 1, 3), to_rgb(BLACK))
    for k, color in enumerate(_COLORS):
        colors[k] = to_rgb(color)
    colors[VOID] = to_rgb(GRAY)
    show_image(ax, colors[labels], title)
    _frame(ax)


def legend(figure: Figure, fontsize: float = 10) -> None:
    """Name the colors below a figure."""
    handles = [
        Patch(facecolor=color, edgecolor=GRAY, label=name)
        for color, name in zip((*_COLORS, GRAY), (*CLASSES, "void"), strict=True)
    ]
    figure.legend(
        handles=handles,
        loc="outside lower center",
        ncols=len(handles),
        frameon=False,
        fontsize=fontsize,
    )


def _box_handles() -> list[Patch]:
    return [
        Patch(facecolor="none", edgecolor=_TRUE, label="right"),
        Patch(facecolor="none", edgecolor=_PREDICTED, linestyle="--", label="predicted"),
    ]


def _frame(ax: Axes) -> None:
    """Draw a line around an image, so that a white one has an edge."""
    ax.set_axis_on()
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set(visible=True, color=GRAY)


def _wrong(right: np.ndarray, labels: np.ndarray) -> float:
    counted = right != VOID
    return float((labels != right)[counted].mean())


def _box(ax: Axes, box: np.ndarray, color: str, dash: str) -> None:
    top, left, bottom, right = (float(v) for v in box)
    corner = (left - 0.5, top - 0.5)
    ax.add_patch(
        Rectangle(
            corner,
            right - left,
            bottom - top,
            fill=False,
            edgecolor=color,
            linestyle=dash,
            linewidth=2,
        )
    )
