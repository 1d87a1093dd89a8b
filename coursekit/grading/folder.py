"""Find the submissions in a folder: one folder or one file for each student, as learning platforms export them."""

import os
import stat
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from coursekit.errors import CourseError
from coursekit.grading.result import MISSING, UNREADABLE
from coursekit.grading.submission import UnreadableError, read_bytes
from coursekit.grading.text import clean
from coursekit.study.task import Task

_NOT_HANDED_IN = {"__MACOSX", "Thumbs.db", "desktop.ini"}  # what computers leave in folders
_MAX_FILES = 1000


class FolderError(CourseError):
    """The folder of submissions or the list of students cannot be used."""


@dataclass(frozen=True)
class Entry:
    """What one student handed in.

    Args:
        student: name of the folder or file, without its suffix.
        file: the notebook, relative to the folder of submissions; "" if there is none.
        state: `MISSING` or `UNREADABLE` where there is nothing to run, else "".
        reason: a sentence for that state.
        note: a sentence on how the file was chosen, "" if there was no choice.
    """

    student: str
    file: str = ""
    state: str = ""
    reason: str = ""
    note: str = ""


def find_entries(
    folder: Path, tasks: tuple[Task, ...], students: tuple[str, ...] = ()
) -> list[Entry]:
    """Return what every student handed in, nobody left out, sorted by name.

    Args:
        folder: with one folder or file for each student.
        tasks: of the chapter, to tell its notebooks from others.
        students: names that should be there; who is not is missing.

    Raises:
        FolderError: the folder cannot be read.
    """
    try:
        names = sorted(entry.name for entry in os.scandir(folder))
    except OSError as error:
        said = (error.strerror or "it cannot be read").lower()
        raise FolderError(
            f"{folder}: {said}. Give the folder that holds one folder or one notebook for each student."
        ) from error
    found = [
        _entry(folder, name, tasks)
        for name in names
        if not name.startswith(".") and name not in _NOT_HANDED_IN
    ]
    found = _without_doubles(found)
    known = {_same(one.student) for one in found}
    found += [
        Entry(name, state=MISSING, reason="Nothing was handed in under this name.")
        for name in dict.fromkeys(students)
        if _same(name) not in known
    ]
    return sorted(found, key=lambda one: (_same(one.student), one.student))


def read_students(path: Path) -> tuple[str, ...]:
    """Return the names in a list of students: one a line, or the first column of a CSV.

    Raises:
        FolderError: the file cannot be read or holds no name.
    """
    import csv

    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnreadableError as error:
        raise FolderError(str(error)) from error
    except UnicodeDecodeError as error:
        raise FolderError(f"{path} is not text in UTF-8: save it as CSV UTF-8") from error
    first = text.splitlines()[0] if text.strip() else ""
    separator = ";" if first.count(";") > first.count(",") else ","
    rows = [row[0].strip() for row in csv.reader(text.splitlines(), delimiter=separator) if row]
    if rows and rows[0].casefold() in ("student", "students", "name", "id"):
        rows = rows[1:]
    if not any(rows):
        raise FolderError(f"{path} holds no names: write one a line")
    return tuple(name for name in rows if name)


def _same(name: str) -> str:
    """Return what two spellings of a name have in common, as file systems differ in how they write an umlaut."""
    return unicodedata.normalize("NFC", name).casefold()


def _entry(folder: Path, name: str, tasks: tuple[Task, ...]) -> Entry:
    path = folder / name
    shown = clean(os.fsencode(name).decode("utf-8", "replace"), 300)
    try:
        mode = path.lstat().st_mode
    except OSError as error:
        return Entry(shown, state=UNREADABLE, reason=f"{shown} cannot be read: {error.strerror}.")
    if stat.S_ISDIR(mode):
        return _from_folder(folder, path, shown, tasks)
    student = shown[: -len(path.suffix)] if path.suffix.lower() == ".ipynb" else shown
    if stat.S_ISREG(mode) and path.suffix.lower() != ".ipynb":
        return Entry(
            Path(shown).stem,
            shown,
            UNREADABLE,
            f"{shown} is not a notebook: its name ends otherwise.",
        )
    return Entry(student or shown, name)


def _from_folder(root: Path, folder: Path, student: str, tasks: tuple[Task, ...]) -> Entry:
    """Choose the notebook of this chapter among the files of one student."""
    files, others = _files(folder)
    if not files:
        if not others:
            return Entry(student, state=MISSING, reason=f"The folder {student} is empty.")
        named = clean(", ".join(str(one.relative_to(folder)) for one in others[:3]), 200)
        return Entry(
            student, "", UNREADABLE, f"The folder {student} holds no notebook, only {named}."
        )
    scores = {path: _tasks_in(path, tasks) for path in files}
    best = max(scores.values())
    if best == 0 and len(files) > 1:
        other = clean(", ".join(str(one.relative_to(folder)) for one in files[:3]), 200)
        reason = f"The folder {student} holds no exercises of this chapter, only {other}."
        return Entry(student, state=MISSING, reason=reason)
    fitting = [path for path in files if scores[path] == best]
    chosen, note = fitting[-1], ""
    if len(fitting) > 1:
        shown = clean(str(chosen.relative_to(folder)), 200)
        note = f"Your folder holds {len(fitting)} notebooks of this chapter; graded is {shown}."
    return Entry(student, str(chosen.relative_to(root)), note=note)


def _files(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the notebooks below a folder, and the other files; links are not followed."""
    notebooks: list[Path] = []
    others: list[Path] = []
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(
            one for one in folders if one != ".ipynb_checkpoints" and one not in _NOT_HANDED_IN
        )
        for name in sorted(names):
            if not name.startswith(".") and name not in _NOT_HANDED_IN:
                is_notebook = name.lower().endswith(".ipynb")
                (notebooks if is_notebook else others).append(Path(at) / name)
        if len(notebooks) + len(others) > _MAX_FILES:
            break
    return notebooks, others


def _tasks_in(path: Path, tasks: tuple[Task, ...]) -> int:
    """Return how many of the chapter's tasks a file names."""
    try:
        data = read_bytes(path)
    except UnreadableError:
        return 0
    return sum(
        f"{task.slug}-".encode() in data or f"def {task.name}(".encode() in data for task in tasks
    )


def _without_doubles(entries: list[Entry]) -> list[Entry]:
    """Give entries of one name, such as a folder and a file, different ones: nobody is graded as somebody else."""
    often = Counter(_same(one.student) for one in entries)
    seen: Counter[str] = Counter()
    result = []
    for one in entries:
        key = _same(one.student)
        seen[key] += 1
        number = f" ({seen[key]})" if often[key] > 1 else ""
        result.append(replace(one, student=f"{one.student}{number}"))
    return result
