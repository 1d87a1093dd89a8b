"""Notebooks before Sphinx reads them: numbers, exercises, places that links to a cell lead to."""

import json
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from coursekit.chapters import CHAPTERS, Chapter

Cell = dict[str, Any]

log = logging.getLogger(__name__)

EMPTY: dict[str, Any] = {
    "cells": [{"cell_type": "markdown", "id": "damaged", "metadata": {}, "source": "# Damaged"}],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("source-read", prepare)
    app.connect("doctree-read", mark_cells)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def prepare(app: Sphinx, docname: str, source: list[str]) -> None:
    """Turn the text of a file into what the site shows."""
    root = Path(app.srcdir)
    if docname == app.config.root_doc:
        source[0] = first_page(source[0], root)
        return
    for one in CHAPTERS:
        if f"{docname}.ipynb" in (one.notebook, one.exercises):
            notebook = parsed(source[0])
            if notebook is None:
                log.warning("%s.ipynb is damaged, or not a notebook: restore it", docname)
                source[0] = json.dumps(EMPTY)
            elif f"{docname}.ipynb" == one.notebook:
                source[0] = json.dumps(chapter_page(notebook, one, root))
            else:
                source[0] = json.dumps(exercise_page(notebook, one))


def chapter_page(notebook: dict[str, Any], one: Chapter, root: Path) -> dict[str, Any]:
    """Number a chapter, and put its exercises behind it."""
    cells = notebook["cells"]
    cells[0]["source"] = text(cells[0]).replace("# ", f"# {one.number} · ", 1)
    place_cells(cells)
    if (root / one.exercises).is_file():
        toctree = f"```{{toctree}}\n:hidden:\n\nExercises <../{one.exercises}>\n```"
        cells.append({"cell_type": "markdown", "id": "next", "metadata": {}, "source": toctree})
    return notebook


def exercise_page(notebook: dict[str, Any], one: Chapter) -> dict[str, Any]:
    """Say how to do exercises that one reads in a browser."""
    title, *rest = text(notebook["cells"][0]).split("\n", 1)
    how = (
        f"On this page you read them. To do them, run `make lab` in a clone of the course and open "
        f"`{one.exercises}`: there every task is checked. Where the course is installed, the file alone "
        f"will do: {{download}}`{one.slug}.ipynb <{one.slug}.ipynb>`."
    )
    notebook["cells"][0]["source"] = f"{title}\n\n{how}\n{''.join(rest)}"
    place_cells(notebook["cells"])
    return notebook


def place_cells(cells: list[Cell]) -> None:
    """Give every cell a place that `#cell-id=...` leads to, as in JupyterLab."""
    for cell in cells:
        place = f"cell-id={cell['id']}"
        if cell["cell_type"] == "markdown":
            # a place before a heading would belong to the section above
            first, _, rest = text(cell).partition("\n")
            mark = f'<div class="place" id="{place}"></div>'
            parts = (first, mark, rest) if first.startswith("#") else (mark, first + "\n" + rest)
            cell["source"] = "\n\n".join(parts)
        else:
            cell["metadata"]["place"] = place


def mark_cells(app: Sphinx, doctree: nodes.document) -> None:
    """Put the places of code cells into the page, and let Markdown's links to any cell find them."""
    places = [node for node in doctree.findall(nodes.raw) if 'class="place"' in node.astext()]
    names = [node.astext().split('id="')[1].split('"')[0] for node in places]
    for node in doctree.findall(nodes.container):
        if place := node.get("cell_metadata", {}).get("place"):
            node["ids"].append(place)
            names.append(place)
    known = app.env.metadata[app.env.docname].setdefault("myst_slugs", {})
    known.update({name: (0, name, "") for name in names})


def first_page(page: str, root: Path) -> str:
    """Fill in what the first page shows of the chapters."""
    ready = [one for one in CHAPTERS if (root / one.notebook).is_file()]
    cards = "\n".join(card(one, root) for one in ready)
    toctree = "\n".join(one.notebook for one in ready)
    drawn = dict(figures(root / "notebooks/00_start_here.ipynb"))
    if "map-of-chapters" not in drawn:
        log.warning("the start page shows no map-of-chapters: run `make notebooks`")
    return (
        page.replace("<!-- cards -->", f'<ol class="cards">\n{cards}\n</ol>')
        .replace("<!-- chapters -->", toctree)
        .replace("<!-- map -->", drawn.get("map-of-chapters", ""))
    )


def card(one: Chapter, root: Path) -> str:
    """Return what the first page shows of a chapter."""
    drawn = dict(figures(root / one.notebook))
    figure = drawn.get(one.figure, next(iter(drawn.values()), ""))
    address = figure.partition('src="')[2].partition('"')[0]
    # the title beside it says what it is: a second time, as alternative text, would be noise
    picture = f'<img alt="" src="{address}">' if address else ""
    return (
        f'<li><a href="{one.notebook}">{picture}<span>{one.number} · {escape(one.title)}</span></a>'
        f"<p>Afterwards you can {escape(one.able_to)}.</p><p>{one.minutes} minutes</p></li>"
    )


def figures(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the names of the cells of a notebook that show a figure, and what they show, as HTML."""
    for cell in (parsed(path.read_text(encoding="utf-8")) or EMPTY)["cells"]:
        for output in cell.get("outputs", []):
            shown = "".join(output.get("data", {}).get("text/html", ""))
            if "<img" in shown:
                yield cell["id"], shown


def parsed(content: str) -> dict[str, Any] | None:
    """Return the notebook in a file, or None where there is none."""
    try:
        notebook: dict[str, Any] = json.loads(content)
        return notebook if text(notebook["cells"][0]) else None
    except (ValueError, LookupError, TypeError):  # half written, or in the middle of a merge
        return None


def text(cell: Cell) -> str:
    """Return the source of a cell, which a file may hold as lines."""
    return "".join(cell["source"])
