"""Write files whole, and keep what stands in the way: nothing that somebody wrote is lost."""

import os
import re
import secrets
from pathlib import Path


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


def free_name(path: Path, why: str) -> Path:
    """Return the next free name beside a file: with ``"damaged"``, ``name.damaged-1.ipynb``."""
    number = 1
    while os.path.lexists(free := path.with_name(f"{path.stem}.{why}-{number}{path.suffix}")):
        number += 1
    return free


def set_aside(path: Path, why: str) -> Path:
    """Rename a file, a folder or a link to a free name beside it, and return that name.

    Renaming keeps every bit and works for what cannot be read.

    Args:
        path: what stands in the way.
        why: one word for the new name.

    Raises:
        OSError: it cannot be renamed.
    """
    return path.rename(free_name(path, why))
