"""README.md tells the truth about the chapters."""

import re

from coursekit.paths import course_root
from coursekit.show.course_map import chapter_table


def test_the_chapter_table_is_the_chapter_list():
    text = (course_root() / "README.md").read_text(encoding="utf-8")
    table = re.search(r"<!-- chapters:[^>]*-->\n(.*)<!-- /chapters -->", text, re.S)
    assert table, "README.md has no generated chapter table"
    assert table[1] == chapter_table(linked=False).data + "\n"
