"""The photographs are there without a network, in gray between 0 and 1."""

import numpy as np
import pytest

from coursekit.data import color_photograph, photograph
from coursekit.reference import conv1d


@pytest.mark.parametrize("name", ["china", "flower"])
def test_a_photograph_is_gray_between_black_and_white(name):
    photo = photograph(name)
    assert photo.shape == (427, 640)
    assert 0 <= photo.min() < 0.1
    assert 0.8 < photo.max() <= 1


def test_an_unknown_photograph_is_named():
    with pytest.raises(ValueError, match="no photograph 'moon', expected one of china, flower"):
        photograph("moon")


def test_chapter_01s_darkest_step_is_the_left_end_of_the_roof():
    averages = conv1d(photograph("china")[180], np.ones(9) / 9)
    differences = averages[8:] - averages[:-8]
    assert (
        75 < np.argmin(differences) + 8 < 95
    )  # answer j is made of pixels j to j + 16, around j + 8


def test_gray_is_what_the_eye_makes_of_the_colors():
    colors, gray = color_photograph("flower"), photograph("flower")
    assert colors.shape == (3, 427, 640)
    assert colors.max() <= 1
    red, green, blue = colors[:, 100, 200]
    assert gray[100, 200] == pytest.approx(0.299 * red + 0.587 * green + 0.114 * blue)
