"""Read IDX files, the format that MNIST and Fashion-MNIST are published in."""

import gzip
import math
import struct

import numpy as np

UNSIGNED_BYTES = 0x08  # the third byte names the type; these sets have no other


def read_idx(packed: bytes) -> np.ndarray:
    """Return the array of bytes in an IDX file packed with gzip.

    The file begins with two zero bytes, the type and the number of axes, then the length of each
    axis as a big-endian number of four bytes.

    Raises:
        ValueError: this is no such file, or not all of it.
        OSError, EOFError, zlib.error: gzip cannot unpack it.
    """
    content = gzip.decompress(packed)
    if content[:3] != bytes([0, 0, UNSIGNED_BYTES]) or len(content) < 4 + 4 * content[3]:
        raise ValueError("it does not begin like an IDX file of bytes")
    shape = struct.unpack_from(f">{content[3]}I", content, 4)
    first = 4 + 4 * len(shape)
    if len(content) - first != math.prod(shape):
        announced = " × ".join(map(str, shape))
        raise ValueError(f"it announces {announced} numbers and holds {len(content) - first}")
    return np.frombuffer(content, np.uint8, offset=first).reshape(shape)
