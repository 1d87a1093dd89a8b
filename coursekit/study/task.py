"""One definition of an exercise, from which its check, its hints and its grading follow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from coursekit.study.probing import MODULE_RETURNS

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
        given: what goes along but not to the learner's function: for a module its input and the seed of its
            weights, for a training run its budget of steps; see `coursekit.study.probing`.
        kept: what never leaves the comparison: for a training run ``labels`` of the test images and
            ``at_least``, the accuracy asked for.
    """

    args: tuple[Any, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    kept: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Misconception:
    """A mistake that beginners make, as working code that makes it.

    Args:
        name: a few words, for the teacher's statistics: ``"kernel flipped"``.
        sentence: what the learner reads when an answer does exactly this.
        wrong: takes the task's arguments and returns the wrong answer.
        symptom: for a task graded by accuracy, tells from the predicted classes and the right ones whether an
            answer made this mistake; elsewhere what ``wrong`` returns tells.
    """

    name: str
    sentence: str
    wrong: Callable[..., Any]
    symptom: Callable[[np.ndarray, np.ndarray], bool] | None = None


@dataclass(frozen=True)
class Task:
    """One exercise.

    Args:
        id: chapter and place, ``"1.2"``.
        title: as the reader sees it.
        points: what a right answer scores.
        minutes: what it usually takes.
        difficulty: 1 (a warm-up) to 3 (needs an idea of one's own).
        name: what the learner writes, a function or a class; for a written answer, its topic.
        kind: ``"function"`` is checked, ``"written"`` is read by a person.
        graded_by: ``"value"``, by what the function returns; ``"module"``, by what the torch module that it
            returns does with given weights; ``"accuracy"``, by its predictions after training.
        returns: what the function returns, by name: ``("dx", "dw")``; for a module, what to ask it for, some of
            ``y``, ``dx``, ``parameters``.
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
    graded_by: Literal["value", "module", "accuracy"] = "value"
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
        if self.graded_by != "value" and not self.uses_torch:
            raise ValueError(
                f"task {self.id} is graded by {self.graded_by}: give it uses_torch=True"
            )
        if self.graded_by == "module" and not set(self.returns) <= set(MODULE_RETURNS):
            raise ValueError(
                f"task {self.id} returns {self.returns}; a module can be asked for {MODULE_RETURNS}"
            )
        if self.graded_by == "accuracy" and not all(one.symptom for one in self.misconceptions):
            raise ValueError(
                f"task {self.id} is graded by accuracy: give each misconception a symptom"
            )

    @property
    def chapter(self) -> int:
        """Number of its chapter."""
        return int(self.id.split(".")[0])

    @property
    def slug(self) -> str:
        """Stem of its cells' ids in the notebook: ``task-1-2``, as in ``task-1-2-answer``."""
        return "task-" + self.id.replace(".", "-")
