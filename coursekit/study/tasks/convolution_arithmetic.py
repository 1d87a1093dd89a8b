"""The exercises of chapter 03: how large the output is, and an answer in words; the others stand beside it."""

from math import ceil

import numpy as np

from coursekit.reference import output_size
from coursekit.study.task import Case, Misconception, Task
from coursekit.study.tasks.convolution_arithmetic_cost import COST
from coursekit.study.tasks.convolution_arithmetic_pointwise import MIX
from coursekit.study.tasks.convolution_arithmetic_reads import LEFT, READS
from coursekit.study.tasks.convolution_arithmetic_transposed import UP

Rng = np.random.Generator

# --- 3.1 How large is the output? ------------------------------------------------------------------------------


def _size_cases(rng: Rng) -> list[Case]:
    sizes = [
        (7, 3, 2, 1, 1),
        (7, 3, 3, 0, 1),
        (8, 3, 3, 0, 1),
        (9, 3, 1, 1, 2),
        (12, 3, 2, 1, 2),
        (227, 11, 4, 0, 1),
        (10, 4, 3, 2, 3),
    ]
    for _ in range(4):
        F, S, P, D = (
            int(rng.integers(low, high)) for low, high in ((2, 7), (1, 5), (0, 4), (1, 4))
        )
        sizes.append((int(rng.integers(D * (F - 1) + 1, 90)), F, S, P, D))
    return [
        Case(numbers, label="W = {}, F = {}, S = {}, P = {}, D = {}".format(*numbers))
        for numbers in sizes
    ]


def _size(W: int, F: int, S: int, P: int, D: int) -> int:
    return output_size(W, F, stride=S, padding=P, dilation=D)


SIZE = Task(
    id="3.1",
    title="How large is the output?",
    points=2,
    minutes=5,
    difficulty=1,
    name="places",
    returns=("the number of places",),
    cases=_size_cases,
    reference=_size,
    hints=(
        "First make two numbers: how wide the padded input is, and how wide the kernel is with its gaps. For F taps "
        "there are F - 1 gaps.",
        "Where can the kernel start at the earliest, and where at the latest? How often does a step of S fit into "
        "the distance between them? `//` rounds down.",
    ),
    misconceptions=(
        Misconception(
            "dilation forgotten",
            "Your kernel is F wide whatever the dilation is. With gaps it is wider: how many gaps are there?",
            lambda W, F, S, P, D: (W + 2 * P - F) // S + 1,
        ),
        Misconception(
            "span of D times F",
            "You made the kernel D * F wide. F taps have one gap less than there are taps: draw three taps at "
            "dilation 2 and count the pixels from the first to the last.",
            lambda W, F, S, P, D: (W + 2 * P - D * F) // S + 1,
        ),
        Misconception(
            "span without the last tap",
            "You counted the steps from the first tap to the last; the kernel is one pixel wider than that.",
            lambda W, F, S, P, D: (W + 2 * P - D * (F - 1)) // S + 1,
        ),
        Misconception(
            "dilation added",
            "You made the kernel wider by D - 1 in all. Every gap between two taps grows by that, and there are "
            "several.",
            lambda W, F, S, P, D: (W + 2 * P - (F + D - 1)) // S + 1,
        ),
        Misconception(
            "gap of D",
            "You left D entries free between two taps. D counts the steps from one tap to the next: at dilation 1 the "
            "taps are neighbors.",
            lambda W, F, S, P, D: (W + 2 * P - F - (F - 1) * D) // S + 1,
        ),
        Misconception(
            "padding forgotten",
            "The padding does not appear in your answer: the kernel may lie on it too, at both ends.",
            lambda W, F, S, P, D: (W - D * (F - 1) - 1) // S + 1,
        ),
        Misconception(
            "stride forgotten",
            "You counted the places one entry apart; from one place to the next the kernel moves by S.",
            lambda W, F, S, P, D: W + 2 * P - D * (F - 1),
        ),
        Misconception(
            "padding at one side",
            "You added the padding once; there is padding at both ends.",
            lambda W, F, S, P, D: (W + P - D * (F - 1) - 1) // S + 1,
        ),
        Misconception(
            "fence post",
            "You counted the steps between the places; there is one place more than there are steps.",
            lambda W, F, S, P, D: (W + 2 * P - D * (F - 1) - 1) // S,
        ),
        Misconception(
            "last start left out",
            "You counted the starts up to the last one and left it out, as `range` does with its end.",
            lambda W, F, S, P, D: ceil((W + 2 * P - D * (F - 1) - 1) / S),
        ),
        Misconception(
            "one added before dividing",
            "You added the 1 before you divided by the stride. It counts the place at the start, which is there "
            "whatever the stride is.",
            lambda W, F, S, P, D: (W + 2 * P - D * (F - 1)) // S,
        ),
        Misconception(
            "rounded to the nearest",
            "You rounded to the nearest whole number. A place at which the kernel hangs over the end does not count, "
            "however little it hangs over.",
            lambda W, F, S, P, D: round((W + 2 * P - D * (F - 1) - 1) / S + 1),
        ),
        Misconception(
            "rounded up",
            "You rounded up where the stride does not fit: that counts a place at which the kernel hangs over the "
            "end.",
            lambda W, F, S, P, D: ceil((W + 2 * P - D * (F - 1) - 1) / S) + 1,
        ),
    ),
)

# --- 3.7 In your own words -------------------------------------------------------------------------------------

WORDS = Task(
    id="3.7",
    title="Squares in the sky",
    points=2,
    minutes=8,
    difficulty=2,
    name="checkerboard patterns and what to do about them",
    kind="written",
    hints=(
        "Count along one axis how many copies of a kernel of 3 reach the output pixels 2, 3, 4 and 5 at stride 2.",
        "Then do the same for a kernel of 4. Are equal counts enough, if the weights are learned?",
    ),
)

TASKS = (SIZE, LEFT, READS, COST, MIX, UP, WORDS)
