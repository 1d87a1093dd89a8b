"""A lecture in a real JupyterLab: stuck, and on again."""

import re
from pathlib import Path

import pytest
from labpage import LabPage

from coursekit.chapters import chapter
from coursekit.live.lecture import LECTURER, make_copy
from coursekit.notebooks import read

pytestmark = pytest.mark.browser

FIRST = chapter(1)
SOURCE = (
    "id => course.content.widgets.find(cell => cell.model.id === id).model.sharedModel.getSource()"
)


@pytest.fixture
def lecture(lab: LabPage, course: Path, working_copy: Path) -> LabPage:
    """The lecture copy of chapter 01, open, with nothing run."""
    made = make_copy(FIRST, course, working_copy, LECTURER, fresh=True)
    lab.open(made.path.relative_to(working_copy).as_posix())
    return lab


def source(lab: LabPage, cell: str) -> str:
    return lab.page.evaluate(SOURCE, cell)


def words(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def test_a_wrong_line_is_compared_revealed_and_run(lecture: LabPage, course: Path):
    published = {cell.id: cell for cell in read(course / FIRST.notebook).cells}
    for cell in ("lecture", "imports-and-seed"):
        lecture.run_cell(cell)
    for cell in ("sensor-readings", "first-average"):
        assert source(lecture, cell).startswith("# [")
        lecture.run_cell(cell, f"{source(lecture, cell)}\n%reveal")
        assert source(lecture, cell) == published[cell].source
        lecture.run_cell(cell)
    loop = "slide-in-a-loop"
    wrong = "y = []\nfor i in range(len(x) - 7):"
    said = lecture.run_cell(loop, f"{wrong}\n%diff")
    lecture.screenshot("diff")
    assert "for i in range(len(x) - 7):" in said
    assert "for i in range(len(x)):" in said
    assert source(lecture, loop) == wrong
    lecture.run_cell(loop, f"{wrong}\n%reveal next line")
    assert source(lecture, loop) == f"{wrong}\n{published[loop].source.splitlines()[1]}"
    assert "What you typed is kept in" in lecture.run_cell(
        loop, f"{source(lecture, loop)}\n%reveal"
    )
    assert source(lecture, loop) == published[loop].source
    assert words(lecture.run_cell(loop)) == words(published[loop].outputs[0].text)
    lecture.screenshot("revealed")
    assert lecture.errors() == []


def test_the_last_third_on_a_fresh_kernel(lecture: LabPage, course: Path):
    published = {cell.id: cell for cell in read(course / FIRST.notebook).cells}
    cell = "check-the-gradient"
    said = lecture.run_cell(cell, f"{source(lecture, cell)}\n%catchup")
    lecture.screenshot("caught-up")
    assert "cells [1] to [18] have run" in said
    lecture.run_cell(cell, f"{source(lecture, cell)}\n%reveal")
    assert words(lecture.run_cell(cell)) == words(published[cell].outputs[0].text)
    assert lecture.errors() == []


def test_every_gap_filled_gives_the_chapter(lecture: LabPage, course: Path):
    published = {cell.id: cell for cell in read(course / FIRST.notebook).cells}
    for cell in [one["id"] for one in lecture.cells() if one["kind"] == "code"][1:]:
        if source(lecture, cell).startswith("# ["):
            lecture.run_cell(cell, "%reveal")
        assert source(lecture, cell) == published[cell].source
        said = lecture.run_cell(cell)
        for output in published[cell].outputs:
            if output.output_type == "stream" and "nbval-ignore-output" not in published[
                cell
            ].metadata.get("tags", []):
                assert words(output.text) in words(said)
    lecture.screenshot("performed")
    assert lecture.errors() == []
