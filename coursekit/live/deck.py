"""Make an offline deck of slides from a chapter: its questions, its code, its stored results."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from nbformat import NotebookNode

from coursekit.chapters import Chapter
from coursekit.errors import CourseError
from coursekit.files import atomic_write
from coursekit.live import deckpage, shown
from coursekit.notebooks import read
from coursekit.paths import course_root

_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)
_QUESTION = re.compile(r"\*\*Predict", re.IGNORECASE)


@dataclass(frozen=True)
class Part:
    """What one key press shows, or what a slide shows from its start.

    Args:
        html: its content.
        waits: is it hidden until a key press?
        asks: does it end with a question, whose answer is the next part?
        notes: what only the speaker sees meanwhile, as HTML.
    """

    html: str
    waits: bool
    asks: bool = False
    notes: str = ""


@dataclass
class Slide:
    """One slide.

    Args:
        name: id of the cell that it starts with, part of its address.
        title: the heading of the section that it belongs to, as HTML.
        headed: does it start with a heading of its own?
        below: does it stand below the slide before it, not beside it?
        parts: what is on it, in order.
        seconds: that it should take.
    """

    name: str
    title: str = ""
    headed: bool = False
    below: bool = False
    parts: list[Part] = field(default_factory=list)
    seconds: int = 0


def write_deck(chapter: Chapter, to: Path | None = None) -> Path:
    """Write the deck of a chapter; return where it is.

    Args:
        chapter: which.
        to: the file; None takes one in work/live/ named after the chapter.

    Raises:
        CourseError: the chapter is not there or was not executed, or the file cannot be written.
    """
    root = course_root()
    notebook = _executed(chapter, root / chapter.notebook)
    path = root / "work" / "live" / f"{chapter.folder}.html" if to is None else to
    _check(path)
    page = deckpage.page(chapter.title, columns(slides(notebook)))
    try:
        atomic_write(path, page)
    except OSError as error:
        raise CourseError(
            f"The deck cannot be written to {path} ({error.strerror}): name a file in a folder that you can "
            "write to, for example --to ~/slides.html."
        ) from error
    return path


def slides(notebook: NotebookNode) -> list[Slide]:
    """Cut a notebook into slides, by the slide types in the metadata of its cells.

    The code of a cell tagged ``live`` waits for a key press, and its result for another one: both come after
    their question. Where the question stands on the slide before, it is repeated.
    """
    made: list[Slide] = []
    clock = _Clock()
    heading, question = "", ""
    for cell in notebook.cells:
        kind = cell.metadata.get("slideshow", {}).get("slide_type") or "-"
        ours = cell.metadata.get("coursekit", {})
        clock.section(ours.get("minutes"))
        if kind == "skip":
            continue
        starts = not made or kind in ("slide", "subslide")
        if starts:
            made.append(Slide(cell.id, below=kind == "subslide" and bool(made)))
        slide = made[-1]
        if kind == "notes":
            _add_notes(slide, cell.source)
            continue
        found = _HEADING.findall(cell.source) if cell.cell_type == "markdown" else []
        heading = found[-1] if found else heading
        live = "live" in cell.metadata.get("tags", [])
        if starts:
            slide.title, slide.headed = shown.inline(heading), bool(found)
            if live and question:
                slide.parts.append(Part(shown.prose(question), waits=False, asks=True))
        for part in _parts(cell, waits=kind == "fragment", live=live):
            slide.parts.append(part)
            clock.step(slide)
        _add_notes(slide, ours.get("notes", ""))
        question = _question(cell)
    clock.stop()
    return made


def columns(made: list[Slide]) -> list[list[Slide]]:
    """Group slides into what stands side by side: each with the slides below it."""
    grouped: list[list[Slide]] = []
    for slide in made:
        if slide.below:
            grouped[-1].append(slide)
        else:
            grouped.append([slide])
    return grouped


def _parts(cell: NotebookNode, waits: bool, live: bool) -> Iterator[Part]:
    if cell.cell_type == "markdown":
        yield Part(shown.prose(cell.source), waits, asks=bool(_question(cell)))
    if cell.cell_type != "code" or not cell.source.strip():
        return
    code, results = shown.code(cell.source), shown.results(cell.outputs)
    if live:
        yield Part(code, waits=True)
        if results:
            yield Part(results, waits=True)
    else:
        yield Part(code + results, waits)


def _add_notes(slide: Slide, markdown: str) -> None:
    """Add notes to what was put on a slide last."""
    if not markdown.strip():
        return
    last = slide.parts.pop() if slide.parts else Part("", waits=False)
    slide.parts.append(replace(last, notes=last.notes + shown.prose(markdown)))


def _question(cell: NotebookNode) -> str:
    """Return the question that a cell of prose ends with, empty when it ends with none."""
    if cell.cell_type != "markdown":
        return ""
    last: str = cell.source.strip().rsplit("\n\n", 1)[-1]
    return last if _QUESTION.match(last) else ""


class _Clock:
    """Shares the minutes of a section out to its parts."""

    def __init__(self) -> None:
        self.seconds = 0
        self.steps: list[Slide] = []  # for each part of the section, the slide that it is on

    def section(self, minutes: float | None) -> None:
        """A section of so many minutes begins; None: the one before goes on."""
        if minutes is not None:
            self.stop()
            self.seconds = round(60 * minutes)

    def step(self, slide: Slide) -> None:
        """A part of the section is on this slide."""
        self.steps.append(slide)

    def stop(self) -> None:
        """The section ends: give each slide its share, and lose no second to rounding."""
        total = len(self.steps)
        for index, slide in enumerate(self.steps):
            slide.seconds += self.seconds * (index + 1) // total - self.seconds * index // total
        self.seconds, self.steps = 0, []


def _executed(chapter: Chapter, path: Path) -> NotebookNode:
    """Read a chapter.

    Raises:
        CourseError: it is not there, or it was not executed.
    """
    if not path.is_file():
        raise CourseError(
            f"Chapter {chapter.number:02d} has no notebook here ({chapter.notebook} is missing): choose a chapter "
            "whose notebook is there, or bring the course up to date."
        )
    notebook = read(path)
    if any(
        cell.cell_type == "code" and cell.source.strip() and cell.execution_count is None
        for cell in notebook.cells
    ):
        raise CourseError(
            f"Chapter {chapter.number:02d} has cells without results, and slides need them: run `coursekit execute "
            f"{chapter.notebook}` first."
        )
    return notebook


def _check(path: Path) -> None:
    """Refuse to replace what is not a deck.

    Raises:
        CourseError: it is a folder, or a file that somebody else made.
    """
    if path.is_dir():
        raise CourseError(
            f"{path} is a folder, and a deck is one file: name the file, for example --to {path / 'slides.html'}."
        )
    if path.exists() and not deckpage.is_ours(path):
        raise CourseError(
            f"{path} is there already and is no deck of slides that the course made: name another file with --to, "
            "or move that one away."
        )
