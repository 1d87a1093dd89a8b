"""Leal-Taixé and Niessner, slides 49 to 57: batch normalization."""

from collections import Counter
from itertools import pairwise

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.lectures.nets import net
from coursekit.reference import (
    batchnorm,
    batchnorm_backward,
    batchnorm_forward,
    batchnorm_inference,
    update_running,
)

EPS = 1e-5
NO_EPS = 1e-30  # the slides' formula has none; the reference wants one above zero


def _batch(n: int = 64, seed: int = 49) -> np.ndarray:
    """Return numbers that are far from Gaussian, and far from mean 0 and variance 1."""
    return 3 + 2 * np.random.default_rng(seed).exponential(size=(n, 2))


def _normalized(
    x: np.ndarray,
    gamma: np.ndarray | None = None,
    beta: np.ndarray | None = None,
    eps: float = EPS,
) -> np.ndarray:
    C = x.shape[1]
    return batchnorm(
        x, np.ones(C) if gamma is None else gamma, np.zeros(C) if beta is None else beta, eps=eps
    )


def _as_printed() -> Sides:
    x = _batch()
    printed = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0))
    return Sides(printed, _normalized(x, eps=NO_EPS), "a batch of 64 in 2 channels")


def _unit() -> Finding:
    y = _normalized(_batch())
    return Finding(
        bool(np.allclose(y.mean(axis=0), 0) and np.allclose(y.var(axis=0), 1, atol=1e-4)),
        f"mean 0 and standard deviation {y.std():.4f}",
    )


def _gaussian(kind: str) -> Finding:
    """See whether normalized numbers have a Gaussian's shares: 50% above the mean, 68% within 1 of it."""
    rng = np.random.default_rng(50)
    sums = rng.exponential(size=(2000, 500)) @ rng.normal(size=(500, 2))  # the lecture's example
    x = sums if kind == "sums" else _batch(2000)
    y = _normalized(x)
    above, near = float((y > 0).mean()), float((np.abs(y) < 1).mean())
    what = "sums of 500 products" if kind == "sums" else "skewed numbers"
    return Finding(
        abs(above - 0.5) < 0.03 and abs(near - 0.683) < 0.03,
        f"of {what} {above:.0%} lie above the mean and {near:.0%} within 1 of it",
    )


def _only_sums_are_gaussian() -> Finding:
    sums, skewed = _gaussian("sums"), _gaussian("skewed")
    return Finding(sums.hold and not skewed.hold, f"{sums.shown}; {skewed.shown}")


def _between() -> Finding:
    """See what stands before and after the normalizations of a residual network, within each run of layers."""
    from torch import nn

    before, after = Counter[type](), Counter[type]()
    for run in net("ResNet-152").modules():
        if isinstance(run, nn.Sequential):
            for a, b in pairwise(run.children()):
                before[type(a)] += isinstance(b, nn.BatchNorm2d)
                after[type(b)] += isinstance(a, nn.BatchNorm2d)
    count = sum(isinstance(m, nn.BatchNorm2d) for m in net("ResNet-152").modules())
    convolved, bent = before[nn.Conv2d], after[nn.ReLU]
    return Finding(
        convolved == count and 2 * bent > count,
        f"of {count} in ResNet-152 {convolved} come right after a convolution, {bent} right before a ReLU",
    )


def _scaled() -> Sides:
    x, gamma, beta = _batch(), np.array([2.0, 0.5]), np.array([-1.0, 3.0])
    return Sides(gamma * _normalized(x) + beta, _normalized(x, gamma, beta), "a batch of 64")


def _undone() -> Sides:
    x = _batch()
    gamma, beta = np.sqrt(x.var(axis=0)), x.mean(axis=0)
    return Sides(_normalized(x, gamma, beta, eps=NO_EPS), x, "a batch of 64")


def _separate() -> Finding:
    x = _batch()
    x[:, 1] = x[:, 0]
    y = _normalized(x)
    return Finding(
        bool(np.allclose(y[:, 0], y[:, 1])),
        "two channels that are copies of each other stay copies",
    )


def _bias() -> Sides:
    x = _batch()
    return Sides(_normalized(x + np.array([7.0, -2.0])), _normalized(x), "a batch of 64, shifted")


def _one_image() -> Finding:
    alone = [_batch(1, seed) for seed in (1, 2)]
    left = [(x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + EPS) for x in alone]
    return Finding(
        all(float(np.abs(x).max()) == 0 for x in left),
        f"{alone[0][0, 0]:.2f} and {alone[1][0, 0]:.2f}, each alone, both become {left[0][0, 0]:g}",
    )


def _first_gradient(normalized: bool) -> float:
    """Return how much larger the gradient is at the first of 30 layers than at the last, with weights too large."""
    rng = np.random.default_rng(57)
    w = [rng.normal(size=(40, 40)) for _ in range(30)]
    h, caches = rng.normal(size=(32, 40)), []
    for one in w:
        s, cache = h @ one, None
        if normalized:
            s, cache = batchnorm_forward(s, np.ones(40), np.zeros(40), eps=EPS)
        caches.append((cache, s > 0))
        h = np.maximum(s, 0)
    dh = start = rng.normal(size=h.shape)
    for one, (cache, on) in zip(reversed(w), reversed(caches), strict=True):
        ds = dh * on
        if cache is not None:
            ds = batchnorm_backward(ds, cache)[0]
        dh = ds @ one.T
    return float(np.linalg.norm(dh) / np.linalg.norm(start))


def _stable() -> Finding:
    plain, normalized = _first_gradient(False), _first_gradient(True)
    return Finding(
        normalized < 1e-6 * plain,
        f"through 30 layers a gradient grows {plain:.0e} times, with normalization {normalized:.0e} times",
    )


def _differs() -> Finding:
    """Normalize one image in the company of two batches, and at test time."""
    image = _batch(1)
    pair = [_normalized(np.concatenate([image, _batch(15, seed)]))[0, 0] for seed in (1, 2)]
    mean, variance = np.zeros(2), np.ones(2)
    for seed in range(50):
        _, cache = batchnorm_forward(_batch(16, seed), np.ones(2), np.zeros(2), eps=EPS)
        mean, variance = update_running(mean, variance, cache)
    tested = [
        batchnorm_inference(image, np.ones(2), np.zeros(2), mean, variance, eps=EPS)[0, 0]
        for _ in pair
    ]
    return Finding(
        bool(pair[0] != pair[1] and tested[0] == tested[1]),
        f"one image, in two batches: {pair[0]:.2f} and {pair[1]:.2f}; at test time always {tested[0]:.2f}",
    )


def _running() -> Sides:
    """Compare the running mean with the weighted average of all batches that it stands for."""
    mean, variance, means = np.zeros(2), np.ones(2), []
    for seed in range(30):
        _, cache = batchnorm_forward(_batch(16, seed), np.ones(2), np.zeros(2), eps=EPS)
        mean, variance = update_running(mean, variance, cache, momentum=0.1)
        means.append(_batch(16, seed).mean(axis=0))
    weights = 0.1 * 0.9 ** np.arange(30)[::-1]
    return Sides(mean, weights @ np.array(means), "30 batches")


CLAIMS = (
    Claim(
        "T49-formula",
        "batch normalization is (x - E[x]) / sqrt(Var[x])",
        "formula",
        compute=_as_printed,
        place="slides 49 to 56 and 90",
        chapter=8,
        cell="normalize-by-hand",
        remark="Implementations add a small ε to the variance",
    ),
    Claim(
        "T49-unit",
        "afterwards a feature has mean 0 and variance 1 over the batch",
        "comparison",
        compute=_unit,
        chapter=8,
        cell="normalize-by-hand",
    ),
    Claim(
        "T50-gaussian",
        "in its example, where inputs are sums of many products, the result is unit Gaussian",
        "comparison",
        compute=_only_sums_are_gaussian,
        remark="A Gaussian has 50% and 68%. The normalization moves and scales: what is skewed stays skewed",
        place="slides 49 and 50",
        chapter=8,
        cell="shape-stays",
    ),
    Claim(
        "T52-between",
        "it usually stands behind a layer with weights and in front of the activation function",
        "comparison",
        compute=_between,
        place="slides 51 and 52",
        chapter=12,
        cell="two-blocks",
        remark="The others stand in front of the sum with the shortcut, and the ReLU behind that",
    ),
    Claim(
        "T53-scale",
        "then comes y = γ x̂ + β",
        "formula",
        compute=_scaled,
        place="slides 53 and 54",
        chapter=8,
        cell="normalize-by-hand",
    ),
    Claim(
        "T54-undo",
        "with γ = sqrt(Var[x]) and β = E[x] the network can undo the normalization",
        "formula",
        compute=_undone,
        place="slides 54 and 55",
        chapter=8,
        cell="undo-the-normalization",
        remark="For one batch: the next has another mean and variance. With an ε, γ is sqrt(Var[x] + ε)",
    ),
    Claim(
        "T54-separate",
        "dimensions are treated separately, so features stay correlated",
        "comparison",
        compute=_separate,
        chapter=8,
        cell="shape-stays",
    ),
    Claim(
        "T54-faster",
        "training is faster all the same, as was shown empirically",
        "comparison",
        unchecked="the experiment is that of the paper, on ImageNet; chapter 08 measures its own on small nets",
        chapter=8,
        cell="learning-rates-measured",
    ),
    Claim(
        "T55-bias",
        "biases of the layer before can be zero, for the normalization cancels them",
        "formula",
        compute=_bias,
        place="slides 54 and 55",
        chapter=8,
        cell="bias-does-nothing",
    ),
    Claim(
        "T55-one-image",
        "with one image at a time there is no meaningful mean and variance",
        "comparison",
        compute=_one_image,
        chapter=8,
        cell="one-image-in-company",
    ),
    Claim(
        "T57-running",
        "for testing, mean and variance are running averages over the batches, weighted exponentially",
        "formula",
        compute=_running,
        chapter=8,
        cell="running-averages",
    ),
    Claim(
        "T57-stable",
        "very deep nets get more stable gradients",
        "comparison",
        compute=_stable,
        chapter=8,
        cell="with-and-without",
        remark="More stable, not level",
    ),
    Claim(
        "T57-modes",
        "training and testing are not the same",
        "comparison",
        compute=_differs,
        chapter=8,
        cell="running-averages",
    ),
)
