"""receptive_field, against what gradients really reach, and the growth that the lectures state."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from refusals import computed_or_refused
from test_bad_input import assert_refused, fuzz, step

from coursekit.reference.geometry import Layer, ReceptiveField, output_size, receptive_field

layer = st.builds(Layer, st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), st.integers(0, 3))
stacks = st.lists(layer, max_size=4)


@settings(max_examples=100)
@given(stacks, st.data())
def test_the_span_of_a_unit_is_where_its_gradient_reaches(layers, data):
    field = receptive_field(layers)
    size = field.size + 3 * field.stride + data.draw(st.integers(0, 5))
    x = torch.ones(1, 1, size, dtype=torch.float64, requires_grad=True)
    y = x
    for F, S, D, P in layers:
        assume(y.shape[2] + 2 * P > D * (F - 1))
        w = torch.ones(1, 1, F, dtype=torch.float64)
        y = torch.nn.functional.conv1d(y, w, stride=S, dilation=D, padding=P)
    unit = data.draw(st.integers(0, y.shape[2] - 1))
    (gradient,) = torch.autograd.grad(y[0, 0, unit], x)
    seen = np.flatnonzero(gradient[0, 0].numpy())
    first, last = field.span(unit)
    assert last - first + 1 == field.size
    # every kernel reads with its first and its last tap, so the ends are read, unless cut off
    if first >= 0 and last < size and not any(P for *_, P in layers):
        assert (first, last) == (seen[0], seen[-1])
    elif len(seen):
        assert first <= seen[0]
        assert seen[-1] <= last


@given(stacks)
def test_the_first_unit_of_a_padded_stack_sees_as_far_as_its_gradient(layers):
    # every layer pads by half its span, so that unit 0 reads entry 0, and then the last of its span
    layers = [Layer(2 * F - 1, S, D, D * (F - 1)) for F, S, D, _ in layers if F > 1]
    field = receptive_field(layers)
    assert field.center == 0
    assert field.first == -(field.size - 1) // 2
    x = torch.ones(1, 1, field.size + 7, dtype=torch.float64, requires_grad=True)
    y = x
    for F, S, D, P in layers:
        w = torch.ones(1, 1, F, dtype=torch.float64)
        y = torch.nn.functional.conv1d(y, w, stride=S, dilation=D, padding=P)
    (gradient,) = torch.autograd.grad(y[0, 0, 0], x)
    assert np.flatnonzero(gradient[0, 0].numpy())[-1] == field.span(0)[1]


@given(stacks)
def test_a_stack_has_as_many_units_as_one_kernel_of_its_size_and_stride(layers):
    layers = [(F, S, D) for F, S, D, _ in layers]
    field = receptive_field(layers)
    size = field.size + 3 * field.stride
    units = size
    for F, S, D in layers:
        units = output_size(units, F, stride=S, dilation=D)
    assert units == output_size(size, field.size, stride=field.stride) == 4


def test_without_layers_an_entry_sees_itself():
    assert receptive_field([]) == ReceptiveField(size=1, stride=1, first=0)
    assert receptive_field([]).span(5) == (5, 5)
    assert receptive_field([]).center == 0


@pytest.mark.parametrize("depth", range(1, 7))
@pytest.mark.parametrize("w", [2, 3, 5])
def test_linear_growth_without_strides_and_exponential_with_them(depth, w):
    # Verbeek, slide 46: each layer of w x w adds w - 1
    assert receptive_field([(w,)] * depth).size == 1 + depth * (w - 1)
    assert receptive_field([(w, 2)] * depth).size == 1 + (2**depth - 1) * (w - 1)
    assert receptive_field([(w, 1)] * depth).stride == 1
    assert receptive_field([(w, 2)] * depth).stride == 2**depth


def test_three_3x3_see_what_one_7x7_sees():
    assert receptive_field([(3,), (3,), (3,)]) == receptive_field([(7,)])


def test_lenet_and_alexnet():
    # convolution 5, pooling 2 by 2, twice; then the fully connected layer reads all 5 x 5 places
    lenet = [(5,), (2, 2), (5,), (2, 2)]
    assert receptive_field(lenet) == ReceptiveField(size=16, stride=4, first=0)
    assert receptive_field(lenet).center == 7.5
    assert receptive_field([*lenet, (5,)]).span(0) == (0, 31)  # the whole image of 32
    alexnet = [(11, 4), (3, 2), (5, 1, 1, 2), (3, 2)]
    assert receptive_field(alexnet) == ReceptiveField(size=67, stride=16, first=-16)
    assert receptive_field(alexnet).span(1) == (0, 66)


def test_the_numbers_of_a_deep_stack_stay_exact():
    field = receptive_field([(3, 3, 1, 1)] * 40)
    assert field == ReceptiveField(size=3**40, stride=3**40, first=-(3**40 - 1) // 2)
    assert field.span(2) == (2 * 3**40 + field.first, 3 * 3**40 + field.first - 1)


def test_numpys_whole_numbers_lists_and_generators_will_do():
    field = receptive_field([np.int64(3), np.uint8(2)] for _ in range(2))
    assert field == receptive_field([(3, 2), (3, 2)])
    assert all(type(number) is int for number in field)
    assert field.span(np.int64(1)) == (4, 10)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("layers", "kind", "message"),
    [
        (3, TypeError, "layers is a int, expected a sequence of tuples (kernel, stride, "),
        (None, TypeError, "layers is a NoneType, expected a sequence of tuples"),
        ((3, 1), TypeError, "layers[0] is 3, expected a tuple (kernel, stride, dilation, padding)"),
        ([(3,), "33"], TypeError, "layers[1] is '33', expected a tuple"),
        ([()], ValueError, "layers[0] has 0 numbers, expected 1 to 4: (kernel, stride, dil"),
        ([(3, 1, 1, 0, 2)], ValueError, "layers[0] has 5 numbers, expected 1 to 4"),
        ([(0,)], ValueError, "kernel of layers[0] is 0, expected a whole number of at least 1"),
        ([(3,), (3, 0)], ValueError, "stride of layers[1] is 0, expected a whole number of at le"),
        ([(3, 1, 0)], ValueError, "dilation of layers[0] is 0, expected a whole number of at le"),
        ([(3, 1, 1, -1)], ValueError, "padding of layers[0] is -1, expected a whole number of at"),
        ([(3.0,)], TypeError, "kernel of layers[0] is 3.0, expected a whole number of at least 1"),
        ([((3, 3),)], TypeError, "kernel of layers[0] is (3, 3), expected a whole number"),
    ],
)
def test_layers_that_are_none(layers, kind, message):
    assert_refused(lambda: receptive_field(layers), kind, message)


@pytest.mark.usefixtures("unchecked_shapes")
def test_units_that_are_none():
    field = receptive_field([(3,)])
    assert_refused(lambda: field.span(-1), ValueError, "unit is -1, expected a whole number of at")
    assert_refused(lambda: field.span(0.5), TypeError, "unit is 0.5, expected a whole number of at")


@pytest.mark.usefixtures("unchecked_shapes")
@fuzz
@given(st.one_of(step, st.lists(st.one_of(step, st.lists(step, max_size=5).map(tuple)))))
def test_anything_for_layers_is_computed_or_refused(layers):
    field = computed_or_refused(lambda: receptive_field(layers))
    if field is not None:
        assert field.size >= 1
        assert field.stride >= 1
