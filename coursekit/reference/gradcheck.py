"""Compare a backward pass with what the forward pass really does when its inputs move a little."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from coursekit.reference.arguments import as_float_array

# Of dy. Whoever draws inputs with default_rng(0), as the notebooks do, would else get dy = x where the shapes agree,
# and a backward pass that takes the one for the other would pass.
_SEED = 1998
# Two forward passes per entry: beyond this a check takes minutes and shows nothing more.
MOST_ENTRIES = 20_000


@dataclass(frozen=True)
class ArgumentReport:
    """How well the gradient of one argument agrees, and where it agrees least."""

    name: str
    passed: bool
    tolerance: float
    entries: int
    absolute_error: float
    relative_error: float
    worst_index: tuple[int, ...]
    analytic: float
    numeric: float

    def __str__(self) -> str:
        verdict = f"d{self.name} {'agrees' if self.passed else 'WRONG '}"
        if self.entries == 0:
            return f"{verdict}  no entries to compare"
        if self.passed:
            # not the error itself: its digits are rounding, which differs from machine to machine
            return f"{verdict}  within {self.tolerance:.0e}"
        error = f"{verdict}  largest relative error {self.relative_error:.0e}"
        place = self.name
        if self.worst_index:
            place += f"[{', '.join(map(str, self.worst_index))}]"
        return (
            f"{error} at {place}: backward says {self.analytic:.6g}, "
            f"moving {place} says {self.numeric:.6g}"
        )


@dataclass(frozen=True)
class GradientReport:
    """The verdict of :func:`gradcheck`, one row per argument. It is true when every row passed."""

    rows: tuple[ArgumentReport, ...]

    def __bool__(self) -> bool:
        return all(row.passed for row in self.rows)

    def __str__(self) -> str:
        return "\n".join(map(str, self.rows))

    __repr__ = __str__


def gradcheck(
    forward: Callable[..., tuple[np.ndarray, Any]],
    backward: Callable[[np.ndarray, Any], Any],
    *inputs: np.ndarray,
    names: tuple[str, ...] = ("x", "w", "b"),
    tolerance: float = 1e-6,
    seed: int = _SEED,
    **options: Any,
) -> GradientReport:
    r"""Check every gradient of a ``forward``, ``backward`` pair by central differences in float64.

    With a random dy and L = sum(dy * y), the gradient of L is what ``backward(dy, cache)`` must
    return, and

    .. math:: \frac{\partial L}{\partial x_j} \approx \frac{L(x + h e_j) - L(x - h e_j)}{2h}

    with h near the cube root of the rounding error, where truncation and rounding are smallest
    together.

    Args:
        forward: called as ``forward(*inputs, **options)``, returns ``(y, cache)``.
        backward: called as ``backward(dy, cache)``, returns one gradient, or a tuple of them, in
            the order of the inputs. A gradient of None is not checked.
        inputs: the arrays to differentiate with respect to; they are converted to float64.
        names: what to call the inputs in the report.
        tolerance: largest error that passes, relative to the larger of the gradient's largest
            entry and 1. Choose inputs that make gradients of about 1, not of a millionth.
        seed: of dy; not one that drew the inputs.
        options: passed on to ``forward``.

    Returns:
        A report that is true when every gradient agrees, and names the worst entry of each.

    Raises:
        TypeError: an input, y or a gradient is not an array of real numbers.
        ValueError: forward did not return two values, backward returned the wrong number or shape
            of gradients, one of the two wrote into its inputs, or there is nothing to check, or
            too much to do so entry by entry.

    Source: CS231n, notes on gradient checks; Louppe lecture 5.
    """
    names = (*names, *(f"input{i}" for i in range(len(names), len(inputs))))[: len(inputs)]
    arrays = _as_float64(names, inputs)

    def output(*given: np.ndarray) -> tuple[np.ndarray, Any]:
        returned = forward(*given, **options)
        if not isinstance(returned, tuple) or len(returned) != 2:
            raise ValueError(f"forward returned a {type(returned).__name__}, expected (y, cache)")
        return _as_numbers("y", returned[0]), returned[1]

    def loss(*moved: np.ndarray) -> float:
        return float(np.sum(dy * output(*moved)[0]))

    given = [array.copy() for array in arrays]
    y, cache = output(*given)
    _check_untouched("forward", names, given, arrays)
    dy = np.random.default_rng(seed).standard_normal(y.shape)
    given_dy = dy.copy()
    gradients = _as_gradients(backward(given_dy, cache), names, arrays)
    _check_untouched("backward", ("dy", *names), (given_dy, *given), (dy, *arrays))

    rows = []
    for k, (name, array, gradient) in enumerate(zip(names, arrays, gradients, strict=True)):
        if gradient is not None:
            numeric = np.empty_like(array)
            for index in np.ndindex(array.shape):
                numeric[index] = _slope(loss, arrays, k, index)
            rows.append(_compare(name, gradient, numeric, tolerance))
    return GradientReport(tuple(rows))


def _as_float64(names: tuple[str, ...], inputs: tuple[np.ndarray, ...]) -> list[np.ndarray]:
    """Return float64 copies of the inputs; raise where gradcheck cannot move their entries."""
    arrays = [
        as_float_array(name, value).astype(np.float64)
        for name, value in zip(names, inputs, strict=True)
    ]
    if not arrays:
        raise ValueError("gradcheck got 0 inputs, expected at least 1 to differentiate by")
    for name, array in zip(names, arrays, strict=True):
        if not np.isfinite(array).all():
            raise ValueError(f"{name} holds NaN or infinity, expected numbers that can be moved")
    entries = sum(array.size for array in arrays)
    if entries > MOST_ENTRIES:
        raise ValueError(
            f"the inputs have {entries} entries together, expected at most {MOST_ENTRIES}: "
            "a gradient that is right on a small array is right on a large one"
        )
    return arrays


def _as_numbers(name: str, value: object) -> np.ndarray:
    """Return an array; unlike an argument, a result may be a bare number such as a loss."""
    return as_float_array(name, np.asarray(value) if np.isscalar(value) else value)


def _as_gradients(
    returned: object, names: tuple[str, ...], arrays: list[np.ndarray]
) -> list[np.ndarray | None]:
    """Return what backward returned as one gradient, or None, for every array."""
    if not isinstance(returned, (tuple, list)):
        returned = (returned,)
    if all(gradient is None for gradient in returned):
        raise ValueError(
            f"backward returned no gradient, expected one for each of {', '.join(names)}"
        )
    if len(returned) != len(arrays):
        raise ValueError(
            f"backward returned {len(returned)} gradients for {len(arrays)} inputs, expected one "
            f"for each of {', '.join(names)}"
        )
    gradients: list[np.ndarray | None] = []
    for name, array, gradient in zip(names, arrays, returned, strict=True):
        if gradient is not None:
            gradient = _as_numbers(f"d{name}", gradient)
            if gradient.shape != array.shape:
                raise ValueError(
                    f"d{name} has shape {gradient.shape}, expected {array.shape}, the shape of "
                    f"{name}"
                )
        gradients.append(gradient)
    return gradients


def _check_untouched(
    who: str, names: Sequence[str], given: Sequence[np.ndarray], before: Sequence[np.ndarray]
) -> None:
    """Raise ValueError where a given array no longer equals its copy from before."""
    for name, now, copy in zip(names, given, before, strict=True):
        if not np.array_equal(now, copy):
            raise ValueError(f"{who} wrote into {name}; work on a copy")


def _slope(
    loss: Callable[..., float], arrays: list[np.ndarray], k: int, index: tuple[int, ...]
) -> float:
    """Return by how much the loss grows for each unit that one entry of array k moves."""
    value = arrays[k][index]
    h = 6e-6 * max(1.0, abs(value))
    up, down = [a.copy() for a in arrays], [a.copy() for a in arrays]
    up[k][index] = value + h
    down[k][index] = value - h
    # divide by the distance that float64 really moved, not by the one asked for
    return (loss(*up) - loss(*down)) / (up[k][index] - down[k][index])


def _compare(
    name: str, analytic: np.ndarray, numeric: np.ndarray, tolerance: float
) -> ArgumentReport:
    if numeric.size == 0:
        return ArgumentReport(name, True, tolerance, 0, 0.0, 0.0, (), 0.0, 0.0)
    with np.errstate(invalid="ignore"):  # infinity less infinity
        error = np.abs(analytic - numeric)
    # NaN compares false with everything, so it would never be the largest error
    error = np.where(np.isnan(error), np.inf, error)
    worst = tuple(int(i) for i in np.unravel_index(np.argmax(error), error.shape))
    # without the infinite entries: an infinite scale would let every error pass
    scale = max(1.0, float(np.max(np.abs(numeric[np.isfinite(numeric)]), initial=0.0)))
    return ArgumentReport(
        name=name,
        passed=bool(error[worst] <= tolerance * scale),
        tolerance=tolerance,
        entries=numeric.size,
        absolute_error=float(error[worst]),
        relative_error=float(error[worst] / scale),
        worst_index=worst,
        analytic=float(analytic[worst]),
        numeric=float(numeric[worst]),
    )
