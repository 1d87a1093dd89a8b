"""The figures of chapter 09 show what they say."""

import numpy as np
import pytest
from matplotlib.axes import Axes

from coursekit.show import dropout_and_regularization as show
from coursekit.show import dropout_and_regularization_crops as crops
from coursekit.show.dropout_and_regularization_masks import masks

# --- masks


def test_the_masks_are_those_of_the_lecture():
    drawn = masks(np.array([3.0, 5]), np.array([2.0, -1]), 0.5)
    assert "mask 01: z = -5, probability 0.25" in drawn.alt
    assert drawn.caption.startswith("Probability × z, added up over 4 masks: 0.5.")


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.9])
def test_the_expectation_is_the_share_kept_of_the_full_unit(rate):
    x, w = np.array([1.0, -2, 4]), np.array([0.5, 1, 2])
    drawn = masks(x, w, rate)
    assert f"expectation, {(1 - rate) * (w @ x):.4g}, another one {w @ x:.4g}" in drawn.alt
    assert drawn.alt.count("probability") == 8


def test_probabilities_stand_below_their_masks():
    drawn = masks(np.array([1.0, 1]), np.array([1.0, 1]), 0.2)
    assert "mask 00: z = 0, probability 0.04" in drawn.alt
    assert "mask 10: z = 1, probability 0.16" in drawn.alt
    assert "mask 11: z = 2, probability 0.64" in drawn.alt


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("inputs", "1, 2, 3", "there are 3 inputs and 2 weights, expected one for each"),
        ("inputs", "1, two, 3", "the input &#x27;1, two, 3&#x27; has something else than numbers"),
        ("weights", "", "the weights is empty"),
    ],
)
def test_the_mask_widget_says_what_is_wrong(field, text, sentence):
    widget = show.mask_widget()
    before = widget.html
    _control(widget, field).value = text
    assert sentence in widget.message
    assert widget.html == before
    _control(widget, field).value = "4, 1"
    assert widget.message == ""
    assert widget.html != before


def test_more_inputs_than_can_be_read_are_refused():
    with pytest.raises(ValueError, match="5 inputs have 32 masks, expected at most 4"):
        masks(np.ones(5), np.ones(5), 0.5)


def test_the_rate_moves_the_probabilities():
    widget = show.mask_widget()
    _control(widget, "rate").value = 0.25
    assert "mask 11: z = 1, probability 0.5625" in widget.html
    assert "expectation, 0.75" in widget.html


# --- crops


def test_the_crop_counts_its_places():
    photo = np.zeros((256, 384, 3))
    drawn = crops.crop(photo, 256, 0, 0, mirrored=False)
    assert "33 · 161 = 5,313 places" in drawn.caption
    assert "51% of the picture" in drawn.caption
    larger = crops.crop(photo, 480, 0, 0, mirrored=True)
    assert "480 by 720 pixels" in larger.alt
    assert "mirrored" in larger.alt
    assert "257 · 497 =" in larger.caption


def test_the_crop_is_what_the_frame_shows(monkeypatch):
    photo, shown = np.random.default_rng(0).random((256, 256, 3)), []
    monkeypatch.setattr(crops, "show_image", lambda ax, image, title: shown.append(image))
    crops.crop(photo, 256, 8, 16, mirrored=False)
    crops.crop(photo, 256, 8, 16, mirrored=True)
    assert np.array_equal(shown[1], photo[8:232, 16:240])
    assert np.array_equal(shown[3], photo[8:232, 16:240][:, ::-1])


def test_a_crop_over_the_edge_is_explained():
    widget = show.crop_widget()
    before = widget.html
    _control(widget, "row").value = 40
    assert "at a short side of 256 the last row for a crop of 224 is 32, and 40" in widget.message
    assert widget.html == before
    _control(widget, "short side").value = 320
    assert widget.message == ""
    assert "from row 40 and column 80 on" in widget.html


def test_views_name_the_first_one():
    drawn = show.views(np.zeros((3, 1, 4, 4)), "Look.")
    assert drawn.alt.startswith("3 pictures of one piece of clothing. The first is its center")


# --- what was measured


def test_spread_divides_by_one_less():
    assert show.spread([1.0, 2, 3]) == "2.000 ± 1.000"


def test_learning_marks_the_best_pass_of_each_seed():
    histories = np.zeros((2, 4, 3))
    histories[0, :, 1] = 0.1, 0.7, 0.5, 0.4
    histories[1, :, 1] = 0.1, 0.2, 0.6, 0.4
    histories[:, -1, 0], histories[:, -1, 2] = 0.9, 2
    drawn = show.learning(histories)
    assert "climbs to 0.90" in drawn.alt
    assert "at passes 1, 2, and ends at 0.40" in drawn.alt
    assert "over 3 passes, one line for each of 2 seeds" in drawn.alt


def test_the_sweep_draws_one_dot_a_seed_and_their_mean(monkeypatch):
    dots, bars = [], []
    monkeypatch.setattr(Axes, "plot", lambda self, x, y, *rest, **how: dots.append(list(y)))
    monkeypatch.setattr(
        Axes, "errorbar", lambda self, x, y, yerr, **how: bars.append((float(y), float(yerr)))
    )
    drawn = show.sweep("rate", {0.25: [0.7, 0.8], 0.5: [0.6, 0.6]}, [0.5, 0.7])
    assert dots == [[0.7, 0.8], [0.6, 0.6]]
    assert np.allclose(bars, [(0.75, np.std([0.7, 0.8], ddof=1)), (0.6, 0)])
    assert "0.25: 0.750 ± 0.071; 0.5: 0.600 ± 0.000" in drawn.alt
    assert "the net without: 0.600 ± 0.141" in drawn.alt


def test_members_says_what_each_net_adds():
    drawn = show.members(np.array([[0.6, 0.7], [0.8, 0.9]]))
    assert "for each number of nets: 1: 0.700 ± 0.141; 2: 0.800 ± 0.141" in drawn.alt


def test_the_comparison_goes_from_best_to_worst():
    drawn = show.comparison({"none": [0.5, 0.6], "bad": [0.1, 0.2], "good": [0.8, 0.9]}, "none")
    assert drawn.alt.index("good") < drawn.alt.index("none") < drawn.alt.index("bad")
    assert "good: 0.850 ± 0.071" in drawn.alt
    assert drawn.caption.endswith("Gray: none.")


def test_the_comparison_needs_its_baseline_and_the_same_seeds():
    with pytest.raises(ValueError, match="'none' is not among good"):
        show.comparison({"good": [0.8, 0.9]}, "none")
    with pytest.raises(ValueError, match="the same seeds"):
        show.comparison({"none": [0.5, 0.6], "good": [0.8]}, "none")


def test_averaging_says_where_both_means_end():
    falling = np.array([[0.04, 0.02], [0.04, 0.02]])
    drawn = show.averaging(
        np.array([1, 4]), {"arithmetic mean": falling + 0.01, "geometric mean": falling}
    )
    assert "arithmetic mean from 0.050 to 0.0300; geometric mean from 0.040 to 0.0200" in drawn.alt


def _control(widget, description):
    return next(c for c in widget.children if getattr(c, "description", None) == description)
