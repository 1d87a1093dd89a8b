"""A cell's needs are found by name."""

from nbformat.v4 import new_code_cell, new_markdown_cell
from needed import needed

CELLS = [
    new_code_cell(
        "%matplotlib inline\nimport numpy as np\nfrom a.b import c as start", id="imports"
    ),
    new_markdown_cell("x = 2", id="prose"),
    new_code_cell("x = np.arange(3)", id="x"),
    new_code_cell("for step in range(9):\n    slow = step", id="training"),
    new_code_cell("def double(x):\n    return 2 * x", id="double"),
    new_code_cell("picture = double(x)", id="picture"),
    new_code_cell("start()", id="start"),
    new_code_cell("x = slow", id="below"),
]


def test_a_cell_needs_what_makes_its_names_and_what_those_need():
    assert needed(CELLS, ["picture"]) == ["imports", "x", "double", "picture"]


def test_an_imported_name_is_the_one_that_it_is_given():
    assert needed(CELLS, ["start"]) == ["imports", "start"]


def test_a_cell_without_names_needs_nothing():
    assert needed(CELLS, ["training"]) == ["training"]
