"""The sheet in which a person gives points to written answers: out with what was given so far, and back in.

What comes back was saved by a spreadsheet and typed by somebody at night: it is taken whole or not at all.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from coursekit.errors import CourseError
from coursekit.grading.reports.manual import order
from coursekit.grading.reports.points import Given, Manual, is_written, written_number
from coursekit.grading.reports.sheet import (
    printable,
    read_table,
    shortened,
    table,
    task_id,
    task_name,
)
from coursekit.grading.result import Result, TaskResult

COLUMNS = ("student", "task", "title", "max", "points", "comment", "answer")
NEEDED = ("student", "task", "points")
SHOWN = 10
"""How many wrong rows are listed."""


class _RowError(Exception):
    """A row cannot be right."""


def to_read_csv(results: Iterable[Result], manual: Manual) -> str:
    """Return the sheet that a person fills in: one row for each written answer, with what was given so far.

    The rows stand task by task, because answers to the same question are read in a row.
    """
    rows = []
    for result in results:
        for task in result.tasks:
            if is_written(task):
                given = manual.get((result.student, task.id), Given())
                row = (
                    result.student,
                    task_name(task.id),
                    task.title,
                    written_number(task.max_points),
                    written_number(given.points),
                    given.comment or "",
                    shortened(task.answer),
                )
                rows.append(((order("", task.id), order(result.student, "")), row))
    return table([COLUMNS, *(row for _, row in sorted(rows))])


def read_points(path: Path, results: Iterable[Result]) -> dict[tuple[str, str], Given]:
    """Read a sheet that a person filled in.

    Columns may stand in any order; without a column ``comment`` the comments stay as they are. A row
    without points and comment says nothing.

    Args:
        path: the sheet, as `to_read_csv` made it and a spreadsheet saved it.
        results: what was graded.

    Returns:
        What the sheet says, for `merge`.

    Raises:
        CourseError: the file cannot be read, or rows of it cannot be right; the text lists the first ten.
    """
    try:
        names, rows = read_table(path.read_bytes(), NEEDED)
    except OSError as error:
        raise CourseError(
            f"{path} cannot be read: {error.strerror}. Give the name of the sheet that you filled in."
        ) from error
    except CourseError as error:
        raise CourseError(f"{path} {error}") from error
    sheet, problems = _Sheet(results), []
    found: dict[tuple[str, str], tuple[int, Given]] = {}
    for number, cells in rows:
        row = dict.fromkeys(names, "") | dict(zip(names, cells, strict=False))
        try:
            if any(one.strip() for one in cells[len(names) :]):
                raise _RowError(
                    f"there are {len(cells)} cells, expected {len(names)}; is there a comma in a cell without "
                    "quotation marks?"
                )
            key, given = sheet.read(row)
            if given == Given():
                continue
            first, before = found.get(key, (number, given))
            found[key] = first, _united(before, given, first)
        except _RowError as error:
            who = printable(row["student"].strip()) or "no name"
            problems.append(f"  row {number} ({who}, {task_name(task_id(row['task']))}): {error}")
    if problems:
        raise CourseError(_refusal(path, problems))
    return {key: given for key, (_, given) in found.items()}


class _Sheet:
    """What may stand in the rows of a sheet."""

    def __init__(self, results: Iterable[Result]) -> None:
        self._results = {result.student: result for result in results}
        self._find = _finder(list(self._results))

    def read(self, row: dict[str, str]) -> tuple[tuple[str, str], Given]:
        """Return what a row says; a `_RowError` tells what is wrong with it."""
        written, comment = row["points"].strip(), row.get("comment")
        if not written and not (comment or "").strip():
            return ("", ""), Given()
        student = self._find(row["student"])
        task = self._task(student, task_id(row["task"]))
        points = _points(written, task.max_points) if written else None
        return (student, task.id), Given(points, None if comment is None else _lines(comment))

    def _task(self, student: str, task: str) -> TaskResult:
        result = self._results[student]
        tasks = {one.id: one for one in result.tasks}
        if task in tasks and is_written(tasks[task]):
            return tasks[task]
        if not tasks:
            raise _RowError(
                f"the submission is {result.state}, so it has no answers; leave points and comment empty, or grade "
                "it again first"
            )
        written = [one.id for one in result.tasks if is_written(one)]
        expected = f"expected {_either(written)}" if written else "this chapter has none"
        if task in tasks:
            raise _RowError(f"task {task} is not read by a person, {expected}")
        raise _RowError(f"there is no task {task!r}, {expected}")


def _finder(students: Sequence[str]) -> Callable[[str], str]:
    """Return a function that finds a student by the name in a sheet."""
    exact: dict[str, list[str]] = {}
    loose: dict[str, list[str]] = {}
    for name in students:
        exact.setdefault(printable(name), []).append(name)
        loose.setdefault(_plain(name), []).append(name)

    def find(written: str) -> str:
        # a spreadsheet may trim a name, and write ö in another one of the two ways that there are
        found = exact.get(written) or loose.get(_plain(written), [])
        if len(found) == 1:
            return found[0]
        if found:
            raise _RowError(
                f"{len(found)} submissions have the name {_plain(written)!r} but for spaces and signs that cannot "
                "be seen; rename their folders and grade again"
            )
        near = get_close_matches(_plain(written), loose, n=3, cutoff=0.5)
        hint = f"did you mean {_either(near)}?" if near else "expected a name from the sheet"
        raise _RowError(f"there is no submission of {printable(written.strip())!r}; {hint}")

    return find


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", printable(name)).split())


def _points(written: str, most: float) -> float:
    expected = f"expected a number from 0 to {written_number(most)}"
    if not re.fullmatch(r"[+-]?([0-9]+[.,]?[0-9]*|[.,][0-9]+)", written):
        raise _RowError(f"points are {printable(written)!r}, {expected}")
    points = float(written.replace(",", "."))
    if not 0 <= points <= most:
        raise _RowError(f"points are {printable(written)}, {expected}")
    return abs(round(points, 2))  # -0 is 0


def _lines(comment: str) -> str:
    return comment.replace("\r\n", "\n").replace("\r", "\n").strip()


def _united(before: Given, given: Given, number: int) -> Given:
    """Return what two rows about the same answer say together."""
    for name in ("points", "comment"):
        one, other = getattr(before, name), getattr(given, name)
        if one in (None, ""):
            before = replace(before, **{name: other})
        elif other not in (None, "", one):
            here, there = (
                written_number(text) if name == "points" else repr(text) for text in (other, one)
            )
            raise _RowError(
                f"{name}: {here}, but {there} in row {number}; expected one row for each answer"
            )
    return before


def _refusal(path: Path, problems: list[str]) -> str:
    count = "1 row" if len(problems) == 1 else f"{len(problems)} rows"
    more = [f"  and {len(problems) - SHOWN} more."] if len(problems) > SHOWN else []
    return "\n".join(
        [
            f"{path} was not read, nothing was changed: {count} cannot be right.",
            *problems[:SHOWN],
            *more,
            "Correct the file and read it in again.",
        ]
    )


def _either(names: Sequence[str]) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
