"""The class of samples is what docs/grading.md says it is."""

from pathlib import Path
from textwrap import indent

import pytest
from sample_class import CHAPTER, FOLDER, build

from coursekit.grading.command import said
from coursekit.grading.folder import read_students
from coursekit.grading.grading import Outcome, Wish, grade_folder
from coursekit.grading.result import Result
from coursekit.paths import course_root


@pytest.fixture(scope="module")
def outcome(tmp_path_factory) -> Outcome:
    out = tmp_path_factory.mktemp("samples") / "results"
    students = read_students(FOLDER / "students.csv")
    return grade_folder(
        Wish(FOLDER / "submissions", out, CHAPTER, 1, 8.0, students=students, at_once=2)
    )


@pytest.fixture
def results(outcome) -> dict[str, Result]:
    return {one.student: one for one in outcome.results}


def test_the_page_shows_what_the_command_prints(outcome):
    page = (course_root() / "docs/grading.md").read_text(encoding="utf-8")
    shown = indent(said(Path("results"), outcome), "    ")
    assert shown in page


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_samples_are_what_their_program_makes(tmp_path):
    build(tmp_path)
    assert content(tmp_path) == content(FOLDER)


def test_states(results):
    other = {name: one.state for name, one in results.items() if one.state != "graded"}
    assert len(results) == 12
    assert other == {
        "deniz": "timed out",
        "emil": "crashed",
        "fay": "unreadable",
        "gus": "unreadable",
        "ivan": "missing",
    }


def test_points(results):
    points = {name: one.points for name, one in results.items() if one.points is not None}
    assert points == {
        "ada": 18,
        "ben": 0,
        "carla": 11,
        "deniz": 15,
        "emil": 15,
        "jana": 18,
        "kofi": 18,
        "lena": 15,
        "Zoë Müller-Öztürk": 18,
    }


def test_why(results):
    task = {(name, task.id): task for name, one in results.items() for task in one.tasks}
    assert task["carla", "1.1"].misconception == "fence post"
    assert task["carla", "1.2"].misconception == "kernel flipped"
    assert "IndexError" in task["carla", "1.4"].sentences[0]
    assert "coursekit.reference.toeplitz1d" in task["lena", "1.4"].sentences[0]
    assert "within 8 seconds" in task["deniz", "1.3"].sentences[0]
    assert results["Zoë Müller-Öztürk"].notes[0].startswith("Code cell 16 raised NameError")
