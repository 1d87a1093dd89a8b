"""Exercises 7.2 and 7.3: weights of the right size, from normal and from even numbers."""

import math

import numpy as np

from coursekit.reference.weights import fans
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator

# --- 7.2 Draw with He's rule -----------------------------------------------------------------------------------


def _he_cases(rng: Rng) -> list[Case]:
    by_hand = np.array([[1.0, -2.0, 0.0, 4.0, -1.0, 2.0, 3.0, -3.0]] * 3)
    cases = [Case((by_hand,), label="a linear layer from 8 inputs to 3")]
    for shape in [(5, 32), (4, 3, 3, 3), (2, 6, 5, 5)]:
        kind = "a linear layer" if len(shape) == 2 else "a convolution"
        cases.append(Case((rng.normal(size=shape).round(3),), label=f"{kind}, shape {shape}"))
    return cases


def _he(z: np.ndarray) -> np.ndarray:
    return np.asarray(z * math.sqrt(2 / fans(z.shape)[0]))


def _four_sizes(z: np.ndarray) -> np.ndarray:
    _, C, F, _ = z.shape
    return np.asarray(z * math.sqrt(2 / (C * F * F)))


def _two_sizes(z: np.ndarray) -> np.ndarray:
    _, C = z.shape
    return np.asarray(z * math.sqrt(2 / C))


HE = Task(
    id="7.2",
    title="Draw with He's rule",
    points=3,
    minutes=10,
    difficulty=2,
    name="he_weights",
    returns=("w",),
    cases=_he_cases,
    reference=_he,
    hints=(
        "How many products are added up for one output of the layer? That is n.",
        "For a convolution an output reads a window in every input channel: n = C · F · F, all sizes but the first.",
        "He's rule gives a variance. Multiplying numbers by a factor multiplies their variance by its square.",
    ),
    misconceptions=(
        Misconception(
            "variance taken for the standard deviation",
            "You multiplied by the variance. Numbers of variance 1 need the standard deviation as a factor; this "
            "mistake has been published, and after a few layers nothing is left of the signal.",
            lambda z: z * 2 / fans(z.shape)[0],
        ),
        Misconception(
            "Xavier's variance taken for the standard deviation",
            "Your factor is 1/n. That is Xavier's variance, and the task asks for He's; and a factor has to be the "
            "root of a variance.",
            lambda z: z / fans(z.shape)[0],
        ),
        Misconception(
            "root of the fan alone",
            "Your factor is 2/√n. The root goes over the 2 as well.",
            lambda z: z * 2 / math.sqrt(fans(z.shape)[0]),
        ),
        Misconception(
            "root of 2 alone",
            "Your factor is √2/n. The root goes over n as well.",
            lambda z: z * math.sqrt(2) / fans(z.shape)[0],
        ),
        Misconception(
            "Xavier",
            "This is Xavier's rule, n Var(w) = 1. With ReLU half of the mean square is lost in every layer.",
            lambda z: z * math.sqrt(1 / fans(z.shape)[0]),
        ),
        Misconception(
            "half of Xavier",
            "Your variance is 1/(2n), half of Xavier's. ReLU takes something away: must weights get smaller or larger?",
            lambda z: z * math.sqrt(1 / (2 * fans(z.shape)[0])),
        ),
        Misconception(
            "fan out",
            "You counted the outputs. The size of a sum depends on how many inputs are added up in it.",
            lambda z: z * math.sqrt(2 / fans(z.shape)[1]),
        ),
        Misconception(
            "number of outputs without the window",
            "You counted the outputs of the layer, the first size. The size of a sum depends on how many inputs are "
            "added up in it.",
            lambda z: z * math.sqrt(2 / z.shape[0]),
        ),
        Misconception(
            "window forgotten",
            "Right for linear layers. An output of a convolution adds up a whole window in every channel, not one "
            "pixel of each.",
            lambda z: z * math.sqrt(2 / z.shape[1]),
        ),
        Misconception(
            "convolutions only",
            "You ask for the sizes of a window, which a linear layer does not have. Which part of the shape belongs to "
            "one output, whatever its length?",
            lambda z: z * math.sqrt(2 / (z.shape[1] * z.shape[2] * z.shape[3])),
        ),
        Misconception(
            "convolutions only, unpacked",
            "You unpack four sizes, and a linear layer has two. Which part of the shape belongs to one output, "
            "whatever its length?",
            _four_sizes,
        ),
        Misconception(
            "linear layers only",
            "You unpack two sizes, and a convolution has four. Which part of the shape belongs to one output, "
            "whatever its length?",
            _two_sizes,
        ),
        Misconception(
            "sizes added",
            "You added the sizes. The number of products in one output is the product of all sizes but the first.",
            lambda z: z * math.sqrt(2 / sum(z.shape[1:])),
        ),
        Misconception(
            "window alone",
            "You counted the pixels of the window, but not that the sum runs over all input channels.",
            lambda z: z * math.sqrt(2 / math.prod(z.shape[2:])),
        ),
        Misconception(
            "number of all weights",
            "You divided by the number of all weights. One output adds up only the weights in its own row or kernel.",
            lambda z: z * math.sqrt(2 / z.size),
        ),
        Misconception(
            "Glorot",
            "This is Glorot's compromise with both fans. He's rule for the way forward asks for the inputs alone.",
            lambda z: z * math.sqrt(2 / sum(fans(z.shape))),
        ),
        Misconception(
            "last size alone",
            "You took the last size for n. Right for linear layers; an output of a convolution reads all channels and "
            "the whole window.",
            lambda z: z * math.sqrt(2 / z.shape[-1]),
        ),
        Misconception(
            "divided by the measured spread",
            "You also divided by the standard deviation of the numbers in z. They are drawn with variance 1; that one "
            "draw spreads a little more or less is as it should be.",
            lambda z: z / z.std() * math.sqrt(2 / fans(z.shape)[0]),
        ),
        Misconception(
            "divided instead of multiplied",
            "Your weights grow with n. The more products are added up, the smaller each has to be.",
            lambda z: z * math.sqrt(fans(z.shape)[0] / 2),
        ),
    ),
)

# --- 7.3 Even numbers ------------------------------------------------------------------------------------------


def _bound_cases(rng: Rng) -> list[Case]:
    cases = [Case((6,), label="n = 6"), Case((150,), label="n = 150")]
    return cases + [
        Case((int(n),), label=f"n = {n}") for n in rng.choice(np.arange(7, 1000), 3, replace=False)
    ]


def _bound(n: int) -> float:
    return math.sqrt(6 / n)


BOUND = Task(
    id="7.3",
    title="Even numbers",
    points=2,
    minutes=8,
    difficulty=2,
    name="uniform_bound",
    returns=("bound",),
    cases=_bound_cases,
    reference=_bound,
    hints=(
        "The variance of numbers around 0 is the mean of their squares: here the mean of u² for u from −a to a.",
        "The mean of u² is the area under u² from −a to a, divided by the length 2a. The area is 2a³/3.",
        "Set that variance equal to He's, and solve for a.",
    ),
    misconceptions=(
        Misconception(
            "bound taken for the standard deviation",
            "Your bound is the standard deviation itself. Numbers spread evenly from −a to a mostly lie nearer to 0 "
            "than a, so their standard deviation is smaller than a.",
            lambda n: math.sqrt(2 / n),
        ),
        Misconception(
            "full width",
            "You solved for the whole width of the interval, whose square over 12 is the variance. From −a to a the "
            "width is 2a.",
            lambda n: math.sqrt(24 / n),
        ),
        Misconception(
            "Xavier",
            "This bound fits Xavier's variance, 1/n. The task asks for He's.",
            lambda n: math.sqrt(3 / n),
        ),
        Misconception(
            "root forgotten",
            "This is the square of the bound.",
            lambda n: 6 / n,
        ),
        Misconception(
            "divided by 3",
            "You divided the variance by 3 before you took the root. a² / 3 is the variance, so which way does the 3 "
            "go?",
            lambda n: math.sqrt(2 / (3 * n)),
        ),
        Misconception(
            "three standard deviations",
            "Your bound is three standard deviations. The factor is smaller: a², not a, is three times something.",
            lambda n: 3 * math.sqrt(2 / n),
        ),
        Misconception(
            "variance taken for the standard deviation",
            "Your bound fits numbers of standard deviation 2/n. That is He's variance.",
            lambda n: math.sqrt(3) * 2 / n,
        ),
        Misconception(
            "mean distance from 0",
            "Your mean distance from 0, a/2, has the size of He's standard deviation. A variance is a mean of squares: "
            "take the mean of u².",
            lambda n: 2 * math.sqrt(2 / n),
        ),
        Misconception(
            "half of the bound",
            "This is half of the bound: from −a to a the whole width is 2a, and half of that is a.",
            lambda n: math.sqrt(6 / n) / 2,
        ),
        Misconception(
            "He's variance itself",
            "This is He's variance, 2/n. The task asks how far the numbers reach that have it.",
            lambda n: 2 / n,
        ),
        Misconception(
            "torch's default",
            "1/√n is what torch.nn.Linear takes when nobody asks. Which variance has it, and which one does He want?",
            lambda n: math.sqrt(1 / n),
        ),
    ),
)
