"""What the course gives to every learner, read whole before any file of theirs is touched."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from coursekit.chapters import CHAPTERS
from coursekit.errors import CourseError
from coursekit.notebooks import DamagedNotebookError, parse, to_text

FOLDERS = ("notebooks", "exercises")
_CHAPTERS = {chapter.notebook for chapter in CHAPTERS}


@dataclass(frozen=True)
class CourseFile:
    """A file of the course.

    Args:
        name: its path from the root of the course, with forward slashes.
        data: its content.
        notebook: the notebook in it, None if it is another kind of file.
    """

    name: str
    data: bytes
    notebook: NotebookNode | None = None

    @property
    def version(self) -> str:
        """A short name for this content, the same for the same content."""
        text = self.data if self.notebook is None else to_text(self.notebook).encode()
        return hashlib.sha256(text).hexdigest()[:16]

    @property
    def is_exercise(self) -> bool:
        """Whether it belongs to the exercises, not to the chapters."""
        return self.name.startswith("exercises/")


def course_files(root: Path) -> list[CourseFile]:
    """Read the chapters and the exercises with the data beside them.

    Raises:
        CourseError: there are no chapters, or a file is damaged or cannot be read.
    """
    names = [
        path.relative_to(root).as_posix()
        for folder in FOLDERS
        for path in sorted((root / folder).rglob("*"))
        if path.is_file() and not is_byproduct(path.relative_to(root))
    ]
    if not any(name.startswith("notebooks/") and name.endswith(".ipynb") for name in names):
        raise CourseError(
            "The course has no chapters in notebooks/, so there is nothing to update from; your "
            "working copy is as it was. Get them with `git checkout -- notebooks` in the folder of "
            "the course, then try again."
        )
    return [_read(root, name) for name in names]


def course_lost(name: str, found: str) -> CourseError:
    """Return the error for a file of the course that is not as it should be."""
    return CourseError(
        f"{name} of the course {found}; your working copy is as it was. Get the file back with "
        f"`git checkout -- {name}` in the folder of the course, then try again."
    )


def hide_answers(notebook: NotebookNode) -> None:
    """Remove outputs: a learner is asked to predict what a chapter will show, so it must not show it yet."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def is_byproduct(path: Path) -> bool:
    """Tell whether some tool made the file in passing: it is no part of the course."""
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts)


def _read(root: Path, name: str) -> CourseFile:
    try:
        data = (root / name).read_bytes()
        if not name.endswith(".ipynb"):
            return CourseFile(name, data)
        notebook = parse(data, name)[0]
        if name in _CHAPTERS:
            hide_answers(notebook)
            data = to_text(notebook).encode()
        return CourseFile(name, data, notebook)
    except DamagedNotebookError as error:
        raise course_lost(name, f"is damaged ({str(error).partition(': ')[2]})") from error
    except OSError as error:
        raise course_lost(name, f"cannot be read ({error.strerror})") from error
