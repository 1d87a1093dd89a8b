"""Making and updating a working copy: ordinary use, every kind of damage, and being stopped
half-way."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import coursekit.study.working_copy.updating as working_copy_module
from coursekit import notebooks
from coursekit.errors import CourseError
from coursekit.lock import locked
from coursekit.paths import MARKER
from coursekit.study.working_copy import update
from coursekit.study.working_copy.versions import STAMP

CHAPTER = "notebooks/01_convolution_1d.ipynb"
EXERCISES = "exercises/01_convolution_1d/convolution_1d.ipynb"
SIGNAL = "exercises/01_convolution_1d/signal.csv"
NOTEBOOKS = [CHAPTER, EXERCISES]


def grader(name, solution=False):
    marks = {"grade_id": name, "solution": solution, "grade": not solution, "locked": not solution}
    return {"nbgrader": {**marks, "points": 1, "schema_version": 3, "task": False}}


def put(root, name, *cells):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path.write_text(
        nbformat.writes(new_notebook(cells=list(cells), metadata={"kernelspec": kernel}))
    )


def chapter(text="Slide the kernel.", more="done"):
    output = [new_output("stream", text="1\n")]
    return [
        new_markdown_cell(text, id="intro"),
        new_code_cell("print(1)", id="code", outputs=output, execution_count=1),
        new_markdown_cell(more, id="end"),
    ]


def exercises(check='check("1.1", f)'):
    return [
        new_markdown_cell("Task 1.1", id="task"),
        new_code_cell("def f(x):\n    ...", id="answer", metadata=grader("a1", solution=True)),
        new_code_cell(check, id="check", metadata=grader("t1")),
    ]


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "course"
    put(root, "notebooks/00_start_here.ipynb", new_markdown_cell("Welcome", id="hello"))
    put(root, CHAPTER, *chapter())
    put(root, EXERCISES, *exercises())
    (root / SIGNAL).write_text("1,2,3\n")
    return root


def upgrade(root):
    """The course gets better: new text in both notebooks, new data, a chapter more."""
    put(root, CHAPTER, *chapter(text="Slide the kernel along."))
    put(root, EXERCISES, *exercises(check='check("1.1", f)  # better'))
    (root / SIGNAL).write_text("1,2,3,4\n")
    put(root, "notebooks/02_convolution_2d.ipynb", new_markdown_cell("Two dimensions", id="two"))


def answer(work, text="def f(x):\n    return 2 * x"):
    path = work / EXERCISES
    notebook = notebooks.read(path)
    next(cell for cell in notebook.cells if cell.id == "answer").source = text
    notebooks.write(notebook, path)


def sources(path):
    return [cell.source for cell in notebooks.read(path).cells]


def files(folder, without=()):
    """All files and their content; the stamps of time and of names differ from run to run."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part in without for part in path.relative_to(folder).parts)
    }


def backups(work):
    return [path for path in (work / MARKER / "backups").rglob("*") if path.is_file()]


# --- ordinary use -------------------------------------------------------------


def test_the_first_time_it_makes_the_copy(root):
    report = update(root)

    work = root / "work"
    assert str(report) == "Made your working copy in work/: 2 notebooks, 1 exercise set."
    assert sources(work / CHAPTER) == sources(root / CHAPTER)
    assert sources(work / EXERCISES) == sources(root / EXERCISES)
    assert (work / SIGNAL).read_text() == "1,2,3\n"
    assert (work / MARKER).is_dir()


def test_a_chapter_comes_without_answers_to_its_questions(root):
    update(root)
    work = root / "work"
    code = [cell for cell in notebooks.read(work / CHAPTER).cells if cell.cell_type == "code"]
    assert code
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    stored = [cell for cell in notebooks.read(root / CHAPTER).cells if cell.cell_type == "code"]
    assert stored[0].outputs, "the published chapter keeps its outputs"


def test_later_it_brings_new_text_and_keeps_the_answers(root):
    update(root)
    answer(root / "work")
    upgrade(root)

    report = update(root)

    work = root / "work"
    assert str(report) == (
        "Updated your working copy in work/: 1 new notebook, new text in 2 cells, 1 data file; "
        "your answer is kept."
    )
    assert sources(work / CHAPTER) == ["Slide the kernel along.", "print(1)", "done"]
    assert sources(work / EXERCISES)[1:] == [
        "def f(x):\n    return 2 * x",
        'check("1.1", f)  # better',
    ]
    assert (work / SIGNAL).read_text() == "1,2,3,4\n"


def test_a_second_update_touches_nothing_and_says_nothing(root):
    update(root)
    answer(root / "work")
    upgrade(root)
    update(root)
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    content = files(root)

    report = update(root)

    assert str(report) == ""
    assert files(root) == content
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


def test_a_place_of_ones_own_for_the_working_copy(root, tmp_path):
    report = update(root, tmp_path / "mine")

    assert str(report).startswith("Made your working copy in mine/:")
    assert not (root / "work").exists()


def test_what_the_learner_changed_is_backed_up_before_it_is_touched(root):
    update(root)
    answer(root / "work")
    saved = (root / "work" / EXERCISES).read_bytes()
    upgrade(root)
    update(root)

    assert [path.read_bytes() for path in backups(root / "work")] == [saved]
    assert backups(root / "work")[0].as_posix().endswith(EXERCISES)


def test_files_of_the_learners_own_are_left_alone(root):
    update(root)
    own = root / "work/notebooks/my_notes.ipynb"
    own.write_text("not even a notebook")
    (root / "work/exercises/01_convolution_1d/plot.png").write_bytes(b"\x89PNG")
    before = files(root / "work")

    assert str(update(root)) == ""
    assert files(root / "work") == before


@pytest.mark.parametrize("name", [*NOTEBOOKS, SIGNAL])
def test_a_deleted_file_comes_back(root, name):
    update(root)
    before = (root / "work" / name).read_bytes()
    (root / "work" / name).unlink()

    assert f"work/{name} was missing" in str(update(root))
    assert (root / "work" / name).read_bytes() == before


def test_a_renamed_notebook_stays_and_the_original_comes_back(root):
    update(root)
    answer(root / "work")
    renamed = (root / "work" / EXERCISES).rename(root / "work/exercises/mine.ipynb")
    content = renamed.read_bytes()

    update(root)

    assert renamed.read_bytes() == content
    assert sources(root / "work" / EXERCISES)[1].endswith("...")


def test_a_file_that_the_course_dropped_stays_and_is_mentioned_once(root):
    put(root, "notebooks/99_extra.ipynb", new_markdown_cell("Extra", id="x"))
    update(root)
    (root / "notebooks/99_extra.ipynb").unlink()

    assert "work/notebooks/99_extra.ipynb is no longer part of the course" in str(update(root))
    assert sources(root / "work/notebooks/99_extra.ipynb") == ["Extra"]
    assert str(update(root)) == ""


def test_data_that_both_changed_is_kept_beside(root):
    update(root)
    (root / "work" / SIGNAL).write_text("my,own,numbers\n")
    assert str(update(root)) == ""
    (root / SIGNAL).write_text("new\n")

    said = str(update(root))

    assert "signal.kept-1.csv" in said
    assert (root / "work" / SIGNAL).read_text() == "new\n"
    assert (root / "work" / SIGNAL).with_name("signal.kept-1.csv").read_text() == "my,own,numbers\n"


def test_hidden_files_and_caches_of_the_course_are_not_copied(root):
    (root / "notebooks/.ipynb_checkpoints").mkdir()
    put(root, "notebooks/.ipynb_checkpoints/01-checkpoint.ipynb")
    (root / "exercises/__pycache__").mkdir()
    (root / "exercises/__pycache__/x.pyc").write_bytes(b"")

    assert "2 notebooks, 1 exercise set" in str(update(root))
    assert not list((root / "work").rglob("*checkpoint*"))
    assert not list((root / "work").rglob("*.pyc"))


def test_deleted_cells_stay_deleted_in_a_chapter_and_come_back_in_exercises(root):
    update(root)
    for name, gone in ((CHAPTER, "end"), (EXERCISES, "task")):
        notebook = notebooks.read(root / "work" / name)
        notebook.cells = [cell for cell in notebook.cells if cell.id != gone]
        notebooks.write(notebook, root / "work" / name)

    update(root)

    assert sources(root / "work" / CHAPTER) == ["Slide the kernel.", "print(1)"]
    assert sources(root / "work" / EXERCISES) == sources(root / EXERCISES)


def test_an_old_tab_saved_over_an_update_does_not_pass_for_the_learners_text(root):
    update(root)
    old_tab = (root / "work" / CHAPTER).read_bytes()
    put(root, CHAPTER, *chapter(text="Better."), new_markdown_cell("And more.", id="more"))
    update(root)
    updated = sources(root / "work" / CHAPTER)
    (root / "work" / CHAPTER).write_bytes(old_tab)

    update(root)

    assert (
        sources(root / "work" / CHAPTER) == updated == ["Better.", "print(1)", "done", "And more."]
    )


def test_new_outputs_of_the_course_for_a_cell_that_the_learner_ran_are_no_news(root):
    update(root)
    ran = notebooks.read(root / "work" / CHAPTER)
    ran.cells[1].outputs = [new_output("stream", text="mine\n")]
    notebooks.write(ran, root / "work" / CHAPTER)
    cells = chapter()
    cells[1].outputs[0].text = "other\n"
    put(root, CHAPTER, *cells)

    assert str(update(root)) == ""
    assert notebooks.read(root / "work" / CHAPTER).cells[1].outputs[0].text == "mine\n"


def test_only_a_few_old_versions_are_stored(root):
    for number in range(8):
        put(root, CHAPTER, *chapter(text=f"Version {number}"))
        update(root)

    stored = (root / "work" / MARKER / "versions" / CHAPTER).with_suffix("")
    assert len(list(stored.iterdir())) == 4
    assert sources(root / "work" / CHAPTER)[0] == "Version 7"


@pytest.mark.parametrize("lost", [".", "base", "versions", f"base/{EXERCISES}"])
def test_answers_survive_the_loss_of_the_base(root, lost):
    update(root)
    answer(root / "work")
    upgrade(root)
    gone = root / "work" / MARKER / lost
    shutil.rmtree(gone) if gone.is_dir() else gone.write_text("damaged")

    update(root)

    assert "def f(x):\n    return 2 * x" in sources(root / "work" / EXERCISES)
    assert 'check("1.1", f)  # better' in sources(root / "work" / EXERCISES)
    content = files(root)
    assert str(update(root)) == ""
    assert files(root) == content


# --- what old and careless tools do -------------------------------------------


def rewrite(path, change):
    raw = json.loads(path.read_text())
    change(raw)
    path.write_text(json.dumps(raw))


def strip_ids(raw):
    raw["nbformat_minor"] = 4
    for cell in raw["cells"]:
        del cell["id"]


def strip_metadata(raw):
    raw["metadata"] = {}
    for cell in raw["cells"]:
        cell["metadata"] = {}


def drop_metadata(raw):
    del raw["metadata"]
    for cell in raw["cells"]:
        del cell["metadata"]


def add_nonsense(raw):
    for cell in raw["cells"]:
        cell["cell_id"] = "x"
        cell["metadata"]["tags"] = "not a list"
        if "outputs" in cell:
            cell["outputs"] = [{"output_type": "nonsense"}]
            cell["execution_count"] = "three"


def same_ids(raw):
    raw["cells"] += [dict(raw["cells"][1], source="def f(x):\n    return 'second'")]


def bad_ids(raw):
    raw["cells"][0]["id"] = "not valid!"
    raw["cells"][2]["id"] = 7


@pytest.mark.parametrize(
    "change", [strip_ids, strip_metadata, drop_metadata, add_nonsense, same_ids, bad_ids]
)
def test_a_notebook_that_a_tool_mangled_is_mended(root, change):
    update(root)
    answer(root / "work")
    rewrite(root / "work" / EXERCISES, change)
    upgrade(root)

    update(root)

    got = notebooks.read(root / "work" / EXERCISES)
    assert [cell.source for cell in got.cells][:3] == [
        "Task 1.1",
        "def f(x):\n    return 2 * x",
        'check("1.1", f)  # better',
    ]
    assert [cell.id for cell in got.cells][:3] == ["task", "answer", "check"]
    assert ("def f(x):\n    return 'second'" in sources(root / "work" / EXERCISES)) == (
        change is same_ids
    )
    assert str(update(root)) == ""


def test_ids_that_were_lost_are_written_down_again(root):
    update(root)
    rewrite(root / "work" / CHAPTER, lambda raw: raw["cells"].append(dict(raw["cells"][0])))

    assert str(update(root)).endswith("small changes in 1 notebook.")
    raw = json.loads((root / "work" / CHAPTER).read_text())
    assert len({cell["id"] for cell in raw["cells"]}) == 4


# --- damage -------------------------------------------------------------------

DAMAGE = {
    "empty": b"",
    "blank": b"  \n",
    "truncated": b'{"cells": [{"cell_type": "code", "source": ["my ans',
    "html": b"<!DOCTYPE html><html><body>404</body></html>",
    "no cells": b'{"metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
    "cells are no list": b'{"cells": {}, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
    "cell is no object": b'{"cells": [1], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
    "cell without text": b'{"cells": [{"cell_type": "code"}], "nbformat": 4, "nbformat_minor": 5}',
    "a list": b"[]",
    "not utf-8": b"\xff\xfe\x00{",
    "zeros": bytes(4096),
    "format 3": b'{"worksheets": [], "metadata": {}, "nbformat": 3, "nbformat_minor": 0}',
    "conflict": b'<<<<<<< HEAD\n{"cells": []}\n=======\n',
    "nested": b"[" * 100_000,
}


@pytest.mark.parametrize("name", NOTEBOOKS)
@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_notebook_is_kept_beside_the_new_one(root, name, damage):
    update(root)
    path = root / "work" / name
    whole = path.read_bytes()
    path.write_bytes(damage)

    said = str(update(root))

    kept = path.with_name(f"{path.stem}.damaged-1.ipynb")
    assert kept.read_bytes() == damage
    assert path.read_bytes() == whole
    assert f"work/{name} is not a notebook" in said
    assert kept.name in said
    assert said.count("\n") == 0
    assert str(update(root)) == ""


def test_each_damaged_file_gets_a_name_of_its_own(root):
    update(root)
    for content in (b"one", b"two"):
        (root / "work" / CHAPTER).write_bytes(content)
        update(root)

    kept = sorted((root / "work/notebooks").glob("*.damaged-*.ipynb"))
    assert [path.read_bytes() for path in kept] == [b"one", b"two"]


@pytest.mark.parametrize("name", [*NOTEBOOKS, SIGNAL])
def test_a_folder_in_the_place_of_a_file(root, name):
    update(root)
    path = root / "work" / name
    path.unlink()
    path.mkdir()
    (path / "inside.txt").write_text("mine")

    said = str(update(root))

    kept = path.with_name(f"{path.stem}.damaged-1{path.suffix}")
    assert (kept / "inside.txt").read_text() == "mine"
    assert path.is_file()
    assert f"work/{name} is a folder" in said


def test_a_file_in_the_place_of_a_folder(root):
    (root / "work").mkdir()
    (root / "work/exercises").write_text("mine")

    said = str(update(root))

    assert (root / "work/exercises.damaged-1").read_text() == "mine"
    assert "work/exercises is not a folder" in said
    assert sources(root / "work" / EXERCISES) == sources(root / EXERCISES)


def test_a_broken_link_is_kept(root):
    update(root)
    path = root / "work" / CHAPTER
    path.unlink()
    path.symlink_to("nowhere.ipynb")

    said = str(update(root))

    kept = path.with_name(f"{path.stem}.damaged-1.ipynb")
    assert kept.is_symlink()
    assert kept.readlink() == Path("nowhere.ipynb")
    assert not path.is_symlink()
    assert kept.name in said


def test_answers_behind_a_link_come_in_and_what_it_leads_to_stays(root, tmp_path):
    update(root)
    answer(root / "work")
    path, elsewhere = root / "work" / EXERCISES, tmp_path / "elsewhere.ipynb"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    content = elsewhere.read_bytes()
    upgrade(root)

    said = str(update(root))

    assert sources(path)[1:] == ["def f(x):\n    return 2 * x", 'check("1.1", f)  # better']
    assert not path.is_symlink()
    assert elsewhere.read_bytes() == content
    kept = path.with_name(f"{path.stem}.damaged-1.ipynb")
    assert kept.readlink() == elsewhere
    assert f"work/{EXERCISES} was a link" in said


def test_a_file_that_cannot_be_read_is_kept(root, monkeypatch):
    update(root)
    path = root / "work" / CHAPTER
    secret = path.read_bytes()
    inode = path.stat().st_ino
    read_bytes = Path.read_bytes

    def refuse(self):
        # tests may run as root, whom no permission stops
        if self.exists() and self.stat().st_ino == inode:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))
        return read_bytes(self)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    said = str(update(root))
    monkeypatch.undo()

    assert f"work/{CHAPTER} cannot be read (Permission denied)" in said
    assert path.with_name(f"{path.stem}.damaged-1.ipynb").read_bytes() == secret
    assert sources(path) == sources(root / CHAPTER)


# --- a course that is not whole -----------------------------------------------


def break_json(path):
    path.write_text('{"cells": [')


def delete(path):
    path.unlink()


@pytest.mark.parametrize("name", NOTEBOOKS)
@pytest.mark.parametrize(("harm", "word"), [(break_json, "is damaged"), (delete, "is missing")])
def test_a_course_that_is_not_whole_touches_nothing(root, name, harm, word):
    update(root)
    answer(root / "work")
    upgrade(root)
    harm(root / name)
    before = files(root / "work")

    with pytest.raises(CourseError, match=f"{name} of the course {word}.*git checkout -- {name}"):
        update(root)

    assert files(root / "work") == before


def test_no_course_at_all(tmp_path):
    with pytest.raises(CourseError, match="no chapters in notebooks/"):
        update(tmp_path)

    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize("place", [".", "notebooks", "exercises/mine"])
def test_the_working_copy_cannot_lie_in_the_course(root, place):
    before = files(root)

    with pytest.raises(CourseError, match="folder of its own"):
        update(root, root / place)

    assert files(root) == before


def test_a_file_in_the_place_of_the_working_copy(root):
    (root / "work").write_text("mine")

    with pytest.raises(CourseError, match="work/"):
        update(root)

    assert (root / "work").read_text() == "mine"


# --- stopped half-way ---------------------------------------------------------


def half_done(tmp_path, name):
    """A course that got better, and a working copy with an answer, a damaged file, and changed
    data."""
    root = tmp_path / name
    put(root, CHAPTER, *chapter())
    put(root, EXERCISES, *exercises())
    (root / SIGNAL).write_text("1,2,3\n")
    update(root)
    answer(root / "work")
    (root / "work" / CHAPTER).write_text("damaged")
    (root / "work" / SIGNAL).write_text("mine\n")
    upgrade(root)
    return root


WITHOUT = ("backups", "update.lock")  # named after the time, and empty


@pytest.fixture
def finished(tmp_path):
    root = half_done(tmp_path, "finished")
    update(root)
    return files(root / "work", WITHOUT)


def test_a_full_disk_at_any_write_leaves_every_file_whole(tmp_path, monkeypatch, finished):
    real = os.fsync
    fail_at = 0
    while True:
        root = half_done(tmp_path, f"full{fail_at}")
        typed = (root / "work" / EXERCISES).read_bytes()
        calls = iter(range(1000))

        def full(handle, calls=calls, fail_at=fail_at):
            if next(calls) == fail_at:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            real(handle)

        monkeypatch.setattr(os, "fsync", full)
        try:
            update(root)
        except CourseError as error:
            assert "No space left" in str(error)
            assert "work/" in str(error)
            assert "Free some disk space" in str(error)
        else:
            break
        finally:
            monkeypatch.setattr(os, "fsync", real)
        assert not list((root / "work").rglob("*.new"))
        everything = files(root / "work").values()
        assert typed in everything or any(b"return 2 * x" in content for content in everything)
        update(root)
        assert files(root / "work", WITHOUT) == finished
        fail_at += 1
    assert fail_at > 8  # every write was made to fail once


KILLED = """
import os, signal, sys
from pathlib import Path
count = [int(sys.argv[2])]
def kill(event, args):
    # every system call that changes the disk is announced to an audit hook just before it happens
    changes = event in ("os.rename", "os.remove", "os.mkdir", "os.chmod", "os.symlink") or (
        event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR)
    )
    if changes and str(root) in os.path.abspath(str(args[0])):
        count[0] -= 1
        if count[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
from coursekit.study.working_copy import update
root = Path(sys.argv[1])
for at in range(*map(int, sys.argv[2:4])):
    child = os.fork()
    if child == 0:
        root = root / str(at)
        count[0] = at
        sys.addaudithook(kill)
        update(root)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_killed_at_any_moment_the_next_update_arrives_at_the_same_files(tmp_path, finished):
    moments = 60
    for at in range(moments):
        half_done(tmp_path, str(at))
    outcome = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), "0", str(moments)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert outcome[0] == str(-signal.SIGKILL)
    assert outcome[-1] == "0"  # the last ones were not killed, so all moments were
    assert outcome.count(str(-signal.SIGKILL)) > 20
    for at in range(moments):
        update(tmp_path / str(at))
        assert files(tmp_path / str(at) / "work", WITHOUT) == finished


def test_what_jupyterlab_saves_during_an_update_is_merged_too(root, monkeypatch):
    update(root)
    upgrade(root)
    answer(root / "work", "def f(x):\n    return 'early'")
    real = working_copy_module.merge_file
    late = iter([True])

    def save_meanwhile(file, before, versions):
        merged = real(file, before, versions)
        if file.name == EXERCISES and next(late, False):
            answer(root / "work", "def f(x):\n    return 'late'")
        return merged

    monkeypatch.setattr(working_copy_module, "merge_file", save_meanwhile)
    update(root)

    assert "def f(x):\n    return 'late'" in sources(root / "work" / EXERCISES)
    assert any(b"'late'" in path.read_bytes() for path in backups(root / "work"))


def test_two_updates_wait_for_each_other(root, monkeypatch):
    update(root)
    answer(root / "work")
    upgrade(root)
    reports = []
    with locked(root / "work" / MARKER / "update.lock", 0):
        threads = [
            threading.Thread(target=lambda: reports.append(str(update(root)))) for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        time.sleep(0.2)
        assert not reports
    for thread in threads:
        thread.join()

    assert sorted(map(bool, reports)) == [False, True]
    assert "def f(x):\n    return 2 * x" in sources(root / "work" / EXERCISES)


def test_an_update_that_waits_too_long_says_so(root, monkeypatch):
    update(root)
    upgrade(root)
    before = files(root / "work")
    monkeypatch.setattr(working_copy_module, "WAIT_SECONDS", 0.0)

    with (
        locked(root / "work" / MARKER / "update.lock", 0),
        pytest.raises(CourseError, match=r"Another update of work/ is running"),
    ):
        update(root)

    assert files(root / "work") == before


def test_the_stamp_is_the_only_thing_that_the_copy_has_and_the_course_has_not(root):
    update(root)
    notebook = notebooks.read(root / "work" / CHAPTER)
    del notebook.metadata[STAMP]

    course = notebooks.read(root / CHAPTER)
    for cell in course.cells:
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)
    assert notebook == course
