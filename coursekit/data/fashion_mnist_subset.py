"""Make the file of Fashion-MNIST that the package ships from the published files.

    python -m coursekit.data.fashion_mnist_subset FOLDER           make it
    python -m coursekit.data.fashion_mnist_subset --check FOLDER   change nothing, compare

FOLDER holds the four .gz files; Debian's package dataset-fashion-mnist brings them, and
`dpkg --listfiles dataset-fashion-mnist` tells where.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from coursekit.data.archives import read
from coursekit.data.fashion_mnist import FASHION_MNIST, FASHION_MNIST_CLASSES, SUBSET, fashion_mnist
from coursekit.data.images import Images, checksums
from coursekit.errors import CourseError

EACH, EACH_TEST = 1000, 200  # images of a class


def subset(full: Images, each: int = EACH, each_test: int = EACH_TEST) -> Images:
    """Return the first images of each class, in the order of the full set."""
    train = first_of_each(full.labels, each)
    test = first_of_each(full.labels_test, each_test)
    return Images(full.x[train], full.labels[train], full.x_test[test], full.labels_test[test])


def first_of_each(labels: np.ndarray, count: int) -> np.ndarray:
    """Return where the first `count` labels of each class are, in rising order."""
    classes = range(len(FASHION_MNIST_CLASSES))
    return np.sort(np.concatenate([np.flatnonzero(labels == one)[:count] for one in classes]))


def write(images: Images, path: Path) -> None:
    """Write images and labels to one file: the same ones give the same bytes with the same zlib."""
    stored = {name: array.astype(np.uint8) for name, array in images._asdict().items()}
    np.savez_compressed(path, allow_pickle=False, **stored)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="with the four files as published")
    parser.add_argument("--check", action="store_true", help="change nothing, compare")
    chosen = parser.parse_args(arguments)
    try:
        images = subset(read(FASHION_MNIST, chosen.folder))
        if not chosen.check:
            write(images, SUBSET)
        same = checksums(images) == checksums(fashion_mnist())
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    verdict = "is what the published files give" if same else "differs from the published files"
    print(f"{SUBSET.name}, {SUBSET.stat().st_size:,} bytes, {verdict}.")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
