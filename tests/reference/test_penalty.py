"""The L2 penalty, against torch's autograd and torch's weight decay."""

import math

import numpy as np
import pytest
import torch
from contract import Boastful, arrays, check_order, check_ownership
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from problems import RELATIVE
from refusals import computed_or_refused
from test_bad_input import ARRAYS, array, assert_refused, is_numbers

from coursekit.reference.gradcheck import gradcheck
from coursekit.reference.penalty import l2_penalty, l2_penalty_backward, l2_penalty_forward

strengths = st.sampled_from([0, 1, 0.01, 2.5, np.float32(0.5), np.array(3.0)])


@given(arrays(), strengths, st.sampled_from([1, 0, -2.5, np.float32(0.5), np.array(3.0)]))
def test_l2_penalty_is_torchs(w, strength, dL):
    R, cache = l2_penalty_forward(w, strength)
    dw = l2_penalty_backward(dL, cache)
    assert l2_penalty(w, strength) == R
    assert R.dtype == dw.dtype == w.dtype
    assert R.shape == ()
    w_t = torch.tensor(w.astype(np.float64, order="C"), requires_grad=True)
    R_torch = float(strength) / 2 * (w_t**2).sum()
    R_torch.backward(torch.tensor(float(dL), dtype=torch.float64))
    assert math.isclose(R, R_torch.item(), rel_tol=RELATIVE[w.dtype])
    assert np.allclose(dw, w_t.grad.numpy(), rtol=RELATIVE[w.dtype], atol=0)
    assert dw.shape == w.shape
    check_order(w, dw)
    check_ownership((w,), (dw,), cache)

    mine = w.copy()
    _, cache = l2_penalty_forward(mine, strength)
    mine += 7
    again = l2_penalty_backward(dL, cache)
    assert np.array_equal(again, dw)
    again += 1
    assert np.array_equal(l2_penalty_backward(dL, cache), dw)


def test_its_gradient_is_what_torchs_optimizers_call_weight_decay():
    w = np.array([1.0, -2, 3])
    parameter = torch.nn.Parameter(torch.tensor(w))
    parameter.grad = torch.zeros(3, dtype=torch.float64)
    torch.optim.SGD([parameter], lr=0.1, weight_decay=0.5).step()
    dw = l2_penalty_backward(1, l2_penalty_forward(w, 0.5)[1])
    assert np.allclose(w - 0.1 * dw, parameter.detach().numpy(), rtol=1e-15)


def test_by_hand():
    assert l2_penalty(np.array([[1.0, -2], [3, 0]]), 0.1) == pytest.approx(0.7)
    assert l2_penalty(np.zeros((0, 3)), 1) == 0


def test_gradcheck_passes():
    w = np.random.default_rng(0).standard_normal((2, 3))
    assert gradcheck(l2_penalty_forward, l2_penalty_backward, w, strength=0.7)


def test_number_types():
    for kind in (np.int64, np.uint8, np.float16, np.float32, np.float64, np.dtype(">f4")):
        w = np.array([100, 100]).astype(kind)
        R, cache = l2_penalty_forward(w, 2)
        assert R == 20000
        assert isinstance(R, np.float32 if kind is np.float32 else np.float64)
        for dL in (1, 1.0, np.float32(1), np.float64(1), np.int8(1), np.array(1)):
            assert l2_penalty_backward(dL, cache).dtype == R.dtype
        assert l2_penalty(w.view(Boastful), 2) == R


@pytest.mark.parametrize("case", ARRAYS.values(), ids=ARRAYS)
def test_weights_that_are_none(case, unchecked_shapes):
    value, kind, *parts = case
    for function in (l2_penalty, l2_penalty_forward):
        assert_refused(lambda f=function: f(value, 1), kind, "w ", *parts)


NUMBERS = {
    "NaN": (math.nan, ValueError, "is nan, expected a finite number"),
    "infinity": (math.inf, ValueError, "is inf, expected a finite number"),
    "a string": ("1", TypeError, "is '1', expected a finite number"),
    "None": (None, TypeError, "is None, expected a finite number"),
    "True": (True, TypeError, "is True, expected a finite number"),
    "an array": (np.ones(1), TypeError, "is of shape (1,), expected a finite number"),
}


@pytest.mark.parametrize("case", NUMBERS.values(), ids=NUMBERS)
def test_a_number_that_is_none(case, unchecked_shapes):
    value, kind, message = case
    for function in (l2_penalty, l2_penalty_forward):
        assert_refused(lambda f=function: f(np.ones(2), value), kind, "strength " + message, "0")
    cache = l2_penalty_forward(np.ones(2), 1)[1]
    assert_refused(lambda: l2_penalty_backward(value, cache), kind, "dL " + message)


def test_a_negative_strength(unchecked_shapes):
    message = "strength is -0.1, expected a finite number of at least 0"
    assert_refused(lambda: l2_penalty(np.ones(2), -0.1), ValueError, message)


@pytest.mark.parametrize("cache", [None, (), (np.ones(2), 1.0)], ids=repr)
def test_a_cache_that_is_none(cache, unchecked_shapes):
    assert_refused(
        lambda: l2_penalty_backward(1, cache),
        TypeError,
        f"cache is a {type(cache).__name__}, expected the L2PenaltyCache that l2_penalty_forward",
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(array, arrays()), st.sampled_from([0, 1.5, -1, math.nan, True, "1", None, [1]]))
def test_anything_is_computed_or_refused(unchecked_shapes, w, strength):
    fits = is_numbers(w) and strength in (0, 1.5) and strength is not True
    R = computed_or_refused(lambda: l2_penalty(w, strength))
    assert (R is not None) == fits
