"""What a room sees of a lecturer's copy: its cells as HTML, without the speaker notes."""

import copy
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from coursekit.live import shown
from coursekit.live.lecture import is_for_speaker
from coursekit.notebooks import DamagedNotebookError, read

_REMEMBERED = 200  # versions; whoever has an older one gets all cells again


@dataclass(frozen=True)
class View:
    """The copy at one moment.

    Args:
        version: a short name for all that follows.
        cells: their HTML by name, in order.
        latest: name of the cell that changed last, empty at the start.
    """

    version: str
    cells: dict[str, str]
    latest: str = ""


class Board:
    """Follows a file that somebody else writes.

    Args:
        path: of the notebook.

    Raises:
        DamagedNotebookError: it is not a notebook.
        OSError: it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._notebook = read(path)
        self._stamp = _stamp(path)
        self._drawn: dict[str, str] = {}
        self.view = self._draw("")
        self._before: dict[str, dict[str, str]] = {self.view.version: self.view.cells}

    def look(self) -> bool:
        """Look at the file again; return whether it shows something else.

        A file that is gone or half written changes nothing: the room goes on seeing what it saw.
        """
        try:
            stamp = _stamp(self.path)
            if stamp == self._stamp:
                return False
            self._notebook, self._stamp = read(self.path), stamp
        except (OSError, DamagedNotebookError):
            return False
        before = self.view
        now = self._draw(before.latest)
        changed = [name for name, html in now.cells.items() if before.cells.get(name) != html]
        if not changed and list(now.cells) == list(before.cells):
            return False
        self.view = self._draw(changed[-1] if changed else before.latest)
        self._before[self.view.version] = self.view.cells
        if len(self._before) > _REMEMBERED:
            del self._before[next(iter(self._before))]
        return True

    def since(self, version: str) -> str:
        """Return what changed since a version, as JSON: the order of all cells, the HTML of the new ones."""
        had = self._before.get(version, {})
        view = self.view
        html = {name: text for name, text in view.cells.items() if had.get(name) != text}
        return json.dumps({"cells": list(view.cells), "html": html, "latest": view.latest})

    def notebook(self) -> NotebookNode:
        """Return the copy as it stands, for somebody of the room to take along."""
        made = copy.deepcopy(self._notebook)
        made.cells = [cell for cell in made.cells if not is_for_speaker(cell)]
        for cell in made.cells:
            cell.metadata.get("coursekit", {}).pop("notes", None)
        return made

    def _draw(self, latest: str) -> View:
        drawn: dict[str, str] = {}
        cells: dict[str, str] = {}
        for name, cell in _named(self._notebook.cells):
            content = json.dumps([cell.cell_type, cell.source, cell.get("outputs", [])])
            if content not in self._drawn:
                self._drawn[content] = _html(cell)
            drawn[content] = cells[name] = self._drawn[content]
        self._drawn = drawn  # what no cell shows any more is forgotten
        text = json.dumps([list(cells.items()), latest])
        return View(hashlib.sha256(text.encode()).hexdigest()[:16], cells, latest)


def _named(cells: Iterable[NotebookNode]) -> Iterable[tuple[str, NotebookNode]]:
    """Yield the cells that are for the room, each with a name that no other has."""
    seen: dict[str, int] = {}
    for cell in cells:
        if cell.cell_type == "raw" or is_for_speaker(cell):
            continue
        seen[cell.id] = seen.get(cell.id, 0) + 1
        yield cell.id if seen[cell.id] == 1 else f"{cell.id}--{seen[cell.id]}", cell


def _html(cell: NotebookNode) -> str:
    if cell.cell_type == "markdown":
        return shown.prose(cell.source)
    return shown.code(cell.source) + shown.results(cell.outputs)


def _stamp(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino
