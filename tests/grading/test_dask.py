"""The same submissions on a Dask cluster of separate processes: the same results, also when a worker dies."""

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from coursekit.chapters import chapter
from coursekit.errors import CourseError
from coursekit.grading.grading import Wish, grade_folder
from coursekit.paths import course_root

CHAPTER = chapter(1)
SOLVED = course_root() / CHAPTER.solutions
STUB = course_root() / CHAPTER.exercises
COUNT = 10

# two workers, each with a nanny that starts another process for one that died
CLUSTER = """
import sys
from distributed import LocalCluster, Client
if __name__ == "__main__":
    workers = int(sys.argv[1])
    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster:
        print(cluster.scheduler_address, flush=True)
        with Client(cluster) as client:
            pids = client.run(__import__("os").getpid) if workers else {}
        print(*pids.values(), flush=True)
        sys.stdin.read()
"""


class Cluster:
    """A scheduler and its workers, as processes of their own."""

    def __init__(self, script: Path, workers: int) -> None:
        script.write_text(CLUSTER)
        self.process = subprocess.Popen(
            [sys.executable, str(script), str(workers)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.address = self.process.stdout.readline().strip()
        self.pids = [int(pid) for pid in self.process.stdout.readline().split()]

    def end(self) -> None:
        self.process.communicate(timeout=60)


@pytest.fixture
def cluster(tmp_path):
    found = Cluster(tmp_path / "cluster.py", 2)
    yield found
    found.end()


@pytest.fixture(scope="module")
def submissions(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("class") / "submissions"
    folder.mkdir()
    for number in range(COUNT):
        shutil.copyfile(SOLVED if number % 3 else STUB, folder / f"student {number}.ipynb")
    (folder / "nobody").mkdir()
    return folder


def content(out: Path) -> dict[str, bytes]:
    return {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file()}


def test_the_same_results_although_a_worker_is_killed(submissions, tmp_path, cluster):
    here = Wish(submissions, tmp_path / "here", CHAPTER, seed=7, at_once=2)
    grade_folder(here)

    def kill_one(done: int, total: int) -> None:
        if done == 3 and len(cluster.pids) == 2:
            os.kill(cluster.pids.pop(), signal.SIGKILL)

    there = replace(here, out=tmp_path / "there", scheduler=cluster.address)
    outcome = grade_folder(there, kill_one)
    assert len(cluster.pids) == 1, "no worker was killed"
    assert len(outcome.results) == COUNT + 1
    assert content(there.out) == content(here.out)


def test_no_scheduler(submissions, tmp_path, monkeypatch):
    monkeypatch.setattr("coursekit.grading.dask_engine._CONNECT_SECONDS", 1)
    wish = Wish(submissions, tmp_path / "out", CHAPTER, seed=7, scheduler="tcp://127.0.0.1:9")
    with pytest.raises(CourseError, match="no Dask scheduler answers at tcp"):
        grade_folder(wish)
    with pytest.raises(CourseError, match="no Dask scheduler answers at nonsense"):
        grade_folder(replace(wish, scheduler="nonsense"))


def test_no_workers(submissions, tmp_path):
    empty = Cluster(tmp_path / "cluster.py", 0)
    try:
        wish = Wish(submissions, tmp_path / "out", CHAPTER, seed=7, scheduler=empty.address)
        with pytest.raises(CourseError, match="has no workers: start some with `dask worker"):
            grade_folder(wish)
    finally:
        empty.end()
