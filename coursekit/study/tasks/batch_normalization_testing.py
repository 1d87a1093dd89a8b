"""Exercises 8.3 and 8.4: running averages, and a normalization that is folded into the layer before it."""

import numpy as np

from coursekit.reference import batchnorm_forward, update_running
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator
Pair = tuple[np.ndarray, np.ndarray]

# --- 8.3 Running averages ---------------------------------------------------------------------------------------


def _running_cases(rng: Rng) -> list[Case]:
    by_hand = (np.zeros(2), np.ones(2), np.array([[1.0, 4.0], [3.0, 10.0]]), 0.25)
    cases = [Case(by_hand, label="mean 0 0, variance 1 1, batch of 2, m = 0.25")]
    for N, C, m in [(3, 3, 0.1), (4, 2, 0.3), (2, 5, 0.01)]:
        mean, var = rng.normal(size=C).round(2), rng.uniform(0.5, 3, C).round(2)
        x = rng.normal(1, 2, (N, C)).round(2)
        cases.append(Case((mean, var, x, m), label=f"N = {N}, C = {C}, m = {m:g}"))
    return cases


def _running(mean: np.ndarray, var: np.ndarray, x: np.ndarray, m: float) -> Pair:
    one = np.ones(x.shape[1])
    return update_running(mean, var, batchnorm_forward(x, one, 0 * one)[1], momentum=m)


def _mixed(mean: np.ndarray, var: np.ndarray, x: np.ndarray, m: float, other: np.ndarray) -> Pair:
    """Update with another variance of the batch."""
    return (1 - m) * mean + m * x.mean(axis=0), (1 - m) * var + m * other


RUNNING = Task(
    id="8.3",
    title="Running averages",
    points=3,
    minutes=8,
    difficulty=2,
    name="update_running",
    returns=("mean", "var"),
    cases=_running_cases,
    reference=_running,
    hints=(
        "Each of the two keeps a share of 1 − m of what it was and gets a share of m of the batch's.",
        "By hand: the first column of the first case, 1 and 3, has mean 2. A quarter of it is 0.5.",
        "The batch's variance that goes into the average is the one divided by N − 1: `x.var(axis=0, ddof=1)`.",
    ),
    misconceptions=(
        Misconception(
            "variance divided by N",
            "Your mean is right. Your variance of the batch is divided by N, which is too small on average: the "
            "batch lies around its own mean. The running average collects the one divided by N − 1.",
            lambda mean, var, x, m: _mixed(mean, var, x, m, x.var(axis=0)),
        ),
        Misconception(
            "momentum the other way round",
            "You gave the new batch the share 1 − m, as Keras does. Here m is the share of the new batch.",
            lambda mean, var, x, m: _running(mean, var, x, 1 - m),
        ),
        Misconception(
            "momentum the other way round, divided by N",
            "Two things: m is the share of the new batch, not of the old average; and the variance of the batch is "
            "divided by N − 1.",
            lambda mean, var, x, m: _mixed(mean, var, x, 1 - m, x.var(axis=0)),
        ),
        Misconception(
            "added without forgetting",
            "You added m times the batch's numbers and kept all of the old ones. They keep a share of 1 − m.",
            lambda mean, var, x, m: (mean + m * x.mean(axis=0), var + m * x.var(axis=0, ddof=1)),
        ),
        Misconception(
            "added without forgetting, divided by N",
            "Two things: the old averages keep a share of 1 − m only; and the variance of the batch is divided by "
            "N − 1.",
            lambda mean, var, x, m: (mean + m * x.mean(axis=0), var + m * x.var(axis=0)),
        ),
        Misconception(
            "the batch at full weight",
            "The old averages keep a share of 1 − m, but you added all of the new batch. Its share is m.",
            lambda mean, var, x, m: (
                (1 - m) * mean + x.mean(axis=0),
                (1 - m) * var + x.var(axis=0, ddof=1),
            ),
        ),
        Misconception(
            "standard deviation",
            "Your mean is right. In the variance you mixed in the standard deviation of the batch.",
            lambda mean, var, x, m: _mixed(mean, var, x, m, x.std(axis=0, ddof=1)),
        ),
        Misconception(
            "standard deviation, divided by N",
            "Your mean is right. In the variance you mixed in the standard deviation of the batch; what belongs "
            "there is its variance, divided by N − 1.",
            lambda mean, var, x, m: _mixed(mean, var, x, m, x.std(axis=0)),
        ),
        Misconception(
            "corrected the other way",
            "Your mean is right. You made the variance smaller, by (N − 1) / N. It is too small already: the factor "
            "is N / (N − 1), or `ddof=1`.",
            lambda mean, var, x, m: _mixed(mean, var, x, m, x.var(axis=0) * (len(x) - 1) / len(x)),
        ),
        Misconception(
            "around the running mean",
            "Your mean is right. You measured the variance around the running mean; it is that of the batch around "
            "its own.",
            lambda mean, var, x, m: _mixed(
                mean, var, x, m, np.sum((x - mean) ** 2, axis=0) / (len(x) - 1)
            ),
        ),
        Misconception(
            "around the new mean",
            "Your mean is right. You measured the variance around the new running mean; it is that of the batch "
            "around its own.",
            lambda mean, var, x, m: _mixed(
                mean,
                var,
                x,
                m,
                np.sum((x - (1 - m) * mean - m * x.mean(axis=0)) ** 2, axis=0) / (len(x) - 1),
            ),
        ),
        Misconception(
            "one number for all channels",
            "You took one mean and one variance of the whole batch. Every channel has its own.",
            lambda mean, var, x, m: (
                (1 - m) * mean + m * x.mean(),
                (1 - m) * var + m * x.var(ddof=1),
            ),
        ),
        Misconception(
            "rows instead of columns",
            "You averaged over each row, so over one image. A channel is a column: average over the images.",
            lambda mean, var, x, m: (
                (1 - m) * mean + m * x.mean(axis=1),
                (1 - m) * var + m * x.var(axis=1, ddof=1),
            ),
        ),
        Misconception(
            "var before mean",
            "Both are right, but you returned var before mean.",
            lambda mean, var, x, m: _running(mean, var, x, m)[::-1],
        ),
        Misconception(
            "all corrected",
            "Your mean is right. You multiplied the whole running variance by N / (N − 1), the old one too, which "
            "was corrected when it came in.",
            lambda mean, var, x, m: (
                _running(mean, var, x, m)[0],
                ((1 - m) * var + m * x.var(axis=0)) * len(x) / (len(x) - 1),
            ),
        ),
        Misconception(
            "the latest batch alone",
            "You returned the batch's own statistics. The averages remember the batches before.",
            lambda mean, var, x, m: _running(mean, var, x, 1.0),
        ),
    ),
)

# --- 8.4 Fold it away -------------------------------------------------------------------------------------------


def _fold_cases(rng: Rng) -> list[Case]:
    by_hand = (
        np.array([[1.0, 2.0], [3.0, 4.0]]),
        np.array([1.0, 2.0]),
        np.array([4.0, 9.0]),
        np.array([0.0, 1.0]),
        np.array([2.0, 5.0]),
        np.array([3.0, 8.0]),
        1.0,
    )
    cases = [Case(by_hand, label="2 inputs, 2 units, variances 3 8, eps = 1")]
    for K, D in [(3, 2), (4, 4), (2, 5)]:
        w, b = rng.normal(size=(K, D)).round(2), rng.normal(size=K).round(2)
        gamma, beta, mean = (rng.normal(size=K).round(2) + 0.01 for _ in range(3))
        var = rng.uniform(0.5, 4, K).round(2)
        cases.append(Case((w, b, gamma, beta, mean, var, 0.1), label=f"{D} inputs, {K} units"))
    return cases


def _fold(
    w: np.ndarray,
    b: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    mean: np.ndarray,
    var: np.ndarray,
    eps: float,
) -> Pair:
    scale = gamma / np.sqrt(var + eps)
    return scale[:, None] * w, scale * (b - mean) + beta


def _with(
    w: np.ndarray,
    b: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    mean: np.ndarray,
    var: np.ndarray,
    eps: float,
    *,
    root: bool = True,
    use_eps: bool = True,
    bias: str = "right",
    weights: str = "rows",
) -> Pair:
    """Fold with one thing done differently."""
    inside = var + eps if use_eps else var
    scale = gamma / (np.sqrt(inside) if root else inside)
    new_b = {
        "right": scale * (b - mean) + beta,
        "b left out": beta - scale * mean,
        "mean left out": scale * b + beta,
        "mean added": scale * (b + mean) + beta,
        "b not scaled": b - scale * mean + beta,
        "mean not scaled": scale * b - mean + beta,
        "beta scaled": scale * (b - mean + beta),
        "nothing scaled": b - mean + beta,
        "no gamma": (b - mean) / np.sqrt(inside) + beta,
    }[bias]
    new_w = {"rows": scale[:, None] * w, "as they were": w.copy()}
    return (scale * w if weights == "columns" else new_w[weights]), new_b


FOLD = Task(
    id="8.4",
    title="Fold it away",
    points=3,
    minutes=12,
    difficulty=2,
    name="fold",
    returns=("new_w", "new_b"),
    cases=_fold_cases,
    reference=_fold,
    hints=(
        "At test time mean and var are fixed numbers. Write y of one unit as (something) times s plus (something), "
        "where s = w · x + b.",
        "y = a (s − mean) + beta with a = gamma / √(var + eps). Now put in s = w · x + b and sort by x.",
        "a has one entry for each unit, and so for each row of w: `a[:, None] * w`.",
    ),
    misconceptions=(
        Misconception(
            "columns scaled",
            "You multiplied the columns of w. A row holds the weights of one unit, and each unit has one gamma: line "
            "the factors up with the rows.",
            lambda *args: _with(*args, weights="columns"),
        ),
        Misconception(
            "bias dropped",
            "Your new w is right. You left out b. In training the batch's mean would cancel it; at test time the mean "
            "is a stored number, which was measured with b in it.",
            lambda *args: _with(*args, bias="b left out"),
        ),
        Misconception(
            "mean forgotten",
            "Your new w is right. In the new bias the running mean is missing.",
            lambda *args: _with(*args, bias="mean left out"),
        ),
        Misconception(
            "mean added",
            "Your new w is right. The mean is subtracted from the sum, and in your bias it is added.",
            lambda *args: _with(*args, bias="mean added"),
        ),
        Misconception(
            "b not scaled",
            "Your new w is right. b is part of the sum s, so it is stretched like the rest of s.",
            lambda *args: _with(*args, bias="b not scaled"),
        ),
        Misconception(
            "mean not scaled",
            "Your new w is right. The mean is subtracted before the stretching, so it is stretched too.",
            lambda *args: _with(*args, bias="mean not scaled"),
        ),
        Misconception(
            "nothing in the bias scaled",
            "Your new w is right. b and the mean are both stretched, like the rest of s; only beta is not.",
            lambda *args: _with(*args, bias="nothing scaled"),
        ),
        Misconception(
            "gamma forgotten in the bias",
            "Your new w is right. In the new bias you divided by the root, but did not multiply by gamma.",
            lambda *args: _with(*args, bias="no gamma"),
        ),
        Misconception(
            "weights as they were",
            "Your new bias is right. The weights are stretched too: x reaches y through them.",
            lambda *args: _with(*args, weights="as they were"),
        ),
        Misconception(
            "gamma forgotten",
            "There is no gamma in your answer. Every unit is stretched by gamma / √(var + eps).",
            lambda w, b, gamma, beta, mean, var, eps: _fold(
                w, b, 0 * gamma + 1, beta, mean, var, eps
            ),
        ),
        Misconception(
            "bias before weights",
            "Both are right, but you returned the bias before the weights.",
            lambda *args: _fold(*args)[::-1],
        ),
        Misconception(
            "beta scaled",
            "Your new w is right. beta is added at the very end and is not stretched.",
            lambda *args: _with(*args, bias="beta scaled"),
        ),
        Misconception(
            "divided by the variance",
            "You divided by the variance; the normalization divides by its root.",
            lambda *args: _with(*args, root=False),
        ),
        Misconception(
            "eps outside the root",
            "You added eps to the standard deviation. It is added to the variance, under the root.",
            lambda w, b, gamma, beta, mean, var, eps: _fold(
                w, b, gamma, beta, mean, (np.sqrt(var) + eps) ** 2, 0.0
            ),
        ),
        Misconception(
            "eps forgotten",
            "There is no eps in your answer. The folded layer must do exactly what the two did, eps included.",
            lambda *args: _with(*args, use_eps=False),
        ),
    ),
)
