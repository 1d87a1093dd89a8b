"""Scenes: the masks are exact, void lies around objects, boxes hold them, and the seed decides everything."""

import numpy as np
import pytest

from coursekit.data import FASHION_MNIST_CLASSES, SCENE_GARMENTS, Scenes, fashion_mnist, scenes
from coursekit.errors import CourseError


@pytest.fixture(scope="module")
def alone() -> Scenes:
    return scenes(40, objects=(1, 1), seed=3)


@pytest.fixture(scope="module")
def crowd() -> Scenes:
    return scenes(40, size=(48, 80), objects=(2, 5), seed=4)


def test_shapes_and_kinds_are_as_promised(crowd: Scenes) -> None:
    shapes = [(40, 1, 48, 80), (40, 48, 80), (40, 5), (40, 5, 4)]
    assert [one.shape for one in crowd] == shapes
    assert [one.dtype for one in crowd] == [np.uint8, np.uint8, np.int64, np.int64]
    assert set(np.unique(crowd.masks)) == {0, 1, 2, 3, 4, 255}


def test_the_seed_decides_and_test_scenes_are_others() -> None:
    same, again, other, tested = (
        scenes(2, seed=5),
        scenes(2, seed=5),
        scenes(2, seed=6),
        scenes(2, seed=5, test=True),
    )
    assert all(map(np.array_equal, same, again))
    assert not np.array_equal(same.x, other.x)
    assert not np.array_equal(same.x, tested.x)


@pytest.mark.parametrize("test", [False, True])
def test_an_object_is_a_garment_of_its_class_and_of_its_part(test: bool) -> None:
    """Cut every object out along its box and look its pixels up in the images of its class."""
    data = fashion_mnist()
    images, labels = (data.x_test, data.labels_test) if test else (data.x, data.labels)
    found = scenes(4, objects=(1, 1), seed=8, test=test)
    for x, mask, (label,), (box,) in zip(*found, strict=True):
        number = FASHION_MNIST_CLASSES.index(SCENE_GARMENTS[label - 1])
        top, left, bottom, right = box
        cut = np.where(mask == label, x[0], 0)[top:bottom, left:right]
        kept = images[labels == number, 0]
        kept = np.where(kept > 20, kept, 0)
        places = [
            kept[:, i : i + bottom - top, j : j + right - left]
            for i in range(29 - (bottom - top))
            for j in range(29 - (right - left))
        ]
        assert any((place == cut).all(axis=(1, 2)).any() for place in places)


def test_the_box_is_the_smallest_that_holds_the_object(alone: Scenes) -> None:
    for mask, label, (top, left, bottom, right) in zip(
        alone.masks, alone.labels[:, 0], alone.boxes[:, 0], strict=True
    ):
        rows, columns = np.nonzero(mask == label)
        assert (rows.min(), columns.min()) == (top, left)
        assert (rows.max() + 1, columns.max() + 1) == (bottom, right)


def test_void_is_what_is_within_the_border_of_an_object_and_not_in_it() -> None:
    for border in (0, 1, 2):
        found = scenes(3, objects=(1, 1), seed=9, border=border)
        for mask in found.masks:
            inside = (mask > 0) & (mask < 255)
            near = np.zeros_like(inside)
            for i, j in zip(*np.nonzero(inside), strict=True):
                near[max(0, i - border) : i + border + 1, max(0, j - border) : j + border + 1] = (
                    True
                )
            assert np.array_equal(mask == 255, near & ~inside)


def test_a_later_object_hides_an_earlier_one() -> None:
    """The last object is always whole: its box is full of its class up to the edge."""
    found = scenes(60, size=32, objects=(4, 4), seed=10)
    hidden = 0
    for mask, labels, boxes in zip(found.masks, found.labels, found.boxes, strict=True):
        top, left, bottom, right = boxes[-1]
        piece = mask[top:bottom, left:right] == labels[-1]
        assert piece.any(axis=1).all()
        assert piece.any(axis=0).all()
        hidden += sum(not (mask == label).any() for label in labels)
    assert hidden > 0


def test_scenes_have_from_the_fewest_to_the_most_objects(crowd: Scenes) -> None:
    counts = (crowd.labels > 0).sum(axis=1)
    assert set(counts) == {2, 3, 4, 5}
    for labels, boxes, count in zip(crowd.labels, crowd.boxes, counts, strict=True):
        assert (labels[:count] > 0).all()
        assert not labels[count:].any()
        assert not boxes[count:].any()


def test_classes_follow_the_order_of_the_garments() -> None:
    one = scenes(5, objects=(1, 1), garments=["Bag", "Sandal"], seed=1)
    assert set(one.labels.ravel()) <= {1, 2}
    only = scenes(5, objects=(1, 1), garments=["Bag"], seed=1)
    assert set(only.labels.ravel()) == {1}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"count": 0}, "count is 0"),
        ({"size": 27}, "28 by 28"),
        ({"size": (64, 20)}, "28 by 28"),
        ({"objects": (3, 2)}, r"objects is \(3, 2\)"),
        ({"objects": (0, 2)}, "at least 1"),
        ({"border": -1}, "border is -1"),
        ({"garments": ["Hat"]}, "Hat"),
        ({"garments": []}, "different names"),
        ({"garments": ["Bag", "Bag"]}, "different names"),
    ],
)
def test_what_does_not_fit_is_said(wrong: dict, sentence: str) -> None:
    with pytest.raises(CourseError, match=sentence):
        scenes(**{"count": 1, **wrong})
