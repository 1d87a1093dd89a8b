"""Lecture mode: %reveal, %peek, %diff, %catchup and %timer, for whoever codes a chapter live.

``%load_ext coursekit.live`` loads it; in the course's own environment every kernel does.
"""

from typing import Any

__all__ = ["load_ipython_extension", "unload_ipython_extension"]


def load_ipython_extension(shell: Any) -> None:
    """Add the magics to a kernel. What they need is imported when one is used."""
    from coursekit.live.magics import install

    install(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Take the magics out again."""
    from coursekit.live.magics import remove

    remove(shell)
