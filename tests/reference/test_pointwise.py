"""A 1x1 convolution is one matrix for every pixel."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from problems2d import LAYOUTS, laid_out

from coursekit.reference.convolution2d import conv2d_backward, conv2d_forward
from coursekit.reference.gradcheck import gradcheck
from coursekit.reference.layout import batch_last, is_batch_last
from coursekit.reference.pointwise import conv1x1, conv1x1_backward, conv1x1_forward

sizes = st.integers(1, 4)


@given(st.integers(0, 3), sizes, sizes, sizes, sizes, st.sampled_from(LAYOUTS), st.booleans())
def test_it_is_conv2d_with_kernels_of_one(N, C, H, W, K, layout, bias):
    rng = np.random.default_rng(0)
    x = laid_out(rng.normal(size=(N, C, H, W)), layout)
    w, b = rng.normal(size=(K, C)), rng.normal(size=K) if bias else None
    y, cache = conv1x1_forward(x, w, b)
    same, other_cache = conv2d_forward(x, w[:, :, None, None], b)
    assert np.allclose(y, same, rtol=1e-12)
    assert np.array_equal(y, conv1x1(x, w, b))
    dy = rng.normal(size=y.shape)
    gradients, others = conv1x1_backward(dy, cache), conv2d_backward(dy, other_cache)
    assert np.allclose(gradients[0], others[0], rtol=1e-12)
    assert np.allclose(gradients[1], others[1][:, :, 0, 0], rtol=1e-10, atol=1e-12)
    assert (gradients[2] is None) == (b is None)
    if bias:
        assert np.allclose(gradients[2], others[2], rtol=1e-12)
    assert is_batch_last(y) or y.flags.c_contiguous


def test_every_pixel_is_a_matrix_product():
    rng = np.random.default_rng(1)
    x, w = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(6, 3))
    assert np.allclose(conv1x1(x, w)[1, :, 2, 3], w @ x[1, :, 2, 3])


def test_gradcheck_agrees():
    rng = np.random.default_rng(2)
    arrays = rng.normal(size=(2, 3, 2, 2)), rng.normal(size=(4, 3)), rng.normal(size=4)
    assert gradcheck(conv1x1_forward, conv1x1_backward, *arrays)


def test_float32_stays_and_the_cache_is_its_own():
    x, w = batch_last(np.ones((2, 3, 2, 2), np.float32)), np.ones((1, 3), np.float32)
    image = x.copy(order="K")
    y, cache = conv1x1_forward(image, w, np.ones(1, np.float32))
    assert y.dtype == np.float32
    before = conv1x1_backward(np.ones_like(y), cache)
    image[...] = 5
    for one, other in zip(before, conv1x1_backward(np.ones_like(y), cache), strict=True):
        assert np.array_equal(one, other)
        assert one.dtype == np.float32


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("call", "kind", "parts"),
    [
        (lambda: conv1x1(np.ones((2, 3)), np.ones((4, 3))), ValueError, ["(2, 3)", "(N, C, H, W)"]),
        (
            lambda: conv1x1(np.ones((1, 2, 3, 3)), np.ones((4, 3))),
            ValueError,
            ["2 channels", "(4, 3)", "mixes 3"],
        ),
        (
            lambda: conv1x1(np.ones((1, 3, 3, 3)), np.ones((4, 3)), np.ones(3)),
            ValueError,
            ["(3,)", "4 channels"],
        ),
        (lambda: conv1x1([1], np.ones((4, 3))), TypeError, ["x is a list"]),
        (lambda: conv1x1_backward(np.ones((1, 1, 1, 1)), ()), TypeError, ["cache is a tuple"]),
        (
            lambda: conv1x1_backward(
                np.ones((1, 1, 1, 1)), conv1x1_forward(np.ones((1, 3, 2, 2)), np.ones((1, 3)))[1]
            ),
            ValueError,
            ["(1, 1, 1, 1)", "(1, 1, 2, 2)"],
        ),
    ],
)
def test_what_does_not_fit_is_named(call, kind, parts):
    with pytest.raises(kind) as error:
        call()
    for part in parts:
        assert part in str(error.value)
