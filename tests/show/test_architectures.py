"""The figures of chapter 11 show what they say."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from matplotlib.axes import Axes

from coursekit.models import googlenet, lenet5, parse, summary, vgg
from coursekit.show import architectures as show
from coursekit.show import architectures_pattern as pattern
from coursekit.show import architectures_walk as walk

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
