"""What all convolutions of images promise alike: memory order, float types, and errors that name the argument."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from refusals import computed_or_refused
from test_bad_input import array, fuzz, step

from coursekit.reference.convolution2d import conv2d_backward, conv2d_forward
from coursekit.reference.convolution2d_plain import conv2d_loops_backward, conv2d_loops_forward
from coursekit.reference.convolution2d_transposed import (
    conv_transpose2d,
    conv_transpose2d_backward,
    conv_transpose2d_forward,
)
from coursekit.reference.doubly_blocked import conv2d_toeplitz
from coursekit.reference.layout import batch_last, is_batch_last
from coursekit.reference.pointwise import conv1x1_backward, conv1x1_forward

F32, F64 = np.float32, np.float64
# forward, backward, its cache, shape of the kernels for 2 channels in and 3 out, the shape as the text has it
OPERATIONS = {
    "conv2d": (conv2d_forward, conv2d_backward, (3, 2, 2, 2), "(K, C / groups, F_h, F_w)"),
    "conv2d_loops": (
        conv2d_loops_forward, conv2d_loops_backward, (3, 2, 2, 2), "(K, C / groups, F_h, F_w)",
    ),
    "conv_transpose2d": (
        conv_transpose2d_forward, conv_transpose2d_backward, (2, 3, 2, 2), "(C, K / groups, F_h, F_w)",
    ),
    "conv1x1": (conv1x1_forward, conv1x1_backward, (3, 2), "(K, C)"),
}  # fmt: skip
FORWARD = {name: forward for name, (forward, _, _, _) in OPERATIONS.items()} | {
    "conv2d_toeplitz": lambda x, w, b: (conv2d_toeplitz(x, w, b), None)
}


def numbers(shape, dtype=F64, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def kernels(name, dtype=F64):
    return numbers(OPERATIONS.get(name, OPERATIONS["conv2d"])[2], dtype, seed=1)


@pytest.mark.parametrize("name", FORWARD)
@pytest.mark.parametrize("last", [False, True])
def test_the_output_lies_in_memory_as_the_images_do(name, last):
    x = numbers((2, 2, 3, 4))
    x = batch_last(x) if last else x
    y, _ = FORWARD[name](x, kernels(name), None)
    assert is_batch_last(y) == last
    assert y.flags.c_contiguous != last


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize(("last", "dy_last"), list(product([False, True], repeat=2)))
def test_dx_lies_in_memory_as_x_did_whatever_dy_does(name, last, dy_last):
    forward, backward, _, _ = OPERATIONS[name]
    x = numbers((2, 2, 3, 4))
    y, cache = forward(batch_last(x) if last else x, kernels(name), None)
    dy = numbers(y.shape, seed=2)
    dx, _, _ = backward(batch_last(dy) if dy_last else dy, cache)
    assert is_batch_last(dx) == last
    assert dx.flags.c_contiguous != last


@pytest.mark.parametrize("name", FORWARD)
@pytest.mark.parametrize("kinds", list(product([F32, F64], repeat=3)))
def test_the_output_has_the_wider_type_of_x_and_w(name, kinds):
    x, w, b = (
        array.astype(kind)
        for array, kind in zip(
            (numbers((2, 2, 3, 4)), kernels(name), numbers(3)), kinds, strict=True
        )
    )
    y, _ = FORWARD[name](x, w, b)
    exact, _ = FORWARD[name](x.astype(F64), w.astype(F64), b.astype(F64))
    assert y.dtype == (F32 if x.dtype == w.dtype == F32 else F64)
    wide = y.dtype == F64 and b.dtype == F64
    assert np.allclose(y, exact, rtol=1e-13 if wide else 1e-5, atol=1e-14 if wide else 1e-5)


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("kinds", list(product([F32, F64], repeat=3)))
def test_the_gradients_have_the_widest_type_of_all_three(name, kinds):
    forward, backward, _, _ = OPERATIONS[name]
    x, w = numbers((2, 2, 3, 4), kinds[0]), kernels(name, kinds[1])
    y, cache = forward(x, w, np.ones(3, kinds[0]))
    dy = numbers(y.shape, kinds[2], seed=2)
    _, exact_cache = forward(x.astype(F64), w.astype(F64), np.ones(3))
    rtol = 1e-5 if set(kinds) == {F32} else 1e-12
    for gradient, exact in zip(
        backward(dy, cache), backward(dy.astype(F64), exact_cache), strict=True
    ):
        assert gradient.dtype == (F32 if set(kinds) == {F32} else F64)
        assert np.allclose(gradient, exact, rtol=rtol, atol=rtol)


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_bias_gradient_of_many_numbers_keeps_its_digits(name):
    forward, backward, shape, _ = OPERATIONS[name]
    w = np.zeros(shape, F32)
    tall = 200 if name == "conv2d_loops" else 20_000  # row after row, the hardest order to add up
    y, cache = forward(np.zeros((1, 2, tall, 2), F32), w, np.zeros(3, F32))
    dy = np.full(y.shape, 0.1, F32)
    exact = dy[:, 0].sum(dtype=F64)
    if name == "conv2d_loops":  # plain on purpose: it adds one number after the other
        assert backward(dy, cache)[2] == pytest.approx(exact, rel=1e-4)
    else:
        assert np.array_equal(backward(dy, cache)[2], np.full(3, exact, F64).astype(F32))


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("name", FORWARD)
def test_errors_name_the_argument(name):
    forward, x, w = FORWARD[name], numbers((2, 2, 3, 4)), kernels(name)
    for arguments, name_of_one in (
        (([1], w, None), "x"),
        ((x, [1], None), "w"),
        ((x, w, [1]), "b"),
    ):
        with pytest.raises(TypeError, match=f"^{name_of_one} is a list"):
            forward(*arguments)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("name", OPERATIONS)
def test_a_wrong_number_of_axes_in_either_array_is_said_with_both_shapes(name):
    forward, _, shape, text = OPERATIONS[name]
    for x, w in ((np.ones((2, 3, 4)), np.ones(shape)), (np.ones((2, 2, 3, 4)), np.ones(5))):
        with pytest.raises(ValueError) as error:
            forward(x, w)
        said = f"x has shape {x.shape} and w has shape {w.shape}, expected (N, C, H, W) and {text}"
        assert str(error.value) == said


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("name", OPERATIONS)
def test_a_wrong_cache_is_said_with_the_function_that_makes_the_right_one(name):
    with pytest.raises(TypeError, match=f"Cache that {name}_forward returns"):
        OPERATIONS[name][1](np.ones((1, 3, 2, 2)), None)


@pytest.mark.usefixtures("unchecked_shapes")
def test_the_transpose_names_the_axis_and_its_numbers():
    x, w = np.ones((1, 1, 1, 2)), np.ones((1, 1, 9, 4))
    with pytest.raises(ValueError) as error:
        conv_transpose2d_forward(x, w, padding=(0, 3))
    assert str(error.value) == (
        "padding 3 leaves no pixel: the output's width would be -1 (input 2, kernel 4, stride 1)"
    )
    with pytest.raises(
        ValueError, match="output_padding is 1 along the width, expected less than the stride 1"
    ):
        conv_transpose2d_forward(x, w, output_padding=(0, 1))
    with pytest.raises(TypeError, match=r"output_padding is 0\.5"):
        conv_transpose2d_forward(x, w, output_padding=0.5)
    with pytest.raises(ValueError) as error:
        conv_transpose2d_forward(np.ones((1, 5, 3, 4)), np.ones((2, 3, 1, 1)))
    assert "expected w of shape (5, K / groups, F_h, F_w), and w has (2, 3, 1, 1)" in str(
        error.value
    )


def test_the_transpose_without_options_pads_nothing():
    x, w = numbers((2, 2, 3, 4)), kernels("conv_transpose2d")
    assert np.array_equal(conv_transpose2d(x, w), conv_transpose2d_forward(x, w, padding=0)[0])
    assert conv_transpose2d(x, w).shape == (2, 3, 4, 5)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("name", ["conv2d", "conv_transpose2d"])
@fuzz
@given(array, array, array, array, step, step, step, step)
def test_anything_is_computed_or_refused(name, x, w, b, dy, stride, padding, dilation, groups):
    forward, backward, shape, _ = OPERATIONS[name]
    good, kernel = np.ones((1, 2, 4, 5)), np.ones(shape)
    steps = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    for arguments in ((x, w, b), (good, w, None), (x, kernel, None), (good, kernel, b)):
        for options in (
            steps,
            {},
            {"stride": stride},
            {"padding": padding},
            {"dilation": dilation},
        ):
            made = computed_or_refused(lambda a=arguments, o=options: forward(*a, **o))
            if made is not None:
                y, cache = made
                assert y.ndim == 4
                assert y.dtype in (np.float32, np.float64)
                assert backward(np.ones(y.shape), cache)[0].shape == arguments[0].shape
                computed_or_refused(lambda c=cache: backward(dy, c))
    computed_or_refused(lambda: backward(np.ones((1, 3, 2, 2)), x))


@pytest.mark.usefixtures("unchecked_shapes")
@fuzz
@given(array, array, array, array)
def test_anything_for_1x1_is_computed_or_refused(x, w, b, dy):
    good, kernel = np.ones((1, 2, 4, 5)), np.ones((3, 2))
    for arguments in ((x, w, b), (good, w, None), (x, kernel, None), (good, kernel, b)):
        made = computed_or_refused(lambda a=arguments: conv1x1_forward(*a))
        if made is not None:
            y, cache = made
            assert y.ndim == 4
            assert conv1x1_backward(np.ones(y.shape), cache)[0].shape == arguments[0].shape
            computed_or_refused(lambda c=cache: conv1x1_backward(dy, c))
