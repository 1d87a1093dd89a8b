"""One-dimensional convolution, forward and backward, side by side with torch; NumPy and SciPy forward.

Run ``make bench``. Ratios are ours over the other's, in one process with the same number of threads, medians of
rounds in which the two take turns: below 1 we are faster. The result is written beside this file.
"""

import json
import platform
import statistics
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import torch
from scipy import signal
from threadpoolctl import threadpool_info, threadpool_limits

from coursekit.reference import (
    conv1d,
    conv1d_backward,
    conv1d_forward,
    toeplitz1d,
    toeplitz1d_sparse,
)

THREADS = (1, 2)
BATCHES = {
    "(16, 8, 256) * (16, 8, 5)": (16, 8, 256, 16, 5),
    "(32, 32, 1024) * (64, 32, 9)": (32, 32, 1024, 64, 9),
}
SINGLE = {
    "W = 1,000, F = 9": (1000, 9),
    "W = 100,000, F = 9": (100_000, 9),
    "W = 100,000, F = 101": (100_000, 101),
}


def median_seconds(
    functions: dict[str, Callable[[], object]], rounds: int = 21
) -> dict[str, float]:
    """Return the median time of each function; they take turns, so that a slow moment hits all of them."""
    times: dict[str, list[float]] = {name: [] for name in functions}
    for turn in range(rounds + 3):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            if turn >= 3:  # the first turns warm up
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def forward_and_backward(N: int, C: int, W: int, K: int, F: int) -> dict[str, Callable[[], object]]:
    """Return our forward and backward pass and torch's, on the same float32 data."""
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(N, C, W)).astype("f4"), rng.normal(size=(K, C, F)).astype("f4")
    dy = np.ones((N, K, W - F + 1), "f4")
    tx, tw = torch.tensor(x, requires_grad=True), torch.tensor(w, requires_grad=True)
    tdy = torch.tensor(dy)

    def theirs() -> object:
        return torch.autograd.grad(torch.nn.functional.conv1d(tx, tw), (tx, tw), tdy)

    return {"ours": lambda: conv1d_backward(dy, conv1d_forward(x, w)[1]), "torch": theirs}


def forward_only(W: int, F: int) -> dict[str, Callable[[], object]]:
    """Return the ways to slide one kernel along one signal."""
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=W), rng.normal(size=F)
    sparse = toeplitz1d_sparse(w, W)
    ways: dict[str, Callable[[], object]] = {
        "ours": lambda: conv1d(x, w),
        "numpy.correlate": lambda: np.correlate(x, w, "valid"),
        "scipy.signal.correlate (fft)": lambda: signal.correlate(x, w, "valid", method="fft"),
        "Toeplitz, sparse": lambda: sparse @ x,
    }
    if W <= 5000:
        T = toeplitz1d(w, W)
        ways["Toeplitz, dense"] = lambda: T @ x
    return ways


def main() -> None:
    """Measure, print a table, write the result."""
    rows = []
    for threads in THREADS:
        torch.set_num_threads(threads)
        with threadpool_limits(threads):
            cases = [(name, forward_and_backward(*shape)) for name, shape in BATCHES.items()]
            cases += [(name, forward_only(*shape)) for name, shape in SINGLE.items()]
            for name, functions in cases:
                seconds = median_seconds(functions)
                for other, value in seconds.items():
                    rows.append(
                        {
                            "case": name,
                            "threads": threads,
                            "other": other,
                            "ms": round(1e3 * value, 4),
                            "ours / other": round(seconds["ours"] / value, 2),
                        }
                    )
    print(f"{'case':30} {'threads':>7}  {'other':30} {'ms':>9} {'ours / other':>13}")
    for row in rows:
        print(
            f"{row['case']:30} {row['threads']:>7}  {row['other']:30} {row['ms']:>9} {row['ours / other']:>13}"
        )
    machine = {
        "date": date.today().isoformat(),
        "processor": platform.machine(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": torch.__version__,
        "BLAS": [
            {key: info.get(key) for key in ("internal_api", "version", "architecture")}
            for info in threadpool_info()
        ],
    }
    result = Path(__file__).with_suffix(".json")
    result.write_text(json.dumps({"machine": machine, "rows": rows}, indent=1) + "\n")
    print(f"written to benchmarks/{result.name}")


if __name__ == "__main__":
    main()
