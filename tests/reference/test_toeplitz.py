"""The matrix T: its entries, and that it does what sliding the kernel does."""

import numpy as np
from hypothesis import given
from problems import assert_close, problems
from scipy import sparse

from coursekit.reference import (
    conv1d,
    conv1d_backward,
    conv1d_forward,
    output_size,
    toeplitz1d,
    toeplitz1d_sparse,
)


@given(problems(least_W=0))
def test_multiplying_by_T_is_conv1d(problem):  # noqa: N802
    x, w = problem.x, problem.w
    T = toeplitz1d(w, x.shape[-1], **problem.steps)
    assert T.dtype == w.dtype
    y = conv1d(x, w, **problem.steps)
    size = conv1d(abs(x), abs(w), **problem.steps)
    if problem.single:
        assert_close(T @ x, y, size)
        return
    for n in range(len(x)):
        assert_close((T @ x[n].ravel()).reshape(y[n].shape), y[n], size[n])


@given(problems(least_W=0))
def test_multiplying_by_T_transposed_is_the_backward_pass(problem):  # noqa: N802
    x, w = problem.x, problem.w
    T = toeplitz1d(w, x.shape[-1], **problem.steps)
    y, cache = conv1d_forward(x, w, **problem.steps)
    dy = problem.dy(y.shape)
    dx, _ = conv1d_backward(dy, cache)
    size = abs(T).T @ abs(dy[None]).reshape(-1, len(T)).T
    assert_close((T.T @ dy.reshape(-1, len(T)).T).T.reshape(dx.shape), dx, size.T.reshape(dx.shape))


@given(problems(single=True, least_W=0))
def test_the_entries_of_T_are_its_formula(problem):  # noqa: N802
    w, W = problem.w, len(problem.x)
    S, P, D = problem.steps.values()
    expected = np.zeros((output_size(W, len(w), **problem.steps), W))
    for i, m in np.ndindex(len(expected), len(w)):
        if 0 <= i * S + m * D - P < W:
            expected[i, i * S + m * D - P] = w[m]
    assert np.array_equal(toeplitz1d(w, W, **problem.steps), expected)


@given(problems(single=False, least_W=0))
def test_T_of_several_kernels_and_channels_is_made_of_their_blocks(problem):  # noqa: N802
    w, W = problem.w, problem.x.shape[-1]
    T = toeplitz1d(w, W, **problem.steps)
    W_out = output_size(W, w.shape[-1], **problem.steps)
    assert T.shape == (len(w) * W_out, w.shape[1] * W)
    for k, c in np.ndindex(w.shape[:2]):
        block = T[k * W_out : (k + 1) * W_out, c * W : (c + 1) * W]
        assert np.array_equal(block, toeplitz1d(w[k, c], W, **problem.steps))


@given(problems(single=True, least_W=0))
def test_the_sparse_matrix_is_the_dense_one(problem):
    w, W = problem.w, len(problem.x)
    dense = toeplitz1d(w, W, **problem.steps)
    lean = toeplitz1d_sparse(w, W, **problem.steps)
    assert isinstance(lean, sparse.csr_array)
    assert lean.dtype == dense.dtype
    assert lean.shape == dense.shape
    assert np.array_equal(lean.toarray(), dense)
    assert lean.nnz <= len(dense) * len(w)


def test_the_sparse_matrix_stays_small_where_the_dense_one_would_not_fit():
    W = 10**6
    T = toeplitz1d_sparse(np.array([1.0, -1, 2]), W, padding=1)
    assert T.shape == (W, W)
    assert T.nnz == 3 * W - 2  # two taps fall on padding
    x = np.arange(W, dtype=float)
    assert np.array_equal(T @ x, conv1d(x, np.array([1.0, -1, 2]), padding=1))


@given(problems(same_dtype=False, least_W=0))
def test_the_kernel_stays_as_it_was_and_T_is_the_callers_own(problem):  # noqa: N802
    # problems' arrays are read-only: writing through them would raise
    w, W = problem.w, problem.x.shape[-1]
    before = w.copy()
    T = toeplitz1d(w, W, **problem.steps)
    assert np.array_equal(T, toeplitz1d(w, W, **problem.steps))
    assert T.flags.writeable
    assert not np.shares_memory(T, w)
    if problem.single:
        assert not np.shares_memory(toeplitz1d_sparse(w, W, **problem.steps).data, w)
    assert np.array_equal(w, before)


def test_a_kernel_of_whole_numbers_gives_a_matrix_of_float64():
    assert toeplitz1d(np.array([1, 2]), 3).dtype == np.float64
    assert toeplitz1d(np.ones((1, 1, 2), int), 3).dtype == np.float64
    assert toeplitz1d_sparse(np.array([1, 2]), 3).dtype == np.float64


def test_numpys_whole_numbers_are_sizes_too():
    w = np.array([1.0, 2])
    two = np.uint8(2)
    for matrix in (toeplitz1d, toeplitz1d_sparse):
        T = matrix(w, np.uint8(9), stride=two, padding=two, dilation=two)
        assert np.array_equal(T @ np.ones(9), [2, 3, 3, 3, 3, 1])
