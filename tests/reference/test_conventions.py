"""The three formulas for filtering an image: term by term, against conv2d, and against each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refusals import computed_or_refused
from scipy import signal
from test_bad_input import ARRAYS, array, assert_refused, fuzz

from coursekit.reference.conventions import filter_centered, filter_preceding, filter_succeeding
from coursekit.reference.convolution2d import conv2d

FILTERS = {
    "preceding": filter_preceding,
    "succeeding": filter_succeeding,
    "centered": filter_centered,
}


@st.composite
def images(draw, least=1):
    """Draw an image and a kernel, read-only, the image in any order of memory; whole numbers inside."""
    H, W, m, n = (
        draw(st.integers(low, high), label=name)
        for name, low, high in (("H", least, 7), ("W", least, 7), ("m", 1, 9), ("n", 1, 9))
    )
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1), label="seed"))
    dtype = draw(st.sampled_from([np.float32, np.float64, np.int16]), label="dtype")
    # whole numbers: every order of summation gives the same, to the last bit
    image, kernel = (rng.integers(-9, 10, size).astype(dtype) for size in ((H, W), (m, n)))
    layout = draw(st.sampled_from(["plain", "Fortran", "every other", "reversed"]), label="layout")
    if layout == "Fortran":
        image, kernel = np.asfortranarray(image), np.asfortranarray(kernel)
    if layout == "every other":
        image = np.repeat(image, 2, axis=0)[::2]
    if layout == "reversed":
        image = np.ascontiguousarray(image[:, ::-1])[:, ::-1]
    image.flags.writeable = kernel.flags.writeable = False
    return image, kernel


def by_formula(image, kernel, rows, columns, sign):
    """The double sum of the slides, where a and b run over the given ranges from kernel entry (0, 0) on."""
    H, W = image.shape
    S = np.zeros((H, W))
    for i, j in np.ndindex(H, W):
        for p, a in enumerate(rows):
            for q, b in enumerate(columns):
                r, s = i + sign * a, j + sign * b
                if 0 <= r < H and 0 <= s < W:
                    S[i, j] += image[r, s] * kernel[p, q]
    return S


@given(images(least=0))
def test_each_filter_is_its_double_sum(problem):
    image, kernel = problem
    m, n = kernel.shape
    from_the_corner = range(m), range(n)
    around_the_middle = (
        range(-(m // 2), m - m // 2),
        range(-(n // 2), n - n // 2),
    )
    expected = {
        "preceding": by_formula(image, kernel, *from_the_corner, sign=-1),
        "succeeding": by_formula(image, kernel, *from_the_corner, sign=1),
        "centered": by_formula(image, kernel, *around_the_middle, sign=-1),
    }
    for name, function in FILTERS.items():
        S = function(image, kernel)
        assert np.array_equal(S, expected[name])
        assert S.dtype == (np.float32 if image.dtype == np.float32 else np.float64)
        assert S.flags.writeable


@given(images())
def test_succeeding_is_what_deep_learning_calls_convolution(problem):
    image, kernel = problem
    (H, W), (m, n) = image.shape, kernel.shape
    S = filter_succeeding(image, kernel)
    if m <= H and n <= W:
        y = conv2d(image[None, None], kernel[None, None])[0, 0]
        assert np.array_equal(S[: H - m + 1, : W - n + 1], y)
    # with the zeros that the image has below and to the right
    padded = np.pad(image, ((0, m - 1), (0, n - 1)))
    assert np.array_equal(S, conv2d(padded[None, None], kernel[None, None])[0, 0])


@given(images())
def test_preceding_is_convolution_in_the_sense_of_mathematics(problem):
    image, kernel = (a.astype(float) for a in problem)
    full = signal.convolve2d(image, kernel, mode="full")
    assert np.array_equal(filter_preceding(image, kernel), full[: image.shape[0], : image.shape[1]])
    # which does not care who is the image, and who the kernel
    padded = np.pad(image, [(0, k - 1) for k in kernel.shape])
    as_image = np.pad(kernel, [(0, k - 1) for k in image.shape])
    assert np.array_equal(filter_preceding(padded, kernel), filter_preceding(as_image, image))


@given(images())
def test_the_three_are_one_moved_and_turned(problem):
    image, kernel = problem
    (H, W), (m, n) = image.shape, kernel.shape
    # zeros below and to the right give the preceding result room to be moved
    preceding = filter_preceding(np.pad(image, ((0, m), (0, n))), kernel)
    centered = preceding[m // 2 :, n // 2 :][:H, :W]
    assert np.array_equal(filter_centered(image, kernel), centered)
    turned = kernel[::-1, ::-1]
    preceding = filter_preceding(np.pad(image, ((0, m), (0, n))), turned)
    succeeding = preceding[m - 1 :, n - 1 :][:H, :W]
    assert np.array_equal(filter_succeeding(image, kernel), succeeding)


def test_with_a_kernel_that_looks_the_same_turned_only_the_place_differs():
    image = np.arange(20.0).reshape(4, 5)
    blur = np.ones((3, 3))
    centered = filter_centered(image, blur)
    assert np.array_equal(filter_preceding(image, blur)[2:, 2:], centered[1:-1, 1:-1])
    assert np.array_equal(filter_succeeding(image, blur)[:-2, :-2], centered[1:-1, 1:-1])


def test_a_single_bright_pixel_shows_which_way_each_looks():
    image, kernel = np.zeros((5, 5)), np.arange(1.0, 10).reshape(3, 3)
    image[2, 2] = 1
    expected = np.zeros((3, 5, 5))
    expected[0, 2:, 2:] = kernel  # the pixels after it see it among their preceding neighbors
    expected[1, :3, :3] = kernel[::-1, ::-1]
    expected[2, 1:4, 1:4] = kernel
    for S, function in zip(expected, FILTERS.values(), strict=True):
        assert np.array_equal(function(image, kernel), S)


def test_the_toy_example_of_the_lecture_letter_by_letter():
    # CS7015 lecture 11, slide 10: a sum of products is known by which letters it multiplies
    image, kernel = ["abcd", "efgh", "ijkl"], ["wx", "yz"]
    output = [
        ["aw+bx+ey+fz", "bw+cx+fy+gz", "cw+dx+gy+hz"],
        ["ew+fx+iy+jz", "fw+gx+jy+kz", "gw+hx+ky+lz"],
    ]
    terms = np.full((3, 4), "", dtype=object)
    for i, j in np.ndindex(3, 4):
        one_pixel = np.zeros((3, 4))
        one_pixel[i, j] = 1
        for a, b in np.ndindex(2, 2):
            one_tap = np.zeros((2, 2))
            one_tap[a, b] = 1
            # the coefficient of this product in every entry of the output
            for place in zip(*np.nonzero(filter_succeeding(one_pixel, one_tap)), strict=True):
                terms[place] += "+" + image[i][j] + kernel[a][b]
    for (i, j), sum_of_products in np.ndenumerate(np.array(output)):
        assert sorted(terms[i, j][1:].split("+")) == sorted(sum_of_products.split("+"))


def test_a_result_is_the_callers_own():
    image, kernel = np.ones((3, 3)), np.ones((1, 1))
    for function in FILTERS.values():
        S = function(image, kernel)
        S[...] = 7
        assert np.all(image == 1)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("function", FILTERS.values(), ids=FILTERS)
@pytest.mark.parametrize("case", ARRAYS.values(), ids=ARRAYS)
def test_arrays_that_are_none(function, case):
    bad, kind, *parts = case
    assert_refused(lambda: function(bad, np.ones((2, 2))), kind, "image ", *parts)
    assert_refused(lambda: function(np.ones((2, 2)), bad), kind, "kernel ", *parts)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("function", FILTERS.values(), ids=FILTERS)
@pytest.mark.parametrize("shape", [(), (3,), (1, 3, 3), (2, 3, 4, 4)])
def test_arrays_of_another_number_of_axes(function, shape):
    good, bad = np.ones((2, 2)), np.ones(shape)
    assert_refused(
        lambda: function(bad, good),
        ValueError,
        f"image has shape {shape}, expected (H, W): one channel",
    )
    assert_refused(
        lambda: function(good, bad),
        ValueError,
        f"kernel has shape {shape}, expected (m, n), each size at least 1",
    )


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("function", FILTERS.values(), ids=FILTERS)
def test_a_kernel_without_entries(function):
    assert_refused(
        lambda: function(np.ones((2, 2)), np.ones((2, 0))),
        ValueError,
        "kernel has shape (2, 0), expected (m, n), each size at least 1",
    )


@pytest.mark.usefixtures("unchecked_shapes")
@fuzz
@given(array, array)
def test_anything_is_filtered_or_refused(image, kernel):
    for function in FILTERS.values():
        S = computed_or_refused(lambda f=function: f(image, kernel))
        assert S is None or S.shape == image.shape


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("kinds", [(np.float32, np.float64), (np.float64, np.float32)])
def test_float64_in_either_gives_float64(name, kinds):
    rng = np.random.default_rng(0)
    image, kernel = (
        rng.normal(size=(4, 5)).astype(kinds[0]),
        rng.normal(size=(3, 2)).astype(kinds[1]),
    )
    S = FILTERS[name](image, kernel)
    exact = FILTERS[name](image.astype(np.float64), kernel.astype(np.float64))
    assert S.dtype == np.float64
    assert np.allclose(S, exact, rtol=1e-14, atol=1e-15)
