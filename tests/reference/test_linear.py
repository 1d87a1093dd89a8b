"""The linear layer against torch, in all types and orders of memory."""

import numpy as np
import pytest
import torch
from contract import LAYOUTS, Boastful, check_ownership, laid_out
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from problems import assert_close
from refusals import computed_or_refused
from test_bad_input import ARRAYS, assert_refused

from coursekit.reference.gradcheck import gradcheck
from coursekit.reference.linear import linear, linear_backward, linear_forward

F32, F64 = np.float32, np.float64


@st.composite
def problems(draw, dtypes=(F32, F64)):
    """Draw read-only x, w and b (or None) of one dtype, and a read-only dy."""
    N, D, K = draw(st.integers(0, 9)), draw(st.integers(1, 9)), draw(st.integers(1, 9))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1), label="seed"))
    dtype = draw(st.sampled_from(dtypes))
    x, w, dy, b = (
        laid_out(rng.standard_normal(shape).astype(dtype), draw(st.sampled_from(LAYOUTS[:4])))
        for shape in ((N, D), (K, D), (N, K), (K,))
    )
    return x, w, b if draw(st.booleans(), label="bias") else None, dy


def torch_answers(x, w, b, dy):
    """Return torch's y, dx, dw and db in float64, and the same for the absolute values."""
    results = []
    for made in (np.asarray, np.abs):
        tensors = [
            torch.tensor(made(a).astype(F64, order="C"), requires_grad=True)
            for a in (x, w, b)
            if a is not None
        ]
        y = torch.nn.functional.linear(*tensors)
        gradients = torch.autograd.grad(y, tensors, torch.tensor(made(dy).astype(F64, order="C")))
        results.append([y.detach().numpy(), *(g.numpy() for g in gradients)])
    return results


@given(problems())
def test_linear_is_torchs(problem):
    x, w, b, dy = problem
    y, cache = linear_forward(x, w, b)
    dx, dw, db = linear_backward(dy, cache)
    assert np.array_equal(y, linear(x, w, b))
    answers, sizes = torch_answers(x, w, b, dy)
    ours = [y, dx, dw] if b is None else [y, dx, dw, db]
    for one, answer, size in zip(ours, answers, sizes, strict=True):
        assert type(one) is np.ndarray
        assert one.dtype == x.dtype
        assert one.flags.c_contiguous
        assert_close(one, answer, size)
    assert (db is None) == (b is None)
    check_ownership([a for a in problem if a is not None], ours, cache)


@settings(max_examples=60)
@given(problems(dtypes=(F64,)))
def test_the_gradients_are_those_of_the_forward_pass(problem):
    x, w, b, _ = problem
    arrays = (x, w) if b is None else (x, w, b)

    def backward(dy, cache):
        return linear_backward(dy, cache)[: len(arrays)]

    report = gradcheck(linear_forward, backward, *arrays)
    assert report, report


def test_a_sum_is_its_formula():
    x, w, b = np.array([[1.0, 2], [3, 4], [0, 1]]), np.array([[5.0, 6]]), np.array([7.0])
    assert np.array_equal(linear(x, w, b), [[24], [46], [13]])
    assert np.array_equal(linear(x, w), [[17], [39], [6]])
    _, cache = linear_forward(x, w, b)
    dx, dw, db = linear_backward(np.array([[1.0], [10], [100]]), cache)
    assert np.array_equal(dx, [[5, 6], [50, 60], [500, 600]])
    assert np.array_equal(dw, [[31, 142]])
    assert np.array_equal(db, [111])


def test_changing_what_was_given_changes_no_gradient():
    x, w, b, dy = np.ones((2, 3)), np.ones((4, 3)), np.ones(4), np.ones((2, 4))
    y, cache = linear_forward(x, w, b)
    before = linear_backward(dy, cache)
    for array in (x, w, b, y):
        array *= 7
    for one, again in zip(before, linear_backward(dy, cache), strict=True):
        assert np.array_equal(one, again)


def test_the_float_type_is_that_of_the_finest_argument():
    for kinds in np.ndindex(2, 2, 2):
        kx, kw, kdy = (np.dtype((F32, F64)[k]) for k in kinds)
        x, w, dy = np.full((2, 3), 1 / 3, kx), np.full((4, 3), 1 / 7, kw), np.full((2, 4), 0.1, kdy)
        y, cache = linear_forward(x, w, np.full(4, 1 / 9))  # a bias follows x and w
        assert y.dtype == np.result_type(kx, kw)
        exact = [np.full(y.shape, 1 / 3 / 7 * 3 + 1 / 9)]
        for one, wide in zip(
            linear_backward(dy, cache),
            (dy.astype(F64) @ w, dy.astype(F64).T @ x, dy.astype(F64).sum(0)),
            strict=True,
        ):
            assert one.dtype == np.result_type(kx, kw, kdy)
            assert_close(one, wide, np.abs(wide))
        assert np.allclose(y, exact, rtol=1e-6)


def test_whole_numbers_are_computed_as_float64():
    x, w = np.array([[200, 200]], np.uint8), np.array([[2, 2]], np.int8)
    y, cache = linear_forward(x, w, np.array([1]))
    assert y.dtype == F64
    assert y[0, 0] == 801
    dx, dw, db = linear_backward(np.array([[2]]), cache)
    assert dx.dtype == dw.dtype == db.dtype == F64
    assert np.array_equal(dw, [[400, 400]])


def test_many_rows_lose_no_digits_of_the_bias():
    dy = np.full((100_000, 3), 0.1, F32)
    _, cache = linear_forward(np.ones((100_000, 1), F32), np.ones((3, 1), F32), np.zeros(3, F32))
    assert linear_backward(dy, cache)[2] == pytest.approx([100_000 * float(F32(0.1))] * 3, rel=1e-7)


def test_a_subclass_of_array_is_a_plain_array():
    x, w, b = np.ones((2, 3)), np.ones((4, 3)), np.ones(4)
    y, cache = linear_forward(x.view(Boastful), w.view(Boastful), b.view(Boastful))
    assert type(y) is np.ndarray
    assert np.array_equal(y, np.full((2, 4), 4.0))
    assert all(type(g) is np.ndarray for g in linear_backward(y.view(Boastful), cache))


# ---- what does not fit

X, W, B = np.ones((2, 3)), np.ones((4, 3)), np.ones(4)


@pytest.mark.parametrize("case", ARRAYS.values(), ids=ARRAYS)
@pytest.mark.parametrize("function", [linear, linear_forward])
def test_arrays_that_are_none(function, case, unchecked_shapes):
    value, kind, *parts = case
    assert_refused(lambda: function(value, W, B), kind, "x ", *parts)
    assert_refused(lambda: function(X, value, B), kind, "w ", *parts)
    if value is not None:
        assert_refused(lambda: function(X, W, value), kind, "b ", *parts)
    cache = linear_forward(X, W)[1]
    assert_refused(lambda: linear_backward(value, cache), kind, "dy ", *parts)


@pytest.mark.parametrize(
    ("x", "w", "b", "parts"),
    [
        (np.ones(3), W, B, ("x has shape (3,)", "w has shape (4, 3)", "(N, D) and (K, D)")),
        (np.ones((2, 1, 3)), W, B, ("x has shape (2, 1, 3)", "expected (N, D)")),
        (X, np.ones(3), B, ("w has shape (3,)", "(K, D)")),
        (X, np.ones((4, 3, 1)), B, ("w has shape (4, 3, 1)", "(K, D)")),
        (X, W.T, B, ("x has 3 features and w has weights for 4", "(K, 3)", "(3, 4)")),
        (np.ones((2, 1)), W, B, ("x has 1 features and w has weights for 3", "(K, 1)")),
        (X, np.ones((4, 1)), B, ("x has 3 features and w has weights for 1",)),
        (X, np.ones((0, 3)), None, ("w has shape (0, 3)", "at least 1")),
        (np.ones((2, 0)), np.ones((4, 0)), None, ("w has shape (4, 0)", "at least 1")),
        (X, W, np.ones(3), ("b has shape (3,)", "each of 4 outputs")),
        (X, W, np.ones(1), ("b has shape (1,)", "each of 4 outputs")),
        (X, W, np.ones((1, 4)), ("b has shape (1, 4)",)),
        (X, W, np.ones((2, 4)), ("b has shape (2, 4)",)),
        (X, W, np.array(1.0), ("b has shape ()",)),
    ],
)
def test_shapes_that_do_not_fit(x, w, b, parts, unchecked_shapes):
    assert_refused(lambda: linear_forward(x, w, b), ValueError, *parts)


@pytest.mark.parametrize("shape", [(2, 3), (1, 4), (2, 1), (4,), (4, 2), (), (2, 4, 1), (0, 4)])
def test_a_gradient_of_another_shape(shape, unchecked_shapes):
    cache = linear_forward(X, W, B)[1]
    assert_refused(
        lambda: linear_backward(np.ones(shape), cache),
        ValueError,
        f"dy has shape {shape}, expected the output's shape (2, 4)",
    )


@pytest.mark.parametrize("cache", [None, (), (X, W, True), X], ids=repr)
def test_a_cache_that_is_none(cache, unchecked_shapes):
    assert_refused(
        lambda: linear_backward(np.ones((2, 4)), cache),
        TypeError,
        f"cache is a {type(cache).__name__}, expected the LinearCache that linear_forward returns",
    )


anything = st.one_of(
    st.builds(
        lambda shape, dtype: np.ones(shape).astype(dtype),
        st.lists(st.integers(0, 3), max_size=3),
        st.sampled_from([float] * 6 + [F32, int, bool, complex, object]),
    ),
    st.sampled_from([None, 1.0, [1.0], "x"]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(anything, anything, anything, anything)
def test_anything_is_computed_or_refused(unchecked_shapes, x, w, b, dy):
    result = computed_or_refused(lambda: linear_forward(x, w, b))
    if result is None:
        return
    y, cache = result
    assert y.shape == (len(x), len(w))
    assert x.shape[1:] == w.shape[1:]
    assert b is None or b.shape == (len(w),)
    gradients = computed_or_refused(lambda: linear_backward(dy, cache))
    if gradients is not None:
        assert dy.shape == y.shape
