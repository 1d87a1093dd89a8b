"""The exercises 3.2 and 3.3 of chapter 03: what a stride leaves over, and who reads each entry."""

import numpy as np

from coursekit.reference import output_size, toeplitz1d
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator

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


def _one_too_many(W: int, F: int, S: int, P: int) -> tuple[int, int]:
    left = (W + 2 * P - F) % S + 1
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
            "padding instead of pixels",
            "Your first number is right. Your second counts the padding among what is left over; asked are the "
            "pixels.",
            lambda W, F, S, P: ((W + 2 * P - F) % S, min((W + 2 * P - F) % S, P)),
        ),
        Misconception(
            "no pixel where there is padding",
            "Your first number is right. Your second is 0 as soon as there is padding, but more can be left over than "
            "the padding at the end.",
            lambda W, F, S, P: ((W + 2 * P - F) % S, 0 if P else (W + 2 * P - F) % S),
        ),
        Misconception(
            "order of the answers",
            "Your two numbers are right and change places: first all that is left over, then the pixels among it.",
            lambda W, F, S, P: _left(W, F, S, P)[::-1],
        ),
        Misconception(
            "one too many",
            "The last entry that is read counts as left over in your answer: a kernel that starts at s ends with "
            "entry s + F - 1, and what is left over begins after it.",
            _one_too_many,
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


def _places(W: int, F: int, S: int, P: int, D: int) -> int:
    return output_size(W, F, stride=S, padding=P, dilation=D)


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


def _reads_from_the_signal(W: int, F: int, S: int, P: int, D: int) -> np.ndarray:
    count = np.zeros(W)
    for start in range(-P, W + P - D * (F - 1), S):
        for tap in range(start, start + D * F, D):
            count[tap] += 1  # below 0 this counts from the end, from W on it raises
    return count


def _reads_wrapped(W: int, F: int, S: int, P: int, D: int) -> np.ndarray:
    count = np.zeros(W)
    for start in range(-P, W + P - D * (F - 1), S):
        for tap in range(start, start + D * F, D):
            if tap < W:
                count[tap] += 1
    return count


def _reads_unshifted(W: int, F: int, S: int, P: int, D: int) -> np.ndarray:
    count = np.zeros(W)
    for place in range(_places(W, F, S, P, D)):
        for tap in range(F):
            count[place * S + tap * D] += 1
    return count


def _reads_too_late_one_by_one(W: int, F: int, S: int, P: int, D: int) -> np.ndarray:
    count = np.zeros(W + 2 * P)
    for start in range(0, W + 2 * P - F + 1, S):
        for tap in range(F):
            count[start + tap * D] += 1
    return _inside(count, W, P)


def _reads_one_apart(W: int, F: int, S: int, P: int, D: int) -> np.ndarray:
    count = np.zeros(W + 2 * P)
    for start in range(_places(W, F, S, P, D)):
        count[start : start + D * F : D] += 1
    return _inside(count, W, P)


def _reads_without_last_tap(W: int, F: int, S: int, P: int, D: int) -> np.ndarray:
    count = np.zeros(W + 2 * P)
    for place in range(_places(W, F, S, P, D)):
        count[place * S : place * S + D * (F - 1) : D] += 1
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
            "starts too late, tap by tap",
            "Some of your places start so late that their last taps lie outside your array: with dilation the kernel "
            "is wider than F.",
            _reads_too_late_one_by_one,
        ),
        Misconception(
            "taps cut off",
            "Your slice ends F after the start, which at dilation 2 or more leaves out the last taps.",
            _reads_short,
        ),
        Misconception(
            "last tap missing",
            "Each of your places lacks its last tap: a slice leaves out its end, so it has to end after that tap.",
            _reads_without_last_tap,
        ),
        Misconception(
            "places one apart",
            "You have the right number of places, one entry apart; place number i starts at i * S.",
            _reads_one_apart,
        ),
        Misconception(
            "taps outside the signal",
            "Some taps lie in the padding, before the first entry or after the last, and you count them in an array "
            "that has room for the signal only. An index below 0 counts from the end, one too large is an error. "
            "Count on the padded signal.",
            _reads_from_the_signal,
        ),
        Misconception(
            "first place at the first entry",
            "Your first place starts at the first entry of the signal, and later ones run over its end. With padding "
            "the first place starts P before it: count on the padded signal.",
            _reads_unshifted,
        ),
        Misconception(
            "negative index",
            "Taps in the padding before the first entry have an index below 0 in your array, and NumPy counts those "
            "from the end: they land on the last entries.",
            _reads_wrapped,
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
