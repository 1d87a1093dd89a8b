"""Learning rates, step by step beside torch's schedulers."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from test_bad_input import assert_refused

from coursekit.reference.schedules import cosine, linear, step_decay, warm_up

STEPS = 40
rates = st.floats(1e-6, 10)
counts = st.integers(1, 15)


def torchs(lr, make, steps=STEPS):
    """Return the rates that a torch scheduler sets, from step 0 on."""
    optimizer = torch.optim.SGD([torch.zeros(1)], lr)
    scheduler = make(optimizer)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


def ours(schedule, steps=STEPS):
    found = [schedule(t) for t in range(steps)]
    assert all(type(rate) is float for rate in found)
    assert found[::-1] == [schedule(t) for t in reversed(range(steps))]  # no memory
    return found


def assert_alike(found, expected):
    assert found == pytest.approx(expected, rel=1e-10, abs=1e-12 * max(expected))


@given(rates, counts, st.floats(0.01, 1))
def test_step_decay_is_torchs(lr, every, factor):
    expected = torchs(lr, lambda o: torch.optim.lr_scheduler.StepLR(o, every, factor))
    assert_alike(ours(step_decay(lr, every, factor)), expected)


@given(rates, counts, rates)
def test_cosine_is_torchs_down_to_its_end_and_stays_there(lr, steps, end):
    expected = torchs(
        lr, lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, steps, end), steps + 1
    )
    found = ours(cosine(lr, steps, end))
    assert_alike(found[: steps + 1], expected)
    assert found[steps:] == pytest.approx([end] * len(found[steps:]), rel=1e-12)


@given(rates, counts, st.floats(0, 1))
def test_linear_is_torchs_down_to_its_end_and_stays_there(lr, steps, end):
    expected = torchs(
        lr, lambda o: torch.optim.lr_scheduler.LinearLR(o, 1.0, end, total_iters=steps)
    )
    assert_alike(ours(linear(lr, steps, end * lr)), expected)


@given(rates, counts, st.floats(0.01, 1), counts)
def test_warm_up_is_torchs(lr, steps, start, every):
    scheduler = torch.optim.lr_scheduler

    def make(optimizer):
        climb = scheduler.LinearLR(optimizer, start, total_iters=steps)
        then = scheduler.StepLR(optimizer, every, 0.5)
        return scheduler.SequentialLR(optimizer, [climb, then], [steps])

    found = ours(warm_up(step_decay(lr, every, 0.5), steps, start))
    assert_alike(found, torchs(lr, make))


@given(rates, counts)
def test_warm_up_to_a_number_stays_there(lr, steps):
    expected = torchs(lr, lambda o: torch.optim.lr_scheduler.LinearLR(o, total_iters=steps))
    assert_alike(ours(warm_up(lr, steps)), expected)


def test_rates_by_hand():
    assert [step_decay(0.1, 2, factor=0.5)(t) for t in range(5)] == [0.1, 0.1, 0.05, 0.05, 0.025]
    assert step_decay(1, 30)(60) == pytest.approx(0.01)
    assert [cosine(2, 4, end=1)(t) for t in range(5)] == pytest.approx(
        [2, 1.5 + math.sqrt(0.125), 1.5, 1.5 - math.sqrt(0.125), 1]
    )
    assert [warm_up(1.0, 4, start=0)(t) for t in range(6)] == [0, 0.25, 0.5, 0.75, 1, 1]
    assert [warm_up(cosine(0.1, 10), 0)(t) for t in (0, 5)] == [0.1, cosine(0.1, 10)(5)]
    assert warm_up(warm_up(1.0, 2, start=0.0), 2, start=0.5)(3) == 0.5


def test_linear_ends_at_0_unless_told_otherwise():
    assert [linear(0.5, 4)(t) for t in (0, 1, 2, 4, 5, 10**9)] == [0.5, 0.375, 0.25, 0, 0, 0]
    assert [linear(0.25, 2, end=1)(t) for t in range(4)] == [0.25, 0.625, 1, 1]


def test_cosine_ends_at_0_unless_told_otherwise():
    assert cosine(0.3, 7)(7) == 0
    assert cosine(0.3, 7)(10**9) == 0


def test_a_schedule_may_be_any_function():
    assert [warm_up(lambda t: 1.0 + t, 2, start=0.5)(t) for t in range(4)] == [0.5, 0.75, 1, 2]


@pytest.mark.parametrize(
    ("make", "kind", "parts"),
    [
        (lambda: step_decay(-0.1, 2), ValueError, ("lr is -0.1", "at least 0")),
        (lambda: step_decay("0.1", 2), TypeError, ("lr is '0.1'",)),
        (lambda: step_decay(0.1, 0), ValueError, ("every is 0", "at least 1")),
        (lambda: step_decay(0.1, 1.5), TypeError, ("every is 1.5",)),
        (lambda: step_decay(0.1, 2, 1.5), ValueError, ("factor is 1.5", "from 0 to 1")),
        (lambda: step_decay(0.1, 2, -0.5), ValueError, ("factor is -0.5",)),
        (lambda: cosine(float("nan"), 2), ValueError, ("lr is nan",)),
        (lambda: cosine(0.1, 0), ValueError, ("steps is 0", "at least 1")),
        (lambda: cosine(0.1, 2, -1), ValueError, ("end is -1", "at least 0")),
        (lambda: cosine(0.1, 2, None), TypeError, ("end is None",)),
        (lambda: linear(-1, 2), ValueError, ("lr is -1", "at least 0")),
        (lambda: linear("fast", 2), TypeError, ("lr is 'fast'",)),
        (lambda: linear(0.1, 0), ValueError, ("steps is 0", "at least 1")),
        (lambda: linear(0.1, 2, -1), ValueError, ("end is -1", "at least 0")),
        (lambda: linear(0.1, 2)(-1), ValueError, ("step is -1", "at least 0")),
        (lambda: warm_up("cosine", 2), TypeError, ("then is 'cosine'",)),
        (lambda: warm_up(-0.1, 2), ValueError, ("then is -0.1", "at least 0")),
        (lambda: warm_up(0.1, -1), ValueError, ("steps is -1", "at least 0")),
        (lambda: warm_up(0.1, 2, 1.01), ValueError, ("start is 1.01", "from 0 to 1")),
        (lambda: warm_up(0.1, 2, -0.01), ValueError, ("start is -0.01",)),
        (lambda: warm_up(0.1, 2, "0"), TypeError, ("start is '0'",)),
        (lambda: step_decay(0.1, 2)(-1), ValueError, ("step is -1", "at least 0")),
        (lambda: cosine(0.1, 2)(0.5), TypeError, ("step is 0.5",)),
        (lambda: warm_up(0.1, 2)(-1), ValueError, ("step is -1",)),
    ],
)
def test_numbers_that_are_none(make, kind, parts, unchecked_shapes):
    assert_refused(make, kind, *parts)


@pytest.mark.parametrize("schedule", [lambda: cosine(-0.1, 10), lambda: step_decay(-0.1, every=1)])
def test_a_rate_below_0_is_named(schedule):
    with pytest.raises(ValueError, match=r"^lr is -0\.1, expected a finite number of at least 0"):
        schedule()
