"""Tasks whose answer is a training run: accuracy decides, under a budget, with labels that stay outside."""

import numpy as np
import pytest
import torch
from probed_examples import (
    BLOCK,
    HOSTILE_RUNS,
    RIGHT_RUNS,
    SEED,
    TRAIN,
    WRONG_RUNS,
    checked,
    graded,
    hard_coded,
)

from coursekit.grading.plan import as_message
from coursekit.grading.result import GRADED
from coursekit.grading.submission import parse_submission
from coursekit.study.evaluate import draw_cases


@pytest.fixture(scope="module")
def honest():
    right = {f"right: {what}": (TRAIN, source) for what, source in RIGHT_RUNS.items()}
    return graded({**right, **{what: (TRAIN, one[0]) for what, one in WRONG_RUNS.items()}})


@pytest.fixture(scope="module")
def hostile():
    return graded({what: (TRAIN, source) for what, source in HOSTILE_RUNS.items()})


def test_nothing_of_it_fails_on_its_way(honest):
    assert (honest[0].state, honest[0].notes) == (GRADED, ())


@pytest.mark.parametrize("what", RIGHT_RUNS)
def test_a_run_that_learns_passes_both(honest, what):
    verdict, one = checked(TRAIN, RIGHT_RUNS[what]), honest[1][f"right: {what}"]
    assert verdict.points == TRAIN.points, str(verdict)
    assert "on 150 images it had not seen; at least 0.850 was asked for." in verdict.sentences[0]
    assert (one.status, one.points) == ("passed", TRAIN.points), one.sentences


@pytest.mark.parametrize("what", WRONG_RUNS)
def test_a_run_that_does_not_is_told_why_by_both(honest, what):
    source, status, misconception, sentence = WRONG_RUNS[what]
    verdict, one = checked(TRAIN, source, SEED), honest[1][what]
    assert (verdict.status, verdict.points) == (status, 0), str(verdict)
    assert sentence in " ".join(verdict.sentences)
    assert (verdict.misconception and verdict.misconception.name) == misconception
    assert (one.status, one.points, one.misconception) == (status, 0, misconception), one.sentences


@pytest.mark.parametrize("what", HOSTILE_RUNS)
def test_a_cheat_gains_nothing(hostile, what):
    assert hostile[1][what].points == 0, hostile[1][what]


def test_stored_predictions_pass_the_check_and_gain_nothing():
    assert checked(TRAIN, hard_coded(0)).points == TRAIN.points
    assert graded({"stored": (TRAIN, hard_coded(0))})[1]["stored"].points == 0
    assert graded({"stored": (TRAIN, hard_coded(SEED))})[1]["stored"].points == TRAIN.points


def test_test_labels_do_not_go_into_the_sandbox():
    labels = draw_cases(TRAIN, SEED)[0].kept["labels"]
    submission = parse_submission(b'{"cells": [], "metadata": {}, "nbformat": 4}', "a.ipynb")
    _, arrays = as_message(submission, [TRAIN], [], [], SEED)
    assert not any(np.array_equal(one, labels) for one in arrays)


def test_the_reader_s_own_random_numbers_go_on_as_if_nothing_had_been_checked():
    torch.manual_seed(3)
    undisturbed = torch.rand(2)
    torch.manual_seed(3)
    checked(TRAIN, RIGHT_RUNS["class numbers"])
    checked(
        BLOCK, "class ANSWER(nn.Identity):\n    def __init__(self, a, b, s): super().__init__()"
    )
    assert torch.equal(torch.rand(2), undisturbed)
    assert torch.get_default_dtype() == torch.float32


def test_a_step_after_a_check_is_counted_by_nobody():
    checked(TRAIN, WRONG_RUNS["too many steps"][0])
    w = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([w], 0.1)
    for _ in range(100):
        w.sum().backward()
        optimizer.step()
    assert w.item() < -1
