"""The pages of a grading: one for each student, and one for the teacher.

A page is one file: no script, no picture and no font that it would have to ask another machine for, and in
its head a policy under which a browser refuses them all. The same results give the same bytes.
"""

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median
from typing import Any

from coursekit.chapters import chapter
from coursekit.grading.reports.attention import needs
from coursekit.grading.reports.charts import histogram, range_in_words, strip
from coursekit.grading.reports.distribution import bins, task_numbers
from coursekit.grading.reports.kinds import FULL, UNREAD, kind_of
from coursekit.grading.reports.likeness import ALIKE
from coursekit.grading.reports.manual import order
from coursekit.grading.reports.points import (
    Manual,
    comment_on,
    is_written,
    points_of,
    total,
    unread,
    written_number,
)
from coursekit.grading.reports.rendering import render
from coursekit.grading.reports.similarity import MIN_TOKENS, MIN_WORDS, Similarity
from coursekit.grading.reports.wording import WHAT_HAPPENED, WHAT_TO_DO, outcome, what_ran
from coursekit.grading.result import STATES, Result, TaskResult

_SETTINGS = {
    "chapter": ("Chapter", "{}"),
    "seed": ("Seed of the inputs", "{}"),
    "limit_seconds": ("Limit of time", "{:g} seconds for one cell, or for all calls of one task"),
    "limit_memory": ("Limit of memory", "{} MB for one submission"),
    "coursekit": ("Version of coursekit", "{}"),
}
_OPTIONS = ("chapter", "seed", "limit_seconds", "limit_memory")


@dataclass(frozen=True)
class _Answer:
    """A task of one student as a page shows it."""

    task: TaskResult
    kind: str
    outcome: str
    points: str
    ran: str
    comment: str
    written: bool


@dataclass(frozen=True)
class _Row:
    """A submission as a line of the teacher's table."""

    student: str
    state: str
    total: str
    unread: int
    answers: Mapping[str, _Answer]
    remarks: tuple[str, ...]


def feedback_page(result: Result, manual: Manual) -> str:
    """Return the page that a student reads.

    It does not say the seed, with which anybody could draw the inputs of this grading.

    Args:
        result: of one submission.
        manual: what people gave written answers.
    """
    answers = [_answer(result.student, task, manual) for task in result.tasks]
    known = total(result, manual)
    waiting = sum(one.task.max_points for one in answers if one.kind == UNREAD)
    rest = result.max_points - (known or 0.0) - waiting
    return render(
        "feedback.html",
        result=result,
        chapter=chapter(result.chapter),
        answers=answers,
        total=known,
        out_of=result.max_points,
        waiting=waiting,
        unread=unread(result, manual),
        full=sum(one.kind == FULL for one in answers),
        happened=WHAT_HAPPENED[result.state],
        advice=WHAT_TO_DO[result.state],
        parts_of_total=strip({FULL: known or 0.0, UNREAD: waiting, "rest": rest}),
    )


def summary_page(
    results: Sequence[Result], manual: Manual, alike: Similarity, run: Mapping[str, Any]
) -> str:
    """Return the page that the teacher reads.

    Args:
        results: of all submissions, in any order.
        manual: what people gave written answers.
        alike: which answers are nearly the same.
        run: what the grading was told, as run.json holds it: chapter, seed, limits, version of coursekit.
    """
    results = sorted(results, key=lambda one: order(one.student, ""))
    states = Counter(one.state for one in results)
    totals = [known for one in results if (known := total(one, manual)) is not None]
    out_of = max((one.max_points for one in results), default=0.0)
    found = bins(totals, out_of)
    return render(
        "summary.html",
        chapter=chapter(run["chapter"]),
        count=len(results),
        states={state: states[state] for state in STATES},
        needs=needs(results, manual),
        histogram=histogram(found),
        bins=[(range_in_words(found, place), one.count) for place, one in enumerate(found)],
        totals=len(totals),
        out_of=out_of,
        mean=mean(totals) if totals else None,
        median=median(totals) if totals else None,
        unread=sum(unread(one, manual) > 0 for one in results),
        tasks=task_numbers(results, manual),
        similar={
            "found": alike,
            "percent": ALIKE,
            "tokens": MIN_TOKENS,
            "words": MIN_WORDS,
        },
        rows=[_row(one, manual) for one in results],
        command=_command(run),
        settings=_settings(run),
        safe=run["sandbox"],
    )


def _answer(student: str, task: TaskResult, manual: Manual) -> _Answer:
    kind = kind_of(student, task, manual)
    return _Answer(
        task=task,
        kind=kind,
        outcome=outcome(task, kind),
        points=written_number(points_of(student, task, manual)),
        ran=what_ran(task),
        comment=comment_on(student, task, manual),
        written=is_written(task),
    )


def _row(result: Result, manual: Manual) -> _Row:
    return _Row(
        student=result.student,
        state=result.state,
        total=written_number(total(result, manual)),
        unread=unread(result, manual),
        answers={task.id: _answer(result.student, task, manual) for task in result.tasks},
        remarks=tuple(filter(None, (result.reason, *result.notes))),
    )


def _settings(run: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the settings of a run, by what people call them."""
    return [(said, form.format(run[name])) for name, (said, form) in _SETTINGS.items()]


def _command(run: Mapping[str, Any]) -> str:
    """Return the command that grades the same submissions again with the same outcome."""
    words = ["coursekit", "grade", "SUBMISSIONS"]
    for name in _OPTIONS:
        words += [f"--{name}".replace("_", "-"), f"{run[name]}".removesuffix(".0")]
    words += ["--out", "RESULTS", *([] if run["sandbox"] else ["--unsafe"])]
    return shlex.join(words)
