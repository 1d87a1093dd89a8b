"""The course at a glance: a map of the chapters, and a table of them."""

from IPython.display import Markdown

from coursekit.chapters import CHAPTERS, Chapter
from coursekit.paths import course_root, working_copy
from coursekit.show.figure import GRAY, GREEN, Picture, canvas, picture


def chapter_map() -> Picture:
    """Draw the chapters as boxes, from left to right, each after the ones that it stands on."""
    columns = _columns()
    tallest = max(len(column) for column in columns)
    figure, ax = canvas(12, 1.25 * tallest + 0.3)
    places = {
        one.number: (x, (len(column) - 1) / 2 - y)
        for x, column in enumerate(columns)
        for y, one in enumerate(column)
    }
    boxes = {}
    for one in CHAPTERS:
        ready = is_ready(one)
        text = f"{one.number:02d}\n{_broken(one.title)}\n{one.minutes} min"
        style = {
            "boxstyle": "round",
            "facecolor": "#cdeee2" if ready else "white",
            "edgecolor": GREEN if ready else GRAY,
        }
        label = ax.text(*places[one.number], text, ha="center", va="center", fontsize=9, bbox=style)
        boxes[one.number] = label.get_bbox_patch()
    for one in CHAPTERS:
        for before in one.needs:
            arrow = {
                "arrowstyle": "-|>",
                "color": GRAY,
                "patchA": boxes[before],
                "patchB": boxes[one.number],
            }
            ax.annotate(
                "", xy=places[one.number], xytext=places[before], arrowprops=arrow, zorder=1
            )
    ax.set(xlim=(-0.5, len(columns) - 0.5), ylim=(-tallest / 2, tallest / 2))
    ax.axis("off")
    filled = ", ".join(f"{one.number:02d}" for one in CHAPTERS if is_ready(one))
    needs = "; ".join(
        f"{one.number} needs {' and '.join(map(str, one.needs))}" for one in CHAPTERS if one.needs
    )
    return picture(
        figure,
        alt=f"A map of sixteen chapters with arrows from each to those that build on it: {needs}.",
        caption=f"An arrow means: do this one first. Ready to learn from (filled): {filled}. The others "
        "are being written.",
    )


def chapter_table() -> Markdown:
    """Return the chapters as a table; those that are here are links to their notebooks."""
    lines = [
        "| | chapter | first do | afterwards you can | minutes |",
        "| --- | --- | --- | --- | --- |",
    ]
    for one in CHAPTERS:
        title = f"[{one.title}]({one.folder}.ipynb)" if is_ready(one) else one.title
        needs = ", ".join(f"{before:02d}" for before in one.needs)
        lines.append(f"| {one.number:02d} | {title} | {needs} | {one.able_to} | {one.minutes} |")
    return Markdown("\n".join(lines))


def is_ready(one: Chapter) -> bool:
    """Say whether the chapter's notebook is here."""
    return ((working_copy() or course_root()) / one.notebook).is_file()


def _columns() -> list[list[Chapter]]:
    """Put each chapter in the column after the last one that it needs."""
    depth: dict[int, int] = {}
    for one in CHAPTERS:
        depth[one.number] = 1 + max((depth[before] for before in one.needs), default=-1)
    columns: list[list[Chapter]] = [[] for _ in range(1 + max(depth.values()))]
    for one in CHAPTERS:
        columns[depth[one.number]].append(one)
    return columns


def _broken(title: str) -> str:
    """Break a title where its middle is, so that the boxes stay narrow."""
    words = title.split()
    if len(title) < 16 or len(words) == 1:
        return title
    cuts = range(1, len(words))
    best = min(cuts, key=lambda k: max(len(" ".join(words[:k])), len(" ".join(words[k:]))))
    return " ".join(words[:best]) + "\n" + " ".join(words[best:])
