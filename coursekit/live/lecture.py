"""Make the notebook that a lecturer performs, and the one in which a room follows."""

import copy
import hashlib
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from coursekit.chapters import Chapter
from coursekit.errors import CourseError
from coursekit.files import set_aside
from coursekit.live.request import FOLDER
from coursekit.live.script import make_script
from coursekit.notebooks import DamagedNotebookError, read, write

LECTURER, STUDENTS = "lecturer", "students"
AUDIENCES = (LECTURER, STUDENTS)
_START = "lecture"
_NOTES = "notes"  # the slide type of what only the speaker reads


class LectureError(CourseError):
    """A lecture copy cannot be made."""


@dataclass(frozen=True)
class Made:
    """What became of a lecture copy.

    Args:
        path: of the copy.
        sentence: what was done, for the lecturer.
    """

    path: Path
    sentence: str


def lecture_copy(chapter: Chapter, notebook: NotebookNode, audience: str) -> NotebookNode:
    """Return a lecture copy of an executed chapter: same cells, same ids, what is coded live left out.

    Args:
        chapter: which.
        notebook: its notebook.
        audience: ``"lecturer"``, with speaker notes, or ``"students"``, without.
    """
    script = make_script(chapter, notebook.cells)
    made = copy.deepcopy(notebook)
    made.cells = [_beginning(chapter)]
    for cell in copy.deepcopy(notebook.cells):
        notes = cell.metadata.get("coursekit", {}).pop("notes", None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            part = script.part(cell.id)
            if part is not None and part.live:
                cell.source = part.prompt
        made.cells.append(cell)
        if notes and audience == LECTURER:
            made.cells.append(_notes(cell.id, notes))
    made.metadata["coursekit"] = {
        "chapter": chapter.number,
        "audience": audience,
        "script": script.version,
        "typed": _fingerprint(made),
    }
    return made


def make_copy(chapter: Chapter, root: Path, work: Path, audience: str, fresh: bool = False) -> Made:
    """Write the lecture copy of a chapter into a working copy; one that was typed in stays.

    Args:
        chapter: which.
        root: the course.
        work: the working copy.
        audience: as in :func:`lecture_copy`.
        fresh: begin anew; a copy that was typed in gets another name.

    Raises:
        LectureError: the chapter is not there.
        DamagedNotebookError: its file is no notebook.
        OSError: the copy cannot be written.
    """
    source = root / chapter.notebook
    if not source.is_file():
        raise LectureError(
            f"chapter {chapter.number:02d} has no notebook yet: {chapter.notebook} is not in the course."
        )
    made = lecture_copy(chapter, read(source), audience)
    path = copy_of(chapter, work, audience)
    name = f"{work.name}/{FOLDER}/{path.name}"
    if not path.exists():
        write(made, path)
        return Made(path, f"Wrote {name}.")
    state = _state(path, made)
    if state == _NEWEST and not fresh:
        return Made(path, f"{name} is there already, with nothing typed in it.")
    if state in (_NEWEST, _OLDER):
        write(made, path)
        return Made(path, f"Wrote {name} anew.")
    if not fresh:
        return Made(path, _kept(name, state))
    aside = set_aside(path, "typed")
    write(made, path)
    return Made(path, f"Wrote {name} anew; the one before is {aside.name}.")


_NEWEST, _OLDER, _TYPED, _DAMAGED = "newest", "older", "typed", "damaged"


def _state(path: Path, made: NotebookNode) -> str:
    """Tell what a copy is that lies there."""
    try:
        there = read(path)
    except (DamagedNotebookError, OSError):
        return _DAMAGED
    if _fingerprint(there) != there.metadata.get("coursekit", {}).get("typed"):
        return _TYPED
    return _NEWEST if _fingerprint(there) == _fingerprint(made) else _OLDER


def _kept(name: str, state: str) -> str:
    why = "something was typed in it" if state == _TYPED else "it cannot be read as a notebook"
    return (
        f"{name} stays as it is, for {why}. Add --fresh for a new one; this one then gets "
        "another name."
    )


def _fingerprint(notebook: NotebookNode) -> str:
    """Return a short name for the text of all cells, whatever they printed."""
    text = "\0".join(f"{cell.id}\0{cell.source}" for cell in notebook.cells)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def copy_of(chapter: Chapter, work: Path, audience: str = LECTURER) -> Path:
    """Return where the lecture copy of a chapter is or will be."""
    return work / FOLDER / f"{chapter.folder}{'' if audience == LECTURER else '_students'}.ipynb"


def is_for_speaker(cell: NotebookNode) -> bool:
    """Tell whether a cell of a lecture copy is none of the room's business: notes, and the magics' first cell."""
    slide = cell.metadata.get("slideshow", {}).get("slide_type")
    return slide == _NOTES or cell.id == _START


def _beginning(chapter: Chapter) -> NotebookNode:
    source = (
        f"%load_ext coursekit.live\n%lecture {chapter.number}\n"
        "# %reveal  %reveal next line  %peek  %diff  %catchup: in any cell below, also beside what you typed"
    )
    return new_code_cell(source, id=_START, metadata={"slideshow": {"slide_type": "skip"}})


def _notes(cell: str, text: str) -> NotebookNode:
    metadata = {"slideshow": {"slide_type": _NOTES}}
    return new_markdown_cell(f"*Notes.* {text}", id=f"notes-{cell}"[:64], metadata=metadata)
