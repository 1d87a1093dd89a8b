"""Run a submission to its end, whatever it does: what hangs or crashes is left out and the rest run again."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import numpy as np

from coursekit.grading.conversation import End, Limits, converse
from coursekit.grading.inside.codec import CodecError, decode
from coursekit.grading.plan import Step, as_message, hidden_packages, steps
from coursekit.grading.sandbox import Sandbox
from coursekit.grading.submission import Submission
from coursekit.grading.text import clean
from coursekit.study.calling import Called, Raised
from coursekit.study.evaluate import draw_cases
from coursekit.study.task import Task

TOO_SLOW, TOO_MUCH_MEMORY, BROKE = "timed out", "too much memory", "crashed"
_SOUGHT = re.compile(r"(?:No module named|module|cannot import name .* from) '(\w+)[\w.]*'")
_MAX_STARTS = 40  # of a worker; an honest submission needs one


@dataclass
class Ran:
    """What became of one task's answer.

    Args:
        wanted: how many calls were meant.
        calls: what came of its calls, in the order of the cases; the last may be missing.
        missing: where there was no function to call, the type of what was there instead, "" for nothing.
        used: what the answer called that it must not, "" for nothing.
        lost: why the rest of the calls is missing: `TOO_SLOW`, `TOO_MUCH_MEMORY` or `BROKE`.
    """

    wanted: int
    calls: list[Called] = field(default_factory=list)
    missing: str | None = None
    used: str = ""
    lost: str = ""

    @property
    def settled(self) -> bool:
        """Whether nothing that still runs can change it."""
        return bool(self.lost) or (len(self.calls) == self.wanted and not self.lacking)

    @property
    def lacking(self) -> bool:
        """Whether something was not there that a later cell may bring."""
        return self.missing is not None or any(
            one.raised is not None and one.raised.is_a(NameError) for one in self.calls
        )


@dataclass
class Run:
    """What became of a submission's cells and answers.

    Args:
        tasks: by id.
        errors: what cells raised, by the number of the cell.
        excused: cells that used what is not there while grading: no wonder if they raised.
        lost_cells: why cells did not come to their end, by the number of the cell.
    """

    tasks: dict[str, Ran] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)
    excused: set[int] = field(default_factory=set)
    lost_cells: dict[int, str] = field(default_factory=dict)


def run(
    submission: Submission,
    tasks: Sequence[Task],
    seed: int,
    limits: Limits,
    sandbox: Sandbox,
    user: int,
    stopped: Callable[[], bool],
) -> Run:
    """Run a submission's cells and call its answers.

    Args:
        submission: to run.
        tasks: whose answers to call; they share one sandbox.
        seed: of the cases.
        limits: for each cell and each task.
        sandbox: to run in.
        user: the user id in the sandbox.
        stopped: asked now and then whether to give up.

    Raises:
        SandboxError: the sandbox does not start.
        StoppedError: ``stopped`` said so.
    """
    todo, hidden = steps(submission, tasks), hidden_packages(tasks)
    result = Run({task.id: Ran(len(draw_cases(task, seed))) for task in tasks})
    last = monotonic() + limits.seconds * (len(tasks) + 2)
    lost: set[int] = set()
    why = BROKE
    for _ in range(_MAX_STARTS):
        seconds = last - monotonic()
        if seconds <= 0:
            why = TOO_SLOW
            break
        done = lost | {n for n, step in enumerate(todo) if _settled(result, step)}
        plan, arrays = as_message(submission, tasks, todo, done, seed)
        end = End(BROKE)
        for said in converse(plan, arrays, sandbox, limits, user, seconds, stopped):
            if isinstance(said, End):
                end = said
            else:
                _note(result, todo, hidden, *said)
        step = end.step
        if end.why == "finished" or step is None or step >= len(todo) or step in lost:
            why = end.why
            break
        lost.add(step)
        _lose(result, todo[step], end.why)
    for ran in result.tasks.values():
        if not ran.settled and not ran.lacking:
            ran.lost = BROKE if why == "finished" else why
    return result


def _settled(result: Run, step: Step) -> bool:
    return step.kind != "cell" and result.tasks[step.task].settled


def _note(
    run: Run,
    todo: Sequence[Step],
    hidden: Sequence[str],
    said: dict[str, Any],
    arrays: list[np.ndarray],
) -> None:
    """Keep what a message says, if it says something that can be."""
    number = said.get("end", said.get("step"))
    if not isinstance(number, int) or not 0 <= number < len(todo):
        return
    step = todo[number]
    if step.kind == "cell":
        if error := clean(said.get("error"), 300):
            run.errors[step.place] = error
        if said.get("excused") is True:
            run.excused.add(step.place)
        return
    ran = run.tasks[step.task]
    if "not callable" in said:
        ran.missing, ran.calls = clean(said["not callable"], 60), []
    elif "case" in said:
        if said["case"] == 0:
            ran.calls, ran.missing = [], None
        if said["case"] == len(ran.calls) < ran.wanted:
            one = _called(said, arrays)
            ran.calls.append(one)
            ran.used = ran.used or clean(said.get("used"), 200) or _missed(one, hidden)


def _called(said: dict[str, Any], arrays: list[np.ndarray]) -> Called:
    raised = said.get("raised")
    if isinstance(raised, dict):
        kinds = raised.get("kinds")
        names = [clean(k, 100) for k in kinds[:20]] if isinstance(kinds, list) else []
        text, trace = clean(raised.get("text"), 1000), clean(raised.get("trace"), 4000)
        return Called(
            raised=Raised(tuple(names) or ("Error",), text, bool(raised.get("within")), trace)
        )
    try:
        return Called(decode(said.get("value"), arrays), changed=clean(said.get("changed"), 60))
    except CodecError as error:
        text = f"a value that cannot be read: {clean(str(error), 200)}"
        return Called(raised=Raised(("ValueError",), text, True))


def _missed(one: Called, hidden: Sequence[str]) -> str:
    """Return the hidden package that a call looked for behind the back of what stands in for it."""
    found = _SOUGHT.search(one.raised.text) if one.raised else None
    return found[1] if found and found[1] in hidden else ""


def _lose(run: Run, step: Step, why: str) -> None:
    if step.kind == "cell":
        run.lost_cells[step.place] = why
    else:
        run.tasks[step.task].lost = why
