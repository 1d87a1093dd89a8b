"""Sizes: how large an output is."""

from typing import SupportsIndex

from coursekit.reference.arguments import as_count, as_steps


def output_size(
    size: SupportsIndex,
    kernel: SupportsIndex,
    *,
    stride: SupportsIndex = 1,
    padding: SupportsIndex = 0,
    dilation: SupportsIndex = 1,
) -> int:
    r"""Number of places at which a kernel fits along one axis.

    .. math:: W_{out} = \lfloor (W + 2P - D(F - 1) - 1) / S \rfloor + 1

    A stride that does not fit leaves the last entries of the padded input unread, as in torch.

    Args:
        size: W, entries of the input along the axis.
        kernel: F, taps of the kernel along the axis.
        stride: S, entries from one place to the next.
        padding: P, zeros added at each end.
        dilation: D, entries from one tap to the next.

    Returns:
        W_out, at least 1.

    Raises:
        TypeError: a number is not a whole number.
        ValueError: a number is too small, or the kernel is larger than the padded input.

    Source: CS7015 lecture 11, slides 20 to 27; with dilation, torch.nn.Conv1d.
    """
    W = as_count("input size", size, 0)
    F = as_count("kernel size", kernel, 1)
    S, P, D = as_steps(stride, padding, dilation)
    span = D * (F - 1) + 1
    padded = W + 2 * P
    if span > padded:
        spread = f" with dilation {D} spans {span} and" if D > 1 else ""
        raise ValueError(
            f"kernel {F}{spread} is larger than the padded input {padded} (input {W}, padding {P})"
        )
    return (padded - span) // S + 1
