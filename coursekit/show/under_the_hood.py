"""The figures of chapter 14: kernels, answers and patches; maps and attacks stand in modules of their own."""

from collections.abc import Mapping, Sequence
from functools import cache

import ipywidgets
import numpy as np
from matplotlib.axes import Axes
from torch import Tensor

from coursekit.data import FASHION_MNIST_CLASSES
from coursekit.inspection import Patches, Population, activations, filters, strongest_patches
from coursekit.models.trained import TrainedNet
from coursekit.show.figure import GRAY, OUTPUT, Picture, canvas, picture
from coursekit.show.grids import COLORS
from coursekit.show.images import show_image
from coursekit.show.under_the_hood_attacks import (
    ascents,
    attack_widget,
    attacks,
    dreams,
    fooled,
)
from coursekit.show.under_the_hood_maps import (
    gradient_maps,
    places,
    repairs,
    sanity_lines,
)
from coursekit.show.widget import Explorer, explorer

__all__ = [
    "activation_maps",
    "ascents",
    "attack_widget",
    "attacks",
    "dreams",
    "fooled",
    "gradient_maps",
    "kernels",
    "nine_patches",
    "one_channel",
    "places",
    "repairs",
    "sanity_lines",
    "shares",
    "walk_widget",
]

LAYERS = ("relu1", "relu2", "relu3", "relu4", "relu5")


def kernels(rows: Mapping[str, Tensor], caption: str) -> Picture:
    """Draw kernels of one channel as small gray images.

    Args:
        rows: kernels (K, height, width) by name, from 0, black, to 1; 0.5 is no weight.
        caption: what to look at.
    """
    most = max(len(images) for images in rows.values())
    columns = min(most, 16)
    lines = [(name, part) for name, images in rows.items() for part in images.split(columns)]
    figure, axes = canvas(9.6, 0.72 * len(lines) + 0.1, len(lines), columns, squeeze=False)
    for line, (name, images) in zip(axes, lines, strict=True):
        for ax in line[len(images) :]:
            ax.set_axis_off()
        for ax, image in zip(line, images, strict=False):
            ax.imshow(image.numpy(), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
            ax.set(xticks=[], yticks=[])
        line[0].set_ylabel(
            name.replace(" ", "\n"), rotation=0, ha="right", va="center", fontsize=10
        )
    told = "; ".join(
        f"{name}: {len(images)} of {images.shape[1]}×{images.shape[2]}"
        for name, images in rows.items()
    )
    return picture(
        figure,
        alt=f"Rows of kernels drawn as small gray images, white for positive weights, black for negative ones. {told}.",
        caption=caption,
    )


def activation_maps(image: np.ndarray, layers: Mapping[str, Tensor], shown: int = 8) -> Picture:
    """Draw an image and, layer by layer, the maps that answer most to it.

    Args:
        image: (H, W) brightness.
        layers: activations (1, K, h, w) by name.
        shown: maps of each layer.
    """
    figure, axes = canvas(9.6, 1.13 * len(layers), len(layers), shown + 1)
    for row, (name, A) in zip(axes, layers.items(), strict=True):
        order = A[0].mean((1, 2)).argsort(descending=True, stable=True)[:shown].tolist()
        row[0].set_axis_off()
        for ax, k in zip(row[1:], order, strict=True):
            ax.imshow(A[0, k].numpy(), cmap="gray", vmin=0, interpolation="nearest")
            ax.set_title(f"{k}", fontsize=9, pad=2)
            ax.set(xticks=[], yticks=[])
        row[1].set_ylabel(
            f"{name}\n{A.shape[2]}×{A.shape[3]}", rotation=0, ha="right", va="center", fontsize=10
        )
    axes[0, 0].imshow(image, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    sizes = ", ".join(f"{name} {A.shape[2]}×{A.shape[3]}" for name, A in layers.items())
    return picture(
        figure,
        alt=f"An image, and for each layer the {shown} maps with the largest mean answer, white where a channel "
        f"answers: {sizes}. Early maps are outlines of the image; the last ones are a few bright blocks.",
        caption="The number above a map is its channel; white is its own largest answer. Follow the rows down: the "
        "outline dissolves, and what stays is where something was found.",
    )


def shares(populations: Mapping[str, Sequence[Population]]) -> Picture:
    """Draw for each channel of some layers the part of its answers that is above 0.

    Args:
        populations: of the layers in order, by the name of the net.
    """
    figure, ax = canvas(9, 3.4)
    layers = [p.layer for p in next(iter(populations.values()))]
    told = []
    for n, (name, found) in enumerate(populations.items()):
        for place, p in enumerate(found):
            spread = np.linspace(-0.13, 0.13, len(p.active))
            at = place + (n - (len(populations) - 1) / 2) * 0.36
            label = name if place == 0 else None
            ax.plot(at + spread, p.active, "os^"[n % 3], color=COLORS[n], markersize=4, label=label)
            told.append(
                f"{name} {p.layer}: {p.active.min():.0%} to {p.active.max():.0%}, {int(p.dead.sum())} dead"
            )
    ax.axhline(0, color=GRAY, linewidth=1)
    ax.set(xticks=range(len(layers)), ylim=(-0.04, 1.04))
    ax.set_xticklabels(layers)
    ax.set(xlabel="layer", ylabel="part of its answers above 0")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return picture(
        figure,
        alt=f"One dot for each channel, by layer: the part of its answers that is above 0. {'; '.join(told)}.",
        caption="A dot on the line at 0 is a dead channel: it answered above 0 nowhere, in no image.",
    )


def one_channel(answers: np.ndarray, labels: np.ndarray, channel: int) -> Picture:
    """Draw how the answers of one channel to many images are distributed, class by class.

    Args:
        answers: (N,) one for each image.
        labels: (N,) classes.
        channel: its number.
    """
    figure, ax = canvas(9, 4)
    classes = range(len(FASHION_MNIST_CLASSES))
    parts = [answers[labels == c] for c in classes]
    ax.boxplot(
        parts,
        orientation="horizontal",
        widths=0.6,
        patch_artist=True,
        boxprops={"facecolor": OUTPUT, "alpha": 0.5},
        medianprops={"color": "black"},
        flierprops={"marker": ".", "markersize": 3, "markeredgecolor": GRAY},
    )
    ax.set_yticks([c + 1 for c in classes], FASHION_MNIST_CLASSES)
    ax.invert_yaxis()
    ax.set(xlabel=f"mean answer of channel {channel} over an image", ylabel="class")
    medians = [float(np.median(part)) for part in parts]
    order = np.argsort(medians)[::-1]
    first, second = (FASHION_MNIST_CLASSES[c] for c in order[:2])
    return picture(
        figure,
        alt=f"A box for each class: the answers of channel {channel} to its images. The medians are highest for "
        f"{first}, {medians[order[0]]:.2f}, and {second}, {medians[order[1]]:.2f}; lowest for "
        f"{FASHION_MNIST_CLASSES[order[-1]]}, {medians[order[-1]]:.2f}.",
        caption="Half of the images of a class lie in its box, the line is the median. Look where boxes of different "
        "classes overlap.",
    )


def nine_patches(net: TrainedNet, found: Mapping[str, Patches], shown: int = 3) -> Picture:
    """Draw the strongest patches of the first filters of some layers, a filter a block.

    Args:
        net: brings patches back to brightness.
        found: patches by the name of the layer.
        shown: filters of each layer.
    """
    figure, axes = canvas(7.2, 2.4 * len(found), len(found), shown, squeeze=False)
    told = []
    for row, (name, p) in zip(axes, found.items(), strict=True):
        for ax, k in zip(row, range(shown), strict=True):
            _nine(ax, net, p, k, f"{name}, channel {p.channels[k]}")
        told.append(f"{name}: {p.patches.shape[-2]}×{p.patches.shape[-1]} pixels")
    return picture(
        figure,
        alt=f"For {shown} filters of each layer a block of the nine patches of test images that it answers to most. "
        f"{'; '.join(told)}. In the first layer the patches of a block are alike as shapes; in the last one they "
        "are mostly whole things of one or two classes.",
        caption="A patch is as large as what one unit sees of the image. Where it reaches over the border it is gray.",
    )


def walk_widget(net: TrainedNet, images: Tensor) -> Explorer:
    """Let the reader walk through layers and filters: the kernel, its answer to an image, its nine patches.

    Args:
        net: the network.
        images: normalized test images (N, 1, H, W), those to look at first; patches come from all.
    """

    @cache
    def patches(layer: str) -> Patches:
        return strongest_patches(net.model, images, layer)

    @cache
    def answers(layer: str) -> Tensor:
        return activations(net.model, images[:20], [layer])[layer]

    for layer in LAYERS:  # now, so that no control is slow
        patches(layer)
        answers(layer)

    def draw(layer: str, channel: int, image: int) -> Picture:
        p, A = patches(layer), answers(layer)
        if channel >= A.shape[1]:
            raise ValueError(
                f"{layer} has {A.shape[1]} channels, 0 to {A.shape[1] - 1}: take a smaller one"
            )
        return _walk(net, layer, channel, images[image], A[image, channel], p)

    return explorer(
        draw,
        layer=ipywidgets.Dropdown(options=LAYERS, value="relu1", description="layer"),
        channel=ipywidgets.IntSlider(1, min=0, max=63, description="channel"),
        image=ipywidgets.IntSlider(0, min=0, max=19, description="image"),
    )


def _walk(
    net: TrainedNet, layer: str, channel: int, image: Tensor, answer: Tensor, p: Patches
) -> Picture:
    figure, axes = canvas(9.4, 3.1, 1, 4)
    kernel = filters(net.model, f"conv{layer[-1]}")[channel]
    C = kernel.shape[0]
    show_image(axes[0], _tiles(kernel.numpy()), f"kernel{'' if C == 1 else f', {C} slices'}")
    show_image(axes[1], net.brightness(image)[0], "image")
    axes[2].imshow(answer.numpy(), cmap="gray", vmin=0, interpolation="nearest")
    axes[2].set_title(f"answer, up to {answer.max():.2f}", loc="left")
    axes[2].set_axis_off()
    _nine(axes[3], net, p, channel, "nine patches")
    size = p.patches.shape[-1]
    values = p.values[channel]
    return picture(
        figure,
        alt=f"{layer}, channel {channel}. From left to right: its kernel of {C} "
        f"{'slice' if C == 1 else 'slices'}, an image, the channel's answer to it, at most {answer.max():.2f}, and "
        f"the nine patches of {size}×{size} pixels that it answers to most, {values[0]:.2f} to {values[-1]:.2f}.",
        caption=f"One unit of {layer} sees {size}×{size} pixels. The answers to the nine patches go from "
        f"{values[0]:.2f} down to {values[-1]:.2f}.",
    )


def _nine(ax: Axes, net: TrainedNet, p: Patches, k: int, title: str) -> None:
    """Draw nine patches as a block, with white lines between them."""
    shown = net.brightness(p.patches[k])[:, 0]
    size = shown.shape[-1]
    gap = max(1, round(size / 12))
    block = np.ones((3 * size + 2 * gap, 3 * size + 2 * gap))
    for n, patch in enumerate(shown[:9]):
        top, left = (n // 3) * (size + gap), (n % 3) * (size + gap)
        block[top : top + size, left : left + size] = patch
    show_image(ax, block, title)
    ax.title.set_fontsize(10)


def _tiles(slices: np.ndarray) -> np.ndarray:
    """Return slices (C, height, width) side by side, with white lines between them."""
    C, height, width = slices.shape
    columns = int(np.ceil(np.sqrt(C)))
    rows = -(-C // columns)
    if C == 1:
        return slices[0]
    sheet = np.ones((rows * (height + 1) - 1, columns * (width + 1) - 1))
    for n, one in enumerate(slices):
        top, left = (n // columns) * (height + 1), (n % columns) * (width + 1)
        sheet[top : top + height, left : left + width] = one
    return sheet
