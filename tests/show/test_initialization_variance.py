"""The figures of chapter 07 show what they say, and its widgets move."""

import re
import time

import numpy as np
import pytest
from matplotlib.axes import Axes

from coursekit.show import initialization_variance as show
from coursekit.show.initialization_variance_layers import GRADIENT, OUTPUT, short
from coursekit.show.initialization_variance_signal import DEEPEST, GAINS, WIDEST
from coursekit.show.initialization_variance_valley import STEPS, descent


@pytest.fixture
def limits(monkeypatch):
    """Return the limits of the vertical axes that a figure sets, in order."""
    seen = []
    plain = Axes.set

    def spy(self, **options):
        if "ylim" in options:
            seen.append(options["ylim"])
        return plain(self, **options)

    monkeypatch.setattr(Axes, "set", spy)
    return seen


# --- size


def test_size_is_the_root_of_the_mean_square():
    assert show.size(np.array([[1.0, 7.0]])) == pytest.approx(5)
    assert show.size(np.array([3, 3, 3])) == pytest.approx(3)  # the mean stays in
    assert show.size(np.zeros((2, 2))) == 0


@pytest.mark.parametrize("scale", [1e-250, 1e250])
def test_size_survives_what_a_square_does_not(scale):
    assert show.size(scale * np.array([1.0, 7.0])) == pytest.approx(5 * scale)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1, "1"), (0.2236, "0.22"), (22.4, "22"), (999, "999"), (2.9e-7, "3e−7"), (1.1e12, "1e12")],
)  # fmt: skip
def test_short_numbers(value, text):
    assert short(value) == text


# --- histograms for each layer


def _layers(*scales, many=1000):
    z = np.random.default_rng(0).standard_normal(many)
    return [scale * z / show.size(z) for scale in scales]


def test_per_layer_gives_the_sizes_of_the_first_and_the_last_layer():
    drawn = show.per_layer(
        {
            "small": {"forward": _layers(1, 0.1, 0.002), "backward": _layers(3e-5, 1)},
            "right": {"forward": _layers(1, 1), "backward": _layers(2, 1)},
        },
        caption="Look here.",
    )
    assert "small: forward size 1 → 2e−3; backward size 3e−5 → 1" in drawn.alt
    assert "right: forward size 1 → 1; backward size 2 → 1" in drawn.alt
    assert drawn.caption.startswith("Look here.")


def test_a_panel_holds_all_its_layers(limits):
    show.per_layer({"a": {"forward": _layers(1, 10), "backward": _layers(1e-9)}}, caption="c")
    (_, ten), (_, tiny) = limits
    assert 20 < ten < 45  # ten standard deviations wide, and no scale of another panel
    assert 2e-9 < tiny < 4.5e-9


def test_layers_of_zeros_and_of_anything_else_can_be_drawn():
    for layers in (
        [np.zeros(5)],
        [np.zeros(5), np.ones(5)],
        [np.full((2, 3), 1e300)],
        [np.array([1])],
    ):
        assert show.per_layer({"a": {"b": layers}}, caption="c").png


def test_of_a_deep_network_some_layers_are_drawn(monkeypatch):
    ticks = []
    plain = Axes.set_xticks
    monkeypatch.setattr(
        Axes, "set_xticks", lambda self, at, labels=None: ticks.append(labels) or plain(self, at, labels)
    )  # fmt: skip
    show.per_layer({"a": {"b": _layers(*np.ones(50))}}, caption="c", most=5)
    show.per_layer({"a": {"b": _layers(*np.ones(3))}}, caption="c", most=5)
    assert ticks == [["1", "13", "25", "38", "50"], ["1", "2", "3"]]


def test_colors_follow_the_direction_or_what_is_asked_for(monkeypatch):
    seen = []
    plain = Axes.add_collection

    def spy(self, collection, **options):
        seen.append(collection.get_facecolor())
        return plain(self, collection, **options)

    monkeypatch.setattr(Axes, "add_collection", spy)
    layers = _layers(1)
    show.per_layer({"a": {"tanh, forward": layers, "gradient": layers}}, caption="c")
    show.per_layer({"a": {"x": layers}}, caption="c", colors={"x": "#0000ff"})
    from matplotlib.colors import to_rgba

    drawn = [tuple(colors[0]) for colors in seen if len(colors)]
    assert drawn == [to_rgba(OUTPUT), to_rgba(GRADIENT), to_rgba("#0000ff")]


@pytest.mark.parametrize(
    ("panels", "sentence"),
    [
        ({}, "there is no panel"),
        ({"a": {}}, "at least one"),
        ({"a": {"x": [np.ones(2)]}, "b": {"y": [np.ones(2)]}}, "expected the same in each"),
        ({"a": {"x": []}}, "a, x has no numbers"),
        ({"a": {"x": [np.ones(2), np.ones(0)]}}, "a, x has no numbers"),
        ({"a": {"x": [np.ones(2), np.array([1, np.inf])]}}, "layer 2 of a, x holds a number that is not finite"),
    ],
)  # fmt: skip
def test_layers_that_cannot_be_drawn(panels, sentence):
    with pytest.raises(ValueError, match=sentence):
        show.per_layer(panels, caption="c")


# --- sizes over the layers


def test_sizes_of_several_seeds_are_collected_and_drawn():
    seeds = (
        {"He": {"forward": _layers(1, s)}, "zero": {"forward": [np.zeros(3)] * 2}} for s in (2, 4)
    )
    found = show.collect(seeds)
    assert np.allclose(found["forward"]["He"], [[1, 2], [1, 4]])
    assert np.array_equal(found["forward"]["zero"], np.zeros((2, 2)))
    drawn = show.sizes(found, caption="Look.")
    assert "forward: He from 1 to 3, zero from 0 to 0" in drawn.alt
    assert "mean of 2 seeds" in drawn.caption


@pytest.mark.parametrize(
    ("panels", "sentence"),
    [
        ({}, "there is no panel"),
        ({"t": {"a": np.ones(3)}}, r"t, a has shape \(3,\)"),
        ({"t": {"a": np.full((1, 2), np.nan)}}, "expected finite sizes"),
    ],
)
def test_sizes_that_cannot_be_drawn(panels, sentence):
    with pytest.raises(ValueError, match=sentence):
        show.sizes(panels, caption="c")


# --- units, sums, losses


def test_equal_units_are_called_one_line():
    same, apart = np.ones((5, 3)), np.linspace(0, 1, 15).reshape(5, 3)
    drawn = show.unit_paths({"equal": same, "different": apart})
    assert "equal: at the end one line" in drawn.alt
    assert "different: at the end 3 lines, 0.14 apart" in drawn.alt


def test_sums_give_their_ends_and_the_seeds():
    drawn = show.sums([10, 1000], {"std 1": np.array([[3, 30], [3.4, 34]])})
    assert "n from 10 to 1000" in drawn.alt
    assert "std 1: from 3.2 to 32" in drawn.alt
    assert "mean of 2 seeds" in drawn.caption


def test_losses_give_mean_and_spread_of_the_last_ten_steps():
    falling = np.array([[3.0] * 5 + [1.0] * 10, [3.0] * 5 + [2.0] * 10])
    drawn = show.loss_bands({"10 layers": {"He": falling}})
    assert "10 layers: He 1.5 ± 0.5" in drawn.alt
    assert "mean of 2 seeds" in drawn.caption


# --- the network that the reader sets


def test_the_signal_follows_the_algebra():
    for gain, factor in ((1.0, 2**-0.5), (2**0.5, 1.0)):
        caption = show.signal(1, 200, gain, "ReLU").caption
        first = float(caption.split("size goes from ")[1].split()[0])
        assert first == pytest.approx(factor, rel=0.05)
        assert f"n Var(w) = {gain**2:.2f}" in caption
    assert "0.05, so n Var(w)" not in show.signal(2, 100, 1.0, "none").caption
    assert "1.00/√100 = 0.100" in show.signal(2, 100, 1.0, "none").caption


def test_the_gradient_is_what_arrived_at_the_last_layer():
    caption = show.signal(1, 100, 3.0, "tanh").caption
    assert "backward from 1 in the last layer to 1 in the first" in caption


def test_the_signal_shrinks_from_the_first_layer_on_and_the_gradient_from_the_last():
    caption = show.signal(3, 200, 0.1, "none").caption.replace("−", "-")
    numbers = r"from ([\de.-]+) to ([\de.-]+), backward from ([\de.-]+) in the last layer to ([\de.-]+) in"
    found = [float(number) for number in re.search(numbers, caption).groups()]
    assert found == pytest.approx([0.1, 1e-3, 1, 1e-2], rel=0.15)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((0, 10, 1, "ReLU"), "depth 0 and width 10"),
        ((51, 10, 1, "ReLU"), "1 to 50 layers"),
        ((5, 201, 1, "ReLU"), "1 to 200 units"),
        ((5, 10, 1, "softmax"), "the activation is 'softmax'"),
    ],
)
def test_a_network_that_cannot_be_drawn(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        show.signal(*arguments)


def test_the_signal_widget_follows_every_control():
    widget = show.signal_widget()
    depth, width, gain, activation = widget.children[:4]
    pictures = [widget.html]
    depth.value = 11
    pictures.append(widget.html)
    width.value = 110
    pictures.append(widget.html)
    gain.value = dict(GAINS)["√2 (He)"]
    assert "n Var(w) = 2.00" in widget.html
    pictures.append(widget.html)
    activation.value = "tanh"
    pictures.append(widget.html)
    assert len(set(pictures)) == 5
    assert widget.message == ""


def test_the_signal_widget_survives_its_extremes_in_less_than_a_third_of_a_second():
    show.signal(DEEPEST, WIDEST, 3.0, "none")
    for gain in (GAINS[0][1], GAINS[-1][1]):
        taken = []
        for _ in range(3):
            start = time.process_time()
            show.signal(DEEPEST, WIDEST, gain, "none")
            taken.append(time.process_time() - start)
        assert min(taken) < 1 / 3


# --- the valley


def test_centered_inputs_have_a_round_bowl_and_a_straight_way():
    drawn = show.zigzag(0, 0.1)
    assert "turns back 0 times" in drawn.alt
    assert "1.1 times as curved" in drawn.alt


def test_inputs_of_mean_3_have_a_valley_and_a_zigzag():
    drawn = show.zigzag(3, 0.1)
    assert "turns back 24 times" in drawn.alt
    assert "For 99% of the samples" in drawn.caption
    path, losses, x = descent(3, 0.1)
    assert len(path) == len(losses) == STEPS + 1
    assert np.allclose(x.mean(axis=0), 3)
    w = path[0] - 0.1 * np.mean(((x @ path[0]) - x @ [1, -1])[:, None] * x, axis=0)
    assert np.allclose(path[1], w)


def test_the_rate_at_which_it_fails_is_the_one_named():
    assert "rates above 2/19.04 = 0.105 diverge" in show.zigzag(3, 0.1).caption
    assert descent(3, 0.1)[1][-1] < descent(3, 0.1)[1][0]
    assert descent(3, 0.11)[1][-1] > descent(3, 0.11)[1][10]


def test_a_learning_rate_of_0_is_named():
    with pytest.raises(ValueError, match="the learning rate is 0, expected a number above 0"):
        show.zigzag(1, 0)


def test_the_zigzag_widget_follows_its_controls_to_their_ends():
    widget = show.zigzag_widget()
    mean, rate = widget.children[:2]
    before = widget.html
    mean.value = 0
    assert "Inputs of mean 0" in widget.html != before
    rate.value = 1.0
    assert "learning rate 1." in widget.html
    mean.value, rate.value = mean.max, rate.max
    assert widget.message == ""
