"""Make exercises/ from solutions/ with nbgrader's own converter, and prove that no solution is left in it."""

import filecmp
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coursekit.chapters import CHAPTERS, Chapter, chapter
from coursekit.errors import CourseError
from coursekit.notebooks import read
from coursekit.paths import course_root
from coursekit.study.evaluate import evaluate
from coursekit.study.reveal import solution_lines
from coursekit.study.task import Task
from coursekit.study.tasks import chapter_tasks
from coursekit.study.verdict import NOT_ATTEMPTED


class ReleaseError(CourseError):
    """The exercises cannot be made from the solutions."""


@dataclass(frozen=True)
class ReleaseReport:
    """What a release did or found, a line each; ``ok`` is False where something must be mended."""

    lines: tuple[str, ...]
    ok: bool

    def __str__(self) -> str:
        return "\n".join(self.lines)


def release(chapters: list[int] | None = None, check: bool = False) -> ReleaseReport:
    """Write exercises/ anew from solutions/, or only compare.

    Args:
        chapters: numbers of chapters; all that have solutions if None.
        check: write nothing; say where exercises/ differs from what solutions/ gives.

    Returns:
        A report that is not ok when, with ``check``, something differs.

    Raises:
        ReleaseError: a chapter has no solutions, nbgrader refuses a notebook, or an exercise gives away its
            solution.
    """
    root = course_root()
    wanted = [chapter(number) for number in chapters] if chapters else _with_solutions(root)
    lines, ok = [], True
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        for one in wanted:
            _convert(root, one, fresh)
            _refuse_leaks(root, one, fresh / one.folder)
            there = root / "exercises" / one.folder
            if _same(fresh / one.folder, there):
                lines.append(f"exercises/{one.folder} is up to date.")
            elif check:
                ok = False
                lines.append(
                    f"exercises/{one.folder} differs from what solutions/{one.folder} gives: run `coursekit release`, "
                    "and edit solutions/ only."
                )
            else:
                _replace(there, fresh / one.folder)
                lines.append(f"Wrote exercises/{one.folder}.")
    return ReleaseReport(tuple(lines), ok)


def _with_solutions(root: Path) -> list[Chapter]:
    return [one for one in CHAPTERS if (root / one.solutions).is_file()]


def _convert(root: Path, one: Chapter, target: Path) -> None:
    """Run nbgrader's generate_assignment for one chapter, into a folder of its own and without a gradebook."""
    if not (root / one.solutions).is_file():
        raise ReleaseError(f"chapter {one.number} has no solutions: {one.solutions} is missing")
    from nbgrader.converters import GenerateAssignment
    from nbgrader.converters.base import NbGraderException
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    config: Any = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.source_directory = "solutions"
    config.CourseDirectory.release_directory = str(target)
    config.CourseDirectory.assignment_id = one.folder
    config.GenerateAssignment.no_database = True
    config.SaveCells.enabled = False
    converter = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
    converter.log.setLevel("CRITICAL")
    try:
        converter.start()
    except (NbGraderException, SystemExit) as error:
        raise ReleaseError(f"nbgrader refuses {one.solutions}: {error}") from error


def _refuse_leaks(root: Path, one: Chapter, released: Path) -> None:
    """Raise ReleaseError where an exercise contains its solution, or passes its own check as it stands."""
    notebook = read(released / f"{one.slug}.ipynb")
    cells = {cell.id: cell for cell in notebook.cells}
    text = "\n".join(cell.source for cell in notebook.cells)
    for task in chapter_tasks(one):
        answer = f"{task.slug}-answer"
        if answer not in cells:
            raise ReleaseError(
                f"{one.solutions} has no cell with the id {answer} for task {task.id}"
            )
        for line in solution_lines(task, root):
            if line in text:
                raise ReleaseError(
                    f"the exercise of task {task.id} contains a line of its solution: {line.strip()!r}"
                )
        if task.kind == "function":
            status = evaluate(task, _stub(task, cells[answer].source)).status
            if status != NOT_ATTEMPTED:
                raise ReleaseError(
                    f"the stub of task {task.id} is not recognized as not attempted: {status}"
                )


def _stub(task: Task, source: str) -> Any:
    names: dict[str, Any] = {}
    exec(compile(source, f"<stub of task {task.id}>", "exec"), names)
    if task.name not in names:
        raise ReleaseError(f"the answer cell of task {task.id} does not define {task.name}")
    return names[task.name]


def _same(left: Path, right: Path) -> bool:
    names = {path.relative_to(left) for path in left.rglob("*") if path.is_file()}
    others = {path.relative_to(right) for path in right.rglob("*") if path.is_file()}
    if names != others:
        return False
    return all(filecmp.cmp(left / name, right / name, shallow=False) for name in names)


def _replace(there: Path, fresh: Path) -> None:
    """Put a finished folder in the place of the old one."""
    there.parent.mkdir(exist_ok=True)
    if there.exists():
        shutil.rmtree(there)
    shutil.copytree(fresh, there)
