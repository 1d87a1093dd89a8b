"""What an answer scores when the points that a person gave are counted in: the same sums in every export."""

from collections.abc import Mapping
from dataclasses import dataclass

from coursekit.grading.result import TO_READ, Result, TaskResult


@dataclass(frozen=True)
class Given:
    """What a person gave one written answer; None stands for what nobody has said yet.

    Args:
        points: 0 up to the task's points.
        comment: what the student reads about the answer.
    """

    points: float | None = None
    comment: str | None = None


Manual = Mapping[tuple[str, str], Given]
"""What people gave, by student and id of the task."""


def is_written(task: TaskResult) -> bool:
    """Say whether a person gives the points of this answer."""
    return task.state == TO_READ


def points_of(student: str, task: TaskResult, manual: Manual) -> float | None:
    """Return what one answer scores; None for a written answer that nobody has read."""
    given = manual.get((student, task.id))
    if is_written(task) and given is not None and given.points is not None:
        return given.points
    return task.points


def comment_on(student: str, task: TaskResult, manual: Manual) -> str:
    """Return what a person wrote about an answer, "" where nobody did."""
    given = manual.get((student, task.id))
    return given.comment or "" if is_written(task) and given is not None else ""


def total(result: Result, manual: Manual) -> float | None:
    """Return the sum of what is known of a submission; None where nothing is."""
    points = (points_of(result.student, task, manual) for task in result.tasks)
    known = [one for one in points if one is not None]
    return round(sum(known), 2) if known else None


def unread(result: Result, manual: Manual) -> int:
    """Return how many written answers of a submission still wait for a person."""
    return sum(points_of(result.student, task, manual) is None for task in result.tasks)


def written_number(points: float | None) -> str:
    """Return points as people write them: ``2``, ``1.5``, "" for None."""
    return "" if points is None else f"{round(points, 2):.2f}".rstrip("0").rstrip(".")
