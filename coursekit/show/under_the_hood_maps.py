"""Maps of what a score depends on, side by side, and what is left of them when the weights are random."""

from collections.abc import Mapping, Sequence

import numpy as np
from torch import Tensor

from coursekit.inspection import Randomized
from coursekit.show.figure import GRAY, Picture, canvas, picture
from coursekit.show.grids import COLORS

SIGNED = "PuOr_r"


def map_table(
    images: Mapping[str, np.ndarray],
    maps: Mapping[str, Tensor],
    alt: str,
    caption: str,
    signed: Sequence[str] = (),
) -> Picture:
    """Draw images, a row each, and beside each of them its maps.

    Args:
        images: brightness (H, W) by name.
        maps: (N, h, w) by the name of the method, a map for each image.
        alt: what is to be seen.
        caption: what to look at.
        signed: methods whose maps are drawn with signs: orange above 0, purple below; the others go from black, the
            smallest value, to white.
    """
    figure, axes = canvas(
        min(9.6, 1.75 * (1 + len(maps))),
        1.72 * len(images) + 0.3,
        len(images),
        1 + len(maps),
        squeeze=False,
    )
    for n, (row, (name, image)) in enumerate(zip(axes, images.items(), strict=True)):
        row[0].imshow(image, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        row[0].set_ylabel(name, fontsize=10)
        for ax, (method, values) in zip(row[1:], maps.items(), strict=True):
            shown = values[n].detach().numpy()
            if method in signed:
                most = float(np.abs(shown).max()) or 1.0
                ax.imshow(shown, cmap=SIGNED, vmin=-most, vmax=most, interpolation="nearest")
            else:
                ax.imshow(shown, cmap="gray", interpolation="nearest")
        for ax in row:
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_visible(False)
    for ax, title in zip(axes[0], ("image", *maps), strict=True):
        ax.set_title(title.replace(", ", ",\n"), fontsize=10)
    return picture(figure, alt, caption)


def sanity_lines(found: Mapping[str, Sequence[Sequence[Randomized]]]) -> Picture:
    """Draw how much maps resemble those of the trained net while more and more of its layers are drawn anew.

    Args:
        found: by method, a run for each seed.
    """
    figure, ax = canvas(9, 4.2)
    told = []
    first = next(iter(found.values()))[0]
    steps = _steps([step.layer for step in first])
    for color, marker, (method, runs) in zip(COLORS, "os^vDx", found.items(), strict=False):
        for n, run in enumerate(runs):
            values = [1.0, *(run[i].correlation for _, i in steps)]
            label = method if n == 0 else None
            ax.plot(values, color=color, marker=marker, markersize=5, linewidth=1.2, label=label)
        one, last = ([run[i].correlation for run in runs] for i in (steps[0][1], steps[-1][1]))
        told.append(
            f"{method}: {min(one):.2f} to {max(one):.2f} with the last layer random, "
            f"{min(last):.2f} to {max(last):.2f} with all of them"
        )
    ax.axhline(0, color=GRAY, linewidth=0.8)
    ax.set_xticks(range(len(steps) + 1), ["none", *(name for name, _ in steps)], fontsize=10)
    ax.set(xlabel="random from here up to the scores", ylabel="rank correlation", ylim=(-0.3, 1.05))
    ax.legend(fontsize=10, ncols=2, loc="upper right", bbox_to_anchor=(1, 0.98))
    return picture(
        figure,
        alt="Lines, three of a color for three seeds: the rank correlation of a map with that of the trained net, "
        f"while its layers are made random from the last to the first. {'; '.join(told)}.",
        caption="A line that stays high belongs to a map that hardly notices that the net has forgotten everything.",
    )


def _steps(layers: Sequence[str]) -> list[tuple[str, int]]:
    """Return names and places of the steps to draw: a convolution stands for itself and its normalization."""
    return [(name, i) for i, name in enumerate(layers) if not name.startswith("norm")]
