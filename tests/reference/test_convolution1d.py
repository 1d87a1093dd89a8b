"""conv1d, its gradients and true convolution, against torch, NumPy and their own formulas."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import assert_close, problems, torch_conv1d, torch_gradients

from coursekit.reference import conv1d, conv1d_backward, conv1d_forward, output_size, true_conv1d

WHOLE = (np.int8, np.uint8, np.int32, np.int64, np.float16, np.float32, np.float64, np.dtype(">f8"))


def whole_problems():
    """Problems of small whole numbers, for which every order of summation gives the same."""
    return problems(dtypes=tuple(np.dtype(d) for d in WHOLE), same_dtype=False, least_W=0).map(
        _rounded
    )


def _rounded(problem):
    x, w = (np.round(a * 2).astype(a.dtype) for a in (problem.x, problem.w))
    return type(problem)(x, w, *problem.steps.values(), problem.seed)


def by_formula(x, w, stride, padding, dilation, flip=False):
    """The sum in conv1d's docstring, one term at a time, in Python's numbers."""
    if x.ndim == 1:
        return by_formula(x[None, None], w[None, None], stride, padding, dilation, flip)[0, 0]
    (N, C, W), (K, _, F) = x.shape, w.shape
    W_out = (W + 2 * padding - dilation * (F - 1) - 1) // stride + 1
    y = np.zeros((N, K, W_out))
    for n, k, i in np.ndindex(y.shape):
        for c, m in np.ndindex(C, F):
            j = i * stride + m * dilation - padding
            if 0 <= j < W:
                y[n, k, i] += float(w[k, c, F - 1 - m if flip else m]) * float(x[n, c, j])
    return y


@given(problems())
def test_conv1d_is_torchs(problem):
    x, w = problem.x, problem.w
    y = conv1d(x, w, **problem.steps)
    assert y.dtype == x.dtype
    assert_close(
        y, torch_conv1d(x, w, **problem.steps), torch_conv1d(abs(x), abs(w), **problem.steps)
    )


@given(problems())
def test_conv1d_backward_is_torchs_autograd(problem):
    x, w = problem.x, problem.w
    y, cache = conv1d_forward(x, w, **problem.steps)
    dy = problem.dy(y.shape)
    dx, dw = conv1d_backward(dy, cache)
    assert dx.dtype == dw.dtype == x.dtype
    dx_torch, dw_torch = torch_gradients(x, w, dy, **problem.steps)
    dx_size, dw_size = torch_gradients(abs(x), abs(w), abs(dy), **problem.steps)
    assert_close(dx, dx_torch, dx_size)
    assert_close(dw, dw_torch, dw_size)


@given(problems())
def test_true_conv1d_is_torchs_with_the_kernel_reversed(problem):
    x, w = problem.x, problem.w[..., ::-1]
    assert_close(
        true_conv1d(x, problem.w, **problem.steps),
        torch_conv1d(x, w, **problem.steps),
        torch_conv1d(abs(x), abs(w), **problem.steps),
    )


@given(whole_problems())
def test_both_convolutions_are_their_formulas_exactly(problem):
    x, w, steps = problem.x, problem.w, problem.steps
    assert np.array_equal(conv1d(x, w, **steps), by_formula(x, w, **steps))
    assert np.array_equal(true_conv1d(x, w, **steps), by_formula(x, w, **steps, flip=True))


@given(whole_problems())
def test_gradients_are_the_transposes_of_the_forward_pass_exactly(problem):
    # y is linear in x and in w, so <dy, y> equals <dx, x> and <dw, w>; for whole numbers exactly
    x, w = problem.x.astype(float), problem.w.astype(float)
    y, cache = conv1d_forward(problem.x, problem.w, **problem.steps)
    dy = np.round(4 * problem.dy(y.shape).astype(float))
    dx, dw = conv1d_backward(dy, cache)
    assert dx.shape == x.shape
    assert dw.shape == w.shape
    assert np.sum(dy * y) == np.sum(dx * x) == np.sum(dw * w)


@given(problems(least_W=0))
def test_forward_returns_what_conv1d_does(problem):
    y, cache = conv1d_forward(problem.x, problem.w, **problem.steps)
    assert np.array_equal(y, conv1d(problem.x, problem.w, **problem.steps))
    assert (cache.stride, cache.padding, cache.dilation) == tuple(problem.steps.values())
    assert cache.single == problem.single


@given(problems(single=True, plain=True))
def test_true_conv1d_is_numpys_valid_convolution(problem):
    x, w = problem.x, problem.w
    assert_close(
        true_conv1d(x, w),
        np.convolve(x.astype(float), w.astype(float), mode="valid"),
        np.convolve(abs(x).astype(float), abs(w).astype(float), mode="valid"),
    )


@given(problems(single=True, plain=True))
def test_full_convolution_is_commutative(problem):
    x, w = problem.x, problem.w
    full = true_conv1d(x, w, padding=len(w) - 1)
    size = np.convolve(abs(x).astype(float), abs(w).astype(float))
    assert_close(full, true_conv1d(w, x, padding=len(x) - 1), size)
    assert_close(full, np.convolve(x.astype(float), w.astype(float)), size)


def test_cross_correlation_is_not_commutative():
    x, w = np.array([1.0, 2, 3]), np.array([1.0, 0, -1])
    assert not np.array_equal(conv1d(x, w, padding=2), conv1d(w, x, padding=2))


@given(problems(single=True))
def test_one_signal_is_a_batch_of_one(problem):
    x, w = problem.x, problem.w
    y, cache = conv1d_forward(x, w, **problem.steps)
    y3, cache3 = conv1d_forward(x[None, None], w[None, None], **problem.steps)
    assert y.ndim == 1
    assert np.array_equal(y3, y[None, None])
    dy = problem.dy(y.shape)
    for gradient, gradient3 in zip(
        conv1d_backward(dy, cache), conv1d_backward(dy[None, None], cache3), strict=True
    ):
        assert gradient.ndim == 1
        assert np.array_equal(gradient3, gradient[None, None])


@given(problems(single=False, least_W=0))
def test_the_signals_of_a_batch_do_not_know_of_each_other(problem):
    y = conv1d(problem.x, problem.w, **problem.steps)
    for n in range(len(problem.x)):
        alone = conv1d(problem.x[n : n + 1], problem.w, **problem.steps)
        size = conv1d(abs(problem.x[n : n + 1]), abs(problem.w), **problem.steps)
        assert_close(y[n : n + 1], alone, size)


@given(problems(same_dtype=False, least_W=0))
def test_arguments_stay_as_they_were_and_results_are_the_callers_own(problem):
    # problems' arrays are read-only: writing through them would raise
    x, w = problem.x, problem.w
    before = x.copy(), w.copy()
    y, cache = conv1d_forward(x, w, **problem.steps)
    dy = problem.dy(y.shape)
    dy_before = dy.copy()
    dx, dw = conv1d_backward(dy, cache)
    assert np.array_equal(x, before[0])
    assert np.array_equal(w, before[1])
    assert np.array_equal(dy, dy_before)
    for result in (y, dx, dw):
        assert result.flags.writeable
        assert not any(np.shares_memory(result, a) for a in (x, w, dy, cache.padded, cache.w))


@given(problems(least_W=0))
def test_the_same_call_gives_the_same_bits(problem):
    def everything():
        y, cache = conv1d_forward(problem.x, problem.w, **problem.steps)
        dy = problem.dy(y.shape)
        return y, *conv1d_backward(dy, cache), *conv1d_backward(dy, cache)

    first, second = everything(), everything()
    assert all(a.tobytes() == b.tobytes() for a, b in zip(first, second, strict=True))
    # the second backward pass through one cache as well
    assert first[1].tobytes() == first[3].tobytes()
    assert first[2].tobytes() == first[4].tobytes()


@settings(max_examples=100)
@given(problems(same_dtype=False))
def test_stepping_the_arguments_after_the_forward_pass_leaves_the_gradients(problem):
    x, w = problem.x.copy(), problem.w.copy()
    y, cache = conv1d_forward(x, w, **problem.steps)
    dy = problem.dy(y.shape)
    dx, dw = conv1d_backward(dy, cache)
    x += 1
    w *= 2
    again_dx, again_dw = conv1d_backward(dy, cache)
    assert np.array_equal(dx, again_dx)
    assert np.array_equal(dw, again_dw)


@given(
    st.sampled_from([np.float32, np.float64, np.int64, np.uint8, np.float16]),
    st.sampled_from([np.float32, np.float64, np.int64, np.uint8, np.float16]),
    st.sampled_from([np.float32, np.float64, np.int64]),
    st.booleans(),
)
def test_results_are_float32_only_where_every_argument_is(x_dtype, w_dtype, dy_dtype, single):
    x = np.ones((5,) if single else (2, 3, 5), x_dtype)
    w = np.ones((2,) if single else (4, 3, 2), w_dtype)
    small = x_dtype == w_dtype == np.float32
    y, cache = conv1d_forward(x, w)
    assert y.dtype == conv1d(x, w).dtype == true_conv1d(x, w).dtype
    assert y.dtype == (np.float32 if small else np.float64)
    for gradient in conv1d_backward(np.ones(y.shape, dy_dtype), cache):
        assert gradient.dtype == (np.float32 if small and dy_dtype == np.float32 else np.float64)


@pytest.mark.parametrize("number", [np.int64(2), np.uint8(2), np.array(2)], ids=repr)
def test_numpys_whole_numbers_are_sizes_too(number):
    x, w = np.arange(9.0), np.array([1.0, 2])
    assert np.array_equal(
        conv1d(x, w, stride=number, padding=number, dilation=number),
        conv1d(x, w, stride=2, padding=2, dilation=2),
    )


def test_a_subclass_of_array_is_computed_with_as_a_plain_array():
    class Boastful(np.ndarray):
        def __matmul__(self, other):
            return 42.0

    x, w = np.arange(9.0), np.array([1.0, 2])
    y, cache = conv1d_forward(x.view(Boastful), w.view(Boastful))
    dx, dw = conv1d_backward(y.view(Boastful), cache)
    assert np.array_equal(y, conv1d(x, w))
    assert {type(a) for a in (y, dx, dw, *cache[:2])} == {np.ndarray}


def test_a_signal_of_nothing_but_padding_gives_zeros():
    y, cache = conv1d_forward(np.zeros(0), np.array([1.0, 2, 3]), padding=2)
    dx, dw = conv1d_backward(np.array([4.0, 5]), cache)
    assert np.array_equal(y, [0, 0])
    assert dx.shape == (0,)
    assert np.array_equal(dw, [0, 0, 0])


def test_an_empty_batch_gives_an_empty_output_and_zero_for_the_kernel():
    w = np.ones((2, 3, 2))
    y, cache = conv1d_forward(np.zeros((0, 3, 5)), w)
    dx, dw = conv1d_backward(y, cache)
    assert y.shape == (0, 2, 4)
    assert dx.shape == (0, 3, 5)
    assert np.array_equal(dw, np.zeros_like(w))


def test_steps_larger_than_the_signal_leave_one_place():
    x = np.array([1.0, 2, 3])
    assert np.array_equal(conv1d(x, np.array([5.0, 7]), stride=10**6), [19])
    assert np.array_equal(conv1d(x, np.array([5.0]), dilation=10**6), [5, 10, 15])


def test_not_a_number_spreads_only_to_the_places_that_see_it():
    x = np.array([1.0, np.nan, 2, 3, 4])
    assert np.array_equal(conv1d(x, np.ones(2)), [np.nan, np.nan, 5, 7], equal_nan=True)


@given(problems(least_W=0))
def test_the_output_has_the_size_that_output_size_says(problem):
    W_out = output_size(problem.x.shape[-1], problem.w.shape[-1], **problem.steps)
    assert conv1d(problem.x, problem.w, **problem.steps).shape[-1] == W_out


@pytest.mark.usefixtures("unchecked_shapes")
def test_a_wrong_cache_is_said_with_the_function_that_makes_the_right_one():
    with pytest.raises(TypeError, match="Conv1dCache that conv1d_forward returns"):
        conv1d_backward(np.ones(3), None)
