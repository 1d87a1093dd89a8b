"""The figures of chapter 09: measured remedies; masks and crops are drawn in modules of their own."""

from collections.abc import Mapping, Sequence

import numpy as np

from coursekit.show.dropout_and_regularization_crops import crop_widget as crop_widget
from coursekit.show.dropout_and_regularization_crops import views as views
from coursekit.show.dropout_and_regularization_masks import averaging as averaging
from coursekit.show.dropout_and_regularization_masks import mask_widget as mask_widget
from coursekit.show.figure import BLUE, GRAY, GREEN, RED, Picture, canvas, picture


def learning(histories: np.ndarray) -> Picture:
    """Draw how several nets learn: right on what they train on, right on what is new, distance from the start.

    Args:
        histories: (seeds, passes, 3), the three numbers after 0, 1, 2 ... passes through the data.
    """
    histories = np.asarray(histories, dtype=float)
    best = histories[:, :, 1].argmax(axis=1)
    epochs = np.arange(histories.shape[1])
    figure, (left, right) = canvas(9, 3.8, 1, 2, width_ratios=[1.5, 1])
    for k, history in enumerate(histories):
        first = k == 0
        left.plot(
            epochs, history[:, 0], "--", color=BLUE, label="learned from" if first else None, lw=1.2
        )
        left.plot(
            epochs, history[:, 1], color=RED, label="validation" if first else None, linewidth=1.2
        )
        left.plot(
            best[k],
            history[best[k], 1],
            "o",
            color=RED,
            label="best validation" if first else None,
        )
        right.plot(epochs, history[:, 2], color=GREEN, linewidth=1.2)
        right.plot(best[k], history[best[k], 2], "o", color=GREEN)
    left.set(xlabel="passes through the 500 images", ylabel="share right", ylim=(0, 1.02))
    left.legend(loc="lower right", fontsize=10)
    right.set(xlabel="passes", ylabel="distance of weights from start", ylim=(0, None))
    end = histories[:, -1].mean(axis=0)
    return picture(
        figure,
        alt=f"Two panels of curves over {epochs[-1]} passes, one line for each of {len(histories)} seeds. Left: the "
        f"share right on the images learned from climbs to {end[0]:.2f}; on validation images it peaks "
        f"early, marked by dots at passes {_listed(sorted(best))}, and ends at {end[1]:.2f}. Right: the distance of "
        f"the weights from where they started grows all the time, to {end[2]:.1f}.",
        caption="The dashed lines keep climbing after the solid ones have peaked. Dots: the pass with the largest "
        "share of validation images right; on the right, the same passes.",
    )


def sweep(
    setting: str, measured: Mapping[float, Sequence[float]], baseline: Sequence[float]
) -> Picture:
    """Draw a validated share for each value of a setting: one dot a seed, mean and standard deviation.

    Args:
        setting: what was varied, the name of the axis.
        measured: one number a seed, for each value.
        baseline: the same without the remedy.
    """
    figure, ax = canvas(9, 3.6)
    base = np.asarray(baseline, dtype=float)
    _band(ax.axhspan, base)
    ax.axhline(base.mean(), color=GRAY, linewidth=1.5, label="without: mean ± 1 std")
    told = []
    for place, (value, numbers) in enumerate(measured.items()):
        values = np.asarray(numbers, dtype=float)
        ax.plot(place + np.linspace(-0.18, 0.18, len(values)), values, "o", color=BLUE, alpha=0.6)
        ax.errorbar(
            place + 0.28, values.mean(), values.std(ddof=1), fmt="s", color=RED, capsize=4, lw=2
        )
        told.append(f"{value:g}: {spread(values)}")
    ax.set_xticks(range(len(measured)), [f"{value:g}" for value in measured])
    ax.set(xlabel=setting, ylabel="share right, validation", xlim=(-0.5, len(measured) - 0.5))
    ax.legend(loc="best", fontsize=10)
    return picture(
        figure,
        alt=f"The share right on validation images for each value of {setting}, one dot a seed, with mean and "
        f"standard deviation. {'; '.join(told)}. A gray band marks the net without: {spread(base)}.",
        caption="Dots: one seed each, in order. Squares: their mean, with a bar of one standard "
        "deviation up and down. The gray band is the same for the net without this remedy.",
    )


def members(shares: np.ndarray) -> Picture:
    """Draw the share right against the number of nets whose answers are averaged, one line for each seed.

    Args:
        shares: (seeds, most nets).
    """
    shares = np.asarray(shares, dtype=float)
    figure, ax = canvas(9, 3.5)
    counts = np.arange(1, shares.shape[1] + 1)
    for k, line in enumerate(shares):
        ax.plot(counts, line, "o-", color=BLUE, alpha=0.4, label=None if k else "one seed")
    ax.errorbar(
        counts + 0.06,
        shares.mean(axis=0),
        shares.std(axis=0, ddof=1),
        fmt="s-",
        color=RED,
        capsize=4,
        linewidth=2,
        label="mean ± 1 std",
    )
    ax.set(xlabel="nets averaged", ylabel="share right, validation")
    ax.set_xticks(counts)
    ax.legend(loc="lower right", fontsize=10)
    told = "; ".join(f"{k}: {spread(shares[:, k - 1])}" for k in counts)
    return picture(
        figure,
        alt=f"The share right against the number of nets averaged, one line for each of {len(shares)} seeds, which "
        f"rise steeply at first and then flatten. Mean and standard deviation for each number of nets: {told}.",
        caption="Every net saw its own bag. The second net brings most, the fifth little: no straight line.",
    )


def comparison(measured: Mapping[str, Sequence[float]], baseline: str) -> Picture:
    """Draw the tested share of every remedy: one dot a seed, mean and standard deviation, best at the top.

    Args:
        measured: one number a seed, the same seeds in the same order for each remedy.
        baseline: the name that the others are compared with.

    Raises:
        ValueError: the baseline is not among them, or the numbers of seeds differ.
    """
    if baseline not in measured:
        raise ValueError(f"{baseline!r} is not among {', '.join(measured)}")
    if len({len(values) for values in measured.values()}) > 1:
        raise ValueError("every remedy needs the same seeds, or they cannot be compared one by one")
    rows = sorted(measured, key=lambda name: np.mean(measured[name]))
    base = np.asarray(measured[baseline], dtype=float)
    figure, ax = canvas(9, 0.8 + 0.45 * len(rows))
    _band(ax.axvspan, base)
    for place, name in enumerate(rows):
        values = np.asarray(measured[name], dtype=float)
        ax.plot(values, place + np.linspace(-0.2, 0.2, len(values)), "o", color=BLUE, alpha=0.6)
        ax.errorbar(
            values.mean(), place, xerr=values.std(ddof=1), fmt="s", color=RED, capsize=4, lw=2
        )
    ax.set_yticks(range(len(rows)), rows)
    ax.set(xlabel="share right on 2,000 test images", ylabel="remedy")
    told = "; ".join(f"{name}: {spread(measured[name])}" for name in reversed(rows))
    return picture(
        figure,
        alt=f"Rows of dots, one for each seed, with mean and standard deviation, from best to worst. {told}.",
        caption=f"Dots: one seed each, the same {len(base)} in each row, in order. Squares: mean with one "
        f"standard deviation to each side. Gray: {baseline}.",
    )


def spread(values: Sequence[float] | np.ndarray) -> str:
    """Return mean and standard deviation over seeds, ``0.713 ± 0.012``."""
    values = np.asarray(values, dtype=float)
    return f"{values.mean():.3f} ± {values.std(ddof=1):.3f}"


def _band(draw, base: np.ndarray) -> None:  # type: ignore[no-untyped-def]  # a bound method of matplotlib
    center, half = base.mean(), base.std(ddof=1)
    draw(center - half, center + half, color=GRAY, alpha=0.25, linewidth=0)


def _listed(values: Sequence[int] | list[int]) -> str:
    return ", ".join(str(value) for value in values)
