"""The figures of chapter 01 show what they say."""

import numpy as np
import pytest

from coursekit.reference import toeplitz1d
from coursekit.show import convolution_1d as show


def test_sliding_says_the_sum_that_it_draws():
    drawn = show.sliding(np.array([1.0, 2, 0, 4]), np.array([1.0, -1]), 2)
    assert drawn.caption == "Place i = 2: (0)(1) + (4)(-1) = -4, which becomes y[2]."
    assert "entries 2 to 3 of x" in drawn.alt


def test_the_slider_stops_where_the_kernel_does():
    widget = show.sliding_widget(np.arange(6.0), {"short": [1, 1], "long": [1, 1, 1]})
    kernel, place = widget.children[:2]
    assert place.max == 4
    place.value = 4
    assert "Place i = 4" in widget.html
    kernel.value = "long"
    assert "last place at 3; place 4 hangs over the end" in widget.message


def test_the_band_counts_what_it_draws():
    drawn = show.band(np.array([1.0, 2, 3]), 9, stride=2, padding=1)
    assert "A matrix of 5 rows and 9 columns" in drawn.alt
    assert "(9 + 2·1 − 3) // 2 + 1 = 5 places" in drawn.caption
    assert (
        f"{np.count_nonzero(toeplitz1d(np.array([1.0, 2, 3]), 9, stride=2, padding=1))} of 45"
        in drawn.caption
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the kernel is empty, expected numbers"),
        ("1, two", "something else than numbers"),
        (
            "1 2 3 4 5 6 7 8 9 10",
            "kernel 10 is larger than the padded input 9 (input 9, padding 0)",
        ),
    ],
)
def test_a_kernel_typed_wrong(text, sentence):
    widget = show.band_widget()
    before = widget.html
    widget.children[0].value = text
    assert sentence in widget.message
    assert widget.html == before


def test_a_kernel_typed_with_blanks_is_as_good_as_with_commas():
    widget = show.band_widget()
    widget.children[0].value = "4 5"
    assert "the kernel 4, 5, each" in widget.html


def test_the_product_frames_the_row_that_it_explains():
    T = toeplitz1d(np.array([1.0, 2, 3]), 5)
    drawn = show.product(T, np.array([1.0, 0, 2, 0, 1]), row=1)
    assert "1·0 + 2·2 + 3·0 = 4" in drawn.caption
    assert "Row 1 of T, entries 1 to 3 of x" in drawn.alt


def test_stems_say_their_numbers():
    drawn = show.slope(np.array([0, 2, 5]), np.array([2.0, 3]))
    assert "x: 0, 2, 5; x with (−1, 1): 2, 3." in drawn.alt
    assert drawn.png != show.slope(np.array([0, 2, 5]), np.array([3.0, 2])).png
    assert "spike: 0, 1" in show.two_ways_round(np.array([0.0, 1]), np.ones(1), np.ones(1)).alt
    assert "(1, 0, 1): 3" in show.template(np.array([3, 0, 0]), np.array([3])).alt


def test_the_transpose_says_where_copies_overlap():
    drawn = show.down_and_up(toeplitz1d(np.array([1.0, 2, 3]), 7, stride=2))
    assert "in rows 2 and 4, they add up" in drawn.caption
    assert "The first has 3 rows" in drawn.alt


def test_the_photograph_follows_its_row():
    photo = np.random.default_rng(0).random((20, 30))
    smooth, edges = photo[7][:22], photo[7][:14]
    assert "row 7 marked" in show.photograph_row(photo, 7, smooth, edges).alt
    assert (
        show.photograph_row(photo, 7, smooth, edges).png
        != show.photograph_row(photo, 8, smooth, edges).png
    )


def test_growth_names_every_line():
    drawn = show.growth([64, 128], {"full matrix": [1e-6, 4e-6], "sliding window": [1e-6, 2e-6]})
    assert "full matrix, sliding window" in drawn.alt
