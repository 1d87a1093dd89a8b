"""Reading what tools and people leave behind, and writing without leaving half of anything."""

import json
import os

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from coursekit.files import atomic_write, remove_leftovers
from coursekit.notebooks import (
    DamagedNotebookError,
    parse,
    read,
    write,
)


def raw(*cells, **more):
    notebook = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more}
    return json.dumps(notebook).encode()


def code(**more):
    cell = {"cell_type": "code", "id": "c", "metadata": {}, "source": "x", "outputs": []}
    return {**cell, "execution_count": None, **more}


def test_what_is_written_is_read(tmp_path):
    output = new_output("display_data", data={"text/plain": "a\nb", "image/png": "AA=="})
    cells = [
        new_code_cell("x = 1\ny = 2\n", outputs=[output]),
        new_markdown_cell("$α$ \u2028 \r\n"),
    ]
    notebook = new_notebook(cells=cells, metadata={"own": 1})

    write(notebook, tmp_path / "a.ipynb")

    assert read(tmp_path / "a.ipynb") == notebook
    assert parse((tmp_path / "a.ipynb").read_bytes(), "a") == (notebook, False)


def test_half_an_emoji_survives(tmp_path):
    write(new_notebook(cells=[new_code_cell("'\ud83d'")]), tmp_path / "a.ipynb")

    assert read(tmp_path / "a.ipynb").cells[0].source == "'\ud83d'"


def test_a_byte_order_mark_and_lines_in_a_list_are_no_damage():
    notebook, mended = parse(b"\xef\xbb\xbf" + raw(code(source=["a\n", "b"])), "a")

    assert notebook.cells[0].source == "a\nb"
    assert not mended


@pytest.mark.parametrize(
    "cell",
    [
        {key: value for key, value in code().items() if key != "id"},
        code(id="not valid!"),
        code(id="x" * 65),
        code(id=7),
        code(metadata=None),
        code(outputs=None),
        code(outputs=[{"output_type": "nonsense"}]),
        code(outputs=["text"]),
        code(execution_count="three"),
        code(prompt_number=3),
        code(cell_type="heading"),
        code(metadata={"tags": "text"}),
        {"cell_type": "markdown", "id": "c", "metadata": {}, "source": "x", "attachments": []},
        {"source": "x"},
    ],
)
def test_what_a_tool_left_out_or_added_is_mended_and_the_text_kept(cell):
    notebook, mended = parse(raw(cell, code(id="other", outputs=[])), "a")

    nbformat.validate(notebook)
    assert mended
    assert notebook.cells[0].source == "x"
    assert parse(raw(cell, code(id="other", outputs=[])), "a")[0] == notebook


def test_mending_one_cell_leaves_the_others_alone():
    good = code(id="good", execution_count=3, outputs=[new_output("stream", text="1")])

    notebook, _ = parse(raw(good, code(nonsense=1)), "a")

    assert notebook.cells[0] == good


def test_the_marks_of_nbgrader_survive_mending():
    marks = {"grade_id": "a", "solution": True}

    notebook, _ = parse(raw(code(metadata={"tags": 1, "nbgrader": marks})), "a")

    assert notebook.cells[0].metadata == {"nbgrader": marks}


def test_the_second_of_two_equal_ids_gets_a_new_one():
    cells = parse(raw(code(source="1"), code(source="2"), code(source="3", id="d")), "a")[0].cells

    assert [cell.id for cell in cells][::2] == ["c", "d"]
    assert len({cell.id for cell in cells}) == 3


def test_cells_without_ids_get_the_same_ones_every_time():
    old = raw({"cell_type": "code", "source": "x"}, {"cell_type": "code", "source": "x"})
    first, second = (parse(old, "a")[0] for _ in range(2))

    assert first == second
    assert len({cell.id for cell in first.cells}) == 2


def test_format_4_4_becomes_4_5():
    assert parse(raw(nbformat_minor=4), "a")[0].nbformat_minor == 5


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "Expecting value"),
        (b"<html>", "Expecting value"),
        (b'{"cells": [', "Expecting value"),
        (b"[]", "no list of cells"),
        (b'{"cells": 1}', "no list of cells"),
        (raw(3), "a cell is a int"),
        (raw({"cell_type": "code"}), "no text"),
        (raw(code(source=[1])), "no text"),
        (raw(nbformat=3), "format 3"),
        (b"\xff", "utf-8"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_notebook_is_said_to_be_none(tmp_path, data, reason):
    (tmp_path / "a.ipynb").write_bytes(data)

    with pytest.raises(
        DamagedNotebookError, match=f"^a.ipynb is not a notebook: .*{reason}"
    ) as error:
        read(tmp_path / "a.ipynb")

    assert "\n" not in str(error.value)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def full(handle):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="disk full"):
        atomic_write(path, "new")

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_file_is_replaced_in_one_step(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with path.open() as reader:
        atomic_write(path, "new")

        assert reader.read() == "old"
    assert path.read_text() == "new"


def test_folders_are_made_and_line_ends_kept(tmp_path):
    atomic_write(tmp_path / "b" / "c" / "a.txt", "1\n2\r\n")
    atomic_write(tmp_path / "a.bin", b"\x00\xff")

    assert (tmp_path / "b/c/a.txt").read_bytes() == b"1\n2\r\n"
    assert (tmp_path / "a.bin").read_bytes() == b"\x00\xff"


def test_permissions_are_those_of_the_old_file_or_of_any_new_one(tmp_path):
    old, new, other = tmp_path / "old", tmp_path / "new", tmp_path / "other"
    old.write_text("")
    old.chmod(0o600)
    other.write_text("")

    atomic_write(old, "x")
    atomic_write(new, "x")

    assert old.stat().st_mode & 0o777 == 0o600
    assert new.stat().st_mode == other.stat().st_mode


def test_only_leftovers_of_the_same_file_are_removed(tmp_path):
    names = [".a.ipynb.0123abcd.new", ".b.ipynb.0123abcd.new", "a.ipynb", ".a.ipynb.mine.new"]
    for name in names:
        (tmp_path / name).write_text("")

    remove_leftovers(tmp_path / "a.ipynb")
    remove_leftovers(tmp_path / "nowhere" / "a.ipynb")

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names[1:])
