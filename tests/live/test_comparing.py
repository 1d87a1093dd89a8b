"""What was typed is compared with the reference as a person would compare it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.live.comparing import NOTHING, SAME, SAME_CODE, compare, with_next_line

REFERENCE = "y = []\nfor i in range(3):\n    y.append(i)\n\nprint(\n    y\n)"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", NOTHING),
        ("  \n", NOTHING),
        (REFERENCE, SAME),
        (REFERENCE + "\n", SAME),
        (REFERENCE.replace("y = []", "y=[]  # none yet"), SAME_CODE),
        (REFERENCE.replace("(\n    y\n)", "(y)"), SAME_CODE),
        (
            "y = []\nfor j in range(3):",
            "1 line of yours (-) and 6 lines of the reference (+) differ.",
        ),
        (
            "y = []\nfor i in range(3):",
            "Nothing of yours differs; 5 lines of the reference (+) missing.",
        ),
        ("y = [", "1 line of yours (-) and 7 lines of the reference (+) differ."),
    ],
)
def test_the_verdict(typed, sentence):
    assert compare(typed, REFERENCE).sentence == sentence


def test_the_lines_that_differ_are_marked_and_spaces_are_no_difference():
    found = compare("y=[]\nfor j in range(3):\n    y.append(i)", REFERENCE)
    assert found.lines[:4] == (
        "  y = []",
        "- for j in range(3):",
        "+ for i in range(3):",
        "      y.append(i)",
    )


def test_indentation_is_a_difference():
    assert (
        "- y.append(i)" in compare(REFERENCE.replace("    y.append", "y.append"), REFERENCE).lines
    )


def test_what_was_typed_is_shown_as_text_in_html():
    html = compare("<script>alert(1)</script>", "x < 1")._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "x &lt; 1" in html


def test_line_by_line_gives_the_reference():
    text, steps = "", []
    while (longer := with_next_line(text, REFERENCE)) is not None:
        text = longer
        steps.append(text)
    assert text == REFERENCE
    assert [step.count("\n") for step in steps] == [0, 1, 2, 4, 5, 6]


def test_lines_of_the_lecturers_own_stay():
    assert with_next_line("y=[]\nz = 1", REFERENCE) == "y=[]\nz = 1\nfor i in range(3):"


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_text_is_lost_by_the_next_line(typed, reference):
    longer = with_next_line(typed, reference)
    if longer is None:
        assert all(not line.strip() or line in reference for line in reference.split("\n"))
    elif typed.strip():
        assert longer.startswith(typed.rstrip())
    else:
        assert longer == longer.strip("\n")


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_two_texts_can_be_compared(typed, reference):
    found = compare(typed, reference)
    assert found.sentence
    assert found._repr_html_().startswith("<div>")
