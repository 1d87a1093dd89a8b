"""The course's versions that a working copy was made from: they tell who changed what."""

from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from coursekit.files import atomic_write, remove_leftovers
from coursekit.notebooks import (
    DamagedNotebookError,
    parse,
    read,
    to_text,
)
from coursekit.study.working_copy.course_files import CourseFile
from coursekit.study.working_copy.merge import merge

STAMP = "coursekit_version"  # notebook metadata: which version of the course was merged last
KEEP = 4


class Versions:
    """The folders ``base/``, the versions merged last, and ``versions/``, some before them.

    A notebook carries the name of its version in its metadata, so the right base is found even when
    JupyterLab saved an old tab over an updated file, when a backup was put back, or when an update
    was killed.
    """

    def __init__(self, folder: Path) -> None:
        self.base = folder / "base"
        self.older = folder / "versions"

    def names(self) -> set[str]:
        """Return the files that were merged so far."""
        return {
            path.relative_to(self.base).as_posix()
            for path in self.base.rglob("*")
            if path.is_file() and not path.name.startswith(".")
        }

    def base_data(self, name: str) -> bytes | None:
        """Return the content of the file that was merged last, None if there is none."""
        try:
            return (self.base / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def base_notebook(self, name: str, stamp: object) -> NotebookNode | None:
        """Return the version with this stamp, else the last one, None if neither can be read."""
        paths = [self.base / name]
        if isinstance(stamp, str) and stamp.isalnum():
            paths.insert(0, self._folder(name) / f"{stamp}.ipynb")
        for path in paths:
            try:
                return read(path)
            except (OSError, DamagedNotebookError):
                continue
        return None

    def remember(self, file: CourseFile) -> None:
        """Store a version before anything is made from it."""
        path = self._folder(file.name) / f"{file.version}.ipynb"
        remove_leftovers(path)
        if self._content(path) != file.data:
            atomic_write(path, file.data)

    def settle(self, file: CourseFile) -> None:
        """Note that the working copy has this version now, and let go of very old ones."""
        path = self.base / file.name
        remove_leftovers(path)
        if self._content(path) != file.data:
            atomic_write(path, file.data)
        current = f"{file.version}.ipynb"
        others = [one for one in self._folder(file.name).glob("*.ipynb") if one.name != current]
        for old in sorted(others, key=lambda one: one.stat().st_mtime, reverse=True)[KEEP - 1 :]:
            old.unlink()

    def forget(self, name: str) -> None:
        """Let go of a file that the course dropped."""
        (self.base / name).unlink(missing_ok=True)

    def _folder(self, name: str) -> Path:
        return (self.older / name).with_suffix("")

    def _content(self, path: Path) -> bytes | None:
        return path.read_bytes() if path.is_file() else None


@dataclass(frozen=True)
class MergedFile:
    """What an update makes of a notebook file.

    Args:
        text: the new content, None when the file stays as it is.
        of_learner: whether the old content had anything that the course did not put there.
        real_change: whether more than the stamp changes.
        new_text: as in `coursekit.study.working_copy.merge.Merged`, like the rest.
        removed: see there.
        answers: see there.
        notes: see there.
    """

    text: str | None
    of_learner: bool = False
    real_change: bool = True
    new_text: int = 0
    removed: int = 0
    answers: int = 0
    notes: list[str] = field(default_factory=list)


def merge_file(file: CourseFile, before: bytes | None, versions: Versions) -> MergedFile | None:
    """Merge the course's notebook into the bytes of the learner's file.

    Args:
        file: a notebook of the course.
        before: what the learner has, None for nothing.
        versions: where the base is looked up.

    Returns:
        The outcome, or None when the learner's file is damaged.
    """
    assert file.notebook is not None
    if before is None:
        whole = parse(file.data, file.name)[0]
        whole.metadata[STAMP] = file.version
        return MergedFile(to_text(whole))
    try:
        mine, mended = parse(before, file.name)
    except DamagedNotebookError:
        return None
    stamp = mine.metadata.pop(STAMP, None)
    base = versions.base_notebook(file.name, stamp)
    merged = merge(base, mine, file.notebook, restore_deleted=file.is_exercise)
    real_change = merged.notebook != mine or mended
    if not real_change and stamp == file.version:
        return MergedFile(None, real_change=False, answers=merged.answers)
    merged.notebook.metadata[STAMP] = file.version
    return MergedFile(
        to_text(merged.notebook),
        of_learner=mine != base,
        real_change=real_change,
        new_text=merged.new_text,
        removed=merged.removed,
        answers=merged.answers,
        notes=merged.notes,
    )
