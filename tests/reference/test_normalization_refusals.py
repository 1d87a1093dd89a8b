"""What a normalization cannot compute it refuses, in the caller's terms."""

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from refusals import computed_or_refused
from test_bad_input import assert_refused

from coursekit.reference.layernorm import (
    group_norm,
    group_norm_backward,
    group_norm_forward,
    layer_norm,
    layer_norm_backward,
    layer_norm_forward,
)
from coursekit.reference.normalization import (
    batchnorm,
    batchnorm_backward,
    batchnorm_backward_graph,
    batchnorm_forward,
)
from coursekit.reference.running_statistics import (
    batchnorm_inference,
    batchnorm_inference_backward,
    batchnorm_inference_forward,
    update_running,
)

pytestmark = pytest.mark.usefixtures("unchecked_shapes")

X, ONE, NONE = np.arange(12.0).reshape(2, 3, 1, 2), np.ones(3), np.zeros(3)
ENTRIES = np.ones((3, 1, 2))
CACHE = batchnorm_forward(X, ONE, NONE)[1]
OPS = {
    "batchnorm": lambda x=X, gamma=ONE, beta=NONE, **o: batchnorm(x, gamma, beta, **o),
    "batchnorm_inference": lambda x=X, gamma=ONE, beta=NONE, **o: batchnorm_inference(
        x, gamma, beta, NONE, ONE, **o
    ),
    "layer_norm": lambda x=X, gamma=ENTRIES, beta=ENTRIES, **o: layer_norm(x, gamma, beta, **o),
    "group_norm": lambda x=X, gamma=ONE, beta=NONE, **o: group_norm(x, gamma, beta, groups=3, **o),
}
WITH_M = {
    "batchnorm": lambda x: batchnorm(x, np.ones(x.shape[1]), np.ones(x.shape[1])),
    "layer_norm": lambda x: layer_norm(x, np.ones(x.shape[1:]), np.ones(x.shape[1:])),
    "group_norm": lambda x: group_norm(x, np.ones(x.shape[1]), np.ones(x.shape[1]), groups=1),
}
BACKWARD = {
    "batchnorm_forward": (batchnorm_backward, lambda: CACHE),
    "batchnorm_forward again": (batchnorm_backward_graph, lambda: CACHE),
    "batchnorm_inference_forward": (
        batchnorm_inference_backward,
        lambda: batchnorm_inference_forward(X, ONE, NONE, NONE, ONE)[1],
    ),
    "layer_norm_forward": (
        layer_norm_backward,
        lambda: layer_norm_forward(X, ENTRIES, ENTRIES)[1],
    ),
    "group_norm_forward": (
        group_norm_backward,
        lambda: group_norm_forward(X, ONE, NONE, groups=3)[1],
    ),
}
NO_ARRAYS = {
    "a list": ([1.0, 2], "is a list"),
    "None": (None, "is a NoneType"),
    "a tensor": (torch.ones(2), "is a Tensor"),
    "bools": (np.ones(3, bool), "holds bool"),
    "objects": (np.array([None]), "holds object"),
}


@pytest.mark.parametrize("op", OPS.values(), ids=OPS)
@pytest.mark.parametrize("name", ["x", "gamma", "beta"])
@pytest.mark.parametrize("case", NO_ARRAYS.values(), ids=NO_ARRAYS)
def test_no_array(op, name, case):
    value, part = case
    assert_refused(lambda: op(**{name: value}), TypeError, f"{name} {part}")


@pytest.mark.parametrize("op", OPS.values(), ids=OPS)
@pytest.mark.parametrize("shape", [(), (3,), (2, 3, 4), (1, 2, 3, 1, 2)])
def test_x_of_another_number_of_axes(op, shape):
    parts = f"x has shape {shape}, expected (N, ", ") or (N, C, H, W)"
    assert_refused(lambda: op(x=np.ones(shape)), ValueError, *parts)


@pytest.mark.parametrize("op", OPS.values(), ids=OPS)
@pytest.mark.parametrize("name", ["gamma", "beta"])
@pytest.mark.parametrize("shape", [(), (1,), (2,), (1, 3, 1, 1), (2, 3, 1, 2), (3, 1, 1)])
def test_parameters_of_another_shape(op, name, shape):
    expected = (3, 1, 2) if op is OPS["layer_norm"] else (3,)
    whose = "entry of an example of x" if op is OPS["layer_norm"] else "channel of x"
    assert_refused(
        lambda: op(**{name: np.ones(shape)}),
        ValueError,
        f"{name} has shape {shape}, expected {expected}: one number for each {whose}",
        "(2, 3, 1, 2)",
    )


def test_layer_norm_speaks_of_features_and_the_others_of_channels():
    assert_refused(lambda: layer_norm(ONE, ONE, ONE), ValueError, "(N, D) or (N, C, H, W)")
    assert_refused(lambda: batchnorm(ONE, ONE, ONE), ValueError, "(N, C) or (N, C, H, W)")


@pytest.mark.parametrize("op", OPS.values(), ids=OPS)
@pytest.mark.parametrize(
    ("eps", "kind"),
    [
        (0, ValueError),
        (-1e-5, ValueError),
        (1e-31, ValueError),
        (float("nan"), ValueError),
        (float("inf"), ValueError),
        (True, TypeError),
        ("1e-5", TypeError),
        (None, TypeError),
        (1j, TypeError),
    ],
)
def test_eps_that_is_none(op, eps, kind):
    assert_refused(lambda: op(eps=eps), kind, "eps is ", "expected a finite number of at least")


def test_the_smallest_eps_keeps_a_constant_float32_channel_at_beta():
    x, one = np.full((4, 3), 5, np.float32), np.ones(3, np.float32)
    for op in (batchnorm, layer_norm):
        assert np.array_equal(op(x, one, one, eps=1e-30), np.ones((4, 3)))


@pytest.mark.parametrize(
    ("name", "shape", "pool"),
    [
        ("batchnorm", (1, 3), "channel"),
        ("batchnorm", (1, 3, 1, 1), "channel"),
        ("layer_norm", (4, 1), "example"),
        ("layer_norm", (4, 1, 1, 1), "example"),
        ("group_norm", (4, 1), "group"),
        ("group_norm", (4, 1, 1, 1), "group"),
    ],
)
def test_a_mean_of_a_single_value(name, shape, pool):
    assert_refused(
        lambda: WITH_M[name](np.ones(shape)),
        ValueError,
        f"x of shape {shape} has 1 value for each {pool}, expected at least 2",
    )
    # but one pixel more, or one image more, is enough, and so is none
    WITH_M[name](np.ones((*shape[:1], 3, *shape[2:]) if pool != "channel" else (2, *shape[1:])))
    WITH_M[name](np.ones((0, *shape[1:])))


def test_batchnorm_of_a_single_value_points_to_test_time():
    with pytest.raises(ValueError, match=r"whatever it was; at test time use batchnorm_inference$"):
        batchnorm(np.ones((1, 3)), ONE, NONE)
    with pytest.raises(ValueError, match=r"whatever it was$"):
        layer_norm(np.ones((3, 1)), np.ones(1), np.ones(1))


def test_a_group_of_a_single_value():
    assert_refused(
        lambda: group_norm(np.ones((4, 3)), ONE, NONE, groups=3),
        ValueError,
        "1 value for each group",
    )
    assert group_norm(np.ones((4, 3)), ONE, NONE, groups=1).shape == (4, 3)


@pytest.mark.parametrize("groups", [2, 4, 6])
def test_groups_that_do_not_divide(groups):
    assert_refused(
        lambda: group_norm(X, ONE, NONE, groups=groups),
        ValueError,
        f"groups is {groups}, expected a divisor of the 3 channels of x",
    )


@pytest.mark.parametrize(
    ("groups", "kind"), [(0, ValueError), (-1, ValueError), (1.0, TypeError), (None, TypeError)]
)
def test_groups_that_are_no_count(groups, kind):
    assert_refused(lambda: group_norm(X, ONE, NONE, groups=groups), kind, f"groups is {groups}")


@pytest.mark.parametrize("op", OPS.values(), ids=OPS)
@pytest.mark.parametrize(("factor", "most"), [(1e25, "1e+26"), (3e37, "3e+38")])
def test_squares_and_sums_that_do_not_fit(op, factor, most):
    x = (X * factor).astype(np.float32)
    parameters = [np.ones(3, np.float32), np.zeros(3, np.float32)]
    if op is OPS["layer_norm"]:
        parameters = [np.ones((3, 1, 2), np.float32)] * 2
    if op is OPS["batchnorm_inference"]:  # squares nothing
        assert np.isfinite(op(x, *parameters)).all()
        return
    assert_refused(
        lambda: op(x, *parameters),
        ValueError,
        f"x holds {most}, expected numbers whose squares fit float32",
    )
    assert np.isfinite(op(x.astype(np.float64))).all()


@pytest.mark.parametrize("op", OPS.values(), ids=OPS)
def test_a_nan_stays_visible(op):
    x = X.copy()
    x[0, 1, 0, 0] = np.nan
    assert np.isnan(op(x)[0, 1, 0, 0])


@pytest.mark.parametrize("case", BACKWARD.items(), ids=BACKWARD)
def test_what_backward_refuses(case):
    name, (backward, cache) = case
    name = name.split()[0]
    for dy in (np.ones((2, 3)), np.ones((1, 3, 1, 2)), np.array(1.0)):
        assert_refused(
            lambda dy=dy: backward(dy, cache()),
            ValueError,
            f"dy has shape {dy.shape}, expected the output's shape (2, 3, 1, 2)",
        )
    assert_refused(lambda: backward([1.0], cache()), TypeError, "dy is a list")
    others = [other for key, (_, other) in BACKWARD.items() if key.split()[0] != name]
    for wrong in (*(other() for other in others), None, tuple(cache())):
        assert_refused(
            lambda wrong=wrong: backward(X, wrong),
            TypeError,
            f"cache is a {type(wrong).__name__}, expected the ",
            f"that {name} returns",
        )


@pytest.mark.parametrize("name", ["mean", "variance"])
def test_statistics_that_are_none(name):
    averages = {"mean": NONE, "variance": ONE}
    calls = (
        lambda **a: update_running(*a.values(), CACHE),
        lambda **a: batchnorm_inference(X, ONE, NONE, *a.values()),
    )
    for call, whose in zip(calls, ("channels of the batch", "channels of x"), strict=True):
        for shape in ((), (1,), (4,), (1, 3)):
            assert_refused(
                lambda call=call, shape=shape: call(**averages | {name: np.ones(shape)}),
                ValueError,
                f"{name} has shape {shape}, expected (3,): one number for each of the 3 {whose}",
            )
        assert_refused(
            lambda call=call: call(**averages | {name: [1.0]}), TypeError, f"{name} is a list"
        )
        assert_refused(
            lambda call=call: call(mean=NONE, variance=np.array([1, -0.5, 2])),
            ValueError,
            "variance holds -0.5, expected numbers of at least 0",
        )
        call(mean=-ONE, variance=NONE)


@pytest.mark.parametrize("momentum", [-0.1, 1.1, float("nan"), "0.1", None, True])
def test_momentum_that_is_none(momentum):
    kind = ValueError if type(momentum) is float else TypeError
    assert_refused(
        lambda: update_running(NONE, ONE, CACHE, momentum=momentum), kind, "momentum is "
    )
    with pytest.raises(TypeError, match="expected the BatchNormCache that batchnorm_forward"):
        update_running(NONE, ONE, None)


# one fixture for all examples of a test is what is meant here: no example changes it
fuzz = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
anything = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 4), st.floats(), st.text(max_size=2),
    st.lists(st.floats(), max_size=2),
    st.builds(
        lambda shape, dtype: np.ones(shape, dtype),
        st.lists(st.integers(0, 3), max_size=5).map(tuple),
        st.sampled_from([float, np.float32, int, bool, complex, object, "U1"]),
    ),
)  # fmt: skip
often = lambda right: st.one_of(st.just(right), anything)  # noqa: E731


@fuzz
@given(
    st.sampled_from([batchnorm_forward, layer_norm_forward, group_norm_forward]),
    often(np.arange(6.0).reshape(2, 3)), often(np.ones(3)), often(np.ones(3)),
    often(1e-5), often(3), often(np.ones((2, 3))),
)  # fmt: skip
def test_anything_is_computed_or_refused(forward, x, gamma, beta, eps, groups, dy):
    options = {"groups": groups} if forward is group_norm_forward else {}
    result = computed_or_refused(lambda: forward(x, gamma, beta, eps=eps, **options))
    if result is not None:
        y, cache = result
        assert y.shape == x.shape
        assert np.isfinite(y).all()
        backward = BACKWARD[forward.__name__][0]
        gradients = computed_or_refused(lambda: backward(dy, cache))
        if gradients is not None:
            assert [g.shape for g in gradients] == [a.shape for a in (x, gamma, beta)]


@fuzz
@given(
    often(np.ones((2, 3))), often(np.ones(3)), often(np.ones(3)), often(np.ones(3)),
    often(np.ones(3)), often(0.1), often(CACHE),
)  # fmt: skip
def test_any_averages_are_computed_or_refused(x, gamma, beta, mean, variance, number, cache):
    y = computed_or_refused(lambda: batchnorm_inference(x, gamma, beta, mean, variance, eps=number))
    assert y is None or y.shape == x.shape
    computed_or_refused(lambda: update_running(mean, variance, cache, momentum=number))
