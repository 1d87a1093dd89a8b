"""What does not fit gets one sentence in the caller's terms, and never a result."""

import linecache
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from problems import problems

import coursekit.reference
from coursekit.reference import (
    conv1d,
    conv1d_backward,
    conv1d_forward,
    output_size,
    toeplitz1d,
    toeplitz1d_sparse,
    true_conv1d,
)
from coursekit.reference.arguments import as_number

# the signatures would stop bad arrays in beartype's words, and learners run without that check
pytestmark = pytest.mark.usefixtures("unchecked_shapes")

# one fixture for all examples of a test is what is meant here: no example changes it
fuzz = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

FOLDER = str(Path(coursekit.reference.__file__).parent)
ONE, BATCH = np.arange(5.0), np.ones((2, 3, 5))
TAPS, KERNELS = np.array([1.0, -1]), np.ones((4, 3, 2))

# every function that takes a kernel, all with the same keywords
SLIDING = {
    "conv1d": lambda w=TAPS, **steps: conv1d(ONE, w, **steps),
    "conv1d_forward": lambda w=TAPS, **steps: conv1d_forward(ONE, w, **steps),
    "true_conv1d": lambda w=TAPS, **steps: true_conv1d(ONE, w, **steps),
    "toeplitz1d": lambda w=TAPS, **steps: toeplitz1d(w, 5, **steps),
    "toeplitz1d_sparse": lambda w=TAPS, **steps: toeplitz1d_sparse(w, 5, **steps),
}
WITH_STEPS = SLIDING | {"output_size": lambda **steps: output_size(5, 2, **steps)}
WITH_X = {"conv1d": conv1d, "conv1d_forward": conv1d_forward, "true_conv1d": true_conv1d}


def assert_said_by_the_course(error: pytest.ExceptionInfo) -> str:
    """Return the message, after making sure that a raise statement of the course wrote it.

    An exception from inside NumPy's compiled code ends in our frame as well, but at a line that
    computes something.
    """
    last = error.traceback[-1]
    assert str(last.path).startswith(FOLDER)
    line = linecache.getline(str(last.path), last.lineno + 1).strip()
    assert line.startswith("raise "), f"{error.value!r} comes from: {line}"
    assert error.value.__suppress_context__ or error.value.__context__ is None
    return str(error.value)


def assert_refused(call, kind, *parts):
    with pytest.raises((ValueError, TypeError)) as error:
        call()
    message = assert_said_by_the_course(error)
    assert error.type is kind, message
    for part in parts:
        assert part in message
    assert "\n" not in message


SIZES = {
    "stride 0": ({"stride": 0}, ValueError, "stride is 0", "at least 1"),
    "stride -2": ({"stride": -2}, ValueError, "stride is -2", "at least 1"),
    "padding -1": ({"padding": -1}, ValueError, "padding is -1", "at least 0"),
    "dilation 0": ({"dilation": 0}, ValueError, "dilation is 0", "at least 1"),
    "dilation -3": ({"dilation": -3}, ValueError, "dilation is -3", "at least 1"),
    "NumPy's 0": ({"stride": np.int64(0)}, ValueError, "stride is 0", "at least 1"),
    "a fraction": ({"stride": 1.5}, TypeError, "stride is 1.5", "at least 1"),
    "a whole float": ({"padding": 1.0}, TypeError, "padding is 1.0", "at least 0"),
    "NumPy's float": ({"dilation": np.float64(2)}, TypeError, "dilation is np.float64(2.0)"),
    "not a number": ({"stride": float("nan")}, TypeError, "stride is nan", "at least 1"),
    "True": ({"stride": True}, TypeError, "stride is True", "at least 1"),
    "False": ({"padding": False}, TypeError, "padding is False", "at least 0"),
    "NumPy's True": ({"dilation": np.True_}, TypeError, "dilation is np.True_", "at least 1"),
    "a string": ({"stride": "2"}, TypeError, "stride is '2'", "at least 1"),
    "same": ({"padding": "same"}, TypeError, "padding is 'same'", "at least 0"),
    "None": ({"dilation": None}, TypeError, "dilation is None", "at least 1"),
    "a tuple": ({"padding": (1, 1)}, TypeError, "padding is (1, 1)", "at least 0"),
    "a list": ({"stride": [2]}, TypeError, "stride is [2]", "at least 1"),
    "an array": ({"stride": np.array([1, 2])}, TypeError, "stride is array([1, 2])", "at least 1"),
    "an array of one float": ({"padding": np.array(1.5)}, TypeError, "padding is array(1.5)"),
    "a tensor": ({"dilation": torch.ones(2)}, TypeError, "dilation is tensor([1., 1.])"),
    "beyond NumPy": ({"padding": 10**30}, ValueError, f"padding is {10**30}", "at most 2147483647"),
    "just beyond": ({"stride": 2**31}, ValueError, "stride is 2147483648", "at most 2147483647"),
}


@pytest.mark.parametrize("function", WITH_STEPS.values(), ids=WITH_STEPS)
@pytest.mark.parametrize("case", SIZES.values(), ids=SIZES)
def test_a_step_that_is_none(function, case):
    steps, kind, *parts = case
    assert_refused(lambda: function(**steps), kind, *parts)


@pytest.mark.parametrize("function", SLIDING.values(), ids=SLIDING)
@pytest.mark.parametrize(
    ("F", "steps", "message"),
    [
        (6, {}, "kernel 6 is larger than the padded input 5 (input 5, padding 0)"),
        (8, {"padding": 1}, "kernel 8 is larger than the padded input 7 (input 5, padding 1)"),
        (
            4,
            {"dilation": 2},
            "kernel 4 with dilation 2 spans 7 and is larger than the padded input 5 "
            "(input 5, padding 0)",
        ),
        (
            3,
            {"dilation": 3},
            "kernel 3 with dilation 3 spans 7 and is larger than the padded input 5 "
            "(input 5, padding 0)",
        ),
        (
            4,
            {"dilation": 3, "padding": 2, "stride": 2},
            "kernel 4 with dilation 3 spans 10 and is larger than the padded input 9 "
            "(input 5, padding 2)",
        ),
    ],
)
def test_a_kernel_longer_than_the_padded_signal(function, F, steps, message):
    assert_refused(lambda: function(w=np.ones(F), **steps), ValueError, message)
    # one entry less fits exactly
    just_right = dict(steps, padding=steps.get("padding", 0) + 1)
    function(w=np.ones(F), **just_right)


ARRAYS = {
    "a list": ([1.0, 2], TypeError, "is a list", "NumPy array"),
    "a tuple": ((1.0, 2), TypeError, "is a tuple", "NumPy array"),
    "None": (None, TypeError, "is a NoneType", "NumPy array"),
    "a number": (2.0, TypeError, "is a float", "NumPy array"),
    "NumPy's number": (np.float64(2), TypeError, "is a float64", "NumPy array"),
    "a string": ("12", TypeError, "is a str", "NumPy array"),
    "a tensor": (torch.ones(2), TypeError, "is a Tensor", "NumPy array"),
    "a generator": ((v for v in [1.0, 2]), TypeError, "is a generator", "NumPy array"),
    "hidden entries": (
        np.ma.array([1.0, 2, 3], mask=[0, 1, 0]),
        TypeError,
        "is a MaskedArray",
        "NumPy array",
    ),
    "objects": (np.array([1.0, None]), TypeError, "holds object", "real numbers"),
    "numbers as objects": (np.array([1, 2], dtype=object), TypeError, "holds object"),
    "complex": (np.array([1.0, 2j]), TypeError, "holds complex128", "real numbers"),
    "bools": (np.array([True, False]), TypeError, "holds bool", "real numbers"),
    "strings": (np.array(["1", "2"]), TypeError, "holds <U1", "real numbers"),
    "dates": (np.array(["2020-01-01"], "M8[D]"), TypeError, "holds datetime64[D]"),
}
W_SHAPES = {
    "0 axes": (np.array(1.0), ValueError, "w has shape ()", "expected"),
    "2 axes": (np.ones((2, 2)), ValueError, "w has shape (2, 2)", "expected", "(K, C, F)"),
    "4 axes": (np.ones((1, 1, 2, 2)), ValueError, "w has shape (1, 1, 2, 2)", "(K, C, F)"),
    "no taps": (np.ones(0), ValueError, "w has shape (0,)", "at least 1"),
    "no kernels": (np.ones((0, 1, 2)), ValueError, "w has shape (0, 1, 2)", "at least 1"),
    "no channels": (np.ones((1, 0, 2)), ValueError, "w has shape (1, 0, 2)", "at least 1"),
    "no taps in channels": (np.ones((1, 1, 0)), ValueError, "w has shape (1, 1, 0)", "at least 1"),
}


@pytest.mark.parametrize("function", SLIDING.values(), ids=SLIDING)
@pytest.mark.parametrize("case", (ARRAYS | W_SHAPES).values(), ids=ARRAYS | W_SHAPES)
def test_a_kernel_that_is_none(function, case):
    w, kind, *parts = case
    assert_refused(lambda: function(w=w), kind, "w ", *parts)


@pytest.mark.parametrize("function", WITH_X.values(), ids=WITH_X)
@pytest.mark.parametrize("case", ARRAYS.values(), ids=ARRAYS)
def test_a_signal_that_is_none(function, case):
    x, kind, *parts = case
    assert_refused(lambda: function(x, TAPS), kind, "x ", *parts)


X_AND_W = {
    "x without axes": (np.array(1.0), TAPS, "x has shape ()", "w has shape (2,)"),
    "x of 2 axes": (np.ones((2, 5)), TAPS, "x has shape (2, 5)", "w has shape (2,)"),
    "x of 2 axes, w of 3": (
        np.ones((3, 5)),
        KERNELS,
        "x has shape (3, 5)",
        "w has shape (4, 3, 2)",
        "(N, C, W)",
    ),
    "x of 4 axes": (np.ones((1, 1, 5, 5)), KERNELS, "x has shape (1, 1, 5, 5)", "(4, 3, 2)"),
    "x of 1 axis, w of 3": (ONE, KERNELS, "x has shape (5,)", "w has shape (4, 3, 2)"),
    "x of 3 axes, w of 1": (BATCH, TAPS, "x has shape (2, 3, 5)", "w has shape (2,)"),
    "2 channels, not 3": (
        np.ones((2, 2, 5)),
        KERNELS,
        "x has 2 channels and w has 3",
        "(2, 2, 5)",
        "(4, 3, 2)",
    ),
    "1 channel, not 3": (np.ones((2, 1, 5)), KERNELS, "x has 1 channels and w has 3"),
    "3 channels, not 1": (BATCH, np.ones((4, 1, 2)), "x has 3 channels and w has 1"),
    "no channels": (np.ones((2, 0, 5)), KERNELS, "x has 0 channels and w has 3"),
    "no signal": (np.ones(0), TAPS, "kernel 2 is larger than the padded input 0"),
}


@pytest.mark.parametrize("function", WITH_X.values(), ids=WITH_X)
@pytest.mark.parametrize("case", X_AND_W.values(), ids=X_AND_W)
def test_a_signal_and_a_kernel_that_do_not_fit(function, case):
    x, w, *parts = case
    assert_refused(lambda: function(x, w), ValueError, *parts)


@pytest.mark.parametrize("matrix", [toeplitz1d, toeplitz1d_sparse])
@pytest.mark.parametrize(
    ("W", "kind", "message"),
    [
        (-1, ValueError, "W is -1, expected a whole number of at least 0"),
        (5.0, TypeError, "W is 5.0, expected a whole number of at least 0"),
        (True, TypeError, "W is True, expected a whole number of at least 0"),
        (None, TypeError, "W is None, expected a whole number of at least 0"),
        ((5,), TypeError, "W is (5,), expected a whole number of at least 0"),
        ("5", TypeError, "W is '5', expected a whole number of at least 0"),
        (2**40, ValueError, "W is 1099511627776, expected a whole number of at most 2147483647"),
        (1, ValueError, "kernel 2 is larger than the padded input 1 (input 1, padding 0)"),
    ],
)
def test_a_matrix_for_a_signal_of_no_size(matrix, W, kind, message):
    assert_refused(lambda: matrix(TAPS, W), kind, message)


def test_the_sparse_matrix_is_for_one_kernel():
    assert_refused(
        lambda: toeplitz1d_sparse(KERNELS, 5), ValueError, "w has shape (4, 3, 2)", "(F,)"
    )


@pytest.mark.parametrize(
    ("size", "kernel", "kind", "message"),
    [
        (-1, 1, ValueError, "input size is -1, expected a whole number of at least 0"),
        (5, 0, ValueError, "kernel size is 0, expected a whole number of at least 1"),
        (5, -2, ValueError, "kernel size is -2, expected a whole number of at least 1"),
        (5.0, 2, TypeError, "input size is 5.0, expected a whole number of at least 0"),
        (5, "2", TypeError, "kernel size is '2', expected a whole number of at least 1"),
        (5, True, TypeError, "kernel size is True, expected a whole number of at least 1"),
        ((5, 5), 2, TypeError, "input size is (5, 5), expected a whole number of at least 0"),
        (2, 5, ValueError, "kernel 5 is larger than the padded input 2 (input 2, padding 0)"),
    ],
)
def test_sizes_that_are_none(size, kernel, kind, message):
    assert_refused(lambda: output_size(size, kernel), kind, message)


@pytest.mark.parametrize("case", ARRAYS.values(), ids=ARRAYS)
def test_a_gradient_that_is_none(case):
    dy, kind, *parts = case
    cache = conv1d_forward(ONE, TAPS)[1]
    assert_refused(lambda: conv1d_backward(dy, cache), kind, "dy ", *parts)


@pytest.mark.parametrize(
    ("x", "w", "shape"),
    [
        (ONE, TAPS, (5,)),  # the input's shape, a usual mistake
        (ONE, TAPS, (3,)),
        (ONE, TAPS, (1,)),  # NumPy would stretch it without a word
        (ONE, TAPS, ()),
        (ONE, TAPS, (1, 1, 4)),
        (ONE, TAPS, (4, 1)),
        (ONE, TAPS, (0,)),
        (BATCH, KERNELS, (2, 4, 5)),
        (BATCH, KERNELS, (2, 3, 4)),
        (BATCH, KERNELS, (1, 4, 4)),
        (BATCH, KERNELS, (2, 1, 4)),
        (BATCH, KERNELS, (2, 4, 1)),
        (BATCH, KERNELS, (4, 2, 4)),
        (BATCH, KERNELS, (4, 4)),
        (BATCH, KERNELS, (4,)),
        (BATCH, KERNELS, (0, 4, 4)),
    ],
)
def test_a_gradient_of_another_shape_than_the_output(x, w, shape):
    y, cache = conv1d_forward(x, w)
    assert_refused(
        lambda: conv1d_backward(np.ones(shape), cache),
        ValueError,
        f"dy has shape {shape}, expected the output's shape {y.shape}",
    )


def test_a_cache_from_another_call():
    y, _ = conv1d_forward(ONE, TAPS)
    for x, w, steps in [
        (np.arange(9.0), TAPS, {}),
        (ONE, TAPS, {"padding": 1}),
        (ONE, TAPS, {"stride": 2}),
        (ONE, TAPS, {"dilation": 2}),
        (BATCH, KERNELS, {}),
    ]:
        other, cache = conv1d_forward(x, w, **steps)
        assert_refused(
            lambda cache=cache: conv1d_backward(y, cache),
            ValueError,
            f"dy has shape (4,), expected the output's shape {other.shape}",
        )


@pytest.mark.parametrize("cache", [None, (), {}, ONE, (ONE, TAPS, 1, 0, 1, True)], ids=repr)
def test_a_cache_that_is_none(cache):
    assert_refused(
        lambda: conv1d_backward(np.ones(4), cache),
        TypeError,
        f"cache is a {type(cache).__name__}",
        "Conv1dCache",
    )


# ---- anything at all: either the arguments are fine, or the course says what is wrong

step = st.one_of(
    st.integers(-2, 4),
    st.sampled_from([np.int64(1), np.uint8(2), np.array(1), 2**31, -(10**30)]),
    st.sampled_from([0.0, 1.0, True, None, "1", (1,), [1], np.array([1]), np.array(1.0), 1j]),
)
array = st.one_of(
    st.builds(
        lambda shape, dtype: np.ones(shape).astype(dtype),
        npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
        st.sampled_from([float] * 6 + [np.float32, int, np.uint8, bool, complex, object, "U2"]),
    ),
    st.sampled_from([None, 1.0, [1.0], "x", (), {}]),
)


@st.composite
def perhaps_broken(draw):
    """Draw x, w, S, P and D that fit together, and put anything in the place of some."""
    problem = draw(problems())
    x, w, *steps = (
        draw(st.one_of(st.just(good), st.just(good), st.just(good), anything))
        for good, anything in [
            (problem.x, array),
            (problem.w, array),
            *((number, step) for number in problem.steps.values()),
        ]
    )
    return x, w, dict(zip(problem.steps, steps, strict=True))


def is_step(value, least):
    if isinstance(value, np.ndarray):
        return value.shape == () and value.dtype.kind in "iu" and value >= least
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    return whole and least <= value < 2**31


def is_numbers(value):
    return isinstance(value, np.ndarray) and value.dtype.kind in "iuf"


def fits(x, w, stride, padding, dilation):
    """Say whether conv1d has an answer, in other words than its own."""
    if not (is_step(stride, 1) and is_step(padding, 0) and is_step(dilation, 1)):
        return False
    if not (is_numbers(x) and is_numbers(w)):
        return False
    if (x.ndim, w.ndim) not in [(1, 1), (3, 3)] or 0 in w.shape:
        return False
    reach = dilation * (w.shape[-1] - 1)
    return x.shape[-2:-1] == w.shape[-2:-1] and reach < x.shape[-1] + 2 * padding


@fuzz
@given(perhaps_broken())
def test_anything_for_conv1d_is_computed_or_refused(arguments):
    x, w, steps = arguments
    for function in WITH_X.values():
        if fits(x, w, **steps):
            function(x, w, **steps)
        else:
            assert_refused_in_some_words(lambda f=function: f(x, w, **steps))


@fuzz
@given(perhaps_broken(), st.one_of(st.integers(4, 9), st.integers(4, 9), step))
def test_anything_for_a_matrix_is_computed_or_refused(arguments, W):
    _, w, steps = arguments
    x = None
    if is_step(W, 0) and is_numbers(w) and w.ndim in (1, 3):
        x = np.zeros(W) if w.ndim == 1 else np.zeros((1, w.shape[1], W))
    for matrix in (toeplitz1d, toeplitz1d_sparse):
        if fits(x, w, **steps) and (matrix is toeplitz1d or w.ndim == 1):
            matrix(w, W, **steps)
        else:
            assert_refused_in_some_words(lambda m=matrix: m(w, W, **steps))


BREAK = {
    "stride": st.integers(max_value=0),
    "padding": st.integers(max_value=-1),
    "dilation": st.integers(max_value=0),
}


@fuzz
@given(st.data(), problems(), st.sampled_from(sorted(BREAK)))
def test_one_bad_step_among_good_arguments_is_named_with_both_numbers(data, problem, name):
    bad = data.draw(BREAK[name])
    least = 0 if name == "padding" else 1
    steps = problem.steps | {name: bad}
    for function in WITH_X.values():
        assert_refused(
            lambda f=function: f(problem.x, problem.w, **steps),
            ValueError,
            f"{name} is {bad}, expected a whole number of at least {least}",
        )


@fuzz
@given(problems(), st.integers(1, 9))
def test_a_kernel_too_long_by_any_number_is_named_with_both_numbers(problem, excess):
    x, P, D = problem.x, problem.padding, problem.dilation
    padded = x.shape[-1] + 2 * P
    F = (padded + excess - 1) // D + 2
    w = np.ones((*problem.w.shape[:-1], F))
    for function in WITH_X.values():
        assert_refused(
            lambda f=function: f(x, w, **problem.steps),
            ValueError,
            f"kernel {F}",
            f"padded input {padded} (input {x.shape[-1]}, padding {P})",
        )


@fuzz
@given(problems(), st.lists(st.integers(0, 6), max_size=4).map(tuple))
def test_a_gradient_of_any_other_shape_is_refused_with_both_shapes(problem, shape):
    y, cache = conv1d_forward(problem.x, problem.w, **problem.steps)
    dy = np.ones(shape)
    if shape == y.shape:
        conv1d_backward(dy, cache)
    else:
        assert_refused(
            lambda: conv1d_backward(dy, cache), ValueError, f"dy has shape {shape}", str(y.shape)
        )


def assert_refused_in_some_words(call):
    with pytest.raises((ValueError, TypeError)) as error:
        call()
    message = assert_said_by_the_course(error)
    assert re.match(r"(x|w|W|stride|padding|dilation|kernel) ", message)
    assert re.search("expected|larger than|needs", message)


def test_limits_are_named_only_where_there_are_some():
    for limits, text in (
        ((), "rate is nan, expected a finite number"),
        ((0.0,), "rate is nan, expected a finite number of at least 0"),
        ((0.0, 1.0), "rate is nan, expected a finite number of at least 0 and below 1"),
    ):
        with pytest.raises(ValueError) as error:
            as_number("rate", np.nan, *limits)
        assert str(error.value) == text
