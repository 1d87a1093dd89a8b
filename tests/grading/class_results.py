"""Results of small classes, as the grader would leave them."""

from dataclasses import replace

from coursekit.grading.result import (
    CRASHED,
    GRADED,
    MISSING,
    TIMED_OUT,
    TO_READ,
    UNREADABLE,
    Result,
    TaskResult,
)


def code(task_id, answer="", points=0.0, most=3, state=GRADED):
    """A task whose points the program gives."""
    return TaskResult(task_id, "Slide", most, points, state, "wrong value", answer=answer)


def prose(task_id, answer="Because it slides.", most=2):
    """A task whose points a person gives."""
    return TaskResult(task_id, "Explain", most, None, TO_READ, TO_READ, answer=answer)


def submission(student, *tasks, state=GRADED, reason=""):
    return Result(student, 1, 7, state, reason, file=f"{student}/a.ipynb", tasks=tasks)


def small_class():
    """Three submissions with two written tasks, one that could not be read and one that is missing."""
    tasks = code("1.2", points=3.0), prose("1.7"), code("1.9", points=0.5, most=1), prose("1.10")
    slow = (code("1.2", points=1.25, state=TIMED_OUT), *tasks[1:])
    return [
        submission("zoe", *tasks),
        submission("ada", *slow, state=TIMED_OUT, reason="Task 1.2 took longer than 10 seconds."),
        submission("Jörg", replace(tasks[0], state=CRASHED), *tasks[1:], state=CRASHED),
        replace(
            submission("ben", state=UNREADABLE, reason="It is not a notebook."), file="ben.pdf"
        ),
        replace(submission("cem", state=MISSING, reason="There is no notebook."), file=""),
    ]
