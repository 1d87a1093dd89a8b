"""Decide what to run of a submission, and in which order.

Every code cell runs in the order of the submission, except the course's checks: whatever stands in their
place is not looked at. The answer of a task is called where its check stands, so that a helper that a later
task writes anew does no harm; if it lacks something then, it is called again at the end.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import numpy as np
from nbformat import NotebookNode

from coursekit import study
from coursekit.grading.inside.codec import encode
from coursekit.grading.submission import Submission
from coursekit.study.evaluate import argument_names, draw_cases
from coursekit.study.task import Case, Task

# not all of them, and no import of torch only to know: what the answers to these tasks could use
_TORCH_STAR_NAMES = {
    "torch": ["as_tensor", "conv1d", "conv2d", "from_numpy", "nn", "tensor"],
    "torch.nn": ["Conv1d", "Conv2d", "ConvTranspose2d", "CrossEntropyLoss", "Linear", "functional"],
    "torch.nn.functional": [
        *(
            "avg_pool2d",
            "conv1d",
            "conv2d",
            "conv_transpose1d",
            "conv_transpose2d",
            "cross_entropy",
        ),
        *("fold", "linear", "max_pool2d", "one_hot", "softmax", "unfold"),
    ],
}


@dataclass(frozen=True)
class Places:
    """Where the parts of a task stand in a submission, None where they do not.

    Args:
        answer: number of the cell with the answer.
        check: number of the cell with the check.
    """

    answer: int | None
    check: int | None


def find_places(submission: Submission, task: Task) -> Places:
    """Find a task's cells by their ids; by nbgrader's name for them where a tool renewed the ids."""
    return Places(
        _find(submission.cells, f"{task.slug}-answer"),
        _find(submission.cells, f"{task.slug}-check"),
    )


def _find(cells: Sequence[NotebookNode], name: str) -> int | None:
    for key in (_id, _grade_id):
        for place, cell in enumerate(cells):
            if key(cell) == name:
                return place
    return None


def _id(cell: NotebookNode) -> Any:
    return cell.id


def _grade_id(cell: NotebookNode) -> Any:
    return cell.metadata.get("nbgrader", {}).get("grade_id")


@dataclass(frozen=True)
class Step:
    """One thing that the worker does.

    Args:
        kind: ``"cell"``, ``"call"``, or ``"again"`` for a call repeated at the end.
        place: number of the cell, for a cell.
        task: id of the task, for a call.
    """

    kind: str
    place: int = -1
    task: str = ""


def steps(submission: Submission, tasks: Sequence[Task]) -> list[Step]:
    """Return what to run of a submission in order to grade some of its tasks."""
    places = {task.id: find_places(submission, task) for task in tasks}
    checks = {where.check for where in places.values()}
    due: dict[int, list[str]] = {}
    for task in tasks:
        where = places[task.id]
        after = max((p for p in (where.answer, where.check) if p is not None), default=-1)
        due.setdefault(after if after >= 0 else len(submission.cells), []).append(task.id)
    found: list[Step] = []
    for place, cell in enumerate(submission.cells):
        if cell.cell_type == "code" and place not in checks and cell.source.strip():
            found.append(Step("cell", place=place))
        found += [Step("call", task=task) for task in due.get(place, [])]
    found += [Step("call", task=task) for task in due.get(len(submission.cells), [])]
    return found + [Step("again", task=task.id) for task in tasks]


def cell_name(submission: Submission, place: int) -> str:
    """Return what a person calls a code cell: its number among the code cells."""
    number = sum(cell.cell_type == "code" for cell in submission.cells[: place + 1])
    return f"code cell {number}"


def as_message(
    submission: Submission,
    tasks: Sequence[Task],
    all_steps: Sequence[Step],
    left_out: Collection[int],
    seed: int,
) -> tuple[dict[str, Any], list[np.ndarray]]:
    """Return the plan as the worker reads it, and its arrays.

    Args:
        submission: with the cells.
        tasks: to be graded.
        all_steps: as `steps` returned them.
        left_out: numbers of steps that are done, or that must not be tried again.
        seed: of the cases.
    """
    arrays: list[np.ndarray] = []
    by_id = {task.id: task for task in tasks}
    cases = {task.id: [_case(one, arrays) for one in draw_cases(task, seed)] for task in tasks}
    written = []
    for number, step in enumerate(all_steps):
        if number in left_out:
            continue
        if step.kind == "cell":
            source = submission.cells[step.place].source
            what = {"source": source, "name": cell_name(submission, step.place)}
        else:
            task = by_id[step.task]
            what = {
                "task": task.id,
                "name": task.name,
                "names": argument_names(task),
                "graded_by": task.graded_by,
                "returns": list(task.returns),
                "cases": cases[task.id],
            }
        written.append({"step": number, "kind": step.kind, **what})
    names = {
        "packages": hidden_packages(tasks),
        "harmless": [*(f"coursekit.study.{name}" for name in study.__all__), "coursekit.show"],
        "names": {**_star_names(), **_TORCH_STAR_NAMES, "coursekit.study": study.__all__},
    }
    return {"steps": written, "hidden": names, "torch": tasks[0].uses_torch}, arrays


def hidden_packages(tasks: Sequence[Task]) -> list[str]:
    """Return the packages that answers to these tasks must not use."""
    return ["coursekit"] if tasks[0].uses_torch else ["coursekit", "torch"]


def _case(case: Case, arrays: list[np.ndarray]) -> dict[str, Any]:
    options, given = (
        {name: encode(value, arrays) for name, value in named.items()}
        for named in (case.options, case.given)
    )
    return {"args": encode(tuple(case.args), arrays), "options": options, "given": given}


@cache
def _star_names() -> dict[str, list[str]]:
    """Return what ``from coursekit.reference... import *`` would bring, by module."""
    package = import_module("coursekit.reference")
    modules = [package.__name__]
    modules += [f"{package.__name__}.{one.name}" for one in iter_modules(package.__path__)]
    return {name: _public(name) for name in modules}


def _public(name: str) -> list[str]:
    """Return what a star brings, but for what the module itself imported: `np` stays what it is."""
    # a copy: submissions are graded side by side, and another one's first import puts modules into a package
    found = dict(vars(import_module(name)))
    ours = [one for one, thing in found.items() if getattr(thing, "__module__", "") == name]
    return [one for one in found.get("__all__", ours) if not one.startswith("_")]
