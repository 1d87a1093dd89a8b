"""The chapter list hangs together."""

import json

import pytest

from coursekit.chapters import CHAPTERS, chapter
from coursekit.paths import course_root
from coursekit.study.tasks import chapter_tasks

WRITTEN = [one for one in CHAPTERS if (course_root() / one.notebook).is_file()]


def test_numbers_run_from_1_to_16_and_needs_point_back():
    assert [one.number for one in CHAPTERS] == list(range(1, 17))
    assert all(before < one.number for one in CHAPTERS for before in one.needs)


def test_paths_follow_from_number_and_slug():
    first = chapter(1)
    assert first.notebook == "notebooks/01_convolution_1d.ipynb"
    assert first.solutions == "solutions/01_convolution_1d/convolution_1d.ipynb"
    assert first.exercises == "exercises/01_convolution_1d/convolution_1d.ipynb"


def test_an_unknown_chapter_is_named():
    with pytest.raises(ValueError, match="no chapter 17: chapters run from 1 to 16"):
        chapter(17)


@pytest.mark.parametrize("one", WRITTEN, ids=lambda one: one.folder)
def test_the_minutes_of_sections_and_tasks_add_up_to_the_chapters(one):
    notebook = json.loads((course_root() / one.notebook).read_text(encoding="utf-8"))
    plans = [cell["metadata"].get("coursekit", {}).get("minutes", 0) for cell in notebook["cells"]]
    assert one.minutes == 5 * round(
        (sum(plans) + sum(task.minutes for task in chapter_tasks(one))) / 5
    )
