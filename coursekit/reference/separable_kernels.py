"""Kernels that are a column times a row: two passes with F taps instead of one with F times F."""

import numpy as np
from jaxtyping import Float, Num

from coursekit.reference.arguments import Size, as_float_array, as_pair
from coursekit.reference.convolution1d import conv1d
from coursekit.reference.layout import batch_last, is_batch_last


def is_separable(kernel: Num[np.ndarray, "F_h F_w"]) -> bool:
    r"""Say whether a kernel is a column times a row, up to rounding.

    .. math:: w_{a,m} = u_a v_m

    which is the case when it has rank 1 at most: when all singular values after the first are no
    larger than the rounding error of the first.

    Args:
        kernel: w, (F_h, F_w).

    Raises:
        TypeError: kernel is not an array of real numbers.
        ValueError: kernel does not have two axes, or has no entry, or one that is not finite.

    Source: Strang, Linear Algebra and Learning from Data, section I.8.
    """
    return _first_term(_as_kernel(kernel))[2] <= 1


def separate(
    kernel: Num[np.ndarray, "F_h F_w"],
) -> tuple[Float[np.ndarray, " F_h"], Float[np.ndarray, " F_w"]]:
    r"""Return the column u and the row v with ``np.outer(u, v) == kernel``, up to rounding.

    From the singular value decomposition, of which a separable kernel has only the first term:

    .. math:: w = \sum_r \sigma_r \, u_r v_r^\top = (\sqrt{\sigma_1} u_1) (\sqrt{\sigma_1} v_1)^\top

    Both have the same length, and of the two possible signs the one where the entries of the
    column do not add up to less than 0.

    Args:
        kernel: w, (F_h, F_w).

    Returns:
        u and v: float32 where the kernel is, float64 otherwise.

    Raises:
        TypeError: kernel is not an array of real numbers.
        ValueError: kernel is not separable, see :func:`is_separable`, or as there.

    Source: as for :func:`is_separable`.
    """
    kernel = _as_kernel(kernel)
    column, row, rank = _first_term(kernel)
    if rank > 1:
        raise ValueError(
            f"kernel of shape {kernel.shape} has rank {rank}, expected rank 1: "
            "it is not a column times a row"
        )
    sign = -1.0 if column.sum() < 0 else 1.0
    return (sign * column).astype(kernel.dtype), (sign * row).astype(kernel.dtype)


def separable_conv2d(
    x: Num[np.ndarray, "N C H W"],
    column: Num[np.ndarray, " F_h"],
    row: Num[np.ndarray, " F_w"],
    *,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
) -> Float[np.ndarray, "N C H_out W_out"]:
    r"""Slide the row along the width, then the column along the height of what comes out.

    .. math:: y_{n,c,i,j} = \sum_a u_a \sum_m v_m \; x_{n,c,\,iS + aD - P,\; jS + mD - P}

    Every channel by itself, with the same kernel. It equals ``conv2d`` with the kernel
    ``np.outer(column, row)`` for each channel and as many groups as channels, and takes F_h + F_w
    products for every pixel instead of F_h F_w.

    Args:
        x: images (N, C, H, W).
        column: u, (F_h,).
        row: v, (F_w,).
        stride: S, pixels from one place to the next; one number, or one for the height and one for
            the width, like padding and dilation.
        padding: P, zeros added at each side.
        dilation: D, pixels from one tap to the next.

    Returns:
        y: (N, C, H_out, W_out), in the memory order of x.

    Raises:
        TypeError: x, column or row is not an array of real numbers, or a size is not a whole number.
        ValueError: shapes or sizes do not fit together.
    """
    x, u, v = (as_float_array(*given) for given in (("x", x), ("column", column), ("row", row)))
    if x.ndim != 4:
        raise ValueError(f"x has shape {x.shape}, expected (N, C, H, W)")
    for name, taps in (("column", u), ("row", v)):
        if taps.ndim != 1 or taps.size == 0:
            raise ValueError(f"{name} has shape {taps.shape}, expected one axis of at least 1 tap")
    (S_h, S_w), (P_h, P_w), (D_h, D_w) = (
        as_pair("stride", stride, 1),
        as_pair("padding", padding, 0),
        as_pair("dilation", dilation, 1),
    )
    y = _slide(x, v, S_w, P_w, D_w)
    y = _slide(y.swapaxes(2, 3), u, S_h, P_h, D_h).swapaxes(2, 3)
    return batch_last(y) if is_batch_last(x) else np.ascontiguousarray(y)


def _slide(x: np.ndarray, taps: np.ndarray, S: int, P: int, D: int) -> np.ndarray:
    """Slide one kernel along the last axis: every line is a signal of its own."""
    lines = int(np.prod(x.shape[:3]))
    y = conv1d(x.reshape(lines, 1, x.shape[3]), taps[None, None], stride=S, padding=P, dilation=D)
    return y.reshape(*x.shape[:3], y.shape[2])


def _as_kernel(kernel: np.ndarray) -> np.ndarray:
    """Return a kernel as float32 or float64, with two axes and nothing but numbers in it."""
    kernel = as_float_array("kernel", kernel)
    if kernel.ndim != 2 or kernel.size == 0:
        raise ValueError(f"kernel has shape {kernel.shape}, expected (F_h, F_w), each at least 1")
    if not np.isfinite(kernel).all():
        raise ValueError("kernel holds NaN or infinity, expected numbers")
    return kernel


def _first_term(kernel: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Column and row of the first term of the singular value decomposition, and how many there are.

    They are computed in float64, from a kernel brought near 1: the squares inside the decomposition
    would overflow for the largest numbers.
    """
    scale = np.abs(kernel).max().astype(np.float64) or 1.0
    columns, values, rows = np.linalg.svd(kernel / scale, full_matrices=False)
    root = np.sqrt(values[0]) * np.sqrt(scale)
    rounding = np.finfo(kernel.dtype).eps * max(kernel.shape)
    rank = int(np.sum(values > rounding * values[0]))
    return root * columns[:, 0], root * rows[0], rank
