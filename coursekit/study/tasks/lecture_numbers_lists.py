"""The exercises 16.1, 16.2 and 16.4: a printed list with one wrong number in it."""

from collections.abc import Callable

import numpy as np

from coursekit.reference import conv1d, conv2d_cost, receptive_field
from coursekit.study.task import Case, Misconception, Task

Array = np.ndarray
Rng = np.random.Generator
Place = tuple[int, float]


def farthest(right: Array, printed: Array) -> Place:
    """Return the place where a printed list is farthest from the right one, and what is right there."""
    k = int(np.argmax(np.abs(right - printed)))
    return k, float(right[k])


def first_apart(right: Array, printed: Array, tolerance: float = 0.0) -> Place:
    """Return the first place where a printed list differs, the first of all if none does."""
    k = int(np.argmax(np.abs(right - printed) > tolerance))
    return k, float(right[k])


def from_one(find: Callable[..., Place]) -> Callable[..., Place]:
    """Return the function that counts the place from 1."""

    def found(*args: Array) -> Place:
        k, right = find(*args)
        return k + 1, right

    return found


def as_printed(find: Callable[..., Place]) -> Callable[..., Place]:
    """Return the function that answers with the number on the slide; the slide's numbers come last."""

    def found(*args: Array) -> Place:
        k, _ = find(*args)
        return k, float(args[-1][k])

    return found


COUNTED_FROM_ONE = (
    "The place is one too high. Python counts from 0, and so do these exercises: the first number "
    "stands at place 0."
)
THE_WRONG_ONE = "You return the number that the slide prints. That one is wrong; what would be right in its place?"


# --- 16.1 An average --------------------------------------------------------------------------------------------

TANK = np.array([3.0, 3.4, 3.1, 3.9, 4.6, 4.8, 4.5, 5.2])
TANK_WEIGHTS = np.array([0.2, 0.3, 0.5])
TANK_PRINTED = np.array([3.17, 3.56, 4.09, 4.25, 4.61, 4.91])  # the fourth has 3.9 twice


def _averages_cases(rng: Rng) -> list[Case]:
    cases = [Case((TANK, TANK_WEIGHTS, TANK_PRINTED), label="the slide")]
    for F in (3, 4):
        x = rng.integers(10, 90, F + 7) / 10
        w = np.array([0.11, 0.17, 0.72]) if F == 3 else np.array([0.04, 0.13, 0.22, 0.61])
        y = conv1d(x, w)
        k = int(rng.integers(2, len(y) - 1))
        printed = np.round(y, 2)
        printed[k] = np.round(y[k] + float(rng.choice([-1, 1])) * rng.uniform(0.03, 0.2), 2)
        cases.append(Case((x, w, printed), label=f"{len(x)} readings, {F} weights"))
    return cases


def _averages(x: Array, w: Array, printed: Array) -> Place:
    return farthest(conv1d(x, w), printed)


def _of_the_newest(x: Array, w: Array, printed: Array) -> Place:
    k, right = _averages(x, w, printed)
    return k + len(w) - 1, right


AVERAGES = Task(
    id="16.1",
    title="Six averages",
    points=3,
    minutes=10,
    difficulty=1,
    name="wrong_average",
    returns=("place", "right"),
    cases=_averages_cases,
    reference=_averages,
    misconceptions=(
        Misconception(
            "exactly equal",
            "You return the first average that is not exactly the printed one. Slides round: a number with two "
            "decimals may be off by half of 0.01. Look for the one that is off by more.",
            lambda x, w, printed: first_apart(conv1d(x, w), printed),
        ),
        Misconception(
            "cut off",
            "You cut the digits off after the second decimal, and where that differs you see a mistake. The slide "
            "rounds: 3.168 becomes 3.17.",
            lambda x, w, printed: first_apart(np.floor(conv1d(x, w) * 100) / 100, printed, 0.005),
        ),
        Misconception(
            "weights flipped",
            "Your averages give the newest weight to the oldest reading. The weights stand in the order of the "
            "readings, the oldest first; np.convolve turns one of the two around.",
            lambda x, w, printed: farthest(conv1d(x, w[::-1]), printed),
        ),
        Misconception("place counted from one", COUNTED_FROM_ONE, from_one(_averages)),
        Misconception(
            "place of the reading",
            "The place that you return is that of the newest reading under the window. Asked is the place among the "
            "printed averages.",
            _of_the_newest,
        ),
        Misconception("the printed number", THE_WRONG_ONE, as_printed(_averages)),
    ),
    hints=(
        "Compute all averages first: one for each place where the whole window fits.",
        "Then subtract what is printed. One difference is larger than rounding can make it.",
        "np.argmax of the absolute differences is its place.",
    ),
)


# --- 16.2 Parameters --------------------------------------------------------------------------------------------

NET = np.array([[3, 16, 5], [16, 32, 3], [32, 32, 3], [32, 64, 1], [64, 10, 7]])
NET_PRINTED = np.array([1216, 4640, 9248, 2048, 31370])  # the fourth without its biases


def parameters(layers: Array) -> Array:
    """Return the parameters of convolutions with rows C, K, F."""
    return np.array(
        [float(conv2d_cost((C, 99, 99), K, F).parameters) for C, K, F in layers.tolist()]
    )


_SLIPS = (
    lambda C, K, F: C * K * F * F,
    lambda C, K, F: K * (F * F + 1),
    lambda C, K, F: K * (C * F + 1),
    lambda C, K, F: C * K * F * F + C,
)


def _parameters_cases(rng: Rng) -> list[Case]:
    cases = [Case((NET, NET_PRINTED), label="the slide")]
    for n in (4, 6):
        C, rows = int(rng.integers(1, 5)), []
        for _ in range(n):
            K, F = int(rng.choice([6, 12, 20, 24, 40])), int(rng.choice([3, 5, 7]))
            rows.append((C, K, F))
            C = K
        layers = np.array(rows)
        printed = parameters(layers)
        k = int(rng.integers(1, n))
        # from the second layer on, C is 6 or more, so each slip gives another number
        slips = [slip(*rows[k]) for slip in _SLIPS]
        printed[k] = rng.choice([number for number in slips if number != printed[k]])
        cases.append(Case((layers, printed.astype(int)), label=f"{n} layers"))
    return cases


def _wrong_count(layers: Array, printed: Array) -> Place:
    return farthest(parameters(layers), printed)


def _counted_as(count: Callable[[int, int, int], int]) -> Callable[[Array, Array], Place]:
    def found(layers: Array, printed: Array) -> Place:
        return first_apart(np.array([count(*row) for row in layers.tolist()], float), printed)

    return found


PARAMETERS = Task(
    id="16.2",
    title="A table of parameters",
    points=3,
    minutes=10,
    difficulty=1,
    name="wrong_count",
    returns=("place", "right"),
    cases=_parameters_cases,
    reference=_wrong_count,
    misconceptions=(
        Misconception(
            "no biases",
            "You count the weights alone. The table counts biases too, as its first row shows: one for each kernel.",
            _counted_as(lambda C, K, F: C * K * F * F),
        ),
        Misconception(
            "one bias for a layer",
            "You count one bias for a whole layer. Each of the K kernels has one.",
            _counted_as(lambda C, K, F: C * K * F * F + 1),
        ),
        Misconception(
            "a bias for each channel",
            "You count a bias for each channel that comes in. There is one for each map that goes out.",
            _counted_as(lambda C, K, F: C * K * F * F + C),
        ),
        Misconception(
            "kernels without depth",
            "Your kernels have no depth: K · (F² + 1). A kernel reads all C channels.",
            _counted_as(lambda C, K, F: K * (F * F + 1)),
        ),
        Misconception(
            "kernels one pixel high",
            "Your kernels have F weights for each channel, as in one dimension. Here they are squares, F × F.",
            _counted_as(lambda C, K, F: K * (C * F + 1)),
        ),
        Misconception("place counted from one", COUNTED_FROM_ONE, from_one(_wrong_count)),
        Misconception("the printed number", THE_WRONG_ONE, as_printed(_wrong_count)),
    ),
    hints=(
        "How many weights has one kernel, and what comes on top of them?",
        "Check your formula with the first row of the slide, which is right.",
        "Compute the count for every row, then np.flatnonzero(counts != printed).",
    ),
)


# --- 16.4 Receptive fields ----------------------------------------------------------------------------------------

CHAIN = np.array([[3, 1], [2, 2], [3, 1], [2, 2], [3, 1]])
CHAIN_PRINTED = np.array([3, 4, 8, 12, 18])  # the fourth with its own stride


def fields(layers: Array) -> Array:
    """Return the receptive field behind each of the layers with rows F, S."""
    rows = [tuple(row) for row in layers.tolist()]
    return np.array([float(receptive_field(rows[: n + 1]).size) for n in range(len(rows))])


def _fields_by(step: Callable[[int, Array], float], start: float = 1) -> Callable[[Array], Array]:
    """Return fields that grow by (F - 1) times a step that depends on the layer's number and all strides."""

    def grown(layers: Array) -> Array:
        F, S = layers.T
        return start + np.cumsum([(F[n] - 1) * step(n, S) for n in range(len(F))]).astype(float)

    return grown


_with_its_own = _fields_by(lambda n, S: float(np.prod(S[: n + 1])))
_without_strides = _fields_by(lambda n, S: 1.0)
_last_stride_only = _fields_by(lambda n, S: float(S[n - 1]) if n else 1.0)


def _sizes_added(layers: Array) -> Array:
    F, S = layers.T
    before = np.concatenate([[1], np.cumprod(S)[:-1]])
    return np.cumsum(F * before).astype(float)


def _fields_cases(rng: Rng) -> list[Case]:
    cases = [Case((CHAIN, CHAIN_PRINTED), label="the slide")]
    for n in (5, 7):
        F = rng.choice([2, 3, 5], n)
        S = rng.choice([1, 2, 3], n, p=[0.5, 0.3, 0.2])
        S[:2] = 2, 3  # so that each wrong way shows
        layers = np.stack([F, S], axis=1)
        printed = fields(layers)
        k = int(rng.integers(2, n))
        printed[k] += int(rng.choice([-2, -1, 1, 2, 3]))
        cases.append(Case((layers, printed.astype(int)), label=f"{n} layers"))
    return cases


def _wrong_field(layers: Array, printed: Array) -> Place:
    return farthest(fields(layers), printed)


def _found_by(grown: Callable[[Array], Array]) -> Callable[[Array, Array], Place]:
    def found(layers: Array, printed: Array) -> Place:
        return first_apart(grown(layers), printed)

    return found


def _last_apart(layers: Array, printed: Array) -> Place:
    """Trust the printed field before each layer: the one after the mistake looks wrong too."""
    F, S = layers.T
    before = np.concatenate([[1], np.cumprod(S)[:-1]])
    trusted = np.concatenate([[1.0], printed[:-1]]) + (F - 1) * before
    k = int(np.flatnonzero(trusted != printed)[-1])
    return k, float(trusted[k])


FIELDS = Task(
    id="16.4",
    title="What a unit sees",
    points=3,
    minutes=12,
    difficulty=2,
    name="wrong_field",
    returns=("place", "right"),
    cases=_fields_cases,
    reference=_wrong_field,
    misconceptions=(
        Misconception(
            "the layer's own stride",
            "You let the stride of a layer widen its own field. It moves the units of this layer apart, and so "
            "counts from the next layer on.",
            _found_by(_with_its_own),
        ),
        Misconception(
            "strides left out",
            "Your fields grow by F - 1 with every layer, whatever the strides before. Behind a stride of 2, "
            "neighbors stand two pixels apart.",
            _found_by(_without_strides),
        ),
        Misconception(
            "only the last stride",
            "You use the stride of the layer before alone. The strides of all layers before multiply.",
            _found_by(_last_stride_only),
        ),
        Misconception(
            "kernel sizes added",
            "Each of your layers adds F times the step. The windows of neighbors overlap: a kernel of F adds F - 1 "
            "steps.",
            _found_by(_sizes_added),
        ),
        Misconception(
            "the one after the mistake",
            "You compute each field from the printed one before it, and the one after a wrong one then looks wrong "
            "as well. Compute the whole chain from the input.",
            _last_apart,
        ),
        Misconception("place counted from one", COUNTED_FROM_ONE, from_one(_wrong_field)),
        Misconception("the printed number", THE_WRONG_ONE, as_printed(_wrong_field)),
    ),
    hints=(
        "A unit of the first layer sees F pixels. How far apart, in pixels, do two neighbors of that layer look?",
        "Keep two numbers while you walk through the layers: the field and the distance between neighbors.",
        "field += (F - 1) * distance, then distance *= S, in this order.",
    ),
)
