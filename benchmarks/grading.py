"""Grading a class beside nbgrader: 100 honest submissions of a NumPy chapter, and 100 of an assignment in torch.

Run ``make bench``. Each grader does its whole work in processes of its own, on two cores: `coursekit grade --jobs 2`
with all its reports, and `nbgrader autograde` on a sample of the same submissions, once as one process and once as
two that share the sample. What nbgrader needs to start is measured apart (a run that finds nothing to do) and counted
once, so that its throughput is that of a class of 100 too. The goals are about `nbgrader autograde` as a teacher
types it; the ratio to the two side by side stands beside it. Both graders draw the same cases, so the points must
agree. Memory is what all processes of a run hold together at the highest moment, pages that they share counted once.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from pupils import CHAPTER_3, IN_TORCH, Assignment, make_class
from timing import Row, keep, machine

from coursekit.notebooks import write
from coursekit.paths import course_root

HERE = Path(__file__).resolve().parent
STUDENTS, SAMPLE, JOBS = 100, 12, 2
SEED = 0  # that of the notebooks' own checks, which is what nbgrader runs
GOALS = {"NumPy": 10, "torch": 3}
MOST_LOAD = 8.0  # percent of the processor that others may use in a run whose result is kept
_SAMPLE_SECONDS = 0.2
_MEBIBYTE = 2**20
COURSEKIT = [sys.executable, "-c", "from coursekit.cli import main; main()"]
NBGRADER = [sys.executable, "-m", "nbgrader"]


@dataclass(frozen=True)
class Measured:
    """What one run took.

    Args:
        seconds: from start to end.
        peak: bytes of all its processes at the highest moment.
    """

    seconds: float
    peak: int


class Scale(threading.Thread):
    """Weigh processes and all that they start, again and again, and keep the largest sum."""

    def __init__(self, pids: Sequence[int]) -> None:
        super().__init__(daemon=True)
        self._pids, self._over, self.peak = pids, threading.Event(), 0

    def run(self) -> None:
        """Weigh until told to stop."""
        while not self._over.wait(_SAMPLE_SECONDS):
            self.peak = max(self.peak, sum(map(_weight, self._pids)))

    def stop(self) -> int:
        """Return the largest sum in bytes."""
        self._over.set()
        self.join()
        return self.peak


def _weight(pid: int) -> int:
    total = 0
    with suppress(psutil.Error):
        first = psutil.Process(pid)
        for one in (first, *first.children(recursive=True)):
            with suppress(psutil.Error):
                total += one.memory_full_info().pss
    return total


def measure(
    commands: Sequence[Sequence[str]], folders: Sequence[Path], **variables: str
) -> Measured:
    """Run commands side by side, each in its folder, until the last has ended.

    Args:
        commands: to run.
        folders: to run them in.
        variables: of the environment.

    Raises:
        RuntimeError: one of them failed; its last words are in the text.
    """
    start = time.perf_counter()
    running = []
    for command, folder in zip(commands, folders, strict=True):
        log = (folder / "log.txt").open("w+")
        running.append(
            (
                subprocess.Popen(
                    command,
                    cwd=folder,
                    env={**_named_programs(), **variables},
                    stdout=log,
                    stderr=log,
                ),
                log,
            )
        )
    scale = Scale([process.pid for process, _ in running])
    scale.start()
    status = [process.wait() for process, _ in running]
    seconds = time.perf_counter() - start
    peak = scale.stop()
    for (process, log), code in zip(running, status, strict=True):
        log.seek(0)
        said = log.read()
        log.close()
        if code:
            raise RuntimeError(f"{process.args} ended with {code}: {said[-2000:]}")
    return Measured(seconds, peak)


def _named_programs() -> dict[str, str]:
    """Return an environment in which nbgrader finds alembic, which it calls by its name."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


class Course:
    """A course directory of nbgrader with one assignment and the submissions of some students.

    Args:
        folder: where to make it.
        assignment: its only one.
        solutions: folder with the notebook and its solutions.
    """

    def __init__(self, folder: Path, assignment: Assignment, solutions: Path) -> None:
        self.folder, self.assignment = folder, assignment
        folder.mkdir(parents=True)
        shutil.copy(course_root() / "nbgrader_config.py", folder)
        shutil.copytree(solutions, folder / "solutions" / assignment.folder)
        measure([[*NBGRADER, "generate_assignment", assignment.folder]], [folder])

    @property
    def released(self) -> Path:
        """The notebook as students get it."""
        return self.folder / "exercises" / self.assignment.folder / self.assignment.file

    def collect(self, submissions: Path, students: Sequence[str]) -> None:
        """Take in the submissions of some students, and forget all others."""
        for name in ("submitted", "autograded"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        for student in students:
            shutil.copytree(submissions / student, self.folder / "submitted" / student)

    def points(self) -> dict[str, float]:
        """Return the points of every student, those that a person gives left out."""
        from nbgrader.api import Gradebook

        with Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}") as book:
            found = book.assignment_submissions(self.assignment.folder)
            return {one.student.id: one.score for one in found}


def autograde(courses: Sequence[Course]) -> Measured:
    """Autograde what was collected, all courses side by side."""
    command = [*NBGRADER, "autograde", courses[0].assignment.folder]
    folders = [one.folder for one in courses]
    # with more threads, kernels side by side would wait for each other
    return measure([command] * len(courses), folders, OMP_NUM_THREADS="1")


def nbgrader(courses: Sequence[Course], submissions: Path, students: Sequence[str]) -> Measured:
    """Return what a class of `STUDENTS` takes with as many processes as courses, by a sample of it."""
    for k, course in enumerate(courses):
        course.collect(submissions, students[k :: len(courses)])
    all_of_it = autograde(courses)
    start = autograde(courses)  # everybody is graded: nothing but the start is left
    each = (all_of_it.seconds - start.seconds) / len(students)
    return Measured(start.seconds + STUDENTS * each, all_of_it.peak)


def coursekit(command: Sequence[str], out: Path) -> Measured:
    """Grade the whole class anew."""
    shutil.rmtree(out, ignore_errors=True)
    return measure([command], [out.parent])


def points(out: Path) -> dict[str, float]:
    """Return the points of every student, those that a person gives left out."""
    found = [json.loads(path.read_text()) for path in (out / "results").glob("*.json")]
    assert all(one["state"] == "graded" for one in found), "an honest submission was not graded"
    return {one["student"]: sum(task["points"] or 0 for task in one["tasks"]) for one in found}


def torch_solutions(folder: Path) -> Path:
    """Write the assignment in torch as a notebook with solutions, and the module that its checks import."""
    from torch_tasks import TASKS

    cells = [new_code_cell("import torch", id="imports")]
    for task in TASKS:
        name = f"{task.slug}-answer"
        head, *lines = IN_TORCH.right[name][0].replace("OUT", "y").splitlines()
        solution = "\n".join([head, "    ### BEGIN SOLUTION", *lines, "    ### END SOLUTION"])
        check = f'import torch_tasks\n\ntorch_tasks.check("{task.id}", {task.name})'
        marks = {
            "schema_version": 3,
            "solution": False,
            "grade": False,
            "locked": True,
            "task": False,
        }
        answer = {**marks, "grade_id": name, "solution": True, "locked": False}
        checked = {**marks, "grade_id": f"{task.slug}-check", "grade": True, "points": task.points}
        cells += [
            new_markdown_cell(f"## {task.id} {task.title}", id=f"{task.slug}-text"),
            new_code_cell(solution, id=name, metadata={"nbgrader": answer}),
            new_code_cell(check, id=f"{task.slug}-check", metadata={"nbgrader": checked}),
        ]
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    folder.mkdir(parents=True)
    write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), folder / IN_TORCH.file)
    shutil.copy(HERE / "torch_tasks.py", folder)
    return folder


def compare(
    name: str, assignment: Assignment, solutions: Path, folder: Path, rounds: int
) -> tuple[list[Row], Row]:
    """Grade one class with both, in turns, and return a row for each way and how the points agree."""
    courses = [Course(folder / f"course{k}", assignment, solutions) for k in range(1 + JOBS)]
    submissions, out = folder / "submissions", folder / "results"
    students = make_class(assignment, courses[0].released, submissions, STUDENTS)
    sample = students[4 :: STUDENTS // SAMPLE][:SAMPLE]
    common = ["grade", submissions, "--chapter", "3", "--out", out, "--jobs", JOBS, "--seed", SEED]
    command = [*COURSEKIT, *map(str, common)]
    if assignment is IN_TORCH:
        own = HERE / "grade_torch.py"
        command = [sys.executable, *map(str, (own, submissions, out, JOBS, SEED))]
    ways: dict[str, list[Measured]] = {}
    for _ in range(rounds):
        measured = {
            f"coursekit grade --jobs {JOBS}": coursekit(command, out),
            f"{JOBS} nbgrader autograde": nbgrader(courses[1:], submissions, sample),
            "nbgrader autograde": nbgrader(courses[:1], submissions, sample),
        }
        for what, one in measured.items():
            ways.setdefault(what, []).append(one)
            print(f"  {name}: {what}: {one.seconds:.1f} s for {STUDENTS}", flush=True)
    ours, theirs = points(out), courses[0].points()
    same = sum(abs(ours[student] - theirs[student]) < 0.05 for student in sample)
    seconds = {what: statistics.median(one.seconds for one in of) for what, of in ways.items()}
    first, two, one_alone = seconds
    rows: list[Row] = [
        {
            "class": name,
            "what": what,
            "submissions": STUDENTS if what == first else SAMPLE,
            "per second": round(STUDENTS / took, 3),
            "seconds each": round(took / STUDENTS, 3),
            "peak MiB": round(max(one.peak for one in ways[what]) / _MEBIBYTE),
            "ratio": round(seconds[one_alone] / took, 2),
        }
        for what, took in seconds.items()
    ]
    summary: Row = {
        "class": name,
        "times one nbgrader": round(seconds[one_alone] / seconds[first], 2),
        "goal": GOALS[name],
        "times two side by side": round(seconds[two] / seconds[first], 2),
        "rounds": rounds,
        "same points": f"{same} of {SAMPLE}",
    }
    return rows, summary


def print_rows(rows: list[Row]) -> None:
    """Print what was measured; a ratio above 1 is faster than one `nbgrader autograde`."""
    print(
        f"\n{'class':8}{'what':28}{'submissions':>12}{'per second':>12}{'seconds each':>14}{'peak MiB':>10}{'ratio':>8}"
    )
    for row in rows:
        print(
            f"{row['class']:8}{row['what']:28}{row['submissions']:>12}{row['per second']:>12}"
            f"{row['seconds each']:>14}{row['peak MiB']:>10}{row['ratio']:>8}"
        )


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder that submissions in a sandbox cannot be hidden behind: not below the course."""
    with tempfile.TemporaryDirectory(prefix="grading-") as name:
        yield Path(name)


def main() -> None:
    """Measure both classes, print a table, and keep the result where nothing else ran."""
    parser = argparse.ArgumentParser(description="Measure grading beside nbgrader.")
    parser.add_argument("--rounds", type=int, default=3, help="take the median of so many")
    rounds = parser.parse_args().rounds
    others = psutil.cpu_percent(interval=5)
    rows: list[Row] = []
    summaries: list[Row] = []
    with scratch() as folder:
        numpy_solutions = course_root() / "solutions" / CHAPTER_3.folder
        for name, assignment, solutions in (
            ("NumPy", CHAPTER_3, numpy_solutions),
            ("torch", IN_TORCH, torch_solutions(folder / "solutions")),
        ):
            found, summary = compare(name, assignment, solutions, folder / name, rounds)
            rows += found
            summaries.append(summary)
    print_rows(rows)
    for one in summaries:
        print(
            f"{one['class']}: {one['times one nbgrader']} times nbgrader (goal {one['goal']}), "
            f"{one['times two side by side']} times two of it side by side, "
            f"the same points for {one['same points']} submissions"
        )
    print(json.dumps(machine()))
    if others > MOST_LOAD:
        print(f"not written: other programs took {others:.0f} % of the processor at the start")
        return
    keep(Path(__file__).with_suffix(".json"), {"grading": rows, "summary": summaries})


if __name__ == "__main__":
    main()
