"""The exercises of chapter 11: the challenge's score, and a network to choose.

Shapes, parameters, savings, and the Inception block stand in modules of their own.
"""

import numpy as np

from coursekit.study.task import Case, Misconception, Task
from coursekit.study.tasks.architectures_counts import COUNT
from coursekit.study.tasks.architectures_inception import BLOCK
from coursekit.study.tasks.architectures_savings import BATCH, HEAD, REDUCTION
from coursekit.study.tasks.architectures_shapes import SHAPES

Array = np.ndarray
Rng = np.random.Generator

# --- 11.1 Five guesses ----------------------------------------------------------------------------------------


def _guesses_cases(rng: Rng) -> list[Case]:
    by_hand = np.array([[0.1, 0.5, 0.3, 0.2], [2.0, -1.0, 1.0, 0.0], [0.0, 1.0, 3.0, 2.0]])
    cases = [Case((by_hand, np.array([2, 1, 3]), 2), label="3 images, 4 classes, k = 2")]
    for N, classes, k in ((120, 12, 5), (90, 10, 3), (60, 8, 1)):
        scores, labels = rng.normal(size=(N, classes)).round(4), rng.integers(0, classes, N)
        scores[np.arange(N), labels] += 0.4  # better than chance
        cases.append(Case((scores, labels, k), label=f"{N} images, {classes} classes, k = {k}"))
    return cases


def _missed(scores: Array, labels: Array, best: Array) -> float:
    return float(np.mean(~np.any(best == labels[:, None], axis=1)))


def _guesses(scores: Array, labels: Array, k: int) -> float:
    return _missed(scores, labels, np.argsort(-scores, axis=1)[:, :k])


def _ranks_taken_for_classes(scores: Array, labels: Array, k: int) -> float:
    """Sort twice: the rank of each class, of which the first k are compared with the label."""
    return _missed(scores, labels, np.argsort(np.argsort(-scores, axis=1), axis=1)[:, :k])


GUESSES = Task(
    id="11.1",
    title="Five guesses",
    points=2,
    minutes=7,
    difficulty=1,
    name="top_error",
    returns=("error",),
    cases=_guesses_cases,
    reference=_guesses,
    hints=(
        "`np.argsort(scores, axis=1)` gives, for each image, the classes from the lowest score to the highest. Where "
        "do the best k stand?",
        "An image is right if its label is among its k guesses: compare `labels[:, None]` with them, and ask for `any` "
        "along the row. The error is the share of images that are not right.",
    ),
    misconceptions=(
        Misconception(
            "the right ones counted",
            "You returned the share that is right. The challenge counts the errors.",
            lambda scores, labels, k: 1 - _guesses(scores, labels, k),
        ),
        Misconception(
            "one guess only",
            "You looked at the best guess alone. An image is right if its class is among the best k.",
            lambda scores, labels, k: _guesses(scores, labels, 1),
        ),
        Misconception(
            "the lowest scores",
            "Your guesses are the k classes with the lowest scores: `np.argsort` begins with those.",
            lambda scores, labels, k: _missed(scores, labels, np.argsort(scores, axis=1)[:, :k]),
        ),
        Misconception(
            "one guess too many",
            "You allow k + 1 guesses.",
            lambda scores, labels, k: _guesses(scores, labels, k + 1),
        ),
        Misconception(
            "one guess too few",
            "You allow k - 1 guesses: a slice ends before its end, so the first k are `[:k]`.",
            lambda scores, labels, k: _guesses(scores, labels, k - 1),
        ),
        Misconception(
            "scores taken for classes",
            "You looked for the label among the k highest scores. A label is the number of a class: `np.argsort` gives "
            "numbers of classes, `np.sort` gives scores.",
            lambda scores, labels, k: _missed(scores, labels, -np.sort(-scores, axis=1)[:, :k]),
        ),
        Misconception(
            "every guess counted",
            "You counted guesses that differ from the label. An image counts once, and is right if one of its k "
            "guesses is.",
            lambda scores, labels, k: np.mean(
                np.argsort(-scores, axis=1)[:, :k] != labels[:, None]
            ),
        ),
        Misconception(
            "a number of images",
            "You returned how many images are wrong. Asked for is their share.",
            lambda scores, labels, k: _guesses(scores, labels, k) * len(labels),
        ),
        Misconception(
            "in percent",
            "Your error is in percent; asked for is a share between 0 and 1.",
            lambda scores, labels, k: 100 * _guesses(scores, labels, k),
        ),
        Misconception(
            "exactly place k",
            "You compare with the k-th guess alone. The guesses before it count as well.",
            lambda scores, labels, k: _missed(
                scores, labels, np.argsort(-scores, axis=1)[:, k - 1 : k]
            ),
        ),
        Misconception(
            "places taken for classes",
            "You compared the label with the places of the first k classes. `np.argsort` once gives classes in order; "
            "twice, it gives the place of each class.",
            _ranks_taken_for_classes,
        ),
    ),
)

# --- 11.8 In your own words -----------------------------------------------------------------------------------

WORDS = Task(
    id="11.8",
    title="Which network for the sorting machine?",
    points=2,
    minutes=10,
    difficulty=2,
    name="choosing an architecture",
    kind="written",
    hints=(
        "Take the budgets one after another: which number of the chapter's tables does each of them limit?",
        "In which of the chapter's experiments did the place of a thing in the image matter, and which part of the "
        "network decided about it?",
    ),
)

TASKS = (GUESSES, SHAPES, COUNT, REDUCTION, HEAD, BATCH, BLOCK, WORDS)
