"""Make exercises/ from solutions/ with nbgrader's own converter, and prove that no solution is left in it."""

import ast
import filecmp
import logging
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coursekit.chapters import CHAPTERS, Chapter, chapter
from coursekit.errors import CourseError
from coursekit.notebooks import read
from coursekit.paths import course_root
from coursekit.study.evaluate import evaluate
from coursekit.study.leaks import Secret, leaks, secrets
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
    lines, ok = [], True
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        for one in make_exercises(root, chapters, fresh):
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


def make_exercises(root: Path, chapters: list[int] | None, target: Path) -> list[Chapter]:
    """Make exercises from solutions/ in a folder of their own, and prove that they give nothing away.

    Args:
        root: the course, the folder with solutions/.
        chapters: numbers of chapters; all that have solutions if None.
        target: an empty folder; each chapter's exercises get a folder in it.

    Returns:
        The chapters in the order of the course, each once.

    Raises:
        ReleaseError: as `release`.
    """
    wanted = (
        [chapter(number) for number in sorted(set(chapters))]
        if chapters
        else [one for one in CHAPTERS if (root / one.solutions).is_file()]
    )
    for one in wanted:
        _convert(root, one, target)
    hidden = secrets(root)
    for one in wanted:
        made = target / one.folder
        files = {
            f"exercises/{path.relative_to(target).as_posix()}": path.read_bytes()
            for path in sorted(made.rglob("*"))
            if path.is_file()
        }
        _refuse_other_stubs(one, made / f"{one.slug}.ipynb")
        refuse_leaks(files, hidden)
    return wanted


def refuse_leaks(
    files: Mapping[str, bytes], hidden: list[Secret], folder: Path | None = None
) -> None:
    """Raise ReleaseError where a file for students contains what they are not meant to get.

    Args:
        files: content by path from the root, ``exercises/...`` or ``notebooks/...``.
        hidden: from `coursekit.study.leaks.secrets`.
        folder: the root, where it is not the course's.
    """
    for name, data in files.items():
        shown = (folder / name).as_posix() if folder else name
        teaches = name.startswith("notebooks/") and name.endswith(".ipynb")
        for leak in leaks(shown, data, hidden, teaches):
            source = shown if folder else re.sub("^exercises/", "solutions/", name)
            raise ReleaseError(f"{leak}. Students would get it: take it out of {source}.")


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
    said = _Errors()
    converter.log = logging.Logger(
        "nbgrader"
    )  # its own, so that what it says is read and not shown
    converter.log.addHandler(said)
    try:
        converter.start()
    except (NbGraderException, SystemExit) as error:
        raise ReleaseError(f"nbgrader refuses {one.solutions}: {said.reason() or error}") from error


class _Errors(logging.Handler):
    """What nbgrader logs while it fails: it tells the reason nowhere else."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a message."""
        self.messages.append(record.getMessage())

    def reason(self) -> str:
        """Return the last line of the first traceback, "" if there was none."""
        traces = [text for text in self.messages if text.startswith("Traceback")]
        return traces[0].strip().splitlines()[-1] if traces else ""


def _refuse_other_stubs(one: Chapter, released: Path) -> None:
    """Raise ReleaseError where an answer is missing, or its stub is not known as not attempted."""
    cells = {cell.id: cell for cell in read(released).cells}
    imports = _imports(cell.source for cell in cells.values() if cell.cell_type == "code")
    for task in chapter_tasks(one):
        answer = f"{task.slug}-answer"
        if answer not in cells:
            raise ReleaseError(
                f"{one.solutions} has no cell with the id {answer} for task {task.id}"
            )
        if task.kind == "function":
            status = evaluate(task, _stub(task, imports, cells[answer].source)).status
            if status != NOT_ATTEMPTED:
                raise ReleaseError(
                    f"the stub of task {task.id} is not recognized as not attempted: {status}"
                )


def _imports(sources: Iterable[str]) -> str:
    """Return what code cells import: a class that derives from nn.Module needs it to be defined at all."""
    found = []
    for source in sources:
        with suppress(SyntaxError):  # a magic
            found += [
                ast.unparse(node)
                for node in ast.parse(source).body
                if isinstance(node, ast.Import | ast.ImportFrom)
            ]
    return "\n".join(found)


def _stub(task: Task, imports: str, source: str) -> Any:
    names: dict[str, Any] = {}
    exec(compile(imports, f"<imports before task {task.id}>", "exec"), names)
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
