"""Two processes that torchrun starts learn what a single one learns, and end together."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import several
import torch
import torch.distributed as dist
from tiny import images, net
from torch.nn.functional import cross_entropy

from coursekit.errors import CourseError
from coursekit.training import Recipe, train
from coursekit.training.batches import Augment, Batches, channel_statistics
from coursekit.training.together import Group, together

ENDED = "Another process of this run ended, and this one cannot go on without it"


def torchrun(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Start two processes; --standalone finds a free port by itself."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    script = Path(several.__file__)
    return subprocess.run(
        [*command, str(script), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "OMP_NUM_THREADS": "1", "NO_COLOR": "1"},
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what two processes found."""
    path = tmp_path_factory.mktemp("together")
    done = torchrun("compare", path)
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    (path / "said").write_text(done.stdout + done.stderr)
    return path


@pytest.fixture(scope="module")
def both(folder: Path) -> list[dict[str, Any]]:
    return [torch.load(folder / f"process {n}.pt", weights_only=False) for n in (0, 1)]


def close(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor], error: float) -> bool:
    return one.keys() == other.keys() and all(
        torch.allclose(one[name], other[name], rtol=error, atol=error) for name in one
    )


def equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_gradients_are_those_of_one_process_on_the_whole_batch(both: list[dict[str, Any]]) -> None:
    alone = several.run(several.smooth_net, several.RECIPE)
    for process in both:
        assert close(process["smooth"]["gradients"], alone["gradients"], 1e-6)
        assert len(alone["gradients"]) == 4


def test_a_whole_run_is_the_same_run(both: list[dict[str, Any]]) -> None:
    alone = several.run(several.smooth_net, several.RECIPE)
    for process in both:
        assert close(process["smooth"]["weights"], alone["weights"], 1e-5)
        assert process["smooth"]["losses"] == pytest.approx(alone["losses"], rel=1e-5)
        for one, other in zip(process["smooth"]["epochs"], alone["epochs"], strict=True):
            assert one == pytest.approx(other, rel=1e-4)


def test_batch_normalization_takes_the_statistics_of_each_processs_part(
    both: list[dict[str, Any]],
) -> None:
    data, recipe = images(), several.RECIPE
    mean, std = channel_statistics(data.x)
    augment = Augment(recipe.flip, recipe.crop, recipe.cutout, recipe.seed)
    model = several.norm_net().train()
    parts = []
    for number in (0, 1):
        order = torch.Generator().manual_seed(recipe.seed)
        form = {"generator": order, "augment": augment, "mean": mean, "std": std}
        batches = Batches(data.x, data.labels, 8, part=(number, 2), **form)
        x, labels = next(iter(batches))
        assert len(x) == 4
        parts.append(cross_entropy(model(x), labels, label_smoothing=0.1))
    ((parts[0] + parts[1]) / 2).backward()
    expected = {name: p.grad for name, p in model.named_parameters()}
    whole = several.run(several.norm_net, several.RECIPE)["gradients"]
    for process in both:
        assert close(process["norm"]["gradients"], expected, 1e-6)
        assert not close(process["norm"]["gradients"], whole, 1e-3), "the whole batch's differ"


def test_with_batch_normalization_it_learns_as_well_as_alone(both: list[dict[str, Any]]) -> None:
    alone = several.run(several.norm_net, replace(several.RECIPE, epochs=10))
    accuracies = [run["epochs"][-1][3] for run in (both[0]["long"], alone)]
    assert min(accuracies) > 0.8
    assert abs(accuracies[0] - accuracies[1]) <= 2 / 12  # two of the twelve test images


def test_all_processes_end_with_the_same_model_and_history(both: list[dict[str, Any]]) -> None:
    one, other = both
    for run in ("smooth", "norm", "all"):
        assert equal(one[run]["weights"], other[run]["weights"])
        assert one[run]["losses"] == other[run]["losses"]
        assert one[run]["epochs"] == other[run]["epochs"]
        assert one[run]["used"]["processes"] == 2


def test_every_process_draws_its_own_random_numbers(both: list[dict[str, Any]]) -> None:
    one, other = (process["drawn"] for process in both)
    assert len(one) == len(other) == len(set(one + other)) / 2
    assert one == several.drawn(), "the first one's are those of a single process"


def test_sums_parts_and_words_are_exchanged(both: list[dict[str, Any]]) -> None:
    for process in both:
        assert process["total"] == [3.0, 1.0]
        assert process["whole"].tolist() == [[0, 0], [1, 1]]
        assert process["agreed"] == "said by 0"
        assert process["everyone"] == [0, 1]


def test_only_the_first_process_logs_and_stores(folder: Path) -> None:
    assert sorted(one.name for one in (folder / "uninterrupted").iterdir()) == [
        "checkpoint.pt",
        "lock",
        "log.jsonl",
    ]
    head, *epochs = (folder / "uninterrupted" / "log.jsonl").read_text().splitlines()
    assert json.loads(head)["used"]["processes"] == 2
    assert [json.loads(line)["number"] for line in epochs] == [1, 2, 3, 4]


def test_training_by_name_is_told_once(folder: Path, both: list[dict[str, Any]]) -> None:
    said = (folder / "said").read_text()
    assert (
        said.count("Training small on fashion-mnist-subset: 2 epochs in batches of 20, shared by 2")
        == 1
    )
    assert both[0]["launched"].startswith("Accuracy ")
    assert both[1]["launched"] == ""
    log = (folder / "launched" / "log.jsonl").read_text().splitlines()
    assert json.loads(log[0])["used"]["processes"] == 2
    assert (folder / "launched" / "weights.pt").exists()


def test_what_all_processes_meet_is_told_by_the_first_alone(both: list[dict[str, Any]]) -> None:
    assert both[0]["refused"].startswith(
        "CourseError batch_size is 21, which 2 processes cannot share"
    )
    assert both[1]["refused"] == "SystemExit 1"


def test_a_killed_process_ends_the_other_and_the_run_goes_on_to_the_same_weights(
    folder: Path, both: list[dict[str, Any]]
) -> None:
    # an epoch has five steps: process 1 is killed in the third epoch, then process 0 in the fourth
    for victim, step, epochs in ((1, 13, 2), (0, 6, 3)):
        done = torchrun("resumed", folder, victim, step)
        assert done.returncode != 0
        assert done.stderr.count(f"ProcessEndedError: {ENDED}") == 1, done.stderr
        log = (folder / "killed" / "log.jsonl").read_text().splitlines()
        assert len(log) == 1 + epochs
        shutil.copytree(folder / "killed", folder / f"after {epochs}")
    done = torchrun("resumed", folder, -1, 0)
    assert done.returncode == 0, done.stderr
    for number in (0, 1):
        weights = torch.load(folder / f"resumed {number}.pt")
        assert equal(weights, both[0]["all"]["weights"])
    alone = several.run(
        net, several.RECIPE, folder=folder / "after 2"
    )  # with another number of them
    assert len(alone["epochs"]) == 4
    assert alone["epochs"][:2] == both[0]["all"]["epochs"][:2]


def test_a_loss_that_is_not_finite_in_one_process_stops_both_and_both_name_the_layer(
    both: list[dict[str, Any]],
) -> None:
    for process in both:
        assert process["diverged"].startswith("The loss is nan at step 0 (the first is 0).")
        assert "come out of layer '0' (Trap)" in process["diverged"]


# -- without other processes -----------------------------------------------------------------------


def test_alone_nothing_is_joined_and_the_device_is_the_one_asked_for() -> None:
    with together("cpu") as device:
        assert device == torch.device("cpu")
        assert not dist.is_initialized()
    with together() as device:
        assert device.type == ("cuda" if torch.cuda.is_available() else "cpu")
    group = Group.here(7)
    assert (group.first, group.count) == (True, 1)
    model = net()
    assert group.wrap(model) is model


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda: together("tpu"), r"device is 'tpu', expected 'cpu' or 'cuda'"),
        (lambda: together("cuda"), r"torch finds no GPU here: `coursekit doctor` says more"),
    ],
)
def test_a_device_that_is_not_here_is_refused(
    ask: Callable[[], Any], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(CourseError, match=sentence), ask():
        pass


def test_more_processes_than_GPUs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: N802
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "some")
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    monkeypatch.setenv("LOCAL_RANK", "1")
    with pytest.raises(CourseError, match=r"2 processes .* has 1 GPU: give it --nproc-per-node 1"):
        together().__enter__()


def test_training_without_joining_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "some")
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(
        CourseError, match="started 2 processes, and each would train a model of its"
    ):
        train(net(), images(), Recipe(batch_size=8))


@pytest.mark.parametrize(("batch_size", "nearest"), [(8, "6 or 9"), (2, "3"), (10, "9 or 12")])
def test_a_batch_that_cannot_be_shared_is_refused_with_the_nearest_that_can(
    batch_size: int, nearest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dist, "is_initialized", lambda: True)
    monkeypatch.setattr(dist, "get_rank", lambda: 0)
    monkeypatch.setattr(dist, "get_world_size", lambda: 3)
    with pytest.raises(
        CourseError, match=f"which 3 processes cannot share .*: expected {nearest}, f"
    ):
        Group.here(batch_size)


def test_other_errors_of_the_block_stay_what_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "some")
    monkeypatch.setattr(dist, "init_process_group", lambda backend: None)
    monkeypatch.setattr(dist, "destroy_process_group", lambda: None)
    with pytest.raises(RuntimeError, match="a bug"), together("cpu"):
        raise RuntimeError("a bug")
    with pytest.raises(CourseError, match=ENDED), together("cpu"):
        raise RuntimeError("[gloo/transport/tcp/pair.cc] Connection closed by peer")
