"""Convolution of images as a matrix: a band of blocks, and every block is itself a band.

In one dimension every row of T is the kernel, one step further on (see ``toeplitz``). In two, every
row of blocks is the rows of the kernel, one step further down, and each block slides one row of the
kernel along one row of the image. Such a matrix is called doubly blocked Toeplitz.
"""

from typing import SupportsIndex, TypeVar

import numpy as np
from jaxtyping import Float, Num
from scipy import sparse

from coursekit.reference.arguments import LARGEST_COUNT, Size, as_count, as_float_array
from coursekit.reference.convolution2d import check_conv2d
from coursekit.reference.layout import batch_last, is_batch_last
from coursekit.reference.steps import Steps, as_image_steps
from coursekit.reference.toeplitz import toeplitz1d

MOST_ENTRIES = 2**28  # 2 GiB in float64
Index = TypeVar("Index", int, np.ndarray)


def conv2d_toeplitz(
    x: Num[np.ndarray, "N C H W"],
    w: Num[np.ndarray, "K C_g F_h F_w"],
    b: Num[np.ndarray, " K"] | None = None,
    *,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> Float[np.ndarray, "N K H_out W_out"]:
    r"""Convolve by one multiplication with the matrix of :func:`toeplitz2d`.

    .. math:: v(y_n) = T \, v(x_n) + b

    where v writes the entries of all channels of one image, row by row, into one column.

    Args, Returns and Raises: as for :func:`~coursekit.reference.convolution2d.conv2d`, and
    ValueError where T would be too large.

    Source: Louppe lecture 5, "Convolutions as matrix multiplications".
    """
    x, w, b, steps = check_conv2d(x, w, b, stride, padding, dilation, groups)
    N, C, H, W = x.shape
    T = toeplitz2d(w, H, W, **steps._asdict())
    H_out, W_out = steps.places((H, W), w.shape[2:])
    # the columns v(x_n) stand as rows here, so the transposed product: v(x_n)^T T^T
    y = (x.reshape(N, C * H * W) @ T.T).reshape(N, len(w), H_out, W_out)
    if b is not None:
        y += b.astype(y.dtype, copy=False)[:, None, None]
    return batch_last(y) if is_batch_last(x) else y


def toeplitz2d(
    w: Num[np.ndarray, "F_h F_w"] | Num[np.ndarray, "K C_g F_h F_w"],
    H: SupportsIndex,
    W: SupportsIndex,
    *,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> Float[np.ndarray, "rows columns"]:
    r"""Return the matrix T with ``T @ x.ravel() == conv2d(x, w, ...).ravel()`` for one image x.

    .. math:: T_{(i,j),\,(iS + aD - P,\; jS + mD - P)} = w_{a,m}, \quad \text{every other entry is } 0

    where the row (i, j) is number i W_out + j and the column (r, q) is number r W + q. A tap that
    would fall on padding is cut off. With K kernels over C channels T has K times C such blocks,
    which are 0 where the channel is not in the kernel's group.

    Args:
        w: one kernel (F_h, F_w), or K kernels (K, C / groups, F_h, F_w).
        H: rows of the image.
        W: columns of the image.
        stride: S, pixels from one place to the next; one number, or one for the height and one for
            the width, like padding and dilation.
        padding: P, zeros added at each side.
        dilation: D, pixels from one tap to the next.
        groups: parts that the channels are split into.

    Returns:
        T: (H_out W_out, H W), or (K H_out W_out, C H W); float32 where w is and float64 otherwise.

    Raises:
        TypeError: w is not an array of real numbers, or a size is not a whole number.
        ValueError: shapes or sizes do not fit together, or T would have more than 2**28 entries.

    Source: Louppe lecture 5, "Convolutions as matrix multiplications".
    """
    w, (H, W), steps = _check(w, H, W, stride, padding, dilation, groups)
    K, C_g, F_h, F_w = w.shape
    H_out, W_out = steps.places((H, W), (F_h, F_w))
    C = C_g * steps.groups
    if K * H_out * W_out * C * H * W > MOST_ENTRIES:
        raise ValueError(
            f"T would have {K * H_out * W_out} rows and {C * H * W} columns, expected at most "
            f"{MOST_ENTRIES} entries; toeplitz2d_sparse stores only those that are not zero"
        )
    T = np.zeros((K, H_out, W_out, C, H, W), w.dtype)
    for k, c in np.ndindex(K, C_g):
        _fill(T[k, :, :, _channel(k, c, w.shape, steps)], w[k, c], steps)
    return T.reshape(K * H_out * W_out, C * H * W)


def toeplitz2d_sparse(
    w: Num[np.ndarray, "F_h F_w"] | Num[np.ndarray, "K C_g F_h F_w"],
    H: SupportsIndex,
    W: SupportsIndex,
    *,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> sparse.csr_array:
    """Return the matrix of :func:`toeplitz2d`, storing only the entries of the kernel in each row.

    Stored like this, ``T @ x.ravel()`` costs as many multiplications as sliding the kernel.

    Args and Raises: as for :func:`toeplitz2d`; the limit is on the entries that are stored.
    """
    w, (H, W), steps = _check(w, H, W, stride, padding, dilation, groups)
    K, C_g, F_h, F_w = w.shape
    H_out, W_out = steps.places((H, W), w.shape[2:])
    shape = K * H_out * W_out, C_g * steps.groups * H * W
    if w.size * H_out * W_out > MOST_ENTRIES or max(shape) > LARGEST_COUNT:
        raise ValueError(
            f"T would have {shape[0]} rows and {shape[1]} columns and store "
            f"{w.size * H_out * W_out} entries, expected at most {LARGEST_COUNT} rows and columns "
            f"and {MOST_ENTRIES} entries"
        )
    # one entry for each place (i, j) of kernel k and each of its taps (c, a, m): the formula of T
    k, i, j, c, a, m = np.indices((K, H_out, W_out, C_g, F_h, F_w), sparse=True)
    r = i * steps.stride[0] + a * steps.dilation[0] - steps.padding[0]
    q = j * steps.stride[1] + m * steps.dilation[1] - steps.padding[1]
    row = (k * H_out + i) * W_out + j
    column = (_channel(k, c, w.shape, steps) * H + r) * W + q
    inside = (r >= 0) & (r < H) & (q >= 0) & (q < W)
    inside, row, column, entry = np.broadcast_arrays(inside, row, column, w[k, c, a, m])
    return sparse.csr_array((entry[inside], (row[inside], column[inside])), shape=shape)


def _fill(T: np.ndarray, w: np.ndarray, steps: Steps) -> None:
    """Fill T (H_out, W_out, H, W) of one kernel: its rows, as blocks, start S further down each time."""
    (S, S_w), (P, P_w), (D, D_w), _ = steps
    H_out, _, H, W = T.shape
    blocks = [toeplitz1d(row, W, stride=S_w, padding=P_w, dilation=D_w) for row in w]
    for i, a in np.ndindex(H_out, len(w)):
        r = i * S + a * D - P  # the row of the image that row a of the kernel meets
        if 0 <= r < H:
            T[i, :, r] = blocks[a]


def _channel(k: Index, c: Index, w_shape: tuple[int, ...], steps: Steps) -> Index:
    """Which channel of the image is channel c of kernel k, who sees only those of its group."""
    K, C_g, _, _ = w_shape
    return k // (K // steps.groups) * C_g + c


def _check(
    w: np.ndarray,
    H: SupportsIndex,
    W: SupportsIndex,
    stride: Size,
    padding: Size,
    dilation: Size,
    groups: int,
) -> tuple[np.ndarray, tuple[int, int], Steps]:
    """Return w as (K, C / groups, F_h, F_w), the image's size, and the steps, as whole numbers."""
    w = as_float_array("w", w)
    if w.ndim not in (2, 4):
        raise ValueError(f"w has shape {w.shape}, expected (F_h, F_w) or (K, C / groups, F_h, F_w)")
    if w.size == 0:
        raise ValueError(f"w has shape {w.shape}, expected every size to be at least 1")
    w = w if w.ndim == 4 else w[None, None]
    steps = as_image_steps(stride, padding, dilation, groups)
    if len(w) % steps.groups:
        raise ValueError(f"groups is {steps.groups}, expected a divisor of the {len(w)} kernels")
    return w, (as_count("H", H, 0), as_count("W", W, 0)), steps
