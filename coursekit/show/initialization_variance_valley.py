"""Why inputs are centered: gradient descent on two weights, in a round bowl or a narrow valley."""

import ipywidgets
import numpy as np

from coursekit.show.figure import BLACK, GRAY, KERNEL, RED, Picture, canvas, picture
from coursekit.show.initialization_variance_layers import short
from coursekit.show.widget import Explorer, explorer

BEST = np.array([1.0, -1.0])
START = np.array([-1.0, 0.2])
STEPS, SAMPLES, REACH = 25, 200, 2.2


def descent(mean: float, rate: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the weights (26, 2) and losses (26) of 25 steps of gradient descent, and the inputs (200, 2).

    A unit w₀x₀ + w₁x₁ is to learn the weights (1, −1); the loss is half the mean squared error.
    """
    x = np.random.default_rng(0).standard_normal((SAMPLES, 2))
    x += mean - x.mean(axis=0)
    w, path = START.copy(), [START]
    for _ in range(STEPS):
        w = w - rate * x.T @ (x @ (w - BEST)) / SAMPLES
        path.append(w)
    weights = np.array(path)
    losses = 0.5 * np.mean((x @ (weights - BEST).T) ** 2, axis=0)
    return weights, losses, x


def zigzag(mean: float, rate: float) -> Picture:
    """Draw the way of two weights to their best values, and the loss on it.

    Args:
        mean: of both inputs, whose standard deviation is 1.
        rate: the learning rate, above 0.

    Raises:
        ValueError: the rate is not above 0.
    """
    if rate <= 0:
        raise ValueError(f"the learning rate is {rate:g}, expected a number above 0")
    path, losses, x = descent(mean, rate)
    A = x.T @ x / len(x)
    flat, steep = np.linalg.eigvalsh(A)
    alike = np.mean(x[:, 0] * x[:, 1] > 0)
    turns = int(np.sum(np.sum(np.diff(path, axis=0)[1:] * np.diff(path, axis=0)[:-1], axis=1) < 0))
    figure, (left, right) = canvas(9, 3.7, 1, 2)
    grid = np.linspace(-REACH, REACH, 45)
    offsets = np.stack(np.meshgrid(grid, grid), axis=-1) - BEST
    heights = 0.5 * np.einsum("ijk,kl,ijl->ij", offsets, A, offsets)
    levels = losses[0] * 2.0 ** np.arange(-7, 3)
    left.contour(grid, grid, heights, levels=levels, colors=GRAY, linewidths=0.7)
    left.plot(*path.T, "o-", color=KERNEL, markersize=4, linewidth=1.2)
    left.plot(*START, "s", color=BLACK, label="start")
    left.plot(*BEST, "*", color=RED, markersize=14, label="lowest loss")
    left.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), xlabel="w₀", ylabel="w₁", aspect="equal")
    left.legend(loc="upper right")
    right.semilogy(losses, "o-", color=KERNEL, markersize=4)
    right.set(xlabel="step of gradient descent", ylabel="loss L")
    right.minorticks_off()  # their labels take half of the time to draw
    return picture(
        figure,
        alt=f"Left, lines of equal loss over two weights, {steep / flat:.1f} times as curved along one direction as "
        f"along the other, and the way of {STEPS} steps of gradient descent, which turns back {turns} times. Right, "
        f"the loss on it, from {short(losses[0])} to {short(losses[-1])}.",
        caption=f"Inputs of mean {mean:g}, learning rate {rate:g}. Curvature {steep:.2f} along the steep direction, "
        f"{flat:.2f} along the flat one; rates above 2/{steep:.2f} = {2 / steep:.3f} diverge. For {alike:.0%} of the "
        f"samples both weights move up or both down. After {STEPS} steps the loss is {short(losses[-1])}.",
    )


def zigzag_widget() -> Explorer:
    """Let the reader change the mean of the inputs and the learning rate."""
    return explorer(
        zigzag,
        mean=ipywidgets.FloatSlider(3, min=0, max=5, step=0.5, description="mean of x"),
        rate=ipywidgets.FloatSlider(0.1, min=0.01, max=2.2, step=0.01, description="rate"),
    )
