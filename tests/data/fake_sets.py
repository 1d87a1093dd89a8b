"""Small sets in the real formats, so that getting and importing is tested without a network."""

import gzip
import io
import json
import pickle
import struct
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from PIL import Image

from coursekit.data.cifar10 import BATCHES, CIFAR10, LABELS
from coursekit.data.dataset import DataSet, Download
from coursekit.data.fashion_mnist import FASHION_MNIST, FILES
from coursekit.data.images import Images, checksum, checksums

EACH = 4  # images in a batch of the small CIFAR-10


def fake_images(train: int, test: int, *shape: int) -> Images:
    random = np.random.default_rng(6)
    arrays: list[np.ndarray] = []
    for count in (train, test):
        arrays.append(random.integers(0, 256, (count, *shape), np.uint8))
        arrays.append(random.integers(0, 10, count))
    return Images(*arrays)


def small(
    data: DataSet, images: Images, url: str = "", files: dict[str, bytes] | None = None
) -> DataSet:
    """The set with the checksums of these images, and these files at this address."""
    downloads = tuple(
        Download(f"{url}/{name}", checksum(np.frombuffer(content, np.uint8)), len(content))
        for name, content in (files or {}).items()
    )
    size = sum(array.nbytes for array in images)
    return replace(data, checksums=checksums(images), size=size, sources=(downloads,))


# -- Fashion-MNIST ---------------------------------------------------------------------------------

FASHION = fake_images(20, 10, 1, 28, 28)


def idx(array: np.ndarray) -> bytes:
    head = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return gzip.compress(head + array.astype(np.uint8).tobytes(), mtime=0)


def fashion_files(images: Images = FASHION) -> dict[str, bytes]:
    return {
        name: idx(array[:, 0] if array.ndim == 4 else array)
        for name, array in zip(FILES, images, strict=True)
    }


SMALL_FASHION = small(FASHION_MNIST, FASHION)

# -- CIFAR-10 --------------------------------------------------------------------------------------

CIFAR = fake_images(5 * EACH, EACH, 3, 32, 32)


def cifar_batches(images: Images = CIFAR) -> list[tuple[np.ndarray, np.ndarray]]:
    train = zip(np.split(images.x, 5), np.split(images.labels, 5), strict=True)
    return [*train, (images.x_test, images.labels_test)]


class PickledByPython2(pickle._Pickler):  # type: ignore[name-defined]
    """Writes bytes and text as Python 2 wrote its strings, as the real batches hold them."""

    dispatch: ClassVar = dict(pickle._Pickler.dispatch)  # type: ignore[attr-defined]

    def save_string(self, text: str | bytes) -> None:
        content = text.encode("latin-1") if isinstance(text, str) else text
        self.write(pickle.BINSTRING + struct.pack("<i", len(content)) + content)
        self.memoize(text)

    dispatch[bytes] = dispatch[str] = save_string


def python2(value: Any) -> bytes:
    file = io.BytesIO()
    PickledByPython2(file, 2).dump(value)
    return file.getvalue().replace(b"numpy._core.multiarray", b"numpy.core.multiarray")


def batch_files(images: Images = CIFAR) -> dict[str, bytes]:
    files = {}
    for name, (x, labels) in zip(BATCHES, cifar_batches(images), strict=True):
        batch = {"data": x.reshape(len(x), -1), "labels": labels.tolist(), "batch_label": name}
        files[f"cifar-10-batches-py/{name}"] = python2(batch)
    return files


def mosaic_files(images: Images = CIFAR) -> dict[str, bytes]:
    files = {}
    for name, (x, _) in zip(BATCHES, cifar_batches(images), strict=True):
        file = io.BytesIO()
        Image.fromarray(x.transpose(0, 2, 3, 1).reshape(len(x), 1024, 3)).save(file, "PNG")
        files[f"package/{name}.png"] = file.getvalue()
    for name, labels in zip(LABELS, (images.labels, images.labels_test), strict=True):
        files[f"package/{name}"] = json.dumps(labels.tolist()).encode()
    return files


SMALL_CIFAR = small(CIFAR10, CIFAR)

# -- on the disk -----------------------------------------------------------------------------------


def unpacked(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def packed(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return gzip.compress(file.getvalue(), mtime=0)  # the same bytes in every process
