"""Exercises 15.1 and 15.5: how well boxes and labels fit."""

import numpy as np

from coursekit.reference import box_iou, confusion_matrix, mean_iou
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator
VOID = 255

# --- 15.1 Two boxes -----------------------------------------------------------------------------------------------


def _box_cases(rng: Rng) -> list[Case]:
    def box(row: float, column: float, height: float, width: float) -> np.ndarray:
        return np.array([row, column, row + height, column + width])

    cases = [Case((box(0, 0, 2, 3), box(1, 1, 2, 3)), label="2×3 boxes, one down and one right")]
    row, column = (float(v) for v in rng.integers(0, 20, size=2))
    a = box(row, column, *rng.integers(12, 20, size=2))
    cases.append(
        Case((a, box(row + 3, column + 5, *rng.integers(12, 20, size=2))), label="overlap")
    )
    cases.append(Case((a, box(row + 2, column + 3, 6, 5)), label="one inside the other"))
    cases.append(Case((a, box(row - 3, column - 2, 24, 23)), label="one around the other"))
    cases.append(Case((a, box(row + 30, column + 31, 7, 9)), label="apart along both axes"))
    cases.append(Case((a, box(row + 4, column + 31, 7, 9)), label="apart along one axis"))
    return cases


def _iou(a: np.ndarray, b: np.ndarray) -> float:
    return float(box_iou(a, b))


def _area(box: np.ndarray) -> float:
    return float((box[2] - box[0]) * (box[3] - box[1]))


def _shared(a: np.ndarray, b: np.ndarray, *, least: float = 0.0, more: float = 0.0) -> float:
    start, end = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
    return float(np.prod(np.maximum(end - start + more, least)))


def _never_negative(a: np.ndarray, b: np.ndarray) -> float:
    both = _shared(a, b, least=-np.inf)
    return both / (_area(a) + _area(b) - both)


def _clipped_at_the_end(a: np.ndarray, b: np.ndarray) -> float:
    both = max(0.0, _shared(a, b, least=-np.inf))
    return both / (_area(a) + _area(b) - both)


def _both_ends_inside(a: np.ndarray, b: np.ndarray) -> float:
    both = _shared(a, b, more=1.0)
    areas = sum(float(np.prod(box[2:] - box[:2] + 1)) for box in (a, b))
    return both / (areas - both)


def _as_height_and_width(a: np.ndarray, b: np.ndarray) -> float:
    moved = [np.concatenate([box[:2], box[:2] + box[2:]]) for box in (a, b)]
    return _iou(*moved)


def _without_sign(a: np.ndarray, b: np.ndarray) -> float:
    start, end = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
    both = float(np.prod(np.abs(end - start)))
    return both / (_area(a) + _area(b) - both)


def _apart_along_both(a: np.ndarray, b: np.ndarray) -> float:
    start, end = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
    return 0.0 if (end < start).all() else _never_negative(a, b)


def _start_and_end_swapped(a: np.ndarray, b: np.ndarray) -> float:
    start, end = np.minimum(a[:2], b[:2]), np.maximum(a[2:], b[2:])
    both = np.prod(end - start)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.divide(both, _area(a) + _area(b) - both))


def _hull(a: np.ndarray, b: np.ndarray) -> float:
    start, end = np.minimum(a[:2], b[:2]), np.maximum(a[2:], b[2:])
    return _shared(a, b) / float(np.prod(end - start))


BOXES = Task(
    id="15.1",
    title="Two boxes",
    points=2,
    minutes=6,
    difficulty=1,
    name="iou",
    returns=("the IoU",),
    cases=_box_cases,
    reference=_iou,
    hints=(
        "The shared box starts at the larger of the two tops and ends at the smaller of the two bottoms; likewise for "
        "left and right.",
        "When the boxes do not touch along an axis, that difference is negative. What must its length be then?",
        "Area of a, plus area of b, minus what was counted twice.",
    ),
    misconceptions=(
        Misconception(
            "negative lengths",
            "For boxes that do not touch, your shared height or width is negative; the product of two such lengths is "
            "even positive. Neither can be below 0.",
            _never_negative,
        ),
        Misconception(
            "negative area cut off",
            "You cut off a negative area, but two negative lengths make a positive one: look at boxes that are apart "
            "along both axes.",
            _clipped_at_the_end,
        ),
        Misconception(
            "lengths without sign",
            "You took the absolute value of the lengths. A negative one says that the boxes do not touch along this "
            "axis: it must become 0.",
            _without_sign,
        ),
        Misconception(
            "start and end swapped",
            "You took the smallest box around both for the shared one: it starts at the larger of the two tops and "
            "ends at the smaller of the two bottoms.",
            _start_and_end_swapped,
        ),
        Misconception(
            "0 for boxes apart along both axes only",
            "You return 0 only for boxes that are apart along both axes. One axis is enough.",
            _apart_along_both,
        ),
        Misconception(
            "shared part added",
            "You added the shared part to the two areas, which hold it twice already. Take it away once.",
            lambda a, b: _shared(a, b) / (_area(a) + _area(b) + _shared(a, b)),
        ),
        Misconception(
            "counted twice",
            "Your union counts the shared part twice: it belongs to both areas.",
            lambda a, b: _shared(a, b) / (_area(a) + _area(b)),
        ),
        Misconception(
            "twice the shared part",
            "2 |a ∩ b| / (|a| + |b|) is another measure, called Dice; IoU divides by the union.",
            lambda a, b: 2 * _shared(a, b) / (_area(a) + _area(b)),
        ),
        Misconception(
            "divided by the right box",
            "You divided by the area of one box. Then a prediction that covers the whole image would be perfect.",
            lambda a, b: _shared(a, b) / _area(a),
        ),
        Misconception(
            "divided by the predicted box",
            "You divided by the area of the second box. Then any small box inside the first would be perfect.",
            lambda a, b: _shared(a, b) / _area(b),
        ),
        Misconception(
            "divided by the smaller box",
            "You divided by the smaller of the two areas. Then a box inside another one would be perfect.",
            lambda a, b: _shared(a, b) / min(_area(a), _area(b)),
        ),
        Misconception(
            "divided by the larger box",
            "You divided by the larger of the two areas. The union is larger still, unless one box holds the other.",
            lambda a, b: _shared(a, b) / max(_area(a), _area(b)),
        ),
        Misconception(
            "divided by the surrounding box",
            "You divided by the smallest box around both, which also holds corners that belong to neither.",
            _hull,
        ),
        Misconception(
            "last row and column included",
            "You added 1 to the lengths. Bottom and right are the first row and column outside, so the difference is "
            "the length.",
            _both_ends_inside,
        ),
        Misconception(
            "taken for height and width",
            "You read the last two numbers as height and width; they are the bottom and the right.",
            _as_height_and_width,
        ),
    ),
)

# --- 15.5 The mean over the classes --------------------------------------------------------------------------------


def _label_cases(rng: Rng) -> list[Case]:
    right = np.array([[0, 0, 1], [0, 1, 1], [VOID, VOID, 1]])
    by_hand = Case((right, np.array([[0, 0, 1], [0, 0, 1], [1, 0, 1]]), 2), label="3×3 by hand")
    cases = [by_hand]
    for K, (H, W) in ((3, (6, 7)), (4, (9, 8))):
        masks = np.sort(rng.integers(0, K, size=(H, W)), axis=1)
        masks[0] = np.arange(W) % K  # every class is there
        masks[1, : W // 2] = VOID
        noise = rng.random((H, W)) < 0.4
        predicted = np.where(noise | (masks == VOID), rng.integers(0, K, size=(H, W)), masks)
        predicted[0, :K] = masks[0, :K]  # of every class, something is right
        predicted[2, 0] = (masks[2, 0] + 1) % K
        predicted[1, :2] = 0, 1
        cases.append(Case((masks, predicted, K), label=f"{K} classes, {H}×{W}"))
    masks, predicted, K = cases[-1].args
    # one class more that is nowhere, and one that is predicted without being there
    cases.append(Case((masks, predicted, K + 1), label=f"{K + 1} classes, one of them nowhere"))
    ghost = predicted.copy()
    ghost[3, :3] = K
    cases.append(Case((masks, ghost, K + 1), label=f"{K + 1} classes, one only predicted"))
    return cases


def _mean_iou(labels: np.ndarray, predicted: np.ndarray, classes: int) -> float:
    return mean_iou(confusion_matrix(labels, predicted, classes))


def _ratios(
    labels: np.ndarray,
    predicted: np.ndarray,
    classes: int,
    *,
    void: bool = True,
    divide: str = "either",
) -> np.ndarray:
    """Return one ratio a class, NaN where there is nothing to divide by."""
    if void:
        labels, predicted = labels[labels != VOID], predicted[labels != VOID]
    found = np.full(classes, np.nan)
    for k in range(classes):
        a, b = labels == k, predicted == k
        by = {
            "either": (a | b).sum(),
            "right": a.sum(),
            "predicted": b.sum(),
            "both twice": a.sum() + b.sum(),
        }[divide]
        if by:
            found[k] = (a & b).sum() / by
    return found


def _accuracy(labels: np.ndarray, predicted: np.ndarray, classes: int) -> float:
    counted = labels != VOID
    return float((labels == predicted)[counted].mean())


def _multiplied(labels: np.ndarray, predicted: np.ndarray, classes: int) -> float:
    kept = labels != VOID
    return _mean_iou(labels * kept, predicted * kept, classes)


def _found_with_void(labels: np.ndarray, predicted: np.ndarray, classes: int) -> float:
    each = [
        ((labels == k) & (predicted == k)).sum() / ((labels == k) | (predicted == k)).sum()
        for k in np.unique(labels)
    ]
    return float(np.mean(each))


def _summed(labels: np.ndarray, predicted: np.ndarray, classes: int) -> float:
    M = confusion_matrix(labels, predicted, classes)
    both = np.trace(M)
    return float(both / (2 * M.sum() - both))


def _weighted(labels: np.ndarray, predicted: np.ndarray, classes: int) -> float:
    M = confusion_matrix(labels, predicted, classes)
    each = np.nan_to_num(_ratios(labels, predicted, classes))
    return float((each * M.sum(axis=1)).sum() / M.sum())


MEAN_IOU = Task(
    id="15.5",
    title="The mean over the classes",
    points=4,
    minutes=12,
    difficulty=2,
    name="mean_iou",
    returns=("the mean IoU",),
    cases=_label_cases,
    reference=_mean_iou,
    hints=(
        "First throw the void pixels out of both arrays: `labels[labels != 255]`, and the same places of `predicted`.",
        "For class k, `labels == k` and `predicted == k` are two masks. Their `&` is what they share, their `|` the "
        "union.",
        "Collect one IoU for each class whose union is not empty, and take the mean of those.",
    ),
    misconceptions=(
        Misconception(
            "void counted",
            "You counted void pixels: whatever is predicted there cannot be wrong, and must not enlarge a union.",
            lambda labels, predicted, classes: float(
                np.nanmean(_ratios(labels, predicted, classes, void=False))
            ),
        ),
        Misconception(
            "void as background",
            "You turned void into background. A garment that is predicted there would count as wrong.",
            lambda labels, predicted, classes: _mean_iou(
                np.where(labels == VOID, 0, labels), predicted, classes
            ),
        ),
        Misconception(
            "void set to 0 in both",
            "You set void pixels to 0 in both arrays, and 0 is the background: each now counts as one more right "
            "pixel of it. Take them out instead.",
            _multiplied,
        ),
        Misconception(
            "void as a class",
            "Your loop runs over all values in labels, and 255 is one of them: void became a class with an IoU of 0.",
            _found_with_void,
        ),
        Misconception(
            "pixel accuracy with void",
            "That is the share of equal pixels among all pixels, void ones too. Take the IoU of every class, without "
            "void.",
            lambda labels, predicted, classes: float((labels == predicted).mean()),
        ),
        Misconception(
            "pixel accuracy",
            "That is the pixel accuracy. A common class decides it alone; take the IoU of every class first.",
            _accuracy,
        ),
        Misconception(
            "recall",
            "You divided by the pixels that have the class. Pixels that are wrongly given the class belong to the "
            "union too.",
            lambda labels, predicted, classes: float(
                np.nanmean(_ratios(labels, predicted, classes, divide="right"))
            ),
        ),
        Misconception(
            "precision",
            "You divided by the pixels that were given the class. Pixels of the class that were missed belong to the "
            "union too.",
            lambda labels, predicted, classes: float(
                np.nanmean(_ratios(labels, predicted, classes, divide="predicted"))
            ),
        ),
        Misconception(
            "shared pixels counted twice",
            "Your union counts the shared pixels twice.",
            lambda labels, predicted, classes: float(
                np.nanmean(_ratios(labels, predicted, classes, divide="both twice"))
            ),
        ),
        Misconception(
            "twice the shared part",
            "2 |a ∩ b| / (|a| + |b|) is another measure, called Dice; IoU divides by the union.",
            lambda labels, predicted, classes: float(
                2 * np.nanmean(_ratios(labels, predicted, classes, divide="both twice"))
            ),
        ),
        Misconception(
            "background left out",
            "You started with class 1. Here background is a class like the others.",
            lambda labels, predicted, classes: float(
                np.nanmean(_ratios(labels, predicted, classes)[1:])
            ),
        ),
        Misconception(
            "an absent class counts as 0",
            "A class that is neither there nor predicted got the IoU 0. Nothing was done wrong with it: leave it out.",
            lambda labels, predicted, classes: float(
                np.nan_to_num(_ratios(labels, predicted, classes)).mean()
            ),
        ),
        Misconception(
            "an absent class divides by nothing",
            "A class that is neither there nor predicted has an empty union, and 0 divided by 0 spoils your mean: "
            "leave it out.",
            lambda labels, predicted, classes: float(np.mean(_ratios(labels, predicted, classes))),
        ),
        Misconception(
            "void counted, and an absent class as 0",
            "Two things: void pixels do not count, and a class that is neither there nor predicted is left out.",
            lambda labels, predicted, classes: float(
                np.nan_to_num(_ratios(labels, predicted, classes, void=False)).mean()
            ),
        ),
        Misconception(
            "an absent class counts as 1",
            "A class that is neither there nor predicted got the IoU 1, a present for nothing: leave it out.",
            lambda labels, predicted, classes: float(
                np.nan_to_num(_ratios(labels, predicted, classes), nan=1.0).mean()
            ),
        ),
        Misconception(
            "only classes that are there",
            "You left out a class that is predicted without being there. Its union is not empty, and its IoU is 0.",
            lambda labels, predicted, classes: float(
                np.mean(
                    [
                        one
                        for k, one in enumerate(_ratios(labels, predicted, classes))
                        if (labels == k).any()
                    ]
                )
            ),
        ),
        Misconception(
            "all classes thrown together",
            "You added the shared pixels of all classes and divided by the added unions. Divide for every class, then "
            "take the mean.",
            _summed,
        ),
        Misconception(
            "weighted by pixels",
            "Your mean gives common classes more weight. In the mean IoU every class counts the same.",
            _weighted,
        ),
    ),
)
