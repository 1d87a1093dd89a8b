"""The exercises of chapter 05: layers that collapse and units that learn; the others stand beside it."""

from collections.abc import Callable

import numpy as np

from coursekit.study.task import Case, Misconception, Task
from coursekit.study.tasks.neurons_and_losses_activations import LEAKY
from coursekit.study.tasks.neurons_and_losses_losses import BCE, HINGE
from coursekit.study.tasks.neurons_and_losses_softmax import SOFTMAX

Rng = np.random.Generator
Pair = tuple[np.ndarray, np.ndarray]

# --- 5.1 Two layers, one matrix -------------------------------------------------------------------------------


def _collapse_cases(rng: Rng) -> list[Case]:
    by_hand = (np.array([[1.0, 2], [0, 1]]), np.array([1.0, 1]))
    cases = [
        Case(
            (*by_hand, np.array([[1.0, 0], [3, 1]]), np.array([1.0, 5])), label="the 2 × 2 example"
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
            "second bias forgotten",
            "Your M is right. Where has the second bias gone? b is added after everything else.",
            lambda A, a, B, b: (B @ A, B @ a),
        ),
        Misconception(
            "both biases through the second layer",
            "Your M is right. Only a goes through the second layer; b is added behind it.",
            lambda A, a, B, b: (B @ A, B @ (a + b)),
        ),
        Misconception(
            "bias through both layers",
            "Your M is right. The bias a is added behind the first layer, so only the second one multiplies it.",
            lambda A, a, B, b: (B @ A, B @ A @ a + b),
        ),
        Misconception(
            "bias as a row",
            "Your M is right. In m, a stands to the right of its matrix, as x does: B @ a, not a @ B.",
            lambda A, a, B, b: (B @ A, a @ B + b),
        ),
        Misconception(
            "bias entry by entry",
            "Your M is right. The second layer multiplies a as a matrix does, with `@`.",
            lambda A, a, B, b: (B @ A, a * b),
        ),
        Misconception(
            "swapped",
            "You returned m first: the order is M, m.",
            lambda A, a, B, b: (B @ a + b, B @ A),
        ),
        Misconception(
            "wrong order, first bias forgotten",
            "Two things: A touches x first, so it stands next to x; and the second layer multiplies a.",
            lambda A, a, B, b: (A @ B, b.copy()),
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
        Misconception(
            "entry by entry, the bias too",
            "`*` multiplies entry by entry; one linear map after another is the matrix product, `@`, in M and in m.",
            lambda A, a, B, b: (B * A, B * a + b),
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


def _from_ones(x: np.ndarray, t: np.ndarray, passes: int) -> np.ndarray:
    w = np.ones(x.shape[1])
    for _ in range(passes):
        for one, target in zip(x, t, strict=True):
            w = w + target * one * (target * (w @ one) <= 0)
    return w


def _one_mistake_a_pass(x: np.ndarray, t: np.ndarray, passes: int) -> np.ndarray:
    w = np.zeros(x.shape[1])
    for _ in range(passes):
        for one, target in zip(x, t, strict=True):
            if target * (w @ one) <= 0:
                w = w + target * one
                break
    return w


def _with_the_mistakes(x: np.ndarray, t: np.ndarray, passes: int) -> Pair:
    w, mistakes = np.zeros(x.shape[1]), np.zeros(passes, dtype=int)
    for n in range(passes):
        for one, target in zip(x, t, strict=True):
            if target * (w @ one) <= 0:
                w = w + target * one
                mistakes[n] += 1
    return w, mistakes


def _a_weight_for_each_example(x: np.ndarray, t: np.ndarray, passes: int) -> np.ndarray:
    w = np.zeros(len(x))
    for one, target in zip(x, t, strict=True):
        w = w + target * one * (target * (w @ one) <= 0)
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
            "mistakes returned too",
            "The function of the chapter returned the mistakes too. Here return the weights alone.",
            _with_the_mistakes,
        ),
        Misconception(
            "a weight for each example",
            "Your w has one weight for each example. It needs one for each entry of an example: `features.shape[1]`.",
            _a_weight_for_each_example,
        ),
        Misconception(
            "not from zeros",
            "Your weights start at 1; the rule starts from zeros, when nothing is known.",
            _from_ones,
        ),
        Misconception(
            "stops after the first mistake",
            "After a mistake your loop leaves the pass. Correct the weights and go on to the next example.",
            _one_mistake_a_pass,
        ),
        Misconception(
            "the size of the error",
            "You multiply x by t - s, so a large error gives a large step. The rule adds t x, whatever the size.",
            _run(lambda w, x, t: (t - w @ x) * x * (t * (w @ x) <= 0)),
        ),
        Misconception(
            "the size of the error, every time",
            "You add (t - s) x after every example. The rule leaves the weights alone when the unit is right, and adds "
            "t x when it is not.",
            _run(lambda w, x, t: (t - w @ x) * x),
        ),
        Misconception(
            "example forgotten",
            "You add t to every weight. Each weight moves by t times its own input, so add t x.",
            _run(lambda w, x, t: t * (t * (w @ x) <= 0) * np.ones_like(x)),
        ),
        Misconception(
            "only one kind of mistake",
            "You correct only when the unit should have fired and did not. Firing when it should not is a mistake too.",
            _run(lambda w, x, t: t * x * ((w @ x <= 0) & (t > 0))),
        ),
        Misconception(
            "twice the correction",
            "Your weights are twice the right ones: add t x once for each mistake.",
            _run(lambda w, x, t: 2 * t * x * (t * (w @ x) <= 0)),
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
