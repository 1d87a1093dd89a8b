"""Leal-Taixé and Niessner, slides 25 to 45: initialization."""

from functools import cache

import numpy as np

from coursekit.lectures.claim import Claim, Finding

LAYERS, UNITS, SAMPLES = 10, 500, 100
STD = {
    "0.01": 0.01,
    "1": 1.0,
    "Xavier": 1 / np.sqrt(UNITS),
    "He": np.sqrt(2 / UNITS),
}


@cache
def through(rule: str, activation: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Send unit Gaussian data through ten layers of 500 units, and a gradient of size 1 back.

    Returns:
        The root mean square of the activations of each layer, and that of the gradients of each layer's weights.
    """
    rng = np.random.default_rng(28)
    w = [STD[rule] * rng.normal(size=(UNITS, UNITS)) for _ in range(LAYERS)]
    hs = [rng.normal(size=(SAMPLES, UNITS))]
    for one in w:
        s = hs[-1] @ one
        hs.append(np.tanh(s) if activation == "tanh" else np.maximum(s, 0))
    dh, sizes = rng.normal(size=hs[-1].shape) / SAMPLES, []
    for k in reversed(range(LAYERS)):
        bend = 1 - hs[k + 1] ** 2 if activation == "tanh" else hs[k + 1] > 0
        ds = dh * bend
        sizes.append(float(np.sqrt(np.mean((hs[k].T @ ds) ** 2))))
        dh = ds @ w[k].T
    return tuple(float(np.sqrt(np.mean(h**2))) for h in hs[1:]), tuple(sizes[::-1])


@cache
def _saturated() -> float:
    rng = np.random.default_rng(35)
    h = rng.normal(size=(SAMPLES, UNITS))
    for _ in range(LAYERS):
        h = np.tanh(h @ rng.normal(size=(UNITS, UNITS)))
    return float(np.mean(np.abs(h) > 0.99))


def _two_minima() -> Finding:
    ends = []
    for start in (-1.5, 1.5):
        x = start
        for _ in range(500):
            x -= 0.02 * (4 * x**3 - 4 * x + 0.5)  # of x^4 - 2x^2 + x/2
        ends.append(x)
    values = [x**4 - 2 * x**2 + x / 2 for x in ends]
    return Finding(
        abs(values[0] - values[1]) > 0.1,
        f"x⁴ - 2x² + x/2: from -1.5 descent ends at {values[0]:.2f}, from 1.5 at {values[1]:.2f}",
    )


def _symmetry(start: float) -> tuple[np.ndarray, np.ndarray]:
    """Return outputs of four hidden units, and the gradients of their weights, all weights the same."""
    rng = np.random.default_rng(27)
    x, dy = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    w, v = np.full((3, 4), start), np.full((4, 2), start)
    h = np.tanh(x @ w)
    return h, x.T @ ((dy @ v.T) * (1 - h**2))


def _all_the_same() -> Finding:
    h, dw = _symmetry(0.0)
    same = bool(np.ptp(h, axis=1).max() == 0)
    return Finding(
        same,
        f"four units differ by {np.ptp(h, axis=1).max():g}, their gradients by {np.ptp(dw, axis=1).max():g}",
    )


def _never_apart() -> Finding:
    _, dw = _symmetry(0.3)
    apart = float(np.ptp(dw, axis=1).max())
    return Finding(
        apart == 0 and float(np.abs(dw).max()) > 0,
        f"four units with equal weights: gradients up to {np.abs(dw).max():.2f}, all four the same",
    )


def _shown(numbers: tuple[float, ...]) -> str:
    return ", ".join(f"{numbers[k]:.1g}" for k in (0, 4, 9))


def _vanish() -> Finding:
    h, _ = through("0.01", "tanh")
    return Finding(h[-1] < 1e-3 * h[0], f"sizes in layers 1, 5 and 10: {_shown(h)}")


def _slope_is_fine() -> Finding:
    h, _ = through("0.01", "tanh")
    slope = 1 - h[4] ** 2
    return Finding(slope > 0.9, f"mean slope of tanh in layer 5: {slope:.2f}")


def _weights_vanish() -> Finding:
    small, good = through("0.01", "tanh")[1], through("Xavier", "tanh")[1]
    return Finding(
        max(small) < 0.01 * min(good),
        f"sizes in layers 1, 5 and 10: {_shown(small)}; with Xavier's rule {_shown(good)}",
    )


def _mitigates() -> Finding:
    small, good = (through(rule, "tanh")[0][-1] for rule in ("0.01", "Xavier"))
    return Finding(good > 100 * small, f"size in layer 10: {good:.1g} instead of {small:.1g}")


def _halves() -> Finding:
    xavier = through("Xavier", "ReLU")[0][-1]
    he = through("He", "ReLU")[0][-1]
    return Finding(
        he > 10 * xavier,
        f"size in layer 10 with ReLU: {he:.2f} with 2/n, {xavier:.3f} with 1/n",
    )


CLAIMS = (
    Claim(
        "T25-optimum",
        "from an initialization descent is not guaranteed to reach the optimum",
        "comparison",
        compute=_two_minima,
        place="slides 25 and 26",
        chapter=7,
        cell="all-the-same",
    ),
    Claim(
        "T27-same-function",
        "with w = 0 all hidden units compute the same function",
        "comparison",
        compute=_all_the_same,
        chapter=7,
        cell="equal-units",
    ),
    Claim(
        "T27-same-gradients",
        "units that are the same get the same gradients: no symmetry breaking",
        "comparison",
        compute=_never_apart,
        chapter=7,
        cell="equal-units",
    ),
    Claim(
        "T30-zero",
        "ten tanh layers of 500 units, small random weights: activations become zero",
        "comparison",
        compute=_vanish,
        place="slides 28 to 30",
        chapter=7,
        cell="slide-claims-measured",
        remark="Computed with standard deviation 0.01",
    ),
    Claim(
        "T32-slope",
        "with small weights the gradient of the activation function is fine",
        "comparison",
        compute=_slope_is_fine,
        chapter=7,
        cell="slide-claims-measured",
    ),
    Claim(
        "T33-weights",
        "with small weights the gradients of the weights vanish",
        "comparison",
        compute=_weights_vanish,
        chapter=7,
        cell="slide-claims-measured",
    ),
    Claim(
        "T35-saturated",
        "with large random weights everything is saturated",
        "comparison",
        compute=lambda: Finding(
            _saturated() > 0.5, f"{_saturated():.0%} of layer 10 lie beyond 0.99"
        ),
        place="slides 34 and 35",
        chapter=7,
        cell="slide-claims-measured",
        remark="Computed with standard deviation 1; everything means most",
    ),
    Claim(
        "T42-mitigates",
        "this mitigates that activations go to zero",
        "comparison",
        compute=_mitigates,
        chapter=7,
        cell="ten-layers",
    ),
    Claim(
        "T44-difference",
        "with ReLU, 2/n instead of 1/n makes a huge difference",
        "comparison",
        compute=_halves,
        place="slides 44 and 45",
        chapter=7,
        cell="ten-relu-layers",
    ),
)
