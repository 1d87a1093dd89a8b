"""Statistics and histograms of what layers answer."""

import numpy as np
import pytest
import torch
from seeing import images, net
from torch import nn

from coursekit.errors import CourseError
from coursekit.inspection import activations, population


@pytest.mark.parametrize("layer", ["conv2", "relu2", "head.2"])
@pytest.mark.parametrize("batch_size", [3, 7, 100])
def test_statistics_and_counts_are_those_of_all_answers_at_once(layer, batch_size):
    model, x = net(), images(20)
    found = population(model, x, layer, bins=9, batch_size=batch_size)
    values = activations(model, x, [layer])[layer].transpose(0, 1).flatten(1).numpy()
    assert found.count == values.shape[1]
    np.testing.assert_allclose(found.mean, values.mean(1), atol=1e-13)
    np.testing.assert_allclose(found.std, values.std(1), atol=1e-13)
    np.testing.assert_array_equal(found.low, values.min(1))
    np.testing.assert_array_equal(found.high, values.max(1))
    np.testing.assert_allclose(found.active, (values > 0).mean(1))
    assert found.edges[0] == values.min()
    assert found.edges[-1] == values.max()
    for counts, row in zip(found.counts, values, strict=True):
        np.testing.assert_array_equal(counts, np.histogram(row, found.edges.numpy())[0])


def test_the_spread_of_answers_far_from_zero_is_exact():
    x = 1e6 + images(30, (1, 4, 4))
    found = population(nn.Sequential(nn.Identity()), x, "0", batch_size=4)
    assert found.std.item() == pytest.approx(x.numpy().std(), rel=1e-9)


def test_a_channel_that_never_answers_is_dead():
    model = net()
    with torch.no_grad():
        model.conv2.weight[3] = 0
        model.conv2.bias[3] = -1
    found = population(model, images(20), "relu2")
    assert found.dead.tolist() == [False, False, False, True, False, False]
    assert found.std[3] == found.high[3] == 0


def test_answers_that_are_all_the_same_have_a_histogram():
    found = population(nn.Sequential(nn.Identity()), torch.full((2, 1, 3, 3), 2.0), "0", bins=4)
    assert found.edges.tolist() == [1.5, 1.75, 2.0, 2.25, 2.5]
    assert found.counts.tolist() == [[0, 0, 18, 0]]


def test_numbers_out_of_range_and_answers_that_are_not_finite_are_refused():
    for name in ("bins", "batch_size"):
        with pytest.raises(CourseError, match=f"{name} is 0"):
            population(net(), images(), "conv1", **{name: 0})
    x = images()
    x[1, 0, 0, 0] = float("nan")
    with pytest.raises(CourseError, match="'conv1' answers with numbers that are not finite"):
        population(net(), x, "conv1")
    with pytest.raises(CourseError, match=r"shape \(3,\), expected \(N, K\)"):
        population(nn.Sequential(nn.Flatten(0)), images(3, (1, 1, 1)), "0")
