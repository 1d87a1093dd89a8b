"""Run an answer on the cases of its task and find out what, if anything, is wrong with it."""

import re
from collections.abc import Callable, Sequence
from inspect import signature
from typing import Any
from zlib import crc32

import numpy as np

from coursekit.study.calling import Called, Raised, call, last_line, own_frames, own_trace
from coursekit.study.findings import find_fault, how_accurate, outcome, predicted_classes
from coursekit.study.probing import UnfitError, probe
from coursekit.study.task import Case, Misconception, Task
from coursekit.study.verdict import NOT_ATTEMPTED, NOT_USABLE, PASSED, RAISED, Verdict

PUBLIC_SEED = 0


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
    cases, names = draw_cases(task, seed), argument_names(task)
    calls: list[Called] = []
    for case in cases:
        raised = any(one.raised for one in calls)
        trace = (
            own_trace if raised else learner_trace
        )  # only the first is shown, and IPython's is slow
        function = probe(task.graded_by, answer, case.given, task.returns)
        calls.append(call(function, case.args, case.options, names, trace))
        if (error := calls[-1].raised) and error.is_a(KeyboardInterrupt):
            break  # whoever stops an answer does not want to stop it again in each case
    return judge(task, cases, calls)


def judge(
    task: Task,
    cases: Sequence[Case],
    calls: Sequence[Called],
    lost: tuple[str, str] = (RAISED, "your code was stopped."),
) -> Verdict:
    """Return the verdict on what the calls of an answer came to.

    Args:
        task: the exercise.
        cases: the calls that were meant.
        calls: what came of them, in the same order; the last ones are missing where a call did not come back.
        lost: the status and the sentence for the first call that is missing.
    """
    assert task.reference is not None
    trains = (
        task.graded_by == "accuracy"
    )  # then there is no one right answer, and no need to train again
    expected = [None if trains else outcome(task, case, task.reference) for case in cases]
    if calls and calls[0].raised and calls[0].raised.is_a(NotImplementedError):
        return Verdict(task, NOT_ATTEMPTED, _how_to_start(task))
    faults = [_fault(task, *each) for each in zip(cases, calls, expected, strict=False)]
    if len(calls) < len(cases):
        faults.append(lost)
    passed = faults.count(None)
    if passed == len(cases):
        said = [f"{_capital(how_accurate(calls[0].value, cases[0].kept)[1])}"] if trains else []
        said.append("These are the checks you can see; grading draws other inputs.")
        return Verdict(task, PASSED, tuple(said), passed, passed)
    first = next(i for i, fault in enumerate(faults) if fault)
    status, sentence = faults[first] or ("", "")
    where = f"Case {first + 1} of {len(cases)}"
    label = f" ({cases[first].label})" if cases[first].label else ""
    sentences = [f"{where}{label}: {sentence}"]
    known = _recognize(task, cases, calls)
    if known:
        sentences.append(known.sentence)
    elif status not in (RAISED, lost[0]):
        sentences.append(f'`hint("{task.id}")` gives you a hint.')
    raised = calls[first].raised if first < len(calls) else None
    trace = raised.trace if raised and not raised.is_a(UnfitError) else ""
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


def argument_names(task: Task) -> list[str]:
    """Return what the arguments of a task are called."""
    assert task.reference is not None
    return list(signature(task.reference).parameters)


def _fault(task: Task, case: Case, one: Called, right: Any) -> tuple[str, str] | None:
    """Return (status, sentence) for a call that went wrong, None for one that did not."""
    if one.raised and one.raised.is_a(UnfitError):
        return NOT_USABLE, _unfit(one.raised)
    if one.raised:
        return RAISED, _what_was_raised(task, one.raised)
    found = find_fault(task, case, one.value, right)
    if one.changed:
        copied = f"{one.changed}.{'clone' if task.uses_torch else 'copy'}()"
        return "changed its input", (
            f"your function wrote into its argument {one.changed}; the caller still needs it, so work on a "
            f"copy: `{copied}`."
        )
    return (found.kind, found.sentence) if found else None


def _unfit(raised: Raised) -> str:
    return raised.text.partition(f"{UnfitError.__name__}: ")[
        2
    ]  # without the module, which the sandbox names otherwise


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _what_was_raised(task: Task, raised: Raised) -> str:
    if raised.is_a(KeyboardInterrupt):
        return "you stopped it; the traceback shows where it was."
    if raised.is_a(NotImplementedError):
        return "part of it is not written yet (it raises NotImplementedError)."
    if sizes := re.search(r"gufunc signature.*size (\d+) is different from (\d+)", raised.text):
        return (
            f"`@` adds up along the last axis on its left and the first (of a batch: the last but one) on its "
            f"right, and met {sizes[2]} and {sizes[1]} entries there. Print both shapes just before: is one "
            "array transposed, or a window cut short by an end?"
        )
    if "before Module.__init__() call" in raised.text:
        return (
            "your class sets a layer before torch is ready for it: make `super().__init__()` the first line of "
            "__init__."
        )
    if not raised.within:
        called = f"{task.name}({', '.join(argument_names(task))})"
        return f"your function cannot be called as `{called}`: {raised.text}"
    return f"your code raised {raised.text}"


def _recognize(task: Task, cases: Sequence[Case], calls: Sequence[Called]) -> Misconception | None:
    """Return the misconception that does what the answer did in every case, None if none does.

    Where the answer raised, the misconception must raise as well, an error of the same kind; a RuntimeError, which
    torch raises for everything, must say the same too.
    """
    if len(calls) < len(cases):
        return None
    if any(one.raised and one.raised.is_a(KeyboardInterrupt, NameError) for one in calls):
        return None  # stopped, or a word mistyped: no idea about the subject
    for known in task.misconceptions:
        if all(
            _does_the_same(task, known, case, one) for case, one in zip(cases, calls, strict=True)
        ):
            return known
    return None


def _does_the_same(task: Task, known: Misconception, case: Case, one: Called) -> bool:
    if known.symptom is not None:
        return _has_symptom(known.symptom, case, one)
    try:
        mistake = outcome(task, case, known.wrong)
    except UnfitError as error:
        return (
            one.raised is not None
            and one.raised.is_a(UnfitError)
            and _unfit(one.raised) == str(error)
        )
    except Exception as error:
        return one.raised is not None and _is_the_same(one.raised, error)
    if one.raised:
        return False
    return find_fault(task, case, one.value, mistake, equal_nan=True) is None


def _is_the_same(raised: Raised, error: Exception) -> bool:
    if raised.kinds[0] != type(error).__name__:
        return False
    if type(error) is not RuntimeError:
        return True
    said, meant = (text.partition("\n")[0].rstrip() for text in (raised.text, last_line(error)))
    return said == meant


def _has_symptom(
    symptom: Callable[[np.ndarray, np.ndarray], bool], case: Case, one: Called
) -> bool:
    labels = np.asarray(case.kept["labels"])
    predicted = None if one.raised else predicted_classes(one.value, labels)
    return predicted is not None and bool(symptom(predicted, labels))


def learner_trace(error: BaseException) -> str:
    """Format an error with the learner's frames only, as IPython would where it runs."""
    try:
        from IPython import get_ipython
    except ImportError:
        shell = None
    else:
        shell = get_ipython()
    if shell is None:
        return own_trace(error)
    lines: list[str] = shell.InteractiveTB.structured_traceback(
        type(error), error, own_frames(error)
    )
    return "\n".join(lines)
