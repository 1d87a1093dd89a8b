"""The figures of chapter 14 show what they say."""

from io import BytesIO
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from coursekit.data import FASHION_MNIST_CLASSES, fashion_mnist
from coursekit.inspection import (
    Population,
    Randomized,
    Regularization,
    activations,
    filters,
    maximum_response,
    population,
    strongest_patches,
)
from coursekit.models.trained import trained_fashion_net
from coursekit.show import under_the_hood as show

LAYERS = ("scores", "norm5", "conv5", "norm1", "conv1")


@pytest.fixture(scope="module")
def bench():
    """The net that ships, 60 test images and their classes."""
    net, data = trained_fashion_net(), fashion_mnist()
    x = net.normalized(data.x_test[:60])
    return SimpleNamespace(
        net=net, model=net.model, x=x, labels=torch.tensor(data.labels_test[:60])
    )


# --- kernels, answers, patches


def test_kernels_are_counted_with_their_sizes(bench):
    drawn = show.kernels(
        {"first": filters(bench.model, "conv1")[:, 0], "second": filters(bench.model, "conv2")[0]},
        "Look.",
    )
    assert "first: 16 of 7×7; second: 16 of 3×3" in drawn.alt
    assert drawn.caption == "Look."


def test_maps_of_a_layer_are_told_with_their_size(bench):
    layers = activations(bench.model, bench.x[:1], ["relu1", "relu5"])
    drawn = show.activation_maps(bench.net.brightness(bench.x[:1])[0, 0], layers)
    assert "relu1 28×28, relu5 7×7" in drawn.alt


def test_dead_channels_are_counted(bench):
    found = population(bench.model, bench.x[:20], "relu1")
    silent = Population(
        **{**vars(found), "active": torch.where(torch.arange(16) < 3, 0.0, 0.5).double()}
    )
    drawn = show.shares({"net": [found], "other": [silent]})
    assert "net relu1:" in drawn.alt
    assert "other relu1: 0% to 50%, 3 dead" in drawn.alt


def test_the_classes_that_a_channel_answers_to_are_named():
    labels = np.repeat(np.arange(10), 4)
    answers = np.where(labels == 8, 3.0, np.where(labels == 5, 2.0, 0.1 * labels))
    drawn = show.one_channel(answers, labels, 45)
    assert "highest for Bag, 3.00, and Sandal, 2.00; lowest for T-shirt/top, 0.00" in drawn.alt


def test_patches_are_told_with_the_pixels_that_a_unit_sees(bench):
    found = {name: strongest_patches(bench.model, bench.x, name) for name in ("relu1", "relu5")}
    assert "relu1: 7×7 pixels; relu5: 34×34 pixels" in show.nine_patches(bench.net, found).alt


def test_the_walk_moves_with_each_control_and_knows_its_layers(bench):
    widget = show.walk_widget(bench.net, bench.x)
    layer, channel, image = widget.children[:3]
    seen = {widget.html}
    for control, value in ((layer, "relu2"), (channel, 2), (image, 1)):
        control.value = value
        assert not widget.message
        seen.add(widget.html)
    assert len(seen) == 4
    assert "its kernel of 16 slices" in widget.html
    best = strongest_patches(bench.model, bench.x, "relu2", [2]).values[0]
    assert f"from {best[0]:.2f} down to {best[-1]:.2f}" in widget.html
    channel.value = 40
    assert "relu2 has 32 channels, 0 to 31: take a smaller one" in widget.message


# --- maps


def test_maps_name_the_classes_and_the_methods(bench):
    images, classes = bench.x[:2], torch.tensor([9, 2])
    maps = {"gradient": torch.rand(2, 28, 28), "guided": torch.rand(2, 28, 28)}
    drawn = show.repairs(bench.net, images, classes, maps)
    assert "Ankle boot, Pullover, and maps of each: gradient, guided" in drawn.alt
    where = {"Grad-CAM, relu5": torch.rand(2, 7, 7), "occlusion, gray": torch.randn(2, 28, 28)}
    assert "Grad-CAM, relu5, occlusion, gray" in show.places(bench.net, images, classes, where).alt


def test_a_map_below_zero_is_drawn_with_its_signs(bench):
    dx = torch.randn(1, 1, 28, 28)
    once, turned = (
        show.gradient_maps(bench.net, bench.x[:1], torch.tensor([0]), g).png for g in (dx, -dx)
    )
    assert once != turned


def test_an_occlusion_that_only_lowers_the_score_is_drawn_in_orange_too(bench):
    drops = {"occlusion, gray": torch.linspace(0, 1, 28 * 28).reshape(1, 28, 28)}
    pixels = plt.imread(BytesIO(show.places(bench.net, bench.x[:1], torch.tensor([9]), drops).png))
    assert (pixels[..., 0] - pixels[..., 2]).max() > 0.5


def test_sanity_tells_the_range_over_the_seeds():
    def run(*correlations):
        pairs = zip(LAYERS, correlations, strict=True)
        return [Randomized(layer, value) for layer, value in pairs]

    drawn = show.sanity_lines(
        {"guided": [run(0.9, 0.9, 0.8, 0.3, 0.2), run(0.8, 0.8, 0.7, 0, 0.1)]}
    )
    assert "guided: 0.80 to 0.90 with the last layer random, 0.10 to 0.20 with all" in drawn.alt


# --- made images


def test_answers_stand_with_the_images_that_were_made(bench):
    units = [("relu1", 1), (None, 8)]
    ways = {"free": Regularization(), "kept": Regularization(decay=0.1)}
    made = {
        way: {
            (layer, k): maximum_response(
                bench.model, (1, 28, 28), layer, k, seed=0, steps=3, regularization=kept
            )
            for layer, k in units
        }
        for way, kept in ways.items()
    }
    last = made["kept"][None, 8].responses[-1]
    assert f"kept, Bag: {last:.3g}" in show.ascents(made).alt


def test_dreams_name_what_was_dreamed():
    gray = np.full((8, 12), 0.5)
    assert "after dreaming: one, two" in show.dreams({"photo": gray, "one": gray, "two": gray}).alt


def test_attacks_tell_every_accuracy():
    drawn = show.attacks([2, 8], {"random": [0.91, 0.9], "FGSM": [0.8, 0.5]})
    assert "2, 8 gray levels. random 91%, 90%; FGSM 80%, 50%" in drawn.alt


def test_fooled_images_tell_the_class_and_the_confidence():
    drawn = show.fooled(np.zeros((10, 6, 6)), [0.99 + k / 1000 for k in range(10)])
    for k, name in enumerate(FASHION_MNIST_CLASSES):
        assert f"{name} {0.99 + k / 1000:.1%}" in drawn.alt


def test_the_attack_moves_with_each_control(bench):
    widget = show.attack_widget(bench.net, bench.x[:12], bench.labels[:12])
    way, image, levels = widget.children[:3]
    seen = {widget.html}
    for control, value in ((way, "PGD, ten steps"), (image, 2), (levels, 9)):
        control.value = value
        seen.add(widget.html)
    assert len(seen) == 4
    assert "at most 9 gray levels" in widget.html


@pytest.mark.parametrize("way", ["FGSM, one step", "PGD, ten steps", "random signs"])
def test_without_a_change_the_net_sees_what_it_saw(bench, way):
    widget = show.attack_widget(bench.net, bench.x[:3], bench.labels[:3])
    widget.children[0].value = way
    widget.children[2].value = 0
    before, after = widget.html.split("after, ")[0], widget.html.split("after, ")[1]
    told = after.split(".")[0]
    assert f"sees {told}" in before
