"""What a training run that went wrong looks like from its predictions alone.

A misconception of a task that is graded by accuracy has one of these: training its wrong run again, to compare,
would take as long as the answer did, and would not give the same predictions.
"""

import numpy as np

_CHANCE_ERRORS = 3  # standard errors within which an accuracy is one of guessing


def one_class(predicted: np.ndarray, labels: np.ndarray) -> bool:
    """Tell whether every image is said to be of the same class."""
    return len(np.unique(predicted)) == 1 and len(np.unique(labels)) > 1


def at_chance(predicted: np.ndarray, labels: np.ndarray) -> bool:
    """Tell whether guessing would be as good: within three standard errors of one in the number of classes."""
    guess = 1 / len(np.unique(labels))
    error = np.sqrt(guess * (1 - guess) / len(labels))
    return bool(abs(np.mean(predicted == labels) - guess) <= _CHANCE_ERRORS * error)


def renumbered(predicted: np.ndarray, labels: np.ndarray) -> bool:
    """Tell whether most predictions would be right if every class number were moved by the same amount."""
    classes = int(labels.max()) + 1
    moved = [np.mean((predicted + k) % classes == labels) for k in range(1, classes)]
    return bool(np.mean(predicted == labels) < 0.5 < max(moved, default=0))


def out_of_order(predicted: np.ndarray, labels: np.ndarray) -> bool:
    """Tell whether the classes come in the right numbers, but to the wrong images.

    That is what predictions of shuffled test images look like: at chance, though no class is left out.
    """
    counts = np.bincount(labels.astype(int))
    if predicted.min() < 0 or predicted.max() >= len(counts):
        return False
    off = np.abs(np.bincount(predicted.astype(int), minlength=len(counts)) - counts).sum()
    return at_chance(predicted, labels) and bool(off < 0.25 * len(labels))
