"""Figures of chapter 15 about maps: what a coarse map keeps, and how larger ones are made of it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets
import numpy as np
from IPython.display import Markdown

from coursekit.paths import CourseNotFoundError, course_root
from coursekit.reference import average_pool2d, bilinear_kernel, upsample_bilinear, upsample_nearest
from coursekit.show.dense_prediction import draw_labels, legend
from coursekit.show.figure import GRAY, OUTPUT, RED, Picture, canvas, picture
from coursekit.show.grids import COLORS
from coursekit.show.images import gallery, show_image
from coursekit.show.widget import Explorer, explorer

WAYS = ("nearest", "bilinear")
MISSING = Markdown(
    "The recorded runs are not on this machine: they lie in the course's repository, in "
    "`benchmarks/dense.json`."
)
Record = Mapping[str, Any]


def enlarged(coarse: np.ndarray, scale: int, row: int) -> Picture:
    """Draw a coarse map, what both interpolations make of it, and one row of each.

    Args:
        coarse: (h, w) probabilities.
        scale: how many times larger.
        row: which row of the larger maps to draw as curves.
    """
    larger = {way: _larger(coarse, scale, way) for way in WAYS}
    figure, axes = canvas(10, 5.2, 2, 1 + len(larger), height_ratios=[1.6, 1])
    show_image(axes[0, 0], coarse, f"coarse, {coarse.shape[0]}×{coarse.shape[1]}")
    for ax, (name, image) in zip(axes[0, 1:], larger.items(), strict=True):
        show_image(ax, image, name)
        ax.axhline(row, color=OUTPUT, linewidth=1)
    space = axes[1, 0].get_gridspec()
    for ax in axes[1]:
        ax.remove()
    below = figure.add_subplot(space[1, :])
    for (name, image), color in zip(larger.items(), COLORS, strict=False):
        below.plot(image[row], color=color, label=name, drawstyle="steps-mid")
    below.set(xlabel=f"column, along row {row}", ylabel="probability", ylim=(-0.05, 1.05))
    below.legend(frameon=False)
    unsure = {name: ((y > 0.1) & (y < 0.9)).mean() for name, y in larger.items()}
    told = ", ".join(f"{name} {100 * share:.0f} %" for name, share in unsure.items())
    return picture(
        figure,
        alt=f"A map of {coarse.shape[0]} by {coarse.shape[1]} gray squares, and the larger maps made of it by "
        f"{', '.join(larger)}; below, one row of each as a curve, in steps or as a slope. Pixels between 0.1 and "
        f"0.9: {told}.",
        caption="Follow the green line: steps as wide as the stride, or slopes. Share of pixels between 0.1 and 0.9: "
        f"{told}.",
    )


def survives(
    mask: np.ndarray, factor: int, way: str = "bilinear", threshold: float = 0.5
) -> Picture:
    """Draw what is left of a mask that was averaged over squares, enlarged again, and cut at a threshold."""
    coarse = average_pool2d(mask.astype(float)[None, None], factor)[0, 0]
    fine = _larger(coarse, factor, way)
    again = fine > threshold
    iou = (again & mask).sum() / (again | mask).sum()
    blurred = float(((fine > 0.1) & (fine < 0.9)).mean())
    figure, axes = canvas(9.6, 2.9, 1, 4)
    show_image(axes[0], mask.astype(float), "right mask")
    show_image(axes[1], coarse, f"averaged over {factor}×{factor}")
    show_image(axes[2], fine, f"enlarged, {way}")
    shades = np.ones((*mask.shape, 3))
    for chosen, color in ((again & mask, "#000000"), (again & ~mask, RED), (~again & mask, OUTPUT)):
        shades[chosen] = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    show_image(axes[3], shades, f"above {threshold:.1f}: IoU {iou:.2f}")
    return picture(
        figure,
        alt=f"A right mask, its averages over squares of {factor} pixels, those enlarged again by {way} interpolation, "
        f"and the pixels above {threshold:.1f}: black where right, red where added, green where missed. "
        f"IoU {iou:.3f}; {100 * blurred:.0f} % of the pixels lie between 0.1 and 0.9.",
        caption=f"Factor {factor}, {way}, threshold {threshold:.1f}: IoU {iou:.3f}; "
        f"{100 * blurred:.0f} % of the pixels are unsure. Red was added, green was missed.",
    )


def resolution_widget(mask: np.ndarray) -> Explorer:
    """Let the reader choose how coarse a perfect map is, how it is enlarged, and where it is cut."""

    def draw(factor: int, way: str, threshold: float) -> Picture:
        return survives(mask, factor, way, threshold)

    return explorer(
        draw,
        factor=ipywidgets.SelectionSlider(options=(2, 4, 8, 16), value=8, description="factor"),
        way=ipywidgets.Dropdown(options=WAYS, value="bilinear", description="enlarged by"),
        threshold=ipywidgets.FloatSlider(0.5, min=0.1, max=0.9, step=0.1, description="threshold"),
    )


def learned_kernels(w: np.ndarray, names: Sequence[str]) -> Picture:
    """Draw how the scores of every class spread, and how those of background reach the first class.

    Args:
        w: kernels of a transposed convolution (K, K, F, F), from the coarse class to the fine one.
        names: of the classes.
    """
    scale = (w.shape[-1] + 1) // 2
    shown = {"at the start": bilinear_kernel(scale)} | {
        name: w[k, k] for k, name in enumerate(names)
    }
    return gallery(
        shown,
        alt=f"Kernels of {w.shape[-1]} by {w.shape[-1]} pixels, orange where positive, purple where negative: the "
        f"smooth tent that all started from, and what became of it for {', '.join(names)}: still bright in the "
        "middle, with grain and shapes of their own, and negative toward the corners in places.",
        caption="The tent that all started from, and what 200 steps made of it, from each class to itself. What has "
        "changed most?",
        signed=True,
        columns=6,
        size=1.7,
    )


def agreement(
    image: np.ndarray,
    labels: np.ndarray,
    shifts: Sequence[int],
    shares: Mapping[str, Sequence[float]],
) -> Picture:
    """Draw a scene, its labels, and how many of them move along with it, against how far it moved.

    Args:
        image: (H, W) brightness from 0 to 1.
        labels: (H, W) classes, predicted by the last of the networks in `shares`.
        shifts: in pixels.
        shares: of the labels that moved along, for each shift, by the name of the network.
    """
    figure, axes = canvas(7.4, 5.4, 2, 2, height_ratios=[1, 1.1])
    show_image(axes[0, 0], image, f"scene, {image.shape[0]}×{image.shape[1]}")
    draw_labels(axes[0, 1], labels, f"labels, {list(shares)[-1]}")
    space = axes[0, 0].get_gridspec()
    for below in axes[1]:
        below.remove()
    ax = figure.add_subplot(space[1, :])
    for (name, values), color, marker in zip(shares.items(), COLORS, "os^vDx", strict=False):
        ax.plot(shifts, np.asarray(values) * 100, color=color, marker=marker, label=name)
    ax.set(xlabel="shift to the right, pixels", ylabel="labels moved along, %")
    ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    legend(figure, 8)
    told = "; ".join(
        f"{name}: {', '.join(f'{100 * v:.0f}' for v in values)}" for name, values in shares.items()
    )
    return picture(
        figure,
        alt=f"A large scene of many garments and the classes of its pixels, predicted by {list(shares)[-1]}. Below, "
        f"percent of labels that moved along with the scene, for shifts of {', '.join(map(str, shifts))} pixels. "
        f"{told}.",
        caption="All labels move along where the shift is a multiple of the coarsest stride. In between some "
        "change, mostly fewest with the finest maps.",
    )


def _larger(coarse: np.ndarray, scale: int, way: str) -> np.ndarray:
    x = coarse.astype(float)[None, None]
    if way == "nearest":
        return upsample_nearest(x, scale)[0, 0]
    return upsample_bilinear(x, scale=scale, align_corners=False)[0, 0]


# --- what benchmarks/dense.py recorded ---------------------------------------------------------------------------


def record() -> Record | None:
    """Return what is recorded; None where only the package is, without the course's repository."""
    try:
        path = course_root() / "benchmarks" / "dense.json"
        recorded: Record = json.loads(path.read_text(encoding="utf-8"))
    except (CourseNotFoundError, OSError):
        return None
    return recorded


def summed_up(recorded: Record | None, ways: Sequence[str] = ("learned",)) -> str:
    """Return mean and standard deviation of both measures over the seeds, as lines of text."""
    if recorded is None:
        return str(MISSING.data)
    lines = []
    for way in ways:
        for stride in (16, 8, 4):
            accuracy, iou = (_values(recorded, way, stride, k) for k in _MEASURES)
            lines.append(
                f"{way:8} stride {stride:2}: pixel accuracy {np.mean(accuracy):.3f} ± {np.std(accuracy, ddof=1):.3f}, "
                f"mean IoU {np.mean(iou):.3f} ± {np.std(iou, ddof=1):.3f} ({len(iou)} seeds)"
            )
    return "\n".join(lines)


def gains(recorded: Record | None, ways: Sequence[str] = ("learned",)) -> str:
    """Return what a finer map adds to the mean IoU, seed by seed, as lines of text."""
    if recorded is None:
        return str(MISSING.data)
    lines = []
    for way in ways:
        for coarse, fine in ((16, 8), (8, 4)):
            before, after = (
                _values(recorded, way, stride, "mean_iou") for stride in (coarse, fine)
            )
            more = np.subtract(after, before)
            lines.append(
                f"{way:8} stride {coarse:2} to {fine}: mean IoU {more.mean():+.3f} on average, {more.min():+.3f} to "
                f"{more.max():+.3f}, higher in {(more > 0).sum()} of {len(more)} seeds"
            )
    return "\n".join(lines)


def recorded_runs(recorded: Record | None, baseline: tuple[float, float]) -> Picture | Markdown:
    """Draw both measures of every recorded run against the stride, by the way of enlarging.

    Args:
        recorded: from :func:`record`.
        baseline: pixel accuracy and mean IoU of the answer "background".
    """
    if recorded is None:
        return MISSING
    figure, axes = canvas(10, 3.8, 1, 2)
    told = []
    ways = list(dict.fromkeys(run["upsampling"] for run in recorded["runs"]))
    for ax, (measure, name), floor in zip(axes, _MEASURES.items(), baseline, strict=True):
        for k, way in enumerate(ways):
            means = []
            for place, stride in enumerate((16, 8, 4)):
                values = _values(recorded, way, stride, measure)
                x = place + 0.16 * (k - (len(ways) - 1) / 2)
                ax.plot([x] * len(values), values, "o^s"[k], color=COLORS[k], markersize=5)
                means.append((x, float(np.mean(values))))
                told.append(f"{name}, {way}, stride {stride}: {np.mean(values):.2f}")
            ax.plot(*zip(*means, strict=True), color=COLORS[k], linewidth=1, label=way)
        ax.axhline(floor, color=GRAY, linestyle="--", label="all background")
        ax.set_xticks(range(3), ["16", "8", "4"])
        ax.set(xlabel="stride of the finest scored map", ylabel=name, ylim=(0, 1))
    axes[1].legend(frameon=False, loc="lower right", bbox_to_anchor=(1, 0.17), ncols=2)
    found = recorded["machine"]
    seeds = sorted({run["seed"] for run in recorded["runs"]})
    return picture(
        figure,
        alt=f"Pixel accuracy and mean IoU of every recorded run against stride 16, 8 and 4, with a dashed line for the "
        f"answer background. Means: {'; '.join(told)}.",
        caption=f"One point a run. Recorded on {found['date']} with {found['threads']} thread, {found['processor']}, "
        f"torch {found['torch']}, {found['command']}, seeds {seeds[0]} to {seeds[-1]}.",
    )


_MEASURES = {"pixel_accuracy": "pixel accuracy", "mean_iou": "mean IoU"}


def _values(recorded: Record, way: str, stride: int, measure: str) -> list[float]:
    runs = sorted(recorded["runs"], key=lambda run: run["seed"])
    return [run[measure] for run in runs if (run["upsampling"], run["stride"]) == (way, stride)]
