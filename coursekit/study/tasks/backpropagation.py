"""The exercises of chapter 06: gradients through graphs, layers and convolutions.

Those on layers and on convolutions stand in modules of their own.
"""

import numpy as np

from coursekit.reference import sigmoid, sigmoid_backward, sigmoid_forward
from coursekit.study.task import Case, Misconception, Task
from coursekit.study.tasks.backpropagation_convolution import CONV, TIE
from coursekit.study.tasks.backpropagation_layers import LAYER, NET
from coursekit.study.tasks.backpropagation_units import DEAD

Rng = np.random.Generator
Arrays = tuple[np.ndarray, ...]
Numbers = tuple[float, ...]

# --- 6.1 A value used twice ------------------------------------------------------------------------------------


def _twice_cases(rng: Rng) -> list[Case]:
    cases = [Case((2.0, 3.0, 5.0), label="x = 2, y = 3, z = 5")]
    for _ in range(4):
        # away from 0 and from each other, where different mistakes would give the same number
        x, y, z = rng.permutation([1.5, 2.6, 3.9]) * rng.choice([-1, 1], 3) + rng.uniform(
            -0.3, 0.3, 3
        ).round(2)
        cases.append(
            Case((float(x), float(y), float(z)), label=f"x = {x:.2f}, y = {y:.2f}, z = {z:.2f}")
        )
    return cases


def _twice(x: float, y: float, z: float) -> Numbers:
    return (y + 1) * z, x * z, x * y + x


TWICE = Task(
    id="6.1",
    title="A value used twice",
    points=2,
    minutes=5,
    difficulty=1,
    name="graph_gradients",
    returns=("dx", "dy", "dz"),
    cases=_twice_cases,
    reference=_twice,
    hints=(
        "Draw the graph: x and y meet in a product, p = x y; p and x meet in a sum, q = p + x; q and z meet in a "
        "product. Start at the end with 1.",
        "The last product sends z back to q and q back to z. The sum passes on what it got, to p and to x. The first "
        "product sends what arrived at p back to x and to y, times the other factor.",
        "Two wires leave x. What comes back along both of them belongs to dx.",
    ),
    misconceptions=(
        Misconception(
            "only the path through the sum",
            "Your dx holds what came back along one path, through the sum alone. x is also a factor of the first "
            "product: what comes back along both paths adds up.",
            lambda x, y, z: (z, x * z, x * y + x),
        ),
        Misconception(
            "only the path through the product",
            "Your dx holds what came back along one path, through the product alone. x is also added to it: what comes "
            "back along both paths adds up.",
            lambda x, y, z: (y * z, x * z, x * y + x),
        ),
        Misconception(
            "what arrives was forgotten on one path",
            "In your dx what came through the sum is 1. The sum passes on what arrives at it, and that is not 1 here.",
            lambda x, y, z: (y * z + 1, x * z, x * y + x),
        ),
        Misconception(
            "what arrives was forgotten on the other path",
            "In your dx what came through the first product is y alone. Its local slope is y; what arrives at the "
            "product has to be multiplied in.",
            lambda x, y, z: (y + z, x * z, x * y + x),
        ),
        Misconception(
            "own factor instead of the other",
            "In the first product you sent back each number's own value. How fast a product grows with one factor "
            "depends on the other one.",
            lambda x, y, z: ((x + 1) * z, y * z, x * y + x),
        ),
        Misconception(
            "what arrives was forgotten",
            "Your dx and dy are local slopes of q = x y + x. What arrives at q from the step behind it has to be "
            "multiplied in.",
            lambda x, y, z: (y + 1, x, x * y + x),
        ),
        Misconception(
            "last factor incomplete",
            "Your dx and dy are right. Your dz is x y: the other factor of the last product is the whole sum.",
            lambda x, y, z: ((y + 1) * z, x * z, x * y),
        ),
        Misconception(
            "last factor is its own slope",
            "Your dx and dy are right. Your dz is z itself: how fast a product grows with one factor depends on the "
            "other one.",
            lambda x, y, z: ((y + 1) * z, x * z, z),
        ),
        Misconception(
            "order reversed",
            "You returned the gradients in the order in which the way back meets them. The order is dx, dy, dz.",
            lambda x, y, z: (x * y + x, x * z, (y + 1) * z),
        ),
        Misconception(
            "values instead of gradients",
            "You returned values that the forward pass computed. The way back starts at the end with 1 and multiplies "
            "by local slopes.",
            lambda x, y, z: (x * y, x * y + x, (x * y + x) * z),
        ),
        Misconception(
            "paths multiplied",
            "You multiplied what came back to x along its two paths. Along one path slopes multiply; over several "
            "paths they add.",
            lambda x, y, z: (y * z * z, x * z, x * y + x),
        ),
    ),
)

# --- 6.2 A sigmoid neuron --------------------------------------------------------------------------------------


def _neuron_cases(rng: Rng) -> list[Case]:
    lecture = (np.array([2.0, -3.0]), np.array([-1.0, -2.0]), -3.0)
    cases = [Case(lecture, label="the lecture's: w = 2 -3, x = -1 -2, b = -3")]
    for n in (1, 3, 5):
        w, x = rng.normal(size=n).round(2), rng.normal(size=n).round(2)
        # the sum s away from 0 and not too large: slopes that can be told apart
        s = float(rng.choice([-1.0, 1.0]) * rng.uniform(0.5, 1.5))
        cases.append(Case((w, x, round(s - float(w @ x), 2)), label=f"{n} inputs"))
    return cases


def _neuron(w: np.ndarray, x: np.ndarray, b: float) -> tuple[np.ndarray, np.ndarray, float]:
    return _with_ds(w, x, _slope(w, x, b))


def _slope(w: np.ndarray, x: np.ndarray, b: float) -> float:
    return float(sigmoid_backward(np.ones(1), sigmoid_forward(np.array([w @ x + b]))[1])[0])


def _one_by_one(w: np.ndarray, x: np.ndarray, b: float) -> Arrays:
    y = sigmoid(w * x + b)
    return y * (1 - y) * x, y * (1 - y) * w, y * (1 - y)


def _output(w: np.ndarray, x: np.ndarray, b: float) -> float:
    return float(sigmoid(np.array([w @ x + b]))[0])


def _with_ds(w: np.ndarray, x: np.ndarray, ds: float) -> tuple[np.ndarray, np.ndarray, float]:
    return ds * x, ds * w, ds


def _slope_at_y(w: np.ndarray, x: np.ndarray, b: float) -> float:
    again = float(sigmoid(np.array([_output(w, x, b)]))[0])
    return again * (1 - again)


NEURON = Task(
    id="6.2",
    title="A sigmoid neuron",
    points=2,
    minutes=8,
    difficulty=1,
    name="neuron_gradients",
    returns=("dw", "dx", "db"),
    cases=_neuron_cases,
    reference=_neuron,
    hints=(
        "Go forward first: s = w·x + b, then y = σ(s). You need y on the way back.",
        "The slope of the sigmoid is y (1 − y), with the output y: that is what arrives at s.",
        "s is a sum, so the bias gets what arrived at s. Each product sends it back times the other factor.",
    ),
    misconceptions=(
        Misconception(
            "sigmoid forgotten",
            "Your gradients are those of the sum s. On the way back from y to s the slope of the sigmoid comes in.",
            lambda w, x, b: _with_ds(w, x, 1.0),
        ),
        Misconception(
            "bias forgotten in the forward pass",
            "You took the slope of the sigmoid at the wrong place: your sum s lacks the bias.",
            lambda w, x, b: _with_ds(w, x, _slope(w, x, 0.0)),
        ),
        Misconception(
            "value instead of slope",
            "You multiplied by the sigmoid's value. What is needed on the way back is its slope at this place.",
            lambda w, x, b: _with_ds(w, x, _output(w, x, b)),
        ),
        Misconception(
            "bias added for each input",
            "Your sum s contains the bias once for each input. It comes on top of the sum, once: `w @ x + b`.",
            lambda w, x, b: _with_ds(w, x, _slope(w, x, len(w) * b)),
        ),
        Misconception(
            "value squared",
            "You multiplied by y². From the four last steps 1/d² has its e still to come, and with e it is y (1 − y).",
            lambda w, x, b: _with_ds(w, x, _output(w, x, b) ** 2),
        ),
        Misconception(
            "bias as a factor",
            "Your dw and dx are right. Your db is multiplied by b. The bias enters through a sum, which passes on what "
            "it gets as it is.",
            lambda w, x, b: (*_neuron(w, x, b)[:2], _slope(w, x, b) * b),
        ),
        Misconception(
            "a sum for each input",
            "You squashed each product by itself. The neuron adds them up first, `w @ x + b`, and squashes once.",
            _one_by_one,
        ),
        Misconception(
            "sigmoid taken twice",
            "You put y into the sigmoid once more. In y (1 − y) the y is already the sigmoid's output.",
            lambda w, x, b: _with_ds(w, x, _slope_at_y(w, x, b)),
        ),
        Misconception(
            "slope at the sum",
            "You computed s (1 − s). The formula wants the sigmoid's output in that place, not the sum.",
            lambda w, x, b: _with_ds(w, x, float((w @ x + b) * (1 - w @ x - b))),
        ),
        Misconception(
            "sign lost",
            "All signs are the other way round: in −s and in 1/d there are two minus signs, and one of them got lost.",
            lambda w, x, b: tuple(-part for part in _neuron(w, x, b)),
        ),
        Misconception(
            "dw and dx swapped",
            "Your dw holds what belongs to dx, and the other way round: what a product sends to w is the value of x.",
            lambda w, x, b: (_neuron(w, x, b)[1], _neuron(w, x, b)[0], _neuron(w, x, b)[2]),
        ),
        Misconception(
            "bias always gets 1",
            "Your dw and dx are right. The bias has local slope 1, but what arrives at the sum comes on top of it.",
            lambda w, x, b: (*_neuron(w, x, b)[:2], 1.0),
        ),
    ),
)

# --- 6.8 In your own words -------------------------------------------------------------------------------------

WORDS = Task(
    id="6.8",
    title="It trains, so it is right",
    points=2,
    minutes=8,
    difficulty=2,
    name="what a gradient check proves",
    kind="written",
    hints=(
        "Think of the forgotten slope in the chapter: which layers still learned rightly?",
        "A check compares on the inputs that it gets. Which inputs hid a forgotten flip, and at which inputs would it "
        "blame code that is right?",
    ),
)

TASKS = (TWICE, NEURON, LAYER, NET, DEAD, TIE, CONV, WORDS)
