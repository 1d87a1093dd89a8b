"""Every chapter can be performed: revealed cell by cell, or entered anywhere, it shows what the chapter shows."""

import random
import re

import pytest
from room import room

from coursekit.chapters import CHAPTERS
from coursekit.live.lecture import LECTURER, lecture_copy
from coursekit.live.script import read_script
from coursekit.notebooks import read
from coursekit.paths import MARKER, course_root

WRITTEN = [one for one in CHAPTERS if (course_root() / one.notebook).is_file()]
# Cells of each chapter that are entered by %catchup, others every time a chapter changes.
ENTRIES = 1
# These train networks: they are entered in their first third, where the way is short.
LONG = {7, 9, 10}


def shown(outputs):
    """What a reader sees, without pixels, which differ from machine to machine, and addresses."""
    seen = []
    for one in outputs:
        if one["output_type"] == "error":
            seen.append(f"{one['ename']}: {one['evalue']}")
            continue
        data = one.get("data", {})
        text = one.get("text") or data.get("text/html") or data.get("text/plain") or ""
        text = re.sub(r"data:image/\w+;base64,[\w+/=]+", "an image", text)
        seen.append(re.sub(r"0x[0-9a-f]+", "an address", text).strip())
    return "\n".join(seen)


def compared(cell):
    return not {"nbval-ignore-output", "local-output"} & set(cell.metadata.get("tags", []))


@pytest.fixture
def place(tmp_path):
    (tmp_path / MARKER).mkdir()
    return tmp_path


@pytest.mark.parametrize("chapter", WRITTEN, ids=lambda one: one.folder)
def test_each_cell_revealed_in_order_and_any_cell_after_a_catchup(chapter, place):
    notebook = read(course_root() / chapter.notebook)
    published = {cell.id: cell for cell in notebook.cells}
    script = read_script(chapter)
    with room(place, f"live/{chapter.folder}.ipynb") as lab:
        lab.open(lecture_copy(chapter, notebook, LECTURER))
        lab.run("lecture")
        for part in script.parts:
            if part.live:
                lab.run(part.id, f"{part.prompt}\n%reveal")
            assert lab.cells[part.id] == part.source
            outputs = lab.run(part.id)
            if compared(published[part.id]):
                assert shown(outputs) == shown(published[part.id].outputs), part.id
    choose = random.Random(script.version)
    near = len(script.parts) // 3 if chapter.number in LONG else len(script.parts)
    for part in sorted(choose.sample(script.parts[:near], ENTRIES), key=lambda one: -one.number):
        with room(place, f"live/{chapter.folder}.ipynb") as lab:
            lab.run("lecture", f"%load_ext coursekit.live\n%lecture {chapter.number}")
            lab.run(part.id, "%catchup")
            outputs = lab.run(part.id, part.source)
            if compared(published[part.id]):
                assert shown(outputs) == shown(published[part.id].outputs), part.id
            else:
                assert not any(one["output_type"] == "error" for one in outputs), part.id


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
            outputs = lab.run(part.id, part.source)
            if compared(published[part.id]):
                assert shown(outputs) == shown(published[part.id].outputs), part.id
