"""A network typed as a pattern: its layers, and what each of them costs."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets

from coursekit.errors import CourseError
from coursekit.show.figure import INPUT, KERNEL, OUTPUT, Picture, canvas, picture
from coursekit.show.grids import tint
from coursekit.show.widget import Explorer, explorer

GENERAL = "INPUT -> [[CONV -> RELU]*N -> POOL]*M -> [FC -> RELU]*K -> FC"
NAMES = {"Conv2d": "CONV", "MaxPool2d": "POOL", "Linear": "FC"}
COLOR = {"CONV": INPUT, "POOL": OUTPUT, "FC": KERNEL}
MOST = 30  # layers that fit into a picture

Build = Callable[[str, Mapping[str, int]], Any]


def pattern_table(pattern: str, table: Any) -> Picture:
    """Draw the layers of a network from the image on, with the parameters and the multiply-adds of each.

    Args:
        pattern: which it was built from.
        table: what ``coursekit.models.summary`` returns.

    Raises:
        ValueError: it has more layers than the picture has room for.
    """
    rows = [row for row in table if row.kind in NAMES]
    if len(rows) > MOST:
        raise ValueError(f"this makes {len(rows)} layers, and the picture has room for {MOST}")
    names = [f"{NAMES[row.kind]}  {'×'.join(map(str, row.shape))}" for row in rows]
    figure, axes = canvas(9.5, 1.2 + 0.29 * len(rows), 1, 2, sharey=True)
    for ax, measure in zip(axes, ("parameters", "multiply_adds"), strict=True):
        values = [getattr(row, measure) for row in rows]
        most = max(values)
        for place, (row, value) in enumerate(zip(rows, values, strict=True)):
            ax.barh(place, value / most, color=tint(COLOR[NAMES[row.kind]]), height=0.8)
            ax.text(0.015, place, f"{value:,}", va="center", fontsize=10)
        ax.set(xlim=(0, 1.02), xticks=[], title=measure.replace("_", "-"))
        ax.spines["bottom"].set_visible(False)
        ax.set_xlabel(f"together {sum(values):,}")
    axes[0].set_yticks(range(len(rows)), names, fontsize=10)
    axes[0].set_ylim(len(rows) - 0.4, -0.6)
    for ax in axes:
        ax.tick_params(axis="y", length=0)
    depth = sum(row.kind != "MaxPool2d" for row in rows)
    largest = max(rows, key=lambda row: row.parameters)
    return picture(
        figure,
        alt=f"A table of {len(rows)} layers with bars: {', '.join(names)}. Parameters "
        f"{table.parameters:,}, multiply-adds {table.multiply_adds:,}.",
        caption=f"{pattern}: {depth} layers with weights. The largest, {NAMES[largest.kind]} "
        f"{'×'.join(map(str, largest.shape))}, holds {largest.parameters / table.parameters:.0%} of "
        f"{table.parameters:,} parameters.",
    )


def pattern_widget(build: Build) -> Explorer:
    """Let the reader type a pattern and choose the numbers of its letters.

    Args:
        build: takes a pattern and a number for each of its letters, returns a table of the network.
    """

    def draw(pattern: str, **letters: int) -> Picture:
        used = set(re.findall(r"\*\s*([A-Za-z]\w*)", pattern))
        try:
            table = build(pattern, {name: n for name, n in letters.items() if name in used})
        except CourseError as error:
            place = getattr(error, "position", None)
            problem = str(error).split("\n", 1)[0]
            where = "" if place is None else f" (at character {place + 1} of the pattern)"
            raise ValueError(problem + where) from None
        return pattern_table(pattern, table)

    field = ipywidgets.Text(GENERAL, description="pattern", continuous_update=False)
    field.layout.width = "calc(8ch + 48em)"
    return explorer(
        draw,
        pattern=field,
        N=ipywidgets.IntSlider(2, min=0, max=4, description="N"),
        M=ipywidgets.IntSlider(1, min=0, max=6, description="M"),
        K=ipywidgets.IntSlider(2, min=0, max=4, description="K"),
    )
