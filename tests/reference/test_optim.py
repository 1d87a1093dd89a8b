"""SGD and Adam, step by step beside torch's."""

import numpy as np
import pytest
import torch
from contract import laid_out
from hypothesis import given, settings
from hypothesis import strategies as st
from test_bad_input import ARRAYS, assert_refused

from coursekit.reference.optim import SGD, Adam, Optimizer

TOLERANCE = {np.dtype(np.float32): 1e-5, np.dtype(np.float64): 1e-10}
SHAPES = {"w": (2, 3), "b": (4,), "one": ()}


@st.composite
def sequences(draw):
    """Draw initial parameters, some steps' gradients and learning rates, and a weight decay."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1), label="seed"))
    dtype = draw(st.sampled_from((np.float32, np.float64)))
    scale = draw(st.sampled_from((1e-6, 1e-2, 1.0, 1e3)), label="size of the gradients")

    def arrays(scale):
        return {n: np.asarray(rng.standard_normal(s) * scale, dtype) for n, s in SHAPES.items()}

    steps = draw(st.integers(1, 12), label="steps")
    grads = [arrays(scale) for _ in range(steps)]
    if draw(st.booleans(), label="a step without gradient"):
        grads[draw(st.integers(0, steps - 1))] = arrays(0.0)
    rates = draw(st.lists(st.floats(0, 1), min_size=steps, max_size=steps))
    decay = draw(st.sampled_from((0.0, 1e-4, 0.5)), label="weight decay")
    return arrays(1.0), grads, rates, decay


def assert_steps_alike(optimizer, twin, sequence):
    """Take every step with both, and compare all parameters after each."""
    params, grads, rates, decay = sequence
    params = {name: np.array(p) for name, p in params.items()}
    tensors = {name: torch.tensor(p) for name, p in params.items()}
    ours = optimizer(params, weight_decay=decay)
    theirs = twin(tensors.values(), weight_decay=decay)
    largest = {name: np.abs(p).max() for name, p in params.items()}
    for step, (g, rate) in enumerate(zip(grads, rates, strict=True), start=1):
        for name, tensor in tensors.items():
            tensor.grad = torch.tensor(g[name])
        ours.lr = theirs.param_groups[0]["lr"] = rate
        ours.step({name: laid_out(one, "reversed") for name, one in g.items()})
        theirs.step()
        assert ours.steps == step
        for name, p in params.items():
            # of what was added up on the way, the largest sets the scale of rounding
            largest[name] = max(largest[name], np.abs(p).max())
            assert p.dtype == g[name].dtype
            assert ours.params[name] is p
            assert np.all(
                np.abs(p - tensors[name].numpy()) <= TOLERANCE[p.dtype] * largest[name]
            ), f"{name} after step {step}: {p} is not {tensors[name].numpy()}"


@settings(max_examples=150)
@given(sequences(), st.sampled_from((0.0, 0.5, 0.9, 0.99)), st.booleans())
def test_sgd_is_torchs(sequence, momentum, nesterov):
    how = {"momentum": momentum, "nesterov": nesterov and momentum > 0}
    assert_steps_alike(
        lambda params, **more: SGD(params, 1.0, **how, **more),
        lambda tensors, **more: torch.optim.SGD(tensors, 1.0, **how, **more),
        sequence,
    )


@settings(max_examples=150)
@given(
    sequences(),
    st.sampled_from(((0.9, 0.999), (0.0, 0.9), (0.5, 0.5), (0.95, 0.99))),
    st.sampled_from((1e-8, 1e-3)),
)
def test_adam_is_torchs(sequence, betas, eps):
    how = {"betas": betas, "eps": eps}
    assert_steps_alike(
        lambda params, **more: Adam(params, 1.0, **how, **more),
        lambda tensors, **more: torch.optim.Adam(tensors, 1.0, foreach=False, **how, **more),
        sequence,
    )


def test_what_is_left_out_is_torchs_default():
    g = np.array([1.0, -2, 1e-9])
    for ours, theirs in ((SGD, torch.optim.SGD), (Adam, torch.optim.Adam)):
        p = np.ones(3)
        tensor = torch.tensor(p)
        mine = ours({"w": p}, **({"lr": 1e-3} if ours is SGD else {}))
        twin = theirs([tensor])
        assert mine.lr == twin.param_groups[0]["lr"]
        for size in (1, -5, 3):
            tensor.grad = torch.tensor(size * g)
            mine.step({"w": size * g})
            twin.step()
        assert np.allclose(p, tensor.numpy(), rtol=1e-12, atol=0)


# ---- the formulas, by hand


def test_one_step_of_each():
    def after(steps, optimizer, **how):
        p = np.array([10.0])
        one = optimizer({"p": p}, lr=0.5, **how)
        for _ in range(steps):
            one.step({"p": np.array([2.0])})
        return p[0]

    assert after(1, SGD) == 9
    assert after(2, SGD) == 8
    assert after(2, SGD, momentum=0.5) == 10 - 0.5 * 2 - 0.5 * 3
    assert after(1, SGD, momentum=0.5, nesterov=True) == 10 - 0.5 * (2 + 0.5 * 2)
    assert after(2, SGD, momentum=0.5, nesterov=True) == 10 - 0.5 * 3 - 0.5 * (2 + 0.5 * 3)
    assert after(1, SGD, weight_decay=0.1) == 10 - 0.5 * (2 + 0.1 * 10)
    # a step of Adam is lr, whatever the gradient's size
    assert after(1, Adam) == pytest.approx(9.5)
    assert after(3, Adam) == pytest.approx(8.5)


def test_a_steady_gradient_gains_speed_up_to_1_over_1_less_momentum():
    p = np.zeros(1)
    optimizer = SGD({"p": p}, lr=0.1, momentum=0.9)
    for _ in range(300):
        before = p[0]
        optimizer.step({"p": np.ones(1)})
    assert p[0] - before == pytest.approx(-0.1 / (1 - 0.9))


def test_parameters_move_in_place_and_gradients_stay():
    for make in (SGD, Adam):
        p, g = np.ones((2, 2), np.float32), np.full((2, 2), 0.5)
        make({"p": p}, lr=0.1, weight_decay=0.1).step({"p": g})
        assert (p < 1).all()
        assert p.dtype == np.float32
        assert (g == 0.5).all()


def test_parameters_of_any_order_in_memory_move():
    base = np.ones((4, 6))
    p = base[::2, ::-3].T
    SGD({"p": p}, lr=1.0).step({"p": np.full((2, 2), 0.5)})
    assert (p == 0.5).all()
    assert (base == 0.5).sum() == 4


def test_gradients_of_whole_numbers_move_parameters():
    p = np.ones(2)
    SGD({"p": p}, lr=0.5).step({"p": np.array([2, 4])})
    assert np.array_equal(p, [0, -1])


def test_numbers_of_numpy_are_numbers_and_do_not_widen():
    p = np.ones(2, np.float32)
    optimizer = SGD({"p": p}, lr=np.float64(0.5), momentum=np.float32(0.5), nesterov=True)
    optimizer.lr = np.float64(0.25)
    optimizer.step({"p": np.ones(2, np.float32)})
    assert optimizer.velocity["p"].dtype == np.float32
    assert optimizer.lr == 0.25
    assert np.array_equal(p, np.float32([0.625, 0.625]))


def test_the_callers_dict_may_change():
    p = np.ones(1)
    params = {"p": p}
    optimizer = SGD(params, lr=1.0)
    params["q"] = np.ones(1)
    optimizer.step({"p": np.ones(1)})
    assert p[0] == 0


def test_an_optimizer_of_ones_own_says_how_to_move():
    with pytest.raises(TypeError, match="_move"):
        Optimizer({"p": np.ones(1)}, 0.1, 0.0)


# ---- what does not fit


@pytest.mark.parametrize("make", [SGD, Adam])
@pytest.mark.parametrize(
    ("params", "kind", "parts"),
    [
        ([np.ones(1)], TypeError, ("params is a list", "arrays by name", "network.params")),
        (np.ones(1), TypeError, ("params is a ndarray", "arrays by name")),
        (None, TypeError, ("params is a NoneType",)),
        ({}, ValueError, ("params is empty", "at least one array")),
        ({"w": np.ones(1, int)}, TypeError, ("params['w'] is a ndarray of int64", "float32")),
        ({"w": np.ones(1, ">f8")}, TypeError, ("params['w'] is a ndarray of >f8", "float32")),
        ({"w": np.ones(1).view(np.memmap)}, TypeError, ("params['w'] is a memmap of float64",)),
        ({"w": 1.0}, TypeError, ("params['w'] is a float, expected a NumPy array",)),
        (
            {"w": np.ones(1), "0.b": laid_out(np.ones(2), "plain")},
            ValueError,
            ("params['0.b'] is read-only",),
        ),
    ],
)
def test_params_that_are_none(make, params, kind, parts, unchecked_shapes):
    assert_refused(lambda: make(params, lr=0.1), kind, *parts)


@pytest.mark.parametrize("make", [SGD, Adam])
@pytest.mark.parametrize("name", ["lr", "weight_decay"])
@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (-1, ValueError),
        (float("nan"), ValueError),
        (float("inf"), ValueError),
        ("0.1", TypeError),
        (None, TypeError),
        (True, TypeError),
        (np.ones(1), TypeError),
        (1j, TypeError),
    ],
)
def test_numbers_that_are_none(make, name, value, kind, unchecked_shapes):
    numbers = {"lr": 0.1, name: value}
    assert_refused(lambda: make({"w": np.ones(1)}, **numbers), kind, f"{name} is ", "of at least 0")
    if name == "lr":
        optimizer = make({"w": np.ones(1)}, lr=0.5)
        assert_refused(lambda: setattr(optimizer, "lr", value), kind, "lr is ", "of at least 0")
        assert optimizer.lr == 0.5


@pytest.mark.parametrize(
    ("make", "options", "kind", "parts"),
    [
        (SGD, {"momentum": 1}, ValueError, ("momentum is 1", "at least 0", "below 1")),
        (SGD, {"momentum": 9}, ValueError, ("momentum is 9", "below 1")),
        (SGD, {"momentum": -0.1}, ValueError, ("momentum is -0.1", "at least 0")),
        (SGD, {"momentum": "0.9"}, TypeError, ("momentum is '0.9'",)),
        (SGD, {"nesterov": True}, ValueError, ("nesterov is True and momentum is 0",)),
        (SGD, {"nesterov": 0.9, "momentum": 0.9}, TypeError, ("nesterov is 0.9", "True or False")),
        (SGD, {"nesterov": None}, TypeError, ("nesterov is None", "True or False")),
        (Adam, {"betas": 0.9}, TypeError, ("betas is 0.9", "two numbers")),
        (Adam, {"betas": (0.9,)}, ValueError, ("betas has 1 numbers", "two")),
        (Adam, {"betas": (0.9, 0.99, 0.999)}, ValueError, ("betas has 3 numbers", "two")),
        (Adam, {"betas": (1.0, 0.999)}, ValueError, ("betas[0] is 1", "below 1")),
        (Adam, {"betas": (0.9, 1)}, ValueError, ("betas[1] is 1", "below 1")),
        (Adam, {"betas": (-0.1, 0.9)}, ValueError, ("betas[0] is -0.1", "at least 0")),
        (Adam, {"betas": (0.1, -0.9)}, ValueError, ("betas[1] is -0.9", "at least 0")),
        (Adam, {"betas": ("a", 0.9)}, TypeError, ("betas[0] is 'a'",)),
        (Adam, {"eps": -1e-8}, ValueError, ("eps is -1e-08", "at least 0")),
        (Adam, {"eps": None}, TypeError, ("eps is None",)),
    ],
)
def test_options_that_are_none(make, options, kind, parts, unchecked_shapes):
    assert_refused(lambda: make({"w": np.ones(1)}, 0.1, **options), kind, *parts)


G = {"0.w": np.ones((2, 3)), "0.b": np.ones(2)}


@pytest.mark.parametrize("make", [SGD, Adam])
@pytest.mark.parametrize(
    ("grads", "kind", "parts"),
    [
        ([np.ones(1)], TypeError, ("grads is a list", "gradients by name", "network.grads")),
        (None, TypeError, ("grads is a NoneType",)),
        ({}, ValueError, ("grads has no gradient of '0.w'", "['0.w', '0.b']", "backward")),
        ({"0.w": G["0.w"]}, ValueError, ("grads has no gradient of '0.b'",)),
        (G | {"1.w": np.ones(1)}, ValueError, ("grads has '1.w', which is no parameter",)),
        (G | {"0.w": np.ones((3, 2))}, ValueError, ("grads['0.w'] has shape (3, 2)", "(2, 3)")),
        (G | {"0.w": np.ones(3)}, ValueError, ("grads['0.w'] has shape (3,)", "(2, 3)")),
        (G | {"0.b": np.array(1.0)}, ValueError, ("grads['0.b'] has shape ()", "(2,)")),
    ],
)
def test_grads_that_are_none(make, grads, kind, parts, unchecked_shapes):
    params = {name: np.zeros_like(g) for name, g in G.items()}
    optimizer = make(params, lr=0.1)
    assert_refused(lambda: optimizer.step(grads), kind, *parts)
    assert optimizer.steps == 0
    assert all((p == 0).all() for p in params.values())  # none has moved


@pytest.mark.parametrize("case", ARRAYS.values(), ids=ARRAYS)
def test_a_gradient_that_is_no_array(case, unchecked_shapes):
    value, kind, *parts = case
    optimizer = SGD({"0.w": np.zeros(2)}, lr=0.1)
    assert_refused(lambda: optimizer.step({"0.w": value}), kind, "grads['0.w'] ", *parts)
