"""The figures of chapter 08 show what they say."""

import numpy as np
import pytest

from coursekit.reference import batchnorm_backward, batchnorm_forward
from coursekit.show import batch_normalization as show
from coursekit.show.batch_normalization_graph import BACK, EVERYWHERE, STEPS

# --- one channel


def test_a_channel_is_normalized_then_scaled_and_shifted():
    drawn = show.one_channel([1, 7, 9, 15], gamma=2, beta=3)
    assert "x̂ = −1.40, −0.20, 0.20, 1.40" in drawn.alt
    assert "y = 0.20, 2.60, 3.40, 5.80" in drawn.alt
    assert "Mean 8.00 and variance 25.00" in drawn.caption


def test_a_batch_of_one_is_refused():
    with pytest.raises(ValueError, match="1 number, expected at least 2"):
        show.one_channel([3.0])


def test_the_widget_of_a_channel_moves_and_says_what_is_wrong():
    widget = show.batch_widget()
    text, gamma, beta, eps = widget.children[:4]
    gamma.value = 2.0
    assert "y = −2.80, −0.40, 0.40, 2.80" in widget.html
    beta.value = 1.0
    assert "y = −1.80, 0.60, 1.40, 3.80" in widget.html
    eps.value = 75.0
    assert "x̂ = −0.70, −0.10, 0.10, 0.70" in widget.html
    text.value = "1, two, 3"
    assert "the batch" in widget.message
    text.value = "4"
    assert "its own mean" in widget.message


# --- the graph


def test_the_graph_has_the_values_of_the_example():
    drawn = show.channel_graph([1, 7, 9, 15])
    assert "μ = 8; c = −7, −1, 1, 7; q = 49, 1, 1, 49; v = 25; t = 0.200" in drawn.alt
    assert "Gradients" not in drawn.alt


def test_the_graphs_gradients_are_those_of_the_reference():
    x, dy, gamma = np.array([0.5, -2.0, 3.0]), np.array([1.0, -0.5, 0.25]), 1.5
    drawn = show.channel_graph(x, dy, gamma=gamma)
    _, cache = batchnorm_forward(x[:, None], np.array([gamma]), np.zeros(1))
    dx = batchnorm_backward(dy[:, None], cache)[0].ravel()
    said = drawn.alt.split("; dx = " if "; dx = " in drawn.alt else "dx = ")[1]
    found = [float(v.replace("−", "-")) for v in said.split(";")[0].rstrip(".").split(", ")]
    assert np.allclose(found, dx, atol=0.0006)


def test_the_gradient_stops_where_it_is_told():
    drawn = show.channel_graph([1, 7, 9, 15], [1, 0, 0, 0], back=2)
    assert drawn.alt.endswith("dc = 0.200, 0, 0, 0; dt = −7.")
    assert "dx =" not in drawn.alt


@pytest.mark.parametrize(
    ("x", "dy", "sentence"),
    [
        ([1.0], [1.0], "1 numbers, expected 2 to 5"),
        ([1, 2, 3, 4, 5, 6], None, "6 numbers, expected 2 to 5"),
        ([1, 2, 3], [1, 0], "dy has 2 numbers, expected 3"),
    ],
)
def test_a_graph_that_cannot_be_drawn(x, dy, sentence):
    with pytest.raises(ValueError, match=sentence):
        show.channel_graph(x, dy)


def test_the_graphs_widget_follows_its_controls():
    widget = show.graph_widget()
    menu, x, dy, gamma = widget.children[:4]
    assert menu.value == EVERYWHERE
    assert len(BACK) == len(STEPS) + 1
    gamma.value = 2.0
    assert "dx̂ = 2, 0, 0, 0" in widget.html
    dy.value = "1, 1, 1, 1"
    assert "dx = 0, 0, 0, 0" in widget.html
    menu.value = BACK[0]
    assert "dx = " not in widget.html
    dy.value = "1, two, 3"
    assert "dy" in widget.message
    dy.value = "1, 0, 0, 0"
    assert widget.message == ""
    x.value = "1, 2"
    assert "expected 2, one for each of x" in widget.message


# --- averages and company


def test_following_arrives_at_the_mean_and_the_unbiased_variance():
    values = np.random.default_rng(0).normal(4, 2, 500)
    path = show.follow(values, 2, 0.01, 2000, np.random.default_rng(1))
    assert path.shape == (2000, 2)
    assert path[1000:].mean(axis=0) == pytest.approx([values.mean(), values.var()], rel=0.1)


def test_running_averages_say_where_they_start_and_end():
    path = np.stack([[1.0, 2.0, 3.0], [5.0, 6.0, 7.0]], axis=-1)[None]
    drawn = show.running_averages({"m = 1": np.concatenate([path, path + 1])}, (3.0, 7.0))
    assert "mean, m = 1: from 1.50 to 3.50; variance, m = 1: from 5.50 to 7.50" in drawn.alt
    assert "mean of 2 seeds" in drawn.caption


def test_company_is_told_by_batch_size():
    drawn = show.mates({2: np.array([-1.0, 1.0]), 8: np.array([1.0, 1.0])}, 0.5)
    assert "N = 2: mean 0.00, standard deviation 1.00" in drawn.alt
    assert "N = 8: mean 1.00, standard deviation 0.00" in drawn.alt
    assert "all images, 0.50" in drawn.alt
    assert "in 2 random batches" in drawn.caption


# --- training


def test_spread_is_mean_and_standard_deviation():
    assert show.spread([1.0, 3.0]) == "2.00 ± 1.00 (2 seeds)"


def test_training_tells_ends_and_what_was_lost():
    curves = {"without": {"a": np.full((2, 20), 1.0), "b": np.full((2, 20), np.nan)}}
    drawn = show.training(curves)
    assert "without: a 1.00 ± 0.00, b not a number for 2 of 2 seeds" in drawn.alt
    assert "mean of 2 seeds" in drawn.caption


def test_learning_rates_tell_how_many_seeds_were_lost():
    losses = {"plain": np.array([[1.0, np.nan], [2.0, 1.0]]), "other": np.ones((2, 2))}
    drawn = show.learning_rates([0.1, 1], losses)
    assert "plain: 1.50 ± 0.50 at 0.1, 1 of 2 seeds lost at 1; other: 1.00 ± 0.00" in drawn.alt


# --- other axes


@pytest.mark.parametrize(
    ("kind", "grid", "told"),
    [
        ("batch", "1 2 3 4 5 6 / 1 2 3 4 5 6", "6 means and variances, each of 128 "),
        ("layer", "1 1 1 1 1 1 / 2 2 2 2 2 2", "2 means and variances, each of 384 "),
        ("instance", "1 2 3 4 5 6 / 7 8 9 10 11 12", "12 means and variances, each of 64 "),
        ("group", "1 1 2 2 3 3 / 4 4 5 5 6 6", "6 means and variances, each of 128 "),
    ],
)
def test_the_grid_says_who_shares_a_mean(kind, grid, told):
    drawn = show.pooled(kind, N=2, groups=3)
    assert grid in drawn.alt
    assert told in drawn.caption


def test_groups_that_do_not_divide_and_kinds_that_do_not_exist():
    with pytest.raises(ValueError, match="4 groups do not divide 6 channels"):
        show.pooled("group", groups=4)
    with pytest.raises(ValueError, match="expected one of batch, layer, instance, group"):
        show.pooled("weight")


def test_the_axes_widget_moves():
    widget = show.axes_widget()
    kind, groups, images = widget.children[:3]
    groups.value = 3
    assert "1 1 2 2 3 3 /" in widget.html
    groups.value = 4
    assert "do not divide" in widget.message
    kind.value = "batch"
    images.value = 2
    assert "1 2 3 4 5 6 / 1 2 3 4 5 6." in widget.html
