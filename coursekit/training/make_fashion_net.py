"""Make the trained network that the package ships, with a record of how it was made.

    python -m coursekit.training.make_fashion_net           train it, write its weights and the record
    python -m coursekit.training.make_fashion_net --check   change nothing: train it anew, compare

Two machines give the same accuracy up to a few images, and weights that differ in the last digits, which hundreds of
steps drive apart: what is compared is the accuracy. The weights that ship are known by their checksum.
"""

import argparse
import hashlib
import io
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from coursekit.data import Images, fashion_mnist
from coursekit.errors import CourseError
from coursekit.models.trained import COMMAND, RECORD, WEIGHTS, fashion_net, trained_fashion_net
from coursekit.training.batches import channel_statistics
from coursekit.training.evaluation import examine
from coursekit.training.loop import train
from coursekit.training.recipe import Recipe

# twice the usual weight decay: the kernels of the first layer come out smoother
RECIPE = Recipe(
    lr=0.05,
    momentum=0.9,
    nesterov=True,
    weight_decay=1e-3,
    decay_norm_and_bias=False,
    schedule="linear",
    warm_up=1,
    epochs=15,
    batch_size=64,
    flip="random",
    crop=1,
)
SEED = 0  # of the first weights
# the first kernels start ten times smaller, and the batchnorm behind them makes up for it: what they learn then
# outweighs the noise that they start from, which stays in larger ones for as long as the run takes
SMALLER = 0.1
CLOSE = 0.015  # accuracies of two machines: 30 of 2,000 images


def trained(data: Images, recipe: Recipe = RECIPE, *, show: bool = True) -> tuple[nn.Module, float]:
    """Train the network from its first weights on; return it and its accuracy on the test images."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        model = fashion_net()
        with torch.no_grad():
            model.get_parameter("conv1.weight").mul_(SMALLER)
        history = train(model, data, recipe, show=show)
    return model.eval(), history.epochs[-1].test_accuracy


def packed(model: nn.Module, data: Images) -> bytes:
    """Return the file of a model: its parameters and averages, and the statistics of its images."""
    mean, std = channel_statistics(data.x)
    arrays: dict[str, Any] = {name: t.numpy() for name, t in model.state_dict().items()}
    file = io.BytesIO()
    np.savez_compressed(file, mean=mean.numpy(), std=std.numpy(), allow_pickle=False, **arrays)
    return file.getvalue()


def record_of(model: nn.Module, content: bytes, accuracy: float) -> Mapping[str, Any]:
    """Return what is to be told of a file: where it comes from, what it is worth, how to know it again."""
    return {
        "network": "coursekit.models.trained.fashion_net",
        "parameters": sum(p.numel() for p in model.parameters()),
        "command": COMMAND,
        "data": "the part of Fashion-MNIST that the course ships: 10,000 images to train on, 2,000 to test",
        "first weights": f"torch.manual_seed({SEED}), those of conv1 times {SMALLER}",
        "recipe": asdict(RECIPE),
        "test accuracy": round(accuracy, 4),
        "torch": torch.__version__.split("+")[0],
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def write(model: nn.Module, data: Images, weights: Path, record: Path, accuracy: float) -> None:
    """Write a model and its record."""
    content = packed(model, data)
    weights.write_bytes(content)
    text = json.dumps(record_of(model, content, accuracy), indent=2, ensure_ascii=False)
    record.write_text(text + "\n", encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="change nothing, train anew, compare")
    chosen = parser.parse_args(arguments)
    try:
        data = fashion_mnist()
        if chosen.check:
            return _check(data)
        model, accuracy = trained(data)
        write(model, data, WEIGHTS, RECORD, accuracy)
        print(f"{WEIGHTS.name}, {WEIGHTS.stat().st_size:,} bytes, {accuracy:.2%} right.")
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _check(data: Images) -> int:
    """Compare what ships with its record and with the same recipe here; return the exit status."""
    ships = trained_fashion_net()
    told = ships.record["test accuracy"]
    measured, anew = examine(ships.model, data, RECIPE)[1], trained(data)[1]
    print(f"{told:.2%} recorded, {measured:.2%} measured, {anew:.2%} after training anew.")
    same = abs(measured - told) < 0.002 and abs(anew - told) < CLOSE
    if not same:
        print("That is too far apart.", file=sys.stderr)
    if ships.record["recipe"] != asdict(RECIPE):
        print("The record has another recipe.", file=sys.stderr)
        same = False
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
