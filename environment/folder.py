"""The folder `.venv`: what is known about it, and that one run at a time works in it."""

import contextlib
import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from environment.machine import BootstrapError, say
from environment.pythons import NEWEST, OLDEST

EXTRAS = {
    "lab": ".",
    "site": ".[site]",
    "test": ".[dev]",
}  # from small to large: the larger serves the smaller


def larger(*goals: str) -> str:
    """The goal that serves all of these."""
    return max(goals, key=list(EXTRAS).index)


class Environment:
    """The folder `.venv` and what is known about it.

    Its state file says `installing` while pip is at work in it and `ready` afterwards, with a stamp
    of all that decides its contents. An `installing` that a run finds is what a killed run left.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.state_file = self.folder / "coursekit-environment.json"
        self.lock_file = self.folder / "coursekit-bootstrap.lock"
        self.log = self.folder / "coursekit-bootstrap.log"
        self.lock: int | None = None  # the open lock file, while this run has it
        scripts = self.folder / ("Scripts" if os.name == "nt" else "bin")
        ending = ".exe" if os.name == "nt" else ""
        self.python = scripts / f"python{ending}"
        self.command = scripts / f"coursekit{ending}"
        # an editable install and its commands hold absolute paths: a moved checkout needs new ones
        self.origin = {"python": str(sys.version_info[:2]), "folder": str(self.folder)}

    def stamp(self) -> str:
        """Digest of all that decides what the environment holds, apart from the extras."""
        # the settings of JupyterLab are copied into the environment, not read from the checkout
        settings = sorted(self.root.glob("jupyter/*.json"))
        files = [self.root / "pyproject.toml", self.root / "constraints.txt", *settings]
        try:
            parts = [file.read_bytes() for file in files]
        except OSError as error:
            raise BootstrapError(
                f"{error.filename} cannot be read ({error.strerror}): this checkout is not whole, "
                "clone the course again."
            ) from error
        parts.append(" ".join(self.origin.values()).encode())
        return hashlib.sha256(b"".join(parts)).hexdigest()

    def state(self) -> dict[str, str]:
        """What the state file says, nothing when it is absent or damaged."""
        try:
            known = json.loads(self.state_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}

    def write_state(self, **state: str) -> None:
        """Replace the state in one step: a killed run leaves the old one or the new one."""
        fresh = self.state_file.with_suffix(".new")
        fresh.write_text(json.dumps(state), encoding="utf-8")
        fresh.replace(self.state_file)

    def serves(self, goal: str) -> bool:
        """Is it complete, up to date, and good for this goal?"""
        known = self.state()
        has = known.get("goal", "lab")
        return (
            known.get("state") == "ready"
            and known.get("stamp") == self.stamp()
            and has == larger(has, goal)
            and self.python.exists()
            and self.command.exists()
        )

    def contents(self) -> list[Path]:
        """What is in it, apart from what this program keeps there."""
        own = (self.state_file, self.lock_file, self.log)
        return [path for path in self.folder.iterdir() if path not in own]

    def is_foreign(self) -> bool:
        """Was it made by somebody else?"""
        return not self.state_file.exists() and bool(self.contents())

    def is_sound(self) -> bool:
        """Can it be brought up to date, rather than made anew?"""
        ours = {"state": "ready", **self.origin}.items() <= self.state().items()
        return (ours or self.is_foreign()) and self.works()

    def works(self) -> bool:
        """Does its Python run, with pip and in a supported version?"""
        code = f"import sys, pip; sys.exit(not {OLDEST} <= sys.version_info[:2] <= {NEWEST})"
        try:
            return subprocess.run([self.python, "-c", code], capture_output=True).returncode == 0
        except OSError:
            return False

    def empty(self) -> None:
        """Delete the contents."""
        for path in self.contents():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Let one run at a time work in it.

        pip inherits the lock: when a run is killed and its pip lives on, the next run waits for it.
        """
        self.folder.mkdir(exist_ok=True)
        with self.lock_file.open("ab") as file:
            if not take_lock(file.fileno()):
                say("Another run is at work in .venv: waiting until it has finished.")
                while not take_lock(file.fileno()):
                    time.sleep(1)
            self.lock = file.fileno()
            try:
                yield
            finally:
                self.lock = None


def take_lock(descriptor: int) -> bool:
    """Take the lock, or return False when somebody else has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # network file systems without locks: better to go on than to refuse
        return error.errno not in (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
    return True
