"""Exercises 12.2 and 12.3: a residual block of two linear layers, forward and backward."""

import numpy as np

from coursekit.study.task import Case, Misconception, Task

Array = np.ndarray
Rng = np.random.Generator
Triple = tuple[Array, Array, Array]


def relu(x: Array) -> Array:
    """Return x where it is positive, else 0."""
    return np.maximum(x, 0)


def _weights(rng: Rng, D: int) -> tuple[Array, Array]:
    w1, w2 = rng.normal(0, 1 / np.sqrt(D), (2, D, D)).round(2) + 0.003
    return w1, w2


# --- 12.2 Around two layers -----------------------------------------------------------------------------------


def _block_cases(rng: Rng) -> list[Case]:
    by_hand = (
        np.array([[1.0, -2.0]]),
        np.array([[1.0, 2.0], [0.0, 1.0]]),
        np.array([[-3.0, 1.0], [2.0, 1.0]]),
    )
    cases = [Case(by_hand, label="x = 1 -2")]
    for N, D in ((4, 3), (5, 6)):
        x = rng.normal(size=(N, D)).round(2)
        cases.append(Case((x, *_weights(rng, D)), label=f"N = {N}, D = {D}"))
    return cases


def _block(x: Array, w1: Array, w2: Array) -> Array:
    return relu(x + relu(x @ w1) @ w2)


FORWARD = Task(
    id="12.2",
    title="Around two layers",
    points=2,
    minutes=6,
    difficulty=1,
    name="residual_block",
    cases=_block_cases,
    reference=_block,
    hints=(
        "First compute F(x) alone: a product, a ReLU, a product.",
        "The sum comes before the last ReLU, and x goes into it as it came in.",
    ),
    misconceptions=(
        Misconception(
            "no skip",
            "You computed ReLU(F(x)), the plain block. What is added to F(x) before the last ReLU?",
            lambda x, w1, w2: relu(relu(x @ w1) @ w2),
        ),
        Misconception(
            "ReLU before the sum",
            "You rectified F(x) and added x afterwards. Then a block can only ever add; the ReLU comes after the sum.",
            lambda x, w1, w2: x + relu(relu(x @ w1) @ w2),
        ),
        Misconception(
            "no last ReLU",
            "You left out the ReLU behind the sum.",
            lambda x, w1, w2: x + relu(x @ w1) @ w2,
        ),
        Misconception(
            "F alone",
            "You computed F(x). Add x to it, and rectify the sum.",
            lambda x, w1, w2: relu(x @ w1) @ w2,
        ),
        Misconception(
            "two ReLUs, then the sum",
            "You rectified F(x) and x one by one. Add first: a negative F(x) may then take something away from x.",
            lambda x, w1, w2: relu(relu(x @ w1) @ w2) + relu(x),
        ),
        Misconception(
            "a shortcut around each layer",
            "You added x behind the first layer as well. One shortcut goes around both.",
            lambda x, w1, w2: relu(relu(x @ w1 + x) @ w2 + x),
        ),
        Misconception(
            "no ReLU inside",
            "There is no ReLU between your two layers, so together they are one linear map (chapter 05).",
            lambda x, w1, w2: relu(x + x @ w1 @ w2),
        ),
        Misconception(
            "ReLUs at the layers alone",
            "Both of your layers end in a ReLU, and x joins in afterwards. The second layer has none of its own: its "
            "ReLU waits for the sum.",
            lambda x, w1, w2: relu(x + relu(relu(x @ w1) @ w2)),
        ),
        Misconception(
            "shortcut around one layer",
            "Your shortcut ends before the second layer. It goes around both.",
            lambda x, w1, w2: relu(relu(x + x @ w1) @ w2),
        ),
        Misconception(
            "hidden numbers added",
            "You added what is behind the first ReLU. The shortcut carries x itself.",
            lambda x, w1, w2: relu(relu(x @ w1) + relu(x @ w1) @ w2),
        ),
        Misconception(
            "the shortcut rectified",
            "You rectified x on its way around. The shortcut is the identity: it passes on negative numbers too.",
            lambda x, w1, w2: relu(relu(x) + relu(x @ w1) @ w2),
        ),
        Misconception(
            "subtracted",
            "You subtracted x. The layers *learn* the difference H(x) - x; the block adds x back.",
            lambda x, w1, w2: relu(relu(x @ w1) @ w2 - x),
        ),
        Misconception(
            "weights transposed",
            "You multiplied with the transposed weights. An image is a row here: `x @ w1`.",
            lambda x, w1, w2: _block(x, w1.T, w2.T),
        ),
    ),
)

# --- 12.3 And back --------------------------------------------------------------------------------------------


def _back_cases(rng: Rng) -> list[Case]:
    by_hand = (
        np.array([[10.0, 1.0]]),
        np.array([[1.0, 2.0]]),
        np.array([[1.0, -1.0], [1.0, 0.0]]),
        np.array([[1.0, 0.0], [2.0, 1.0]]),
    )
    cases = [Case(by_hand, label="dy = 10 1, x = 1 2")]
    for N, D in ((5, 3), (8, 4)):
        dy, x = rng.normal(size=(2, N, D)).round(2)
        cases.append(Case((dy, x, *_weights(rng, D)), label=f"N = {N}, D = {D}"))
    return cases


def _back(
    dy: Array, x: Array, w1: Array, w2: Array, *, outer: str = "sum", inner: bool = True,
    around: str = "masked", through: bool = True, across: bool = True, seen: str = "hidden",
    second: str = "masked",
) -> Triple:  # fmt: skip
    """Return the gradients, with one mistake if asked for."""
    a = x @ w1
    h = relu(a)
    gate = {"sum": x + h @ w2 > 0, "layers": h @ w2 > 0, "none": np.ones_like(x, dtype=bool)}
    gate |= {"x": x > 0, "dy": dy > 0}
    ds = dy * gate[outer]
    dh = ds @ (w2.T if across else w2)
    da = dh * (a > 0) if inner else dh
    dx = (da @ (w1.T if across else w1)) if through else np.zeros_like(x)
    dx = dx + {"masked": ds, "all": dy, "none": 0 * ds, "one": 1}[around]
    into = {"hidden": h, "x": x, "before": a}[seen]
    return dx, x.T @ da, into.T @ (ds if second == "masked" else dy)


BACKWARD = Task(
    id="12.3",
    title="And back",
    points=4,
    minutes=18,
    difficulty=3,
    name="residual_backward",
    returns=("dx", "dw1", "dw2"),
    cases=_back_cases,
    reference=lambda dy, x, w1, w2: _back(dy, x, w1, w2),
    hints=(
        "Write the forward pass in four lines and give each line a name: a = x @ w1, h = ReLU(a), s = x + h @ w2, "
        "y = ReLU(s). Go back through them in reverse.",
        "The last ReLU lets dy through where s is positive. Call the result ds: everything before it gets its share "
        "from ds, the shortcut too.",
        "x is used twice, in a and in s. What does a variable get that is used twice?",
    ),
    misconceptions=(
        Misconception(
            "the shortcut forgotten",
            "dw1 and dw2 are right. dx holds only what came back through the layers: x was also added to their result.",
            lambda *a: _back(*a, around="none"),
        ),
        Misconception(
            "the shortcut past the ReLU",
            "You passed dy itself along the shortcut. The last ReLU stands behind the sum, so it gates both ways.",
            lambda *a: _back(*a, around="all"),
        ),
        Misconception(
            "1 added",
            "You added 1, the slope of x with respect to itself. What the shortcut brings is 1 times the gradient at "
            "the sum.",
            lambda *a: _back(*a, around="one"),
        ),
        Misconception(
            "only the shortcut",
            "Your dx holds what came around the layers, and not what came back through them.",
            lambda *a: _back(*a, through=False),
        ),
        Misconception(
            "the last ReLU forgotten",
            "You let all of dy through the last ReLU. Where the sum is not positive, nothing comes back.",
            lambda *a: _back(*a, outer="none"),
        ),
        Misconception(
            "the last ReLU asked about F alone",
            "Your last ReLU opens where F(x) is positive. It sees the sum F(x) + x.",
            lambda *a: _back(*a, outer="layers"),
        ),
        Misconception(
            "the last ReLU asked about x",
            "Your last ReLU opens where x is positive. It sees the sum F(x) + x.",
            lambda *a: _back(*a, outer="x"),
        ),
        Misconception(
            "the last ReLU asked about dy",
            "Your last ReLU lets positive *gradients* through. It is open where the sum was positive on the way "
            "forward, and then lets negative gradients through, too.",
            lambda *a: _back(*a, outer="dy"),
        ),
        Misconception(
            "both ReLUs forgotten",
            "You let the whole gradient through both ReLUs. Each is closed where it gave 0 on the way forward.",
            lambda *a: _back(*a, outer="none", inner=False),
        ),
        Misconception(
            "dw2 from dy",
            "Your dw2 is computed from dy. The second layer stands before the last ReLU: take the gradient at the sum.",
            lambda *a: _back(*a, second="dy"),
        ),
        Misconception(
            "the inner ReLU forgotten",
            "You let the whole gradient through the ReLU between the layers.",
            lambda *a: _back(*a, inner=False),
        ),
        Misconception(
            "weights not transposed",
            "On the way back the gradient is multiplied with the transposed weights, as in chapter 06.",
            lambda *a: _back(*a, across=False),
        ),
        Misconception(
            "x instead of the hidden numbers",
            "The second layer never saw x. Its weights get ds times what came into that layer.",
            lambda *a: _back(*a, seen="x"),
        ),
        Misconception(
            "what was before the ReLU instead of the hidden numbers",
            "Your dw2 takes what stood before the inner ReLU. The second layer saw what came out of it.",
            lambda *a: _back(*a, seen="before"),
        ),
        Misconception(
            "kernels transposed",
            "dx is right, and the gradients of the weights are transposed: entry i, j of dw1 belongs to input i and "
            "output j.",
            lambda *a: (_back(*a)[0], _back(*a)[1].T, _back(*a)[2].T),
        ),
        Misconception(
            "mean over the images",
            "You divided by the number of images. dy already says how the loss depends on each of them.",
            lambda dy, *a: tuple(g / len(dy) for g in _back(dy, *a)),
        ),
    ),
)
