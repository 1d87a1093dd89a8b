"""What a layer costs for one image: parameters, activations and multiply-adds.

A multiply-add is one product and its addition. Counted are the products of inputs with weights,
those with padding included, since the usual implementations compute them too. Not counted are the
additions of biases, and comparing or averaging in a pooling, which multiplies nothing. Other
authors count two operations where this module counts one multiply-add.
"""

from collections.abc import Iterable
from math import prod
from typing import NamedTuple, SupportsIndex

import numpy as np
from numpy.typing import DTypeLike

from coursekit.reference.arguments import Size, as_count, as_pair
from coursekit.reference.geometry import Fit, output_size


class Cost(NamedTuple):
    """What a layer, or a stack of them, costs for one image."""

    shape: tuple[int, ...]  # of the output
    parameters: int
    activations: int  # entries of the output, or of all outputs of a stack
    multiply_adds: int

    def activation_bytes(self, images: SupportsIndex = 1, dtype: DTypeLike = np.float32) -> int:
        """Return the memory of the outputs for a batch, which training keeps for the backward pass.

        Raises:
            TypeError: images is not a whole number.
            ValueError: images is below 0.
        """
        return as_count("images", images, 0) * self.activations * np.dtype(dtype).itemsize


def conv2d_cost(
    shape: tuple[SupportsIndex, ...],
    kernels: SupportsIndex,
    kernel: Size,
    *,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
    groups: SupportsIndex = 1,
    bias: bool = True,
    fit: Fit = "floor",
) -> Cost:
    r"""Cost of a convolution of an image.

    .. math::
        \text{parameters} &= K \, (C/G \cdot F_h F_w + 1)

        \text{multiply-adds} &= K H_{out} W_{out} \cdot C/G \cdot F_h F_w

    Args:
        shape: (C, H, W) of the input.
        kernels: K, channels of the output.
        kernel: F, one number, or one for the height and one for the width, like the next three.
        stride: S, pixels from one place to the next.
        padding: P, zeros added at each side.
        dilation: D, pixels from one tap to the next.
        groups: G, parts that the channels are split into.
        bias: whether every kernel has one: the + 1 in the parameters.
        fit: "exact" to refuse a stride that does not fit.

    Returns:
        The cost, with the output's shape (K, H_out, W_out).

    Raises:
        TypeError: a size is not a whole number.
        ValueError: sizes do not fit together.

    Source: CS7015 lecture 11, slides 21 to 29 and 61; Verbeek, slides 38 to 41.
    """
    C, H, W = _as_image(shape)
    K, G = as_count("kernels", kernels, 1), as_count("groups", groups, 1)
    if C % G or K % G:
        raise ValueError(
            f"groups is {G}, expected a divisor of the {C} channels of the input and of the "
            f"{K} kernels"
        )
    F = as_pair("kernel", kernel, 1)
    places = _places((H, W), F, stride, padding, dilation, fit)
    taps = C // G * prod(F)  # what one place of one kernel reads
    return Cost(
        shape=(K, *places),
        parameters=K * (taps + bool(bias)),
        activations=K * prod(places),
        multiply_adds=K * prod(places) * taps,
    )


def pool2d_cost(
    shape: tuple[SupportsIndex, ...],
    kernel: Size,
    *,
    stride: Size | None = None,
    padding: Size = 0,
    fit: Fit = "floor",
) -> Cost:
    """Cost of a pooling, maximum or average: no parameters and no products, only activations.

    Args:
        shape: (C, H, W) of the input.
        kernel: F, one number, or one for the height and one for the width, like the next two.
        stride: S, pixels from one place to the next; None stands for the kernel.
        padding: P, entries added at each side.
        fit: "exact" to refuse a stride that does not fit.

    Returns:
        The cost, with the output's shape (C, H_out, W_out).

    Raises:
        TypeError: a size is not a whole number.
        ValueError: sizes do not fit together, or the padding is more than half the kernel, where
            a place could see nothing but padding.

    Source: CS7015 lecture 11, slides 43 and 44.
    """
    C, H, W = _as_image(shape)
    F, P = as_pair("kernel", kernel, 1), as_pair("padding", padding, 0)
    if any(2 * p > f for p, f in zip(P, F, strict=True)):
        raise ValueError(f"padding is {padding}, expected at most half the kernel {kernel}")
    places = _places((H, W), F, F if stride is None else stride, P, 1, fit)
    return Cost(shape=(C, *places), parameters=0, activations=C * prod(places), multiply_adds=0)


def linear_cost(
    inputs: SupportsIndex | tuple[SupportsIndex, ...], outputs: SupportsIndex, *, bias: bool = True
) -> Cost:
    r"""Cost of a fully connected layer.

    .. math:: \text{parameters} = n_{out} (n_{in} + 1), \quad \text{multiply-adds} = n_{out} n_{in}

    Args:
        inputs: n_in, or the shape of what is flattened first, such as (C, H, W).
        outputs: n_out, units of the layer.
        bias: whether every unit has one: the + 1 in the parameters.

    Returns:
        The cost, with the output's shape (n_out,).

    Raises:
        TypeError: a size is not a whole number.
        ValueError: a size is below 1.

    Source: CS7015 lecture 11, slides 43 and 54; Verbeek, slide 47.
    """
    sizes = inputs if isinstance(inputs, (tuple, list)) else (inputs,)
    n_in = prod(as_count("inputs", size, 1) for size in sizes)
    n_out = as_count("outputs", outputs, 1)
    return Cost(
        shape=(n_out,),
        parameters=n_out * (n_in + bool(bias)),
        activations=n_out,
        multiply_adds=n_out * n_in,
    )


def total_cost(costs: Iterable[Cost]) -> Cost:
    """Cost of layers one after another: their sums, and the shape of the last output.

    Raises:
        TypeError: costs is not a sequence of Cost.
        ValueError: costs is empty.
    """
    try:
        layers = list(iter(costs))
    except TypeError:
        raise TypeError(f"costs is a {type(costs).__name__}, expected a sequence of Cost") from None
    for number, cost in enumerate(layers):
        if not isinstance(cost, Cost):
            raise TypeError(f"costs[{number}] is a {type(cost).__name__}, expected a Cost")
    if not layers:
        raise ValueError("costs has 0 layers, expected at least 1")
    return Cost(
        shape=layers[-1].shape,
        parameters=sum(cost.parameters for cost in layers),
        activations=sum(cost.activations for cost in layers),
        multiply_adds=sum(cost.multiply_adds for cost in layers),
    )


def _as_image(shape: tuple[SupportsIndex, ...]) -> tuple[int, int, int]:
    """Return the shape (C, H, W) of one image as ints."""
    if not isinstance(shape, (tuple, list)):
        raise TypeError(f"shape is {shape!r}, expected (C, H, W), the shape of one image")
    if len(shape) != 3:
        raise ValueError(f"shape is {shape!r}, expected (C, H, W), the shape of one image")
    C, H, W = (as_count(f"shape[{axis}]", size, 1) for axis, size in enumerate(shape))
    return C, H, W


def _places(
    image: tuple[int, int],
    kernel: tuple[int, int],
    stride: Size,
    padding: Size,
    dilation: Size,
    fit: Fit,
) -> tuple[int, int]:
    """How often the kernel fits along the height and along the width."""
    steps = zip(
        as_pair("stride", stride, 1),
        as_pair("padding", padding, 0),
        as_pair("dilation", dilation, 1),
        strict=True,
    )
    height, width = (
        output_size(size, F, stride=S, padding=P, dilation=D, fit=fit)
        for size, F, (S, P, D) in zip(image, kernel, steps, strict=True)
    )
    return height, width
