"""Fashion-MNIST: gray images of 28 x 28 pixels of ten kinds of clothing (Zalando, MIT License).

Source: H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST: a Novel Image Dataset for Benchmarking
Machine Learning Algorithms, 2017. The license stands in `fashion_mnist.LICENSE.txt` beside this file.
"""

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from coursekit.data.dataset import DataSet, Download, Format
from coursekit.data.idx import read_idx
from coursekit.data.images import Images, checksums
from coursekit.errors import CourseError

FASHION_MNIST_CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
SUBSET = Path(__file__).with_name("fashion_mnist.npz")
SUBSET_CHECKSUMS = (
    "e1427044c614fabc29feeff0f27e6b68f88a9ee2f2cfe7d783b9157159864883",
    "2c02745d4ad8b4511333d0eca662ac5664a371860abaa4588b1670e7be59fbdf",
    "96315b1732ab731e68b8def3c284f34b605f7deb7a61e683c7d786265c827c83",
    "b2095bc797d1201e84da76c94012c02d0e6f07af0938df4e00120a3b42d1aa4c",
)


def fashion_mnist(full: bool = False) -> Images:
    """Return 10,000 images to train on and 2,000 to test with, as many of each class, offline.

    They are the first 1,000 and 200 of each class of the published set, in its order.

    Args:
        full: return all 60,000 and 10,000 instead, which `coursekit data get fashion-mnist` fetches.

    Raises:
        CourseError: the file that the package ships is missing or damaged, or the full set is not
            on this machine.
    """
    if full:
        from coursekit.data.store import load

        return load(FASHION_MNIST)
    try:
        with SUBSET.open("rb") as file, np.load(file) as stored:
            images = Images(*(stored[name] for name in Images._fields))
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise CourseError(_DAMAGED) from error
    images = Images(*(a.astype(np.int64) if a.ndim == 1 else a for a in images))
    if checksums(images) != SUBSET_CHECKSUMS:
        raise CourseError(_DAMAGED)
    return images


_DAMAGED = (
    f"{SUBSET} is missing or damaged: `git checkout {SUBSET.name}` in its folder brings it back, "
    "and so does installing the course again."
)


# -- the full set ----------------------------------------------------------------------------------

FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


def read_published(files: Mapping[str, bytes]) -> Images:
    """Read the four files of the published set."""
    x, labels, x_test, labels_test = (read_idx(files[name]) for name in FILES)
    return Images(
        x[:, None], labels.astype(np.int64), x_test[:, None], labels_test.astype(np.int64)
    )


def _downloads(folder: str) -> tuple[Download, ...]:
    sums = (
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    )
    sizes = (26_421_880, 29_515, 4_422_102, 5_148)
    found = zip(FILES, sums, sizes, strict=True)
    return tuple(Download(f"{folder}/{name}", one, size) for name, one, size in found)


FASHION_MNIST = DataSet(
    name="fashion-mnist",
    title="Fashion-MNIST",
    license="MIT",
    shape=(1, 28, 28),
    parts=(6, 1),
    size=55_440_512,
    checksums=(
        "2e487a6c89124f78f2d7521542223cafe96f7123c3ca13d447772ac6ecbb3012",
        "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7",
        "c867c93ff95360594e8ec3287995350b824dd110b11595c0e13d5423f621867a",
        "3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9",
    ),
    formats=(
        Format(
            "the four files, as in Debian's package dataset-fashion-mnist", FILES, read_published
        ),
    ),
    sources=(
        _downloads("https://storage.googleapis.com/tensorflow/tf-keras-datasets"),
        _downloads("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"),
    ),
)
