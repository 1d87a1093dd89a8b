"""Read, write and execute notebooks: what study, release and lecture mode share."""

import copy
import json
import os
import re
import secrets
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from coursekit.mend import join_lines, mend


class DamagedNotebookError(ValueError):
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


def atomic_write(path: Path, content: str | bytes) -> None:
    """Replace a file's content in one step: a killed process leaves the old content whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode("utf-8") if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    # a new file gets the permissions of any new file of this user, an old one keeps its own
    handle = os.open(
        temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666
    )
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.is_file():
            temporary.chmod(path.stat().st_mode & 0o777)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def remove_leftovers(path: Path) -> None:
    """Remove what a killed `atomic_write` left behind; for when nobody else writes the file."""
    pattern = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{8}}\.new")
    if path.parent.is_dir():
        for other in path.parent.iterdir():
            if pattern.fullmatch(other.name):
                other.unlink(missing_ok=True)
