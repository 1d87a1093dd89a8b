"""sigmoid, tanh, ReLU and leaky ReLU, against torch, their formulas and the lectures."""

import math

import numpy as np
import pytest
import torch
from contract import Operation, arrays, check, check_dtypes, check_subclass, laid_out, shapes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from refusals import computed_or_refused
from test_bad_input import ARRAYS, array, assert_refused, is_numbers

from coursekit.reference.activations import (
    leaky_relu,
    leaky_relu_backward,
    leaky_relu_forward,
    relu,
    relu_backward,
    relu_forward,
    sigmoid,
    sigmoid_backward,
    sigmoid_forward,
    tanh,
    tanh_backward,
    tanh_forward,
)
from coursekit.reference.gradcheck import gradcheck

ENTRYWISE = {
    "sigmoid": Operation(sigmoid, sigmoid_forward, sigmoid_backward, torch.sigmoid),
    # 1 − tanh² cancels, so its error is one of 1, not of itself
    "tanh": Operation(tanh, tanh_forward, tanh_backward, torch.tanh, lambda dx, dy, y: np.abs(dy)),
    "relu": Operation(relu, relu_forward, relu_backward, torch.relu),
    "leaky_relu": Operation(
        leaky_relu,
        leaky_relu_forward,
        leaky_relu_backward,
        lambda x, slope=0.01: torch.nn.functional.leaky_relu(x, slope),
    ),
}
every = pytest.mark.parametrize("name", ENTRYWISE)


@every
@given(x=arrays(), seed=st.integers(0, 99))
def test_an_activation_is_torchs_and_keeps_every_promise(name, x, seed):
    check(ENTRYWISE[name], x, seed)


@given(arrays(), st.integers(0, 99), st.floats(-3, 3, width=32))
def test_leaky_relu_is_torchs_for_any_slope(x, seed, slope):
    check(ENTRYWISE["leaky_relu"], x, seed, slope=slope)


@every
@pytest.mark.parametrize("layout", ["plain", "batch last"])
def test_an_image_batch_stays_in_its_order_of_memory(name, layout):
    x = laid_out(np.random.default_rng(0).standard_normal((3, 4, 5, 6)), layout)
    y, cache = ENTRYWISE[name].forward(x)
    assert y.strides == x.strides
    # the gradient lies as x does even if dy does not
    for dy in (np.ones(x.shape), y):
        assert ENTRYWISE[name].backward(dy, cache).strides == x.strides


@every
def test_gradcheck_passes(name):
    x = np.array(
        [[-7.0, -2.5, -1, -0.1], [0.2, 0.9, 3, 6]]
    )  # 0, where two of them bend, is not there
    assert gradcheck(ENTRYWISE[name].forward, ENTRYWISE[name].backward, x)
    assert gradcheck(ENTRYWISE[name].forward, ENTRYWISE[name].backward, np.array(0.5))


@every
def test_number_types(name):
    check_dtypes(ENTRYWISE[name].forward, ENTRYWISE[name].backward)
    check_subclass(ENTRYWISE[name].forward, ENTRYWISE[name].backward)


@every
def test_not_a_number_stays_in_its_place(name):
    y = ENTRYWISE[name].op(np.array([1.0, np.nan, -1]))
    assert list(np.isnan(y)) == [False, True, False]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sigmoid_and_tanh_are_stable_for_any_size(dtype):
    x = np.array([-np.inf, -1e30, -1000, -90, 0, 90, 1000, 1e30, np.inf], dtype)
    y, cache = sigmoid_forward(x)
    assert np.array_equal(y[[0, 1, 2, 4, 5, 6, 7, 8]], [0, 0, 0, 0.5, 1, 1, 1, 1])
    dx = sigmoid_backward(np.ones_like(x), cache)
    assert np.array_equal(dx[[0, 1, 2, 4, 6, 7, 8]], [0, 0, 0, 0.25, 0, 0, 0])
    assert dx[5] == dx[3] > 0  # e^-90 is no normal float32, and yet no 0
    y, cache = tanh_forward(x)
    assert np.array_equal(y, [-1, -1, -1, -1, 0, 1, 1, 1, 1])
    assert np.array_equal(tanh_backward(np.ones_like(x), cache), [0, 0, 0, 0, 1, 0, 0, 0, 0])


@pytest.mark.parametrize("x", [-700.0, -40, -20, -6, -1e-9, 0, 1e-9, 6, 20, 40, 700])
def test_sigmoid_and_its_slope_keep_all_their_digits_far_out(x):
    y, cache = sigmoid_forward(np.array([x]))
    e = math.exp(-abs(x))
    expected = (1 if x >= 0 else e) / (1 + e)
    assert math.isclose(y[0], expected, rel_tol=1e-14)
    slope = sigmoid_backward(np.ones(1), cache)[0]
    assert math.isclose(slope, e / (1 + e) ** 2, rel_tol=1e-14)


@given(arrays(shapes(least=1), dtypes=(np.float64,)))
def test_identities(x):
    assert np.allclose(sigmoid(x) + sigmoid(-x), 1, rtol=0, atol=1e-15)
    assert np.allclose(tanh(x), 2 * sigmoid(2 * x) - 1, rtol=0, atol=1e-15)
    assert np.array_equal(relu(x) - relu(-x), x)
    assert np.array_equal(relu(x), leaky_relu(x, 0))
    assert np.array_equal(leaky_relu(x, 1), x)
    assert np.array_equal(leaky_relu(x, 0.1), np.maximum(0.1 * x, x))  # Leal-Taixé, slide 87
    assert np.array_equal(leaky_relu(x, -1), np.abs(x))


def test_the_slopes_at_the_kink_are_those_of_the_negative_side():
    x = np.array([-0.0, 0.0])
    assert np.array_equal(relu_backward(np.ones(2), relu_forward(x)[1]), [0, 0])
    for slope in (0.0, 0.1, 1.0, 3.0, -2.0):
        cache = leaky_relu_forward(x, slope)[1]
        assert np.array_equal(leaky_relu_backward(np.ones(2), cache), [slope, slope])


def test_the_default_slope_is_torchs():
    assert leaky_relu(np.array([-100.0]))[0] == -1
    assert leaky_relu_forward(np.array([-100.0]))[0][0] == -1


@pytest.mark.parametrize("slope", [2, np.float32(2), np.int8(2), np.array(2.0), np.array(2)])
def test_numpys_numbers_are_slopes_too(slope):
    x = np.array([-1.0, 1])
    assert np.array_equal(leaky_relu(x, slope), [-2, 1])
    assert leaky_relu(x.astype(np.float32), slope).dtype == np.float32


def test_the_lectures_saturated_neuron():
    # Leal-Taixé and Niessner, slide 18: at x = 6 a quarter of one percent of the gradient is left
    y, cache = sigmoid_forward(np.array([6.0]))
    assert f"{y[0]:.4f}" == "0.9975"
    assert f"{sigmoid_backward(np.ones(1), cache)[0]:.5f}" == "0.00247"


def test_the_lectures_graph_of_a_sigmoid():
    # Leal-Taixé and Niessner, slide 88: score 1.00, output 0.73, gradient 0.20
    y, cache = sigmoid_forward(np.array([1.0]))
    assert f"{y[0]:.2f}" == "0.73"
    assert f"{sigmoid_backward(np.ones(1), cache)[0]:.2f}" == "0.20"


@every
@pytest.mark.parametrize("case", ARRAYS.values(), ids=ARRAYS)
def test_an_input_or_a_gradient_that_is_none(name, case, unchecked_shapes):
    value, kind, *parts = case
    one = ENTRYWISE[name]
    cache = one.forward(np.ones(2))[1]
    assert_refused(lambda: one.op(value), kind, "x ", *parts)
    assert_refused(lambda: one.forward(value), kind, "x ", *parts)
    assert_refused(lambda: one.backward(value, cache), kind, "dy ", *parts)


@every
@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 1), (3, 2), (2, 3, 1), (0,)])
def test_a_gradient_of_another_shape(name, shape, unchecked_shapes):
    cache = ENTRYWISE[name].forward(np.ones((2, 3)))[1]
    assert_refused(
        lambda: ENTRYWISE[name].backward(np.ones(shape), cache),
        ValueError,
        f"dy has shape {shape}, expected the output's shape (2, 3)",
    )


@every
@pytest.mark.parametrize("cache", [None, (), np.ones(2), (np.ones(2),)], ids=repr)
def test_a_cache_that_is_none(name, cache, unchecked_shapes):
    assert_refused(
        lambda: ENTRYWISE[name].backward(np.ones(2), cache),
        TypeError,
        f"cache is a {type(cache).__name__}",
        f"Cache that {name}_forward returns",
    )


@every
def test_the_cache_of_another_activation(name, unchecked_shapes):
    for other in set(ENTRYWISE) - {name}:
        cache = ENTRYWISE[other].forward(np.ones(2))[1]
        assert_refused(
            lambda cache=cache: ENTRYWISE[name].backward(np.ones(2), cache),
            TypeError,
            f"cache is a {type(cache).__name__}",
            f"{name}_forward",
        )


SLOPES = {
    "NaN": (math.nan, ValueError, "slope is nan, expected a finite number"),
    "infinity": (-math.inf, ValueError, "slope is -inf, expected a finite number"),
    "beyond floats": (10**5000, ValueError, "slope is inf, expected a finite number"),
    "a string": ("0.1", TypeError, "slope is '0.1', expected a finite number"),
    "None": (None, TypeError, "slope is None, expected a finite number"),
    "True": (True, TypeError, "slope is True, expected a finite number"),
    "NumPy's True": (np.True_, TypeError, "slope is np.True_, expected a finite number"),
    "a complex number": (1j, TypeError, "slope is 1j, expected a finite number"),
    "an array": (np.ones((2, 2)), TypeError, "slope is of shape (2, 2), expected a finite number"),
    "a list": ([0.1], TypeError, "slope is [0.1], expected a finite number"),
    "a tensor": (torch.tensor(0.5), TypeError, "slope is tensor(0.5000), expected a finite"),
}


@pytest.mark.parametrize("case", SLOPES.values(), ids=SLOPES)
def test_a_slope_that_is_none(case, unchecked_shapes):
    slope, kind, message = case
    assert_refused(lambda: leaky_relu(np.ones(2), slope), kind, message)
    assert_refused(lambda: leaky_relu_forward(np.ones(2), slope), kind, message)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(array, arrays()),
    st.sampled_from([0.1, 1, 0, -2.5, math.nan, True, None, "1", 1j, [1], np.array(0.1)]),
)
def test_anything_is_computed_or_refused(unchecked_shapes, x, slope):
    for name, one in ENTRYWISE.items():
        options = {"slope": slope} if name == "leaky_relu" else {}
        good_slope = isinstance(slope, (int, float, np.ndarray)) and slope is not True
        fits = is_numbers(x) and (not options or (good_slope and math.isfinite(slope)))
        y = computed_or_refused(lambda one=one, o=options: one.op(x, **o))
        assert (y is not None) == fits
