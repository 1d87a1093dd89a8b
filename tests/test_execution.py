"""Executing a notebook stores what it prints and nothing of this machine."""

from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from coursekit.execution import ExecutionError, execute_all, published
from coursekit.notebooks import read, write

WIDGET = """
import ipywidgets
ipywidgets.IntSlider()
"""


def notebook(folder: Path, *sources: str, tags: list[str] | None = None) -> Path:
    cells = [new_code_cell(source, id=f"cell-{n}") for n, source in enumerate(sources)]
    cells[-1].metadata["tags"] = tags or []
    path = folder / "one.ipynb"
    write(new_notebook(cells=cells), path)
    return path


def test_outputs_are_stored_and_a_second_run_changes_nothing(tmp_path):
    path = notebook(tmp_path, "import sys; print('a'); sys.stdout.flush(); print('b')", "1 + 1")
    assert list(execute_all([path])) == ["one.ipynb: changed"]
    cells = read(path).cells
    assert [output.text for output in cells[0].outputs] == ["a\nb\n"]
    assert cells[1].outputs[0].data["text/plain"] == "2"
    assert [cell.execution_count for cell in cells] == [1, 2]
    assert list(execute_all([path])) == ["one.ipynb: the same"]


def test_what_belongs_to_one_run_is_left_out(tmp_path):
    path = notebook(tmp_path, WIDGET)
    list(execute_all([path]))
    text = path.read_text()
    assert "widget-view" not in text
    assert '"widgets"' not in text
    assert "iopub" not in text
    assert '"version"' not in text


def test_a_measurement_stays_until_its_source_or_output_is_changed(tmp_path):
    path = notebook(tmp_path, "import time; print(time.time())", tags=["nbval-ignore-output"])
    list(execute_all([path]))
    first = read(path).cells[0].outputs[0].text
    assert list(execute_all([path])) == ["one.ipynb: the same"]
    again = read(path)
    again.cells[0].source += "  # anew"
    write(again, path)
    list(execute_all([path]))
    assert read(path).cells[0].outputs[0].text != first


def test_a_measurement_is_made_anew_when_a_cell_above_it_changed(tmp_path):
    sources = "size = 1", "import time; print(size, time.time())"
    path = notebook(tmp_path, *sources, tags=["nbval-ignore-output"])
    list(execute_all([path]))
    again = read(path)
    again.cells[0].source = "size = 2"
    write(again, path)
    list(execute_all([path]))
    assert read(path).cells[1].outputs[0].text.startswith("2 ")


def test_local_output_is_dropped(tmp_path):
    path = notebook(tmp_path, "print('my machine')", tags=["local-output"])
    list(execute_all([path]))
    cell = read(path).cells[0]
    assert cell.outputs == []
    assert cell.execution_count == 1


def test_a_failing_cell_leaves_the_file_as_it_was(tmp_path):
    path = notebook(tmp_path, "1 / 0")
    before = path.read_bytes()
    with pytest.raises(
        ExecutionError, match=r"one\.ipynb: a cell raised ZeroDivisionError: division"
    ):
        list(execute_all([path]))
    assert path.read_bytes() == before


def test_chapters_and_solutions_are_published():
    names = [path.name for path in published()]
    assert names[:2] == ["00_start_here.ipynb", "01_convolution_1d.ipynb"]
    assert "convolution_1d.ipynb" in names


def test_a_path_without_a_notebook_is_named_before_anything_runs(tmp_path):
    path = notebook(tmp_path, "1")
    before = path.read_bytes()
    with pytest.raises(ExecutionError, match=r"no notebook .*two\.ipynb; give paths such as"):
        list(execute_all([path, tmp_path / "two.ipynb"]))
    assert path.read_bytes() == before
