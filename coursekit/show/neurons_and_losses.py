"""The figures of chapter 05: units, activations, losses and codes."""

from collections.abc import Mapping, Sequence

import ipywidgets
import numpy as np

from coursekit.reference import (
    bce_with_logits_backward,
    bce_with_logits_forward,
    multiclass_hinge_backward,
    multiclass_hinge_forward,
    softmax_cross_entropy_backward,
    softmax_cross_entropy_forward,
)
from coursekit.show.figure import BLACK, GRAY, KERNEL, OUTPUT, RED, SKY, Picture, canvas, picture
from coursekit.show.grids import COLORS, number_grid, tint
from coursekit.show.images import gallery, show_image
from coursekit.show.typed import numbers
from coursekit.show.widget import Explorer, explorer

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
GATES = {
    (0, 0, 0, 0): "never",
    (0, 0, 0, 1): "AND",
    (0, 0, 1, 0): "x0 AND NOT x1",
    (0, 0, 1, 1): "x0 alone",
    (0, 1, 0, 0): "x1 AND NOT x0",
    (0, 1, 0, 1): "x1 alone",
    (0, 1, 1, 1): "OR",
    (1, 0, 0, 0): "NOR",
    (1, 0, 1, 0): "NOT x1",
    (1, 0, 1, 1): "x0 OR NOT x1",
    (1, 1, 0, 0): "NOT x0",
    (1, 1, 0, 1): "x1 OR NOT x0",
    (1, 1, 1, 0): "NAND",
    (1, 1, 1, 1): "always",
}  # 14 of the 16 functions of two bits: the other two are XOR and its opposite
STYLES = ("-", "--", "-.", ":")
MARKERS = "os^vDX"


def unit(w: np.ndarray, threshold: float) -> Picture:
    """Draw a threshold unit: the plane that it cuts in two, and its truth table.

    Raises:
        ValueError: there are not two weights.
    """
    if len(w) != 2:
        raise ValueError(f"the unit has two inputs and you gave {len(w)} weights, expected 2")
    s = CORNERS @ w
    y = (s >= threshold).astype(int)
    gate = GATES[tuple(y.tolist())]
    figure, (plane, table) = canvas(9, 3.9, 1, 2, width_ratios=[1.2, 1])
    side = np.linspace(-0.6, 1.6, 221)
    sums = w[0] * side[None, :] + w[1] * side[:, None]
    fires = np.where((sums >= threshold)[..., None], tint(OUTPUT), 1.0)
    plane.imshow(fires, origin="lower", extent=(-0.6, 1.6, -0.6, 1.6), interpolation="nearest")
    for corner, fired in zip(CORNERS, y, strict=True):
        plane.plot(
            *corner,
            marker="o",
            markersize=15,
            markeredgecolor="black",
            color=OUTPUT if fired else "white",
        )
    plane.set(xlabel="x0", ylabel="x1", xticks=[0, 1], yticks=[0, 1])
    plane.set_title("green: the unit fires", loc="left")
    number_grid(table, np.column_stack([CORNERS, s, y]), "")
    table.set_xticks(range(4), ["x0", "x1", "sum", "y"])
    table.set_yticks([])
    fired = "; ".join(f"({a:g}, {b:g}) gives {c}" for (a, b), c in zip(CORNERS, y, strict=True))
    rule = f"{w[0]:g}·x0 + {w[1]:g}·x1 ≥ {threshold:g}"
    return picture(
        figure,
        alt=f"Left, the plane of two inputs, green where {rule}, with the four corners marked. Right, "
        f"the table of inputs, sum and output: {fired}.",
        caption=f"The unit fires where {rule}. On the four corners that is: {gate}.",
    )


def unit_widget() -> Explorer:
    """Let the reader choose the weights and the threshold of a unit."""

    def draw(weights: str, threshold: float) -> Picture:
        return unit(numbers(weights, "the list of weights"), round(threshold, 3))

    return explorer(
        draw,
        weights=ipywidgets.Text("1, 1", description="weights w", continuous_update=False),
        threshold=ipywidgets.FloatSlider(1.5, min=-2.5, max=2.5, step=0.5, description="threshold"),
    )


def associative_units(wires: np.ndarray, digit: np.ndarray) -> Picture:
    """Draw a digit and the wiring of some associative units.

    Args:
        wires: one row of 64 weights, -1, 0 or 1, for each unit.
        digit: (8, 8).
    """
    figure, axes = canvas(10, 2.2, 1, len(wires) + 1)
    show_image(axes[0], 1 - digit, "a digit")
    for i, (ax, row) in enumerate(zip(axes[1:], wires, strict=True)):
        show_image(ax, row.reshape(8, 8), f"unit {i}: {row @ digit.ravel():+.2f}", signed=True)
    fires = [str(i) for i, row in enumerate(wires) if row @ digit.ravel() >= 0]
    count = int(np.count_nonzero(wires[0]))
    return picture(
        figure,
        alt=f"A digit of 8 by 8 pixels, dark ink on white, and the wires of {len(wires)} associative units, each to "
        f"{count} pixels scattered at random, orange for +1 and purple for -1. Units {', '.join(fires)} fire.",
        caption=f"Each unit adds the ink under its orange pixels and subtracts the ink under its purple ones. "
        f"Here units {', '.join(fires)} come out at 0 or more and fire.",
    )


def mistakes(counts: Mapping[str, Sequence[int]]) -> Picture:
    """Draw the mistakes of a perceptron in every pass, one line for each set of features."""
    figure, ax = canvas(9, 3.6)
    for (name, per_pass), color, marker in zip(counts.items(), COLORS, MARKERS, strict=False):
        passes = np.arange(1, len(per_pass) + 1)
        ax.plot(passes, per_pass, color=color, marker=marker, label=name)
    ax.set(xlabel="pass through the training images", ylabel="mistakes in this pass")
    ax.set_ylim(bottom=0)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend(ncols=2)
    last = "; ".join(f"{name}: {per_pass[-1]}" for name, per_pass in counts.items())
    return picture(
        figure,
        alt=f"Mistakes in each pass of the perceptron rule, one line for each set of features. In the last pass, "
        f"{last}.",
        caption="A line that reaches zero has found weights that get every training image right. The "
        "others keep correcting one image at the price of another.",
    )


def activations(
    functions: Mapping[str, tuple[np.ndarray, np.ndarray]], x: np.ndarray, at: float
) -> Picture:
    """Draw activations and their slopes side by side.

    Args:
        functions: values and slopes on x, by name.
        x: the places.
        at: the place whose slope is written into each panel.
    """
    figure, axes = canvas(10.5, 2.9, 1, len(functions), sharex=True, sharey=True)
    place = int(np.argmin(np.abs(x - at)))
    slopes = []
    for ax, (name, (y, slope)) in zip(axes, functions.items(), strict=True):
        ax.axhline(0, color=GRAY, linewidth=0.8)
        ax.axvline(0, color=GRAY, linewidth=0.8)
        ax.plot(x, y, color=OUTPUT, linewidth=2.5, label="value")
        ax.plot(x, slope, color=RED, linestyle="--", linewidth=2, label="slope")
        ax.set_title(f"{name}\nslope at {at:g}: {slope[place]:.4g}", loc="left", fontsize=10.5)
        ax.set(ylim=(-1.25, 2.25), xlabel="input x")
        slopes.append(f"{name} {slope[place]:.4g}")
    axes[0].set_ylabel("value or slope")
    axes[0].legend(loc="upper left", fontsize=9)
    return picture(
        figure,
        alt=f"{len(functions)} small graphs of activations, solid, with their slopes, dashed. The slopes at "
        f"{at:g}: {', '.join(slopes)}.",
        caption="Solid: what comes out. Dashed: the slope, which multiplies whatever flows back. Look where the "
        "dashed line lies on zero.",
    )


def maxout_pieces(x: np.ndarray, examples: Mapping[str, np.ndarray]) -> Picture:
    """Draw the pieces of maxout units and their largest.

    Args:
        x: the places.
        examples: values of the pieces (pieces, places), by name.
    """
    figure, axes = canvas(10, 3.0, 1, len(examples), sharex=True)
    for ax, (name, pieces) in zip(axes, examples.items(), strict=True):
        for values in pieces:
            ax.plot(x, values, color=KERNEL, linewidth=1.5)
        ax.plot(x, pieces.max(axis=0), color=OUTPUT, linewidth=4, alpha=0.7)
        ax.set_title(name, loc="left")
        ax.set(xlabel="input x", ylim=(-1.5, 2.2))
    axes[0].set_ylabel("value")
    return picture(
        figure,
        alt="Graphs of maxout units: thin straight lines are the pieces, a thick line follows the highest of "
        f"them. From left to right: {', '.join(examples)}.",
        caption="Thin and orange: the pieces, each a line of its own weights. Thick and green: the largest. The "
        "same unit becomes any of these by its weights alone.",
    )


def side_by_side_and_folded(x: np.ndarray, sums: np.ndarray, folded: np.ndarray) -> Picture:
    """Draw a sum of units and a composition of as many units over the same inputs."""
    figure, axes = canvas(9, 2.8, 1, 2, sharex=True)
    kinks = []
    for ax, values, name in zip(
        axes, (sums, folded), ("side by side", "one after another"), strict=True
    ):
        ax.plot(x, values, color=OUTPUT, linewidth=1.5)
        ax.set_title(name, loc="left")
        ax.set(xlabel="input x", ylabel="output y")
        kinks.append(straight_pieces(values))
    return picture(
        figure,
        alt=f"Two graphs. Left, {kinks[0]} straight pieces joined into a staircase. Right, a zigzag of "
        f"{kinks[1]} straight pieces between 0 and 1.",
        caption=f"The same ten ReLU units. Added up they make {kinks[0]} straight pieces, one after another "
        f"{kinks[1]}.",
    )


def straight_pieces(values: np.ndarray) -> int:
    """Count the straight pieces of a graph that is sampled at equal distances, kinks on the samples."""
    bends = np.abs(np.diff(values, 2)) > 1e-9 * max(1.0, float(np.abs(values).max()))
    return int(np.count_nonzero(bends)) + 1


def loss_curves(margin: float, classes: int) -> Picture:
    """Draw three losses and their slopes over the margin, all other classes being level.

    Args:
        margin: the place that is marked: by how much the right score leads.
        classes: how many classes softmax and hinge tell apart.
    """
    places = np.append(np.linspace(-5, 10, 301), margin)
    N, others = len(places), classes - 1
    scores = np.zeros((N, classes))
    scores[:, 0] = places
    labels = np.zeros(N, dtype=int)
    # slopes: the reference averages over its N samples, each of which is a place here
    cache = bce_with_logits_forward(places, np.ones(N))[1]
    bce = np.logaddexp(0, -places), bce_with_logits_backward(N, cache)
    hot = softmax_cross_entropy_forward(scores, labels)[1]
    softmax = np.log1p(others * np.exp(-places)), softmax_cross_entropy_backward(N, hot)[:, 0]
    close = multiclass_hinge_forward(scores, labels)[1]
    hinge = others * np.maximum(0, 1 - places), multiclass_hinge_backward(N, close)[:, 0]
    curves = {"BCE": bce, "softmax": softmax, "hinge": hinge}
    figure, axes = canvas(10, 3.7, 1, 2)
    for (name, pair), color, style in zip(curves.items(), (BLACK, SKY, RED), STYLES, strict=False):
        for ax, column in zip(axes, pair, strict=True):
            ax.plot(
                places[:-1], column[:-1], color=color, linestyle=style, linewidth=2.5, label=name
            )
            ax.plot(margin, column[-1], "o", color=color)
    for ax, ylabel in zip(axes, ("loss L", "slope of L by the right score"), strict=True):
        ax.axvline(margin, color=GRAY, linewidth=1)
        ax.set(xlabel="margin: lead of the right score", ylabel=ylabel)
    axes[0].legend()
    axes[0].set_ylim(top=min(12.0, axes[0].get_ylim()[1]))
    said = "; ".join(
        f"{name} {loss[-1]:.4g}, slope {slope[-1] + 0:.4g}"
        for name, (loss, slope) in curves.items()
    )
    return picture(
        figure,
        alt=f"Left, three losses over the margin, right, their slopes, for {classes} classes. At margin {margin:g}: "
        f"{said}.",
        caption=f"At margin {margin:g} with {classes} classes: {said}. Hinge has a corner at 1 and is flat after it.",
    )


def loss_widget() -> Explorer:
    """Let the reader move the margin and the number of classes."""

    def draw(margin: float, classes: int) -> Picture:
        return loss_curves(round(margin, 3) + 0, classes)  # a browser's slider says 8.9e-16 for 0

    return explorer(
        draw,
        margin=ipywidgets.FloatSlider(0.0, min=-5, max=10, step=0.5, description="margin"),
        classes=ipywidgets.IntSlider(2, min=2, max=20, description="classes C"),
    )


def near_the_optimum(margins: Mapping[str, Sequence[float]]) -> Picture:
    """Draw the smallest margin after every step, one line for each loss."""
    figure, ax = canvas(9, 3.4)
    for (name, values), color, style in zip(margins.items(), (SKY, RED), STYLES, strict=False):
        ax.semilogx(
            np.arange(1, len(values) + 1), values, color=color, linestyle=style, linewidth=2.5
        )
        ax.annotate(
            name, (len(values), values[-1]), (-8, 6), textcoords="offset points", ha="right"
        )
    ax.axhline(1, color=GRAY, linewidth=1)
    ax.set(xlabel="steps, by factors of ten", ylabel="smallest margin")
    last = ", ".join(f"{name} {values[-1]:.2f}" for name, values in margins.items())
    return picture(
        figure,
        alt=f"The smallest margin among the training points over the steps, the axis of steps logarithmic. Both lines "
        f"rise; hinge stops just above 1 and stays there, softmax goes on. At the end: {last}.",
        caption="Hinge is done as soon as every margin has reached 1. Softmax is never done: it makes sure of what is "
        "already right, about as much again for ten times the steps, until somebody stops it (chapter 09).",
    )


def codes(local: np.ndarray, distributed: np.ndarray) -> Picture:
    """Draw two codes for the same things: one row for each thing, one column for each neuron."""
    figure, axes = canvas(9, 4.2, 1, 2, width_ratios=[local.shape[1], 2.2 * distributed.shape[1]])
    for ax, code, name in zip(axes, (local, distributed), ("local", "distributed"), strict=True):
        ax.imshow(1 - code, cmap="gray", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
        ax.set_title(f"{name}: {code.shape[1]} neurons", loc="left")
        ax.set(xlabel="neuron", ylabel="thing")
        ax.spines[:].set_visible(True)
    on = int(distributed[0].sum())
    return picture(
        figure,
        alt=f"Two pictures with {len(local)} rows, one for each thing, and a column for each neuron, black where it "
        f"is on. The local code is one diagonal line over {local.shape[1]} columns; the distributed code has "
        f"{on} black cells in every row of {distributed.shape[1]}.",
        caption=f"Local: each thing has a neuron of its own. Distributed: each thing is {on} neurons, and each neuron "
        f"takes part in {int(distributed[:, 0].sum())} things.",
    )


def kernels(handmade: np.ndarray, learned: np.ndarray) -> Picture:
    """Draw kernels that a person wrote down (K, F, F) above as many that a network learned (K, 1, F, F)."""
    images = {f"hand-made {k}": w for k, w in enumerate(handmade)}
    images |= {f"learned {k}": w[0] for k, w in enumerate(learned)}
    return gallery(
        images,
        alt=f"Two rows of 3 by 3 kernels. Above, {len(handmade)} made by hand, each with one positive and one negative "
        f"side. Below, {len(learned)} learned ones, with positive and negative regions but no tidy symmetry.",
        caption="Orange is positive, purple negative. Above, the edge kernels that a person wrote down; below, what "
        "gradient descent made out of random numbers.",
        signed=True,
        columns=len(handmade),
        size=1.5,
    )
