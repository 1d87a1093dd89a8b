"""Train plain and residual twins of several depths, and one small grid of sizes; record what came of it.

``python benchmarks/degradation.py`` writes ``benchmarks/degradation.json``, which chapter 12 draws. One thread; about
20 minutes. Every run has its seed: it draws the first weights and the order of the images. What is
recorded already is not run again: delete the file to begin anew.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from timing import record
from torch import nn

from coursekit.data import Images, fashion_mnist
from coursekit.models import Residual, start_as_identity
from coursekit.models.choices import he_normal
from coursekit.models.residual import basic_layers, shortcut_around
from coursekit.models.resnet import pooled_scores
from coursekit.training import Batches, Recipe, channel_statistics, evaluate, train

KINDS = ("plain", "residual", "identity start")
DEPTHS, SEEDS = (8, 20, 44), (0, 1, 2, 3, 4)
GRID = [(depth, width, pixels) for depth in (8, 20) for width in (8, 16) for pixels in (14, 28)]
EPOCHS = 3  # of 100 steps


def clothes(pixels: int = 14, count: int = 6400) -> Images:
    """Return images to train on, always the same, of 14×14 pixels (means of 2×2) or 28×28."""
    data = fashion_mnist()
    chosen = np.random.default_rng(0).permutation(len(data.x))[:count]
    images = data._replace(x=data.x[chosen], labels=data.labels[chosen])
    if pixels == 28:
        return images
    x, x_test = (
        a.reshape(-1, 1, 14, 2, 14, 2).mean((3, 5)).round().astype(np.uint8)
        for a in (images.x, images.x_test)
    )
    return images._replace(x=x, x_test=x_test)


def small_net(depth: int, *, plain: bool = False, width: int = 16, seed: int = 0) -> nn.Sequential:
    """Return a ResNet of 6n + 2 layers for small images, or its plain twin, with the same first weights."""
    torch.manual_seed(seed)
    first = nn.Conv2d(1, width, 3, stride=2, padding=1, bias=False)
    net, C = nn.Sequential(first, nn.BatchNorm2d(width), nn.ReLU()), width
    for K in (width, 2 * width, 4 * width):
        for _ in range((depth - 2) // 6):
            stride = 1 if C == K else 2
            around = None if plain else shortcut_around(C, K, stride, "A")
            net.append(Residual(basic_layers(C, K, stride), around))
            C = K
    net.append(pooled_scores(C, 10))
    he_normal(net)
    return net


def recipe(seed: int, epochs: int) -> Recipe:
    """Return the recipe of all runs."""
    return Recipe(
        lr=0.05,
        momentum=0.9,
        weight_decay=1e-4,
        schedule="cosine",
        epochs=epochs,
        batch_size=64,
        seed=seed,
    )


def deletions(net: nn.Sequential, test: Batches) -> list[float]:
    """Return the test accuracy without each block whose shapes allow it, one at a time, in order."""
    accuracies = []
    for place, block in enumerate(net):
        if isinstance(block, Residual) and block.layers[0].stride == (1, 1):
            net[place] = nn.Identity()
            accuracies.append(evaluate(net, test)[1])
            net[place] = block
    return accuracies


def run(
    kind: str, depth: int, seed: int, epochs: int, width: int = 16, pixels: int = 14
) -> dict[str, Any]:
    """Train one net and return its line of the record."""
    data = clothes(pixels)
    net = small_net(depth, plain=kind == "plain", width=width, seed=seed)
    if kind == "identity start":
        start_as_identity(net)
    history = train(net, data, recipe(seed, epochs), show=False)
    mean, std = channel_statistics(data.x)
    train_set = Batches(data.x, data.labels, 800, mean=mean, std=std)
    test_set = Batches(data.x_test, data.labels_test, 1000, mean=mean, std=std)
    loss, accuracy = evaluate(net, train_set)
    line = {
        "kind": kind,
        "depth": depth,
        "width": width,
        "pixels": pixels,
        "epochs": epochs,
        "seed": seed,
        "parameters": sum(p.numel() for p in net.parameters()),
        "losses": np.mean(np.reshape(history.losses, (-1, 10)), 1).round(4).tolist(),
        "train_loss": round(loss, 4),
        "train_accuracy": round(accuracy, 4),
        "test_loss": round(history.epochs[-1].test_loss, 4),
        "test_accuracy": round(history.epochs[-1].test_accuracy, 4),
        "seconds": round(sum(epoch.seconds for epoch in history.epochs), 1),
    }
    if depth == 20 and (width, pixels, epochs) == (16, 14, EPOCHS) and kind != "identity start":
        line["without"] = deletions(net, test_set)
    return line


def plan() -> list[tuple[Any, ...]]:
    """Return the arguments of all runs, those that matter most first."""
    short = [(kind, depth, seed, EPOCHS) for seed in SEEDS for kind in KINDS for depth in DEPTHS]
    grid = [("residual", depth, seed, EPOCHS, w, p) for seed in SEEDS[:3] for depth, w, p in GRID]
    grid = [one for one in grid if one[4:] != (16, 14)]  # they are runs of the first part
    return short + grid


def main() -> None:
    """Run what is not recorded yet, and record it after every run."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).with_suffix(".json")
    parser.add_argument("--out", type=Path, default=default, help="where to record")
    out = parser.parse_args().out
    torch.set_num_threads(1)
    runs = json.loads(out.read_text(encoding="utf-8"))["runs"] if out.exists() else []
    done = {key(line) for line in runs}
    for arguments in plan():
        kind, depth, seed, epochs, width, pixels = (*arguments, 16, 14)[:6]
        if (kind, depth, seed, epochs, width, pixels) in done:
            continue
        line = run(kind, depth, seed, epochs, width, pixels)
        runs.append(line)
        record(out, "python benchmarks/degradation.py", runs)
        shown = {k: v for k, v in line.items() if k not in ("losses", "without")}
        print(time.strftime("%H:%M:%S"), shown, flush=True)


def key(line: dict[str, Any]) -> tuple[Any, ...]:
    """Return what tells a run from the others."""
    return tuple(line[name] for name in ("kind", "depth", "seed", "epochs", "width", "pixels"))


if __name__ == "__main__":
    main()
