"""Lowering the rate beside torch's scheduler, and stopping early."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from test_bad_input import assert_refused

from coursekit.reference.plateau import EarlyStopping, Plateau

NAN, INF = math.nan, math.inf
# few different values, so that plateaus happen, and some a little apart
values = st.lists(
    st.one_of(
        st.sampled_from(
            [0.5, 1.0, 1.0, 2.0, 3.0, 0.95, 0.9995, 1.0005, 0.99995, -1.0, 0.0, NAN, INF, -INF]
        ),
        st.floats(-2, 5),
    ),
    max_size=40,
)


@given(
    values,
    st.fixed_dictionaries(
        {},
        optional={
            "factor": st.sampled_from((0.0, 0.1, 0.5, 0.9)),
            "patience": st.integers(0, 4),
            "threshold": st.sampled_from((0.0, 1e-4, 0.1, 0.6)),
            "threshold_mode": st.sampled_from(("rel", "abs")),
            "cooldown": st.integers(0, 3),
            "min_lr": st.sampled_from((0.0, 0.02, 0.2)),
            "eps": st.sampled_from((0.0, 1e-8, 0.01)),
            "mode": st.sampled_from(("min", "max")),
        },
    ),
)
def test_the_rate_on_a_plateau_is_torchs(losses, options):
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.1)
    twin = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, **options)
    plateau = Plateau(0.1, **options)
    for loss in losses:
        twin.step(loss)
        assert plateau.step(loss) == optimizer.param_groups[0]["lr"]
        assert plateau.lr == optimizer.param_groups[0]["lr"]
        assert plateau.best == twin.best


def test_a_tenth_after_patience_runs_out():
    plateau = Plateau(0.1, patience=2)
    rates = [plateau.step(loss) for loss in (3, 2, 2, 2, 2, 1, 1, 1, 1)]
    assert rates == pytest.approx([0.1] * 4 + [0.01] * 4 + [0.001])
    assert plateau.best == 1


def test_a_change_of_eps_is_left_out_and_a_larger_one_is_not():
    for eps, rate in ((0.25, 0.5), (0.249, 0.25)):
        plateau = Plateau(0.5, factor=0.5, patience=0, eps=eps)
        assert [plateau.step(1.0) for _ in range(2)] == [0.5, rate]


def stops_at(losses, *args, **options):
    """Return the place of the value at which to stop, or None."""
    stopping = EarlyStopping(*args, **options)
    return next((i for i, loss in enumerate(losses) if stopping.step(loss)), None)


def test_stopping_by_hand():
    assert stops_at([3, 2, 1, 1, 1, 1], 2) == 4
    assert stops_at([3, 2, 1, 1, 0.9, 1, 1], 2) == 6
    assert stops_at([3, 2, 1, 1], 3) is None
    assert stops_at([3, 3], 1) == 1
    assert stops_at([3, 2.95, 2.92], 2, min_delta=0.1) == 2
    assert stops_at([3, 2.95, 2.89, 2.85, 2.80], 2, min_delta=0.1) == 4
    assert stops_at([3, 2], 1, min_delta=1) == 1  # by more than min_delta
    assert stops_at([1, 2, 3, 3, 2], 2, mode="max") == 4
    assert stops_at([1, 1.05, 1.2, 1.25, 1.3], 2, min_delta=0.1, mode="max") == 4
    assert stops_at([NAN, NAN, 1], 2) == 1
    assert stops_at([1, NAN, 0.5, NAN, NAN], 2) == 4


def test_progress_in_small_steps_adds_up():
    # the bar stays at the best that counted, and does not creep along
    assert stops_at([1.0, 0.95, 0.85, 0.8, 0.7], 2, min_delta=0.1) is None


@given(values, st.integers(1, 4), st.sampled_from((0.0, 0.1, 1.0)), st.sampled_from(("min", "max")))
def test_stopping_is_its_definition(losses, patience, delta, mode):
    stopping = EarlyStopping(patience, min_delta=delta, mode=mode)
    best, best_step = (INF, None) if mode == "min" else (-INF, None)
    for step, loss in enumerate(losses):
        if (loss < best - delta) if mode == "min" else (loss > best + delta):
            best, best_step = loss, step
        since = step if best_step is None else step - best_step
        expected = since >= patience if best_step is not None else step + 1 >= patience
        assert stopping.step(loss) is expected
        assert (stopping.best, stopping.best_step) == (best, best_step)


@pytest.mark.parametrize("make", [lambda: Plateau(1.0, patience=0), lambda: EarlyStopping(1)])
def test_all_real_numbers_are_values(make):
    watch = make()
    for value in (9, 8.0, np.float32(7), np.int64(6), np.array(5.0), Fraction(4), -(10**400)):
        assert watch.step(value) in (1.0, False)
    assert watch.best == -INF
    assert type(watch.best) is float
    assert watch.step(10**400) in (0.1, True)


@pytest.mark.parametrize("value", ["1", None, True, np.True_, 1j, [1.0], np.ones(2), np.ones(1)])
@pytest.mark.parametrize("make", [lambda: Plateau(0.1), lambda: EarlyStopping(1)])
def test_a_value_that_is_none(make, value, unchecked_shapes):
    watch = make()
    assert_refused(lambda: watch.step(value), TypeError, "value is ", "one real number")
    assert watch.bad == 0


@pytest.mark.parametrize(
    ("options", "kind", "parts"),
    [
        ({"lr": -1}, ValueError, ("lr is -1", "at least 0")),
        ({"factor": 1}, ValueError, ("factor is 1", "below 1")),
        ({"factor": -0.1}, ValueError, ("factor is -0.1", "at least 0")),
        ({"factor": "half"}, TypeError, ("factor is 'half'",)),
        ({"patience": -1}, ValueError, ("patience is -1", "at least 0")),
        ({"patience": 2.0}, TypeError, ("patience is 2.0",)),
        ({"threshold": -1e-4}, ValueError, ("threshold is -0.0001", "at least 0")),
        ({"threshold": 1}, ValueError, ("threshold is 1", "below 1")),
        ({"threshold_mode": "relative"}, ValueError, ("is 'relative', expected 'rel' or 'abs'",)),
        ({"threshold_mode": None}, ValueError, ("threshold_mode is None",)),
        ({"cooldown": -1}, ValueError, ("cooldown is -1", "at least 0")),
        ({"min_lr": -1}, ValueError, ("min_lr is -1", "at least 0")),
        ({"eps": -1}, ValueError, ("eps is -1", "at least 0")),
        ({"mode": "low"}, ValueError, ("mode is 'low', expected 'min' or 'max'",)),
        ({"mode": ["min"]}, ValueError, ("mode is ['min'], expected 'min' or 'max'",)),
    ],
)
def test_options_of_a_plateau_that_are_none(options, kind, parts, unchecked_shapes):
    assert_refused(lambda: Plateau(**{"lr": 0.1} | options), kind, *parts)


def test_an_amount_may_be_1_or_more():
    plateau = Plateau(0.1, threshold=2, threshold_mode="abs", patience=0)
    assert [plateau.step(loss) for loss in (9, 6.5, 4.5)] == pytest.approx([0.1, 0.1, 0.01])


@pytest.mark.parametrize(
    ("args", "options", "kind", "parts"),
    [
        ((0,), {}, ValueError, ("patience is 0", "at least 1")),
        ((1.5,), {}, TypeError, ("patience is 1.5",)),
        ((1,), {"min_delta": -0.1}, ValueError, ("min_delta is -0.1", "at least 0")),
        ((1,), {"min_delta": None}, TypeError, ("min_delta is None",)),
        ((1,), {"mode": "auto"}, ValueError, ("mode is 'auto', expected 'min' or 'max'",)),
    ],
)
def test_options_of_stopping_that_are_none(args, options, kind, parts, unchecked_shapes):
    assert_refused(lambda: EarlyStopping(*args, **options), kind, *parts)


def test_values_of_the_cooldown_do_not_count():
    plateau = Plateau(1.0, factor=0.5, patience=0, cooldown=2)
    assert [plateau.step(1.0) for _ in range(8)] == [1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125]
    plateau = Plateau(1.0, factor=0.5, patience=1, cooldown=1)
    assert [plateau.step(1.0) for _ in range(7)] == [1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]


def test_there_is_no_cooldown_at_the_beginning():
    assert Plateau(1.0, factor=0.5, patience=0, cooldown=3).step(NAN) == 0.5


@pytest.mark.parametrize("threshold_mode", ["rel", "abs"])
def test_the_same_value_again_is_not_better(threshold_mode):
    plateau = Plateau(1.0, factor=0.5, patience=0, threshold=0, threshold_mode=threshold_mode)
    assert [plateau.step(2.0), plateau.step(2.0)] == [1, 0.5]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_whole_number_beyond_all_floats_is_infinite(sign):
    plateau = Plateau(1.0, mode="max" if sign > 0 else "min")
    plateau.step(sign * 10**400)
    assert plateau.best == sign * INF
