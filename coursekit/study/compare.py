"""Hold what a learner returned against what was expected, and say in one sentence how they differ."""

import sys
import types
from dataclasses import dataclass
from typing import Any

import numpy as np

_MOST_WHOLE = 10**15  # whole numbers up to here are shown in full


@dataclass(frozen=True)
class Difference:
    """How an answer differs from the expected one.

    Args:
        kind: ``"wrong type"``, ``"wrong shape"`` or ``"wrong value"``.
        sentence: what was given and what was expected.
    """

    kind: str
    sentence: str


def difference(
    given: Any,
    expected: Any,
    names: tuple[str, ...],
    rtol: float,
    atol: float,
    *,
    equal_nan: bool = False,
) -> Difference | None:
    """Return the first difference between what was given and what was expected, None where they agree.

    Args:
        given: what the learner's function returned.
        expected: what the reference returned: a number, an array, or a tuple of them.
        names: what to call the parts of the answer.
        rtol: largest difference that passes, relative to the expected value.
        atol: largest difference that passes next to zero.
        equal_nan: whether NaN agrees with NaN; a right answer holds none, but a mistake may.
    """
    if not isinstance(expected, tuple):
        return _difference_of_one(given, expected, names[0], rtol, atol, equal_nan)
    if not isinstance(given, (tuple, list)) or len(given) != len(expected):
        count = f"{len(given)} values" if isinstance(given, (tuple, list)) else _a(given)
        return Difference(
            "wrong type",
            f"your function returned {count}, expected {len(expected)} values: {', '.join(names)}.",
        )
    for k, (one, right) in enumerate(zip(given, expected, strict=True)):
        # a misconception may return more values than the task has names for
        name = names[k] if k < len(names) else f"value {k + 1}"
        found = _difference_of_one(one, right, name, rtol, atol, equal_nan)
        if found:
            return found
    return None


def _difference_of_one(
    given: Any, expected: Any, name: str, rtol: float, atol: float, equal_nan: bool
) -> Difference | None:
    if _is_tensor(expected) and _is_tensor(given):
        given, expected = _as_array(given), _as_array(expected)
    elif _is_tensor(expected):
        return Difference("wrong type", f"{name} is {_a(given)}, expected a torch tensor.")
    right = np.asarray(expected)
    problem = _unusable(given, right, name)
    if problem:
        return Difference("wrong type", problem)
    # a plain copy: a subclass of ndarray may bring its own idea of equality
    array = np.array(given.view(np.ndarray) if isinstance(given, np.ndarray) else given)
    if array.shape != right.shape:
        return Difference("wrong shape", f"{name} has shape {array.shape}, expected {right.shape}.")
    if array.dtype.kind == "f" and right.dtype.kind in "iu":
        if array.shape:
            said = f"holds {array.dtype}, expected whole numbers: make the array with dtype=int."
        else:
            said = (
                f"is {_show(array)}, a floating-point number, expected a whole one: divide with //."
            )
        return Difference("wrong type", f"{name} {said}")
    if array.dtype.kind not in "iuf":
        return Difference("wrong type", f"{name} holds {array.dtype}, expected {right.dtype}.")
    wrong = ~np.isclose(array, right, rtol=rtol, atol=atol, equal_nan=equal_nan)
    if not wrong.any():
        return None
    # a single whole number is a wrong value like any other; an array of them was filled with numbers cut off
    if array.ndim and array.dtype.kind in "iu" and np.any(right[wrong] != np.round(right[wrong])):
        return Difference(
            "wrong type",
            f"{name} holds {array.dtype}, which cuts off fractions, expected {right.dtype}: did you fill an array "
            "of integers?",
        )
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    place = f"{name}[{', '.join(map(str, index))}]" if index else name
    if np.isnan(array[index]):
        return Difference(
            "wrong value", f"{place} is NaN (not a number), expected {_show(right[index])}."
        )
    one, other = _show(array[index]), _show(right[index])
    if one == other:  # they differ behind the digits that are shown
        one, other = f"{float(array[index]):.12g}", f"{float(right[index]):.12g}"
    return Difference("wrong value", f"{place} is {one}, expected {other}.")


def _unusable(given: Any, right: np.ndarray, name: str) -> str | None:
    """Say why something cannot be compared as an array at all, and what to do."""
    if given is None:
        return "your function returned None: is its return line missing?"
    if isinstance(given, types.GeneratorType):
        return "your function returned a generator, which has not computed anything yet: put the values in an array."
    if _is_tensor(given) or _stands_for_a_tensor(given):
        return f"{name} is a torch tensor, expected a NumPy array: this task is about writing it in NumPy."
    if isinstance(given, np.ndarray):
        return None
    if isinstance(given, (bool, int, float, np.number, np.bool)):
        if right.shape == ():
            return None
        return (
            f"{name} is the single number {_show(given)}, expected an array of shape {right.shape}."
        )
    wanted = "a number" if right.shape == () else "a NumPy array"
    advice = (
        ": make it one with np.array(...)"
        if isinstance(given, (list, tuple)) and right.shape
        else ""
    )
    return f"{name} is {_a(given)}, expected {wanted}{advice}."


def _is_tensor(thing: Any) -> bool:
    tensor: Any = getattr(sys.modules.get("torch"), "Tensor", None)  # not imported: no tensors
    return isinstance(tensor, type) and isinstance(thing, tensor)


def _stands_for_a_tensor(thing: Any) -> bool:
    """Tell whether something is what came of a tensor on its way into a process without torch."""
    return (type(thing).__module__, type(thing).__name__) == ("torch", "Tensor")


def _as_array(tensor: Any) -> np.ndarray:
    dense = tensor.detach().to_dense()  # the same where it was dense
    try:
        array: np.ndarray = dense.numpy(force=True)
    except TypeError:  # a type that NumPy does not have, such as bfloat16
        array = dense.float().numpy(force=True)
    return array


def _a(thing: Any) -> str:
    """Name a thing by its type: "a list", "an ndarray", "None"."""
    if thing is None:
        return "None"
    kind = "NumPy array" if isinstance(thing, np.ndarray) else type(thing).__name__
    return f"{'an' if kind[0] in 'aeiouAEIOU' else 'a'} {kind}"


def _show(number: Any) -> str:
    if isinstance(number, np.complexfloating):
        return f"{complex(number):.6g}"
    value = float(number)
    if value.is_integer() and abs(value) < _MOST_WHOLE:
        return f"{int(value)}"  # a count is read digit by digit, not as 1.39e+06
    return f"{value:.6g}"
