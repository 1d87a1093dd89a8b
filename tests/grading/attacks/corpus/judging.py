"""Grade a file as `coursekit grade` does, and look at what is left on the machine afterwards."""

import os
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from coursekit.grading.grader import Grader
from coursekit.grading.result import UNREADABLE, Result, to_json
from coursekit.grading.sandbox import user_id
from coursekit.grading.submission import UnreadableError, read_bytes

# slots: whoever comes next has the user id of the attack, whoever runs beside it another
ATTACKED, BESIDE = 0, 1
SEED = 7


@dataclass(frozen=True)
class Place:
    """Where submissions lie, with a secret all around them and somebody who listens.

    Args:
        submissions: the folder with what was handed in.
        secret: that no result may hold; it stands in files and in the environment.
        listeners: sockets at which nobody may call.
    """

    submissions: Path
    secret: str
    listeners: tuple[socket.socket, ...]

    @property
    def known(self) -> dict[str, object]:
        """What an attacker is told to make it easier."""
        tcp, udp = (one.getsockname()[1] for one in self.listeners[:2])
        return {"HERE": self.submissions, "TCP": tcp, "UDP": udp, "UNIX": self.secret[:9]}

    def called(self) -> bool:
        return bool(select.select(self.listeners, [], [], 0)[0])

    def files(self) -> dict[Path, tuple[int, int]]:
        """Return sizes and times of all files around."""
        found = {one: one.lstat() for one in self.submissions.parent.rglob("*")}
        return {one: (stat.st_size, stat.st_mtime_ns) for one, stat in found.items()}


def grade_file(grader: Grader, path: Path, slot: int = ATTACKED) -> Result:
    """Grade one file; whatever is raised is a fault of the grader."""
    try:
        data = read_bytes(path)
    except UnreadableError as error:
        return Result(path.stem, grader.chapter, grader.seed, UNREADABLE, str(error), path.name)
    return grader.grade(path.stem, data, path.name, user_id(slot))


def points(result: Result) -> dict[str, float | None]:
    return {task.id: task.points for task in result.tasks}


def as_read(result: Result) -> str:
    """Return all that the student reads."""
    parts = [result.reason, *result.notes]
    for task in result.tasks:
        parts += [*task.sentences, task.trace]
    return "\n".join(parts)


@dataclass
class Neighbor:
    """A right submission that is graded after an attack, and at the same time.

    Args:
        grader: with limits that a busy machine does not reach.
        path: of the submission.
        undisturbed: its result where nothing else runs.
        others: results that were not the same.
    """

    grader: Grader
    path: Path
    undisturbed: str = ""
    others: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.undisturbed = to_json(grade_file(self.grader, self.path))

    def grade(self, slot: int = ATTACKED) -> None:
        found = to_json(grade_file(self.grader, self.path, slot))
        if found != self.undisturbed:
            self.others.append(found)

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Grade it again and again while something else is graded."""
        done = threading.Event()

        def work() -> None:
            while True:
                self.grade(BESIDE)
                if done.wait(0.5):
                    return

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def processes() -> set[int]:
    """Return the processes of the sandbox's users, and all that this process started."""
    users = {user_id(slot) for slot in (ATTACKED, BESIDE)}
    found = {one.pid for one in psutil.Process().children(recursive=True)}
    if os.geteuid() == 0:  # else they run as whoever grades
        for one in psutil.process_iter(["pid", "uids"]):
            if one.info["uids"] and users & set(one.info["uids"]):
                found.add(one.info["pid"])
    return found


def mounts() -> list[str]:
    return Path("/proc/self/mountinfo").read_text().splitlines()
