"""Images side by side: brightness in gray, colors as they are, positive and negative values apart."""

from collections.abc import Mapping
from math import ceil

import numpy as np
from matplotlib.axes import Axes

from coursekit.show.figure import Picture, canvas, picture


def show_image(ax: Axes, image: np.ndarray, title: str, *, signed: bool = False) -> None:
    """Draw an image without axes.

    Args:
        ax: where to draw.
        image: (H, W) brightness, black at 0 and white at 1; or (H, W, 3) colors from 0 to 1.
        title: stands above it.
        signed: for answers of a kernel (H, W): 0 is white, positive values are orange, negative ones
            purple, and the largest absolute value has the full color.
    """
    if signed:
        most = float(np.abs(image).max()) or 1.0
        ax.imshow(image, cmap="PuOr_r", vmin=-most, vmax=most, interpolation="nearest")
    else:
        clipped = np.clip(image, 0, 1)
        ax.imshow(clipped, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    ax.set_title(title, loc="left")
    ax.set_axis_off()


def gallery(
    images: Mapping[str, np.ndarray],
    alt: str,
    caption: str,
    *,
    signed: bool = False,
    columns: int = 4,
    size: float = 2.6,
) -> Picture:
    """Draw images side by side, each below its name.

    Args:
        images: arrays as :func:`show_image` takes them, by name.
        alt: what is to be seen, for a reader who cannot see it.
        caption: what to look at.
        signed: as in :func:`show_image`.
        columns: most images in a row.
        size: width of one image, in inches.
    """
    shown = min(columns, len(images))
    rows = ceil(len(images) / shown)
    heights = [image.shape[0] / image.shape[1] for image in images.values()]
    figure, axes = canvas(
        size * shown, rows * (size * max(heights) + 0.35), rows, shown, squeeze=False
    )
    for ax in axes.flat[len(images) :]:
        ax.set_axis_off()
    for ax, (name, image) in zip(axes.flat, images.items(), strict=False):
        show_image(ax, image, name, signed=signed)
    return picture(figure, alt, caption)
