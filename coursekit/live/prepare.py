"""Run a chapter once before its lecture, so that %catchup need not: ``python -m coursekit.live.prepare 3``."""

import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell

from coursekit.chapters import chapter
from coursekit.execution import run
from coursekit.live.script import read_script
from coursekit.live.snapshots import folder_of

_LONGEST_SECONDS = 1800


def is_prepared(number: int) -> bool:
    """Tell whether a chapter has run, as it is now."""
    folder = folder_of(read_script(chapter(number)))
    return folder is not None and (folder / "done").exists()


def prepare(number: int) -> None:
    """Run all references of a chapter in a kernel of its own, and write down what %catchup needs.

    Args:
        number: of the chapter.

    Raises:
        ExecutionError: a reference failed.
    """
    script = read_script(chapter(number))
    sources = "%load_ext coursekit.live", f"%lecture {number}", f"%catchup {len(script.parts)}"
    notebook = nbformat.v4.new_notebook(cells=[new_code_cell(one) for one in sources])
    run(notebook, Path.cwd(), f"chapter {number:02d}", _LONGEST_SECONDS)
    said = "".join(
        output.get("text", "")
        for output in notebook.cells[-1].outputs
        if output.get("name") == "stderr"
    )
    if said:
        raise RuntimeError(said)
    folder = folder_of(script)
    if folder is not None and folder.is_dir():
        (folder / "done").touch()


if __name__ == "__main__":
    prepare(int(sys.argv[1]))
