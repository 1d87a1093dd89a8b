"""One definition of an exercise, from which its check, its hints and its grading follow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

ANSWER_SECONDS = (
    30.0  # that all calls of one answer may take when it is graded, unless a teacher says otherwise
)


@dataclass(frozen=True)
class Case:
    """One call of what the learner wrote.

    Args:
        args: positional arguments.
        options: keyword arguments.
        label: what distinguishes this call, as the learner reads it: ``"W = 7, F = 3"``.
    """

    args: tuple[Any, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""


@dataclass(frozen=True)
class Misconception:
    """A mistake that beginners make, as working code that makes it.

    Args:
        name: a few words, for the teacher's statistics: ``"kernel flipped"``.
        sentence: what the learner reads when an answer does exactly this.
        wrong: takes the task's arguments and returns the wrong answer.
    """

    name: str
    sentence: str
    wrong: Callable[..., Any]


@dataclass(frozen=True)
class Task:
    """One exercise.

    Args:
        id: chapter and place, ``"1.2"``.
        title: as the reader sees it.
        points: what a right answer scores.
        minutes: what it usually takes.
        difficulty: 1 (a warm-up) to 3 (needs an idea of one's own).
        name: what the learner writes, a function; for a written answer, its topic.
        kind: ``"function"`` is checked, ``"written"`` is read by a person.
        returns: what the function returns, by name: ``("dx", "dw")``.
        cases: draws the calls from a seeded generator; the notebook uses a public seed, the grader its own.
        reference: the right answer; takes the same arguments.
        misconceptions: wrong answers to recognize, the most frequent first.
        hints: in the order in which they help, the last one short of the solution.
        rtol: largest difference that passes, relative to the expected value.
        atol: largest difference that passes next to zero.
        uses_torch: whether the answer may use torch; where it may not, grading hides it.
    """

    id: str
    title: str
    points: float
    minutes: int
    difficulty: int
    name: str
    hints: tuple[str, ...]
    kind: Literal["function", "written"] = "function"
    returns: tuple[str, ...] = ("y",)
    cases: Callable[[np.random.Generator], list[Case]] | None = None
    reference: Callable[..., Any] | None = None
    misconceptions: tuple[Misconception, ...] = ()
    rtol: float = 1e-6
    atol: float = 1e-9
    uses_torch: bool = False

    def __post_init__(self) -> None:
        if self.kind == "function" and (self.cases is None or self.reference is None):
            raise ValueError(f"task {self.id} is a function and has no cases or no reference")

    @property
    def chapter(self) -> int:
        """Number of its chapter."""
        return int(self.id.split(".")[0])

    @property
    def slug(self) -> str:
        """Stem of its cells' ids in the notebook: ``task-1-2``, as in ``task-1-2-answer``."""
        return "task-" + self.id.replace(".", "-")
