"""Kernels that the course starts for itself, to run a notebook without a person."""

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LONGEST_ADDRESS = 90  # of the 108 bytes that Linux gives the name of a socket, some are for "-1"


@contextmanager
def private_sockets() -> Iterator[dict[str, str]]:
    """Yield options for a jupyter_client ``KernelManager``: talk through files, not through ports.

    The manager chooses free ports a second before the kernel takes them. Whatever opens a connection
    in between, another kernel or a browser, may get one of them, and then the kernel dies at its start
    ("Address already in use"). Files in a folder of their own are shared with nobody. They go when the
    block ends. Ports it is where there are no such files (Windows) or their names would be too long.
    """
    with tempfile.TemporaryDirectory(prefix="kernel-") as folder:
        address = str(Path(folder, uuid.uuid4().hex))
        if os.name == "nt" or len(os.fsencode(address)) > LONGEST_ADDRESS:
            yield {}
        else:
            yield {"transport": "ipc", "ip": address}
