"""Let one process at a time change what a folder stores."""

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POLL_SECONDS = 0.02


class BusyError(Exception):
    """Somebody else has held the lock for as long as we were willing to wait."""


@contextmanager
def locked(path: Path, seconds: float) -> Iterator[None]:
    """Hold a lock while the block runs.

    The operating system releases it when the process ends, however it ends, so there are no stale
    locks: the file may lie around, and means nothing by itself.

    Args:
        path: the lock file; made if it is not there, left there afterwards.
        seconds: how long to wait for somebody else.

    Raises:
        BusyError: the wait was in vain.
        OSError: the lock file cannot be made.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        end = time.monotonic() + seconds
        while not _take(handle):
            if time.monotonic() >= end:
                raise BusyError(path.name)
            time.sleep(POLL_SECONDS)
        yield
    finally:
        os.close(handle)  # which releases the lock as well


if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _take(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            # some network drives cannot lock; two programs at once are rarer than such a drive
            return error.errno in (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
        return True
