"""Maps of what a score depends on, side by side, and what is left of them when the weights are random."""

from collections.abc import Mapping, Sequence

import numpy as np
from torch import Tensor

from coursekit.data import FASHION_MNIST_CLASSES
from coursekit.inspection import Randomized
from coursekit.models.trained import TrainedNet
from coursekit.show.figure import GRAY, Picture, canvas, picture
from coursekit.show.grids import COLORS

SIGNED = ("gradient", "occlusion")  # maps of these names are drawn with signs


def gradient_maps(net: TrainedNet, images: Tensor, classes: Tensor, dx: Tensor) -> Picture:
    """Draw the gradient of a score at some images, with its signs and without.

    Args:
        net: brings images back to brightness.
        images: (N, 1, H, W), normalized.
        classes: (N,) whose scores are asked about.
        dx: (N, 1, H, W), the gradients.
    """
    return _table(
        net,
        images,
        classes,
        {"gradient": dx[:, 0], "its size": dx.abs().amax(1)},
        "to the right of each its gradient in orange and purple, and the size of it in gray. Both are speckled, also "
        "on the empty background.",
        "Orange pixels raise the score when they get brighter, purple ones lower it. Look at the background.",
    )


def repairs(
    net: TrainedNet, images: Tensor, classes: Tensor, maps: Mapping[str, Tensor]
) -> Picture:
    """Draw the gradient and three repairs of it: maps (N, H, W) by name."""
    return _table(
        net,
        images,
        classes,
        maps,
        f"and maps of each: {', '.join(maps)}. The gradient and the integrated gradients are speckled, SmoothGrad "
        "shows soft blobs, guided backpropagation the clearest outlines of the boot.",
        "White pixels have the largest values. Which map would you put into a talk?",
    )


def places(net: TrainedNet, images: Tensor, classes: Tensor, maps: Mapping[str, Tensor]) -> Picture:
    """Draw where a class was seen: maps (N, h, w) by name, those of an occlusion with signs."""
    return _table(
        net,
        images,
        classes,
        maps,
        f"and maps of each: {', '.join(maps)}. Grad-CAM is made of coarse blocks, finer ones in an earlier layer. With "
        "the gray cover the score falls most on the background beside the thing, with the black one on the thing.",
        "Grad-CAM: white where the evidence for the class is strongest. Occlusion: orange where the score falls when "
        "this place is covered, purple where it rises.",
    )


def _table(
    net: TrainedNet,
    images: Tensor,
    classes: Tensor,
    maps: Mapping[str, Tensor],
    alt: str,
    caption: str,
) -> Picture:
    """Draw images, a row each, and beside each of them its maps."""
    rows, columns = len(images), 1 + len(maps)
    figure, axes = canvas(1.75 * columns, 1.72 * rows + 0.3, rows, columns, squeeze=False)
    names = [FASHION_MNIST_CLASSES[int(c)] for c in classes]
    for n, row in enumerate(axes):
        row[0].imshow(net.brightness(images[n : n + 1])[0, 0], cmap="gray", vmin=0, vmax=1)
        row[0].set_ylabel(names[n], fontsize=10)
        for ax, (method, values) in zip(row[1:], maps.items(), strict=True):
            shown = values[n].detach().numpy()
            if method.startswith(SIGNED):
                most = float(np.abs(shown).max()) or 1.0
                ax.imshow(shown, cmap="PuOr_r", vmin=-most, vmax=most, interpolation="nearest")
            else:
                ax.imshow(shown, cmap="gray", interpolation="nearest")
        for ax in row:
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_visible(False)
    for ax, title in zip(axes[0], ("image", *maps), strict=True):
        ax.set_title(title.replace(", ", ",\n"), fontsize=10)
    return picture(figure, f"Rows of pictures: {', '.join(names)}, {alt}", caption)


def sanity_lines(found: Mapping[str, Sequence[Sequence[Randomized]]]) -> Picture:
    """Draw how much maps resemble those of the trained net while more and more of its layers are drawn anew.

    Args:
        found: by method, a run for each seed.
    """
    figure, ax = canvas(8.4, 3.8)
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
