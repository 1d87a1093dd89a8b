"""Read the file that a student handed in, which may be anything."""

import errno
import hashlib
import json
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from coursekit.notebooks import DamagedNotebookError, parse

MAX_BYTES = 32 * 1024 * 1024
MAX_CELLS = 1000
MAX_SOURCE = 2 * 1024 * 1024
_MAX_BRACKETS, _MAX_QUOTES = 1_000_000, 5_000_000
_VALID_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


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
    if data.count(b"[") + data.count(b"{") > _MAX_BRACKETS or data.count(b'"') > _MAX_QUOTES:
        # a few bytes each in the file, a hundred each once it is read
        raise UnreadableError(
            f"{name} is not a notebook as anybody writes it: it holds millions of parts. Clear its outputs and hand "
            "it in again."
        )
    try:
        notebook, _ = parse(_slim(data), name)
    except DamagedNotebookError as error:
        raise UnreadableError(f"{error}. Save it in JupyterLab and hand it in again.") from error
    return Submission(tuple(notebook.cells), digest)


def _slim(data: bytes) -> bytes:
    """Keep what grading looks at, and refuse what would take too long to look through."""
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
    taken: set[str] = set()
    cells = [_slim_cell(cell, taken) if isinstance(cell, dict) else None for cell in raw["cells"]]
    size = sum(len(cell["source"] or "") for cell in cells if cell)
    if size > MAX_SOURCE:
        raise UnreadableError(
            f"the cells hold {size / 1e6:.1f} million letters, more than {MAX_SOURCE / 1e6:.0f}. Hand in the "
            "exercises only."
        )
    minor = raw.get("nbformat_minor")
    slim: dict[str, Any] = {
        "cells": cells,
        "metadata": {},
        "nbformat": raw.get("nbformat"),
        "nbformat_minor": minor,
    }
    return json.dumps(slim).encode("utf-8")


def _slim_cell(cell: dict[str, Any], taken: set[str]) -> dict[str, Any]:
    source, marks, ours = cell.get("source"), cell.get("metadata"), cell.get("id")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    nbgrader = marks.get("nbgrader") if isinstance(marks, dict) else None
    name = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    if not isinstance(ours, str) or not _VALID_ID.fullmatch(ours) or ours in taken:
        ours = f"unnamed-{len(taken)}"
        while ours in taken:
            ours += "-"
    taken.add(ours)
    return {
        "id": ours,
        "cell_type": str(cell.get("cell_type")),
        "metadata": {"nbgrader": {"grade_id": name}} if isinstance(name, str) else {},
        "source": source if isinstance(source, str) else None,
    }
