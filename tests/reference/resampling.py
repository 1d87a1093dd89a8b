"""What pooling and upsampling promise alike: they make one image of another, larger or smaller."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from contract import LAYOUTS, check_order, check_ownership, laid_out
from hypothesis import strategies as st
from problems import assert_close

from coursekit.reference.layout import is_batch_last


@dataclass(frozen=True)
class Resampling:
    """One operation, its two passes and its torch twin, all called with the same keywords."""

    op: Callable[..., np.ndarray]
    forward: Callable[..., tuple[np.ndarray, Any]]
    backward: Callable[..., np.ndarray]
    twin: Callable[..., torch.Tensor]


@st.composite
def images(draw, size, *, special=False):
    """Draw read-only images (N, C, *size) in any order of memory; with special, of NaN and infinity too."""
    N, C = draw(st.integers(0, 3), label="N"), draw(st.integers(1, 3), label="C")
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1), label="seed"))
    values = 2 * rng.standard_normal((N, C, *size))
    kinds = ["any", "ties"] + ["special"] * special
    kind = draw(st.sampled_from(kinds), label="kind")
    if kind != "any":
        values = np.round(values)
    if kind == "special":
        odd = rng.choice([np.nan, np.inf, -np.inf, -np.inf, -np.inf], values.shape)
        values = np.where(rng.random(values.shape) < rng.choice([0.1, 0.5, 1]), odd, values)
    dtype = draw(st.sampled_from([np.float32, np.float64]), label="dtype")
    nan = np.isnan(values)
    array = laid_out(np.where(nan, 0, values).astype(dtype), draw(st.sampled_from(LAYOUTS)))
    if nan.any():  # laid_out compares, and NaN is not equal to itself
        array.flags.writeable = True
        array[nan] = np.nan
        array.flags.writeable = False
    return array


def torch_passes(twin, x, dy, **options):
    """Return torch's y and dx for float64, and its dx for the absolute values of dy."""
    x_t = torch.tensor(x.astype(np.float64, order="C"), requires_grad=True)
    y = twin(x_t, **options)
    gradients = [
        torch.autograd.grad(
            y, x_t, torch.tensor(d.astype(np.float64, order="C")), retain_graph=True
        )
        for d in (dy, np.abs(dy))
    ]
    return y.detach().numpy(), *(g[0].numpy() for g in gradients)


def check(resampling: Resampling, x: np.ndarray, **options) -> None:
    """Hold an operation on read-only images to torch and to all that the package promises."""
    y, cache = resampling.forward(x, **options)
    assert y.tobytes() == resampling.op(x, **options).tobytes()
    rng = np.random.default_rng(x.size)
    order = "batch last" if is_batch_last(x) and y.ndim == 4 else LAYOUTS[x.size % len(LAYOUTS)]
    dy = laid_out(rng.standard_normal(y.shape).astype(x.dtype), order)
    dx = resampling.backward(dy, cache)

    assert type(y) is type(dx) is np.ndarray
    assert y.dtype == dx.dtype == x.dtype
    assert dx.shape == x.shape
    y_torch, dx_torch, dx_size = torch_passes(resampling.twin, x, dy, **options)
    if np.isfinite(x).all():
        y_size = torch_passes(resampling.twin, np.abs(x), dy, **options)[0]
        # and a trifle: torch rounds where between two pixels a place lies
        assert_close(y, y_torch, y_size + 1e-5 * np.max(np.abs(x), initial=0))
    else:
        assert np.array_equal(y, y_torch, equal_nan=True)
    assert_close(dx, dx_torch, dx_size + 1e-5 * np.max(np.abs(dy), initial=0))
    assert not np.signbit(dx[dx == 0]).any()  # -0. is a puzzle to a learner

    if y.ndim == 4:
        check_order(x, y, dx)
    for result in (y, dx):
        assert result.flags.c_contiguous or is_batch_last(x)
    check_ownership((x, dy), (y, dx), _arrays(cache))

    # neither x nor y belongs to the cache: changing them changes no gradient; nor does dx
    mine = x.copy(order="K")
    y_mine, cache_mine = resampling.forward(mine, **options)
    mine += 7
    y_mine *= 3
    again = resampling.backward(dy, cache_mine)
    assert again.tobytes() == dx.tobytes()
    again *= 2
    assert resampling.backward(dy, cache_mine).tobytes() == dx.tobytes()


def _arrays(cache) -> list[np.ndarray]:
    return [field for field in cache if isinstance(field, np.ndarray)]


def check_dtypes(resampling: Resampling, **options) -> None:
    """float32 stays only where x and dy both are; whole numbers are computed as float64."""
    numbers = np.arange(1, 33).reshape(1, 2, 4, 4)
    y_expected, cache_expected = resampling.forward(numbers.astype(float), **options)
    expected = resampling.backward(np.ones(y_expected.shape), cache_expected)
    for kind in (np.float32, np.float64, np.int64, np.uint8, np.float16, np.dtype(">f4")):
        y, cache = resampling.forward(numbers.astype(kind), **options)
        assert y.dtype == (np.float32 if kind == np.float32 else np.float64)
        assert np.allclose(y, y_expected, rtol=1e-6)
        for dy_kind in (np.float32, np.float64, np.int64):
            dx = resampling.backward(np.ones(y.shape, dy_kind), cache)
            assert dx.dtype == (np.float32 if kind == dy_kind == np.float32 else np.float64)
            assert np.allclose(dx, expected, rtol=1e-6)
