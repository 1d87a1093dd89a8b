"""Every chapter can be performed: revealed cell by cell, or entered anywhere, it shows what the chapter shows."""

import random
import re

import pytest
from long_chapters import is_long
from room import room

from coursekit.chapters import CHAPTERS
from coursekit.live.lecture import LECTURER, lecture_copy
from coursekit.live.script import read_script
from coursekit.notebooks import read
from coursekit.paths import MARKER, course_root

WRITTEN = [one for one in CHAPTERS if (course_root() / one.notebook).is_file()]


def shown(outputs, cell):
    """What a reader sees, without pixels, which differ from machine to machine, and addresses.

    Where more than that differs from machine to machine, the cell says so, and only errors count.
    """
    varies = {"nbval-ignore-output", "local-output"} & set(cell.metadata.get("tags", []))
    seen = []
    for one in outputs:
        if one["output_type"] == "error":
            seen.append(f"{one['ename']}: {one['evalue']}")
        elif not varies:
            data = one.get("data", {})
            text = one.get("text") or data.get("text/html") or data.get("text/plain") or ""
            text = re.sub(r"data:image/\w+;base64,[\w+/=]+", "an image", text)
            seen.append(re.sub(r"0x[0-9a-f]+", "an address", text).strip())
    return "\n".join(seen)


@pytest.fixture
def place(tmp_path):
    (tmp_path / MARKER).mkdir()
    return tmp_path


def chapters(*, long):
    return [pytest.param(one, id=one.folder) for one in WRITTEN if is_long(one.number) is long]


@pytest.mark.parametrize("chapter", chapters(long=False))
def test_each_cell_revealed_in_order(chapter, place):
    notebook, script = read(course_root() / chapter.notebook), read_script(chapter)
    published = {cell.id: cell for cell in notebook.cells}
    with room(place, f"live/{chapter.folder}.ipynb") as lab:
        lab.open(lecture_copy(chapter, notebook, LECTURER))
        lab.run("lecture")
        for part in script.parts:
            if part.live:
                lab.run(part.id, f"{part.prompt}\n%reveal")
            assert lab.cells[part.id] == part.source
            cell, outputs = published[part.id], lab.run(part.id)
            assert shown(outputs, cell) == shown(cell.outputs, cell), part.id


@pytest.mark.parametrize("chapter", chapters(long=True))
def test_what_is_revealed_is_what_the_notebook_runs(chapter, place):
    """Word for word; that revealing leaves nothing in the kernel has a test of its own, among the magics'."""
    notebook, script = read(course_root() / chapter.notebook), read_script(chapter)
    with room(place, f"live/{chapter.folder}.ipynb") as lab:
        lab.open(lecture_copy(chapter, notebook, LECTURER))
        lab.run("lecture")
        for part in script.parts:
            if part.live:
                lab.run(part.id, f"{part.prompt}\n%reveal")
        revealed = dict(lab.cells)
    revealed.pop("lecture")
    assert revealed == {cell.id: cell.source for cell in notebook.cells if cell.cell_type == "code"}


@pytest.mark.parametrize("chapter", WRITTEN, ids=lambda one: one.folder)
def test_a_cell_after_a_catchup(chapter, place):
    """Any cell can be entered; a chapter is entered at one of them, and at another one when it has changed."""
    published = {cell.id: cell for cell in read(course_root() / chapter.notebook).cells}
    script = read_script(chapter)
    near = len(script.parts)
    if is_long(chapter.number):
        near //= 3  # where the way is short
    (part,) = random.Random(script.version).sample(script.parts[:near], 1)
    with room(place, f"live/{chapter.folder}.ipynb") as lab:
        lab.run("lecture", f"%load_ext coursekit.live\n%lecture {chapter.number}")
        lab.run(part.id, "%catchup")
        cell, outputs = published[part.id], lab.run(part.id, part.source)
        assert shown(outputs, cell) == shown(cell.outputs, cell), part.id


def test_any_cell_can_be_entered_after_any_other(place):
    """The first chapter whole, in one kernel, in an order in which nobody would lecture."""
    chapter = CHAPTERS[0]
    published = {cell.id: cell for cell in read(course_root() / chapter.notebook).cells}
    script = read_script(chapter)
    order = random.Random(script.version).sample(script.parts, len(script.parts))
    with room(place, f"live/{chapter.folder}.ipynb") as lab:
        lab.run("lecture", f"%load_ext coursekit.live\n%lecture {chapter.number}")
        for part in order:
            lab.run(part.id, "%catchup")
            cell, outputs = published[part.id], lab.run(part.id, part.source)
            assert shown(outputs, cell) == shown(cell.outputs, cell), part.id
