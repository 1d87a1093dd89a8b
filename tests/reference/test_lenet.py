"""LeNet-5: the slides' numbers, torch's losses, and 64 digits learned by heart."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from test_bad_input import assert_refused

from coursekit.reference.accounting import conv2d_cost, linear_cost, pool2d_cost, total_cost
from coursekit.reference.initialization import he_normal, xavier_normal
from coursekit.reference.layers import AveragePool2d, MaxPool2d, ReLU, Tanh
from coursekit.reference.layout import is_batch_last
from coursekit.reference.lenet import lenet5
from coursekit.reference.losses import (
    softmax_cross_entropy,
    softmax_cross_entropy_backward,
    softmax_cross_entropy_forward,
)
from coursekit.reference.optim import SGD, Adam

VARIANTS = ("modern", "1998-like")
PARAMETRIZED = ("1", "4", "8", "10", "12")


def rng(seed=0):
    return np.random.default_rng(seed)


def digits(number, size=28, dtype=np.float32):
    """Return digits of 8×8 pixels, each pixel 3×3 times, in the middle of zeros; and their labels."""
    images, labels = load_digits(return_X_y=True)
    images = images[:number].reshape(-1, 1, 8, 8).repeat(3, axis=2).repeat(3, axis=3) / 16
    edge = (size - 24) // 2
    padded = np.pad(images, ((0, 0), (0, 0), (edge, edge), (edge, edge)))
    return padded.astype(dtype), labels[:number]


def train(network, optimizer, x, labels):
    """Take one step, and return the loss before it."""
    loss, cache = softmax_cross_entropy_forward(network.forward(x), labels)
    network.backward(softmax_cross_entropy_backward(1.0, cache))
    optimizer.step(network.grads)
    return float(loss)


# ---- the slides' numbers


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("size", [28, 32])
def test_shapes_are_the_slides(variant, size):
    network = lenet5(rng(), size=size, variant=variant)
    x = np.zeros((2, 1, size, size), np.float32)
    shapes = []
    for layer in network:
        x = layer.forward(x)
        shapes.append(x.shape[1:])
        assert x.ndim == 2 or is_batch_last(x)
    assert shapes[1:4] == [(6, 28, 28), (6, 28, 28), (6, 14, 14)]
    assert shapes[4:8] == [(16, 10, 10), (16, 10, 10), (16, 5, 5), (400,)]
    assert [shapes[i] for i in (8, 10, 12)] == [(120,), (84,), (10,)]


@pytest.mark.parametrize("variant", VARIANTS)
def test_parameters_are_the_slides_which_leave_out_the_biases_of_convolutions(variant):
    network = lenet5(rng(), variant=variant)
    assert list(network.params) == [f"{i}.{name}" for i in PARAMETRIZED for name in ("w", "b")]
    weights = [network.params[f"{i}.w"].size for i in PARAMETRIZED]
    biases = [network.params[f"{i}.b"].size for i in PARAMETRIZED]
    both = [w + b for w, b in zip(weights, biases, strict=True)]
    slides = [150, 2400, 48120, 10164, 850]  # CS7015 lecture 11, slides 43 and 46
    assert weights[:2] + both[2:] == slides
    assert biases == [6, 16, 120, 84, 10]
    assert both == [156, 2416, 48120, 10164, 850]
    assert sum(slides) == 61684
    assert sum(both) == 61706 == sum(slides) + 6 + 16
    assert sum(p.size for p in network.params.values()) == 61706


def test_the_accounting_says_the_same():
    costs = [conv2d_cost((1, 32, 32), 6, 5), pool2d_cost((6, 28, 28), 2)]
    costs += [conv2d_cost((6, 14, 14), 16, 5), pool2d_cost((16, 10, 10), 2)]
    costs += [linear_cost((16, 5, 5), 120), linear_cost(120, 84), linear_cost(84, 10)]
    assert [cost.parameters for cost in costs] == [156, 0, 2416, 0, 48120, 10164, 850]
    assert total_cost(costs).parameters == 61706


def test_the_variants_differ_in_activation_pooling_and_initial_weights():
    for variant, kinds, init in (
        ("modern", (ReLU, MaxPool2d), he_normal),
        ("1998-like", (Tanh, AveragePool2d), xavier_normal),
    ):
        network = lenet5(rng(3), variant=variant)
        activation, pool = kinds
        assert [type(network[i]) for i in (2, 5, 9, 11)] == [activation] * 4
        assert [type(network[i]) for i in (3, 6)] == [pool] * 2
        random = rng(3)
        for place in PARAMETRIZED:
            w = network.params[f"{place}.w"]
            assert np.array_equal(w, init(w.shape, random))
            assert not network.params[f"{place}.b"].any()


def test_the_same_seed_gives_the_same_network_in_both_float_types():
    one, two = lenet5(rng(1)), lenet5(rng(1), dtype=np.float64)
    for name, p in one.params.items():
        assert p.dtype == np.float32
        assert two.params[name].dtype == np.float64
        assert np.array_equal(p, two.params[name])


def test_as_many_scores_as_classes():
    assert lenet5(rng(), classes=3).forward(np.zeros((1, 1, 28, 28), np.float32)).shape == (1, 3)


# ---- training


def torchs(network, variant, size):
    """Return torch's network with the same weights."""
    nn = torch.nn
    activation, pool = {"modern": (nn.ReLU, nn.MaxPool2d), "1998-like": (nn.Tanh, nn.AvgPool2d)}[
        variant
    ]
    twin = nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=(32 - size) // 2), activation(), pool(2)),
        *(nn.Conv2d(6, 16, 5), activation(), pool(2), nn.Flatten()),
        *(nn.Linear(400, 120), activation(), nn.Linear(120, 84), activation(), nn.Linear(84, 10)),
    ).double()
    for p, ours in zip(twin.parameters(), network.params.values(), strict=True):
        p.data = torch.tensor(ours)
    return twin


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("size", [28, 32])
def test_twenty_losses_are_torchs(variant, size):
    x, labels = digits(96, size, np.float64)
    network = lenet5(rng(), size=size, variant=variant, dtype=np.float64)
    twin = torchs(network, variant, size)
    how = {"lr": 0.02, "momentum": 0.9, "nesterov": True, "weight_decay": 1e-3}
    optimizer, torch_optimizer = (
        SGD(network.params, **how),
        torch.optim.SGD(twin.parameters(), **how),
    )
    ours, theirs = [], []
    for step in range(20):
        batch = slice(step % 3 * 32, step % 3 * 32 + 32)
        ours.append(train(network, optimizer, x[batch], labels[batch]))
        torch_optimizer.zero_grad()
        scores = twin(torch.tensor(x[batch]))
        loss = torch.nn.functional.cross_entropy(scores, torch.tensor(labels[batch]))
        loss.backward()
        torch_optimizer.step()
        theirs.append(loss.item())
    assert ours == pytest.approx(theirs, rel=1e-8)
    assert ours[-1] < ours[0] / 1.2
    for name, p in zip(network.params, twin.parameters(), strict=True):
        assert np.allclose(network.params[name], p.detach().numpy(), rtol=1e-6, atol=1e-9)


def test_64_digits_are_learned_by_heart():
    x, labels = digits(64)
    network = lenet5(rng())
    optimizer = SGD(network.params, lr=0.01, momentum=0.9)
    losses = [train(network, optimizer, x, labels) for _ in range(60)]
    scores = network.forward(x, training=False)
    assert scores.dtype == np.float32
    assert np.array_equal(scores.argmax(axis=1), labels)
    assert 2 < losses[0] < 5
    assert softmax_cross_entropy(scores, labels) < 0.05


def test_64_digits_are_learned_by_heart_as_in_1998():
    x, labels = digits(64, 32)
    network = lenet5(rng(), size=32, variant="1998-like")
    optimizer = Adam(network.params, lr=3e-3)
    for _ in range(60):
        train(network, optimizer, x, labels)
    assert np.array_equal(network.forward(x, training=False).argmax(axis=1), labels)


def test_two_runs_are_the_same():
    x, labels = digits(16)
    losses = []
    for _ in range(2):
        network = lenet5(rng())
        optimizer = SGD(network.params, lr=0.05)
        losses.append([train(network, optimizer, x, labels) for _ in range(3)])
    assert losses[0] == losses[1]
    assert np.array_equal(digits(16)[0], x)


@pytest.mark.parametrize(
    ("options", "kind", "parts"),
    [
        ({"size": 30}, ValueError, ("size is 30, expected 28 or 32",)),
        ({"size": 0}, ValueError, ("size is 0",)),
        ({"size": "28"}, TypeError, ("size is '28'",)),
        ({"classes": 0}, ValueError, ("classes is 0", "at least 1")),
        ({"classes": 1.5}, TypeError, ("classes is 1.5",)),
        ({"variant": "1998"}, ValueError, ("variant is '1998', expected 'modern' or '1998-like'",)),
        ({"variant": None}, ValueError, ("variant is None",)),
        ({"variant": ["modern"]}, ValueError, ("variant is ['modern']",)),
        ({"dtype": int}, TypeError, ("dtype is", "np.float32")),
        ({"rng": 0}, TypeError, ("rng is 0", "np.random.default_rng(0)")),
    ],
)
def test_networks_that_cannot_be(options, kind, parts, unchecked_shapes):
    assert_refused(lambda: lenet5(**{"rng": rng()} | options), kind, *parts)
