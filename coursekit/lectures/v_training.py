"""Verbeek, slide 12: what makes training hard, regularization, and stochastic gradient descent."""

from functools import cache
from itertools import product

import numpy as np

from coursekit.data import digits
from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.lectures.nets import table
from coursekit.reference import dropout_weight_scaling, l2_penalty, softmax, softmax_cross_entropy
from coursekit.reference.losses import (
    softmax_cross_entropy_backward,
    softmax_cross_entropy_forward,
)

VISION = ("AlexNet", "VGG-19", "GoogLeNet", "ResNet-152")


def _not_convex() -> Finding:
    """Compare the loss of a net that fits, and of the same net with its units renamed, with that halfway."""
    rng = np.random.default_rng(12)
    x, w, v = rng.normal(size=(40, 3)), rng.normal(size=(3, 4)), rng.normal(size=4)
    goal, renamed = np.tanh(x @ w) @ v, [1, 2, 3, 0]
    settings = (
        (w, v),
        (w[:, renamed], v[renamed]),
        ((w + w[:, renamed]) / 2, (v + v[renamed]) / 2),
    )
    one, other, halfway = (float(np.mean((np.tanh(x @ a) @ c - goal) ** 2)) for a, c in settings)
    return Finding(
        halfway > max(one, other) + 0.1,
        f"loss {one:.2f}, and {other:.2f} with its units renamed, but {halfway:.2f} halfway between",
    )


@cache
def trained(seed: int) -> tuple[float, np.ndarray]:
    """Return the loss of a small net on 300 digits after training, and the weights of its first layer."""
    x, labels = digits().x[:300].reshape(300, 64).astype(float), digits().labels[:300]
    rng = np.random.default_rng(seed)
    w, v = rng.normal(size=(64, 16)) / 8, rng.normal(size=(16, 10)) / 4
    loss = 0.0
    for _ in range(120):
        h = np.tanh(x @ w)
        value, kept = softmax_cross_entropy_forward(h @ v, labels)
        ds, loss = softmax_cross_entropy_backward(1.0, kept), float(value)
        dh = ds @ v.T
        v = v - h.T @ ds
        w = w - x.T @ (dh * (1 - h**2))
    return loss, w


def _similar_minima() -> Finding:
    ends = [trained(seed) for seed in range(3)]
    losses = [loss for loss, _ in ends]
    first = ends[0][1] / np.linalg.norm(ends[0][1], axis=0)
    alike = max(
        float(np.abs(first.T @ (w / np.linalg.norm(w, axis=0))).max(axis=1).mean())
        for _, w in ends[1:]
    )
    return Finding(
        max(losses) < 2 * min(losses) and alike < 0.9,
        f"three starts end at losses from {min(losses):.2f} to {max(losses):.2f}, with other units: "
        f"the best match of each has cosine {alike:.1f} in the mean",
    )


def _millions() -> Finding:
    counts = {name: table(name).parameters for name in VISION}
    return Finding(
        min(counts.values()) > 10**6,
        ", ".join(f"{name} {count / 1e6:.0f} million" for name, count in counts.items()),
    )


def _objective(strength: float) -> Sides:
    """Compare the mean loss plus λ times the sum of squares with the loss and penalty of the course."""
    rng = np.random.default_rng(12)
    s, labels, w, lam = rng.normal(size=(8, 3)), rng.integers(0, 3, size=8), rng.normal(size=5), 0.1
    each = [float(softmax_cross_entropy(s[k : k + 1], labels[k : k + 1])) for k in range(8)]
    printed = np.mean(each) + lam * np.sum(w**2)
    right = float(softmax_cross_entropy(s, labels)) + float(l2_penalty(w, strength * lam))
    return Sides(printed, right, "8 random samples, five weights, λ = 0.1")


UNITS, OUTPUTS = 3, 4


@cache
def _patterns() -> int:
    """Count which sets of weights dropout switches off: what arrives at the outputs from each unit."""
    rng = np.random.default_rng(12)
    seen = set()
    for _ in range(300):
        h = dropout_weight_scaling(np.ones((1, UNITS)), 0.5, training=True, rng=rng)
        seen.add((np.ones((OUTPUTS, UNITS)) * h != 0).tobytes())
    return len(seen)


def _switched_off(what: str) -> Sides:
    count = {"weights": UNITS * OUTPUTS, "units": UNITS}[what]
    masks = len(set(product((0, 1), repeat=count)))
    return Sides(masks, _patterns(), f"the patterns of {UNITS} units with {OUTPUTS} outputs")


def _like_many_nets() -> Sides:
    """Average the answers of all thinned nets, as a geometric mean, and compare with the scaled net."""
    rng = np.random.default_rng(12)
    h, v = rng.uniform(0, 2, size=6), rng.normal(size=(6, 3))
    logs = [np.log(softmax((h * mask) @ v)) for mask in product((0, 1), repeat=6)]
    return Sides(softmax(np.mean(logs, axis=0)), softmax((0.5 * h) @ v), "all 64 masks of 6 units")


@cache
def _gradients() -> np.ndarray:
    """Return the gradient of a linear classifier for each of 400 digits."""
    x, labels = digits().x[:400].reshape(400, 64).astype(float), digits().labels[:400]
    v = 0.1 * np.random.default_rng(12).normal(size=(64, 10))
    ds = softmax(x @ v) - np.eye(10)[labels]
    return (x[:, :, None] * ds[:, None]).reshape(400, -1)


def _on_average() -> Sides:
    batches = _gradients().reshape(20, 20, -1).mean(axis=1)
    return Sides(batches.mean(axis=0), _gradients().mean(axis=0), "20 batches of 20 digits")


def _small_number() -> Finding:
    """Draw samples and see how well their mean gradient points along the whole one, and how far it is off."""
    whole, rng = _gradients().mean(axis=0), np.random.default_rng(12)
    length, errors, cosines = float(np.linalg.norm(whole)), [], []
    for N in (10, 40, 160):
        drawn = [_gradients()[rng.integers(0, 400, size=N)].mean(axis=0) for _ in range(50)]
        errors.append(float(np.sqrt(np.mean([np.sum((g - whole) ** 2) for g in drawn]))) / length)
        cosines.append(min(float(g @ whole / np.linalg.norm(g) / length) for g in drawn))
    return Finding(
        min(cosines) > 0 and errors[0] > 1.5 * errors[1] > 2.25 * errors[2],
        f"10, 40 and 160 of 400 samples: error over gradient {', '.join(f'{e:.1f}' for e in errors)}, "
        f"cosine at least {', '.join(f'{c:.1f}' for c in cosines)}",
    )


CLAIMS = (
    Claim(
        "V12-nonconvex",
        "the optimization problem is not convex",
        "comparison",
        compute=_not_convex,
        place="slides 6 and 12",
        chapter=7,
        cell="all-the-same",
    ),
    Claim(
        "V12-millions",
        "in vision there are millions of weights",
        "count",
        compute=_millions,
        chapter=11,
        cell="five-networks",
    ),
    Claim(
        "V12-minima",
        "many different minima seem to have similar quality",
        "comparison",
        compute=_similar_minima,
        chapter=10,
        cell="open-the-seal",
    ),
    Claim(
        "V12-objective",
        "1/N Σ L + λΩ, where Ω is the sum of squares of the weights",
        "formula",
        compute=lambda: _objective(1.0),
        conventions={"without the half that makes λw the gradient": lambda: _objective(2.0)},
        chapter=9,
        cell="small-weights",
    ),
    Claim(
        "V12-dropout",
        "dropout deactivates a random subset of the weights",
        "comparison",
        compute=lambda: _switched_off("weights"),
        conventions={
            "the weights that leave a unit go together: dropout draws units": (
                lambda: _switched_off("units")
            )
        },
        chapter=9,
        cell="predict-rates",
        remark="Any subset of single weights is what DropConnect draws from",
    ),
    Claim(
        "V12-many-nets",
        "dropout is similar to using many networks that share their weights",
        "comparison",
        compute=_like_many_nets,
        chapter=9,
        cell="every-mask-of-a-small-net",
        remark="Exact for the geometric mean over all masks, if the hidden layer is the last",
    ),
    Claim(
        "V12-estimate",
        "the mean gradient of some samples estimates the gradient",
        "formula",
        compute=_on_average,
        chapter=6,
        cell="a-few-samples",
    ),
    Claim(
        "V12-small-number",
        "a relatively small number of samples is enough to estimate the gradient",
        "comparison",
        compute=_small_number,
        chapter=10,
        cell="noise-of-a-batch",
        remark="Four times the samples halve the error; the chapter measures it for 25, 100 and 400 images",
    ),
)
