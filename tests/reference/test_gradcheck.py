"""gradcheck passes right gradients, catches the usual wrong ones, and says where they are wrong."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from problems import problems

from coursekit.reference import conv1d_backward, conv1d_forward, gradcheck
from coursekit.reference.gradcheck import MOST_ENTRIES, ArgumentReport

RNG = np.random.default_rng(2)
X, W = RNG.standard_normal((2, 3, 9)), RNG.standard_normal((3, 3, 3))
STEPS = {"stride": 2, "padding": 1, "dilation": 2}


def check(forward, backward, *inputs, **options):
    return gradcheck(forward, backward, *(inputs or (X, W)), **options)


def doubled(x):
    return 2 * x, None


def doubled_backward(dy, cache):
    return 2 * dy


# ---- right gradients pass


@settings(max_examples=60)
@given(problems(dtypes=(np.float32, np.float64, np.int32), same_dtype=False, least_W=0))
def test_the_gradients_of_conv1d_agree(problem):
    report = gradcheck(
        conv1d_forward, conv1d_backward, problem.x, problem.w, **problem.steps, seed=problem.seed
    )
    assert report
    assert [row.name for row in report.rows] == ["x", "w"]
    assert [row.entries for row in report.rows] == [problem.x.size, problem.w.size]
    assert all(row.relative_error < 1e-8 for row in report.rows)


@pytest.mark.parametrize(
    ("f", "df"),
    [
        (np.exp, np.exp),
        (np.sin, np.cos),
        (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
        (lambda x: x**3, lambda x: 3 * x**2),
        (lambda x: 0 * x, lambda x: 0 * x),
    ],
)
def test_gradients_of_curved_functions_agree_to_nine_digits(f, df):
    report = gradcheck(lambda x: (f(x), x), lambda dy, x: dy * df(x), np.linspace(-2, 2, 11))
    assert report
    assert report.rows[0].relative_error < 1e-9


def test_the_step_grows_with_the_entry():
    # at a million, a step of 6e-6 would leave five digits of the difference
    x = np.array([1e6, -3e6])
    report = gradcheck(lambda x: (x**2 / 1e6, x), lambda dy, x: dy * 2 * x / 1e6, x)
    assert report.rows[0].relative_error < 1e-9


def test_the_slope_is_divided_by_the_distance_that_the_entry_really_moved():
    # the step is not a multiple of the spacing of numbers near 1000.3; the subtraction is exact
    report = gradcheck(lambda x: (x - 1000.3, None), lambda dy, _: dy, np.array([1000.3]))
    assert report.rows[0].relative_error < 1e-14


@pytest.mark.parametrize("dtype", [np.float32, np.int64, np.uint8, np.float16, np.float64])
def test_inputs_of_any_real_dtype_are_checked_in_float64(dtype):
    seen = []

    def forward(x, w):
        seen.append((x.dtype, w.dtype))
        return x * w, (x, w)

    x, w = np.array([3, 1, 2], dtype), np.array([5, 0, 1], dtype)
    report = gradcheck(forward, lambda dy, cache: (dy * cache[1], dy * cache[0]), x, w)
    assert report
    assert set(seen) == {(np.dtype(np.float64), np.dtype(np.float64))}


def test_read_only_and_strided_inputs_stay_as_they_were():
    x, w = X[:, :, ::-1], W.transpose(2, 1, 0)
    before = x.copy(), w.copy()
    x.flags.writeable = w.flags.writeable = False
    assert gradcheck(conv1d_forward, conv1d_backward, x, w, **STEPS)
    assert np.array_equal(x, before[0])
    assert np.array_equal(w, before[1])


@pytest.mark.parametrize("scalar", [float, np.float64, np.array], ids=["float", "NumPy", "0-d"])
def test_a_loss_may_be_a_single_number(scalar):
    report = gradcheck(
        lambda x: (scalar(np.sum(x**2)), x), lambda dy, x: 2 * dy * x, np.array([1.0, -2, 3])
    )
    assert report


def test_an_input_without_axes_is_called_by_its_name_alone():
    def forward(x):
        return 3 * x, None

    assert gradcheck(forward, lambda dy, _: 3 * dy, np.array(2.0))
    assert gradcheck(forward, lambda dy, _: float(3 * dy), np.array(2.0))
    report = gradcheck(forward, lambda dy, _: -3 * dy, np.array(2.0))
    assert report.rows[0].worst_index == ()
    assert " at x: backward says " in str(report)


def test_a_gradient_of_none_is_not_checked():
    report = check(conv1d_forward, lambda dy, cache: (None, conv1d_backward(dy, cache)[1]), **STEPS)
    assert report
    assert [row.name for row in report.rows] == ["w"]
    report = check(
        conv1d_forward, lambda dy, cache: (conv1d_backward(dy, cache)[0] + 1, None), **STEPS
    )
    assert not report
    assert [row.name for row in report.rows] == ["x"]


def test_one_gradient_needs_no_tuple_and_several_may_be_a_list():
    assert gradcheck(doubled, doubled_backward, X)
    assert gradcheck(doubled, lambda dy, _: (2 * dy,), X)
    assert check(conv1d_forward, lambda dy, cache: list(conv1d_backward(dy, cache)))


def test_whole_numbers_as_a_gradient_are_numbers():
    assert gradcheck(lambda x: (0 * x, None), lambda dy, _: np.zeros(3, int), np.ones(3))


def test_empty_inputs_have_nothing_to_compare():
    report = gradcheck(conv1d_forward, conv1d_backward, np.zeros((0, 3, 9)), W)
    assert report
    assert str(report).splitlines()[0] == "dx agrees  no entries to compare"
    assert report.rows[0] == ArgumentReport("x", True, 1e-6, 0, 0.0, 0.0, (), 0.0, 0.0)


def test_options_reach_the_forward_pass():
    seen = []

    def forward(x, *, power, scale=1):
        seen.append((power, scale))
        return scale * x**power, (x, power, scale)

    def backward(dy, cache):
        x, power, scale = cache
        return dy * scale * power * x ** (power - 1)

    assert gradcheck(forward, backward, np.array([1.0, 2]), power=3, scale=2)
    assert set(seen) == {(3, 2)}


def test_dy_is_random_with_one_seed_for_one_dy():
    seen = []

    def backward(dy, cache):
        seen.append(dy.copy())
        return 2 * dy

    for seed in (0, 0, 1):
        gradcheck(doubled, backward, X, seed=seed)
    for _ in range(2):
        gradcheck(doubled, backward, X)
    assert np.array_equal(seen[0], seen[1])
    assert np.array_equal(seen[3], seen[4])  # the same in every run, unless told otherwise
    assert not np.array_equal(seen[0], seen[2])
    assert seen[0].shape == X.shape
    assert len(np.unique(seen[0])) == X.size


def test_names_are_the_callers_or_x_w_b_and_then_numbers():
    def forward(*inputs):
        return sum(inputs), None

    def names(count, **options):
        report = gradcheck(forward, lambda dy, _: (dy,) * count, *np.ones((count, 2)), **options)
        assert report
        return [row.name for row in report.rows]

    assert names(1) == ["x"]
    assert names(3) == ["x", "w", "b"]
    assert names(5) == ["x", "w", "b", "input3", "input4"]
    assert names(2, names=("gamma", "beta", "unused")) == ["gamma", "beta"]
    assert names(2, names=("gamma",)) == ["gamma", "input1"]
    assert names(2, names=()) == ["input0", "input1"]


# ---- wrong gradients are caught, with the argument and the entry


def test_x_taken_for_dy_is_caught_even_if_x_was_drawn_first_from_seed_0():
    x = np.random.default_rng(0).standard_normal((3, 4))
    assert not gradcheck(lambda x: (3 * x, x), lambda dy, x: 3 * x, x)
    assert gradcheck(lambda x: (3 * x, x), lambda dy, x: 3 * dy, x)


def negated(dy, cache, dx, dw):
    return -dx, dw


def doubled_dw(dy, cache, dx, dw):
    return dx, 2 * dw


def without_the_last_signal(dy, cache, dx, dw):
    first = dy.copy()
    first[-1] = 0
    return dx, conv1d_backward(first, cache)[1]


def without_the_first_tap(dy, cache, dx, dw):
    w = cache.w.copy()
    w[..., 0] = 0
    return conv1d_backward(dy, cache._replace(w=w))[0], dw


def kernels_and_channels_transposed(dy, cache, dx, dw):
    return dx, dw.transpose(1, 0, 2)


def kernel_reversed(dy, cache, dx, dw):
    return conv1d_backward(dy, cache._replace(w=cache.w[..., ::-1]))[0], dw


def one_entry_late(dy, cache, dx, dw):
    return np.roll(dx, 1, axis=-1), dw


def padding_not_cut_off(dy, cache, dx, dw):
    padded = conv1d_backward(dy, cache._replace(padding=0))[0]
    return padded[..., : dx.shape[-1]], dw


def stride_forgotten(dy, cache, dx, dw):
    spread, _ = conv1d_forward(cache.padded, cache.w, dilation=cache.dilation)
    spread[...] = 0
    spread[..., : dy.shape[-1]] = dy
    return conv1d_backward(spread, cache._replace(stride=1))[0], dw


def not_a_number_in_one_entry(dy, cache, dx, dw):
    dw[1, 2, 0] = np.nan
    return dx, dw


def infinity_in_one_entry(dy, cache, dx, dw):
    dx[1, 2, 4] = -np.inf
    return dx, dw


def a_little_too_much_in_one_entry(dy, cache, dx, dw):
    dw[2, 0, 1] += 1e-4
    return dx, dw


def nothing_but_zeros(dy, cache, dx, dw):
    return np.zeros_like(dx), dw


def everything_wrong(dy, cache, dx, dw):
    return 3 * dx, -dw


BUGS = {
    negated: "x",
    doubled_dw: "w",
    without_the_last_signal: "w",
    without_the_first_tap: "x",
    kernels_and_channels_transposed: "w",
    kernel_reversed: "x",
    one_entry_late: "x",
    padding_not_cut_off: "x",
    stride_forgotten: "x",
    not_a_number_in_one_entry: "w",
    infinity_in_one_entry: "x",
    a_little_too_much_in_one_entry: "w",
    nothing_but_zeros: "x",
    everything_wrong: "xw",
}


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
def test_a_planted_bug_is_caught_and_located(bug):
    right, wrong = [], []

    def backward(dy, cache):
        right.extend(conv1d_backward(dy, cache))
        wrong.extend(bug(dy, cache, *conv1d_backward(dy, cache)))
        return tuple(wrong)

    report = check(conv1d_forward, backward, **STEPS)
    assert not report
    for name, row, dx, dx_wrong in zip("xw", report.rows, right, wrong, strict=True):
        line = str(report).splitlines()["xw".index(name)]
        if name not in BUGS[bug]:
            assert row.passed
            assert line == f"d{name} agrees  within 1e-06"
            assert " at " not in line
            continue
        assert not row.passed
        error = abs(dx_wrong - dx)
        error[np.isnan(error)] = np.inf
        worst = row.worst_index
        assert all(type(i) is int for i in worst)
        # several entries may be equally wrong
        assert error[worst] == pytest.approx(error.max(), abs=1e-8)
        assert row.absolute_error == pytest.approx(error[worst], abs=1e-8)
        assert row.relative_error == pytest.approx(error[worst] / max(1, abs(dx).max()), rel=1e-4)
        assert row.analytic == pytest.approx(dx_wrong[worst], nan_ok=True)
        assert row.numeric == pytest.approx(dx[worst])
        place = f"{name}[{', '.join(str(i) for i in worst)}]"
        assert line.startswith(f"d{name} WRONG   largest relative error ")
        assert f" at {place}: backward says {row.analytic:.6g}, moving {place} says " in line


def test_dx_and_dw_swapped_are_caught_where_shapes_allow_it():
    def swapped(dy, cache):
        return conv1d_backward(dy, cache)[::-1]

    with pytest.raises(ValueError, match=r"dx has shape \(3, 3, 3\), expected \(2, 3, 9\)"):
        check(conv1d_forward, swapped)
    report = check(conv1d_forward, swapped, np.arange(5.0), np.array([2.0, 0, 1, -1, 3]), padding=2)
    assert not report
    assert [row.passed for row in report.rows] == [False, False]


def test_a_cache_that_is_stale_is_caught():
    caches = []

    def forward(x, w):
        y, cache = conv1d_forward(x, w)
        caches.append(cache)
        return y, caches[0]

    forward(X + 1, W)  # an earlier batch, which the layer keeps
    report = check(forward, conv1d_backward)
    assert [row.passed for row in report.rows] == [True, False]


def test_a_transposed_matrix_is_caught():
    def forward(x, w):
        return x @ w, (x, w)

    def transposed(dy, cache):
        x, w = cache
        return dy @ w.T, dy.T @ x

    def right(dy, cache):
        x, w = cache
        return dy @ w.T, x.T @ dy

    square = RNG.standard_normal((2, 4, 4))
    assert gradcheck(forward, right, *square)
    report = gradcheck(forward, transposed, *square)
    assert [row.passed for row in report.rows] == [True, False]


def test_a_forward_pass_that_is_not_a_number_is_no_agreement():
    # log(-x), where backward claims something finite
    def forward(x):
        with np.errstate(invalid="ignore"):
            return np.log(x), x

    report = gradcheck(forward, lambda dy, x: dy / x, np.array([2.0, -1, 3]))
    assert not report
    assert report.rows[0].worst_index == (0,)  # the sum spoils every entry
    assert "moving x[0] says nan" in str(report)


def test_a_gradient_that_grows_beyond_all_numbers_is_no_agreement():
    # a jump to infinity at 0, which backward knows nothing of
    report = gradcheck(
        lambda x: (np.where(x > 0, np.inf, x), None), lambda dy, _: dy, np.array([0.0])
    )
    assert not report
    assert report.rows[0].relative_error == np.inf
    assert report.rows[0].numeric in (np.inf, -np.inf)


def test_two_infinities_are_no_agreement():
    report = gradcheck(
        lambda x: (np.where(x > 0, np.inf, x), None),
        lambda dy, _: np.sign(dy) * np.inf,
        np.array([0.0]),
    )
    assert not report


def test_the_tolerance_is_relative_to_the_largest_entry_and_at_least_to_one():
    def off_by(amount, scale):
        return gradcheck(
            lambda x: (scale * np.sum(x), None),
            lambda dy, _: scale * dy * np.ones(2) + amount * np.array([0, 1.0]),
            np.ones(2),
            tolerance=1e-3,
            seed=0,
        )

    dy = np.random.default_rng(0).standard_normal()
    for scale in (1e-3 / abs(dy), 1 / abs(dy), 1e3 / abs(dy)):
        largest = max(1.0, scale * abs(dy))
        assert off_by(0.98e-3 * largest, scale)
        assert not off_by(1.02e-3 * largest, scale)
        row = off_by(0.5 * largest, scale).rows[0]
        assert row.worst_index == (1,)
        assert row.relative_error == pytest.approx(0.5, rel=1e-4)
        assert row.absolute_error == pytest.approx(0.5 * largest, rel=1e-4)


def test_a_millionth_is_the_tolerance_unless_told_otherwise():
    def off_by(amount):
        return gradcheck(lambda x: (x, None), lambda dy, _: dy + amount, np.ones(1))

    assert off_by(0.9e-6)
    assert not off_by(1.1e-6)


def test_exact_agreement_passes_even_without_tolerance():
    assert gradcheck(lambda x: (0 * x, None), lambda dy, _: 0 * dy, np.ones(3), tolerance=0.0)


# ---- the report


def test_the_report_reads_as_sentences():
    def forward(x, w):
        return np.array([[x[0] * w[0, 0], x[1] * w[0, 1]]]), (x, w)

    def backward(dy, cache):
        x, w = cache
        return dy[0] * w[0], -dy * x

    report = gradcheck(forward, backward, np.array([2.0, 3]), np.array([[5.0, 7]]), seed=0)
    dy = np.random.default_rng(0).standard_normal((1, 2))
    first, second = str(report).splitlines()
    assert first == "dx agrees  within 1e-06"
    place = "w[0, 0]" if abs(dy[0, 0] * 2) > abs(dy[0, 1] * 3) else "w[0, 1]"
    right = dy[0, 0] * 2 if place == "w[0, 0]" else dy[0, 1] * 3
    assert second == (
        f"dw WRONG   largest relative error {2 * abs(right) / max(1, abs(right)):.0e} at {place}: "
        f"backward says {-right:.6g}, moving {place} says {right:.6g}"
    )
    assert repr(report) == str(report)


def test_the_report_is_as_true_as_its_rows():
    right = gradcheck(doubled, doubled_backward, X)
    wrong = gradcheck(doubled, lambda dy, _: dy, X)
    assert bool(right) is True
    assert bool(wrong) is False
    assert [row.passed for row in (*right.rows, *wrong.rows)] == [True, False]


# ---- what cannot be checked is refused


def test_a_forward_that_writes_into_an_input_is_refused():
    def forward(x, w):
        y, cache = conv1d_forward(x, w)
        w[1, 2, 0] = 7
        return y, cache

    with pytest.raises(ValueError, match="forward wrote into w; work on a copy"):
        check(forward, conv1d_backward)
    with pytest.raises(ValueError, match="forward wrote into gamma; work on a copy"):
        check(forward, conv1d_backward, names=("x", "gamma"))


def test_a_forward_that_centers_its_input_in_place_is_refused():
    def forward(x):
        x -= x.mean()
        return x, None

    with pytest.raises(ValueError, match="forward wrote into x"):
        gradcheck(forward, lambda dy, _: dy - dy.mean(), X)


def test_a_forward_that_writes_not_a_number_is_refused():
    def forward(x):
        x[0, 0, 0] = np.nan
        return 2 * x, None

    with pytest.raises(ValueError, match="forward wrote into x"):
        gradcheck(forward, doubled_backward, X)


def test_a_backward_that_writes_into_dy_is_refused():
    def backward(dy, cache):
        dy *= 2
        return dy

    with pytest.raises(ValueError, match="backward wrote into dy; work on a copy"):
        gradcheck(doubled, backward, X)


def test_a_backward_that_writes_into_an_input_is_refused():
    def backward(dy, x):
        x *= 2
        return dy * x

    with pytest.raises(ValueError, match="backward wrote into x; work on a copy"):
        gradcheck(lambda x: (x**2, x), backward, X)


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        ((X,), "backward returned 1 gradients for 2 inputs, expected one for each of x, w"),
        (X, "backward returned 1 gradients for 2 inputs"),
        ((X, W, W), "backward returned 3 gradients for 2 inputs"),
        (None, "backward returned no gradient, expected one for each of x, w"),
        ((None, None), "backward returned no gradient"),
        ((), "backward returned no gradient"),
        ((X[0], W), r"dx has shape \(3, 9\), expected \(2, 3, 9\), the shape of x"),
        ((X, W.sum()), r"dw has shape \(\), expected \(3, 3, 3\), the shape of w"),
        ((X.reshape(2, 27), W), r"dx has shape \(2, 27\), expected \(2, 3, 9\)"),
        ((X, W[:1]), r"dw has shape \(1, 3, 3\), expected \(3, 3, 3\), the shape of w"),
    ],
)
def test_gradients_of_the_wrong_number_or_shape_are_refused(returned, message):
    with pytest.raises(ValueError, match=message):
        check(conv1d_forward, lambda dy, cache: returned)


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        ([[1.0, 2], [3, 4]], "backward returned 2 gradients"),
        (([1.0, 2],), "dx is a list, expected a NumPy array"),
        ((torch.ones(2),), "dx is a Tensor, expected a NumPy array"),
        ((np.array([1j, 2]),), "dx holds complex128, expected real numbers"),
        ("ab", "dx holds <U2, expected real numbers"),
        ({"x": 1}, "dx is a dict, expected a NumPy array"),
    ],
)
def test_gradients_that_are_no_arrays_are_refused(returned, message):
    with pytest.raises((TypeError, ValueError), match=message):
        gradcheck(doubled, lambda dy, cache: returned, np.ones(2))


@pytest.mark.parametrize(
    ("returned", "kind", "message"),
    [
        (X, ValueError, r"forward returned a ndarray, expected \(y, cache\)"),
        (None, ValueError, r"forward returned a NoneType, expected \(y, cache\)"),
        ((X,), ValueError, r"forward returned a tuple, expected \(y, cache\)"),
        ((X, 1, 2), ValueError, r"forward returned a tuple, expected \(y, cache\)"),
        ((None, 1), TypeError, "y is a NoneType, expected a NumPy array"),
        ((torch.ones(2), 1), TypeError, "y is a Tensor, expected a NumPy array"),
        ((X > 0, 1), TypeError, "y holds bool, expected real numbers"),
    ],
)
def test_a_forward_that_returns_something_else_is_refused(returned, kind, message):
    with pytest.raises(kind, match=message):
        gradcheck(lambda x: returned, doubled_backward, X)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([1.0, 2], "w is a list, expected a NumPy array"),
        (None, "w is a NoneType, expected a NumPy array"),
        (2.0, "w is a float, expected a NumPy array"),
        (torch.ones(2), "w is a Tensor, expected a NumPy array"),
        (np.array([1j]), "w holds complex128, expected real numbers"),
        (np.array([True]), "w holds bool, expected real numbers"),
        (np.array([None]), "w holds object, expected real numbers"),
    ],
)
def test_inputs_that_are_no_numbers_are_refused(value, message, unchecked_shapes):
    with pytest.raises(TypeError, match=message):
        gradcheck(doubled, doubled_backward, X, value)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_inputs_that_cannot_be_moved_are_refused(value):
    w = W.copy()
    w[0, 0, 0] = value
    with pytest.raises(ValueError, match="w holds NaN or infinity, expected numbers"):
        check(conv1d_forward, conv1d_backward, X, w)


def test_no_input_at_all_is_refused():
    with pytest.raises(ValueError, match="gradcheck got 0 inputs, expected at least 1"):
        gradcheck(doubled, doubled_backward)


def test_inputs_too_large_for_checking_every_entry_are_refused():
    def forward(x, w):
        raise AssertionError("called before the size was looked at")

    half = np.zeros(MOST_ENTRIES // 2)
    with pytest.raises(
        ValueError, match=f"have {MOST_ENTRIES + 1} entries together, expected at most 20000"
    ):
        gradcheck(forward, doubled_backward, half, np.zeros(MOST_ENTRIES // 2 + 1))
    with pytest.raises(AssertionError):
        gradcheck(forward, doubled_backward, half, half)
