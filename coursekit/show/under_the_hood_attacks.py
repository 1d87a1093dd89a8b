"""Images that were made or changed by gradients: ascents, dreams, attacks."""

from collections.abc import Mapping, Sequence
from functools import cache

import ipywidgets
import numpy as np
import torch
from torch import Tensor

from coursekit.data import FASHION_MNIST_CLASSES
from coursekit.inspection import Ascent, fast_gradient_sign, limits, projected_gradient
from coursekit.models.trained import TrainedNet
from coursekit.show.figure import GRAY, INPUT, RED, Picture, canvas, picture
from coursekit.show.grids import COLORS
from coursekit.show.images import gallery, show_image
from coursekit.show.widget import Explorer, explorer


def ascents(made: Mapping[str, Mapping[tuple[str | None, int], Ascent]]) -> Picture:
    """Draw images that gradient ascent made, a row for each way.

    Args:
        made: by the name of the way, then by the layer (None: the scores) and the channel that answer.
    """
    columns = max(len(row) for row in made.values())
    figure, axes = canvas(8.6, 8.6 / columns * len(made) + 0.6, len(made), columns, squeeze=False)
    told = []
    for line, (way, row) in zip(axes, made.items(), strict=True):
        for ax, ((layer, channel), ascent) in zip(line, row.items(), strict=True):
            name = f"{layer}, channel {channel}" if layer else FASHION_MNIST_CLASSES[channel]
            ax.imshow(ascent.image[0, 0].numpy(), cmap="gray", interpolation="nearest")
            ax.set_title(f"{name}\nanswer {ascent.responses[-1]:.3g}", fontsize=10, loc="left")
            ax.set(xticks=[], yticks=[])
            told.append(f"{way}, {name}: {ascent.responses[-1]:.3g}")
        line[0].set_ylabel(way, fontsize=10)
    return picture(
        figure,
        alt="Images made by gradient ascent. Without regularization they are fine-grained and partly noise; with it "
        "there are smooth stripes and, for later layers, larger shapes repeated. Answers: "
        f"{'; '.join(told)}.",
        caption="Above each picture stand its unit and the answer; it is drawn from its darkest to its "
        "brightest pixel. Without regularization every answer is stronger; with it every picture is smoother.",
    )


def dreams(images: Mapping[str, np.ndarray]) -> Picture:
    """Draw a photograph and what a net dreamed into it, by name."""
    names = ", ".join(list(images)[1:])
    return gallery(
        images,
        alt=f"A photograph of a pagoda above trees, and beside it the same photograph after dreaming: {names}. The "
        "dreams are covered with streaks and blobs, larger ones where more scales were used; the pagoda can still "
        "be made out.",
        caption="One scale adds small marks, four add large ones as well. All of it grows out of what was there.",
        columns=3,
        size=2.4,
    )


def attacks(sizes: Sequence[float], accuracy: Mapping[str, Sequence[float]]) -> Picture:
    """Draw the accuracy of a net over the size of a change, a line for each way to change.

    Args:
        sizes: of the change of every pixel, at most, in gray levels.
        accuracy: 0 to 1, by the name of the way.
    """
    figure, ax = canvas(9, 3.6)
    for (name, values), color, marker in zip(accuracy.items(), COLORS, "os^", strict=False):
        ax.plot(range(len(sizes)), values, color=color, marker=marker, label=name)
    ax.axhline(0.1, color=GRAY, linewidth=1, linestyle="--", label="guessing")
    ax.set_xticks(range(len(sizes)), [f"{size:g}" for size in sizes])
    ax.set(xlabel="gray levels by which a pixel may change, of 255", ylabel="accuracy", ylim=(0, 1))
    ax.legend(loc="lower left", fontsize=10)
    told = "; ".join(
        f"{name} " + ", ".join(f"{value:.0%}" for value in values)
        for name, values in accuracy.items()
    )
    return picture(
        figure,
        alt=f"Accuracy over the size of the change, {', '.join(f'{s:g}' for s in sizes)} gray levels. {told}.",
        caption="All lines change each pixel by at most the same amount. Only the direction differs.",
    )


def fooled(images: np.ndarray, confidence: Sequence[float]) -> Picture:
    """Draw images of which a net is sure, each with the class that it sees and its probability."""
    titles = zip(FASHION_MNIST_CLASSES, confidence, strict=True)
    named = {f"{name} {p:.1%}": image for (name, p), image in zip(titles, images, strict=True)}
    return gallery(
        named,
        alt="Ten squares of gray noise that look alike. The net sees in them, one after the other: "
        + ", ".join(named)
        + ".",
        caption="Above each image: the class that the net finds, and how sure it is.",
        columns=5,
        size=1.55,
    )


# --- the widget


def attack_widget(net: TrainedNet, images: Tensor, labels: Tensor) -> Explorer:
    """Let the reader change an image in three ways and watch the probabilities.

    Args:
        net: the network.
        images: normalized (N, 1, H, W).
        labels: their classes.
    """
    low, high = limits(net.mean, net.std)

    @cache
    def changed(way: str, image: int, levels: int) -> Tensor:
        x, y = images[image : image + 1], labels[image : image + 1]
        epsilon = (levels / net.std).float()
        if way == "FGSM, one step":
            return fast_gradient_sign(net.model, x, y, epsilon, low=low, high=high)
        if way == "PGD, ten steps":
            return projected_gradient(net.model, x, y, epsilon, seed=0, low=low, high=high)
        signs = torch.randn(x.shape, generator=torch.Generator().manual_seed(0)).sign()
        return (x + epsilon.reshape(-1, 1, 1) * signs).clamp(float(low), float(high))

    def draw(way: str, image: int, levels: int) -> Picture:
        z = changed(way, image, levels)
        return _attack(net, images[image : image + 1], z, int(labels[image]), way, levels)

    return explorer(
        draw,
        way=ipywidgets.Dropdown(
            options=("FGSM, one step", "PGD, ten steps", "random signs"), description="way"
        ),
        image=ipywidgets.IntSlider(1, min=0, max=len(images) - 1, description="image"),
        levels=ipywidgets.IntSlider(8, min=0, max=40, description="gray levels"),
    )


@torch.no_grad()
def _attack(net: TrainedNet, x: Tensor, z: Tensor, label: int, way: str, levels: int) -> Picture:
    before, after = (net.model(one).double().softmax(1)[0].numpy() for one in (x, z))
    figure, axes = canvas(9.4, 3.4, 1, 4, width_ratios=[1, 1, 1, 1.3])
    show_image(axes[0], net.brightness(x)[0, 0], "image")
    show_image(axes[1], (z - x)[0, 0].numpy(), "change", signed=True)
    show_image(axes[2], net.brightness(z)[0, 0], "changed image")
    places = np.arange(len(before))
    axes[3].barh(places - 0.2, before, 0.4, color=INPUT, label="before")
    axes[3].barh(places + 0.2, after, 0.4, color=RED, label="after")
    axes[3].set_yticks(places, FASHION_MNIST_CLASSES, fontsize=9)
    axes[3].invert_yaxis()
    axes[3].set(xlim=(0, 1), xlabel="probability")
    axes[3].legend(fontsize=9)
    most = float((z - x).abs().max() * net.std[0])
    saw, sees = (FASHION_MNIST_CLASSES[int(p.argmax())] for p in (before, after))
    return picture(
        figure,
        alt=f"An image of the class {FASHION_MNIST_CLASSES[label]}, a change by {way} of at most {most:.0f} gray "
        f"levels, the changed image, and the probabilities before and after. Before, the net sees {saw} with "
        f"{before.max():.0%}; after, {sees} with {after.max():.0%}.",
        caption=f"{way}, at most {levels} gray levels: from {saw}, {before.max():.0%}, to {sees}, {after.max():.0%}. "
        "In the change, orange pixels get brighter and purple ones darker.",
    )
