"""Figures of chapter 13 for the parts of a recipe: rates, whitening, smoothed labels, averaged weights."""

from collections.abc import Mapping

import ipywidgets
import numpy as np

from coursekit.show.figure import BLACK, GRAY, INPUT, KERNEL, Picture, canvas, picture
from coursekit.show.grids import COLORS
from coursekit.show.images import show_image
from coursekit.show.widget import Explorer, explorer
from coursekit.training import Recipe


def rates(recipes: Mapping[str, Recipe], steps: int = 100) -> Picture:
    """Draw the learning rates of recipes over their epochs.

    Args:
        recipes: by name.
        steps: of an epoch, for the drawing.
    """
    figure, ax = canvas(8.4, 3.4)
    told = []
    for (name, recipe), color in zip(recipes.items(), COLORS, strict=False):
        rate = recipe.rate(steps)
        t = np.arange(recipe.epochs * steps + 1)
        ax.plot(t / steps, [rate(int(step)) for step in t], color=color, linewidth=2, label=name)
        told.append(
            f"{name}: {rate(0):.2g} at first, {recipe.lr:.2g} at epoch {recipe.warm_up:g}, then down "
            f"({recipe.schedule}) to 0 after {recipe.epochs}"
        )
    ax.set(xlabel="epoch", ylabel="learning rate", ylim=(0, None))
    ax.legend()
    return picture(
        figure,
        alt=f"Learning rate over the epochs. {'; '.join(told)}.",
        caption="Up along a line in the first epochs, down to 0 in all the others.",
    )


def eigenvectors(directions: np.ndarray, variances: np.ndarray) -> Picture:
    """Draw the directions of patches as small pictures, the one of the largest variance first.

    Args:
        directions: (D, F, F).
        variances: (D,) along them.
    """
    shares = variances / variances.sum()
    count = len(directions)
    figure, axes = canvas(1.15 * count, 1.5, 1, count)
    for ax, direction, share in zip(axes, directions, shares, strict=True):
        show_image(ax, direction, f"{share:.2%}", signed=True)
    told = ", ".join(f"{share:.2%}" for share in shares)
    return picture(
        figure,
        alt=f"{count} small pictures of {directions.shape[1]} by {directions.shape[2]} cells, orange for positive "
        f"and purple for negative numbers. Above them their shares of the variance: {told}. The first has one "
        "sign throughout, the next two change sign once across, the later ones more often.",
        caption="The first is an average, the next are differences. How often does the sign change in the last?",
    )


def covariances(before: np.ndarray, after: np.ndarray) -> Picture:
    """Draw two covariance matrices side by side."""
    figure, axes = canvas(7.4, 3.4, 1, 2)
    for ax, matrix, name in zip(axes, (before, after), ("patches", "whitened"), strict=True):
        most = float(np.abs(matrix).max())
        shown = ax.imshow(matrix, cmap="PuOr_r", vmin=-most, vmax=most)
        ticks = range(0, len(matrix), 2)
        ax.set(xlabel="entry", ylabel="entry", title=name, xticks=ticks, yticks=ticks)
        figure.colorbar(shown, ax=ax, shrink=0.8)
    off = [np.abs(m - np.diag(np.diag(m))).max() for m in (before, after)]
    diagonal = np.diag(after)
    return picture(
        figure,
        alt=f"Two matrices of {len(before)} rows and columns. Left, the covariance of the patches: large everywhere, "
        f"up to {off[0]:.2f} off the diagonal. Right, that of the whitened patches: at most {off[1]:.1g} off the "
        f"diagonal, and on it from {diagonal.max():.2f} down to {diagonal.min():.2f}.",
        caption="Left, every entry says what its neighbors say. Right, none knows anything about another.",
    )


def walk(
    lr: float, decay: float, steps: int = 600, seed: int = 0, *, fixed: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Return a weight that descends L = w²/2 with noisy gradients from 3, and its running average.

    Args:
        lr: learning rate.
        decay: β, the largest decay of the average.
        steps: of the descent.
        seed: of the noise, which has standard deviation 1.
        fixed: whether the average has its full decay from the first step on.
    """
    noise = np.random.default_rng(seed).normal(size=steps)
    w = average = 3.0
    path, averages = [], []
    for t in range(steps):
        w -= lr * (w + noise[t])
        d = decay if fixed else min(decay, (1 + t) / (10 + t))
        average = d * average + (1 - d) * w
        path.append(w)
        averages.append(average)
    return np.array(path), np.array(averages)


def averaging(lr: float, decay: float) -> Picture:
    """Draw a trembling weight and its average, and the average that has its full decay from the first step on."""
    path, average = walk(lr, decay)
    _, fixed = walk(lr, decay, fixed=True)
    half = len(path) // 2
    sizes = [float(np.sqrt(np.mean(a[half:] ** 2))) for a in (path, average, fixed)]
    figure, ax = canvas(8.6, 3.0)
    ax.axhline(0, color=GRAY, linewidth=0.8)
    ax.plot(path, color=KERNEL, linewidth=0.8, label="w")
    ax.plot(average, color=INPUT, linewidth=2.5, label="its average")
    ax.plot(fixed, color=BLACK, linewidth=1.5, linestyle="--", label="the same, d fixed")
    ax.set(xlabel="step", ylabel="weight, the goal is 0", ylim=(-2.2, 3.2))
    ax.legend(ncols=3, loc="lower right", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.0)
    return picture(
        figure,
        alt=f"A weight over {len(path)} steps, from 3 down to 0, where it trembles, and its average with decay "
        f"{decay:g}; dashed, the average with that decay from the first step on. In the second half the root mean "
        f"square of the weight is {sizes[0]:.2f}, of the average {sizes[1]:.2f}, of the dashed one {sizes[2]:.2f}; "
        f"after 100 steps they are at {path[99]:.2f}, {average[99]:.2f} and {fixed[99]:.2f}.",
        caption=f"Learning rate {lr:g}, decay {decay:g}: in the second half the weight is off by {sizes[0]:.2f}, its "
        f"average by {sizes[1]:.2f}, with a fixed d by {sizes[2]:.2f}.",
    )


def averaging_widget() -> Explorer:
    """Return :func:`averaging` with sliders."""
    return explorer(
        averaging,
        lr=ipywidgets.SelectionSlider(
            options=[0.02, 0.05, 0.1, 0.2, 0.5], value=0.1, description="learning rate"
        ),
        decay=ipywidgets.SelectionSlider(
            options=[0.0, 0.5, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999],
            value=0.98,
            description="decay",
        ),
    )


def smoothed_loss(gaps: np.ndarray, losses: Mapping[float, np.ndarray]) -> Picture:
    """Draw the loss over the lead of the right class, for several label smoothings.

    Args:
        gaps: how far the score of the right class is above all others.
        losses: for each smoothing, at each gap.
    """
    figure, ax = canvas(7, 3.2)
    told = []
    for (alpha, values), color in zip(losses.items(), COLORS, strict=False):
        ax.plot(gaps, values, color=color, linewidth=2, label=f"smoothing {alpha:g}")
        best = int(np.argmin(values))
        if alpha:
            ax.plot(gaps[best], values[best], "o", color=color)
            told.append(f"with smoothing {alpha:g} lowest, {values[best]:.2f}, at {gaps[best]:.1f}")
        else:
            told.append(f"without smoothing it falls to {values[-1]:.3f} and never turns")
    ax.set(xlabel="lead of the right score over the others", ylabel="loss L", ylim=(0, 2.5))
    ax.legend()
    return picture(
        figure,
        alt=f"Loss of one image over the lead of the right class, 10 classes: {'; '.join(told)}.",
        caption="Without smoothing, more is always better. With it, there is a lead that is enough.",
    )
