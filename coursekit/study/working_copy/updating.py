"""The learner's working copy: made once, brought up to date often, never robbed of a word."""

import errno
import os
import time
from pathlib import Path

from coursekit.chapters import CHAPTERS
from coursekit.errors import CourseError
from coursekit.files import atomic_write, free_name, remove_leftovers, set_aside
from coursekit.lock import BusyError, locked
from coursekit.paths import MARKER
from coursekit.study.working_copy.course_files import FOLDERS, CourseFile, course_files, course_lost
from coursekit.study.working_copy.report import UpdateReport
from coursekit.study.working_copy.versions import MergedFile, Versions, merge_file

WAIT_SECONDS = 60.0
TRIES = 5


def update(root: Path, work: Path | None = None) -> UpdateReport:
    """Make the working copy, or bring what is new in the course into it.

    The working copy mirrors the course: notebooks/ and exercises/ with the data beside them, so
    that links hold in both. Chapters come without outputs, so that a question is met before its
    answer. Notebooks are merged cell by cell (see `coursekit.study.working_copy.merge`). Files that
    the learner made stay untouched; deleted ones come back; what should be a notebook and is none
    is kept beside the new one as ``name.damaged-1.ipynb``. A data file that both sides changed is
    kept as ``name.kept-1.csv``. A file that the course dropped stays where it is.

    Every file is replaced in one step, after a copy of it went to ``.coursekit/backups/`` if the
    learner had changed it. However an update ends, the next one continues it and arrives at the
    same files.

    Args:
        root: the course, the folder with notebooks/ and exercises/.
        work: the working copy; ``root/"work"`` if not given.

    Raises:
        CourseError: the course is not whole, another update is running, or a file could not be
            written; the text says which and what to do.
    """
    work = root / "work" if work is None else work
    inside = [work.resolve().is_relative_to((root / folder).resolve()) for folder in FOLDERS]
    if work.resolve() == root.resolve() or any(inside):
        raise CourseError(
            "The working copy cannot be the course itself: choose a folder of its own, for example "
            "work/."
        )
    files = course_files(root)
    _refuse_lost_chapters(root, work)
    try:
        (work / MARKER).mkdir(parents=True, exist_ok=True)
        with locked(work / MARKER / "update.lock", WAIT_SECONDS):
            return _Update(root, work).run(files)
    except BusyError as error:
        raise CourseError(
            f"Another update of {_shown(root, work)} is running. Wait until it has finished, "
            "then try again."
        ) from error
    except OSError as error:
        raise CourseError(_explain(error, f"{_shown(root, work)}{MARKER}")) from error


class _Update:
    def __init__(self, root: Path, work: Path) -> None:
        self.work = work
        self.place = _shown(root, work)
        self.versions = Versions(work / MARKER)
        self.report = UpdateReport(self.place, first=not self.versions.names())
        self.aside: set[str] = set()
        self.backups = _free_folder(work / MARKER / "backups")

    def run(self, files: list[CourseFile]) -> UpdateReport:
        for file in files:
            try:
                self._file(file, self.work / file.name)
            except OSError as error:
                raise CourseError(_explain(error, self.place + file.name)) from error
        self._dropped({file.name for file in files})
        return self.report

    def _file(self, file: CourseFile, path: Path) -> None:
        remove_leftovers(path)
        self._clear_the_way(path)
        if file.notebook is None:
            self._data(file, path)
        else:
            self._notebook(file, path)

    def _clear_the_way(self, path: Path) -> None:
        """Set aside what stands where a folder or a file should be."""
        for folder in reversed(path.relative_to(self.work).parents):
            way = self.work / folder
            if os.path.lexists(way) and not way.is_dir():
                self._set_aside(way, "is not a folder")
        if os.path.lexists(path) and not path.is_file():
            self._set_aside(path, "is a folder" if path.is_dir() else "is not a file")

    def _notebook(self, file: CourseFile, path: Path) -> None:
        for _ in range(TRIES):
            before = self._read(path)
            merged = merge_file(file, before, self.versions)
            if before is not None and merged is None:
                self._set_aside(path, "is not a notebook, so its answers could not be read")
                before, merged = None, merge_file(file, None, self.versions)
            assert merged is not None  # nothing there means nothing damaged
            self.versions.remember(file)
            if merged.text is not None:
                if before is not None and merged.of_learner:
                    atomic_write(self.backups / file.name, before)
                if self._read(path) != before:
                    continue  # saved by JupyterLab in this very moment: merge what it saved
                self._write(path, merged.text)
            self._say_notebook(file, before is None, merged)
            self.versions.settle(file)
            return
        raise CourseError(
            f"{self.place}{file.name} is being saved again and again. Close it in JupyterLab, then "
            "run `coursekit update` again."
        )

    def _say_notebook(self, file: CourseFile, new: bool, merged: MergedFile) -> None:
        if new:
            self._say_missing(file)
            if self.versions.base_data(file.name) is None:
                self.report.exercises += file.is_exercise
                self.report.notebooks += not file.is_exercise
        elif merged.real_change:
            self.report.changed += 1
        self.report.new_text += merged.new_text
        self.report.removed += merged.removed
        self.report.answers += merged.answers
        self.report.messages += [f"{self.place}{file.name}: {note}" for note in merged.notes]

    def _data(self, file: CourseFile, path: Path) -> None:
        before, base = self._read(path), self.versions.base_data(file.name)
        if before != file.data and (before is None or base != file.data):
            if before is not None and before != base:
                kept = set_aside(path, "kept")
                self.report.messages.append(
                    f"{self.place}{file.name} was changed by you and by the course: the course's "
                    f"is in, yours is kept as {kept.name} beside it."
                )
            if before is None:
                self._say_missing(file)
            self._write(path, file.data)
            self.report.data += 1
        self.versions.settle(file)

    def _say_missing(self, file: CourseFile) -> None:
        if self.versions.base_data(file.name) is not None and file.name not in self.aside:
            self.report.messages.append(
                f"{self.place}{file.name} was missing: the course's is in its place. If it held "
                f"answers, look in {self.place}{MARKER}/backups/ and in the files beside it."
            )

    def _dropped(self, names: set[str]) -> None:
        for name in self.versions.names() - names:
            if (self.work / name).exists():
                self.report.messages.append(
                    f"{self.place}{name} is no longer part of the course; your copy stays as it is."
                )
            self.versions.forget(name)

    def _set_aside(self, path: Path, found: str) -> None:
        kept = set_aside(path, "damaged")
        name = path.relative_to(self.work).as_posix()
        self.aside.add(name)
        self.report.messages.append(
            f"{self.place}{name} {found}: it is kept as {kept.name} beside the course's, which "
            "is in its place now."
        )

    def _read(self, path: Path) -> bytes | None:
        """Return what is there, None for nothing; what cannot be read is set aside."""
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            self._set_aside(path, f"cannot be read ({error.strerror})")
            return None

    def _write(self, path: Path, content: str | bytes) -> None:
        if path.is_symlink():  # what it leads to was read and is merged, but is not ours to write
            kept = free_name(path, "damaged")
            kept.symlink_to(path.readlink())
            self.report.messages.append(
                f"{self.place}{path.relative_to(self.work).as_posix()} was a link: the link is "
                f"kept as {kept.name}, and a file with what it led to is in its place."
            )
        atomic_write(path, content)


def _refuse_lost_chapters(root: Path, work: Path) -> None:
    """Refuse a checkout that lost a file: the chapter list still has it, so nobody dropped it."""
    known = Versions(work / MARKER).names()
    for chapter in CHAPTERS:
        for name in (chapter.notebook, chapter.exercises):
            if name in known and not (root / name).exists():
                raise course_lost(name, "is missing")


def _free_folder(backups: Path) -> Path:
    moment, number = time.strftime("%Y-%m-%d_%H-%M-%S"), 1
    folder = backups / moment
    while folder.exists():
        number += 1
        folder = backups / f"{moment}-{number}"
    return folder


def _shown(root: Path, work: Path) -> str:
    try:
        return f"{work.resolve().relative_to(root.resolve()).as_posix()}/"
    except ValueError:
        return f"{work.name}/"


def _explain(error: OSError, name: str) -> str:
    todo = "Free some disk space" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "Mend that"
    return (
        f"{name} could not be written: {error.strerror or error}. Every file is whole, those "
        f"before it are up to date. {todo}, then run `coursekit update` again; it continues where "
        "it stopped."
    )
