"""Read, write and execute notebooks: what study, release and lecture mode share."""

import copy
import json
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from coursekit.errors import CourseError
from coursekit.files import atomic_write
from coursekit.mend import join_lines, mend


class DamagedNotebookError(CourseError):
    """A file that should be a notebook is not one."""


def read(path: Path) -> NotebookNode:
    """Read a notebook in format 4.5 (every cell has an id, no two the same).

    Raises:
        DamagedNotebookError: the file is not JSON, not a notebook, or of a format before 4.
        OSError: the file cannot be read at all.
    """
    return parse(path.read_bytes(), path.name)[0]


def parse(data: bytes, name: str) -> tuple[NotebookNode, bool]:
    """Read a notebook of format 4 from a file's bytes and bring it to format 4.5.

    What an older or careless tool left out (ids, metadata, outputs) is filled in, always with the
    same values for the same file; what it added and the format forbids is dropped. No source is
    ever changed.

    Args:
        data: the content of the file.
        name: what to call the file in an error.

    Returns:
        The notebook, and whether anything had to be mended.

    Raises:
        DamagedNotebookError: the bytes are not a notebook of format 4.
    """
    try:
        raw = json.loads(data.decode("utf-8-sig"))
        if not isinstance(raw, dict) or not isinstance(raw.get("cells"), list):
            raise ValueError("it has no list of cells")
        if raw.get("nbformat") != 4:
            raise ValueError(f"it has format {raw.get('nbformat')}, and only format 4 can be read")
        plain = {
            key: raw[key]
            for key in ("cells", "metadata", "nbformat", "nbformat_minor")
            if key in raw
        }
        plain["cells"] = [join_lines(cell) for cell in raw["cells"]]
        mended = mend(copy.deepcopy(plain))
        notebook = nbformat.v4.rwbase.strip_transient(nbformat.from_dict(copy.deepcopy(mended)))
        nbformat.validate(notebook)
    except RecursionError as error:
        raise DamagedNotebookError(f"{name} is not a notebook: it is nested too deeply") from error
    except (ValueError, KeyError, TypeError, AttributeError, nbformat.ValidationError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DamagedNotebookError(f"{name} is not a notebook: {reason}") from error
    return notebook, mended != plain


def write(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook; a reader sees the old file or the new one, never half of it."""
    atomic_write(path, to_text(notebook))


def to_text(notebook: NotebookNode) -> str:
    """Return a notebook as the text of its file."""
    text: str = nbformat.writes(notebook) + "\n"
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # half an emoji: JSON can escape it, UTF-8 cannot hold it
        text = nbformat.writes(notebook, ensure_ascii=True) + "\n"
    return text
