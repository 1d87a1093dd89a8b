"""Convolution as a matrix: every row is the kernel, one step further on."""

from typing import SupportsIndex

import numpy as np
from jaxtyping import Float, Num
from scipy import sparse

from coursekit.reference.arguments import as_float_array
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

    Row i is the kernel at place i; a tap that would fall on padding is cut off. With K kernels over C channels
    T has K times C such blocks, and acts on x flattened from (C, W) to CW.

    Args:
        w: one kernel (F,), or K kernels over C channels (K, C, F).
        W: entries of the signal.
        stride: S, entries from one row's kernel to the next.
        padding: P, zeros added at each end of the signal.
        dilation: D, entries from one tap to the next.

    Returns:
        T: (W_out, W), or (K W_out, C W).

    Raises:
        TypeError: w is not an array of real numbers, or a size is not a whole number.
        ValueError: shapes or sizes do not fit together.

    Source: Louppe lecture 5, "Convolutions as matrix multiplications", in one dimension.
    """
    w = as_float_array("w", w)
    _check_kernel(w)
    if w.ndim == 1:
        return _block(w, W, stride, padding, dilation)
    return np.block([[_block(w_kc, W, stride, padding, dilation) for w_kc in w_k] for w_k in w])


def toeplitz1d_sparse(
    w: Num[np.ndarray, " F"],
    W: SupportsIndex,
    *,
    stride: SupportsIndex = 1,
    padding: SupportsIndex = 0,
    dilation: SupportsIndex = 1,
) -> sparse.csr_array:
    """Return the matrix of :func:`toeplitz1d` for one kernel, with only its F entries a row stored.

    T has W_out times W entries and at most W_out times F of them are not zero. Stored like this, ``T @ x`` costs
    as many multiplications as sliding the kernel.

    Args and Raises: as for :func:`toeplitz1d`; w is one kernel (F,).
    """
    w = as_float_array("w", w)
    if w.ndim != 1:
        raise ValueError(f"w has shape {w.shape}, expected one kernel (F,)")
    W_out = output_size(W, len(w), stride=stride, padding=padding, dilation=dilation)
    W, S, P, D = (int(number) for number in (W, stride, padding, dilation))
    rows, taps = np.indices((W_out, len(w)))
    columns = rows * S + taps * D - P
    inside = (columns >= 0) & (columns < W)
    entries = (w[taps[inside]], (rows[inside], columns[inside]))
    return sparse.csr_array(entries, shape=(W_out, W))


def _block(
    w: np.ndarray, W: SupportsIndex, stride: SupportsIndex, padding: SupportsIndex, dilation: SupportsIndex
) -> np.ndarray:
    W_out = output_size(W, len(w), stride=stride, padding=padding, dilation=dilation)
    W, S, P, D = (int(number) for number in (W, stride, padding, dilation))
    T = np.zeros((W_out, W + 2 * P), dtype=w.dtype)
    for i in range(W_out):
        T[i, i * S : i * S + D * (len(w) - 1) + 1 : D] = w
    return T[:, P : P + W]  # the columns left and right of the signal would meet only zeros


def _check_kernel(w: np.ndarray) -> None:
    if w.ndim not in (1, 3):
        raise ValueError(f"w has shape {w.shape}, expected (F,) or (K, C, F)")
    if w.ndim == 3 and 0 in w.shape[:2]:
        raise ValueError(f"w has shape {w.shape}, expected at least one kernel and one channel")
