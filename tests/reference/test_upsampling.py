"""Upsampling against torch, the transposed convolution and its own formulas, and what it refuses."""

from functools import partial

import numpy as np
import pytest
import torch
from contract import Boastful
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from refusals import computed_or_refused
from resampling import Resampling, check, check_dtypes, images
from test_bad_input import ARRAYS, array, assert_refused, step
from torch.nn import functional

from coursekit.reference import gradcheck
from coursekit.reference.layout import batch_last, is_batch_last
from coursekit.reference.pooling import average_pool2d
from coursekit.reference.upsampling import (
    bilinear_kernel,
    upsample_bilinear,
    upsample_bilinear_backward,
    upsample_bilinear_forward,
    upsample_nearest,
    upsample_nearest_backward,
    upsample_nearest_forward,
)


def nearest_twin(x, scale):
    return functional.interpolate(x, scale_factor=scale, mode="nearest")


def bilinear_twin(x, scale, align_corners):
    return functional.interpolate(
        x, scale_factor=scale, mode="bilinear", align_corners=align_corners
    )


NEAREST = Resampling(
    upsample_nearest, upsample_nearest_forward, upsample_nearest_backward, nearest_twin
)
BILINEAR = Resampling(
    upsample_bilinear, upsample_bilinear_forward, upsample_bilinear_backward, bilinear_twin
)
ALL = pytest.mark.parametrize(
    ("upsample", "options"),
    [
        (NEAREST, {}),
        (BILINEAR, {"align_corners": False}),
        (BILINEAR, {"align_corners": True}),
    ],
    ids=["nearest", "bilinear", "align_corners"],
)
some_images = st.tuples(st.integers(1, 6), st.integers(1, 6)).flatmap(images)
scales = st.one_of(st.integers(1, 5), st.tuples(st.integers(1, 5), st.integers(1, 5)))


# ---- the values and the gradients


@given(some_images, scales)
def test_nearest_is_torchs(x, scale):
    check(NEAREST, x, scale=scale)
    s_h, s_w = scale if isinstance(scale, tuple) else (scale, scale)
    assert np.array_equal(upsample_nearest(x, scale), np.kron(x, np.ones((s_h, s_w))))


@given(some_images, scales, st.booleans())
def test_bilinear_is_torchs(x, scale, align_corners):
    check(BILINEAR, x, scale=scale, align_corners=align_corners)


@settings(max_examples=100)
@given(some_images, scales)
def test_pooling_takes_nearest_back(x, scale):
    assert np.allclose(average_pool2d(upsample_nearest(x, scale), scale), x, rtol=1e-6)


@pytest.mark.parametrize(
    ("align_corners", "expected"),
    [
        (False, [[0, 2, 6, 8], [1, 3, 7, 9], [3, 5, 9, 11], [4, 6, 10, 12]]),
        (
            True,
            [
                [0, 8 / 3, 16 / 3, 8],
                [4 / 3, 4, 20 / 3, 28 / 3],
                [8 / 3, 16 / 3, 8, 32 / 3],
                [4, 20 / 3, 28 / 3, 12],
            ],
        ),
    ],
)
def test_both_conventions_by_hand(align_corners, expected):
    x = np.array([[0.0, 8], [4, 12]])[None, None]
    assert np.allclose(
        upsample_bilinear(x, scale=2, align_corners=align_corners)[0, 0], expected, rtol=1e-15
    )


def test_nearest_by_hand():
    y = upsample_nearest(np.array([[1, 2], [3, 4]])[None, None], (1, 3))
    assert np.array_equal(y[0, 0], [[1, 1, 1, 2, 2, 2], [3, 3, 3, 4, 4, 4]])


@settings(max_examples=100)
@given(st.integers(2, 40), st.integers(1, 20), st.integers(1, 20))
def test_with_align_corners_the_outermost_pixels_stay_exactly(W, s_h, s_w):
    x = np.random.default_rng(W).standard_normal((1, 1, 2, W))
    y = upsample_bilinear(x, scale=(s_h, s_w), align_corners=True)
    corners = np.ix_([0], [0], [0, -1], [0, -1])
    assert np.array_equal(y[corners], x[corners])


@ALL
def test_a_flat_image_stays_flat(upsample, options):
    y = upsample.op(np.full((1, 1, 5, 7), 3.0), scale=3, **options)
    assert np.allclose(y, 3, rtol=1e-15, atol=0)


@ALL
def test_a_scale_of_one_changes_nothing(upsample, options):
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    y, cache = upsample.forward(x, scale=1, **options)
    assert np.array_equal(y, x)
    assert np.array_equal(upsample.backward(x, cache), x)


@ALL
@pytest.mark.parametrize("shape", [(2, 1, 3, 4), (1, 2, 1, 2), (1, 1, 4, 1)])
@pytest.mark.parametrize("scale", [2, (3, 1), (1, 4)])
def test_gradcheck_agrees(upsample, options, shape, scale):
    x = np.random.default_rng(0).standard_normal(shape)
    assert gradcheck(upsample.forward, upsample.backward, x, scale=scale, **options)


# ---- the kernel of a transposed convolution


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        (1, [1]),
        (2, [1 / 4, 3 / 4, 3 / 4, 1 / 4]),
        (3, [1 / 3, 2 / 3, 1, 2 / 3, 1 / 3]),
        (4, [1 / 8, 3 / 8, 5 / 8, 7 / 8, 7 / 8, 5 / 8, 3 / 8, 1 / 8]),
    ],
)
def test_the_bilinear_kernel_is_a_tent_along_each_axis(scale, expected):
    w = bilinear_kernel(scale)
    assert w.dtype == np.float64
    assert np.allclose(w, np.outer(expected, expected), rtol=1e-15)
    assert np.isclose(w.sum(), scale**2)


@pytest.mark.parametrize("s_h", [1, 2, 3, 4, 5, 8])
@pytest.mark.parametrize("s_w", [1, 2, 3, 4, 5, 8])
def test_a_transposed_convolution_with_it_interpolates(s_h, s_w):
    w = bilinear_kernel((s_h, s_w))
    padding = tuple((F - s) // 2 for F, s in zip(w.shape, (s_h, s_w), strict=True))
    x = np.random.default_rng(0).standard_normal((2, 3, 6, 5))
    y = functional.conv_transpose2d(
        torch.tensor(x),
        torch.tensor(w).expand(3, 1, *w.shape),
        stride=(s_h, s_w),
        padding=padding,
        groups=3,
    ).numpy()
    expected = upsample_bilinear(x, scale=(s_h, s_w), align_corners=False)
    assert y.shape == expected.shape
    inside = np.s_[:, :, s_h : -s_h or None, s_w : -s_w or None]
    assert np.allclose(y[inside], expected[inside], rtol=1e-10, atol=1e-12)


# ---- sizes, memory and numbers at their limits


@ALL
@pytest.mark.parametrize("shape", [(0, 2, 3, 4), (3, 0, 3, 4), (0, 0, 3, 4)])
def test_no_images_and_no_channels(upsample, options, shape):
    y, cache = upsample.forward(np.zeros(shape, np.float32), scale=2, **options)
    assert y.shape == (*shape[:2], 6, 8)
    dx = upsample.backward(y, cache)
    assert dx.shape == shape
    assert dx.dtype == y.dtype == np.float32


@ALL
def test_not_a_number_spreads_only_to_its_neighbors(upsample, options):
    x = np.zeros((1, 1, 5, 5))
    x[0, 0, 2, 2] = np.nan
    y, cache = upsample.forward(x, scale=2, **options)
    assert not np.isnan(y[0, 0, [0, 1, -2, -1]]).any()
    assert np.isnan(y[0, 0, 4:6, 4:6]).all()
    dy = np.zeros((1, 1, 10, 10))
    dy[0, 0, 4, 4] = np.nan
    dx = upsample.backward(dy, cache)
    assert not np.isnan(dx[0, 0, [0, -1]]).any()
    assert np.isnan(dx[0, 0, 2, 2])


@ALL
def test_dtypes(upsample, options):
    check_dtypes(upsample, scale=2, **options)


@ALL
def test_a_subclass_of_array_is_computed_with_as_a_plain_array(upsample, options):
    for x in (np.arange(32.0).reshape(1, 2, 4, 4), batch_last(np.ones((3, 2, 4, 4)))):
        y, cache = upsample.forward(x.view(Boastful), scale=2, **options)
        dx = upsample.backward(y.view(Boastful), cache)
        expected, cache = upsample.forward(x, scale=2, **options)
        assert type(y) is type(dx) is np.ndarray
        assert np.array_equal(y, expected)
        assert np.array_equal(dx, upsample.backward(expected, cache))


@ALL
def test_the_gradient_lies_in_memory_as_x_did_and_not_as_dy(upsample, options):
    x, dy = np.ones((3, 2, 4, 4)), np.ones((3, 2, 8, 8))
    last = upsample.forward(batch_last(x), scale=2, **options)[1]
    assert is_batch_last(upsample.backward(dy, last))
    first = upsample.forward(x, scale=2, **options)[1]
    assert upsample.backward(batch_last(dy), first).flags.c_contiguous


@pytest.mark.parametrize("yes", [True, np.True_])
def test_numpys_answers_and_numbers_are_fine_too(yes, unchecked_shapes):
    x = np.random.default_rng(0).standard_normal((1, 1, 3, 4))
    y, cache = upsample_bilinear_forward(x, scale=[np.uint8(2), np.array(3)], align_corners=yes)
    assert np.array_equal(y, upsample_bilinear(x, scale=(2, 3), align_corners=True))
    assert cache.align_corners is True
    assert np.array_equal(upsample_nearest(x, np.int64(2)), upsample_nearest(x, 2))
    assert np.array_equal(bilinear_kernel(np.int64(2)), bilinear_kernel(2))


# ---- what does not fit

unchecked = pytest.mark.usefixtures("unchecked_shapes")
IMAGE = np.arange(20.0).reshape(1, 1, 4, 5)
WITH_SCALE = {
    "nearest": lambda scale: upsample_nearest(IMAGE, scale),
    "nearest forward": lambda scale: upsample_nearest_forward(IMAGE, scale),
    "bilinear": lambda scale: upsample_bilinear(IMAGE, scale=scale, align_corners=False),
    "bilinear forward": lambda scale: upsample_bilinear_forward(
        IMAGE, scale=scale, align_corners=False
    ),
    "kernel": bilinear_kernel,
}


@unchecked
@pytest.mark.parametrize("function", WITH_SCALE.values(), ids=WITH_SCALE)
@pytest.mark.parametrize(
    ("scale", "kind", "message"),
    [
        (0, ValueError, "scale is 0, expected a whole number of at least 1"),
        (-1, ValueError, "scale is -1, expected a whole number of at least 1"),
        (0.5, TypeError, "scale is 0.5, expected a whole number of at least 1"),
        (2.0, TypeError, "scale is 2.0, expected a whole number of at least 1"),
        (True, TypeError, "scale is True, expected a whole number of at least 1"),
        (None, TypeError, "scale is None, expected a whole number of at least 1"),
        ("2", TypeError, "scale is '2', expected a whole number of at least 1"),
        ((2, 0), ValueError, "scale[1] is 0, expected a whole number of at least 1"),
        ((1.5, 2), TypeError, "scale[0] is 1.5, expected a whole number of at least 1"),
        ((2,), ValueError, "scale is (2,), expected one whole number, or two"),
        ((2, 2, 2), ValueError, "scale is (2, 2, 2), expected one whole number, or two"),
        (np.array([2, 2]), TypeError, "scale is array([2, 2]), expected a whole number"),
        (2**31, ValueError, "scale is 2147483648, expected a whole number of at most 2147483647"),
    ],
)
def test_scales_that_are_none(function, scale, kind, message):
    assert_refused(lambda: function(scale), kind, message)


@unchecked
@pytest.mark.parametrize("value", [None, 0, 1, "False", np.array(True), np.array([True])])
def test_align_corners_is_a_decision(value):
    for function in (upsample_bilinear, upsample_bilinear_forward):
        assert_refused(
            partial(function, IMAGE, scale=2, align_corners=value),
            TypeError,
            f"align_corners is {value!r}, expected True or False",
        )


@unchecked
@pytest.mark.parametrize(
    "function",
    [
        partial(upsample_nearest, scale=2),
        partial(upsample_nearest_forward, scale=2),
        partial(upsample_bilinear, scale=2, align_corners=False),
        partial(upsample_bilinear_forward, scale=2, align_corners=True),
    ],
)
def test_images_that_are_none(function):
    for x, kind, *parts in ARRAYS.values():
        assert_refused(partial(function, x), kind, "x ", *parts)
    for shape in [(), (4,), (4, 5), (1, 4, 5), (1, 1, 1, 4, 5)]:
        message = f"x has shape {shape}, expected (N, C, H, W)"
        assert_refused(partial(function, np.ones(shape)), ValueError, message)
    for shape in [(1, 1, 0, 5), (1, 1, 5, 0), (0, 0, 0, 0)]:
        message = f"x has shape {shape}, expected at least 1 row and 1 column"
        assert_refused(partial(function, np.ones(shape)), ValueError, message)


@unchecked
@ALL
def test_gradients_and_caches_that_are_none(upsample, options):
    y, cache = upsample.forward(IMAGE, scale=(2, 3), **options)
    for dy, kind, *parts in ARRAYS.values():
        assert_refused(partial(upsample.backward, dy, cache), kind, "dy ", *parts)
    for shape in [(), (1,), (1, 1, 4, 5), (1, 1, 1, 1), (1, 1, 12, 10), (2, 1, 8, 15), (8, 15)]:
        assert_refused(
            partial(upsample.backward, np.ones(shape), cache),
            ValueError,
            f"dy has shape {shape}, expected the output's shape (1, 1, 8, 15)",
        )
    other = upsample_nearest_forward if upsample is BILINEAR else upsample_bilinear_forward
    wrong_options = {} if upsample is BILINEAR else {"align_corners": False}
    for wrong in (None, (), IMAGE, tuple(cache), other(IMAGE, scale=2, **wrong_options)[1]):
        assert_refused(
            partial(upsample.backward, y, wrong),
            TypeError,
            f"cache is a {type(wrong).__name__}, expected the {type(cache).__name__} that "
            f"{upsample.forward.__name__} returns",
        )


small_step = step.filter(lambda value: not (isinstance(value, int) and value > 9))
anything = st.one_of(small_step, st.tuples(small_step, small_step), st.integers(1, 3))


@unchecked
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(array, st.integers(1, 4).map(lambda side: np.ones((1, 2, side, side + 1)))),
    anything,
    st.one_of(st.booleans(), step),
)
def test_anything_is_computed_or_refused(x, scale, align_corners):
    for upsample, options in [(NEAREST, {}), (BILINEAR, {"align_corners": align_corners})]:
        result = computed_or_refused(partial(upsample.forward, x, scale=scale, **options))
        if result is not None:
            assert upsample.backward(*result).shape == x.shape
    computed_or_refused(partial(bilinear_kernel, scale))
