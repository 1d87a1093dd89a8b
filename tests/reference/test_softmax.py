"""Softmax, against torch and its formula, for scores of any size."""

import numpy as np
import pytest
import torch
from contract import (
    LAYOUTS,
    Operation,
    arrays,
    check,
    check_dtypes,
    check_subclass,
    laid_out,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from refusals import computed_or_refused
from test_bad_input import ARRAYS, array, assert_refused, is_numbers

from coursekit.reference.activations import sigmoid
from coursekit.reference.gradcheck import gradcheck
from coursekit.reference.softmax import softmax, softmax_backward, softmax_forward


@st.composite
def problems(draw, least_side=1):
    """Draw scores and an axis along which there is at least one."""
    shape = draw(st.lists(st.integers(0, 4), min_size=1, max_size=4), label="shape")
    axis = draw(st.integers(-len(shape), len(shape) - 1), label="axis")
    shape[axis] = max(shape[axis], least_side)
    return draw(arrays(st.just(tuple(shape)))), axis


def by_axis(axis):
    def magnitude(dx, dy, p):  # of the two terms that cancel
        return p * (np.abs(dy) + np.sum(p * np.abs(dy), axis=axis, keepdims=True))

    return Operation(softmax, softmax_forward, softmax_backward, torch.softmax, magnitude)


def twin(s, axis):
    return torch.softmax(s, dim=axis)


@given(problems(), st.integers(0, 99))
def test_softmax_is_torchs_and_keeps_every_promise(problem, seed):
    s, axis = problem
    one = by_axis(axis)
    check(Operation(one.op, one.forward, one.backward, twin, one.magnitude), s, seed, axis=axis)


@given(problems())
def test_probabilities_are_positive_and_add_up_to_1(problem):
    s, axis = problem
    p = softmax(s.astype(float), axis)
    assert np.all(p > 0)
    assert np.allclose(p.sum(axis=axis), 1, rtol=0, atol=1e-15)


def test_the_default_axis_is_the_last():
    s = np.arange(6.0).reshape(2, 3) ** 2
    assert np.array_equal(softmax(s), softmax(s, 1))
    assert np.array_equal(softmax_forward(s)[0], softmax(s, axis=-1))
    assert softmax_forward(s, -2)[1].axis == -2


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_scores_of_any_size(dtype):
    s = np.array([[1000, -1000], [-1000, -1000], [1e30, 0], [0, -np.inf], [5000, 5000]], dtype)
    assert np.array_equal(softmax(s), [[1, 0], [0.5, 0.5], [1, 0], [1, 0], [0.5, 0.5]])
    cache = softmax_forward(s)[1]
    ds = softmax_backward(np.array([[1, 0]] * 5, dtype), cache)
    assert np.array_equal(ds, [[0, 0], [0.25, -0.25], [0, 0], [0, 0], [0.25, -0.25]])


@given(problems(), st.integers(-1000, 1000))
def test_a_number_added_to_all_scores_changes_nothing(problem, shift):
    s, axis = np.round(problem[0].astype(float)), problem[1]
    assert np.array_equal(softmax(s + shift, axis), softmax(s, axis))


def test_of_two_scores_softmax_is_the_sigmoid_of_the_difference():
    s = np.linspace(-30, 30, 101)
    p = softmax(np.stack([s, np.zeros_like(s)], axis=1))
    assert np.allclose(p[:, 0], sigmoid(s), rtol=1e-14, atol=0)


@given(problems())
def test_what_one_score_gains_the_others_lose(problem):
    s, axis = problem
    p, cache = softmax_forward(s.astype(float), axis)
    ds = softmax_backward(np.cos(np.arange(p.size)).reshape(p.shape), cache)
    assert np.allclose(ds.sum(axis=axis), 0, atol=1e-15)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_image_batch_stays_in_its_order_of_memory(layout):
    s = laid_out(np.random.default_rng(0).standard_normal((3, 4, 5, 6)), layout)
    for axis in range(-4, 4):
        p, cache = softmax_forward(s, axis)
        assert p.strides == np.empty_like(s).strides
        for dy in (np.ones(p.shape), p):
            assert softmax_backward(dy, cache).strides == p.strides


def test_gradcheck_passes():
    s = np.random.default_rng(0).standard_normal((2, 3, 4))
    for axis in (-1, 0, 1, 2):
        assert gradcheck(softmax_forward, softmax_backward, s, axis=axis)


def test_number_types():
    check_dtypes(softmax_forward, softmax_backward)
    check_subclass(softmax_forward, softmax_backward)
    assert np.array_equal(softmax(np.zeros((1, 2)), np.int8(0)), [[1, 1]])


def test_no_samples_have_no_probabilities():
    assert softmax(np.zeros((0, 3))).shape == (0, 3)
    assert softmax(np.zeros((3, 0)), 0).shape == (3, 0)


@pytest.mark.parametrize("case", ARRAYS.values(), ids=ARRAYS)
def test_scores_or_a_gradient_that_are_none(case, unchecked_shapes):
    value, kind, *parts = case
    cache = softmax_forward(np.ones(2))[1]
    for function in (softmax, softmax_forward):
        assert_refused(lambda f=function: f(value), kind, "s ", *parts)
    assert_refused(lambda: softmax_backward(value, cache), kind, "dy ", *parts)


BAD = {
    "beyond the last": ((2, 3), 2, ValueError, "axis is 2, expected -2 to 1: s has shape (2, 3)"),
    "before the first": (
        (2, 3),
        -3,
        ValueError,
        "axis is -3, expected -2 to 1: s has shape (2, 3)",
    ),
    "a fraction": ((2, 3), 1.0, TypeError, "axis is 1.0, expected a whole number"),
    "True": ((2, 3), True, TypeError, "axis is True, expected a whole number"),
    "None": ((2, 3), None, TypeError, "axis is None, expected a whole number"),
    "two": ((2, 3), (0, 1), TypeError, "axis is (0, 1), expected a whole number"),
    "no axis": ((), -1, ValueError, "s has shape (), expected at least one axis"),
    "no scores": (
        (2, 0),
        -1,
        ValueError,
        "s has shape (2, 0), expected at least 1 score",
        "axis -1",
    ),
    "no samples": (
        (0, 2),
        0,
        ValueError,
        "s has shape (0, 2), expected at least 1 score",
        "axis 0",
    ),
}


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_an_axis_that_is_none(case, unchecked_shapes):
    shape, axis, kind, *parts = case
    for function in (softmax, softmax_forward):
        assert_refused(lambda f=function: f(np.ones(shape), axis), kind, *parts)


@pytest.mark.parametrize("shape", [(), (3,), (2, 1), (1, 3), (3, 2), (2, 3, 1), (0, 3)])
def test_a_gradient_of_another_shape(shape, unchecked_shapes):
    cache = softmax_forward(np.ones((2, 3)))[1]
    assert_refused(
        lambda: softmax_backward(np.ones(shape), cache),
        ValueError,
        f"dy has shape {shape}, expected the output's shape (2, 3)",
    )


@pytest.mark.parametrize("cache", [None, (), (np.ones(2), 0)], ids=repr)
def test_a_cache_that_is_none(cache, unchecked_shapes):
    assert_refused(
        lambda: softmax_backward(np.ones(2), cache),
        TypeError,
        f"cache is a {type(cache).__name__}, expected the SoftmaxCache that softmax_forward returns",
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(array, problems().map(lambda problem: problem[0])),
    st.sampled_from([-3, -2, -1, 0, 1, 2, 10**30, -(10**30), 0.0, True, None, "1", np.int8(0)]),
)
def test_anything_is_computed_or_refused(unchecked_shapes, s, axis):
    fits = is_numbers(s) and isinstance(axis, (int, np.int8)) and axis is not True
    fits = fits and -s.ndim <= axis < s.ndim and s.shape[axis] > 0
    p = computed_or_refused(lambda: softmax(s, axis))
    assert (p is not None) == fits


@pytest.mark.usefixtures("unchecked_shapes")
def test_scores_that_are_a_list_are_named():
    with pytest.raises(TypeError, match=r"^s is a list"):
        softmax([1.0, 2.0])
    with pytest.raises(ValueError, match=r"^s has shape \(\), expected at least one axis"):
        softmax(np.array(1.0))
