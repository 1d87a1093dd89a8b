"""Run pip and the like, their output in the log, and show meanwhile how far they are."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from environment.folder import Environment
from environment.machine import say


class Progress:
    """What a long command is doing: in a terminal one line that changes, else a line at times."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.live = sys.stdout.isatty()
        self.started = time.monotonic()
        self.next_line = 20.0
        self.hinted = False

    def tick(self) -> None:
        """Show what the log says now."""
        seconds = time.monotonic() - self.started
        text = f"  {seconds:3.0f} s  {self.phase()}"
        if self.live:
            self.show(text)
        elif seconds > self.next_line:
            say(text)
            self.next_line = seconds + 20

    def show(self, text: str) -> None:
        """Put this text into the line that changes; without text, remove that line."""
        if self.live:
            width = shutil.get_terminal_size().columns - 1
            print("\r" + text[:width].ljust(width), end="" if text else "\r", flush=True)

    def phase(self) -> str:
        """The last thing the log tells, in a few words."""
        text = self.log.read_text("utf-8", "replace")
        if "nvidia" in text and not self.hinted and not has_nvidia_gpu():
            self.hinted = True
            self.show("")
            say(
                "  This torch brings libraries for NVIDIA GPUs, several GB, and there is no such "
                "GPU here: README.md says how to get the smaller one."
            )
        for line in reversed(text.splitlines()):
            installing = re.match(r"\s*Installing collected packages: (.*)", line)
            if installing:
                return f"installing {installing.group(1).count(',') + 1} packages"
            if re.match(r"\s*(Installing build|Getting requirements|Preparing)", line):
                return "preparing"
            if "Retrying" in line:
                return "the package index does not answer, trying again"
            working = re.match(r"\s*(Collecting|Downloading|Using cached|Processing) (\S+)", line)
            if working:
                return f"{working.group(1).lower()} {working.group(2).rsplit('/', 1)[-1]}"
        return "starting"


def has_nvidia_gpu() -> bool:
    """Does this machine look as if it had an NVIDIA GPU?"""
    return bool(shutil.which("nvidia-smi")) or Path("/dev/nvidia0").exists()


def run(environment: Environment, *command: str | Path, **variables: str) -> int:
    """Run a command, its output appended to the log, and return its exit status."""
    surroundings = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    surroundings.update(PIP_USER="0", PYTHONUNBUFFERED="1", PYTHONIOENCODING="utf-8", **variables)
    words = [str(word) for word in command]
    progress = Progress(environment.log)
    with environment.log.open("ab") as output:
        output.write(f"$ {' '.join(words)}\n".encode())
        output.flush()
        child = subprocess.Popen(
            words,
            cwd=environment.root,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=() if os.name == "nt" or environment.lock is None else (environment.lock,),
            preexec_fn=None if os.name == "nt" else obey,
            start_new_session=True,  # Ctrl-C in the terminal comes here alone: `stop` passes it on
        )
        try:
            while True:
                try:
                    return child.wait(timeout=0.2)
                except subprocess.TimeoutExpired:
                    progress.tick()
        finally:
            progress.show("")
            if child.poll() is None:
                stop(child)


def obey() -> None:
    """Have a child heed an interrupt, and on Linux get one when its parent is killed."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background job would ignore it
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(1, signal.SIGINT)  # PR_SET_PDEATHSIG


def stop(child: subprocess.Popen) -> None:
    """End a child that is still running; an interrupted pip removes its temporary files first."""
    child.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGINT)
    try:
        child.wait(timeout=10)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
