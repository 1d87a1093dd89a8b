"""Exercises 13.2 and 13.4: a batch of crops, and a loss with smoothed labels."""

from collections.abc import Callable
from typing import Any

import numpy as np

from coursekit.study.task import Case, Misconception, Task

Array = np.ndarray
Rng = np.random.Generator

# --- 13.2 A batch of crops ------------------------------------------------------------------------------------


def _crop_cases(rng: Rng) -> list[Case]:
    by_hand = np.arange(1.0, 10).reshape(1, 1, 3, 3)
    cases = [Case((by_hand, np.array([[1, 0]]), 1), label="1 to 9, offset (1, 0), P = 1")]
    for N, C, size, P in ((4, 2, 5, 2), (6, 3, 7, 3)):
        x = rng.normal(size=(N, C, size, size + 1)).round(2)
        offsets = rng.integers(-P, P + 1, (N, 2))
        offsets[0], offsets[1] = (P, -1), (-1, P - 1)  # no two mistakes look alike
        cases.append(Case((x, offsets, P), label=f"N = {N}, C = {C}, P = {P}"))
    return cases


def _windows(padded: Array, offsets: Array, P: int) -> Array:
    H, W = padded.shape[2] - 2 * P, padded.shape[3] - 2 * P
    rows = P + offsets[:, 0, None] + np.arange(H)
    columns = P + offsets[:, 1, None] + np.arange(W)
    image = np.arange(len(padded))[:, None, None]
    seen = padded.transpose(0, 2, 3, 1)[image, rows[:, :, None], columns[:, None, :]]
    return seen.transpose(0, 3, 1, 2)


def _padded(x: Array, P: int, **how: Any) -> Array:
    return np.pad(x, ((0, 0), (0, 0), (P, P), (P, P)), **how)


def _crops(x: Array, offsets: Array, P: int) -> Array:
    return _windows(_padded(x, P), offsets, P)


def _from_the_corner(x: Array, offsets: Array, P: int) -> Array:
    """Count the window from the corner of the padded image; what is negative comes from its other end."""
    H, W = x.shape[2:]
    rows = offsets[:, 0, None] + np.arange(H)
    columns = offsets[:, 1, None] + np.arange(W)
    image = np.arange(len(x))[:, None, None]
    return _padded(x, P)[image, :, rows[:, :, None], columns[:, None, :]].transpose(0, 3, 1, 2)


CROPS = Task(
    id="13.2",
    title="Crops for a whole batch",
    points=3,
    minutes=12,
    difficulty=2,
    name="crops",
    cases=_crop_cases,
    reference=_crops,
    hints=(
        "Pad the two last axes of the whole batch once. In the padded images, where does the window of an image "
        "with offset (0, 0) begin?",
        "For each image write down the rows that its window has, an array (N, H); likewise the columns, (N, W).",
        "Arrays that are used as indices are broadcast against each other: shapes (N, 1, 1), (N, H, 1) and (N, 1, W) "
        "pick (N, H, W) pixels. Take the channels to the end first, and back afterwards. A loop over the images is "
        "right as well; only slower.",
    ),
    misconceptions=(
        Misconception(
            "one offset for all",
            "Every image got the offset of the first one. Each has an offset of its own.",
            lambda x, offsets, P: _crops(x, np.broadcast_to(offsets[:1], offsets.shape), P),
        ),
        Misconception(
            "down and right swapped",
            "You moved right by the first number and down by the second. Which axis comes first in (N, C, H, W)?",
            lambda x, offsets, P: _crops(x, offsets[:, ::-1], P),
        ),
        Misconception(
            "counted from the padding",
            "Your windows begin P pixels too far up and to the left: in the padded image, offset (0, 0) begins at "
            "row P and column P.",
            _from_the_corner,
        ),
        Misconception(
            "channels last",
            "The pixels are right, and their channels come last: index arrays put what they pick in front. Move the "
            "last axis back to place 1.",
            lambda x, offsets, P: _crops(x, offsets, P).transpose(0, 2, 3, 1),
        ),
        Misconception(
            "the image moved, not the window",
            "You moved the images by the offset. It is the window that moves: what it sees goes the other way.",
            lambda x, offsets, P: _crops(x, -offsets, P),
        ),
        Misconception(
            "rolled",
            "What leaves an image on one side comes back on the other. Beyond the border there should be zeros.",
            lambda x, offsets, P: np.stack(
                [
                    np.roll(a, (-i, -j), (1, 2))
                    for a, (i, j) in zip(x, offsets.tolist(), strict=True)
                ]
            ),
        ),
        Misconception(
            "reflected",
            "Beyond the border you see the image reflected, as in the chapter. This exercise asks for zeros.",
            lambda x, offsets, P: _windows(_padded(x, P, mode="symmetric"), offsets, P),
        ),
        Misconception(
            "reflected without the border pixel",
            "Beyond the border you see the image reflected at its outermost pixels. This exercise asks for zeros.",
            lambda x, offsets, P: _windows(_padded(x, P, mode="reflect"), offsets, P),
        ),
        Misconception(
            "border pixels repeated",
            "Beyond the border you see the outermost pixel again and again: were the indices clipped? Asked for are "
            "zeros.",
            lambda x, offsets, P: _windows(_padded(x, P, mode="edge"), offsets, P),
        ),
        Misconception(
            "not moved",
            "Your windows do not move: all images came back as they were.",
            lambda x, offsets, P: x,
        ),
    ),
)

# --- 13.4 Smoothed labels -------------------------------------------------------------------------------------


def _smooth_cases(rng: Rng) -> list[Case]:
    by_hand = (np.zeros((1, 4)), np.array([2]), 0.2)
    cases = [Case(by_hand, label="four equal scores, label 2, alpha = 0.2")]
    for N, K in ((3, 5), (6, 10)):
        s, alpha = rng.normal(0, 2, (N, K)).round(2), float(rng.choice([0.1, 0.15, 0.3]))
        cases.append(
            Case((s, rng.integers(0, K, N), alpha), label=f"N = {N}, K = {K}, alpha = {alpha}")
        )
    return cases


def _log_softmax(s: Array) -> Array:
    s = s - s.max(axis=1, keepdims=True)
    return s - np.log(np.exp(s).sum(axis=1, keepdims=True))


def _targets(s: Array, labels: Array, right: float, others: float) -> Array:
    t = np.full(s.shape, others)
    t[np.arange(len(s)), labels] = right
    return t


def _with_targets(
    share: Callable[[float, int], tuple[float, float]],
    loss_by: Callable[[int], float] = lambda N: N,
    slope_by: Callable[[int], float] = lambda N: N,
) -> Callable[[Array, Array, float], tuple[float, Array]]:
    """Return the loss for other targets, or summed up otherwise."""

    def loss(s: Array, labels: Array, alpha: float) -> tuple[float, Array]:
        log_p = _log_softmax(s)
        t = _targets(s, labels, *share(alpha, s.shape[1]))
        # of targets that do not add up to 1, the gradient is p times their sum, less the targets
        slope = np.exp(log_p) * t.sum(axis=1, keepdims=True) - t
        return float(-np.sum(t * log_p) / loss_by(len(s))), slope / slope_by(len(s))

    return loss


def _share(alpha: float, K: int) -> tuple[float, float]:
    return 1 - alpha + alpha / K, alpha / K


def _smooth_probabilities(s: Array, labels: Array, alpha: float) -> tuple[float, Array]:
    """Mix the probabilities, not the targets, with equal ones."""
    N, K = s.shape
    p, rows = np.exp(_log_softmax(s)), np.arange(N)
    right = p[rows, labels]
    mixed = (1 - alpha) * right + alpha / K
    ds = (1 - alpha) * (right / mixed)[:, None] * (p - _targets(s, labels, 1, 0)) / N
    return float(-np.log(mixed).mean()), ds


def _other_gradient(
    gradient: Callable[[Array, Array, Array], Array],
) -> Callable[[Array, Array, float], tuple[float, Array]]:
    """Return the right loss with a gradient made of probabilities, targets and the labels' own targets."""
    right = _with_targets(_share)

    def loss(s: Array, labels: Array, alpha: float) -> tuple[float, Array]:
        t = _targets(s, labels, *_share(alpha, s.shape[1]))
        ds = gradient(np.exp(_log_softmax(s)), t, _targets(s, labels, 1, 0))
        return right(s, labels, alpha)[0], ds / len(s)

    return loss


def _mean_over_entries(s: Array, labels: Array, alpha: float) -> tuple[float, Array]:
    loss, ds = _with_targets(_share)(s, labels, alpha)
    return loss / s.shape[1], ds


SMOOTHING = Task(
    id="13.4",
    title="Smoothed labels",
    points=3,
    minutes=12,
    difficulty=2,
    name="smoothed_cross_entropy",
    returns=("loss", "ds"),
    cases=_smooth_cases,
    reference=_with_targets(_share),
    hints=(
        "Write the targets down first, a row for each image. What does a row add up to?",
        "The right class gets its own 1 − α and its part of the α that is spread over all K classes.",
        "Only the targets are new: the loss is minus the sum of targets times log-probabilities, and the gradient is "
        "the probabilities less the targets. Both are means over the images.",
    ),
    misconceptions=(
        Misconception(
            "spread over the other classes",
            "You spread α over the K − 1 other classes. The right one gets its part of it, too: α / K for every class.",
            _with_targets(lambda alpha, K: (1 - alpha, alpha / (K - 1))),
        ),
        Misconception(
            "targets below 1",
            "A row of your targets adds up to less than 1: the right class has 1 − α and lacks its part of α.",
            _with_targets(lambda alpha, K: (1 - alpha, alpha / K)),
        ),
        Misconception(
            "targets above 1",
            "A row of your targets adds up to more than 1: α was added to all classes and taken from none.",
            _with_targets(lambda alpha, K: (1.0, alpha / K)),
        ),
        Misconception(
            "not smoothed",
            "This is plain cross-entropy. Where does α come in?",
            _with_targets(lambda alpha, K: (1.0, 0.0)),
        ),
        Misconception(
            "alpha and 1 - alpha swapped",
            "You gave α to the right class and spread 1 − α.",
            _with_targets(lambda alpha, K: _share(1 - alpha, K)),
        ),
        Misconception(
            "the probabilities smoothed",
            "You mixed the probabilities with equal ones. What is smoothed are the labels: mix the targets.",
            _smooth_probabilities,
        ),
        Misconception(
            "sums",
            "Loss and gradient are sums over the images. Asked for are means.",
            _with_targets(_share, lambda N: 1.0, lambda N: 1.0),
        ),
        Misconception(
            "mean over classes too",
            "Your loss is a mean over images and classes. Add up over the classes, and take the mean over the images.",
            _mean_over_entries,
        ),
        Misconception(
            "gradient not smoothed",
            "The loss is right. Its gradient is that of plain cross-entropy: take away the smoothed targets.",
            _other_gradient(lambda p, t, labels: p - labels),
        ),
        Misconception(
            "gradient turned around",
            "The loss is right. Its gradient has the other sign: the probabilities less the targets.",
            _other_gradient(lambda p, t, labels: t - p),
        ),
        Misconception(
            "gradient of the sum",
            "The loss is right. Its gradient lacks the division by the number of images: the loss is a mean.",
            _with_targets(_share, slope_by=lambda N: 1.0),
        ),
    ),
)
