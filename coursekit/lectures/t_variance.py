"""Leal-Taixé and Niessner, slides 37 to 41: the variance of a weighted sum, exactly, over all outcomes of dice."""

from itertools import product

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Sides

DICE = {
    "w": (-1.0, 0.5, 2.0),
    "x": (0.0, 1.0, 5.0),
    "w centered": (-1.5, 0.0, 1.5),
    "x centered": (-2.0, -1.0, 3.0),
}


def _var(values: list[float]) -> float:
    return float(np.var(values))


def _sum(n: int, w: str, x: str) -> float:
    """Return the variance of the sum of n products, over all outcomes of independent dice."""
    pairs = [a * b for a, b in product(DICE[w], DICE[x])]
    return _var([sum(one) for one in product(pairs, repeat=n)])


def _terms() -> Sides:
    single = [_sum(1, "w", "x")] * 3
    return Sides(_sum(3, "w", "x"), sum(single), "three products of dice, all outcomes")


def _product() -> Sides:
    w, x = DICE["w"], DICE["x"]
    printed = np.mean(w) ** 2 * np.var(x) + np.mean(x) ** 2 * np.var(w) + np.var(x) * np.var(w)
    return Sides(printed, _sum(1, "w", "x"), "two dice, all outcomes")


def _zero_mean(w: str, x: str) -> Sides:
    return Sides(np.var(DICE[x]) * np.var(DICE[w]), _sum(1, w, x), "two dice, all outcomes")


def _n_times() -> Sides:
    n, w, x = 3, "w centered", "x centered"
    return Sides(
        n * np.var(DICE[w]) * np.var(DICE[x]), _sum(n, w, x), "three products of dice, all outcomes"
    )


def _multiplied(scale: float) -> Finding:
    """See by what a sum of n products multiplies the variance of x, with weights of some variance."""
    w = scale * np.array(DICE["w centered"]) / np.std(DICE["w centered"])
    factors = []
    for n in (1, 2, 3):
        pairs = [a * b for a, b in product(w, DICE["x centered"])]
        total = _var([sum(one) for one in product(pairs, repeat=n)])
        factors.append(total / np.var(DICE["x centered"]))
    return Finding(
        bool(np.allclose(factors, (1, 2, 3))),
        f"weights of variance {scale**2:g}, 1 to 3 inputs: {', '.join(f'{f:.2g}' for f in factors)} times",
    )


def _keeps() -> Sides:
    n = 3
    w = np.array(DICE["w centered"]) / np.std(DICE["w centered"]) / np.sqrt(n)
    pairs = [a * b for a, b in product(w, DICE["x centered"])]
    total = _var([sum(one) for one in product(pairs, repeat=n)])
    return Sides(total, np.var(DICE["x centered"]), "three products of dice, all outcomes")


CLAIMS = (
    Claim(
        "T37-terms",
        "the variance of a sum of independent products is the sum of their variances",
        "formula",
        compute=_terms,
        chapter=7,
        cell="variance-of-the-sum",
    ),
    Claim(
        "T38-product",
        "Var(wx) = E[w]² Var(x) + E[x]² Var(w) + Var(x) Var(w)",
        "formula",
        compute=_product,
        chapter=7,
        cell="product-measured",
    ),
    Claim(
        "T38-zero-mean",
        "with zero means only Var(x) Var(w) is left",
        "formula",
        compute=lambda: _zero_mean("w centered", "x centered"),
        chapter=7,
        cell="product-measured",
    ),
    Claim(
        "T39-identical",
        "n identically distributed terms: Var(s) = n Var(w) Var(x)",
        "formula",
        compute=_n_times,
        chapter=7,
        cell="three-rules-for-one-sum",
    ),
    Claim(
        "T40-multiplied",
        "so the variance is multiplied by the number of inputs",
        "comparison",
        compute=lambda: _multiplied(0.5),
        conventions={"for weights of variance 1": lambda: _multiplied(1.0)},
        chapter=7,
        cell="variance-of-the-sum",
    ),
    Claim(
        "T41-one-over-n",
        "Var(w) = 1/n gives the output the variance of the input",
        "formula",
        compute=_keeps,
        chapter=7,
        cell="three-rules-for-one-sum",
    ),
)
