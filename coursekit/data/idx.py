"""Read IDX files, the format that MNIST and Fashion-MNIST are published in."""

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np

from coursekit.errors import CourseError

UNSIGNED_BYTES = 0x08  # the third byte names the type; these sets have no other


def read_idx(path: Path) -> np.ndarray:
    """Return the array of bytes in an IDX file packed with gzip.

    The file begins with two zero bytes, the type and the number of axes, then the length of each
    axis as a big-endian number of four bytes.

    Raises:
        CourseError: the file is not whole, or is no such file.
        OSError: it cannot be opened.
    """
    try:
        with gzip.open(path) as file:
            content = file.read()
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise CourseError(
            f"{path} is damaged or cut off ({error}): get the file again and repeat the command."
        ) from error
    if content[:3] != bytes([0, 0, UNSIGNED_BYTES]) or len(content) < 4 + 4 * content[3]:
        raise CourseError(
            f"{path} does not begin like an IDX file of bytes: expected one of Fashion-MNIST's .gz files."
        )
    shape = struct.unpack_from(f">{content[3]}I", content, 4)
    first = 4 + 4 * len(shape)
    if len(content) - first != math.prod(shape):
        raise CourseError(
            f"{path} announces {' × '.join(map(str, shape))} numbers and holds {len(content) - first}: "
            "get the file again and repeat the command."
        )
    return np.frombuffer(content, np.uint8, offset=first).reshape(shape)
