"""What grading one submission came to: the content of one file in results/."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

FORMAT = 1

GRADED = "graded"
TIMED_OUT = "timed out"
CRASHED = "crashed"
UNREADABLE = "unreadable"
MISSING = "missing"
STATES = (GRADED, TIMED_OUT, CRASHED, UNREADABLE, MISSING)
"""Every submission ends in exactly one of these."""

TO_READ = "to read"
NOT_YOUR_OWN = "not your own code"
NOT_DEFINED = "not defined"


@dataclass(frozen=True)
class TaskResult:
    """What became of one task of a submission.

    Args:
        id: of the task, ``"1.2"``.
        title: of the task.
        max_points: what a right answer scores.
        points: what this answer scores, rounded to two decimals; None for a written answer, whose points
            a person gives.
        state: ``"graded"``, ``"timed out"``, ``"crashed"``, or ``"to read"`` for a written answer.
        status: the verdict's status, as `check` knows it: ``"passed"``, ``"wrong value"`` ...
        sentences: what the student reads, the same as `check` says.
        passed: cases that agree.
        total: cases in all.
        misconception: name of the known mistake that the answer makes, None if it makes none.
        trace: the student's own traceback, where the code raised.
        answer: the source of the answer's cell, for a person to read.
    """

    id: str
    title: str
    max_points: float
    points: float | None
    state: str
    status: str
    sentences: tuple[str, ...] = ()
    passed: int = 0
    total: int = 0
    misconception: str | None = None
    trace: str = ""
    answer: str = ""


@dataclass(frozen=True)
class Result:
    """What became of one submission.

    Args:
        student: name of the student's folder or file, without its suffix.
        chapter: number of the chapter.
        seed: of the cases that were drawn.
        state: one of `STATES`.
        reason: one sentence for every state but ``"graded"``.
        file: the notebook that was graded, relative to the folder of submissions; "" if there is none.
        sha256: of that file, "" if it could not be read.
        tasks: in the order of the chapter; empty for what could not be read or is missing.
        notes: what else the student should know, a sentence each.
    """

    student: str
    chapter: int
    seed: int
    state: str
    reason: str = ""
    file: str = ""
    sha256: str = ""
    tasks: tuple[TaskResult, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def points(self) -> float | None:
        """Sum of the points that a program can give; None where nothing could be graded."""
        if not self.tasks:
            return None
        return round(sum(task.points or 0.0 for task in self.tasks), 2)

    @property
    def max_points(self) -> float:
        """What a submission with right answers scores, written ones included."""
        return sum(task.max_points for task in self.tasks)


def to_json(result: Result) -> str:
    """Return a result as the text of its file: the same result always gives the same bytes."""
    return json.dumps({"format": FORMAT, **asdict(result)}, indent=1, ensure_ascii=False) + "\n"


def from_json(text: str) -> Result:
    """Return the result that a file holds.

    Raises:
        ValueError: the text is not a result of this format.
    """
    try:
        raw: dict[str, Any] = json.loads(text)
        if raw.pop("format") != FORMAT:
            raise ValueError("another format")
        tasks = tuple(
            TaskResult(**{**task, "sentences": tuple(task["sentences"])})
            for task in raw.pop("tasks")
        )
        return Result(**{**raw, "tasks": tasks, "notes": tuple(raw["notes"])})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a result of format {FORMAT}: {error}") from error
