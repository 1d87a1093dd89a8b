"""Losses: one number that says how wrong the scores are, averaged over the batch.

Every loss takes scores, not probabilities: what the last linear layer computes. The exponentials are
inside the loss, where they cancel against the logarithm before anything overflows.
"""

from typing import NamedTuple, SupportsFloat

import numpy as np
from jaxtyping import Bool, Float, Integer, Num

from coursekit.reference.activations import sigmoid
from coursekit.reference.arguments import as_float_array, as_number, check_cache


class BceWithLogitsCache(NamedTuple):
    """What bce_with_logits_backward needs."""

    error: np.ndarray  # σ(s) − t


class SoftmaxCrossEntropyCache(NamedTuple):
    """What softmax_cross_entropy_backward needs."""

    p: np.ndarray  # (N, C) probabilities
    labels: np.ndarray  # (N,) a copy


class MulticlassHingeCache(NamedTuple):
    """What multiclass_hinge_backward needs."""

    too_close: np.ndarray  # (N, C), 1 where a wrong class is within the margin, 0 elsewhere
    labels: np.ndarray  # (N,) a copy


def bce_with_logits(
    s: Num[np.ndarray, "*batch"], t: Num[np.ndarray, "*batch"] | Bool[np.ndarray, "*batch"]
) -> np.floating:
    r"""Average the binary cross-entropy between the targets and the sigmoids of the scores.

    .. math::
        L = -\frac{1}{N} \sum_i \Big( t_i \log \sigma(s_i) + (1 - t_i) \log (1 - \sigma(s_i)) \Big)
          = \frac{1}{N} \sum_i \Big( \max(s_i, 0) - s_i t_i + \log (1 + e^{-|s_i|}) \Big)

    The second form is the one computed: it has no logarithm of 0, however sure the score is.

    Args:
        s: scores (logits), usually (N,). In an array of more axes every entry counts as a sample.
        t: targets of the same shape, from 0 to 1, or booleans.

    Returns:
        L: a number in nats, float32 where s is, float64 otherwise.

    Raises:
        TypeError: s or t is not an array of numbers.
        ValueError: the shapes differ, a target is not in [0, 1], or there is no score at all.

    Source: Leal-Taixé and Niessner, slides 8 to 11.
    """
    return bce_with_logits_forward(s, t)[0]


def bce_with_logits_forward(
    s: Num[np.ndarray, "*batch"], t: Num[np.ndarray, "*batch"] | Bool[np.ndarray, "*batch"]
) -> tuple[np.floating, BceWithLogitsCache]:
    """Return ``(L, cache)``: :func:`bce_with_logits`, and what its backward pass needs."""
    s = as_float_array("s", s)
    t = _as_targets(t, s)
    L = np.mean(np.maximum(s, 0) - s * t + np.log1p(np.exp(-np.abs(s))))
    return L, BceWithLogitsCache(np.subtract(sigmoid(s), t, out=np.empty_like(s)))


def bce_with_logits_backward(
    dL: SupportsFloat, cache: BceWithLogitsCache
) -> Float[np.ndarray, "..."]:
    r"""Return ds: the error of the probability. The targets are given, so they get no gradient.

    .. math:: ds_i = dL \; \frac{\sigma(s_i) - t_i}{N}

    Args:
        dL: gradient of what follows with respect to the loss, 1 when nothing follows.
        cache: from :func:`bce_with_logits_forward`.

    Returns:
        ds: of the shape, memory order and dtype of the scores.

    Raises:
        TypeError: dL is not a number, or cache is not bce_with_logits_forward's.
        ValueError: dL is NaN or infinite.

    Source: as for :func:`bce_with_logits`, differentiated.
    """
    check_cache(cache, BceWithLogitsCache, "bce_with_logits_forward")
    dL = as_number("dL", dL)
    return np.multiply(cache.error, dL / cache.error.size, out=np.empty_like(cache.error))


def softmax_cross_entropy(
    s: Num[np.ndarray, "N C"], labels: Integer[np.ndarray, " N"]
) -> np.floating:
    r"""Average how surprised the softmax of the scores is by the labels.

    .. math::
        L = -\frac{1}{N} \sum_i \log p_{i, y_i}
          = \frac{1}{N} \sum_i \Big( \log \sum_k e^{s_{ik} - m_i} - (s_{i, y_i} - m_i) \Big)
        \qquad m_i = \max_k s_{ik}

    Args:
        s: scores (N, C), one row per sample.
        labels: y (N,), the number of the right class of each sample, 0 to C − 1.

    Returns:
        L: a number in nats, float32 where s is, float64 otherwise; log C when all scores are equal.

    Raises:
        TypeError: s is not an array of real numbers, or labels not one of whole numbers.
        ValueError: shapes do not fit, there are no samples or classes, or a label is out of range.

    Source: Leal-Taixé and Niessner, slides 13 to 15.
    """
    return softmax_cross_entropy_forward(s, labels)[0]


def softmax_cross_entropy_forward(
    s: Num[np.ndarray, "N C"], labels: Integer[np.ndarray, " N"]
) -> tuple[np.floating, SoftmaxCrossEntropyCache]:
    """Return ``(L, cache)``: :func:`softmax_cross_entropy`, and what its backward pass needs."""
    s, labels = _as_scores_and_labels(s, labels)
    samples = np.arange(len(s))
    shifted = s - s.max(axis=1, keepdims=True)  # at most 0: nothing overflows
    e = np.exp(shifted)
    total = e.sum(axis=1, keepdims=True)
    L = np.mean(np.log(total[:, 0]) - shifted[samples, labels])
    return L, SoftmaxCrossEntropyCache(e / total, labels)


def softmax_cross_entropy_backward(
    dL: SupportsFloat, cache: SoftmaxCrossEntropyCache
) -> Float[np.ndarray, "N C"]:
    r"""Return ds: the probabilities, less 1 for the right class, over N.

    .. math:: ds_{ic} = dL \; \frac{p_{ic} - [c = y_i]}{N}

    Each row adds up to 0: what pushes the right score up pushes the others down.

    Args, Returns and Raises: as for :func:`bce_with_logits_backward`.

    Source: as for :func:`softmax_cross_entropy`, differentiated.
    """
    check_cache(cache, SoftmaxCrossEntropyCache, "softmax_cross_entropy_forward")
    dL = as_number("dL", dL)
    p, labels = cache
    N = len(p)
    ds = p.copy(order="K")
    ds[np.arange(N), labels] -= 1
    ds *= dL / N
    return ds


def multiclass_hinge(
    s: Num[np.ndarray, "N C"], labels: Integer[np.ndarray, " N"], *, margin: SupportsFloat = 1.0
) -> np.floating:
    r"""Average by how much wrong classes score higher than the right one less a margin.

    .. math:: L = \frac{1}{N} \sum_i \sum_{k \ne y_i} \max(0,\; s_{ik} - s_{i, y_i} + m)

    It is exactly 0 once every right score leads by the margin. torch.nn.functional.multi_margin_loss
    divides this by the number of classes C as well.

    Args:
        s: scores (N, C), one row per sample.
        labels: y (N,), the number of the right class of each sample, 0 to C − 1.
        margin: m, the lead that the right score must have, at least 0.

    Returns:
        L: a number in units of the scores, float32 where s is, float64 otherwise.

    Raises:
        TypeError, ValueError: as for :func:`softmax_cross_entropy`; the margin is not a number,
            below 0, NaN or infinite.

    Source: Leal-Taixé and Niessner, slide 15; CS231n, notes on linear classification; Weston and
    Watkins, Support vector machines for multi-class pattern recognition, 1999.
    """
    return multiclass_hinge_forward(s, labels, margin=margin)[0]


def multiclass_hinge_forward(
    s: Num[np.ndarray, "N C"], labels: Integer[np.ndarray, " N"], *, margin: SupportsFloat = 1.0
) -> tuple[np.floating, MulticlassHingeCache]:
    """Return ``(L, cache)``: :func:`multiclass_hinge`, and what its backward pass needs."""
    s, labels = _as_scores_and_labels(s, labels)
    m = as_number("margin", margin, least=0)
    samples = np.arange(len(s))
    short = np.maximum(0, s - s[samples, labels][:, None] + m)
    short[samples, labels] = 0  # the right class does not compete with itself
    L = short.sum() / len(s)
    return L, MulticlassHingeCache(np.greater(short, 0, out=np.empty_like(short)), labels)


def multiclass_hinge_backward(
    dL: SupportsFloat, cache: MulticlassHingeCache
) -> Float[np.ndarray, "N C"]:
    r"""Return ds: 1 for each class within the margin, less their number for the right class, over N.

    .. math::
        ds_{ik} &= \frac{dL}{N} \, [\, s_{ik} - s_{i, y_i} + m > 0 \,] \qquad k \ne y_i

        ds_{i, y_i} &= -\sum_{k \ne y_i} ds_{ik}

    At the kink, where a class is behind by the margin exactly, the gradient is 0, as in torch.

    Args, Returns and Raises: as for :func:`bce_with_logits_backward`.

    Source: as for :func:`multiclass_hinge`, differentiated.
    """
    check_cache(cache, MulticlassHingeCache, "multiclass_hinge_forward")
    dL = as_number("dL", dL)
    too_close, labels = cache
    N = len(too_close)
    ds = too_close.copy(order="K")
    ds[np.arange(N), labels] = -too_close.sum(axis=1)
    ds *= dL / N
    return ds


def _as_targets(t: object, s: np.ndarray) -> np.ndarray:
    """Return targets of the shape and dtype of the scores; raise where they are none."""
    if isinstance(t, np.ndarray) and t.dtype == bool:
        t = t.astype(s.dtype)
    t = as_float_array("t", t)
    if t.shape != s.shape:
        raise ValueError(f"t has shape {t.shape}, expected the shape of s, {s.shape}")
    if s.size == 0:
        raise ValueError(
            f"s has shape {s.shape}: there is no mean over 0 scores, expected at least 1"
        )
    wrong = ~((t >= 0) & (t <= 1))  # NaN is wrong as well
    if wrong.any():
        first = np.unravel_index(np.argmax(wrong), t.shape)
        place = f"t[{', '.join(map(str, first))}]" if first else "t"
        raise ValueError(f"{place} is {t[first]}, expected a target from 0 to 1")
    return t.astype(s.dtype)


def _as_scores_and_labels(s: object, labels: object) -> tuple[np.ndarray, np.ndarray]:
    """Return scores and a copy of the labels that index them; raise where they do not fit."""
    s = as_float_array("s", s)
    if s.ndim != 2:
        raise ValueError(f"s has shape {s.shape}, expected (N, C): a row of scores per sample")
    N, C = s.shape
    if N == 0:
        raise ValueError(
            f"s has shape {s.shape}: there is no mean over 0 samples, expected at least 1"
        )
    if C == 0:
        raise ValueError(f"s has shape {s.shape}, expected at least 1 class")
    # a masked array is refused because its hidden labels would count like any other
    if not isinstance(labels, np.ndarray) or isinstance(labels, np.ma.MaskedArray):
        raise TypeError(
            f"labels is a {type(labels).__name__}, expected a NumPy array of whole numbers"
        )
    labels = np.asarray(labels)
    if labels.dtype.kind not in "iu":
        raise TypeError(
            f"labels holds {labels.dtype}, expected whole numbers: labels.astype(int) makes them"
        )
    if labels.shape != (N,):
        raise ValueError(
            f"labels has shape {labels.shape}, expected ({N},): one class number for each sample"
        )
    wrong = (labels < 0) | (labels >= C)  # NumPy would count a negative one from the end
    if wrong.any():
        i = np.argmax(wrong)
        raise ValueError(f"labels[{i}] is {labels[i]}, expected 0 to {C - 1}: s has {C} classes")
    return s, labels.astype(np.intp)
