"""Read the file that a student handed in, which may be anything."""

import errno
import hashlib
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from coursekit.notebooks import DamagedNotebookError, parse

MAX_BYTES = 32 * 1024 * 1024
MAX_CELLS = 1000
MAX_SOURCE = 2 * 1024 * 1024


class UnreadableError(Exception):
    """The file is not a notebook that can be graded; the text is a sentence for teacher and student."""


@dataclass(frozen=True)
class Submission:
    """A notebook that was handed in.

    Args:
        cells: in its own order, outputs left out.
        sha256: of the file.
    """

    cells: tuple[NotebookNode, ...]
    sha256: str


def read_bytes(path: Path) -> bytes:
    """Return the content of a regular file of a sensible size.

    Raises:
        UnreadableError: it is a link, a pipe, too large, or cannot be read.
    """
    try:
        # never follow a link, never wait for the other end of a pipe
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_NOFOLLOW", 0))
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK):
            raise UnreadableError(
                f"{path.name} is a link; links are not followed. Hand in the file itself."
            ) from error
        said = error.strerror or type(error).__name__
        raise UnreadableError(
            f"{path.name} cannot be read: {said.lower()}. Mend that and grade again."
        ) from error
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode):
        os.close(handle)
        raise UnreadableError(f"{path.name} is not a regular file. Hand in the notebook itself.")
    with os.fdopen(handle, "rb") as file:
        if found.st_size > MAX_BYTES:
            raise UnreadableError(
                f"{path.name} has {found.st_size / 1e6:.0f} MB, more than {MAX_BYTES / 1e6:.0f} MB. Clear its outputs "
                "and hand it in again."
            )
        try:
            data = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise UnreadableError(f"{path.name} cannot be read: {error.strerror}.") from error
    if len(data) > MAX_BYTES:  # it grew meanwhile
        raise UnreadableError(f"{path.name} has more than {MAX_BYTES / 1e6:.0f} MB.")
    return data


def parse_submission(data: bytes, name: str) -> Submission:
    """Return the notebook that a file's bytes are.

    Raises:
        UnreadableError: they are none, or one that nobody wrote by hand.
    """
    digest = hashlib.sha256(data).hexdigest()
    if not data.strip():
        raise UnreadableError(f"{name} is empty. Save the notebook and hand it in again.")
    if data.lstrip()[:15].lower().startswith((b"<!doctype", b"<html")):
        raise UnreadableError(
            f"{name} is a web page, not a notebook. In JupyterLab use File, Download, and hand in the .ipynb file."
        )
    try:
        notebook, _ = parse(_slim(data), name)
    except DamagedNotebookError as error:
        raise UnreadableError(f"{error}. Save it in JupyterLab and hand it in again.") from error
    return Submission(tuple(notebook.cells), digest)


def _slim(data: bytes) -> bytes:
    """Leave out the outputs, which nobody looks at, and refuse what would take too long to look through."""
    try:
        raw = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return data  # `parse` says what is wrong
    if not isinstance(raw, dict) or not isinstance(raw.get("cells"), list):
        return data
    if len(raw["cells"]) > MAX_CELLS:
        raise UnreadableError(
            f"the notebook has {len(raw['cells'])} cells, more than {MAX_CELLS}. Hand in the exercises only."
        )
    size = 0
    for cell in raw["cells"]:
        if isinstance(cell, dict):
            cell.pop("outputs", None)
            cell.pop("attachments", None)
            source = cell.get("source", "")
            size += (
                sum(map(len, map(str, source))) if isinstance(source, list) else len(str(source))
            )
            marks = cell.get("metadata")
            nbgrader = marks.get("nbgrader") if isinstance(marks, dict) else None
            cell["metadata"] = {"nbgrader": nbgrader} if isinstance(nbgrader, dict) else {}
    if size > MAX_SOURCE:
        raise UnreadableError(
            f"the cells hold {size / 1e6:.1f} million letters, more than {MAX_SOURCE / 1e6:.0f}. Hand in the "
            "exercises only."
        )
    return json.dumps({**raw, "metadata": {}}).encode("utf-8")
