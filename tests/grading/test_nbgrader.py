"""nbgrader works on this repository as its course: the same releases, and the same scores."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from nbgrader.api import Gradebook

from coursekit import paths
from coursekit.chapters import CHAPTERS
from coursekit.grading.conversation import Limits
from coursekit.grading.grader import make_grader
from coursekit.grading.sandbox import user_id
from coursekit.notebooks import read, write
from coursekit.study.evaluate import PUBLIC_SEED
from coursekit.study.tasks import chapter_tasks

ROOT = paths.course_root()
BIN = Path(sys.executable).parent
FIRST = CHAPTERS[0]
RELEASED = (CHAPTERS[0], CHAPTERS[3])
TASKS = chapter_tasks(FIRST)

MIXED = {
    "task-1-1": "def count_places(W, F):\n    return W - F + 1",
    "task-1-2": (  # right for kernels of up to three weights
        "def sliding_dot(x, w):\n    y = np.correlate(x, w)\n    return y if len(w) < 4 else y + 1"
    ),
    "task-1-3": "def smooth(x, w):\n    return undefined_name",
    "task-1-4": (  # raises where the kernel is as long as the signal
        "def toeplitz(w, W):\n"
        "    if len(w) == W:\n"
        "        raise ValueError('no room to slide')\n"
        "    rows = range(W - len(w) + 1)\n"
        "    return np.array([np.r_[np.zeros(i), w, np.zeros(W - len(w) - i)] for i in rows])"
    ),
    "task-1-5": "def strided_conv(x, w, stride, padding)\n    return x",  # without its colon
    "task-1-7": "Fewer numbers, so fewer examples.",
}
MIXED_POINTS = {"task-1-1": 1, "task-1-2": 3 * 2 / 5, "task-1-4": 3 * 4 / 5}

SPOKEN = """\
import logging, sys, warnings
from tqdm import tqdm

log = logging.getLogger("mine")
log.addHandler(logging.StreamHandler())  # which keeps the stream that is stderr now

"""
NOISE = """
    warnings.warn("not what I expected")
    log.error("still computing")
    logging.error("still computing")
    print("done", file=sys.stderr)
    np.array([1.0]) / np.zeros(1)
    for _ in tqdm(range(3)):
        pass
"""


def solve(slug: str, stub: str) -> str:
    return SOLVED[slug]


def solve_noisily(slug: str, stub: str) -> str:
    """Answer rightly, with warnings, log lines and a progress bar on stderr."""
    if slug not in ("task-1-2", "task-1-6"):
        return SOLVED[slug]
    signature, body = SOLVED[slug].split("\n", 1)
    return f"{SPOKEN}{signature}{NOISE}{body}"


class Score(NamedTuple):
    """What nbgrader's gradebook says of one task."""

    auto_score: float | None
    needs_manual_grade: bool


STUDENTS = {
    "left-as-it-was": lambda slug, stub: stub,
    "mixed": lambda slug, stub: MIXED.get(slug, stub),
    "noisy": solve_noisily,
    "solved": solve,
}

SOLVED = {
    cell.id.removesuffix("-answer"): cell.source
    for cell in read(ROOT / FIRST.solutions).cells
    if cell.id.endswith("-answer")
}


def points_by_our_grader(notebook: Path) -> dict[str, float | None]:
    """Return what our own grader gives for each task of a submission, None where a person decides.

    With the seed of the notebooks' checks, for these are what nbgrader runs.
    """
    grader = make_grader(FIRST, PUBLIC_SEED, Limits())
    result = grader.grade("a student", notebook.read_bytes(), notebook.name, user_id(0))
    return {task.slug: one.points for task, one in zip(TASKS, result.tasks, strict=True)}


def nbgrader(root: Path, *arguments: str) -> None:
    """Run nbgrader's own command as a teacher does, in the course directory."""
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=root,
        # nbgrader calls alembic by its name; the kernels that run the submissions import the course
        env=os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A course directory with what nbgrader needs of the repository, and two releases made in it."""
    root = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    for one in RELEASED:
        shutil.copytree(ROOT / "solutions" / one.folder, root / "solutions" / one.folder)
        nbgrader(root, "generate_assignment", one.folder)
    return root


@pytest.fixture(scope="module")
def graded(course) -> dict[str, dict[str, Score]]:
    """What nbgrader's gradebook says of each student's tasks after autograding."""
    for student, answer in STUDENTS.items():
        notebook = read(course / FIRST.exercises)
        for cell in notebook.cells:
            if cell.id.endswith("-answer"):
                cell.source = answer(cell.id.removesuffix("-answer"), cell.source)
        write(notebook, submission(course, student))
    nbgrader(course, "autograde", FIRST.folder)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        return {
            student: {
                grade.name.rsplit("-", 1)[0]: Score(grade.auto_score, grade.needs_manual_grade)
                for grade in gradebook.find_submission_notebook(
                    FIRST.slug, FIRST.folder, student
                ).grades
            }
            for student in STUDENTS
        }


def submission(course: Path, student: str) -> Path:
    return course / "submitted" / student / FIRST.folder / f"{FIRST.slug}.ipynb"


@pytest.mark.parametrize("one", RELEASED, ids=lambda one: one.folder)
def test_nbgrader_releases_the_bytes_that_are_published(course, one):
    files = [path for path in (course / "exercises" / one.folder).rglob("*") if path.is_file()]
    assert [path.relative_to(course).as_posix() for path in files] == [one.exercises]
    assert files[0].read_bytes() == (ROOT / one.exercises).read_bytes()


@pytest.mark.parametrize("student", STUDENTS)
def test_nbgrader_gives_the_points_that_we_give(course, graded, student):
    ours = points_by_our_grader(submission(course, student))
    for slug, points in ours.items():
        found = graded[student][slug]
        assert found.needs_manual_grade == (points is None), slug
        assert found.auto_score == (points if points is None else pytest.approx(points, abs=0.005))


def test_the_points_are_those_that_the_answers_earn(graded):
    full = {task.slug: task.points for task in TASKS if task.kind == "function"}
    nothing = dict.fromkeys(full, 0)
    earned = {
        "left-as-it-was": nothing,
        "mixed": nothing | MIXED_POINTS,
        "noisy": full,
        "solved": full,
    }
    for student, points in earned.items():
        found = {slug: graded[student][slug].auto_score for slug in full}
        assert found == pytest.approx(points), student
