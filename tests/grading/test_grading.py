"""A whole folder is graded: nothing lost, nothing done twice, whatever happens in between."""

import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from coursekit.chapters import chapter
from coursekit.errors import CourseError
from coursekit.grading.folder import FolderError
from coursekit.grading.grading import Wish, grade_folder
from coursekit.grading.store import Store, StoreError
from coursekit.notebooks import read, write
from coursekit.paths import course_root

CHAPTER = chapter(1)
SOLVED = course_root() / CHAPTER.solutions
STUB = course_root() / CHAPTER.exercises
COMMAND = [sys.executable, "-c", "from coursekit.cli import main; main()"]
KILLS = 20


def hand_in(path: Path, answers: dict[str, str], base: Path = STUB) -> None:
    """Write a notebook with some cells' sources replaced."""
    notebook = read(base)
    for cell in notebook.cells:
        cell.source = answers.get(cell.id, cell.source)
    path.parent.mkdir(parents=True, exist_ok=True)
    write(notebook, path)


@pytest.fixture(scope="module")
def submissions(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("class") / "submissions"
    hand_in(folder / "anna/convolution_1d.ipynb", {}, SOLVED)
    hand_in(folder / "ben.ipynb", {})
    hand_in(
        folder / "Zoë Ünal/mine.ipynb", {"task-1-1-answer": "def count_places(W, F): return W - F"}
    )
    hand_in(folder / "dora.ipynb", {"task-1-1-answer": "import os\nos._exit(0)"}, SOLVED)
    hand_in(
        folder / "emil.ipynb",
        {"task-1-1-answer": "def count_places(W, F):\n    while True: pass"},
        SOLVED,
    )
    (folder / "fay").mkdir()
    (folder / "gus.ipynb").write_text("<html>")
    return folder


@pytest.fixture
def wish(submissions, tmp_path) -> Wish:
    return Wish(submissions, tmp_path / "results", CHAPTER, seed=7, limit_seconds=1.0, at_once=2)


@pytest.fixture(scope="module")
def undisturbed(submissions, tmp_path_factory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("undisturbed") / "results"
    grade_folder(Wish(submissions, out, CHAPTER, seed=7, limit_seconds=1.0, at_once=2))
    return content(out)


def content(out: Path) -> dict[str, bytes]:
    return {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file()}


def states(out: Path) -> dict[str, str]:
    return {one.student: one.state for one in Store(out).all()}


def test_every_submission_ends_in_one_state(wish, undisturbed):
    results = {name: json.loads(data) for name, data in undisturbed.items() if "results/" in name}
    assert {one["student"]: one["state"] for one in results.values()} == {
        "anna": "graded",
        "ben": "graded",
        "Zoë Ünal": "graded",
        "dora": "graded",  # only its cell ended Python; the other answers stand
        "emil": "timed out",
        "fay": "missing",
        "gus": "unreadable",
    }
    points = {name: sum(t["points"] or 0 for t in one["tasks"]) for name, one in results.items()}
    assert points["results/anna.json"] == 18
    assert points["results/ben.json"] == 0
    assert points["results/emil.json"] == points["results/dora.json"] == 17
    said = {one["student"]: one["reason"] for one in results.values()}
    assert "1.1 did not come back within 1 seconds" in said["emil"]
    assert "web page" in said["gus"]


def test_the_reports_are_all_there(undisturbed):
    for name in ("run.json", "scores.csv", "to_read.csv", "similar.csv", "summary.html"):
        assert undisturbed[name]
    assert sum(name.startswith("feedback/") for name in undisturbed) == 7


def test_again_with_the_same_seed_gives_the_same_bytes(wish, undisturbed):
    grade_folder(replace(wish, at_once=1))
    assert content(wish.out) == undisturbed


def test_what_is_graded_is_not_graded_twice(wish):
    grade_folder(wish)
    before = {path: path.stat().st_ino for path in (wish.out / "results").glob("anna*")}
    outcome = grade_folder(replace(wish, seed=None, limit_seconds=None))
    assert outcome.kept == 5
    assert {path: path.stat().st_ino for path in before} == before


def test_a_changed_submission_is_graded_anew_and_only_that(wish, submissions, tmp_path):
    own = replace(wish, submissions=shutil.copytree(submissions, tmp_path / "own"))
    grade_folder(own)
    hand_in(own.submissions / "ben.ipynb", {}, SOLVED)
    outcome = grade_folder(own)
    assert outcome.kept == 4
    assert Store(own.out).get("ben").points == 18


def test_a_result_outlives_its_submission(wish, submissions, tmp_path):
    own = replace(wish, submissions=shutil.copytree(submissions, tmp_path / "own"))
    grade_folder(own)
    (own.submissions / "anna/convolution_1d.ipynb").unlink()
    (own.submissions / "ben.ipynb").unlink()
    outcome = grade_folder(own)
    assert outcome.gone == 1
    assert states(own.out)["anna"] == states(own.out)["ben"] == "graded"


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"seed": 8}, "seed 7, not 8"),
        ({"limit_seconds": 2.0}, "limit seconds 1.0, not 2.0"),
        ({"chapter": chapter(2)}, "chapter 1, not 2"),
    ],
)
def test_results_of_other_settings_are_not_mixed(wish, other, said):
    grade_folder(wish)
    before = content(wish.out)
    with pytest.raises(StoreError, match=said):
        grade_folder(replace(wish, **other))
    assert content(wish.out) == before


def test_again_forgets_the_results_and_keeps_the_points_given_by_hand(wish):
    grade_folder(wish)
    sheet = wish.out / "filled.csv"
    sheet.write_text("student,task,points,comment\nanna,1.7,1.5,well said\n")
    from coursekit.grading.reports.export import take_points

    assert take_points(wish.out, sheet) == 1
    outcome = grade_folder(replace(wish, seed=8, again=True))
    assert outcome.kept == 0
    scores = (wish.out / "scores.csv").read_text(encoding="utf-8-sig")
    (anna,) = (line for line in scores.splitlines() if line.startswith("anna,"))
    assert "19.5" in anna
    assert "well said" in (wish.out / "feedback/anna.html").read_text()


def test_a_seed_is_drawn_and_is_not_the_one_that_learners_see(wish):
    seeds = set()
    for name in "ab":
        grade_folder(replace(wish, seed=None, out=wish.out / name))
        seeds.add(Store(wish.out / name).settings().seed)
    assert len(seeds) == 2
    assert 0 not in seeds


@pytest.mark.parametrize("name", ["inside", "same", "around", "other"])
def test_folders_that_would_be_mixed_up(wish, submissions, tmp_path, name):
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.tex").write_text("x")
    out = {
        "inside": submissions / "results",
        "same": submissions,
        "around": submissions.parent,
        "other": other,
    }[name]
    with pytest.raises((FolderError, StoreError), match=r"another folder|new folder"):
        grade_folder(replace(wish, out=out))
    assert not (submissions / "results").exists()
    assert [path.name for path in other.iterdir()] == ["thesis.tex"]


def test_a_chapter_without_exercises_and_an_empty_folder(wish, tmp_path):
    unwritten = replace(chapter(16), number=17, slug="not_written_yet")
    with pytest.raises(CourseError, match="chapter 17 has no exercises"):
        grade_folder(replace(wish, chapter=unwritten))
    (tmp_path / "nobody").mkdir()
    with pytest.raises(CourseError, match="is empty"):
        grade_folder(replace(wish, submissions=tmp_path / "nobody"))
    assert not wish.out.exists()


def test_a_damaged_result_is_made_again(wish, undisturbed):
    grade_folder(wish)
    Store(wish.out).path("anna").write_text("{")
    grade_folder(wish)
    assert content(wish.out) == undisturbed


def test_killed_at_any_moment_nothing_is_lost(wish, undisturbed):
    """SIGKILL at 20 random moments, always continued: the same bytes in the end, and nothing left behind."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["coursekit.grading.grading", "coursekit.grading.reports.export"]
    )
    moments = random.Random(1)
    killed = rounds = 0
    while killed < KILLS:
        process = context.Process(target=grade_folder, args=(wish,))
        process.start()
        process.join(moments.uniform(0.0, 1.2))
        process.kill()
        process.join()
        if process.exitcode == -signal.SIGKILL:
            killed += 1
        else:
            assert process.exitcode == 0
            assert content(wish.out) == undisturbed
            shutil.rmtree(wish.out)
            rounds += 1
    grade_folder(wish)
    assert content(wish.out) == undisturbed
    assert_nothing_runs(wish.submissions)


def assert_nothing_runs(submissions: Path) -> None:
    """No sandbox that hides this class's folder is left; the kernel may need a moment to end one."""
    end = time.monotonic() + 5
    while left := _sandboxes(submissions):
        assert time.monotonic() < end, left
        time.sleep(0.05)


def _sandboxes(submissions: Path) -> list[str]:
    import psutil

    lines = [" ".join(one.info["cmdline"] or ()) for one in psutil.process_iter(["cmdline"])]
    return [line for line in lines if "bwrap" in line and str(submissions) in line]


def command(wish: Wish, *more: str) -> list[str]:
    where = [str(wish.submissions), "--chapter", "1", "--out", str(wish.out)]
    return [*COMMAND, "grade", *where, "--seed", "7", "--limit-seconds", "1", *more]


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(wish, undisturbed):
    process = subprocess.Popen(
        command(wish), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    end = time.monotonic() + 60
    while not list((wish.out / "results").glob("anna.json")) and time.monotonic() < end:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the same command goes on with the rest" in said
    assert "Traceback" not in said
    assert "anna" in states(wish.out)
    done = subprocess.run(command(wish), capture_output=True, text=True, timeout=120)
    assert done.returncode == 3, done.stderr
    assert content(wish.out) == undisturbed


def test_the_command_says_what_came_of_it(wish):
    done = subprocess.run(command(wish, "--jobs", "2"), capture_output=True, text=True, timeout=120)
    assert done.returncode == 3, done.stderr
    assert "7 submissions: 4 graded, 1 timed out, 1 unreadable, 1 missing." in done.stdout
    assert "fay: missing. The folder fay is empty." in done.stdout
    assert "summary.html" in done.stdout
    assert "coursekit points" in done.stdout


def test_all_graded_exits_with_0(wish, tmp_path):
    hand_in(tmp_path / "two/anna.ipynb", {}, SOLVED)
    done = subprocess.run(
        command(replace(wish, submissions=tmp_path / "two")), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_two_at_a_time_do_not_write_into_one_folder(wish):
    from coursekit.lock import locked

    wish.out.mkdir()
    (wish.out / "run.json").write_text("")
    shutil.rmtree(wish.out)
    grade_folder(wish)
    with locked(wish.out / ".lock", 0), pytest.raises(StoreError, match="let it end"):
        grade_folder(wish)


def test_a_full_disk_keeps_what_was_done(wish, tmp_path):
    wish.out.mkdir()
    full = ["bwrap", "--dev-bind", "/", "/", "--size", "40960", "--tmpfs", str(wish.out)]
    kept = tmp_path / "kept"
    script = f'"$@"; status=$?; cp -r {wish.out} {kept}; exit $status'
    done = subprocess.run(
        [*full, "sh", "-c", script, "sh", *command(wish)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    assert "the disk is full: make room and try again" in done.stderr
    assert "Traceback" not in done.stderr
    results = list((kept / "results").glob("*.json"))
    assert results
    for path in results:
        json.loads(path.read_text())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["grade"], "Missing argument"),
        (["grade", "nowhere", "--chapter", "1", "--out", "out"], "no such file or directory"),
        (["grade", ".", "--chapter", "99", "--out", "../out"], "equal to 16"),
        (["grade", ".", "--chapter", "1", "--out", "../out", "--students", "no.csv"], "no.csv"),
        (["points", "nowhere", "sheet.csv"], "holds no results"),
    ],
)
def test_typed_wrong(tmp_path, words, said):
    done = subprocess.run([*COMMAND, *words], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_sandbox_the_grader_refuses(wish):
    done = subprocess.run(
        command(wish), capture_output=True, text=True, env={**os.environ, "PATH": "/nowhere"}
    )
    assert done.returncode == 1
    assert "the sandbox needs bwrap" in done.stderr
    assert "--unsafe" in done.stderr
    assert not wish.out.exists()


def test_unless_told_in_so_many_words(wish):
    done = subprocess.run(
        command(wish, "--unsafe"),
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": "/nowhere"},
    )
    assert done.returncode == 3
    assert "Without a sandbox" in done.stderr
    assert states(wish.out)["anna"] == "graded"
    assert Store(wish.out).get("anna").points == 18
