"""Where the parts of a figure stand, in percent of its size, so that a page can be of any width."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coursekit.grading.reports.distribution import Bin
from coursekit.grading.reports.points import written_number

_LEFT, _RIGHT, _TOP, _BOTTOM, _GAP = 2.0, 98.0, 12.0, 78.0, 0.4
_NARROWEST = 0.01


@dataclass(frozen=True)
class Part:
    """A part of a bar: what it counts, where it begins and how wide it is."""

    kind: str
    x: float
    width: float


def strip(counts: Mapping[str, float]) -> list[Part]:
    """Return a bar of parts in proportion to counts; none that is there is too narrow to be seen."""
    whole = sum(counts.values())
    shares = {key: max(n / whole, _NARROWEST) for key, n in counts.items() if n > 0}
    parts, x = [], 0.0
    for kind, share in shares.items():
        width = 100 * share / sum(shares.values())
        parts.append(Part(kind, x, width))
        x += width
    return parts


@dataclass(frozen=True)
class Bar:
    """A bar of a histogram: its rectangle, its middle, and the count above it."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    count: int


@dataclass(frozen=True)
class Histogram:
    """A histogram.

    Args:
        bars: those that are not empty.
        ticks: positions and labels of the edges.
        baseline: on which the bars stand.
        label: the figure in words, for a reader who cannot see it.
    """

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]
    baseline: float
    label: str


def histogram(bins: Sequence[Bin]) -> Histogram | None:
    """Return a histogram of bins, None where there is nothing in them."""
    highest = max((one.count for one in bins), default=0)
    if not highest:
        return None
    step = (_RIGHT - _LEFT) / len(bins)
    bars = []
    for place, one in enumerate(bins):
        x, height = _LEFT + place * step, (_BOTTOM - _TOP) * one.count / highest
        if one.count:
            bars.append(
                Bar(x + _GAP, _BOTTOM - height, step - 2 * _GAP, height, x + step / 2, one.count)
            )
    edges = [bins[0].low, *(one.high for one in bins)]
    ticks = ((_LEFT + k * step, written_number(edge)) for k, edge in enumerate(edges))
    said = "; ".join(f"{range_in_words(bins, k)} points: {one.count}" for k, one in enumerate(bins))
    return Histogram(tuple(bars), tuple(ticks), _BOTTOM, f"Histogram of totals. {said}.")


def range_in_words(bins: Sequence[Bin], place: int) -> str:
    """Return what a bar of a histogram counts: "2 to under 4", "20 to 22" for the last."""
    under = "" if place == len(bins) - 1 else "under "
    return f"{written_number(bins[place].low)} to {under}{written_number(bins[place].high)}"
