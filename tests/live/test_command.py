"""`coursekit live`, as a lecturer types it."""

import subprocess
import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from coursekit.chapters import chapter
from coursekit.errors import CourseError
from coursekit.live import command, prepare
from coursekit.live.command import Stage
from coursekit.live.lecture import LECTURER, STUDENTS
from coursekit.live.script import ScriptError, read_script
from coursekit.live.snapshots import Snapshot, folder_of, newest, save
from coursekit.notebooks import read, write

FIRST = chapter(1)
SLOW = "import time\ntime.sleep(2.1)\nslow = rng.normal()"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course with one small chapter, in the middle of which something takes long."""
    root = tmp_path / "course"
    (root / "solutions").mkdir(parents=True)
    sources = ["import numpy as np\nrng = np.random.default_rng(0)", SLOW, "print(slow)"]
    cells = [new_markdown_cell("# One", id="title", metadata={"coursekit": {"minutes": 5}})]
    cells += [
        new_code_cell(one, id=f"cell-{n}", metadata={"tags": ["live"]})
        for n, one in enumerate(sources)
    ]
    write(new_notebook(cells=cells), root / FIRST.notebook)
    monkeypatch.setattr("coursekit.live.script.course_root", lambda: root)
    monkeypatch.setattr("coursekit.live.keeping.course_root", lambda: root)
    monkeypatch.setattr("coursekit.live.command.course_root", lambda: root)
    monkeypatch.chdir(root)
    return root


def test_it_writes_the_copy_and_opens_it(course, monkeypatch, capsys):
    opened = []
    monkeypatch.setattr(command, "open_lab", lambda *args: opened.append(args) or 0)
    monkeypatch.setattr(command, "is_prepared", lambda number: True)
    assert command.live(FIRST, LECTURER, False, Stage(8899, False, dark=True)) == 0
    port, browser, visit = opened[0]
    assert (port, browser, visit.page) == (8899, False, "live/01_convolution_1d.ipynb")
    settings = Path(visit.variables["JUPYTERLAB_SETTINGS_DIR"])
    assert "Dark High Contrast" in "".join(one.read_text() for one in settings.rglob("themes*"))
    assert "# [2] cell 1" in (course / "work" / visit.page).read_text()
    assert "Wrote work/live/01_convolution_1d.ipynb." in capsys.readouterr().out


def test_no_open_only_writes(course, monkeypatch):
    monkeypatch.setattr(command, "open_lab", lambda *args: pytest.fail("it opened JupyterLab"))
    assert command.live(FIRST, STUDENTS, False, None) == 0
    assert (course / "work/live/01_convolution_1d_students.ipynb").is_file()


def test_the_exit_status_is_that_of_jupyterlab(course, monkeypatch):
    monkeypatch.setattr(command, "open_lab", lambda *args: 7)
    monkeypatch.setattr(command, "is_prepared", lambda number: True)
    assert command.live(FIRST, LECTURER, False, Stage(browser=False)) == 7


def test_the_preparation_ends_with_jupyterlab(course, monkeypatch):
    started = []
    real = subprocess.Popen

    def popen(words, **options):
        assert words[1:] == ["-m", "coursekit.live.prepare", "1"]
        started.append(real([sys.executable, "-c", "import time; time.sleep(600)"], **options))
        return started[0]

    monkeypatch.setattr(command.subprocess, "Popen", popen)
    monkeypatch.setattr(command, "open_lab", lambda *args: 0 if started[0].poll() is None else 1)
    assert command.live(FIRST, LECTURER, False, Stage(browser=False)) == 0
    assert started[0].poll() is not None


def test_a_missing_chapter_is_named(course):
    with pytest.raises(
        ScriptError, match=r"the reference is missing: .*02_convolution_2d\.ipynb is not there"
    ):
        read_script(chapter(2))


# -- what takes long runs once


def snapshot(number, **names):
    return Snapshot(number, names, (None, None))


def test_the_newest_snapshot_that_will_do_is_found(course):
    script = read_script(FIRST)
    assert newest(script, 9) is None
    assert save(script, snapshot(2, a=1))
    assert save(script, snapshot(5, a=2))
    assert newest(script, 9).names == {"a": 2}
    assert newest(script, 4).names == {"a": 1}
    assert newest(script, 1) is None


def test_a_damaged_snapshot_is_passed_over(course):
    script = read_script(FIRST)
    save(script, snapshot(2, a=1))
    save(script, snapshot(5, a=2))
    (folder_of(script) / "5.pickle").write_bytes(b"half")
    assert newest(script, 9).number == 2


def test_what_cannot_be_written_down_is_no_snapshot(course):
    script = read_script(FIRST)
    assert not save(script, snapshot(2, a=(i for i in range(3))))
    assert newest(script, 9) is None


def test_other_code_has_other_snapshots(course):
    save(read_script(FIRST), snapshot(2, a=1))
    notebook = read(course / FIRST.notebook)
    notebook.cells[2].source += "\nslow = 2"
    write(notebook, course / FIRST.notebook)
    assert newest(read_script(FIRST), 9) is None
    assert not prepare.is_prepared(1)


def test_letters_that_nobody_can_read_are_refused_before_anything_is_written(course):
    with pytest.raises(CourseError, match="Letters of 5 pixels are not possible"):
        command.live(FIRST, LECTURER, False, Stage(size=5))
    assert not (course / "work" / "live").exists()
