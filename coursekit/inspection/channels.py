"""Channels of a layer: which of them is asked about."""

from collections.abc import Iterable, Sequence

from jaxtyping import Float
from torch import Tensor

from coursekit.errors import CourseError


def chosen_channels(
    given: int | Sequence[int] | None, A: Float[Tensor, "N K *places"], layer: str | None
) -> list[int]:
    """Return the channels of a layer's output that are asked about.

    Args:
        given: one, several, or None for all.
        A: the output.
        layer: its name; None for the scores.

    Raises:
        CourseError: the output has no channels, or not these.
    """
    what = "The model's output" if layer is None else f"What comes out of {layer!r}"
    what += f" has shape {tuple(A.shape)}"
    if A.ndim < 2:
        raise CourseError(f"{what}, expected (N, K) or (N, K, h, w).")
    if given is None:
        return list(range(A.shape[1]))
    several = isinstance(given, Iterable)
    chosen = [int(channel) for channel in given] if isinstance(given, Iterable) else [int(given)]
    if not chosen or any(not 0 <= channel < A.shape[1] for channel in chosen):
        expected = f"{'some of ' if several else ''}0 to {A.shape[1] - 1}"
        name = "channels" if several else "channel"
        raise CourseError(f"{name} is {given}, expected {expected}: {what}.")
    return chosen
