"""Convolution as a matrix: every row is the kernel, one step further on."""

from typing import SupportsIndex

import numpy as np
from jaxtyping import Float, Num
from scipy import sparse

from coursekit.reference.arguments import as_count, as_kernel, as_steps
from coursekit.reference.geometry import output_size


def toeplitz1d(
    w: Num[np.ndarray, " F"] | Num[np.ndarray, "K C F"],
    W: SupportsIndex,
    *,
    stride: SupportsIndex = 1,
    padding: SupportsIndex = 0,
    dilation: SupportsIndex = 1,
) -> Float[np.ndarray, "rows columns"]:
    r"""Return the matrix T with ``T @ x == conv1d(x, w, ...)``.

    .. math:: T_{i,\,iS + mD - P} = w_m, \quad \text{every other entry is } 0

    Row i is the kernel at place i; a tap that would fall on padding is cut off. With K kernels
    over C channels T has K times C such blocks, and acts on x flattened from (C, W) to CW.

    Args:
        w: one kernel (F,), or K kernels over C channels (K, C, F).
        W: entries of the signal.
        stride: S, entries from one row's kernel to the next.
        padding: P, zeros added at each end of the signal.
        dilation: D, entries from one tap to the next.

    Returns:
        T: (W_out, W), or (K W_out, C W), float32 where w is and float64 otherwise.

    Raises:
        TypeError: w is not an array of real numbers, or a size is not a whole number.
        ValueError: shapes or sizes do not fit together.

    Source: Louppe lecture 5, "Convolutions as matrix multiplications", in one dimension.
    """
    w, W = as_kernel("w", w), as_count("W", W, 0)
    S, P, D = as_steps(stride, padding, dilation)
    if w.ndim == 1:
        return _band(w, W, S, P, D)
    return np.block([[_band(w_kc, W, S, P, D) for w_kc in w_k] for w_k in w])


def toeplitz1d_sparse(
    w: Num[np.ndarray, " F"],
    W: SupportsIndex,
    *,
    stride: SupportsIndex = 1,
    padding: SupportsIndex = 0,
    dilation: SupportsIndex = 1,
) -> sparse.csr_array:
    """Return the matrix of :func:`toeplitz1d` for one kernel, storing only its F entries a row.

    T has W_out times W entries and at most W_out times F of them are not zero. Stored like this,
    ``T @ x`` costs as many multiplications as sliding the kernel.

    Args and Raises: as for :func:`toeplitz1d`; w is one kernel (F,).
    """
    w, W = as_kernel("w", w), as_count("W", W, 0)
    if w.ndim != 1:
        raise ValueError(f"w has shape {w.shape}, expected one kernel (F,)")
    S, P, D = as_steps(stride, padding, dilation)
    W_out = output_size(W, len(w), stride=S, padding=P, dilation=D)
    i, m = np.indices((W_out, len(w)))
    j = i * S + m * D - P
    inside = (j >= 0) & (j < W)
    return sparse.csr_array((w[m[inside]], (i[inside], j[inside])), shape=(W_out, W))


def _band(w: np.ndarray, W: int, S: int, P: int, D: int) -> np.ndarray:
    """T of one kernel: its F taps, D apart, start S further on in every row."""
    W_out = output_size(W, len(w), stride=S, padding=P, dilation=D)
    T = np.zeros((W_out, W + 2 * P), dtype=w.dtype)
    for i in range(W_out):
        T[i, i * S : i * S + D * len(w) : D] = w
    return T[:, P : P + W]  # the columns left and right of the signal would meet only zeros
