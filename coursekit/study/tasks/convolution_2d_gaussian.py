"""Exercise 2.8: a Gaussian and the bell that it is made of."""

import numpy as np

from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator
Pair = tuple[np.ndarray, np.ndarray]


def _gaussian_cases(rng: Rng) -> list[Case]:
    cases = [Case((3, 1.0), label="F = 3, sigma = 1")]
    for F in (5, 9, 7):
        sigma = round(float(rng.uniform(0.6, 2.5)), 2)
        cases.append(Case((F, sigma), label=f"F = {F}, sigma = {sigma}"))
    return cases


def _from_bell(bell: np.ndarray) -> Pair:
    return bell, np.outer(bell, bell)


def _bell(F: int, exponent: float, middle: float) -> np.ndarray:
    t = np.arange(F) - middle
    raw = np.exp(exponent * t**2)
    bell: np.ndarray = raw / raw.sum()
    return bell


def _stretched(F: int, sigma: float) -> np.ndarray:
    bell: np.ndarray = np.exp(-(np.linspace(-F / 2, F / 2, F) ** 2) / (2 * sigma**2))
    return bell / bell.sum()


def _gaussian(F: int, sigma: float) -> Pair:
    return _from_bell(_bell(F, -1 / (2 * sigma**2), F // 2))


def _not_normalized(F: int, sigma: float) -> Pair:
    return _from_bell(np.exp(-((np.arange(F) - F // 2) ** 2) / (2 * sigma**2)))


def _only_the_kernel_normalized(F: int, sigma: float) -> Pair:
    bell, w = _not_normalized(F, sigma)
    return bell, w / w.sum()


GAUSSIAN = Task(
    id="2.8",
    title="A Gaussian from two halves",
    points=2,
    minutes=6,
    difficulty=1,
    name="gaussian",
    returns=("u", "w"),
    cases=_gaussian_cases,
    reference=_gaussian,
    hints=(
        "`t = np.arange(F) - F // 2` counts from the middle. How do you make any list of positive numbers add up to 1?",
        "w holds u[s] * u[t] in row s and column t: a column times a row, which is `np.outer`. Does w still have to be "
        "divided by something?",
    ),
    misconceptions=(
        Misconception(
            "not normalized",
            "Your weights do not add up to 1, so a flat region would change its brightness: divide u by its sum.",
            _not_normalized,
        ),
        Misconception(
            "only w normalized",
            "Your w is right, and u does not add up to 1: divide u by its sum first, then w needs no more.",
            _only_the_kernel_normalized,
        ),
        Misconception(
            "divided by the formula's factor",
            "You divided by the factor of the bell over all real numbers. Here are F weights, whose sum is not exactly "
            "1 then: divide by the sum that they have.",
            lambda F, sigma: _from_bell(
                _not_normalized(F, sigma)[0] / (sigma * np.sqrt(2 * np.pi))
            ),
        ),
        Misconception(
            "not centered",
            "Your bell has its top at the first weight: count from the middle, where t is 0.",
            lambda F, sigma: _from_bell(_bell(F, -1 / (2 * sigma**2), 0)),
        ),
        Misconception(
            "half a pixel off",
            "Your bell is half a pixel off: the middle of F weights, counted from 0, is F // 2, not F / 2.",
            lambda F, sigma: _from_bell(_bell(F, -1 / (2 * sigma**2), F / 2)),
        ),
        Misconception(
            "places not one pixel apart",
            "Your places are not one pixel apart: F numbers from -F / 2 to F / 2 have wider gaps than 1. Take "
            "`np.arange(F) - F // 2`.",
            lambda F, sigma: _from_bell(_stretched(F, sigma)),
        ),
        Misconception(
            "sigma not squared",
            "You divided by 2σ, and the formula says 2σ².",
            lambda F, sigma: _from_bell(_bell(F, -1 / (2 * sigma), F // 2)),
        ),
        Misconception(
            "factor 2 forgotten",
            "You divided by σ², and the formula says 2σ².",
            lambda F, sigma: _from_bell(_bell(F, -1 / sigma**2, F // 2)),
        ),
        Misconception(
            "parentheses missing",
            "`/ 2 * sigma**2` divides by 2 and then multiplies by σ²: put parentheses around 2σ².",
            lambda F, sigma: _from_bell(_bell(F, -(sigma**2) / 2, F // 2)),
        ),
        Misconception(
            "sign forgotten",
            "Your weights grow away from the middle: the exponent is negative.",
            lambda F, sigma: _from_bell(_bell(F, 1 / (2 * sigma**2), F // 2)),
        ),
        Misconception(
            "every row the same",
            "Your w repeats u in every row. Each row is u times the weight of that row: a column times a row.",
            lambda F, sigma: (_gaussian(F, sigma)[0], np.tile(_gaussian(F, sigma)[0], (F, 1))),
        ),
    ),
)
