"""Read, write and execute notebooks: what study, release and lecture mode share."""

import json
import os
import tempfile
from pathlib import Path

import nbformat
from nbformat import NotebookNode


class DamagedNotebookError(ValueError):
    """A file that should be a notebook is not one."""


def read(path: Path) -> NotebookNode:
    """Read a notebook in format 4.5 (every cell has an id).

    Raises:
        DamagedNotebookError: the file is not JSON, not a notebook, or of a format that cannot be converted.
    """
    try:
        # nbformat would invent ids with a warning; a notebook saved by an older tool is no error of the reader
        raw = json.loads(path.read_text(encoding="utf-8-sig"))
        if not isinstance(raw, dict) or not isinstance(raw.get("cells"), list):
            raise ValueError("it has no list of cells")
        notebook = nbformat.from_dict(raw)
        nbformat.validate(nbformat.v4.upgrade(notebook) if notebook.get("nbformat_minor", 0) < 5 else notebook)
    except (ValueError, KeyError, TypeError, AttributeError, nbformat.ValidationError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DamagedNotebookError(f"{path.name} is not a notebook: {reason}") from error
    return notebook


def write(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook so that a reader sees either the old file or the new one, never half of it."""
    atomic_write(path, nbformat.writes(notebook) + "\n")


def atomic_write(path: Path, text: str) -> None:
    """Replace a file's text in one step, so that a killed process leaves the old text whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".new")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        # mkstemp makes files private; a notebook is as readable as any other file of its owner
        Path(temporary).chmod(0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
