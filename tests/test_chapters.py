"""The chapter list hangs together."""

import pytest

from coursekit.chapters import CHAPTERS, chapter


def test_numbers_run_from_1_to_16_and_needs_point_back():
    assert [one.number for one in CHAPTERS] == list(range(1, 17))
    assert all(before < one.number for one in CHAPTERS for before in one.needs)


def test_paths_follow_from_number_and_slug():
    first = chapter(1)
    assert first.notebook == "notebooks/01_convolution_1d.ipynb"
    assert first.solutions == "solutions/01_convolution_1d/convolution_1d.ipynb"
    assert first.exercises == "exercises/01_convolution_1d/convolution_1d.ipynb"


def test_an_unknown_chapter_is_named():
    with pytest.raises(ValueError, match="no chapter 17: chapters run from 1 to 16"):
        chapter(17)
