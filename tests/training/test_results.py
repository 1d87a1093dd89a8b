"""A results log keeps what was tried, in the order in which it was tried."""

import json
import math

import numpy as np
import pytest
from tiny import images, net

from coursekit.errors import CourseError
from coursekit.training import History, Recipe, read_results, record, train


def test_what_is_recorded_is_read_again_the_oldest_first(tmp_path):
    log = tmp_path / "new" / "results.jsonl"
    assert read_results(log) == []
    record(log, {"test_accuracy": 0.5}, note="first")
    record(str(log), {"test_accuracy": 0.75}, note="wider")
    assert read_results(log) == [
        {"note": "first", "test_accuracy": 0.5},
        {"note": "wider", "test_accuracy": 0.75},
    ]


def test_a_run_is_recorded_with_its_recipe_and_where_it_ended(tmp_path):
    history = train(net(), images(), Recipe(lr=0.05, epochs=2, batch_size=8, seed=3))
    record(tmp_path / "results.jsonl", history.result())
    (line,) = read_results(tmp_path / "results.jsonl")
    assert (line["lr"], line["epochs"], line["seed"]) == (0.05, 2, 3)
    assert line["test_accuracy"] == history.epochs[-1].test_accuracy
    assert line["seconds"] == pytest.approx(sum(epoch.seconds for epoch in history.epochs))


def test_a_run_that_ended_before_its_first_epoch_has_a_result():
    assert History(Recipe(lr=0.3)).result()["lr"] == 0.3


def test_a_run_that_failed_is_recorded_in_json_that_others_read(tmp_path):
    record(tmp_path / "results.jsonl", {"loss": math.nan, "test_loss": math.inf, "lr": 9.0})
    line = (tmp_path / "results.jsonl").read_text()
    assert json.loads(line, parse_constant=pytest.fail) == {
        "loss": None,
        "test_loss": None,
        "lr": 9,
    }


def test_what_json_does_not_know_is_refused_and_not_half_written(tmp_path):
    with pytest.raises(CourseError, match=r"float\(value\)"):
        record(tmp_path / "results.jsonl", {"loss": np.float32(0.5)})
    assert read_results(tmp_path / "results.jsonl") == []


def test_a_folder_in_the_place_of_the_log_is_an_error_in_words(tmp_path):
    with pytest.raises(CourseError, match="cannot be recorded in"):
        record(tmp_path, {"loss": 0.5})


@pytest.mark.parametrize("line", ["{torn", "3", ""])
def test_a_line_that_is_no_result_is_named(tmp_path, line):
    log = tmp_path / "results.jsonl"
    log.write_text('{"loss": 1.0}\n' + line + "\n{}\n")
    with pytest.raises(CourseError, match="Line 2 of"):
        read_results(log)
