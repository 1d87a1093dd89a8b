"""A neuron as a graph of small steps: values above the wires, gradients below them."""

from collections.abc import Sequence

import ipywidgets
import numpy as np
from matplotlib.axes import Axes

from coursekit.show.figure import BLACK, GRAY, INPUT, KERNEL, OUTPUT, RED, Picture, canvas, picture
from coursekit.show.grids import tint
from coursekit.show.widget import Explorer, explorer

INPUTS = ("w₀", "x₀", "w₁", "x₁", "b")
# name of the result, what its node says, its formula, what it reads; from left to right
STEPS = (
    ("p", "×", "w₀ x₀", ("w₀", "x₀")),
    ("q", "×", "w₁ x₁", ("w₁", "x₁")),
    ("r", "+", "p + q", ("p", "q")),
    ("s", "+", "r + b", ("r", "b")),
    ("n", "× −1", "−s", ("s",)),
    ("e", "exp", "exp(n)", ("n",)),
    ("d", "+ 1", "e + 1", ("e",)),
    ("y", "1 / d", "1 / d", ("d",)),
)
_PLACES = {
    "w₀": (0.0, 4.2),
    "x₀": (0.0, 3.2),
    "w₁": (0.0, 2.2),
    "x₁": (0.0, 1.2),
    "b": (0.0, 0.2),
    "p": (1.9, 3.7),
    "q": (1.9, 1.7),
    "r": (3.8, 2.7),
    "s": (5.6, 2.2),
    "n": (7.2, 2.2),
    "e": (8.8, 2.2),
    "d": (10.4, 2.2),
    "y": (12.0, 2.2),
}
_STUB = 1.3  # how far a wire runs level, with its numbers, before it bends to the next node
NOWHERE, EVERYWHERE = "not yet", "to the inputs"
# how far the gradient has gone back, by number of steps
BACK = (
    NOWHERE,
    *(f"through {name} = {formula}" for name, _, formula, _ in reversed(STEPS[1:])),
    EVERYWHERE,
)


def neuron_graph(inputs: Sequence[float], back: int | None = len(STEPS)) -> Picture:
    """Draw y = σ(w₀x₀ + w₁x₁ + b) as a graph of eight small steps.

    Args:
        inputs: w₀, x₀, w₁, x₁ and b.
        back: how many steps the gradient has gone back, from the output on; None for values only.

    Raises:
        ValueError: there are not five finite inputs, or a value is too large to write down.
    """
    values, slopes = _forward(inputs)
    gradients, story = _backward(slopes, back) if back is not None else ({}, "")
    figure, ax = canvas(11.5, 4.4)
    for name, label, _, reads in STEPS:
        for read in reads:
            _wire(ax, _PLACES[read], _PLACES[name], RED if read in gradients else BLACK)
        _node(ax, name, label, OUTPUT if name == "y" else GRAY)
    (x, y) = _PLACES["y"]
    _wire(ax, (x, y), (x + _STUB, y), RED if gradients else BLACK)
    for name in INPUTS:
        _node(ax, name, name, KERNEL if name[0] in "wb" else INPUT)
    for name, value in values.items():
        shown = _short(value) if name in INPUTS else f"{name} = {_short(value)}"
        _labels(ax, name, shown, _short(gradients[name]) if name in gradients else "")
    ax.set(xlim=(-0.4, 13.5), ylim=(-0.3, 4.65))
    ax.set_axis_off()
    known = [
        f"d{name} = {_short(gradients[name])}" for name in reversed(values) if name in gradients
    ]
    return picture(
        figure,
        alt="A graph from left to right: w₀ times x₀ is p, w₁ times x₁ is q, p plus q is r, r plus b is s, "
        "then n = −s, e = exp(n), d = e + 1 and y = 1/d. Values: "
        + ", ".join(f"{name} = {_short(value)}" for name, value in values.items())
        + (". Gradients: " + ", ".join(known) if known else "")
        + ".",
        caption="Above each wire its value, going right"
        + (f"; below it, in color, the gradient of y, going left. {story}" if known else "."),
    )


def neuron_widget() -> Explorer:
    """Let the reader change the five inputs, and say how far back the gradient has come."""

    def draw(gradient: str, w0: float, x0: float, w1: float, x1: float, b: float) -> Picture:
        return neuron_graph([w0, x0, w1, x1, b], BACK.index(gradient))

    start = {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "b": -3.0}
    sliders = {
        name: ipywidgets.FloatSlider(value, min=-4, max=4, step=0.5, description=label)
        for (name, value), label in zip(start.items(), INPUTS, strict=True)
    }
    menu = ipywidgets.Dropdown(options=BACK, value=EVERYWHERE, description="gradient")
    return explorer(draw, gradient=menu, **sliders)


def _forward(
    inputs: Sequence[float],
) -> tuple[dict[str, float], dict[str, tuple[tuple[str, float], ...]]]:
    """Return the value of every wire, and for every step what it reads and its slope by that."""
    if len(inputs) != len(INPUTS) or not np.isfinite(inputs).all():
        raise ValueError(f"the inputs are {list(inputs)}, expected five finite numbers")
    v = {name: float(value) for name, value in zip(INPUTS, inputs, strict=True)}
    v["p"] = v["w₀"] * v["x₀"]
    v["q"] = v["w₁"] * v["x₁"]
    v["r"] = v["p"] + v["q"]
    v["s"] = v["r"] + v["b"]
    v["n"] = -v["s"]
    if v["n"] > 300:
        raise ValueError(f"exp({v['n']:g}) is too large to write down, choose smaller inputs")
    v["e"] = float(np.exp(v["n"]))
    v["d"] = v["e"] + 1
    v["y"] = 1 / v["d"]
    slopes = {
        "p": (("w₀", v["x₀"]), ("x₀", v["w₀"])),
        "q": (("w₁", v["x₁"]), ("x₁", v["w₁"])),
        "r": (("p", 1.0), ("q", 1.0)),
        "s": (("r", 1.0), ("b", 1.0)),
        "n": (("s", -1.0),),
        "e": (("n", v["e"]),),
        "d": (("e", 1.0),),
        "y": (("d", -1 / v["d"] ** 2),),
    }
    return v, slopes


def _backward(
    slopes: dict[str, tuple[tuple[str, float], ...]], back: int
) -> tuple[dict[str, float], str]:
    """Return the gradients known after some steps back, and a sentence on the latest step."""
    gradients = {"y": 1.0}
    story = "It starts at y with 1."
    for name, _, formula, _ in list(reversed(STEPS))[:back]:
        parts = []
        for read, slope in slopes[name]:
            gradients[read] = gradients[name] * slope
            parts.append(
                f"d{read} = {_short(gradients[name])} · {_signed(slope)} = {_short(gradients[read])}"
            )
        story = f"Latest step back, through {name} = {formula}: {', '.join(parts)}."
    return gradients, story


def _signed(value: float) -> str:
    text = _short(value)
    return f"({text})" if text.startswith("−") else text


def _short(value: float) -> str:
    """Write a number with two decimals, or as a power of ten where that would say nothing."""
    plain = value == 0 or 0.005 <= abs(value) < 1000
    text = f"{value + 0.0:.2f}" if plain else f"{value:.0e}"
    return text.replace("-", "−")


def _node(ax: Axes, name: str, label: str, color: str) -> None:
    x, y = _PLACES[name]
    ax.text(
        x,
        y,
        label,
        ha="center",
        va="center",
        zorder=3,
        bbox={"boxstyle": "round,pad=0.35", "facecolor": tint(color), "edgecolor": color},
    )


def _wire(ax: Axes, start: tuple[float, float], end: tuple[float, float], color: str) -> None:
    bend = (min(start[0] + _STUB, end[0]), start[1])
    ax.plot(*zip(start, bend, end, strict=True), color=color, linewidth=1.2, zorder=1)


def _labels(ax: Axes, name: str, value: str, gradient: str) -> None:
    """Write a value above a wire and its gradient below, right of the node where the wire starts."""
    x, y = _PLACES[name]
    x = x + 0.78
    ax.text(x, y + 0.24, value, ha="center", va="center", fontsize=11)
    ax.text(x, y - 0.24, gradient, ha="center", va="center", fontsize=11, color=RED)
