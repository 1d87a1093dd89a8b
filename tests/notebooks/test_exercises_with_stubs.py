"""The exercises as a learner gets them: every cell runs, every check says "not attempted yet"."""

import re
from pathlib import Path

import lint
import nbformat
import pytest

from coursekit.chapters import CHAPTERS
from coursekit.execution import run

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "exercises").glob("*/*.ipynb"))
CHECK = re.compile(r"^\s*check\(", re.MULTILINE)
NOT_ATTEMPTED = "not attempted yet"
CELL_SECONDS = 120


@pytest.fixture(scope="module", params=FILES, ids=lambda file: file.parent.name)
def ran(request, tmp_path_factory):
    """Run an exercise notebook in a folder of its own; any error stops here."""
    notebook = nbformat.read(request.param, as_version=4)
    folder = tmp_path_factory.mktemp(request.param.stem)
    run(notebook, folder, request.param.name, CELL_SECONDS)
    return notebook


def words_of(cell) -> str:
    """Return everything that a cell shows, as a learner reads it."""
    shown = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        shown.append(output.get("text") or data.get("text/html") or data.get("text/plain") or "")
    return re.sub(r"<[^>]+>", " ", "\n".join(shown))


def checks_of(notebook):
    return [
        cell for cell in notebook.cells if cell.cell_type == "code" and CHECK.search(cell.source)
    ]


def test_every_check_says_not_attempted(ran):
    checks = checks_of(ran)
    assert checks, "no cell calls check(...), expected one for each exercise"
    for cell in checks:
        words = words_of(cell)
        calls = len(CHECK.findall(cell.source))
        assert words.lower().count(NOT_ATTEMPTED) == calls, (
            f"cell {cell.id} says {words!r}, expected {NOT_ATTEMPTED!r} {calls} times: "
            "a stub must raise NotImplementedError and nothing else"
        )


def test_nothing_else_complains(ran):
    for cell in ran.cells:
        for output in cell.get("outputs", []):
            assert output.get("name") != "stderr", (
                f"cell {cell.id} writes to stderr: {output['text']}"
            )


def test_the_released_file_has_no_outputs():
    for file in FILES:
        notebook = lint.read(file)
        full = [cell["id"] for cell in notebook["cells"] if cell.get("outputs")]
        assert not full, f"{file.name} is stored with outputs in {full}: run coursekit release"


def test_every_chapter_with_solutions_has_exercises():
    for one in CHAPTERS:
        if (ROOT / one.solutions).exists():
            assert (ROOT / one.exercises) in FILES, (
                f"{one.exercises} is missing: run coursekit release"
            )
