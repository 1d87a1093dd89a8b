"""scores.csv: one row for each submission, for a learning platform, a spreadsheet or pandas.

A cell is empty where a score is not known, and 0 only where somebody earned 0: what could not be read is
not a zero, nor is a written answer that nobody has read.
"""

from collections.abc import Iterable

from coursekit.grading.reports.manual import order
from coursekit.grading.reports.points import (
    Manual,
    is_written,
    points_of,
    total,
    unread,
    written_number,
)
from coursekit.grading.reports.sheet import table, task_name
from coursekit.grading.result import Result

BEFORE_TASKS = ("student", "state", "score", "max", "reading")
AFTER_TASKS = ("file", "reason")


def scores_csv(results: Iterable[Result], manual: Manual) -> str:
    """Return the scores of a class as CSV: comma, decimal point, UTF-8 with a byte order mark.

    Columns: ``student``, the name of the folder or file; ``state``, as in the result; ``score``, the sum of what
    is known; ``max``; ``reading``, which is ``done``, or how many written answers wait for a person, or empty
    where there are none; one column for each task; ``file``, which was graded; ``reason``, for every state but
    ``graded``. Rows are sorted by student, whatever the order of the results.
    """
    ordered = sorted(results, key=lambda result: order(result.student, ""))
    most = {task.id: task.max_points for result in ordered for task in result.tasks}
    tasks = sorted(most, key=lambda task: order("", task))
    # what could not be read has no tasks of its own, but could have scored as much as the others
    most_of_all = written_number(sum(most.values())) if most else ""
    rows = []
    for result in ordered:
        points = {task.id: points_of(result.student, task, manual) for task in result.tasks}
        rows.append(
            [
                result.student,
                result.state,
                written_number(total(result, manual)),
                written_number(result.max_points) if result.tasks else most_of_all,
                reading(result, manual),
                *(written_number(points.get(task)) for task in tasks),
                result.file,
                result.reason,
            ]
        )
    return table([[*BEFORE_TASKS, *map(task_name, tasks), *AFTER_TASKS], *rows])


def reading(result: Result, manual: Manual) -> str:
    """Return how far the written answers of a submission are read: "done", "2 to read", "" for none."""
    waiting = unread(result, manual)
    if waiting:
        return f"{waiting} to read"
    return "done" if any(map(is_written, result.tasks)) else ""
