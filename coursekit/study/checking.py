"""check("1.2", f): what a learner types to see how far an answer has come."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from coursekit.study.display import show
from coursekit.study.evaluate import evaluate
from coursekit.study.progress import record
from coursekit.study.tasks import find_task


def check(task_id: str, answer: Any = None) -> float | None:
    """Run an answer on the visible cases of its task and show the verdict.

    Args:
        task_id: for example ``"1.2"``.
        answer: the function that you wrote.

    Returns:
        None; under nbgrader the points, which nbgrader reads off the cell's value.

    Raises:
        UnknownTaskError: there is no such task.
    """
    task = find_task(task_id)
    by_nbgrader = bool(os.environ.get("NBGRADER_EXECUTION"))
    with _stderr_on_stdout() if by_nbgrader else nullcontext():
        verdict = evaluate(task, answer)
    show(verdict)
    if verdict.trace:
        print(verdict.trace)
    if task.kind == "function":  # a program cannot say that a written answer is done
        record(task.id, verdict.points, task.points, verdict.status)
    # nbgrader gives full points to every cell that does not fail unless its value is a number
    return verdict.points if by_nbgrader else None


@contextmanager
def _stderr_on_stdout() -> Iterator[None]:
    """Show on stdout what is written to stderr: nbgrader gives nothing for a cell with a word there.

    A right answer may warn, log or draw a progress bar.
    """
    # the method of the stream and not sys.stderr itself: a log handler keeps the stream that it once got
    own = vars(sys.stderr)
    before = own.get("write")
    own["write"] = sys.stdout.write
    try:
        yield
    finally:
        if before is None:
            del own["write"]
        else:  # a check that an answer called
            own["write"] = before
