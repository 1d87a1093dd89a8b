"""The benchmark of the recipes: it runs on any machine, and records runs on a GPU so that it can be stopped."""

import importlib.util
import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

from coursekit.training import RECIPES

SCRIPT = Path(__file__).resolve().parent.parent / "benchmarks" / "gpu.py"


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """Return the script as a module, with a record of its own, images that are none, and no training."""
    spec = importlib.util.spec_from_file_location("gpu_benchmark", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "gpu_benchmark", module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "RECORD", tmp_path / "gpu.json")
    monkeypatch.setattr(module, "DATA", {plan.data: lambda: None for plan in RECIPES.values()})
    monkeypatch.setattr(module, "measure", Pretended())
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    return module


class Pretended:
    """Stands for training; can be stopped before a run, counted from 0."""

    def __init__(self) -> None:
        self.runs: list[tuple[str, str, int]] = []
        self.stop = -1

    def __call__(
        self, row: str, name: str, build: Any, recipe: Any, data: Any, device: str
    ) -> dict[str, Any]:
        if len(self.runs) == self.stop:
            raise KeyboardInterrupt
        self.runs.append((row, name, recipe.seed))
        accuracies = {"accuracy": 0.9 + 0.01 * recipe.seed, "accuracy, no flips": 0.88}
        times = {"seconds": 10.0 + recipe.seed, "preparing": 20.0}
        about = {"parameters": 1_500_000, "recipe": asdict(recipe), "seed": recipe.seed}
        return {"row": row, "network": name, **about, **accuracies, **times}


def call(gpu: ModuleType, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["gpu.py", *arguments])
    status: int = gpu.main()
    return status


def test_small_runs_every_row_on_a_cpu_and_records_nothing() -> None:
    record = SCRIPT.with_suffix(".json")
    before = record.read_bytes() if record.exists() else None
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--small"], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    first, _, head, *rows = done.stdout.splitlines()
    assert first.endswith("accuracies mean nothing here, nothing is recorded.")
    assert head.split()[:3] == ["recipe", "network", "million"]
    assert [row.split()[0] for row in rows] == [
        name for name in ("resnet20", "resnet9", "residual10m", "fashion") for _ in range(2)
    ]
    assert sum("'s ResNet-18" in row for row in rows) == 4
    assert (record.read_bytes() if record.exists() else None) == before


def test_without_a_gpu_it_says_what_runs_here(
    gpu: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert call(gpu, monkeypatch, "resnet9") == 1
    assert "torch finds no GPU here; --small shows" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        call(gpu, monkeypatch, "resnet8")
    assert "there is no row 'resnet8': expected resnet20" in capsys.readouterr().err


def test_a_row_is_five_seeds_and_a_yardstick_and_is_measured_once(
    gpu: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(gpu, monkeypatch, "resnet9") == 0
    runs = gpu.measure.runs
    assert [run[1:] for run in runs[:5]] == [("resnet9", seed) for seed in range(5)]
    assert [run[0] for run in runs] == ["resnet9"] * 6
    assert runs[5][1].endswith("'s ResNet-18")
    text = capsys.readouterr().out
    assert "not measured: 6 runs of fashion: python benchmarks/gpu.py fashion" in text
    assert "gpu.py resnet9" not in text
    line = next(one for one in text.splitlines() if one.split()[:2] == ["resnet9", "resnet9"])
    # mean and deviation of 90 to 94 %, the goals, the mean without flips, median seconds
    for part in ("1.50", " 5 ", "92.00% ± 1.58%", "94.0%", "88.00%", "12.0 s", "10 s", "20.0 s"):
        assert part in line
    assert call(gpu, monkeypatch, "resnet9") == 0
    assert len(runs) == 6


def test_a_stopped_measurement_goes_on(
    gpu: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gpu.measure.stop = 3
    assert call(gpu, monkeypatch, "resnet20") == 130
    assert "what was measured is recorded, the same command goes on" in capsys.readouterr().err
    assert len(json.loads(gpu.RECORD.read_text())["runs"]) == 3
    gpu.measure.stop = -1
    assert call(gpu, monkeypatch) == 0
    assert len(gpu.measure.runs) == len(set(gpu.measure.runs)) == 4 * 6
    assert "not measured" not in capsys.readouterr().out


def test_runs_of_another_recipe_count_no_more(
    gpu: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call(gpu, monkeypatch, "fashion")
    plan = RECIPES["fashion"]
    longer = replace(plan.recipe, epochs=plan.recipe.epochs + 1)
    monkeypatch.setitem(RECIPES, "fashion", plan._replace(recipe=longer))
    capsys.readouterr()
    call(gpu, monkeypatch, "--table")
    assert capsys.readouterr().out.startswith("Nothing is recorded yet.")
    call(gpu, monkeypatch, "fashion")
    runs = json.loads(gpu.RECORD.read_text())["runs"]
    assert [run["recipe"]["epochs"] for run in runs] == [longer.epochs] * 6


def test_the_record_holds_only_runs_on_gpus() -> None:
    record = SCRIPT.with_suffix(".json")
    runs = json.loads(record.read_text("utf-8"))["runs"] if record.exists() else []
    for run in runs:
        assert run["machine"]["GPU"]
        assert run["command"].startswith("python benchmarks/gpu.py")
        assert run["date"]
