"""A network that the reader sets: depth, width, gain and activation, and what arrives in every layer."""

from functools import lru_cache

import ipywidgets
import numpy as np

from coursekit.reference import relu_backward, relu_forward, tanh_backward, tanh_forward
from coursekit.show.figure import Picture
from coursekit.show.initialization_variance_layers import per_layer, short, size
from coursekit.show.widget import Explorer, explorer

DEEPEST, WIDEST, SAMPLES = 50, 200, 50
GAINS = (
    ("0.5", 0.5),
    ("0.8", 0.8),
    ("0.9", 0.9),
    ("1 (Xavier)", 1.0),
    ("1.1", 1.1),
    ("1.2", 1.2),
    ("1.3", 1.3),
    ("√2 (He)", 2**0.5),
    ("1.5", 1.5),
    ("1.7", 1.7),
    ("2", 2.0),
    ("3", 3.0),
)
ACTIVATIONS = {
    "ReLU": (relu_forward, relu_backward),
    "tanh": (tanh_forward, tanh_backward),
    "none": (lambda s: (s, None), lambda dh, _: dh),
}


def signal(depth: int, width: int, gain: float, activation: str) -> Picture:
    """Draw what a network with random weights carries forward and backward, layer by layer.

    Args:
        depth: layers, 1 to 50.
        width: units in each, 1 to 200.
        gain: standard deviation of the weights times the root of the width: 1 is Xavier's, √2 He's.
        activation: ``"ReLU"``, ``"tanh"`` or ``"none"``.

    Raises:
        ValueError: depth or width is out of range, or there is no such activation.
    """
    if not 1 <= depth <= DEEPEST or not 1 <= width <= WIDEST:
        raise ValueError(
            f"depth {depth} and width {width}, expected 1 to {DEEPEST} layers of 1 to {WIDEST} units"
        )
    if activation not in ACTIVATIONS:
        raise ValueError(f"the activation is {activation!r}, expected one of {list(ACTIVATIONS)}")
    forward, backward = ACTIVATIONS[activation]
    units, h, dh = _drawn(width)
    weights = units[:depth] * (gain / width**0.5)
    there, caches, back = [], [], []
    for w in weights:
        h, cache = forward(h @ w.T)
        there.append(h)
        caches.append(cache)
    for w, cache in zip(weights[::-1], caches[::-1], strict=True):
        back.append(dh)
        dh = backward(dh, cache) @ w
    back.reverse()
    return per_layer(
        {f"{activation}, gain {gain:.2f}": {"forward": there, "backward": back}},
        caption=f"{depth} layers of {width} units, weights of standard deviation {gain:.2f}/√{width} = "
        f"{gain / width**0.5:.3f}, so n Var(w) = {gain**2:.2f}. Forward the size goes from {short(size(there[0]))} "
        f"to {short(size(there[-1]))}, backward from {short(size(back[-1]))} in the last layer to "
        f"{short(size(back[0]))} in the first. One draw of the weights; gain only scales it.",
    )


def signal_widget() -> Explorer:
    """Let the reader change depth, width, gain and activation of a network with random weights."""
    return explorer(
        signal,
        depth=ipywidgets.IntSlider(10, min=1, max=DEEPEST, description="depth"),
        width=ipywidgets.IntSlider(100, min=10, max=WIDEST, step=10, description="width n"),
        gain=ipywidgets.SelectionSlider(options=GAINS, value=1.0, description="gain"),
        activation=ipywidgets.Dropdown(options=list(ACTIVATIONS), description="activation"),
    )


@lru_cache(maxsize=4)
def _drawn(width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return weights of variance 1, inputs and gradients, always the same for a width."""
    rng = np.random.default_rng(0)
    sizes = (SAMPLES, width)
    x, dh = rng.standard_normal(sizes), rng.standard_normal(sizes)
    return rng.standard_normal((DEEPEST, width, width)), x, dh
