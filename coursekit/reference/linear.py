"""The linear layer, also called fully connected: every output is a weighted sum of all inputs."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Num

from coursekit.reference.arguments import as_bias, as_float_array, as_output_gradient, check_cache


class LinearCache(NamedTuple):
    """What linear_backward needs from the forward pass; the arrays are copies."""

    x: np.ndarray  # (N, D)
    w: np.ndarray  # (K, D)
    bias: bool


def linear(
    x: Num[np.ndarray, "N D"],
    w: Num[np.ndarray, "K D"],
    b: Num[np.ndarray, " K"] | None = None,
) -> Float[np.ndarray, "N K"]:
    r"""Take K weighted sums of the D entries of every row of x.

    .. math:: y_{n,k} = \sum_d w_{k,d} \, x_{n,d} + b_k \qquad (y = x w^\top + b)

    Args:
        x: N examples of D features (N, D).
        w: one row of weights for each output (K, D).
        b: one bias for each output (K,), or None.

    Returns:
        y: (N, K), float32 where both x and w are, float64 otherwise.

    Raises:
        TypeError: x, w or b is not an array of real numbers.
        ValueError: shapes do not fit together, or D or K is 0.

    Source: Verbeek, Introduction to neural networks, slides 24 and 47.
    """
    return linear_forward(x, w, b)[0]


def linear_forward(
    x: Num[np.ndarray, "N D"],
    w: Num[np.ndarray, "K D"],
    b: Num[np.ndarray, " K"] | None = None,
) -> tuple[Float[np.ndarray, "N K"], LinearCache]:
    """Return ``(y, cache)``: the output of :func:`linear`, and what :func:`linear_backward` needs.

    Args and Raises: as for :func:`linear`.
    """
    x, w, b = _checked(x, w, b)
    y = x @ w.T
    if b is not None:
        y += b.astype(y.dtype, copy=False)
    return y, LinearCache(x.copy(), w.copy(), b is not None)


def linear_backward(
    dy: Num[np.ndarray, "N K"], cache: LinearCache
) -> tuple[Float[np.ndarray, "N D"], Float[np.ndarray, "K D"], Float[np.ndarray, " K"] | None]:
    r"""Return ``(dx, dw, db)``, the gradients with respect to the input, the weights, the biases.

    .. math::
        dx_{n,d} = \sum_k dy_{n,k} \, w_{k,d} \qquad
        dw_{k,d} = \sum_n dy_{n,k} \, x_{n,d} \qquad
        db_k = \sum_n dy_{n,k}

    Args:
        dy: gradient of the loss with respect to the output, of the output's shape.
        cache: from :func:`linear_forward`.

    Returns:
        dx, dw, and db (None where the forward pass had no bias), float32 where dy, x and w all
        are, float64 otherwise.

    Raises:
        TypeError: dy is not an array of real numbers, or cache is not linear_forward's.
        ValueError: dy does not have the output's shape.

    Source: as for :func:`linear`, differentiated.
    """
    check_cache(cache, LinearCache, "linear_forward")
    x, w, bias = cache
    dy = as_output_gradient(dy, (len(x), len(w)))
    dy = dy.astype(np.result_type(dy, x, w), copy=False)
    # added up in float64: NumPy sums the rows of a float32 array one after the other, and loses digits
    db = dy.sum(axis=0, dtype=np.float64).astype(dy.dtype) if bias else None
    return dy @ w, dy.T @ x, db


def _checked(
    x: np.ndarray, w: np.ndarray, b: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return x, w and b as float32 or float64; raise where they do not fit together."""
    x, w = as_float_array("x", x), as_float_array("w", w)
    if x.ndim != 2 or w.ndim != 2:
        raise ValueError(
            f"x has shape {x.shape} and w has shape {w.shape}, expected (N, D) and (K, D)"
        )
    if w.size == 0:
        raise ValueError(f"w has shape {w.shape}, expected every size to be at least 1")
    if x.shape[1] != w.shape[1]:
        raise ValueError(
            f"x has {x.shape[1]} features and w has weights for {w.shape[1]}: "
            f"expected w of shape (K, {x.shape[1]}), and w has {w.shape}"
        )
    return x, w, as_bias(b, len(w), "outputs")
