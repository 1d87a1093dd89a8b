"""Which submissions need a person before anything else, why, and what that person can do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from coursekit.grading.reports.kinds import UNREAD
from coursekit.grading.reports.points import Manual, points_of
from coursekit.grading.result import (
    CRASHED,
    MISSING,
    NOT_YOUR_OWN,
    TIMED_OUT,
    UNREADABLE,
    Result,
    TaskResult,
)


@dataclass(frozen=True)
class Need:
    """One kind of trouble and the submissions that are in it.

    Args:
        key: for the sign beside the title.
        title: what is the matter.
        advice: what to do about it.
        members: student and reason, in the order of the results.
    """

    key: str
    title: str
    advice: str
    members: tuple[tuple[str, str], ...]


Why = Callable[[Result, Manual], str | None]


def needs(results: Sequence[Result], manual: Manual) -> list[Need]:
    """Return what needs a person, the most urgent first; nothing for a kind of trouble that nobody is in."""
    found = []
    for key, title, advice, why in _KINDS:
        reasons = [(one.student, why(one, manual)) for one in results]
        members = tuple((student, reason) for student, reason in reasons if reason is not None)
        if members:
            found.append(Need(key, title, advice, members))
    return found


def _in_state(state: str) -> Why:
    def why(result: Result, _: Manual) -> str | None:
        tasks = _named([task for task in result.tasks if task.state == state])
        if result.state == state:
            return result.reason or tasks or "No reason was recorded."
        return tasks or None  # graded on the whole, and yet one of its tasks was stopped

    return why


def _not_your_own(result: Result, _: Manual) -> str | None:
    return _named([task for task in result.tasks if task.status == NOT_YOUR_OWN]) or None


def _unread(result: Result, manual: Manual) -> str | None:
    waiting = [task for task in result.tasks if points_of(result.student, task, manual) is None]
    return _named(waiting) or None


def _named(tasks: Sequence[TaskResult]) -> str:
    if not tasks:
        return ""
    return f"Task{'s' if len(tasks) > 1 else ''} {', '.join(task.id for task in tasks)}."


_KINDS: tuple[tuple[str, str, str, Why], ...] = (
    (
        UNREADABLE,
        "Unreadable",
        "Open the file yourself. If it is no notebook, ask for the notebook, put it into the folder of submissions "
        "and run the same command again: only what is new or changed is graded. Until then these have no points "
        "at all, which `scores.csv` keeps apart from zero.",
        _in_state(UNREADABLE),
    ),
    (
        MISSING,
        "Missing",
        "Ask whether something was handed in, and under which name. What arrives goes into the folder of "
        "submissions; then run the same command again.",
        _in_state(MISSING),
    ),
    (
        TIMED_OUT,
        "Timed out",
        "Read the answers named here. Points for the other tasks stand. If an answer is slow and not endless, grade "
        "anew with `--again` and a larger `--limit-seconds`.",
        _in_state(TIMED_OUT),
    ),
    (
        CRASHED,
        "Crashed",
        "Read the answers named here. Points for the other tasks stand. If an answer honestly needs more memory, "
        "grade anew with `--again` and a larger `--limit-memory`; one that ends Python has to be mended by its "
        "author.",
        _in_state(CRASHED),
    ),
    (
        NOT_YOUR_OWN,
        "Not their own code",
        "These answers call a function that does what they were asked to write, so they score nothing. Read them "
        "before you talk to anybody: the task may have been misread.",
        _not_your_own,
    ),
    (
        UNREAD,
        "Written answers still to be read",
        "Nobody has given points for these yet, so the totals below leave them out. Fill in a copy "
        "of `to_read.csv`, then run `coursekit points RESULTS COPY.csv`.",
        _unread,
    ),
)
