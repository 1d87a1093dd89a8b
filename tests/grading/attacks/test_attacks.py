"""No cheat gains a point, no submission affects another, and nothing of it is left; honest ones lose nothing."""

import numpy as np
import pytest
from corpus import (
    borrowing,
    files,
    forging,
    hogs,
    honest,
    lies,
    patching,
    prying,
    runaways,
    tampering,
)
from corpus.building import Draft, Submission, cell_id, function_tasks
from corpus.judging import SEED, Neighbor, Place, as_read, grade_file, mounts, points, processes

from coursekit.chapters import chapter
from coursekit.grading.conversation import Limits
from coursekit.grading.grader import make_grader
from coursekit.grading.result import UNREADABLE, Result, from_json, to_json
from coursekit.study.evaluate import evaluate
from coursekit.study.verdict import PASSED

ROUGH = [runaways, hogs]  # they take from others what others need
SLY = [patching, prying, forging]
QUIET = [tampering, files, lies, borrowing]  # they do nothing but claim


def cases(modules):
    return [
        pytest.param(case, id=f"{module.__name__.split('.')[1]}: {case.name}")
        for module in modules
        for case in module.CASES
    ]


def graded(case: Submission, place: Place) -> Result:
    path = case.hand_in(place.submissions, **place.known)
    before = place.files()
    limits = Limits(case.seconds, 600_000_000)
    try:
        result = grade_file(make_grader(chapter(case.chapter), SEED, limits), path)
        assert place.files() == before
    finally:
        remove(path)
    assert not place.called()
    assert place.secret not in to_json(result)
    assert from_json(to_json(result)) == result
    return result


def remove(path):
    path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    path.with_name("diligent.ipynb").unlink(missing_ok=True)


def right(case: Submission, result: Result) -> None:
    """Make sure that a result is what its case says."""
    found = {task: one for task, one in points(result).items() if task in case.expected()}
    if case.state == UNREADABLE:
        assert (result.state, found) == (UNREADABLE, {})
    else:
        assert found == case.expected(), as_read(result)
        assert result.state == case.state or not case.state, as_read(result)
    if isinstance(case.says, str):
        assert case.says in as_read(result), as_read(result)
    else:
        for task in result.tasks:
            assert case.says.get(task.id, "") in " ".join(task.sentences), (task.id, task.sentences)


@pytest.mark.parametrize("case", cases(ROUGH))
def test_who_does_violence(case: Submission, place: Place, neighbor: Neighbor):
    before = processes(), mounts()
    with neighbor.beside():
        result = graded(case, place)
        neighbor.grade()
    assert neighbor.others == []
    assert (processes(), mounts()) == before
    right(case, result)


@pytest.mark.parametrize("case", cases(SLY))
def test_who_deceives(case: Submission, place: Place, neighbor: Neighbor):
    before = processes(), mounts()
    result = graded(case, place)
    neighbor.grade()
    assert neighbor.others == []
    assert (processes(), mounts()) == before
    right(case, result)


@pytest.mark.parametrize("case", cases(QUIET))
def test_who_only_claims(case: Submission, place: Place):
    before = processes(), mounts()
    result = graded(case, place)
    assert (processes(), mounts()) == before
    right(case, result)


def test_nobody_is_disturbed_by_those_who_only_claim(place: Place, neighbor: Neighbor):
    for module in QUIET:
        with neighbor.beside():
            for case in module.CASES[:3]:
                graded(case, place)
            neighbor.grade()
    assert neighbor.others == []


@pytest.mark.parametrize("case", cases([honest]))
def test_who_means_well(case: Submission, place: Place):
    result = graded(case, place)
    right(case, result)
    assert result.notes == () or case.says


def test_a_mixture_gets_what_check_would_give_for_the_same_inputs(place: Place):
    case = next(one for one in honest.CASES if one.name == "a mixture")
    result = graded(case, place)
    notebook = Draft()
    case.make(notebook)
    for task, found in zip(function_tasks(1), result.tasks, strict=False):
        names = {"np": np}
        exec(notebook.source(cell_id(task.id, "answer")), names)
        verdict = evaluate(task, names[task.name], SEED)
        assert found.points == round(verdict.points, 2)
        assert (found.status, found.passed, found.total) == (
            verdict.status,
            verdict.passed,
            verdict.total,
        )
        assert found.sentences == (verdict.sentences if verdict.status != PASSED else ())
        assert found.misconception == (verdict.misconception and verdict.misconception.name)
    assert len({found.points for found in result.tasks}) > 4
