"""Windows that move along an axis: where they lie, which of their entries is largest, and their sum."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from coursekit.reference.arguments import Size, as_images, as_output_gradient, as_pair
from coursekit.reference.axes import Shape, at, to_memory
from coursekit.reference.geometry import output_size
from coursekit.reference.layout import is_batch_last


class Window(NamedTuple):
    """A window along one axis, and how it moves."""

    size: int  # F
    stride: int  # S
    padding: int  # P

    def places(self, size: int) -> int:
        """Return at how many places of an axis of W entries the window fits."""
        return output_size(size, self.size, stride=self.stride, padding=self.padding)


class Pooling(NamedTuple):
    """What every pooling with windows remembers: the windows, and what x and y look like."""

    height: Window
    width: Window
    x_shape: Shape
    y_shape: Shape
    dtype: np.dtype  # of x
    batch_last: bool  # the memory order of x


def prepared(
    x: np.ndarray, kernel: Size, stride: Size | None, padding: Size
) -> tuple[np.ndarray, Pooling]:
    """Return x as float32 or float64, and how it is to be pooled; raise where that cannot be."""
    x = as_images("x", x)
    F = as_pair("kernel", kernel, 1)
    S = F if stride is None else as_pair("stride", stride, 1)
    P = as_pair("padding", padding, 0)
    if any(2 * p > f for p, f in zip(P, F, strict=True)):
        raise ValueError(
            f"padding {padding} is more than half of the kernel {kernel}: a window could lie on "
            "nothing but padding"
        )
    height, width = (Window(*numbers) for numbers in zip(F, S, P, strict=True))
    N, C, H, W = x.shape
    y_shape = (N, C, height.places(H), width.places(W))
    return x, Pooling(height, width, x.shape, y_shape, x.dtype, is_batch_last(x))


def output_gradient(dy: np.ndarray, pooling: Pooling) -> np.ndarray:
    """Return dy as it shall lie in memory, in the dtype that dx gets."""
    dy = as_output_gradient(dy, pooling.y_shape)
    dy = dy.astype(np.result_type(dy, pooling.dtype), copy=False)
    return to_memory(dy, pooling.batch_last)


def taps(size: int, window: Window) -> Iterator[tuple[int, slice, slice]]:
    """Yield every tap m, the places i at which it lies inside the W entries, and those it lies on.

    Tap m of the window at place i lies on entry iS + m - P. A tap that never lies inside is left out.
    """
    F, S, P = window
    last_place = window.places(size) - 1
    for m in range(max(0, P - last_place * S), min(F, P + size)):
        first = max(0, -((m - P) // S))  # iS + m - P >= 0: (P - m) / S, rounded up
        last = min(last_place, (size - 1 + P - m) // S)  # iS + m - P <= W - 1
        if first <= last:
            entry = first * S + m - P
            yield m, slice(first, last + 1), slice(entry, entry + (last - first) * S + 1, S)


def add_windows(x: np.ndarray, axis: int, window: Window, y: np.ndarray) -> None:
    """Add the sum of every window along an axis of x to y."""
    for _, places, entries in taps(x.shape[axis], window):
        y[at(axis, places)] += x[at(axis, entries)]


def spread_windows(y: np.ndarray, axis: int, window: Window, x: np.ndarray) -> None:
    """Add every y to all entries of its window along an axis of x: the transpose of add_windows."""
    for _, places, entries in taps(x.shape[axis], window):
        x[at(axis, entries)] += y[at(axis, places)]


def tap_dtype(window: Window) -> np.dtype:
    """Return the smallest dtype for the number of a tap: usually a byte, little to write and read."""
    return np.min_scalar_type(window.size - 1)


def largest(x: np.ndarray, axis: int, window: Window, y: np.ndarray, best: np.ndarray) -> None:
    """Fill y with the largest entry of every window along an axis, and best, all 0, with its tap."""
    _, S, P = window
    # the windows that begin left of the image begin with its first entry; their taps before lie outside
    for i, m in enumerate(range(P, 0, -S)[: y.shape[axis]]):
        y[at(axis, slice(i, i + 1))] = x[at(axis, slice(0, 1))]
        best[at(axis, slice(i, i + 1))] = m
    for m, places, entries in taps(x.shape[axis], window):
        tap, y_there, best_there = x[at(axis, entries)], y[at(axis, places)], best[at(axis, places)]
        if m == 0:
            y_there[...] = tap
        else:
            larger = tap > y_there  # not >=, so of equal entries the first stays
            np.maximum(y_there, tap, out=y_there)
            np.maximum(best_there, larger * best.dtype.type(m), out=best_there)  # m only grows
    if np.isnan(y).any():  # NaN is not larger than anything, yet it is what the window returned
        for m, places, entries in taps(x.shape[axis], window):
            best[at(axis, places)][np.isnan(x[at(axis, entries)])] = m


def to_winners(dy: np.ndarray, best: np.ndarray, axis: int, window: Window, dx: np.ndarray) -> None:
    """Add the gradient of every window along an axis to the entry of dx that won it."""
    finite = np.isfinite(dy).all()
    for m, places, entries in taps(dx.shape[axis], window):
        won, dy_there = best[at(axis, places)] == m, dy[at(axis, places)]
        # a product takes a twentieth of np.where's time, but infinity times 0 is not 0
        dx[at(axis, entries)] += dy_there * won if finite else np.where(won, dy_there, 0)
