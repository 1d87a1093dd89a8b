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
        dy, x = rng.normal(size=(N, C)).round(2), rng.normal(1, 0.5, (N, C)).round(2)
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
    scale: float = 1.0,
    divide: float = 1.0,
    sums: tuple[str, ...] = (),
    whole: bool = False,
    ddof: int = 0,
    eps: float = EPS,
    power: float = 1.0,
    of_parameters: str = "sum",
) -> Arrays:
    """Go back with one thing done differently; scale, divide and power are powers of gamma and t."""
    c, N = x - x.mean(axis=0), len(x)
    t = 1 / np.sqrt(x.var(axis=0, ddof=ddof) + eps)
    x_hat = c * t
    d = gamma**scale * dy
    over = None if whole else 0
    shift, stretch = (
        given * (N if name in sums else 1)
        for name, given in (("shift", shift), ("stretch", stretch))
    )
    z = c * t**power
    dx = d - (shift * d.mean(axis=over) + stretch * z * np.mean(d * z, axis=over))
    dx = t**divide * dx
    of = {
        "sum": (np.sum(dy * x_hat, axis=0), dy.sum(axis=0)),
        "mean": (np.mean(dy * x_hat, axis=0), dy.mean(axis=0)),
        "x": (np.sum(dy * x, axis=0), dy.sum(axis=0)),
        "c": (np.sum(dy * c, axis=0), dy.sum(axis=0)),
        "whole": (np.sum(dy * x_hat), dy.sum()),
        "rows": (np.sum(dy * x_hat, axis=1), dy.sum(axis=1)),
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
            "statistics as constants, without gamma",
            "Your dgamma and dbeta are right. Two things are missing in dx: gamma, by which x̂ was multiplied; and "
            "the ways through μ and v, which every x moves.",
            lambda *args: _with(*args, shift=0.0, stretch=0.0, scale=0.0),
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
            lambda *args: _with(*args, sums=("shift", "stretch")),
        ),
        Misconception(
            "the whole gradient of the mean to each image",
            "Your dgamma and dbeta are right. In dx each image gets all that came back to μ. The mean of N numbers "
            "gives each a share of 1 / N.",
            lambda *args: _with(*args, sums=("shift",)),
        ),
        Misconception(
            "the whole gradient of the variance to each image",
            "Your dgamma and dbeta are right. In dx each image gets all that came back to v. The mean of N numbers "
            "gives each a share of 1 / N.",
            lambda *args: _with(*args, sums=("stretch",)),
        ),
        Misconception(
            "way through the variance with the wrong sign",
            "Your dgamma and dbeta are right. In dx the way through v has the wrong sign: a larger v makes t smaller.",
            lambda *args: _with(*args, stretch=-1.0),
        ),
        Misconception(
            "both ways with the wrong sign",
            "Your dgamma and dbeta are right. In dx you added the ways through μ and v. They take away what no change "
            "of x could bring about: both are subtracted.",
            lambda *args: _with(*args, shift=-1.0, stretch=-1.0),
        ),
        Misconception(
            "half the way through the variance",
            "Your dgamma and dbeta are right. In dx the way through v is half of what it should be: the slope of c² "
            "is 2 c.",
            lambda *args: _with(*args, stretch=0.5),
        ),
        Misconception(
            "centered instead of normalized",
            "Your dgamma and dbeta are right. In the last term of dx stands x̂, twice; you have c = x − μ.",
            lambda *args: _with(*args, power=0.0),
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
            lambda *args: _with(*args, scale=0.0),
        ),
        Misconception(
            "gamma twice",
            "Your dgamma and dbeta are right. There is one gamma too many in your dx: dx̂ = γ dy has it already.",
            lambda *args: _with(*args, scale=2.0),
        ),
        Misconception(
            "multiplied by the standard deviation",
            "Your dgamma and dbeta are right. You multiplied dx by √(v + ε), or divided by t. The slope of x̂ by x is "
            "t itself: stretched inputs have smaller gradients.",
            lambda *args: _with(*args, divide=-1.0),
        ),
        Misconception(
            "divided by N - 1",
            "Your variance is divided by N − 1. The batch itself is normalized by the one divided by N.",
            lambda *args: _with(*args, ddof=1),
        ),
        Misconception(
            "eps forgotten",
            "Almost: there is no ε in your answer. It is added to the variance, under the root.",
            lambda *args: _with(*args, eps=0.0),
        ),
        Misconception(
            "not divided by the standard deviation",
            "Your dgamma and dbeta are right. Your dx lacks the slope of x̂ by x: stretched inputs have smaller "
            "gradients.",
            lambda *args: _with(*args, divide=0.0),
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
            "centered x in dgamma",
            "Your dx and dbeta are right. In dgamma stands x − μ, not yet divided: gamma was multiplied by x̂.",
            lambda *args: _with(*args, of_parameters="c"),
        ),
        Misconception(
            "one dgamma for all channels",
            "Your dx is right. dgamma and dbeta are single numbers in your answer; each channel has its own, so add "
            "up over axis 0 only.",
            lambda *args: _with(*args, of_parameters="whole"),
        ),
        Misconception(
            "dgamma of the rows",
            "Your dx is right. You added up dgamma and dbeta over the channels. There is one gamma for each channel: "
            "add up over the images, axis 0.",
            lambda *args: _with(*args, of_parameters="rows"),
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
            "dx last",
            "All three are right, but dx comes first.",
            lambda *args: (*_with(*args)[1:], _with(*args)[0]),
        ),
        Misconception(
            "dgamma for each image",
            "Your dx is right. dgamma and dbeta still have a row for each image; there is one gamma for each channel.",
            lambda *args: _with(*args, of_parameters="each image"),
        ),
    ),
)
