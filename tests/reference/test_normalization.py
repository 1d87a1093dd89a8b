"""Batch, layer and group normalization against torch, their formulas and each other."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import RELATIVE, assert_close
from problems2d import LAYOUTS, laid_out

from coursekit.reference.gradcheck import gradcheck
from coursekit.reference.layernorm import (
    group_norm,
    group_norm_backward,
    group_norm_forward,
    layer_norm,
    layer_norm_backward,
    layer_norm_forward,
)
from coursekit.reference.layout import batch_last, is_batch_last
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
)
from coursekit.reference.standardization import center, total

F = torch.nn.functional
NAMES = ("x", "gamma", "beta")


@dataclass(frozen=True)
class Problem:
    """Arguments of one of the normalizations, and what it does in torch."""

    kind: str
    x: np.ndarray
    gamma: np.ndarray
    beta: np.ndarray
    dy: np.ndarray
    options: dict
    statistics: tuple  # running mean and variance, for inference alone

    def forward(self):
        function = {
            "batch": batchnorm_forward,
            "inference": batchnorm_inference_forward,
            "layer": layer_norm_forward,
            "group": group_norm_forward,
        }[self.kind]
        return function(self.x, self.gamma, self.beta, *self.statistics, **self.options)

    def backward(self, cache):
        function = {
            "batch": batchnorm_backward,
            "graph": batchnorm_backward_graph,
            "inference": batchnorm_inference_backward,
            "layer": layer_norm_backward,
            "group": group_norm_backward,
        }[self.kind]
        return function(self.dy, cache)

    def torch(self, dtype=torch.float64):
        """Return torch's y, dx, dgamma and dbeta."""
        # a copy, because torch takes neither negative strides nor memory that may not be written
        arrays = (self.x, self.gamma, self.beta)
        x, gamma, beta = (
            torch.tensor(a.copy(order="C"), dtype=dtype, requires_grad=True) for a in arrays
        )
        eps = self.options["eps"]
        match self.kind:
            case "batch":
                y = F.batch_norm(x, None, None, gamma, beta, training=True, eps=eps)
            case "inference":
                mean, variance = (torch.tensor(a.copy(), dtype=dtype) for a in self.statistics)
                y = F.batch_norm(x, mean, variance, gamma, beta, training=False, eps=eps)
            case "layer":
                y = F.layer_norm(x, x.shape[1:], gamma, beta, eps=eps)
            case "group":
                y = F.group_norm(x, self.options["groups"], gamma, beta, eps=eps)
        y.backward(torch.tensor(self.dy.copy(order="C"), dtype=dtype))
        return [t.detach().numpy() for t in (y, x.grad, gamma.grad, beta.grad)]

    def magnitudes(self):
        """Return how large the terms are whose sums y, dx, dgamma and dbeta are.

        The entries of x are within 3 of 0, and every standard deviation is at least 0.5.
        """
        gamma, beta, dy = (abs(a.astype(np.float64)) for a in (self.gamma, self.beta, self.dy))
        most = lambda a: a.max(initial=0)  # noqa: E731
        over = 0 if self.kind == "layer" else (0, *range(2, dy.ndim))
        dbeta = dy.sum(over)
        return (
            np.full(dy.shape, 6 * most(gamma) + most(beta)),
            np.full(dy.shape, 6 * most(gamma) * most(dy)),
            6 * dbeta,
            dbeta,
        )


@st.composite
def normalizations(draw, kinds=("batch", "inference", "layer", "group")):
    """Draw a Problem; all arrays are read-only, and not always contiguous."""
    kind = draw(st.sampled_from(kinds), label="kind")
    N = draw(st.integers(0, 4), label="N")
    groups = draw(st.integers(1, 3), label="groups") if kind == "group" else 1
    C = groups * draw(st.integers(1, 4), label="channels of a group")
    space = draw(st.sampled_from(((), (1, 1), (1, 4), (3, 1), (2, 3), (5, 4))), label="space")
    pooled = {"batch": N, "inference": 2, "layer": C, "group": C // groups}[kind]
    if pooled * int(np.prod(space)) == 1:  # a mean of one value is refused
        space = (2, 3)
    shape = (N, C, *space)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1), label="seed"))
    dtype = draw(st.sampled_from((np.float32, np.float64)), label="dtype")

    def array(values):
        layouts = LAYOUTS if values.ndim == 4 else ("plain", "every other", "Fortran")
        return laid_out(values.astype(dtype), draw(st.sampled_from(layouts), label="layout"))

    # neighbors alternate around -2 and 2, so that no channel, example or group is nearly constant
    x = 2.0 * (-1) ** np.indices(shape).sum(0) + rng.uniform(-1, 1, shape)
    parameters = shape[1:] if kind == "layer" else (C,)
    options = {"eps": draw(st.sampled_from((1e-5, 1e-3, 0.1)), label="eps")}
    if kind == "group":
        options["groups"] = groups
    statistics = ()
    if kind == "inference":
        statistics = array(rng.uniform(-1, 1, C)), array(rng.uniform(0.25, 3, C))
    gamma, beta = (array(rng.standard_normal(parameters)) for _ in range(2))
    return Problem(
        kind, array(x), gamma, beta, array(rng.standard_normal(shape)), options, statistics
    )


@given(normalizations())
def test_y_and_all_gradients_are_torchs(problem):
    y, cache = problem.forward()
    results = (y, *problem.backward(cache))
    for result, expected, size in zip(results, problem.torch(), problem.magnitudes(), strict=True):
        assert result.dtype == problem.x.dtype
        assert_close(result, expected, size)


@given(normalizations())
def test_float64_in_one_argument_is_float64_in_the_result(problem):
    _, cache = problem.forward()
    kinds = ("batch", "graph") if problem.kind == "batch" else (problem.kind,)
    for kind in kinds:
        double = replace(problem, kind=kind, dy=problem.dy.astype(np.float64))
        for gradient in double.backward(cache):
            assert gradient.dtype == np.float64
    for name in NAMES:
        mixed = replace(problem, **{name: vars(problem)[name].astype(np.float64)})
        y, cache = mixed.forward()
        assert y.dtype == np.float64
        for kind in kinds:
            for gradient in replace(problem, kind=kind).backward(cache):
                assert gradient.dtype == np.float64


@given(normalizations())
def test_results_lie_in_memory_as_x_does_and_share_none_with_it(problem):
    y, cache = problem.forward()
    dx, dgamma, dbeta = problem.backward(cache)
    graph = batchnorm_backward_graph(problem.dy, cache)[0] if problem.kind == "batch" else dx
    for result in (y, dx, graph):
        if is_batch_last(problem.x):
            assert is_batch_last(result)
        else:
            assert result.flags.c_contiguous
    arrays = [a for a in cache if isinstance(a, np.ndarray)]
    for given_one in (problem.x, problem.gamma, problem.beta, problem.dy, *problem.statistics, y):
        for array in (*arrays, dx, dgamma, dbeta):
            assert not np.shares_memory(given_one, array)
    assert not any(np.shares_memory(dx, array) for array in arrays)


@given(normalizations())
def test_op_returns_what_op_forward_does_and_twice_the_same(problem):
    op = {
        "batch": batchnorm,
        "inference": batchnorm_inference,
        "layer": layer_norm,
        "group": group_norm,
    }[problem.kind]
    arrays = problem.x, problem.gamma, problem.beta, *problem.statistics
    y = op(*arrays, **problem.options)
    assert np.array_equal(y, problem.forward()[0])
    assert np.array_equal(y, op(*arrays, **problem.options))


@given(normalizations(kinds=("batch",)))
def test_the_graph_gives_the_closed_form(problem):
    _, cache = problem.forward()
    graph = batchnorm_backward_graph(problem.dy, cache)
    _, *sizes = problem.magnitudes()
    for one, other, size in zip(graph, problem.backward(cache), sizes, strict=True):
        assert one.dtype == problem.x.dtype
        assert_close(one, other.astype(np.float64), size)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("order", [np.ascontiguousarray, batch_last])
@pytest.mark.parametrize("kind", ["batch", "inference", "layer", "group"])
def test_entry_by_entry_at_the_size_of_a_layer(kind, order, dtype):
    rng = np.random.default_rng(0)
    shape = (16, 8, 14, 14)
    x, dy = (order(rng.standard_normal(shape).astype(dtype)) for _ in range(2))
    sizes = shape[1:] if kind == "layer" else shape[1:2]
    gamma, beta = (rng.uniform(0.5, 2, sizes).astype(dtype) for _ in range(2))
    options = {"eps": 1e-5} | ({"groups": 4} if kind == "group" else {})
    statistics = ()
    if kind == "inference":
        statistics = np.zeros(8, dtype), np.full(8, 2, dtype)
    problem = Problem(kind, x, gamma, beta, dy, options, statistics)
    y, cache = problem.forward()
    results = (y, *problem.backward(cache))
    for result, expected in zip(results, problem.torch(), strict=True):
        relative = RELATIVE[np.dtype(dtype)]
        assert np.allclose(result, expected, rtol=relative, atol=relative)


@pytest.mark.parametrize("N", [0, 1, 3])
@pytest.mark.parametrize("kind", ["batch", "graph", "inference", "layer", "group"])
def test_results_keep_the_memory_order_of_x_whatever_that_of_dy(kind, N):
    rng = np.random.default_rng(0)
    x, dy = rng.standard_normal((2, N, 4, 3, 2))
    gamma = beta = np.ones(x.shape[1:] if kind == "layer" else 4)
    options = {"groups": 2} if kind == "group" else {}
    statistics = (np.zeros(4), np.ones(4)) if kind == "inference" else ()
    done = "batch" if kind == "graph" else kind
    for dy_order in (np.ascontiguousarray, batch_last):
        for order in (np.ascontiguousarray, batch_last):
            problem = Problem(done, order(x), gamma, beta, dy_order(dy), options, statistics)
            y, cache = problem.forward()
            dx, *_ = replace(problem, kind=kind).backward(cache)
            for result in (y, dx):
                assert is_batch_last(result) == is_batch_last(order(x))
                assert is_batch_last(result) or result.flags.c_contiguous


def test_the_default_eps_is_torchs():
    rng = np.random.default_rng(0)
    x = rng.normal(0, 1e-3, (4, 3))
    one, none, statistics = np.ones(3), np.zeros(3), (np.zeros(3), np.full(3, 1e-6))
    for op, forward, options in (
        (batchnorm, batchnorm_forward, {}),
        (layer_norm, layer_norm_forward, {}),
        (group_norm, group_norm_forward, {"groups": 1}),
    ):
        expected = op(x, one, none, eps=1e-5, **options)
        assert np.array_equal(op(x, one, none, **options), expected)
        assert np.array_equal(forward(x, one, none, **options)[0], expected)
        assert not np.allclose(op(x, one, none, eps=2e-5, **options), expected)
    expected = batchnorm_inference(x, one, none, *statistics, eps=1e-5)
    assert np.array_equal(batchnorm_inference(x, one, none, *statistics), expected)
    assert np.array_equal(batchnorm_inference_forward(x, one, none, *statistics)[0], expected)


@pytest.mark.parametrize("kind", ["batch", "graph", "inference", "layer", "group"])
@pytest.mark.parametrize("space", [(), (2, 3)])
def test_gradcheck_agrees(kind, space):
    rng = np.random.default_rng(3)
    x = rng.standard_normal((4, 4, *space))
    sizes = x.shape[1:] if kind == "layer" else (4,)
    gamma, beta = rng.standard_normal(sizes), rng.standard_normal(sizes)
    options = {"groups": 2} if kind == "group" else {}
    statistics = (np.zeros(4), np.arange(1.0, 5)) if kind == "inference" else ()

    def forward(x, gamma, beta):
        done = "batch" if kind == "graph" else kind
        return Problem(done, x, gamma, beta, None, options, statistics).forward()

    def backward(dy, cache):
        return Problem(kind, None, None, None, dy, None, None).backward(cache)

    report = gradcheck(forward, backward, x, gamma, beta, names=NAMES)
    assert report, report


def test_every_channel_gets_mean_0_and_variance_1():
    rng = np.random.default_rng(4)
    x = rng.normal(5, 3, (8, 3, 6, 7))
    y = batchnorm(x, np.ones(3), np.zeros(3), eps=1e-12)
    assert np.allclose(y.mean((0, 2, 3)), 0, atol=1e-12)
    assert np.allclose(y.var((0, 2, 3)), 1)
    # slide 55: with gamma the standard deviation and beta the mean, x is back
    undone = batchnorm(x, x.std((0, 2, 3)), x.mean((0, 2, 3)), eps=1e-12)
    assert np.allclose(undone, x)
    # and a bias before it is taken away with the mean
    bias = np.array([10.0, -4, 2]).reshape(1, 3, 1, 1)
    assert np.allclose(batchnorm(x + bias, np.ones(3), np.zeros(3), eps=1e-12), y)


def test_a_constant_channel_gives_beta_and_no_gradient():
    x = np.full((4, 2), 7.0)
    y, cache = batchnorm_forward(x, np.array([3.0, 4]), np.array([-1.0, 5]))
    assert np.array_equal(y, np.tile([-1.0, 5], (4, 1)))
    dx, dgamma, _ = batchnorm_backward(np.ones((4, 2)), cache)
    assert not dx.any()
    assert not dgamma.any()


def test_the_cache_knows_the_statistics_of_the_batch():
    rng = np.random.default_rng(5)
    for shape, axes in (((6, 3), 0), ((4, 3, 5, 2), (0, 2, 3))):
        x = rng.normal(2, 3, shape)
        _, cache = batchnorm_forward(x, np.ones(3), np.zeros(3), eps=0.5)
        assert np.allclose(cache.mean, x.mean(axes))
        assert np.allclose(cache.variance, x.var(axes))
        assert np.allclose(cache.inverse_std, 1 / np.sqrt(x.var(axes) + 0.5))
        assert cache.values == x.size // 3


def test_caches_do_not_change_with_the_callers_arrays():
    rng = np.random.default_rng(6)
    for kind in ("batch", "graph", "inference", "layer", "group"):
        x, dy = rng.standard_normal((2, 5, 4, 3, 2))
        gamma = rng.standard_normal(x.shape[1:] if kind == "layer" else 4)
        statistics = (np.zeros(4), np.ones(4)) if kind == "inference" else ()
        options = {"groups": 2} if kind == "group" else {}
        done = "batch" if kind == "graph" else kind
        problem = Problem(done, x, gamma, gamma.copy(), dy, options, statistics)
        _, cache = problem.forward()
        backward = Problem(kind, None, None, None, dy, None, None).backward
        before = backward(cache)
        for array in (x, gamma, *statistics):
            array[...] = 9
        for one, other in zip(before, backward(cache), strict=True):
            assert np.array_equal(one, other)


def test_whole_numbers_are_computed_in_float64():
    x = np.arange(24).reshape(4, 6)
    ones, zeros = np.ones(6, int), np.zeros(6, int)
    for op in (batchnorm, layer_norm):
        y = op(x, ones, zeros)
        assert y.dtype == np.float64
        assert np.array_equal(y, op(x.astype(float), np.ones(6), np.zeros(6)))


def test_layer_group_and_instance_norm_are_one_family():
    rng = np.random.default_rng(7)
    x = rng.standard_normal((3, 4, 5, 6))
    one, none = np.ones(4), np.zeros(4)
    layer = layer_norm(x, np.ones((4, 5, 6)), np.zeros((4, 5, 6)))
    assert np.allclose(group_norm(x, one, none, groups=1), layer)
    instance = F.instance_norm(torch.tensor(x)).numpy()
    assert np.allclose(group_norm(x, one, none, groups=4), instance)
    # the images of a batch know nothing of each other
    assert np.allclose(
        group_norm(x, one, none, groups=2)[1:2], group_norm(x[1:2], one, none, groups=2)
    )
    assert not np.allclose(batchnorm(x, one, none)[1:2], batchnorm(x[1:2], one, none))


def test_float32_stays_exact_over_many_examples_and_around_a_large_mean():
    rng = np.random.default_rng(8)
    # adding 65,000 float32 numbers one after the other would be wrong in the 6th digit
    x = rng.uniform(1, 2, (65_536, 3)).astype(np.float32)
    _, cache = batchnorm_forward(x, np.ones(3, np.float32), np.zeros(3, np.float32))
    x = x.astype(np.float64)
    assert np.allclose(cache.mean, x.mean(0), rtol=1e-6, atol=0)
    assert np.allclose(cache.variance, x.var(0), rtol=1e-6, atol=0)
    x = (1000 + rng.standard_normal((64, 3, 8, 8))).astype(np.float32)
    y = batchnorm(x, np.ones(3, np.float32), np.zeros(3, np.float32), eps=1e-12)
    exact = batchnorm(x.astype(np.float64), np.ones(3), np.zeros(3), eps=1e-12)
    # of the 7 digits of float32 the mean takes 3, in torch as here
    assert np.allclose(y, exact, rtol=0, atol=2e-4)


@settings(max_examples=100)
@given(
    st.integers(0, 600),
    st.integers(1, 2),
    st.sampled_from([(0,), (1,), (0, 2), (1, 2), (0, 1, 2), (2,)]),
    st.integers(1, 3),
)
def test_total_is_the_sum_of_the_product(rows, width, axes, factors):
    rng = np.random.default_rng(9)
    arrays = [rng.integers(-9, 9, (rows, 2, width)).astype(np.float32) for _ in range(factors)]
    expected = np.prod(arrays, axis=0, dtype=np.float64).sum(axes, keepdims=True)
    result = total(axes, *arrays)
    assert result.dtype == np.float64
    assert np.array_equal(result, expected)


def test_nothing_to_pool_has_mean_and_variance_0():
    x_hat, mean, variance, inverse_std = center(np.zeros((0, 2)), (0,), 0.25)
    assert x_hat.shape == (0, 2)
    assert np.array_equal(mean, [[0, 0]])
    assert np.array_equal(variance, [[0, 0]])
    assert np.array_equal(inverse_std, [[2, 2]])


@pytest.mark.parametrize("shape", [(0, 3, 2, 2), (2, 3, 0, 2), (2, 3, 2, 0), (2, 0, 2, 2), (0, 3)])
def test_empty_batches_have_empty_results_and_gradients_of_0(shape):
    x, C = np.zeros(shape), shape[1]
    for forward, backward in (
        (batchnorm_forward, batchnorm_backward),
        (batchnorm_forward, batchnorm_backward_graph),
        (lambda *a: group_norm_forward(*a, groups=1), group_norm_backward),
    ):
        y, cache = forward(x, np.ones(C), np.zeros(C))
        dx, dgamma, dbeta = backward(y, cache)
        assert y.shape == dx.shape == shape
        assert np.array_equal(dgamma, np.zeros(C))
        assert np.array_equal(dbeta, np.zeros(C))


def test_a_sum_over_many_images_keeps_its_digits():
    a = np.full((5000, 1, 2, 2), 0.1, np.float32)
    exact = float(np.float32(0.1)) * 20000
    assert total((0, 2, 3), a, np.ones_like(a)).item() == pytest.approx(exact, rel=1e-7)
    assert total((0, 2, 3), a).item() == pytest.approx(exact, rel=1e-6)
