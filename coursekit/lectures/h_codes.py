"""Hierarchical compositionality, slides 49 to 51: one neuron for a thing, or a pattern over many."""

from itertools import product
from math import ceil, log2

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.reference import softmax

SHAPE, COLOR, SIZE = range(3)
THINGS = np.array(list(np.ndindex(4, 4, 4)))
CODES = {
    "one neuron a thing": np.eye(64),
    "one neuron a property": np.hstack([np.eye(4)[column] for column in THINGS.T]),
}


def _learned(task: str, code: str) -> tuple[float, float]:
    """Learn by the perceptron rule from half of the things; return what share is right of them, and of the others."""
    rng = np.random.default_rng(0)
    seen, new = np.split(rng.permutation(64), 2)
    coins = rng.choice([-1, 1], 64)
    t = {"warm color": np.where(THINGS[:, COLOR] < 2, 1, -1), "coin": coins}[task]
    x, w = CODES[code], np.zeros(CODES[code].shape[1])
    for _ in range(50):
        for k in seen:
            if t[k] * (x[k] @ w) <= 0:
                w = w + t[k] * x[k]
    right = [float(np.mean(t[part] * (x[part] @ w) > 0)) for part in (seen, new)]
    return right[0], right[1]


def _one_thing_each(code: str) -> bool:
    x = CODES[code]
    return bool((x.sum(axis=0) == 1).all() and (x.sum(axis=1) == 1).all())


def _easy_to_learn() -> Finding:
    local, other = (_learned("coin", code)[0] for code in CODES)
    return Finding(
        local == 1,
        f"32 flips of a coin by heart: {local:.0%}, with a neuron for each property {other:.0%}",
    )


def _associates() -> Sides:
    responses = np.random.default_rng(49).normal(size=(64, 5))
    return Sides(
        CODES["one neuron a thing"] @ responses, responses, "64 things, 5 random responses each"
    )


def _mixture() -> Sides:
    """Compare who made a point, by Bayes, with a layer of one neuron for each cluster."""
    rng = np.random.default_rng(49)
    x, means, prior = (
        rng.normal(size=(20, 3)),
        rng.normal(size=(4, 3)),
        np.array([0.1, 0.2, 0.3, 0.4]),
    )
    likely = prior * np.exp(-np.sum((x[:, None] - means) ** 2, axis=2) / 2)
    neurons = x @ means.T + np.log(prior) - np.sum(means**2, axis=1) / 2
    return Sides(
        softmax(neurons), likely / likely.sum(axis=1, keepdims=True), "20 points, 4 clusters"
    )


def _inefficient() -> Finding:
    found = {code: (x.shape[1], _learned("warm color", code)[1]) for code, x in CODES.items()}
    (most, none), (few, all_right) = found.values()
    return Finding(
        few < most and all_right > none,
        "4 shapes, 4 colors, 4 sizes: "
        + "; ".join(
            f"{code}: {n} neurons, {right:.0%} right on new" for code, (n, right) in found.items()
        ),
    )


def _must_be_local(of: str) -> Finding:
    x = CODES["one neuron a property"]
    properties = [THINGS[:, k] == value for k in (SHAPE, COLOR, SIZE) for value in range(4)]
    if of == "things":
        return Finding(
            _one_thing_each("one neuron a property"),
            f"each of the {x.shape[1]} neurons represents something, and is on for {x[:, 0].sum():.0f} things",
        )
    own = all(
        sum(np.array_equal(x[:, n], one) for one in properties) == 1 for n in range(x.shape[1])
    )
    return Finding(own, "each neuron is on for one property and for no other")


def _many(of: str) -> Finding:
    x = CODES["one neuron a property"]
    counts = x.sum(axis=1 if of == "neurons of a thing" else 0)
    return Finding(bool((counts > 1).all()), f"{of}: {counts.min():.0f}")


def _patterns() -> Finding:
    neurons = ceil(log2(len(THINGS)))
    together = len(set(product((0, 1), repeat=neurons)))
    return Finding(
        together > neurons,
        f"{neurons} on-off neurons name {neurons} things alone, {together} together",
    )


CLAIMS = (
    Claim(
        "H49-one-each",
        "the simplest code has one neuron for each thing",
        "count",
        compute=lambda: Finding(
            _one_thing_each("one neuron a thing"),
            f"{len(THINGS)} things take {CODES['one neuron a thing'].shape[1]} neurons, each on for one",
        ),
        chapter=5,
        cell="local-and-distributed",
    ),
    Claim(
        "H49-understand",
        "it is easy to understand, and easy to code by hand",
        "comparison",
        unchecked="what is easy depends on who reads it; nothing here measures that",
        chapter=5,
        cell="one-neuron-per-thing",
    ),
    Claim(
        "H49-learn",
        "it is easy to learn",
        "comparison",
        compute=_easy_to_learn,
        chapter=5,
        cell="local-and-distributed",
        remark="Of things that it has not seen it knows nothing",
    ),
    Claim(
        "H49-mixture",
        "mixture models do this: each cluster is a neuron",
        "formula",
        compute=_mixture,
        chapter=5,
        cell="softmax-and-slides",
    ),
    Claim(
        "H49-associate",
        "it is easy to associate with other representations or responses",
        "formula",
        compute=_associates,
        chapter=5,
        cell="local-and-distributed",
        remark="The responses themselves are the weights",
    ),
    Claim(
        "H49-inefficient",
        "it is very inefficient where things have components",
        "comparison",
        compute=_inefficient,
        chapter=5,
        cell="local-and-distributed",
    ),
    Claim(
        "H50-local",
        "each neuron must represent something, so a distributed representation must be a local one",
        "comparison",
        compute=lambda: _must_be_local("things"),
        conventions={"local for what its neurons stand for": lambda: _must_be_local("properties")},
        chapter=5,
        cell="local-and-distributed",
    ),
    Claim(
        "H50-many-neurons",
        "in a distributed representation many neurons represent each concept",
        "count",
        compute=lambda: _many("neurons of a thing"),
        chapter=5,
        cell="local-and-distributed",
    ),
    Claim(
        "H50-many-concepts",
        "and each neuron takes part in many concepts",
        "count",
        compute=lambda: _many("things of a neuron"),
        chapter=5,
        cell="local-and-distributed",
    ),
    Claim(
        "H51-power",
        "the power of distributed representations: there are more patterns than neurons",
        "count",
        compute=_patterns,
        chapter=5,
        cell="explain-codes",
    ),
    Claim(
        "H51-scenes",
        "in nets trained to name scenes, detectors of objects emerge (ICLR 2015)",
        "comparison",
        unchecked="it needs a net trained on millions of pictures of scenes, which is not here",
    ),
)
