"""Grade a folder of submissions into a folder of results, from where an earlier run was stopped."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from coursekit.chapters import Chapter
from coursekit.grading.conversation import Limits, try_sandbox
from coursekit.grading.engine import Job, grade_here
from coursekit.grading.folder import Entry, FolderError, find_entries
from coursekit.grading.grader import make_grader
from coursekit.grading.reports.export import export
from coursekit.grading.result import GRADED, MISSING, UNREADABLE, Result
from coursekit.grading.store import Settings, Store, StoreError
from coursekit.grading.submission import UnreadableError, read_bytes
from coursekit.grading.text import clean
from coursekit.lock import BusyError, locked
from coursekit.study.task import ANSWER_SECONDS
from coursekit.study.tasks import chapter_tasks

DEFAULT_MEMORY = 2048
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Wish:
    """What the teacher asked for; None where an earlier run or the default decides.

    Args:
        submissions: folder with one folder or file for each student.
        out: folder for the results.
        chapter: whose exercises they are.
        seed: of the cases.
        limit_seconds: for one cell, or for all calls of one task.
        limit_memory: in MB, for one submission.
        students: names that should be there.
        at_once: submissions at a time.
        scheduler: address of a Dask scheduler, "" to grade on this machine.
        again: whether to forget the results that are there.
        unsafe: whether to run submissions without a sandbox.
    """

    submissions: Path
    out: Path
    chapter: Chapter
    seed: int | None = None
    limit_seconds: float | None = None
    limit_memory: int | None = None
    students: tuple[str, ...] = ()
    at_once: int = 1
    scheduler: str = ""
    again: bool = False
    unsafe: bool = False


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Args:
        results: of all submissions, sorted by student.
        kept: how many were graded by an earlier run.
        gone: how many results belong to submissions that are not in the folder any more.
    """

    results: tuple[Result, ...]
    kept: int
    gone: int

    @property
    def ok(self) -> bool:
        """Whether every submission could be graded."""
        return all(one.state == GRADED for one in self.results)


Progress = Callable[[int, int], None]


def grade_folder(wish: Wish, progress: Progress = lambda done, total: None) -> Outcome:
    """Grade every submission that has no result yet, or changed since; then write all the reports anew.

    Args:
        wish: what the teacher asked for.
        progress: told how many of how many are graded.

    Raises:
        CourseError: the run cannot start or go on; what was graded stays.
        OSError: a result cannot be written; what was graded stays.
    """
    _refuse_mixed_folders(wish)
    tasks = chapter_tasks(wish.chapter)
    if not tasks:
        raise FolderError(f"chapter {wish.chapter.number} has no exercises yet")
    entries = find_entries(wish.submissions, tasks, wish.students)
    if not entries:
        raise FolderError(
            f"{wish.submissions} is empty: put one folder or one notebook for each student into it"
        )
    store = Store(wish.out)
    settings = _settle(wish, store.settings())
    if settings.sandbox and not wish.scheduler:
        try_sandbox()
    wish.out.mkdir(parents=True, exist_ok=True)
    try:
        with locked(wish.out / ".lock", seconds=0):
            if wish.again:
                store.forget()
            store.begin(settings)
            kept = _grade(wish, store, settings, entries, progress)
            results = store.all()
            export(store.folder)
    except BusyError as error:
        raise StoreError(f"another `coursekit grade` writes into {wish.out}: let it end") from error
    names = {one.student for one in entries}
    gone = sum(one.student not in names for one in results)
    return Outcome(tuple(results), kept, gone)


def _grade(
    wish: Wish, store: Store, settings: Settings, entries: list[Entry], progress: Progress
) -> int:
    """Grade what has no result yet, and return how many had one of the same file."""
    notes = {entry.student: entry.note for entry in entries if entry.note}
    limits = Limits(settings.limit_seconds, settings.limit_memory * _MEGABYTE)
    grader = make_grader(wish.chapter, settings.seed, limits, settings.sandbox)
    grader = replace(grader, hide=(wish.submissions.resolve(), wish.out.resolve()))
    total, done, kept = len(entries), 0, 0

    def todo() -> Iterator[Job]:
        nonlocal done, kept
        for entry in entries:
            job = _job(wish, store, settings, entry)
            before = store.get(entry.student) if job else None
            if job and not (before and before.sha256 == job.sha256):
                yield job
                continue
            kept += job is not None
            done += 1
            progress(done, total)

    if wish.scheduler:
        from coursekit.grading.dask_engine import grade_on_dask

        results = grade_on_dask(grader, todo(), wish.scheduler)
    else:
        results = grade_here(grader, todo(), wish.at_once)
    for result in results:
        note = notes.get(result.student)
        store.put(replace(result, notes=(note, *result.notes)) if note else result)
        done += 1
        progress(done, total)
    return kept


def _job(wish: Wish, store: Store, settings: Settings, entry: Entry) -> Job | None:
    """Return what can be graded of an entry, None where nothing can; its result is written then."""
    empty = Result(entry.student, settings.chapter, settings.seed, "", file=clean(entry.file, 500))
    if entry.state:
        # who handed in before and whose file is gone now keeps the result
        before = store.get(entry.student)
        if before is None or before.state in (MISSING, UNREADABLE):
            store.put(replace(empty, state=entry.state, reason=entry.reason))
        return None
    try:
        data = read_bytes(wish.submissions / entry.file)
    except UnreadableError as error:
        store.put(replace(empty, state=UNREADABLE, reason=clean(str(error))))
        return None
    return Job(entry.student, clean(entry.file, 500), data)


def _settle(wish: Wish, before: Settings | None) -> Settings:
    """Return the settings of this run: those asked for, else those of the results that are there."""
    asked = {
        "chapter": wish.chapter.number,
        "seed": wish.seed,
        "limit_seconds": wish.limit_seconds,
        "limit_memory": wish.limit_memory,
        "sandbox": not wish.unsafe,
    }
    if before is None or wish.again:
        return Settings(
            wish.chapter.number,
            # never the seed that learners can see
            1 + secrets.randbelow(2**31) if wish.seed is None else wish.seed,
            ANSWER_SECONDS if wish.limit_seconds is None else wish.limit_seconds,
            DEFAULT_MEMORY if wish.limit_memory is None else wish.limit_memory,
            not wish.unsafe,
        )
    fresh = Settings(before.chapter, 0, 0, 0)
    other = [
        f"{key.replace('_', ' ')} {getattr(before, key)}, not {value}"
        for key, value in asked.items()
        if value is not None and value != getattr(before, key)
    ]
    if before.coursekit != fresh.coursekit:
        other.append(f"coursekit {before.coursekit}, not {fresh.coursekit}")
    if other:
        raise StoreError(
            f"the results in {wish.out} were made with {'; '.join(other)}. Leave these options out to go on, give "
            "--out another folder, or add --again to grade everything anew (points given by hand stay)."
        )
    return before


def _refuse_mixed_folders(wish: Wish) -> None:
    submissions, out = wish.submissions.resolve(), wish.out.resolve()
    if submissions == out or out.is_relative_to(submissions):
        raise FolderError(
            f"--out {wish.out} lies in the folder of submissions and would be graded as one: give another folder"
        )
    if submissions.is_relative_to(out):
        raise FolderError(f"the submissions lie in --out {wish.out}: give another folder")
