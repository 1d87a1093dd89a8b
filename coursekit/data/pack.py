"""Write a set that is on this machine as a few small files, for a machine that takes only those."""

import sys
from pathlib import Path

import numpy as np

from coursekit.data.dataset import DataSet
from coursekit.data.download import megabytes
from coursekit.data.images import Images
from coursekit.data.packed import others, parts, picture, unpicture
from coursekit.data.store import FULL, cache, held, is_whole, load
from coursekit.errors import CourseError
from coursekit.files import atomic_write, remove_leftovers


def pack(data: DataSet, folder: Path) -> str:
    """Write a set into a folder, and return sentences about it.

    Every file is written whole or not at all, and one that is there and right stays, so the same
    command goes on where an earlier one was stopped. The list of checksums comes last.

    Raises:
        CourseError: the set is not here or damaged, the folder is a file, or the disk is full.
        OSError: the folder cannot be written.
    """
    images = load(data)
    if not is_whole(data):
        raise CourseError(
            f"{data.title} in {cache() / data.name} is damaged: nothing was packed. "
            f"`coursekit data get {data.name}` fetches it anew."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise CourseError(
            f"{error.filename} cannot be a folder, for a file is in the way: give --to the name of a "
            "folder, which is made if it is not there."
        ) from error
    try:
        with held(data):
            sizes = _write(data, images, folder)
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise CourseError(
            f"There is too little room in {folder}: {data.title} takes at most {megabytes(data.size)} "
            "there. The parts that are written stay: make room, and the same command goes on."
        ) from error
    return (
        f"{data.title} is packed in {folder}: {len(sizes)} files, {megabytes(sum(sizes))}, the largest "
        f"{megabytes(max(sizes))}.\n"
        f"Bring them into one folder on the other machine; there, `coursekit data import {data.name} "
        f"FOLDER` reads them.\nIts license: {data.license}."
    )


def _write(data: DataSet, images: Images, folder: Path) -> list[int]:
    """Write all files but those that are right, and return their sizes."""
    from tqdm import tqdm

    print(f"Packing {data.title} into {folder} ...", file=sys.stderr, flush=True)
    pictures = {}
    shares = tqdm(
        parts(data, images).items(), unit="part", disable=None, leave=False, file=sys.stderr
    )
    for name, x in shares:
        content = _right(folder / name, x)
        if content is None:
            content = picture(x)
            _put(folder / name, content)
            if shares.disable:
                print(f"{name}: {megabytes(len(content))}", file=sys.stderr, flush=True)
        pictures[name] = content
    written = others(data, images, pictures)
    for name, content in written.items():
        _put(folder / name, content)
    return [len(content) for content in (*pictures.values(), *written.values())]


def _right(path: Path, x: np.ndarray) -> bytes | None:
    """Return the content of a picture that is there already, if it holds these images."""
    if not path.is_file():
        return None
    content = path.read_bytes()
    try:
        found = unpicture(content, x.shape[1:], len(x))
    except Exception:  # whatever damaged pictures make libraries raise: it is written anew
        return None
    return content if np.array_equal(found, x) else None


def _put(path: Path, content: bytes) -> None:
    remove_leftovers(path)
    atomic_write(path, content)
