"""Initial weights with structure: orthogonal, which turn a signal, and identity, which pass it on."""

import math
from typing import SupportsFloat, SupportsIndex

import numpy as np
from numpy.typing import DTypeLike

from coursekit.reference.arguments import as_count, as_number
from coursekit.reference.weights import (
    Shape,
    Weights,
    as_dtype,
    as_generator,
    as_weights_shape,
)


def orthogonal(
    shape: Shape,
    rng: np.random.Generator,
    *,
    gain: SupportsFloat = 1.0,
    dtype: DTypeLike = np.float32,
) -> Weights:
    r"""Draw a matrix that turns or mirrors its input, and changes no length but by the gain.

    .. math::
        W W^\top = \text{gain}^2 \, I \text{ if } K \le n \qquad
        W^\top W = \text{gain}^2 \, I \text{ if } K \ge n

    with n = fan_in: the weights of a convolution are taken as the matrix (K, C F F). Where random
    numbers keep the length of a signal on average, this keeps it exactly, for every signal if the
    matrix is square. Every orthogonal matrix is equally likely. The variance of an entry is
    gain² / max(K, n).

    Args:
        shape: of the weights: (K, C), (K, C, F) or (K, C, F_H, F_W).
        rng: where the random numbers come from.
        gain: factor on the weights, a ratio of lengths and not of variances; sqrt(2) before ReLU.
        dtype: float32 or float64.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: a size is below 1, shape has fewer than 2 axes or more than 4, or gain is not
            finite.

    Source: Saxe, McClelland and Ganguli 2014; Mezzadri 2007 on the signs; torch.nn.init.orthogonal_.
    """
    sizes = as_weights_shape(shape)
    gain, dtype = as_number("gain", gain), as_dtype(dtype)
    K, n = sizes[0], math.prod(sizes[1:])
    # Q has orthonormal columns, so the longer side must be the rows
    Q, R = np.linalg.qr(as_generator(rng).standard_normal((max(K, n), min(K, n))))
    # the QR decomposition leaves the signs of the columns open; without this they are not random
    Q = Q * np.sign(np.diag(R))
    W = Q if n <= K else Q.T
    return np.ascontiguousarray(gain * W.reshape(sizes), dtype)


def identity(
    shape: Shape,
    rng: np.random.Generator | None = None,
    *,
    groups: SupportsIndex = 1,
    dtype: DTypeLike = np.float32,
) -> Weights:
    r"""Return weights that pass their input on: output channel k is input channel k.

    .. math:: w_{k,c,i,j} = 1 \text{ if } k = c, \; i = \lfloor F_H / 2 \rfloor, \;
        j = \lfloor F_W / 2 \rfloor \text{, else } 0

    For a convolution this is a Dirac impulse in the middle of the window: with odd F, stride 1 and
    padding F // 2 it returns the image. Further output channels are 0, further input channels are
    not passed on. With groups, all this holds in each group.

    Args:
        shape: of the weights: (K, C), (K, C, F) or (K, C, F_H, F_W), with C the channels of a group.
        rng: not used; an initializer that needs none is called like one that does.
        groups: into how many groups the channels are divided; divides K.
        dtype: float32 or float64.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: a size is below 1, shape has fewer than 2 axes or more than 4, or groups does not
            divide K.

    Source: torch.nn.init.dirac_ and eye_.
    """
    sizes, G = as_weights_shape(shape), as_count("groups", groups, 1)
    K, C, *window = sizes
    if K % G:
        raise ValueError(f"groups is {G}, expected a divisor of the {K} output channels")
    w = np.zeros(sizes, as_dtype(dtype))
    middle = tuple(F // 2 for F in window)
    for k in range(K):
        c = k % (K // G)  # the place of channel k in its group
        if c < C:
            w[(k, c, *middle)] = 1
    return w
