"""Nothing that a lecturer typed is lost: what a magic replaces is written down first."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from coursekit.chapters import Chapter
from coursekit.paths import MARKER, CourseNotFoundError, course_root, working_copy


def state_folder() -> Path:
    """Return the folder where lecture mode keeps its things: in the working copy, else in the course's.

    Raises:
        CourseNotFoundError: there is neither.
    """
    return (working_copy() or course_root() / "work") / MARKER / "live"


def keep(chapter: Chapter, name: str, typed: str) -> Path | None:
    """Append what was typed to a file.

    Args:
        chapter: that it belongs to.
        name: of the cell.
        typed: what stood there.

    Returns:
        The file; None if none can be written, and the caller has to find another place.
    """
    try:
        path = state_folder() / f"{chapter.folder}.typed.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(
                f"# {datetime.now().isoformat(' ', 'seconds')}, {name}\n{typed.rstrip()}\n\n"
            )
    except (OSError, CourseNotFoundError):
        return None
    return path


def as_comments(typed: str) -> str:
    """Return what was typed as comments, to stand below the reference."""
    lines: Sequence[str] = typed.rstrip().splitlines()
    return "\n".join(["# typed before:", *(f"# {line}".rstrip() for line in lines)])
