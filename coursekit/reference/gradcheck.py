"""Compare a backward pass with what the forward pass really does when its inputs move a little."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

MOST_ENTRIES = 20_000  # two forward passes per entry: beyond this a check takes minutes and shows nothing more


@dataclass(frozen=True)
class ArgumentReport:
    """How well the gradient of one argument agrees, and where it agrees least."""

    name: str
    passed: bool
    absolute_error: float
    relative_error: float
    worst_index: tuple[int, ...]
    analytic: float
    numeric: float


@dataclass(frozen=True)
class GradientReport:
    """The verdict of :func:`gradcheck`, one row per argument. It is true when every row passed."""

    rows: tuple[ArgumentReport, ...]

    def __bool__(self) -> bool:
        return all(row.passed for row in self.rows)

    def __str__(self) -> str:
        lines = []
        for row in self.rows:
            place = f"{row.name}[{', '.join(map(str, row.worst_index))}]"
            verdict = "agrees" if row.passed else "WRONG "
            lines.append(f"d{row.name} {verdict}  largest relative error {row.relative_error:.0e}")
            if not row.passed:
                lines[-1] += f" at {place}: backward says {row.analytic:.6g}, moving {place} says {row.numeric:.6g}"
        return "\n".join(lines)

    __repr__ = __str__


def gradcheck(
    forward: Callable[..., tuple[np.ndarray, Any]],
    backward: Callable[[np.ndarray, Any], Any],
    *inputs: np.ndarray,
    names: tuple[str, ...] = ("x", "w", "b"),
    tolerance: float = 1e-6,
    seed: int = 0,
    **options: Any,
) -> GradientReport:
    r"""Check every gradient of a ``forward``, ``backward`` pair by central differences in float64.

    With a random dy and L = sum(dy * y), the gradient of L is what ``backward(dy, cache)`` must return, and

    .. math:: \frac{\partial L}{\partial x_j} \approx \frac{L(x + h e_j) - L(x - h e_j)}{2h}

    with h near the cube root of the rounding error, where truncation and rounding are smallest together.

    Args:
        forward: called as ``forward(*inputs, **options)``, returns ``(y, cache)``.
        backward: called as ``backward(dy, cache)``, returns one gradient, or a tuple of them, in the order of
            the inputs. A gradient of None is not checked.
        inputs: the arrays to differentiate with respect to; they are converted to float64.
        names: what to call the inputs in the report.
        tolerance: largest error that passes, relative to the larger of the gradient's largest entry and 1.
        seed: of dy.
        options: passed on to ``forward``.

    Returns:
        A report that is true when every gradient agrees, and names the worst entry of each.

    Raises:
        TypeError: an input is not a NumPy array.
        ValueError: backward returned the wrong number or shape of gradients, one of the two wrote into its
            inputs, or the inputs are too large to check entry by entry.

    Source: CS231n, notes on gradient checks; Louppe lecture 5.
    """
    arrays = _as_float64(inputs)
    names = (*names, *(f"input{i}" for i in range(len(names), len(arrays))))
    y, cache = forward(*[a.copy() for a in arrays], **options)
    dy = np.random.default_rng(seed).standard_normal(np.shape(y))

    def loss(*moved: np.ndarray) -> float:
        return float(np.sum(dy * forward(*moved, **options)[0]))

    gradients = _gradients(backward, dy, cache, arrays, names)
    rows = []
    for k, (name, array, gradient) in enumerate(zip(names, arrays, gradients, strict=False)):
        if gradient is None:
            continue
        numeric = np.empty_like(array)
        for index in np.ndindex(array.shape):
            numeric[index] = _slope(loss, arrays, k, index)
        rows.append(_compare(name, np.asarray(gradient, dtype=float), numeric, tolerance))
    return GradientReport(tuple(rows))


def _as_float64(inputs: tuple[np.ndarray, ...]) -> list[np.ndarray]:
    for i, value in enumerate(inputs):
        if not isinstance(value, np.ndarray):
            raise TypeError(f"input {i} is a {type(value).__name__}, expected a NumPy array")
    entries = sum(value.size for value in inputs)
    if entries > MOST_ENTRIES:
        raise ValueError(
            f"the inputs have {entries} entries together, expected at most {MOST_ENTRIES}: "
            "a gradient that is right on a small array is right on a large one"
        )
    return [np.array(value, dtype=np.float64) for value in inputs]


def _gradients(
    backward: Callable[[np.ndarray, Any], Any],
    dy: np.ndarray,
    cache: Any,
    arrays: list[np.ndarray],
    names: tuple[str, ...],
) -> tuple[np.ndarray | None, ...]:
    before = dy.copy()
    gradients = backward(dy, cache)
    if not np.array_equal(dy, before):
        raise ValueError("backward wrote into dy; work on a copy")
    if not isinstance(gradients, (tuple, list)):
        gradients = (gradients,)
    if len(gradients) != len(arrays):
        raise ValueError(f"backward returned {len(gradients)} gradients for {len(arrays)} inputs")
    for name, array, gradient in zip(names, arrays, gradients, strict=False):
        if gradient is not None and np.shape(gradient) != array.shape:
            raise ValueError(f"d{name} has shape {np.shape(gradient)}, expected {array.shape}, the shape of {name}")
    return tuple(gradients)


def _slope(loss: Callable[..., float], arrays: list[np.ndarray], k: int, index: tuple[int, ...]) -> float:
    value = arrays[k][index]
    h = 6e-6 * max(1.0, abs(value))
    up, down = [a.copy() for a in arrays], [a.copy() for a in arrays]
    up[k][index] = value + h
    down[k][index] = value - h
    # divide by the distance that float64 really moved, not by the one asked for
    return (loss(*up) - loss(*down)) / (up[k][index] - down[k][index])


def _compare(name: str, analytic: np.ndarray, numeric: np.ndarray, tolerance: float) -> ArgumentReport:
    if analytic.size == 0:
        return ArgumentReport(name, True, 0.0, 0.0, (), 0.0, 0.0)
    # NaN must count as the worst entry, and a plain maximum would let it slip through a comparison
    error = np.nan_to_num(np.abs(analytic - numeric), nan=np.inf)
    worst = tuple(int(i) for i in np.unravel_index(np.argmax(error), error.shape))
    scale = max(1.0, float(np.nanmax(np.abs(numeric), initial=0.0)))
    return ArgumentReport(
        name=name,
        passed=bool(error[worst] <= tolerance * scale),
        absolute_error=float(error[worst]),
        relative_error=float(error[worst] / scale),
        worst_index=worst,
        analytic=float(analytic[worst]),
        numeric=float(numeric[worst]),
    )
