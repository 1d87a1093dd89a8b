"""Train fully convolutional nets of three strides with three ways to enlarge, and record how they label pixels.

``python benchmarks/dense.py`` writes ``benchmarks/dense.json``, which chapter 15 draws. One thread; about ten minutes.
Every run has its seed: it draws the first weights and the order of the scenes. What is recorded already is not run
again: delete the file to begin anew.
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
from torch.nn.functional import cross_entropy

from coursekit.data import SCENE_GARMENTS, Scenes, scenes
from coursekit.models import fcn
from coursekit.reference import class_iou, confusion_matrix, mean_iou, pixel_accuracy

STRIDES, WAYS, SEEDS = (16, 8, 4), ("learned", "bilinear", "nearest"), (0, 1, 2, 3, 4)
STEPS, BATCH, RATE = 200, 16, 0.01
CLASSES = 1 + len(SCENE_GARMENTS)


def fit(net: nn.Module, data: Scenes, seed: int) -> float:
    """Train on random batches of scenes, void left out; return the mean loss of the last 20 steps."""
    x, masks = torch.from_numpy(data.x).float() / 255, torch.from_numpy(data.masks).long()
    drawn = np.random.default_rng(seed)
    optimizer = torch.optim.Adam(net.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    losses = []
    for _ in range(STEPS):
        some = drawn.integers(len(x), size=BATCH)
        loss = cross_entropy(net(x[some]), masks[some], ignore_index=255)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return float(np.mean(losses[-20:]))


def score(net: nn.Module, data: Scenes) -> np.ndarray:
    """Return the confusion matrix over all scenes."""
    net.eval()
    with torch.no_grad():
        predicted = net(torch.from_numpy(data.x).float() / 255).argmax(1).numpy()
    return confusion_matrix(data.masks, predicted, CLASSES)


def run(stride: int, way: str, seed: int) -> dict[str, Any]:
    """Train one net and return its line of the record."""
    torch.manual_seed(seed)
    net = fcn(stride, upsampling=way)
    start = time.perf_counter()
    loss = fit(net, scenes(1000), seed)
    seconds = time.perf_counter() - start
    found = score(net, scenes(200, test=True))
    return {
        "stride": stride,
        "upsampling": way,
        "seed": seed,
        "parameters": sum(p.numel() for p in net.parameters()),
        "train_loss": round(loss, 4),
        "pixel_accuracy": round(pixel_accuracy(found), 4),
        "mean_iou": round(mean_iou(found), 4),
        "class_iou": class_iou(found).round(4).tolist(),
        "seconds": round(seconds, 1),
    }


def main() -> None:
    """Run what is not recorded yet, and record it after every run."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).with_suffix(".json")
    parser.add_argument("--out", type=Path, default=default, help="where to record")
    out = parser.parse_args().out
    torch.set_num_threads(1)
    runs = json.loads(out.read_text(encoding="utf-8"))["runs"] if out.exists() else []
    done = {(line["stride"], line["upsampling"], line["seed"]) for line in runs}
    for way in WAYS:
        for seed in SEEDS:
            for stride in STRIDES:
                if (stride, way, seed) in done:
                    continue
                runs.append(run(stride, way, seed))
                record(out, "python benchmarks/dense.py", runs)
                print(time.strftime("%H:%M:%S"), runs[-1], flush=True)


if __name__ == "__main__":
    main()
