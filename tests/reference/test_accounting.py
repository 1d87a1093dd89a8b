"""What layers cost: against torch's own counting, and against the lectures' numbers."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from refusals import computed_or_refused
from test_bad_input import assert_refused, fuzz, step
from torch.utils.flop_counter import FlopCounterMode

from coursekit.reference.accounting import (
    Cost,
    conv2d_cost,
    linear_cost,
    pool2d_cost,
    total_cost,
)

pairs = st.tuples(st.integers(1, 4), st.integers(1, 4))


def torchs_cost(layer: torch.nn.Module, shape: tuple[int, ...]) -> Cost:
    with FlopCounterMode(display=False) as counter:
        y = layer(torch.ones(1, *shape))
    return Cost(
        shape=tuple(y.shape[1:]),
        parameters=sum(p.numel() for p in layer.parameters()),
        activations=y.numel(),
        multiply_adds=counter.get_total_flops() // 2,  # torch counts products and additions
    )


@settings(max_examples=60)
@given(pairs, pairs, pairs, pairs, pairs, st.data())
def test_conv2d_cost_is_torchs(size, kernel, stride, padding, dilation, data):
    groups, C_g, K_g = (data.draw(st.integers(1, 3), label=name) for name in ("G", "C_g", "K_g"))
    bias = data.draw(st.booleans(), label="bias")
    steps = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    H, W = (n + d * (f - 1) for n, d, f in zip(size, dilation, kernel, strict=True))
    shape = (groups * C_g, H, W)
    layer = torch.nn.Conv2d(shape[0], groups * K_g, kernel, bias=bias, **steps)
    expected = torchs_cost(layer, shape)
    assert conv2d_cost(shape, groups * K_g, kernel, bias=bias, **steps) == expected


@settings(max_examples=60)
@given(pairs, pairs, pairs, st.integers(1, 3), st.data())
def test_pool2d_cost_is_torchs(size, kernel, stride, C, data):
    padding = tuple(data.draw(st.integers(0, f // 2), label="padding") for f in kernel)
    shape = (C, *(n + f for n, f in zip(size, kernel, strict=True)))
    for made in (torch.nn.MaxPool2d, torch.nn.AvgPool2d):
        expected = torchs_cost(made(kernel, stride, padding), shape)
        assert pool2d_cost(shape, kernel, stride=stride, padding=padding) == expected
        expected = torchs_cost(made(kernel, None, padding), shape)
        assert pool2d_cost(shape, kernel, padding=padding) == expected


@settings(max_examples=60)
@given(st.integers(1, 30), st.integers(1, 30), st.booleans())
def test_linear_cost_is_torchs(inputs, outputs, bias):
    expected = torchs_cost(torch.nn.Linear(inputs, outputs, bias=bias), (inputs,))
    assert linear_cost(inputs, outputs, bias=bias) == expected
    assert linear_cost((inputs, 2, 3), outputs, bias=bias) == linear_cost(
        6 * inputs, outputs, bias=bias
    )


def test_one_number_stands_for_height_and_width():
    assert conv2d_cost((3, 9, 8), 4, 3, stride=2, padding=1, dilation=2) == conv2d_cost(
        (3, 9, 8), 4, (3, 3), stride=(2, 2), padding=(1, 1), dilation=(2, 2)
    )
    assert pool2d_cost((3, 9, 8), 3, stride=2, padding=1) == pool2d_cost(
        (3, 9, 8), (3, 3), stride=(2, 2), padding=(1, 1)
    )


def lenet(bias_in_convolutions: bool) -> list[Cost]:
    conv1 = conv2d_cost((1, 32, 32), 6, 5, bias=bias_in_convolutions, fit="exact")
    pool1 = pool2d_cost(conv1.shape, 2, fit="exact")
    conv2 = conv2d_cost(pool1.shape, 16, 5, bias=bias_in_convolutions, fit="exact")
    pool2 = pool2d_cost(conv2.shape, 2, fit="exact")
    fc1 = linear_cost(pool2.shape, 120)
    fc2 = linear_cost(fc1.shape, 84)
    return [conv1, pool1, conv2, pool2, fc1, fc2, linear_cost(fc2.shape, 10)]


def test_the_lenet_of_cs7015_counts_biases_in_its_linear_layers_only():
    # lecture 11, slides 43 and 46; pooling there says S = 1, which could not halve 28 to 14
    table = [150, 0, 2400, 0, 48120, 10164, 850]
    assert [cost.parameters for cost in lenet(bias_in_convolutions=False)] == table
    assert [cost.parameters for cost in lenet(bias_in_convolutions=True)] == [
        156, 0, 2416, 0, 48120, 10164, 850,
    ]  # fmt: skip
    assert [cost.shape for cost in lenet(bias_in_convolutions=True)] == [
        (6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5), (120,), (84,), (10,),
    ]  # fmt: skip
    assert pool2d_cost((6, 28, 28), 2, stride=1).shape == (6, 27, 27)


def test_all_of_lenet():
    assert total_cost(lenet(bias_in_convolutions=True)) == Cost(
        shape=(10,), parameters=61706, activations=8094, multiply_adds=416520
    )
    assert total_cost(lenet(bias_in_convolutions=True)).activation_bytes(64) == 64 * 8094 * 4


def test_numbers_from_the_lectures():
    # CS7015 slides 28 and 29
    alexnet = conv2d_cost((3, 227, 227), 96, 11, stride=4, fit="exact")
    assert alexnet.shape == (96, 55, 55)
    assert alexnet.parameters == 96 * (11 * 11 * 3 + 1)
    assert conv2d_cost((1, 32, 32), 6, 5).shape == (6, 28, 28)
    # Verbeek slides 20, 21, 29, 32 to 41 and 47
    assert conv2d_cost((3, 32, 32), 6, 5).shape == (6, 28, 28)
    assert conv2d_cost((6, 28, 28), 10, 5).shape == (10, 24, 24)
    assert conv2d_cost((3, 32, 32), 1, 5).parameters == 76
    example = conv2d_cost((3, 32, 32), 10, 5, padding=2)
    assert example.shape == (10, 32, 32)
    assert example.parameters == 760
    reduced = conv2d_cost((64, 56, 56), 32, 1)
    assert reduced.shape == (32, 56, 56)
    assert reduced.multiply_adds == 32 * 56 * 56 * 64
    connection = linear_cost((256, 16, 16), 4096, bias=False).parameters
    assert connection == 256 * 2**20  # "256 million" are 268 million
    # the same map through one 16 x 16 kernel for each unit
    assert conv2d_cost((256, 16, 16), 4096, 16, bias=False).parameters == connection


def test_the_memory_of_activations():
    cost = conv2d_cost((3, 32, 32), 10, 5, padding=2)
    assert cost.activation_bytes() == 10 * 32 * 32 * 4
    assert cost.activation_bytes(64) == 64 * 10 * 32 * 32 * 4
    assert cost.activation_bytes(2, np.float64) == 2 * 10 * 32 * 32 * 8
    assert cost.activation_bytes(0, "float16") == 0


def test_total_cost_of_a_generator():
    one = linear_cost(3, 2)
    assert total_cost(one for _ in range(3)) == Cost((2,), 24, 6, 18)


def test_large_numbers_do_not_wrap_around():
    cost = conv2d_cost((2**20, 2**20, 2**20), 2**20, 1)
    assert cost.multiply_adds == 2**80
    assert all(type(number) is int for number in cost[1:])


IMAGE = (4, 9, 9)
REFUSED = {
    "2 sizes": (lambda: conv2d_cost((9, 9), 4, 3), ValueError, "shape is (9, 9), expected (C, H,"),
    "4 sizes": (lambda: pool2d_cost((2, *IMAGE), 3), ValueError, "shape is (2, 4, 9, 9), expected"),
    "a number": (lambda: pool2d_cost(9, 3), TypeError, "shape is 9, expected (C, H, W)"),
    "no channel": (lambda: conv2d_cost((0, 9, 9), 4, 3), ValueError, "shape[0] is 0", "least 1"),
    "half a row": (lambda: pool2d_cost((4, 9.5, 9), 3), TypeError, "shape[1] is 9.5", "whole"),
    "no kernels": (lambda: conv2d_cost(IMAGE, 0, 3), ValueError, "kernels is 0", "least 1"),
    "no tap": (lambda: conv2d_cost(IMAGE, 4, 0), ValueError, "kernel is 0", "at least 1"),
    "no taps": (lambda: conv2d_cost(IMAGE, 4, (3, 0)), ValueError, "kernel[1] is 0", "least 1"),
    "3 kernels": (lambda: pool2d_cost(IMAGE, (3, 3, 3)), ValueError, "kernel is (3, 3, 3)", "(hei"),
    "groups of 4": (
        lambda: conv2d_cost(IMAGE, 4, 3, groups=3),
        ValueError,
        "groups is 3, expected a divisor of the 4 channels of the input and of the 4 kernels",
    ),
    "groups of 6": (
        lambda: conv2d_cost(IMAGE, 6, 3, groups=4),
        ValueError,
        "groups is 4, expected a divisor of the 4 channels of the input and of the 6 kernels",
    ),
    "groups of channels": (
        lambda: conv2d_cost(IMAGE, 6, 3, groups=3),
        ValueError,
        "groups is 3, expected a divisor of the 4 channels of the input and of the 6 kernels",
    ),
    "no groups": (lambda: conv2d_cost(IMAGE, 4, 3, groups=0), ValueError, "groups is 0", "least 1"),
    "stride 0": (lambda: conv2d_cost(IMAGE, 4, 3, stride=0), ValueError, "stride is 0", "least 1"),
    "pool 0": (lambda: pool2d_cost(IMAGE, 3, stride=(0, 1)), ValueError, "stride[0] is 0"),
    "padding": (lambda: conv2d_cost(IMAGE, 4, 3, padding=-1), ValueError, "padding is -1", "least"),
    "dilation": (lambda: conv2d_cost(IMAGE, 4, 3, dilation=0), ValueError, "dilation is 0"),
    "too large": (
        lambda: conv2d_cost(IMAGE, 4, (3, 10)),
        ValueError,
        "kernel 10 is larger than the padded input 9 (input 9, padding 0)",
    ),
    "pool too large": (lambda: pool2d_cost(IMAGE, 10), ValueError, "kernel 10 is larger than the"),
    "pool padding": (
        lambda: pool2d_cost(IMAGE, (3, 4), padding=(2, 1)),
        ValueError,
        "padding is (2, 1), expected at most half the kernel (3, 4)",
    ),
    "pool padding along the width": (
        lambda: pool2d_cost(IMAGE, 3, padding=(1, 2)),
        ValueError,
        "padding is (1, 2), expected at most half the kernel 3",
    ),
    "exact": (
        lambda: conv2d_cost((4, 9, 7), 4, 3, stride=3, fit="exact"),
        ValueError,
        "kernel 3 with stride 3 does not fit input 7: 1 entry is left over",
    ),
    "pool exact": (lambda: pool2d_cost(IMAGE, 2, fit="exact"), ValueError, "does not fit input 9"),
    "fit": (lambda: pool2d_cost(IMAGE, 2, fit="ceil"), ValueError, "fit is 'ceil'", "'floor' or"),
    "inputs": (lambda: linear_cost(0, 3), ValueError, "inputs is 0", "at least 1"),
    "an input": (lambda: linear_cost((3, 0), 3), ValueError, "inputs is 0", "at least 1"),
    "half an input": (lambda: linear_cost(2.5, 3), TypeError, "inputs is 2.5", "whole number"),
    "outputs": (lambda: linear_cost(3, 0), ValueError, "outputs is 0", "at least 1"),
    "images": (lambda: linear_cost(3, 3).activation_bytes(-1), ValueError, "images is -1", "least"),
    "no layers": (lambda: total_cost([]), ValueError, "costs has 0 layers, expected at least 1"),
    "not layers": (lambda: total_cost([3]), TypeError, "costs[0] is a int, expected a Cost"),
    "one layer": (
        lambda: total_cost(linear_cost(3, 3)),
        TypeError,
        "costs[0] is a tuple, expected a",
    ),
    "no list": (lambda: total_cost(3), TypeError, "costs is a int, expected a sequence of Cost"),
}


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_named_with_its_numbers(case):
    call, kind, *parts = case
    assert_refused(call, kind, *parts)


sizes = st.one_of(st.integers(1, 9), step, st.lists(step, max_size=3).map(tuple))


@pytest.mark.usefixtures("unchecked_shapes")
@fuzz
@given(st.one_of(st.just(IMAGE), sizes), *[sizes] * 6)
def test_anything_is_counted_or_refused(shape, kernels, kernel, stride, padding, dilation, groups):
    steps = {"stride": stride, "padding": padding}
    for call in (
        lambda: conv2d_cost(shape, kernels, kernel, **steps, dilation=dilation, groups=groups),
        lambda: pool2d_cost(shape, kernel, **steps),
        lambda: linear_cost(shape, kernels),
    ):
        cost = computed_or_refused(call)
        if cost is not None:
            assert min(cost.shape) >= 1
            assert cost.activations >= 1


@pytest.mark.usefixtures("unchecked_shapes")
def test_a_padding_that_is_no_number_is_named():
    with pytest.raises(TypeError, match=r"^padding is 'same'"):
        pool2d_cost((1, 4, 4), 2, padding="same")
