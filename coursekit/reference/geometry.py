"""Sizes: how large an output is, and how much of the input one of its entries sees."""

from collections.abc import Iterable
from typing import Literal, NamedTuple, SupportsIndex

from coursekit.reference.arguments import as_count, as_steps

Fit = Literal["floor", "exact"]


class Layer(NamedTuple):
    """How one convolution or pooling of a stack moves along one axis."""

    kernel: int
    stride: int = 1
    dilation: int = 1
    padding: int = 0


class ReceptiveField(NamedTuple):
    """What the units of a layer see of the input, along one axis, counting its entries from 0."""

    size: int  # entries from the first to the last that can change a unit
    stride: int  # entries of the input from one unit to the next
    first: int  # the first entry that unit 0 sees; below 0 it is padding

    @property
    def center(self) -> float:
        """The middle of what unit 0 sees: between two entries when the size is even."""
        return self.first + (self.size - 1) / 2

    def span(self, unit: SupportsIndex) -> tuple[int, int]:
        """Return the first and the last entry that a unit sees; outside the input is padding.

        Raises:
            TypeError: unit is not a whole number.
            ValueError: unit is below 0.
        """
        first = self.first + as_count("unit", unit, 0) * self.stride
        return first, first + self.size - 1


def output_size(
    size: SupportsIndex,
    kernel: SupportsIndex,
    *,
    stride: SupportsIndex = 1,
    padding: SupportsIndex = 0,
    dilation: SupportsIndex = 1,
    fit: Fit = "floor",
) -> int:
    r"""Number of places at which a kernel fits along one axis.

    .. math:: W_{out} = \lfloor (W + 2P - D(F - 1) - 1) / S \rfloor + 1

    A stride that does not fit leaves the last entries of the padded input unread, as in torch;
    with ``fit="exact"`` it is an error, as in the lecture.

    Args:
        size: W, entries of the input along the axis.
        kernel: F, taps of the kernel along the axis.
        stride: S, entries from one place to the next.
        padding: P, zeros added at each end.
        dilation: D, entries from one tap to the next.
        fit: "floor" or "exact".

    Returns:
        W_out, at least 1.

    Raises:
        TypeError: a number is not a whole number.
        ValueError: a number is too small, the kernel is larger than the padded input, or the
            stride does not fit and was asked to.

    Source: CS7015 lecture 11, slides 20 to 27; with dilation, torch.nn.Conv1d; a stride that does
    not fit, Hierarchical compositionality and convolutions, slides 81 and 82.
    """
    W = as_count("input size", size, 0)
    F = as_count("kernel size", kernel, 1)
    S, P, D = as_steps(stride, padding, dilation)
    if not isinstance(fit, str) or fit not in ("floor", "exact"):
        raise ValueError(f"fit is {fit!r}, expected 'floor' or 'exact'")
    span = D * (F - 1) + 1
    padded = W + 2 * P
    if span > padded:
        spread = f" with dilation {D} spans {span} and" if D > 1 else ""
        raise ValueError(
            f"kernel {F}{spread} is larger than the padded input {padded} (input {W}, padding {P})"
        )
    left_over = (padded - span) % S
    if fit == "exact" and left_over:
        how = f"stride {S} and dilation {D}" if D > 1 else f"stride {S}"
        where = f"the padded input {padded} (input {W}, padding {P})" if P else f"input {W}"
        entries = "1 entry is" if left_over == 1 else f"{left_over} entries are"
        raise ValueError(
            f"kernel {F} with {how} does not fit {where}: {entries} left over, expected "
            f"a padded input of {padded - left_over} or {padded - left_over + S}"
        )
    return (padded - span) // S + 1


def receptive_field(layers: Iterable[tuple[SupportsIndex, ...]]) -> ReceptiveField:
    r"""What one unit on top of a stack of convolutions and poolings sees of the input.

    Along one axis, from r = 1, j = 1, f = 0 (an entry sees itself), layer by layer:

    .. math::
        f &\leftarrow f - P \, j

        r &\leftarrow r + D(F - 1) \, j

        j &\leftarrow j \, S

    So the size r grows linearly with depth, and with strides, through j, exponentially. It is the
    span from the first to the last entry seen: dilated taps, and strides larger than the kernel,
    leave entries in between unread.

    Args:
        layers: from the input upward; each a :class:`Layer`, or a tuple of its first fields:
            (kernel, stride, dilation, padding), of which only the kernel is necessary.

    Returns:
        The size r, the effective stride j, and the first entry f that unit 0 sees; its center
        follows: f + (r - 1) / 2.

    Raises:
        TypeError: layers is not a sequence of tuples of whole numbers.
        ValueError: a tuple has another length, or a number is too small.

    Source: Verbeek, Introduction to neural networks, slide 46; Louppe lecture 5, "effective
    receptive field"; Araujo et al. 2019, Computing receptive fields of convolutional networks.
    """
    size, stride, first = 1, 1, 0
    for F, S, D, P in _as_layers(layers):
        first -= P * stride
        size += D * (F - 1) * stride
        stride *= S
    return ReceptiveField(size, stride, first)


def _as_layers(layers: Iterable[tuple[SupportsIndex, ...]]) -> list[Layer]:
    """Return every layer with all its numbers as ints."""
    try:
        given = iter(layers)
    except TypeError:
        raise TypeError(
            f"layers is a {type(layers).__name__}, expected a sequence of tuples "
            "(kernel, stride, dilation, padding)"
        ) from None
    checked = []
    for number, layer in enumerate(given):
        name = f"layers[{number}]"
        if not isinstance(layer, (tuple, list)):
            raise TypeError(
                f"{name} is {layer!r}, expected a tuple (kernel, stride, dilation, padding)"
            )
        if not 1 <= len(layer) <= len(Layer._fields):
            raise ValueError(
                f"{name} has {len(layer)} numbers, expected 1 to {len(Layer._fields)}: "
                "(kernel, stride, dilation, padding)"
            )
        least = Layer(kernel=1, stride=1, dilation=1, padding=0)
        numbers = zip(Layer._fields, layer, least, strict=False)  # a layer may end early
        checked.append(
            Layer(*(as_count(f"{field} of {name}", n, low) for field, n, low in numbers))
        )
    return checked
