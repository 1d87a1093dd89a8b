"""Grade many submissions at once on this machine: a thread for each, which waits for a process of its own."""

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from queue import SimpleQueue

from coursekit.errors import CourseError
from coursekit.grading.conversation import StoppedError
from coursekit.grading.grader import Grader
from coursekit.grading.result import CRASHED, Result
from coursekit.grading.sandbox import user_id
from coursekit.grading.text import clean

_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Job:
    """One submission to grade.

    Args:
        student: whose it is.
        name: of the file, relative to the folder of submissions.
        data: its content.
    """

    student: str
    name: str
    data: bytes

    @property
    def sha256(self) -> str:
        """Of the content."""
        return hashlib.sha256(self.data).hexdigest()


def grade_job(
    grader: Grader, job: Job, user: int, stopped: Callable[[], bool] = lambda: False
) -> Result:
    """Grade one submission; a fault of the grader itself becomes a result that a person must look at."""
    try:
        return grader.grade(job.student, job.data, job.name, user, stopped)
    except (CourseError, StoppedError, OSError):
        raise  # no fault of the submission: the run stops, and nothing is written about it
    except Exception as error:
        said = clean(f"{type(error).__name__}: {error}", 300)
        reason = f"The grader itself failed on this submission ({said}). Please report this, and grade it by hand."
        return Result(job.student, grader.chapter, grader.seed, CRASHED, reason, job.name)


def grade_here(grader: Grader, jobs: Iterable[Job], at_once: int) -> Iterator[Result]:
    """Yield results as they come, on this machine.

    Args:
        grader: of the class.
        jobs: submissions; read one by one, so that not all of them lie in memory.
        at_once: how many to grade at a time.
    """
    stop = threading.Event()
    users: SimpleQueue[int] = SimpleQueue()  # no two at a time share one
    for slot in range(at_once):
        users.put(user_id(slot))

    def work(job: Job) -> Result:
        user = users.get()
        try:
            return grade_job(grader, job, user, stop.is_set)
        finally:
            users.put(user)

    with ThreadPoolExecutor(at_once) as pool:
        running: set[Future[Result]] = set()
        try:
            for job in jobs:
                running.add(pool.submit(work, job))
                while len(running) > at_once:
                    done, running = wait(running, _POLL_SECONDS, FIRST_COMPLETED)
                    yield from (one.result() for one in done)
            while running:
                done, running = wait(running, _POLL_SECONDS, FIRST_COMPLETED)
                yield from (one.result() for one in done)
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)
