"""Layers call the functions they stand for, and networks of them are torch's networks."""

from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from test_bad_input import ARRAYS, assert_refused

from coursekit.reference.activations import relu, sigmoid, tanh
from coursekit.reference.convolution2d import conv2d, conv2d_backward, conv2d_forward
from coursekit.reference.gradcheck import gradcheck
from coursekit.reference.initialization import he_normal, xavier_normal, zeros
from coursekit.reference.layers import (
    AveragePool2d,
    BatchLast,
    Dropout,
    Flatten,
    MaxPool2d,
    ReLU,
    Sigmoid,
    Tanh,
)
from coursekit.reference.layout import batch_last, is_batch_last
from coursekit.reference.linear import linear, linear_backward, linear_forward
from coursekit.reference.network import Layer, Sequential
from coursekit.reference.pooling import average_pool2d, max_pool2d
from coursekit.reference.trained_layers import BatchNorm, Conv2d, Linear

F64 = np.float64


def rng(seed=0):
    return np.random.default_rng(seed)


def normal(*shape, dtype=F64, seed=1):
    return rng(seed).standard_normal(shape).astype(dtype)


# ---- one layer at a time: the function that it stands for

IMAGES = normal(4, 6, 9, 8)
STEPS = {"stride": (2, 1), "padding": (0, 1), "dilation": (1, 2), "groups": 3}
SINGLE = {
    "ReLU": (ReLU, relu),
    "Tanh": (Tanh, tanh),
    "Sigmoid": (Sigmoid, sigmoid),
    "MaxPool2d": (lambda: MaxPool2d(2), lambda x: max_pool2d(x, 2)),
    "MaxPool2d with all": (
        lambda: MaxPool2d((3, 2), stride=(1, 2), padding=(1, 0)),
        lambda x: max_pool2d(x, (3, 2), stride=(1, 2), padding=(1, 0)),
    ),
    "AveragePool2d": (lambda: AveragePool2d(2), lambda x: average_pool2d(x, 2)),
    "AveragePool2d with all": (
        lambda: AveragePool2d((3, 2), stride=(1, 2), padding=(1, 0)),
        lambda x: average_pool2d(x, (3, 2), stride=(1, 2), padding=(1, 0)),
    ),
    "Conv2d": (
        lambda: Conv2d(6, 3, (3, 2), rng(), dtype=F64, **STEPS),
        lambda x: conv2d(x, he_normal((3, 2, 3, 2), rng()).astype(F64), np.zeros(3), **STEPS),
    ),
    "Flatten": (Flatten, lambda x: x.reshape(4, 432)),
    "BatchLast": (BatchLast, lambda x: x),
    "BatchNorm": (
        lambda: BatchNorm(6, dtype=F64),
        lambda x: (
            (x - x.mean((0, 2, 3), keepdims=True)) / np.sqrt(x.var((0, 2, 3), keepdims=True) + 1e-5)
        ),
    ),
    "Linear": (
        lambda: Sequential(Flatten(), Linear(432, 5, rng(), dtype=F64)),
        lambda x: linear(x.reshape(4, 432), he_normal((5, 432), rng()).astype(F64)),
    ),
    "no layer": (Sequential, lambda x: x),
}


@pytest.mark.parametrize("make_and_function", SINGLE.values(), ids=SINGLE)
def test_a_layer_is_its_function_in_both_memory_orders(make_and_function):
    make, function = make_and_function
    plain = make()
    y = plain.forward(IMAGES)
    assert np.allclose(y, function(IMAGES), rtol=1e-12, atol=1e-12)
    dy = normal(*y.shape, seed=2)
    dx = plain.backward(dy)
    other = make()
    y_last = other.forward(batch_last(IMAGES))
    dx_last = other.backward(batch_last(dy) if dy.ndim == 4 else dy)
    assert np.allclose(y_last, y, rtol=1e-12, atol=1e-14)
    assert np.allclose(dx_last, dx, rtol=1e-12, atol=1e-14)
    assert plain.grads.keys() == plain.params.keys() == other.grads.keys()
    for name, g in plain.grads.items():
        assert np.allclose(other.grads[name], g, rtol=1e-12, atol=1e-14)
    assert is_batch_last(dx_last)
    assert dx.flags.c_contiguous
    if y.ndim == 4:
        assert is_batch_last(y_last)
        assert is_batch_last(y) == isinstance(plain, BatchLast)
    assert (normal(4, 6, 9, 8) == IMAGES).all()


SMALL = SINGLE | {"Linear": (lambda: Linear(4, 2, rng(), dtype=F64), None)}


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("training", [True, False])
def test_the_gradients_of_a_layer_are_those_of_its_forward_pass(name, training):
    layer = SMALL[name][0]()
    x = normal(3, 4) if name == "Linear" else normal(2, 6, 5, 4)
    layer.forward(x)  # running averages that are not 0 and 1

    def forward(x, *params):
        for param, value in zip(layer.params, params, strict=True):
            layer.params[param] = value
        return layer.forward(x, training), None

    def backward(dy, _):
        return (layer.backward(dy), *layer.grads.values())

    if name == "BatchNorm" and not training:
        before = layer.running_mean.copy()
    report = gradcheck(forward, backward, x, *(normal(*p.shape) for p in layer.params.values()))
    assert report, report
    assert len(report.rows) == 1 + len(layer.params)
    if name == "BatchNorm" and not training:
        assert np.array_equal(layer.running_mean, before)


def test_parameters_of_layers():
    layer = Linear(3, 2, rng(5))
    assert list(layer.params) == ["w", "b"]
    assert np.array_equal(layer.params["w"], he_normal((2, 3), rng(5)))
    assert np.array_equal(layer.params["b"], [0, 0])
    layer = Conv2d(4, 6, (3, 5), rng(5), groups=2, bias=False, init=xavier_normal)
    assert list(layer.params) == ["w"]
    assert np.array_equal(layer.params["w"], xavier_normal((6, 2, 3, 5), rng(5)))
    layer = BatchNorm(3)
    assert {name: list(p) for name, p in layer.params.items()} == {
        "gamma": [1, 1, 1],
        "beta": [0, 0, 0],
    }
    for layer in (Linear(3, 2, rng()), Conv2d(1, 2, 3, rng()), BatchNorm(3)):
        assert {p.dtype for p in layer.params.values()} == {np.dtype(np.float32)}
        assert layer.grads == {}
    for layer in (
        Linear(3, 2, rng(), dtype="float64"),
        Conv2d(1, 2, 3, rng(), dtype=F64),
        BatchNorm(3, dtype=F64),
    ):
        assert {p.dtype for p in layer.params.values()} == {np.dtype(F64)}
    for layer in (ReLU(), MaxPool2d(2), Flatten(), Dropout(0.5, rng())):
        assert layer.params == {}


def test_the_generator_moves_on_from_layer_to_layer():
    one = rng()
    first, second = Linear(3, 3, one), Linear(3, 3, one)
    assert not np.array_equal(first.params["w"], second.params["w"])


def test_initial_weights_are_the_layers_own():
    mine = np.ones((2, 3), np.float32)
    layer = Linear(3, 2, rng(), init=lambda shape, rng: mine)
    layer.params["w"][...] = 7
    assert (mine == 1).all()


def test_setting_a_parameter_writes_into_it():
    layer = Linear(2, 1, rng(), dtype=F64)
    network = Sequential(ReLU(), layer)
    held = layer.params["w"]
    for params, name in ((layer.params, "w"), (network.params, "1.w")):
        params[name] = np.array([[3, 4]])
        params[name] -= 1.0
        assert layer.params["w"] is network.params["1.w"] is held
        assert np.array_equal(layer.forward(np.array([[1.0, 10]])), [[32]])
        params[name][...] = 1
        assert np.array_equal(held, [[1, 1]])
    network.params["1.w"] = np.float32([[0.5, 1]])
    assert held.dtype == F64


def test_setting_a_gradient_writes_into_it():
    network = Sequential(Linear(2, 1, rng(), dtype=F64))
    network.backward(network.forward(np.ones((1, 2))))
    before = network.grads["0.w"].copy()
    network.grads["0.w"] *= 0.5
    assert np.array_equal(network[0].grads["w"], before / 2)


def test_arrays_by_name_are_a_mapping():
    params = Linear(2, 1, rng(), init=zeros).params
    assert "w" in params
    assert "0.w" not in params
    assert len(params) == 2
    assert params.get("x") is None
    assert repr(params) == repr(dict(params))
    with pytest.raises(KeyError):
        params["x"]


@pytest.mark.parametrize(
    ("name", "value", "kind", "parts"),
    [
        ("W", np.ones((1, 2)), ValueError, ("'W' is none of the arrays", "['w', 'b']")),
        ("w", np.ones((2, 1)), ValueError, ("w has shape (1, 2), and was given (2, 1)",)),
        ("w", np.ones(2), ValueError, ("w has shape (1, 2), and was given (2,)",)),
        ("w", np.array(0.0), ValueError, ("w has shape (1, 2), and was given ()",)),
        ("w", 0.0, TypeError, ("w is a float", "NumPy array")),
        ("w", np.array([[1j, 2]]), TypeError, ("w holds complex128",)),
    ],
)
def test_what_cannot_be_set(name, value, kind, parts, unchecked_shapes):
    params = Linear(2, 1, rng(), init=zeros).params
    assert_refused(lambda: params.__setitem__(name, value), kind, *parts)
    assert not params["w"].any()


def test_parameters_and_gradients_are_shared_with_the_functions():
    x, dy = normal(5, 3), normal(5, 2)
    layer = Linear(3, 2, rng(), dtype=F64)
    layer.forward(x)
    dx = layer.backward(dy)
    expected = linear_backward(dy, linear_forward(x, layer.params["w"], layer.params["b"])[1])
    for one, other in zip((dx, *layer.grads.values()), expected, strict=True):
        assert np.array_equal(one, other)
    layer = Conv2d(3, 2, 3, rng(), bias=False, dtype=F64)
    x = normal(2, 3, 5, 5)
    layer.backward(layer.forward(x))
    y, cache = conv2d_forward(x, layer.params["w"])
    assert np.array_equal(layer.grads["w"], conv2d_backward(y, cache)[1])
    assert list(layer.grads) == ["w"]


def test_each_backward_pass_replaces_the_gradients():
    layer = Linear(2, 1, rng(), dtype=F64)
    for scale in (1.0, 5.0):
        layer.forward(np.array([[1.0, 2]]))
        layer.backward(np.array([[scale]]))
        assert np.array_equal(layer.grads["w"], [[scale, 2 * scale]])
        assert np.array_equal(layer.grads["b"], [scale])


# ---- training and testing


def test_batchnorm_tests_with_what_it_saw_in_training():
    layer, twin = BatchNorm(3, momentum=0.3, dtype=F64), torch.nn.BatchNorm2d(3, momentum=0.3)
    twin = twin.double()
    for seed in range(4):
        x = normal(5, 3, 4, 4, seed=seed) * 2 + 1
        y, expected = layer.forward(x), twin(torch.tensor(x))
        assert np.allclose(y, expected.detach().numpy(), rtol=1e-10, atol=1e-12)
    assert np.allclose(layer.running_mean, twin.running_mean.numpy(), rtol=1e-10)
    assert np.allclose(layer.running_variance, twin.running_var.numpy(), rtol=1e-10)
    before = layer.running_mean
    twin.eval()
    y, expected = layer.forward(x[:1] * 9, training=False), twin(torch.tensor(x[:1] * 9))
    assert np.allclose(y, expected.detach().numpy(), rtol=1e-10, atol=1e-12)
    assert layer.running_mean is before


def test_batchnorm_takes_its_eps():
    x = normal(6, 2)
    y = BatchNorm(2, eps=0.5, dtype=F64).forward(x)
    assert np.allclose(y, (x - x.mean(0)) / np.sqrt(x.var(0) + 0.5))


def test_dropout_drops_in_training_and_nothing_in_testing():
    layer = Dropout(0.25, rng())
    x = np.ones((100, 100))
    y = layer.forward(x)
    assert set(np.unique(y)) == {0, 1 / 0.75}
    assert (y == 0).mean() == pytest.approx(0.25, abs=0.02)
    assert np.array_equal(layer.backward(x), y)  # the same entries, and the same scale
    assert not np.array_equal(layer.forward(x), y)  # others the next time
    assert np.array_equal(layer.forward(x, training=False), x)
    assert np.array_equal(layer.backward(3 * x), 3 * x)
    assert np.array_equal(Dropout(0.25, rng()).forward(x), y)


def test_training_reaches_every_layer_of_a_network():
    network = Sequential(Sequential(Dropout(0.5, rng())), Dropout(0.5, rng()))
    x = np.ones((10, 10))
    assert (network.forward(x) == 0).any()
    assert np.array_equal(network.forward(x, training=False), x)


# ---- forward before backward


@pytest.mark.parametrize(
    "layer", [ReLU(), Linear(3, 3, rng(), dtype=F64), Flatten(), Sequential(Tanh())]
)
def test_backward_follows_forward(layer):
    name = type(layer).__name__
    message = f"{name}.backward has no forward pass to go back through: call forward before"
    x = normal(2, 3)
    with pytest.raises(RuntimeError, match=message):
        layer.backward(x)
    layer.forward(x)
    layer.backward(x)
    with pytest.raises(RuntimeError, match=message):
        layer.backward(x)
    layer.forward(x)
    layer.backward(x)


def test_backward_belongs_to_the_latest_forward():
    layer = Tanh()
    layer.forward(np.zeros((1, 1)))
    layer.forward(np.ones((1, 1)))
    assert layer.backward(np.ones((1, 1)))[0, 0] == pytest.approx(1 - np.tanh(1) ** 2)


def test_after_a_forward_that_failed_there_is_nothing_to_go_back_through(unchecked_shapes):
    layer = Linear(3, 2, rng(), dtype=F64)
    layer.forward(normal(2, 3))
    with pytest.raises(ValueError, match="x has 4 features and w has weights for 3"):
        layer.forward(normal(2, 4))
    with pytest.raises(RuntimeError, match="no forward pass"):
        layer.backward(normal(2, 2))


def test_after_a_backward_that_failed_a_right_one_works(unchecked_shapes):
    layer = Linear(3, 2, rng(), dtype=F64)
    layer.forward(normal(2, 3))
    with pytest.raises(ValueError, match="dy has shape"):
        layer.backward(normal(2, 3))
    assert layer.grads == {}
    layer.backward(normal(2, 2))


def test_a_layer_of_ones_own_needs_forward_and_backward():
    class Double(Layer):
        def _forward(self, x, training):
            return 2 * x, ()

        def _backward(self, dy, cache):
            return 2 * dy

    network = Sequential(Double(), Double())
    assert np.array_equal(network.forward(np.ones((1, 2))), [[4, 4]])
    assert np.array_equal(network.backward(np.ones((1, 2))), [[4, 4]])

    class Half(Layer):
        def _forward(self, x, training):
            return x / 2, ()

    with pytest.raises(TypeError, match=r"Half.*_backward"):
        Half()


# ---- networks


def small():
    return Sequential(
        Linear(4, 5, rng(0), dtype=F64),
        ReLU(),
        Sequential(Linear(5, 3, rng(1), dtype=F64), BatchNorm(3, dtype=F64)),
    )


def test_a_network_is_a_sequence_of_layers():
    network = small()
    assert len(network) == 3
    assert [type(layer) for layer in network] == [Linear, ReLU, Sequential]
    assert isinstance(network[1], ReLU)
    assert network[-1] is network[2]
    with pytest.raises(IndexError):
        network[3]


def test_parameters_of_a_network_are_named_by_place():
    network = small()
    names = ["0.w", "0.b", "2.0.w", "2.0.b", "2.1.gamma", "2.1.beta"]
    assert list(network.params) == names
    assert network.params["2.0.w"] is network[2][0].params["w"]
    assert network.grads == {}
    network.backward(network.forward(normal(6, 4)))
    assert list(network.grads) == names
    assert network.grads["2.1.beta"] is network[2][1].grads["beta"]


def test_a_slice_is_a_network_of_the_same_layers():
    network = small()
    x = normal(6, 4)
    features = network[:2]
    assert isinstance(features, Sequential)
    assert features.params["0.w"] is network.params["0.w"]
    assert np.array_equal(network[2:].forward(features.forward(x)), network.forward(x))


PLAIN = {
    "relu": (ReLU, torch.nn.ReLU),
    "tanh": (Tanh, torch.nn.Tanh),
    "sigmoid": (Sigmoid, torch.nn.Sigmoid),
    "nothing": (Sequential, torch.nn.Identity),
}
KINDS = st.sampled_from(["conv", "conv", "norm", "max", "average", *PLAIN])


@st.composite
def networks(draw):
    """Draw the layers of a network for images, ours and torch's, and the shape of a batch."""
    nn = torch.nn
    C, H, W = draw(st.integers(1, 3)), draw(st.integers(5, 8)), draw(st.integers(5, 8))
    shape = (draw(st.integers(3, 4)), C, H, W)
    layers = [(BatchLast, nn.Identity)] if draw(st.booleans()) else []
    for kind in draw(st.lists(KINDS, max_size=5)):
        small = min(H, W)
        if kind == "conv":
            K, F = draw(st.integers(1, 3)), draw(st.integers(1, min(3, small)))
            S, P, bias = draw(st.integers(1, 2)), draw(st.integers(0, 2)), draw(st.booleans())
            how = {"stride": S, "padding": P, "bias": bias}
            ours = partial(Conv2d, C, K, F, rng(), dtype=F64, **how)
            layers.append((ours, partial(nn.Conv2d, C, K, F, **how)))
            C, H, W = K, (H + 2 * P - F) // S + 1, (W + 2 * P - F) // S + 1
        elif kind == "norm":
            layers.append((partial(BatchNorm, C, dtype=F64), partial(nn.BatchNorm2d, C)))
        elif kind in ("max", "average"):
            F, S = draw(st.integers(1, min(2, small))), draw(st.integers(1, 2))
            pools = {"max": (MaxPool2d, nn.MaxPool2d), "average": (AveragePool2d, nn.AvgPool2d)}
            layers.append(tuple(partial(pool, F, stride=S) for pool in pools[kind]))
            H, W = (H - F) // S + 1, (W - F) // S + 1
        else:
            layers.append(PLAIN[kind])
    last = partial(Linear, C * H * W, 4, rng(), dtype=F64), partial(nn.Linear, C * H * W, 4)
    return [*layers, (Flatten, nn.Flatten), last], shape


@settings(max_examples=120)
@given(networks(), st.integers(0, 2**32 - 1))
def test_a_network_is_torchs(drawn, seed):
    layers, shape = drawn
    network = Sequential(*(ours() for ours, _ in layers))
    twin = torch.nn.Sequential(*(torchs() for _, torchs in layers)).double()
    random = rng(seed)
    x = random.standard_normal(shape)
    names = {"gamma": "weight", "beta": "bias", "w": "weight", "b": "bias"}
    theirs = dict(twin.named_parameters())
    twins = {}
    for name, p in network.params.items():
        p[...] = random.standard_normal(p.shape)
        place, _, kind = name.partition(".")
        twins[name] = theirs.pop(f"{place}.{names[kind]}")
        twins[name].data = torch.tensor(p)
    assert not theirs
    y = network.forward(x)
    x_t = torch.tensor(x, requires_grad=True)
    y_t = twin(x_t)
    dy = random.standard_normal(y.shape)
    dx = network.backward(dy)
    y_t.backward(torch.tensor(dy))
    pairs = {"y": (y, y_t.detach()), "dx": (dx, x_t.grad)}
    pairs |= {name: (g, twins[name].grad) for name, g in network.grads.items()}
    assert set(pairs) == {"y", "dx", *network.params}
    for name, (ours, answer) in pairs.items():
        answer = answer.numpy()
        # errors of one layer reach the next: relative to the largest, with room for a few layers
        allowed = 1e-10 * max(1.0, np.abs(answer).max(initial=0))  # terms of about 1 may cancel
        assert np.abs(ours - answer).max(initial=0) <= allowed, name
        assert ours.dtype == F64


@pytest.mark.parametrize("N", [0, 1])
def test_batches_of_no_image_and_of_one(N):
    network = Sequential(
        BatchLast(),
        Conv2d(1, 2, 3, rng()),
        ReLU(),
        MaxPool2d(2),
        AveragePool2d(1),
        Tanh(),
        Flatten(),
        Linear(8, 3, rng()),
        Sigmoid(),
        Dropout(0.5, rng()),
    )
    y = network.forward(normal(N, 1, 6, 6, dtype=np.float32))
    assert y.shape == (N, 3)
    assert network.backward(y).shape == (N, 1, 6, 6)
    for name, g in network.grads.items():
        assert g.shape == network.params[name].shape
        assert g.dtype == np.float32
        assert N or not g.any()


# ---- what does not fit


@pytest.mark.parametrize(
    ("make", "kind", "parts"),
    [
        (lambda: Linear(0, 2, rng()), ValueError, ("fan_in is 0", "at least 1")),
        (lambda: Linear(2, 0, rng()), ValueError, ("fan_out is 0", "at least 1")),
        (lambda: Linear(2.0, 2, rng()), TypeError, ("fan_in is 2.0",)),
        (lambda: Linear(2, 2, 0), TypeError, ("rng is 0", "np.random.default_rng(0)")),
        (lambda: Linear(2, 2, None), TypeError, ("rng is None",)),
        (lambda: Linear(2, 2, rng(), init="he"), TypeError, ("init is 'he'", "a function")),
        (lambda: Linear(2, 2, rng(), bias=0), TypeError, ("bias is 0", "True or False")),
        (lambda: Linear(2, 2, rng(), dtype=int), TypeError, ("dtype is", "np.float32")),
        (
            lambda: Linear(2, 3, rng(), init=lambda shape, rng: np.ones((2, 3))),
            ValueError,
            ("init returned weights of shape (2, 3), expected (3, 2)",),
        ),
        (
            lambda: Linear(2, 3, rng(), init=lambda shape, rng: 0.0),
            TypeError,
            ("what init returned is a float",),
        ),
        (lambda: Conv2d(0, 2, 3, rng()), ValueError, ("channels is 0",)),
        (lambda: Conv2d(1, 0, 3, rng()), ValueError, ("kernels is 0",)),
        (lambda: Conv2d(1, 2, 0, rng()), ValueError, ("kernel is 0",)),
        (lambda: Conv2d(1, 2, (3, 3, 3), rng()), ValueError, ("kernel is (3, 3, 3)",)),
        (lambda: Conv2d(1, 2, 3, rng(), stride=0), ValueError, ("stride is 0",)),
        (lambda: Conv2d(1, 2, 3, rng(), padding=-1), ValueError, ("padding is -1",)),
        (lambda: Conv2d(1, 2, 3, rng(), dilation=0), ValueError, ("dilation is 0",)),
        (lambda: Conv2d(4, 2, 3, rng(), groups=0), ValueError, ("groups is 0",)),
        (
            lambda: Conv2d(4, 6, 3, rng(), groups=4),
            ValueError,
            ("groups is 4, expected a divisor of 4 channels and 6 kernels",),
        ),
        (
            lambda: Conv2d(4, 6, 3, rng(), groups=3),
            ValueError,
            ("groups is 3, expected a divisor of 4 channels and 6 kernels",),
        ),
        (lambda: MaxPool2d(0), ValueError, ("kernel is 0",)),
        (lambda: AveragePool2d(2, stride=0), ValueError, ("stride is 0",)),
        (lambda: MaxPool2d(2, padding=-1), ValueError, ("padding is -1",)),
        (lambda: MaxPool2d("2"), TypeError, ("kernel is '2'",)),
        (lambda: BatchNorm(0), ValueError, ("channels is 0",)),
        (lambda: BatchNorm(2, momentum=-0.1), ValueError, ("momentum is -0.1",)),
        (lambda: BatchNorm(2, eps=-1), ValueError, ("eps is -1",)),
        (lambda: BatchNorm(2, dtype=int), TypeError, ("dtype is",)),
        (lambda: Dropout(1, rng()), ValueError, ("rate is 1", "below 1")),
        (lambda: Dropout(-0.1, rng()), ValueError, ("rate is -0.1", "at least 0")),
        (lambda: Dropout(0.5, 0), TypeError, ("rng is 0",)),
        (lambda: Sequential(ReLU), TypeError, ("layers[0] is <class", "such as ReLU()")),
        (lambda: Sequential(ReLU(), relu), TypeError, ("layers[1] is <function",)),
        (lambda: Sequential([ReLU()]), TypeError, ("layers[0] is [", "a layer")),
    ],
)
def test_layers_that_cannot_be(make, kind, parts, unchecked_shapes):
    assert_refused(make, kind, *parts)


def test_one_layer_cannot_stand_at_two_places(unchecked_shapes):
    again = ReLU()
    assert_refused(
        lambda: Sequential(Linear(2, 2, rng()), again, Tanh(), again),
        ValueError,
        "layers[3] is the same ReLU as layers[1]",
    )


LAYERS = {
    "Linear": lambda: Linear(5, 2, rng()),
    "Conv2d": lambda: Conv2d(2, 2, 1, rng()),
    "MaxPool2d": lambda: MaxPool2d(1),
    "AveragePool2d": lambda: AveragePool2d(1),
    "ReLU": ReLU,
    "BatchNorm": lambda: BatchNorm(2),
    "Dropout": lambda: Dropout(0.5, rng()),
    "Flatten": Flatten,
    "BatchLast": BatchLast,
}


@pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)
@pytest.mark.parametrize("case", ARRAYS.values(), ids=ARRAYS)
def test_inputs_that_are_none(make, case, unchecked_shapes):
    value, kind, *parts = case
    layer = make()
    assert_refused(lambda: layer.forward(value), kind, "x ", *parts)


@pytest.mark.parametrize("case", ARRAYS.values(), ids=ARRAYS)
@pytest.mark.parametrize("make", [Flatten, BatchLast])
def test_gradients_that_are_none(make, case, unchecked_shapes):
    value, kind, *parts = case
    layer = make()
    layer.forward(np.ones((2, 1, 2, 2)))
    assert_refused(lambda: layer.backward(value), kind, "dy ", *parts)


def test_shapes_that_layers_do_not_take(unchecked_shapes):
    assert_refused(lambda: Flatten().forward(np.ones(3)), ValueError, "x has shape (3,)", "a batch")
    assert_refused(
        lambda: BatchLast().forward(np.ones((3, 4))), ValueError, "x has shape (3, 4)", "N, C, H, W"
    )
    for layer in (Flatten(), BatchLast()):
        layer.forward(np.ones((2, 3, 4, 5)))
        assert_refused(
            lambda layer=layer: layer.backward(np.ones((2, 30))),
            ValueError,
            "dy has shape (2, 30)",
            "(2, 60)" if isinstance(layer, Flatten) else "(2, 3, 4, 5)",
        )


@pytest.mark.parametrize("training", [1, 0, None, "yes", np.ones(2)])
def test_training_is_true_or_false(training, unchecked_shapes):
    assert_refused(
        lambda: ReLU().forward(np.ones((1, 1)), training),
        TypeError,
        f"training is {training!r}, expected True or False",
    )


def test_a_network_says_in_which_layer_something_does_not_fit(unchecked_shapes):
    network = Sequential(ReLU(), Sequential(ReLU(), Linear(3, 2, rng())))
    with pytest.raises(ValueError, match="x has 4 features and w has weights for 3") as error:
        network.forward(np.ones((2, 4)))
    assert error.value.__notes__ == ["in layers[1], Linear", "in layers[1], Sequential"]


def test_batch_norm_keeps_its_averages_in_its_own_type_and_tests_with_its_own_eps():
    for dtype in (np.float32, np.float64):
        layer = BatchNorm(2, dtype=dtype)
        assert layer.running_mean.dtype == layer.running_variance.dtype == dtype
    layer = BatchNorm(1, eps=3.0, dtype=np.float64)
    y = layer.forward(np.array([[2.0], [4.0]]), training=False)
    assert np.array_equal(y, [[1], [2]])  # x / sqrt(1 + 3)


@pytest.mark.parametrize("make", [ReLU, Flatten, lambda: MaxPool2d(2), lambda: BatchNorm(1)])
def test_a_backward_pass_before_any_forward_pass_is_refused(make):
    with pytest.raises(RuntimeError, match="no forward pass to go back through: call forward"):
        make().backward(np.ones((1, 1, 2, 2)))
