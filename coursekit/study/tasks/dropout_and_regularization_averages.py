"""Exercises 9.6 and 9.7: averages of a team's answers, and the ten crops of an image."""

import numpy as np

from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator
Pair = tuple[np.ndarray, np.ndarray]

# --- 9.6 Two ways to average ----------------------------------------------------------------------------------


def _ensemble_cases(rng: Rng) -> list[Case]:
    by_hand = np.array([[[0.9, 0.1]], [[0.5, 0.5]]])
    cases = [Case((by_hand,), label="two nets, one image: 0.9 0.1 and 0.5 0.5")]
    for shape in ((3, 4, 5), (5, 2, 3)):
        e = np.exp(rng.normal(size=shape))
        p = e / e.sum(axis=2, keepdims=True)
        cases.append(Case((p,), label=f"{shape[0]} nets, {shape[1]} images, {shape[2]} classes"))
    return cases


def _normalized(p: np.ndarray, axis: int = -1) -> np.ndarray:
    return np.asarray(p / p.sum(axis=axis, keepdims=True))


def _ensemble(p: np.ndarray) -> Pair:
    return p.mean(axis=0), _normalized(np.exp(np.log(p).mean(axis=0)))


def _votes(p: np.ndarray) -> Pair:
    return np.eye(p.shape[2])[p.argmax(axis=2)].mean(axis=0), _ensemble(p)[1]


ENSEMBLE = Task(
    id="9.6",
    title="Two ways to average",
    points=3,
    minutes=10,
    difficulty=2,
    name="team_answers",
    returns=("arithmetic", "geometric"),
    cases=_ensemble_cases,
    reference=_ensemble,
    hints=(
        "The nets lie along axis 0. Both answers have one row an image and one column a class.",
        "The geometric mean of k numbers is the k-th root of their product, or the exponential of the mean of their "
        "logarithms.",
        "Geometric means of probabilities add up to less than 1. Divide each image's row by its sum.",
    ),
    misconceptions=(
        Misconception(
            "not normalized",
            "Your geometric means do not add up to 1 for an image, so they are no probabilities yet.",
            lambda p: (p.mean(axis=0), np.exp(np.log(p).mean(axis=0))),
        ),
        Misconception(
            "product without the root",
            "You multiplied without taking the root. That is as sure as if the nets were independent witnesses; the "
            "geometric mean takes the k-th root first.",
            lambda p: (p.mean(axis=0), _normalized(p.prod(axis=0))),
        ),
        Misconception(
            "square root",
            "You took the square root, which is right for two nets; for k of them it is the k-th.",
            lambda p: (p.mean(axis=0), _normalized(np.sqrt(p.prod(axis=0)))),
        ),
        Misconception(
            "logarithm not undone",
            "Your geometric mean is still a mean of logarithms; take the exponential before you divide.",
            lambda p: (p.mean(axis=0), _normalized(np.log(p).mean(axis=0))),
        ),
        Misconception(
            "divided by the sum over images",
            "You divided by sums over the images. The classes of one image have to add up to 1.",
            lambda p: (p.mean(axis=0), _normalized(np.exp(np.log(p).mean(axis=0)), 0)),
        ),
        Misconception(
            "divided by the sum over everything",
            "You divided by the sum over all images and classes. Each image's classes have to add up to 1: sum along "
            "the last axis and keep it.",
            lambda p: (
                p.mean(axis=0),
                np.exp(np.log(p).mean(axis=0)) / np.exp(np.log(p).mean(axis=0)).sum(),
            ),
        ),
        Misconception(
            "votes",
            "You counted votes in place of the arithmetic mean. A net that is nearly undecided should count less than "
            "one that is sure: average the probabilities.",
            _votes,
        ),
        Misconception(
            "averaged over the images",
            "You averaged over axis 1, the images. The nets lie along axis 0.",
            lambda p: (p.mean(axis=1), _normalized(np.exp(np.log(p).mean(axis=1)))),
        ),
        Misconception(
            "two means swapped",
            "Those are the two right answers in the wrong order: arithmetic first.",
            lambda p: _ensemble(p)[::-1],
        ),
        Misconception(
            "bare product",
            "You multiplied, which is the beginning. Then comes the k-th root, and then each image's row is divided "
            "by its sum.",
            lambda p: (p.mean(axis=0), p.prod(axis=0)),
        ),
        Misconception(
            "mean of logarithms",
            "Your second answer is the mean of the logarithms. Take the exponential, then divide each image's row by "
            "its sum.",
            lambda p: (p.mean(axis=0), np.log(p).mean(axis=0)),
        ),
        Misconception(
            "mean before the logarithm",
            "Your two answers are the same: you took the mean first and the logarithm of it. Logarithms first, then "
            "their mean.",
            lambda p: (p.mean(axis=0), p.mean(axis=0)),
        ),
        Misconception(
            "softmax of the mean probability",
            "You took the softmax of mean probabilities. It is the softmax of mean scores, or of mean logarithms, that "
            "gives the geometric mean.",
            lambda p: (p.mean(axis=0), _normalized(np.exp(p.mean(axis=0)))),
        ),
        Misconception(
            "root of the number of classes",
            "Your root has the number of classes. k is the number of nets, the length of axis 0.",
            lambda p: (p.mean(axis=0), _normalized(p.prod(axis=0) ** (1 / p.shape[2]))),
        ),
        Misconception(
            "sums without their axis",
            "The sums over the classes lost their axis, so they do not fit below the rows any more: "
            "`keepdims=True` keeps it.",
            lambda p: (p.mean(axis=0), _ensemble(p)[1] / _ensemble(p)[1].sum(axis=1)),
        ),
        Misconception(
            "sum of the nets",
            "Your first answer is a sum over the nets. Its rows have to add up to 1: divide by their number.",
            lambda p: (p.sum(axis=0), _ensemble(p)[1]),
        ),
    ),
)

# --- 9.7 Ten crops --------------------------------------------------------------------------------------------


def _crops_cases(rng: Rng) -> list[Case]:
    cases = [
        Case((np.arange(9.0).reshape(1, 1, 3, 3), 1), label="one image of 3 × 3, crops of 1 × 1"),
        Case((np.arange(16.0).reshape(1, 1, 4, 4), 2), label="one image of 4 × 4, crops of 2 × 2"),
    ]
    for shape, F in (((2, 3, 9, 7), 5), ((1, 2, 8, 12), 5)):
        cases.append(Case((rng.normal(size=shape).round(2), F), label=f"x of {shape}, F = {F}"))
    return cases


def _ten(
    x: np.ndarray, F: int, *, short: int = 0, mirror: int = -1, center: bool = False
) -> np.ndarray:
    H, W = x.shape[2:]
    bottom, end = H - F - short, W - F - short
    places = [(0, 0), (0, end), (bottom, 0), (bottom, end)]
    places.append((H // 2, W // 2) if center else ((H - F) // 2, (W - F) // 2))
    five = np.stack([_cut(x, i, j, F) for i, j in places])
    return np.concatenate([five, np.flip(five, axis=mirror)])


def _cut(x: np.ndarray, i: int, j: int, F: int) -> np.ndarray:
    return x[:, :, max(i, 0) : max(i, 0) + F, max(j, 0) : max(j, 0) + F]


def _whole_mirrored(x: np.ndarray, F: int) -> np.ndarray:
    return np.concatenate([_ten(x, F)[:5], _ten(x[..., ::-1], F)[:5]])


def _interleaved(x: np.ndarray, F: int) -> np.ndarray:
    return (
        _ten(x, F).reshape(2, 5, *x.shape[:2], F, F).swapaxes(0, 1).reshape(10, *x.shape[:2], F, F)
    )


def _center_apart(x: np.ndarray, F: int) -> np.ndarray:
    H, W = x.shape[2:]
    crops = _ten(x, F)
    crops[4] = _cut(x, H // 2 - F // 2, W // 2 - F // 2, F)
    crops[9] = crops[4][..., ::-1]
    return crops


def _as_if_square(x: np.ndarray, F: int, height: int = 2, width: int = 2) -> np.ndarray:
    bottom, end = x.shape[height] - F, x.shape[width] - F
    places = [(0, 0), (0, end), (bottom, 0), (bottom, end), (bottom // 2, end // 2)]
    five = np.stack(
        [x[:, :, i : i + F, j : j + F] for i, j in places]
    )  # raises where a crop is cut short
    return np.concatenate([five, five[..., ::-1]])


def _columns_first(x: np.ndarray, F: int) -> np.ndarray:
    return _ten(x, F)[[0, 2, 1, 3, 4, 5, 7, 6, 8, 9]]


TEN_CROPS = Task(
    id="9.7",
    title="Ten crops",
    points=3,
    minutes=13,
    difficulty=2,
    name="ten_crops",
    returns=("crops",),
    cases=_crops_cases,
    reference=lambda x, F: _ten(x, F),
    hints=(
        "A crop is `x[:, :, i : i + F, j : j + F]`. In which row and column does the last one that still fits start?",
        "The center starts at (H - F) // 2 and (W - F) // 2.",
        "Make a list of five crops, `np.stack` it, and mirror all five at once: the columns are the last axis. "
        "`np.concatenate` puts the two fives behind each other.",
    ),
    misconceptions=(
        Misconception(
            "upside down",
            "You mirrored top to bottom. The flip of the 10-crop test is left to right: clothes and cats do not hang "
            "from the ceiling.",
            lambda x, F: _ten(x, F, mirror=-2),
        ),
        Misconception(
            "mirrored before cropping",
            "You mirrored the image and cropped again, so your sixth crop shows the other corner. Here crop 5 + k is "
            "the mirror image of crop k.",
            _whole_mirrored,
        ),
        Misconception(
            "crops and mirror images in turn",
            "You put each mirror image behind its crop. All five crops come first, then their five mirror images.",
            _interleaved,
        ),
        Misconception(
            "corners down before across",
            "Your corners come in another order: top left, top right, bottom left, bottom right.",
            _columns_first,
        ),
        Misconception(
            "mirrored both ways",
            "You turned the crops upside down as well. Only the columns change places.",
            lambda x, F: np.concatenate([_ten(x, F)[:5], _ten(x, F)[:5, ..., ::-1, ::-1]]),
        ),
        Misconception(
            "order of the crops reversed",
            "You reversed the order of the five crops and left their pixels as they are. The axis to reverse is "
            "the last one, the columns.",
            lambda x, F: np.concatenate([_ten(x, F)[:5], _ten(x, F)[4::-1]]),
        ),
        Misconception(
            "no mirror images",
            "Those are the five crops; their five mirror images are missing.",
            lambda x, F: _ten(x, F)[:5],
        ),
        Misconception(
            "one pixel short of the edge",
            "Your crops at the bottom and at the right stop one pixel short of the edge: H - F is the last row where a "
            "crop can start.",
            lambda x, F: _ten(x, F, short=1),
        ),
        Misconception(
            "center crop starts at the center",
            "Your center crop begins at the middle pixel, so it lies too far down and right. Its own middle belongs "
            "there.",
            lambda x, F: _ten(x, F, center=True),
        ),
        Misconception(
            "crops beside the images",
            "Your first axis holds the images and the second the ten crops; put the crops first: (10, N, C, F, F).",
            lambda x, F: _ten(x, F).swapaxes(0, 1),
        ),
        Misconception(
            "center rounded the other way",
            "Your center crop is one pixel too far down or right where the margin is odd: halve the difference, "
            "(H - F) // 2, not H and F.",
            _center_apart,
        ),
        Misconception(
            "height and width confused",
            "Square images come out right, others do not: rows end at H - F and columns at W - F.",
            lambda x, F: _as_if_square(x, F, height=3, width=2),
        ),
        Misconception(
            "images taken for square",
            "You took the height for the width as well. Rows end at H - F and columns at W - F.",
            _as_if_square,
        ),
        Misconception(
            "center first",
            "Your crops begin with the center. The four corners come first, the center after them.",
            lambda x, F: _ten(x, F)[[4, 0, 1, 2, 3, 9, 5, 6, 7, 8]],
        ),
        Misconception(
            "corners clockwise",
            "You went around clockwise. The order is top left, top right, bottom left, bottom right.",
            lambda x, F: _ten(x, F)[[0, 1, 3, 2, 4, 5, 6, 8, 7, 9]],
        ),
        Misconception(
            "no center",
            "Those are the corners and their mirror images; the center and its mirror image are missing.",
            lambda x, F: _ten(x, F)[[0, 1, 2, 3, 5, 6, 7, 8]],
        ),
        Misconception(
            "not mirrored",
            "Your second five are the first five again; mirror their columns, the last axis.",
            lambda x, F: np.concatenate([_ten(x, F)[:5]] * 2),
        ),
        Misconception(
            "images instead of columns reversed",
            "You reversed the order of the images and left their pixels as they are (`np.fliplr` reverses axis 1, "
            "whatever it holds). The columns are the last axis.",
            lambda x, F: np.concatenate([_ten(x, F)[:5], _ten(x, F)[:5, ::-1]]),
        ),
        Misconception(
            "everything reversed",
            "You reversed all axes at once: say which one, the last, where the columns lie.",
            lambda x, F: np.concatenate([_ten(x, F)[:5], np.flip(_ten(x, F)[:5])]),
        ),
        Misconception(
            "two fives in an axis of their own",
            "You stacked the two fives, which makes an axis of 2 in front. `np.concatenate` puts one behind the other.",
            lambda x, F: _ten(x, F).reshape(2, 5, *x.shape[:2], F, F),
        ),
        Misconception(
            "crops joined along the images",
            "You joined the crops along the axis of the images. `np.stack` gives them an axis of their own.",
            lambda x, F: _ten(x, F).reshape(-1, x.shape[1], F, F),
        ),
    ),
)
