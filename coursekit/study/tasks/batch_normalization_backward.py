"""Exercise 8.5: the way back through batch normalization."""

import numpy as np

from coursekit.reference import batchnorm_backward, batchnorm_forward
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator
Arrays = tuple[np.ndarray, ...]
EPS = 1e-5


def _cases(rng: Rng) -> list[Case]:
    by_hand = (
        np.array([[1.0, 0.0], [0.0, 2.0], [0.0, 0.0], [0.0, 1.0]]),
        np.array([[1.0, 2.0], [7.0, 2.0], [9.0, 6.0], [15.0, 6.0]]),
        np.array([1.0, 3.0]),
    )
    cases = [Case(by_hand, label="columns 1 7 9 15 and 2 2 6 6")]
    for N, C in [(5, 3), (6, 2), (8, 4)]:
        dy, x = rng.normal(size=(N, C)).round(2), rng.normal(1, 2, (N, C)).round(2)
        cases.append(Case((dy, x, rng.uniform(0.5, 2.5, C).round(2)), label=f"N = {N}, C = {C}"))
    return cases


def _backward(dy: np.ndarray, x: np.ndarray, gamma: np.ndarray) -> Arrays:
    return batchnorm_backward(dy, batchnorm_forward(x, gamma, 0 * gamma, eps=EPS)[1])


def _with(
    dy: np.ndarray,
    x: np.ndarray,
    gamma: np.ndarray,
    *,
    shift: float = 1.0,
    stretch: float = 1.0,
    scale: bool = True,
    divide: bool = True,
    sums: bool = False,
    whole: bool = False,
    of_parameters: str = "sum",
) -> Arrays:
    """Go back with one thing done differently."""
    c, N = x - x.mean(axis=0), len(x)
    t = 1 / np.sqrt(np.mean(c**2, axis=0) + EPS)
    x_hat = c * t
    d = gamma * dy if scale else dy
    factor, over = N if sums else 1, None if whole else 0
    dx = d - factor * (shift * d.mean(axis=over) + stretch * x_hat * np.mean(d * x_hat, axis=over))
    dx = t * dx if divide else dx
    of = {
        "sum": (np.sum(dy * x_hat, axis=0), dy.sum(axis=0)),
        "mean": (np.mean(dy * x_hat, axis=0), dy.mean(axis=0)),
        "x": (np.sum(dy * x, axis=0), dy.sum(axis=0)),
        "scaled": (np.sum(d * x_hat, axis=0), d.sum(axis=0)),
        "swapped": (dy.sum(axis=0), np.sum(dy * x_hat, axis=0)),
        "each image": (dy * x_hat, dy.copy()),
    }[of_parameters]
    return dx, *of


BACKWARD = Task(
    id="8.5",
    title="The way back",
    points=4,
    minutes=20,
    difficulty=3,
    name="batch_norm_backward",
    returns=("dx", "dgamma", "dbeta"),
    cases=_cases,
    reference=_backward,
    hints=(
        "Forward first: you need x̂ and t = 1 / √(v + ε), both by column. gamma and beta were used by all images, so "
        "their gradients are sums.",
        "dx̂ = γ dy. If μ and v were constants, dx would be t dx̂. Each of the two adds a term, since all images meet "
        "in it.",
        "The two terms take the mean of dx̂ over the batch, and x̂ times the mean of dx̂ x̂. A check of your own: "
        "every column of dx adds up to 0, and so does dx times x̂, nearly.",
    ),
    misconceptions=(
        Misconception(
            "statistics as constants",
            "Your dgamma and dbeta are right. In dx you treated μ and v as constants, which is right at test time "
            "only: in training every x moves both.",
            lambda *args: _with(*args, shift=0.0, stretch=0.0),
        ),
        Misconception(
            "variance as a constant",
            "Your dgamma and dbeta are right. Your dx knows that x moves μ, but not that it moves v.",
            lambda *args: _with(*args, stretch=0.0),
        ),
        Misconception(
            "mean as a constant",
            "Your dgamma and dbeta are right. Your dx knows that x moves v, but not that it moves μ. Do its columns "
            "add up to 0?",
            lambda *args: _with(*args, shift=0.0),
        ),
        Misconception(
            "sums instead of means",
            "Your dgamma and dbeta are right. In dx you subtracted sums over the batch. A mean hands each image a "
            "share of 1 / N.",
            lambda *args: _with(*args, sums=True),
        ),
        Misconception(
            "means of the whole table",
            "Your dgamma and dbeta are right. The two means in your dx run over the whole table; channels do not "
            "know each other, so each column has its own.",
            lambda dy, x, gamma: _with(dy, x, gamma, whole=True),
        ),
        Misconception(
            "gamma forgotten",
            "Your dgamma and dbeta are right. On the way from y to x̂ the gradient is multiplied by something.",
            lambda *args: _with(*args, scale=False),
        ),
        Misconception(
            "not divided by the standard deviation",
            "Your dgamma and dbeta are right. Your dx lacks the slope of x̂ by x: stretched inputs have smaller "
            "gradients.",
            lambda *args: _with(*args, divide=False),
        ),
        Misconception(
            "mean in dgamma and dbeta",
            "Your dx is right. gamma and beta were used by all images, and what comes back adds up. If the loss is a "
            "mean, dy already contains the 1/N.",
            lambda *args: _with(*args, of_parameters="mean"),
        ),
        Misconception(
            "x instead of its normalized form",
            "Your dx and dbeta are right. In dgamma ask what gamma was multiplied by on the way forward.",
            lambda *args: _with(*args, of_parameters="x"),
        ),
        Misconception(
            "gamma in dgamma and dbeta",
            "Your dx is right. dgamma and dbeta come from dy itself: you used γ dy, which is already one step further "
            "back.",
            lambda *args: _with(*args, of_parameters="scaled"),
        ),
        Misconception(
            "dgamma and dbeta swapped",
            "Your dx is right. You returned dbeta before dgamma.",
            lambda *args: _with(*args, of_parameters="swapped"),
        ),
        Misconception(
            "dgamma for each image",
            "Your dx is right. dgamma and dbeta still have a row for each image; there is one gamma for each channel.",
            lambda *args: _with(*args, of_parameters="each image"),
        ),
    ),
)
