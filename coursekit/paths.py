"""Where the course lies on this machine."""

from pathlib import Path

from coursekit.errors import CourseError

MARKER = ".coursekit"  # the folder that makes a folder a working copy; holds progress and backups


class CourseNotFoundError(CourseError):
    """The notebooks of the course are not on this machine, only the package is."""


def course_root() -> Path:
    """Return the checkout: the folder with notebooks/ and solutions/.

    It is the folder above an editable install of the package, else the nearest one above the current folder.

    Raises:
        CourseNotFoundError: neither is a checkout.
    """
    for folder in [Path(__file__).resolve().parent.parent, *_here_and_above()]:
        if (folder / "notebooks").is_dir() and (folder / "solutions").is_dir():
            return folder
    raise CourseNotFoundError(
        f"no checkout of the course at {Path.cwd()} or above it. Go to the folder that holds notebooks/ and try again."
    )


def working_copy() -> Path | None:
    """Return the working copy that the current folder lies in, or None when it lies in none."""
    for folder in _here_and_above():
        if (folder / MARKER).is_dir():
            return folder
    return None


def _here_and_above() -> list[Path]:
    here = Path.cwd()
    return [here, *here.parents]
