"""The NumPy reference beside torch: convolution, pooling, batch normalization, an epoch of LeNet-5.

Run ``make bench``. Ratios are our time over torch's in the same process with the same number of threads;
below 1 we are faster. "batch last" keeps the reference's memory order from layer to layer, as a network
does; "batch first" takes and returns plain C-ordered arrays. OpenBLAS chooses its kernels by
processor; a machine that sets OPENBLAS_CORETYPE may halve NumPy's speed and not torch's, so the result
says whether it is set.
"""

import tracemalloc
from pathlib import Path

import numpy as np
import torch
from plain_convolutions import fft, im2col, scipy_correlate, window_einsum
from timing import Function, Row, compare, geometric_mean, keep, print_table, threads

from coursekit.reference.convolution2d import conv2d, conv2d_backward, conv2d_forward
from coursekit.reference.convolution2d_plain import conv2d_loops
from coursekit.reference.doubly_blocked import toeplitz2d, toeplitz2d_sparse
from coursekit.reference.layout import batch_last, rows
from coursekit.reference.lenet import lenet5
from coursekit.reference.losses import softmax_cross_entropy_backward, softmax_cross_entropy_forward
from coursekit.reference.normalization import batchnorm_backward, batchnorm_forward
from coursekit.reference.optim import SGD
from coursekit.reference.pooling import max_pool2d_backward, max_pool2d_forward

F32 = np.float32
# N, C, H, W, K, F, stride, padding
CONVOLUTIONS = {
    "a (64,3,32,32) 32 of 3x3": (64, 3, 32, 32, 32, 3, 1, 1),
    "b (64,32,32,32) 64 of 3x3": (64, 32, 32, 32, 64, 3, 1, 1),
    "c (64,64,16,16) 128 of 3x3, /2": (64, 64, 16, 16, 128, 3, 2, 1),
    "d (16,3,224,224) 64 of 7x7, /2": (16, 3, 224, 224, 64, 7, 2, 3),
    "e (256,6,14,14) 16 of 5x5": (256, 6, 14, 14, 16, 5, 1, 0),
}
POOLS = {
    "2x2, /2 (64,32,32,32)": (64, 32, 32, 32, 2, 2, 0),
    "3x3, /2, padding 1 (64,32,32,32)": (64, 32, 32, 32, 3, 2, 1),
}
PLACES, KERNELS = (8, 16, 32, 64, 128, 256), (3, 5, 9, 17)
MOST_FOR_MATRICES = (
    32  # places along an axis: a full matrix for 64 would have half a billion entries
)
NORMS = {"(64,64,32,32)": (64, 64, 32, 32), "(256,16,14,14)": (256, 16, 14, 14)}


def random(*shape: int) -> np.ndarray:
    """Return normal float32 numbers, the same in every run."""
    return np.random.default_rng(0).standard_normal(shape).astype(F32)


def convolution(
    N: int, C: int, H: int, W: int, K: int, F: int, S: int, P: int
) -> dict[str, Function]:
    """Return one convolution, forward and backward, in both memory orders and in torch's two."""
    x, w = random(N, C, H, W), random(K, C, F, F)
    dy = random(*conv2d(x, w, stride=S, padding=P).shape)
    tx, tw, tdy = (
        torch.tensor(x, requires_grad=True),
        torch.tensor(w, requires_grad=True),
        torch.tensor(dy),
    )
    channels_last = torch.channels_last
    lx = tx.detach().to(memory_format=channels_last).requires_grad_()
    lw, ldy = (
        tw.detach().to(memory_format=channels_last).requires_grad_(),
        tdy.to(memory_format=channels_last),
    )

    def ours(x: np.ndarray, dy: np.ndarray) -> Function:
        return lambda: conv2d_backward(dy, conv2d_forward(x, w, stride=S, padding=P)[1])

    def theirs(x: torch.Tensor, w: torch.Tensor, dy: torch.Tensor) -> Function:
        return lambda: torch.autograd.grad(
            torch.nn.functional.conv2d(x, w, stride=S, padding=P), (x, w), dy
        )

    return {
        "ours, batch last": ours(batch_last(x), batch_last(dy)),
        "ours, batch first": ours(x, dy),
        "the matrix products alone": products_alone(x, dy, K, C, F, S),
        "torch": theirs(tx, tw, tdy),
        "torch, channels last": theirs(lx, lw, ldy),
    }


def products_alone(x: np.ndarray, dy: np.ndarray, K: int, C: int, F: int, S: int) -> Function:
    """Return the matrix products that the convolution cannot do without, on data that lie ready."""
    H_out, columns = dy.shape[2], dy.shape[3] * len(x)
    kernels, block, out = random(K, F * F * C), random(F * F * C, columns), random(K, columns)
    by_tap = random(F * C, -(-F // S) * K)
    stacked = random(by_tap.shape[1], columns)

    def run() -> None:
        for _ in range(H_out):
            kernels @ block
            out @ block.T
        for _ in range(x.shape[2]):
            by_tap @ stacked

    return run


def pooling(N: int, C: int, H: int, W: int, F: int, S: int, P: int) -> dict[str, Function]:
    """Return max pooling, forward and backward."""
    x = random(N, C, H, W)
    dy = random(*max_pool2d_forward(x, F, stride=S, padding=P)[0].shape)
    tx, tdy = torch.tensor(x, requires_grad=True), torch.tensor(dy)

    def ours(x: np.ndarray, dy: np.ndarray) -> Function:
        return lambda: max_pool2d_backward(dy, max_pool2d_forward(x, F, stride=S, padding=P)[1])

    def theirs() -> object:
        return torch.autograd.grad(torch.nn.functional.max_pool2d(tx, F, S, P), tx, tdy)

    return {
        "ours, batch last": ours(batch_last(x), batch_last(dy)),
        "ours, batch first": ours(x, dy),
        "torch": theirs,
    }


def normalization(N: int, C: int, H: int, W: int) -> dict[str, Function]:
    """Return batch normalization in training mode, forward and backward."""
    x, dy, gamma, beta = random(N, C, H, W), random(N, C, H, W), random(C), random(C)
    tx, tg, tb = (torch.tensor(a, requires_grad=True) for a in (x, gamma, beta))
    tdy = torch.tensor(dy)

    def ours(x: np.ndarray, dy: np.ndarray) -> Function:
        return lambda: batchnorm_backward(dy, batchnorm_forward(x, gamma, beta)[1])

    def theirs() -> object:
        y = torch.nn.functional.batch_norm(tx, None, None, tg, tb, training=True)
        return torch.autograd.grad(y, (tx, tg, tb), tdy)

    return {
        "ours, batch last": ours(batch_last(x), batch_last(dy)),
        "ours, batch first": ours(x, dy),
        "torch": theirs,
    }


def lenet_epoch(images: int = 10_000, batch: int = 64) -> dict[str, Function]:
    """Return one epoch of training LeNet-5 on random images of 28 x 28 in both."""
    x = random(images, 1, 28, 28)
    labels = np.random.default_rng(1).integers(0, 10, images)
    net = lenet5(np.random.default_rng(0))
    ours_sgd = SGD(net.params, lr=0.01, momentum=0.9)
    tx, tlabels = torch.tensor(x), torch.tensor(labels)
    nn = torch.nn
    theirs = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip
    theirs_sgd = torch.optim.SGD(theirs.parameters(), lr=0.01, momentum=0.9)

    def ours_epoch() -> None:
        for start in range(0, images, batch):
            s = net.forward(x[start : start + batch])
            _, cache = softmax_cross_entropy_forward(s, labels[start : start + batch])
            net.backward(softmax_cross_entropy_backward(1.0, cache))
            ours_sgd.step(net.grads)

    def theirs_epoch() -> None:
        for start in range(0, images, batch):
            theirs_sgd.zero_grad()
            s = theirs(tx[start : start + batch])
            nn.functional.cross_entropy(s, tlabels[start : start + batch]).backward()
            theirs_sgd.step()

    return {"ours": ours_epoch, "torch": theirs_epoch}


def ways(places: int, kernel: int) -> dict[str, Function]:
    """Return the ways to convolve 4 images of 3 channels with 8 kernels at places x places, forward."""
    size = places + kernel - 1  # the output keeps its size when the kernel grows
    x, w = random(4, 3, size, size), random(8, 3, kernel, kernel)
    found: dict[str, Function] = {
        "conv2d": lambda: conv2d(x, w),
        "sliding windows, einsum": lambda: window_einsum(x, w),
        "im2col, one product": lambda: im2col(x, w),
        "FFT": lambda: fft(x, w),
        "scipy.signal.correlate2d": lambda: scipy_correlate(x, w),
    }
    if places <= MOST_FOR_MATRICES:
        flat = x.reshape(4, -1)
        full, thin = toeplitz2d(w, size, size), toeplitz2d_sparse(w, size, size)
        found["Toeplitz, full"] = lambda: flat @ full.T
        found["Toeplitz, entries not zero"] = lambda: flat @ thin.T
        found["loops"] = lambda: conv2d_loops(x, w)
    return found


def exponents(table: list[Row], axis: str, steps: list[int]) -> dict[str, float]:
    """Fit time = constant * size ** exponent to the rows of one axis, for all that have two of them."""
    fitted = {}
    for what in {str(row["what"]) for row in table}:
        times = {str(row["case"]): float(str(row["ms"])) for row in table if row["what"] == what}
        known = [(step, times[f"{axis} {step}"]) for step in steps if f"{axis} {step}" in times]
        if len(known) >= 2:
            logs = np.log(np.array(known))
            fitted[what] = round(float(np.polyfit(logs[:, 0], logs[:, 1], 1)[0]), 2)
    return fitted


def peak_memory() -> dict[str, float]:
    """Return what a forward pass of shape b takes beyond its input at the highest moment, over the input."""
    x, w = batch_last(random(64, 32, 32, 32)), random(64, 32, 3, 3)
    rows(x)
    tracemalloc.start()
    kept = conv2d_forward(x, w, padding=1)
    peak = tracemalloc.get_traced_memory()[1] - kept[0].nbytes
    tracemalloc.stop()
    return {
        "MiB beside x and y": round(peak / 2**20, 1),
        "times x": round(peak / x.nbytes, 2),
        "F": 3,
    }


def main() -> None:
    """Measure, print tables, keep the result."""
    sections: dict[str, tuple[list[Row], str]] = {
        name: ([], "torch")
        for name in ("convolution", "max pooling", "batch normalization", "LeNet-5")
    }
    means = {}
    for count in (1, 2):
        with threads(count):
            for case, shape in CONVOLUTIONS.items():
                sections["convolution"][0].extend(
                    compare(case, count, convolution(*shape), "torch")
                )
            for case, pool in POOLS.items():
                sections["max pooling"][0].extend(compare(case, count, pooling(*pool), "torch"))
            for case, norm in NORMS.items():
                sections["batch normalization"][0].extend(
                    compare(case, count, normalization(*norm), "torch")
                )
            epoch = compare("10,000 images, batch 64", count, lenet_epoch(), "torch", rounds=3)
            sections["LeNet-5"][0].extend(epoch)
        for what in ("ours, batch last", "ours, batch first"):
            means[f"{what}, {count}"] = round(
                geometric_mean(sections["convolution"][0], what, count), 2
            )
    growth: list[Row] = []
    with threads(1):
        for places in PLACES:
            growth += compare(f"places {places}", 1, ways(places, 3), "conv2d", rounds=5)
        for kernel in KERNELS:
            growth += compare(f"kernel {kernel}", 1, ways(32, kernel), "conv2d", rounds=5)
    for name, (table, peer) in sections.items():
        print_table(f"{name}, forward + backward, float32", table, peer)
    print_table("ways to convolve, forward, 1 thread", growth, "conv2d")
    few = [places for places in PLACES if places <= MOST_FOR_MATRICES]
    many = [places for places in PLACES if places > MOST_FOR_MATRICES]
    fits = {
        "places": exponents(growth, "places", few) | exponents(growth, "places", many),
        "kernel": exponents(growth, "kernel", list(KERNELS)),
    }
    memory = peak_memory()
    print("\ngeometric means over the five convolutions:", means)
    print("time grows with the output's side to the power of:", fits["places"])
    print("time grows with the kernel's side to the power of:", fits["kernel"])
    print("memory of a forward pass, shape b:", memory)
    keep(
        Path(__file__).with_suffix(".json"),
        {
            **{name: table for name, (table, _) in sections.items()},
            "geometric means": means,
            "growth": growth,
            "exponents": fits,
            "peak memory": memory,
        },
    )


if __name__ == "__main__":
    main()
