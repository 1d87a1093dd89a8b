"""Exercises 6.3 and 6.4: a dense layer and a network of two."""

import numpy as np

from coursekit.reference import (
    linear_backward,
    linear_forward,
    relu_backward,
    relu_forward,
    softmax,
    softmax_cross_entropy_backward,
    softmax_cross_entropy_forward,
)
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator
Arrays = tuple[np.ndarray, ...]

# --- 6.3 A layer and a batch -----------------------------------------------------------------------------------


def _layer_cases(rng: Rng) -> list[Case]:
    by_hand = (
        np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]]),
        np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [2.0, 0.0, 1.0]]),
        np.array([[1.0, -1.0, 2.0], [0.0, 3.0, 1.0]]),
    )
    cases = [Case(by_hand, label="3 samples, 3 inputs, 2 outputs")]
    for N, D, K in [(4, 3, 3), (5, 2, 4), (2, 6, 3)]:
        dy, x, w = (rng.normal(size=shape).round(2) for shape in ((N, K), (N, D), (K, D)))
        cases.append(Case((dy, x, w), label=f"N = {N}, D = {D}, K = {K}"))
    return cases


def _layer(dy: np.ndarray, x: np.ndarray, w: np.ndarray) -> Arrays:
    dx, dw, db = linear_backward(dy, linear_forward(x, w, np.zeros(len(w)))[1])
    assert db is not None
    return dx, dw, db


LAYER = Task(
    id="6.3",
    title="A layer and a batch",
    points=3,
    minutes=10,
    difficulty=2,
    name="linear_backward",
    returns=("dx", "dw", "db"),
    cases=_layer_cases,
    reference=_layer,
    hints=(
        "Write the shapes side by side: dy is (N, K), x is (N, D), w is (K, D). Gradients have the shapes of what they "
        "belong to.",
        "dx is a product of dy and w, dw one of dy and x. One of them needs a transpose to fit.",
        "All N samples use the same bias: what they send back to it adds up.",
    ),
    misconceptions=(
        Misconception(
            "mean over the batch",
            "Your dx is right. You took the mean over the samples in dw and db. If the loss is a mean, dy already "
            "contains the 1/N; here you add up.",
            lambda dy, x, w: (dy @ w, dy.T @ x / len(x), dy.mean(axis=0)),
        ),
        Misconception(
            "everything divided by N",
            "All your gradients are N times too small. If the loss is a mean, dy already contains the 1/N; here you "
            "add up.",
            lambda dy, x, w: (dy @ w / len(x), dy.T @ x / len(x), dy.mean(axis=0)),
        ),
        Misconception(
            "w transposed",
            "You multiplied dy by w.T, which is what x met on the way forward. Write the shapes of dy and w side by "
            "side: which of them fits as it is?",
            lambda dy, x, w: (dy @ w.T, dy.T @ x, dy.sum(axis=0)),
        ),
        Misconception(
            "mean in db only",
            "Your dx and dw are right. In db you took the mean over the samples: what they send back to the one bias "
            "adds up.",
            lambda dy, x, w: (dy @ w, dy.T @ x, dy.mean(axis=0)),
        ),
        Misconception(
            "dw transposed",
            "Your dw stands on its side: it has one row for each input. It needs the shape of w, one row for each "
            "output.",
            lambda dy, x, w: (dy @ w, x.T @ dy, dy.sum(axis=0)),
        ),
        Misconception(
            "db for each sample",
            "Your db still has one row for each sample. There is one bias for each output, used by all samples.",
            lambda dy, x, w: (dy @ w, dy.T @ x, dy.copy()),
        ),
        Misconception(
            "db summed over the outputs",
            "In db you added over the outputs. Ask who used the same bias: the samples, so the sum runs over them.",
            lambda dy, x, w: (dy @ w, dy.T @ x, dy.sum(axis=1)),
        ),
        Misconception(
            "db with a row of its own",
            "The numbers in your db are right. It needs the shape of b, (K,): leave `keepdims` out.",
            lambda dy, x, w: (dy @ w, dy.T @ x, dy.sum(axis=0, keepdims=True)),
        ),
        Misconception(
            "db a single number",
            "You added up all of dy. Each output has a bias of its own, so db has one entry for each output.",
            lambda dy, x, w: (dy @ w, dy.T @ x, dy.sum()),
        ),
        Misconception(
            "last sample only",
            "Your dw and db hold what the last sample sent back. A loop over samples has to add, with +=.",
            lambda dy, x, w: (dy @ w, np.outer(dy[-1], x[-1]), dy[-1].copy()),
        ),
        Misconception(
            "dw first",
            "You returned dw before dx. The order is dx, dw, db.",
            lambda dy, x, w: (dy.T @ x, dy @ w, dy.sum(axis=0)),
        ),
    ),
)

# --- 6.4 A two-layer network -----------------------------------------------------------------------------------


def _net_cases(rng: Rng) -> list[Case]:
    cases = []
    for N, D, M, C in [(2, 2, 3, 2), (4, 3, 5, 3), (6, 4, 6, 4)]:
        while True:
            x, w1 = rng.normal(size=(N, D)).round(2), rng.normal(size=(M, D)).round(2)
            b1, w2 = rng.normal(size=M).round(2), rng.normal(size=(C, M)).round(2)
            on = x @ w1.T + b1 > 0
            # some units on and some off, in a different pattern than the gradients that arrive
            if 0.3 < on.mean() < 0.7:
                break
        labels = rng.permutation(np.arange(N) % C)
        cases.append(
            Case((x, labels, w1, b1, w2), label=f"N = {N}, {D} inputs, {M} units, {C} classes")
        )
    return cases


def _net(
    x: np.ndarray,
    labels: np.ndarray,
    w1: np.ndarray,
    b1: np.ndarray,
    w2: np.ndarray,
) -> Arrays:
    a, of_first = linear_forward(x, w1, b1)
    h, of_relu = relu_forward(a)
    s, of_second = linear_forward(h, w2)
    _, of_loss = softmax_cross_entropy_forward(s, labels)
    dh, dw2, _ = linear_backward(softmax_cross_entropy_backward(1.0, of_loss), of_second)
    _, dw1, db1 = linear_backward(relu_backward(dh, of_relu), of_first)
    assert db1 is not None
    return dw1, db1, dw2


def _net_with(
    x: np.ndarray,
    labels: np.ndarray,
    w1: np.ndarray,
    b1: np.ndarray,
    w2: np.ndarray,
    *,
    mask: str = "a",
    mean: bool = True,
    one_hot: float = 1.0,
    softmax_over: str = "classes",
    labels_as: str = "one-hot",
    dw2_from: str = "h",
    bias: float = 1.0,
    relu: bool = True,
) -> Arrays:
    """Compute the gradients with one thing done differently."""
    a = x @ w1.T + bias * b1
    h = np.maximum(0, a) if relu else a
    s = h @ w2.T
    if softmax_over == "no axis kept":
        ds = np.exp(s) / np.exp(s).sum(axis=1)
    else:
        ds = {
            "classes": softmax(s),
            "samples": softmax(s.T).T,
            "everything": np.exp(s) / np.exp(s).sum(),
            "nothing": s.copy(),
        }[softmax_over]
    if labels_as == "numbers":
        ds -= labels[:, None]
    else:
        ds[slice(None) if labels_as == "every row" else np.arange(len(x)), labels] -= one_hot
    if mean:
        ds /= len(x)
    dh = ds @ w2
    masks = {
        "a": a > 0, "none": np.ones_like(a), "dh": dh > 0, "sigmoid": h * (1 - h), "h": h, "sum": a,
    }  # fmt: skip
    da = dh * masks[mask]
    return da.T @ x, da.sum(axis=0), ds.T @ (h if dw2_from == "h" else a)


NET = Task(
    id="6.4",
    title="A two-layer network",
    points=4,
    minutes=16,
    difficulty=3,
    name="network_gradients",
    returns=("dw1", "db1", "dw2"),
    cases=_net_cases,
    reference=_net,
    hints=(
        "Forward first, in four lines: a, h, s, and the probabilities p, row by row. Keep them all.",
        "The loss sends p − (one-hot labels) back to the scores, over N. `p[np.arange(N), labels] -= 1` takes 1 off at "
        "the right class of each row.",
        "From ds each of the two layers is task 6.3 again. Between them stands ReLU: pass on where it was on, which "
        "you see in a, and nothing elsewhere.",
    ),
    misconceptions=(
        Misconception(
            "ReLU's slope forgotten",
            "Your dw2 is right. On the way to dw1 and db1 you left out the slope of ReLU: units that were off must not "
            "send anything on.",
            lambda *args: _net_with(*args, mask="none"),
        ),
        Misconception(
            "mask from the gradient",
            "Your dw2 is right. You let through where the gradient is positive. Whether a unit was on is seen in the "
            "forward pass, not in what comes back.",
            lambda *args: _net_with(*args, mask="dh"),
        ),
        Misconception(
            "not averaged",
            "All your gradients are N times too large: the loss is a mean over the samples.",
            lambda *args: _net_with(*args, mean=False),
        ),
        Misconception(
            "label forgotten",
            "You sent the probabilities back as they are. The right class of each sample has to be told apart from the "
            "others: something is subtracted there.",
            lambda *args: _net_with(*args, one_hot=0.0),
        ),
        Misconception(
            "probabilities over the samples",
            "Your probabilities add up to 1 over the samples. Each sample chooses among the classes: every row of p "
            "adds up to 1.",
            lambda *args: _net_with(*args, softmax_over="samples"),
        ),
        Misconception(
            "probabilities over everything",
            "Your probabilities add up to 1 over the whole batch. Each sample chooses among the classes: every row of "
            "p adds up to 1.",
            lambda *args: _net_with(*args, softmax_over="everything"),
        ),
        Misconception(
            "all labels in every row",
            "`p[:, labels]` takes the labels of all samples in every row. Pair each row with its own label.",
            lambda *args: _net_with(*args, labels_as="every row"),
        ),
        Misconception(
            "labels subtracted as numbers",
            "You subtracted the number of the right class from every probability. The number says which class it is; "
            "what is subtracted is 1, at that class alone.",
            lambda *args: _net_with(*args, labels_as="numbers"),
        ),
        Misconception(
            "scores instead of probabilities",
            "You took the scores s for the probabilities. In between come the powers e^s and the division by their "
            "sum.",
            lambda *args: _net_with(*args, softmax_over="nothing"),
        ),
        Misconception(
            "sums along the wrong side",
            "The sums of the rows have to stand in a column to divide the rows of p: `p.sum(axis=1, keepdims=True)`.",
            lambda *args: _net_with(*args, softmax_over="no axis kept"),
        ),
        Misconception(
            "bias forgotten",
            "Your sums a lack the bias b1, so some units are on that should be off, and the other way round.",
            lambda *args: _net_with(*args, bias=0.0),
        ),
        Misconception(
            "ReLU forgotten on the way forward",
            "You masked on the way back, but on the way forward the negative sums went into the second layer: "
            "h = max(0, a) is missing.",
            lambda *args: _net_with(*args, relu=False),
        ),
        Misconception(
            "no ReLU at all",
            "There is no ReLU in your network: it belongs between the layers on the way forward, and its slope on the "
            "way back.",
            lambda *args: _net_with(*args, relu=False, mask="none"),
        ),
        Misconception(
            "dw2 first",
            "You returned the gradients in the order in which the way back meets them. The order is dw1, db1, dw2.",
            lambda *args: (_net(*args)[2], *_net(*args)[:2]),
        ),
        Misconception(
            "dw2 from the sums before ReLU",
            "Your dw1 and db1 are right. For dw2 ask what the second layer reads: what comes out of ReLU, not what "
            "goes in.",
            lambda *args: _net_with(*args, dw2_from="a"),
        ),
        Misconception(
            "sign of the loss",
            "All signs are the other way round: your ds is (one-hot labels − probabilities). The loss falls when the "
            "right score rises.",
            lambda *args: tuple(-part for part in _net(*args)),
        ),
        Misconception(
            "slope of the sigmoid",
            "Your dw2 is right. You used h (1 − h), which is the slope of a sigmoid. These units are ReLUs: what is "
            "their slope?",
            lambda *args: _net_with(*args, mask="sigmoid"),
        ),
        Misconception(
            "value instead of slope in ReLU",
            "Your dw2 is right. You multiplied by ReLU's output h. What is needed is its slope, which is only ever 0 "
            "or 1.",
            lambda *args: _net_with(*args, mask="h"),
        ),
        Misconception(
            "sum instead of slope in ReLU",
            "Your dw2 is right. You multiplied by the sums a. What is needed is ReLU's slope, which is only ever 0 or "
            "1.",
            lambda *args: _net_with(*args, mask="sum"),
        ),
    ),
)
