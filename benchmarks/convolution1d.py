"""One-dimensional convolution: forward and backward beside torch; forward beside NumPy, SciPy and the matrices.

Run ``make bench``. Ratios are to torch, or to ours where torch does not take part.
"""

from pathlib import Path

import numpy as np
import torch
from scipy import signal
from timing import Function, Row, compare, keep, print_table, threads

from coursekit.reference import (
    conv1d,
    conv1d_backward,
    conv1d_forward,
    toeplitz1d,
    toeplitz1d_sparse,
)

BATCHES = {
    "(16, 8, 256) * (16, 8, 5)": (16, 8, 256, 16, 5),
    "(32, 32, 1024) * (64, 32, 9)": (32, 32, 1024, 64, 9),
}
SIGNALS = {
    "W = 1,000, F = 9": (1000, 9),
    "W = 100,000, F = 9": (100_000, 9),
    "W = 100,000, F = 101": (100_000, 101),
}


def forward_and_backward(N: int, C: int, W: int, K: int, F: int) -> dict[str, Function]:
    """Return our forward and backward pass and torch's, on the same float32 data."""
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(N, C, W)).astype("f4"), rng.normal(size=(K, C, F)).astype("f4")
    dy = np.ones((N, K, W - F + 1), "f4")
    tx, tw = torch.tensor(x, requires_grad=True), torch.tensor(w, requires_grad=True)
    tdy = torch.tensor(dy)
    return {
        "ours": lambda: conv1d_backward(dy, conv1d_forward(x, w)[1]),
        "torch": lambda: torch.autograd.grad(torch.nn.functional.conv1d(tx, tw), (tx, tw), tdy),
    }


def forward_only(W: int, F: int) -> dict[str, Function]:
    """Return the ways to slide one kernel along one signal."""
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=W), rng.normal(size=F)
    thin = toeplitz1d_sparse(w, W)
    ways: dict[str, Function] = {
        "ours": lambda: conv1d(x, w),
        "numpy.correlate": lambda: np.correlate(x, w, "valid"),
        "scipy.signal.correlate (FFT)": lambda: signal.correlate(x, w, "valid", method="fft"),
        "Toeplitz, entries not zero": lambda: thin @ x,
    }
    if W <= 5000:
        full = toeplitz1d(w, W)
        ways["Toeplitz, full"] = lambda: full @ x
    return ways


def main() -> None:
    """Measure, print two tables, keep the result."""
    against_torch: list[Row] = []
    ways: list[Row] = []
    for count in (1, 2):
        with threads(count):
            for case, shape in BATCHES.items():
                against_torch += compare(case, count, forward_and_backward(*shape), peer="torch")
            for case, sizes in SIGNALS.items():
                ways += compare(case, count, forward_only(*sizes), peer="ours")
    print_table("conv1d, forward + backward, float32", against_torch, "torch")
    print_table("one kernel along one signal, forward, float64", ways, "ours")
    keep(Path(__file__).with_suffix(".json"), {"against torch": against_torch, "ways": ways})


if __name__ == "__main__":
    main()
