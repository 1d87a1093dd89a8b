"""What the cells of a course notebook are, and how two versions of one cell become one."""

import copy

from nbformat import NotebookNode

from coursekit.mend import fresh_id
from coursekit.study.working_copy.matching import nbgrader

KEPT = "kept-by-update"  # the tag of a cell that only the learner's copy still has

# how a person looks at a cell belongs to that person, whatever the course says
_VIEW = ("collapsed", "execution", "heading_collapsed", "hidden", "jupyter", "scrolled")
_COURSE = ("nbgrader", "editable", "deletable")


def is_answer(cell: NotebookNode) -> bool:
    """Tell whether the learner is meant to write here."""
    return bool(nbgrader(cell).get("solution"))


def is_locked(cell: NotebookNode) -> bool:
    """Tell whether the cell is a check or the text of a task, which the learner leaves alone."""
    marks = nbgrader(cell)
    return not is_answer(cell) and any(bool(marks.get(key)) for key in ("grade", "locked", "task"))


def content(cell: NotebookNode) -> tuple[str, str, dict[str, object]]:
    """Return what a person writes in a cell: its type, its source, its pasted pictures."""
    return cell.cell_type, cell.source, cell.get("attachments") or {}


def wrote(cell: NotebookNode, before: NotebookNode) -> bool:
    """Tell whether a person put something into the cell since; an emptied cell holds nothing."""
    pasted = content(cell)[2] != content(before)[2]
    return pasted or (cell.source != before.source and bool(cell.source.strip()))


def as_released(cell: NotebookNode) -> bool:
    """Tell whether nbgrader's checksum says that nobody changed the cell since its release."""
    checksum = nbgrader(cell).get("checksum")
    if not checksum:
        return False
    from nbgrader.utils import compute_checksum  # slow to import, and rarely needed

    try:
        return bool(compute_checksum(cell) == checksum)
    except (KeyError, TypeError, ValueError):
        return False  # the marks are incomplete, so they prove nothing


def compose(
    base: NotebookNode | None, mine: NotebookNode, new: NotebookNode, text: NotebookNode
) -> NotebookNode:
    """Return the course's cell with the text of one of its versions.

    The learner's outputs stay with the text they came from; where the text is the course's and the
    learner
    never ran it, the course's outputs come in. Metadata is the course's, but for what only a person
    sets: folded or not, own tags, keys of other tools.

    Args:
        base: the cell as the learner got it, if known.
        mine: the learner's cell.
        new: the course's cell now; its id is the result's.
        text: ``mine`` or ``new``, whose source it shall have.
    """
    kind = new.cell_type if is_answer(new) else text.cell_type
    cell = NotebookNode(
        id=new.id,
        cell_type=kind,
        metadata=_metadata(base, mine, new),
        source=text.source,
    )
    if kind != "code":
        if "attachments" in text:
            cell.attachments = copy.deepcopy(text.attachments)
        return cell
    ran = mine if _is_own_run(base, mine, new, text) else new
    shown = ran if ran.cell_type == "code" and ran.source == text.source else {}
    cell.execution_count = shown.get("execution_count")
    cell.outputs = copy.deepcopy(shown.get("outputs", []))
    return cell


def kept_copy(mine: NotebookNode, new: NotebookNode, taken: set[str]) -> NotebookNode:
    """Return the learner's version of a course cell as a cell that says where it comes from."""
    said = "Kept by coursekit update: your version of the cell above, which has the course's text."
    if mine.cell_type == "code" and mine.source.startswith("%%"):
        magic, _, rest = mine.source.partition("\n")  # a cell magic works in the first line only
        source = f"{magic}\n# {said}\n{rest}"
    elif mine.cell_type == "code":
        source = f"# {said}\n{mine.source}"
    else:
        source = f"> {said}\n\n{mine.source}"
    cell = added(mine)
    cell.id = fresh_id(taken, new.id, mine.cell_type, mine.source)
    cell.source = source
    return tag(cell)


def added(mine: NotebookNode) -> NotebookNode:
    """Return a cell of the learner's own, without the marks that a copied course cell brings along.

    Two cells with one of nbgrader's names would stop every nbgrader tool.
    """
    cell = copy.deepcopy(mine)
    if "nbgrader" in cell.metadata:
        for key in _COURSE:
            cell.metadata.pop(key, None)
    return cell


def tag(cell: NotebookNode) -> NotebookNode:
    """Mark the cell as one that only the learner's copy still has, and return it."""
    tags = cell.metadata.get("tags", [])
    if KEPT not in tags:
        cell.metadata["tags"] = [*tags, KEPT]
    return cell


def label(cell: NotebookNode) -> str:
    """Return a few words by which a person finds the cell."""
    lines = [line.strip() for line in cell.source.splitlines() if line.strip()]
    first = lines[0] if lines else "an empty cell"
    return f"“{first if len(first) <= 50 else first[:49] + '…'}”"


def _is_own_run(
    base: NotebookNode | None, mine: NotebookNode, new: NotebookNode, text: NotebookNode
) -> bool:
    if mine.cell_type != "code" or mine.source != text.source:
        return False
    never_ran = (
        base is not None
        and base.cell_type == "code"
        and mine.outputs == base.outputs
        and mine.execution_count == base.execution_count
    )
    return not (never_ran and new.source == mine.source and new.cell_type == "code")


def _metadata(base: NotebookNode | None, mine: NotebookNode, new: NotebookNode) -> NotebookNode:
    before = base.metadata if base is not None else NotebookNode()
    merged = copy.deepcopy(new.metadata)
    for key in _VIEW:
        merged.pop(key, None)
    for key, value in mine.metadata.items():
        if key in _VIEW or not (key in merged or key in before or key in (*_COURSE, "tags")):
            merged[key] = copy.deepcopy(value)
    theirs, own = new.metadata.get("tags"), mine.metadata.get("tags")
    known = {*(theirs or []), *before.get("tags", []), KEPT}
    tags = [*(theirs or []), *(one for one in own or [] if one not in known)]
    if tags or [] in (theirs, own):
        merged["tags"] = tags
    return merged
