"""Grade one submission: run it in the sandbox, compare outside, and say what came of it."""

import pickle
import re
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from coursekit.chapters import Chapter
from coursekit.grading.conversation import Limits
from coursekit.grading.plan import cell_name, find_places
from coursekit.grading.result import (
    CRASHED,
    GRADED,
    NOT_DEFINED,
    NOT_YOUR_OWN,
    TIMED_OUT,
    TO_READ,
    UNREADABLE,
    Result,
    TaskResult,
)
from coursekit.grading.running import BROKE, TOO_MUCH_MEMORY, TOO_SLOW, Ran, Run, run
from coursekit.grading.sandbox import Sandbox
from coursekit.grading.submission import Submission, UnreadableError, parse_submission
from coursekit.grading.text import clean
from coursekit.study.calling import Called
from coursekit.study.evaluate import PUBLIC_SEED, draw_cases, judge
from coursekit.study.task import Case, Task
from coursekit.study.tasks import chapter_tasks
from coursekit.study.verdict import NOT_ATTEMPTED, PASSED

_STATE = {TOO_SLOW: TIMED_OUT, TOO_MUCH_MEMORY: CRASHED, BROKE: CRASHED}
_ONLY_SHOWN = (
    "What agrees are only inputs that the exercise itself shows; that alone earns no points."
)
_STUB = re.compile(r"YOUR ANSWER HERE|\s")
_MAX_NOTES = 6
# Probing a module sets torch's default type and its seed, which belong to the process; submissions are graded in
# threads of one.
_TORCH = threading.Lock()


@dataclass(frozen=True)
class Grader:
    """Everything that decides about a score, the same for a whole class.

    Args:
        chapter: number of the chapter.
        tasks: of the chapter.
        seed: of the cases.
        limits: of time and memory.
        safe: False runs submissions without a sandbox.
        hide: folders that submissions must not see.
    """

    chapter: int
    tasks: tuple[Task, ...]
    seed: int
    limits: Limits
    safe: bool = True
    hide: tuple[Path, ...] = ()

    def grade(
        self,
        student: str,
        data: bytes,
        name: str,
        user: int,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Result:
        """Return the result of one submission.

        Args:
            student: whose it is.
            data: content of the file.
            name: of the file.
            user: the user id in the sandbox.
            stopped: asked now and then whether to give up.

        Raises:
            SandboxError: the sandbox does not start.
            StoppedError: ``stopped`` said so.
        """
        result = Result(student, self.chapter, self.seed, GRADED, file=name)
        try:
            submission = parse_submission(data, clean(Path(name).name, 200))
        except UnreadableError as error:
            return replace(result, state=UNREADABLE, reason=clean(str(error)))
        functions = [task for task in self.tasks if task.kind == "function"]
        ran = Run()
        for torch in (False, True):
            if group := [task for task in functions if task.uses_torch is torch]:
                sandbox = Sandbox(torch, self.safe, self.hide)
                found = run(submission, group, self.seed, self.limits, sandbox, user, stopped)
                ran.tasks.update(found.tasks)
                ran.errors.update(found.errors)
                ran.excused |= found.excused
                ran.lost_cells.update(found.lost_cells)
        tasks = tuple(self._task_result(submission, task, ran) for task in self.tasks)
        state, reason = self._state(tasks)
        notes = self._notes(submission, ran)
        return replace(
            result,
            state=state,
            reason=reason,
            sha256=submission.sha256,
            tasks=tasks,
            notes=notes,
        )

    def _task_result(self, submission: Submission, task: Task, ran: Run) -> TaskResult:
        answer = _answer(submission, task)
        if task.kind == "written":
            empty = not _STUB.sub("", answer)
            return TaskResult(
                task.id,
                task.title,
                task.points,
                points=0.0 if empty else None,
                state=GRADED if empty else TO_READ,
                status=NOT_ATTEMPTED if empty else "written",
                answer=answer,
            )
        one = ran.tasks[task.id]
        found = TaskResult(
            task.id, task.title, task.points, 0.0, GRADED, "", total=one.wanted, answer=answer
        )
        if one.used:
            return replace(found, status=NOT_YOUR_OWN, sentences=(_not_your_own(one.used),))
        if one.missing is not None and not one.lost:
            status, sentences = self._not_defined(submission, task, one, ran)
            return replace(found, status=status, sentences=sentences)
        cases = draw_cases(task, self.seed)
        lost = (_STATE.get(one.lost, CRASHED), self._why_lost(one.lost))
        with _alone(task), np.errstate(all="ignore"):  # whatever numbers came back
            verdict = judge(task, cases, one.calls, lost)
            points, sentences = round(verdict.points, 2), verdict.sentences
            only_shown = bool(points) and _only_shown(task, cases, one.calls)
        if only_shown:
            points, sentences = 0.0, (*sentences, _ONLY_SHOWN)
        if verdict.status == PASSED:
            sentences = ()  # the sentence of `check` speaks of grading to come
        elif verdict.status == NOT_ATTEMPTED:
            sentences = ("You left this task as it was handed out.",)
        return replace(
            found,
            points=points,
            state=lost[0] if one.lost else GRADED,
            status=verdict.status,
            sentences=sentences,
            passed=verdict.passed,
            misconception=verdict.misconception.name if verdict.misconception else None,
            trace=verdict.trace,
        )

    def _why_lost(self, why: str) -> str:
        return {
            TOO_SLOW: f"your function did not come back within {self.limits.seconds:g} seconds.",
            TOO_MUCH_MEMORY: f"your function took more than {self.limits.memory / 1e6:.0f} MB of memory.",
        }.get(why, "your function ended Python itself instead of returning a value.")

    def _not_defined(
        self, submission: Submission, task: Task, one: Ran, ran: Run
    ) -> tuple[str, tuple[str, ...]]:
        if one.missing:
            return NOT_DEFINED, (
                f"`{task.name}` should be a function; what your notebook defines is of type {one.missing}.",
            )
        place = find_places(submission, task).answer
        if place is None:
            return NOT_DEFINED, (
                f"Your notebook has no answer cell for this task and no function `{task.name}`.",
            )
        if place in ran.lost_cells:
            return NOT_DEFINED, (
                f"The cell that should define `{task.name}` did not come to its end.",
            )
        if place in ran.errors:
            return NOT_DEFINED, (
                f"The cell that should define `{task.name}` raised {ran.errors[place]}",
            )
        return NOT_DEFINED, (
            f"Your notebook defines no function `{task.name}`: was it renamed or deleted?",
        )

    def _state(self, tasks: Sequence[TaskResult]) -> tuple[str, str]:
        for state in (TIMED_OUT, CRASHED):
            where = [task for task in tasks if task.state == state]
            if where:
                named = ", ".join(task.id for task in where)
                many = len(where) > 1
                what = {
                    TIMED_OUT: f"did not come back within {self.limits.seconds:g} seconds",
                    CRASHED: "ended Python or took too much memory",
                }[state]
                return state, (
                    f"{'Tasks' if many else 'Task'} {named} {what}; the other tasks are graded."
                )
        return GRADED, ""

    def _notes(self, submission: Submission, ran: Run) -> tuple[str, ...]:
        notes = [
            f"{cell_name(submission, place).capitalize()} raised {error} (the cells after it ran all the same)"
            for place, error in sorted(ran.errors.items())
            if place not in ran.excused
        ]
        notes += [
            f"{cell_name(submission, place).capitalize()} was left out: "
            + (
                "it ran too long."
                if why == TOO_SLOW
                else "it ended Python or took too much memory."
            )
            for place, why in sorted(ran.lost_cells.items())
        ]
        if len(notes) > _MAX_NOTES:
            notes = [*notes[:_MAX_NOTES], f"{len(notes) - _MAX_NOTES} more cells went wrong."]
        return tuple(notes)


def make_grader(chapter: Chapter, seed: int, limits: Limits, safe: bool = True) -> Grader:
    """Return the grader of a chapter."""
    return Grader(chapter.number, chapter_tasks(chapter), seed, limits, safe)


def _only_shown(task: Task, cases: Sequence[Case], calls: Sequence[Called]) -> bool:
    """Tell whether an answer is right for nothing but inputs that anybody can see in the exercise."""
    seen = {_bytes(case) for case in draw_cases(task, PUBLIC_SEED)}
    unseen = [pair for pair in zip(cases, calls, strict=False) if _bytes(pair[0]) not in seen]
    if all(_bytes(case) in seen for case in cases):
        return False
    return not any(judge(task, [case], [one]).passed for case, one in unseen)


def _alone(task: Task) -> AbstractContextManager[Any]:
    """Return what keeps others from computing with torch meanwhile, where a task does."""
    return _TORCH if task.uses_torch else nullcontext()


def _bytes(case: Case) -> bytes:
    return pickle.dumps((case.args, dict(case.options), dict(case.given)))


def _not_your_own(used: str) -> str:
    whose = "the course's own function" if used.startswith("coursekit") else "not NumPy"
    return f"Your answer calls `{used}`, {whose}: this task counts only with code of your own."


def _answer(submission: Submission, task: Task) -> str:
    """Return what was written for a task: its cell, and cells of the student's own right below it."""
    place = find_places(submission, task).answer
    if place is None:
        return ""
    parts = [submission.cells[place].source]
    if task.kind == "written":
        for cell in submission.cells[place + 1 :]:
            if cell.cell_type == "code" or re.match("task-|how-far|your-progress", cell.id):
                break
            parts.append(cell.source)
    return clean("\n\n".join(parts), 20_000)
