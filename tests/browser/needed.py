"""Find the cells that other cells of a notebook stand on, by the names that they make and use."""

import ast
from collections.abc import Collection, Sequence

from nbformat import NotebookNode


def needed(cells: Sequence[NotebookNode], wanted: Collection[str]) -> list[str]:
    """Return the ids of some code cells and of all that they need to run, in the order of the notebook.

    A cell is needed if it makes a name that a needed cell below it uses; one name too many does no harm.

    Args:
        cells: of the notebook.
        wanted: ids of cells.
    """
    found: list[str] = []
    names: set[str] = set()
    for cell in reversed([one for one in cells if one.cell_type == "code"]):
        made, used = _names(cell.source)
        if cell.id in wanted or made & names:
            found.append(cell.id)
            names |= used
    return found[::-1]


def _names(source: str) -> tuple[set[str], set[str]]:
    """Return the names that a cell makes and those that it uses; a line of IPython's own does neither."""
    made, used = set[str](), set[str]()
    for node in ast.walk(ast.parse("\n".join(x for x in source.split("\n") if x[:1] not in "%!"))):
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                used.add(name)
            case ast.Name(id=name):
                made.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                made.add(name)
            case ast.alias(name=name, asname=other):
                made.add(other or name.split(".")[0])
    return made, used
