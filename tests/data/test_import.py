"""Importing a set: every published form gives the same arrays, and what is not the set is refused."""

import gzip
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from fake_sets import (
    CIFAR,
    FASHION,
    SMALL_CIFAR,
    SMALL_FASHION,
    batch_files,
    fashion_files,
    mosaic_files,
    packed,
    unpacked,
)

from coursekit.data.dataset import DataSet
from coursekit.data.images import Images
from coursekit.data.obtain import import_
from coursekit.data.store import load
from coursekit.errors import CourseError

WAYS = {
    "fashion-mnist": (SMALL_FASHION, FASHION, fashion_files),
    "the archive for Python": (SMALL_CIFAR, CIFAR, batch_files),
    "the npm package": (SMALL_CIFAR, CIFAR, mosaic_files),
}


@pytest.mark.parametrize("where", ["folder", "folder above", "archive"])
@pytest.mark.parametrize("way", WAYS)
def test_every_published_form_gives_the_same_arrays(
    way: str, where: str, place: Path, tmp_path: Path
) -> None:
    data, images, files = WAYS[way]
    path = unpacked(tmp_path / "mine", files())
    if where == "folder":
        path = next(one for one in (*path.iterdir(), path) if one.is_dir())
    elif where == "archive":
        path = tmp_path / "mine.tgz"
        path.write_bytes(packed(files()))
    assert str(place / data.name) in import_(data, path)
    found = load(data)
    for name, one, expected in zip(Images._fields, found, images, strict=True):
        assert one.dtype == expected.dtype, name
        assert np.array_equal(one, expected), name


def changed(images: Images) -> Images:
    return images._replace(labels=(images.labels + 1) % 10)


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def first_cut(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: cut(files[name]) if n == 0 else files[name] for n, name in enumerate(files)}


def write(content: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / "file.tgz").write_bytes(content)
        return folder / "file.tgz"

    return make


def lay(files: dict[str, bytes]) -> Callable[[Path], Path]:
    return lambda folder: unpacked(folder / "mine", files)


without_last = dict(list(fashion_files().items())[:-1])
twice = {
    **fashion_files(),
    "t10k-labels-idx1-ubyte.gz": fashion_files()["t10k-images-idx3-ubyte.gz"],
}
not_idx = {**fashion_files(), "train-images-idx3-ubyte.gz": packed({"x": b"x"})}
short = gzip.compress(gzip.decompress(fashion_files()["t10k-labels-idx1-ubyte.gz"])[:-1])
too_short = {**fashion_files(), "t10k-labels-idx1-ubyte.gz": short}
WRONG: dict[str, tuple[DataSet, Callable[[Path], Path], str]] = {
    "nothing": (SMALL_CIFAR, lambda folder: folder / "none", "is not there: expected a folder"),
    "another folder": (
        SMALL_CIFAR,
        lay({"a/b": b"c"}),
        "does not hold CIFAR-10: expected the arch",
    ),
    "the other set": (SMALL_CIFAR, lay(fashion_files()), "does not hold CIFAR-10"),
    "no archive": (SMALL_CIFAR, write(b"hello"), "name says (no tar archive, or not all of it)"),
    "empty file": (SMALL_CIFAR, write(b""), "is damaged, cut off or not what its name says"),
    "cut archive": (SMALL_CIFAR, write(cut(packed(batch_files()))), "cut off"),
    "a file too few": (
        SMALL_FASHION,
        lay(without_last),
        "in part, t10k-labels-idx1-ubyte.gz is miss",
    ),
    "cut gz": (SMALL_FASHION, lay(first_cut(fashion_files())), "cut off"),
    "no idx": (SMALL_FASHION, lay(not_idx), "it does not begin like an IDX file"),
    "short idx": (SMALL_FASHION, lay(too_short), "it announces 10 numbers and holds 9"),
    "images as labels": (SMALL_FASHION, lay(twice), "the checksum of labels_test differs"),
    "cut pickle": (SMALL_CIFAR, lay(first_cut(batch_files())), "cut off"),
    "cut picture": (SMALL_CIFAR, lay(first_cut(mosaic_files())), "cut off"),
    "other labels": (
        SMALL_CIFAR,
        lay(batch_files(changed(CIFAR))),
        "the checksum of labels differs",
    ),
    "other labels in JSON": (
        SMALL_CIFAR,
        lay(mosaic_files(changed(CIFAR))),
        "checksum of labels d",
    ),
    "other images": (
        SMALL_FASHION,
        lay(fashion_files(FASHION._replace(x=FASHION.x[::-1], x_test=FASHION.x_test[::-1]))),
        "the checksum of x and x_test differs: nothing was stored",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_not_the_set_is_refused_in_one_line_and_not_stored(
    case: str, place: Path, tmp_path: Path
) -> None:
    data, make, sentence = WRONG[case]
    with pytest.raises(CourseError) as caught:
        import_(data, make(tmp_path))
    assert sentence in str(caught.value)
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert [one.name for one in place.iterdir()] == [f"{data.name}.lock"]


class Hostile:
    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.file),)


def test_a_pickle_that_runs_code_is_refused_before_it_does(place: Path, tmp_path: Path) -> None:
    victim = tmp_path / "was here"
    files = batch_files()
    files["cifar-10-batches-py/data_batch_1"] = pickle.dumps({b"data": Hostile(victim)}, 2)
    with pytest.raises(
        CourseError, match=r"it asks for posix.mkdir, which no image needs|nt.mkdir"
    ):
        import_(SMALL_CIFAR, unpacked(tmp_path / "mine", files))
    assert not victim.exists()


def test_a_refused_import_leaves_what_was_here(place: Path, tmp_path: Path) -> None:
    import_(SMALL_CIFAR, unpacked(tmp_path / "mine", batch_files()))
    with pytest.raises(CourseError):
        import_(SMALL_CIFAR, unpacked(tmp_path / "other", batch_files(changed(CIFAR))))
    assert np.array_equal(load(SMALL_CIFAR).labels, CIFAR.labels)
