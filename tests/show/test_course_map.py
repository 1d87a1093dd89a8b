"""The map and the table show every chapter and link those that exist."""

from coursekit.chapters import CHAPTERS
from coursekit.paths import course_root
from coursekit.show.course_map import chapter_map, chapter_table, is_ready


def test_every_chapter_is_in_the_map_with_what_it_needs():
    drawn = chapter_map()
    for one in CHAPTERS:
        for before in one.needs:
            assert f"{one.number} needs" in drawn.alt
            assert before < one.number
    assert "01" in drawn.caption


def test_ready_chapters_are_links_to_files_that_exist():
    table = chapter_table().data
    for one in CHAPTERS:
        linked = f"({one.folder}.ipynb)" in table
        assert linked == (course_root() / one.notebook).is_file() == is_ready(one)
        assert one.able_to in table


def test_the_stored_start_page_knows_every_ready_chapter():
    stored = (course_root() / "notebooks/00_start_here.ipynb").read_text(encoding="utf-8")
    for one in CHAPTERS:
        if is_ready(one):
            assert f"({one.folder}.ipynb)" in stored, "run `make notebooks`"
