"""What an update of the working copy did, in words."""

from dataclasses import dataclass, field


@dataclass
class UpdateReport:
    """The outcome of an update; its text is empty when nothing changed.

    Args:
        place: the working copy as the learner calls it: ``work/``.
        first: whether the working copy was made just now.
        notebooks: chapters that came in whole.
        exercises: exercise notebooks that came in whole.
        data: other files that came in or were renewed.
        new_text: cells of older notebooks whose text is new.
        removed: cells that the course dropped.
        changed: older notebooks that changed.
        answers: answers of the learner's in the whole working copy.
        messages: one line for each thing the learner should know.
    """

    place: str
    first: bool = False
    notebooks: int = 0
    exercises: int = 0
    data: int = 0
    new_text: int = 0
    removed: int = 0
    changed: int = 0
    answers: int = 0
    messages: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = []
        if self.first:
            lines.append(f"Made your working copy in {self.place}: {self._arrived()}.")
        elif self._happened():
            kept = (
                f"; your {_count(self.answers, 'answer is', 'answers are')} kept"
                if self.answers
                else ""
            )
            if self.answers == 1:
                kept = "; your answer is kept"
            lines.append(f"Updated your working copy in {self.place}: {self._happened()}{kept}.")
        return "\n".join([*lines, *(f"  {message}" for message in self.messages)])

    def _arrived(self, new: str = "") -> str:
        parts = [
            _count(self.notebooks, f"{new}notebook", f"{new}notebooks"),
            _count(self.exercises, f"{new}exercise set", f"{new}exercise sets"),
        ]
        return ", ".join(part for part in parts if not part.startswith("0")) or "no notebooks yet"

    def _happened(self) -> str:
        parts = []
        if self.notebooks or self.exercises:
            parts.append(self._arrived("new "))
        if self.new_text:
            parts.append(f"new text in {_count(self.new_text, 'cell', 'cells')}")
        if self.removed:
            parts.append(f"{_count(self.removed, 'cell', 'cells')} dropped")
        if self.data:
            parts.append(f"{_count(self.data, 'data file', 'data files')}")
        if self.changed and not (self.new_text or self.removed):
            parts.append(f"small changes in {_count(self.changed, 'notebook', 'notebooks')}")
        return ", ".join(parts)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
