"""Bring a notebook that a careless tool saved back to the format, without touching a source."""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

import nbformat
from nbformat import NotebookNode

_VALID_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_COMMON_KEYS = {"id", "cell_type", "metadata", "source"}
_KEYS = {
    "code": _COMMON_KEYS | {"outputs", "execution_count"},
    "markdown": _COMMON_KEYS | {"attachments"},
    "raw": _COMMON_KEYS | {"attachments"},
}


def fresh_id(taken: Iterable[str], *parts: str) -> str:
    """Return a cell id that is not taken and always the same for the same parts."""
    taken = set(taken)
    count = 0
    while True:
        digest = hashlib.sha256(json.dumps([*parts, count]).encode()).hexdigest()[:12]
        if digest not in taken:
            return digest
        count += 1


def join_lines(cell: Any) -> dict[str, Any]:
    """Return the cell with each text in one string, as nbformat holds it in memory.

    Raises:
        ValueError: it is no cell, or has no source.
    """
    if not isinstance(cell, dict):
        raise ValueError(f"a cell is a {type(cell).__name__}, not an object")
    source = cell.get("source")
    if not (
        isinstance(source, str)
        or (isinstance(source, list) and all(isinstance(line, str) for line in source))
    ):
        raise ValueError("a cell has no text")
    one = nbformat.from_dict({**cell, "source": "".join(source)})
    try:
        return dict(nbformat.v4.rwbase.rejoin_lines(NotebookNode(cells=[one])).cells[0])
    except (AttributeError, KeyError, TypeError):
        return dict(one)  # its outputs or attachments are no objects: mend drops them


def mend(notebook: dict[str, Any]) -> dict[str, Any]:
    """Fill in ids, metadata and outputs that are missing; drop what the format forbids.

    Works in place and gives the same result for the same notebook every time. The first of two
    cells with one id keeps it.
    """
    minor = notebook.get("nbformat_minor")
    notebook["nbformat_minor"] = max(minor, 5) if isinstance(minor, int) else 5
    if not isinstance(notebook.get("metadata"), dict):
        notebook["metadata"] = {}
    notebook["cells"] = [_mend_cell(cell) for cell in notebook["cells"]]
    taken: set[str] = set()
    for cell in notebook["cells"]:
        ours = cell.get("id")
        if not (isinstance(ours, str) and _VALID_ID.fullmatch(ours)) or ours in taken:
            others = {other.get("id") for other in notebook["cells"]}
            cell["id"] = fresh_id(
                taken | {other for other in others if isinstance(other, str)}, cell["source"]
            )
        taken.add(cell["id"])
    try:
        nbformat.validate(nbformat.from_dict(notebook))
    except nbformat.ValidationError:
        # rarely needed and slow, so only now: the cell that breaks the format loses what breaks it
        notebook["cells"] = [_strip_cell(cell) for cell in notebook["cells"]]
    return notebook


def _mend_cell(cell: dict[str, Any]) -> dict[str, Any]:
    if cell.get("cell_type") not in _KEYS:
        cell["cell_type"] = "raw"
    if not isinstance(cell.get("metadata"), dict):
        cell["metadata"] = {}
    if cell["cell_type"] == "code":
        if not isinstance(cell.get("outputs"), list):
            cell["outputs"] = []
        cell.setdefault("execution_count", None)
    return cell


def _strip_cell(cell: dict[str, Any]) -> dict[str, Any]:
    if _is_valid(cell, f"{cell['cell_type']}_cell"):
        return cell
    cell = {key: value for key, value in cell.items() if key in _KEYS[cell["cell_type"]]}
    if cell["cell_type"] == "code":
        cell["outputs"] = [output for output in cell["outputs"] if _is_valid(output, "output")]
        if not _is_valid(cell, "code_cell"):
            cell["execution_count"] = None
    elif not _is_valid(cell, f"{cell['cell_type']}_cell"):
        cell.pop("attachments", None)
    if not _is_valid(cell, f"{cell['cell_type']}_cell"):
        kept = {key: cell["metadata"][key] for key in ("nbgrader",) if key in cell["metadata"]}
        cell["metadata"] = kept
    return cell


def _is_valid(part: Any, kind: str) -> bool:
    try:
        nbformat.validate(nbformat.from_dict(part), ref=kind, version=4, version_minor=5)
    except (nbformat.ValidationError, AttributeError, TypeError):
        return False
    return True
