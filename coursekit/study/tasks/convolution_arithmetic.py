"""The exercises of chapter 03: sizes, what is left over, who reads what (3.4 to 3.6: ..._layers)."""

from math import ceil

import numpy as np

from coursekit.reference import output_size, toeplitz1d
from coursekit.study.task import Case, Misconception, Task
from coursekit.study.tasks.convolution_arithmetic_layers import COST, MIX, UP

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

# --- 3.2 What is left over? ------------------------------------------------------------------------------------


def _left_cases(rng: Rng) -> list[Case]:
    sizes = [
        (7, 3, 3, 0),
        (32, 5, 2, 2),
        (10, 2, 5, 1),
        (11, 3, 5, 2),
        (227, 11, 4, 0),
        (12, 5, 5, 1),
    ]
    for _ in range(4):
        F, S, P = (int(rng.integers(low, high)) for low, high in ((1, 8), (2, 8), (0, 4)))
        sizes.append((int(rng.integers(F, 60)), F, S, P))
    return [
        Case(numbers, label="W = {}, F = {}, S = {}, P = {}".format(*numbers)) for numbers in sizes
    ]


def _left(W: int, F: int, S: int, P: int) -> tuple[int, int]:
    left = (W + 2 * P - F) % S
    return left, max(0, left - P)


def _places_times_stride(W: int, F: int, S: int, P: int) -> tuple[int, int]:
    left = W + 2 * P - ((W + 2 * P - F) // S + 1) * S
    return left, max(0, left - P)


LEFT = Task(
    id="3.2",
    title="What is left over?",
    points=3,
    minutes=8,
    difficulty=2,
    name="left_over",
    returns=("the number left over", "the number of pixels"),
    cases=_left_cases,
    reference=_left,
    hints=(
        "The last place starts at (places - 1) * S and ends F later. How much of the padded input comes after that? "
        "Python's `%` gives it directly.",
        "The end of the padded input is padding. If less is left over than there is padding, how many pixels of the "
        "image are lost?",
        "More than everything left over cannot be pixels, and less than 0 neither: `max` helps.",
    ),
    misconceptions=(
        Misconception(
            "padding taken for pixels",
            "Your first number is right. In the second you count padding as pixels: the last P entries of the padded "
            "input are zeros that nobody misses.",
            lambda W, F, S, P: ((W + 2 * P - F) % S,) * 2,
        ),
        Misconception(
            "fewer than none",
            "Your first number is right. Your second can be negative: where only padding is left over, no pixel is.",
            lambda W, F, S, P: ((W + 2 * P - F) % S, (W + 2 * P - F) % S - P),
        ),
        Misconception(
            "all or nothing",
            "Your first number is right. Your second is all that is left over whenever that is more than the padding; "
            "the padding is still among it.",
            lambda W, F, S, P: (
                (W + 2 * P - F) % S,
                (W + 2 * P - F) % S if (W + 2 * P - F) % S > P else 0,
            ),
        ),
        Misconception(
            "pixels counted without padding",
            "Your first number is right. For the second you counted again without padding, but the places are those "
            "on the padded input: start from what is left over there.",
            lambda W, F, S, P: ((W + 2 * P - F) % S, (W - F) % S),
        ),
        Misconception(
            "places times the stride",
            "You took one stride off the width for every place. Only the steps between places are S long; the last "
            "place ends F after its start.",
            _places_times_stride,
        ),
        Misconception(
            "padding of both ends taken off",
            "Your first number is right. For the second you took off the padding of both ends; only the padding at "
            "the far end can be left over there.",
            lambda W, F, S, P: ((W + 2 * P - F) % S, max(0, (W + 2 * P - F) % S - 2 * P)),
        ),
        Misconception(
            "padding forgotten",
            "You left the padding out of the width: what is left over depends on W + 2P.",
            lambda W, F, S, P: ((W - F) % S, (W - F) % S),
        ),
        Misconception(
            "padding at one side",
            "You added the padding once; there is padding at both ends.",
            lambda W, F, S, P: ((W + P - F) % S, max(0, (W + P - F) % S - P)),
        ),
        Misconception(
            "kernel forgotten",
            "You divided the whole width by the stride. The first place already takes F entries; the steps divide "
            "the rest.",
            lambda W, F, S, P: ((W + 2 * P) % S, max(0, (W + 2 * P) % S - P)),
        ),
        Misconception(
            "what is missing",
            "You counted the entries that are missing for one more place; asked is how many are there and unread.",
            lambda W, F, S, P: (-(W + 2 * P - F) % S, max(0, -(W + 2 * P - F) % S - P)),
        ),
        Misconception(
            "how many steps",
            "You counted the steps, with `//`. What remains after those steps is the remainder, `%`.",
            lambda W, F, S, P: ((W + 2 * P - F) // S, max(0, (W + 2 * P - F) // S - P)),
        ),
    ),
)

# --- 3.3 Who reads each entry? ---------------------------------------------------------------------------------


def _reads_cases(rng: Rng) -> list[Case]:
    sizes = [(7, 3, 2, 0, 1), (7, 3, 3, 1, 1), (9, 3, 1, 1, 2), (6, 2, 3, 0, 1), (10, 3, 2, 3, 2)]
    for _ in range(3):
        F, S, P, D = (
            int(rng.integers(low, high)) for low, high in ((2, 5), (1, 4), (1, 3), (1, 3))
        )
        sizes.append((int(rng.integers(D * (F - 1) + 3, 20)), F, S, P, D))
    return [
        Case(numbers, label="W = {}, F = {}, S = {}, P = {}, D = {}".format(*numbers))
        for numbers in sizes
    ]


def _reads(W: int, F: int, S: int, P: int, D: int) -> np.ndarray:
    T = toeplitz1d(np.ones(F), W, stride=S, padding=P, dilation=D)
    count: np.ndarray = T.sum(axis=0)
    return count


def _reads_padded(W: int, F: int, S: int, P: int, D: int, *, last: int = 1) -> np.ndarray:
    count = np.zeros(W + 2 * P)
    span = D * (F - 1) + 1
    for start in range(0, W + 2 * P - span + last, S):
        count[start : start + span : D] += 1
    return count


def _inside(count: np.ndarray, W: int, P: int) -> np.ndarray:
    return count[P : P + W]


def _reads_past_the_end(W: int, F: int, S: int, P: int, D: int) -> np.ndarray:
    count = np.zeros(W + 2 * P)
    for start in range(0, W + 2 * P, S):
        count[start : start + D * (F - 1) + 1 : D] += 1
    return _inside(count, W, P)


def _reads_too_late(W: int, F: int, S: int, P: int, D: int) -> np.ndarray:
    count = np.zeros(W + 2 * P)
    for start in range(0, W + 2 * P - F + 1, S):
        count[start : start + D * F : D] += 1
    return _inside(count, W, P)


def _reads_short(W: int, F: int, S: int, P: int, D: int) -> np.ndarray:
    count = np.zeros(W + 2 * P)
    for start in range(0, W + 2 * P - D * (F - 1), S):
        count[start : start + F : D] += 1
    return _inside(count, W, P)


READS = Task(
    id="3.3",
    title="Who reads each entry?",
    points=3,
    minutes=10,
    difficulty=2,
    name="read_counts",
    returns=("the count",),
    cases=_reads_cases,
    reference=_reads,
    hints=(
        "Count on the padded input first: an array of W + 2P zeros. Go through the starts of the places, and add 1 "
        "wherever a tap falls.",
        "The taps of the place that starts at `start` are every D-th entry from there on: a slice "
        "`start : start + span : D`, with the span from 3.1.",
        "At the end cut the padding off: of the padded counts, the W in the middle belong to the signal.",
    ),
    misconceptions=(
        Misconception(
            "padding left in",
            "Your counts are right and still include the padding: asked are the W entries of the signal itself.",
            lambda W, F, S, P, D: _reads_padded(W, F, S, P, D),
        ),
        Misconception(
            "padding cut off at the wrong end",
            "You kept the first W counts of the padded signal. Its first P entries are padding.",
            lambda W, F, S, P, D: _reads_padded(W, F, S, P, D)[:W],
        ),
        Misconception(
            "padding forgotten",
            "You left the padding out: with it, places also start before the first entry.",
            lambda W, F, S, P, D: _reads(W, F, S, 0, D),
        ),
        Misconception(
            "read or not",
            "You noted whether an entry is read; asked is by how many places: add, with +=, instead of assigning.",
            lambda W, F, S, P, D: np.minimum(_reads(W, F, S, P, D), 1),
        ),
        Misconception(
            "stride forgotten",
            "Your places start at every entry; the next one starts S further on.",
            lambda W, F, S, P, D: _reads(W, F, 1, P, D),
        ),
        Misconception(
            "all of the span",
            "You counted every entry from the first tap to the last. Between the taps of a dilated kernel nothing is "
            "read.",
            lambda W, F, S, P, D: _reads(W, D * (F - 1) + 1, S, P, 1),
        ),
        Misconception(
            "dilation forgotten",
            "Your taps are neighbors whatever the dilation is; they lie D apart.",
            lambda W, F, S, P, D: _reads(W, F, S, P, 1),
        ),
        Misconception(
            "last place missing",
            "Your loop stops before the last place where the kernel still fits; `range` leaves out its end.",
            lambda W, F, S, P, D: _inside(_reads_padded(W, F, S, P, D, last=0), W, P),
        ),
        Misconception(
            "places past the end",
            "You also counted places at which the kernel hangs over the end. The last one ends within the padded "
            "signal.",
            _reads_past_the_end,
        ),
        Misconception(
            "starts too late",
            "Some of your places start so late that their last taps fall off the end: with dilation the kernel is "
            "wider than F.",
            _reads_too_late,
        ),
        Misconception(
            "taps cut off",
            "Your slice ends F after the start, which at dilation 2 or more leaves out the last taps.",
            _reads_short,
        ),
        Misconception(
            "empty slice",
            "Where the padding is 0, your array is empty: a slice that ends with -0 ends at the start. Write the end "
            "as P + W.",
            lambda W, F, S, P, D: _reads_padded(W, F, S, P, D)[P:-P],
        ),
        Misconception(
            "per place instead of per entry",
            "You counted what each place reads. Turn the question round: for each entry, how many places read it?",
            lambda W, F, S, P, D: toeplitz1d(np.ones(F), W, stride=S, padding=P, dilation=D).sum(
                axis=1
            ),
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
