"""Layers with parameters: Linear, Conv2d and BatchNorm, see ``network`` for what a layer is.

They have no mathematics of their own. A layer keeps the parameters, the options and the latest cache,
and calls the functions of the modules imported here, whose documentation has the formulas.
"""

from collections.abc import Callable
from typing import Any, SupportsFloat, SupportsIndex

import numpy as np
from jaxtyping import Float
from numpy.typing import DTypeLike

from coursekit.reference import convolution2d, normalization
from coursekit.reference import running_statistics as running
from coursekit.reference.arguments import Size, as_count, as_float_array, as_number, as_pair
from coursekit.reference.initialization import he_normal
from coursekit.reference.linear import linear_backward, linear_forward
from coursekit.reference.network import Layer
from coursekit.reference.weights import as_dtype, as_generator

Initializer = Callable[[tuple[int, ...], np.random.Generator], Float[np.ndarray, "..."]]


class Linear(Layer):
    """Weighted sums of all features, see :mod:`coursekit.reference.linear`.

    Args:
        fan_in: features of the input, D.
        fan_out: features of the output, K.
        rng: where the initial weights come from.
        init: a function of the shape of w and rng; the biases start at 0.
        bias: whether to add one to every output.
        dtype: of the parameters, float32 or float64.
    """

    def __init__(
        self,
        fan_in: SupportsIndex,
        fan_out: SupportsIndex,
        rng: np.random.Generator,
        *,
        init: Initializer = he_normal,
        bias: bool = True,
        dtype: DTypeLike = np.float32,
    ) -> None:
        shape = as_count("fan_out", fan_out, 1), as_count("fan_in", fan_in, 1)
        super().__init__(**_initial(init, shape, rng, bias, dtype))

    def _forward(self, x: np.ndarray, training: bool) -> tuple[np.ndarray, Any]:
        return linear_forward(x, **self._params)

    def _backward(self, dy: np.ndarray, cache: Any) -> tuple[np.ndarray | None, ...]:
        return linear_backward(dy, cache)


class Conv2d(Layer):
    """Convolution of images, see :mod:`coursekit.reference.convolution2d`.

    Args:
        channels: of the input, C.
        kernels: channels of the output, K.
        kernel: F, pixels; one number, or one for the height and one for the width, like the next
            three.
        rng: where the initial weights come from.
        stride: S, pixels from one place to the next.
        padding: P, zeros added at each side.
        dilation: D, pixels from one tap to the next.
        groups: parts that the channels are split into.
        init: a function of the shape of w and rng; the biases start at 0.
        bias: whether to add one to every kernel's output.
        dtype: of the parameters, float32 or float64.
    """

    def __init__(
        self,
        channels: SupportsIndex,
        kernels: SupportsIndex,
        kernel: Size,
        rng: np.random.Generator,
        *,
        stride: Size = 1,
        padding: Size = 0,
        dilation: Size = 1,
        groups: SupportsIndex = 1,
        init: Initializer = he_normal,
        bias: bool = True,
        dtype: DTypeLike = np.float32,
    ) -> None:
        C, K = as_count("channels", channels, 1), as_count("kernels", kernels, 1)
        G = as_count("groups", groups, 1)
        if C % G or K % G:
            raise ValueError(f"groups is {G}, expected a divisor of {C} channels and {K} kernels")
        self.steps: dict[str, Any] = {
            "stride": as_pair("stride", stride, 1),
            "padding": as_pair("padding", padding, 0),
            "dilation": as_pair("dilation", dilation, 1),
            "groups": G,
        }
        shape = K, C // G, *as_pair("kernel", kernel, 1)
        super().__init__(**_initial(init, shape, rng, bias, dtype))

    def _forward(self, x: np.ndarray, training: bool) -> tuple[np.ndarray, Any]:
        return convolution2d.conv2d_forward(
            x, self._params["w"], self._params.get("b"), **self.steps
        )

    def _backward(self, dy: np.ndarray, cache: Any) -> tuple[np.ndarray | None, ...]:
        return convolution2d.conv2d_backward(dy, cache)


class BatchNorm(Layer):
    """Every channel of a batch with mean 0 and variance 1, then scaled and shifted.

    Takes (N, C) and (N, C, H, W). In testing it uses the running averages of the training batches.

    Args:
        channels: C.
        momentum: weight of the newest batch in the running averages, as in torch.
        eps: added to the variance, in its units.
        dtype: of the parameters, float32 or float64.

    Attributes:
        running_mean, running_variance: (C,), from 0 and 1 on.
    """

    def __init__(
        self,
        channels: SupportsIndex,
        *,
        momentum: SupportsFloat = 0.1,
        eps: SupportsFloat = 1e-5,
        dtype: DTypeLike = np.float32,
    ) -> None:
        C, dtype = as_count("channels", channels, 1), as_dtype(dtype)
        super().__init__(gamma=np.ones(C, dtype), beta=np.zeros(C, dtype))
        self.running_mean, self.running_variance = np.zeros(C, dtype), np.ones(C, dtype)
        self.momentum, self.eps = as_number("momentum", momentum, 0.0), as_number("eps", eps, 0.0)

    def _forward(self, x: np.ndarray, training: bool) -> tuple[np.ndarray, Any]:
        if not training:
            return running.batchnorm_inference_forward(
                x,
                **self._params,
                mean=self.running_mean,
                variance=self.running_variance,
                eps=self.eps,
            )
        y, cache = normalization.batchnorm_forward(x, **self._params, eps=self.eps)
        self.running_mean, self.running_variance = running.update_running(
            self.running_mean, self.running_variance, cache, momentum=self.momentum
        )
        return y, cache

    def _backward(self, dy: np.ndarray, cache: Any) -> tuple[np.ndarray | None, ...]:
        if isinstance(cache, running.BatchNormInferenceCache):
            return running.batchnorm_inference_backward(dy, cache)
        return normalization.batchnorm_backward(dy, cache)


def _initial(
    init: Initializer,
    shape: tuple[int, ...],
    rng: np.random.Generator,
    bias: bool,
    dtype: DTypeLike,
) -> dict[str, np.ndarray]:
    """Return the parameters w, as init draws them, and b, which is 0."""
    dtype = as_dtype(dtype)
    if not callable(init):
        raise TypeError(f"init is {init!r}, expected a function of a shape and a generator")
    w = as_float_array("what init returned", init(shape, as_generator(rng)))
    if w.shape != shape:
        raise ValueError(f"init returned weights of shape {w.shape}, expected {shape}")
    params = {"w": w.astype(dtype)}  # a copy, which is the layer's own
    if not isinstance(bias, bool):
        raise TypeError(f"bias is {bias!r}, expected True or False")
    if bias:
        params["b"] = np.zeros(shape[0], dtype)
    return params
