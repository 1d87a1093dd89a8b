"""The ledger in chapter 16 and the chapters lead to each other."""

import json

import pytest

from coursekit.chapters import CHAPTERS, chapter
from coursekit.lectures import ledger
from coursekit.paths import course_root

SIXTEEN = chapter(16)
TREATING = [one for one in CHAPTERS if one.number < SIXTEEN.number]


def cells(one):
    text = (course_root() / one.notebook).read_text(encoding="utf-8")
    return {cell["id"]: cell for cell in json.loads(text)["cells"]}


def stored_html(cell):
    return "".join(cell["outputs"][0]["data"]["text/html"])


@pytest.mark.parametrize("one", TREATING, ids=lambda one: one.folder)
def test_a_chapter_links_to_its_rows(one):
    place = f"chapter-{one.number:02d}"
    assert "".join(cells(SIXTEEN)[place]["source"]) == f"book.where(chapter={one.number})"
    prose = ["".join(cell["source"]) for cell in cells(one).values()]
    links = [text for text in prose if f"({SIXTEEN.folder}.ipynb#cell-id={place})" in text]
    assert len(links) == 1


def test_every_row_stands_in_the_notebook_once():
    tables = [cell for name, cell in cells(SIXTEEN).items() if name.startswith(("chapter-", "no-"))]
    stored = "".join(stored_html(cell) for cell in tables)
    missing = [claim.id for claim in ledger().claims if stored.count(f"<tr id='{claim.id}' ") != 1]
    assert missing == []


def test_rows_link_to_the_cells_that_treat_them():
    of_first = stored_html(cells(SIXTEEN)["chapter-01"])
    for claim in ledger().where(chapter=1).claims:
        assert f"href='01_convolution_1d.ipynb#cell-id={claim.cell}'" in of_first
