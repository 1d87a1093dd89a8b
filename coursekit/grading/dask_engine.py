"""Grade many submissions on the workers of a Dask scheduler; each worker has this course and a sandbox of its own.

Dask moves the work of a worker that is lost to another one. A submission is graded by the same function as on
one machine, so the results are the same.
"""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from coursekit import __version__
from coursekit.chapters import chapter
from coursekit.errors import CourseError
from coursekit.grading.conversation import try_sandbox
from coursekit.grading.engine import Job, grade_job
from coursekit.grading.grader import Grader, make_grader
from coursekit.grading.result import Result, from_json, to_json
from coursekit.grading.sandbox import user_id

_CONNECT_SECONDS = 10
_WAITING = 4  # submissions handed out for each thread of the workers, so that none idles


class ClusterError(CourseError):
    """The Dask cluster cannot be used."""


def grade_on_dask(grader: Grader, jobs: Iterable[Job], address: str) -> Iterator[Result]:
    """Yield results as they come from the workers of a scheduler.

    Args:
        grader: of the class.
        jobs: submissions; read as the workers take them.
        address: of the scheduler, such as ``tcp://10.0.0.5:8786``.

    Raises:
        ClusterError: the scheduler does not answer, has no workers, or a worker cannot grade.
    """
    try:
        from distributed import Client, as_completed
        from distributed.scheduler import KilledWorker
    except ImportError as error:
        raise ClusterError(
            "--scheduler needs Dask, which is not installed: `pip install 'coursekit[dask]'`"
        ) from error
    try:
        client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise ClusterError(
            f"no Dask scheduler answers at {address}: start one with `dask scheduler` and give the address it prints"
        ) from error
    with client:
        at_once = _make_ready(client, address)
        plain = _as_message(grader)
        rest = iter(jobs)
        running: Any = as_completed(loop=client.loop)

        def hand_out(count: int) -> int:
            handed = 0
            for _, job in zip(range(count), rest, strict=False):
                running.add(client.submit(_grade_there, plain, job, pure=False, retries=3))
                handed += 1
            return handed

        left = hand_out(at_once * _WAITING)
        while left:
            future = next(running)
            left += hand_out(1) - 1
            try:
                yield from_json(future.result())
            except KilledWorker as error:
                raise ClusterError(
                    f"several workers died one after the other while grading ({error}). What was graded is kept: look "
                    "at the workers' memory, then run the same command again"
                ) from error


def _make_ready(client: Any, address: str) -> int:
    """Make sure that every worker can grade, and return how many submissions they take at once."""
    workers = client.scheduler_info(n_workers=-1)["workers"]
    if not workers:
        raise ClusterError(
            f"the scheduler at {address} has no workers: start some with `dask worker {address}`"
        )
    try:
        answers = client.run(_ready)
    except CourseError as error:
        raise ClusterError(f"a worker cannot grade: {error}") from error
    except Exception as error:  # what a worker without the course raises arrives in many forms
        raise ClusterError(
            f"a worker cannot grade ({type(error).__name__}: {error}): install coursekit {__version__} and bubblewrap "
            "on every worker"
        ) from error
    for worker, version in answers.items():
        if version != __version__:
            raise ClusterError(
                f"the worker {worker} has coursekit {version}, this is {__version__}: install the same everywhere"
            )
    return sum(worker["nthreads"] for worker in workers.values())


def _ready() -> str:
    """Try the sandbox on a worker and return its version of the course."""
    try_sandbox()
    return __version__


def _as_message(grader: Grader) -> dict[str, Any]:
    """Return what a worker needs to make the same grader; the tasks themselves are installed there."""
    return {
        "chapter": grader.chapter,
        "seed": grader.seed,
        "limits": grader.limits,
        "safe": grader.safe,
        "hide": grader.hide,
    }


def _grade_there(plain: dict[str, Any], job: Job) -> str:
    """Grade one submission on a worker and return the result as text."""
    grader = make_grader(chapter(plain["chapter"]), plain["seed"], plain["limits"], plain["safe"])
    grader = replace(grader, hide=plain["hide"])
    return to_json(grade_job(grader, job, user_id(_slot())))


def _slot() -> int:
    """Return a number for this thread of this worker that no other one has."""
    return _threads.setdefault(threading.get_ident(), len(_threads))


_threads: dict[int, int] = {}
