"""The script of a lecture: the code cells of a chapter in order, with the reference of those coded live."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from coursekit.chapters import CHAPTERS, Chapter
from coursekit.errors import CourseError
from coursekit.paths import CourseNotFoundError, course_root

LIVE = "live"


class ScriptError(CourseError):
    """The script of a lecture cannot be read, or has no such cell."""


@dataclass(frozen=True)
class Part:
    """A code cell of a chapter.

    Args:
        id: of the cell.
        number: in square brackets beside the cell in the chapter.
        source: the reference.
        live: whether the lecturer types it.
        section: index of its section.
        may_fail: whether an error is what the cell shows.
    """

    id: str
    number: int
    source: str
    live: bool
    section: int
    may_fail: bool = False

    @property
    def name(self) -> str:
        """The cell as a person would call it."""
        return self.id.replace("-", " ")

    @property
    def prompt(self) -> str:
        """What stands in the cell before the lecturer types."""
        return f"# [{self.number}] {self.name}"


@dataclass(frozen=True)
class Section:
    """A stretch of a chapter below one heading.

    Args:
        title: the heading.
        minutes: planned for a lecture.
        cell: id of the cell that begins it.
    """

    title: str
    minutes: float
    cell: str


@dataclass(frozen=True)
class Script:
    """The code of a chapter, for a lecture.

    Args:
        chapter: which.
        parts: its code cells, in order.
        sections: its headings with a plan, in order.
        cells: the section of every cell, text included, by id.
    """

    chapter: Chapter
    parts: tuple[Part, ...]
    sections: tuple[Section, ...]
    cells: dict[str, int]

    @cached_property
    def version(self) -> str:
        """A short name for this code; other code has another."""
        code = "\0".join(part.source for part in self.parts)
        return hashlib.sha256(code.encode()).hexdigest()[:12]

    def part(self, cell: str) -> Part | None:
        """Return the code cell with an id, None if there is none."""
        return next((part for part in self.parts if part.id == cell), None)

    def numbered(self, number: int) -> Part:
        """Return the code cell with a number.

        Raises:
            ScriptError: there is none.
        """
        if 1 <= number <= len(self.parts):
            return self.parts[number - 1]
        raise ScriptError(
            f"chapter {self.chapter.number:02d} has no cell [{number}]; its code cells are [1] to [{len(self.parts)}]."
        )


def read_script(chapter: Chapter) -> Script:
    """Read the script of a chapter from the course.

    Raises:
        ScriptError: the chapter is not on this machine.
        DamagedNotebookError: its file is no notebook.
    """
    from coursekit.notebooks import read  # nbformat takes a second to import

    path = None
    try:
        path = course_root() / chapter.notebook
        notebook = read(path)
    except (CourseNotFoundError, FileNotFoundError) as error:
        where = (
            f"{path} is not there"
            if path
            else "the notebooks of the course are not on this machine"
        )
        raise ScriptError(
            f"the reference is missing: {where}. Bring it back with `git checkout -- notebooks` in the folder of "
            "the course."
        ) from error
    return make_script(chapter, notebook.cells)


def make_script(chapter: Chapter, cells: Sequence[dict]) -> Script:
    """Return the script that a chapter's cells make."""
    parts: list[Part] = []
    sections: list[Section] = []
    place: dict[str, int] = {}
    for cell in cells:
        tags = cell["metadata"].get("tags", [])
        minutes = cell["metadata"].get("coursekit", {}).get("minutes")
        if cell["cell_type"] == "markdown" and minutes is not None:
            title = cell["source"].splitlines()[0].lstrip("# ")
            sections.append(Section(title, minutes, cell["id"]))
        here = max(len(sections) - 1, 0)
        place[cell["id"]] = here
        if cell["cell_type"] == "code":
            parts.append(
                Part(
                    cell["id"],
                    len(parts) + 1,
                    cell["source"],
                    LIVE in tags,
                    here,
                    "raises-exception" in tags,
                )
            )
    return Script(chapter, tuple(parts), tuple(sections), place)


def chapter_with_cell(cell: str) -> Chapter | None:
    """Return the only chapter that has a code cell with this id, None if several or none have."""
    with suppress(CourseNotFoundError):
        there = [one for one in CHAPTERS if (course_root() / one.notebook).is_file()]
        found = [one for one in there if cell and read_script(one).part(cell)]
        return found[0] if len(found) == 1 else None
    return None
