"""Activations by name."""

import pytest
import torch
from seeing import Own, images, net
from torch import nn
from torch.nn import functional

from coursekit.errors import CourseError
from coursekit.inspection import activations, filters, layer_names
from coursekit.models import cifar_resnet, googlenet


@pytest.mark.parametrize("inplace", [False, True])
def test_activations_are_what_the_layers_compute_also_before_one_that_works_in_place(inplace):
    model, x = net(inplace=inplace).eval(), images()
    with torch.no_grad():
        a = model.conv1(x)
        b = model.norm(a)
        c = b.clamp(min=0)
        d = model.conv2(c)
        pooled = d.clamp(min=0).mean((2, 3))
        scores = model.head[2](pooled)
    found = activations(model, x)
    assert list(found) == [
        *("conv1", "norm", "relu1", "drop", "conv2", "relu2", "head.0", "head.1", "head.2")
    ]
    expected = {"conv1": a, "norm": b, "relu1": c, "drop": c, "conv2": d, "head.2": scores}
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value)
    torch.testing.assert_close(activations(model, x, ["head"])["head"], scores)


def test_names_come_back_as_asked_for_and_nothing_behind_them_runs():
    model = net()
    model.head = nn.Linear(1, 1)  # it would not take what comes
    found = activations(model, images(shape=(2, 30, 17)), ["conv2", "conv1"])
    assert {name: tuple(a.shape) for name, a in found.items()} == {
        "conv2": (3, 6, 14, 8),
        "conv1": (3, 5, 30, 17),
    }


def test_a_layer_that_runs_twice_has_two_names():
    model, x = Own(), images()
    found = activations(model, x)
    assert list(found) == ["conv1", "relu", "conv2", "relu#2", "conv3", "last"]
    with torch.no_grad():
        first = functional.relu(model.conv1(x))
        second = functional.relu(model.conv2(first))
    some = activations(model, x, ["relu#2", "relu", "relu#1"])
    assert torch.equal(some["relu"], first)
    assert torch.equal(some["relu#1"], first)
    assert torch.equal(some["relu#2"], second)


def test_names_that_are_not_there_are_answered_with_near_ones():
    with pytest.raises(CourseError, match=r"no layer 'relu3'\. Near it: 'relu[12]', 'relu[12]'"):
        activations(net(), images(), ["relu3"])
    with pytest.raises(CourseError, match=r"It has 'conv1', .*'head\.0' and 2 more"):
        activations(net(), images(), ["xyz"])
    with pytest.raises(CourseError, match="layer is 3, expected its name: 'conv1'"):
        activations(net(), images(), [3])
    with pytest.raises(CourseError, match="'relu#x', expected a number from 1 on"):
        activations(Own(), images(), ["relu#x"])


def test_layers_that_do_not_run_or_give_no_tensor_are_refused():
    with pytest.raises(CourseError, match="'unused': it did not run"):
        activations(Own(), images(), ["unused"])
    with pytest.raises(CourseError, match="'relu#3': it ran 2 times"):
        activations(Own(), images(), ["relu#3"])

    class Pair(nn.Module):
        def forward(self, x):
            return x, x

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.pair = Pair()

        def forward(self, x):
            return self.pair(x)[0]

    with pytest.raises(CourseError, match="'pair' is a tuple, expected a tensor"):
        activations(Model(), images(), ["pair"])
    assert activations(Model(), images()) == {}


def test_what_the_model_says_itself_is_not_said_again():
    class Model(nn.Module):
        def forward(self, x):
            raise self.error

    model = Model()
    for error in (CourseError("too small"), torch.OutOfMemoryError("no room")):
        model.error = error
        with pytest.raises(type(error), match=f"^{error}$"):
            activations(model, images())


def test_what_is_kept_shares_no_memory_with_what_the_model_changes_later():
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = nn.Identity(), nn.Flatten()

        def forward(self, x):
            self.second(self.first(x))
            return x.zero_()

    x = images()
    found = activations(Model(), x)  # to its end
    assert torch.equal(found["first"], x)
    assert torch.equal(found["second"], x.flatten(1))
    found["first"].zero_()
    assert found["second"].any()


def test_every_model_of_the_package_has_layers_to_look_at():
    x = images(1, (3, 32, 32), dtype=torch.float32)
    assert "stage3.2.relu" in activations(cifar_resnet(20), x)
    names = layer_names(googlenet(classes=3))
    assert len(names) == len(set(names)) > 50


def test_filters_are_images_between_black_and_white():
    model = net()
    w = model.conv1.weight.detach()
    each, together = filters(model, "conv1"), filters(model, "conv1", scale="all")
    for k in range(5):
        torch.testing.assert_close(each[k], 0.5 + w[k] / w[k].abs().max() / 2)
    torch.testing.assert_close(together, 0.5 + w / w.abs().max() / 2)
    with torch.no_grad():
        model.conv1.weight[2] = 0
    assert (filters(model, "conv1")[2] == 0.5).all()
    each[0] = 7  # a copy
    assert model.conv1.weight.abs().max() < 1


def test_filters_of_what_is_no_convolution_are_refused():
    with pytest.raises(CourseError, match="'relu1' is a ReLU, expected a Conv2d: conv1, conv2"):
        filters(net(), "relu1")
    with pytest.raises(CourseError, match="no layer 'conv3'"):
        filters(net(), "conv3")
    with pytest.raises(CourseError, match="scale is 'best'"):
        filters(net(), "conv1", scale="best")
