"""Verbeek, slides 4 to 6: layers of units, what they can approximate, and other graphs."""

from functools import cache
from graphlib import CycleError, TopologicalSorter

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.reference import linear, relu, sigmoid


def _net() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)  # w_ij leads from i to j, as on the slide
    return rng.normal(size=5), rng.normal(size=(5, 5)), rng.normal(size=(5, 3))


def _unit_by_unit() -> tuple[np.ndarray, np.ndarray]:
    x, first, second = _net()
    z = [sigmoid(np.array(sum(x[i] * first[i, j] for i in range(5)))) for j in range(5)]
    y = [sigmoid(np.array(sum(z[j] * second[j, k] for j in range(5)))) for k in range(3)]
    return np.array(z), np.array(y)


def _two_layers() -> Sides:
    x, first, second = _net()
    y = sigmoid(linear(sigmoid(linear(x[None], first.T)), second.T))
    return Sides(_unit_by_unit()[1], y[0], "5 inputs, 5 hidden units, 3 outputs")


def _matrix_form(transposed: bool) -> Sides:
    x, first, _ = _net()
    W = first.T if transposed else first
    return Sides(sigmoid(W @ x), _unit_by_unit()[0], "5 inputs and 5 units")


def _stays_linear() -> Sides:
    rng = np.random.default_rng(5)
    x, a, b = rng.normal(size=(7, 6)), rng.normal(size=(2, 6)), rng.normal(size=(4, 2))
    return Sides(linear(linear(x, a), b), linear(x, b @ a), "6 inputs, 2 hidden units, 4 outputs")


def _factorized() -> Finding:
    rng = np.random.default_rng(5)
    ranks = {
        k: int(np.linalg.matrix_rank(rng.normal(size=(6, k)) @ rng.normal(size=(k, 8))))
        for k in (2, 4, 9)
    }
    return Finding(
        all(rank == min(k, 6) for k, rank in ranks.items()),
        f"a 6×8 matrix in two factors, hidden units to rank: {ranks}",
    )


@cache
def fitted(hidden: int, bend: str) -> float:
    """Return the largest error when units with shifted bends, weighted by least squares, follow sin 3x."""
    x = np.linspace(-2, 2, 201)
    s = x[:, None] - np.linspace(-2.5, 1.9, hidden)
    h = np.column_stack([relu(s) if bend == "ReLU" else s**2, np.ones(201)])
    weights = np.linalg.lstsq(h, np.sin(3 * x), rcond=None)[0]
    return float(np.abs(h @ weights - np.sin(3 * x)).max())


def _universal(bend: str) -> Finding:
    errors = [fitted(hidden, bend) for hidden in (2, 10, 50)]
    return Finding(
        errors[-1] < 0.01,
        f"largest error on sin 3x with 2, 10 and 50 units ({bend}): {', '.join(f'{e:.3f}' for e in errors)}",
    )


def _polynomials_fail() -> Finding:
    found = _universal("squares")
    return Finding(not found.hold, found.shown)


def _one_pass() -> Finding:
    """Order a graph with a skip connection so that each node comes after what it reads, then add a cycle."""
    reads = {"h1": ["x"], "h2": ["h1"], "y": ["h2", "x"]}
    order = list(TopologicalSorter(reads).static_order())
    fits = all(order.index(a) < order.index(b) for b, sources in reads.items() for a in sources)
    try:
        list(TopologicalSorter(reads | {"h1": ["x", "y"]}).static_order())
        cycle = True
    except CycleError:
        cycle = False
    return Finding(
        fits and not cycle,
        f"with a skip connection the order is {', '.join(order)}; with a cycle there is none",
    )


CLAIMS = (
    Claim(
        "V04-layers",
        "z_j = h(Σ x_i w_ij) and y_k = σ(Σ z_j w_jk) are a net of two layers",
        "formula",
        compute=_two_layers,
        chapter=5,
        cell="xor-by-hand",
    ),
    Claim(
        "V04-matrix",
        "with these w_ij a layer is h(Wx)",
        "formula",
        compute=lambda: _matrix_form(transposed=False),
        conventions={
            "W has w_ij in row j and column i; read as usual it is h(Wᵀx)": (
                lambda: _matrix_form(transposed=True)
            )
        },
        chapter=5,
        cell="explain-collapse",
    ),
    Claim(
        "V05-linear",
        "linear layers one after the other remain a linear model",
        "formula",
        compute=_stays_linear,
        chapter=5,
        cell="collapse",
    ),
    Claim(
        "V05-factors",
        "linear layers just factorize one matrix in a certain way",
        "comparison",
        compute=_factorized,
        chapter=5,
        cell="collapse",
        remark="A narrow layer limits the rank",
    ),
    Claim(
        "V05-universal",
        "with enough hidden units two layers come close to any continuous function",
        "comparison",
        compute=lambda: _universal("ReLU"),
        chapter=5,
        cell="bend-and-fold",
        remark="Shown for one function; the theorem is older than ReLU",
    ),
    Claim(
        "V05-polynomials",
        "if the activation is a polynomial, more hidden units do not help",
        "comparison",
        compute=_polynomials_fail,
        chapter=5,
        cell="bend-and-fold",
    ),
    Claim(
        "V06-one-pass",
        "in a graph without cycles one forward pass computes the output",
        "comparison",
        compute=_one_pass,
        chapter=12,
        cell="a-way-around",
    ),
)
