"""Fashion-MNIST: gray images of 28 x 28 pixels of ten kinds of clothing (Zalando, MIT License).

Source: H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST: a Novel Image Dataset for Benchmarking
Machine Learning Algorithms, 2017. The license stands in `fashion_mnist.LICENSE.txt` beside this file.
"""

import zipfile
import zlib
from pathlib import Path

import numpy as np

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


def fashion_mnist() -> Images:
    """Return 10,000 images to train on and 2,000 to test with, as many of each class, offline.

    They are the first 1,000 and 200 of each class of the published set, in its order.

    Raises:
        CourseError: the file that the package ships is missing or damaged.
    """
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
