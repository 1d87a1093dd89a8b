"""Exercises 8.2 and 8.6: images, and groups of channels."""

import numpy as np

from coursekit.reference import batchnorm, group_norm
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator
EPS = 1e-5


def standardized(
    x: np.ndarray, axes: tuple[int, ...] | None, *, ddof: int = 0, eps: float = EPS
) -> np.ndarray:
    """Return x with mean 0 and variance 1 over some axes."""
    return (x - x.mean(axis=axes, keepdims=True)) / np.sqrt(
        x.var(axis=axes, ddof=ddof, keepdims=True) + eps
    )


def _by_variance(x: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    return (x - x.mean(axis=axes, keepdims=True)) / (x.var(axis=axes, keepdims=True) + EPS)


def _lined_up_right(x: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """Return what comes of forgetting keepdims: where shapes happen to fit, the wrong axes meet."""
    return (x - x.mean(axis=axes)) / np.sqrt(x.var(axis=axes) + EPS)


# --- 8.2 Images -------------------------------------------------------------------------------------------------


def _image_cases(rng: Rng) -> list[Case]:
    by_hand = np.array([[[[1.0, 7.0]], [[0.0, 0.0]]], [[[9.0, 15.0]], [[2.0, 6.0]]]])
    cases = [
        Case(
            (by_hand, np.array([1.0, 2.0]), np.array([0.0, 1.0])),
            label="channel 0: 1 7 9 15, channel 1: 0 0 2 6",
        )
    ]
    for N, C, H, W in [(3, 2, 3, 4), (2, 4, 3, 2), (4, 3, 2, 5)]:
        x = rng.normal(1, 0.5, (N, C, H, W)).round(2)  # small, so that eps can be seen
        gamma, beta = rng.uniform(0.5, 2, C).round(2), rng.normal(size=C).round(2)
        cases.append(Case((x, gamma, beta), label=f"N = {N}, C = {C}, H = {H}, W = {W}"))
    return cases


def _scaled(x_hat: np.ndarray, gamma: np.ndarray, beta: np.ndarray) -> np.ndarray:
    return gamma[:, None, None] * x_hat + beta[:, None, None]


def _as_rows(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """Return what comes of reshaping to a table with C columns: neighbors in memory become columns."""
    return (gamma * standardized(x.reshape(-1, x.shape[1]), (0,)) + beta).reshape(x.shape)


IMAGES = Task(
    id="8.2",
    title="Images",
    points=3,
    minutes=10,
    difficulty=2,
    name="batch_norm_images",
    cases=_image_cases,
    reference=lambda x, gamma, beta: batchnorm(x, gamma, beta, eps=EPS),
    hints=(
        "There is one mean for each channel, over all images and all places. Which three axes disappear?",
        "`x.mean(axis=(0, 2, 3), keepdims=True)` has shape (1, C, 1, 1), which lines up with x.",
        "gamma has shape (C,). NumPy would line it up with the last axis; `gamma[:, None, None]` has shape (C, 1, 1).",
    ),
    misconceptions=(
        Misconception(
            "every place by itself",
            "You averaged over the images only, so every place of a map has a mean of its own. All places of a "
            "channel share one.",
            lambda x, gamma, beta: _scaled(standardized(x, (0,)), gamma, beta),
        ),
        Misconception(
            "every image by itself",
            "You averaged over H and W only, so every image has means of its own: that is instance normalization. "
            "The images of a batch share them.",
            lambda x, gamma, beta: _scaled(standardized(x, (2, 3)), gamma, beta),
        ),
        Misconception(
            "over the channels",
            "You averaged over axis 1, the channels. They are what stays: every other axis goes into the mean.",
            lambda x, gamma, beta: _scaled(standardized(x, (1,)), gamma, beta),
        ),
        Misconception(
            "layer normalization",
            "You averaged over C, H and W, one mean for each image: that is layer normalization. Here there is one "
            "for each channel.",
            lambda x, gamma, beta: _scaled(standardized(x, (1, 2, 3)), gamma, beta),
        ),
        Misconception(
            "one mean for everything",
            "You took one mean of the whole array. Every channel has its own.",
            lambda x, gamma, beta: _scaled(standardized(x, None), gamma, beta),
        ),
        Misconception(
            "keepdims forgotten",
            "Your mean and variance have shape (C,), which NumPy lines up with the width. With `keepdims=True` they "
            "have shape (1, C, 1, 1) and stand at the channels.",
            lambda x, gamma, beta: _scaled(_lined_up_right(x, (0, 2, 3)), gamma, beta),
        ),
        Misconception(
            "all along the width",
            "Mean, variance, gamma and beta have shape (C,) in your answer, and NumPy lines them up with the width. "
            "`keepdims=True` mends the first two, `gamma[:, None, None]` and the same for beta the others.",
            lambda x, gamma, beta: gamma * _lined_up_right(x, (0, 2, 3)) + beta,
        ),
        Misconception(
            "gamma along the width",
            "`gamma * x` lines gamma up with the last axis, the width. It belongs to the channels, axis 1: give it "
            "the shape (C, 1, 1).",
            lambda x, gamma, beta: gamma * standardized(x, (0, 2, 3)) + beta,
        ),
        Misconception(
            "gamma along the height",
            "`gamma[:, None]` has shape (C, 1) and lines up with the height. It needs one axis more behind it.",
            lambda x, gamma, beta: gamma[:, None] * standardized(x, (0, 2, 3)) + beta[:, None],
        ),
        Misconception(
            "beta along the width",
            "gamma stands at the channels, but beta is lined up with the width. It needs the shape (C, 1, 1) too.",
            lambda x, gamma, beta: _scaled(standardized(x, (0, 2, 3)), gamma, 0 * beta) + beta,
        ),
        Misconception(
            "reshaped to a table",
            "`reshape(-1, C)` does not gather the channels: it cuts the numbers in their order in memory into rows of "
            "C. Move the channels to the end first, or average over three axes.",
            _as_rows,
        ),
        Misconception(
            "channels left at the end",
            "You moved the channels to the end and left them there. Move them back to axis 1.",
            lambda x, gamma, beta: np.moveaxis(
                _scaled(standardized(x, (0, 2, 3)), gamma, beta), 1, 3
            ),
        ),
        Misconception(
            "divided by N - 1",
            "Your variance is divided by one less than the count of numbers. The batch itself is normalized by the "
            "one divided by the count.",
            lambda x, gamma, beta: _scaled(standardized(x, (0, 2, 3), ddof=1), gamma, beta),
        ),
        Misconception(
            "divided by the variance",
            "You divided by the variance. Its root makes the spread 1.",
            lambda x, gamma, beta: _scaled(_by_variance(x, (0, 2, 3)), gamma, beta),
        ),
        Misconception(
            "eps forgotten",
            "Almost: there is no eps in your answer. It is added to the variance, under the root.",
            lambda x, gamma, beta: _scaled(standardized(x, (0, 2, 3), eps=0.0), gamma, beta),
        ),
        Misconception(
            "gamma and beta forgotten",
            "That is x̂. The output is γ x̂ + β, for each channel.",
            lambda x, gamma, beta: standardized(x, (0, 2, 3)),
        ),
    ),
)

# --- 8.6 Groups -------------------------------------------------------------------------------------------------


def _group_cases(rng: Rng) -> list[Case]:
    by_hand = np.array([1.0, 7.0, 9.0, 15.0, 0.0, 0.0, 2.0, 6.0]).reshape(1, 4, 1, 2)
    cases = [Case((by_hand, 2), label="one image, channels 1 7, 9 15, 0 0, 2 6, 2 groups")]
    for N, C, G, H, W in [(2, 6, 2, 2, 3), (3, 6, 3, 2, 2), (1, 8, 4, 1, 2)]:
        x = rng.normal(rng.normal(size=(1, C, 1, 1)), 0.5, (N, C, H, W)).round(2)
        cases.append(Case((x, G), label=f"N = {N}, C = {C}, {G} groups"))
    return cases


def _groups(x: np.ndarray, G: int) -> np.ndarray:
    one = np.ones(x.shape[1])
    return group_norm(x, one, 0 * one, groups=G, eps=EPS)


def _in_shape(x: np.ndarray, shape: tuple[int, ...], axes: tuple[int, ...]) -> np.ndarray:
    return standardized(x.reshape(shape), axes).reshape(x.shape)


GROUPS = Task(
    id="8.6",
    title="Groups of channels",
    points=3,
    minutes=10,
    difficulty=2,
    name="group_norm",
    returns=("x_hat",),
    cases=_group_cases,
    reference=_groups,
    hints=(
        "Give the groups an axis of their own: `x.reshape(N, G, C // G, H, W)`. Neighboring channels then stand in "
        "one group.",
        "Of the five axes, which two must survive the mean, if every image and every group has its own?",
        "Normalize over axes 2, 3 and 4 with `keepdims=True`, and reshape back to the shape of x.",
    ),
    misconceptions=(
        Misconception(
            "over the batch as well",
            "Your groups share their means over all images. Each image is normalized by itself, so that the batch "
            "does not matter.",
            lambda x, G: _in_shape(x, (len(x), G, x.shape[1] // G, *x.shape[2:]), (0, 2, 3, 4)),
        ),
        Misconception(
            "keepdims forgotten",
            "Your mean and variance have shape (N, G), which NumPy lines up with rows and columns. With "
            "`keepdims=True` they stand at the images and groups.",
            lambda x, G: _lined_up_right(
                x.reshape(len(x), G, x.shape[1] // G, *x.shape[2:]), (2, 3, 4)
            ).reshape(x.shape),
        ),
        Misconception(
            "keepdims forgotten behind long rows",
            "Your mean and variance have shape (N, G), which NumPy lines up with the last two of three axes. With "
            "`keepdims=True` they stand at the images and groups.",
            lambda x, G: _lined_up_right(x.reshape(len(x), G, -1), (2,)).reshape(x.shape),
        ),
        Misconception(
            "interleaved channels",
            "Your groups take every second (or third, ...) channel. The first C / G channels form the first group: "
            "the axis of the groups comes before that of their members.",
            lambda x, G: _in_shape(x, (len(x), x.shape[1] // G, G, *x.shape[2:]), (1, 3, 4)),
        ),
        Misconception(
            "size instead of number",
            "You made groups of G channels each. G is how many groups there are.",
            lambda x, G: _in_shape(x, (len(x), -1, G, *x.shape[2:]), (2, 3, 4)),
        ),
        Misconception(
            "every place by itself",
            "You averaged over the channels of a group, but every place kept a mean of its own. H and W go into the "
            "mean too.",
            lambda x, G: _in_shape(x, (len(x), G, x.shape[1] // G, *x.shape[2:]), (2,)),
        ),
        Misconception(
            "instance normalization",
            "Every channel is a group of its own in your answer: that is instance normalization. The mean runs over "
            "all channels of a group.",
            lambda x, G: standardized(x, (2, 3)),
        ),
        Misconception(
            "layer normalization",
            "There is one mean for each image in your answer, as if there was a single group.",
            lambda x, G: standardized(x, (1, 2, 3)),
        ),
        Misconception(
            "batch normalization",
            "That is batch normalization: each channel over all images. Here each image is by itself, and channels "
            "share their mean within a group.",
            lambda x, G: standardized(x, (0, 2, 3)),
        ),
        Misconception(
            "members instead of groups",
            "You gave the groups an axis, but averaged over it. The axes of the image and of the group stay; their "
            "members, H and W disappear.",
            lambda x, G: _in_shape(x, (len(x), G, x.shape[1] // G, *x.shape[2:]), (1, 3, 4)),
        ),
        Misconception(
            "divided by N - 1",
            "Your variance is divided by one less than the count of numbers. A group is normalized by the one divided "
            "by the count.",
            lambda x, G: standardized(x.reshape(len(x), G, -1), (2,), ddof=1).reshape(x.shape),
        ),
        Misconception(
            "divided by the variance",
            "You divided by the variance. Its root makes the spread 1.",
            lambda x, G: _by_variance(x.reshape(len(x), G, -1), (2,)).reshape(x.shape),
        ),
        Misconception(
            "eps forgotten",
            "Almost: there is no eps in your answer. It is added to the variance, under the root.",
            lambda x, G: standardized(x.reshape(len(x), G, -1), (2,), eps=0.0).reshape(x.shape),
        ),
        Misconception(
            "left in three axes",
            "The numbers are right, but each group is still one long row: reshape back to the shape of x.",
            lambda x, G: standardized(x.reshape(len(x), G, -1), (2,)),
        ),
        Misconception(
            "left in five axes",
            "The numbers are right, but still stand in five axes: reshape back to the shape of x.",
            lambda x, G: standardized(
                x.reshape(len(x), G, x.shape[1] // G, *x.shape[2:]), (2, 3, 4)
            ),
        ),
    ),
)
