"""The form of a set of images, and the checksums that say whether it is the right one."""

import hashlib
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64, UInt8


class Images(NamedTuple):
    """Images and what they show, for training and for testing."""

    x: UInt8[np.ndarray, "N C H W"]  # 0 to 255
    labels: Int64[np.ndarray, " N"]  # which of the set's classes
    x_test: UInt8[np.ndarray, "M C H W"]
    labels_test: Int64[np.ndarray, " M"]


def checksum(array: np.ndarray) -> str:
    """Return the SHA-256 of the numbers as bytes in C order, images channel last, labels as uint8.

    This is how the sets are published, so that anybody can compare with the original files.
    """
    published = array.transpose(0, 2, 3, 1) if array.ndim == 4 else array
    return hashlib.sha256(np.ascontiguousarray(published, np.uint8).data).hexdigest()


def checksums(images: Images) -> tuple[str, ...]:
    """Return the checksum of each of the four arrays."""
    return tuple(checksum(array) for array in images)
