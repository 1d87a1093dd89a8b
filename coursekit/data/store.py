"""Keep the arrays of a set in one place on this machine, whole or not at all.

A set is a folder of four .npy files. It is written under another name and renamed when all of it is
on the disk, so a folder of the right name is complete, however the process before it ended.
"""

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from coursekit.data.dataset import DataSet
from coursekit.data.images import Images, checksums
from coursekit.errors import CourseError
from coursekit.lock import BusyError, locked

VARIABLE = "COURSEKIT_DATA"
FULL = (errno.ENOSPC, errno.EDQUOT)


def cache() -> Path:
    """Return the folder for data: what COURSEKIT_DATA says, else this platform's folder for caches."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    import pooch

    return Path(pooch.os_cache("coursekit"))


def load(data: DataSet) -> Images:
    """Return a set that is on this machine.

    The images stay on the disk until they are looked at; changing them changes only your copy.

    Raises:
        CourseError: it is not here, or damaged.
    """
    folder = cache() / data.name
    if not folder.is_dir():
        raise CourseError(
            f"{data.title} is not on this machine: `coursekit data get {data.name}` fetches it, "
            f"`coursekit data import {data.name} PATH` takes it from files that you have. "
            "Without either, fashion_mnist() returns the 12,000 images that come with the course."
        )
    try:
        # "c", copy on write; asarray, for a plain array that happens to lie in a file
        arrays = (
            np.asarray(np.load(folder / f"{name}.npy", mmap_mode="c")) for name in Images._fields
        )
        return Images(*arrays)
    except (OSError, ValueError, EOFError) as error:
        raise CourseError(
            f"{data.title} in {folder} is damaged ({error}): `coursekit data get {data.name}` "
            "fetches it anew."
        ) from error


def is_whole(data: DataSet) -> bool:
    """Compare all of a set on this machine with its checksums; takes under a second.

    Raises:
        CourseError: it is not here, or files of it are missing or cut off.
    """
    return checksums(load(data)) == data.checksums


def save(data: DataSet, images: Images) -> Path:
    """Keep a set, instead of what is there of it; for whoever holds its lock.

    Raises:
        OSError: the folder cannot be written, or the disk is full; what was there before stays.
    """
    folder = cache() / data.name
    remove_leftovers(folder)
    new = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.new")
    new.mkdir()
    try:
        for name, array in images._asdict().items():
            _write(new / f"{name}.npy", np.ascontiguousarray(array))
        if folder.exists():
            old = new.with_suffix(".old")
            folder.rename(old)
            new.rename(folder)
            shutil.rmtree(old)
        else:
            new.rename(folder)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    return folder


def _write(path: Path, array: np.ndarray) -> None:
    """Write what `np.save` writes; that one does not say why it could not write."""
    with path.open("xb") as file:
        header = np.lib.format.header_data_from_array_1_0(array)
        np.lib.format.write_array_header_1_0(file, header)
        file.write(array.data)
        file.flush()
        os.fsync(file.fileno())


def remove_leftovers(folder: Path) -> None:
    """Remove what a process that was killed left beside a set; for whoever holds its lock."""
    for kind in ("new", "old"):
        for one in folder.parent.glob(f".{folder.name}.*.{kind}"):
            shutil.rmtree(one)


@contextmanager
def held(data: DataSet) -> Iterator[Path]:
    """Hold the lock of a set while the block runs, and give it the folder for data.

    Raises:
        CourseError: another process is getting or packing the same set, or a file is where the folder belongs.
        OSError: the folder cannot be made.
    """
    folder = cache()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise CourseError(
            f"{error.filename} is a file, not a folder, and data belongs there: move it away, or name "
            f"another folder in the variable {VARIABLE}."
        ) from error
    try:
        with locked(folder / f"{data.name}.lock", 0):
            yield folder
    except BusyError as error:
        raise CourseError(
            f"Another `coursekit data` is at work on {data.title} right now: wait until it is done."
        ) from error
