"""Arrays to try an operation with, and what every operation of coursekit.reference promises."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st
from problems import assert_close

from coursekit.reference.layout import batch_last, is_batch_last

LAYOUTS = ("plain", "reversed", "every other", "axes swapped", "batch last")


def laid_out(values: np.ndarray, layout: str) -> np.ndarray:
    """Return the same values, read-only, in another order of memory."""
    array = values.copy()
    if layout == "axes swapped" and values.ndim:
        array = np.asfortranarray(values)
    elif layout == "batch last" and values.ndim == 4:
        array = batch_last(values)
    elif layout == "reversed" and values.ndim:
        array = np.ascontiguousarray(values[..., ::-1])[..., ::-1]
    elif layout == "every other" and values.ndim:
        array = np.repeat(values, 2, axis=-1)[..., ::2]
    assert np.array_equal(array, values)
    array.flags.writeable = False  # whoever writes into an argument gets an exception
    return array


def shapes(least: int = 0, most: int = 4, side: int = 0) -> st.SearchStrategy:
    """Draw shapes; batch sizes and all others include 0 and 1."""
    return st.lists(st.integers(side, 4), min_size=least, max_size=most).map(tuple)


@st.composite
def arrays(draw, shape=None, *, dtypes=(np.float32, np.float64), scale=2.0):
    """Draw a read-only array, not always contiguous: of all kinds of numbers, or of few that tie."""
    shape = draw(shapes() if shape is None else shape)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1), label="seed"))
    values = rng.standard_normal(shape) * scale
    if draw(st.booleans(), label="ties"):
        values = np.round(values)
    dtype = draw(st.sampled_from(dtypes), label="dtype")
    return laid_out(np.asarray(values).astype(dtype), draw(st.sampled_from(LAYOUTS)))


@dataclass(frozen=True)
class Operation:
    """One operation y = op(x), its torch twin, and how large the terms of its sums are."""

    op: Callable[..., np.ndarray]
    forward: Callable[..., tuple[np.ndarray, Any]]
    backward: Callable[..., np.ndarray]
    twin: Callable[..., torch.Tensor]
    # of what the rounding error of dx is a fraction, from (dx, dy, y); dx itself where nothing cancels
    magnitude: Callable[..., np.ndarray] = lambda dx, dy, y: np.abs(dx)
    options: dict[str, Any] = field(default_factory=dict)


def torch_pass(twin, x, dy, **options):
    """Return torch's output and gradient, computed in float64."""
    x_t = torch.tensor(x.astype(np.float64, order="C"), requires_grad=True)
    y = twin(x_t, **options)
    dx = torch.autograd.grad(y, x_t, torch.tensor(dy.astype(np.float64, order="C")))[0]
    return y.detach().numpy(), dx.numpy()


def check(operation: Operation, x: np.ndarray, seed: int = 0, **options) -> None:
    """Hold one operation on one read-only array to all that the package promises."""
    options = operation.options | options
    y, cache = operation.forward(x, **options)
    assert np.array_equal(y, operation.op(x, **options))
    rng = np.random.default_rng(seed)
    dy = np.asarray(rng.standard_normal(y.shape)).astype(x.dtype)
    layout = "batch last" if is_batch_last(x) else LAYOUTS[seed % len(LAYOUTS)]
    dy = laid_out(dy, layout)
    dx = operation.backward(dy, cache)

    assert type(y) is type(dx) is np.ndarray
    assert y.dtype == dx.dtype == x.dtype
    assert dx.shape == x.shape
    y_torch, dx_torch = torch_pass(operation.twin, x, dy, **options)
    assert_close(y, y_torch, np.abs(y_torch))
    assert_close(dx, dx_torch, operation.magnitude(np.abs(dx_torch), dy, y_torch))
    check_order(x, y, dx)
    check_ownership((x, dy), (y, dx), cache)

    # neither an argument nor the output belongs to the cache: changing them changes no gradient
    mine = x.copy(order="K")
    y_mine, cache_mine = operation.forward(mine, **options)
    mine += 7
    y_mine *= 3
    again = operation.backward(dy, cache_mine)
    assert again.tobytes() == dx.tobytes()
    again *= 2  # nor does the gradient
    assert operation.backward(dy, cache_mine).tobytes() == dx.tobytes()


def check_order(x: np.ndarray, *results: np.ndarray) -> None:
    """Results of a contiguous array lie in memory as it does."""
    for result in results:
        if x.flags.c_contiguous:
            assert result.flags.c_contiguous
        elif is_batch_last(x):
            assert is_batch_last(result) or result.flags.c_contiguous
            assert result.transpose(2, 1, 3, 0).flags.c_contiguous


def check_ownership(given, results, cache) -> None:
    """Results are the caller's own to write into, apart from arguments, cache and each other."""
    cached = [c for c in cache if isinstance(c, np.ndarray)]
    for k, result in enumerate(results):
        assert result.flags.writeable
        for other in (*given, *cached, *results[:k]):
            assert not np.shares_memory(result, other)
    for c in cached:
        assert not any(np.shares_memory(c, g) for g in given)


def check_dtypes(forward, backward, **options) -> None:
    """float32 stays only where x and dy both are; whole numbers are computed as float64."""
    for kind in (np.float32, np.float64, np.int64, np.uint8, np.float16, np.dtype(">f4")):
        x = np.arange(1, 5).reshape(2, 2).astype(kind)
        y, cache = forward(x, **options)
        assert y.dtype == (np.float32 if kind == np.float32 else np.float64)
        for dy_kind in (np.float32, np.float64, np.int64):
            dx = backward(np.ones(y.shape, dy_kind), cache)
            assert dx.dtype == (np.float32 if kind == dy_kind == np.float32 else np.float64)
            assert np.array_equal(dx, backward(np.ones(y.shape), cache).astype(dx.dtype))


class Boastful(np.ndarray):
    """An array that answers every question with 42."""

    def __array_ufunc__(self, *args, **kwargs):
        return 42.0


def check_subclass(forward, backward, **options) -> None:
    """A subclass of array is computed with as a plain array."""
    x = np.arange(-2.0, 4).reshape(2, 3)[:, :2]
    y, cache = forward(x.view(Boastful), **options)
    dx = backward(y.view(Boastful), cache)
    expected, cache = forward(x, **options)
    assert np.array_equal(y, expected)
    assert np.array_equal(dx, backward(expected, cache))
    assert type(y) is type(dx) is np.ndarray
