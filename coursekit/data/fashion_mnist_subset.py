"""Make the file of Fashion-MNIST that the package ships from the published files.

    python -m coursekit.data.fashion_mnist_subset FOLDER

FOLDER holds the four .gz files; Debian's package dataset-fashion-mnist brings them, and
`dpkg --listfiles dataset-fashion-mnist` tells where.
"""

import sys
from pathlib import Path

import numpy as np

from coursekit.data.fashion_mnist import FASHION_MNIST_CLASSES, SUBSET
from coursekit.data.idx import read_idx
from coursekit.data.images import Images, checksums

EACH, EACH_TEST = 1000, 200  # images of a class


def subset(full: Images) -> Images:
    """Return the first images of each class, in the order of the full set."""
    train = first_of_each(full.labels, EACH)
    test = first_of_each(full.labels_test, EACH_TEST)
    return Images(full.x[train], full.labels[train], full.x_test[test], full.labels_test[test])


def first_of_each(labels: np.ndarray, count: int) -> np.ndarray:
    """Return where the first `count` labels of each class are, in rising order."""
    classes = range(len(FASHION_MNIST_CLASSES))
    return np.sort(np.concatenate([np.flatnonzero(labels == one)[:count] for one in classes]))


def published(folder: Path) -> Images:
    """Read the four files of the published set."""
    x, x_test = (
        read_idx(folder / f"{part}-images-idx3-ubyte.gz")[:, None] for part in ("train", "t10k")
    )
    labels, labels_test = (
        read_idx(folder / f"{part}-labels-idx1-ubyte.gz").astype(np.int64)
        for part in ("train", "t10k")
    )
    return Images(x, labels, x_test, labels_test)


def write(images: Images, path: Path) -> None:
    """Write images and labels to one file: the same ones give the same bytes with the same zlib."""
    stored = {name: array.astype(np.uint8) for name, array in images._asdict().items()}
    np.savez_compressed(path, allow_pickle=False, **stored)


if __name__ == "__main__":
    chosen = subset(published(Path(sys.argv[1])))
    write(chosen, SUBSET)
    print(SUBSET, f"{SUBSET.stat().st_size:,} bytes", *checksums(chosen), sep="\n")
