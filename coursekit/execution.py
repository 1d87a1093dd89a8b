"""Run the published notebooks and store what they print, without what belongs to one machine."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from subprocess import DEVNULL

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from traitlets.config import Config

from coursekit.errors import CourseError
from coursekit.kernels import private_sockets
from coursekit.notebooks import read, write
from coursekit.paths import course_root


class ExecutionError(CourseError):
    """A cell of a notebook that is to be published raised an error."""


def execute_all(paths: list[Path] | None = None) -> Iterator[str]:
    """Run notebooks from a clean kernel, each in its own folder, and store what they print.

    What belongs to this machine or this run is left out: time stamps, widget state, kernel versions,
    and the outputs of cells tagged ``local-output``. A cell tagged ``nbval-ignore-output``, a
    measurement for example, keeps the output that it has as long as the code up to and in it stays. So
    running again changes a file only where an output changed.

    Args:
        paths: notebooks; all chapters and solutions if None.

    Yields:
        One line for each notebook, when it is done.

    Raises:
        ExecutionError: a cell raised an error, and the notebook stays as it was; or a path is none.
        DamagedNotebookError: a file is not a notebook.
    """
    chosen = paths or published()
    if missing := [path for path in chosen if not path.is_file()]:
        raise ExecutionError(
            f"there is no notebook {missing[0]}; give paths such as notebooks/01_convolution_1d.ipynb, or none for all"
        )
    for path in chosen:
        before = path.read_text(encoding="utf-8")
        notebook, stored = read(path), {cell.id: cell for cell in read(path).cells}
        run(notebook, path.parent, path.name)
        tidy(notebook)
        _keep_measurements(notebook, stored)
        write(notebook, path)
        same = path.read_text(encoding="utf-8") == before
        yield f"{path.name}: {'the same' if same else 'changed'}"


def run(notebook: NotebookNode, folder: Path, name: str, seconds: int = 300) -> None:
    """Run a notebook from a clean kernel; what it prints is put into it.

    Args:
        notebook: the notebook.
        folder: in which its cells run.
        name: what an error calls it.
        seconds: the longest that one cell may take.

    Raises:
        ExecutionError: a cell raised an error.
    """
    with private_sockets() as sockets:
        client = NotebookClient(
            notebook,
            config=Config({"KernelManager": sockets}),
            timeout=seconds,
            resources={"metadata": {"path": str(folder)}},
        )
        try:
            # where a kernel greets; what cells print comes by message
            client.execute(stderr=DEVNULL)
        except CellExecutionError as error:
            raise ExecutionError(f"{name}: a cell raised {error.ename}: {error.evalue}") from error


def published() -> list[Path]:
    """Return the notebooks that are stored with their outputs: chapters and solutions."""
    root = course_root()
    return sorted(root.glob("notebooks/*.ipynb")) + sorted(root.glob("solutions/*/*.ipynb"))


def tidy(notebook: NotebookNode) -> None:
    """Remove from a notebook what belongs to one machine or one run."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
        }
    )
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        if "local-output" in cell.metadata.get("tags", []):
            cell.outputs = []
        cell.outputs = _join_streams(cell.outputs)
        for output in cell.outputs:
            # a stored widget without its kernel is an error message; its HTML form is the picture
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)


def _keep_measurements(notebook: NotebookNode, stored: dict[str, NotebookNode]) -> None:
    """Put back outputs that differ in every run, if the same code made them: that of the cell and of all above it.

    The cell remembers which code that was, so that an edited chapter never keeps the result of another.
    """
    code = hashlib.sha256()
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        code.update(f"{cell.source}\0".encode())
        tags = cell.metadata.get("tags", [])
        if "nbval-ignore-output" not in tags or "local-output" in tags:
            continue
        made_by = code.hexdigest()[:12]
        notes = cell.metadata.setdefault("coursekit", NotebookNode())
        if notes.get("measured") == made_by:
            cell.outputs = stored[cell.id].outputs or cell.outputs
        notes.measured = made_by


def _join_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join what a kernel happened to send in pieces: where it cuts depends on timing."""
    joined: list[NotebookNode] = []
    for output in outputs:
        last = joined[-1] if joined else None
        if last and output.output_type == last.output_type == "stream" and output.name == last.name:
            last.text += output.text
        else:
            joined.append(output)
    return joined
