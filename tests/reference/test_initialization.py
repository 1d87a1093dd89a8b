"""Initial weights: torch's standard deviations and bounds, and what they do to a signal."""

import math
import warnings

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from refusals import computed_or_refused
from test_bad_input import assert_refused

from coursekit.reference.initialization import (
    constant,
    fans,
    glorot_normal,
    glorot_uniform,
    he_normal,
    he_uniform,
    normal,
    uniform,
    xavier_normal,
    xavier_uniform,
    zeros,
)
from coursekit.reference.structured_initialization import identity, orthogonal

RANDOM = {
    "normal": lambda shape, rng, **o: normal(shape, rng, std=0.5, **o),
    "uniform": lambda shape, rng, **o: uniform(shape, rng, bound=0.5, **o),
    "xavier_normal": xavier_normal,
    "xavier_uniform": xavier_uniform,
    "glorot_normal": glorot_normal,
    "glorot_uniform": glorot_uniform,
    "he_normal": he_normal,
    "he_uniform": he_uniform,
    "orthogonal": orthogonal,
}
PLAIN = {
    "zeros": zeros,
    "constant": lambda shape, *rng, **o: constant(shape, *rng, value=0.1, **o),
    "identity": identity,
}
SHAPES = [(7, 5), (500, 500), (6, 3, 5), (16, 3, 7, 5), (1, 1, 1, 1)]
NORMAL = {  # ours, torch's, the variance by fan_in and fan_out
    "xavier": (xavier_normal, None, lambda n, m: 1 / n),
    "glorot": (glorot_normal, torch.nn.init.xavier_normal_, lambda n, m: 2 / (n + m)),
    "he": (
        he_normal,
        lambda w: torch.nn.init.kaiming_normal_(w, nonlinearity="relu"),
        lambda n, m: 2 / n,
    ),
    "he backward": (
        lambda *a, **o: he_normal(*a, mode="fan_out", **o),
        lambda w: torch.nn.init.kaiming_normal_(w, mode="fan_out", nonlinearity="relu"),
        lambda n, m: 2 / m,
    ),
}
UNIFORM = {
    "xavier": (xavier_uniform, None, NORMAL["xavier"][2]),
    "glorot": (glorot_uniform, torch.nn.init.xavier_uniform_, NORMAL["glorot"][2]),
    "he": (
        he_uniform,
        lambda w: torch.nn.init.kaiming_uniform_(w, nonlinearity="relu"),
        NORMAL["he"][2],
    ),
    "he backward": (
        lambda *a, **o: he_uniform(*a, mode="fan_out", **o),
        lambda w: torch.nn.init.kaiming_uniform_(w, mode="fan_out", nonlinearity="relu"),
        NORMAL["he backward"][2],
    ),
}


def fresh(seed=0):
    return np.random.default_rng(seed)


class Draw:
    """Takes the place of a method that torch draws with, and keeps what it was asked for."""

    def __init__(self, monkeypatch, name):
        self.asked = None
        monkeypatch.setattr(torch.Tensor, name, self)

    def __call__(self, *args, generator=None):
        self.asked = args


@pytest.mark.parametrize("shape", SHAPES)
def test_fans_are_torchs(shape):
    theirs = torch.nn.init._calculate_fan_in_and_fan_out(torch.empty(shape))
    assert fans(shape) == theirs
    assert fans(list(np.array(shape))) == theirs


def test_fans_of_lenets_layers():
    assert fans((84, 120)) == (120, 84)
    assert fans((6, 1, 5, 5)) == (25, 150)
    assert fans((16, 6, 5, 3)) == (90, 240)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("rule", NORMAL)
def test_the_standard_deviation_is_exactly_torchs(rule, shape, monkeypatch):
    ours, theirs, variance = NORMAL[rule]
    std = math.sqrt(variance(*fans(shape)))
    assert np.allclose(
        ours(shape, fresh(), dtype=np.float64), fresh().standard_normal(shape) * std, rtol=1e-14
    )
    if theirs:
        draw = Draw(monkeypatch, "normal_")
        theirs(torch.empty(shape))
        assert draw.asked == (0, pytest.approx(std, rel=1e-14))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("rule", UNIFORM)
def test_the_bound_is_exactly_torchs(rule, shape, monkeypatch):
    ours, theirs, variance = UNIFORM[rule]
    bound = math.sqrt(3 * variance(*fans(shape)))
    assert np.allclose(
        ours(shape, fresh(), dtype=np.float64),
        fresh().uniform(-bound, bound, shape),
        rtol=1e-13,
        atol=1e-15,
    )
    if theirs:
        draw = Draw(monkeypatch, "uniform_")
        theirs(torch.empty(shape))
        assert draw.asked == (pytest.approx(-bound, rel=1e-14), pytest.approx(bound, rel=1e-14))


@pytest.mark.parametrize("table", [NORMAL, UNIFORM], ids=["normal", "uniform"])
@pytest.mark.parametrize("rule", NORMAL)
@pytest.mark.parametrize("shape", [(400, 300), (64, 32, 7, 5)])
def test_the_measured_variance_is_the_rules(table, rule, shape):
    ours, _, variance = table[rule]
    w = ours(shape, fresh())
    expected = variance(*fans(shape))
    # of n numbers the measured variance is off by about sqrt(2 / n), here 0.5 %
    assert w.var() == pytest.approx(expected, rel=0.02)
    assert abs(w.mean()) < 4 * math.sqrt(expected / w.size)
    largest = abs(w).max() / math.sqrt(expected)
    assert largest > 3.5 if table is NORMAL else 1.7 < largest <= math.sqrt(3) * (1 + 1e-6)


def test_plain_normal_and_uniform_do_what_their_arguments_say():
    assert normal((300, 300), fresh(), std=0.01).std() == pytest.approx(0.01, rel=0.02)
    assert uniform((300, 300), fresh(), bound=0.3).std() == pytest.approx(
        0.3 / math.sqrt(3), rel=0.02
    )
    assert not normal((4,), fresh(), std=0).any()
    assert not uniform((4,), fresh(), bound=0).any()
    assert np.array_equal(zeros((3, 2)), [[0, 0], [0, 0], [0, 0]])
    assert np.array_equal(constant((2,), value=-1.5), [-1.5, -1.5])


@pytest.mark.parametrize("function", (RANDOM | PLAIN).values(), ids=RANDOM | PLAIN)
@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 2, 3), (4, 2, 3, 5)])
def test_shape_dtype_and_seed(function, shape):
    given_shape, generator = list(shape), fresh()
    w = function(given_shape, generator)
    assert w.shape == shape
    assert w.dtype == np.float32
    assert w.flags.c_contiguous
    assert w.flags.writeable
    assert given_shape == list(shape)
    assert np.array_equal(w, function(shape, fresh()))
    double = function(shape, fresh(), dtype=np.float64)
    assert double.dtype == np.float64
    assert np.array_equal(w, double.astype(np.float32))
    for same in ("float64", np.dtype(np.float64), float):
        assert np.array_equal(function(shape, fresh(), dtype=same), double)
    if function in RANDOM.values():
        assert not np.array_equal(w, function(shape, generator))
        assert not np.array_equal(w, function(shape, fresh(1)))
    else:
        assert np.array_equal(w, function(shape))


@pytest.mark.parametrize("gain", [1, 0.5, math.sqrt(2)])
@pytest.mark.parametrize("shape", [(5, 5), (3, 7), (7, 3), (4, 3, 2), (4, 2, 3, 3), (40, 2, 3, 3)])
def test_orthogonal_is_orthogonal(shape, gain):
    W = orthogonal(shape, fresh(), gain=gain, dtype=np.float64).reshape(shape[0], -1)
    K, n = W.shape
    product = W @ W.T if n >= K else W.T @ W
    assert np.allclose(product, gain**2 * np.eye(min(K, n)), atol=1e-14)
    x = fresh(1).standard_normal((n, 10))
    if n == K:  # no length changes but by the gain
        assert np.allclose(np.linalg.norm(W @ x, axis=0), gain * np.linalg.norm(x, axis=0))


@pytest.mark.parametrize("shape", [(5, 5), (7, 3), (8, 2, 1, 3), (3, 7), (2, 2, 3)])
def test_orthogonal_is_the_q_of_a_qr_decomposition_whose_r_has_a_positive_diagonal(shape):
    W = orthogonal(shape, fresh(), dtype=np.float64).reshape(shape[0], -1)
    Q = W if W.shape[0] >= W.shape[1] else W.T
    R = Q.T @ fresh().standard_normal(Q.shape)  # what was drawn is Q R
    assert np.allclose(np.tril(R, -1), 0, atol=1e-13)
    assert np.all(np.diag(R) > 0)


@pytest.mark.parametrize("shape", [(2, 2), (2, 3), (3, 2)])
def test_every_orthogonal_matrix_is_equally_likely(shape):
    rng = fresh()
    drawn = np.array([orthogonal(shape, rng, dtype=np.float64) for _ in range(4000)])
    # the mean of every entry is 0, which it is not without the signs of R's diagonal
    assert np.all(abs(drawn.mean(0)) < 0.05)
    assert np.allclose((drawn**2).mean(0), 1 / max(shape), atol=0.02)
    if shape == (2, 2):  # as many turn as mirror
        assert abs(np.linalg.det(drawn).mean()) < 0.05


@settings(max_examples=100)
@given(
    st.integers(1, 3),
    st.integers(1, 4),
    st.integers(1, 5),
    st.lists(st.integers(1, 4), max_size=2),
)
def test_identity_is_torchs_dirac_and_eye(groups, K_g, C, window):
    shape = (groups * K_g, C, *window)
    w = identity(shape, groups=groups)
    theirs = torch.empty(shape)
    if window:
        torch.nn.init.dirac_(theirs, groups)
    else:  # torch has no groups here: each group is an eye of its own
        theirs = torch.cat([torch.nn.init.eye_(torch.empty(K_g, C)) for _ in range(groups)])
    assert np.array_equal(w, theirs.numpy())


@pytest.mark.parametrize("groups", [1, 2])
def test_identity_returns_the_image(groups):
    x = fresh().standard_normal((2, 4, 6, 7)).astype(np.float32)
    w = identity((4, 4 // groups, 3, 5), groups=groups)
    y = torch.nn.functional.conv2d(torch.tensor(x), torch.tensor(w), padding=(1, 2), groups=groups)
    assert np.array_equal(y.numpy(), x)


def ten_layers(initialize, activation):
    """Return the standard deviation after each of the lecture's 10 layers of 500 neurons."""
    rng, deviations = fresh(), []
    x = rng.standard_normal((1000, 500)).astype(np.float32)
    for _ in range(10):
        x = activation(x @ initialize((500, 500), rng).T)
        deviations.append(float(x.std()))
    return deviations


def relu(x):
    return np.maximum(x, 0)


def test_the_lectures_ten_layers():
    # slides 29 to 46: too small dies, too large saturates, 1 / n keeps tanh alive
    small = ten_layers(lambda shape, rng: normal(shape, rng, std=0.01), np.tanh)
    large = ten_layers(lambda shape, rng: normal(shape, rng, std=1), np.tanh)
    xavier = ten_layers(xavier_normal, np.tanh)
    assert small[-1] < 1e-5
    assert min(large) > 0.9
    assert 0.2 < xavier[-1] < xavier[0] < 0.7
    # ReLU halves the signal of 1 / n at every layer; 2 / n makes up for it
    halved, kept = ten_layers(xavier_normal, relu), ten_layers(he_normal, relu)
    assert halved[-1] / halved[0] == pytest.approx(2**-4.5, rel=0.2)
    assert kept[-1] / kept[0] == pytest.approx(1, rel=0.2)


def test_the_variance_as_a_standard_deviation_is_the_published_mistake():
    mistake = ten_layers(lambda shape, rng: normal(shape, rng, std=1 / fans(shape)[0]), np.tanh)
    assert mistake[-1] < 1e-12
    linear = ten_layers(xavier_normal, lambda x: x)
    assert linear[-1] == pytest.approx(1, rel=0.1)
    turned = ten_layers(orthogonal, lambda x: x)
    assert turned[-1] == pytest.approx(turned[0], rel=1e-5)


NO_SHAPES = {
    "a number": (5, TypeError, "shape is 5, expected sizes such as"),
    "None": (None, TypeError, "shape is None"),
    "a string": ("57", TypeError, "shape is '57'"),
    "a set": ({3, 4}, TypeError, "shape is {3, 4}"),
    "fractions": ((2.0, 3), TypeError, "shape[0] is 2.0, expected a whole number of at least 1"),
    "an empty side": ((3, 0), ValueError, "shape[1] is 0, expected a whole number of at least 1"),
    "a negative side": ((3, -1), ValueError, "shape[1] is -1"),
    "True": ((True, 3), TypeError, "shape[0] is True"),
}
NO_WEIGHTS = {
    "no axes": ((), ValueError, "shape is (), expected (K, C), (K, C, F) or (K, C, F, F)"),
    "a bias": ((5,), ValueError, "shape is (5,), expected (K, C)"),
    "5 axes": ((2, 2, 2, 2, 2), ValueError, "shape is (2, 2, 2, 2, 2), expected (K, C)"),
}
OF_WEIGHTS = [
    name for name in RANDOM | PLAIN if name not in ("normal", "uniform", "zeros", "constant")
]


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("function", (RANDOM | PLAIN).values(), ids=RANDOM | PLAIN)
@pytest.mark.parametrize("case", NO_SHAPES.values(), ids=NO_SHAPES)
def test_a_shape_that_is_none(function, case):
    shape, kind, part = case
    assert_refused(lambda: function(shape, fresh()), kind, part)
    assert_refused(lambda: fans(shape), kind, part)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("name", OF_WEIGHTS)
@pytest.mark.parametrize("case", NO_WEIGHTS.values(), ids=NO_WEIGHTS)
def test_a_shape_that_is_not_of_weights(name, case):
    shape, kind, part = case
    assert_refused(lambda: (RANDOM | PLAIN)[name](shape, fresh()), kind, part)
    assert_refused(lambda: fans(shape), kind, part)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("function", RANDOM.values(), ids=RANDOM)
@pytest.mark.parametrize("rng", [0, None, np.random, np.random.RandomState(0), torch.Generator()])
def test_a_generator_that_is_none(function, rng):
    assert_refused(lambda: function((3, 2), rng), TypeError, "rng is ", "np.random.default_rng(0)")


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("function", (RANDOM | PLAIN).values(), ids=RANDOM | PLAIN)
@pytest.mark.parametrize(
    "dtype", [np.float16, int, "nonsense", None, torch.float32, ">f8", 32, np.complex64]
)
def test_a_dtype_that_is_none(function, dtype):
    assert_refused(
        lambda: function((3, 2), fresh(), dtype=dtype),
        TypeError,
        f"dtype is {dtype!r}, expected np.float32 or np.float64",
    )


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("call", "kind", "part"),
    [
        (
            lambda: normal((2,), fresh(), std=-1),
            ValueError,
            "std is -1.0, expected a finite number",
        ),
        (lambda: normal((2,), fresh(), std="1"), TypeError, "std is '1'"),
        (lambda: normal((2,), fresh(), std=math.inf), ValueError, "std is inf"),
        (lambda: uniform((2,), fresh(), bound=-1), ValueError, "bound is -1.0"),
        (lambda: uniform((2,), fresh(), bound=None), TypeError, "bound is None"),
        (lambda: constant((2,), value=math.nan), ValueError, "value is nan"),
        (lambda: constant((2,), value="0"), TypeError, "value is '0'"),
        (lambda: orthogonal((2, 2), fresh(), gain=math.nan), ValueError, "gain is nan"),
        (lambda: orthogonal((2, 2), fresh(), gain=None), TypeError, "gain is None"),
        (lambda: he_normal((2, 2), fresh(), mode="fan"), ValueError, "mode is 'fan', expected"),
        (lambda: he_uniform((2, 2), fresh(), mode=None), ValueError, 'None, expected "fan_in" or'),
        (
            lambda: identity((4, 2, 3, 3), groups=3),
            ValueError,
            "groups is 3, expected a divisor of the 4 output channels",
        ),
        (lambda: identity((4, 2), groups=0), ValueError, "groups is 0"),
        (lambda: identity((4, 2), groups=1.0), TypeError, "groups is 1.0"),
    ],
)
def test_numbers_that_are_none(call, kind, part):
    assert_refused(call, kind, part)


anything = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 4), st.floats(), st.text(max_size=2),
    st.lists(st.one_of(st.integers(-1, 4), st.floats(), st.none()), max_size=5),
    st.sampled_from([np.float32, np.float64, np.int8, np.ones(2), torch.ones(2), np.random]),
)  # fmt: skip
often = lambda right: st.one_of(st.just(right), anything)  # noqa: E731


# one fixture for all examples of a test is what is meant here: no example changes it
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(sorted(RANDOM | PLAIN)),
    often([3, 2]),
    often(np.random.default_rng(0)),
    often(np.float32),
)
def test_anything_is_drawn_or_refused(unchecked_shapes, name, shape, rng, dtype):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        w = computed_or_refused(lambda: (RANDOM | PLAIN)[name](shape, rng, dtype=dtype))
    assert w is None or w.shape == tuple(shape)
