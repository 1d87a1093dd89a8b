"""exercises/ is what solutions/ gives, and gives nothing away."""

import shutil
from pathlib import Path

import pytest

from coursekit import paths
from coursekit.chapters import CHAPTERS
from coursekit.notebooks import read, write
from coursekit.study import release as module
from coursekit.study.release import ReleaseError, release
from coursekit.study.tasks import chapter_tasks

FIRST = CHAPTERS[0]
WITH_SOLUTIONS = [one for one in CHAPTERS if (paths.course_root() / one.solutions).is_file()]


@pytest.fixture
def course(tmp_path, monkeypatch) -> Path:
    """A copy of solutions/ and exercises/ that a test may spoil."""
    for name in ("solutions", "exercises"):
        shutil.copytree(paths.course_root() / name, tmp_path / name)
    monkeypatch.setattr(module, "course_root", lambda: tmp_path)
    return tmp_path


def change(path: Path, cell_id: str, old: str, new: str) -> None:
    notebook = read(path)
    cell = next(cell for cell in notebook.cells if cell.id == cell_id)
    assert old in cell.source
    cell.source = cell.source.replace(old, new)
    write(notebook, path)


def test_what_is_published_is_up_to_date():
    report = release(check=True)
    assert report.ok, str(report)


def test_releasing_twice_changes_nothing(course):
    release()
    before = (course / FIRST.exercises).read_bytes()
    assert "up to date" in str(release())
    assert (course / FIRST.exercises).read_bytes() == before
    assert not (course / "gradebook.db").exists()


@pytest.mark.parametrize("one", WITH_SOLUTIONS, ids=lambda one: one.folder)
def test_points_and_ids_in_the_notebook_are_those_of_the_tasks(one):
    cells = {cell.id: cell for cell in read(paths.course_root() / one.solutions).cells}
    for task in chapter_tasks(one):
        graded = cells[f"{task.slug}-{'check' if task.kind == 'function' else 'answer'}"]
        assert graded.metadata.nbgrader.points == task.points
        said = cells[f"{task.slug}-text"].source
        points = f"{task.points} point{'s' if task.points != 1 else ''}"
        assert (
            f"{points} · about {task.minutes} minutes · difficulty {task.difficulty} of 3" in said
        )
        assert f"## {task.id} {task.title}" in said
        if task.kind == "function":
            assert graded.source == f'check("{task.id}", {task.name})'


def test_an_edited_exercise_is_noticed_and_replaced(course):
    change(course / FIRST.exercises, "task-1-2-text", "Write the loop", "Write no loop")
    report = release(check=True)
    assert not report.ok
    assert "differs from what solutions/01_convolution_1d gives: run `coursekit release`" in str(
        report
    )
    assert "Wrote exercises/01_convolution_1d." in str(release())
    assert release(check=True).ok


def test_a_file_that_does_not_belong_is_noticed(course):
    (course / "exercises" / FIRST.folder / "answers.txt").write_text("42")
    assert not release(check=True).ok


def test_a_solution_outside_its_marks_is_refused(course):
    path = course / FIRST.solutions
    change(path, "task-1-2-text", "By hand first", "y[i] = x[i : i + len(w)] @ w\n\nBy hand first")
    change(path, "task-1-2-text", "y[i] =", "        y[i] =")
    with pytest.raises(ReleaseError, match=r"a line of the solution of task 1\.2"):
        release()


def test_a_stub_that_passes_its_own_check_is_refused(course):
    path = course / FIRST.solutions
    change(path, "task-1-1-answer", "    ### BEGIN", "    return W - F + 1\n    ### BEGIN")
    change(path, "task-1-1-answer", "    # find the last", "    pass  # find the last")
    change(path, "task-1-1-answer", "    return W - F + 1\n    ### END", "    pass\n    ### END")
    with pytest.raises(
        ReleaseError, match=r"stub of task 1\.1 is not recognized as not attempted: passed"
    ):
        release()


def test_an_answer_may_be_a_class_of_what_the_notebook_imports(course, monkeypatch):
    path = course / FIRST.solutions
    stub = "class Slide(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    change(path, "task-1-1-answer", "def count_places", f"{stub}\n\ndef count_places")
    with pytest.raises(NameError, match="nn"):
        release()
    notebook = read(path)
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    first.source += "\nfrom torch import nn"
    write(notebook, path)
    assert release().ok


def test_an_answer_cell_that_defines_something_else_is_refused(course):
    change(course / FIRST.solutions, "task-1-1-answer", "def count_places", "def count_place")
    with pytest.raises(ReleaseError, match=r"task 1\.1 does not define count_places"):
        release()


def test_marks_that_do_not_close_are_refused(course):
    change(course / FIRST.solutions, "task-1-1-answer", "    ### END SOLUTION", "")
    with pytest.raises(
        ReleaseError, match=r"nbgrader refuses solutions/01_convolution_1d/.*: RuntimeError: no end"
    ):
        release()


def test_a_failed_release_leaves_the_old_one(course):
    before = (course / FIRST.exercises).read_bytes()
    change(course / FIRST.solutions, "task-1-1-answer", "    ### END SOLUTION", "")
    with pytest.raises(ReleaseError):
        release()
    assert (course / FIRST.exercises).read_bytes() == before


def test_a_chapter_without_solutions_is_named(course):
    (course / FIRST.solutions).unlink()
    with pytest.raises(
        ReleaseError, match="chapter 1 has no solutions: solutions/01_convolution_1d"
    ):
        release([1])
