"""The exercise of chapter 04 on what a unit sees."""

import numpy as np

from coursekit.reference import receptive_field
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator

# --- 4.5 What a unit sees -------------------------------------------------------------------------------------


def _field_cases(rng: Rng) -> list[Case]:
    cases = [
        Case((np.array([3, 3]), np.array([1, 1])), label="two layers of 3, stride 1"),
        Case((np.array([3, 3, 3]), np.array([2, 2, 2])), label="three layers of 3, stride 2"),
        Case((np.array([5, 2, 5, 2]), np.array([1, 2, 1, 2])), label="LeNet's first four layers"),
    ]
    for n in (3, 5, 6):
        F, S = rng.integers(2, 8, size=n), rng.integers(1, 4, size=n)
        cases.append(Case((F, S), label=f"F = {F.tolist()}, S = {S.tolist()}"))
    return cases


def _field(F: np.ndarray, S: np.ndarray) -> tuple[int, int]:
    field = receptive_field([(int(f), int(s)) for f, s in zip(F, S, strict=True)])
    return field.size, field.stride


def _step(S: np.ndarray) -> int:
    return int(np.prod(S))


def _too_early(F: np.ndarray, S: np.ndarray) -> tuple[int, int]:
    return int(1 + np.sum((F - 1) * np.cumprod(S))), _step(S)


def _stride_below(F: np.ndarray, S: np.ndarray) -> tuple[int, int]:
    return int(1 + np.sum((F - 1) * np.append(1, S[:-1]))), _step(S)


def _strides_added(F: np.ndarray, S: np.ndarray) -> tuple[int, int]:
    j = np.cumsum(np.append(1, S - 1))
    return int(1 + np.sum((F - 1) * j[:-1])), int(j[-1])


def _step_added(F: np.ndarray, S: np.ndarray) -> tuple[int, int]:
    j = 1 + np.cumsum(np.append(0, S))
    return int(1 + np.sum((F - 1) * j[:-1])), int(j[-1])


def _first_layer_twice(F: np.ndarray, S: np.ndarray) -> tuple[int, int]:
    r, j = _field(F, S)
    return int(F[0]) + (r - 1) * int(S[0]), j * int(S[0])


def _gap_too_many(F: np.ndarray, S: np.ndarray) -> tuple[int, int]:
    r = int(F[-1])
    for f, s in zip(F[-2::-1], S[-2::-1], strict=True):
        r = r * int(s) + int(f)
    return r, _step(S)


FIELD = Task(
    id="4.5",
    title="What a unit sees",
    points=3,
    minutes=8,
    difficulty=2,
    name="field",
    returns=("r", "j"),
    cases=_field_cases,
    reference=_field,
    hints=(
        "An input sees itself and is 1 away from the next: begin with r = 1 and j = 1, and go through the layers from "
        "the input upward.",
        "A kernel of F has F - 1 gaps between its entries. Each gap is j inputs wide, where j is what the layers "
        "*below* made of it.",
        "Only after its own kernel has been counted does a layer's stride multiply j.",
    ),
    misconceptions=(
        Misconception(
            "F instead of F - 1",
            "You added F for each layer. The entry that is already there counts once; a kernel of F adds F - 1 more.",
            lambda F, S: (int(1 + np.sum(F * np.append(1, np.cumprod(S)[:-1]))), _step(S)),
        ),
        Misconception(
            "begun with 0",
            "Your receptive field begins with 0; without any layer a unit sees one entry, itself.",
            lambda F, S: (_field(F, S)[0] - 1, _step(S)),
        ),
        Misconception(
            "strides ignored",
            "Your r adds F - 1 for each layer, whatever the strides below. After a stride of 2, neighbors stand two "
            "inputs apart.",
            lambda F, S: (int(1 + np.sum(F - 1)), _step(S)),
        ),
        Misconception(
            "kernels added up",
            "You added the kernels up. Where two layers meet, one entry is counted twice: each layer adds F - 1, and "
            "times the strides below.",
            lambda F, S: (int(np.sum(F)), _step(S)),
        ),
        Misconception(
            "kernels multiplied",
            "You multiplied the kernels. Neighbors share most of what they see, so a layer adds to r; what multiplies "
            "is the step j.",
            lambda F, S: (int(np.prod(F)), _step(S)),
        ),
        Misconception(
            "own stride instead of those below",
            "Each layer of yours adds F - 1 times its own stride. How far apart its inputs stand is decided by the "
            "layers below, all of them.",
            lambda F, S: (int(1 + np.sum((F - 1) * S)), _step(S)),
        ),
        Misconception(
            "own stride too early",
            "You multiplied with a layer's stride before you counted its kernel. The kernel reads what comes in, and "
            "that stands as far apart as the layers below left it.",
            _too_early,
        ),
        Misconception(
            "only the layer below",
            "You used the stride of the layer just below. All layers below count: their strides multiply.",
            _stride_below,
        ),
        Misconception(
            "strides added",
            "You added the strides up. A stride of 2 on top of a stride of 2 makes neighbors stand 4 apart: multiply.",
            _strides_added,
        ),
        Misconception(
            "steps added in j",
            "Your r is right. In j you added the strides up: a step of 2 made of steps of 2 is a step of 4.",
            lambda F, S: (_field(F, S)[0], int(np.sum(S))),
        ),
        Misconception(
            "last stride as j",
            "Your r is right. Your j is the last stride, which counts units of the layer below; asked is for inputs.",
            lambda F, S: (_field(F, S)[0], int(S[-1])),
        ),
        Misconception(
            "from the top down",
            "You multiplied each layer's F - 1 with the strides of the layers above it. What counts are those below: "
            "start at F[0] and S[0], and let j grow as you go up. (With r = (r - 1) * S + F, start at the top.)",
            lambda F, S: _field(F[::-1], S[::-1]),
        ),
        Misconception(
            "swapped",
            "You returned j first: the order is r, j.",
            lambda F, S: _field(F, S)[::-1],
        ),
        Misconception(
            "step replaced by the stride",
            "Your j is the stride of the last layer you met. A layer multiplies the step that is there: j * S.",
            lambda F, S: (_stride_below(F, S)[0], int(S[-1])),
        ),
        Misconception(
            "stride added to the step",
            "You add each stride to j. With stride 1 neighbors stay as far apart as they were: multiply.",
            _step_added,
        ),
        Misconception(
            "step begins with 0",
            "Your j begins with 0, and 0 times anything stays 0: neighbors in the input are 1 apart.",
            lambda F, S: (1, 0),
        ),
        Misconception(
            "first layer twice",
            "You begin with r = F[0], j = S[0] and then count the first layer again: begin with 1 and 1, or with the "
            "second layer.",
            _first_layer_twice,
        ),
        Misconception(
            "first layer left out",
            "You left out the first layer; numbers of layers begin with 0.",
            lambda F, S: _field(F[1:], S[1:]),
        ),
        Misconception(
            "last layer left out",
            "You left out the last layer: r and j are asked for after it.",
            lambda F, S: _field(F[:-1], S[:-1]),
        ),
        Misconception(
            "first layer only",
            "You return what the first layer sees: does your `return` stand inside the loop?",
            lambda F, S: (int(F[0]), int(S[0])),
        ),
        Misconception(
            "last stride left out of j",
            "Your r is right. In j the last stride is missing: it says how far apart the last layer's units are.",
            lambda F, S: (_field(F, S)[0], _step(S[:-1])),
        ),
        Misconception(
            "one gap too many",
            "You go down from the top with r * S. Between r units are r - 1 gaps: r becomes (r - 1) * S + F.",
            _gap_too_many,
        ),
        Misconception(
            "area instead of side",
            "You squared r: asked is how many inputs a unit sees along one axis.",
            lambda F, S: (_field(F, S)[0] ** 2, _step(S)),
        ),
    ),
)
