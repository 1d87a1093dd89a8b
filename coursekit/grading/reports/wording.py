"""What a student reads about a submission and its answers, apart from the sentences of the check itself."""

from coursekit.grading.reports.kinds import STOPPED, UNREAD, UNTOUCHED, WORDS
from coursekit.grading.reports.points import is_written
from coursekit.grading.result import (
    CRASHED,
    GRADED,
    MISSING,
    NOT_DEFINED,
    NOT_YOUR_OWN,
    TIMED_OUT,
    UNREADABLE,
    TaskResult,
)
from coursekit.study.verdict import NOT_ATTEMPTED

WHAT_HAPPENED = {
    GRADED: "Your submission was graded.",
    TIMED_OUT: "Some of your code was still running when its time was up, so it was stopped there.",
    CRASHED: "Some of your code ended the process that ran it, before it could answer.",
    UNREADABLE: "What you handed in could not be read as a notebook, so none of it was run.",
    MISSING: "No notebook of yours was found, so there was nothing to grade.",
}
_TRY = (
    "In JupyterLab, choose Kernel, then Restart Kernel and Run All Cells. When the notebook reaches its end, ask "
    "your teacher whether you may hand it in again."
)
_NO_ZERO = "This is not a zero: no points were decided."
WHAT_TO_DO: dict[str, tuple[str, ...]] = {
    GRADED: (),
    TIMED_OUT: (
        "What had finished keeps its points. Look at the task marked “timed out”: does a loop never end, or do "
        "far more than it needs to?",
        f"{_TRY} Ask as well if you think that your answer is right and only slow.",
    ),
    CRASHED: (
        "What had finished keeps its points. Look at the task marked “crashed”: usual causes are arrays far "
        "larger than needed, and lines such as `exit()`.",
        _TRY,
    ),
    UNREADABLE: (
        _NO_ZERO,
        "Open the file in JupyterLab. If it opens, save it, and hand in that file, whose name ends in `.ipynb`: "
        "no PDF, no web page, no archive. If it does not open, hand in the copy in your folder `work/`. Tell "
        "your teacher that you did.",
    ),
    MISSING: (
        _NO_ZERO,
        "If you did hand something in, send your teacher the notebook, and say when and where you handed it in. "
        "If you did not, ask whether you still can.",
    ),
}
_OUTCOMES = {
    "passed": "right",
    "raised": "raised an error",
    "not checkable": "could not be run",
}
_NOT_RUN = (NOT_ATTEMPTED, NOT_DEFINED, NOT_YOUR_OWN)  # whatever its number of cases is


def outcome(task: TaskResult, kind: str) -> str:
    """Return what became of an answer, in a few words.

    Args:
        task: with the answer.
        kind: of the answer, one of those in `kinds`.
    """
    if kind in (UNREAD, UNTOUCHED):
        return WORDS[kind]
    if kind == STOPPED:
        return task.state
    if is_written(task):
        return f"read by a person: {WORDS[kind]}"
    word = _OUTCOMES.get(task.status, task.status)
    return f"partly right: {word}" if task.passed and task.passed < task.total else word


def what_ran(task: TaskResult) -> str:
    """Say on how many inputs an answer ran and how often it agreed, and nothing about the inputs."""
    if not task.total or is_written(task) or task.status in _NOT_RUN:
        return ""
    inputs = "1 input" if task.total == 1 else f"{task.total} inputs"
    if task.state in (TIMED_OUT, CRASHED):
        return (
            f"Your function was to run on {inputs} drawn for this grading and did not get through them: "
            f"{task.passed} of {task.total} results {'agrees' if task.passed == 1 else 'agree'}."
        )
    if task.total == 1:
        agree = "the result agrees" if task.passed else "the result does not agree"
    elif task.passed == task.total:
        agree = f"all {task.total} results agree"
    elif task.passed:
        agree = f"{task.passed} of {task.total} results {'agrees' if task.passed == 1 else 'agree'}"
    else:
        agree = "none of the results agrees"
    return f"Your function ran on {inputs} drawn for this grading: {agree}."
