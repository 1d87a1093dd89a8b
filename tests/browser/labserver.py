"""JupyterLab as a learner has it, on a folder of its own and with nobody's personal settings."""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from coursekit.lab import WITHOUT_COLLABORATION

START_SECONDS = 120
SLIDES = ("jupyterlab-slideshow", "@deathbeds/jupyterlab-fonts")


@dataclass
class LabServer:
    """A server in the environment that runs the tests; use it in a ``with`` block.

    Args:
        root: the folder that it shows.
        state: an empty folder for settings, logs and what else Jupyter writes.
        variables: of its environment, beside those that every test has.
        collaborative: whether jupyter-collaboration is at work. What shows slides is not then: with both,
            no notebook opens.
    """

    root: Path
    state: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    collaborative: bool = False
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    port: int = field(default_factory=lambda: _free_port())

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.state / "lab.log"

    def url(self, path: str, workspace: str) -> str:
        """Return the address of a notebook. A workspace of its own does not open others' tabs."""
        return f"{self.address}/lab/workspaces/{workspace}/tree/{path}?token={self.token}"

    def __enter__(self) -> "LabServer":
        command = [
            sys.executable,
            "-m",
            "jupyterlab",
            "--expose-app-in-browser",
            "--allow-root",
            "--ServerApp.open_browser=False",
            "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.port={self.port}",
            "--ServerApp.port_retries=0",
            f"--ServerApp.root_dir={self.root}",
            *(() if self.collaborative else WITHOUT_COLLABORATION),
        ]
        own = {
            "JUPYTER_TOKEN": self.token,
            "JUPYTER_PREFER_ENV_PATH": "1",
            "JUPYTER_CONFIG_DIR": str(self.state / "config"),
            "JUPYTER_DATA_DIR": str(self.state / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.state / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(self.state / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(self.state / "workspaces"),
            "IPYTHONDIR": str(self.state / "ipython"),
            **self.variables,
        }
        if self.collaborative:
            page = self.state / "config" / "labconfig" / "page_config.json"
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(json.dumps({"disabledExtensions": dict.fromkeys(SLIDES, True)}))
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=self.root,
                env={**os.environ, **own},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()  # the server stops its kernels
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _wait(self) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.address}/api", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise RuntimeError(
            f"JupyterLab did not start. Its log says:\n{self.log.read_text()[-3000:]}"
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
