"""A submission's file may be anything: it is read as a notebook, or refused with one sentence."""

import json
import os
from pathlib import Path

import pytest

from coursekit.grading.submission import MAX_BYTES, UnreadableError, parse_submission, read_bytes
from coursekit.paths import course_root

NOTEBOOK = (course_root() / "exercises/01_convolution_1d/convolution_1d.ipynb").read_bytes()


def refused(path: Path) -> str:
    with pytest.raises(UnreadableError) as caught:
        parse_submission(read_bytes(path), path.name)
    return str(caught.value)


def changed(**parts) -> bytes:
    return json.dumps({**json.loads(NOTEBOOK), **parts}).encode()


def test_a_notebook_is_read(tmp_path):
    path = tmp_path / "mine.ipynb"
    path.write_bytes(NOTEBOOK)
    cells = parse_submission(read_bytes(path), path.name).cells
    assert [cell.id for cell in cells] == [cell["id"] for cell in json.loads(NOTEBOOK)["cells"]]


def test_line_ends_and_marks_of_other_systems_do_not_matter():
    plain = parse_submission(NOTEBOOK, "mine.ipynb")
    other = parse_submission(b"\xef\xbb\xbf" + NOTEBOOK.replace(b"\n", b"\r\n"), "mine.ipynb")
    assert [cell.source for cell in other.cells] == [cell.source for cell in plain.cells]
    assert other.sha256 != plain.sha256


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"<!DOCTYPE html><html>", "is a web page"),
        (b"PK\x03\x04\x00\xff", "is not a notebook"),
        (b"[]", "is not a notebook"),
        (b"[" * 1_000_000, "is not a notebook"),
        (b"9" * 10_000, "is not a notebook"),
        (b"\x00" * 100, "is not a notebook"),
        (changed(nbformat=3), "only format 4 can be read"),
        (changed(cells="x"), "is not a notebook"),
        (changed(cells=[1]), "is not a notebook"),
        (changed(cells=[{"cell_type": "code", "source": ""}] * 5000), "has 5000 cells"),
        (changed(cells=[{"cell_type": "code", "source": "x" * 3_000_000}]), "million letters"),
        (changed(cells=[{"cell_type": "code", "source": ["x\n"] * 2_000_000}]), "million letters"),
    ],
)
def test_what_is_no_notebook(tmp_path, data, said):
    path = tmp_path / "mine.ipynb"
    path.write_bytes(data)
    assert said in refused(path)


def test_links_are_not_followed(tmp_path):
    (tmp_path / "real.ipynb").write_bytes(NOTEBOOK)
    (tmp_path / "mine.ipynb").symlink_to(tmp_path / "real.ipynb")
    assert "mine.ipynb is a link; links are not followed" in refused(tmp_path / "mine.ipynb")


def test_a_pipe_does_not_make_the_grader_wait(tmp_path):
    os.mkfifo(tmp_path / "mine.ipynb")
    assert "not a regular file" in refused(tmp_path / "mine.ipynb")


def test_a_folder_with_the_name_of_a_file(tmp_path):
    (tmp_path / "mine.ipynb").mkdir()
    assert "not a regular file" in refused(tmp_path / "mine.ipynb")


def test_a_huge_file_is_not_read(tmp_path):
    with (tmp_path / "mine.ipynb").open("wb") as file:
        file.truncate(5 * 10**9)
    assert "has 5000 MB" in refused(tmp_path / "mine.ipynb")
    assert MAX_BYTES < 5 * 10**9


def test_a_file_that_is_not_there_and_one_that_may_not_be_read(tmp_path, monkeypatch):
    assert "no such file" in refused(tmp_path / "mine.ipynb")

    def forbidden(*args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", forbidden)
    assert "cannot be read: permission denied" in refused(tmp_path / "mine.ipynb")


def test_outputs_may_be_large_and_broken():
    cells = json.loads(NOTEBOOK)["cells"]
    cells[1]["outputs"] = [{"output_type": "nonsense", "text": "x" * 3_000_000}]
    assert len(parse_submission(changed(cells=cells), "mine.ipynb").cells) == len(cells)
