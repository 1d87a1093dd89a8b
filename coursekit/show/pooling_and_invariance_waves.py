"""Figures of chapter 04 about aliasing: what becomes of a wave when most of its entries are thrown away."""

import ipywidgets
import numpy as np

from coursekit.reference import average_pool2d, conv2d, max_pool2d
from coursekit.reference.kernels import gaussian
from coursekit.show.figure import GRAY, INPUT, OUTPUT, Picture, canvas, picture
from coursekit.show.images import gallery
from coursekit.show.typed import numbers
from coursekit.show.widget import Explorer, explorer

ENTRIES = 48
HOW = ("samples", "maxima", "means", "blurred samples")


def coarse_rings(S: int = 4, size: int = 192) -> Picture:
    """Draw rings that get finer outward, and what four ways to keep one pixel of S × S make of them.

    At the middle of each side a ring is three pixels thick, from bright to bright.

    Args:
        S: stride.
        size: pixels a side of the picture with the rings.
    """
    margin = 2 * S  # what the blur reads beyond the picture
    from_middle = np.arange(-margin, size + margin) - (size - 1) / 2
    squares = from_middle[:, None] ** 2 + from_middle**2
    wide = ((1 + np.cos(np.pi * squares / (1.5 * size))) / 2)[None, None]
    x = wide[:, :, margin:-margin, margin:-margin]
    # the blur is centered on the same pixels as the samples
    blurred = conv2d(wide, gaussian(2 * margin + 1, S / 2)[None, None])
    images = {
        "rings": x,
        f"samples, every {S}th": x[..., ::S, ::S],
        "maxima": max_pool2d(x, S),
        "means": average_pool2d(x, S),
        "blurred samples": blurred[..., ::S, ::S],
    }
    return gallery(
        {name: image[0, 0] for name, image in images.items()},
        alt=f"Five images. Rings around the middle, finer and finer outward. Of every {S}th pixel, a pattern of many "
        "disks with rings of their own. Of the maxima, the middle and white around it. Of the means, the middle, gray "
        "around it, and faint false rings. Of the blurred samples, the middle and even gray.",
        caption="One set of rings goes in. Whatever else you see on the right was made by the stride; even gray is the "
        "right answer where the rings are too fine.",
        columns=5,
        size=2.1,
    )


def subsampled(frequency: float, S: int, how: str, kernel: np.ndarray) -> Picture:
    """Draw a wave and what is left of it.

    Args:
        frequency: waves for each entry, 0 to 0.5.
        S: stride.
        how: one of HOW.
        kernel: weights of the blur, divided by their sum.

    Raises:
        ValueError: the kernel adds up to 0, or is longer than the wave.
    """
    if abs(kernel.sum()) < 1e-9:
        raise ValueError("the weights of the blur add up to 0, expected a sum to divide by")
    if len(kernel) > ENTRIES // 2:
        raise ValueError(f"the blur has {len(kernel)} weights, expected at most {ENTRIES // 2}")
    x = (1 + np.cos(2 * np.pi * frequency * np.arange(-len(kernel), ENTRIES + len(kernel)))) / 2
    places, y = _pool(x, S, how, kernel / kernel.sum(), len(kernel))
    x = x[len(kernel) : -len(kernel)]
    figure, (top, bottom) = canvas(9, 4.2, 2, sharex=True, sharey=True)
    between = np.linspace(0, ENTRIES - 1, 1200)
    wave = (1 + np.cos(2 * np.pi * frequency * between)) / 2
    top.plot(between, wave, color=GRAY, linewidth=0.8)  # what x is read from
    top.plot(np.arange(ENTRIES), x, "o", color=INPUT, markersize=5)
    bottom.plot(places, y, color=OUTPUT, linewidth=1, marker="o", markersize=5)
    for ax, name in ((top, "x"), (bottom, "y")):
        ax.set(ylabel=name, ylim=(-0.1, 1.1))
    top.set_title(f"x: {frequency:.2f} waves for each entry", loc="left")
    bottom.set_title(f"y: {how}, one for every {S} entries", loc="left")
    bottom.set_xlabel("entry of x")
    seen = abs(frequency - round(frequency * S) / S)
    limit = 1 / (2 * S)
    fate = (
        f"Below the limit of {limit:.3g} that stride {S} can carry: the wave keeps its {seen:.3g}."
        if frequency <= limit
        else f"Above the limit of {limit:.3g} that stride {S} can carry: what is left of the wave looks like "
        f"{seen:.3g}."
    )
    swing = float(np.ptp(y))
    return picture(
        figure,
        alt=f"Dots, above on a wave of {frequency:.2f} waves for each entry between 0 and 1. Below, {how} "
        f"of it with stride {S}: {len(y)} dots between {y.min():.2f} and {y.max():.2f}.",
        caption=f"{fate} y swings by {swing:.2f} around a mean of {y.mean():.2f}.",
    )


def alias_widget() -> Explorer:
    """Let the reader choose a wave, a stride, and what is done before entries are thrown away."""

    def draw(how: str, frequency: float, S: int, kernel: str) -> Picture:
        return subsampled(frequency, S, how, numbers(kernel, "the blur"))

    return explorer(
        draw,
        how=ipywidgets.Dropdown(options=HOW, description="y keeps"),
        frequency=ipywidgets.FloatSlider(
            0.45, min=0.0, max=0.5, step=0.01, description="frequency"
        ),
        S=ipywidgets.IntSlider(2, min=1, max=6, description="stride S"),
        kernel=ipywidgets.Text("1, 4, 6, 4, 1", description="blur", continuous_update=False),
    )


def _pool(
    x: np.ndarray, S: int, how: str, kernel: np.ndarray, margin: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return where the windows stand in the wave, and what is kept of each; x has a margin at both ends."""
    starts = np.arange(0, ENTRIES - S + 1, S)
    if how in ("maxima", "means"):
        cells = np.array([x[margin + i : margin + i + S] for i in starts])
        return starts + (S - 1) / 2, cells.max(axis=1) if how == "maxima" else cells.mean(axis=1)
    if how == "samples":
        return starts, x[margin + starts]
    half = len(kernel) // 2
    blurred = [x[margin + i - half : margin + i - half + len(kernel)] @ kernel for i in starts]
    return starts + (len(kernel) - 1) / 2 - half, np.array(blurred)
