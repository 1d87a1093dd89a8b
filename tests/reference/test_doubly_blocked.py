"""The doubly blocked matrix: its entries, its blocks, lecture 5's example, and that it convolves."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import RELATIVE
from problems2d import laid_out, problems2d, torch_answers
from refusals import computed_or_refused
from scipy import sparse
from test_bad_input import ARRAYS, array, assert_refused, fuzz, step

from coursekit.reference import doubly_blocked
from coursekit.reference.convolution2d import conv2d_backward, conv2d_forward
from coursekit.reference.doubly_blocked import conv2d_toeplitz, toeplitz2d, toeplitz2d_sparse
from coursekit.reference.layout import is_batch_last
from coursekit.reference.toeplitz import toeplitz1d

MATRICES = {"dense": toeplitz2d, "sparse": toeplitz2d_sparse}
IMAGE, KERNEL = np.ones((1, 1, 4, 4)), np.ones((1, 1, 3, 3))

LECTURE_X = np.array([[4, 5, 8, 7], [1, 8, 8, 8], [3, 6, 6, 4], [6, 5, 7, 8]])
LECTURE_U = np.array([[1, 4, 1], [1, 4, 3], [3, 3, 1]])
LECTURE_T = np.array(
    [
        [1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1, 0, 0, 0, 0, 0],
        [0, 1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1, 0, 0, 0, 0],
        [0, 0, 0, 0, 1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1, 0],
        [0, 0, 0, 0, 0, 1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1],
    ]
)


def assert_close(actual, expected, magnitude, dtype):
    """Compare relative to the sum of the absolute values of the terms, as rounding goes."""
    assert actual.shape == expected.shape
    assert actual.dtype == dtype
    assert np.all(np.abs(actual - expected) <= RELATIVE[np.dtype(dtype)] * magnitude + 1e-300)


@pytest.mark.parametrize("dtype", [int, np.float32, np.float64])
def test_lecture_5s_matrix_and_result_exactly(dtype):
    x, u = LECTURE_X.astype(dtype), LECTURE_U.astype(dtype)
    T = toeplitz2d(u, 4, 4)
    assert np.array_equal(T, LECTURE_T)
    assert np.array_equal(toeplitz2d_sparse(u, 4, 4).toarray(), LECTURE_T)
    assert toeplitz2d_sparse(u, 4, 4).nnz == 4 * 9
    assert np.array_equal(T @ x.ravel(), [122, 148, 126, 134])
    y = conv2d_toeplitz(x[None, None], u[None, None])
    assert np.array_equal(y, [[[[122, 148], [126, 134]]]])
    assert y.dtype == (np.float32 if dtype is np.float32 else np.float64)


@settings(max_examples=100)
@given(problems2d())
def test_multiplying_by_the_matrix_is_torchs_convolution(problem):
    # problems2d's arrays are read-only: writing into them would raise
    x, w, b = problem.x, problem.w, problem.b
    y = conv2d_toeplitz(x, w, b, **problem.steps)
    values, sizes = torch_answers(problem, torch.nn.functional.conv2d)
    assert_close(y, values[0], sizes[0], np.result_type(x, w))
    assert y.flags.c_contiguous or is_batch_last(y)
    if min(y.shape) > 1 and min(x.shape) > 1:
        assert is_batch_last(y) == is_batch_last(x)


@settings(max_examples=60)
@given(problems2d())
def test_multiplying_by_its_transpose_is_the_backward_pass(problem):
    x, w = problem.x, problem.w
    y, cache = conv2d_forward(x, w, **problem.steps)
    dy = laid_out(problem.dy(y.shape), "plain")
    dx = conv2d_backward(dy, cache)[0]
    for matrix in MATRICES.values():
        T = matrix(w, *x.shape[2:], **problem.steps)
        flat = dy.reshape(len(dy), T.shape[0]).T
        size = (abs(T).T @ abs(flat)).T.reshape(x.shape)
        assert_close((T.T @ flat).T.reshape(x.shape), dx, size, x.dtype)


@settings(max_examples=60)
@given(problems2d())
def test_the_entries_are_the_formula(problem):
    w, (H, W), steps = problem.w[0, 0], problem.x.shape[2:], dict(problem.steps)
    del steps["groups"]
    (S_h, S_w), (P_h, P_w), (D_h, D_w) = steps.values()
    T = toeplitz2d(w, H, W, **steps)
    H_out = (H + 2 * P_h - D_h * (w.shape[0] - 1) - 1) // S_h + 1
    W_out = (W + 2 * P_w - D_w * (w.shape[1] - 1) - 1) // S_w + 1
    expected = np.zeros((H_out, W_out, H, W), w.dtype)
    for i, j, a, m in np.ndindex(H_out, W_out, *w.shape):
        r, q = i * S_h + a * D_h - P_h, j * S_w + m * D_w - P_w
        if 0 <= r < H and 0 <= q < W:
            expected[i, j, r, q] = w[a, m]
    assert T.dtype == w.dtype
    assert np.array_equal(T, expected.reshape(H_out * W_out, H * W))
    # the same kernel as a bank of one
    assert np.array_equal(T, toeplitz2d(w[None, None], H, W, **steps))


def test_every_block_is_the_matrix_of_one_kernel_row():
    w = np.arange(1.0, 7).reshape(2, 3)
    T = toeplitz2d(w, 4, 5, stride=(1, 2), padding=(0, 1), dilation=(2, 1))
    blocks = T.reshape(2, 3, 4, 5).transpose(
        0, 2, 1, 3
    )  # one block for each two rows of the images
    of_row = [toeplitz1d(row, 5, stride=2, padding=1) for row in w]
    for i, r in np.ndindex(2, 4):
        expected = of_row[(r - i) // 2] if r - i in (0, 2) else np.zeros((3, 5))
        assert np.array_equal(blocks[i, r], expected)


@settings(max_examples=60)
@given(problems2d())
def test_kernels_channels_and_groups_are_blocks(problem):
    w, (C, H, W), steps = problem.w, problem.x.shape[1:], dict(problem.steps)
    T = toeplitz2d(w, H, W, **steps)
    groups = steps.pop("groups")
    K, C_g = w.shape[:2]
    blocks = T.reshape(K, T.shape[0] // K, C, H * W)
    for k, c in np.ndindex(K, C):
        inside = k // (K // groups) == c // C_g
        expected = toeplitz2d(w[k, c % C_g], H, W, **steps) if inside else 0 * blocks[k, :, c]
        assert np.array_equal(blocks[k, :, c], expected)


@settings(max_examples=100)
@given(problems2d(), st.booleans())
def test_the_sparse_matrix_is_the_dense_one(problem, single):
    w, (H, W), steps = problem.w, problem.x.shape[2:], dict(problem.steps)
    if single:
        w = w[0, 0]
        del steps["groups"]
    dense, lean = (matrix(w, H, W, **steps) for matrix in MATRICES.values())
    assert isinstance(lean, sparse.csr_array)
    assert lean.dtype == dense.dtype
    assert lean.shape == dense.shape
    assert np.array_equal(lean.toarray(), dense)
    assert lean.nnz <= len(dense) * w[0].size if w.ndim == 4 else len(dense) * w.size
    assert lean.nnz == np.count_nonzero(dense)  # nothing is stored for taps on padding
    assert dense.flags.writeable
    assert not np.shares_memory(dense, w)
    assert not np.shares_memory(lean.data, w)


def test_a_kernel_of_whole_numbers_gives_a_matrix_of_float64():
    for matrix in MATRICES.values():
        assert matrix(LECTURE_U, 4, 4).dtype == np.float64
        assert matrix(LECTURE_U[None, None], 4, 4).dtype == np.float64


def test_one_number_stands_for_height_and_width():
    for matrix in MATRICES.values():
        one = matrix(LECTURE_U, 9, 8, stride=2, padding=1, dilation=2)
        two = matrix(LECTURE_U, np.int64(9), 8, stride=(2, 2), padding=(1, 1), dilation=(2, 2))
        assert np.array_equal(abs(one - two).sum(), 0)


def test_an_image_without_pixels_has_a_matrix_without_columns():
    assert toeplitz2d(np.ones((2, 2)), 0, 3, padding=1).shape == (4, 0)
    assert toeplitz2d_sparse(np.ones((2, 2)), 0, 3, padding=1).shape == (4, 0)


def test_the_sparse_matrix_stays_small_where_the_dense_one_would_not_fit():
    T = toeplitz2d_sparse(LECTURE_U, 400, 500, padding=1)
    assert T.shape == (200_000, 200_000)
    assert T.nnz == (3 * 400 - 2) * (3 * 500 - 2)
    x = np.zeros((400, 500))
    x[200, 300] = 1
    y = (T @ x.ravel()).reshape(400, 500)
    assert np.array_equal(y[199:202, 299:302], LECTURE_U[::-1, ::-1])


# ---- what does not fit


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("matrix", MATRICES.values(), ids=MATRICES)
@pytest.mark.parametrize("case", ARRAYS.values(), ids=ARRAYS)
def test_kernels_that_are_none(matrix, case):
    bad, kind, *parts = case
    assert_refused(lambda: matrix(bad, 4, 4), kind, "w ", *parts)


REFUSED = {
    "3 axes": (np.ones((1, 3, 3)), 4, 4, {}, "w has shape (1, 3, 3), expected (F_h, F_w) or (K, C"),
    "no tap": (np.ones((3, 0)), 4, 4, {}, "w has shape (3, 0), expected every size to be at least"),
    "no kernel": (np.ones((0, 1, 3, 3)), 4, 4, {}, "w has shape (0, 1, 3, 3), expected every size"),
    "H": (LECTURE_U, -1, 4, {}, "H is -1, expected a whole number of at least 0"),
    "W": (LECTURE_U, 4, -2, {}, "W is -2, expected a whole number of at least 0"),
    "H large": (LECTURE_U, 2**31, 4, {}, "H is 2147483648, expected a whole number of at most"),
    "stride": (LECTURE_U, 4, 4, {"stride": (1, 0)}, "stride[1] is 0, expected a whole number of at"),
    "padding": (LECTURE_U, 4, 4, {"padding": -1}, "padding is -1, expected a whole number of at le"),
    "dilation": (LECTURE_U, 4, 4, {"dilation": 0}, "dilation is 0, expected a whole number of at l"),
    "three": (LECTURE_U, 4, 4, {"stride": (1, 2, 3)}, "stride is (1, 2, 3), expected one whole"),
    "groups": (LECTURE_U, 4, 4, {"groups": 0}, "groups is 0, expected a whole number of at least 1"),
    "2 groups": (np.ones((3, 2, 2, 2)), 4, 4, {"groups": 2}, "groups is 2, expected a divisor of the"),
    "too low": (LECTURE_U, 2, 4, {}, "kernel 3 is larger than the padded input 2 (input 2, padding 0)"),
    "too wide": (
        LECTURE_U,
        4,
        2,
        {"dilation": (1, 2), "padding": (0, 1)},
        "kernel 3 with dilation 2 spans 5 and is larger than the padded input 4 (input 2, padding 1)",
    ),
}  # fmt: skip


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("matrix", MATRICES.values(), ids=MATRICES)
@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_named_with_its_numbers(matrix, case):
    w, H, W, steps, message = case
    assert_refused(lambda: matrix(w, H, W, **steps), ValueError, message)


@pytest.mark.usefixtures("unchecked_shapes")
def test_a_matrix_beyond_all_memory_is_refused_before_it_is_made():
    assert_refused(
        lambda: toeplitz2d(LECTURE_U, 400, 500, padding=1),
        ValueError,
        "T would have 200000 rows and 200000 columns, expected at most 268435456 entries; "
        "toeplitz2d_sparse stores only those that are not zero",
    )
    assert_refused(
        lambda: conv2d_toeplitz(np.ones((1, 1, 400, 500)), KERNEL, padding=1),
        ValueError,
        "T would have 200000 rows and 200000 columns",
    )
    assert_refused(
        lambda: toeplitz2d_sparse(LECTURE_U, 2**13, 2**12),
        ValueError,
        "T would have 33529860 rows and 33554432 columns and store 301768740 entries, expected at "
        "most 2147483647 rows and columns and 268435456 entries",
    )
    assert_refused(
        lambda: toeplitz2d_sparse(LECTURE_U, 2**16, 2**15, stride=2**15),
        ValueError,
        "T would have 2 rows and 2147483648 columns and store 18 entries, expected at most 2147",
    )


def test_the_largest_matrices_that_are_made(monkeypatch):
    monkeypatch.setattr(doubly_blocked, "MOST_ENTRIES", 2 * 64)  # of two kernels of the lecture's
    two = np.stack([LECTURE_U, LECTURE_U])[:, None]
    assert toeplitz2d(two, 4, 4).size == 128
    with pytest.raises(ValueError, match="T would have 12 rows and 16 columns"):
        toeplitz2d(np.concatenate([two, two[:1]]), 4, 4)
    with pytest.raises(ValueError, match="T would have 8 rows and 32 columns"):
        toeplitz2d(np.concatenate([two, two], axis=1), 4, 4)
    monkeypatch.setattr(doubly_blocked, "MOST_ENTRIES", 2 * 36)
    assert toeplitz2d_sparse(two, 4, 4).nnz == 72
    with pytest.raises(ValueError, match="and store 108 entries"):
        toeplitz2d_sparse(np.concatenate([two, two[:1]]), 4, 4)
    wide = toeplitz2d_sparse(np.ones((1, 1)), 2**31 - 1, 1, stride=2**30)
    assert wide.shape == (2, 2**31 - 1)
    assert wide.indices.tolist() == [0, 2**30]


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("case", ARRAYS.values(), ids=ARRAYS)
def test_arrays_that_are_none(case):
    bad, kind, *parts = case
    assert_refused(lambda: conv2d_toeplitz(bad, KERNEL), kind, "x ", *parts)
    assert_refused(lambda: conv2d_toeplitz(IMAGE, bad), kind, "w ", *parts)
    if bad is not None:
        assert_refused(lambda: conv2d_toeplitz(IMAGE, KERNEL, bad), kind, "b ", *parts)


@pytest.mark.usefixtures("unchecked_shapes")
@fuzz
@given(array, st.one_of(st.integers(0, 9), step), st.one_of(st.integers(0, 9), step), *[step] * 4)
def test_anything_is_made_into_a_matrix_or_refused(w, H, W, stride, padding, dilation, groups):
    steps = {"stride": stride, "padding": padding, "dilation": dilation}
    for kernel, more in ((w, {"groups": groups}), (w, {}), (LECTURE_U, {})):
        for matrix in MATRICES.values():
            T = computed_or_refused(lambda m=matrix, k=kernel, o=more: m(k, H, W, **steps, **o))
            assert T is None or T.dtype in (np.float32, np.float64)
