"""Binary cross-entropy, softmax cross-entropy and hinge loss, against torch and their formulas."""

import math

import numpy as np
import pytest
import torch
from contract import Boastful, arrays, check_order, check_ownership, laid_out, shapes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from problems import RELATIVE
from refusals import computed_or_refused
from test_bad_input import ARRAYS, array, assert_refused, is_numbers

from coursekit.reference.activations import sigmoid
from coursekit.reference.gradcheck import gradcheck
from coursekit.reference.losses import (
    bce_with_logits,
    bce_with_logits_backward,
    bce_with_logits_forward,
    multiclass_hinge,
    multiclass_hinge_backward,
    multiclass_hinge_forward,
    softmax_cross_entropy,
    softmax_cross_entropy_backward,
    softmax_cross_entropy_forward,
)
from coursekit.reference.softmax import softmax

fuzz = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

BCE = (bce_with_logits, bce_with_logits_forward, bce_with_logits_backward)
SOFTMAX = (
    softmax_cross_entropy,
    softmax_cross_entropy_forward,
    softmax_cross_entropy_backward,
)
HINGE = (multiclass_hinge, multiclass_hinge_forward, multiclass_hinge_backward)
OF_CLASSES = {"softmax_cross_entropy": SOFTMAX, "multiclass_hinge": HINGE}
of_classes = pytest.mark.parametrize("loss", OF_CLASSES.values(), ids=OF_CLASSES)
every = pytest.mark.parametrize(
    "loss", (BCE, *OF_CLASSES.values()), ids=("bce_with_logits", *OF_CLASSES)
)


@st.composite
def classified(draw):
    """Draw scores (N, C) and labels."""
    N, C = draw(st.integers(1, 5), label="N"), draw(st.integers(1, 5), label="C")
    s = draw(arrays(st.just((N, C))))
    kind = draw(st.sampled_from([np.int64, np.int32, np.uint8, np.uint64]), label="labels' dtype")
    labels = draw(st.lists(st.integers(0, C - 1), min_size=N, max_size=N), label="labels")
    return s, laid_out(np.array(labels, kind), draw(st.sampled_from(["plain", "reversed"])))


@st.composite
def judged(draw):
    """Draw scores and targets of the same shape, hard ones or soft ones, of any type."""
    s = draw(arrays(shapes(side=1)))
    t = np.asarray(np.random.default_rng(s.size).random(s.shape))
    kind = draw(st.sampled_from([np.float64, np.float32, bool, np.int8]), label="targets' dtype")
    t = np.asarray(np.round(t) if draw(st.booleans(), label="hard") else t).astype(kind)
    return s, laid_out(t, draw(st.sampled_from(["plain", "axes swapped"])))


def check(loss, twin, s, target, dL, **options):
    """Hold a loss on read-only arrays to torch in float64, and to all that the package promises."""
    op, forward, backward = loss
    L, cache = forward(s, target, **options)
    ds = backward(dL, cache)
    assert op(s, target, **options) == L
    assert L.dtype == ds.dtype == s.dtype
    assert L.shape == ()

    s_t = torch.tensor(s.astype(np.float64, order="C"), requires_grad=True)
    t_t = torch.tensor(target.astype(np.float64 if loss is BCE else np.int64, order="C"))
    L_torch = twin(s_t, t_t)
    L_torch.backward(torch.tensor(float(dL), dtype=torch.float64))
    # the terms that cancel: scores in the loss, probabilities and ones in the gradient
    tolerance, count = RELATIVE[s.dtype], s.size if loss is BCE else len(s)
    assert abs(L - L_torch.item()) <= tolerance * (1 + np.abs(s).max())
    terms = s.shape[1] if loss is HINGE else 1
    assert ds.shape == s.shape
    assert np.all(np.abs(ds - s_t.grad.numpy()) <= tolerance * abs(dL) * terms / count)
    check_order(s, ds)
    check_ownership((s, target), (ds,), cache)

    # changing the arguments, or the gradient, after the forward pass changes no gradient
    s_mine, target_mine = s.copy(order="K"), target.copy()
    _, cache = forward(s_mine, target_mine, **options)
    s_mine += 7
    target_mine[...] = 0
    again = backward(dL, cache)
    assert again.tobytes() == ds.tobytes()
    again *= 2
    assert backward(dL, cache).tobytes() == ds.tobytes()


factors = st.sampled_from([1.0, 1, 0, -2.5, np.float32(0.5), np.array(3.0)])


@given(judged(), factors)
def test_bce_with_logits_is_torchs(problem, dL):
    twin = torch.nn.functional.binary_cross_entropy_with_logits
    check(BCE, twin, *problem, dL)


@given(classified(), factors)
def test_softmax_cross_entropy_is_torchs(problem, dL):
    check(SOFTMAX, torch.nn.functional.cross_entropy, *problem, dL)


@given(classified(), factors, st.sampled_from([0, 0.5, 1.0, 2, np.float32(3)]))
def test_multiclass_hinge_is_torchs_times_the_number_of_classes(problem, dL, margin):
    s, labels = problem

    def twin(s_t, labels_t):
        loss = torch.nn.functional.multi_margin_loss(s_t, labels_t, margin=float(margin))
        return loss * s.shape[1]

    check(HINGE, twin, s, labels, dL, margin=margin)


@given(classified())
def test_losses_of_classes_are_their_formulas(problem):
    s, labels = problem[0].astype(float), problem[1]
    N, C = s.shape
    surprise = sum(-math.log(softmax(s)[i, labels[i]]) for i in range(N)) / N
    assert math.isclose(softmax_cross_entropy(s, labels), surprise, abs_tol=1e-14)
    hinge = sum(
        max(0, s[i, k] - s[i, labels[i]] + 1) for i in range(N) for k in range(C) if k != labels[i]
    )
    assert math.isclose(multiclass_hinge(s, labels), hinge / N, abs_tol=1e-14)


@given(judged())
def test_bce_is_its_formula(problem):
    s, t = problem[0].astype(float), problem[1].astype(float)
    p = sigmoid(s)
    terms = -(t * np.log(p) + (1 - t) * np.log(1 - p))
    assert math.isclose(bce_with_logits(s, t), terms.mean(), rel_tol=1e-9, abs_tol=1e-12)


def test_bce_is_the_cross_entropy_of_two_classes():
    s, labels = np.linspace(-5, 5, 11), np.arange(11) % 2
    two = np.stack([np.zeros_like(s), s], axis=1)
    assert math.isclose(bce_with_logits(s, labels), softmax_cross_entropy(two, labels))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_scores_of_plus_and_minus_1000(dtype):
    s = np.array([1000, -1000, 1000, -1000], dtype)
    t = np.array([1, 0, 0, 1])
    L, cache = bce_with_logits_forward(s, t)
    assert L == 500
    assert np.array_equal(bce_with_logits_backward(1, cache), [0, 0, 0.25, -0.25])
    s = np.array([[1000, -1000], [1000, -1000]], dtype)
    labels = np.array([0, 1])
    L, cache = softmax_cross_entropy_forward(s, labels)
    assert L == 1000
    assert np.array_equal(softmax_cross_entropy_backward(1, cache), [[0, 0], [0.5, -0.5]])
    L, cache = multiclass_hinge_forward(s, labels)
    assert L == 1000.5
    assert np.array_equal(multiclass_hinge_backward(1, cache), [[0, 0], [0.5, -0.5]])


def test_the_hinge_by_hand():
    # row 0: cat leads by 2, dog is exactly at the margin; row 1: both others are within it
    s = np.array([[3.0, 1, 2], [0, 1, 0.5]])
    L, cache = multiclass_hinge_forward(s, np.array([0, 2]))
    assert L == (0 + 0 + 0.5 + 1.5) / 2
    ds = multiclass_hinge_backward(1, cache)
    assert np.array_equal(ds, [[0, 0, 0], [0.5, 0.5, -1]])
    assert multiclass_hinge(s, np.array([0, 2]), margin=2) == (0 + 1 + 1.5 + 2.5) / 2
    assert multiclass_hinge(s, np.array([0, 2]), margin=0) == (0 + 0 + 0 + 0.5) / 2


def test_a_learner_who_knows_nothing():
    # equal scores: log C, the number to expect before training; and C − 1 margins
    for C in (1, 2, 10, 1000):
        s, labels = np.zeros((4, C)), np.arange(4) % C
        assert math.isclose(softmax_cross_entropy(s, labels), math.log(C))
        assert multiclass_hinge(s, labels) == C - 1
    assert math.isclose(bce_with_logits(np.zeros(3), np.array([0, 1, 1])), math.log(2))


def test_the_hinge_is_content_where_cross_entropy_is_not():
    # Leal-Taixé and Niessner, slide 15: the hinge loss reaches 0, the other one only nears it
    s, labels = np.array([[5.0, 1, 1]]), np.array([0])
    assert multiclass_hinge(s, labels) == 0
    assert math.isclose(softmax_cross_entropy(s, labels), math.log(1 + 2 * math.exp(-4)))
    assert not multiclass_hinge_backward(1, multiclass_hinge_forward(s, labels)[1]).any()
    ds = softmax_cross_entropy_backward(1, softmax_cross_entropy_forward(s, labels)[1])
    assert ds[0, 0] < 0 < ds[0, 1] == ds[0, 2]


@of_classes
@given(problem=classified())
def test_what_pushes_one_score_up_pushes_others_down(loss, problem):
    s, labels = problem
    ds = loss[2](1, loss[1](s.astype(float), labels)[1])
    assert np.allclose(ds.sum(axis=1), 0, rtol=0, atol=1e-15)


@every
def test_gradcheck_passes(loss):
    _, forward, backward = loss
    if loss is BCE:
        s, target = np.linspace(-4, 4, 9), np.linspace(0, 1, 9)
    else:
        s, target = np.sin(np.arange(12.0) ** 2).reshape(4, 3) * 3, np.array([0, 2, 1, 1])
    assert gradcheck(lambda s: forward(s, target), backward, s)


@every
def test_number_types(loss):
    op, forward, backward = loss
    target = np.array([1, 0])
    for kind in (np.int64, np.uint8, np.float16, np.float32, np.float64, np.dtype(">f4")):
        s = np.array([3, 1]).astype(kind) if loss is BCE else np.array([[3, 1], [2, 5]], kind)
        L, cache = forward(s, target)
        assert isinstance(L, np.float32 if kind is np.float32 else np.float64)
        for dL in (1, 1.0, np.float32(1), np.float64(1), np.int8(1), np.array(1)):
            assert backward(dL, cache).dtype == L.dtype
        # a subclass of array is computed with as a plain array
        assert forward(s.view(Boastful), target.view(Boastful))[0] == L == op(s, target)


@pytest.mark.parametrize("layout", ["plain", "batch last"])
def test_one_score_a_pixel_stays_in_its_order_of_memory(layout):
    s = laid_out(np.random.default_rng(0).standard_normal((3, 2, 5, 6)), layout)
    t = np.ones(s.shape, bool)
    assert bce_with_logits_backward(1, bce_with_logits_forward(s, t)[1]).strides == s.strides


# ---- what does not fit

S, LABELS = np.zeros((3, 4)), np.array([0, 3, 2])


@of_classes
@pytest.mark.parametrize("case", ARRAYS.values(), ids=ARRAYS)
def test_scores_of_classes_that_are_none(loss, case, unchecked_shapes):
    value, kind, *parts = case
    for function in loss[:2]:
        assert_refused(lambda f=function: f(value, LABELS), kind, "s ", *parts)


@pytest.mark.parametrize("case", ARRAYS.values(), ids=ARRAYS)
def test_scores_or_targets_that_are_none(case, unchecked_shapes):
    value, kind, *parts = case
    for function in BCE[:2]:
        assert_refused(lambda f=function: f(value, np.ones(2)), kind, "s ", *parts)
        if parts[0] != "holds bool":
            assert_refused(lambda f=function: f(np.ones(2), value), kind, "t ", *parts)


SHAPES = {
    "1 axis": (np.zeros(3), LABELS, "s has shape (3,), expected (N, C)"),
    "3 axes": (np.zeros((3, 4, 1)), LABELS, "s has shape (3, 4, 1), expected (N, C)"),
    "no samples": (
        np.zeros((0, 4)),
        LABELS[:0],
        "s has shape (0, 4): there is no mean over 0 samples, expected at least 1",
    ),
    "no classes": (np.zeros((3, 0)), LABELS, "s has shape (3, 0), expected at least 1 class"),
    "a column": (S, LABELS[:, None], "labels has shape (3, 1), expected (3,)"),
    "one-hot": (S, np.eye(4, dtype=int)[LABELS], "labels has shape (3, 4), expected (3,)"),
    "too few": (S, LABELS[:2], "labels has shape (2,), expected (3,)"),
    "one for all": (S, LABELS[:1], "labels has shape (1,), expected (3,)"),
    "a number": (S, np.array(1), "labels has shape (), expected (3,)"),
    "beyond": (S, np.array([0, 4, 5]), "labels[1] is 4, expected 0 to 3: s has 4 classes"),
    "negative": (S, np.array([0, 1, -1]), "labels[2] is -1, expected 0 to 3: s has 4 classes"),
    "huge": (S, np.array([2**64 - 1, 0, 0], np.uint64), f"labels[0] is {2**64 - 1}, expected 0"),
}


@of_classes
@pytest.mark.parametrize("case", SHAPES.values(), ids=SHAPES)
def test_labels_that_do_not_fit(loss, case, unchecked_shapes):
    s, labels, message = case
    for function in loss[:2]:
        assert_refused(lambda f=function: f(s, labels), ValueError, message)


LABEL_TYPES = {
    "floats": (np.array([0.0, 1, 2]), "labels holds float64", "whole numbers"),
    "booleans": (np.array([True, False, True]), "labels holds bool", "whole numbers"),
    "strings": (np.array(["cat", "dog", "cat"]), "labels holds <U3", "whole numbers"),
    "objects": (np.array([0, 1, 2], object), "labels holds object", "whole numbers"),
    "a list": ([0, 1, 2], "labels is a list", "NumPy array"),
    "a tensor": (torch.tensor([0, 1, 2]), "labels is a Tensor", "NumPy array"),
    "None": (None, "labels is a NoneType", "NumPy array"),
    "hidden": (np.ma.array([0, 1, 2]), "labels is a MaskedArray", "NumPy array"),
}


@of_classes
@pytest.mark.parametrize("case", LABEL_TYPES.values(), ids=LABEL_TYPES)
def test_labels_of_another_type(loss, case, unchecked_shapes):
    labels, *parts = case
    for function in loss[:2]:
        assert_refused(lambda f=function: f(S, labels), TypeError, *parts)


TARGETS = {
    "a row and a column": (np.zeros(3), np.ones((3, 1)), "t has shape (3, 1)", "(3,)"),
    "a column and a row": (np.zeros((3, 1)), np.ones(3), "t has shape (3,)", "(3, 1)"),
    "one for all": (np.zeros(3), np.ones(1), "t has shape (1,)", "shape of s, (3,)"),
    "no scores": (np.zeros(0), np.ones(0), "s has shape (0,): there is no mean over 0 scores"),
    "no pixels": (np.zeros((2, 0)), np.ones((2, 0)), "s has shape (2, 0): there is no mean over 0"),
    "2": (np.zeros(3), np.array([0, 2, 3]), "t[1] is 2.0, expected a target from 0 to 1"),
    "-1": (np.zeros((1, 2)), np.array([[1, -1]]), "t[0, 1] is -1.0, expected a target from 0"),
    "just beyond": (np.zeros(1), np.array([1 + 1e-12]), "t[0] is 1.000000000001, expected"),
    "NaN": (np.zeros(1), np.array([np.nan]), "t[0] is nan, expected a target from 0 to 1"),
    "one number": (np.array(0.0), np.array(7.0), "t is 7.0, expected a target from 0 to 1"),
}


@pytest.mark.parametrize("case", TARGETS.values(), ids=TARGETS)
def test_targets_that_do_not_fit(case, unchecked_shapes):
    s, t, *parts = case
    for function in BCE[:2]:
        assert_refused(lambda f=function: f(s, t), ValueError, *parts)


NUMBERS = {
    "NaN": (math.nan, ValueError, "is nan, expected a finite number"),
    "infinity": (math.inf, ValueError, "is inf, expected a finite number"),
    "a string": ("1", TypeError, "is '1', expected a finite number"),
    "None": (None, TypeError, "is None, expected a finite number"),
    "True": (True, TypeError, "is True, expected a finite number"),
    "an array": (np.ones(1), TypeError, "is of shape (1,), expected a finite number"),
}


@every
@pytest.mark.parametrize("case", NUMBERS.values(), ids=NUMBERS)
def test_a_gradient_of_the_loss_that_is_none(loss, case, unchecked_shapes):
    dL, kind, message = case
    _, forward, backward = loss
    cache = forward(np.zeros(3), np.zeros(3))[1] if loss is BCE else forward(S, LABELS)[1]
    assert_refused(lambda: backward(dL, cache), kind, "dL " + message)


@pytest.mark.parametrize(
    "case",
    [*NUMBERS.values(), (-0.5, ValueError, "is -0.5, expected a finite number of at least 0")],
    ids=[*NUMBERS, "negative"],
)
def test_a_margin_that_is_none(case, unchecked_shapes):
    margin, kind, message = case
    for function in HINGE[:2]:
        assert_refused(lambda f=function: f(S, LABELS, margin=margin), kind, "margin " + message)


@every
def test_a_cache_that_is_none(loss, unchecked_shapes):
    _, forward, backward = loss
    others = [one[1](S, LABELS)[1] for one in OF_CLASSES.values() if one is not loss]
    others += [] if loss is BCE else [bce_with_logits_forward(np.zeros(3), np.zeros(3))[1]]
    for cache in (None, (), (S, LABELS), *others):
        assert_refused(
            lambda cache=cache: backward(1, cache),
            TypeError,
            f"cache is a {type(cache).__name__}, expected the ",
            f"Cache that {forward.__name__} returns",
        )


some_labels = st.one_of(
    st.lists(st.integers(-1, 5), max_size=5).map(lambda v: np.array(v, int)), array
)


@fuzz
@given(st.one_of(array, arrays(), classified().map(lambda p: p[0])), some_labels)
def test_any_labels_are_computed_with_or_refused(unchecked_shapes, s, labels):
    fits = is_numbers(s) and s.ndim == 2 and s.size > 0
    fits = fits and isinstance(labels, np.ndarray) and labels.dtype.kind in "iu"
    fits = fits and labels.shape == s.shape[:1] and set(labels) <= set(range(s.shape[1]))
    for loss in OF_CLASSES.values():
        L = computed_or_refused(lambda loss=loss: loss[0](s, labels))
        assert (L is not None) == fits


@fuzz
@given(st.one_of(array, arrays()), st.one_of(array, arrays(scale=0.4), st.none()))
def test_any_targets_are_computed_with_or_refused(unchecked_shapes, s, t):
    t = s if t is None else t
    fits = is_numbers(s) and isinstance(t, np.ndarray) and t.dtype.kind in "biuf"
    fits = fits and s.shape == t.shape and s.size > 0 and 0 <= t.min() <= t.max() <= 1
    L = computed_or_refused(lambda: bce_with_logits(s, t))
    assert (L is not None) == bool(fits)


def test_every_example_is_shifted_by_its_own_maximum():
    s = np.array([[0.0, 0.0], [2000.0, 2000.0], [-2000.0, -2000.0]])
    loss, cache = softmax_cross_entropy_forward(s, np.array([0, 1, 0]))
    assert loss == pytest.approx(np.log(2), rel=1e-14)
    assert np.allclose(
        3 * softmax_cross_entropy_backward(1.0, cache), [[-0.5, 0.5], [0.5, -0.5], [-0.5, 0.5]]
    )


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    "loss", [bce_with_logits_forward, softmax_cross_entropy_forward, multiclass_hinge_forward]
)
def test_scores_that_are_a_list_are_named(loss):
    with pytest.raises(TypeError, match=r"^s is a list"):
        loss([[1.0, 2.0]], np.array([0]))
