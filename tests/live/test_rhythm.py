"""A chapter that cannot be performed is told why."""

import json

import pytest

from coursekit.chapters import CHAPTERS
from coursekit.live.rhythm import problems
from coursekit.paths import course_root

WRITTEN = [one for one in CHAPTERS if (course_root() / one.notebook).is_file()]


def text(source="## Part", minutes=5):
    return {
        "id": "part",
        "cell_type": "markdown",
        "source": source,
        "metadata": {"coursekit": {"minutes": minutes}},
    }


def code(name, lines=1, outputs=(), tags=("live",)):
    source = "\n".join(["x = 1"] * lines)
    return {
        "id": name,
        "cell_type": "code",
        "source": source,
        "outputs": list(outputs),
        "metadata": {"tags": list(tags)},
    }


SEEN = [{"output_type": "stream", "text": "1"}]


def test_a_good_chapter_has_no_problem():
    cells = [text(), code("a"), code("b"), code("c", 12, SEEN), code("d"), code("e")]
    assert problems(cells, 5) == []


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ([text(), code("long", 13, SEEN)], "long is 13 lines to type, expected at most 12"),
        (
            [text(), code("a"), code("b"), code("c")],
            "a, b, c show nothing: expected a visible result",
        ),
        ([text(), code("a", tags=())], "no code cell is tagged live"),
        ([text(minutes=None), code("a", 1, SEEN)], "the section part has no minutes"),
        ([text(minutes=4), code("a", 1, SEEN)], "the sections take 4 minutes together, expected 5"),
    ],
)
def test_a_problem_is_named(cells, sentence):
    assert any(sentence in one for one in problems(cells, 5))


def test_a_result_between_them_breaks_a_row_of_silent_cells():
    cells = [text(), code("a"), code("b"), code("shown", 1, SEEN, ()), code("c"), code("d")]
    assert problems(cells, 5) == []


@pytest.mark.parametrize("chapter", WRITTEN, ids=lambda one: one.folder)
def test_every_chapter_can_be_performed(chapter):
    notebook = json.loads((course_root() / chapter.notebook).read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    assert problems(notebook["cells"]) == []
