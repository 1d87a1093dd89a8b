"""The figures of chapter 04 show what they say."""

from itertools import pairwise

import numpy as np
import pytest

from coursekit.reference import conv2d
from coursekit.reference.kernels import sobel
from coursekit.show import pooling_and_invariance as show
from coursekit.show import pooling_and_invariance_fields as fields
from coursekit.show import pooling_and_invariance_waves as waves

GRID = np.array([[1, 4, 2, 1], [5, 8, 3, 4], [7, 6, 4, 5], [1, 3, 1, 2]])
PHOTO = np.random.default_rng(0).random((48, 48))
BINOMIAL = np.array([1.0, 2, 1])


def test_the_letter_and_its_answers_move_together():
    x = show.capital_t()[None, None]
    w = sobel("x")[None, None]
    moved = np.roll(x, 5, axis=-1)
    drawn = show.moved(x, conv2d(x, w), moved, conv2d(moved, w))
    assert "its peak at column 8" in drawn.alt
    assert "the peak stands at column 13" in drawn.alt
    assert "5 columns further right" in drawn.caption


def test_windows_say_their_numbers():
    apart = show.windows(GRID, 2, 2)
    assert "stride 2: 8, 4; 7, 5. The mean of every window: 4.5, 2.5; 4.25, 3." in apart.alt
    assert "holds 1, 4, 5, 8: its maximum is 8, its mean 4.5" in apart.caption
    overlapping = show.windows(GRID, 2, 1)
    assert "stride 1: 8, 8, 4; 8, 8, 5; 7, 6, 5." in overlapping.alt


def test_the_pooled_letter_stays_for_two_steps_and_jumps_with_the_third():
    pooled = []
    for shift in range(5):
        alt = show.shifted(show.capital_t(), sobel("x"), shift, 4).alt
        pooled.append(int(alt.split("pooled answers by ")[1].split(" %")[0]))
    assert pooled[:3] == [0, 0, 0]
    assert min(pooled[3:]) > 30


def test_without_a_window_the_pooled_answers_are_the_answers():
    drawn = show.shifted(show.capital_t(), sobel("x"), 1, 1)
    assert "the answers change by 100 %, the pooled ones by 100 %" in drawn.caption


def test_the_shift_widget_follows_each_control():
    pictures = {"letter": show.capital_t(), "noise": show.on_black(PHOTO[:24, :24], 42, 9, 9)}
    widget = show.shift_widget(pictures, sobel("x"))
    seen = {widget.html}
    picture, shift, F = widget.children[:3]
    for control, value in ((shift, 2), (F, 5), (picture, "noise")):
        control.value = value
        seen.add(widget.html)
    assert len(seen) == 4
    assert "Moved by 2, window 5" in widget.html


def test_both_cells_are_drawn_with_the_places_that_they_like():
    drawn = show.two_cells(
        lambda place, angle: (float(place == 0 == angle), float(abs(place) < 3 and angle == 0)),
        range(-4, 5),
        range(-90, 91, 30),
    )
    assert "the simple cell from 0 to 0 and the complex cell from -2 to 2" in drawn.alt


def test_a_bar_stands_where_it_is_said_to():
    upright = show.bar(3, 0)[0, 0]
    assert list(np.flatnonzero(upright.any(axis=0)) - 20) == [2, 3, 4]
    level = show.bar(0, 90)[0, 0]
    assert list(np.flatnonzero(level.any(axis=1)) - 20) == [-1, 0, 1]


def test_the_wobble_names_every_line_and_its_height():
    drawn = show.wobble(range(3), {"stride 1": [0, 0, 0], "every second": [0, 12.34, 0]})
    assert "stride 1 at most 0.0 %, every second at most 12.3 %" in drawn.alt


def test_a_wave_that_is_too_fast_comes_back_slow():
    drawn = waves.subsampled(0.45, 2, "samples", BINOMIAL)
    assert "Above the limit of 0.25" in drawn.caption
    assert "looks like 0.05" in drawn.caption
    assert "swings by 1.00" in drawn.caption


def test_a_slow_wave_is_kept():
    assert "the wave keeps its 0.1." in waves.subsampled(0.1, 2, "samples", BINOMIAL).caption


@pytest.mark.parametrize(("how", "swing"), [("means", 0.15), ("blurred samples", 0.02)])
def test_means_flatten_what_is_too_fast(how, swing):
    assert f"swings by {swing:.2f}" in waves.subsampled(0.45, 2, how, BINOMIAL).caption


@pytest.mark.parametrize("how", waves.HOW)
@pytest.mark.parametrize("S", [1, 5])
@pytest.mark.parametrize("blur", [[1.0, 1.0], [1.0, 2, 1]])
def test_a_flat_line_stays_flat(how, S, blur):
    drawn = waves.subsampled(0.0, S, how, np.array(blur))
    assert "y swings by 0.00 around a mean of 1.00" in drawn.caption


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1, two, 3", "the blur '1, two, 3' has something else than numbers"),
        ("1 -1", "add up to 0"),
        ("1 " * 30, "has 30 weights, expected at most 24"),
    ],
)
def test_a_blur_typed_wrong(text, sentence):
    widget = show.alias_widget()
    before = widget.html
    widget.children[3].value = text
    assert sentence in widget.message.replace("&#x27;", "'")
    assert widget.html == before


def test_the_wave_widget_follows_each_control():
    widget = show.alias_widget()
    seen = {widget.html}
    how, frequency, S, blur = widget.children[:4]
    for control, value in (
        (frequency, 0.4),
        (S, 3),
        (how, "blurred samples"),
        (blur, "1, 1"),
    ):
        control.value = value
        seen.add(widget.html)
    assert len(seen) == 5


def test_the_rings_follow_the_stride():
    coarse = show.coarse_rings(4)
    assert "Of every 4th pixel" in coarse.alt
    assert coarse.png != show.coarse_rings(3).png


def test_growth_says_where_the_lines_end():
    drawn = show.growth([1, 2], {"plain": [3, 5], "strided": [3, 7]})
    assert "After 2 layers: plain 5, strided 7." in drawn.alt


def test_the_computed_field_is_the_measured_one():
    drawn = fields.field_on_photo(PHOTO, [3, 2, 3], [1, 2, 1], "averaging")
    assert "8 × 8 pixels, 64 in all, and 2 pixels from one unit to the next" in drawn.caption
    assert "Measured: 64 pixels" in drawn.caption
    first, last = _spans(drawn)[-1]
    assert f"rows {first} to {last} and columns {first} to {last} are not zero" in drawn.alt


def test_the_fields_of_the_layers_lie_inside_each_other():
    spans = _spans(fields.field_on_photo(PHOTO, [5, 2, 5, 2], [1, 2, 1, 2], "averaging"))
    assert [last - first + 1 for first, last in spans] == [5, 6, 14, 16]
    for inner, outer in pairwise(spans):
        assert outer[0] <= inner[0]
        assert inner[1] <= outer[1]


def test_a_stride_beyond_the_kernel_leaves_gaps_that_only_the_gradient_shows():
    drawn = fields.field_on_photo(PHOTO, [1, 2], [3, 1], "averaging")
    assert "4 × 4 pixels, 16 in all" in drawn.caption
    assert "Measured: 4 pixels" in drawn.caption


def test_max_pooling_leaves_one_winner():
    drawn = fields.field_on_photo(PHOTO, [3, 3], [2, 2], "max pooling")
    assert "Measured: 1 pixel with a gradient" in drawn.caption


@pytest.mark.parametrize(
    ("control", "text", "sentence"),
    [
        (2, "1, two, 3", "the list of kernels '1, two, 3' has something else than numbers"),
        (3, "1, two, 3", "the list of strides '1, two, 3' has something else than numbers"),
        (3, "1, 2", "6 kernels and 2 strides, expected one stride a kernel"),
        (2, "1.5, 2, 5, 2, 5, 2", "expected whole numbers from 1 to 40"),
        (2, "40, 40, 40, 2, 5, 2", "is larger than the padded input"),
    ],
)
def test_layers_typed_wrong(control, text, sentence):
    widget = show.field_widget(PHOTO)
    before = widget.html
    widget.children[control].value = text
    assert sentence in widget.message.replace("&#x27;", "'")
    assert widget.html == before


def test_the_field_widget_follows_and_stops_where_the_lists_do():
    widget = show.field_widget(PHOTO)
    depth, kind = widget.children[:2]
    seen = {widget.html}
    depth.value = 5
    seen.add(widget.html)
    kind.value = "max pooling"
    seen.add(widget.html)
    assert len(seen) == 3
    depth.value = 7
    assert "layer 7 was asked for, and the lists name 6" in widget.message


def test_decay_says_how_wide_the_soft_spot_is():
    drawn = show.decay({1: np.ones(3) / 3, 2: np.array([1, 2, 3, 2, 1]) / 9})
    assert "2 layers: 5 wide, standard deviation 1.15, 100 % of the gradient" in drawn.alt


def _spans(drawn):
    listed = drawn.alt.split("from pixel ")[1].split(".")[0]
    return [tuple(map(int, span.split(" to "))) for span in listed.split(", ")]
