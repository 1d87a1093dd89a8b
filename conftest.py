"""Make pytest run notebooks as Jupyter does, and notice when nothing would be tested.

nbval 0.11 runs every code cell and compares what it shows with what the file has stored. Five
things are mended:

- cells run with a history, so that a trailing semicolon silences a cell, ``Out[n]`` exists and
  cells count from 1;
- a kernel that dies fails its cell at once, not when the time of the cell is up;
- a cell may take ten minutes, not half an hour;
- a cell that was never run fails, for nothing would be compared with it;
- kernels do not read the settings of the person who runs the tests, nor write into their history,
  and no other program can take their ports, for they use none.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from queue import Empty
from typing import Any

import nbval.kernel
import nbval.plugin
import pytest

from coursekit.kernels import private_sockets

# Small arrays on many threads spend their time waiting for each other: measured seven times slower
# on two busy cores. Set before anything imports NumPy or torch; kernels and workers inherit it.
os.environ.setdefault("OMP_NUM_THREADS", "1")

CELL_SECONDS = 600.0  # generous: the slowest cell takes well under a minute on two cores
NBVAL_CELL_SECONDS = 2000.0  # nbval's own value, which means that nobody chose one
POLL_SECONDS = 0.5

START_SECONDS = 300  # a machine with more to do than cores may take long to import IPython

_start_new_kernel = nbval.kernel.start_new_kernel


class KernelDiedError(RuntimeError):
    """The process of the kernel ended while it should have been running a cell."""


class WatchedKernel(nbval.kernel.RunningKernel):
    """A kernel that keeps a history and is known to be dead as soon as it is."""

    def execute_cell_input(self, cell_input: str, allow_stdin: bool | None = None) -> str:
        """Run a cell as Jupyter does: nbval leaves the history out, and so ``;`` and ``Out[n]``."""
        return self.kc.execute(
            cell_input, store_history=True, allow_stdin=allow_stdin, stop_on_error=False
        )

    def get_message(self, stream: str, timeout: float | None = None) -> dict[str, Any]:
        """Wait for a message in short steps, and look between them whether the kernel still lives.

        Raises:
            Empty: no message came in time.
            KernelDiedError: none will come.
        """
        end = time.monotonic() + (float("inf") if timeout is None else timeout)
        while True:
            wait = max(0.0, min(POLL_SECONDS, end - time.monotonic()))
            try:
                return super().get_message(stream, timeout=wait)
            except Empty:
                if not self.is_alive():
                    raise KernelDiedError from None
                if time.monotonic() >= end:
                    raise


class PrivateManager(nbval.kernel.KernelManager):
    """The manager of a kernel that talks to nobody but us."""

    def __init__(self, **options: Any) -> None:
        self._sockets = ExitStack()
        super().__init__(**options, **self._sockets.enter_context(private_sockets()))

    def cleanup_resources(self, restart: bool = False) -> None:
        """Remove the sockets with all else that the kernel leaves."""
        super().cleanup_resources(restart)
        if not restart:
            self._sockets.close()


def start_private_kernel(**options: Any) -> tuple[Any, Any]:
    """Start a kernel whose history stays in memory and whose stderr nobody has to close."""
    # nbval opens os.devnull and never closes it: a warning that would fail a test
    options["stderr"].close()
    options["stderr"] = subprocess.DEVNULL
    options["startup_timeout"] = START_SECONDS
    return _start_new_kernel(**options, extra_arguments=["--HistoryManager.hist_file=:memory:"])


nbval.kernel.KernelManager = PrivateManager
nbval.kernel.start_new_kernel = start_private_kernel
nbval.plugin.RunningKernel = WatchedKernel


def pytest_configure(config: pytest.Config) -> None:
    """Give cells a time of our own, and kernels settings of their own."""
    if config.option.nbval_cell_timeout == NBVAL_CELL_SECONDS:
        config.option.nbval_cell_timeout = CELL_SECONDS
    if config.option.nbval_sanitize_with:
        # given from the root of the course, wherever pytest was started
        rules = Path(config.rootpath, config.option.nbval_sanitize_with)
        config.option.nbval_sanitize_with = str(rules)
    profile = tempfile.TemporaryDirectory(prefix="ipython-")
    config.add_cleanup(profile.cleanup)
    os.environ["IPYTHONDIR"] = profile.name


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail a cell that cannot be compared, and say in words when its kernel died."""
    if not isinstance(item, nbval.plugin.IPyNbCell):
        return (yield)
    if item.cell.source.strip() and item.cell.execution_count is None:
        item.raise_cell_error(
            "stored without ever having been run: its execution count is null, so there is nothing "
            "to compare with. Restart the kernel, run all cells, save"
        )
    if not item.parent.kernel.is_alive():
        item.raise_cell_error("not run, for the kernel died in an earlier cell: mend that one")
    try:
        return (yield)
    except KernelDiedError:
        item.raise_cell_error(
            "the kernel died while it ran this cell. Out of memory, or a crash in compiled code: "
            "run the notebook in JupyterLab and watch its memory"
        )
