"""Which cell of one version of a notebook is which cell of another."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from nbformat import NotebookNode


@dataclass(frozen=True)
class Matches:
    """The cells of three versions, matched; every number is a position in its notebook.

    Args:
        mine_of_new: for a cell of the new version, the learner's cell that is the same one.
        base_of_new: for a cell of the new version, the cell of the base that is the same one.
        base_of_removed: for a learner's cell that the new version lacks, the cell of the base it
            comes from.
    """

    mine_of_new: dict[int, int]
    base_of_new: dict[int, int]
    base_of_removed: dict[int, int]


def grade_id(cell: NotebookNode) -> str | None:
    """Return nbgrader's name for the cell, or None when it has none."""
    name = nbgrader(cell).get("grade_id")
    return name if isinstance(name, str) and name else None


def nbgrader(cell: NotebookNode) -> dict[str, object]:
    """Return what nbgrader noted about the cell, empty when it noted nothing."""
    found = cell.metadata.get("nbgrader")
    return found if isinstance(found, dict) else {}


def match(base: NotebookNode | None, mine: NotebookNode, new: NotebookNode) -> Matches:
    """Find the same cells in three versions.

    A cell is recognized by its id, else by nbgrader's grade id (some tools strip or renew ids),
    else by an unchanged text in the same order. A cell that the course dropped is recognized by its
    text only when not one id is known: a learner may type the same words again, and those are the
    learner's.
    """
    before = base.cells if base is not None else []
    known = {cell.id for cell in [*before, *new.cells]}
    ids_lost = not any(cell.id in known for cell in mine.cells)
    base_of_new = _pair(new.cells, before)
    mine_of_base = _pair(before, mine.cells, by_source=True)
    mine_of_new = _pair(new.cells, mine.cells, by_grade_id=False)
    taken = set(mine_of_new.values())
    for place, old in base_of_new.items():
        if place not in mine_of_new and old in mine_of_base and mine_of_base[old] not in taken:
            mine_of_new[place] = mine_of_base[old]
            taken.add(mine_of_base[old])
    kept = set(base_of_new.values())
    removed = {
        cell: old
        for old, cell in _pair(before, mine.cells, by_source=ids_lost).items()
        if old not in kept and cell not in taken
    }
    # what neither the ids nor the base explain
    rest_new = [place for place in range(len(new.cells)) if place not in mine_of_new]
    rest_mine = [
        place for place in range(len(mine.cells)) if place not in taken and place not in removed
    ]
    found = _pair(
        [new.cells[place] for place in rest_new],
        [mine.cells[place] for place in rest_mine],
        by_source=True,
    )
    mine_of_new.update({rest_new[left]: rest_mine[right] for left, right in found.items()})
    return Matches(mine_of_new, base_of_new, removed)


def _pair(
    left: Sequence[NotebookNode],
    right: Sequence[NotebookNode],
    by_grade_id: bool = True,
    by_source: bool = False,
) -> dict[int, int]:
    """Return for cells on the left their place on the right; a place is given once."""
    ids = {cell.id: place for place, cell in enumerate(right)}
    pairs = {place: ids[cell.id] for place, cell in enumerate(left) if cell.id in ids}
    if by_grade_id:
        taken = set(pairs.values())
        names: dict[str, int] = {}
        for place, cell in enumerate(right):
            name = grade_id(cell)
            if name and place not in taken:
                names.setdefault(name, place)
        for place, cell in enumerate(left):
            name = grade_id(cell)
            if place not in pairs and name in names:
                pairs[place] = names.pop(name)
    if by_source:
        taken = set(pairs.values())
        lefts = [place for place in range(len(left)) if place not in pairs]
        rights = [place for place in range(len(right)) if place not in taken]
        blocks = SequenceMatcher(
            None,
            [(left[place].cell_type, left[place].source) for place in lefts],
            [(right[place].cell_type, right[place].source) for place in rights],
            autojunk=False,
        ).get_matching_blocks()
        for a, b, size in blocks:
            pairs.update({lefts[a + step]: rights[b + step] for step in range(size)})
    return pairs
