"""What a front end tells a kernel about the cell that it runs."""

import os
import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from coursekit.chapters import CHAPTERS, Chapter
from coursekit.live.room import as_typed

FOLDER = "live"  # of lecture copies, in the working copy
MAGICS = ("reveal", "peek", "diff", "catchup")
_CALL = re.compile(rf"\s*%(?:{'|'.join(MAGICS)})\b.*")
_PROMPT = re.compile(r"# \[(\d+)\] .*")


@dataclass(frozen=True)
class Request:
    """The cell that runs now.

    Args:
        code: all that stands in it, but for a magic that a key put there.
        cell: its id, empty where the front end does not say.
    """

    code: str
    cell: str

    @property
    def cell_text(self) -> str:
        """What stands in the cell but for magics of ours."""
        return "\n".join(
            line for line in self.code.splitlines() if not _CALL.fullmatch(line)
        ).strip("\n")

    @property
    def typed(self) -> str:
        """What the lecturer typed: the text of the cell without the prompt."""
        first, _, rest = self.cell_text.partition("\n")
        return rest.strip("\n") if _PROMPT.fullmatch(first) else self.cell_text

    @property
    def prompted(self) -> int:
        """The number in the prompt of the cell, 0 if there is no prompt."""
        found = _PROMPT.fullmatch(self.cell_text.partition("\n")[0])
        return int(found[1]) if found else 0


def current(shell: Any) -> Request:
    """Return what runs now. JupyterLab sends the id of the cell with it; others may not."""
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    return Request(
        as_typed(str(parent.get("content", {}).get("code", ""))),
        str(parent.get("metadata", {}).get("cellId") or ""),
    )


def only_our_magic(lines: list[str]) -> list[str]:
    """Leave of a cell only the last of our magics in it: half a line that was typed must not run, or fail, first."""
    calls = [line for line in lines if _CALL.fullmatch(line.rstrip("\n"))]
    return [calls[-1].lstrip()] if calls else lines


def session_chapter() -> Chapter | None:
    """Return the chapter whose name the open notebook has, None if it has none, or Jupyter does not say."""
    return next((one for one in CHAPTERS if one.folder in _session().name), None)


def in_lecture_copy() -> bool:
    """Tell whether the open notebook lies where lecture copies are."""
    return _session().parent.name == FOLDER


def _session() -> PurePath:
    return PurePath(os.environ.get("JPY_SESSION_NAME", ""))
