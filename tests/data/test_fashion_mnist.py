"""Fashion-MNIST as the package ships it: small, balanced, lossless, and refused when damaged."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

from coursekit.data import FASHION_MNIST_CLASSES, Images, fashion_mnist
from coursekit.data import fashion_mnist_subset as making
from coursekit.errors import CourseError

# the package shows the function where the module of the same name would be
SUBSET = Path(making.__file__).with_name("fashion_mnist.npz")


@pytest.fixture(scope="module")
def images() -> Images:
    return fashion_mnist()


def test_there_are_as_many_images_of_each_class(images: Images) -> None:
    assert (images.x.shape, images.x_test.shape) == ((10_000, 1, 28, 28), (2_000, 1, 28, 28))
    assert images.x.dtype == images.x_test.dtype == np.uint8
    assert images.labels.dtype == images.labels_test.dtype == np.int64
    assert np.bincount(images.labels).tolist() == [1000] * 10
    assert np.bincount(images.labels_test).tolist() == [200] * 10
    assert (images.x.min(), images.x.max()) == (0, 255)


def test_classes_are_mixed_so_that_any_slice_is_a_sample(images: Images) -> None:
    assert len(set(images.labels[:100])) == 10


def test_labels_belong_to_their_images(images: Images) -> None:
    assert len(FASHION_MNIST_CLASSES) == 10
    means = [images.x[images.labels == one].mean(axis=0) for one in range(10)]
    trouser, bag = (FASHION_MNIST_CLASSES.index(name) for name in ("Trouser", "Bag"))
    assert means[trouser][0, 14:, 13:15].mean() < 0.5 * means[trouser][0, 14:, 10:12].mean()
    assert means[bag][0, 14:].mean() > 2 * means[trouser][0, 14:].mean()


def test_no_test_image_was_trained_on_under_another_label(images: Images) -> None:
    seen = {x.tobytes(): label for x, label in zip(images.x, images.labels, strict=True)}
    twice = [seen.get(x.tobytes()) for x in images.x_test]
    assert sum(label is not None for label in twice) <= 1


def test_a_caller_may_change_what_it_got(images: Images) -> None:
    mine = fashion_mnist()
    mine.x[:] = 0
    assert fashion_mnist().x.any()


@pytest.mark.parametrize("damage", ["missing", "cut", "bit", "other"])
def test_a_damaged_file_is_refused_in_one_sentence(
    damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, images: Images
) -> None:
    content = bytearray(SUBSET.read_bytes())
    file = tmp_path / "fashion_mnist.npz"
    if damage == "cut":
        file.write_bytes(content[:-1000])
    elif damage == "bit":
        content[2_000_000] ^= 1
        file.write_bytes(content)
    elif damage == "other":
        making.write(images._replace(labels=images.labels[::-1]), file)
    monkeypatch.setitem(fashion_mnist.__globals__, "SUBSET", file)
    with pytest.raises(CourseError, match="is missing or damaged: `git checkout"):
        fashion_mnist()


def test_the_same_images_make_the_same_file_under_6_mb(tmp_path: Path, images: Images) -> None:
    for name in ("one", "other"):
        making.write(images, tmp_path / f"{name}.npz")
    one, other = ((tmp_path / f"{name}.npz").read_bytes() for name in ("one", "other"))
    assert one == other
    assert SUBSET.stat().st_size < 6_000_000


def test_the_license_lies_beside_the_file(course: Path) -> None:
    text = SUBSET.with_name("fashion_mnist.LICENSE.txt").read_text(encoding="utf-8")
    assert "Zalando SE" in text
    assert "Permission is hereby granted, free of charge" in text
    project = tomllib.loads((course / "pyproject.toml").read_text(encoding="utf-8"))
    assert "coursekit/data/fashion_mnist.LICENSE.txt" in project["project"]["license-files"]
