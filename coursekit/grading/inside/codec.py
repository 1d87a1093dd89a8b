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
        stream, arrays = io.BytesIO(blob), []
        while stream.tell() < len(blob):
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


def encode(value: Any, arrays: list[np.ndarray], depth: int = 0) -> Any:
    """Return a value as a tree of JSON; its arrays are appended to ``arrays``."""
    kind = type(value)
    if value is None or kind in (bool, str):
        return {"plain": value if kind is not str else value[:1000]}
    if kind is int:
        return {"plain": value} if abs(value) < _WHOLE_LIMIT else {"large": value > 0}
    if kind is float:
        return {"float": repr(value)}
    if isinstance(value, types.GeneratorType):
        return {"generator": True}
    if kind in (tuple, list) and depth < _MAX_DEPTH and len(value) <= _MAX_ITEMS:
        return {kind.__name__: [encode(item, arrays, depth + 1) for item in value]}
    torch: Any = sys.modules.get("torch")
    tensor = getattr(torch, "Tensor", None)
    if isinstance(tensor, type) and isinstance(value, tensor):
        held: Any = value
        plain = held.detach().cpu().as_subclass(tensor).numpy()
        arrays.append(np.ascontiguousarray(plain).reshape(plain.shape))
        return {"tensor": len(arrays) - 1}
    if isinstance(value, np.ndarray | np.generic):
        # a plain copy: a subclass of ndarray may bring its own idea of what it holds
        plain = np.array(value.view(np.ndarray) if isinstance(value, np.ndarray) else value)
        if plain.dtype.kind not in _PLAIN:
            return {"odd": plain.dtype.kind, "shape": list(plain.shape)}
        arrays.append(plain)
        return {"array" if isinstance(value, np.ndarray) else "number": len(arrays) - 1}
    return {"foreign": str(kind.__name__)[:100], "module": str(kind.__module__)[:100]}


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
    array, torch = arrays[_index(tree["tensor"])], sys.modules.get("torch")
    # whoever does not use torch needs only know that this was a tensor
    return torch.from_numpy(array) if torch is not None else _stand_in("Tensor", "torch")


def _odd(tree: dict[str, Any], arrays: list[np.ndarray], depth: int) -> np.ndarray:
    shape = tree["shape"]
    if tree["odd"] not in "OUSMm" or len(shape) > 32 or math.prod(map(_index, shape)) > _MAX_ITEMS:
        raise ValueError("an array too odd to describe")
    return np.zeros(shape, dtype=tree["odd"])


def _foreign(tree: dict[str, Any], arrays: list[np.ndarray], depth: int) -> object:
    return _stand_in(str(tree["foreign"])[:100], str(tree["module"])[:100])


def _stand_in(name: str, module: str) -> object:
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
