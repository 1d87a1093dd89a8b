"""How well pixels are labeled and objects found: confusion matrix, pixel accuracy, intersection over union."""

import numpy as np
from jaxtyping import Float, Int64, Integer, Num

from coursekit.reference.arguments import as_count, as_float_array

VOID = 255  # the label of pixels that do not count


def confusion_matrix(
    labels: Integer[np.ndarray, "*shape"],
    predicted: Integer[np.ndarray, "*shape"],
    classes: int,
    *,
    void: int = VOID,
) -> Int64[np.ndarray, "classes classes"]:
    r"""Count the pixels of every class that are taken for every class.

    .. math:: M_{i,j} = \#\{\text{pixels labeled } i \text{ and predicted to be } j\}

    Args:
        labels: the right class of every pixel, 0 to classes - 1, or void.
        predicted: the predicted ones, of the same shape, where labels are not void 0 to classes - 1.
        classes: how many there are, background included.
        void: the label of pixels that are left out, whatever is predicted there.

    Returns:
        M: rows are right classes, columns predicted ones.

    Raises:
        TypeError: labels or predicted is not an array of whole numbers.
        ValueError: the shapes differ, or a class is out of range.

    Source: Long et al. 2015, Fully convolutional networks for semantic segmentation, section 5.
    """
    classes = as_count("classes", classes, 1)
    for name, one in (("labels", labels), ("predicted", predicted)):
        if not isinstance(one, np.ndarray) or one.dtype.kind not in "iu":
            raise TypeError(
                f"{name} is no NumPy array of whole numbers, expected one class a pixel"
            )
    if labels.shape != predicted.shape:
        raise ValueError(
            f"labels has shape {labels.shape} and predicted has {predicted.shape}, expected the same"
        )
    counted = labels != void
    pairs = [one[counted].astype(np.int64) for one in (labels, predicted)]
    for name, one in zip(("labels", "predicted"), pairs, strict=True):
        if one.size and not (one.min() >= 0 and one.max() < classes):
            raise ValueError(
                f"{name} has classes from {one.min()} to {one.max()}, expected 0 to {classes - 1}"
            )
    counts = np.bincount(pairs[0] * classes + pairs[1], minlength=classes**2)
    return counts.reshape(classes, classes)


def pixel_accuracy(confusion: Num[np.ndarray, "classes classes"]) -> float:
    r"""Return the share of pixels that are labeled right, NaN where no pixel counts.

    .. math:: \sum_i M_{i,i} \Big/ \sum_{i,j} M_{i,j}

    Args:
        confusion: M, from :func:`confusion_matrix`.

    Raises:
        TypeError: confusion is not an array of real numbers.
        ValueError: it is not square.

    Source: as for :func:`confusion_matrix`.
    """
    confusion = _square(confusion)
    total = confusion.sum()
    return float(np.trace(confusion) / total) if total else float("nan")


def class_iou(confusion: Num[np.ndarray, "classes classes"]) -> Float[np.ndarray, " classes"]:
    r"""Return intersection over union of every class; NaN for a class that is neither there nor predicted.

    .. math:: \text{IoU}_i = \frac{M_{i,i}}{\sum_j M_{i,j} + \sum_j M_{j,i} - M_{i,i}}

    Args and Raises: as for :func:`pixel_accuracy`.

    Source: as for :func:`confusion_matrix`.
    """
    confusion = _square(confusion)
    both = np.diag(confusion)
    either = confusion.sum(axis=0) + confusion.sum(axis=1) - both
    return np.divide(both, either, out=np.full(len(both), np.nan), where=either > 0)


def mean_iou(confusion: Num[np.ndarray, "classes classes"]) -> float:
    """Return the mean of :func:`class_iou` over the classes that are there or predicted, NaN if none is.

    Args and Raises: as for :func:`pixel_accuracy`.

    Source: as for :func:`confusion_matrix`.
    """
    found = class_iou(confusion)
    found = found[~np.isnan(found)]
    return float(found.mean()) if found.size else float("nan")


def box_iou(
    a: Num[np.ndarray, "*#shape 4"], b: Num[np.ndarray, "*#shape 4"]
) -> Float[np.ndarray, "*shape"]:
    r"""Return intersection over union of boxes, pair by pair.

    .. math:: \text{IoU} = \frac{|a \cap b|}{|a| + |b| - |a \cap b|}

    Args:
        a: boxes (..., 4): top, left, bottom, right in pixels, bottom and right outside the box. A box whose end is
            not beyond its start is empty.
        b: boxes, of a shape that broadcasts with that of a.

    Returns:
        From 0 to 1 for every pair; 0 where both are empty.

    Raises:
        TypeError: a or b is not an array of real numbers.
        ValueError: the last axis of one is not 4 long, or the shapes do not broadcast.

    Source: Everingham et al. 2010, The Pascal visual object classes challenge, section 4.2.
    """
    a, b = as_float_array("a", a), as_float_array("b", b)
    if a.shape[-1:] != (4,) or b.shape[-1:] != (4,):
        raise ValueError(
            f"a has shape {a.shape} and b has {b.shape}, expected (..., 4): top, left, bottom, right"
        )
    start, end = np.maximum(a[..., :2], b[..., :2]), np.minimum(a[..., 2:], b[..., 2:])
    both = _area(start, end)
    either = _area(a[..., :2], a[..., 2:]) + _area(b[..., :2], b[..., 2:]) - both
    return np.divide(both, either, out=np.zeros(both.shape, both.dtype), where=either > 0)


def _area(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return height times width, 0 where one of them is negative."""
    return np.asarray(np.maximum(end - start, 0).prod(axis=-1))


def _square(confusion: object) -> np.ndarray:
    confusion = as_float_array("confusion", confusion)
    if confusion.ndim != 2 or confusion.shape[0] != confusion.shape[1] or confusion.size == 0:
        raise ValueError(f"confusion has shape {confusion.shape}, expected (classes, classes)")
    return confusion
