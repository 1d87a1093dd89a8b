"""What each of two processes does, which test_together.py starts with torchrun: several.py WHAT FOLDER."""

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from tiny import CLASSES, images, net
from torch import nn
from torch.optim.optimizer import register_optimizer_step_pre_hook

from coursekit.data import Images
from coursekit.errors import CourseError
from coursekit.training import NonFiniteLossError, Recipe, channel_statistics, launch, train
from coursekit.training.together import Group, together

# everything that a process has to agree on with the others
RECIPE = Recipe(
    lr=0.05, momentum=0.9, schedule="cosine", warm_up=1, epochs=4, batch_size=8, seed=2,
    flip="alternating", crop=1, cutout=2, ema=0.9, test_flips=True, label_smoothing=0.1,
)  # fmt: skip


def smooth_net() -> nn.Module:
    """A net in which no image knows of another, and nothing is random."""
    torch.manual_seed(0)
    layers = (nn.Conv2d(2, 4, 3), nn.Tanh(), nn.Flatten(), nn.Linear(64, CLASSES))
    return nn.Sequential(*layers)


def norm_net() -> nn.Module:
    """A net with batch normalization, and nothing random."""
    torch.manual_seed(0)
    layers = (nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.Tanh(), nn.Flatten())
    return nn.Sequential(*layers, nn.Linear(64, CLASSES))


def run(make: Callable[[], nn.Module], recipe: Recipe, **more: object) -> dict[str, object]:
    """Train, and return the gradients of the first step, the weights at the end, and what was told."""
    model = make()
    gradients: dict[str, torch.Tensor] = {}

    def look(*_: object) -> None:
        if not gradients:
            named = model.named_parameters()
            gradients.update({name: p.grad.clone() for name, p in named if p.grad is not None})

    handle = register_optimizer_step_pre_hook(look)
    history = train(model, images(), recipe, **more)
    handle.remove()
    return {
        "gradients": gradients,
        "weights": model.state_dict(),
        "losses": history.losses,
        "epochs": [(e.loss, e.accuracy, e.test_loss, e.test_accuracy) for e in history.epochs],
        "used": history.used,
    }


def drawn() -> list[float]:
    """Return what a layer draws while training."""
    numbers = []

    class Drawing(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if self.training:
                numbers.append(torch.rand(()).item())
            return x

    train(nn.Sequential(Drawing(), smooth_net()), images(), RECIPE)
    return numbers


def diverged() -> str:
    """Let an image be too bright that process 1 sees first, and return what both say about it."""
    data = images()
    first = torch.randperm(40, generator=torch.Generator().manual_seed(RECIPE.seed))[:8]
    data.x[first[4:]] = 255  # all others are below 240
    mean, std = channel_statistics(data.x)
    limit = ((247 - mean) / std).float().reshape(-1, 1, 1)

    class Trap(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.where(x < limit, torch.nan)

    try:
        train(nn.Sequential(Trap(), smooth_net()), data, RECIPE)
    except NonFiniteLossError as error:
        return str(error)
    return ""


def launched(folder: Path) -> str:
    """Train by name, on few images, and return the last line."""
    rng = np.random.default_rng(0)
    x, labels = rng.integers(0, 256, (40, 1, 28, 28), np.uint8), rng.integers(0, 10, 40)
    launch.DATA["fashion-mnist-subset"] = lambda: Images(x, labels, x[:10], labels[:10])
    wish = launch.Wish("small", out=folder / "launched", epochs=2, batch_size=20, device="cpu")
    return launch.launch(wish).text


def refused(folder: Path) -> str:
    """Ask for what cannot be done, and return how this process ends."""
    try:
        launch.launch(launch.Wish("small", out=folder / "odd", batch_size=21, device="cpu"))
    except (CourseError, SystemExit) as error:
        return f"{type(error).__name__} {error}"
    return ""


def compare(folder: Path) -> None:
    group = Group.here(8)
    number = torch.tensor(float(group.number))
    found = {
        "smooth": run(smooth_net, RECIPE),
        "norm": run(norm_net, RECIPE),
        "long": run(norm_net, replace(RECIPE, epochs=10)),
        "all": run(net, RECIPE, folder=folder / "uninterrupted"),
        "total": [one.item() for one in group.total(number + 1, number)],
        "whole": group.whole(torch.full((1, 2), group.number)),
        "agreed": group.agreed(f"said by {group.number}"),
        "everyone": group.all(group.number),
        "drawn": drawn(),
        "diverged": diverged(),
        "launched": launched(folder),
        "refused": refused(folder),
    }
    torch.save(found, folder / f"process {group.number}.pt")


def resumed(folder: Path, victim: int, step: int) -> None:
    """Train in a folder; the victim kills itself at a step of this process, as SIGKILL would."""
    steps = 0

    def count(*_: object) -> None:
        nonlocal steps
        steps += 1
        if (Group.here(8).number, steps) == (victim, step):
            os.kill(os.getpid(), signal.SIGKILL)

    register_optimizer_step_pre_hook(count)
    found = run(net, RECIPE, folder=folder / "killed")
    torch.save(found["weights"], folder / f"resumed {Group.here(8).number}.pt")


if __name__ == "__main__":
    with together("cpu"):
        what, folder, *more = sys.argv[1:]
        {"compare": compare, "resumed": resumed}[what](Path(folder), *map(int, more))
