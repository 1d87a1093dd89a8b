"""What a gradient gets through a chain of blocks, and over which paths it comes."""

from math import comb

import ipywidgets
import numpy as np

from coursekit.show.figure import BLUE, GRAY, RED, Picture, canvas, picture
from coursekit.show.initialization_variance_layers import short
from coursekit.show.widget import Explorer, explorer


def path_parts(blocks: int, slope: float) -> np.ndarray:
    """Return what the paths through 0, 1, ..., n blocks bring to (1 + a) to the power of n, together by length."""
    return np.array([comb(blocks, k) * slope**k for k in range(blocks + 1)])


def chain(blocks: int, slope: float) -> Picture:
    """Draw what is left of a gradient behind each block, and the paths that it came over.

    Args:
        blocks: n.
        slope: a, of the layers of every block.
    """
    parts, places = path_parts(blocks, slope), np.arange(blocks + 1)
    plain, residual = abs(float(slope)) ** places, abs(1 + float(slope)) ** places
    figure, (left, right) = canvas(9.6, 3.5, 1, 2)
    # powers of ten on a linear axis: a logarithmic one takes a second to draw its ticks
    tens = [np.log10(np.maximum(values, 1e-12)) for values in (residual, plain)]
    left.plot(places, tens[0], "o-", color=BLUE, markersize=4, label="residual, |1 + a|ᵏ")
    left.plot(places, tens[1], "s--", color=RED, markersize=4, label="plain, |a|ᵏ")
    left.axhline(0, color=GRAY, linewidth=0.8)
    low, high = int(np.floor(np.min(tens))), int(np.ceil(np.max(tens)))
    ticks = range(low, high + 1, 1 + (high - low) // 7)
    left.set_yticks(ticks, [f"$10^{{{n}}}$" if n else "1" for n in ticks])
    left.set(xlabel="blocks on the way, k", ylabel="what is left of a gradient of 1")
    left.legend(fontsize=10)
    right.bar(places, parts, color=np.where(parts < 0, RED, BLUE), width=0.8)
    right.axhline(0, color=GRAY, linewidth=0.8)
    right.set(xlabel="blocks that a path goes through", ylabel="what these paths bring")
    largest = np.flatnonzero(np.isclose(np.abs(parts), np.abs(parts).max()))
    most = " or ".join(str(k) for k in largest)
    return picture(
        figure,
        alt=f"Left, what is left of a gradient of 1 after each of {blocks} blocks with slope {slope:g}: through plain "
        f"blocks {short(plain[-1])} at the end, through residual ones {short(residual[-1])}. Right, the part that "
        f"comes over paths through 0 to {blocks} blocks; most through {most}.",
        caption=f"{blocks} blocks, slope a = {slope:g}. Plain: {slope:g} to the power of {blocks}, "
        f"{short(plain[-1])} in size. Residual: {1 + slope:g} to the power of {blocks}, "
        f"{short(residual[-1])} in size, the sum of "
        f"{2**blocks:,} paths; those through {most} block{'s' * (most != '1')} bring most, and one path goes through "
        f"all {blocks}.",
    )


def chain_widget() -> Explorer:
    """Return a chain of blocks whose number and slope can be moved."""
    return explorer(
        chain,
        blocks=ipywidgets.IntSlider(12, 1, 30, description="blocks n"),
        slope=ipywidgets.FloatSlider(0.3, min=-1.5, max=1.5, step=0.1, description="slope a"),
    )
