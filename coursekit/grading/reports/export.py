"""Write everything that people read from the results and the points that people gave.

The reports depend on nothing else: the same results give the same bytes, whenever and however often.
"""

import json
from pathlib import Path

from coursekit.chapters import chapter
from coursekit.files import atomic_write
from coursekit.grading.names import file_stem
from coursekit.grading.reports.manual import load_manual, merge, save_manual
from coursekit.grading.reports.pages import feedback_page, summary_page
from coursekit.grading.reports.scores import scores_csv
from coursekit.grading.reports.similarity import Published, similar, similar_csv
from coursekit.grading.reports.to_read import read_points, to_read_csv
from coursekit.grading.store import Store, StoreError
from coursekit.notebooks import read
from coursekit.paths import CourseNotFoundError, course_root
from coursekit.study.reveal import solution_source
from coursekit.study.tasks import chapter_tasks


def export(folder: Path) -> None:
    """Write scores.csv, to_read.csv, similar.csv, summary.html and the pages in feedback/ anew.

    Args:
        folder: of results.

    Raises:
        StoreError: the folder holds no results, or a damaged one.
        OSError: a file cannot be written.
    """
    store = Store(folder)
    results, settings = store.all(), store.settings()
    if settings is None:
        raise StoreError(f"{folder} holds no results: run `coursekit grade` first")
    manual = load_manual(folder / "manual.json")
    alike = similar(results, published(settings.chapter))
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    atomic_write(folder / "scores.csv", scores_csv(results, manual))
    atomic_write(folder / "to_read.csv", to_read_csv(results, manual))
    atomic_write(folder / "similar.csv", similar_csv(alike))
    pages = {f"{file_stem(one.student)}.html": feedback_page(one, manual) for one in results}
    for name, page in pages.items():
        atomic_write(folder / "feedback" / name, page)
    for old in (folder / "feedback").glob("*.html"):
        if old.name not in pages:
            old.unlink()
    atomic_write(folder / "summary.html", summary_page(results, manual, alike, run))


def take_points(folder: Path, sheet: Path) -> int:
    """Take in the points of a sheet, write the reports anew, and return how many answers it gave points to.

    Args:
        folder: of results.
        sheet: to_read.csv, filled in.

    Raises:
        CourseError: the folder holds no results, or something in the sheet is wrong; nothing is changed then.
    """
    store = Store(folder)
    if store.settings() is None:
        raise StoreError(f"{folder} holds no results: run `coursekit grade` first")
    given = read_points(sheet, store.all())
    save_manual(folder / "manual.json", merge(load_manual(folder / "manual.json"), given))
    export(folder)
    return sum(one.points is not None for one in given.values())


def published(number: int) -> dict[str, Published]:
    """Return what everybody has been given for the tasks of a chapter; nothing where the course is not at hand."""
    one = chapter(number)
    try:
        root = course_root()
        stubs = {cell.id: cell.source for cell in read(root / one.exercises).cells}
        return {
            task.id: Published(stubs.get(f"{task.slug}-answer", ""), solution_source(task))
            for task in chapter_tasks(one)
        }
    except (CourseNotFoundError, FileNotFoundError):
        return {}
