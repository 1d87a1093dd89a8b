"""The decision regions of small trained networks, for chapter 05.

The chapter's own loop trains them, so that a reader watches what the cell above does.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import ipywidgets
import numpy as np

from coursekit.reference import (
    leaky_relu_backward,
    leaky_relu_forward,
    maxout_backward,
    maxout_forward,
)
from coursekit.reference.layers import ReLU, Sigmoid, Tanh
from coursekit.reference.network import Layer, Sequential
from coursekit.reference.trained_layers import Linear
from coursekit.show.figure import RED, SKY, Picture, canvas, picture
from coursekit.show.grids import tint
from coursekit.show.widget import Explorer, explorer

PIECES = 2  # of a maxout unit
Descend = Callable[..., float]


class Identity(Layer):
    """No activation at all."""

    def _forward(self, x: np.ndarray, training: bool) -> tuple[np.ndarray, Any]:
        return x, ()

    def _backward(self, dy: np.ndarray, cache: Any) -> np.ndarray:
        return dy


class Step(Layer):
    """1 from 0 on, 0 below: its slope is 0 wherever it has one, so nothing flows back."""

    def _forward(self, x: np.ndarray, training: bool) -> tuple[np.ndarray, Any]:
        return (x >= 0).astype(x.dtype), ()

    def _backward(self, dy: np.ndarray, cache: Any) -> np.ndarray:
        return np.zeros_like(dy)


class LeakyReLU(Layer):
    """Keep what is positive, and a part of what is negative."""

    def __init__(self, slope: float) -> None:
        super().__init__()
        self.slope = slope

    def _forward(self, x: np.ndarray, training: bool) -> tuple[np.ndarray, Any]:
        return leaky_relu_forward(x, self.slope)

    def _backward(self, dy: np.ndarray, cache: Any) -> np.ndarray:
        return leaky_relu_backward(dy, cache)


class Maxout(Layer):
    """The largest of every few neighbors."""

    def _forward(self, x: np.ndarray, training: bool) -> tuple[np.ndarray, Any]:
        return maxout_forward(x, PIECES)

    def _backward(self, dy: np.ndarray, cache: Any) -> np.ndarray:
        return maxout_backward(dy, cache)


ACTIVATIONS: dict[str, Callable[[], Layer]] = {
    "none": Identity,
    "step": Step,
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "ReLU": ReLU,
    "leaky ReLU": partial(LeakyReLU, 0.1),
    "maxout": Maxout,
}


def small_network(activation: str, hidden: int) -> Sequential:
    """Return a network of two inputs, hidden units and two scores, with random weights and biases."""
    rng = np.random.default_rng(1)
    width = hidden * (PIECES if activation == "maxout" else 1)
    first = Linear(2, width, rng, dtype=np.float64)
    first.params["b"] = rng.normal(0, 0.5, width)
    return Sequential(first, ACTIVATIONS[activation](), Linear(hidden, 2, rng, dtype=np.float64))


def regions(
    network: Sequential, x: np.ndarray, labels: np.ndarray, name: str, hidden: int
) -> Picture:
    """Draw which class a network answers at every place of the plane, and the points it was trained on."""
    reach = 1.15 * float(np.abs(x).max())
    side = np.linspace(-reach, reach, 160)
    places = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    answer = network.forward(places, training=False).argmax(axis=1).reshape(160, 160)
    right = network.forward(x, training=False).argmax(axis=1) == labels
    figure, ax = canvas(6.2, 4.6)
    colors = np.array([tint(SKY), tint(RED)])
    ax.imshow(
        colors[answer],
        origin="lower",
        extent=(-reach, reach, -reach, reach),
        interpolation="nearest",
    )
    for label, color, marker in ((0, SKY, "s"), (1, RED, "o")):
        ax.plot(
            *x[labels == label].T,
            linestyle="",
            marker=marker,
            markersize=6,
            color=color,
            markeredgecolor="black",
            label=f"class {label}",
        )
    units = f"{hidden} hidden unit{'s' if hidden > 1 else ''}, activation {name}"
    ax.set(xlabel="x0", ylabel="x1", title=units)
    ax.legend(loc="center left", bbox_to_anchor=(1.02, 0.5))
    count = int(right.sum())
    return picture(
        figure,
        alt=f"The plane, colored by the class that a network answers there ({units}), with the training points, "
        f"squares and circles. {count} of {len(x)} points lie in their own color.",
        caption=f"{units}: {count} of {len(x)} training points on the right side.",
    )


def regions_widget(
    tasks: Mapping[str, tuple[np.ndarray, np.ndarray]], descend: Descend
) -> Explorer:
    """Let the reader choose task, activation and hidden units, and train the network anew each time.

    Args:
        tasks: points (N, 2) and labels (N,), by name.
        descend: the chapter's loop, ``descend(network, x, labels, lr, passes, batch)``.
    """

    def draw(task: str, activation: str, hidden: int) -> Picture:
        x, labels = tasks[task]
        network = small_network(activation, hidden)
        descend(network, x, labels, 1.0, 500, len(x))
        return regions(network, x, labels, activation, hidden)

    return explorer(
        draw,
        task=ipywidgets.Dropdown(options=list(tasks), description="task"),
        activation=ipywidgets.Dropdown(
            options=list(ACTIVATIONS), value="none", description="activation"
        ),
        hidden=ipywidgets.IntSlider(3, min=1, max=12, description="hidden"),
    )
