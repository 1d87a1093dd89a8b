"""Run the published notebooks and store what they print, without what belongs to one machine."""

from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from coursekit.notebooks import read, write
from coursekit.paths import course_root


def execute_all(paths: list[Path] | None = None) -> list[str]:
    """Run notebooks from a clean kernel, each in its own folder, and store what they print.

    What belongs to this machine or this run is left out: time stamps, widget state, kernel versions, and the
    outputs of cells tagged ``local-output``. So running again changes a file only where an output changed.

    Args:
        paths: notebooks; all chapters and solutions if None.

    Returns:
        One line for each notebook.
    """
    lines = []
    for path in paths or published():
        before = path.read_text(encoding="utf-8")
        notebook = read(path)
        folder = {"metadata": {"path": str(path.parent)}}
        NotebookClient(notebook, timeout=300, resources=folder).execute()
        tidy(notebook)
        write(notebook, path)
        same = path.read_text(encoding="utf-8") == before
        lines.append(f"{path.name}: {'the same' if same else 'changed'}")
    return lines


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
