"""Convolution of images, and its transpose, against torch and against each other."""

import numpy as np
import pytest
import torch
from hypothesis import given
from problems import RELATIVE
from problems2d import Problem2d, problems2d, torch_answers

from coursekit.reference.convolution2d import conv2d, conv2d_backward, conv2d_forward
from coursekit.reference.convolution2d_transposed import (
    conv_transpose2d,
    conv_transpose2d_backward,
    conv_transpose2d_forward,
)
from coursekit.reference.gradcheck import gradcheck
from coursekit.reference.layout import batch_last, is_batch_last

IMAGE, KERNEL = np.ones((1, 1, 4, 4)), np.ones((1, 1, 3, 3))
FUNCTIONS = {
    "conv2d": (conv2d, conv2d_forward, conv2d_backward, torch.nn.functional.conv2d),
    "conv_transpose2d": (
        conv_transpose2d,
        conv_transpose2d_forward,
        conv_transpose2d_backward,
        torch.nn.functional.conv_transpose2d,
    ),
}


def assert_close(actual, expected, magnitude, dtype):
    """Compare relative to the sum of the absolute values of the terms, as rounding goes."""
    assert actual.shape == expected.shape
    assert actual.dtype == dtype
    assert np.all(np.abs(actual - expected) <= RELATIVE[np.dtype(dtype)] * magnitude + 1e-300)


def check_against_torch(problem: Problem2d, name: str) -> None:
    ours, forward, backward, theirs = FUNCTIONS[name]
    arrays = (problem.x, problem.w, problem.b)
    dtype = np.result_type(problem.x, problem.w)
    y, cache = forward(*arrays, **problem.steps)
    dy = problem.dy(y.shape)
    dy.flags.writeable = False
    values, sizes = torch_answers(problem, theirs, dy)
    assert_close(y, values[0], sizes[0], dtype)
    assert np.array_equal(y, ours(*arrays, **problem.steps))
    gradients = backward(dy, cache)
    assert (gradients[2] is None) == (problem.b is None)
    for gradient, value, size in zip(gradients, values[1:], sizes[1:], strict=False):
        assert_close(gradient, value, size, dtype)
    # what comes in batch last leaves batch last, and everything else in C order
    for array in (y, gradients[0]):
        assert array.flags.c_contiguous or is_batch_last(array)
        if array.size and min(array.shape) > 1 and min(problem.x.shape) > 1:
            assert is_batch_last(array) == is_batch_last(problem.x)


@given(problems2d())
def test_conv2d_is_torchs(problem):
    check_against_torch(problem, "conv2d")


@given(problems2d(transposed=True))
def test_conv_transpose2d_is_torchs(problem):
    check_against_torch(problem, "conv_transpose2d")


@given(problems2d(dtypes=(np.float64,)))
def test_the_transpose_is_the_transpose(problem):
    """<conv2d(x), z> = <x, conv_transpose2d(z)> for every x and z: that is what T and its transpose mean."""
    steps = problem.steps
    y = conv2d(problem.x, problem.w, **steps)
    z = problem.dy(y.shape)
    lost = []
    for axis in (0, 1):
        S, P, D = (steps[name][axis] for name in ("stride", "padding", "dilation"))
        covered = (y.shape[2 + axis] - 1) * S + D * (problem.w.shape[2 + axis] - 1) + 1
        lost.append(problem.x.shape[2 + axis] + 2 * P - covered)
    if any(
        extra >= max(s, d)
        for extra, s, d in zip(lost, steps["stride"], steps["dilation"], strict=True)
    ):
        return  # torch and we allow no such output padding
    back = conv_transpose2d(z, problem.w, **steps, output_padding=tuple(lost))
    assert back.shape == problem.x.shape
    assert np.sum(y * z) == pytest.approx(np.sum(problem.x * back), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(
    "steps", [{}, {"stride": 2, "padding": 1}, {"dilation": (1, 2), "groups": 2}]
)
def test_gradcheck_agrees(name, steps):
    _, forward, backward, _ = FUNCTIONS[name]
    rng = np.random.default_rng(0)
    x, b = rng.normal(size=(2, 2, 5, 6)), rng.normal(size=2)
    w = rng.normal(size=(2, 2 // steps.get("groups", 1), 3, 2))
    report = gradcheck(forward, backward, x, w, b, **steps)
    assert report, str(report)


def test_lecture_5s_example_comes_out_exactly():
    x = np.array([[4, 5, 8, 7], [1, 8, 8, 8], [3, 6, 6, 4], [6, 5, 7, 8]])
    w = np.array([[1, 4, 1], [1, 4, 3], [3, 3, 1]])
    y = conv2d(x[None, None], w[None, None])[0, 0]
    assert np.array_equal(y, [[122, 148], [126, 134]])


def test_channels_are_added_up():
    x = np.arange(24.0).reshape(1, 2, 3, 4)
    y = conv2d(x, np.ones((1, 2, 3, 4)))
    assert y.tolist() == [[[[276.0]]]]


@pytest.mark.parametrize("memory", [lambda x: x, batch_last])
def test_a_changed_kernel_or_image_does_not_change_the_gradients(memory):
    rng = np.random.default_rng(1)
    x, w = memory(rng.normal(size=(2, 3, 5, 5))), rng.normal(size=(4, 3, 3, 3))
    for forward, backward, kernel in (
        (conv2d_forward, conv2d_backward, w),
        (conv_transpose2d_forward, conv_transpose2d_backward, w.transpose(1, 0, 2, 3).copy()),
    ):
        image = x.copy(order="K")
        y, cache = forward(image, kernel)
        dy = np.ones(y.shape)
        before = [g.copy() for g in backward(dy, cache)[:2]]
        image[...] = 7
        kernel *= 3
        for one, other in zip(before, backward(dy, cache)[:2], strict=True):
            assert np.array_equal(one, other)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("call", "kind", "parts"),
    [
        (lambda: conv2d(np.ones((1, 1, 4, 4)), np.ones((1, 1, 5, 5))), ValueError,
         ["kernel 5 is larger than the padded input 4 (input 4, padding 0)"]),
        (lambda: conv2d(np.ones((1, 1, 2, 9)), np.ones((1, 1, 3, 1)), dilation=2, padding=1), ValueError,
         ["kernel 3 with dilation 2 spans 5", "padded input 4 (input 2, padding 1)"]),
        (lambda: conv2d(np.ones((1, 3, 4, 4)), np.ones((2, 1, 3, 3))), ValueError, ["3 channels", "(2, 1, 3, 3)"]),
        (lambda: conv2d(np.ones((1, 4, 4, 4)), np.ones((3, 2, 3, 3)), groups=2), ValueError,
         ["groups is 2", "4 channels", "3 kernels"]),
        (lambda: conv2d(np.ones((4, 4)), np.ones((3, 3))), ValueError, ["(4, 4)", "(N, C, H, W)"]),
        (lambda: conv2d(np.ones((1, 1, 4, 4)), np.ones((0, 1, 3, 3))), ValueError, ["(0, 1, 3, 3)", "at least 1"]),
        (lambda: conv2d(np.ones((1, 1, 4, 4)), np.ones((2, 1, 3, 3)), np.ones(3)), ValueError,
         ["b has shape (3,)", "each of 2 kernels"]),
        (lambda: conv2d(IMAGE, KERNEL, stride=0), ValueError, ["stride is 0", "at least 1"]),
        (lambda: conv2d(IMAGE, KERNEL, stride=(1, 0)), ValueError, ["stride[1] is 0"]),
        (lambda: conv2d(IMAGE, KERNEL, padding=(1, 1, 1)), ValueError,
         ["padding is (1, 1, 1)", "(height, width)"]),
        (lambda: conv2d(IMAGE, KERNEL, dilation=1.5), TypeError, ["dilation is 1.5"]),
        (lambda: conv2d([[1]], np.ones((1, 1, 3, 3))), TypeError, ["x is a list"]),
        (lambda: conv2d(torch.ones(1, 1, 4, 4), np.ones((1, 1, 3, 3))), TypeError, ["x is a Tensor"]),
        (lambda: conv2d_backward(np.ones((1, 1, 2, 2)), None), TypeError, ["cache is a NoneType"]),
        (lambda: conv2d_backward(np.ones((1, 1, 1, 1)), conv2d_forward(IMAGE, KERNEL)[1]),
         ValueError, ["(1, 1, 1, 1)", "(1, 1, 2, 2)"]),
        (lambda: conv_transpose2d(np.ones((1, 2, 4, 4)), np.ones((3, 1, 3, 3))), ValueError, ["2 channels", "w has 3"]),
        (lambda: conv_transpose2d(np.ones((4, 4)), np.ones((3, 3))), ValueError, ["(4, 4)", "(N, C, H, W)"]),
        (lambda: conv_transpose2d(np.ones((1, 1, 0, 4)), KERNEL), ValueError, ["(1, 1, 0, 4)", "at least 1"]),
        (lambda: conv_transpose2d(np.ones((1, 3, 4, 4)), np.ones((3, 1, 3, 3)), groups=2), ValueError,
         ["groups is 2", "3 channels"]),
        (lambda: conv_transpose2d(IMAGE, KERNEL, np.ones(2)), ValueError,
         ["b has shape (2,)", "each of 1 output channels"]),
        (lambda: conv_transpose2d(IMAGE, KERNEL, output_padding=1), ValueError,
         ["output_padding is 1 along the height", "the stride 1"]),
        (lambda: conv_transpose2d(np.ones((1, 1, 1, 1)), np.ones((1, 1, 3, 3)), padding=2), ValueError,
         ["padding 2 leaves no pixel", "would be -1"]),
        (lambda: conv_transpose2d_backward(np.ones((1, 1, 2, 2)), 3), TypeError, ["cache is a int"]),
        (lambda: conv_transpose2d_backward(np.ones((1, 1, 2, 2)),
                                           conv_transpose2d_forward(IMAGE, KERNEL)[1]),
         ValueError, ["(1, 1, 2, 2)", "(1, 1, 6, 6)"]),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_with_its_numbers(call, kind, parts):
    with pytest.raises(kind) as error:
        call()
    for part in parts:
        assert part in str(error.value)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("x", "w", "groups", "text"),
    [
        ((2, 3, 4), (5, 1, 1, 1), 1,
         "x has shape (2, 3, 4) and w has shape (5, 1, 1, 1), expected (N, C, H, W) and (K, C / groups, F_h, F_w)"),
        ((2, 3, 4, 5), (5, 1, 1), 1,
         "x has shape (2, 3, 4, 5) and w has shape (5, 1, 1), expected (N, C, H, W) and (K, C / groups, F_h, F_w)"),
        ((2, 3, 4, 5), (6, 1, 1, 1), 2,
         "groups is 2, which does not divide both the 3 channels of x and the 6 kernels of w"),
        ((2, 6, 10, 8), (9, 4, 5, 5), 3,
         "x has 6 channels, and w has 4 for each of 3 groups: expected w of shape (K, 2, F_h, F_w), and w has "
         "(9, 4, 5, 5)"),
    ],
)  # fmt: skip
def test_shapes_that_do_not_fit_are_said_whole(x, w, groups, text):
    with pytest.raises(ValueError) as error:
        conv2d(np.ones(x), np.ones(w), groups=groups)
    assert str(error.value) == text
