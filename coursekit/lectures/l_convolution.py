"""Louppe, "Convolutions" from "Convolutional layers" to "Convolutional layers": what the operation is."""

import numpy as np
from scipy import signal

from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.reference import conv1d, conv2d, toeplitz1d

STEP = np.array([0.0, 0, 0, 0, 1, 2, 3, 4, 4, 4, 4])
SPIKES = np.array([0.0, 0, 3, 0, 0, 0, 0, 0, 3, 0, 3, 0, 0, 0])
PATTERN = np.array([1.0, 0, 1])


def _random(*shape: int) -> np.ndarray:
    return np.random.default_rng(5).normal(size=shape)


def _same_everywhere() -> Sides:
    """Compare the weights of every output, moved back to the start, with those of the first."""
    u = _random(3)
    matrix = toeplitz1d(u, 8)
    moved = [np.roll(row, -i)[:3] for i, row in enumerate(matrix)]
    return Sides(moved, np.tile(u, (6, 1)), "each output of a random kernel on 8 entries")


def _linear() -> Sides:
    rng = np.random.default_rng(5)
    x, y, u = rng.normal(size=9), rng.normal(size=9), rng.normal(size=3)
    return Sides(
        conv1d(2 * x - 3 * y, u), 2 * conv1d(x, u) - 3 * conv1d(y, u), "two random signals"
    )


def _size_1d() -> Sides:
    sizes = [(W, w) for W in range(1, 8) for w in range(1, W + 1)]
    made = [conv1d(_random(W), _random(w)).size for W, w in sizes]
    return Sides([W - w + 1 for W, w in sizes], made, "signals of 1 to 7 entries, every kernel")


def _sum_1d() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a signal, a kernel, and the sum as printed."""
    x, u = _random(9), np.random.default_rng(6).normal(size=4)
    return x, u, np.array([sum(x[m + i] * u[m] for m in range(4)) for i in range(9 - 4 + 1)])


def _formula_1d() -> Sides:
    x, u, printed = _sum_1d()
    return Sides(printed, conv1d(x, u), "a random signal and kernel")


def _cross_correlation() -> Finding:
    x, u, printed = _sum_1d()
    correlated = np.allclose(printed, np.correlate(x, u, "valid"))
    convolved = np.allclose(printed, np.convolve(x, u, "valid"))
    return Finding(
        bool(correlated and not convolved),
        f"equal to NumPy's correlate: {correlated}, to its convolve: {convolved}",
    )


def _called_convolution() -> Finding:
    import torch

    x, u, printed = _sum_1d()
    made = torch.nn.functional.conv1d(torch.tensor(x)[None, None], torch.tensor(u)[None, None])
    same = np.allclose(made[0, 0].numpy(), printed)
    return Finding(bool(same), f"torch's conv1d does not flip the kernel: {same}")


def _differential() -> Sides:
    x = _random(9)
    return Sides(conv1d(x, np.array([-1.0, 1])), np.diff(x), "a random signal")


def _crude() -> Finding:
    """See whether the matcher answers most to its pattern, and whether it also answers where there is none."""
    there, flat = conv1d(SPIKES, PATTERN), conv1d(np.full(8, 10.0), PATTERN)
    at = int(there.argmax())
    return Finding(
        bool((SPIKES[at : at + 3] * PATTERN > 0).sum() == 2 and flat.max() > there.max()),
        f"most, {there.max():g}, where the pattern is; but {flat.max():g} for a flat signal of 10",
    )


def _sum_2d() -> Sides:
    x, u = _random(6, 7), np.random.default_rng(6).normal(size=(3, 2))
    printed = [
        [
            sum(x[n + j, m + i] * u[n, m] for n in range(3) for m in range(2))
            for i in range(7 - 2 + 1)
        ]
        for j in range(6 - 3 + 1)
    ]
    return Sides(printed, signal.correlate2d(x, u, "valid"), "a random 6×7 image, a 3×2 kernel")


SIZES = ((5, 6, 2, 3), (8, 8, 3, 3), (7, 4, 4, 1))


def _size_2d() -> Sides:
    made = [signal.correlate2d(_random(H, W), _random(h, w), "valid").shape for H, W, h, w in SIZES]
    return Sides(
        [(H - h + 1, W - w + 1) for H, W, h, w in SIZES], made, "three sizes of image and kernel"
    )


def _sum_channels() -> Sides:
    x, u = _random(3, 5, 6), np.random.default_rng(6).normal(size=(3, 2, 3))
    printed = [
        [
            sum(
                x[c, n + j, m + i] * u[c, n, m]
                for c in range(3)
                for n in range(2)
                for m in range(3)
            )
            for i in range(6 - 3 + 1)
        ]
        for j in range(5 - 2 + 1)
    ]
    right = sum(signal.correlate2d(x[c], u[c], "valid") for c in range(3))
    return Sides(printed, right, "three random channels")


def _size_channels() -> Sides:
    made = [
        signal.correlate(_random(C, H, W), _random(C, h, w), "valid").shape
        for C, (H, W, h, w) in zip((1, 3, 4), SIZES, strict=True)
    ]
    return Sides([(1, H - h + 1, W - w + 1) for H, W, h, w in SIZES], made, "1, 3 and 4 channels")


def _maps() -> Sides:
    """Compare a layer of four kernels with four single convolutions."""
    x, kernels = _random(3, 5, 6), np.random.default_rng(6).normal(size=(4, 3, 2, 2))
    single = [signal.correlate(x, one, "valid")[0] for one in kernels]
    return Sides(conv2d(x[None], kernels)[0], single, "four kernels over three channels")


def _worked(id_: str, says: str, printed: str, x: np.ndarray, u: np.ndarray, cell: str) -> Claim:
    return Claim(
        f"L-{id_}",
        says,
        "worked example",
        printed=printed,
        compute=lambda: conv1d(x, u),
        place="Convolutions: 1d convolution",
        chapter=1,
        cell=cell,
    )


CLAIMS = (
    Claim(
        "L-same-everywhere",
        "a convolutional layer applies one and the same transformation everywhere, to a neighborhood",
        "formula",
        compute=_same_everywhere,
        place="Convolutional layers",
        chapter=1,
        cell="build-the-matrix",
    ),
    Claim(
        "L-linear",
        "the transformation is linear",
        "formula",
        compute=_linear,
        place="Convolutional layers",
        chapter=1,
        cell="see-the-product",
        remark="As in its formula, without a bias",
    ),
    Claim(
        "L-size-1d",
        "W entries and a kernel of w give W - w + 1",
        "formula",
        compute=_size_1d,
        place="Convolutions: 1d convolution",
        chapter=1,
        cell="slide-in-a-loop",
    ),
    Claim(
        "L-formula-1d",
        "output i is the sum of x[m + i] u[m] over m from 0 to w - 1",
        "formula",
        compute=_formula_1d,
        place="Convolutions: 1d convolution",
        chapter=1,
        cell="slide-in-a-loop",
    ),
    Claim(
        "L-cross-correlation",
        "strictly speaking this is cross-correlation",
        "formula",
        compute=_cross_correlation,
        place="Convolutions: 1d convolution",
        chapter=1,
        cell="flipped-and-not",
    ),
    Claim(
        "L-called-convolution",
        "most libraries of machine learning call it convolution",
        "comparison",
        compute=_called_convolution,
        place="Convolutions: 1d convolution",
        chapter=1,
        cell="compare-with-torch",
        remark="Tried here: torch",
    ),
    _worked(
        "difference",
        "the kernel (-1, 1) on a signal that rises from 0 to 4",
        "0 0 0 1 1 1 1 0 0 0",
        STEP,
        np.array([-1.0, 1]),
        "difference-kernel",
    ),
    Claim(
        "L-differential",
        "convolutions can be differential operators",
        "formula",
        compute=_differential,
        place="Convolutions: 1d convolution",
        chapter=1,
        cell="difference-kernel",
    ),
    _worked(
        "template",
        "the kernel (1, 0, 1) on a signal with three spikes",
        "3 0 3 0 0 0 3 0 6 0 3 0",
        SPIKES,
        PATTERN,
        "template-kernel",
    ),
    Claim(
        "L-crude",
        "such a convolution is a crude matcher of templates",
        "comparison",
        compute=_crude,
        place="Convolutions: 1d convolution",
        chapter=1,
        cell="break-the-template",
    ),
    Claim(
        "L-size-2d",
        "H×W pixels and a kernel of h×w give (H - h + 1)×(W - w + 1)",
        "formula",
        compute=_size_2d,
        place="Convolutions: 2d convolution",
        chapter=2,
        cell="slide-in-two-loops",
    ),
    Claim(
        "L-formula-2d",
        "output (j, i) is the sum of x[n + j, m + i] u[n, m] over the kernel",
        "formula",
        compute=_sum_2d,
        place="Convolutions: 2d convolution",
        chapter=2,
        cell="slide-in-two-loops",
    ),
    Claim(
        "L-formula-channels",
        "with channels the sum runs over them too, and each has weights of its own",
        "formula",
        compute=_sum_channels,
        place="Convolutions: Channels",
        chapter=2,
        cell="a-layer-in-loops",
    ),
    Claim(
        "L-size-channels",
        "C channels under a kernel of C channels give one map of (H - h + 1)×(W - w + 1)",
        "formula",
        compute=_size_channels,
        place="Convolutions: Channels",
        chapter=2,
        cell="a-layer-in-loops",
    ),
    Claim(
        "L-maps",
        "a layer of K kernels produces K feature maps",
        "formula",
        compute=_maps,
        place="Convolutions: Convolutional layers",
        chapter=2,
        cell="a-layer-in-loops",
    ),
)
