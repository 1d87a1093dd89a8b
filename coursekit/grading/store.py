"""A folder of results: one file for each submission, and the settings they were made with."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from coursekit import __version__
from coursekit.errors import CourseError
from coursekit.files import atomic_write
from coursekit.grading.names import file_stem
from coursekit.grading.result import Result, from_json, to_json


class StoreError(CourseError):
    """A folder of results cannot be used for this run."""


@dataclass(frozen=True)
class Settings:
    """What decides about scores, beside the submissions; kept in run.json.

    Args:
        chapter: number of the chapter.
        seed: of the cases.
        limit_seconds: for one cell, or for all calls of one task.
        limit_memory: in MB, for all processes of a submission together.
        sandbox: False if submissions ran as the teacher.
        coursekit: version of the course.
    """

    chapter: int
    seed: int
    limit_seconds: float
    limit_memory: int
    sandbox: bool = True
    coursekit: str = __version__


class Store:
    """A folder of results.

    Args:
        folder: where it is, or will be.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def settings(self) -> Settings | None:
        """Return the settings of the results that are here, None if there are none yet.

        Raises:
            StoreError: the folder is something else, or its run.json is damaged.
        """
        path = self.folder / "run.json"
        if not path.exists():
            if self.folder.exists() and (not self.folder.is_dir() or any(self.folder.iterdir())):
                raise StoreError(
                    f"{self.folder} is there and holds no results of an earlier run: give --out a new folder"
                )
            return None
        try:
            return Settings(**json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise StoreError(
                f"{path} is damaged: put back the settings, or delete the file and add --again"
            ) from error

    def begin(self, settings: Settings) -> None:
        """Make the folder, and note the settings."""
        atomic_write(
            self.folder / "run.json", json.dumps(asdict(settings), indent=1, sort_keys=True) + "\n"
        )
        (self.folder / "results").mkdir(exist_ok=True)
        for leftover in self.folder.rglob(".*.new"):
            leftover.unlink(missing_ok=True)  # of a run that was killed

    def path(self, student: str) -> Path:
        """Return the file for a student's result."""
        return self.folder / "results" / f"{file_stem(student)}.json"

    def put(self, result: Result) -> None:
        """Write a result in one step."""
        atomic_write(self.path(result.student), to_json(result))

    def get(self, student: str) -> Result | None:
        """Return a student's result, None if there is none or it is damaged (and to be made again)."""
        try:
            return from_json(self.path(student).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None

    def all(self) -> list[Result]:
        """Return all results, sorted by student.

        Raises:
            StoreError: one is damaged.
        """
        return sorted(self._read(), key=lambda one: (one.student.casefold(), one.student))

    def _read(self) -> Iterator[Result]:
        for path in sorted((self.folder / "results").glob("*.json")):
            try:
                yield from_json(path.read_text(encoding="utf-8"))
            except ValueError as error:
                raise StoreError(
                    f"{path} is damaged ({error}): delete it and run `coursekit grade` again"
                ) from error

    def forget(self) -> None:
        """Remove the results, and keep the points that a person gave."""
        for path in (self.folder / "results").glob("*.json"):
            path.unlink()
        (self.folder / "run.json").unlink(missing_ok=True)
