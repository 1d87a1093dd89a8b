"""The exercises of every chapter, one module a chapter, found through the chapter list."""

from collections.abc import Iterator
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec

from coursekit.chapters import CHAPTERS, Chapter
from coursekit.errors import CourseError
from coursekit.study.task import Task


class UnknownTaskError(CourseError):
    """No exercise has this id."""


def chapter_tasks(chapter: Chapter) -> tuple[Task, ...]:
    """Return the exercises of a chapter, none if it has no module of tasks yet."""
    module = f"{__name__}.{chapter.slug}"
    if find_spec(module) is None:
        return ()
    tasks: tuple[Task, ...] = import_module(module).TASKS
    return tasks


def all_tasks() -> Iterator[Task]:
    """Yield the exercises of all chapters in order."""
    for chapter in CHAPTERS:
        yield from chapter_tasks(chapter)


def find_task(task_id: str) -> Task:
    """Return the exercise with this id.

    Raises:
        UnknownTaskError: there is none; the text names the ones that come closest.
    """
    wanted = str(task_id)  # somebody will write check(1.2, ...), and 1.2 it is
    known = {task.id: task for task in all_tasks()}
    if wanted in known:
        return known[wanted]
    near = get_close_matches(wanted, known, n=3, cutoff=0.3) or list(known)[:3]
    raise UnknownTaskError(f"there is no task {wanted!r}; tasks are named like {', '.join(near)}")
