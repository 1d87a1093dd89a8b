"""The loops, against torch, against the fast version, and entry by entry."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from problems import RELATIVE
from problems2d import laid_out, problems2d, torch_answers
from refusals import computed_or_refused
from test_bad_input import ARRAYS, array, assert_refused, fuzz, step

from coursekit.reference.convolution2d import conv2d
from coursekit.reference.convolution2d_plain import (
    conv2d_loops,
    conv2d_loops_backward,
    conv2d_loops_forward,
)
from coursekit.reference.gradcheck import gradcheck
from coursekit.reference.layout import batch_last, is_batch_last

IMAGE, KERNEL = np.ones((1, 1, 4, 4)), np.ones((1, 1, 3, 3))


def assert_close(actual, expected, magnitude, dtype):
    """Compare relative to the sum of the absolute values of the terms, as rounding goes."""
    assert actual.shape == expected.shape
    assert actual.dtype == dtype
    assert np.all(np.abs(actual - expected) <= RELATIVE[np.dtype(dtype)] * magnitude + 1e-300)


@settings(max_examples=100)
@given(problems2d())
def test_the_loops_are_torchs(problem):
    # problems2d's arrays are read-only: writing into them would raise
    x, w, b = problem.x, problem.w, problem.b
    dtype = np.result_type(x, w)
    y, cache = conv2d_loops_forward(x, w, b, **problem.steps)
    dy = laid_out(problem.dy(y.shape), "plain")
    values, sizes = torch_answers(problem, torch.nn.functional.conv2d, dy)
    assert_close(y, values[0], sizes[0], dtype)
    gradients = conv2d_loops_backward(dy, cache)
    assert (gradients[2] is None) == (b is None)
    for gradient, value, size in zip(gradients, values[1:], sizes[1:], strict=False):
        assert_close(gradient, value, size, dtype)
    for kept in (y, gradients[0]):
        assert kept.flags.c_contiguous or is_batch_last(kept)
        if min(kept.shape) > 1 and min(x.shape) > 1:
            assert is_batch_last(kept) == is_batch_last(x)


@settings(max_examples=60)
@given(problems2d(dtypes=(np.int8, np.float64)))
def test_the_fast_version_is_the_loops(problem):
    x, w, b = problem.x, problem.w, problem.b
    y = conv2d_loops(x, w, b, **problem.steps)
    magnitude = conv2d_loops(abs(x), abs(w), None if b is None else abs(b), **problem.steps)
    assert_close(conv2d(x, w, b, **problem.steps), y, magnitude, np.float64)


def test_the_formula_entry_by_entry():
    rng = np.random.default_rng(0)
    x, w, b = (rng.integers(-9, 9, shape) for shape in ((2, 4, 6, 5), (6, 2, 2, 3), (6,)))
    y = conv2d_loops(x, w, b, stride=(2, 1), padding=(1, 2), dilation=(3, 2), groups=2)
    assert y.shape == (2, 6, 3, 5)
    for n, k, i, j in np.ndindex(y.shape):
        total = b[k]
        for c, a, m in np.ndindex(2, 2, 3):
            r, q = 2 * i + 3 * a - 1, j + 2 * m - 2
            if 0 <= r < 6 and 0 <= q < 5:
                total += w[k, c, a, m] * x[n, c + 2 * (k >= 3), r, q]
        assert y[n, k, i, j] == total


@pytest.mark.parametrize(
    "steps", [{}, {"stride": 2, "padding": 1}, {"dilation": (1, 2), "groups": 2}]
)
def test_gradcheck_agrees(steps):
    rng = np.random.default_rng(0)
    x, b = rng.normal(size=(2, 2, 5, 6)), rng.normal(size=2)
    w = rng.normal(size=(2, 2 // steps.get("groups", 1), 3, 2))
    report = gradcheck(conv2d_loops_forward, conv2d_loops_backward, x, w, b, **steps)
    assert report, str(report)


def test_lecture_5s_example_comes_out_exactly():
    x = np.array([[4, 5, 8, 7], [1, 8, 8, 8], [3, 6, 6, 4], [6, 5, 7, 8]])
    w = np.array([[1, 4, 1], [1, 4, 3], [3, 3, 1]])
    y = conv2d_loops(x[None, None], w[None, None])[0, 0]
    assert np.array_equal(y, [[122, 148], [126, 134]])


@pytest.mark.parametrize(
    ("x", "w", "dy", "expected"),
    [
        (np.float32, np.float32, np.float32, np.float32),
        (np.float64, np.float32, np.float32, np.float64),
        (np.float32, np.float64, np.float32, np.float64),
        (np.float32, np.float32, np.float64, np.float64),
        (np.int16, np.float32, np.float32, np.float64),
    ],
)
def test_float32_stays_float32_and_everything_else_is_float64(x, w, dy, expected):
    y, cache = conv2d_loops_forward(IMAGE.astype(x), KERNEL.astype(w), np.ones(1, x))
    assert y.dtype == (np.float32 if (x, w) == (np.float32, np.float32) else np.float64)
    for gradient in conv2d_loops_backward(np.ones(y.shape, dy), cache):
        assert gradient.dtype == expected


@pytest.mark.parametrize("memory", [lambda x: x, batch_last])
@pytest.mark.parametrize("padding", [0, 1])
def test_a_changed_kernel_or_image_does_not_change_the_gradients(memory, padding):
    rng = np.random.default_rng(1)
    x, w = memory(rng.normal(size=(2, 3, 4, 4))), rng.normal(size=(2, 3, 3, 3))
    y, cache = conv2d_loops_forward(x, w, padding=padding)
    dy = rng.normal(size=y.shape)
    before = conv2d_loops_backward(dy, cache)
    x[...] = 7
    w *= 3
    after = conv2d_loops_backward(dy, cache)
    assert np.array_equal(before[0], after[0])
    assert np.array_equal(before[1], after[1])


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("case", ARRAYS.values(), ids=ARRAYS)
def test_arrays_that_are_none(case):
    bad, kind, *parts = case
    assert_refused(lambda: conv2d_loops(bad, KERNEL), kind, "x ", *parts)
    assert_refused(lambda: conv2d_loops(IMAGE, bad), kind, "w ", *parts)
    if bad is not None:
        assert_refused(lambda: conv2d_loops(IMAGE, KERNEL, bad), kind, "b ", *parts)
    cache = conv2d_loops_forward(IMAGE, KERNEL)[1]
    assert_refused(lambda: conv2d_loops_backward(bad, cache), kind, "dy ", *parts)


@pytest.mark.usefixtures("unchecked_shapes")
def test_a_cache_or_gradient_of_another_call():
    cache = conv2d_loops_forward(IMAGE, KERNEL)[1]
    assert_refused(
        lambda: conv2d_loops_backward(np.ones((1, 1, 4, 4)), cache),
        ValueError,
        "dy has shape (1, 1, 4, 4), expected the output's shape (1, 1, 2, 2)",
    )
    assert_refused(
        lambda: conv2d_loops_backward(np.ones((1, 1, 2, 2)), tuple(cache)),
        TypeError,
        "cache is a tuple, expected the Conv2dLoopsCache that conv2d_loops_forward returns",
    )


@pytest.mark.usefixtures("unchecked_shapes")
@fuzz
@given(array, array, array, step, step, step, step)
def test_anything_is_computed_or_refused(x, w, b, stride, padding, dilation, groups):
    for arguments in ((x, w, b), (IMAGE, KERNEL, b), (IMAGE, KERNEL, None)):
        steps = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        y = computed_or_refused(lambda a=arguments, s=steps: conv2d_loops(*a, **s))
        assert y is None or (y.ndim == 4 and y.dtype in (np.float32, np.float64))
