"""Running averages and batch normalization at test time, against torch."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import RELATIVE

from coursekit.reference.normalization import batchnorm_forward
from coursekit.reference.running_statistics import batchnorm_inference, update_running


@settings(max_examples=100)
@given(
    st.sampled_from([(2, 3), (5, 3), (1, 3, 1, 2), (2, 3, 4, 5), (0, 3, 2, 2)]),
    st.sampled_from([np.float32, np.float64]),
    st.sampled_from([0.0, 0.1, 0.5, 1.0]),
    st.integers(1, 4),
)
def test_several_batches_leave_torchs_averages(shape, dtype, momentum, batches):
    rng = np.random.default_rng(0)
    mean, variance = np.zeros(3, dtype), np.ones(3, dtype)
    tensors = [torch.tensor(a) for a in (mean, variance)]
    one, none = np.ones(3, dtype), np.zeros(3, dtype)
    for _ in range(batches):
        x = rng.normal(2, 3, shape).astype(dtype)
        _, cache = batchnorm_forward(x, one, none)
        mean, variance = update_running(mean, variance, cache, momentum=momentum)
        torch.nn.functional.batch_norm(torch.tensor(x), *tensors, training=True, momentum=momentum)
    for ours, theirs in zip((mean, variance), tensors, strict=True):
        assert ours.dtype == dtype
        relative = RELATIVE[np.dtype(dtype)]
        assert np.allclose(ours, theirs.numpy(), rtol=relative, atol=relative)


def test_the_default_momentum_is_torchs():
    rng = np.random.default_rng(1)
    x = rng.normal(2, 3, (4, 3, 5, 2))
    _, cache = batchnorm_forward(x, np.ones(3), np.zeros(3))
    mean, variance = update_running(np.zeros(3), np.ones(3), cache)
    layer = torch.nn.BatchNorm2d(3, dtype=torch.float64)
    layer(torch.tensor(x))
    assert np.allclose(mean, layer.running_mean.numpy())
    assert np.allclose(variance, layer.running_var.numpy())
    assert np.allclose(mean, 0.1 * x.mean((0, 2, 3)))
    assert np.allclose(variance, 0.9 + 0.1 * x.var((0, 2, 3), ddof=1))


def test_the_old_averages_stay_as_they_are():
    old = np.zeros(2), np.ones(2)
    for shape in ((4, 2), (0, 2)):
        _, cache = batchnorm_forward(np.arange(shape[0] * 2.0).reshape(shape), np.ones(2), old[0])
        new = update_running(*old, cache, momentum=1)
        for before, after in zip(old, new, strict=True):
            assert not np.shares_memory(before, after)
        assert np.array_equal(old, (np.zeros(2), np.ones(2)))
        assert np.array_equal(new, old) == (shape[0] == 0)


def test_the_unbiased_variance_is_right_on_average_and_the_biased_one_too_small():
    rng = np.random.default_rng(2)
    x = rng.normal(0, 2, (4, 20_000))  # 20,000 channels, each a batch of 4 from one distribution
    one, none = np.ones(20_000), np.zeros(20_000)
    _, cache = batchnorm_forward(x, one, none)
    _, variance = update_running(none, one, cache, momentum=1)
    assert variance.mean() == pytest.approx(4, rel=0.02)
    assert cache.variance.mean() == pytest.approx(3, rel=0.02)


def test_an_image_at_test_time_does_not_depend_on_its_batch():
    rng = np.random.default_rng(3)
    x = rng.standard_normal((4, 3, 2, 2))
    given_ones = rng.standard_normal((4, 3)) ** 2
    assert np.array_equal(
        batchnorm_inference(x, *given_ones)[:1], batchnorm_inference(x[:1], *given_ones)
    )


def test_the_batchs_own_statistics_give_what_training_gives():
    x = np.random.default_rng(4).standard_normal((4, 3, 5, 2))
    gamma, beta = np.array([1.0, 2, 3]), np.array([4.0, 5, 6])
    y, cache = batchnorm_forward(x, gamma, beta, eps=0.1)
    same = batchnorm_inference(x, gamma, beta, cache.mean, cache.variance, eps=0.1)
    assert np.allclose(y, same)


def test_float32_weights_stay_float32_beside_float64_averages():
    x, one = np.ones((2, 3), np.float32), np.ones(3, np.float32)
    assert batchnorm_inference(x, one, one, np.ones(3), np.ones(3)).dtype == np.float32
