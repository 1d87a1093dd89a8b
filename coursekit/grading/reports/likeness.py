"""How much two answers have in common, and which ones of a class belong together."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from rapidfuzz import fuzz, process
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Tokens = tuple[str, ...]

ALIKE = 90.0
"""Percent of the tokens, in their order, that two answers have in common when they count as alike."""

BLOCK = 256
"""Answers compared with all others at a time; it bounds the memory."""


def percent_alike(one: Tokens, other: Tokens) -> int:
    """Return how much two answers are alike, 0 for less than `ALIKE`."""
    return int(fuzz.ratio(one, other, score_cutoff=ALIKE))


def connected(answers: Sequence[Tokens]) -> Iterator[list[Tokens]]:
    """Yield groups of answers that are alike, directly or through others; one alone is a group too."""
    answers = sorted(answers, key=len)
    lengths = np.array([len(one) for one in answers])
    labels = np.arange(len(answers))
    for start in range(0, len(answers), BLOCK):
        block = answers[start : start + BLOCK]
        # nothing that is longer than this can be 90 % alike: 2 a / (a + b) >= 0.9
        longest = len(block[-1]) * (200 / ALIKE - 1)
        end = int(np.searchsorted(lengths, longest, side="right"))
        scores = process.cdist(
            block,
            answers[start:end],
            scorer=fuzz.ratio,
            score_cutoff=ALIKE,
            dtype=np.uint8,
            workers=1,
        )
        rows, columns = np.nonzero(scores)
        labels = _joined(labels, rows + start, columns + start)
    groups: dict[int, list[Tokens]] = defaultdict(list)
    for label, answer in zip(labels, answers, strict=True):
        groups[int(label)].append(answer)
    yield from groups.values()


def _joined(labels: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return the numbers of groups after some of their members were found to be alike."""
    count = len(labels)
    links = coo_array(
        (np.ones(len(rows), dtype=bool), (labels[rows], labels[columns])), shape=(count, count)
    )
    _, merged = connected_components(links, directed=False)
    return merged[labels]
