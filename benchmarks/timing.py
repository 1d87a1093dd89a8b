"""Measure side by side: functions take turns, medians are compared as ratios, results are kept."""

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch
from threadpoolctl import threadpool_info, threadpool_limits

Function = Callable[[], object]
Row = dict[str, object]


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Give NumPy and torch the same number of threads."""
    torch.set_num_threads(count)
    with threadpool_limits(count):
        yield


def median_seconds(
    functions: dict[str, Function], rounds: int = 11, warm_up: int = 3
) -> dict[str, float]:
    """Return the median time of each function; they take turns, so that a slow moment hits all of them."""
    times: dict[str, list[float]] = {name: [] for name in functions}
    for turn in range(rounds + warm_up):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            if turn >= warm_up:
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def compare(
    case: str, count: int, functions: dict[str, Function], peer: str, rounds: int = 11
) -> list[Row]:
    """Return a row for each function, with its time as a ratio to the peer's."""
    seconds = median_seconds(functions, rounds)
    return [
        {
            "case": case,
            "threads": count,
            "what": name,
            "ms": round(1e3 * value, 3),
            "ratio": round(value / seconds[peer], 2),
        }
        for name, value in seconds.items()
    ]


def geometric_mean(rows: list[Row], what: str, count: int) -> float:
    """Return the geometric mean of the ratios of one contestant at one number of threads."""
    ratios = [
        float(str(row["ratio"])) for row in rows if row["what"] == what and row["threads"] == count
    ]
    return statistics.geometric_mean(ratios)


def print_table(title: str, rows: list[Row], peer: str) -> None:
    """Print rows as a table; a ratio below 1 is faster than the peer."""
    print(f"\n{title}\n{'case':34} {'threads':>7}  {'what':34} {'ms':>10} {'/ ' + peer:>8}")
    for row in rows:
        print(
            f"{row['case']:34} {row['threads']:>7}  {row['what']:34} {row['ms']:>10} {row['ratio']:>8}"
        )


def machine() -> dict[str, object]:
    """Describe the machine as far as times depend on it."""
    return {
        "date": date.today().isoformat(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": torch.__version__,
        "OPENBLAS_CORETYPE": os.environ.get("OPENBLAS_CORETYPE"),
        "BLAS": [
            {key: info.get(key) for key in ("internal_api", "version", "architecture")}
            for info in threadpool_info()
        ],
    }


def keep(result: Path, content: dict[str, object]) -> None:
    """Write a result with the machine that it was measured on."""
    result.write_text(
        json.dumps({"machine": machine(), **content}, indent=1) + "\n", encoding="utf-8"
    )
    print(f"\nwritten to {result.parent.name}/{result.name}")


def record(result: Path, command: str, runs: list[dict[str, Any]]) -> None:
    """Write training runs, a line each, with the command and the machine that made them."""
    made = {"command": command, "threads": torch.get_num_threads(), "system": sys.platform}
    lines = ",\n  ".join(json.dumps(one) for one in runs)
    text = f'{{"machine": {json.dumps({**made, **machine()})},\n "runs": [\n  {lines}\n ]}}\n'
    result.write_text(text, encoding="utf-8")
