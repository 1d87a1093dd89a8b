"""Call an answer on the arguments of one case and note what came of it.

The grader copies this file into its sandbox, so it stands on nothing but the standard library and NumPy.
"""

import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

_equal = np.array_equal  # this one, whatever an answer puts in its place
_PROBING = str(Path(__file__).with_name("probing.py"))
_TORCH_CALL = str(Path("torch", "nn", "modules", "module.py"))


@dataclass(frozen=True)
class Raised:
    """An error that a call ended in.

    Args:
        kinds: names of its class and of all it derives from, the class itself first.
        text: what Python's last line of a traceback says.
        within: whether it came up within the answer; False where the call itself was refused.
        trace: the traceback, without the lines of the course that led there.
    """

    kinds: tuple[str, ...]
    text: str
    within: bool
    trace: str = ""

    def is_a(self, *kinds: type[BaseException]) -> bool:
        """Tell whether an ``except`` with these classes would have caught it."""
        return any(kind.__name__ in self.kinds for kind in kinds)


@dataclass(frozen=True)
class Called:
    """What one call came to: a value or an error, and whether the arguments survived it."""

    value: Any = None
    raised: Raised | None = None
    changed: str = ""  # name of the argument that the call wrote into


def call(
    answer: Callable[..., Any],
    args: Sequence[Any],
    options: Mapping[str, Any],
    names: Sequence[str],
    trace: Callable[[BaseException], str] | None = None,
) -> Called:
    """Call an answer on copies of the arguments.

    Args:
        answer: what the learner wrote.
        args: positional arguments.
        options: keyword arguments.
        names: what the positional arguments are called.
        trace: makes the traceback of an error, `own_trace` if None.
    """
    given, said = deepcopy(tuple(args)), deepcopy(dict(options))
    try:
        value = answer(*given, **said)
    except BaseException as error:
        # KeyboardInterrupt too: the learner stopped an endless loop, and where it was going round helps now
        text = last_line(error)
        kinds = tuple(kind.__name__ for kind in type(error).__mro__)
        within = own_frames(error) is not None
        return Called(raised=Raised(kinds, text, within, (trace or own_trace)(error)))
    for name, before, after in zip(names, args, given, strict=False):
        if _is_array(before) and not _same(before, after):
            return Called(value, changed=name)
    return Called(value)


def _is_array(thing: Any) -> bool:
    # where nobody has imported torch, nothing is a tensor; where grading hides it, its names are no types
    tensor: Any = getattr(sys.modules.get("torch"), "Tensor", None)
    return isinstance(thing, np.ndarray) or (isinstance(tensor, type) and isinstance(thing, tensor))


def _same(before: Any, after: Any) -> bool:
    if isinstance(before, np.ndarray):
        return _equal(before, after, equal_nan=True)
    try:
        return _equal(before.detach().numpy(), after.detach().numpy(), equal_nan=True)
    except Exception:
        return True  # the answer bent torch itself; what it returned will tell


def last_line(error: BaseException) -> str:
    """Return what Python's last line of a traceback says of an error."""
    return traceback.format_exception_only(type(error), error)[-1].strip()


def own_trace(error: BaseException) -> str:
    """Format an error with the learner's frames only."""
    return "".join(traceback.format_exception(type(error), error, own_frames(error)))


def own_frames(error: BaseException) -> TracebackType | None:
    """Drop the frames that led to the learner's code: the course's, and torch's between a module and its forward."""
    frames = error.__traceback__
    while frames and frames.tb_frame.f_code.co_filename in (__file__, _PROBING):
        frames = frames.tb_next
    inner = frames
    while inner and inner.tb_frame.f_code.co_filename.endswith(_TORCH_CALL):
        inner = inner.tb_next
    return inner or frames
