"""Exercise 8.1: batch normalization of a table of numbers, as in training."""

from typing import Any

import numpy as np

from coursekit.reference import batchnorm
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator


def _cases(rng: Rng) -> list[Case]:
    by_hand = (
        np.array([[1.0, 2.0], [7.0, 2.0], [9.0, 6.0], [15.0, 6.0]]),
        np.array([1.0, 3.0]),
        np.array([0.0, 1.0]),
        11.0,
    )
    cases = [Case(by_hand, label="columns 1 7 9 15 and 2 2 6 6, eps = 11")]
    for N, C, eps in [(5, 3, 1e-5), (4, 4, 0.5), (8, 2, 0.1)]:
        x = (rng.normal(2, 2, (N, C))).round(2)
        gamma, beta = rng.uniform(0.5, 2, C).round(2), rng.normal(size=C).round(2)
        cases.append(Case((x, gamma, beta, eps), label=f"N = {N}, C = {C}, eps = {eps:g}"))
    return cases


def _forward(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float) -> np.ndarray:
    return batchnorm(x, gamma, beta, eps=eps)


def _with(
    x: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    eps: float,
    *,
    ddof: int = 0,
    root: str = "inside",
    center: bool = True,
    scale: bool = True,
) -> np.ndarray:
    """Normalize with one thing done differently."""
    mean, var = x.mean(axis=0), x.var(axis=0, ddof=ddof)
    divisor: Any = {
        "inside": np.sqrt(var + eps),
        "sum": np.sqrt(len(x) * var + eps),
        "mean square": np.sqrt(np.mean(x**2, axis=0) + eps),
        "own eps": np.sqrt(var + 1e-5),
        "outside": np.sqrt(var) + eps,
        "none": var + eps,
        "no eps": np.sqrt(var),
    }[root]
    x_hat = (x - mean if center else x) / divisor
    return gamma * x_hat + beta if scale else x_hat


def _rows(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float) -> np.ndarray:
    mean, var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


FORWARD = Task(
    id="8.1",
    title="Mean 0, variance 1",
    points=3,
    minutes=8,
    difficulty=1,
    name="batch_norm",
    cases=_cases,
    reference=_forward,
    hints=(
        "Each column is a channel with a mean and a variance of its own. Which axis has to disappear to leave one "
        "number for each column?",
        "`x.mean(axis=0)` and `x.var(axis=0)` have shape (C,), and NumPy lines them up with the columns by itself.",
        "eps is added to the variance, before the root. gamma and beta come last.",
    ),
    misconceptions=(
        Misconception(
            "rows instead of columns",
            "You normalized every row, so each image by its own numbers. Here each column gets the mean and the "
            "variance of all images.",
            _rows,
        ),
        Misconception(
            "rows, without keepdims",
            "With `axis=1` you get one mean for each row, which does not line up with the columns either. Each column "
            "needs a mean of its own, over all rows.",
            lambda x, gamma, beta, eps: (
                gamma * (x - x.mean(axis=1)) / np.sqrt(x.var(axis=1) + eps) + beta
            ),
        ),
        Misconception(
            "one mean for everything",
            "You took one mean and one variance of the whole table. Every channel has its own.",
            lambda x, gamma, beta, eps: gamma * (x - x.mean()) / np.sqrt(x.var() + eps) + beta,
        ),
        Misconception(
            "divided by N - 1",
            "Your variance is divided by N − 1. The batch itself is normalized by the one divided by N; the other one "
            "belongs in the running average.",
            lambda *args: _with(*args, ddof=1),
        ),
        Misconception(
            "eps outside the root",
            "You added eps to the standard deviation. It is added to the variance, under the root.",
            lambda *args: _with(*args, root="outside"),
        ),
        Misconception(
            "eps forgotten",
            "Your result has no eps in it. A constant channel would be divided by 0.",
            lambda *args: _with(*args, root="no eps"),
        ),
        Misconception(
            "an eps of your own",
            "You wrote 0.00001 for eps. It is an argument here: use the one that your function is given.",
            lambda *args: _with(*args, root="own eps"),
        ),
        Misconception(
            "sum of squares",
            "You added up the squares, but did not divide by N. The variance is their mean.",
            lambda *args: _with(*args, root="sum"),
        ),
        Misconception(
            "mean square",
            "You divided by the root of the mean of x². The variance is measured around the mean: subtract it first.",
            lambda *args: _with(*args, root="mean square"),
        ),
        Misconception(
            "divided by the variance",
            "You divided by the variance. What has the unit of x, and gives a spread of 1, is its root.",
            lambda *args: _with(*args, root="none"),
        ),
        Misconception(
            "not divided",
            "You subtracted the mean, but did not divide by the root of variance and eps.",
            lambda x, gamma, beta, eps: gamma * (x - x.mean(axis=0)) + beta,
        ),
        Misconception(
            "not centered",
            "You divided, but did not subtract the mean first.",
            lambda *args: _with(*args, center=False),
        ),
        Misconception(
            "parentheses forgotten",
            "You divided the mean alone, and not x minus the mean: without parentheses the division comes first.",
            lambda x, gamma, beta, eps: (
                gamma * x - x.mean(axis=0) / np.sqrt(x.var(axis=0) + eps) + beta
            ),
        ),
        Misconception(
            "beta forgotten",
            "You multiplied by gamma, but did not add beta.",
            lambda x, gamma, beta, eps: _with(x, gamma, 0 * beta, eps),
        ),
        Misconception(
            "gamma along the rows",
            "`gamma[:, None]` lines gamma up with the rows. gamma has an entry for each column, and NumPy lines it "
            "up with them by itself.",
            lambda x, gamma, beta, eps: (
                gamma[:, None] * _with(x, gamma, beta, eps, scale=False) + beta[:, None]
            ),
        ),
        Misconception(
            "a product with gamma",
            "`@` adds up over the channels. Each channel is multiplied by its own gamma: use `*`.",
            lambda x, gamma, beta, eps: _with(x, gamma, beta, eps, scale=False) @ gamma + beta,
        ),
        Misconception(
            "gamma and beta forgotten",
            "That is x̂. The output is γ x̂ + β.",
            lambda *args: _with(*args, scale=False),
        ),
        Misconception(
            "gamma and beta exchanged",
            "You multiplied by beta and added gamma; it is the other way round.",
            lambda x, gamma, beta, eps: _with(x, beta, gamma, eps),
        ),
        Misconception(
            "shifted before the scale",
            "You added beta first and multiplied by gamma afterwards: γ (x̂ + β). Only x̂ is multiplied.",
            lambda x, gamma, beta, eps: _with(x, gamma, gamma * beta, eps),
        ),
    ),
)
