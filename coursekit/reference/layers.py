"""Layers without parameters: pooling, activations, dropout, and those that only move numbers.

Those with parameters are in ``trained_layers``; ``network`` says what a layer is. They have no mathematics of
their own, but keep the options and the latest cache, and call the functions of the modules imported here.
"""

import math
from typing import Any, SupportsFloat

import numpy as np

from coursekit.reference import activations, pooling
from coursekit.reference.arguments import (
    Size,
    as_float_array,
    as_images,
    as_number,
    as_output_gradient,
    as_pair,
)
from coursekit.reference.dropout import dropout_backward, dropout_forward
from coursekit.reference.layout import batch_first, batch_last, is_batch_last
from coursekit.reference.network import Layer
from coursekit.reference.weights import as_generator


class MaxPool2d(Layer):
    """The largest entry of every window, see :mod:`coursekit.reference.pooling`.

    Args:
        kernel: F, pixels; one number, or one for the height and one for the width, like the others.
        stride: S, pixels from one window to the next; None means F.
        padding: P, pixels added at each side.
    """

    def __init__(self, kernel: Size, *, stride: Size | None = None, padding: Size = 0) -> None:
        super().__init__()
        self.kernel = as_pair("kernel", kernel, 1)
        self.stride = None if stride is None else as_pair("stride", stride, 1)
        self.padding = as_pair("padding", padding, 0)

    def _forward(self, x: np.ndarray, training: bool) -> tuple[np.ndarray, Any]:
        return pooling.max_pool2d_forward(x, self.kernel, stride=self.stride, padding=self.padding)

    def _backward(self, dy: np.ndarray, cache: Any) -> np.ndarray:
        return pooling.max_pool2d_backward(dy, cache)


class AveragePool2d(MaxPool2d):
    """The mean of every window, with the arguments of :class:`MaxPool2d`."""

    def _forward(self, x: np.ndarray, training: bool) -> tuple[np.ndarray, Any]:
        return pooling.average_pool2d_forward(
            x, self.kernel, stride=self.stride, padding=self.padding
        )

    def _backward(self, dy: np.ndarray, cache: Any) -> np.ndarray:
        return pooling.average_pool2d_backward(dy, cache)


class ReLU(Layer):
    """Keep what is positive."""

    def _forward(self, x: np.ndarray, training: bool) -> tuple[np.ndarray, Any]:
        return activations.relu_forward(x)

    def _backward(self, dy: np.ndarray, cache: Any) -> np.ndarray:
        return activations.relu_backward(dy, cache)


class Tanh(Layer):
    """Squash into (−1, 1)."""

    def _forward(self, x: np.ndarray, training: bool) -> tuple[np.ndarray, Any]:
        return activations.tanh_forward(x)

    def _backward(self, dy: np.ndarray, cache: Any) -> np.ndarray:
        return activations.tanh_backward(dy, cache)


class Sigmoid(Layer):
    """Squash into (0, 1)."""

    def _forward(self, x: np.ndarray, training: bool) -> tuple[np.ndarray, Any]:
        return activations.sigmoid_forward(x)

    def _backward(self, dy: np.ndarray, cache: Any) -> np.ndarray:
        return activations.sigmoid_backward(dy, cache)


class Dropout(Layer):
    """Drop entries at random in training, and scale up the others; nothing in testing.

    Args:
        rate: the probability to drop an entry, at least 0 and below 1.
        rng: where the random numbers come from.
    """

    def __init__(self, rate: SupportsFloat, rng: np.random.Generator) -> None:
        super().__init__()
        self.rate, self.rng = as_number("rate", rate, 0.0, 1.0), as_generator(rng)

    def _forward(self, x: np.ndarray, training: bool) -> tuple[np.ndarray, Any]:
        return dropout_forward(x, self.rate, self.rng, training=training)

    def _backward(self, dy: np.ndarray, cache: Any) -> np.ndarray:
        return dropout_backward(dy, cache)


class Flatten(Layer):
    """All entries of an example in one row: (N, C, H, W) becomes (N, C · H · W)."""

    def _forward(self, x: np.ndarray, training: bool) -> tuple[np.ndarray, Any]:
        x = as_float_array("x", x)
        if x.ndim < 2:
            raise ValueError(f"x has shape {x.shape}, expected a batch, such as (N, C, H, W)")
        return x.reshape(len(x), math.prod(x.shape[1:])), (x.shape, is_batch_last(x))

    def _backward(self, dy: np.ndarray, cache: Any) -> np.ndarray:
        shape, last = cache
        dx = as_output_gradient(dy, (shape[0], math.prod(shape[1:]))).reshape(shape)
        return batch_last(dx) if last else dx


class BatchLast(Layer):
    """The same images in another order of memory, in which the layers after it are faster.

    See :mod:`coursekit.reference.layout`. It stands first in a network: once is enough, since all layers
    keep the order.
    """

    def _forward(self, x: np.ndarray, training: bool) -> tuple[np.ndarray, Any]:
        x = as_images("x", x)
        return batch_last(x), (x.shape, is_batch_last(x))

    def _backward(self, dy: np.ndarray, cache: Any) -> np.ndarray:
        shape, last = cache
        dy = as_output_gradient(dy, shape)
        return batch_last(dy) if last else batch_first(dy)
