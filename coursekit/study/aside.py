"""Keep a file that stands in the way beside the one that takes its place."""

import os
from pathlib import Path


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
