"""The examples that the lectures compute, to the digits that they show."""

import numpy as np
import pytest

from coursekit.reference import conv1d, toeplitz1d, toeplitz1d_sparse

# weights oldest to newest, as the kernel meets the readings of the sensor
WEIGHTS = [0.01, 0.01, 0.02, 0.02, 0.04, 0.4, 0.5]
READINGS = [1.00, 1.10, 1.20, 1.40, 1.70, 1.80, 1.90, 2.10, 2.20, 2.40, 2.50, 2.70]

EXACT = [
    # Louppe lecture 5: a difference, and a template
    ([0, 0, 0, 0, 1, 2, 3, 4, 4, 4, 4], [-1, 1], [0, 0, 0, 1, 1, 1, 1, 0, 0, 0]),
    (
        [0, 0, 3, 0, 0, 0, 0, 0, 3, 0, 3, 0, 0, 0],
        [1, 0, 1],
        [3, 0, 3, 0, 0, 0, 3, 0, 6, 0, 3, 0],
    ),
]


@pytest.mark.parametrize("dtype", [int, np.float32, np.float64])
@pytest.mark.parametrize(("x", "w", "y"), EXACT, ids=["difference", "template"])
def test_louppes_examples_exactly(x, w, y, dtype):
    x, w = np.array(x, dtype), np.array(w, dtype)
    assert np.array_equal(conv1d(x, w), y)
    assert np.array_equal(toeplitz1d(w, len(x)) @ x, y)
    assert np.array_equal(toeplitz1d_sparse(w, len(x)) @ x, y)


def test_the_weighted_average_of_the_noisy_sensor_to_the_last_digit():
    # CS7015 lecture 11, slides 3 to 8, computed again
    y = conv1d(np.array(READINGS), np.array(WEIGHTS))
    assert [f"{value:.3f}" for value in y] == ["1.811", "1.967", "2.112", "2.269", "2.413", "2.569"]


def test_the_difference_as_a_matrix():
    expected = [[-1, 1, 0, 0], [0, -1, 1, 0], [0, 0, -1, 1]]
    assert np.array_equal(toeplitz1d(np.array([-1, 1]), 4), expected)
