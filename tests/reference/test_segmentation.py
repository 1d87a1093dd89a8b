"""Confusion matrix, pixel accuracy, intersection over union: by hand, and against scikit-learn and sets of pixels."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, jaccard_score
from sklearn.metrics import confusion_matrix as sklearn_confusion

from coursekit.reference import box_iou, class_iou, confusion_matrix, mean_iou, pixel_accuracy

RIGHT = np.array([[0, 0, 1], [2, 2, 255]])
FOUND = np.array([[0, 1, 1], [2, 0, 1]])


def labelings(seed, classes=4, void=0.2):
    rng = np.random.default_rng(seed)
    right = rng.integers(classes, size=(3, 5, 6))
    found = np.where(rng.random(right.shape) < 0.5, right, rng.integers(classes, size=right.shape))
    right[rng.random(right.shape) < void] = 255
    return right, found


def test_rows_are_right_and_columns_predicted_and_void_does_not_count():
    M = confusion_matrix(RIGHT, FOUND, 3)
    assert M.tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 1]]
    assert M.dtype == np.int64


def test_a_hand_example_of_all_measures():
    M = confusion_matrix(RIGHT, FOUND, 3)
    assert pixel_accuracy(M) == 3 / 5
    assert class_iou(M).tolist() == [1 / 3, 1 / 2, 1 / 2]
    assert mean_iou(M) == pytest.approx(4 / 9)


@pytest.mark.parametrize("seed", range(5))
def test_measures_agree_with_scikit_learn(seed):
    right, found = labelings(seed)
    M = confusion_matrix(right, found, 4)
    counted = right != 255
    pair = right[counted], found[counted]
    assert np.array_equal(M, sklearn_confusion(*pair, labels=range(4)))
    assert pixel_accuracy(M) == pytest.approx(accuracy_score(*pair))
    np.testing.assert_allclose(class_iou(M), jaccard_score(*pair, average=None))
    assert mean_iou(M) == pytest.approx(jaccard_score(*pair, average="macro"))


def test_matrices_of_parts_add_up_to_the_matrix_of_all():
    right, found = labelings(7)
    parts = [confusion_matrix(a, b, 4) for a, b in zip(right, found, strict=True)]
    assert np.array_equal(sum(parts), confusion_matrix(right, found, 4))


def test_a_class_that_is_nowhere_is_left_out_and_one_that_is_only_predicted_counts_as_nothing_right():
    M = confusion_matrix(np.array([0, 0, 1]), np.array([0, 2, 1]), 4)
    assert class_iou(M)[:3].tolist() == [0.5, 1, 0]
    assert np.isnan(class_iou(M)[3])
    assert mean_iou(M) == 0.5


def test_where_nothing_counts_there_is_no_number():
    M = confusion_matrix(np.full((2, 2), 255), np.zeros((2, 2), int), 3)
    assert M.sum() == 0
    assert np.isnan(pixel_accuracy(M))
    assert np.isnan(mean_iou(M))


def test_void_may_be_another_label_and_whatever_is_predicted_there_is_not_looked_at():
    right, found = np.array([0, 9, 1]), np.array([0, 77, 1])
    assert confusion_matrix(right, found, 2, void=9).tolist() == [[1, 0], [0, 1]]


def test_small_integers_do_not_overflow():
    right = np.full(3, 200, np.uint8)
    assert confusion_matrix(right, right, 250)[200, 200] == 3


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("right", "found", "classes", "error", "sentence"),
    [
        (np.zeros(2, int), np.zeros(3, int), 2, ValueError, r"\(2,\) and predicted has \(3,\)"),
        (np.array([0, 5]), np.zeros(2, int), 2, ValueError, "labels has classes from 0 to 5"),
        (np.zeros(2, int), np.array([-1, 0]), 2, ValueError, "predicted has classes from -1"),
        (np.zeros(2), np.zeros(2, int), 2, TypeError, "labels is no NumPy array of whole"),
        (np.zeros(2, int), [0, 0], 2, TypeError, "predicted is no NumPy array"),
        (np.zeros(2, int), np.zeros(2, int), 0, ValueError, "classes is 0"),
    ],
)
def test_labels_that_do_not_fit(right, found, classes, error, sentence):
    with pytest.raises(error, match=sentence):
        confusion_matrix(right, found, classes)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("measure", [pixel_accuracy, class_iou, mean_iou])
@pytest.mark.parametrize("shape", [(2, 3), (4,), (0, 0)])
def test_a_confusion_matrix_is_square(measure, shape):
    with pytest.raises(ValueError, match=r"expected \(classes, classes\)"):
        measure(np.zeros(shape))


def test_boxes_by_hand():
    a = np.array([0, 0, 28, 28])
    assert box_iou(a, a) == 1
    assert box_iou(a, a + 7) == pytest.approx(441 / 1127)
    assert box_iou(a, a + 28) == 0
    assert box_iou(a, np.array([7, 7, 14, 14])) == pytest.approx(49 / 784)
    assert box_iou(a, a + np.array([40, 40, 40, 40])) == 0  # two negative sides are no area
    assert box_iou(np.array([3, 3, 3, 9]), np.array([3, 3, 3, 9])) == 0  # nothing over nothing
    assert box_iou(np.array([5, 5, 2, 2]), a) == 0  # ends before it starts


def test_boxes_agree_with_sets_of_pixels():
    rng = np.random.default_rng(0)
    boxes = rng.integers(0, 12, size=(2, 60, 2)), rng.integers(1, 12, size=(2, 60, 2))
    a, b = np.concatenate([boxes[0], boxes[0] + boxes[1]], axis=2)

    def pixels(box):
        return {(i, j) for i in range(box[0], box[2]) for j in range(box[1], box[3])}

    sets = [(pixels(one), pixels(other)) for one, other in zip(a, b, strict=True)]
    expected = [len(one & other) / len(one | other) for one, other in sets]
    np.testing.assert_allclose(box_iou(a, b), expected)
    np.testing.assert_allclose(box_iou(b, a), expected)
    assert 0 < np.count_nonzero(expected) < 60


def test_boxes_broadcast_and_keep_their_precision():
    a, b = np.zeros((3, 1, 4), np.float32), np.zeros((1, 5, 4), np.float32)
    a[..., 2:], b[..., 2:] = 2, 4
    found = box_iou(a, b)
    assert found.shape == (3, 5)
    assert found.dtype == np.float32
    assert (found == 0.25).all()


@pytest.mark.usefixtures("unchecked_shapes")
def test_boxes_have_four_numbers():
    with pytest.raises(ValueError, match="top, left, bottom, right"):
        box_iou(np.zeros(3), np.zeros(4))
    with pytest.raises(TypeError, match="b is a list"):
        box_iou(np.zeros(4), [0, 0, 1, 1])
