"""Dropout: the expectation over all masks exactly, torch's formula, and one seed for every layout."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from contract import (
    LAYOUTS,
    Boastful,
    arrays,
    check_dtypes,
    check_order,
    check_ownership,
    laid_out,
    shapes,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from problems import assert_close
from refusals import computed_or_refused
from test_bad_input import ARRAYS, array, assert_refused, is_numbers

from coursekit.reference.dropout import (
    dropout,
    dropout_backward,
    dropout_forward,
    dropout_weight_scaling,
    dropout_weight_scaling_backward,
    dropout_weight_scaling_forward,
    spatial_dropout2d,
    spatial_dropout2d_backward,
    spatial_dropout2d_forward,
)
from coursekit.reference.gradcheck import gradcheck

INVERTED = (dropout, dropout_forward, dropout_backward)
WEIGHTS = (
    dropout_weight_scaling,
    dropout_weight_scaling_forward,
    dropout_weight_scaling_backward,
)
SPATIAL = (spatial_dropout2d, spatial_dropout2d_forward, spatial_dropout2d_backward)
KINDS = {"dropout": INVERTED, "dropout_weight_scaling": WEIGHTS, "spatial_dropout2d": SPATIAL}
every = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)

RATES = [0, 0.1, 0.5, 0.75, np.float32(0.25), np.array(0.5), Fraction(1, 3)]


class Dictated(np.random.Generator):
    """A random generator that is told what to draw."""

    def __init__(self, numbers):
        super().__init__(np.random.PCG64(0))
        self.numbers = np.asarray(numbers, float)

    def random(self, size):
        assert math.prod(size) == self.numbers.size
        return self.numbers.reshape(size)


def all_masks(count, rate):
    """Yield every mask of so many entries: random numbers that lead to it, and its probability."""
    just_below = np.nextafter(rate, 0)
    for mask in itertools.product([False, True], repeat=count):
        numbers = [rate if kept else just_below for kept in mask]
        yield np.array(mask), Dictated(numbers), math.prod(1 - rate if m else rate for m in mask)


@pytest.mark.parametrize("rate", [0.5, 0.25, 0.1, 0.9])
@pytest.mark.parametrize("training_kind", [INVERTED, WEIGHTS], ids=["inverted", "weight scaling"])
def test_expectation_and_variance_over_all_masks(training_kind, rate):
    x = np.array([[1.0, -2], [0.5, 8]])
    scale = 1 / (1 - rate) if training_kind is INVERTED else 1.0
    mean, square, total = np.zeros_like(x), np.zeros_like(x), 0.0
    for mask, rng, probability in all_masks(4, rate):
        y, cache = training_kind[1](x, rate, rng)
        assert np.allclose(y, x * mask.reshape(2, 2) * scale, rtol=1e-15)
        assert np.array_equal(training_kind[2](x, cache), y)  # the same numbers, backward
        mean += probability * y
        square += probability * y**2
        total += probability
    assert math.isclose(total, 1)
    # testing computes the expectation of training, whichever of the two is scaled
    assert np.allclose(mean, training_kind[0](x, rate, training=False), rtol=1e-14)
    assert np.allclose(mean, x * (1 - rate) * scale, rtol=1e-14)
    # Var[m] = rate (1 − rate)
    assert np.allclose(square - mean**2, (scale * x) ** 2 * rate * (1 - rate), rtol=1e-12)


def test_spatial_expectation_and_variance_over_all_masks():
    x, rate = np.arange(1.0, 25).reshape(2, 2, 3, 2), 0.25
    mean, square = np.zeros_like(x), np.zeros_like(x)
    for mask, rng, probability in all_masks(4, rate):
        y, cache = spatial_dropout2d_forward(x, rate, rng)
        assert np.allclose(y, x * mask.reshape(2, 2, 1, 1) / 0.75, rtol=1e-15)
        assert np.array_equal(spatial_dropout2d_backward(x, cache), y)
        mean += probability * y
        square += probability * y**2
    assert np.allclose(mean, x, rtol=1e-14)
    assert np.allclose(square - mean**2, x**2 * rate / (1 - rate), rtol=1e-12)


def test_the_lectures_expectation_of_two_inputs():
    # Leal-Taixé and Niessner, slide 83: z = θ₁x + θ₂y with p = 0.5, the average of four networks
    inputs, weights = np.array([3.0, -5]), np.array([0.7, 2])
    outputs = {}
    for mask, rng, probability in all_masks(2, 0.5):
        assert probability == 1 / 4
        outputs[tuple(mask)] = weights @ dropout_weight_scaling(inputs, 0.5, rng)
    x, y = weights * inputs
    assert outputs == {
        (False, False): 0,
        (True, False): x,
        (False, True): y,
        (True, True): x + y,
    }
    mean = sum(outputs.values()) / 4
    assert mean == (x + y) / 2
    assert mean == weights @ dropout_weight_scaling(inputs, 0.5, training=False)
    # the rule by its name: the weights are scaled instead of the inputs
    assert mean == (0.5 * weights) @ inputs


@every
@given(
    x=arrays(shapes(least=4)),
    rate=st.sampled_from(RATES),
    seed=st.integers(0, 99),
    training=st.booleans(),
)
def test_dropout_is_torchs_product_with_the_same_mask(kind, x, rate, seed, training):
    op, forward, backward = kind
    y, cache = forward(x, rate, np.random.default_rng(seed), training=training)
    dy = np.random.default_rng(seed + 1).standard_normal(x.shape).astype(x.dtype)
    dy = laid_out(dy, LAYOUTS[seed % len(LAYOUTS)])
    dx = backward(dy, cache)
    assert np.array_equal(y, op(x, rate, np.random.default_rng(seed), training=training))

    drawn = x.shape[:2] + (1, 1) * (kind is SPATIAL) + x.shape[2:] * (kind is not SPATIAL)
    mask, keep = torch.ones(x.shape, dtype=torch.float64), 1 - float(rate)
    if training:
        mask *= torch.tensor(np.random.default_rng(seed).random(drawn) >= float(rate))
    factor = 1 / keep if training and kind is not WEIGHTS else 1
    factor *= keep if kind is WEIGHTS and not training else 1
    x_t = torch.tensor(x.astype(np.float64, order="C"), requires_grad=True)
    y_t = x_t * mask * factor
    dx_t = torch.autograd.grad(y_t, x_t, torch.tensor(dy.astype(np.float64, order="C")))[0]
    assert y.dtype == dx.dtype == x.dtype
    assert_close(y, y_t.detach().numpy(), np.abs(y_t.detach().numpy()))
    assert_close(dx, dx_t.numpy(), np.abs(dx_t.numpy()))
    check_order(x, y)
    check_order(dy, dx)
    check_ownership((x, dy), (y, dx), cache)

    y *= 3
    dx_before = dx.copy()
    dx *= 3
    assert np.array_equal(backward(dy, cache), dx_before)


@pytest.mark.parametrize("kind", [INVERTED, WEIGHTS], ids=["inverted", "weight scaling"])
@given(x=arrays(), seed=st.integers(0, 99))
def test_arrays_of_any_shape(kind, x, seed):
    y, cache = kind[1](x, 0.5, np.random.default_rng(seed))
    assert y.shape == x.shape
    assert type(y) is np.ndarray
    scale = 2 if kind is INVERTED else 1
    kept = np.random.default_rng(seed).random(x.shape) >= 0.5
    assert np.array_equal(y, x * kept * scale)
    assert np.array_equal(kind[2](x, cache), y)


@every
def test_one_seed_drops_the_same_units_in_every_order_of_memory(kind):
    values = np.random.default_rng(0).standard_normal((3, 4, 5, 6))
    expected = kind[0](values, 0.4, np.random.default_rng(7))
    for layout in LAYOUTS:
        for dtype in (np.float32, np.float64):
            x = laid_out(values.astype(dtype), layout)
            y = kind[0](x, 0.4, np.random.default_rng(7))
            assert np.array_equal(y == 0, expected == 0)
            assert y.strides == np.empty_like(x).strides


@every
def test_the_generator_moves_on_and_a_seed_starts_it_again(kind):
    x = np.ones((8, 8, 2, 2))
    rng = np.random.default_rng(0)
    first, second = kind[0](x, 0.5, rng), kind[0](x, 0.5, rng)
    assert not np.array_equal(first, second)
    assert np.array_equal(first, kind[0](x, 0.5, np.random.default_rng(0)))


@every
def test_testing_draws_nothing(kind):
    rng = np.random.default_rng(0)
    kind[0](np.ones((1, 1, 2, 2)), 0.5, rng, training=np.False_)
    assert rng.random() == np.random.default_rng(0).random()


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
def test_the_share_that_is_dropped(rate):
    # 100,000 draws: five standard deviations are less than a hundredth
    x = np.ones((100, 1000))
    y = dropout(x, rate, np.random.default_rng(0))
    assert abs(np.mean(y == 0) - rate) < 0.01
    assert abs(np.mean(y) - 1) < 5 * math.sqrt(rate / (1 - rate) / x.size)
    images = np.ones((100, 1000, 2, 1))
    channels = spatial_dropout2d(images, rate, np.random.default_rng(0))
    assert np.array_equal(channels[:, :, 0], channels[:, :, 1])
    assert abs(np.mean(channels == 0) - rate) < 0.01


def test_a_rate_of_0_keeps_everything_and_one_near_1_nearly_nothing():
    x = np.arange(1.0, 5)
    assert np.array_equal(dropout(x, 0, Dictated([0, 0, 0.5, 0.9])), x)
    most = np.nextafter(1.0, 0)
    last = Dictated([0, 0.5, np.nextafter(most, 0), most])
    assert np.array_equal(dropout(x, most, last), [0, 0, 0, 4 / (1 - most)])
    # the comparison is made in float64: in float32 this rate is 1
    assert dropout(x.astype(np.float32), most, Dictated([0, 0, 0, most]))[3] > 0


@every
def test_gradcheck_passes(kind):
    _, forward, backward = kind
    x = np.random.default_rng(0).standard_normal((2, 3, 2, 2))
    for training in (True, False):

        def of_one_mask(x, training=training):
            return forward(x, 0.4, np.random.default_rng(1), training=training)

        assert gradcheck(of_one_mask, backward, x)


@every
def test_number_types(kind):
    op, forward, backward = kind
    if kind is not SPATIAL:
        for training in (True, False):
            check_dtypes(
                lambda x, training=training: forward(
                    x, 0.5, np.random.default_rng(3), training=training
                ),
                backward,
            )
    x = np.arange(24).reshape(2, 3, 2, 2)
    y, cache = forward(x.view(Boastful), 0.5, np.random.default_rng(0))
    assert y.dtype == np.float64
    assert np.array_equal(y, op(x.astype(float), 0.5, np.random.default_rng(0)))
    assert backward(x.astype(np.float32), cache).dtype == np.float64
    _, cache = forward(x.astype(np.float32), 0.5, np.random.default_rng(0))
    assert backward(x.astype(np.float32), cache).dtype == np.float32
    assert backward(x, cache).dtype == np.float64


@every
@pytest.mark.parametrize("shape", [(0, 2, 3, 3), (2, 0, 3, 3), (2, 3, 0, 3), (1, 1, 1, 1)])
def test_empty_batches_and_single_entries(kind, shape):
    y, cache = kind[1](np.ones(shape), 0.5, np.random.default_rng(0))
    assert y.shape == kind[2](y, cache).shape == shape


# ---- what does not fit

X = np.ones((2, 3, 2, 2))


@every
@pytest.mark.parametrize("case", ARRAYS.values(), ids=ARRAYS)
def test_an_input_or_a_gradient_that_is_none(kind, case, unchecked_shapes):
    value, error, *parts = case
    cache = kind[1](X, 0.5, np.random.default_rng(0))[1]
    for function in kind[:2]:
        for training in (True, False):
            assert_refused(
                lambda f=function, t=training: f(value, 0.5, np.random.default_rng(0), training=t),
                error,
                "x ",
                *parts,
            )
    assert_refused(lambda: kind[2](value, cache), error, "dy ", *parts)


RANGE = "expected a finite number of at least 0 and below 1"
BAD_RATES = {
    "1": (1, ValueError, f"rate is 1.0, {RANGE}"),
    "beyond": (1.5, ValueError, f"rate is 1.5, {RANGE}"),
    "percent": (50, ValueError, f"rate is 50.0, {RANGE}"),
    "negative": (-0.1, ValueError, f"rate is -0.1, {RANGE}"),
    "NaN": (math.nan, ValueError, f"rate is nan, {RANGE}"),
    "a string": ("0.5", TypeError, f"rate is '0.5', {RANGE}"),
    "None": (None, TypeError, f"rate is None, {RANGE}"),
    "False": (False, TypeError, f"rate is False, {RANGE}"),
    "an array": (np.full((1, 3), 0.5), TypeError, f"rate is of shape (1, 3), {RANGE}"),
}


@every
@pytest.mark.parametrize("case", BAD_RATES.values(), ids=BAD_RATES)
def test_a_rate_that_is_none(kind, case, unchecked_shapes):
    rate, error, message = case
    for training in (True, False):
        assert_refused(
            lambda t=training: kind[0](X, rate, np.random.default_rng(0), training=t),
            error,
            message,
        )


@every
@pytest.mark.parametrize(
    "rng",
    [None, 0, np.random, np.random.RandomState(0), np.random.default_rng],
    ids=["None", "0", "module", "RandomState", "function"],
)
def test_a_generator_that_is_none(kind, rng, unchecked_shapes):
    for function in kind[:2]:
        assert_refused(
            lambda f=function: f(X, 0.5, rng),
            TypeError,
            f"rng is a {type(rng).__name__}, expected a random generator",
            "np.random.default_rng(seed)",
        )


@every
@pytest.mark.parametrize("training", [None, 0, 1, "test", "train"], ids=repr)
def test_a_mode_that_is_none(kind, training, unchecked_shapes):
    assert_refused(
        lambda: kind[0](X, 0.5, np.random.default_rng(0), training=training),
        TypeError,
        f"training is {training!r}, expected True or False",
    )


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 4), (1, 2, 3, 4, 5)])
def test_spatial_dropout_is_for_images(shape, unchecked_shapes):
    for training in (True, False):
        assert_refused(
            lambda t=training: spatial_dropout2d(
                np.ones(shape), 0.5, np.random.default_rng(0), training=t
            ),
            ValueError,
            f"x has shape {shape}, expected (N, C, H, W)",
        )


@every
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", [(), (2, 3), (2, 3, 1, 1), (1, 3, 2, 2), (2, 3, 2), (0, 3, 2, 2)])
def test_a_gradient_of_another_shape(kind, shape, training, unchecked_shapes):
    cache = kind[1](X, 0.5, np.random.default_rng(0), training=training)[1]
    assert_refused(
        lambda: kind[2](np.ones(shape), cache),
        ValueError,
        f"dy has shape {shape}, expected the output's shape (2, 3, 2, 2)",
    )


@every
@pytest.mark.parametrize("cache", [None, (), (X, X.shape)], ids=["None", "()", "a tuple"])
def test_a_cache_that_is_none(kind, cache, unchecked_shapes):
    assert_refused(
        lambda: kind[2](X, cache),
        TypeError,
        f"cache is a {type(cache).__name__}, expected the DropoutCache that "
        f"{kind[1].__name__} returns",
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(array, arrays()),
    st.sampled_from([0, 0.5, 0.9, 1, -0.1, math.nan, None, "0.5", True, [0.5]]),
    st.sampled_from([np.random.default_rng(0), np.random.default_rng(1), None, 0]),
    st.sampled_from([True, True, False, None, 1]),
)
def test_anything_is_computed_or_refused(unchecked_shapes, x, rate, rng, training):
    for kind in KINDS.values():
        fits = is_numbers(x) and (kind is not SPATIAL or x.ndim == 4)
        fits = fits and rate in (0, 0.5, 0.9) and isinstance(training, bool)
        fits = fits and (not training or isinstance(rng, np.random.Generator))
        y = computed_or_refused(lambda kind=kind: kind[0](x, rate, rng, training=training))
        assert (y is not None) == fits
