"""The learner's progress: what is noted, what is shown, and that nothing noted is lost."""

import errno
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from html.parser import HTMLParser

import pytest

from coursekit.lock import locked
from coursekit.paths import MARKER
from coursekit.study.progress import progress, record, record_hint, record_solution_seen, store


@dataclass(frozen=True)
class Task:
    id: str
    title: str
    points: float = 2
    minutes: int = 10
    kind: str = "function"


TASKS = [
    Task("1.1", "Warm-up", points=1, minutes=2),
    Task("1.2", "The matrix T", points=4, minutes=20),
    Task("1.3", "Why <flip>?", minutes=8, kind="written"),
    Task("2.1", "Blur"),
]


@pytest.fixture
def work(tmp_path, monkeypatch):
    """A working copy, and this process somewhere in it."""
    (tmp_path / "work" / MARKER).mkdir(parents=True)
    (tmp_path / "work/exercises/01").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work/exercises/01")
    return tmp_path / "work"


def row(task_id):
    return next(row for row in progress(TASKS).rows if row.task_id == task_id)


def file(work):
    return work / MARKER / "progress.json"


def test_before_the_first_check_everything_is_not_attempted(work):
    shown = progress(TASKS)

    assert [row.status for row in shown.rows] == [
        "not attempted",
        "not attempted",
        "a person reads it",
        "not attempted",
    ]
    assert shown.total == (
        "0 of 3 tasks done, 0 of 7 points in visible checks, about 0 of 32 minutes of exercises. "
        "Not counted: 1 written answer, which no program can check."
    )
    assert not file(work).exists()


def test_the_best_result_is_kept_and_the_last_status_shown(work):
    for points, status in ((2, "wrong value"), (4, "passed"), (1, "raised")):
        record("1.2", points, 4, status)

    assert (row("1.2").points, row("1.2").status, row("1.2").done) == (4, "attempted", True)


@pytest.mark.parametrize(
    ("said", "shown", "done"),
    [
        ("passed", "visible checks passed", True),
        ("visible checks passed", "visible checks passed", True),
        ("not attempted", "not attempted", False),
        ("wrong shape", "attempted", False),
        ("raised", "attempted", False),
    ],
)
def test_what_a_check_says_in_the_words_of_the_table(work, said, shown, done):
    record("1.1", 0, 1, said)

    assert (row("1.1").status, row("1.1").done) == (shown, done)


def test_hints_and_solutions(work):
    record_hint("1.2", 2)
    record_hint("1.2", 1)
    record_solution_seen("2.1")

    assert (row("1.2").hints, row("1.2").solution_seen, row("1.2").status) == (
        2,
        False,
        "not attempted",
    )
    assert (row("2.1").hints, row("2.1").solution_seen) == (0, True)


def test_a_check_after_the_solution_does_not_forget_it(work):
    record_solution_seen("1.1")
    record_hint("1.1", 1)
    record("1.1", 1, 1, "passed")

    assert (row("1.1").hints, row("1.1").solution_seen, row("1.1").points) == (1, True, 1)


def test_the_day_of_the_last_check(work):
    assert row("1.1").checked == ""
    record("1.1", 1, 1, "passed")

    assert re.fullmatch(r"20\d\d-\d\d-\d\d", row("1.1").checked)


def test_points_follow_the_course_when_a_task_is_worth_more(work):
    record("1.2", 1, 2, "wrong value")

    assert row("1.2").points == 2


@pytest.mark.parametrize(("points", "out_of"), [(float("nan"), 2), (float("inf"), 2), (1, 0)])
def test_points_that_are_no_points(work, points, out_of):
    record("2.1", points, out_of, "raised")

    assert row("2.1").points == 0
    json.loads(file(work).read_text(), parse_constant=pytest.fail)


def test_totals(work):
    record("1.1", 1, 1, "passed")
    record("1.2", 1.5, 4, "wrong value")

    assert progress(TASKS).total.startswith(
        "1 of 3 tasks done, 2.5 of 7 points in visible checks, about 2 of 32 minutes of exercises. Not"
    )
    assert progress(TASKS[:2]).total.endswith("about 2 of 22 minutes of exercises.")
    assert progress([TASKS[2]] * 2).total.endswith("2 written answers, which no program can check.")
    assert row("1.3").cells[2:4] == ("(2)", "a person reads it")


def test_all_checked_tasks_done_is_all(work):
    for task in TASKS:
        if task.kind == "function":
            record(task.id, task.points, task.points, "passed")

    assert progress(TASKS).total.startswith("3 of 3 tasks done, 7 of 7 points")


def test_the_table_as_text(work):
    record("1.2", 4, 4, "passed")
    record_hint("1.2", 1)
    lines = str(progress(TASKS)).splitlines()

    assert lines[0] == "Your progress"
    assert lines[1].split("  ")[1:3] == ["task", "title"]
    assert lines[2] == "1 Convolution in one dimension"
    assert re.fullmatch(
        r"  1\.2 +The matrix T +4 of 4 +visible checks passed +1 +– +20\d\d-\d\d-\d\d", lines[4]
    )
    assert lines[6] == "2 Convolution in two dimensions"
    assert lines[-1].startswith("1 of 3 tasks done")


class Outline(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.open, self.seen, self.text = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def test_the_table_for_a_notebook_is_accessible(work):
    record("1.2", 4, 4, "passed")
    html = progress(TASKS)._repr_html_()
    outline = Outline(html)

    assert not outline.open
    assert [tag for tag, _ in outline.seen if tag in ("table", "caption", "thead", "tfoot")] == [
        "table",
        "caption",
        "thead",
        "tfoot",
    ]
    scopes = [attrs["scope"] for tag, attrs in outline.seen if tag == "th"]
    assert [scopes.count(one) for one in ("col", "row", "rowgroup")] == [7, 4, 2]
    assert "Why <flip>?" in outline.text  # shown, not taken for a tag
    assert "visible checks passed" in outline.text
    # both themes: no color but the one of the text around
    colors = re.findall(r"(?:color|background)\s*:\s*([^;'\"]+)", html)
    assert set(colors) <= {"inherit", "transparent"}
    assert "#" not in html
    assert "rgb" not in html


def test_outside_a_working_copy_nothing_is_noted_and_one_sentence_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    record("1.1", 1, 1, "passed")
    record_hint("1.1", 1)
    record_solution_seen("1.1")

    assert list(tmp_path.iterdir()) == []
    said = str(progress(TASKS))
    assert "`coursekit update`" in said
    assert said.count(".") == 1
    assert "`coursekit update`" in progress(TASKS)._repr_html_()


def test_the_tasks_of_the_course_are_the_default(work):
    from coursekit.study.tasks import all_tasks

    assert [row.task_id for row in progress().rows] == [task.id for task in all_tasks()]


def test_a_record_of_a_task_that_the_course_dropped_is_kept(work):
    record("9.9", 1, 1, "passed")
    record("1.1", 1, 1, "passed")

    assert set(json.loads(file(work).read_text())["tasks"]) == {"9.9", "1.1"}
    assert "9.9" not in str(progress(TASKS))


# --- damage, two writers, no room ---------------------------------------------

DAMAGE = {
    "empty": b"",
    "truncated": b'{"tasks": {"1.1": {"poi',
    "not utf-8": b"\xff\xfe",
    "a list": b"[]",
    "no tasks": b"{}",
    "tasks are a list": b'{"tasks": []}',
    "nested": b"[" * 100_000,
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_kept_and_a_fresh_one_begun(work, damage, capsys):
    file(work).write_bytes(damage)

    record("1.1", 1, 1, "passed")

    assert file(work).with_name("progress.damaged-1.json").read_bytes() == damage
    assert row("1.1").points == 1
    said = capsys.readouterr().out
    assert "progress.damaged-1.json" in said
    assert said.count("\n") == 1


def test_reading_a_damaged_file_says_so_and_once(work):
    file(work).write_text("damaged")

    assert "progress.damaged-1.json" in str(progress(TASKS))
    assert "progress.damaged-1.json" not in str(progress(TASKS))


@pytest.mark.parametrize("entry", [7, {"points": "many"}, {"hints": True}, {"status": None}])
def test_the_whole_entries_of_a_damaged_file_stay(work, entry):
    record("1.1", 1, 1, "passed")
    stored = json.loads(file(work).read_text())
    stored["tasks"]["1.2"] = entry
    file(work).write_text(json.dumps(stored))

    assert "1 of its entries" in str(progress(TASKS))
    assert row("1.1").points == 1
    assert row("1.2").status == "not attempted"


def test_a_folder_in_the_place_of_the_file(work):
    file(work).mkdir()

    record("1.1", 1, 1, "passed")

    assert file(work).with_name("progress.damaged-1.json").is_dir()
    assert row("1.1").points == 1


WRITER = """
import sys
from coursekit.study.progress import record, record_hint
for number in range(20):
    record(f"{sys.argv[1]}.{number}", 1, 1, "passed")
    record_hint("1.1", number)
"""


def test_kernels_that_write_at_once_lose_nothing(work):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(one)]) for one in range(1, 5)]
    assert [writer.wait() for writer in writers] == [0] * 4

    stored = json.loads(file(work).read_text())["tasks"]
    assert len(stored) == 80
    assert all(entry["status"] == "passed" for entry in stored.values())
    assert stored["1.1"]["hints"] == 19


def test_a_full_disk_does_not_stop_a_check_and_loses_nothing(work, monkeypatch, capsys):
    record("1.1", 1, 1, "passed")
    before = file(work).read_bytes()

    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    record("1.2", 1, 1, "passed")

    assert "No space left on device" in capsys.readouterr().out
    assert file(work).read_bytes() == before
    assert not list(file(work).parent.glob("*.new"))


def test_a_file_that_is_locked_for_too_long_does_not_stop_a_check(work, monkeypatch, capsys):
    record("1.1", 1, 1, "passed")
    monkeypatch.setattr(store, "WAIT_SECONDS", 0.0)
    with locked(work / MARKER / "progress.lock", 0):
        record("1.2", 1, 1, "passed")
        assert "another notebook" in capsys.readouterr().out
        assert "another notebook" in str(progress(TASKS))

    assert row("1.2").status == "not attempted"


def test_what_a_killed_kernel_left_behind_is_cleared_away(work):
    leftover = file(work).with_name(".progress.json.0123abcd.new")
    leftover.write_text("half")

    record("1.1", 1, 1, "passed")

    assert not leftover.exists()
