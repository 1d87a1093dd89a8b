"""What can be in the way on this machine, and how to say it: the disk, what may not be written."""

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

GIGABYTE = 10**9
DISK_NEEDED = 3 * GIGABYTE  # the environment takes half of it, pip's downloads and cache the rest
TEMPORARY_NEEDED = GIGABYTE


class BootstrapError(Exception):
    """Something outside this program is in the way; its text is one sentence for the user."""


def say(text: str) -> None:
    """Print a line at once, also into a pipe."""
    print(text, flush=True)


def again(goal: str) -> str:
    """The command that leads here."""
    if os.name == "nt":
        return "python bootstrap.py" + ("" if goal == "lab" else f" --for {goal}")
    return f"make {goal}"


def check_disk(root: Path) -> None:
    """Stop before the download when the environment would not fit."""
    free = shutil.disk_usage(root).free
    if free < DISK_NEEDED:
        raise BootstrapError(
            f"{root} has {free / GIGABYTE:.1f} GB of free disk, and the environment needs about "
            f"{DISK_NEEDED / GIGABYTE:.0f} GB: make room there, or move the course to a larger disk."
        )


def temporary_folder(environment: Path) -> dict[str, str]:
    """Variables that lead pip's downloads into the environment when the usual place is small."""
    with contextlib.suppress(OSError):  # Python finds no usable temporary folder at all
        if shutil.disk_usage(tempfile.gettempdir()).free >= TEMPORARY_NEEDED:
            return {}
    folder = environment / "tmp"
    folder.mkdir(exist_ok=True)
    return dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))


@contextlib.contextmanager
def refusals_in_words(environment: Path, goal: str) -> Iterator[None]:
    """Say in a sentence why the system did not let us write."""
    try:
        yield
    except OSError as error:
        place = error.filename or environment
        if error.errno == errno.EEXIST:
            problem = (
                f"{place} is a file, and the environment goes into a folder of that name: "
                "move it away"
            )
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            problem = (
                f"{place} may not be written by this user: copy the course to a folder of your "
                "own, or change the owner,"
            )
        elif error.errno in (errno.ENOSPC, errno.EDQUOT):
            problem = (
                f"The disk is full at {place}: the environment needs about "
                f"{DISK_NEEDED / GIGABYTE:.0f} GB, make room"
            )
        else:
            raise
        raise BootstrapError(f"{problem} and run `{again(goal)}` again.") from error
