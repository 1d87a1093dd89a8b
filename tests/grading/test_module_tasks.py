"""Tasks whose answer is a module: many natural forms pass, mistakes are named, lies gain nothing."""

import json
from dataclasses import replace

import numpy as np
import pytest
from probed_examples import (
    BLOCK,
    COUNT,
    HOSTILE_BLOCKS,
    HOSTILE_COUNTS,
    ONLY_Y,
    PLAIN,
    RIGHT_BLOCKS,
    RIGHT_COUNTS,
    SEED,
    WRONG_BLOCKS,
    WRONG_COUNTS,
    ReferenceBlock,
    block_cases,
    checked,
    graded,
    lookup,
)
from torch import nn

from coursekit.grading.inside.codec import decode, encode
from coursekit.grading.result import GRADED
from coursekit.study.calling import Called
from coursekit.study.evaluate import draw_cases, judge
from coursekit.study.findings import read_report
from coursekit.study.probing import probe
from coursekit.study.task import Case, Misconception

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


def test_stored_outputs_gain_nothing_for_a_case_that_never_changes_either():
    (fixed,) = draw_cases(ONLY_Y, 0)[:1]
    task = replace(ONLY_Y, cases=lambda rng: [fixed, *block_cases(rng)[:1]])
    one = graded({"stored": (task, lookup(0))})[1]["stored"]
    assert (one.passed, one.points) == (1, 0)


def test_what_cannot_be_probed_is_named_only_if_it_is_the_same():
    def tuple_of(inside, outside, stride):
        block = nn.Identity()
        block.forward = lambda x: (x, x)
        return block

    task = replace(BLOCK, misconceptions=(Misconception("tuple", "Only y, please.", tuple_of),))
    named = checked(task, WRONG_BLOCKS["a tuple"][0])
    assert named.misconception is task.misconceptions[0]
    assert checked(task, WRONG_BLOCKS["forward misspelled"][0]).misconception is None


def test_torchs_errors_are_told_apart_by_what_they_say():
    def unpadded(inside, outside, stride):
        block = ReferenceBlock(inside, outside, stride)
        block.two.padding = (0, 0)
        return block

    def flat(inside, outside, stride):
        return nn.Sequential(nn.Flatten(), nn.Linear(inside, outside))

    known = tuple(Misconception(name, f"{name}.", wrong) for name, wrong in
                  (("flat", flat), ("unpadded", unpadded)))  # fmt: skip
    task = replace(BLOCK, misconceptions=known)
    second = "nn.Conv2d(outside, outside, 3, 1, {}, bias=False)"
    wrong = {f"padding {P}": PLAIN.replace(second.format(1), second.format(P)) for P in (0, 3)}
    for name, named in (("padding 0", "unpadded"), ("padding 3", None)):
        verdict = checked(task, wrong[name], SEED)
        assert (verdict.status, verdict.misconception and verdict.misconception.name) == (
            "raised",
            named,
        )
    one = graded({"unpadded": (task, wrong["padding 0"])})[1]["unpadded"]
    assert (one.status, one.misconception) == ("raised", "unpadded")


def test_the_traceback_starts_in_what_the_learner_wrote():
    source = RIGHT_BLOCKS["one layer after the other"].replace("(y))", "(y @ y.T))")
    trace = checked(BLOCK, source, SEED).trace
    assert "in forward" in trace
    assert "probing.py" not in trace.split("in forward")[0]


def test_a_sentence_instead_of_a_traceback_for_what_cannot_be_probed():
    assert checked(BLOCK, WRONG_BLOCKS["a tuple"][0]).trace == ""


def test_weights_can_stay_as_they_start():
    def cases(rng):
        given = {"x": rng.normal(size=(2, 3, 4, 4)), "keep": True}
        return [Case((3,), given=given)]

    block = """
class ANSWER(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.part = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        {}
    def forward(self, x):
        return x + self.part(x)
"""
    zero = "nn.init.zeros_(self.part.weight)"
    start = replace(BLOCK, cases=cases, reference=Residual, returns=("y", "dx"), misconceptions=())
    assert checked(start, block.format(zero)).status == "passed"
    assert checked(start, block.format("pass")).status == "wrong value"


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.part = nn.Conv2d(channels, channels, 3, padding=1, bias=False)

    def forward(self, x):
        return x + 0 * self.part(x)


def test_a_report_of_a_large_network_comes_through_the_pipe():
    net = nn.Sequential(*(nn.BatchNorm2d(2) for _ in range(400)))
    given = {"x": np.ones((2, 2, 1, 1)), "seed": 1}
    said = probe("module", lambda: net, given, ("y", "dx", "parameters"))()
    arrays: list[np.ndarray] = []
    report = read_report(decode(json.loads(json.dumps(encode(said, arrays))), arrays))
    assert report is not None
    assert len(report.parameters) == 800
    assert report.values[2] == 1600


@pytest.mark.parametrize(
    "said",
    [
        None,
        np.zeros(5),
        ([], [], [], []),
        ("", [], [], [], None),
        ([1], ["w Linear 3 x"], [], [], None),
        ([1], [3], [], [], None),
        ([1], ["w Linear 3"], [], ["one two three"], None),
        ([1], ["w Linear 3"], [], [], np.zeros(2)),
        ([1], ["w Linear 3"], [], [], "yes"),
    ],
)
def test_what_is_no_report_is_refused(said):
    assert read_report(said) is None
    verdict = judge(ONLY_Y, draw_cases(ONLY_Y, 0), [Called(said)] * 3)
    assert (verdict.status, verdict.points) == ("not usable", 0)


@pytest.mark.parametrize(
    "change",
    [
        {"uses_torch": False},
        {"returns": ("y", "dw")},
        {"graded_by": "accuracy"},  # with misconceptions that have no symptom
    ],
)
def test_a_task_that_cannot_be_graded_is_refused(change):
    with pytest.raises(ValueError, match=r"task 12\.1"):
        replace(BLOCK, **change)


def test_two_inputs():
    def cases(rng):
        x = tuple(rng.normal(size=(2, 3)) for _ in range(2))
        return [Case((), given={"x": x, "seed": int(rng.integers(1000))})]

    task = replace(BLOCK, cases=cases, reference=lambda: nn.Bilinear(3, 3, 2), misconceptions=())
    assert checked(task, "def ANSWER(): return nn.Bilinear(3, 3, 2)").status == "passed"
    said = checked(task, "def ANSWER(): return nn.Linear(3, 2)").sentences[0]
    assert "forward should take (self, and 2 inputs)" in said
