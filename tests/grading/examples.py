"""Results to test with: every state, every kind of verdict, hostile text, and classes of any size."""

import random
from dataclasses import replace
from typing import Any

from coursekit.grading.reports.points import Given, Manual
from coursekit.grading.reports.similarity import Alike, LikeSolution, Pair, Shared, Similarity
from coursekit.grading.result import (
    CRASHED,
    GRADED,
    MISSING,
    NOT_DEFINED,
    NOT_YOUR_OWN,
    TIMED_OUT,
    TO_READ,
    UNREADABLE,
    Result,
    TaskResult,
)

CHAPTER, SEED = 1, 918273645
TITLES = {
    "1.1": ("Count the places", 2.0),
    "1.2": ("The sliding dot product", 3.0),
    "1.3": ("The newest measurement counts most", 2.0),
    "1.4": ("The same thing as a matrix", 3.0),
    "1.5": ("Stride and padding", 4.0),
    "1.6": ("The way back", 4.0),
    "1.7": ("What the matrix may not do", 2.0),
}
ANSWER = """\
def sliding(x, w):
    F = len(w)
    y = np.zeros(len(x) - F + 1)
    for i in range(len(y)):
        y[i] = x[i : i + F] @ w  # under the kernel
    return y
"""
TRACE = """\
\x1b[31m---------------------------------------------------------------------------\x1b[39m
\x1b[31mIndexError\x1b[39m                                Traceback (most recent call last)
\x1b[36mFile <answer of task 1.2>:5\x1b[39m, in \x1b[36msliding\x1b[34m(x, w)\x1b[39m
      3     y = np.zeros(len(x) - F + 1)
      4     for i in range(len(x)):
\x1b[32m----> 5\x1b[39m         y[i] = x[i : i + F] @ w

\x1b[31mIndexError\x1b[39m: index 5 is out of bounds for axis 0 with size 5
"""
WORDS = """\
A full matrix chooses (W - F + 1) W numbers, a convolution F of them.
That is good where <the same thing> matters wherever it is, & bad where the place itself says something.
"""


def task(task_id: str = "1.2", **changes: Any) -> TaskResult:
    """Return a right answer to a task of chapter 01, changed as told."""
    title, points = TITLES[task_id]
    written = task_id == "1.7"
    right = TaskResult(
        id=task_id,
        title=title,
        max_points=points,
        points=None if written else points,
        state=TO_READ if written else GRADED,
        status="written" if written else "passed",
        passed=0 if written else 6,
        total=0 if written else 6,
        answer=WORDS if written else ANSWER,
    )
    return replace(right, **changes)


VERDICTS = {
    "passed": task(),
    "wrong value": task(
        status="wrong value",
        points=0.0,
        passed=0,
        sentences=(
            "Case 1 of 6 (W = 5, F = 3): y[0] is 2.5, expected 1.25.",
            "You turned the kernel around: y[i] is `x[i : i + F] @ w`, as it stands.",
        ),
        misconception="kernel flipped",
    ),
    "partly": task(
        status="wrong value",
        points=2.5,
        passed=5,
        sentences=("Case 6 of 6 (W = 4, F = 4): y[0] is 0, expected 1.5.", '`hint("1.2")` helps.'),
    ),
    "wrong shape": task(
        status="wrong shape",
        points=0.0,
        passed=0,
        sentences=("Case 1 of 6 (W = 5, F = 3): y has shape (5,), expected (3,).",),
    ),
    "wrong type": task(
        status="wrong type",
        points=0.0,
        passed=0,
        sentences=(
            "Case 1 of 6: your function returned a generator, which has not computed anything yet.",
        ),
    ),
    "changed its input": task(
        status="changed its input",
        points=0.0,
        passed=0,
        sentences=(
            "Case 1 of 6: your function wrote into its argument x; work on a copy: `x.copy()`.",
        ),
    ),
    "raised": task(
        status="raised",
        points=0.5,
        passed=1,
        sentences=(
            "Case 2 of 6 (W = 7, F = 3): your code raised IndexError: index 5 is out of bounds for axis 0 with "
            "size 5",
        ),
        trace=TRACE,
    ),
    "not attempted": task(
        status="not attempted",
        points=0.0,
        passed=0,
        sentences=("You left this task as it was handed out.",),
        answer="def sliding(x, w):\n    # YOUR CODE HERE\n    raise NotImplementedError()\n",
    ),
    NOT_DEFINED: task(
        status=NOT_DEFINED,
        points=0.0,
        passed=0,
        sentences=("Your notebook defines no function `sliding`: was it renamed or deleted?",),
    ),
    NOT_YOUR_OWN: task(
        status=NOT_YOUR_OWN,
        points=0.0,
        passed=0,
        sentences=(
            "Your answer calls `coursekit.reference.conv1d`, the course's own function: this task counts only with "
            "code of your own.",
        ),
        answer="from coursekit.reference import conv1d as sliding\n",
    ),
    "timed out": task(
        state=TIMED_OUT,
        status=TIMED_OUT,
        points=1.0,
        passed=2,
        sentences=(
            "Case 3 of 6 (W = 9, F = 2): your function did not come back within 30 seconds.",
        ),
        answer="def sliding(x, w):\n    while True:\n        pass\n",
    ),
    "crashed": task(
        state=CRASHED,
        status=CRASHED,
        points=0.0,
        passed=0,
        sentences=(
            "Case 1 of 6 (W = 5, F = 3): your function ended Python itself instead of returning a value.",
        ),
        answer="import os\n\nos._exit(0)\n",
    ),
    TO_READ: task("1.7"),
    "left empty": task(
        "1.7",
        state=GRADED,
        status="not attempted",
        points=0.0,
        sentences=(),
        answer="YOUR ANSWER HERE",
    ),
}
"""A task's result by what became of it."""

REST = tuple(task(one) for one in TITLES if one != "1.2")


def with_task(one: TaskResult, **changes: Any) -> Result:
    """Return a submission with one answer as given and the others right."""
    tasks = tuple(sorted((one, *(t for t in map(task, TITLES) if t.id != one.id)), key=_id))
    result = Result(
        student="Emmy Noether",
        chapter=CHAPTER,
        seed=SEED,
        state=one.state if one.state in (TIMED_OUT, CRASHED) else GRADED,
        file="Emmy Noether/convolution_1d.ipynb",
        sha256="5f2b" * 16,
        tasks=tasks,
    )
    return replace(result, **changes)


def _id(one: TaskResult) -> str:
    return one.id


def without_tasks(state: str, reason: str, **changes: Any) -> Result:
    """Return a submission of which nothing could be graded."""
    file = "" if state == MISSING else "Emmy Noether/convolution_1d.ipynb"
    result = Result("Emmy Noether", CHAPTER, SEED, state, reason=reason, file=file)
    return replace(result, **changes)


STATES = {
    GRADED: with_task(VERDICTS["partly"]),
    TIMED_OUT: with_task(
        VERDICTS["timed out"],
        reason="Task 1.2 did not come back within 30 seconds; the other tasks are graded.",
    ),
    CRASHED: with_task(
        VERDICTS["crashed"],
        reason="Task 1.2 ended Python or took too much memory; the other tasks are graded.",
    ),
    UNREADABLE: without_tasks(
        UNREADABLE,
        "convolution_1d.ipynb is a web page, not a notebook. In JupyterLab use File, Download, and hand in the "
        ".ipynb file.",
    ),
    MISSING: without_tasks(MISSING, "Nothing was handed in under this name."),
}
"""A submission in each state."""

MANUAL: Manual = {
    ("Emmy Noether", "1.7"): Given(1.5, "Well put.\nWhat about `padding`, at the ends <of> x?")
}

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></details></title><h1>Full marks</h1>",
    "../../etc",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt; `<b>` &#60;",
    "javascript:alert(1)",
)
"""Names, answers and messages that want to be more than text."""

NAMES = (
    "Ada Lovelace",
    "Ünal Şahin-Gökçe",
    "Nguyễn Thị Minh Khai",
    "محمد بن موسى الخوارزمي",
    "שרה לוי",
    "Σοφία Κοβαλέφσκαγια",
    "王小雲",
    "Björk Guðmundsdóttir",
    "Ngozi O'Brien & Söhne",
    "x" * 200,
    *HOSTILE,
)


ALIKE = Similarity(
    pairs=(
        Pair(NAMES[0], NAMES[3], (Alike("1.4", 94, False, 2), Alike("1.6", 100, True, 2))),
        Pair(NAMES[1], HOSTILE[0], (Alike("1.6", 91, False, 3),)),
    ),
    like_solution=(LikeSolution(NAMES[2], (Alike("1.5", 100, True, 1),)),),
    shared=(Shared("1.4", NAMES[:8], 30, False), Shared("1.6", NAMES[4:9], 30, True)),
)
NOTHING_ALIKE = Similarity((), (), ())
RUN = {
    "chapter": CHAPTER,
    "coursekit": "0.1.0",
    "limit_memory": 2048,
    "limit_seconds": 30.0,
    "sandbox": True,
    "seed": SEED,
}
"""What run.json holds."""


def hostile(text: str) -> Result:
    """Return a submission that says the same hostile thing wherever a student can say something."""
    one = replace(
        VERDICTS["raised"],
        title=text,
        sentences=(text, f"your code raised ValueError: {text}"),
        misconception=text,
        trace=f"Traceback:\n{text}\nValueError: {text}",
        answer=text,
    )
    return with_task(one, student=text, file=text, notes=(text,), reason=text)


def a_class(size: int, seed: int = 0) -> list[Result]:
    """Return the results of a class, the same for the same size and seed: mostly right, all kinds in it."""
    rng = random.Random(seed)
    students = [NAMES[i] if i < min(len(NAMES), size // 2) else _name(i) for i in range(size)]
    return [_one_of(rng, student) for student in students]


def _name(i: int) -> str:
    given = ("Ana", "Bela", "Chi", "Dana", "Eli", "Femi", "Gita", "Hugo", "Ines", "Jun")
    family = ("Abel", "Bose", "Cauchy", "Dirac", "Euler", "Frege", "Gauss", "Hopper", "Ito")
    return f"{given[i % 10]} {family[i // 10 % 9]} {i:03d}"


def _one_of(rng: random.Random, student: str) -> Result:
    state = rng.choices(list(STATES), (88, 4, 2, 3, 3))[0]
    if not STATES[state].tasks:
        return replace(STATES[state], student=student)
    kinds = [kind for kind in VERDICTS if kind not in (TIMED_OUT, CRASHED, TO_READ, "left empty")]
    weights = (60, 8, 8, 3, 3, 3, 6, 6, 2, 1)
    tasks = [_scaled(rng.choices(kinds, weights)[0], one) for one in list(TITLES)[:-1]]
    if state in VERDICTS:
        tasks[rng.randrange(len(tasks))] = _scaled(state, rng.choice(list(TITLES)[:-1]))
        tasks = list({one.id: one for one in sorted(tasks, key=_id)}.values())
    return replace(STATES[state], student=student, tasks=(*tasks, task("1.7")))


def _scaled(kind: str, task_id: str) -> TaskResult:
    """Return the example of a kind as the result of another task."""
    title, points = TITLES[task_id]
    one = VERDICTS[kind]
    assert one.points is not None
    scaled = round(one.points / one.max_points * points, 2)
    return replace(one, id=task_id, title=title, max_points=points, points=scaled)
