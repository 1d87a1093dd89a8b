"""Start a worker, weigh it, and end it with all that it started."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psutil

from coursekit.grading.sandbox import Sandbox, filter_file

_END_SECONDS = 10.0
_FILE_BYTES = 1024  # of the kernel's memory that a file takes, however empty it is
_SOCKET_BYTES = 256 * 1024  # that an open socket or pipe may hold for whoever does not read it


class Worker:
    """A process that runs the worker, and all that it starts in turn.

    Args:
        sandbox: to run in.
        user: the user id in the sandbox.
    """

    def __init__(self, sandbox: Sandbox, user: int) -> None:
        self._safe = sandbox.safe
        self._family: list[psutil.Process] = []
        with filter_file() as number:
            self._process = subprocess.Popen(
                sandbox.command(user, number),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=[number],
                start_new_session=True,
                cwd="/",
                # a submission that runs as the same user can read what bubblewrap was started with
                env={} if sandbox.safe else None,
            )

    @property
    def pipe(self) -> int:
        """Number of the open file that its messages come from."""
        assert self._process.stdout is not None
        return self._process.stdout.fileno()

    def tell(self, message: bytes) -> None:
        """Send what it is to do; there is no second message."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # its own last words say more
            self._process.stdin.write(message)
            self._process.stdin.close()

    def meet(self) -> None:
        """Remember its first processes while they are there."""
        with suppress(psutil.Error):
            self._family = psutil.Process(self._process.pid).children(recursive=True)

    def memory(self) -> int:
        """Return the bytes that its processes and its files in memory hold; what is shared counts once."""
        total = 0
        with suppress(psutil.Error):
            family = psutil.Process(self._process.pid).children(recursive=True)
            total += sum(map(_weight, family))
            if self._safe and family:
                total += sum(_files(family[0].pid, folder) for folder in ("tmp", "dev/shm"))
        return total

    def last_words(self) -> str:
        """Return the last line that it wrote on its standard error."""
        assert self._process.stderr is not None
        os.set_blocking(self._process.stderr.fileno(), False)
        with suppress(OSError):
            said = self._process.stderr.read() or b""
            lines = said.decode(errors="replace").strip().splitlines()
            if lines:
                return lines[-1]
        return "it said nothing"

    def end(self) -> None:
        """End it and all that it started, and wait until they are gone.

        The first of its family is the first process of a namespace: with that one the kernel ends all others in
        it, and bubblewrap ends after it. What is left would count against the next submission of the same user.
        """
        if not self._family:
            self.meet()
        for one in self._family:
            with suppress(psutil.Error):
                one.kill()
        if self._family and self._safe:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_END_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        last = time.monotonic() + _END_SECONDS
        while any(map(_lives, self._family)) and time.monotonic() < last:
            time.sleep(0.002)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


def _lives(one: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return one.is_running() and one.status() != psutil.STATUS_ZOMBIE
    return False


def _weight(one: psutil.Process) -> int:
    """Return the bytes that a process holds, and those that the kernel may hold for it."""
    total = 0
    with suppress(psutil.Error):
        total += one.num_fds() * _SOCKET_BYTES
    try:
        text = Path(f"/proc/{one.pid}/smaps_rollup").read_text()
        return total + 1024 * int(text.partition("\nPss:")[2].split()[0])
    except (OSError, IndexError, ValueError):
        with suppress(psutil.Error):
            return total + int(one.memory_info().rss)
    return total


def _files(pid: int, folder: str) -> int:
    """Return the bytes that a folder in memory takes, as a process of the sandbox sees it."""
    try:
        found = os.statvfs(f"/proc/{pid}/root/{folder}")
    except OSError:
        return 0
    contents = (found.f_blocks - found.f_bfree) * found.f_frsize
    return contents + (found.f_files - found.f_ffree) * _FILE_BYTES
