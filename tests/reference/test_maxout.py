"""Maxout, against torch, its formula and the ReLU that it contains."""

import numpy as np
import pytest
from contract import Operation, arrays, check, check_dtypes, check_subclass, laid_out
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from refusals import computed_or_refused
from test_bad_input import ARRAYS, array, assert_refused, is_numbers, is_step, step

from coursekit.reference.activations import relu
from coursekit.reference.gradcheck import gradcheck
from coursekit.reference.maxout import maxout, maxout_backward, maxout_forward

fuzz = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def twin(x, pieces):
    N, C, *places = x.shape
    return x.reshape(N, C // pieces, pieces, *places).max(dim=2).values


MAXOUT = Operation(maxout, maxout_forward, maxout_backward, twin)


@st.composite
def problems(draw):
    """Draw x of which the channels are a multiple of the pieces, and the pieces."""
    units, pieces = draw(st.integers(0, 3), label="units"), draw(st.integers(1, 4), label="pieces")
    places = draw(st.sampled_from([(), (3,), (2, 3), (1, 1), (0, 2), (2, 1, 2)]), label="places")
    shape = (draw(st.integers(0, 3), label="N"), units * pieces, *places)
    return draw(arrays(st.just(shape))), pieces


@given(problems(), st.integers(0, 99))
def test_maxout_is_torchs_and_keeps_every_promise(problem, seed):
    x, pieces = problem
    check(MAXOUT, x, seed, pieces=pieces)


@given(problems())
def test_maxout_is_its_formula(problem):
    x, k = problem
    y = maxout(x, k)
    for n, i, *place in np.ndindex(y.shape):
        assert y[n, i, *place] == max(x[n, i * k + j, *place] for j in range(k))


@pytest.mark.parametrize("layout", ["plain", "batch last"])
def test_an_image_batch_stays_in_its_order_of_memory(layout):
    x = laid_out(np.random.default_rng(0).standard_normal((3, 6, 5, 4)), layout)
    y, cache = maxout_forward(x, 2)
    expected = laid_out(np.zeros((3, 3, 5, 4)), layout).strides
    assert y.strides == expected
    for dy in (np.ones(y.shape), y):
        assert maxout_backward(dy, cache).strides == x.strides


def test_neighboring_channels_compete():
    x = np.array([[1.0, 5, 2, 4, 3, 0]])
    assert np.array_equal(maxout(x, 2), [[5, 4, 3]])
    assert np.array_equal(maxout(x, 3), [[5, 4]])
    assert np.array_equal(maxout(x, 6), [[5]])
    assert np.array_equal(maxout(x, 1), x)
    dx = maxout_backward(np.array([[7.0, 8, 9]]), maxout_forward(x, 2)[1])
    assert np.array_equal(dx, [[0, 7, 0, 8, 9, 0]])


def test_the_first_of_equal_pieces_gets_the_gradient():
    x = np.array([[2.0, 2, 2, 1, 3, 3]])
    dx = maxout_backward(np.array([[7.0, 8]]), maxout_forward(x, 3)[1])
    assert np.array_equal(dx, [[7, 0, 0, 0, 8, 0]])


def test_a_relu_is_a_maxout_unit_of_which_one_piece_is_0():
    # Verbeek, slide 11
    x = np.random.default_rng(0).standard_normal((4, 3))
    pieces = np.stack([x, np.zeros_like(x)], axis=2).reshape(4, 6)
    assert np.array_equal(maxout(pieces, 2), relu(x))


def test_not_a_number_stays_in_its_unit():
    y, cache = maxout_forward(np.array([[1.0, np.nan, 2, 3]]), 2)
    assert np.array_equal(y, [[np.nan, 3]], equal_nan=True)
    assert np.array_equal(maxout_backward(np.ones((1, 2)), cache)[0, 2:], [0, 1])


def test_gradcheck_passes():
    x = np.random.default_rng(0).permutation(36).reshape(2, 6, 3) / 10
    for pieces in (1, 2, 3, 6):
        assert gradcheck(maxout_forward, maxout_backward, x, pieces=pieces)


def test_number_types():
    check_dtypes(maxout_forward, maxout_backward, pieces=2)
    check_subclass(maxout_forward, maxout_backward, pieces=2)
    assert np.array_equal(maxout(np.array([[1, 2]]), np.int8(2)), [[2]])


@pytest.mark.parametrize("case", ARRAYS.values(), ids=ARRAYS)
def test_an_input_or_a_gradient_that_is_none(case, unchecked_shapes):
    value, kind, *parts = case
    cache = maxout_forward(np.ones((1, 2)), 2)[1]
    for function in (maxout, maxout_forward):
        assert_refused(lambda f=function: f(value, 2), kind, "x ", *parts)
    assert_refused(lambda: maxout_backward(value, cache), kind, "dy ", *parts)


BAD = {
    "0 pieces": ((2, 4), 0, ValueError, "pieces is 0, expected a whole number of at least 1"),
    "a fraction": ((2, 4), 2.0, TypeError, "pieces is 2.0, expected a whole number"),
    "True": ((2, 4), True, TypeError, "pieces is True, expected a whole number"),
    "3 of 4": ((2, 4), 3, ValueError, "x has 4 channels", "3 pieces", "a multiple of 3"),
    "5 of 4": ((2, 4), 5, ValueError, "x has 4 channels", "5 pieces", "a multiple of 5"),
    "1 axis": ((4,), 2, ValueError, "x has shape (4,), expected (N, C)"),
    "no axis": ((), 1, ValueError, "x has shape (), expected (N, C)"),
}


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_pieces_that_do_not_fit(case, unchecked_shapes):
    shape, pieces, kind, *parts = case
    for function in (maxout, maxout_forward):
        assert_refused(lambda f=function: f(np.ones(shape), pieces), kind, *parts)


@pytest.mark.parametrize("shape", [(), (2,), (2, 4), (2, 1), (1, 2), (2, 2, 1), (0, 2)])
def test_a_gradient_of_another_shape(shape, unchecked_shapes):
    cache = maxout_forward(np.ones((2, 4)), 2)[1]
    assert_refused(
        lambda: maxout_backward(np.ones(shape), cache),
        ValueError,
        f"dy has shape {shape}, expected the output's shape (2, 2)",
    )


@pytest.mark.parametrize("cache", [None, (), (np.ones((1, 1, 2), bool), np.float64)], ids=repr)
def test_a_cache_that_is_none(cache, unchecked_shapes):
    assert_refused(
        lambda: maxout_backward(np.ones((1, 1)), cache),
        TypeError,
        f"cache is a {type(cache).__name__}, expected the MaxoutCache that maxout_forward returns",
    )


@fuzz
@given(st.one_of(array, problems().map(lambda problem: problem[0])), step)
def test_anything_is_computed_or_refused(unchecked_shapes, x, pieces):
    fits = is_step(pieces, 1) and is_numbers(x) and x.ndim >= 2
    fits = fits and x.shape[1] % int(pieces) == 0
    y = computed_or_refused(lambda: maxout(x, pieces))
    assert (y is not None) == fits
