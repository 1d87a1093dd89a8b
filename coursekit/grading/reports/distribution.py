"""Numbers about a class: how the totals are spread, and what became of each task."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import mean

from coursekit.chapters import chapter
from coursekit.grading.reports.kinds import WORDS, kind_of
from coursekit.grading.reports.plain import without_colors
from coursekit.grading.reports.points import Manual, points_of
from coursekit.grading.result import Result, TaskResult
from coursekit.study.tasks import chapter_tasks
from coursekit.study.verdict import RAISED

MOST_BINS = 12
WIDTHS = (0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
MOST_COMMON = 5
# the line that ends a traceback: "IndexError: index 5 is ...", "torch.cuda.OutOfMemoryError: ..."
_LAST_LINE = re.compile(r"^(?:[A-Za-z_]\w*\.)*([A-Za-z_]\w{0,60})(?::|$)", re.MULTILINE)
_ENDINGS = ("Error", "Exception", "Exit", "Interrupt", "Iteration", "Warning")
_SAID = re.compile(rf"\b([A-Z]\w{{0,60}}(?:{'|'.join(_ENDINGS)}))\b")


@dataclass(frozen=True)
class Bin:
    """A bar of a histogram: totals from ``low`` to under ``high``; the last bar also holds ``high``."""

    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Mistake:
    """A known mistake, how many made it, and what they read about it."""

    name: str
    count: int
    sentence: str


@dataclass(frozen=True)
class TaskNumbers:
    """What became of one task in a class.

    Args:
        id: of the task.
        title: of the task.
        max_points: what a right answer scores.
        kinds: how many answers there are of each kind, all kinds in their order.
        mean: of the points that are known, None if none are.
        mistakes: the most common known mistakes.
        more_mistakes: how many answers make a known mistake that is not among them.
        errors: the most common kinds of error that answers raised, with counts.
    """

    id: str
    title: str
    max_points: float
    kinds: dict[str, int]
    mean: float | None
    mistakes: tuple[Mistake, ...]
    more_mistakes: int
    errors: tuple[tuple[str, int], ...]


def bins(totals: Sequence[float], most: float) -> list[Bin]:
    """Return a histogram of totals between 0 and ``most`` points, in at most a dozen bars of a round width."""
    if most <= 0:
        return []
    width = next((one for one in WIDTHS if most / one <= MOST_BINS), most)
    number = ceil(most / width)
    counts = Counter(min(max(int(total / width), 0), number - 1) for total in totals)
    return [Bin(k * width, min((k + 1) * width, most), counts[k]) for k in range(number)]


def task_numbers(results: Sequence[Result], manual: Manual) -> list[TaskNumbers]:
    """Return what became of each task, in the order of the chapter."""
    answers: dict[str, list[tuple[str, TaskResult]]] = {}
    for result in results:
        for task in result.tasks:
            answers.setdefault(task.id, []).append((result.student, task))
    return [
        _numbers(answers[task_id], manual)
        for task_id in sorted(answers, key=lambda name: [int(n) for n in re.findall(r"\d+", name)])
    ]


def _numbers(answers: Sequence[tuple[str, TaskResult]], manual: Manual) -> TaskNumbers:
    task = answers[0][1]
    kinds = Counter(kind_of(student, one, manual) for student, one in answers)
    known = [points_of(student, one, manual) for student, one in answers]
    points = [one for one in known if one is not None]
    names = Counter(one.misconception for _, one in answers if one.misconception)
    common = names.most_common(MOST_COMMON)
    errors = Counter(error_kind(one) for _, one in answers if one.status == RAISED)
    return TaskNumbers(
        id=task.id,
        title=task.title,
        max_points=task.max_points,
        kinds={kind: kinds[kind] for kind in WORDS},
        mean=mean(points) if points else None,
        mistakes=tuple(Mistake(name, count, _sentence(task.id, name)) for name, count in common),
        more_mistakes=sum(names.values()) - sum(count for _, count in common),
        errors=tuple(errors.most_common(MOST_COMMON)),
    )


def _sentence(task_id: str, name: str) -> str:
    """Return what students read about a known mistake, "" if the course no longer knows it."""
    number = int(task_id.split(".")[0])
    for task in chapter_tasks(chapter(number)):
        for mistake in task.misconceptions:
            if task.id == task_id and mistake.name == name:
                return mistake.sentence
    return ""


def error_kind(task: TaskResult) -> str:
    """Return the name of the error that an answer raised, as its traceback or its sentences say it."""
    names = _LAST_LINE.findall(without_colors(task.trace))
    errors = [
        name for name in names if name.endswith(_ENDINGS)
    ]  # a message may have lines of its own
    said = [name for sentence in task.sentences for name in _SAID.findall(sentence)]
    return str((errors[-1:] or names[-1:] or said[:1] or ["another error"])[0])
