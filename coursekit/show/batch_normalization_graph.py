"""Batch normalization of one channel as a graph: values of every node in black, gradients in red."""

from collections.abc import Sequence

import ipywidgets
import numpy as np
from matplotlib.axes import Axes

from coursekit.show.figure import GRAY, INPUT, OUTPUT, RED, Picture, canvas, picture
from coursekit.show.grids import tint
from coursekit.show.typed import numbers
from coursekit.show.widget import Explorer, explorer

# name, formula, what it reads; from left to right
STEPS = (
    ("μ", "mean of x", ("x",)),
    ("c", "x − μ", ("x", "μ")),
    ("q", "c²", ("c",)),
    ("v", "mean of q", ("q",)),
    ("t", "1 / √(v + ε)", ("v",)),
    ("x̂", "c · t", ("c", "t")),
    ("y", "γ x̂ + β", ("x̂",)),
)
_PLACES = {
    "x": (0.0, 1.0),
    "μ": (1.55, 0.0),
    "c": (3.1, 1.0),
    "q": (4.65, 0.0),
    "v": (6.2, 0.0),
    "t": (7.75, 0.0),
    "x̂": (9.3, 1.0),
    "y": (10.85, 1.0),
}
NOWHERE, EVERYWHERE = "not yet", "to x"
BACK = (
    NOWHERE,
    *(f"through {name} = {formula}" for name, formula, _ in reversed(STEPS[1:])),
    EVERYWHERE,
)
_MOST = 5  # numbers in a column


def channel_graph(
    batch: Sequence[float] | np.ndarray,
    gradient: Sequence[float] | np.ndarray | None = None,
    *,
    gamma: float = 1.0,
    beta: float = 0.0,
    eps: float = 1e-5,
    back: int = len(STEPS),
) -> Picture:
    """Draw batch normalization of one channel as a graph of seven steps.

    Args:
        batch: the channel's numbers, one for each image, two to five.
        gradient: dy, of the loss by y; None for values only.
        gamma: scale.
        beta: shift.
        eps: added to the variance.
        back: how many steps the gradient has gone back, from y on.

    Raises:
        ValueError: there are not two to five numbers, or dy has another length.
    """
    x = np.asarray(batch, dtype=float)
    if not 2 <= len(x) <= _MOST:
        raise ValueError(f"the batch has {len(x)} numbers, expected 2 to {_MOST}")
    values = _forward(x, gamma, beta, eps)
    known: dict[str, np.ndarray] = {}
    if gradient is not None:
        dy = np.asarray(gradient, dtype=float)
        if dy.shape != x.shape:
            raise ValueError(f"dy has {len(dy)} numbers, expected {len(x)}, one for each of x")
        known = _backward(values, dy, gamma, back)
    rows = len(x)
    figure, ax = canvas(11.5, 1.9 + 0.58 * rows)
    low = -1.1  # where the nodes of the lower row stand; numbers stand outside, where no wire runs
    places = {name: (px, 0.0 if py else low) for name, (px, py) in _PLACES.items()}
    for name, formula, reads in STEPS:
        for read in reads:
            _wire(ax, places[read], places[name], RED if read in known else GRAY)
        _node(ax, places[name], f"{name} = {formula}", OUTPUT if name == "y" else GRAY)
    _node(ax, places["x"], "x", INPUT)
    for name, column in values.items():
        px, py = places[name]
        top = py + 0.12 + 0.3 * len(column) if py == 0.0 else py - 0.42
        for k, value in enumerate(column):
            ax.text(px - 0.04, top - 0.3 * k, _short(value), ha="right", va="center", fontsize=11)
        for k, value in enumerate(known.get(name, ())):
            ax.text(
                px + 0.1,
                top - 0.3 * k,
                _short(value),
                ha="left",
                va="center",
                fontsize=11,
                color=RED,
            )
    ax.set(xlim=(-0.75, 11.65), ylim=(low - 0.3 - 0.3 * rows, 0.3 + 0.3 * rows))
    ax.set_axis_off()
    said = "; ".join(f"{name} = {_row(column)}" for name, column in values.items())
    back_said = "; ".join(f"d{name} = {_row(column)}" for name, column in known.items())
    return picture(
        figure,
        alt="A graph from left to right: x gives its mean μ, and c = x − μ; c gives q = c², its mean v and "
        "t = 1/√(v + ε); x̂ = c · t and y = γ x̂ + β. Values: "
        + said
        + (f". Gradients: {back_said}" if known else "")
        + ".",
        caption="At each step its values, one for each image, or one for the whole channel"
        + (
            "; beside them, in red, the gradients. Where two wires leave a node, what comes back is added."
            if known
            else "."
        ),
    )


def graph_widget() -> Explorer:
    """Let the reader type a batch and a gradient, and say how far back it has come."""

    def draw(gradient: str, x: str, dy: str, gamma: float) -> Picture:
        return channel_graph(
            numbers(x, "the batch"), numbers(dy, "dy"), gamma=gamma, back=BACK.index(gradient)
        )

    return explorer(
        draw,
        gradient=ipywidgets.Dropdown(options=BACK, value=EVERYWHERE, description="gradient"),
        x=ipywidgets.Text("1, 7, 9, 15", description="batch x", continuous_update=False),
        dy=ipywidgets.Text("1, 0, 0, 0", description="dy", continuous_update=False),
        gamma=ipywidgets.FloatSlider(1.0, min=-3, max=3, step=0.5, description="γ"),
    )


def _forward(x: np.ndarray, gamma: float, beta: float, eps: float) -> dict[str, np.ndarray]:
    mean = np.array([x.mean()])
    c = x - mean
    q = c**2
    v = np.array([q.mean()])
    t = 1 / np.sqrt(v + eps)
    return {
        "x": x,
        "μ": mean,
        "c": c,
        "q": q,
        "v": v,
        "t": t,
        "x̂": c * t,
        "y": gamma * c * t + beta,
    }


def _backward(
    values: dict[str, np.ndarray], dy: np.ndarray, gamma: float, back: int
) -> dict[str, np.ndarray]:
    """Return the gradients known after some steps back from y, by name, in the order in which they appear."""
    N = len(dy)
    c, t = values["c"], values["t"]
    known = {"y": dy}
    for name, _, _ in list(reversed(STEPS))[:back]:
        d = known[name]
        if name == "y":
            known["x̂"] = gamma * d
        elif name == "x̂":
            known["c"], known["t"] = d * t, np.array([np.sum(d * c)])
        elif name == "t":
            known["v"] = -0.5 * d * t**3
        elif name == "v":
            known["q"] = np.full(N, d[0] / N)
        elif name == "q":
            known["c"] = known["c"] + 2 * c * d
        elif name == "c":
            known["x"], known["μ"] = d, np.array([-np.sum(d)])
        else:
            known["x"] = known["x"] + d[0] / N
    return known


def _row(column: np.ndarray) -> str:
    return ", ".join(_short(value) for value in column)


def _short(value: float) -> str:
    """Write a number with three digits after the point if it is small, and with a true minus."""
    if abs(value) < 1e-12:
        return "0"
    if abs(value) < 0.0005 or abs(value) >= 10000:
        text = f"{value:.0e}"
    else:
        text = f"{value:.3f}" if abs(value) < 1 else f"{value:.4g}"
    return text.replace("-", "−")


def _node(ax: Axes, place: tuple[float, float], label: str, color: str) -> None:
    ax.text(
        *place,
        label,
        ha="center",
        va="center",
        fontsize=10.5,
        zorder=3,
        bbox={"boxstyle": "round,pad=0.3", "facecolor": tint(color), "edgecolor": color},
    )


def _wire(ax: Axes, start: tuple[float, float], end: tuple[float, float], color: str) -> None:
    ax.plot(*zip(start, end, strict=True), color=color, linewidth=1.3, zorder=1)
