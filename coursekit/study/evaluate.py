"""Run an answer on the cases of its task and find out what, if anything, is wrong with it."""

import copy
import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from types import TracebackType
from typing import Any
from zlib import crc32

import numpy as np

from coursekit.study.compare import difference
from coursekit.study.task import Case, Misconception, Task
from coursekit.study.verdict import NOT_ATTEMPTED, PASSED, RAISED, Verdict

PUBLIC_SEED = 0
_PACKAGE = str(Path(__file__).resolve().parent.parent)


@dataclass(frozen=True)
class Outcome:
    """What one call came to: a value or an exception, and whether the arguments survived it."""

    case: Case
    value: Any = None
    error: BaseException | None = None
    changed: str = ""  # name of the argument that the call wrote into


def draw_cases(task: Task, seed: int) -> list[Case]:
    """Draw the task's cases; the same seed gives the same cases on every machine."""
    assert task.cases is not None
    return task.cases(np.random.default_rng([seed, crc32(task.id.encode())]))


def evaluate(task: Task, answer: Any, seed: int = PUBLIC_SEED) -> Verdict:
    """Return the verdict on an answer.

    Args:
        task: the exercise.
        answer: what the learner wrote, a function.
        seed: of the cases.
    """
    if task.kind == "written":
        return Verdict(task, "written", ("This answer is read by a person, not by a program.",))
    problem = _not_checkable(task, answer)
    if problem:
        return Verdict(task, "not checkable", (problem,))
    assert task.reference is not None
    cases = draw_cases(task, seed)
    expected = [task.reference(*copy.deepcopy(case.args), **case.options) for case in cases]
    outcomes = [_call(task, answer, case) for case in cases]
    if isinstance(outcomes[0].error, NotImplementedError):
        return Verdict(task, NOT_ATTEMPTED, _how_to_start(task))
    faults = [
        _fault(task, outcome, right) for outcome, right in zip(outcomes, expected, strict=True)
    ]
    passed = faults.count(None)
    if passed == len(cases):
        return Verdict(
            task,
            PASSED,
            ("These are the checks you can see; grading draws other inputs.",),
            passed,
            passed,
        )
    first = next(i for i, fault in enumerate(faults) if fault)
    status, sentence = faults[first] or ("", "")
    where = f"Case {first + 1} of {len(cases)}"
    label = f" ({cases[first].label})" if cases[first].label else ""
    sentences = [f"{where}{label}: {sentence}"]
    known = _recognize(task, outcomes)
    if known:
        sentences.append(known.sentence)
    elif status != RAISED:
        sentences.append(f'`hint("{task.id}")` gives you a hint.')
    trace = learner_trace(outcomes[first].error) if status == RAISED else ""
    return Verdict(task, status, tuple(sentences), passed, len(cases), known, trace)


def _not_checkable(task: Task, answer: Any) -> str | None:
    if not callable(answer):
        kind = "NumPy array" if isinstance(answer, np.ndarray) else type(answer).__name__
        return (
            f"The check got a {kind}, expected the function itself: write "
            f'`check("{task.id}", {task.name})`, without parentheses after the name.'
        )
    if str(getattr(answer, "__module__", "")).startswith("coursekit.") or answer is task.reference:
        return f"This is the course's own function; write `{task.name}` yourself and check that."
    return None


def _how_to_start(task: Task) -> tuple[str, ...]:
    return (
        f"Replace the lines from YOUR CODE HERE on with your own `{task.name}`, run that cell, then this one.",
        f'`hint("{task.id}")` gives you a hint.',
    )


def _call(task: Task, answer: Callable[..., Any], case: Case) -> Outcome:
    args, options = copy.deepcopy(case.args), copy.deepcopy(dict(case.options))
    try:
        value = answer(*args, **options)
    except KeyboardInterrupt as error:
        # the learner stopped an endless loop: where it was going round is what helps now
        return Outcome(case, error=error)
    except Exception as error:
        return Outcome(case, error=error)
    names = _argument_names(task)
    for name, before, after in zip(names, case.args, args, strict=False):
        if isinstance(before, np.ndarray) and not np.array_equal(before, after, equal_nan=True):
            return Outcome(case, value=value, changed=name)
    return Outcome(case, value=value)


def _argument_names(task: Task) -> list[str]:
    assert task.reference is not None
    return list(signature(task.reference).parameters)


def _fault(task: Task, outcome: Outcome, right: Any) -> tuple[str, str] | None:
    """Return (status, sentence) for a call that went wrong, None for one that did not."""
    if outcome.error is not None:
        return RAISED, _what_was_raised(task, outcome)
    found = difference(outcome.value, right, task.returns, task.rtol, task.atol)
    if outcome.changed:
        return "changed its input", (
            f"your function wrote into its argument {outcome.changed}; the caller still needs it, so work on a "
            f"copy: `{outcome.changed}.copy()`."
        )
    return (found.kind, found.sentence) if found else None


def _what_was_raised(task: Task, outcome: Outcome) -> str:
    error = outcome.error
    if isinstance(error, KeyboardInterrupt):
        return "you stopped it; the traceback shows where it was."
    if isinstance(error, NotImplementedError):
        return "part of it is not written yet (it raises NotImplementedError)."
    text = traceback.format_exception_only(type(error), error)[-1].strip()
    if sizes := re.search(r"gufunc signature.*size (\d+) is different from (\d+)", text):
        return (
            f"`@` adds up along the last axis on its left and the first (of a batch: the last but one) on its "
            f"right, and met {sizes[2]} and {sizes[1]} entries there. Print both shapes just before: is one "
            "array transposed, or a window cut short by an end?"
        )
    if not _own_frames(error):
        call = f"{task.name}({', '.join(_argument_names(task))})"
        return f"your function cannot be called as `{call}`: {text}"
    return f"your code raised {text}"


def _recognize(task: Task, outcomes: list[Outcome]) -> Misconception | None:
    """Return the misconception that does what the answer did in every case, None if none does.

    Where the answer raised, the misconception must raise as well, an error of the same kind.
    """
    if any(isinstance(outcome.error, (KeyboardInterrupt, NameError)) for outcome in outcomes):
        return None  # stopped, or a word mistyped: no idea about the subject
    for known in task.misconceptions:
        if all(_does_the_same(task, known, outcome) for outcome in outcomes):
            return known
    return None


def _does_the_same(task: Task, known: Misconception, outcome: Outcome) -> bool:
    try:
        mistake = known.wrong(*copy.deepcopy(outcome.case.args), **outcome.case.options)
    except Exception as error:
        return type(error) is type(outcome.error)
    if outcome.error is not None:
        return False
    found = difference(outcome.value, mistake, task.returns, task.rtol, task.atol, equal_nan=True)
    return found is None


def learner_trace(error: BaseException | None) -> str:
    """Format an exception with the learner's frames only, as IPython would where it runs."""
    if error is None:
        return ""
    own = _own_frames(error)
    try:
        from IPython import get_ipython
    except ImportError:
        shell = None
    else:
        shell = get_ipython()
    if shell is None:
        return "".join(traceback.format_exception(type(error), error, own))
    lines: list[str] = shell.InteractiveTB.structured_traceback(type(error), error, own)
    return "\n".join(lines)


def _own_frames(error: BaseException | None) -> TracebackType | None:
    """Drop the frames of this package that led to the learner's code."""
    frames = error.__traceback__ if error else None
    while frames and frames.tb_frame.f_code.co_filename.startswith(_PACKAGE):
        frames = frames.tb_next
    return frames
