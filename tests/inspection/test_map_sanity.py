"""The sanity check: a map must change when the weights do."""

import pytest
import torch
from scipy.stats import spearmanr
from seeing import Own, images, linear, net
from torch import nn

from coursekit.errors import CourseError
from coursekit.inspection import integrated_gradients, randomization, rank_correlation, saliency


def contributions(model, x, classes):
    return integrated_gradients(model, x, classes, steps=3).values


def test_layers_are_drawn_from_the_top_down():
    found = randomization(net(), images(), saliency, seed=0)
    assert [entry.layer for entry in found] == ["head.2", "conv2", "norm", "conv1"]
    found = randomization(Own(), images(), saliency, seed=0)
    assert [entry.layer for entry in found] == ["last", "conv3", "conv2", "conv1", "(model)"]


def test_a_map_of_the_image_alone_never_changes_and_one_of_the_weights_does():
    def edges(model, x, classes):
        return x.diff(dim=3)

    def one_layer(model, x, classes):
        return model.conv2.weight.detach()

    x = images()
    assert [e.correlation for e in randomization(net(), x, edges, seed=0)] == pytest.approx([1] * 4)
    head, *rest = (e.correlation for e in randomization(net(), x, one_layer, seed=0)[:4])
    assert head == pytest.approx(1)  # conv2 is still as it was
    assert rest[0] == rest[1] == rest[2]
    assert abs(rest[0]) < 0.9


@pytest.mark.parametrize("method", [saliency, contributions])
def test_maps_of_a_linear_model_lose_all_resemblance(method):
    model = linear(shape=(2, 40, 40))
    (entry,) = randomization(model, images(6, (2, 40, 40)), method, seed=0, absolute=False)
    assert entry.layer == "1"
    bound = 0.1 if method is saliency else 0.35  # x is a factor of both
    assert abs(entry.correlation) < bound


def test_the_drawn_weights_have_the_mean_and_the_spread_of_the_old_ones():
    seen = []

    def method(model, x, classes):
        seen.append(model[1].weight.detach().clone())
        return x

    model = linear(shape=(2, 40, 40))
    with torch.no_grad():
        model[1].weight.add_(0.5)
    randomization(model, images(1, (2, 40, 40)), method, seed=0)
    before, after = seen
    assert after.mean().item() == pytest.approx(before.mean().item(), abs=1e-3)
    assert after.std().item() == pytest.approx(before.std().item(), rel=0.05)
    assert rank_correlation(before, after) < 0.05


def test_the_seed_says_which_weights_are_drawn_and_the_class_stays():
    one, same, other = (randomization(net(), images(), saliency, seed=s) for s in (1, 1, 2))
    assert one == same != other
    asked = []

    def method(model, x, classes):
        asked.append(classes.tolist())
        return x

    model, x = net().eval(), images(8)
    randomization(model, x, method, seed=0)
    assert asked == [model(x).argmax(1).tolist()] * 5


def test_signs_count_only_where_they_are_asked_for():
    def signed(model, x, classes):
        same = torch.equal(model[1].weight, kept)
        return x if same else -x

    model = linear()
    kept = model[1].weight
    (entry,) = randomization(model, images(), signed, seed=0)
    assert entry.correlation == pytest.approx(1)
    (entry,) = randomization(model, images(), signed, seed=0, absolute=False)
    assert entry.correlation == pytest.approx(-1)


def test_rank_correlation_is_spearmans_also_with_equal_values():
    a, b = images(1)[0].round(), images(1, seed=4)[0].round()
    expected = spearmanr(a.flatten(), b.flatten()).statistic
    assert rank_correlation(a, b) == pytest.approx(expected)
    assert rank_correlation(a, a**3) == pytest.approx(1)
    assert rank_correlation(a, -a) == pytest.approx(-1)
    assert rank_correlation(a, torch.ones_like(a)) == 0
    with pytest.raises(CourseError, match=r"shapes \(2,\) and \(3,\)"):
        rank_correlation(torch.zeros(2), torch.zeros(3))


def test_a_model_without_parameters_is_refused():
    model = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    with pytest.raises(CourseError, match="has no parameters"):
        randomization(model, images(), saliency, seed=0)
