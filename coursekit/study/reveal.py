"""hint("1.2") and solution("1.2"): help that comes one step at a time."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from coursekit.chapters import chapter
from coursekit.paths import CourseNotFoundError, course_root
from coursekit.study.display import show
from coursekit.study.progress import record_hint, record_solution_seen
from coursekit.study.task import Task
from coursekit.study.tasks import find_task

_MARK = re.compile("(BEGIN|END) SOLUTION")  # nbgrader's delimiters
_given: Counter[str] = Counter()  # steps shown since the kernel started


@dataclass(frozen=True)
class Reveal:
    """A piece of help: Markdown in Jupyter, the same text elsewhere."""

    text: str

    def __str__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return self.text


def hint(task_id: str) -> None:
    """Show the next hint for a task; after the last one, show them all again.

    Raises:
        UnknownTaskError: there is no such task.
    """
    task = find_task(task_id)
    key, total = f"hint {task.id}", len(task.hints)
    if _given[key] < total:
        _given[key] += 1
        record_hint(task.id, _given[key])
        n = _given[key]
        more = (
            "Call it again for the next one."
            if n < total
            else f'This was the last; `solution("{task.id}")` goes on.'
        )
        show(Reveal(f"**{task.id}, hint {n} of {total}.** {task.hints[n - 1]} {more}"))
    else:
        show(Reveal("\n".join(f"{n}. {text}" for n, text in enumerate(task.hints, 1))))


def solution(task_id: str) -> None:
    """Show how to solve a task: first the plan, then, called again, the code.

    A written task has one step, a model answer.

    Raises:
        UnknownTaskError: there is no such task.
        CourseNotFoundError: the solutions are not on this machine.
    """
    task = find_task(task_id)
    answer = solution_source(task)
    key = f"solution {task.id}"
    _given[key] += 1
    if task.kind == "written":
        record_solution_seen(task.id)
        show(Reveal(f"**{task.id}, a model answer.** {answer}"))
    elif _given[key] == 1:
        steps = "\n".join(f"{n}. {step}" for n, step in enumerate(plan(answer), 1))
        show(Reveal(f"**{task.id}, the plan.** Call it again for the code.\n\n{steps}"))
    else:
        record_solution_seen(task.id)
        show(Reveal(f"**{task.id}, one way to write it.**\n\n```python\n{answer}\n```"))


def solution_source(task: Task) -> str:
    """Return the answer cell of a task from solutions/, without nbgrader's marks.

    Raises:
        CourseNotFoundError: the solutions are not on this machine.
    """
    try:
        root = course_root()
    except CourseNotFoundError as error:
        raise CourseNotFoundError(
            f'the solutions are not on this machine; `hint("{task.id}")` helps without them.'
        ) from error
    lines = [line for line in _answer_cell(task, root) if not _MARK.search(line)]
    return "\n".join(lines).strip()


def solution_lines(task: Task, root: Path) -> list[str]:
    """Return the lines between nbgrader's marks that a released exercise must not contain."""
    lines, inside = [], False
    for line in _answer_cell(task, root):
        if mark := _MARK.search(line):
            inside = mark[1] == "BEGIN"
        elif inside and line.strip():
            lines.append(line)
    return lines


def _answer_cell(task: Task, root: Path) -> list[str]:
    from coursekit.notebooks import read  # nbformat takes two seconds to import

    notebook = read(root / chapter(task.chapter).solutions)
    cells = [cell for cell in notebook.cells if cell.id == f"{task.slug}-answer"]
    return cells[0].source.splitlines() if cells else []


def plan(source: str) -> list[str]:
    """Return the comments of a solution: they say what each step does."""
    return [
        line.strip().lstrip("# ") for line in source.splitlines() if line.strip().startswith("#")
    ]
