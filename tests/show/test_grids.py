"""Number grids, typed numbers and image galleries."""

import numpy as np
import pytest

from coursekit.show.figure import canvas
from coursekit.show.grids import by_value, frame, number_grid, sub, tint
from coursekit.show.images import gallery, show_image
from coursekit.show.typed import matrix, numbers


def test_a_grid_writes_its_numbers_and_names():
    _, ax = canvas(4, 3)
    number_grid(ax, np.array([[1, 0], [2.5, -3]]), "T", row_name="y", column_name="x", zeros=False)
    assert {text.get_text(): text.get_position() for text in ax.texts} == {
        "1": (0, 0), "2.5": (0, 1), "-3": (1, 1),
    }  # fmt: skip
    assert [label.get_text() for label in ax.get_xticklabels()] == ["x₀", "x₁"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["y₀", "y₁"]
    assert ax.get_xlabel() == "T"
    _, ax = canvas(4, 3)
    number_grid(ax, np.zeros((2, 2)), "T")
    assert [text.get_text() for text in ax.texts] == ["0"] * 4
    assert [label.get_text() for label in ax.get_xticklabels()] == ["", ""]


def test_equal_numbers_have_one_color_and_zero_is_white():
    fills = by_value(np.array([[0, 1, 2], [1, 2, 0]]))
    assert np.array_equal(fills[0, 0], [1, 1, 1])
    assert np.array_equal(fills[1, 2], [1, 1, 1])
    assert np.array_equal(fills[0, 1], fills[1, 0])
    assert np.array_equal(fills[0, 2], fills[1, 1])
    assert len({tuple(color) for color in fills.reshape(-1, 3)}) == 3


def test_a_frame_surrounds_its_cells():
    _, ax = canvas(4, 3)
    frame(ax, 1, 2, 0, 4)
    (patch,) = ax.patches
    assert (*patch.get_xy(), patch.get_width(), patch.get_height()) == (-0.5, 0.5, 5, 2)


def test_a_tint_is_lighter_and_subscripts_have_all_digits():
    assert tint("#000000") == pytest.approx((0.55, 0.55, 0.55))
    assert tint("#ff0000") == pytest.approx((1, 0.55, 0.55))
    assert sub(1024) == "₁₀₂₄"


def test_numbers_as_a_person_types_them():
    assert np.array_equal(numbers(" 1, -2  .5"), [1, -2, 0.5])
    assert np.array_equal(matrix("1 0 -1; 2 0 -2;\n1 0 -1;"), [[1, 0, -1], [2, 0, -2], [1, 0, -1]])


@pytest.mark.parametrize(
    ("read", "text", "says"),
    [
        (numbers, " ", "the kernel is empty"),
        (numbers, "1, two", "'1, two' has something else than numbers"),
        (numbers, "1 nan", "not finite"),
        (matrix, "1 2; 3", r"\[2, 1\] numbers, expected the same in each"),
        (matrix, "1 2;; 3 4", "the kernel is empty"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(read, text, says):
    with pytest.raises(ValueError, match=says):
        read(text)


def test_images_in_gray_in_color_and_signed():
    _, ax = canvas(4, 3)
    show_image(ax, np.array([[0.0, 2.0]]), "too bright")
    assert ax.images[0].get_clim() == (0, 1)
    assert ax.images[0].get_array().max() == 1
    show_image(ax, np.array([[-3.0, 2.0]]), "signed", signed=True)
    assert ax.images[1].get_clim() == (-3, 3)
    show_image(ax, np.zeros((2, 2)), "nothing", signed=True)
    assert ax.images[2].get_clim() == (-1, 1)


def test_a_gallery_has_alt_text_and_caption():
    images = {f"image {k}": np.zeros((4, 6)) for k in range(5)}
    drawn = gallery(images, "Five black images.", "Nothing is to be seen.", columns=3)
    assert drawn.png.startswith(b"\x89PNG")
    assert (drawn.alt, drawn.caption) == ("Five black images.", "Nothing is to be seen.")
