"""Talk with one worker: send the plan, read what comes back, and end it when it takes too much.

What comes back is written by a process that student code shares, so nothing of it is believed: every message
has a largest size, steps can only go forward, and time and memory are measured from outside.
"""

import os
import select
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from coursekit.grading.inside.codec import HEAD, MAX_MESSAGE, MAX_TEXT, CodecError, pack, unpack
from coursekit.grading.process import Worker
from coursekit.grading.sandbox import UNSAFE, Sandbox, SandboxError, require_sandbox, user_id
from coursekit.study.task import ANSWER_SECONDS

_POLL_SECONDS = 0.1
_START_SECONDS = 60.0
_GRACE_SECONDS = 1.0  # for a cell that was asked to stop, before it is ended
_MAX_TOTAL = 4 * MAX_MESSAGE
_MEGABYTE = 1024 * 1024


class StoppedError(Exception):
    """The run as a whole was stopped; what this worker did does not count."""


@dataclass(frozen=True)
class Limits:
    """What one submission may take.

    Args:
        seconds: for one cell, or for all calls of one task.
        memory: bytes, for all processes of the submission together.
    """

    seconds: float = ANSWER_SECONDS
    memory: int = 2048 * _MEGABYTE

    def of_a_process(self) -> dict[str, int]:
        """Return the limits that each process of the sandbox gets, by their names in `resource`."""
        return {
            "AS": self.memory,
            "CORE": 0,
            "FSIZE": 64 * _MEGABYTE,
            "NOFILE": 256,
            "NPROC": 64,
        }


@dataclass(frozen=True)
class End:
    """How a conversation ended.

    Args:
        why: ``"finished"``, ``"timed out"``, ``"too much memory"`` or ``"crashed"``.
        step: the step that was under way, None if none was.
    """

    why: str
    step: int | None = None


Message = tuple[dict[str, Any], list[np.ndarray]]


def converse(
    plan: dict[str, Any],
    arrays: list[np.ndarray],
    sandbox: Sandbox,
    limits: Limits,
    user: int,
    seconds: float,
    stopped: Callable[[], bool],
) -> Iterator[Message | End]:
    """Yield what the worker says, and in the end how it ended; afterwards no process of it is left.

    Args:
        plan: what to do, see `inside/worker.py`.
        arrays: that the plan refers to.
        sandbox: to run in.
        limits: for each step.
        user: the user id in the sandbox.
        seconds: for all steps together.
        stopped: asked now and then whether to give up.

    Raises:
        SandboxError: the worker did not start; no fault of the submission.
        StoppedError: ``stopped`` said so.
    """
    of_a_process = limits.of_a_process() if sandbox.safe else {}
    asked = {**plan, "limits": of_a_process, "seconds": limits.seconds}
    message = pack(asked, arrays)
    # a beginning and an end for each step, and what came of each case
    most = 2 + sum(3 + len(step.get("cases", ())) for step in plan["steps"])
    cells = {step["step"] for step in plan["steps"] if step["kind"] == "cell"}
    worker = Worker(sandbox, user)
    try:
        worker.tell(message)
        yield from _listen(worker, limits, seconds, most, cells, stopped)
    finally:
        worker.end()


def try_sandbox() -> None:
    """Start the worker in a sandbox with nothing to do.

    Raises:
        SandboxError: this machine has no sandbox, or it does not start; the text says why and what to do.
    """
    require_sandbox()
    hidden: dict[str, Any] = {"packages": [], "harmless": [], "names": {}}
    plan = {"steps": [], "hidden": hidden, "torch": False}
    try:
        end = list(converse(plan, [], Sandbox(), Limits(), user_id(0), 60, lambda: False))[-1]
    except SandboxError as error:
        raise SandboxError(
            f"{error}. bubblewrap needs root, or a system that lets users make namespaces. {UNSAFE}"
        ) from error
    if end != End("finished"):
        raise SandboxError(f"the sandbox starts but does not work here ({end}). {UNSAFE}")


def _listen(
    worker: Worker,
    limits: Limits,
    seconds: float,
    most: int,
    cells: set[int],
    stopped: Callable[[], bool],
) -> Iterator[Message | End]:
    now = time.monotonic()
    deadline, last = now + _START_SECONDS, now + _START_SECONDS + seconds
    reader, step, ready, weighed = _Reader(worker.pipe), None, False, now
    while True:
        if stopped():
            raise StoppedError
        try:
            message = reader.next(min(deadline, last, time.monotonic() + _POLL_SECONDS))
        except CodecError:
            yield End("crashed", step)
            return
        if ready and time.monotonic() > weighed + _POLL_SECONDS:
            if worker.memory() > limits.memory:
                yield End("too much memory", step)
                return
            weighed = time.monotonic()
        if message is None:
            if time.monotonic() >= min(deadline, last):
                if not ready:
                    raise SandboxError("the sandbox does not answer; the machine may be overloaded")
                yield End("timed out", step)
                return
            continue
        said, _ = message
        most -= 1
        if not said and not ready:
            raise SandboxError(f"the sandbox does not start: {worker.last_words()}")
        if not said or most < 0:
            yield End("crashed", step)
            return
        if said.get("ready") is True and not ready:
            ready, deadline = True, time.monotonic() + limits.seconds
            worker.meet()
        elif "finished" in said:
            yield End("finished")
            return
        elif "begin" in said:
            # only forward: else a submission could prolong its time for ever
            if not isinstance(said["begin"], int) or said["begin"] <= (
                -1 if step is None else step
            ):
                yield End("crashed", step)
                return
            step, deadline = said["begin"], time.monotonic() + limits.seconds
            if step in cells:
                deadline += _GRACE_SECONDS
        else:
            yield message


class _Reader:
    """Take messages off the worker's pipe as far as they have come."""

    def __init__(self, pipe: int) -> None:
        self._pipe, self._data, self._total = pipe, bytearray(), 0
        os.set_blocking(self._pipe, False)

    def next(self, until: float) -> Message | None:
        """Return the next message, None where none has come in time; ``({}, [])`` at the end.

        Raises:
            CodecError: something else than messages came, or too much.
        """
        while True:
            if found := self._take():
                return found
            left = until - time.monotonic()
            if left <= 0 or not select.select([self._pipe], [], [], left)[0]:
                return None
            piece = os.read(self._pipe, 1 << 20)
            if not piece:
                return {}, []
            self._data += piece
            self._total += len(piece)
            if self._total > _MAX_TOTAL:
                raise CodecError("too much")

    def _take(self) -> Message | None:
        if len(self._data) < HEAD.size:
            return None
        text, blob = HEAD.unpack_from(self._data)
        if text > MAX_TEXT or text + blob > MAX_MESSAGE:
            raise CodecError("too large a message")
        end = HEAD.size + text + blob
        if len(self._data) < end:
            return None
        middle = HEAD.size + text
        message = unpack(bytes(self._data[HEAD.size : middle]), bytes(self._data[middle:end]))
        if not message[0]:
            raise CodecError("an empty message")
        del self._data[:end]
        return message
