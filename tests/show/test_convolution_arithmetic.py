"""The figures of chapter 03 show what they say."""

import re

import numpy as np
import pytest

from coursekit.reference import conv2d_cost, conv_transpose2d, toeplitz2d
from coursekit.show import convolution_arithmetic as show
from coursekit.show import convolution_arithmetic_transposed as show_up
from coursekit.show.figure import INPUT
from coursekit.show.grids import tint


def controls(widget):
    """Return the sliders and text fields of a widget by the last letter or word of their names."""
    return {
        one.description.split()[-1]: one
        for one in widget.children
        if getattr(one, "description", "")
    }


def test_a_layer_says_its_sizes():
    drawn = show.layer(show.Geometry(W=7, F=3, S=2, P=1, D=1), place=5)
    assert "(7 + 2·1 − 3) // 2 + 1 = 4 places" in drawn.caption
    assert "begin at row 2 and column 2 of the padded grid" in drawn.alt
    assert "Lines lead to row 1, column 1 of an output of 4 by 4" in drawn.alt
    assert "Every pixel is read" in drawn.caption


@pytest.mark.parametrize(
    ("g", "pixels"),
    [
        (show.Geometry(W=7, F=3, S=3, P=0), 13),  # the last row and the last column
        (show.Geometry(W=7, F=3, S=5, P=1), 24),  # two rows and two columns between the places
        (show.Geometry(W=5, F=2, S=1, P=0, D=4), 21),  # only the corners are read
    ],
)
def test_a_layer_counts_the_pixels_that_nobody_reads(g, pixels):
    assert f"Hatched: {pixels} of {g.W**2} pixels that no place reads" in show.layer(g).caption


def test_a_dilated_kernel_that_leaves_gaps_hatches_only_what_no_other_place_reads():
    assert not show.Geometry(W=9, F=3, S=1, P=0, D=2).unread().any()
    assert show.Geometry(W=9, F=3, S=2, P=0, D=2).unread().tolist() == [False, True] * 4 + [False]


def test_the_layer_widget_follows_every_slider():
    widget = show.layer_widget()
    for slider in controls(widget).values():
        before = widget.html
        slider.value += 1
        assert widget.message == "", (slider.description, widget.message)
        picture = re.search('src="[^"]+"', widget.html)
        assert picture and picture[0] not in before, slider.description


def test_the_layer_widget_refuses_what_is_not_there():
    widget = show.layer_widget()
    named, before = controls(widget), widget.html
    named["place"].value = 16
    assert "4 × 4 entries, so places 0 to 15; there is no place 16" in widget.message
    named["place"].value = 0
    named["W"].value = 1
    named["D"].value = 4
    assert (
        "kernel 3 with dilation 4 spans 9 and is larger than the padded input 3" in widget.message
    )
    assert widget.html != before


@pytest.mark.parametrize(
    ("g", "parameters", "activations", "multiply_adds"),
    [
        (show.Geometry(W=32, F=5, S=1, P=2, C=3, K=10), "10·(3·5² + 1) = 760", "10,240", "768,000"),
        (show.Geometry(W=8, F=3, S=2, P=0, D=2, C=2, K=5), "5·(2·3² + 1) = 95", "20", "360"),
    ],
)
def test_the_accounts_are_those_of_the_reference(g, parameters, activations, multiply_adds):
    written = show.layer(g).alt
    assert f"parameters {parameters};" in written
    assert f"= {activations};" in written
    assert written.endswith(f"= {multiply_adds}.")
    cost = conv2d_cost((g.C, g.W, g.W), g.K, g.F, stride=g.S, padding=g.P, dilation=g.D)
    assert f"{cost.multiply_adds:,}" == multiply_adds
    assert f"left over {(g.padded - g.span) % g.S} of {g.padded};" in written


def test_without_costs_a_layer_tells_its_sizes_only():
    told = show.layer(show.Geometry(), costs=False).alt
    assert told.endswith("left over 0 of 9; output y 4 × 4.")
    assert "parameters" not in told
    assert set(controls(show.layer_widget(costs=False))) == {"W", "F", "S", "P", "D", "place"}


def test_read_counts_say_who_is_never_read():
    drawn = show.read_counts(7, 3, [1, 3])
    assert "stride 1: along one axis 1, 2, 3, 3, 3, 2, 1" in drawn.alt
    assert "At stride 3, 13 of 49 pixels are never read" in drawn.caption
    assert "Every pixel is read" in show.read_counts(7, 3, [1]).caption


def test_a_shade_is_white_at_zero_and_full_at_the_largest():
    fills = show.shade(np.array([[0.0, 2.0, -4.0]]), INPUT)
    assert np.allclose(fills[0, 0], 1)
    assert np.allclose(fills[0, 2], tint(INPUT))
    assert np.allclose(show.shade(np.zeros((2, 2)), INPUT), 1)


def test_darkening_says_corner_and_middle():
    drawn = show.darkening({"layers: 1": np.array([[0.444, 1, 1], [1, 0.9, 1], [1, 1, 1]])})
    assert "layers: 1: corner 0.44, middle 0.90" in drawn.caption


def test_mixtures_name_every_mixture():
    photo = np.random.default_rng(0).random((3, 8, 9))
    drawn = show.mixtures(photo, {"brightness": photo[0], "difference": photo[0] - photo[1]})
    assert "2 mixtures of its channels: brightness, difference" in drawn.alt


def test_times_name_every_layer():
    drawn = show.time_against_count(["1×1", "3×3"], [100, 900], [1e-3, 3e-2])
    assert "one point each: 1×1 takes 1 ms; 3×3 takes 30 ms." in drawn.alt


def test_there_and_back_counts_rows_and_columns():
    T = toeplitz2d(np.array([[1.0, 4, 1], [1, 4, 3], [3, 3, 1]]), 4, 4)
    drawn = show_up.there_and_back(T, 4, 2)
    assert "T has 4 rows and 16 columns, each row holds the 9 weights" in drawn.alt


def test_copies_frame_the_copy_of_the_pixel():
    x, w = np.array([[1.0, 2], [0, 3]]), np.ones((3, 3))
    drawn = show_up.copies(x, w, stride=2, padding=1, pixel=3)
    assert "row 1, column 1, which is 3" in drawn.alt
    assert "from row 2 and column 2 on" in drawn.alt
    assert "all copies in 5 by 5, of which the middle 3 by 3 is the output" in drawn.alt
    size = conv_transpose2d(x[None, None], w[None, None], stride=2, padding=1).shape[-1]
    assert f"(2 − 1)·2 − 2·1 + 3 = {size}" in drawn.caption


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the kernel is empty"),
        ("1, two, 3", "something else than numbers"),
        ("1 2; 3", "the rows of the kernel have [2, 1] numbers"),
    ],
)
def test_a_kernel_typed_wrong(text, sentence):
    widget = show_up.copies_widget(np.ones((3, 3)))
    before = widget.html
    controls(widget)["w"].value = text
    assert sentence in widget.message
    assert widget.html == before


def test_the_copies_widget_follows_its_sliders_and_knows_its_limits():
    widget = show_up.copies_widget(np.eye(3))
    named = controls(widget)
    named["pixel"].value = 4
    assert "row 1, column 1, which is 1" in widget.html
    named["S"].value = 3
    assert "(3 − 1)·3 − 2·0 + 3 = 9" in widget.html
    named["w"].value = "2"
    named["S"].value = 1
    named["P"].value = 2
    assert "padding 2 leaves no pixel" in widget.message
    with pytest.raises(ValueError, match="9 pixels, 0 to 8; there is no pixel 9"):
        show_up.copies(np.eye(3), np.ones((3, 3)), pixel=9)


@pytest.mark.parametrize(("F", "S"), [(1, 1), (2, 2), (4, 2), (6, 3), (8, 4)])
def test_multiples_of_the_stride_overlap_evenly(F, S):
    drawn = show_up.overlap(F, S)
    assert "the same everywhere" in drawn.caption


def test_the_overlap_is_counted_where_no_copy_is_missing():
    assert "away from the border: 36, the same everywhere" in show_up.overlap(6, 1).caption
    assert "away from the border: 1, 2, 4, a checkerboard" in show_up.overlap(4, 3).caption


def test_other_kernels_make_a_checkerboard():
    assert "1, 2, 4, a checkerboard" in show_up.overlap(3, 2).caption
    assert "0, 1, a checkerboard" in show_up.overlap(1, 2).caption
    widget = show_up.overlap_widget()
    controls(widget)["F"].value = 4
    assert "4, the same everywhere" in widget.html


def test_enlarged_images_say_which_are_even():
    image = np.random.default_rng(0).random((6, 6))
    drawn = show_up.enlarged({"ones": image, "bilinear": image}, {"ones": 4.0, "bilinear": 1.0})
    assert "over roof and sky in ones; none in bilinear" in drawn.alt
