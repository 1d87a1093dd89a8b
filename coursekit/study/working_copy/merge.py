"""Bring a new version of a notebook into a learner's copy, and keep all that the learner wrote."""

import copy
from dataclasses import dataclass, field

from nbformat import NotebookNode

from coursekit.study.working_copy.cells import (
    added,
    as_released,
    compose,
    content,
    is_answer,
    is_locked,
    kept_copy,
    label,
    tag,
    wrote,
)
from coursekit.study.working_copy.matching import Matches, grade_id, match


@dataclass
class Merged:
    """A merged notebook and what happened on the way.

    Args:
        notebook: the result.
        new_text: cells whose text is the course's and was not there before.
        removed: cells that the course dropped and the learner had not touched.
        answers: answers of the learner's that it holds.
        notes: one sentence for each thing the learner may want to look at.
    """

    notebook: NotebookNode
    new_text: int = 0
    removed: int = 0
    answers: int = 0
    notes: list[str] = field(default_factory=list)


def merge(
    base: NotebookNode | None,
    mine: NotebookNode,
    new: NotebookNode,
    *,
    restore_deleted: bool = True,
) -> Merged:
    """Merge three versions of a notebook cell by cell.

    - An answer cell keeps the learner's source as soon as it differs from what the course had put
      there.
    - Any other cell follows the course if the learner left it alone, and the learner if the course
      did. Where both changed it, the course's text comes in and the learner's stands directly
      below, tagged ``kept-by-update``. Checks and task texts are the course's in any case; an
      edited one is kept likewise.
    - A cell that the learner added stays below the cell it stood below. The order is otherwise the
      course's.
    - A deleted cell comes back if it is an answer, a check or a task text, or if the course changed
      it since: new text should not go unseen. In a chapter any other deleted cell stays deleted:
      tidying one's own copy is no accident. In exercises (``restore_deleted``) every course cell
      comes back.
    - A cell that the course dropped goes, unless the learner had changed it; then it stays, tagged.
    - Outputs stay with the source they came from.

    Without a base nobody knows who changed a cell: answers are the learner's unless nbgrader's
    checksum says otherwise, of other cells both versions are kept. Merging the result once more
    changes nothing, whether the base is then the old one or the new one.

    Args:
        base: the course's version that ``mine`` was made from, or None when it is lost.
        mine: the learner's copy.
        new: the course's version now.
        restore_deleted: whether every deleted course cell comes back.
    """
    return _Merge(base, mine, new, restore_deleted).run()


class _Merge:
    def __init__(
        self,
        base: NotebookNode | None,
        mine: NotebookNode,
        new: NotebookNode,
        restore_deleted: bool,
    ) -> None:
        self.base, self.mine, self.new = base, mine, new
        self.restore_deleted = restore_deleted
        self.matches: Matches = match(base, mine, new)
        self.taken = {cell.id for cell in [*mine.cells, *new.cells]}
        self.result = Merged(NotebookNode())

    def run(self) -> Merged:
        slots = [self._course_cell(place) for place in range(len(self.new.cells))]
        top: list[NotebookNode] = []
        place_of_mine = {mine: place for place, mine in self.matches.mine_of_new.items()}
        below = top
        for number, cell in enumerate(self.mine.cells):
            if number in place_of_mine:
                below = slots[place_of_mine[number]]
            else:
                below.extend(self._own_cell(number, cell))
        self.result.notebook = NotebookNode(
            cells=[*top, *(cell for slot in slots for cell in slot)],
            metadata=_notebook_metadata(self.base, self.mine, self.new),
            nbformat=4,
            nbformat_minor=max(self.mine.nbformat_minor, self.new.nbformat_minor),
        )
        return self.result

    def _course_cell(self, place: int) -> list[NotebookNode]:
        """Return what stands in its place: nothing, the cell, or the cell and a kept copy."""
        new = self.new.cells[place]
        old = self.matches.base_of_new.get(place)
        base = self.base.cells[old] if self.base is not None and old is not None else None
        if place not in self.matches.mine_of_new:
            return self._missing_cell(base, new)
        mine = self.mine.cells[self.matches.mine_of_new[place]]
        return (self._answer if is_answer(new) else self._text)(base, mine, new)

    def _missing_cell(self, base: NotebookNode | None, new: NotebookNode) -> list[NotebookNode]:
        if base is not None:
            course_needs_it = self.restore_deleted or is_answer(new) or is_locked(new)
            if not course_needs_it and content(base) == content(new):
                return []
            self.result.notes.append(f"{label(new)} had been deleted and is back.")
        self.result.new_text += 1
        return [copy.deepcopy(new)]

    def _answer(
        self, base: NotebookNode | None, mine: NotebookNode, new: NotebookNode
    ) -> list[NotebookNode]:
        name = grade_id(new) or label(new)
        # whatever became of the type: source and pictures are what a person puts in
        same = base is not None and content(mine)[1:] == content(base)[1:]
        untouched = as_released(mine) if base is None else same
        text = new if untouched else mine
        if text.source != new.source:
            self.result.answers += 1
            if base is not None and base.source != new.source:
                self.result.notes.append(
                    f"the course changed what stands in the answer {name} at first; your answer "
                    "is kept, and the new start is in the course's own copy under exercises/."
                )
        if mine.cell_type != new.cell_type and (base is None or base.cell_type == new.cell_type):
            self.result.notes.append(
                f"the answer {name} had become a {mine.cell_type} cell and is a {new.cell_type} "
                f"cell again, with the same text."
            )
        self._count(mine, text)
        return [compose(base, mine, new, text)]

    def _text(
        self, base: NotebookNode | None, mine: NotebookNode, new: NotebookNode
    ) -> list[NotebookNode]:
        if content(mine) == content(new):
            return [compose(base, mine, new, mine)]
        changed = not as_released(mine) if base is None else content(mine) != content(base)
        if changed and base is not None and content(new) == content(base) and not is_locked(new):
            return [compose(base, mine, new, mine)]
        self._count(mine, new)
        cell = compose(base, mine, new, new)
        if not changed or not wrote(mine, base or new) or not wrote(mine, new):
            return [cell]
        extra = kept_copy(mine, new, self.taken - self._same_copies(mine, new))
        if extra.id in self.taken:
            return [cell]  # the very same text was kept by an earlier update
        self.taken.add(extra.id)
        why = "belongs to the course" if is_locked(new) else "was changed by you and by the course"
        self.result.notes.append(
            f"{label(new)} {why}: the course's text is in, yours stands directly below it."
        )
        return [cell, extra]

    def _same_copies(self, mine: NotebookNode, new: NotebookNode) -> set[str]:
        wanted = kept_copy(mine, new, set())
        return {
            cell.id
            for cell in self.mine.cells
            if cell.id == wanted.id and content(cell) == content(wanted)
        }

    def _own_cell(self, number: int, cell: NotebookNode) -> list[NotebookNode]:
        """Return what becomes of a cell that the course does not have (any more)."""
        old = self.matches.base_of_removed.get(number)
        if self.base is None or old is None:
            return [added(cell)]
        if not wrote(cell, self.base.cells[old]):
            self.result.removed += 1
            return []
        kept = tag(added(cell))
        if kept != cell:
            self.result.notes.append(
                f"the course dropped {label(cell)}; you had changed it, so it stays."
            )
        return [kept]

    def _count(self, mine: NotebookNode, text: NotebookNode) -> None:
        if text.source != mine.source:
            self.result.new_text += 1


def _notebook_metadata(
    base: NotebookNode | None, mine: NotebookNode, new: NotebookNode
) -> NotebookNode:
    """Return the learner's metadata with what the course changed, and the course's kernel."""
    before = base.metadata if base is not None else new.metadata
    merged = copy.deepcopy(mine.metadata)
    for key in {**before, **new.metadata}:
        untouched = mine.metadata.get(key) == before.get(key)
        if key in new.metadata and (untouched or (base is None and key not in merged)):
            merged[key] = copy.deepcopy(new.metadata[key])
        elif key not in new.metadata and untouched:
            merged.pop(key, None)
    kernel = new.metadata.get("kernelspec")
    # programs write the kernel's name for people in their own way; only the kernel itself matters
    if kernel and merged.get("kernelspec", {}).get("name") != kernel.get("name"):
        merged["kernelspec"] = copy.deepcopy(kernel)
    return merged
