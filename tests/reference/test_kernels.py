"""Kernels made by hand: their numbers, and what they answer to."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refusals import computed_or_refused
from scipy import ndimage
from test_bad_input import assert_refused, fuzz, step

from coursekit.reference.conventions import filter_centered
from coursekit.reference.convolution2d import conv2d
from coursekit.reference.kernels import (
    box,
    derivative,
    gabor,
    gaussian,
    laplacian,
    sharpen,
    sobel,
)

sides = st.integers(1, 12)
lengths = st.floats(0.3, 9)
angles = st.floats(-7, 7)

y, x = np.mgrid[:9.0, :11.0]


def answer(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    return conv2d(image[None, None], kernel[None, None])[0, 0]


def test_the_lectures_kernels():
    # CS7015 lecture 11, slides 13 to 15
    assert np.array_equal(box(3), np.full((3, 3), 1 / 9))
    assert np.array_equal(sharpen(), [[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
    assert np.array_equal(laplacian(8), [[1, 1, 1], [1, -8, 1], [1, 1, 1]])


def test_the_other_kernels_of_whole_numbers():
    assert np.array_equal(laplacian(), [[0, 1, 0], [1, -4, 1], [0, 1, 0]])
    assert np.array_equal(laplacian(4), laplacian())
    assert np.array_equal(sobel("x"), [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    assert np.array_equal(sobel("y"), [[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
    assert np.array_equal(derivative("x"), [[-0.5, 0, 0.5]])
    assert np.array_equal(derivative("y"), [[-0.5], [0], [0.5]])
    assert np.array_equal(sharpen(2), [[0, -2, 0], [-2, 9, -2], [0, -2, 0]])
    assert np.array_equal(sharpen(0), [[0, 0, 0], [0, 1, 0], [0, 0, 0]])


def test_every_kernel_is_float64_in_c_order_and_the_callers_own():
    for make in (
        lambda: box(3),
        lambda: gaussian((3, 4), 1),
        lambda: gabor(3, sigma=1, wavelength=4),
        sharpen,
        laplacian,
        lambda: sobel("x"),
        lambda: sobel("y"),
        lambda: derivative("x"),
        lambda: derivative("y"),
    ):
        kernel = make()
        before = kernel.copy()
        assert kernel.dtype == np.float64
        assert kernel.flags.c_contiguous
        kernel[...] = 7
        assert np.array_equal(make(), before)


@given(sides, sides)
def test_box_is_the_mean_of_its_window(F_h, F_w):
    image = np.random.default_rng(0).normal(size=(F_h, F_w))
    assert answer(image, box((F_h, F_w))) == pytest.approx(image.mean())
    assert np.array_equal(box(F_h), box((F_h, F_h)))


@given(sides, sides, lengths)
def test_gaussian_is_its_formula(F_h, F_w, sigma):
    kernel = gaussian((F_h, F_w), sigma)
    expected = np.zeros((F_h, F_w))
    for i, j in np.ndindex(F_h, F_w):
        square = (i - (F_h - 1) / 2) ** 2 + (j - (F_w - 1) / 2) ** 2
        expected[i, j] = math.exp(-square / (2 * sigma**2))
    assert np.allclose(kernel, expected / expected.sum(), rtol=1e-12)
    assert kernel.sum() == pytest.approx(1)


def test_gaussian_is_scipys():
    image = np.zeros((21, 21))
    image[10, 10] = 1
    expected = ndimage.gaussian_filter(image, 1.5, truncate=4, mode="constant")
    kernel = gaussian(13, 1.5)  # scipy reads 4 sigma to each side
    assert np.allclose(expected[4:17, 4:17], kernel, atol=1e-15)


def test_sigma_is_the_standard_deviation_in_pixels():
    kernel = gaussian(101, 3)
    across = np.arange(101) - 50
    assert np.sum(kernel * across**2) == pytest.approx(9)
    assert np.sum(kernel * across[:, None] ** 2) == pytest.approx(9)


def test_a_narrow_gaussian_is_the_nearest_pixels():
    assert np.array_equal(gaussian(3, 0.01), sharpen(0))
    assert np.array_equal(gaussian(4, 0.01)[1:3, 1:3], box(2))
    assert np.array_equal(gaussian((1, 2), 0.02), [[0.5, 0.5]])


@given(sides, sides, lengths, lengths, angles, angles, st.floats(0.1, 3))
def test_gabor_is_its_formula(F_h, F_w, sigma, wavelength, angle, phase, aspect):
    kernel = gabor(
        (F_h, F_w), sigma=sigma, wavelength=wavelength, angle=angle, phase=phase, aspect=aspect
    )
    assert kernel.shape == (F_h, F_w)
    for i, j in np.ndindex(F_h, F_w):
        v, u = i - (F_h - 1) / 2, j - (F_w - 1) / 2
        along = u * math.cos(angle) + v * math.sin(angle)
        across = v * math.cos(angle) - u * math.sin(angle)
        bell = math.exp(-(along**2 + aspect**2 * across**2) / (2 * sigma**2))
        wave = math.cos(2 * math.pi * along / wavelength + phase)
        assert kernel[i, j] == pytest.approx(bell * wave, rel=1e-9, abs=1e-12)


def test_gabors_defaults():
    plain = gabor(9, sigma=2, wavelength=4)
    assert np.array_equal(plain, gabor(9, sigma=2, wavelength=4, angle=0, phase=0, aspect=1))
    assert plain[4, 4] == 1
    # upright stripes: along a column only the bell changes, so no sign does
    assert np.all(np.sign(plain) == np.sign(plain[4]))
    edge = gabor(9, sigma=2, wavelength=4, phase=np.pi / 2)
    assert edge.sum() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("degrees", [0, 30, 45, 90, 135])
def test_gabor_answers_most_to_the_stripes_that_it_looks_like(degrees):
    theta = np.radians(degrees)
    v, u = np.mgrid[-15:16.0, -15:16.0]
    answers = {}
    for other in (0, 30, 45, 90, 135):
        angle = np.radians(other)
        stripes = np.cos(2 * np.pi * (u * np.cos(angle) + v * np.sin(angle)) / 6)
        kernel = gabor(31, sigma=4, wavelength=6, angle=theta)
        answers[other] = abs(answer(stripes, kernel)[0, 0])
    assert max(answers, key=answers.get) == degrees


@pytest.mark.parametrize("kernel", [sobel("x") / 8, derivative("x")])
def test_slopes_are_per_pixel_to_the_right_and_downward(kernel):
    image = 3 * x - 2 * y + 5
    assert np.allclose(answer(image, kernel), 3)
    assert np.allclose(answer(image, kernel.T), -2)


def test_along_y_is_along_x_turned():
    assert np.array_equal(sobel("y"), sobel("x").T)
    assert np.array_equal(derivative("y"), derivative("x").T)


def test_laplacian_is_the_sum_of_the_second_derivatives():
    image = 3 * x**2 + 2 * y**2 + x * y - 4 * x + 1  # second derivatives 6 and 4
    assert np.allclose(answer(image, laplacian(4)), 10)
    assert np.allclose(answer(image, laplacian(8)), 30)


def test_sharpening_adds_the_edges_and_keeps_the_brightness():
    image = np.random.default_rng(0).normal(size=(6, 7))
    edges = filter_centered(image, laplacian())
    for amount in (0, 0.5, 3):
        assert np.allclose(filter_centered(image, sharpen(amount)), image - amount * edges)
        assert sharpen(amount).sum() == pytest.approx(1)


WAVE = {"sigma": 1, "wavelength": 2}
REFUSED = {
    "size 0": (lambda: box(0), ValueError, "size is 0, expected a whole number of at least 1"),
    "size 3.0": (lambda: box(3.0), TypeError, "size is 3.0, expected a whole number of at least 1"),
    "3 sizes": (lambda: gaussian((3, 3, 3), 1), ValueError, "size is (3, 3, 3), expected one whole"),
    "width": (lambda: gabor((3, -1), **WAVE), ValueError, "size[1] is -1, expected a whole number"),
    "too large": (lambda: box(1001), ValueError, "size is 1001, expected at most 1000 pixels a side"),
    "too wide": (lambda: gaussian((3, 1001), 1), ValueError, "size is (3, 1001), expected at most"),
    "too high": (lambda: gabor((1001, 1), **WAVE), ValueError, "size is (1001, 1), expected at most"),
    "sigma 0": (lambda: gaussian(3, 0), ValueError, "sigma is 0", "at least 0.01"),
    "sigma -1": (lambda: gaussian(3, -1.0), ValueError, "sigma is -1.0, expected", "at least 0.01"),
    "sigma nan": (lambda: gaussian(3, math.nan), ValueError, "sigma is nan, expected", "0.01"),
    "sigma None": (lambda: gaussian(3, None), TypeError, "sigma is None, expected", "at least 0.01"),
    "gabor's sigma": (
        lambda: gabor(3, sigma=0.0, wavelength=2), ValueError, "sigma is 0.0", "at least 0.01"),
    "wavelength": (
        lambda: gabor(3, sigma=1, wavelength=0), ValueError, "wavelength is 0", "at least 0.01"),
    "aspect": (lambda: gabor(3, **WAVE, aspect=0), ValueError, "aspect is 0", "at least 0.01"),
    "angle": (lambda: gabor(3, **WAVE, angle=math.inf), ValueError, "angle is inf", "finite number"),
    "phase": (lambda: gabor(3, **WAVE, phase="0"), TypeError, "phase is '0'", "finite number"),
    "amount": (lambda: sharpen(-0.5), ValueError, "amount is -0.5, expected", "at least 0"),
    "an array": (lambda: sharpen(np.ones(2)), TypeError, "amount is ", "finite number"),
    "5": (lambda: laplacian(5), ValueError, "neighbors is 5, expected 4 or 8"),
    "4.0": (lambda: laplacian(4.0), TypeError, "neighbors is 4.0, expected a whole number"),
    "sobel": (lambda: sobel("z"), ValueError, "axis is 'z', expected 'x' or 'y'"),
    "axis 0": (lambda: derivative(0), ValueError, "axis is 0, expected 'x' or 'y'"),
    "axis ''": (lambda: derivative(""), ValueError, "axis is '', expected 'x' or 'y'"),
    "axes": (lambda: sobel(["x"]), ValueError, "axis is ['x'], expected 'x' or 'y'"),
}  # fmt: skip


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_makes_no_kernel_is_named_with_its_numbers(case):
    call, kind, *parts = case
    assert_refused(call, kind, *parts)


def test_the_largest_kernel():
    assert box((1000, 1)).shape == (1000, 1)
    assert box((1, 1000)).shape == (1, 1000)


anything = st.one_of(step, st.floats(), st.sampled_from(["x", "y", "", ()]))


@pytest.mark.usefixtures("unchecked_shapes")
@fuzz
@given(st.one_of(st.integers(1, 5), anything), *[anything] * 5)
def test_anything_makes_a_finite_kernel_or_is_refused(
    size, sigma, wavelength, angle, phase, aspect
):
    wave = {"wavelength": wavelength, "angle": angle, "phase": phase, "aspect": aspect}
    for call in (
        lambda: box(size),
        lambda: gaussian(size, sigma),
        lambda: gabor(size, sigma=sigma, **wave),
        lambda: gabor(size, **WAVE, angle=angle, phase=phase),
        lambda: sharpen(sigma),
        lambda: laplacian(sigma),
        lambda: sobel(sigma),
        lambda: derivative(sigma),
    ):
        kernel = computed_or_refused(call)
        assert kernel is None or np.isfinite(kernel).all()
