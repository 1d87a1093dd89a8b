"""Exercises 6.6 and 6.7: the gradients of a convolution, from its matrix and directly."""

import numpy as np

from coursekit.reference import conv2d_backward, conv2d_forward
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator
Arrays = tuple[np.ndarray, ...]

# --- 6.6 Tie the weights ---------------------------------------------------------------------------------------


def _tie_cases(rng: Rng) -> list[Case]:
    by_hand = np.array([[1.0, 2, 9, 9], [9, 3, 4, 9], [9, 9, 5, 6]])
    cases = [Case((by_hand, 2), label="3 outputs, 4 inputs, F = 2")]
    for W, F in [(6, 3), (9, 4), (12, 2)]:
        dT = rng.normal(size=(W - F + 1, W)).round(2)
        cases.append(Case((dT, F), label=f"{W - F + 1} outputs, {W} inputs, F = {F}"))
    return cases


def _tie(dT: np.ndarray, F: int) -> np.ndarray:
    return np.array([np.trace(dT, offset=m) for m in range(F)])


TIE = Task(
    id="6.6",
    title="Tie the weights",
    points=2,
    minutes=7,
    difficulty=2,
    name="tie_weights",
    returns=("dw",),
    cases=_tie_cases,
    reference=_tie,
    hints=(
        "Where does w[m] stand in row i of the matrix T? Chapter 01 put the kernel into `T[i, i : i + F]`.",
        "w[m] stands at `T[i, i + m]` for every row i. What did the chapter do with gradients of entries that are one "
        "and the same weight?",
    ),
    misconceptions=(
        Misconception(
            "mean instead of sum",
            "You took the mean over the places. Each place is another path from the weight to the loss, and what comes "
            "back along several paths adds up.",
            lambda dT, F: _tie(dT, F) / len(dT),
        ),
        Misconception(
            "first row only",
            "You took the gradient from the first output alone. The same weights stand in every row.",
            lambda dT, F: dT[0, :F].copy(),
        ),
        Misconception(
            "last row only",
            "Only what the last output sent back is left: in a loop over the rows, add with +=.",
            lambda dT, F: dT[-1, len(dT) - 1 :].copy(),
        ),
        Misconception(
            "one row for each output",
            "You have cut the right window out of each row. The same weights stand in all of them: add the rows up.",
            lambda dT, F: np.array([dT[i, i : i + F] for i in range(len(dT))]),
        ),
        Misconception(
            "last row left out",
            "You stopped one row early. The kernel stands in every row, also in the last.",
            lambda dT, F: _tie(dT[:-1], F),
        ),
        Misconception(
            "as many rows as weights",
            "You went through F rows. F is the number of weights in a row; the kernel stands in every row of dT.",
            lambda dT, F: _tie(dT[:F], F),
        ),
        Misconception(
            "columns added",
            "You added down the first columns. A column belongs to one input; a weight moves one column to the right "
            "from each row to the next.",
            lambda dT, F: dT[:, :F].sum(axis=0),
        ),
        Misconception(
            "diagonals on the wrong side",
            "You walked down diagonals that start in the first column, below the main one. The kernel reaches to the "
            "right: where does w[1] stand in row 0?",
            lambda dT, F: np.array([np.trace(dT, offset=-m) for m in range(F)]),
        ),
        Misconception(
            "kernel flipped",
            "Your numbers are right and stand in reverse: w[0] is the leftmost weight of each row.",
            lambda dT, F: _tie(dT, F)[::-1].copy(),
        ),
        Misconception(
            "only masked",
            "You set to 0 what has no connection. That gives the gradient of a local layer; here equal weights also "
            "have to be brought together, into F numbers.",
            lambda dT, F: np.triu(np.tril(dT, F - 1)),
        ),
    ),
)

# --- 6.7 Back through a convolution ----------------------------------------------------------------------------


def _conv_cases(rng: Rng) -> list[Case]:
    by_hand = (
        np.array([[1.0, 0.0], [0.0, 2.0]]),
        np.array([[1.0, 2, 0], [0, 1, 3], [2, 0, 1]]),
        np.array([[1.0, 2], [3, 4]]),
    )
    cases = [Case(by_hand, label="x of 3 × 3, w of 2 × 2")]
    for H, W, F in [(4, 5, 3), (5, 7, 2), (6, 6, 3)]:
        dy, x, w = (
            rng.normal(size=shape).round(2) for shape in ((H - F + 1, W - F + 1), (H, W), (F, F))
        )
        cases.append(Case((dy, x, w), label=f"x of {H} × {W}, w of {F} × {F}"))
    return cases


def _conv(dy: np.ndarray, x: np.ndarray, w: np.ndarray) -> Arrays:
    dx, dw, _ = conv2d_backward(dy[None, None], conv2d_forward(x[None, None], w[None, None])[1])
    return dx[0, 0], dw[0, 0]


def _spread(dy: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Add w at every place of dy, times dy there."""
    F = len(w)
    dx = np.zeros((dy.shape[0] + F - 1, dy.shape[1] + F - 1))
    for i, j in np.ndindex(*dy.shape):
        dx[i : i + F, j : j + F] += dy[i, j] * w
    return dx


def _overwritten(dy: np.ndarray, w: np.ndarray) -> np.ndarray:
    F = len(w)
    dx = np.zeros((dy.shape[0] + F - 1, dy.shape[1] + F - 1))
    for i, j in np.ndindex(*dy.shape):
        dx[i : i + F, j : j + F] = dy[i, j] * w
    return dx


def _square_only(dy: np.ndarray, x: np.ndarray, w: np.ndarray) -> Arrays:
    seen = np.zeros_like(dy)
    seen[:, : len(dy)] = dy[:, : len(dy)]
    return _conv(seen, x, w)


def _without_last(dy: np.ndarray) -> np.ndarray:
    seen = np.zeros_like(dy)
    seen[:-1, :-1] = dy[:-1, :-1]
    return seen


def _own_factor(dy: np.ndarray, x: np.ndarray, w: np.ndarray) -> Arrays:
    F = len(w)
    dx = np.zeros_like(x)
    for i, j in np.ndindex(*dy.shape):
        dx[i : i + F, j : j + F] += dy[i, j] * x[i : i + F, j : j + F]
    return dx, dy.sum() * w


def _last_dw(dy: np.ndarray, x: np.ndarray, w: np.ndarray) -> np.ndarray:
    return dy[-1, -1] * x[dy.shape[0] - 1 :, dy.shape[1] - 1 :]


CONV = Task(
    id="6.7",
    title="Back through a convolution",
    points=3,
    minutes=15,
    difficulty=3,
    name="conv_backward",
    returns=("dx", "dw"),
    cases=_conv_cases,
    reference=_conv,
    hints=(
        "Output (i, j) read `x[i : i + F, j : j + F]` with the weights w. What does it send back to those pixels, and "
        "what to the weights?",
        "Loop over the outputs and add, into dx and into dw. Or think of two slidings: w flipped over dy with zeros "
        "around it, and dy over x.",
        "Inside the loop there are two lines: dx's window gets dy[i, j] times something, and dw gets dy[i, j] times "
        "something, both with +=.",
    ),
    misconceptions=(
        Misconception(
            "dx without the flip",
            "Your dw is right. In your dx the kernel lies the wrong way round. If you slide it over dy, it has to be "
            "flipped; if each output adds its own copy of it to dx, as in a loop, it must not be.",
            lambda dy, x, w: (_spread(dy, w[::-1, ::-1]), _conv(dy, x, w)[1]),
        ),
        Misconception(
            "dx transposed instead of flipped",
            "Your dw is right. In your dx the kernel is transposed. To flip means to reverse the rows and the columns, "
            "each in its own direction.",
            lambda dy, x, w: (_spread(dy, w[::-1, ::-1].T), _conv(dy, x, w)[1]),
        ),
        Misconception(
            "dx flipped up and down only",
            "Your dw is right. In your dx the kernel is flipped in one direction only: sliding over dy takes both, "
            "`w[::-1, ::-1]`; adding copies, as in a loop, takes none.",
            lambda dy, x, w: (_spread(dy, w[:, ::-1]), _conv(dy, x, w)[1]),
        ),
        Misconception(
            "dx flipped left and right only",
            "Your dw is right. In your dx the kernel is flipped in one direction only: sliding over dy takes both, "
            "`w[::-1, ::-1]`; adding copies, as in a loop, takes none.",
            lambda dy, x, w: (_spread(dy, w[::-1]), _conv(dy, x, w)[1]),
        ),
        Misconception(
            "own factor instead of the other",
            "Each product got its own factor back: you put x into dx and w into dw. A pixel gets the weight that had "
            "read it, and a weight the pixel that it had read.",
            lambda dy, x, w: _own_factor(dy, x, w),
        ),
        Misconception(
            "last row and column left out",
            "You stopped one row and one column of dy too early. There are as many outputs as dy has entries.",
            lambda dy, x, w: _conv(_without_last(dy), x, w),
        ),
        Misconception(
            "mean in dw",
            "Your dx is right. Your dw is a mean over the outputs. Each output is another path from the weight to the "
            "loss, and what comes back along several paths adds up.",
            lambda dy, x, w: (_conv(dy, x, w)[0], _conv(dy, x, w)[1] / dy.size),
        ),
        Misconception(
            "dy flipped in dw",
            "Your dx is right. For dw you flipped dy. Only dx needs a flip: dw[a, m] collects dy[i, j] times "
            "x[i + a, j + m], and dy slides as it is.",
            lambda dy, x, w: (_conv(dy, x, w)[0], _conv(dy[::-1, ::-1], x, w)[1]),
        ),
        Misconception(
            "overwritten in dx",
            "Your dw is right. In your dx each output overwrites what an earlier one left where their windows overlap: "
            "add, with +=.",
            lambda dy, x, w: (_overwritten(dy, w), _conv(dy, x, w)[1]),
        ),
        Misconception(
            "overwritten in dw",
            "Your dx is right. Your dw holds what the last output left: every output adds to it, with +=.",
            lambda dy, x, w: (_conv(dy, x, w)[0], _last_dw(dy, x, w)),
        ),
        Misconception(
            "overwritten in both",
            "In both gradients each output overwrites what earlier ones left: add, with +=.",
            lambda dy, x, w: (_overwritten(dy, w), _last_dw(dy, x, w)),
        ),
        Misconception(
            "dw flipped",
            "Your dx is right. Your dw stands upside down and backward: dw[a, m] collects dy[i, j] times "
            "x[i + a, j + m], without a flip.",
            lambda dy, x, w: (_conv(dy, x, w)[0], _conv(dy, x, w)[1][::-1, ::-1].copy()),
        ),
        Misconception(
            "as many columns as rows",
            "You went through as many columns of dy as it has rows. The image need not be square.",
            _square_only,
        ),
        Misconception(
            "dy forgotten",
            "dy does not appear: what an output sends back is dy[i, j] times what it had read or read it with.",
            lambda dy, x, w: _conv(np.ones_like(dy), x, w),
        ),
        Misconception(
            "swapped",
            "You returned dw first. The order is dx, dw.",
            lambda dy, x, w: _conv(dy, x, w)[::-1],
        ),
    ),
)
