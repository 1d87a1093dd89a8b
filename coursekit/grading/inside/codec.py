"""Carry values through a pipe as JSON and npy, without pickle.

A message is a JSON object and some arrays. On the wire: two lengths (of the JSON, of the arrays), the JSON in
UTF-8, then the arrays in NumPy's npy format. Values become a tree of JSON in which ``{"array": k}`` stands
for the k-th array. Whoever reads does not trust what is written: sizes are limited before anything is
allocated, and types that cannot be compared arrive as their name only.
"""

import io
import json
import math
import struct
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np

HEAD = struct.Struct(">II")
MAX_MESSAGE = 64 * 1024 * 1024
MAX_TEXT = (
    1024 * 1024
)  # of it, of the JSON in an answer: a megabyte of brackets is a hundred when it is read
MOST_ARRAYS = 1000
MAX_ARRAYS = 32 * 1024 * 1024  # bytes, of those that one answer returns
_MAX_DEPTH = 8
_MAX_ITEMS = 10_000
_PLAIN = "biufc"  # kinds of dtype that can be compared
_WHOLE_LIMIT = 2**63


class CodecError(Exception):
    """A message is not what was agreed upon."""


def pack(message: dict[str, Any], arrays: list[np.ndarray]) -> bytes:
    """Return a message as bytes."""
    blob = io.BytesIO()
    for array in arrays:
        np.save(blob, array, allow_pickle=False)
    text = json.dumps(message).encode()
    return HEAD.pack(len(text), blob.tell()) + text + blob.getvalue()


def unpack(text: bytes, blob: bytes) -> tuple[dict[str, Any], list[np.ndarray]]:
    """Return the JSON and the arrays of a message.

    Raises:
        CodecError: the bytes are not a message.
    """
    try:
        message = json.loads(text)
        if not isinstance(message, dict):
            raise ValueError("no object")
        stream = io.BytesIO(blob)
        arrays: list[np.ndarray] = []
        while stream.tell() < len(blob):
            if len(arrays) == MOST_ARRAYS:
                raise ValueError("too many arrays")
            arrays.append(_read_array(stream, len(blob)))
    except Exception as error:  # numpy parses headers as Python and raises whatever that raises
        raise CodecError(str(error)[:200]) from error
    return message, arrays


def _read_array(stream: io.BytesIO, size: int) -> np.ndarray:
    start = stream.tell()
    version = np.lib.format.read_magic(stream)
    if version != (1, 0):
        raise ValueError(f"npy version {version}")
    shape, _, dtype = np.lib.format.read_array_header_1_0(stream, max_header_size=2000)
    # before numpy allocates what the header claims
    if dtype.kind not in _PLAIN or any(n < 0 for n in shape):
        raise ValueError(f"an array of {dtype}")
    if math.prod(shape) * dtype.itemsize > size - stream.tell():
        raise ValueError("an array that claims more than it holds")
    stream.seek(start)
    array: np.ndarray = np.lib.format.read_array(stream, allow_pickle=False)
    return array


def encode(value: Any, arrays: list[np.ndarray], depth: int = 0, most: int = _MAX_ITEMS) -> Any:
    """Return a value as a tree of JSON; its arrays are appended to ``arrays``.

    Lists that are too deep, or hold too much with all that is in them, arrive as their name only.
    """
    if value is None or isinstance(value, bool):
        return {"plain": value}
    if isinstance(value, np.ndarray):
        # a plain copy, made by the class itself: a subclass may bring its own idea of what it holds
        plain = np.array(np.ndarray.view(value, np.ndarray))
        if plain.dtype.kind not in _PLAIN:
            return {"odd": plain.dtype.kind, "shape": list(plain.shape)}
        arrays.append(plain)
        return {"array": len(arrays) - 1}
    if isinstance(value, np.generic):
        return _encode_number(value, arrays)
    if isinstance(value, str):
        return {"plain": str.__str__(value)[:1000]}
    if isinstance(value, int):
        whole = int.__int__(value)
        return {"plain": whole} if abs(whole) < _WHOLE_LIMIT else {"large": whole > 0}
    if isinstance(value, float):
        return {"float": float.__repr__(value)}
    if isinstance(value, types.GeneratorType):
        return {"generator": True}
    if isinstance(value, tuple | list) and depth < _MAX_DEPTH and len(value) <= most:
        kind, each = "tuple" if isinstance(value, tuple) else "list", most // max(1, len(value))
        return {kind: [encode(item, arrays, depth + 1, each) for item in value]}
    torch: Any = sys.modules.get("torch")
    tensor = getattr(torch, "Tensor", None)
    if isinstance(tensor, type) and isinstance(value, tensor):
        held: Any = value
        arrays.append(_plain_array(held))
        return {"tensor": len(arrays) - 1, "grad": bool(held.requires_grad)}
    return foreign(type(value).__name__)


def _encode_number(value: np.generic, arrays: list[np.ndarray]) -> dict[str, Any]:
    plain = np.array(value)
    if plain.dtype.kind not in _PLAIN:
        return {"odd": plain.dtype.kind, "shape": list(plain.shape)}
    arrays.append(plain)
    return {"number": len(arrays) - 1}


def foreign(name: object) -> dict[str, Any]:
    """Return the tree of a value that cannot be carried: what it is called."""
    return {"foreign": str(name)[:100]}


def _plain_array(tensor: Any) -> np.ndarray:
    dense = tensor.detach().to_dense()  # the same where it was dense
    try:
        plain: np.ndarray = dense.numpy(force=True)
    except TypeError:  # a type that NumPy does not have, such as bfloat16
        plain = dense.float().numpy(force=True)
    return np.ascontiguousarray(plain).reshape(plain.shape)


def decode(tree: Any, arrays: list[np.ndarray], depth: int = 0) -> Any:
    """Return the value that a tree stands for.

    Raises:
        CodecError: the tree is none that `encode` makes.
    """
    if not isinstance(tree, dict) or depth > _MAX_DEPTH:
        raise CodecError("a value of an unknown form")
    try:
        for key, read in _READERS.items():
            if key in tree:
                return read(tree, arrays, depth)
    except (ValueError, TypeError, KeyError, IndexError, MemoryError, AttributeError) as error:
        raise CodecError(str(error)[:200]) from error
    raise CodecError("a value of an unknown form")


def _plain(tree: dict[str, Any], arrays: list[np.ndarray], depth: int) -> Any:
    value = tree["plain"]
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int) and abs(value) < _WHOLE_LIMIT:
        return value
    raise ValueError("not a plain value")


def _float(tree: dict[str, Any], arrays: list[np.ndarray], depth: int) -> float:
    text = tree["float"]
    if not isinstance(text, str) or len(text) > 40:
        raise ValueError("not a float")
    return float(text)


def _items(tree: dict[str, Any], arrays: list[np.ndarray], depth: int) -> Any:
    kind, items = next((k, tree[k]) for k in ("tuple", "list") if k in tree)
    if not isinstance(items, list) or len(items) > _MAX_ITEMS:
        raise ValueError("not a list")
    values = [decode(item, arrays, depth + 1) for item in items]
    return tuple(values) if kind == "tuple" else values


def _array(tree: dict[str, Any], arrays: list[np.ndarray], depth: int) -> np.ndarray:
    return arrays[_index(tree["array"])]


def _number(tree: dict[str, Any], arrays: list[np.ndarray], depth: int) -> Any:
    return arrays[_index(tree["number"])][()]


def _index(k: Any) -> int:
    if not isinstance(k, int) or k < 0:
        raise ValueError("not an index")
    return k


def _tensor(tree: dict[str, Any], arrays: list[np.ndarray], depth: int) -> Any:
    array = arrays[_index(tree["tensor"])]
    torch: Any = sys.modules.get("torch")
    if torch is None:  # whoever does not use torch needs only know that this was a tensor
        return _stand_in("Tensor", "torch")
    tensor, tracked = torch.from_numpy(array), tree.get("grad") is True and array.dtype.kind in "fc"
    return tensor.requires_grad_() if tracked else tensor


def _odd(tree: dict[str, Any], arrays: list[np.ndarray], depth: int) -> np.ndarray:
    shape = tree["shape"]
    if (
        tree["odd"] not in tuple("OUSMmV")
        or len(shape) > 32
        or math.prod(map(_index, shape)) > _MAX_ITEMS
    ):
        raise ValueError("an array too odd to describe")
    return np.zeros(shape, dtype=tree["odd"])


def _foreign(tree: dict[str, Any], arrays: list[np.ndarray], depth: int) -> object:
    return _stand_in(str(tree["foreign"])[:100])


def _stand_in(name: str, module: str = "") -> object:
    """Return an object that is nothing but its type's name."""
    printable = "".join(letter for letter in name if letter.isprintable())
    thing: object = type(printable or "object", (), {"__module__": module})()
    return thing


_READERS: dict[str, Callable[[dict[str, Any], list[np.ndarray], int], Any]] = {
    "plain": _plain,
    "large": lambda tree, arrays, depth: math.copysign(math.inf, 1 if tree["large"] else -1),
    "float": _float,
    "generator": lambda tree, arrays, depth: (item for item in list[Any]()),
    "tuple": _items,
    "list": _items,
    "array": _array,
    "number": _number,
    "tensor": _tensor,
    "odd": _odd,
    "foreign": _foreign,
}
