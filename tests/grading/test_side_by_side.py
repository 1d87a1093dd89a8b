"""Submissions are graded side by side, in threads: none may trip over what another one just imports."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import ModuleType, SimpleNamespace

from coursekit.chapters import chapter
from coursekit.grading import grader
from coursekit.grading.conversation import Limits
from coursekit.grading.plan import _public
from coursekit.grading.running import Ran, Run
from coursekit.grading.submission import parse_submission
from coursekit.paths import course_root
from coursekit.study.tasks import chapter_tasks

# many threads that begin at once in a new process, and are interrupted as often as Python can
STRESS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from coursekit.chapters import chapter
from coursekit.grading.plan import as_message
from coursekit.grading.submission import parse_submission
from coursekit.paths import course_root
from coursekit.study.tasks import chapter_tasks

sys.setswitchinterval(1e-6)
tasks = [task for task in chapter_tasks(chapter(1)) if task.kind == "function"]
data = (course_root() / chapter(1).solutions).read_bytes()
together = Barrier(8)

def one(_):
    together.wait()
    return as_message(parse_submission(data, "a.ipynb"), tasks, [], [], 7)[0]

with ThreadPoolExecutor(8) as pool:
    plans = list(pool.map(one, range(8)))
assert all(plan == plans[0] for plan in plans)
assert "conv1d" in plans[0]["hidden"]["names"]["coursekit.reference"]
"""


def test_names_are_read_while_another_thread_imports(monkeypatch):
    package = ModuleType("growing")

    class Thing:
        @property
        def __module__(self):
            setattr(package, f"imported_meanwhile_{len(vars(package))}", 1)
            return "growing"

    package.thing = Thing()
    monkeypatch.setitem(sys.modules, "growing", package)
    assert _public("growing") == ["thing"]


def test_plans_made_at_the_same_time_are_the_same():
    done = subprocess.run([sys.executable, "-c", STRESS], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def graded_side_by_side(monkeypatch, judge, *, uses_torch):
    """Let two threads grade four answers to a task, with something else in place of the judge."""

    def judged(*_):
        judge()
        return SimpleNamespace(
            sentences=(), points=0.0, status="wrong value", passed=0, misconception=None, trace=""
        )

    monkeypatch.setattr(grader, "judge", judged)
    task = next(
        one
        for number in (1, 11)
        for one in chapter_tasks(chapter(number))
        if one.kind == "function" and one.uses_torch is uses_torch
    )
    submission = parse_submission((course_root() / chapter(1).solutions).read_bytes(), "a.ipynb")
    one = grader.Grader(1, (task,), 7, Limits())
    with ThreadPoolExecutor(2) as pool:
        runs = [Run({task.id: Ran(1)}) for _ in range(4)]
        return list(pool.map(lambda run: one._task_result(submission, task, run), runs))


def test_only_one_at_a_time_computes_with_torch(monkeypatch):
    """Its default type and its seed belong to the whole process."""
    inside: list[int] = []
    seen: list[int] = []

    def slow():
        inside.append(1)
        seen.append(len(inside))
        time.sleep(0.1)
        inside.pop()

    graded_side_by_side(monkeypatch, slow, uses_torch=True)
    assert seen == [1, 1, 1, 1]


def test_without_torch_two_are_judged_at_once(monkeypatch):
    together = Barrier(2, timeout=60)  # which nobody passes alone
    assert len(graded_side_by_side(monkeypatch, together.wait, uses_torch=False)) == 4
