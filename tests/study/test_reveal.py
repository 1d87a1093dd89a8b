"""Hints and solutions come one step at a time."""

from collections import Counter

import pytest

from coursekit import paths
from coursekit.study import hint, reveal, solution
from coursekit.study.reveal import plan, solution_source
from coursekit.study.tasks import UnknownTaskError, all_tasks, find_task

TASKS = list(all_tasks())


@pytest.fixture(autouse=True)
def fresh_kernel(monkeypatch):
    monkeypatch.setattr(reveal, "_given", Counter())


def test_hints_come_in_order_and_then_all_together(capsys):
    task = find_task("1.6")
    for n, text in enumerate(task.hints, 1):
        hint("1.6")
        said = capsys.readouterr().out
        assert f"hint {n} of 3" in said
        assert text in said
    hint("1.6")
    said = capsys.readouterr().out
    assert all(text in said for text in task.hints)


def test_the_solution_shows_a_plan_before_the_code(capsys):
    solution("1.2")
    said = capsys.readouterr().out
    assert "the plan" in said
    assert "1. make room for one output a place" in said
    assert "np.zeros" not in said
    solution("1.2")
    said = capsys.readouterr().out
    assert "y[i] = x[i : i + len(w)] @ w" in said
    assert "SOLUTION" not in said


def test_a_written_task_shows_a_model_answer_at_once(capsys):
    solution("1.7")
    assert "a model answer" in capsys.readouterr().out


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.id)
def test_every_task_has_a_solution_and_a_plan(task):
    source = solution_source(task)
    assert len(source) > 40
    if task.kind == "function":
        assert f"def {task.name}(" in source or f"class {task.name}(" in source
        assert plan(source), "comments in the solution are the plan that a learner sees first"


@pytest.mark.parametrize("ask", [hint, solution])
def test_an_unknown_task(ask):
    with pytest.raises(UnknownTaskError, match=r"there is no task '9\.9'"):
        ask("9.9")


def test_a_machine_without_solutions_points_to_the_hints(monkeypatch):
    def nowhere():
        raise paths.CourseNotFoundError("no checkout")

    monkeypatch.setattr(reveal, "course_root", nowhere)
    with pytest.raises(paths.CourseNotFoundError, match=r'not on this machine; `hint\("1\.2"\)`'):
        reveal.solution("1.2")
