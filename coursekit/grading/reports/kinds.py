"""What became of an answer, in the six kinds that the pages count and color."""

from coursekit.grading.reports.points import Manual, points_of
from coursekit.grading.result import (
    CRASHED,
    GRADED,
    MISSING,
    NOT_YOUR_OWN,
    TIMED_OUT,
    UNREADABLE,
    TaskResult,
)
from coursekit.study.verdict import NOT_ATTEMPTED, PASSED

FULL, PARTLY, NOTHING, UNTOUCHED, STOPPED, UNREAD = (
    "full",
    "partly",
    "nothing",
    "untouched",
    "stopped",
    "unread",
)
WORDS = {
    FULL: "all points",
    PARTLY: "some points",
    NOTHING: "no points",
    UNTOUCHED: "not attempted",
    STOPPED: "timed out or crashed",
    UNREAD: "still to be read",
}
"""The kinds in the order in which the pages show them, and what they are called there."""

SIGNS = {kind: kind for kind in WORDS} | {
    GRADED: FULL,
    TIMED_OUT: STOPPED,
    CRASHED: STOPPED,
    UNREADABLE: NOTHING,
    MISSING: UNTOUCHED,
    NOT_YOUR_OWN: NOTHING,
}
"""Which of the signs stands beside a kind, a state, or a status that needs a person."""

LOOKS = SIGNS | {GRADED: "graded", TIMED_OUT: "late"}
"""How a part of a bar is filled; graded is not the same as right, and timed out stands beside crashed."""


def kind_of(student: str, task: TaskResult, manual: Manual) -> str:
    """Return the kind of an answer, with the points that a person gave."""
    points = points_of(student, task, manual)
    if task.state in (TIMED_OUT, CRASHED):
        return STOPPED
    if task.status == NOT_ATTEMPTED:
        return UNTOUCHED
    if points is None:
        return UNREAD
    if points >= task.max_points and (points > 0 or task.status == PASSED):
        return FULL
    return PARTLY if points > 0 else NOTHING
