"""Every Task proves itself: the reference passes, every misconception fails and is named."""

import pytest

from coursekit.chapters import CHAPTERS
from coursekit.study.evaluate import evaluate
from coursekit.study.task import Misconception, Task
from coursekit.study.tasks import UnknownTaskError, all_tasks, chapter_tasks, find_task
from coursekit.study.verdict import NOT_ATTEMPTED, PASSED

TASKS = list(all_tasks())
FUNCTIONS = [task for task in TASKS if task.kind == "function"]
MISTAKES = [(task, known) for task in FUNCTIONS for known in task.misconceptions]
SEEDS = [0, 1, 12345]
WRITTEN_CHAPTERS = [one for one in CHAPTERS if chapter_tasks(one)]


def as_the_learner_writes_it(function):
    """Wrap a function of the course so that the check does not recognize it as the course's own."""
    return lambda *args, **options: function(*args, **options)


@pytest.mark.parametrize("task", FUNCTIONS, ids=lambda task: task.id)
def test_the_reference_passes(task: Task):
    for seed in SEEDS:
        verdict = evaluate(task, as_the_learner_writes_it(task.reference), seed)
        assert verdict.status == PASSED, f"seed {seed}: {verdict}"
        assert verdict.points == task.points


@pytest.mark.parametrize(
    ("task", "known"), MISTAKES, ids=[f"{task.id} {known.name}" for task, known in MISTAKES]
)
def test_every_misconception_fails_and_is_named(task: Task, known: Misconception):
    for seed in SEEDS:
        verdict = evaluate(task, as_the_learner_writes_it(known.wrong), seed)
        assert verdict.status != PASSED, f"seed {seed}"
        assert verdict.misconception is known, f"seed {seed}: {verdict}"
        assert known.sentence in str(verdict)


@pytest.mark.parametrize("task", FUNCTIONS, ids=lambda task: task.id)
def test_a_stub_is_recognized(task: Task):
    def stub(*args):
        raise NotImplementedError

    verdict = evaluate(task, stub)
    assert verdict.status == NOT_ATTEMPTED
    assert verdict.points == 0


@pytest.mark.parametrize("task", FUNCTIONS, ids=lambda task: task.id)
def test_cases_depend_on_the_seed(task: Task):
    labels_and_values = {
        str([(case.args, case.given) for case in task.cases(_rng(seed))]) for seed in SEEDS
    }
    assert len(labels_and_values) == len(SEEDS)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.id)
def test_a_task_is_complete(task: Task):
    assert len(task.hints) >= 2
    assert task.points > 0
    assert task.minutes > 0
    assert task.difficulty in (1, 2, 3)
    if task.kind == "function":
        assert len(task.misconceptions) >= 3
        names = [known.name for known in task.misconceptions]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("one", WRITTEN_CHAPTERS, ids=lambda one: one.folder)
def test_a_set_of_exercises_is_about_20_points_with_one_written_answer(one):
    tasks = chapter_tasks(one)
    assert 5 <= len(tasks) <= 8
    assert 18 <= sum(task.points for task in tasks) <= 22
    assert sum(task.kind == "written" for task in tasks) == 1
    assert [task.id for task in tasks] == [f"{one.number}.{n}" for n in range(1, len(tasks) + 1)]


def test_an_unknown_task_names_its_neighbors():
    with pytest.raises(UnknownTaskError, match=r"no task '1\.22'.*1\.2"):
        find_task("1.22")


def test_a_number_is_taken_for_its_id():
    assert find_task(1.2).id == "1.2"


def _rng(seed: int):
    import numpy as np

    return np.random.default_rng(seed)
