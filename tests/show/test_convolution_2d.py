"""The figures of chapter 02 show what they say."""

import numpy as np
import pytest

from coursekit.reference import conv2d, toeplitz2d
from coursekit.show import convolution_2d as show
from coursekit.show import convolution_2d_photos as photos

RNG = np.random.default_rng(0)
X = np.arange(20.0).reshape(4, 5)
PHOTO = RNG.random((20, 30))


def answer(image, kernel):
    return conv2d(image[None, None], kernel[None, None])[0, 0]


def test_the_walk_says_the_sum_that_it_draws():
    drawn = show.walk(X, np.array([[1.0, -1], [2, 0]]), 1, 2)
    assert (
        drawn.caption
        == "Place (1, 2), row by row: (7 + -8) + (24 + 0) = 23, which becomes y[1, 2]."
    )
    assert "rows 1 to 2 and columns 2 to 3 framed; the 4 products" in drawn.alt


def test_a_product_of_zero_has_no_sign():
    drawn = show.walk(np.zeros((3, 3)), -np.ones((2, 2)), 0, 0)
    assert "-0" not in drawn.caption


def test_the_walk_starts_where_it_is_told():
    widget = show.walk_widget(X, "1 0; 0 1", start=(1, 3))
    assert "Place (1, 3), row by row: (8 + 0) + (0 + 14) = 22" in widget.html


def test_the_walk_stops_at_the_edge():
    widget = show.walk_widget(X, "1 0; 0 1")
    kernel, row, column = widget.children[:3]
    row.value = 2
    column.value = 3
    assert "Place (2, 3)" in widget.html
    row.value = 3
    assert (
        "kernel of 2 by 2 has its last place at (2, 3); place (3, 3) hangs over" in widget.message
    )
    row.value = 0
    kernel.value = "1 1 1 1"
    assert "last place at (3, 1); place (0, 3)" in widget.message


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the kernel is empty"),
        ("1, two, 3", "something else than numbers"),
        ("1 2; 3", "the rows of the kernel have [2, 1] numbers"),
        ("1 1 1 1 1 1", "1 rows and 6 columns, expected at most 5 of each"),
        ("1; 1; 1; 1; 1", "the kernel of 5 by 1 is larger than the image of 4 by 5"),
    ],
)
def test_a_kernel_typed_wrong(text, sentence):
    widget = show.walk_widget(X, "1 0; 0 1")
    before = widget.html
    widget.children[0].value = text
    assert sentence in widget.message
    assert widget.html == before


def test_the_spike_says_every_row_that_is_not_zero():
    spot = np.zeros((5, 5))
    spot[1, 2] = 1
    drawn = show.spike(spot, {"moved": np.roll(spot, 1, axis=0), "none": 0 * spot})
    assert "zero but for entry (1, 2)" in drawn.alt
    assert "moved: 0 0 1 0 0; none: all zero." in drawn.alt


def test_the_blocks_explain_the_row_that_they_frame():
    w = np.array([[1.0, 2], [3, 4]])
    x = np.arange(1.0, 10).reshape(3, 3)
    drawn = show.blocks(toeplitz2d(w, 3, 3), x, w, row=2)
    assert "Row 2 of T times v(x): 1·4 + 2·5 + 3·7 + 4·8 = 67" in drawn.caption
    assert answer(x, w)[1, 0] == 67
    assert "4 rows and 9 columns in 2 by 3 blocks" in drawn.alt
    assert drawn.png != show.blocks(toeplitz2d(w, 3, 3), x, w, row=1).png


@pytest.fixture
def editor():
    presets = {"sharpen": "0 -1 0; -1 5 -1; 0 -1 0", "difference": "-1 1"}
    return photos.edit_widget({"one": PHOTO, "two": PHOTO[::-1]}, presets)


def test_a_preset_fills_the_text_and_changes_the_picture(editor):
    preset, kernel = editor.children[:2]
    before = editor.html
    preset.value = "difference"
    assert kernel.value == "-1 1"
    assert "add up to 0, so flat gray of 0.5 answers 0." in editor.html
    assert editor.html != before


def test_a_kernel_of_ones_own_empties_the_menu_and_the_menu_leads_back(editor):
    preset, kernel = editor.children[:2]
    start = editor.html
    kernel.value = "1 1"
    assert preset.value is None
    assert "add up to 2, so flat gray of 0.5 answers 1." in editor.html
    preset.value = "sharpen"
    assert kernel.value.startswith("0 -1 0")
    assert editor.html == start


def test_another_photograph_changes_the_picture(editor):
    before = editor.html
    editor.children[2].value = "two"
    assert editor.html != before


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1, two, 3", "something else than numbers"),
        (" ".join(16 * "1"), "1 rows and 16 columns, expected at most 15"),
    ],
)
def test_the_editor_says_what_is_wrong_and_keeps_the_picture(editor, text, sentence):
    before, kernel = editor.html, editor.children[1]
    right = kernel.value
    kernel.value = text
    assert sentence in editor.message
    assert editor.html == before
    kernel.value = right
    assert editor.message == ""


def test_the_editor_counts_what_it_cuts_off():
    drawn = photos.edited(np.full((4, 4), 0.5), np.full((2, 2), 1.0))
    assert "run from 2.00 to 2.00" in drawn.caption
    assert "100% lie outside" in drawn.caption


def test_large_kernels_are_drawn_as_images_and_small_ones_as_numbers():
    assert (
        photos.edited(PHOTO, np.ones((7, 7)) / 49).png
        != photos.edited(PHOTO, np.ones((5, 5)) / 25).png
    )


def test_the_gabor_widget_follows_every_control():
    widget = photos.gabor_widget({"one": PHOTO, "two": PHOTO[::-1]})
    seen = {widget.html}
    for control, value in zip(widget.children[:4], ["two", 15, 7, 120], strict=True):
        control.value = value
        assert widget.message == ""
        seen.add(widget.html)
    assert len(seen) == 5
    assert "Stripes 7 pixels apart, the wave at 15°, phase 120°" in widget.html


def test_a_gabor_kernel_larger_than_the_photograph_says_so():
    widget = photos.gabor_widget({"one": PHOTO})
    widget.children[2].value = 20
    assert "kernel 41 is larger than the padded input 20" in widget.message


def test_directions_name_the_winner():
    energies = np.stack([np.full((4, 5), 1.0), np.full((4, 5), 2.0)])
    energies[0, 0] = 3
    drawn = photos.directions({"0°": np.eye(3), "90°": np.ones((3, 3))}, energies)
    assert "Shares of the pixels: 0° 25%, 90° 75%." in drawn.alt


def test_channels_say_how_high_the_sum_reaches():
    color = RNG.random((3, 12, 18))
    parts = color[:, 1:-1, 1:-1] * np.array([1, -0.5, -0.5])[:, None, None]
    total = parts.sum(axis=0)
    drawn = photos.channels(color, parts, total, ("red", "green", "blue"))
    assert f"up to {total.max():.2f}" in drawn.alt
    assert drawn.png != photos.channels(color, parts[::-1], total, ("red", "green", "blue")).png


@pytest.mark.parametrize(
    "draw",
    [photos.three_questions, photos.gradients],
    ids=lambda draw: draw.__name__,
)
def test_three_pictures_follow_their_images(draw):
    signed = PHOTO - 0.5
    drawn = draw(PHOTO, signed, PHOTO)
    assert drawn.png != draw(PHOTO, signed, PHOTO[::-1]).png
    assert "A pagoda three times" in drawn.alt


@pytest.mark.parametrize(
    "draw",
    [photos.brightness, photos.blurs, photos.noise_and_edges],
    ids=lambda draw: draw.__name__,
)
def test_two_pictures_follow_their_images(draw):
    assert draw(PHOTO, PHOTO).png != draw(PHOTO, PHOTO[::-1]).png
