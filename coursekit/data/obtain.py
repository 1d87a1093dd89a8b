"""Bring a set of images onto this machine, from the network or from files, and say what is here."""

import errno
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from coursekit.data.archives import read
from coursekit.data.cifar10 import CIFAR10
from coursekit.data.dataset import DataSet
from coursekit.data.download import fetch, megabytes
from coursekit.data.fashion_mnist import FASHION_MNIST, SUBSET
from coursekit.data.store import FULL, VARIABLE, cache, held, is_whole, save
from coursekit.errors import CourseError

SETS = (FASHION_MNIST, CIFAR10)


def data_set(name: str) -> DataSet:
    """Return the set of this name.

    Raises:
        CourseError: there is none.
    """
    for one in SETS:
        if one.name == name:
            return one
    names = " or ".join(one.name for one in SETS)
    raise CourseError(f"There is no set of images {name!r} to get: expected {names}.")


def get(data: DataSet) -> str:
    """Download a set, unless it is here, and return a sentence about it.

    Raises:
        CourseError: it cannot be had; the sentence says why and what to do.
        OSError: the folder for data cannot be written.
    """
    with held(data) as folder, _room_for(data):
        if _state(data) == HERE:
            return f"{data.title} is here already: {folder / data.name}"
        downloads = _downloads(data)
        downloads.mkdir(exist_ok=True)
        largest = max(sum(file.size for file in source) for source in data.sources)
        fetched = sum(file.stat().st_size for file in downloads.iterdir())
        needed = data.size + largest - fetched
        if shutil.disk_usage(folder).free < needed:
            raise OSError(errno.ENOSPC, "too small")
        files = fetch(data, downloads)
        place = _keep(data, files[0] if len(files) == 1 else downloads)
        shutil.rmtree(downloads)
    return f"{data.title} is here: {place}"


def import_(data: DataSet, path: Path) -> str:
    """Take a set from files that somebody has, and return a sentence about it.

    Raises:
        CourseError: the files are not the set, or not all of it.
        OSError: they cannot be read, or the folder for data cannot be written.
    """
    with held(data), _room_for(data):
        return f"{data.title} is here: {_keep(data, path)}"


def _keep(data: DataSet, path: Path) -> Path:
    print(
        f"Reading {data.title} and comparing it with its checksums ...", file=sys.stderr, flush=True
    )
    return save(data, read(data, path))


@contextmanager
def _room_for(data: DataSet) -> Iterator[None]:
    """Say in one sentence that the disk is full."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        largest = max(sum(file.size for file in source) for source in data.sources)
        raise CourseError(
            f"There is too little room in {cache()}: {data.title} takes {megabytes(data.size)}, and up to "
            f"{megabytes(largest)} more while it is fetched. Make room, or name a folder on another disk "
            f"in the variable {VARIABLE}, and repeat the command."
        ) from error


def _downloads(data: DataSet) -> Path:
    return cache() / f"{data.name}.download"


# -- what is here ----------------------------------------------------------------------------------

HERE = "here"


@dataclass(frozen=True)
class Row:
    """One set in the list."""

    name: str
    state: str
    size: str
    license: str

    @property
    def here(self) -> bool:
        """Is all of it here?"""
        return self.state.startswith(HERE)


def overview() -> list[Row]:
    """Say of every set whether it is here and whole, what it takes, and its license."""
    shipped = Row(
        "fashion-mnist, a part",
        "here, with the course",
        megabytes(SUBSET.stat().st_size),
        FASHION_MNIST.license,
    )
    return [
        shipped,
        *(Row(one.name, _state(one), megabytes(one.size), one.license) for one in SETS),
    ]


def _state(data: DataSet) -> str:
    folder = cache() / data.name
    if folder.is_dir():
        try:
            whole = is_whole(data)
        except CourseError:
            whole = False
        return HERE if whole else "damaged"
    parts = _downloads(data)
    size = sum(file.stat().st_size for file in parts.iterdir()) if parts.is_dir() else 0
    if size:
        return f"{megabytes(size)} fetched"
    return "not here"
