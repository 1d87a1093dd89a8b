"""LeNet-5: two convolutions, each with a pooling behind it, and three linear layers."""

from collections.abc import Callable
from typing import Any, Literal, SupportsIndex

import numpy as np
from numpy.typing import DTypeLike

from coursekit.reference.arguments import as_count
from coursekit.reference.initialization import he_normal, xavier_normal
from coursekit.reference.layers import (
    AveragePool2d,
    BatchLast,
    Flatten,
    MaxPool2d,
    ReLU,
    Tanh,
)
from coursekit.reference.network import Layer, Sequential
from coursekit.reference.trained_layers import Conv2d, Initializer, Linear

# initial weights, activation and pooling
VARIANTS: dict[str, tuple[Initializer, Callable[[], Layer], Callable[[int], Layer]]] = {
    "modern": (he_normal, ReLU, MaxPool2d),
    "1998-like": (xavier_normal, Tanh, AveragePool2d),
}


def lenet5(
    rng: np.random.Generator,
    *,
    size: SupportsIndex = 28,
    classes: SupportsIndex = 10,
    variant: Literal["modern", "1998-like"] = "modern",
    dtype: DTypeLike = np.float32,
) -> Sequential:
    r"""Build a LeNet-5 for images of one channel.

    ============  =========  ==============================  ==========
    layer         output     parameters, weights + biases    the slides
    ============  =========  ==============================  ==========
    convolution   6×28×28    6 · 1 · 5 · 5 + 6 = 156         150
    pooling       6×14×14    0                               0
    convolution   16×10×10   16 · 6 · 5 · 5 + 16 = 2416      2400
    pooling       16×5×5     0                               0
    linear        120        120 · 400 + 120 = 48120         48120
    linear        84         84 · 120 + 84 = 10164           10164
    linear        10         10 · 84 + 10 = 850              850
    together                 61706                           61684
    ============  =========  ==============================  ==========

    The slides leave out the 6 + 16 biases of the convolutions and count those of the linear layers;
    and where they say S = 1 at a pooling, its stride is 2, or 28 would not become 14.

    Both variants have these shapes. "modern" has max pooling, ReLU and He's initial weights.
    "1998-like" has average pooling, tanh and LeCun's; the network of 1998 differs from it in that its
    poolings have a weight and a bias for each channel, the second convolution looks at chosen channels
    only (1516 parameters), tanh is stretched to 1.7159 tanh(2x/3), and the last layer measures
    distances to drawings of the digits.

    Args:
        rng: where the initial weights come from.
        size: height and width of the images: 32, or 28, which get 2 zeros at each side.
        classes: scores for each image.
        variant: "modern" or "1998-like".
        dtype: of the parameters; give images of the same.

    Returns:
        A network from images (N, 1, size, size) to scores (N, classes). Inside, images lie batch last.

    Raises:
        TypeError: an argument is of another kind.
        ValueError: size is not 28 or 32, classes is below 1, or there is no such variant.

    Source: LeCun et al. 1998, Gradient-based learning applied to document recognition, section II.B;
    CS7015 lecture 11, slides 43 and 46.
    """
    size, classes = as_count("size", size, 1), as_count("classes", classes, 1)
    if size not in (28, 32):
        raise ValueError(f"size is {size}, expected 28 or 32")
    if not isinstance(variant, str) or variant not in VARIANTS:
        raise ValueError(f"variant is {variant!r}, expected 'modern' or '1998-like'")
    init, activation, pool = VARIANTS[variant]
    how: dict[str, Any] = {"init": init, "dtype": dtype}
    return Sequential(
        BatchLast(),
        Conv2d(1, 6, 5, rng, padding=(32 - size) // 2, **how),
        activation(),
        pool(2),
        Conv2d(6, 16, 5, rng, **how),
        activation(),
        pool(2),
        Flatten(),
        Linear(16 * 5 * 5, 120, rng, **how),
        activation(),
        Linear(120, 84, rng, **how),
        activation(),
        Linear(84, classes, rng, **how),
    )
