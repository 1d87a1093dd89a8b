"""Talk with one worker: send the plan, read what comes back, and end it when it takes too much.

What comes back is written by a process that student code shares, so nothing of it is believed: every message
has a largest size, steps can only go forward, and time and memory are measured from outside.
"""

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from coursekit.grading.inside.codec import HEAD, MAX_MESSAGE, CodecError, pack, unpack
from coursekit.grading.sandbox import (
    UNSAFE,
    Sandbox,
    SandboxError,
    filter_file,
    require_sandbox,
    user_id,
)
from coursekit.study.task import ANSWER_SECONDS

_POLL_SECONDS = 0.1
_START_SECONDS = 60.0
_PATIENCE = 0.9  # part of a step's time after which a cell is asked to stop, before it is ended
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
    asked = {**plan, "limits": of_a_process, "seconds": _PATIENCE * limits.seconds}
    message = pack(asked, arrays)
    with filter_file() as number:
        process = subprocess.Popen(
            sandbox.command(user, number),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=[number],
            start_new_session=True,
            cwd="/",
        )
    try:
        with suppress(BrokenPipeError):  # its own last words, read below, say more
            assert process.stdin is not None
            process.stdin.write(message)
            process.stdin.close()
        yield from _listen(process, limits, seconds, stopped)
    finally:
        _end(process)


def try_sandbox() -> None:
    """Start the worker in a sandbox with nothing to do.

    Raises:
        SandboxError: this machine has no sandbox, or it does not start; the text says why and what to do.
    """
    require_sandbox()
    hidden: dict[str, Any] = {"packages": [], "harmless": [], "names": {}}
    plan = {"steps": [], "hidden": hidden}
    try:
        end = list(converse(plan, [], Sandbox(), Limits(), user_id(0), 60, lambda: False))[-1]
    except SandboxError as error:
        raise SandboxError(
            f"{error}. bubblewrap needs root, or a system that lets users make namespaces. {UNSAFE}"
        ) from error
    if end != End("finished"):
        raise SandboxError(f"the sandbox starts but does not work here ({end}). {UNSAFE}")


def _listen(
    process: "subprocess.Popen[bytes]",
    limits: Limits,
    seconds: float,
    stopped: Callable[[], bool],
) -> Iterator[Message | End]:
    now = time.monotonic()
    deadline, last = now + _START_SECONDS, now + _START_SECONDS + seconds
    reader, step, ready, weighed = _Reader(process), None, False, now
    while True:
        if stopped():
            raise StoppedError
        try:
            message = reader.next(min(deadline, last, time.monotonic() + _POLL_SECONDS))
        except CodecError:
            yield End("crashed", step)
            return
        if ready and time.monotonic() > weighed + _POLL_SECONDS:
            if _memory(process.pid) > limits.memory:
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
        if not said:
            if not ready:
                raise SandboxError(f"the sandbox does not start: {_last_words(process)}")
            yield End("crashed", step)
            return
        if said.get("ready") is True and not ready:
            ready, deadline = True, time.monotonic() + limits.seconds
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
        else:
            yield message


class _Reader:
    """Take messages off the worker's pipe as far as they have come."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout is not None
        self._pipe, self._data, self._total = process.stdout.fileno(), bytearray(), 0
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
        if text + blob > MAX_MESSAGE:
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


def _memory(pid: int) -> int:
    """Return the bytes that a process and all its descendants hold, what they share counted once."""
    total = 0
    with suppress(psutil.Error):
        for one in psutil.Process(pid).children(recursive=True):
            try:
                text = Path(f"/proc/{one.pid}/smaps_rollup").read_text()
                total += 1024 * int(text.partition("\nPss:")[2].split()[0])
            except (OSError, IndexError, ValueError):
                with suppress(psutil.Error):
                    total += one.memory_info().rss
    return total


def _last_words(process: "subprocess.Popen[bytes]") -> str:
    assert process.stderr is not None
    os.set_blocking(process.stderr.fileno(), False)
    with suppress(OSError):
        said = process.stderr.read() or b""
        lines = said.decode(errors="replace").strip().splitlines()
        if lines:
            return lines[-1]
    return "it said nothing"


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a worker and all that it started: with the first process of its namespace, the kernel ends the rest."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
