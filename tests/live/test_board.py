"""What a room sees follows the lecturer's copy, and keeps the notes to the speaker."""

import json
import os

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from coursekit.chapters import chapter
from coursekit.live import board as boards
from coursekit.live.board import Board
from coursekit.live.lecture import LECTURER, make_copy
from coursekit.notebooks import DamagedNotebookError, read, write
from coursekit.paths import course_root


@pytest.fixture
def copy(tmp_path):
    """A small lecture copy."""
    cells = [
        new_code_cell("%load_ext coursekit.live", id="lecture"),
        new_markdown_cell("# Sums and $x^2$", id="title"),
        new_markdown_cell(
            "*Notes.* Wait.", id="notes-1", metadata={"slideshow": {"slide_type": "notes"}}
        ),
        new_code_cell("# [1] add", id="add"),
    ]
    path = tmp_path / "copy.ipynb"
    write(new_notebook(cells=cells), path)
    return path


def change(path, cell, source=None, printed=None):
    notebook = read(path)
    one = next(one for one in notebook.cells if one.id == cell)
    one.source = one.source if source is None else source
    if printed is not None:
        one.outputs = [new_output("stream", name="stdout", text=printed)]
    write(notebook, path)


def test_the_room_sees_the_cells_without_notes(copy):
    cells = Board(copy).view.cells
    assert list(cells) == ["title", "add"]
    assert "Sums and $x^2$" in cells["title"]
    assert "# [1] add" in cells["add"]


def test_the_copy_of_a_chapter_keeps_its_notes_from_the_room(tmp_path):
    made = make_copy(chapter(1), course_root(), tmp_path, LECTURER)
    notes = [cell for cell in read(made.path).cells if cell.id.startswith("notes-")]
    assert len(notes) > 5
    seen = Board(made.path)
    shown = "".join(seen.view.cells.values()) + str(seen.notebook())
    for cell in notes:
        assert cell.source.removeprefix("*Notes.* ") not in shown


def test_what_is_typed_and_printed_appears_and_is_marked(copy):
    board = Board(copy)
    first = board.view.version
    assert not board.look()
    change(copy, "add", "print(1 + 1)", "2\n")
    assert board.look()
    said = json.loads(board.since(first))
    assert said["cells"] == ["title", "add"]
    assert list(said["html"]) == ["add"]
    assert "2</pre>" in said["html"]["add"]
    assert said["latest"] == board.view.latest == "add"
    assert json.loads(board.since(board.view.version))["html"] == {}


def test_whoever_comes_back_late_gets_everything(copy, monkeypatch):
    monkeypatch.setattr(boards, "_REMEMBERED", 3)
    board = Board(copy)
    first = board.view.version
    for number in range(4):
        change(copy, "add", f"print({number})")
        assert board.look()
    assert list(json.loads(board.since(first))["html"]) == ["title", "add"]
    assert list(json.loads(board.since("none"))["html"]) == ["title", "add"]


def test_a_cell_that_moves_or_goes_is_told(copy):
    board = Board(copy)
    first = board.view.version
    notebook = read(copy)
    notebook.cells = [notebook.cells[3], notebook.cells[1]]
    write(notebook, copy)
    assert board.look()
    assert json.loads(board.since(first)) == {"cells": ["add", "title"], "html": {}, "latest": ""}
    notebook.cells.pop()
    write(notebook, copy)
    assert board.look()
    assert json.loads(board.since(first))["cells"] == ["add"]


def test_a_cell_pasted_twice_is_shown_twice(copy):
    text = copy.read_text()
    cells = json.loads(text)
    cells["cells"].append(cells["cells"][3])
    copy.write_text(json.dumps(cells))
    assert len(Board(copy).view.cells) == 3


@pytest.mark.parametrize("broken", ["", '{"cells": [', "no notebook"])
def test_a_file_that_is_half_written_changes_nothing(copy, broken):
    board = Board(copy)
    before, whole = board.view, copy.read_text()
    copy.write_text(broken)
    assert not board.look()
    assert board.view is before
    copy.unlink()
    assert not board.look()
    copy.write_text(whole.replace("# [1] add", "print(5)"))
    assert board.look()
    assert "5" in board.view.cells["add"]


def test_a_save_without_a_change_is_no_news(copy):
    board = Board(copy)
    os.utime(copy, ns=(1, 1))
    assert not board.look()


def test_only_what_changed_is_drawn_again(copy, monkeypatch):
    drawn = []
    draw = boards._html
    monkeypatch.setattr(boards, "_html", lambda cell: drawn.append(cell.id) or draw(cell))
    board = Board(copy)
    change(copy, "add", "print(1)")
    board.look()
    assert drawn == ["title", "add", "add"]


def test_what_is_no_notebook_is_refused_at_the_start(tmp_path):
    path = tmp_path / "copy.ipynb"
    path.write_text("no notebook")
    with pytest.raises(DamagedNotebookError):
        Board(path)
