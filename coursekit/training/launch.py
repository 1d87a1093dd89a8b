"""Train by name: what `coursekit train` does, for a notebook or a script as well.

::

    from coursekit.training.launch import Wish, launch

    done = launch(Wish("resnet9", seed=1))
    done.history.epochs[-1].test_accuracy
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn

from coursekit.data import Images, cifar10, fashion_mnist
from coursekit.errors import CourseError
from coursekit.files import atomic_write
from coursekit.models import cifar_resnet
from coursekit.training.checkpoint import CHECKPOINT, LOCK, LOG, tensor_bytes
from coursekit.training.evaluation import examine
from coursekit.training.history import History
from coursekit.training.loop import train
from coursekit.training.memory import OutOfMemoryError
from coursekit.training.pace import seconds_per_epoch, spoken
from coursekit.training.recipe import Recipe
from coursekit.training.recipes import RECIPES, Plan, named
from coursekit.training.together import ProcessEndedError, together

WEIGHTS = "weights.pt"
ON_A_CPU = "small"  # the recipe that is made for one
LONG = 60.0  # seconds on a CPU from which on it is worth a word

DATA: dict[str, Callable[[], Images]] = {
    "cifar10": cifar10,
    "fashion-mnist": partial(fashion_mnist, full=True),
    "fashion-mnist-subset": fashion_mnist,
}
# every plan's own network, and relatives that are trained by its recipe
RELATIVES = {f"resnet{depth}": "resnet20" for depth in (32, 44, 56, 110)}
NETWORKS: dict[str, Callable[..., nn.Module]] = {
    **{name: plan.build for name, plan in RECIPES.items()},
    **{name: partial(cifar_resnet, int(name.removeprefix("resnet"))) for name in RELATIVES},
}


@dataclass(frozen=True)
class Wish:
    """What is asked for; None takes what the network's own recipe says.

    Args:
        model: name of a network, a key of NETWORKS.
        data: name of the images, a key of DATA.
        recipe: name of a recipe, a key of RECIPES.
        out: folder of the run; None takes one in runs/ that is named after model and seed.
        resume: refuse to begin anew where there is nothing to go on with.
        seed: of the initial weights and of the recipe.
        epochs: times that the run sees all images; warm-up and steps of the schedule stretch with it.
        batch_size: images in a batch; SGD's steps are scaled in proportion.
        device: "cpu" or "cuda"; None takes a GPU where there is one.
    """

    model: str
    data: str | None = None
    recipe: str | None = None
    out: Path | None = None
    resume: bool = False
    seed: int = 0
    epochs: int | None = None
    batch_size: int | None = None
    device: str | None = None


@dataclass(frozen=True)
class Trained:
    """What came of a run.

    Args:
        model: trained.
        history: of the run.
        folder: with its checkpoint, its log and the weights at the end.
        text: what to tell a person.
    """

    model: nn.Module
    history: History
    folder: Path
    text: str


class StoppedError(KeyboardInterrupt):
    """Somebody stopped the run; the text says how it goes on."""


def launch(wish: Wish, *, show: bool = True) -> Trained:
    """Train, or go on with a run that was stopped, and store log, checkpoints and weights.

    Args:
        wish: what.
        show: whether to say how far it is.

    Raises:
        CourseError: it cannot be done; the sentence says why and what to do.
        StoppedError: somebody pressed Ctrl-C.
    """
    if wish.model not in NETWORKS:
        raise CourseError(
            f"There is no network {wish.model!r} to train: expected one of {', '.join(NETWORKS)}."
        )
    plan = named(wish.recipe or RELATIVES.get(wish.model, wish.model))
    recipe = adapted(plan.recipe, wish)
    data_name = wish.data or plan.data
    data = _images(data_name)
    folder = wish.out or Path("runs") / f"{wish.model}-seed{wish.seed}"
    with together(wish.device) as device, _one_voice() as first:
        if first:
            _check_folder(folder, wish.resume)
        torch.manual_seed(wish.seed)
        classes = int(data.labels.max()) + 1
        model = NETWORKS[wish.model](classes=classes, channels=data.x.shape[1]).to(device)
        if show and first:
            _announce(wish.model, data_name, recipe, device, folder)
            if device.type == "cpu" and not (folder / CHECKPOINT).exists():
                _say_how_long(model, data, recipe, plan)
        with _stoppable(folder), _advised():
            history = train(model, data, recipe, folder=folder, show=show)
        text = ""
        if first:
            atomic_write(folder / WEIGHTS, tensor_bytes(model.state_dict()))
            text = _summary(model, data, history, plan, folder)
    return Trained(model, history, folder, text)


def adapted(recipe: Recipe, wish: Wish) -> Recipe:
    """Return the recipe with the seed, the epochs and the batch size that are asked for."""
    recipe = replace(recipe, seed=wish.seed)
    if wish.epochs is not None:
        stretch = wish.epochs / recipe.epochs
        steps = recipe.step_epochs * (stretch if recipe.schedule == "step" else 1.0)
        climb = recipe.warm_up * stretch
        recipe = replace(recipe, epochs=wish.epochs, warm_up=climb, step_epochs=steps)
    if wish.batch_size is not None:
        share = wish.batch_size / recipe.batch_size if recipe.optimizer == "sgd" else 1.0
        recipe = replace(recipe, batch_size=wish.batch_size, lr=recipe.lr * share)
    return recipe


def _images(name: str) -> Images:
    if name not in DATA:
        raise CourseError(
            f"There are no images {name!r} to train on: expected one of {', '.join(DATA)}."
        )
    try:
        return DATA[name]()
    except CourseError as error:
        raise CourseError(
            f"{error} `coursekit train {ON_A_CPU}` trains on those, without a download."
        ) from error


def _check_folder(folder: Path, resume: bool) -> None:
    """Refuse a folder with somebody's files, and one without a run where there should be one."""
    if folder.exists() and not folder.is_dir():
        raise CourseError(f"{folder} is a file, not a folder: give --out another name.")
    if (folder / CHECKPOINT).is_file():
        return
    if resume:
        raise CourseError(
            f"{folder} holds no checkpoint to go on from: --out names the folder of the run, and without "
            "--resume it begins there."
        )
    ours = {CHECKPOINT, LOCK, LOG, WEIGHTS}
    others = folder.iterdir() if folder.is_dir() else ()
    foreign = [one.name for one in others if one.name not in ours and not one.name.startswith(".")]
    if foreign:
        raise CourseError(
            f"{folder} holds other files ({', '.join(sorted(foreign)[:3])} …): give --out a folder of its own."
        )


def _announce(model: str, data: str, recipe: Recipe, device: torch.device, folder: Path) -> None:
    on = torch.cuda.get_device_name(device) if device.type == "cuda" else "the CPU"
    processes = dist.get_world_size() if dist.is_initialized() else 1
    shared = f", shared by {processes} processes" if processes > 1 else ""
    goes_on = ", where a run is stored that goes on" if (folder / CHECKPOINT).exists() else ""
    _say(
        f"Training {model} on {data}: {_epochs(recipe)} in batches of {recipe.batch_size}{shared}, "
        f"learning rate {recipe.lr:.3g}, seed {recipe.seed}, on {on}; into {folder}{goes_on}."
    )


def _say_how_long(model: nn.Module, data: Images, recipe: Recipe, plan: Plan) -> None:
    """Warn a person who would wait for long, and name what is made for a CPU."""
    each = seconds_per_epoch(model, data, recipe)
    if each * recipe.epochs > LONG:
        better = f" `coursekit train {ON_A_CPU}` is made for a CPU."
        _say(
            f"No GPU is in use: an epoch takes about {spoken(each)}, the run "
            f"{spoken(each * recipe.epochs)}.{better if plan is not RECIPES[ON_A_CPU] else ''}"
        )


def _summary(model: nn.Module, data: Images, history: History, plan: Plan, folder: Path) -> str:
    last, recipe = history.epochs[-1], history.recipe
    seconds = sum(epoch.seconds for epoch in history.epochs)
    plain = ""
    if recipe.test_flips:
        plain = f", {examine(model, data, recipe, flips=False)[1]:.2%} without test-time flips"
    compiling = f", after {history.compile_seconds:.1f} s of preparing the GPU"
    return (
        f"Accuracy {last.test_accuracy:.2%} on {len(data.x_test):,} test images after {_epochs(recipe)}"
        f"{plain}; {seconds:.1f} s of training{compiling if history.compile_seconds else ''}. "
        f"{folder} holds {LOG}, {CHECKPOINT} and {WEIGHTS}."
    )


def _epochs(recipe: Recipe) -> str:
    return f"{recipe.epochs} epoch{'s' * (recipe.epochs > 1)}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def _stoppable(folder: Path) -> Iterator[None]:
    """Say how a run goes on that somebody stops in the block."""
    try:
        yield
    except KeyboardInterrupt:
        if (folder / CHECKPOINT).exists():
            text = f"Stopped. The same command goes on after the last whole epoch, from {folder}."
        else:
            text = "Stopped before the first epoch was whole: the same command begins anew."
        raise StoppedError(text) from None


@contextmanager
def _advised() -> Iterator[None]:
    """Say how to make batches smaller on the command line."""
    try:
        yield
    except OutOfMemoryError as error:
        if not error.batch_size:
            raise
        raise CourseError(
            f"{error} On the command line, --batch-size {error.batch_size} does both."
        ) from error


@contextmanager
def _one_voice() -> Iterator[bool]:
    """Give the block whether this process is the first; the others keep quiet about what all meet."""
    first = not dist.is_initialized() or dist.get_rank() == 0
    try:
        yield first
    except ProcessEndedError:
        raise  # the one that ended may have said nothing
    except CourseError:
        if not first:
            raise SystemExit(1) from None
        raise
    except KeyboardInterrupt:
        if not first:
            raise SystemExit(130) from None
        raise
