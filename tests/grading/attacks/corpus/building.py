"""Build submissions: the released exercises, with answers and mischief put into their cells.

Every case of the corpus becomes a file in a folder, as a student would hand it in; what is graded is that file.
"""

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any

from coursekit.chapters import Chapter
from coursekit.chapters import chapter as find_chapter
from coursekit.grading.result import GRADED
from coursekit.study.task import Task
from coursekit.study.tasks import chapter_tasks

COURSE = Path(__file__).resolve().parents[4]


class Draft:
    """A notebook on its way to being handed in.

    Args:
        chapter: number of the chapter.
        solved: whether the answers of solutions/ stand in it already; else it is as released.
    """

    def __init__(self, chapter: int = 1, solved: bool = True) -> None:
        self.chapter = chapter
        found = find_chapter(chapter)
        self.raw: dict[str, Any] = copy.deepcopy(_read("exercises", found))
        if solved:
            right = {cell["id"]: cell for cell in _read("solutions", found)["cells"]}
            for cell in self.raw["cells"]:
                if cell["id"].endswith("-answer"):
                    cell["source"] = right[cell["id"]]["source"]

    @property
    def cells(self) -> list[dict[str, Any]]:
        return self.raw["cells"]

    def place(self, name: str) -> int:
        return next(k for k, cell in enumerate(self.cells) if cell.get("id") == name)

    def cell(self, name: str) -> dict[str, Any]:
        return self.cells[self.place(name)]

    def source(self, name: str) -> str:
        return "".join(self.cell(name)["source"])

    def write(self, name: str, source: str) -> None:
        self.cell(name)["source"] = dedent(source).strip("\n")

    def answer(self, task: str, source: str) -> None:
        """Replace the answer of a task."""
        self.write(cell_id(task, "answer"), source)

    def add(self, source: str, *, before: str = "", after: str = "", kind: str = "code") -> None:
        """Add a cell of one's own; at the end, unless told where."""
        new = {
            "id": f"own-{len(self.cells)}",
            "cell_type": kind,
            "metadata": {},
            "source": dedent(source).strip("\n"),
        }
        if kind == "code":
            new |= {"outputs": [], "execution_count": None}
        where = self.place(before) if before else self.place(after) + 1 if after else None
        self.cells.insert(len(self.cells) if where is None else where, new)

    def delete(self, name: str) -> None:
        del self.cells[self.place(name)]

    def move(self, name: str, *, after: str) -> None:
        cell = self.cells.pop(self.place(name))
        self.cells.insert(self.place(after) + 1, cell)

    def duplicate(self, name: str) -> dict[str, Any]:
        """Repeat a cell right below itself, with the same id and metadata, and return the second one."""
        twin = copy.deepcopy(self.cell(name))
        self.cells.insert(self.place(name) + 1, twin)
        return twin

    def bytes(self) -> bytes:
        return json.dumps(self.raw, indent=1).encode()


Make = Callable[[Draft], None]


@dataclass(frozen=True)
class Submission:
    """One case of the corpus.

    Args:
        name: in words; the file is called after it.
        tries: what it is after, or what is special about it.
        make: what to do to the notebook.
        points: of tasks, where they differ from those of the notebook that it starts from.
        state: in which it must end.
        says: what the student must read somewhere, or in the sentences of tasks.
        solved: whether it starts from right answers, or from the exercises as released.
        chapter: whose exercises it answers.
        suffix: of the file.
        seconds: that a cell or a task may take.
        file: writes the file itself, for what is no notebook; ``make`` is not used then.
    """

    name: str
    tries: str
    make: Make = lambda draft: None
    points: Mapping[str, float] = field(default_factory=dict)
    state: str = GRADED
    says: str | Mapping[str, str] = ""
    solved: bool = True
    chapter: int = 1
    suffix: str = ".ipynb"
    seconds: float = 20.0
    file: Callable[[Path], None] | None = None

    def hand_in(self, folder: Path, **known: object) -> Path:
        """Write the file; ``@HERE@`` and what else is known to the attacker is filled in."""
        path = folder / (self.name.replace(" ", "_").replace("/", "_") + self.suffix)
        if self.file is not None:
            self.file(path)
            return path
        draft = Draft(self.chapter, self.solved)
        self.make(draft)
        data = draft.bytes()
        known = {"HERE": folder, "COURSE": COURSE, "TCP": 80, "UDP": 53, "UNIX": "x", **known}
        for name, value in known.items():
            data = data.replace(f"@{name}@".encode(), str(value).encode())
        path.write_bytes(data)
        return path

    def expected(self) -> dict[str, float]:
        """Return the points of every task that a program grades."""
        rest = {
            task.id: task.points if self.solved else 0.0 for task in function_tasks(self.chapter)
        }
        assert set(self.points) <= set(rest), self.name
        return {**rest, **self.points}


def several(
    name: str, tries: str, parts: Mapping[str, tuple[str, str]], **more: object
) -> Submission:
    """Return a submission that answers several tasks wrongly, each in its own way.

    Args:
        name: of the submission.
        tries: what it is after.
        parts: answer and what must be said about it, by task.
        more: for `Submission`.
    """

    def make(draft: Draft) -> None:
        for task, (source, _) in parts.items():
            draft.answer(task, source)

    says = {task: said for task, (_, said) in parts.items()}
    return Submission(name, tries, make, dict.fromkeys(parts, 0.0), says=says, **more)  # type: ignore[arg-type]


def answers(task: str, source: str) -> Make:
    """Put code into the answer of a task."""
    return lambda draft: draft.answer(task, source)


def before(task: str, source: str) -> Make:
    """Put code into a cell right before the answer of a task."""
    return lambda draft: draft.add(source, before=cell_id(task, "answer"))


def first(source: str) -> Make:
    """Put code into a cell before all others."""
    return lambda draft: draft.add(source, before="exercises-title")


def last(source: str) -> Make:
    """Put code into a cell after all others."""
    return lambda draft: draft.add(source)


def both(*parts: Make) -> Make:
    """Do one thing after the other."""

    def make(draft: Draft) -> None:
        for part in parts:
            part(draft)

    return make


def cell_id(task: str, what: str) -> str:
    return f"task-{task.replace('.', '-')}-{what}"


def function_tasks(chapter: int) -> list[Task]:
    return [task for task in chapter_tasks(find_chapter(chapter)) if task.kind == "function"]


@cache
def _read(folder: str, chapter: Chapter) -> dict[str, Any]:
    path = chapter.exercises if folder == "exercises" else chapter.solutions
    return dict(json.loads((COURSE / path).read_text(encoding="utf-8")))
