"""The figures of chapter 05 show what they say."""

import numpy as np
import pytest

from coursekit.reference import (
    bce_with_logits,
    multiclass_hinge,
    relu,
    softmax_cross_entropy,
    softmax_cross_entropy_backward,
    softmax_cross_entropy_forward,
)
from coursekit.reference.gradcheck import gradcheck
from coursekit.show import neurons_and_losses as show
from coursekit.show import neurons_and_losses_regions as regions


def descend(network, x, labels, lr, passes, batch):
    """Train as the chapter does, on everything at once, with fewer passes."""
    assert batch == len(x)
    for _ in range(passes // 4):
        cache = softmax_cross_entropy_forward(network.forward(x), labels)[1]
        network.backward(softmax_cross_entropy_backward(1.0, cache))
        for name, slope in network.grads.items():
            network.params[name] -= lr * slope


# --- one unit


@pytest.mark.parametrize(
    ("weights", "threshold", "gate"),
    [
        ([1, 1], 2, "AND"),
        ([1, 1], 1, "OR"),
        ([1, -1], 1, "x0 AND NOT x1"),
        ([-1, -1], -1.5, "NAND"),
        ([-1, 0], 0, "NOT x0"),
        ([0, 0], 0.5, "never"),
    ],
)
def test_a_unit_is_called_by_its_name(weights, threshold, gate):
    assert f"that is: {gate}." in show.unit(np.array(weights, dtype=float), threshold).caption


def test_every_unit_has_a_name_and_none_is_xor():
    grid = np.arange(-2.5, 2.6, 0.5)
    for w0, w1, threshold in np.stack(np.meshgrid(grid, grid, grid), -1).reshape(-1, 3):
        fires = tuple((show.CORNERS @ [w0, w1] >= threshold).astype(int).tolist())
        assert fires in show.GATES
    assert (0, 1, 1, 0) not in show.GATES
    assert (1, 0, 0, 1) not in show.GATES


def test_the_unit_says_its_table():
    alt = show.unit(np.array([2.0, 1.0]), 1.5).alt
    assert "2·x0 + 1·x1 ≥ 1.5" in alt
    assert "(0, 1) gives 0; (1, 0) gives 1; (1, 1) gives 1" in alt


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the list of weights is empty, expected numbers"),
        ("1, two, 3", "something else than numbers"),
        ("1 2 3", "two inputs and you gave 3 weights, expected 2"),
    ],
)
def test_weights_typed_wrong(text, sentence):
    widget = show.unit_widget()
    before = widget.html
    widget.children[0].value = text
    assert sentence in widget.message
    assert widget.html == before


def test_the_threshold_moves_the_unit():
    widget = show.unit_widget()
    assert "AND." in widget.html
    widget.children[1].value = 1.0
    assert "OR." in widget.html


# --- learning


def test_associative_units_say_who_fires():
    digit = np.zeros((8, 8))
    digit[0, 0] = 1
    wires = np.zeros((3, 64))
    wires[:, 0] = 1, -1, 1
    wires[:, 1] = 1
    drawn = show.associative_units(wires, digit)
    assert "units 0, 2 come out at 0 or more" in drawn.caption
    assert "each to 2 pixels" in drawn.alt


def test_mistakes_say_the_last_pass():
    drawn = show.mistakes({"pixels": [9, 5, 4], "units": [7, 0, 0]})
    assert "pixels: 4; units: 0" in drawn.alt


# --- bends


def test_straight_pieces_are_counted():
    x = np.linspace(-1, 1, 201)
    assert show.straight_pieces(x) == 1
    assert show.straight_pieces(relu(x)) == 2
    assert show.straight_pieces(relu(x) - relu(x - 0.5)) == 3


def test_folds_say_how_many_pieces():
    x = np.linspace(0, 1, 101)
    fold = 2 * relu(x) - 4 * relu(x - 0.5)
    drawn = show.side_by_side_and_folded(x, x, fold)
    assert "Added up they make 1 straight pieces, one after another 2" in drawn.caption


def test_activations_say_their_slope():
    x = np.linspace(-6, 6, 241)
    drawn = show.activations({"ReLU": (relu(x), 1.0 * (x > 0)), "flat": (0 * x, 0 * x)}, x, at=6)
    assert "ReLU 1, flat 0" in drawn.alt


def test_maxout_names_its_examples():
    x = np.linspace(-1, 1, 11)
    assert "a V, a line" in show.maxout_pieces(x, {"a V": np.stack([x, -x]), "a line": x[None]}).alt


# --- regions


@pytest.mark.parametrize("name", regions.ACTIVATIONS)
def test_a_network_has_its_activation(name):
    network = regions.small_network(name, 4)
    scores = network.forward(np.ones((3, 2)))
    assert scores.shape == (3, 2)
    line = network.forward(np.linspace(-3, 3, 301)[:, None] * [1.0, 0.5])[:, 0]
    pieces = show.straight_pieces(line)
    assert pieces == 1 if name == "none" else pieces > 1


@pytest.mark.parametrize("layer", [regions.Identity(), regions.LeakyReLU(0.3), regions.Maxout()])
def test_layers_send_back_the_right_gradient(layer):
    x = np.random.default_rng(0).normal(size=(5, 4))
    report = gradcheck(
        lambda x: (layer.forward(x), ()), lambda dy, cache: _backward(layer, x, dy), x
    )
    assert report, str(report)


def _backward(layer, x, dy):
    layer.forward(x)
    return layer.backward(dy)


def test_a_step_sends_nothing_back():
    layer = regions.Step()
    assert np.array_equal(layer.forward(np.array([[-1.0, 0, 2]])), [[0, 1, 1]])
    assert not layer.backward(np.ones((1, 3))).any()


def test_regions_count_the_points_in_their_own_color():
    network = regions.small_network("ReLU", 3)
    x = np.random.default_rng(0).normal(size=(20, 2))
    labels = network.forward(x).argmax(axis=1)
    labels[:3] = 1 - labels[:3]
    drawn = regions.regions(network, x, labels, "ReLU", 3)
    assert "17 of 20 points lie in their own color" in drawn.alt
    assert "3 hidden units, activation ReLU: 17 of 20" in drawn.caption


def test_the_widget_trains_what_the_reader_chose():
    corners = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    tasks = {"XOR": (corners, np.array([0, 1, 1, 0])), "AND": (corners, np.array([0, 0, 0, 1]))}
    widget = regions.regions_widget(tasks, descend)
    task, activation, hidden = widget.children[:3]
    assert "activation none" in widget.html  # the questions before it are still open
    assert "4 of 4" not in widget.html
    task.value = "AND"
    assert "4 of 4" in widget.html
    task.value, activation.value, hidden.value = "XOR", "tanh", 6
    assert "6 hidden units, activation tanh: 4 of 4" in widget.html


# --- losses


@pytest.mark.parametrize(("margin", "classes"), [(0.0, 2), (-3.5, 5), (2.0, 10), (10.0, 20)])
def test_losses_agree_with_the_reference(margin, classes):
    scores, label = np.zeros((1, classes)), np.array([0])
    scores[0, 0] = margin
    caption = show.loss_curves(margin, classes).caption
    slope = softmax_cross_entropy_backward(1.0, softmax_cross_entropy_forward(scores, label)[1])
    assert f"BCE {bce_with_logits(scores[:, 0], np.ones(1)):.4g}, slope" in caption
    assert (
        f"softmax {softmax_cross_entropy(scores, label):.4g}, slope {slope[0, 0]:.4g};" in caption
    )
    assert f"hinge {multiclass_hinge(scores, label):.4g}, slope" in caption


def test_the_loss_widget_follows_both_sliders():
    widget = show.loss_widget()
    margin, classes = widget.children[:2]
    assert "hinge 1, slope -1." in widget.html
    classes.value = 10
    assert "hinge 9, slope -9." in widget.html
    margin.value = 1.5
    assert "hinge 0, slope 0." in widget.html


def test_a_slider_that_is_a_hair_beside_its_mark_shows_the_mark():
    losses, unit = show.loss_widget(), show.unit_widget()
    losses.children[0].value = 8.881784197001252e-16
    assert "At margin 0 with" in losses.html
    unit.children[1].value = 1 + 2.2e-16
    assert "≥ 1. On" in unit.html
    assert "OR." in unit.html


def test_near_the_optimum_says_where_it_ends():
    drawn = show.near_the_optimum({"softmax": [0, 1, 2.5], "hinge": [0, 1, 1]})
    assert "softmax 2.50, hinge 1.00" in drawn.alt


# --- codes and features


def test_codes_count_their_neurons():
    distributed = np.array([[1.0, 0, 1], [1, 0, 0], [0, 1, 1], [0, 1, 0]])
    drawn = show.codes(np.eye(4), distributed)
    assert "4 rows" in drawn.alt
    assert "2 black cells in every row of 3" in drawn.alt
    assert "takes part in 2 things" in drawn.caption


def test_kernels_stand_in_two_rows():
    four = np.random.default_rng(0).normal(size=(4, 3, 3))
    drawn = show.kernels(four, four[:, None])
    assert "4 made by hand" in drawn.alt
    assert drawn.png != show.kernels(-four, four[:, None]).png
