"""Judge what came of probing a module or a training run: structure, numbers, accuracy, each in one sentence.

What is judged here may come out of a sandbox, so nothing of it is taken for what it says to be.
"""

import copy
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from coursekit.study.compare import Difference, difference
from coursekit.study.probing import probe, squeezed
from coursekit.study.task import Case, Task

_LINE = re.compile(r"(\S{1,300}) (\w{1,100})((?: \d{1,12}){0,8})")
_MOST_NAMES = 4
_UNREADABLE = Difference(
    "not usable", "what came back is not what a run of your module looks like."
)


def outcome(task: Task, case: Case, answer: Any) -> Any:
    """Return what a function of the course's own gives in a case: the reference, or a misconception."""
    function = probe(task.graded_by, answer, case.given, task.returns)
    return function(*copy.deepcopy(case.args), **case.options)


def find_fault(
    task: Task, case: Case, given: Any, expected: Any, *, equal_nan: bool = False
) -> Difference | None:
    """Return what is wrong with the outcome of one case, None if nothing is.

    Args:
        task: the exercise.
        case: the call.
        given: what came of the learner's code.
        expected: what came of the reference; for a training run nothing.
        equal_nan: whether NaN agrees with NaN.
    """
    if task.graded_by == "accuracy":
        return _accuracy_fault(given, case.kept)
    if task.graded_by == "module":
        return _module_fault(task, given, expected, equal_nan)
    return difference(given, expected, task.returns, task.rtol, task.atol, equal_nan=equal_nan)


# --- modules --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Parameter:
    """What a module's report says about one of its parameters."""

    name: str
    owner: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Report:
    """The outcome of a module, as `probing.py` writes it."""

    values: Sequence[Any]
    parameters: tuple[Parameter, ...]
    unused: tuple[str, ...]
    unseen: tuple[tuple[str, str], ...]
    alone: bool | None

    @property
    def shapes(self) -> Counter[tuple[int, ...]]:
        """How many parameters there are of each shape."""
        return Counter(squeezed(one.shape) for one in self.parameters)

    @property
    def unused_shapes(self) -> Counter[tuple[int, ...]]:
        """How many parameters of each shape the output does not depend on."""
        return Counter(squeezed(one.shape) for one in self.parameters if one.name in self.unused)


def read_report(said: Any) -> Report | None:
    """Return what a report says, None if it is none."""
    try:
        values, lines, unused, unseen, alone = said
        matches = [_LINE.fullmatch(line) for line in lines]
        if not isinstance(values, list) or alone not in (True, False, None):
            return None
        parameters = tuple(
            Parameter(found[1], found[2], tuple(map(int, found[3].split())))
            for found in matches
            if found is not None
        )
        pairs = tuple((name, kind) for name, kind in (one.split(" ") for one in unseen))
        report = Report(values, parameters, tuple(map(str, unused)), pairs, alone)
    except (TypeError, ValueError, AttributeError):
        return None
    return report if len(parameters) == len(matches) else None


def _module_fault(task: Task, given: Any, expected: Any, equal_nan: bool) -> Difference | None:
    one, right = read_report(given), read_report(expected)
    if one is None or right is None or len(one.values) != len(right.values):
        return _UNREADABLE
    if set(task.returns) != {
        "parameters"
    }:  # where only their number is asked for, any layout will do
        if one.shapes != right.shapes:
            return Difference("wrong parameters", _how_parameters_differ(one, right))
        if one.unused_shapes != right.unused_shapes:
            return Difference("wrong parameters", _what_is_unused(one))
    for name, value, wanted in zip(task.returns, one.values, right.values, strict=True):
        if name == "parameters":
            if type(value) is not int or value != wanted:
                count = f"{value:,}" if type(value) is int else "no number of"
                said = f"your module has {count} parameters, expected {wanted:,}."
                return Difference("wrong parameters", said + _why(one, right))
            continue
        found = difference(value, wanted, (name,), task.rtol, task.atol, equal_nan=equal_nan)
        if found:
            return Difference(found.kind, found.sentence + _not_alone(one, right))
    return None


def _how_parameters_differ(one: Report, right: Report) -> str:
    more, less = one.shapes - right.shapes, right.shapes - one.shapes
    have, want = len(one.parameters), len(right.parameters)
    said = f"your module has {_count(have, 'parameter tensor')}"
    said += ", as many as expected, but: " if have == want else f", {want} were expected: "
    parts = []
    if more:
        names = [p.name for p in one.parameters if squeezed(p.shape) in more]
        shown = ", ".join(names[:_MOST_NAMES]) + (" ..." if len(names) > _MOST_NAMES else "")
        parts.append(f"too many of shape {_shapes(more)} (you have {shown})")
    if less:
        parts.append(f"missing of shape {_shapes(less)}")
    return said + ", ".join(parts) + "." + _why(one, right)


def _why(one: Report, right: Report) -> str:
    """Return what may be the reason for parameters that are missing or too many."""
    missing = sum((right.shapes - one.shapes).values()) or not one.parameters
    if missing and one.unseen:
        name, kind = one.unseen[0]
        if kind == "tensor":
            return f" torch does not know of `self.{name}`: make it an nn.Parameter."
        return (
            f" `self.{name}` is a plain {kind}, and torch does not see the layers in it: use "
            f"nn.{'ModuleDict' if kind == 'dict' else 'ModuleList'}."
        )
    more = one.shapes - right.shapes
    biases = [p for p in one.parameters if p.name.endswith("bias") and p.owner.startswith("Conv")]
    normalized = any("BatchNorm" in p.owner for p in one.parameters)
    if more and normalized and more <= Counter(squeezed(p.shape) for p in biases):
        return (
            " Do your convolutions have a bias? Batch normalization takes any bias before it away again: "
            "`bias=False`."
        )
    return ""


def _what_is_unused(one: Report) -> str:
    if len(one.unused) == len(one.parameters) and one.parameters:
        return (
            "no gradient comes from the output back to your parameters: are they cut off by no_grad, detach or "
            ".data, or not used at all?"
        )
    if not one.unused:
        return "the output depends on a parameter on which it should not depend."
    names = ", ".join(one.unused[:_MOST_NAMES])
    return (
        f"the output does not depend on {names}: is another layer used twice in its place, or its result "
        "forgotten?"
    )


def _not_alone(one: Report, right: Report) -> str:
    if one.alone is False and right.alone is not False:
        return (
            " In evaluation mode, what your module says about an image depends on the other images, or on chance: "
            "is a part of it still in training mode?"
        )
    return ""


def _shapes(shapes: Counter[tuple[int, ...]]) -> str:
    said = [f"{shape}" + (f" ({n} of them)" if n > 1 else "") for shape, n in shapes.items()]
    return ", ".join(said[:_MOST_NAMES]) + (" ..." if len(said) > _MOST_NAMES else "")


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}" if n else f"no {what}s"


# --- training runs --------------------------------------------------------------------------------------------


def predicted_classes(given: Any, labels: np.ndarray) -> np.ndarray | None:
    """Return the class that was predicted for each image, None if that cannot be read off.

    Args:
        given: class numbers (N,), or scores (N, K), of which the largest counts.
        labels: the right ones (N,).
    """
    if not isinstance(given, np.ndarray) or given.dtype.kind not in "biuf":
        return None
    array = np.array(given.view(np.ndarray))
    if array.ndim == 2 and array.shape[1] > 1:
        array = array.argmax(1)
    return array.reshape(len(array)) if array.size == array.shape[0] == len(labels) else None


def how_accurate(given: Any, kept: Mapping[str, Any]) -> tuple[float, str]:
    """Return the accuracy of predictions, and the sentence that says it; NaN where there is none."""
    labels, wanted = np.asarray(kept["labels"]), float(kept["at_least"])
    predicted = predicted_classes(given, labels)
    if predicted is None:
        shape = given.shape if isinstance(given, np.ndarray) else type(given).__name__
        n = len(labels)
        return float("nan"), (
            f"your predictions have shape {shape}, expected one class for each of {n} test images, ({n},), or "
            f"scores, ({n}, classes)."
        )
    accuracy = float(np.mean(predicted == labels))
    return accuracy, (
        f"accuracy {accuracy:.3f} on {len(labels)} images it had not seen; at least {wanted:.3f} was asked for."
    )


def _accuracy_fault(given: Any, kept: Mapping[str, Any]) -> Difference | None:
    accuracy, sentence = how_accurate(given, kept)
    if np.isnan(accuracy):
        return Difference("wrong shape", sentence)
    return None if accuracy >= kept["at_least"] else Difference("accuracy too low", sentence)
