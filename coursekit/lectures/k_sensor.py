"""Khapra, slides 3 to 8: a weighted average of a sensor's readings, convolution in one dimension."""

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.reference import conv1d

READINGS = np.array([1.00, 1.10, 1.20, 1.40, 1.70, 1.80, 1.90, 2.10, 2.20, 2.40, 2.50, 2.70])
WEIGHTS = np.array([0.01, 0.01, 0.02, 0.02, 0.04, 0.4, 0.5])  # w_-6 to w_0, the newest last


def averages(readings: np.ndarray = READINGS) -> np.ndarray:
    """Return all averages, s_6 first."""
    return conv1d(readings, WEIGHTS)


def twice() -> np.ndarray:
    """Return the averages if the reading 2.20 is entered twice."""
    place = int(np.flatnonzero(READINGS == 2.20)[0])
    return averages(np.insert(READINGS, place, READINGS[place])[: len(READINGS)])


def as_on_the_slide() -> np.ndarray:
    """Return the averages, term by term as the sum of slide 3 has them: x_(t-a) times w_(-a)."""
    newest = len(WEIGHTS) - 1
    return np.array(
        [
            sum(READINGS[t - a] * WEIGHTS[newest - a] for a in range(len(WEIGHTS)))
            for t in range(newest, len(READINGS))
        ]
    )


def _less_noisy() -> Finding:
    noise = np.random.default_rng(0).normal(size=20_000)
    before, after = noise.std(), conv1d(noise, WEIGHTS).std()
    return Finding(
        bool(after < before),
        f"noise of standard deviation {before:.2f} comes out with {after:.2f}",
    )


def _newest_count_most() -> Finding:
    never_fall = bool((np.diff(WEIGHTS) >= 0).all())
    return Finding(
        never_fall, f"from the oldest to the newest: {' '.join(f'{w:g}' for w in WEIGHTS)}"
    )


def _average(slide: int, k: int, printed: str) -> Claim:
    return Claim(
        f"K{slide:02d}-average-{k + 6}",
        f"the weighted average s_{k + 6} of the readings {k} to {k + 6}",
        "worked example",
        printed=printed,
        compute=lambda: averages()[k],
        slips={"the reading 2.20 is entered twice": lambda: twice()[k]},
        remark="" if k else "To one decimal it would be 1.8; the averages beside it have two",
        chapter=1,
        cell="slide-against-computed",
    )


CLAIMS = (
    Claim(
        "K03-less-noisy",
        "averaging several readings gives a less noisy estimate",
        "comparison",
        compute=_less_noisy,
        chapter=1,
        cell="noise-before-and-after",
    ),
    Claim(
        "K03-formula",
        "the sum of x_(t-a) times w_(-a) is the convolution of x and w",
        "formula",
        compute=lambda: Sides(
            as_on_the_slide(), np.convolve(READINGS, WEIGHTS, "valid"), "the sensor's readings"
        ),
        conventions={
            "cross-correlation, which deep learning calls convolution: both indices run backward": (
                lambda: Sides(as_on_the_slide(), averages(), "the sensor's readings")
            )
        },
        chapter=1,
        cell="flipped-and-not",
    ),
    Claim(
        "K04-weights",
        "newer readings get larger weights",
        "comparison",
        compute=_newest_count_most,
        place="slides 3 and 4",
        chapter=1,
        cell="sensor-readings",
    ),
    Claim(
        "K04-average",
        "the seven weights make a weighted average, so they have to add up to 1",
        "number",
        compute=lambda: Sides(WEIGHTS.sum(), 1.0, "the printed weights"),
        chapter=1,
        cell="predict-noise",
    ),
    Claim(
        "K04-seven-terms",
        "s_6 is the sum of seven products, x_6 w_0 to x_0 w_(-6)",
        "formula",
        compute=lambda: Sides(
            READINGS[6] * WEIGHTS[6]
            + READINGS[5] * WEIGHTS[5]
            + READINGS[4] * WEIGHTS[4]
            + READINGS[3] * WEIGHTS[3]
            + READINGS[2] * WEIGHTS[2]
            + READINGS[1] * WEIGHTS[1]
            + READINGS[0] * WEIGHTS[0],
            averages()[0],
            "the sensor's readings",
        ),
        place="slides 4 to 8",
        chapter=1,
        cell="formula",
    ),
    _average(4, 0, "1.80"),
    _average(5, 1, "1.96"),
    _average(6, 2, "2.11"),
    _average(7, 3, "2.16"),
    _average(7, 4, "2.28"),
    _average(8, 5, "2.42"),
)
