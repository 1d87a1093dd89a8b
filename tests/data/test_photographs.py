"""The photographs are there without a network, in gray between 0 and 1."""

import pytest

from coursekit.data import photograph


@pytest.mark.parametrize("name", ["china", "flower"])
def test_a_photograph_is_gray_between_black_and_white(name):
    photo = photograph(name)
    assert photo.shape == (427, 640)
    assert 0 <= photo.min() < 0.1
    assert 0.8 < photo.max() <= 1


def test_an_unknown_photograph_is_named():
    with pytest.raises(ValueError, match="no photograph 'moon', expected one of china, flower"):
        photograph("moon")
