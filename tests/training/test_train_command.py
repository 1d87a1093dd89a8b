"""`coursekit train`, as typed: right, wrong, twice, stopped in the middle."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.optim.optimizer import register_optimizer_step_pre_hook
from typer.testing import CliRunner

from coursekit import cli
from coursekit.data import Images
from coursekit.errors import CourseError
from coursekit.training import RECIPES, OutOfMemoryError, examine, launch
from coursekit.training.launch import DATA, NETWORKS, Wish, adapted
from coursekit.training.pace import seconds_per_epoch, spoken

SHORT = ("--epochs", "2", "--batch-size", "20", "--device", "cpu")


def few_images() -> Images:
    rng = np.random.default_rng(0)
    x, labels = rng.integers(0, 256, (60, 1, 28, 28), np.uint8), rng.integers(0, 10, 60)
    return Images(x, labels, x[:10], labels[:10])


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder in which the commands are typed, empty; data are few or not here."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setitem(launch.DATA, "fashion-mnist-subset", few_images)
    return tmp_path


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli.app, ["train", *arguments])
    assert "Traceback" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def weights(folder: str) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = torch.load(Path(folder) / "weights.pt")
    return found


def equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_a_name_is_enough_and_the_last_line_says_what_came_of_it(here: Path) -> None:
    status, out, err = run("small", *SHORT)
    assert status == 0
    assert err.startswith(
        "Training small on fashion-mnist-subset: 2 epochs in batches of 20, learning rate 0.0312, seed 0, "
        "on the CPU; into runs/small-seed0.\n"
    )
    *_, last = out.splitlines()
    folder = here / "runs" / "small-seed0"
    head, *epochs = map(json.loads, (folder / "log.jsonl").read_text().splitlines())
    assert head["recipe"]["epochs"] == 2
    accuracy = epochs[-1]["test_accuracy"]
    assert last.startswith(f"Accuracy {accuracy:.2%} on 10 test images after 2 epochs, ")
    assert " without test-time flips; " in last
    assert last.endswith("runs/small-seed0 holds log.jsonl, checkpoint.pt and weights.pt.")
    model = NETWORKS["small"](classes=10, channels=1)
    model.load_state_dict(weights("runs/small-seed0"))
    assert examine(model, few_images(), RECIPES["small"].recipe)[1] == accuracy


def test_twice_is_the_same_run_and_trains_nothing_anew() -> None:
    first = run("small", *SHORT)[1]
    before = weights("runs/small-seed0")
    register = register_optimizer_step_pre_hook(lambda *_: pytest.fail("a step was taken"))
    status, again, err = run("small", *SHORT)
    register.remove()
    assert (status, again.splitlines()[-1]) == (0, first.splitlines()[-1])
    assert "where a run is stored" in err
    assert equal(weights("runs/small-seed0"), before)


def test_another_seed_is_another_run_in_another_folder() -> None:
    run("small", *SHORT)
    run("small", *SHORT, "--seed", "1")
    assert not equal(weights("runs/small-seed0"), weights("runs/small-seed1"))


def stop_at(step: int) -> Callable[[], None]:
    """Press Ctrl-C at a step, counted from 1; call what is returned to stop stopping."""
    steps = 0

    def press(*_: object) -> None:
        nonlocal steps
        steps += 1
        if steps == step:
            raise KeyboardInterrupt

    return register_optimizer_step_pre_hook(press).remove


def test_a_stopped_run_says_how_it_goes_on_and_does() -> None:
    assert run("small", *SHORT, "--out", "whole")[0] == 0
    for step, sentence in (
        (2, "Stopped before the first epoch was whole: the same command begins anew."),
        (5, "Stopped. The same command goes on after the last whole epoch, from mine."),
    ):
        remove = stop_at(step)
        status, _, err = run("small", *SHORT, "--out", "mine")
        remove()
        assert status == 130
        assert err.splitlines()[-1] == sentence
    assert run("small", *SHORT, "--out", "mine", "--resume")[0] == 0
    assert equal(weights("mine"), weights("whole"))


REFUSED = {
    "network": (("resnet8",), "There is no network 'resnet8' to train: expected one of resnet20, resnet9"),
    "images": (("small", "--data", "mnist"), "There are no images 'mnist' to train on: expected one of"),
    "recipe": (("small", "--recipe", "x"), "There is no recipe 'x': expected one of resnet20, resnet9"),
    "data missing": (
        ("resnet9",),
        "CIFAR-10 is not on this machine: `coursekit data get cifar10` fetches it, `coursekit data import "
        "cifar10 PATH` takes it from files that you have. Without either, fashion_mnist() returns the 12,000 "
        "images that come with the course. `coursekit train small` trains on those, without a download.",
    ),
    "nothing to resume": (("small", "--resume"), "runs/small-seed0 holds no checkpoint to go on from"),
    "a file": (("small", "--out", "file"), "file is a file, not a folder: give --out another name."),
    "other files": (("small", "--out", "full"), "full holds other files (letter.txt …): give --out a"),
    "another run": (
        ("small", *SHORT, "--epochs", "3", "--out", "run"),
        "run/checkpoint.pt is of another run: warm_up (",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_done_is_one_line_and_status_1(case: str, here: Path) -> None:
    if case == "another run":
        run("small", *SHORT, "--out", "run")
    (here / "file").write_text("")
    (here / "full").mkdir()
    (here / "full" / "letter.txt").write_text("mine")
    arguments, sentence = REFUSED[case]
    status, out, err = run(*arguments)
    assert (status, out) == (1, "")
    assert err.splitlines()[-1].startswith(sentence)
    assert (here / "full" / "letter.txt").read_text() == "mine"
    assert not (here / "runs").exists()


@pytest.mark.parametrize(
    "arguments",
    [(), ("small", "--epochs", "0"), ("small", "--device", "tpu"), ("small", "--seed", "x")],
)
def test_wrong_arguments_are_refused_before_torch_is_there(arguments: tuple[str, ...]) -> None:
    assert run(*arguments)[0] == 2


def test_a_gpu_that_is_not_here_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    status, _, err = run("small", "--device", "cuda")
    assert (status, err.startswith("torch finds no GPU here")) == (1, True)


def test_the_help_names_every_network_every_recipe_and_all_images() -> None:
    status, text, _ = run("--help")
    assert status == 0
    for name in (*NETWORKS, *RECIPES, *DATA):
        assert name in text


@pytest.mark.parametrize(
    ("seconds", "model"), [(400.0, "resnet9"), (400.0, "small"), (1.0, "resnet9")]
)
def test_on_a_cpu_a_long_run_says_how_long_and_what_is_made_for_one(
    seconds: float, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "seconds_per_epoch", lambda *_: seconds)
    small = "--data", "fashion-mnist-subset", "--recipe", "small"
    monkeypatch.setitem(launch.NETWORKS, "resnet9", NETWORKS["small"])
    recipe = () if model == "small" else ("--recipe", "resnet9", *small[:2])
    _, _, err = run(model, *SHORT, *recipe)
    warned = "No GPU is in use: an epoch takes about 7 minutes, the run 13 minutes."
    assert (warned in err) == (seconds > 100)
    assert ("`coursekit train small` is made for a CPU." in err) == (
        seconds > 100 and model != "small"
    )


def test_too_little_memory_says_which_option_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    def train(*_: object, **more: object) -> None:
        raise OutOfMemoryError("The memory does not hold a training step of 20 images.", 8)

    monkeypatch.setattr(launch, "train", train)
    status, _, err = run("small", *SHORT)
    assert status == 1
    assert err.splitlines()[-1].endswith("images. On the command line, --batch-size 8 does both.")


def test_epochs_and_batch_size_carry_the_rest_of_the_recipe_along() -> None:
    recipe = RECIPES["resnet9"].recipe
    mine = adapted(recipe, Wish("resnet9", seed=4, epochs=recipe.epochs * 2, batch_size=64))
    assert (mine.seed, mine.epochs, mine.batch_size) == (4, recipe.epochs * 2, 64)
    assert mine.warm_up == recipe.warm_up * 2
    assert mine.lr == pytest.approx(recipe.lr * 64 / recipe.batch_size)
    assert adapted(recipe, Wish("resnet9")) == recipe


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_is_built_for_its_images(name: str) -> None:
    plan = RECIPES[launch.RELATIVES.get(name, name)]
    channels = 3 if plan.data == "cifar10" else 1
    size = 32 if channels == 3 else 28
    with torch.device("meta"):
        model = NETWORKS[name](classes=10, channels=channels)
    assert model(torch.empty(2, channels, size, size, device="meta")).shape == (2, 10)
    assert plan.data in DATA


def test_the_pace_is_measured_without_a_trace() -> None:
    torch.manual_seed(0)
    model = NETWORKS["small"](classes=10, channels=1)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    random = torch.get_rng_state()
    assert 0 < seconds_per_epoch(model, few_images(), RECIPES["small"].recipe) < 60
    assert equal(model.state_dict(), before)
    assert torch.equal(torch.get_rng_state(), random)
    assert model.training


def test_durations_are_spoken_as_people_do() -> None:
    assert [spoken(s) for s in (0.2, 80, 700, 7200)] == ["1 s", "80 s", "12 minutes", "2.0 hours"]


def test_from_python_it_is_the_same_run() -> None:
    wish = Wish("small", out=Path("mine"), epochs=2, batch_size=20, device="cpu")
    done = launch.launch(wish, show=False)
    run("small", *SHORT)
    assert equal(done.model.state_dict(), weights("runs/small-seed0"))
    assert len(done.history.epochs) == 2
    with pytest.raises(CourseError, match="of another run: seed"):
        launch.launch(Wish("small", out=Path("mine"), epochs=2, batch_size=20, seed=2))
