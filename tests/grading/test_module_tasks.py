"""Tasks whose answer is a module: many natural forms pass, mistakes are named, lies gain nothing."""

import pytest
from probed_examples import (
    BLOCK,
    COUNT,
    HOSTILE_BLOCKS,
    HOSTILE_COUNTS,
    ONLY_Y,
    RIGHT_BLOCKS,
    RIGHT_COUNTS,
    SEED,
    WRONG_BLOCKS,
    WRONG_COUNTS,
    checked,
    graded,
    lookup,
)

from coursekit.grading.result import GRADED

RIGHT = {
    **{f"block: {what}": (BLOCK, source) for what, source in RIGHT_BLOCKS.items()},
    **{f"count: {what}": (COUNT, source) for what, source in RIGHT_COUNTS.items()},
}
WRONG = {
    **{f"block: {what}": (BLOCK, *rest) for what, rest in WRONG_BLOCKS.items()},
    **{f"count: {what}": (COUNT, *rest) for what, rest in WRONG_COUNTS.items()},
}
HOSTILE = {
    **{f"block: {what}": (BLOCK, source) for what, source in HOSTILE_BLOCKS.items()},
    **{f"count: {what}": (COUNT, source) for what, source in HOSTILE_COUNTS.items()},
}


@pytest.fixture(scope="module")
def honest():
    return graded({what: one[:2] for what, one in {**RIGHT, **WRONG}.items()})


@pytest.fixture(scope="module")
def hostile():
    return graded({**HOSTILE, "after them all": (BLOCK, RIGHT_BLOCKS["one layer after the other"])})


def test_nothing_of_it_fails_on_its_way(honest):
    assert (honest[0].state, honest[0].notes) == (GRADED, ())


@pytest.mark.parametrize("what", RIGHT)
@pytest.mark.parametrize("seed", [0, 1, SEED])
def test_a_right_answer_passes_the_check(what, seed):
    verdict = checked(*RIGHT[what], seed)
    assert verdict.points == verdict.task.points, str(verdict)


@pytest.mark.parametrize("what", RIGHT)
def test_a_right_answer_gets_all_points(honest, what):
    one = honest[1][what]
    assert (one.status, one.points) == ("passed", one.max_points), one.sentences


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_answer_is_told_why_and_gets_the_same_points_from_both(honest, what):
    task, source, status, misconception, sentence = WRONG[what]
    verdict, one = checked(task, source, SEED), honest[1][what]
    assert verdict.status == status, str(verdict)
    assert sentence in " ".join(verdict.sentences)
    assert (verdict.misconception and verdict.misconception.name) == misconception
    assert (one.status, one.misconception) == (status, misconception), one.sentences
    assert one.points == round(verdict.points, 2)
    assert one.points < one.max_points
    if status != "not attempted":
        # the name of the task and its cases are others there
        said = " ".join(one.sentences)
        assert sentence.partition(": ")[2] in said.replace(f"Block_{one.id[3:]}", "Block")


@pytest.mark.parametrize("what", HOSTILE)
def test_a_lie_gains_nothing(hostile, what):
    assert hostile[1][what].points == 0, hostile[1][what]


def test_stored_outputs_pass_the_check_and_gain_nothing():
    assert checked(ONLY_Y, lookup(0)).points == ONLY_Y.points
    assert graded({"stored": (ONLY_Y, lookup(0))})[1]["stored"].points == 0
    assert graded({"stored": (ONLY_Y, lookup(SEED))})[1]["stored"].points == ONLY_Y.points


def test_the_traceback_starts_in_what_the_learner_wrote():
    source = RIGHT_BLOCKS["one layer after the other"].replace("(y))", "(y @ y.T))")
    trace = checked(BLOCK, source, SEED).trace
    assert "in forward" in trace
    assert "probing.py" not in trace.split("in forward")[0]


def test_a_sentence_instead_of_a_traceback_for_what_cannot_be_probed():
    assert checked(BLOCK, WRONG_BLOCKS["a tuple"][0]).trace == ""
