"""Pooling against torch, the lecture and its own formulas, and what it refuses."""

from functools import partial

import numpy as np
import pytest
import torch
from contract import Boastful
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from refusals import computed_or_refused
from resampling import Resampling, check, check_dtypes, images
from test_bad_input import ARRAYS, SIZES, array, assert_refused, step
from torch.nn import functional

from coursekit.reference import axes, gradcheck
from coursekit.reference.layout import batch_last, is_batch_last
from coursekit.reference.pooling import (
    average_pool2d,
    average_pool2d_backward,
    average_pool2d_forward,
    global_average_pool2d,
    global_average_pool2d_backward,
    global_average_pool2d_forward,
    max_pool2d,
    max_pool2d_backward,
    max_pool2d_forward,
)

NAN, INF = float("nan"), float("inf")


def max_twin(x, kernel, stride=None, padding=0):
    return functional.max_pool2d(x, kernel, stride, padding)


def average_twin(x, kernel, stride=None, padding=0):
    return functional.avg_pool2d(x, kernel, stride, padding)


def global_twin(x):
    return functional.adaptive_avg_pool2d(x, 1)[:, :, 0, 0]


MAX = Resampling(max_pool2d, max_pool2d_forward, max_pool2d_backward, max_twin)
AVERAGE = Resampling(average_pool2d, average_pool2d_forward, average_pool2d_backward, average_twin)
GLOBAL = Resampling(
    global_average_pool2d,
    global_average_pool2d_forward,
    global_average_pool2d_backward,
    global_twin,
)
BOTH = pytest.mark.parametrize("pool", [MAX, AVERAGE], ids=["max", "average"])
SLIDE_44 = np.array([[1, 4, 2, 1], [5, 8, 3, 4], [7, 6, 4, 5], [1, 3, 1, 2]])[None, None]


@st.composite
def pooled(draw, *, special=False):
    """Draw images and the windows to pool them with."""
    axis = st.integers(1, 4).flatmap(lambda F: st.tuples(st.just(F), st.integers(0, F // 2)))
    (F_h, P_h), (F_w, P_w) = draw(axis, label="F, P"), draw(axis, label="F, P")
    options = {"kernel": (F_h, F_w), "padding": (P_h, P_w)}
    if draw(st.booleans(), label="square"):
        (F_w, P_w), options = (F_h, P_h), {"kernel": F_h, "padding": P_h}
    stride = st.one_of(
        st.none(), st.integers(1, 5), st.tuples(st.integers(1, 5), st.integers(1, 5))
    )
    options["stride"] = draw(stride, label="S")
    beyond = draw(st.tuples(st.integers(0, 6), st.integers(0, 6)), label="beyond the least")
    size = max(1, F_h - 2 * P_h) + beyond[0], max(1, F_w - 2 * P_w) + beyond[1]
    return draw(images(size, special=special)), options


# ---- the values and the gradients


@given(pooled(special=True))
def test_the_maximum_is_torchs_with_ties_nan_and_infinity(problem):
    x, options = problem
    check(MAX, x, **options)
    torchs = max_twin(torch.tensor(x.copy(order="C")), **options)
    assert np.array_equal(max_pool2d(x, **options), torchs.numpy(), equal_nan=True)


@given(pooled())
def test_the_average_is_torchs(problem):
    x, options = problem
    check(AVERAGE, x, **options)


@given(st.tuples(st.integers(1, 9), st.integers(1, 9)).flatmap(images))
def test_the_global_average_is_torchs(x):
    check(GLOBAL, x)
    assert global_average_pool2d(x).flags.c_contiguous


@settings(max_examples=60)
@given(pooled())
def test_averages_of_whole_numbers_are_their_formula_exactly(problem):
    x, options = problem
    x = np.round(x.astype(float))
    F_h, F_w, S_h, S_w, P_h, P_w = numbers(options)
    padded = np.pad(x, ((0, 0), (0, 0), (P_h, P_h), (P_w, P_w)))
    y = average_pool2d(x, **options)
    for i, j in np.ndindex(y.shape[2:]):
        window = padded[:, :, i * S_h : i * S_h + F_h, j * S_w : j * S_w + F_w]
        assert np.array_equal(y[:, :, i, j], window.sum(axis=(2, 3)) / (F_h * F_w))


@settings(max_examples=60)
@given(pooled())
def test_every_window_gives_its_gradient_to_its_first_maximum(problem):
    x, options = problem
    F_h, F_w, S_h, S_w, P_h, P_w = numbers(options)
    y, cache = max_pool2d_forward(x, **options)
    dy = np.random.default_rng(0).integers(-9, 9, y.shape)
    width = ((0, 0), (0, 0), (P_h, P_h), (P_w, P_w))
    padded, d_padded = (np.pad(a, width, constant_values=-INF) for a in (x, 0.0 * x))
    for n, c, i, j in np.ndindex(y.shape):
        window = padded[n, c, i * S_h : i * S_h + F_h, j * S_w : j * S_w + F_w]
        a, m = np.unravel_index(np.argmax(window), window.shape)
        assert y[n, c, i, j] == window[a, m]
        d_padded[n, c, i * S_h + a, j * S_w + m] += dy[n, c, i, j]
    H, W = x.shape[2:]
    inside = d_padded[:, :, P_h : P_h + H, P_w : P_w + W]
    assert np.array_equal(max_pool2d_backward(dy, cache), inside)


def numbers(options):
    """Return F, S and P along both axes."""
    kernel, stride, padding = options["kernel"], options["stride"], options["padding"]
    pairs = (kernel, kernel if stride is None else stride, padding)
    return [n for p in pairs for n in (p if isinstance(p, tuple) else (p, p))]


@pytest.mark.parametrize(
    ("stride", "expected"),
    [(2, [[8, 4], [7, 5]]), (1, [[8, 8, 4], [8, 8, 5], [7, 6, 5]]), (None, [[8, 4], [7, 5]])],
)
@pytest.mark.parametrize("dtype", [int, np.float32, float])
def test_the_lectures_example(stride, expected, dtype):
    # CS7015 lecture 11, slide 44
    assert np.array_equal(max_pool2d(SLIDE_44.astype(dtype), 2, stride=stride)[0, 0], expected)


def test_the_gradients_of_the_lectures_example():
    _, cache = max_pool2d_forward(SLIDE_44, 2)
    expected = [[0, 0, 0, 0], [0, 1, 0, 2], [3, 0, 0, 4], [0, 0, 0, 0]]
    dy = np.array([[1, 2], [3, 4]])[None, None]
    assert np.array_equal(max_pool2d_backward(dy, cache)[0, 0], expected)
    # with stride 1 the 8 wins four windows, and collects from all of them
    y, cache = max_pool2d_forward(SLIDE_44, 2, stride=1)
    expected = [[0, 0, 0, 0], [0, 4, 0, 1], [1, 1, 0, 2], [0, 0, 0, 0]]
    assert np.array_equal(max_pool2d_backward(np.ones(y.shape), cache)[0, 0], expected)


def test_averages_of_the_lectures_example():
    assert np.array_equal(average_pool2d(SLIDE_44, 2)[0, 0], [[4.5, 2.5], [4.25, 3]])
    assert np.array_equal(global_average_pool2d(SLIDE_44), [[57 / 16]])


def test_global_average_is_average_pooling_with_one_window():
    x = np.random.default_rng(0).standard_normal((2, 3, 5, 7))
    assert np.allclose(global_average_pool2d(x), average_pool2d(x, (5, 7))[:, :, 0, 0], rtol=1e-14)


@pytest.mark.parametrize(
    ("x", "winner"),
    [
        ([[5, 5], [5, 5]], (0, 0)),
        ([[1, 5], [5, 2]], (0, 1)),
        ([[1, 2], [5, 5]], (1, 0)),
        ([[0.0, -0.0], [-0.0, 0.0]], (0, 0)),
        ([[-INF, -INF], [-INF, -INF]], (0, 0)),
        ([[NAN, 1], [2, INF]], (0, 0)),
        ([[NAN, NAN], [2, 3]], (0, 1)),
        ([[1, NAN], [NAN, 3]], (1, 0)),
        ([[NAN, NAN], [NAN, NAN]], (1, 1)),
    ],
)
def test_the_first_of_equals_wins_and_the_last_nan(x, winner):
    expected = np.zeros((2, 2))
    expected[winner] = 3
    for make in (np.array, lambda values: batch_last(np.tile(values, (3, 3, 1, 1)))):
        values = np.broadcast_to(make(x), (3, 3, 2, 2))
        _, cache = max_pool2d_forward(values, 2)
        dx = max_pool2d_backward(np.full((3, 3, 1, 1), 3.0), cache)
        assert np.array_equal(dx, np.broadcast_to(expected, dx.shape))


def test_padding_never_wins():
    x = np.full((1, 1, 2, 2), -INF)
    y, cache = max_pool2d_forward(x, 2, stride=1, padding=1)
    assert np.array_equal(y, np.full((1, 1, 3, 3), -INF))
    dx = max_pool2d_backward(np.ones((1, 1, 3, 3)), cache)
    assert np.array_equal(dx[0, 0], [[4, 2], [2, 1]])
    assert np.array_equal(max_pool2d(-np.ones((1, 1, 2, 2)), 2, padding=1), -np.ones((1, 1, 2, 2)))


def test_padding_counts_in_an_average():
    y, cache = average_pool2d_forward(np.ones((1, 1, 2, 2)), 2, padding=1)
    assert np.array_equal(y[0, 0], np.full((2, 2), 0.25))
    dx = average_pool2d_backward(np.array([[1.0, 2], [3, 4]])[None, None], cache)
    assert np.array_equal(dx[0, 0], [[0.25, 0.5], [0.75, 1]])


@pytest.mark.parametrize("value", [INF, -INF, NAN])
def test_a_gradient_without_a_number_stays_where_it_belongs(value):
    _, cache = max_pool2d_forward(np.arange(16.0).reshape(1, 1, 4, 4), 2)
    dx = max_pool2d_backward(np.array([[value, 1], [2, 3]])[None, None], cache)
    expected = np.zeros((4, 4))
    expected[1::2, 1::2] = [[value, 1], [2, 3]]
    assert np.array_equal(dx[0, 0], expected, equal_nan=True)


@pytest.mark.parametrize(
    "options",
    [
        {"kernel": 2},
        {"kernel": 3, "stride": 2, "padding": 1},
        {"kernel": (3, 2), "stride": (1, 3), "padding": (0, 1)},
        {"kernel": (1, 2), "stride": 1},
    ],
    ids=str,
)
def test_gradcheck_agrees(options):
    # all entries differ by more than they are moved by
    x = np.random.default_rng(0).permutation(60).reshape(2, 1, 5, 6) / 7.0
    for pool in (MAX, AVERAGE):
        assert gradcheck(pool.forward, pool.backward, x, **options)
    assert gradcheck(GLOBAL.forward, GLOBAL.backward, batch_last(x))


# ---- sizes, memory and numbers at their limits


@settings(max_examples=50)
@given(pooled(), st.integers(1, 40))
def test_some_channels_at_a_time_give_the_same_bits(problem, entries):
    x, options = problem
    for pool in (MAX, AVERAGE):
        y, cache = pool.forward(x, **options)
        dx = pool.backward(y, cache)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(axes, "_SLAB", entries)
            y_slabs, cache = pool.forward(x, **options)
            assert y_slabs.tobytes() == y.tobytes()
            assert pool.backward(y, cache).tobytes() == dx.tobytes()


def test_slabs_take_every_channel_once(monkeypatch):
    monkeypatch.setattr(axes, "_SLAB", 100)
    taken = list(axes.slabs((2, 7, 5, 5)))
    assert taken == [(slice(None), slice(c, c + 2)) for c in (0, 2, 4, 6)]
    assert list(axes.slabs((0, 3, 4, 4))) == [(slice(None), slice(0, 300))]
    assert list(axes.slabs((9, 2, 40, 40))) == [(slice(None), slice(c, c + 1)) for c in (0, 1)]


@BOTH
@pytest.mark.parametrize("kernel", [256, 257, 300])
def test_windows_of_more_taps_than_a_byte_can_count(pool, kernel):
    x = np.random.default_rng(0).permutation(1200).reshape(1, 2, 1, 600) / 7
    check(pool, frozen(x), kernel=(1, kernel))
    check(pool, frozen(x.transpose(0, 1, 3, 2)), kernel=(kernel, 1), padding=(kernel // 2, 0))


def frozen(x):
    x.flags.writeable = False
    return x


@BOTH
def test_a_window_far_larger_than_the_image(pool):
    x = np.array([[1.0, 2], [3, 4]])[None, None]
    F = 2**31 - 1
    y, cache = pool.forward(x, F, padding=2**30 - 1)
    assert np.allclose(y, 4 if pool is MAX else 10 / F**2, rtol=1e-12)
    dx = pool.backward(np.ones((1, 1, 1, 1)), cache)
    expected = [[0, 0], [0, 1]] if pool is MAX else np.full((2, 2), 1 / F**2)
    assert np.allclose(dx[0, 0], expected, rtol=1e-12)


@BOTH
def test_a_stride_larger_than_the_image_leaves_one_window(pool):
    x = np.arange(9.0).reshape(1, 1, 3, 3)
    y, cache = pool.forward(x, 2, stride=2**31 - 1)
    assert y.ravel() == (4 if pool is MAX else 2)
    dx = pool.backward(np.full((1, 1, 1, 1), 4.0), cache)
    assert np.array_equal(
        dx[0, 0],
        [[0, 0, 0], [0, 4, 0], [0] * 3] if pool is MAX else [[1, 1, 0], [1, 1, 0], [0] * 3],
    )


@pytest.mark.parametrize("pool", [MAX, AVERAGE, GLOBAL], ids=["max", "average", "global"])
@pytest.mark.parametrize("shape", [(0, 2, 4, 4), (3, 0, 4, 4), (0, 0, 4, 4)])
def test_no_images_and_no_channels(pool, shape):
    options = {} if pool is GLOBAL else {"kernel": 2}
    y, cache = pool.forward(np.zeros(shape, np.float32), **options)
    assert y.shape == shape[:2] + (() if pool is GLOBAL else (2, 2))
    dx = pool.backward(y, cache)
    assert dx.shape == shape
    assert dx.dtype == y.dtype == np.float32


def test_long_sums_in_float32_keep_their_digits():
    x = np.random.default_rng(0).random((2, 2, 300, 300), np.float32)
    expected = x.mean(axis=(2, 3), dtype=float)
    for images_ in (x, batch_last(x)):
        assert np.allclose(global_average_pool2d(images_), expected, rtol=1e-6, atol=0)


@pytest.mark.parametrize(
    ("pool", "options"), [(MAX, {"kernel": 2}), (AVERAGE, {"kernel": 2}), (GLOBAL, {})]
)
def test_dtypes(pool, options):
    check_dtypes(pool, **options)


@pytest.mark.parametrize(
    ("pool", "options"), [(MAX, {"kernel": 2}), (AVERAGE, {"kernel": 2}), (GLOBAL, {})]
)
def test_a_subclass_of_array_is_computed_with_as_a_plain_array(pool, options):
    for x in (np.arange(32.0).reshape(1, 2, 4, 4), batch_last(np.ones((3, 2, 4, 4)))):
        y, cache = pool.forward(x.view(Boastful), **options)
        dx = pool.backward(y.view(Boastful), cache)
        expected, cache = pool.forward(x, **options)
        assert type(y) is type(dx) is np.ndarray
        assert np.array_equal(y, expected)
        assert np.array_equal(dx, pool.backward(expected, cache))


@BOTH
def test_the_gradient_lies_in_memory_as_x_did_and_not_as_dy(pool):
    x = np.random.default_rng(0).standard_normal((3, 2, 4, 4))
    dy = np.ones((3, 2, 2, 2))
    assert is_batch_last(pool.backward(dy, pool.forward(batch_last(x), 2)[1]))
    assert pool.backward(batch_last(dy), pool.forward(x, 2)[1]).flags.c_contiguous


@pytest.mark.usefixtures("unchecked_shapes")
@BOTH
def test_numpys_whole_numbers_and_lists_are_sizes_too(pool):
    x = np.random.default_rng(0).standard_normal((1, 1, 7, 8))
    expected = pool.op(x, 2, stride=(1, 2), padding=1)
    assert np.array_equal(
        pool.op(x, np.uint8(2), stride=[np.int64(1), np.array(2)], padding=np.array(1)), expected
    )


# ---- what does not fit

unchecked = pytest.mark.usefixtures("unchecked_shapes")
IMAGE = np.arange(20.0).reshape(1, 1, 4, 5)
# the pair's own error names the entry: that of a tuple or list, and of arrays that are no sizes
WITHOUT_PAIRS = {
    name: case
    for name, case in SIZES.items()
    if name not in ("a tuple", "a list") and "dilation" not in case[0]
}


@unchecked
@BOTH
@pytest.mark.parametrize("case", WITHOUT_PAIRS.values(), ids=WITHOUT_PAIRS)
def test_a_step_that_is_none(pool, case):
    steps, kind, *parts = case
    assert_refused(lambda: pool.op(IMAGE, 2, **steps), kind, *parts)
    assert_refused(lambda: pool.forward(IMAGE, 2, **steps), kind, *parts)


@unchecked
@BOTH
@pytest.mark.parametrize(
    ("kernel", "options", "kind", "message"),
    [
        (0, {}, ValueError, "kernel is 0, expected a whole number of at least 1"),
        (-2, {}, ValueError, "kernel is -2, expected a whole number of at least 1"),
        (2.0, {}, TypeError, "kernel is 2.0, expected a whole number of at least 1"),
        (None, {}, TypeError, "kernel is None, expected a whole number of at least 1"),
        (True, {}, TypeError, "kernel is True"),
        ((2, 0), {}, ValueError, "kernel[1] is 0, expected a whole number of at least 1"),
        ((2, 2, 2), {}, ValueError, "kernel is (2, 2, 2), expected one whole number, or two"),
        (2, {"stride": (1,)}, ValueError, "stride is (1,), expected one whole number, or two"),
        (2, {"stride": (0, 1)}, ValueError, "stride[0] is 0"),
        (2, {"padding": (0, -1)}, ValueError, "padding[1] is -1"),
        (2, {"padding": (0.0, 1)}, TypeError, "padding[0] is 0.0"),
        (5, {}, ValueError, "kernel 5 is larger than the padded input 4 (input 4, padding 0)"),
        ((4, 6), {}, ValueError, "kernel 6 is larger than the padded input 5 (input 5, padding 0)"),
        (
            9,
            {"padding": 2},
            ValueError,
            "kernel 9 is larger than the padded input 8 (input 4, padd",
        ),
        (1, {"padding": 1}, ValueError, "padding 1 is more than half of the kernel 1: a window"),
        (3, {"padding": 2}, ValueError, "padding 2 is more than half of the kernel 3"),
        ((4, 2), {"padding": (1, 2)}, ValueError, "padding (1, 2) is more than half of the kernel"),
        ((2, 4), {"padding": 2}, ValueError, "padding 2 is more than half of the kernel (2, 4)"),
    ],
)
def test_windows_that_do_not_fit(pool, kernel, options, kind, message):
    assert_refused(lambda: pool.op(IMAGE, kernel, **options), kind, message)


@unchecked
@pytest.mark.parametrize(
    "function",
    [
        lambda x: max_pool2d(x, 1),
        lambda x: max_pool2d_forward(x, 1),
        lambda x: average_pool2d(x, 1),
        lambda x: average_pool2d_forward(x, 1),
        global_average_pool2d,
        global_average_pool2d_forward,
    ],
)
def test_images_that_are_none(function):
    for x, kind, *parts in ARRAYS.values():
        assert_refused(lambda x=x: function(x), kind, "x ", *parts)
    for shape in [(), (4,), (4, 5), (1, 4, 5), (1, 1, 1, 4, 5)]:
        assert_refused(
            lambda shape=shape: function(np.ones(shape)),
            ValueError,
            f"x has shape {shape}, expected (N, C, H, W)",
        )
    for shape in [(1, 1, 0, 5), (1, 1, 5, 0), (0, 0, 0, 0)]:
        assert_refused(
            lambda shape=shape: function(np.ones(shape)),
            ValueError,
            f"x has shape {shape}, expected at least 1 row and 1 column",
        )


@unchecked
@pytest.mark.parametrize("pool", [MAX, AVERAGE, GLOBAL], ids=["max", "average", "global"])
def test_gradients_and_caches_that_are_none(pool):
    options = {} if pool is GLOBAL else {"kernel": 2}
    y, cache = pool.forward(IMAGE, **options)
    for dy, kind, *parts in ARRAYS.values():
        assert_refused(lambda dy=dy: pool.backward(dy, cache), kind, "dy ", *parts)
    for shape in [(), (1,), (1, 1, 4, 5), (1, 1, 1, 1), (2, *y.shape[1:]), (*y.shape, 1)]:
        assert_refused(
            lambda shape=shape: pool.backward(np.ones(shape), cache),
            ValueError,
            f"dy has shape {shape}, expected the output's shape {y.shape}",
        )
    others = {MAX: AVERAGE, AVERAGE: GLOBAL, GLOBAL: MAX}
    other = others[pool].forward(IMAGE, **({} if others[pool] is GLOBAL else {"kernel": 2}))[1]
    for wrong in (None, (), IMAGE, tuple(cache), other):
        assert_refused(
            lambda wrong=wrong: pool.backward(y, wrong),
            TypeError,
            f"cache is a {type(wrong).__name__}, expected the {type(cache).__name__} that "
            f"{pool.forward.__name__} returns",
        )


size = st.one_of(step, st.tuples(step, step), st.lists(step, max_size=3), st.integers(1, 3))


@unchecked
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(array, st.integers(1, 6).map(lambda side: np.ones((1, 2, side, side + 1)))),
    size,
    st.one_of(st.none(), size),
    st.one_of(st.just(0), size),
)
def test_anything_is_computed_or_refused(x, kernel, stride, padding):
    for pool, options in [
        (MAX, {"kernel": kernel, "stride": stride, "padding": padding}),
        (AVERAGE, {"kernel": kernel, "stride": stride, "padding": padding}),
        (GLOBAL, {}),
    ]:
        result = computed_or_refused(partial(pool.forward, x, **options))
        if result is not None:
            assert pool.backward(*result).shape == x.shape


@pytest.mark.parametrize("last", [False, True])
def test_the_gradient_of_a_global_average_lies_in_memory_as_the_images_did(last):
    x = np.ones((2, 3, 4, 5))
    y, cache = global_average_pool2d_forward(batch_last(x) if last else x)
    dx = global_average_pool2d_backward(np.ones(y.shape), cache)
    assert is_batch_last(dx) == last
    assert dx.flags.c_contiguous != last
