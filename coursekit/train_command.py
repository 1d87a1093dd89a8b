"""`coursekit train`: train a network by name, on a CPU, a GPU, or several with torchrun."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Device(StrEnum):
    """Where to compute."""

    cpu = "cpu"
    cuda = "cuda"


def train(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL",
            help="resnet20, resnet9, residual10m (CIFAR-10, made for a GPU), fashion (Fashion-MNIST), small "
            "(a CPU, no download), resnet32, resnet44, resnet56 or resnet110.",
        ),
    ],
    data: Annotated[
        str | None,
        typer.Option(
            help="cifar10, fashion-mnist, or fashion-mnist-subset, which comes with the course. "
            "Default: the recipe's."
        ),
    ] = None,
    recipe: Annotated[
        str | None,
        typer.Option(
            help="resnet20, resnet9, residual10m, fashion or small. Default: the model's."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="For log, checkpoints and weights. Default: runs/MODEL-seedSEED. A run that was stopped "
            "there goes on.",
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on, and never begin anew.")] = False,
    seed: Annotated[int, typer.Option(help="Of everything random.", min=0)] = 0,
    epochs: Annotated[int | None, typer.Option(help="Default: the recipe's.", min=1)] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(
            help="Of all processes together; the learning rate follows. Default: the recipe's.",
            min=1,
        ),
    ] = None,
    device: Annotated[
        Device | None, typer.Option(help="Default: a GPU where there is one.")
    ] = None,
) -> None:
    """Train a network; on several GPUs: torchrun --standalone --nproc-per-node 2 -m coursekit train MODEL."""
    from coursekit.training.launch import Wish, launch

    chosen = device.value if device else None
    done = launch(Wish(model, data, recipe, out, resume, seed, epochs, batch_size, chosen))
    if done.text:
        print(done.text)
