"""How far a learner has come: a file in the working copy, shown as a table, sent nowhere."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from coursekit.lock import BusyError
from coursekit.paths import MARKER, working_copy
from coursekit.study.progress.store import Record, better, change, load
from coursekit.study.progress.table import Progress, Row

NO_WORKING_COPY = (
    "Your progress is kept in your working copy, and this is not one: run `coursekit update` in "
    "the folder of the course, then open the notebooks in work/."
)
_SHOWN = {
    "": "not attempted",
    "not attempted": "not attempted",
    "passed": "visible checks passed",
    "visible checks passed": "visible checks passed",
}


class _TaskLike(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def points(self) -> float: ...
    @property
    def minutes(self) -> int: ...
    @property
    def kind(self) -> str: ...


def record(task_id: str, points: float, out_of: float, status: str) -> None:
    """Note the outcome of a check. The best result counts, the last status is shown.

    Outside a working copy nothing is noted. A check never fails because its outcome cannot be
    stored: that is said in one sentence instead.

    Args:
        task_id: for example ``"1.2"``.
        points: what the answer scored in the visible checks.
        out_of: what a right answer scores.
        status: what the check said, as in `coursekit.study.verdict.Verdict`.
    """
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    _change(
        task_id, lambda old: replace(better(old, points, out_of), status=str(status), checked=now)
    )


def record_hint(task_id: str, n: int) -> None:
    """Note that the first n hints of a task were read; see `record`."""
    _change(task_id, lambda old: replace(old, hints=max(old.hints, int(n))))


def record_solution_seen(task_id: str) -> None:
    """Note that the solution of a task was shown; see `record`."""
    _change(task_id, lambda old: replace(old, solution_seen=True))


def progress(tasks: Iterable[_TaskLike] | None = None) -> Progress:
    """Return the learner's progress, a table in a notebook and in a terminal.

    Args:
        tasks: the exercises to show; those of the whole course if not given.
    """
    copy = working_copy()
    if copy is None:
        return Progress((), (NO_WORKING_COPY,))
    if tasks is None:
        from coursekit.study.tasks import all_tasks  # imports what its references need

        tasks = all_tasks()
    try:
        records, notes = load(copy / MARKER)
    except BusyError:
        records, notes = (
            {},
            ["Your progress is in use by another notebook; try again in a moment."],
        )
    except OSError as error:
        records, notes = {}, [f"Your progress could not be read: {error.strerror}."]
    rows = tuple(_row(task, records.get(task.id, Record())) for task in tasks)
    return Progress(rows, tuple(notes))


def _change(task_id: str, edit: Callable[[Record], Record]) -> None:
    copy = working_copy()
    if copy is None:
        return
    try:
        notes = change(copy / MARKER, str(task_id), edit)
    except BusyError:
        notes = ["Your progress was not noted: another notebook is writing it. Run the cell again."]
    except OSError as error:
        notes = [
            f"Your progress could not be noted ({error.strerror}); your answer is not affected."
        ]
    for note in notes:
        print(note)


def _row(task: _TaskLike, record: Record) -> Row:
    written = task.kind == "written"
    status = "a person reads it" if written else _SHOWN.get(record.status, "attempted")
    return Row(
        task_id=task.id,
        title=task.title,
        points=record.share * task.points,  # the course may have changed what the task is worth
        out_of=task.points,
        minutes=task.minutes,
        status=status,
        hints=record.hints,
        solution_seen=record.solution_seen,
        checked=record.checked[:10],
        done=record.share >= 1 or status == "visible checks passed",
        written=written,
    )
