"""The exercises of chapter 12: paths and words; sums, shapes and a torch block stand in modules of their own."""

from math import comb

import numpy as np

from coursekit.study.task import Case, Misconception, Task
from coursekit.study.tasks.residual_networks_shapes import COST, DEPTH, SHORTCUT
from coursekit.study.tasks.residual_networks_sums import BACKWARD, FORWARD
from coursekit.study.tasks.residual_networks_torch import BLOCK

Array = np.ndarray
Rng = np.random.Generator

# --- 12.7 Paths by length -------------------------------------------------------------------------------------


def _path_cases(rng: Rng) -> list[Case]:
    by_hand = (np.array([1.0]), np.array([[[2.0]], [[3.0]]]))
    cases = [Case(by_hand, label="x = 1, blocks times 2 and times 3")]
    for n, D in ((3, 2), (5, 3)):
        x = rng.normal(size=D).round(2) + 0.003
        weights = rng.normal(0, 0.7, (n, D, D)).round(2)
        cases.append(Case((x, weights), label=f"{n} blocks, D = {D}"))
    return cases


def _paths(x: Array, weights: Array) -> Array:
    parts = np.zeros((len(weights) + 1, len(x)))
    parts[0] = x
    for A in weights:
        parts[1:] += parts[:-1] @ A.T
    return parts


def _prefixes(x: Array, weights: Array) -> Array:
    parts = [x]
    for A in weights:
        parts.append(A @ parts[-1])
    return np.array(parts)


def _again_and_again(x: Array, weights: Array) -> Array:
    parts = np.zeros((len(weights) + 1, len(x)))
    parts[0] = x
    for A in weights:
        for k in range(1, len(parts)):
            parts[k] += A @ parts[k - 1]  # the row above is up to date already
    return parts


def _through(x: Array, weights: Array) -> Array:
    parts = np.zeros((len(weights) + 1, len(x)))
    parts[0] = x
    for A in weights:
        parts[1:] = parts[:-1] @ A.T
    return parts


def _powers(x: Array, weights: Array) -> Array:
    parts = [x]
    for _ in weights:
        parts.append(weights.sum(axis=0) @ parts[-1])
    return np.array(parts)


def _depths(x: Array, weights: Array) -> Array:
    rows = [x]
    for A in weights:
        rows.append(rows[-1] + A @ rows[-1])
    return np.array(rows)


def _alone(x: Array, weights: Array) -> Array:
    parts = _paths(x, weights)
    parts[0] = 0
    return parts


def _as_means(x: Array, weights: Array) -> Array:
    n = len(weights)
    return _paths(x, weights) / np.array([comb(n, k) for k in range(n + 1)])[:, None]


PATHS = Task(
    id="12.7",
    title="Paths by length",
    points=4,
    minutes=16,
    difficulty=3,
    name="paths_by_length",
    returns=("parts",),
    cases=_path_cases,
    reference=_paths,
    hints=(
        "By hand for two blocks: (I + B)(I + A) x = x + (A x + B x) + B A x. Which row gets which term?",
        "Go through the blocks one by one and keep, for what is behind the block, the part of every length. A new "
        "block leaves each part as it is (around), and adds A times it to the part that is one longer (through).",
        "Compute the new parts from the old ones, not from those that you have just changed.",
    ),
    misconceptions=(
        Misconception(
            "only the first blocks",
            "Your row k goes through the first k blocks. Every choice of k blocks is a path.",
            _prefixes,
        ),
        Misconception(
            "a block more than once",
            "In your answer some paths go through one block several times: you read a row that this block has changed "
            "already.",
            _again_and_again,
        ),
        Misconception(
            "around forgotten",
            "At each block you replace a row, so that what went around it is lost. Add what went through.",
            _through,
        ),
        Misconception(
            "powers of the sum",
            "Your row k multiplies k times with the sum of all blocks. That has paths through one block twice, and "
            "through blocks in the wrong order.",
            _powers,
        ),
        Misconception(
            "rows upside down",
            "Your rows run from n down to 0. Row 0 is the path around all blocks.",
            lambda x, weights: _paths(x, weights)[::-1],
        ),
        Misconception(
            "the signal behind each block",
            "Your row k is the whole signal behind k blocks. Take it apart: a row holds the paths of one length, "
            "through all n blocks.",
            _depths,
        ),
        Misconception(
            "up to k blocks",
            "Your rows hold all paths through *at most* k blocks. Asked for is exactly k.",
            lambda x, weights: np.cumsum(_paths(x, weights), axis=0),
        ),
        Misconception(
            "the last block first",
            "Your paths run through the blocks from the last to the first.",
            lambda x, weights: _paths(x, weights[::-1]),
        ),
        Misconception(
            "weights transposed",
            "You multiplied with the transposed matrices: a block computes A @ x.",
            lambda x, weights: _paths(x, weights.transpose(0, 2, 1)),
        ),
        Misconception(
            "weights transposed, the last block first",
            "Your parts are those of the way *back*: transposed matrices, the last block first. Asked for is the way "
            "forward.",
            lambda x, weights: _paths(x, weights.transpose(0, 2, 1)[::-1]),
        ),
        Misconception(
            "mean over the paths",
            "You divided by the number of paths. Their sum is what comes out of the net.",
            _as_means,
        ),
        Misconception(
            "the path around everything forgotten",
            "Row 0 is empty in your answer. One path goes around all blocks: what does it carry?",
            _alone,
        ),
    ),
)

# --- 12.8 In your own words -----------------------------------------------------------------------------------

WORDS = Task(
    id="12.8",
    title="Three explanations",
    points=2,
    minutes=10,
    difficulty=2,
    name="what degradation is not",
    kind="written",
    hints=(
        "For each explanation, ask what else would have to be true if it were right, and whether it was.",
        "Overfitting has something to say about the training loss. Capacity has something to say about a net that you "
        "can build by hand. Vanishing can be measured.",
    ),
)

TASKS = (DEPTH, FORWARD, BACKWARD, SHORTCUT, COST, BLOCK, PATHS, WORDS)
