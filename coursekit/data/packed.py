"""A set as a few small files: lossless WebP pictures, labels as JSON, and a list of checksums.

For machines that take only small transfers. A picture holds 100 images in a row and at most 10,000,
so it stays below 50 MB even where nothing can be compressed; CIFAR-10 takes 103 MB in parts of 17,
instead of 185. The list is the one that the program ``sha256sum`` writes and checks, so that a
transfer can be checked without the course as well.
"""

import hashlib
import io
import json
from collections.abc import Mapping

import numpy as np
from jaxtyping import UInt8

from coursekit.data.dataset import DamagedFilesError, DataSet, Format
from coursekit.data.images import Images

COLUMNS = 100  # WebP takes 16,383 pixels in a row
EFFORT = 4  # of 0 to 6: the highest takes ten times longer and saves less than 1 %


def packed(data: DataSet) -> Format:
    """Return the packed form of a set, for reading it."""
    name = f"what `coursekit data pack {data.name}` writes"
    files = (_sums(data), *_pictures(data, 0), *_pictures(data, 1), _labels(data))
    return Format(name, files, lambda given: _read(data, given))


def parts(data: DataSet, images: Images) -> dict[str, UInt8[np.ndarray, "N C H W"]]:
    """Return which images go into which picture."""
    found: dict[str, np.ndarray] = {}
    for kind, x in enumerate((images.x, images.x_test)):
        names = _pictures(data, kind)
        found.update(zip(names, np.array_split(x, len(names)), strict=True))
    return found


def picture(x: UInt8[np.ndarray, "N C H W"]) -> bytes:
    """Return images side by side as a lossless WebP picture."""
    from PIL import Image

    n, c, h, w = x.shape
    rows = -(-n // COLUMNS)
    tiles = np.zeros((rows * COLUMNS, c, h, w), np.uint8)  # the last row may not be full
    tiles[:n] = x
    tiles = tiles.reshape(rows, COLUMNS, c, h, w).transpose(0, 3, 1, 4, 2)
    # WebP knows no gray: one channel becomes three equal ones, which cost next to nothing
    pixels = np.broadcast_to(tiles.reshape(rows * h, COLUMNS * w, c), (rows * h, COLUMNS * w, 3))
    file = io.BytesIO()
    whole = Image.fromarray(np.ascontiguousarray(pixels))
    whole.save(file, "WEBP", lossless=True, method=EFFORT)
    return file.getvalue()


def unpicture(
    content: bytes, shape: tuple[int, int, int], count: int
) -> UInt8[np.ndarray, "N C H W"]:
    """Return so many images of this shape out of a picture that :func:`picture` made."""
    from PIL import Image

    c, h, w = shape
    with Image.open(io.BytesIO(content), formats=("WEBP",)) as opened:
        pixels = np.asarray(opened.convert("RGB"))[:, :, :c]
    tiles = pixels.reshape(-1, h, COLUMNS, w, c).transpose(0, 2, 4, 1, 3)
    return np.ascontiguousarray(tiles.reshape(-1, c, h, w)[:count])


def others(data: DataSet, images: Images, pictures: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files that are no pictures: the labels, and last the list of all checksums."""
    labels = {"train": images.labels.tolist(), "test": images.labels_test.tolist()}
    written = {_labels(data): json.dumps(labels).encode()}
    sums = [f"{_sha256(content)}  {name}\n" for name, content in {**pictures, **written}.items()]
    return {**written, _sums(data): "".join(sums).encode()}


def _read(data: DataSet, files: Mapping[str, bytes]) -> Images:
    """Read a packed set.

    Raises:
        DamagedFilesError: files differ from their checksums in the list.
        ValueError: the list, or something that agrees with it, is none of ours.
    """
    lines = files[_sums(data)].decode().splitlines()
    listed = {name: found for found, _, name in (line.partition("  ") for line in lines)}
    damaged = [name for name in files if name in listed and _sha256(files[name]) != listed[name]]
    if damaged:
        raise DamagedFilesError(damaged, _sums(data))
    if listed.keys() != files.keys() - {_sums(data)}:
        raise ValueError(f"{_sums(data)} does not list the files that belong to it")
    labels = json.loads(files[_labels(data)])
    arrays = []
    for number, kind in enumerate(("train", "test")):
        names, y = _pictures(data, number), np.asarray(labels[kind], np.int64)
        shares = zip(names, np.array_split(y, len(names)), strict=True)
        x = [unpicture(files[name], data.shape, len(share)) for name, share in shares]
        arrays += [np.concatenate(x), y]
    return Images(*arrays)


def _pictures(data: DataSet, kind: int) -> tuple[str, ...]:
    """Names of the pictures for training (0) or testing (1)."""
    word = ("train", "test")[kind]
    return tuple(f"{data.name}-{word}-{part + 1}.webp" for part in range(data.parts[kind]))


def _labels(data: DataSet) -> str:
    return f"{data.name}-labels.json"


def _sums(data: DataSet) -> str:
    return f"{data.name}.sha256"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
