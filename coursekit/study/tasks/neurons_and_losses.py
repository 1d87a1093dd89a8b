"""The exercises of chapter 05: layers that collapse, units that learn, a leak; the losses stand beside it."""

from collections.abc import Callable

import numpy as np

from coursekit.reference import leaky_relu_backward, leaky_relu_forward
from coursekit.study.task import Case, Misconception, Task
from coursekit.study.tasks.neurons_and_losses_losses import BCE, HINGE, SOFTMAX

Rng = np.random.Generator
Pair = tuple[np.ndarray, np.ndarray]

# --- 5.1 Two layers, one matrix -------------------------------------------------------------------------------


def _collapse_cases(rng: Rng) -> list[Case]:
    by_hand = (np.array([[1.0, 2], [0, 1]]), np.array([1.0, 0]))
    cases = [
        Case(
            (*by_hand, np.array([[1.0, 0], [3, 1]]), np.array([0.0, 5])), label="the 2 × 2 example"
        )
    ]
    for n in (3, 4):
        A, B = rng.normal(size=(2, n, n)).round(2)
        a, b = rng.normal(size=(2, n)).round(2)
        cases.append(Case((A, a, B, b), label=f"{n} units in each layer"))
    return cases


def _collapse(A: np.ndarray, a: np.ndarray, B: np.ndarray, b: np.ndarray) -> Pair:
    return B @ A, B @ a + b


COLLAPSE = Task(
    id="5.1",
    title="Two layers, one matrix",
    points=2,
    minutes=6,
    difficulty=1,
    name="collapse",
    returns=("M", "m"),
    cases=_collapse_cases,
    reference=_collapse,
    hints=(
        "Write B (A x + a) + b without parentheses. What stands in front of x is M, what is left is m.",
        "Which of the two matrices touches x first? It stands next to x.",
    ),
    misconceptions=(
        Misconception(
            "order of the product",
            "Your product has the matrices in the wrong order: A touches x first, so it stands next to x.",
            lambda A, a, B, b: (A @ B, B @ a + b),
        ),
        Misconception(
            "second layer first",
            "You ran the second layer before the first: x goes through A and a, then through B and b.",
            lambda A, a, B, b: (A @ B, A @ b + a),
        ),
        Misconception(
            "biases added",
            "Your M is right. The bias a goes through the second layer as well, before b is added.",
            lambda A, a, B, b: (B @ A, a + b),
        ),
        Misconception(
            "first bias forgotten",
            "Your M is right. Where has the first bias gone? The second layer multiplies it, it does not forget it.",
            lambda A, a, B, b: (B @ A, b.copy()),
        ),
        Misconception(
            "row vectors",
            "You multiply from the other side, as if vectors were rows. Here x and a stand to the right of a matrix.",
            lambda A, a, B, b: (A @ B, a @ B + b),
        ),
        Misconception(
            "wrong order, biases added",
            "Two things: A touches x first, so it stands next to x; and a goes through the second layer too.",
            lambda A, a, B, b: (A @ B, a + b),
        ),
        Misconception(
            "bias through the wrong layer",
            "The bias a comes out of the first layer, so it goes through the second one, and so does all of A x.",
            lambda A, a, B, b: (A @ B, A @ a + b),
        ),
        Misconception(
            "layers added",
            "You added the layers; one after the other means that the second takes what the first gives.",
            lambda A, a, B, b: (A + B, a + b),
        ),
        Misconception(
            "entry by entry",
            "`*` multiplies entry by entry; one linear map after another is the matrix product, `@`.",
            lambda A, a, B, b: (B * A, B @ a + b),
        ),
    ),
)

# --- 5.2 The perceptron rule ----------------------------------------------------------------------------------


def _perceptron_cases(rng: Rng) -> list[Case]:
    corners = np.array([[0.0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
    cases = [Case((corners, np.array([-1.0, -1, -1, 1]), 1), label="AND, one pass")]
    for n, inputs, passes in [(20, 3, 2), (25, 4, 3), (30, 3, 5)]:
        x = np.column_stack([rng.normal(size=(n, inputs - 1)).round(2), np.ones(n)])
        t = rng.choice([-1.0, 1.0], n)
        t[0] = 1  # at the start the sum is 0, and to say +1 to that is a mistake of its own
        cases.append(Case((x, t, passes), label=f"{n} random examples, {passes} passes"))
    return cases


Update = Callable[[np.ndarray, np.ndarray, float], np.ndarray]


def _run(update: Update) -> Callable[[np.ndarray, np.ndarray, int], np.ndarray]:
    """Return a perceptron that adds ``update(w, x, t)`` after each example."""

    def run(x: np.ndarray, t: np.ndarray, passes: int) -> np.ndarray:
        w = np.zeros(x.shape[1])
        for _ in range(passes):
            for one, target in zip(x, t, strict=True):
                w = w + update(w, one, target)
        return w

    return run


_perceptron = _run(lambda w, x, t: t * x * (t * (w @ x) <= 0))


def _perceptron_reference(features: np.ndarray, targets: np.ndarray, passes: int) -> np.ndarray:
    return _perceptron(features, targets, passes)


def _until_right(x: np.ndarray, t: np.ndarray, passes: int) -> np.ndarray:
    w = np.zeros(x.shape[1])
    for _ in range(passes):
        for one, target in zip(x, t, strict=True):
            while target * (w @ one) <= 0:
                w = w + target * one
    return w


def _in_one_go(x: np.ndarray, t: np.ndarray, passes: int) -> np.ndarray:
    w = np.zeros(x.shape[1])
    for _ in range(passes):
        w = w + (t * (t * (x @ w) <= 0)) @ x
    return w


def _fresh_each_pass(x: np.ndarray, t: np.ndarray, passes: int) -> np.ndarray:
    return _perceptron(x, t, 1)


PERCEPTRON = Task(
    id="5.2",
    title="The perceptron rule",
    points=4,
    minutes=12,
    difficulty=2,
    name="perceptron",
    returns=("w",),
    cases=_perceptron_cases,
    reference=_perceptron_reference,
    hints=(
        "Two loops: over the passes, and inside over the examples with their targets. The weights start at zero, "
        "before both.",
        "With targets of +1 and -1 the unit is right when target and sum have the same sign. One product tells.",
        "At the start every sum is 0, which is neither sign: does your condition call that a mistake?",
    ),
    misconceptions=(
        Misconception(
            "undecided counts as right",
            "Your weights stay at zero: at the start every sum is 0, and your rule takes that for right. Undecided is "
            "a mistake too.",
            _run(lambda w, x, t: t * x * (t * (w @ x) < 0)),
        ),
        Misconception(
            "updates every time",
            "You correct after every example. The rule leaves the weights alone when the unit is right.",
            _run(lambda w, x, t: t * x),
        ),
        Misconception(
            "target forgotten",
            "You add x after every mistake. When the unit should not have fired, the sum has to go down.",
            _run(lambda w, x, t: x * (t * (w @ x) <= 0)),
        ),
        Misconception(
            "wrong direction",
            "Your correction makes each mistake worse: after a mistake on t = +1 the sum must grow.",
            _run(lambda w, x, t: -t * x * (t * (w @ x) <= 0)),
        ),
        Misconception(
            "updates when right",
            "You correct when the unit is right, and leave its mistakes: look at the sign in your condition.",
            _run(lambda w, x, t: t * x * (t * (w @ x) >= 0)),
        ),
        Misconception(
            "target minus answer",
            "You add (t - sign of the sum) times x, which is 2 t x after most mistakes. The rule adds t x, once.",
            _run(lambda w, x, t: (t - np.sign(w @ x)) * x),
        ),
        Misconception(
            "undecided counts as -1",
            "Where the sum is exactly 0 your unit answers -1, which is right half of the time. Undecided is a mistake "
            "for either target.",
            _run(lambda w, x, t: t * x * (t != (1 if w @ x > 0 else -1))),
        ),
        Misconception(
            "undecided counts as +1",
            "Where the sum is exactly 0 your unit answers +1, which is right half of the time. Undecided is a mistake "
            "for either target.",
            _run(lambda w, x, t: t * x * (t != (1 if w @ x >= 0 else -1))),
        ),
        Misconception(
            "answers of 0 and 1",
            "Your unit answers 0 or 1 and is compared with targets of -1 and +1, so that 0 never counts as right.",
            _run(lambda w, x, t: (t - (w @ x >= 0)) * x),
        ),
        Misconception(
            "target missing in the condition",
            "You correct whenever the sum is not positive. For a target of -1 a negative sum is right: the condition "
            "needs the target too.",
            _run(lambda w, x, t: t * x * (w @ x <= 0)),
        ),
        Misconception(
            "repeated until right",
            "You repeat the correction until the example is right. The rule corrects once, and goes on to the next.",
            _until_right,
        ),
        Misconception(
            "a learning rate of 0.1",
            "Your weights are a tenth of the right ones: this rule adds t x whole, without a learning rate.",
            _run(lambda w, x, t: 0.1 * t * x * (t * (w @ x) <= 0)),
        ),
        Misconception(
            "corrected once a pass",
            "You looked for all mistakes first and corrected once for the whole pass. The rule corrects at once, so "
            "that the next example meets the new weights.",
            _in_one_go,
        ),
        Misconception(
            "one pass only",
            "Only one pass has left a trace: does `return` stand inside the loop over passes, or do you "
            "set w to zero in each pass?",
            _fresh_each_pass,
        ),
    ),
)

# --- 5.3 A leak, both ways ------------------------------------------------------------------------------------


def _leaky_cases(rng: Rng) -> list[Case]:
    by_hand = (np.array([1.0, 10, -3]), np.array([-2.0, 1, 3]), 0.1)
    cases = [Case(by_hand, label="dy = 1 10 -3, x = -2 1 3, slope 0.1")]
    for n, slope in [(8, 0.01), (10, 0.3), (12, 1.5)]:
        dy, x = rng.normal(size=(2, n)).round(2) + 0.003  # off zero: the kink is not the question
        x[:2] = -1.5, 1.5
        dy[:4] = 0.7, -0.7, -0.4, 0.4
        cases.append(Case((dy, x, slope), label=f"{n} entries, slope {slope}"))
    return cases


def _leaky(dy: np.ndarray, x: np.ndarray, slope: float) -> Pair:
    y, cache = leaky_relu_forward(x, slope)
    return y, leaky_relu_backward(dy, cache)


LEAKY = Task(
    id="5.3",
    title="A leak, both ways",
    points=3,
    minutes=10,
    difficulty=2,
    name="leaky",
    returns=("y", "dx"),
    cases=_leaky_cases,
    reference=_leaky,
    hints=(
        "`np.where(condition, this, that)` chooses entry by entry.",
        "On the way back each dy is multiplied by the slope of the graph at the place where its x was: 1 on one side, "
        "`slope` on the other.",
    ),
    misconceptions=(
        Misconception(
            "closed on the way back",
            "Your y is right. Your dx is that of a plain ReLU: on the left the graph has a slope too.",
            lambda dy, x, slope: (_leaky(dy, x, slope)[0], dy * (x > 0)),
        ),
        Misconception(
            "looks at the sign of dy",
            "Your y is right. Your dx looks at the sign of dy; the slope depends on where x was.",
            lambda dy, x, slope: (_leaky(dy, x, slope)[0], np.where(dy > 0, dy, slope * dy)),
        ),
        Misconception(
            "dy forgotten",
            "Your y is right. Your dx is the slope alone: it multiplies what flows back, dy.",
            lambda dy, x, slope: (_leaky(dy, x, slope)[0], np.where(x > 0, 1.0, slope)),
        ),
        Misconception(
            "times the output",
            "Your y is right. Your dx multiplies dy by the value of the graph; the chain rule wants its slope.",
            lambda dy, x, slope: (_leaky(dy, x, slope)[0], dy * _leaky(dy, x, slope)[0]),
        ),
        Misconception(
            "slope times x",
            "Your y is right. Your dx multiplies the slope with x; what flows back is dy, so multiply that.",
            lambda dy, x, slope: (_leaky(dy, x, slope)[0], np.where(x > 0, 1.0, slope) * x),
        ),
        Misconception(
            "dy forgotten on the left",
            "Your y is right. On the left your dx is the slope alone: it multiplies dy there too.",
            lambda dy, x, slope: (_leaky(dy, x, slope)[0], np.where(x > 0, dy, slope)),
        ),
        Misconception(
            "dy forgotten on the right",
            "Your y is right. On the right your dx is 1: the slope there is 1, and it multiplies dy.",
            lambda dy, x, slope: (_leaky(dy, x, slope)[0], np.where(x > 0, 1.0, slope * dy)),
        ),
        Misconception(
            "maximum",
            "max(slope · x, x) is the leaky ReLU only while the slope is at most 1; ask for the sign of x instead.",
            lambda dy, x, slope: (np.maximum(slope * x, x), _leaky(dy, x, slope)[1]),
        ),
        Misconception(
            "maximum both ways",
            "max(slope · x, x) changes sides when the slope is above 1; ask for the sign of x instead, both ways.",
            lambda dy, x, slope: (
                np.maximum(slope * x, x),
                dy * np.where(x > slope * x, 1.0, slope),
            ),
        ),
        Misconception(
            "flat on the left",
            "On the left your y is the slope itself; it should be a line with that slope.",
            lambda dy, x, slope: (np.where(x > 0, x, slope), _leaky(dy, x, slope)[1]),
        ),
        Misconception(
            "plain ReLU",
            "That is a ReLU without a leak: negative inputs should come through, shrunk by the slope.",
            lambda dy, x, slope: (np.maximum(x, 0), dy * (x > 0)),
        ),
        Misconception(
            "swapped",
            "You returned dx first: the order is y, dx.",
            lambda dy, x, slope: _leaky(dy, x, slope)[::-1],
        ),
    ),
)

# --- 5.7 In your own words ------------------------------------------------------------------------------------

WORDS = Task(
    id="5.7",
    title="Which loss, which activation",
    points=2,
    minutes=10,
    difficulty=2,
    name="a network that has stopped learning",
    kind="written",
    hints=(
        "For the losses: what is the slope of each, for an example that is right by a margin of 5?",
        "For the units: what comes out of a ReLU whose sum is negative for every example, and what flows back "
        "through it?",
    ),
)

TASKS = (COLLAPSE, PERCEPTRON, LEAKY, BCE, HINGE, SOFTMAX, WORDS)
