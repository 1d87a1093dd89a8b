"""Chapter 10: four optimizers in a narrow valley."""

import ipywidgets
import numpy as np

from coursekit.reference.optim import SGD, Adam, Optimizer
from coursekit.show.figure import BLACK, GRAY, KERNEL, RED, Picture, canvas, picture
from coursekit.show.typed import numbers
from coursekit.show.widget import Explorer, explorer

OPTIMIZERS = ("SGD", "momentum", "Nesterov", "Adam")
STEPS, REACH = 50, 5.0


def descent(
    name: str, rate: float, mu: float, curvature: float, start: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights (51, 2) and losses (51) of 50 steps on the loss (w₀² + c w₁²) / 2.

    Args:
        name: one of OPTIMIZERS.
        rate: learning rate.
        mu: momentum, which SGD and Adam leave out.
        curvature: c, across the valley; along it, it is 1.
        start: the two weights to begin with.
    """
    w, slopes = np.array(start, dtype=float), np.array([1.0, curvature])
    optimizer: Optimizer
    if name == "Adam":
        optimizer = Adam({"w": w}, rate)
    else:
        ahead = name == "Nesterov" and mu > 0
        optimizer = SGD({"w": w}, rate, momentum=0.0 if name == "SGD" else mu, nesterov=ahead)
    path = [w.copy()]
    for _ in range(STEPS):
        optimizer.step({"w": slopes * w})
        path.append(w.copy())
    weights = np.array(path)
    return weights, 0.5 * np.sum(slopes * weights**2, axis=1)


def arrival(losses: np.ndarray) -> int | None:
    """Return the step from which on the loss stays below a hundredth of its start; None if it does not."""
    above = np.flatnonzero(losses > losses[0] / 100)
    return int(above[-1]) + 1 if above[-1] + 1 < len(losses) else None


def valley(name: str, rate: float, mu: float, curvature: float, start: np.ndarray) -> Picture:
    """Draw the way of one optimizer through a valley, and the loss on it.

    Raises:
        ValueError: the optimizer is unknown, or start is not two numbers inside the picture.
    """
    if name not in OPTIMIZERS:
        raise ValueError(f"the optimizer is {name!r}, expected one of {', '.join(OPTIMIZERS)}")
    if len(start) != 2 or np.abs(start).max() > REACH:
        raise ValueError(
            f"the start has {len(start)} numbers up to {np.abs(start).max():g} in size, expected two of at most "
            f"{REACH:g}"
        )
    path, losses = descent(name, rate, mu, curvature, start)
    across = path[:, 1]
    crossed = int(np.sum(across[1:] * across[:-1] < 0))
    arrived = arrival(losses)
    figure, (left, right) = canvas(9.6, 3.7, 1, 2, width_ratios=[1.4, 1])
    grid = np.linspace(-REACH, REACH, 41)
    heights = 0.5 * (grid[None, :] ** 2 + curvature * grid[:, None] ** 2)
    left.contour(
        grid, grid, heights, levels=2.0 ** np.arange(-4, 10, 2), colors=GRAY, linewidths=0.7
    )
    left.plot(*path.T, "o-", color=KERNEL, markersize=4, linewidth=1.2)
    left.plot(*path[0], "s", color=BLACK, label="start")
    left.plot(0, 0, "*", color=RED, markersize=14, label="lowest loss")
    left.set(
        xlim=(-REACH, REACH), ylim=(-REACH / 2, REACH / 2), xlabel="w₀, along", ylabel="w₁, across"
    )
    left.legend(loc="upper left", fontsize=10)
    right.semilogy(np.clip(losses, 1e-9, 1e9), color=KERNEL)
    right.set(xlabel="step", ylabel="loss L", ylim=(1e-7, 1e5))
    right.minorticks_off()  # their labels take half of the time to draw
    settings = f"learning rate {rate:g}" + (
        f", momentum {mu:g}" if name in ("momentum", "Nesterov") else ""
    )
    verdict = (
        f"from step {arrived} on the loss stays below a hundredth of its start"
        if arrived is not None
        else f"in {STEPS} steps the loss does not come to stay below a hundredth of its start"
    )
    return picture(
        figure,
        alt=f"Left, lines of equal loss, {curvature:g} times as curved across the valley as along it, and the way of "
        f"{STEPS} steps of {name}, which changes sides {crossed} times. Right, the loss on it, from "
        f"{_short(losses[0])} to {_short(losses[-1])}.",
        caption=f"{name}, {settings}: {verdict}; at the end it is {_short(losses[-1])}. Without momentum, rates above "
        f"2/{curvature:g} = {2 / curvature:.3g} diverge.",
    )


def valley_widget() -> Explorer:
    """Let the reader choose an optimizer, its settings, the valley and the start."""

    def draw(name: str, rate: float, mu: float, curvature: int, start: str) -> Picture:
        return valley(name, rate, mu, curvature, numbers(start, "the start"))

    return explorer(
        draw,
        name=ipywidgets.Dropdown(options=OPTIMIZERS, value="momentum", description="optimizer"),
        rate=ipywidgets.SelectionSlider(
            options=[0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0],
            value=0.02,
            description="rate",
        ),
        mu=ipywidgets.FloatSlider(0.8, min=0, max=0.95, step=0.05, description="momentum"),
        curvature=ipywidgets.IntSlider(30, min=1, max=60, description="curvature"),
        start=ipywidgets.Text("-4, 2", description="start", continuous_update=False),
    )


def _short(value: float) -> str:
    return f"{value:.3g}" if 1e-3 <= abs(value) < 1e4 else f"{value:.1e}"
