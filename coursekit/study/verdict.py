"""What a check says: one object, shown rich in Jupyter and plain elsewhere."""

from dataclasses import dataclass
from html import escape

from coursekit.markup import with_code
from coursekit.study.task import Misconception, Task

PASSED = "passed"
NOT_ATTEMPTED = "not attempted"
RAISED = "raised"
NOT_USABLE = "not usable"

_SAID = {
    PASSED: "visible checks passed",
    NOT_ATTEMPTED: "not attempted yet",
    RAISED: "raised an error",
}
# a word as well as a color: some readers do not see the color, and projectors swallow it
_COLORS = {PASSED: "#1a7f5a", NOT_ATTEMPTED: "#7a7a7a"}
_WRONG = "#c4541a"


@dataclass(frozen=True, repr=False)
class Verdict:
    """The outcome of running an answer on the cases of its task.

    Args:
        task: the exercise.
        status: ``"passed"``, ``"not attempted"``, ``"raised"``, ``"changed its input"``, ``"wrong type"``,
            ``"wrong shape"``, ``"wrong value"``, ``"wrong parameters"``, ``"accuracy too low"``, ``"not usable"``,
            ``"not checkable"``, ``"written"``.
        sentences: what the learner reads, in order.
        passed: cases that agree.
        total: cases in all.
        misconception: the known mistake that this answer makes, if it makes one.
        trace: the learner's own traceback, where the code raised.
    """

    task: Task
    status: str
    sentences: tuple[str, ...]
    passed: int = 0
    total: int = 0
    misconception: Misconception | None = None
    trace: str = ""

    @property
    def points(self) -> float:
        """The task's points times the part of the cases that agree."""
        return self.task.points * self.passed / self.total if self.total else 0.0

    @property
    def headline(self) -> str:
        """Task and outcome in a few words."""
        said = _SAID.get(self.status, self.status)
        count = f" ({self.passed} of {self.total} cases agree)" if self.total else ""
        return f"{self.task.id} {self.task.title}: {said}{count}"

    def __str__(self) -> str:
        return "\n".join([self.headline, *(f"  {sentence}" for sentence in self.sentences)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        color = _COLORS.get(self.status, _WRONG)
        rest = "".join(
            f"<p style='margin:0.3em 0 0 0'>{with_code(sentence)}</p>"
            for sentence in self.sentences
        )
        return (
            f"<div role='status' style='border-left:0.4em solid {color};padding:0.3em 0.8em'>"
            f"<strong>{escape(self.headline)}</strong>{rest}</div>"
        )
