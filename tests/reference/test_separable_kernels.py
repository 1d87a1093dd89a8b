"""Kernels that are a column times a row: recognized, taken apart, and slid in two passes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import RELATIVE
from problems2d import LAYOUTS, laid_out
from refusals import computed_or_refused
from test_bad_input import ARRAYS, array, assert_refused, fuzz, step

from coursekit.reference.convolution2d import conv2d
from coursekit.reference.kernels import box, derivative, gabor, gaussian, laplacian, sharpen, sobel
from coursekit.reference.layout import batch_last, is_batch_last
from coursekit.reference.separable_kernels import is_separable, separable_conv2d, separate

SEPARABLE = {
    "box": box((3, 5)),
    "gaussian": gaussian((7, 4), 1.3),
    "sobel x": sobel("x"),
    "sobel y": sobel("y"),
    "derivative": derivative("y"),
    "upright gabor": gabor(9, sigma=2, wavelength=5),
    "one tap": np.array([[-3.0]]),
    "zeros": np.zeros((2, 3)),
    "large": np.full((3, 3), 1e300),
    "small": np.full((3, 3), 1e-300),
    "the largest": np.full((30, 30), np.finfo(float).max / 2),
}
OTHERS = {
    "laplacian 4": (laplacian(4), 2),
    "laplacian 8": (laplacian(8), 2),
    "sharpen": (sharpen(), 2),
    "slanted gabor": (gabor(9, sigma=2, wavelength=5, angle=0.5), 2),
    "lecture 5's": (np.array([[1, 4, 1], [1, 4, 3], [3, 3, 1]]), 3),
    "identity": (np.eye(4), 4),
    "a little off": (np.array([[1.0, 2], [3, 6 + 1e-9]]), 2),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", SEPARABLE)
def test_separable_kernels_come_apart(name, dtype):
    if dtype is np.float32 and name in ("large", "small", "the largest"):
        dtype = np.float64  # float32 does not reach so far
    kernel = SEPARABLE[name].astype(dtype)
    assert is_separable(kernel) is True
    column, row = separate(kernel)
    assert (column.shape, row.shape) == ((kernel.shape[0],), (kernel.shape[1],))
    assert column.dtype == row.dtype == dtype
    scale = abs(kernel).max()
    assert np.all(abs(np.outer(column, row) - kernel) <= 8 * np.finfo(dtype).eps * scale)
    if scale:
        lengths = (np.linalg.norm(taps / np.sqrt(scale)) for taps in (column, row))
        assert next(lengths) == pytest.approx(next(lengths), rel=1e-5)
    assert column.sum() >= -1e-6 * abs(column).sum()


@pytest.mark.parametrize("name", OTHERS)
def test_other_kernels_are_refused_with_their_rank(name):
    kernel, rank = OTHERS[name]
    assert is_separable(kernel) is False
    with pytest.raises(ValueError) as error:
        separate(kernel)
    assert str(error.value) == (
        f"kernel of shape {kernel.shape} has rank {rank}, expected rank 1: "
        "it is not a column times a row"
    )


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1), st.booleans())
def test_every_column_times_a_row_is_separable_and_one_more_is_not(F_h, F_w, seed, single):
    rng = np.random.default_rng(seed)
    dtype = np.float32 if single else np.float64
    kernel = np.outer(rng.normal(size=F_h), rng.normal(size=F_w)).astype(dtype)
    kernel = laid_out(kernel, "Fortran")
    column, row = separate(kernel)
    size = np.linalg.norm(kernel)
    assert np.all(abs(np.outer(column, row) - kernel) <= 8 * np.finfo(dtype).eps * size)
    if min(F_h, F_w) > 1:
        assert not is_separable(kernel + size * np.eye(F_h, F_w, dtype=dtype))


def test_a_kernel_of_whole_numbers_gives_float64():
    column, row = separate(np.array([[2, 4], [3, 6]]))
    assert column.dtype == row.dtype == np.float64
    assert np.allclose(np.outer(column, row), [[2, 4], [3, 6]])


def test_the_sign_is_that_of_a_column_that_adds_up_to_more_than_0():
    for kernel in (np.array([[-1.0, -2], [-3, -6]]), np.array([[1.0, -2], [3, -6]])):
        column, row = separate(kernel)
        assert column.sum() > 0
        assert np.array_equal(np.sign(row), np.sign(kernel[0]))


pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))


@given(st.data(), pairs, st.tuples(st.integers(0, 2), st.integers(0, 2)), pairs)
def test_two_passes_are_one(data, stride, padding, dilation):
    F = data.draw(st.tuples(st.integers(1, 5), st.integers(1, 5)), label="F")
    N, C = data.draw(st.integers(0, 3), label="N"), data.draw(st.integers(0, 3), label="C")
    least = [max(0, d * (f - 1) + 1 - 2 * p) for d, f, p in zip(dilation, F, padding, strict=True)]
    H, W = (n + data.draw(st.integers(0, 5)) for n in least)
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1), label="seed"))
    dtypes = st.sampled_from([np.float32, np.float64, np.int8])
    x = rng.integers(-9, 9, (N, C, H, W)).astype(data.draw(dtypes, label="dtype of x"))
    x = laid_out(x, data.draw(st.sampled_from(LAYOUTS), label="layout"))
    dtype = data.draw(dtypes, label="dtype of the taps")
    column, row = (laid_out(rng.integers(-9, 9, f).astype(dtype), "every other") for f in F)
    steps = {"stride": stride, "padding": padding, "dilation": dilation}
    y = separable_conv2d(x, column, row, **steps)
    single = x.dtype == column.dtype == np.float32
    assert y.dtype == (np.float32 if single else np.float64)
    if C:
        # whole numbers: the order of summation changes nothing
        kernels = np.tile(np.outer(column.astype(float), row), (C, 1, 1, 1))
        assert np.array_equal(y, conv2d(x, kernels, **steps, groups=C))
    assert y.flags.c_contiguous or is_batch_last(y)
    if y.size and min(y.shape) > 1 and min(x.shape) > 1:
        assert is_batch_last(y) == is_batch_last(x)


def test_a_gaussian_in_two_passes_is_the_gaussian_in_one():
    x = np.random.default_rng(0).normal(size=(2, 3, 12, 11))
    kernel = gaussian((5, 7), 1.2)
    for dtype in (np.float32, np.float64):
        image, bell = x.astype(dtype), kernel.astype(dtype)
        once = conv2d(image, np.tile(bell, (3, 1, 1, 1)), groups=3)
        twice = separable_conv2d(image, *separate(bell))
        size = conv2d(abs(image), np.tile(bell, (3, 1, 1, 1)), groups=3)
        assert np.all(abs(once - twice) <= RELATIVE[np.dtype(dtype)] * size)


def test_one_number_stands_for_height_and_width_and_the_result_is_the_callers_own():
    x, taps = np.arange(81.0).reshape(1, 1, 9, 9), np.ones(1)
    one = separable_conv2d(x, taps, taps, stride=2, padding=1, dilation=2)
    two = separable_conv2d(x, taps, taps, stride=(2, 2), padding=(1, 1), dilation=(2, 2))
    assert np.array_equal(one, two)
    y = separable_conv2d(x, taps, taps)
    assert np.array_equal(y, x)
    assert not np.shares_memory(y, x)


# ---- what does not fit

X, TAPS = np.ones((2, 3, 5, 5)), np.ones(3)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("case", ARRAYS.values(), ids=ARRAYS)
def test_arrays_that_are_none(case):
    bad, kind, *parts = case
    for call, name in (
        (lambda: is_separable(bad), "kernel "),
        (lambda: separate(bad), "kernel "),
        (lambda: separable_conv2d(bad, TAPS, TAPS), "x "),
        (lambda: separable_conv2d(X, bad, TAPS), "column "),
        (lambda: separable_conv2d(X, TAPS, bad), "row "),
    ):
        assert_refused(call, kind, name, *parts)


REFUSED = {
    "1 axis": (lambda: separate(TAPS), "kernel has shape (3,), expected (F_h, F_w), each at least 1"),
    "4 axes": (lambda: is_separable(X), "kernel has shape (2, 3, 5, 5), expected (F_h, F_w)"),
    "no tap": (lambda: separate(np.ones((3, 0))), "kernel has shape (3, 0), expected (F_h, F_w)"),
    "nan": (lambda: is_separable(np.array([[np.nan]])), "kernel holds NaN or infinity, expected"),
    "inf": (lambda: separate(np.array([[1, np.inf]])), "kernel holds NaN or infinity, expected"),
    "image": (lambda: separable_conv2d(X[0], TAPS, TAPS), "x has shape (3, 5, 5), expected (N, C,"),
    "column": (lambda: separable_conv2d(X, TAPS[:, None], TAPS), "column has shape (3, 1), expected"),
    "row": (lambda: separable_conv2d(X, TAPS, TAPS[None]), "row has shape (1, 3), expected one axis"),
    "no column": (lambda: separable_conv2d(X, TAPS[:0], TAPS), "column has shape (0,), expected one"),
    "stride": (lambda: separable_conv2d(X, TAPS, TAPS, stride=(0, 1)), "stride[0] is 0, expected"),
    "padding": (lambda: separable_conv2d(X, TAPS, TAPS, padding=-1), "padding is -1, expected"),
    "dilation": (lambda: separable_conv2d(X, TAPS, TAPS, dilation=0), "dilation is 0, expected"),
    "too high": (
        lambda: separable_conv2d(X, np.ones(6), TAPS),
        "kernel 6 is larger than the padded input 5 (input 5, padding 0)"),
    "too wide": (
        lambda: separable_conv2d(X, TAPS, np.ones(4), dilation=(1, 2)),
        "kernel 4 with dilation 2 spans 7 and is larger than the padded input 5 (input 5, padding 0)"),
}  # fmt: skip


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_named_with_its_numbers(case):
    call, message = case
    assert_refused(call, ValueError, message)


@pytest.mark.usefixtures("unchecked_shapes")
@settings(fuzz, max_examples=150)
@given(array, array, array, step, step, step)
def test_anything_is_computed_or_refused(one, column, row, stride, padding, dilation):
    for call in (
        lambda: is_separable(one),
        lambda: separate(one),
        lambda: separable_conv2d(
            one, column, row, stride=stride, padding=padding, dilation=dilation
        ),
        lambda: separable_conv2d(X, column, TAPS, stride=stride, padding=padding),
        lambda: separable_conv2d(X, TAPS, TAPS, dilation=dilation),
    ):
        computed_or_refused(call)


@pytest.mark.parametrize("column", [[1, 2, 1], [-1, -2, -1], [3, -1, 0], [-3, 1, 0], [0, 0, 1]])
@pytest.mark.parametrize("row", [[1, 0, -1], [-1, 0, 1], [2, 1, 1]])
def test_the_column_never_adds_up_to_less_than_zero(column, row):
    kernel = np.outer(column, row).astype(float)
    u, v = separate(kernel)
    assert u.sum() > 0
    assert np.allclose(np.outer(u, v), kernel)


def test_the_sign_follows_the_decomposition(monkeypatch):
    kernel = np.outer([1.0, 2.0], [3.0, 4.0])
    found = np.linalg.svd(kernel, full_matrices=False)
    for sign in (1, -1):
        turned = (sign * found[0], found[1], sign * found[2])
        monkeypatch.setattr(np.linalg, "svd", lambda *args, turned=turned, **options: turned)
        u, v = separate(kernel / 1000)
        assert u.sum() > 0
        assert v.sum() > 0


@pytest.mark.parametrize("last", [False, True])
def test_the_output_lies_in_memory_as_x_does(last):
    x = np.arange(120.0).reshape(2, 3, 4, 5)
    y = separable_conv2d(batch_last(x) if last else x, np.ones(2), np.ones(3))
    assert is_batch_last(y) == last
    assert y.flags.c_contiguous != last
