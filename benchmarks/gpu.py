"""Train the named recipes on a GPU: accuracy, seconds of training, seconds of preparing, over several seeds.

    python benchmarks/gpu.py              measures all that is not yet recorded
    python benchmarks/gpu.py resnet9      what is not recorded of one row
    python benchmarks/gpu.py --table      prints what is recorded
    python benchmarks/gpu.py --small      runs all of it on a CPU, with a few images: records nothing

Every run is the whole recipe; what counts is the last epoch, and no choice is made by test images. Beside each
row, a ResNet-18 is trained with the same recipe in the same call: torchvision's where it is installed, else ours,
which computes the same. Its stem is the usual one for small images: 3x3 with stride 1, and no pooling.

Each run goes into gpu.json when it ends, with its machine, date, command and seed, so that a stopped measurement
goes on. A run of another recipe than the present one counts no more and is left out when the next is recorded.
"""

import argparse
import json
import platform
import statistics
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from torch import nn

from coursekit.data import Images, fashion_mnist
from coursekit.errors import CourseError
from coursekit.files import atomic_write
from coursekit.models import resnet
from coursekit.training import RECIPES, Recipe, examine, train
from coursekit.training.launch import DATA

RECORD = Path(__file__).with_suffix(".json")
ROWS = ("resnet20", "resnet9", "residual10m", "fashion")
WITHIN = {"resnet20": 60, "resnet9": 10, "residual10m": 60}  # seconds of training, on one H200
SEEDS, YARDSTICK_SEEDS = 5, 1
DEFAULTS = asdict(Recipe())  # of what a recipe did not say yet when a run was recorded
Run = dict[str, Any]


def yardstick() -> tuple[str, Callable[..., nn.Module]]:
    """Return a ResNet-18 for small images, and whose it is."""
    try:
        from torchvision.models import resnet18
    except (ImportError, RuntimeError):  # the latter where it was built for another torch

        def ours(classes: int, channels: int) -> nn.Module:
            model = resnet(18, classes=classes, channels=channels)
            model.stem[0] = nn.Conv2d(channels, 64, 3, padding=1, bias=False)
            model.stem[3] = nn.Identity()
            return model

        return "coursekit's ResNet-18", ours

    def theirs(classes: int, channels: int) -> nn.Module:
        model = resnet18(num_classes=classes)
        model.conv1 = nn.Conv2d(channels, 64, 3, padding=1, bias=False)
        model.maxpool = nn.Identity()
        return model

    return "torchvision's ResNet-18", theirs


def contestants(row: str) -> list[tuple[str, Callable[..., nn.Module], Recipe, int]]:
    """Return name, builder, recipe and number of seeds of both networks of a row."""
    plan = RECIPES[row]
    name, build = yardstick()
    # only a network that is made for it has a first layer that can be a whitening
    plain = replace(plan.recipe, whiten=0.0)
    return [(row, plan.build, plan.recipe, SEEDS), (name, build, plain, YARDSTICK_SEEDS)]


def measure(
    row: str,
    name: str,
    build: Callable[..., nn.Module],
    recipe: Recipe,
    data: Images,
    device: str,
) -> Run:
    """Train once, and return what came of it."""
    torch.manual_seed(recipe.seed)
    model = build(classes=int(data.labels.max()) + 1, channels=data.x.shape[1]).to(device)
    history = train(model, data, recipe, show=sys.stderr.isatty())
    return {
        "row": row,
        "network": name,
        "parameters": sum(p.numel() for p in model.parameters()),
        "seed": recipe.seed,
        "accuracy": history.epochs[-1].test_accuracy,
        "accuracy, no flips": examine(model, data, recipe, flips=False)[1],
        "accuracy, flips": examine(model, data, recipe, flips=True)[1],
        "seconds": round(sum(epoch.seconds for epoch in history.epochs), 3),
        "preparing": round(history.compile_seconds, 3),
        "memory": max(epoch.memory for epoch in history.epochs),
        "recipe": asdict(recipe),
        "used": history.used,
        "machine": {
            "GPU": torch.cuda.get_device_name() if device == "cuda" else None,
            "CUDA": torch.version.cuda,
            "cuDNN": torch.backends.cudnn.version(),
            "python": platform.python_version(),
            "torch": str(torch.__version__),
        },
        "date": datetime.now(UTC).date().isoformat(),
        "command": " ".join(["python", "benchmarks/gpu.py", *sys.argv[1:]]),
    }


def recorded() -> list[Run]:
    """Return the runs in the record that followed the present recipes."""
    if not RECORD.exists():
        return []
    runs: list[Run] = json.loads(RECORD.read_text("utf-8"))["runs"]
    present = {row: [asdict(one[2]) for one in contestants(row)] for row in ROWS}
    return [
        run
        for run in runs
        if {**DEFAULTS, **run["recipe"], "seed": 0} in present.get(run["row"], [])
    ]


def missing(row: str, runs: list[Run]) -> list[tuple[str, Callable[..., nn.Module], Recipe]]:
    """Return the runs of a row that are not recorded: name, builder, and recipe with its seed."""
    wanted = []
    for name, build, recipe, seeds in contestants(row):
        # either ResNet-18 will do, for they compute the same
        done = {run["seed"] for run in runs if run["row"] == row and same(run["network"], name)}
        rest = (seed for seed in range(seeds) if seed not in done)
        wanted += [(name, build, replace(recipe, seed=seed)) for seed in rest]
    return wanted


def same(one: str, other: str) -> bool:
    """Do two names mean the same network?"""
    return one == other or (one.endswith("ResNet-18") and other.endswith("ResNet-18"))


def record(run: Run, runs: list[Run]) -> None:
    """Add a run and write all of them."""
    runs.append(run)
    runs.sort(key=lambda one: (ROWS.index(one["row"]), one["network"] not in ROWS, one["seed"]))
    atomic_write(RECORD, json.dumps({"runs": runs}, indent=1) + "\n")


def table(runs: list[Run]) -> str:
    """Return means over the seeds as a table, and what was asked for beside them."""
    lines = [
        f"{'recipe':12} {'network':24} {'million':>7} {'epochs':>6} {'seeds':>5} {'accuracy':>16} "
        f"{'goal':>6} {'no flips':>8} {'training':>9} {'goal':>5} {'preparing':>9}"
    ]
    for row in ROWS:
        for name in sorted({run["network"] for run in runs if run["row"] == row}, key=row.__ne__):
            some = [run for run in runs if (run["row"], run["network"]) == (row, name)]
            accuracies = [run["accuracy"] for run in some]
            spread = f" ± {statistics.stdev(accuracies):.2%}" if len(some) > 1 else ""
            ours = name == row
            goal = f"{RECIPES[row].goal:.1%}" if ours else ""
            within = f"{WITHIN[row]} s" if ours and row in WITHIN else ""
            lines.append(
                f"{row:12} {name:24} {some[0]['parameters'] / 1e6:7.2f} {some[0]['recipe']['epochs']:6} "
                f"{len(some):5} {f'{statistics.mean(accuracies):.2%}{spread}':>16} {goal:>6} "
                f"{statistics.mean(run['accuracy, no flips'] for run in some):8.2%} "
                f"{statistics.median(run['seconds'] for run in some):7.1f} s {within:>5} "
                f"{statistics.median(run['preparing'] for run in some):7.1f} s"
            )
    return "\n".join(lines)


def small() -> None:
    """Run every row on a CPU with a few images: shows that it runs, and says nothing about accuracy."""
    data = fashion_mnist()
    few = Images(data.x[:32], data.labels[:32], data.x_test[:16], data.labels_test[:16])
    runs = []
    for row in ROWS:
        for name, build, recipe, _ in contestants(row):
            short = replace(recipe, epochs=1, batch_size=16, warm_up=0.5, lr=recipe.lr / 32)
            runs.append(measure(row, name, build, short, few, "cpu"))
            print(f"{row}, {name}: done", file=sys.stderr, flush=True)
    print("One epoch on 32 images on a CPU: accuracies mean nothing here, nothing is recorded.\n")
    print(table(runs))


def real(rows: list[str]) -> None:
    """Measure what is not recorded, one run after the other."""
    runs = recorded()
    for row in rows:
        wanted = missing(row, runs)
        if wanted:
            data = DATA[RECIPES[row].data]()
        for name, build, recipe in wanted:
            run = measure(row, name, build, recipe, data, "cuda")
            record(run, runs)
            print(
                f"{row}, {name}, seed {recipe.seed}: {run['accuracy']:.2%}, {run['seconds']} s",
                flush=True,
            )
    report(runs)


def report(runs: list[Run]) -> None:
    """Print the table, and for every row the command that measures what remains."""
    print(table(runs) if runs else "Nothing is recorded yet.")
    for row in ROWS:
        if rest := missing(row, runs):
            print(f"not measured: {len(rest)} runs of {row}: python benchmarks/gpu.py {row}")


def main() -> int:
    """Do what is asked for."""
    words = argparse.ArgumentParser(description="Train the named recipes on a GPU and record it.")
    words.add_argument("rows", nargs="*", metavar="ROW", help=f"{', '.join(ROWS)}; default: all")
    words.add_argument("--small", action="store_true", help="on a CPU, under a minute, no record")
    words.add_argument("--table", action="store_true", help="only print what is recorded")
    asked = words.parse_args()
    unknown = [row for row in asked.rows if row not in ROWS]
    if unknown:
        words.error(f"there is no row {unknown[0]!r}: expected {', '.join(ROWS)}")
    try:
        if asked.small:
            small()
        elif asked.table:
            report(recorded())
        elif torch.cuda.is_available():
            real(asked.rows or list(ROWS))
        else:
            raise CourseError(
                "torch finds no GPU here; --small shows on a CPU that all of it runs."
            )
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped: what was measured is recorded, the same command goes on.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
