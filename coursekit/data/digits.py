"""Handwritten digits that scikit-learn ships: 1,797 images of 8 x 8 pixels from the UCI repository.

Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, 1998 (test part).
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int


class Digits(NamedTuple):
    """Images and what they show, for training and for testing."""

    x: Float[np.ndarray, "N 1 8 8"]  # 0 (paper) to 1 (ink)
    labels: Int[np.ndarray, " N"]  # 0 to 9
    x_test: Float[np.ndarray, "M 1 8 8"]
    labels_test: Int[np.ndarray, " M"]


def digits() -> Digits:
    """Return 1,437 digits to train on and 360 to test with, always the same ones.

    Every fifth image is for testing: the file runs through its writers one after the other, and
    taking the end for testing would test on writers of whom training has seen little.
    """
    from sklearn.datasets import load_digits  # takes a second to import

    found = load_digits()
    x = found.images[:, None] / 16
    labels = found.target.astype(np.int64)
    testing = np.arange(len(x)) % 5 == 0
    return Digits(x[~testing], labels[~testing], x[testing], labels[testing])
