"""The figures of chapter 11 show what they say."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from coursekit.models import googlenet, lenet5, parse, summary, vgg
from coursekit.show import architectures as show
from coursekit.show import architectures_pattern as pattern
from coursekit.show import architectures_walk as walk
from coursekit.show.figure import BLUE, GREEN, ORANGE, RED
from coursekit.show.figure import GRAY as GRAY_COLOR

GRAY = (1, 32, 32)


def on_paper(build: Callable, shape: tuple[int, ...], depth: int | None = None, **how):
    with torch.device("meta"):
        return summary(build(**how), shape, depth=depth)


@pytest.fixture(scope="module")
def lenet():
    return on_paper(lenet5, GRAY, size=32)


def build(text: str, times):
    return on_paper(parse, (3, 32, 32), pattern=text, times=times)


# --- where it sits


def test_the_shares_are_those_of_the_layers(lenet):
    drawn = show.where_it_sits({"LeNet-5": lenet})
    # 48120 + 10164 + 850 of 61706; 120 + 84 + 10 of 14602; 48000 + 10080 + 840 of 416520
    assert "LeNet-5, parameters: 61.7 K, of which 96% in linear layers" in drawn.alt
    assert "LeNet-5, activations: 14.6 K, of which 1% in linear layers" in drawn.alt
    assert "LeNet-5, multiply-adds: 417 K, of which 14% in linear layers" in drawn.alt


def test_the_pieces_of_a_bar_fill_it(lenet, monkeypatch):
    widths = []
    plain = Axes.barh

    def barh(self, y, width, **options):
        widths.append((y, width))
        return plain(self, y, width, **options)

    monkeypatch.setattr(Axes, "barh", barh)
    show.where_it_sits({"LeNet-5": lenet, "again": lenet})
    for place in (0, 1):
        assert sum(width for y, width in widths if y == place) == pytest.approx(3)  # three panels


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (840, "840"),
        (61_706, "61.7 K"),
        (7e6, "7.00 M"),
        (138_357_544, "138 M"),
        (15.47e9, "15.5 G"),
    ],
)
def test_numbers_as_people_say_them(number, said):
    assert show.short(number) == said


# --- the walk


def test_a_layer_is_counted_as_a_product(lenet):
    drawn = walk.walk("LeNet-5", lenet, GRAY, 3)
    assert "Layer 3 of 7, a convolution: 6×14×14 becomes 16×10×10" in drawn.caption
    assert "16 · (150 + 1) = 2,416 parameters, 240 K multiply-adds" in drawn.caption
    assert "3.9% and 57.6% of the network" in drawn.caption
    assert "One output sees 14×14 pixels" in drawn.caption


def test_the_first_linear_layer_of_a_vgg():
    table = on_paper(vgg, (3, 224, 224))
    drawn = walk.walk("VGG-16", table, (3, 224, 224), 19)
    assert "512×7×7 becomes 4096. 4096 · (25,088 + 1) = 102,764,544" in drawn.caption
    assert "74.3%" in drawn.caption


def test_blocks_are_steps_of_the_walk_too():
    table = on_paper(googlenet, (3, 224, 224), depth=1)
    drawn = walk.walk("GoogLeNet", table, (3, 224, 224), 2)
    assert "Layer 2 of 13, an Inception block: 192×28×28 becomes 256×28×28" in drawn.caption
    assert "163,696 parameters" in drawn.caption


def test_a_layer_that_is_not_there(lenet):
    widget = show.walk_widget(
        {"VGG-16": (on_paper(vgg, (3, 224, 224)), (3, 224, 224)), "LeNet-5": (lenet, GRAY)}
    )
    network, layer = widget.children[:2]
    assert layer.max == 21
    layer.value = 9
    before = widget.html
    network.value = "LeNet-5"
    assert "LeNet-5 has 7 layers here, so there is no layer 9" in widget.message
    assert widget.html == before
    layer.value = 7
    assert not widget.message
    assert "becomes 10." in widget.html


# --- patterns


def test_a_pattern_becomes_a_table():
    text = "INPUT -> CONV -> RELU -> POOL -> FC"
    drawn = pattern.pattern_table(text, build(text, {}))
    assert "CONV  32×32×32, POOL  32×16×16, FC  10" in drawn.alt
    # 32 · 28 = 896 and 10 · (8192 + 1) = 81930
    assert "2 layers with weights. The largest, FC 10, holds 99% of 82,826" in drawn.caption


def test_letters_that_the_pattern_does_not_have_are_left_out():
    widget = show.pattern_widget(build)
    field, N, *_ = widget.children
    field.value = "INPUT -> [CONV -> RELU]*N -> FC"
    assert not widget.message
    assert "3 layers with weights" in widget.html
    N.value = 4
    assert "5 layers with weights" in widget.html


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1, two, 3", "expected INPUT. (at character 1 of the pattern)"),
        ("INPUT -> FC -> CONV -> FC", "Found CONV behind FC"),
        ("INPUT -> [CONV -> RELU", "never closed"),
        ("INPUT -> [CONV]*Q -> FC", "How often is Q?"),
        ("INPUT -> [CONV]*200 -> FC", "201 layers, and the picture has room for 30"),
    ],
)
def test_a_pattern_typed_wrong(text, sentence):
    widget = show.pattern_widget(build)
    before = widget.html
    widget.children[0].value = text
    assert sentence in widget.message
    assert widget.html == before


def test_too_many_poolings_are_not_possible():
    widget = show.pattern_widget(build)
    widget.children[2].value = 6
    assert "Found a POOL for an image of 1×1" in widget.message


# --- the reduction


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((192, 32, 5, 16), "9.7 times fewer. It pays below 154.8"),
        ((192, 32, 3, 16), "It pays below 115.2"),
        ((12, 4, 3, 9), "1.00 times as many. It pays below 9.0"),
        ((192, 32, 5, 200), "1.29 times as many"),
    ],
)
def test_the_reduction_says_when_it_pays(numbers, said):
    assert said in show.reduction(*numbers).caption


def test_both_parts_of_the_reduction_are_told():
    told = show.reduction(192, 32, 5, 16).alt
    assert "takes 120.4 million multiply-adds; through 16 channels 2.4 million" in told


@pytest.mark.parametrize("k", range(4))
def test_every_control_of_the_reduction_moves_it(k):
    widget = show.reduction_widget()
    before = widget.html
    control = widget.children[k]
    control.value = 3 if k == 2 else control.value + (1 if k == 3 else 16)
    assert widget.html != before


# --- the challenge and the contest


def test_the_challenge_tells_every_bar():
    drawn = show.ilsvrc([(2011, "XRCE", 25.8, None), (2015, "ResNet", 3.57, 152)])
    assert "2011 XRCE 25.8 %; 2015 ResNet 3.57 % with 152 layers" in drawn.alt


def test_the_contest_tells_the_spread():
    runs = {"a": show.Trained(1000, 2000, (0.8, 0.9), (3.0, 5.0))}
    drawn = show.compare(runs)
    assert (
        "a: 1,000 parameters, 2,000 multiply-adds, accuracy 80.0 to 90.0 %, 4 seconds" in drawn.alt
    )


def test_the_dots_stand_where_the_numbers_are(monkeypatch):
    drawn = []
    plain = Axes.plot

    def plot(self, x, y, *args, **options):
        drawn.append((list(x), list(y)))
        return plain(self, x, y, *args, **options)

    monkeypatch.setattr(Axes, "plot", plot)
    show.compare({"a": show.Trained(1000, 2000, (0.8, 0.9), (3.0, 5.0))})
    assert [x for x, _ in drawn] == [[1000, 1000], [2000, 2000], [3.0, 5.0]]
    assert all(np.allclose(y, [80, 90]) for _, y in drawn)


def test_what_is_left_when_images_move():
    shares = {"a": np.array([[0.8, 0.4], [0.9, 0.5]])}
    drawn = show.moved((0, 4), shares)
    assert "a from 85 to 45 %" in drawn.alt
    assert "0 to 4 pixels" in drawn.alt


# --- what is drawn, not only what is told


def record(monkeypatch, method: str) -> list[tuple[tuple, dict]]:
    """Return a list that fills with what the figures draw by a method of their axes."""
    calls: list[tuple[tuple, dict]] = []
    plain = getattr(Axes, method)

    def recorded(self, *args, **options):
        calls.append((args, options))
        return plain(self, *args, **options)

    monkeypatch.setattr(Axes, method, recorded)
    return calls


def test_a_bar_of_the_challenge_is_as_high_as_its_error(monkeypatch):
    bars = record(monkeypatch, "bar")
    show.ilsvrc([(2011, "shallow", 25.8, None), (2015, "ResNet", 3.57, 152)])
    assert [args[1] for args, _ in bars] == [25.8, 3.57]


def test_the_second_part_of_a_reduction_begins_where_the_first_ends(monkeypatch):
    bars = record(monkeypatch, "barh")
    show.reduction(192, 32, 5, 16)
    assert bars[2][1]["left"] == bars[1][0][1]


def test_lines_and_bands_of_moved_images(monkeypatch):
    lines, bands = record(monkeypatch, "plot"), record(monkeypatch, "fill_between")
    show.moved((0, 4), {"a": np.array([[0.8, 0.4], [0.9, 0.5]])})
    np.testing.assert_allclose(lines[0][0][1], [85, 45])
    np.testing.assert_allclose(bands[0][0][1:3], [[80, 40], [90, 50]])


def test_the_bars_of_the_walk_are_the_shares(lenet, monkeypatch):
    bars = record(monkeypatch, "bar")
    walk.walk("LeNet-5", lenet, GRAY, 3)
    parameters, multiply_adds = (args[1] for args, _ in bars)
    assert parameters[2] == pytest.approx(100 * 2416 / 61706)
    assert multiply_adds[2] == pytest.approx(100 * 240_000 / 416_520)


def test_the_bars_of_a_pattern_are_as_long_as_their_numbers(monkeypatch):
    bars = record(monkeypatch, "barh")
    text = "INPUT -> CONV -> RELU -> POOL -> FC"
    pattern.pattern_table(text, build(text, {}))
    assert [args[1] for args, _ in bars[:3]] == pytest.approx([896 / 81930, 0, 1])


@pytest.fixture
def drawn(monkeypatch):
    """Return a list that fills with the axes of each figure."""
    kept = []
    for module in (show, walk, pattern):
        monkeypatch.setattr(module, "picture", lambda figure, **_: kept.append(figure.axes))
    return kept


def test_each_panel_of_the_shares_has_its_own_measure_totals_and_colors(drawn, lenet):
    show.where_it_sits({"LeNet-5": lenet})
    panels = drawn[0]
    totals = [[text.get_text() for text in ax.texts][-1] for ax in panels]
    assert [ax.get_title() for ax in panels] == ["parameters", "activations", "multiply-adds"]
    assert totals == ["61.7 K", "14.6 K", "417 K"]
    largest = ((2, 48120 / 61706), (0, 4704 / 14602), (1, 240 / 416.52))
    for ax, (layer, share) in zip(panels, largest, strict=True):
        assert ax.patches[layer].get_width() == pytest.approx(share)
        assert ax.patches[layer].get_x() == pytest.approx(
            sum(bar.get_width() for bar in ax.patches[:layer])
        )
    convolution, linear = panels[0].patches[0], panels[0].patches[2]
    assert to_hex(convolution.get_facecolor()) == BLUE
    assert to_hex(linear.get_facecolor()) == ORANGE


def test_a_bar_of_the_challenge_has_its_color_error_layers_and_year(drawn):
    show.ilsvrc(
        [(2011, "shallow", 25.8, None), (2014, "VGG", 7.3, 19), (2015, "ResNet", 3.57, 152)]
    )
    ax = drawn[0][0]
    colors = [to_hex(bar.get_facecolor()) for bar in ax.patches]
    assert colors == [GRAY_COLOR, GREEN, GREEN]
    texts = {text.get_text(): text.get_position() for text in ax.texts}
    assert texts["25.8 %"][0] == 0
    assert texts["19 layers"][0] == 1
    assert texts["19 layers"][1] < 7.3 < texts["7.3 %"][1]  # inside, and above
    assert texts["152 layers"][1] > texts["3.57 %"][1] > 3.57
    assert [label.get_text() for label in ax.get_xticklabels()] == [
        "shallow\n2011", "VGG\n2014", "ResNet\n2015",
    ]  # fmt: skip


def test_the_bars_of_a_reduction_are_as_long_as_their_numbers(drawn):
    show.reduction(192, 32, 5, 16)
    ax = drawn[0][0]
    places = 28 * 28 / 1e6
    lengths = [192 * 25 * 32 * places, 192 * 16 * places, 16 * 25 * 32 * places]
    assert [bar.get_width() for bar in ax.patches] == pytest.approx(lengths)
    assert [text.get_text() for text in ax.texts] == ["120.4 million", "12.4 million"]
    assert ax.get_xlim()[1] > max(lengths)


def test_dots_and_lines_of_a_network_keep_their_names(drawn):
    runs = {name: show.Trained(k, k, (0.1 * k,), (1.0,)) for k, name in enumerate("ab", start=1)}
    show.compare(runs)
    show.moved((0, 4), {"a": np.array([[0.1, 0.1]]), "b": np.array([[0.2, 0.2]])})
    for ax in (drawn[0][0], drawn[1][0]):
        assert [(line.get_label(), line.get_ydata()[0]) for line in ax.lines] == [
            ("a", pytest.approx(10)),
            ("b", pytest.approx(20)),
        ]
    assert drawn[0][0].lines[0].get_marker() != drawn[0][0].lines[1].get_marker()
    assert [ax.get_xlabel() for ax in drawn[0]] == [
        "parameters", "multiply-adds for one image", "seconds of processor time",
    ]  # fmt: skip


def test_a_box_of_the_walk_is_as_high_as_its_maps_and_only_the_layer_is_marked(drawn, lenet):
    walk.walk("LeNet-5", lenet, GRAY, 3)
    maps, costs = drawn[0]
    boxes = maps.patches
    heights = [box.get_height() ** 2 for box in boxes[:5]]
    assert heights == pytest.approx([32, 28, 14, 10, 5])
    assert boxes[3].get_width() > boxes[1].get_width()  # 16 channels, and 6
    assert [k for k, box in enumerate(boxes) if to_hex(box.get_edgecolor()) == RED] == [3]
    band = costs.patches[-1]
    assert (band.get_x(), band.get_width()) == (2.5, 1)
    labels = [label.get_text() for label in costs.get_xticklabels()]
    assert (labels[0], labels[3], labels[5]) == ("1×32×32", "16×10×10", "120")


def test_both_panels_of_a_pattern_have_names_numbers_and_bars(drawn):
    text = "INPUT -> CONV -> RELU -> POOL -> FC"
    pattern.pattern_table(text, build(text, {}))
    parameters, multiply_adds = drawn[0]
    assert [one.get_text() for one in parameters.texts] == ["896", "0", "81,930"]
    assert [one.get_text() for one in multiply_adds.texts] == ["884,736", "0", "81,920"]
    assert [bar.get_width() for bar in multiply_adds.patches] == pytest.approx(
        [1, 0, 81920 / 884736]
    )
    assert [bar.get_y() for bar in multiply_adds.patches] == sorted(
        bar.get_y() for bar in multiply_adds.patches
    )
    assert multiply_adds.get_xlabel() == "together 966,656"
    assert parameters.get_ylim()[0] > parameters.get_ylim()[1]  # the image is at the top
