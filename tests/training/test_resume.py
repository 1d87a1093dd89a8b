"""A killed run goes on to the same weights; a checkpoint of another run is refused."""

import json
import random
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from killed_run import RECIPE
from tiny import images, same, whitened_net

from coursekit.errors import CourseError
from coursekit.training import train

SCRIPT = Path(__file__).with_name("killed_run.py")
OTHER = torch.nn.Sequential(torch.nn.Conv2d(2, 8, 2), torch.nn.Flatten(), torch.nn.Linear(200, 3))
STEPS = 5 * 5  # 40 images in batches of 8, five epochs


def run(folder, kill_at=-1):
    return subprocess.run(
        [sys.executable, SCRIPT, folder, str(kill_at)], capture_output=True, text=True, timeout=120
    )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Return what a run prints that nobody kills."""
    done = run(tmp_path_factory.mktemp("undisturbed"))
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_killed_at_random_steps_a_run_ends_with_the_same_weights(undisturbed, tmp_path):
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # shown if the test fails
    steps = random.Random(seed)
    # in the second epoch first, so that there is a checkpoint; at most one more epoch each, of five
    for at in (steps.randint(6, 10), steps.randint(1, 10), steps.randint(1, 10)):
        killed = run(tmp_path, at)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
    done = run(tmp_path)
    assert done.stdout == undisturbed


def test_killed_while_writing_the_checkpoint_a_run_goes_on_from_the_one_before(
    undisturbed, tmp_path
):
    assert run(tmp_path, 7).returncode == -signal.SIGKILL
    before = (tmp_path / "checkpoint.pt").read_bytes()
    torn = tmp_path / ".checkpoint.pt.0123abcd.new"  # what a killed atomic write leaves
    torn.write_bytes(before[:100])
    assert run(tmp_path).stdout == undisturbed
    assert not torn.exists()


def test_a_finished_run_is_loaded_not_repeated(tmp_path):
    first, second = whitened_net(), whitened_net(seed=1)
    history = train(first, images(), RECIPE, folder=tmp_path)
    again = train(second, images(), RECIPE, folder=tmp_path)
    assert again == history
    assert history.used["device"] == "cpu"
    assert same(first, second)


def test_the_log_has_the_recipe_and_one_line_for_each_epoch_after_a_kill_too(tmp_path):
    run(tmp_path, 13)
    run(tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert lines[0]["recipe"]["lr"] == 0.05
    assert [line["number"] for line in lines[1:]] == [1, 2, 3, 4, 5]
    assert all(0 <= line["test_accuracy"] <= 1 for line in lines[1:])


def test_a_run_without_a_folder_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    train(whitened_net(), images(), replace(RECIPE, epochs=2))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"recipe": replace(RECIPE, lr=0.1)}, r"lr \(0.05 there, 0.1 here\)"),
        ({"recipe": replace(RECIPE, epochs=6)}, r"epochs \(5 there, 6 here\)"),
        ({"data": images(seed=1)}, "the images"),
        ({"model": OTHER}, "the model"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused(tmp_path, change, words):
    given = {"model": whitened_net(), "data": images(), "recipe": RECIPE}
    train(**given, folder=tmp_path)
    with pytest.raises(CourseError, match=f"another run: {words}"):
        train(**{**given, **change}, folder=tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04 half a file"])
def test_a_damaged_checkpoint_is_refused_in_words(tmp_path, content):
    (tmp_path / "checkpoint.pt").write_bytes(content)
    with pytest.raises(CourseError, match=r"checkpoint.pt is damaged .* Delete it"):
        train(whitened_net(), images(), RECIPE, folder=tmp_path)


def test_a_half_checkpoint_is_refused_in_words(tmp_path):
    train(whitened_net(), images(), RECIPE, folder=tmp_path)
    whole = (tmp_path / "checkpoint.pt").read_bytes()
    (tmp_path / "checkpoint.pt").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CourseError, match="damaged"):
        train(whitened_net(), images(), RECIPE, folder=tmp_path)


def test_two_runs_do_not_share_a_folder(tmp_path):
    from coursekit.lock import locked

    with (
        locked(tmp_path / "lock", 0),
        pytest.raises(CourseError, match="Another run is using"),
    ):
        train(whitened_net(), images(), RECIPE, folder=tmp_path)


def test_a_file_of_torch_that_is_no_checkpoint_is_refused_in_words(tmp_path):
    torch.save({"weights": torch.zeros(2)}, tmp_path / "checkpoint.pt")
    with pytest.raises(CourseError, match="not written by this version"):
        train(whitened_net(), images(), RECIPE, folder=tmp_path)
