"""Open the course in JupyterLab, and see it through until its reader stops it."""

import contextlib
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import webbrowser
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from coursekit.errors import CourseError
from coursekit.lock import BusyError, locked
from coursekit.paths import MARKER, course_root

# not its own --YDocExtension.disable_rtc: a server of jupyter-collaboration that nobody used ends with a traceback
WITHOUT_COLLABORATION = (
    "--ServerApp.jpserver_extensions={'jupyter_server_ydoc': False}",
    "--ServerApp.tornado_settings={'page_config_data': {'disableRTC': True}}",
)
START_PAGE = "notebooks/00_start_here.ipynb"
USUAL_PORT = 8888
POLL_SECONDS = 0.2
PATIENCE_SECONDS = 20.0  # after this long without an answer, say that it takes longer than usual
ERROR_MARK = r"^\[[EC] [^]]*\] *"  # how a line of Jupyter's log begins that tells of an error
TURN_SECONDS = 120.0  # how long to wait for another start of the same course
STOP_SECONDS = 15.0  # Jupyter gives a busy kernel five seconds to end

Ready = Callable[[], None]


class LabError(CourseError):
    """JupyterLab cannot run as asked."""


@dataclass(frozen=True)
class Server:
    """A Jupyter server that is running."""

    pid: int
    port: int
    url: str
    token: str
    page: Path  # a local page that leads to the server without showing the token to other users

    def address(self, page: str) -> str:
        """What to type into a browser to see a file."""
        token = f"?{urllib.parse.urlencode({'token': self.token})}" if self.token else ""
        return f"{self.url}lab/tree/{urllib.parse.quote(page)}{token}"

    def answers(self) -> bool:
        """Does it answer over HTTP?"""
        request = urllib.request.Request(
            f"{self.url}api/status", headers={"Authorization": f"token {self.token}"}
        )
        # never through a proxy: it is on this machine
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(request, timeout=5):
                return True
        except (OSError, ValueError):
            return False


@dataclass(frozen=True)
class Visit:
    """What to open, and how.

    Args:
        page: the file to see first, from the working copy.
        variables: of the environment, for a server that is started now.
    """

    page: str = START_PAGE
    variables: Mapping[str, str] = field(default_factory=dict)


def open_lab(
    port: int | None = None, browser: bool | None = None, visit: Visit | None = None
) -> int:
    """Bring the working copy up to date and run JupyterLab on it until it is stopped.

    Args:
        port: to listen on; None takes the first free one from 8888.
        browser: open one; None opens one where there is a display.
        visit: what to open; None opens the start page.

    Returns:
        The exit status: 0 when the reader stopped it, else JupyterLab's own.

    Raises:
        LabError: the port is taken, or JupyterLab does not start.
    """
    from coursekit.study import working_copy

    root = course_root()
    report = str(working_copy.update(root)).strip()
    if report:
        print(report, flush=True)
    work = root / "work"
    with_browser = _can_open_browser() if browser is None else browser
    (work / MARKER).mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as turn:
        # of two that start at the same time, one waits, and finds the other's server running
        try:
            turn.enter_context(locked(work / MARKER / "lab.lock", TURN_SECONDS))
        except BusyError as error:
            raise LabError(
                "The course is being opened by another `coursekit lab`, which has not come to an end for "
                f"{TURN_SECONDS:.0f} seconds: stop that one with Ctrl-C, or look what it says."
            ) from error
        return _join_or_run(work, port, with_browser, turn.close, visit or Visit())


def _join_or_run(
    work: Path, port: int | None, with_browser: bool, ready: Ready, visit: Visit
) -> int:
    """Lead to the server that is running, or run one; call ``ready`` when others can find it."""
    running = _running(work)
    if running and port in (None, running.port):
        address = running.address(visit.page)
        _greet(address, running.port, with_browser, "The course is already open in JupyterLab.")
        print("It stops with Ctrl-C where it was started, or with File > Shut Down.", flush=True)
        if with_browser:
            known = visit.page == START_PAGE and running.page.exists()
            webbrowser.open(running.page.as_uri() if known else address)
        return 0
    if running:
        raise LabError(
            f"The course is already open on port {running.port}, so it cannot be opened on port "
            f"{port} too: use {running.address(visit.page)} or stop it there first with Ctrl-C."
        )
    return _run(work, _checked(port) if port is not None else None, with_browser, ready, visit)


def _run(work: Path, port: int | None, with_browser: bool, ready: Ready, visit: Visit) -> int:
    """Run JupyterLab on a folder until it ends or somebody stops it."""
    log = work / MARKER / "lab.log"
    print("Starting JupyterLab, usually 2 to 4 seconds.", flush=True)
    with log.open("wb") as output, _stop_signals_interrupt():
        process = subprocess.Popen(
            _command(work, port, with_browser, visit.page),
            cwd=work,
            env={**_surroundings(), **visit.variables},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C reaches this process alone, which then stops the server without a question
            start_new_session=True,
        )
        try:
            server = _wait_until_ready(process, work, log)
            ready()
            asked = USUAL_PORT if port is None else port
            if server.port != asked:
                print(f"Port {asked} is taken, so it listens on port {server.port}.", flush=True)
            _greet(server.address(visit.page), server.port, with_browser, "JupyterLab is ready.")
            print("To stop it, press Ctrl-C here.", flush=True)
            for line in _errors(log, process):
                print(f"JupyterLab reports: {line} (log: {log})", file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            print("\nStopping JupyterLab and its kernels.", flush=True)
            return 0
        finally:
            _stop(process)
    if process.returncode != 0:
        raise LabError(
            f"JupyterLab has ended by itself (exit status {process.returncode}: "
            f"{_last_words(log)}). Start it again; its log is {log}."
        )
    print("JupyterLab was shut down.", flush=True)
    return 0


def _command(work: Path, port: int | None, with_browser: bool, page: str) -> list[str]:
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={work}",
        f"--ServerApp.port={_first_free() if port is None else port}",
        # another program may take the port between our look and Jupyter's: then the next one does
        f"--ServerApp.port_retries={50 if port is None else 0}",
        f"--ServerApp.open_browser={with_browser}",
        f"--LabApp.default_url=/lab/tree/{urllib.parse.quote(page)}",
    ]
    if find_spec("jupyter_server_ydoc") and find_spec("jupyterlab_slideshow"):
        # with both at work no notebook opens: "Cannot read properties of undefined (reading 'get')"
        # (jupyterlab-fonts 3.0.0, which slides need, beside jupyter-collaboration 5.0.4)
        command.extend(WITHOUT_COLLABORATION)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append(
            "--allow-root"
        )  # Jupyter refuses to run as root, and a container has no one else
    return command


def _surroundings() -> dict[str, str]:
    """Variables of the server: a token that no list of processes shows, this environment first."""
    token = os.environ.get("JUPYTER_TOKEN") or secrets.token_hex(24)
    return {**os.environ, "JUPYTER_TOKEN": token, "JUPYTER_PREFER_ENV_PATH": "1"}


# -- finding servers -------------------------------------------------------------------------------


def _servers(work: Path) -> Iterator[Server]:
    """Servers of a folder that Jupyter has on record; some may be dead."""
    from jupyter_core.paths import jupyter_runtime_dir

    for record in sorted(Path(jupyter_runtime_dir()).glob("jpserver-*.json")):
        try:
            known = json.loads(record.read_text(encoding="utf-8"))
            if Path(known["root_dir"]).resolve() == work.resolve():
                page = record.with_name(f"{record.stem}-open.html")
                yield Server(known["pid"], known["port"], known["url"], known["token"], page)
        except (OSError, ValueError, KeyError):
            continue  # half written, or of some other program


def _running(work: Path) -> Server | None:
    return next((server for server in _servers(work) if server.answers()), None)


def _wait_until_ready(process: subprocess.Popen[bytes], work: Path, log: Path) -> Server:
    """Wait until the new server answers."""
    slow = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None:
        found = list(_servers(work))
        # on Windows the process that we started is not the one that listens
        mine = [server for server in found if server.pid == process.pid] or found
        for server in mine:
            if server.answers():
                return server
        if time.monotonic() > slow:
            print("Still starting: this machine is slow or busy.", flush=True)
            slow = float("inf")
        time.sleep(POLL_SECONDS)
    raise LabError(
        f"JupyterLab did not start ({_last_words(log)}). Run `coursekit doctor` to see what is "
        f"missing; the log is {log}."
    )


# -- ports and browsers ----------------------------------------------------------------------------


def _checked(port: int) -> int:
    if not 1 <= port <= 65535:
        raise LabError(f"There is no port {port}: choose one from 1024 to 65535, for example 8890.")
    try:
        _bind(port)
    except PermissionError as error:
        raise LabError(
            f"Port {port} is for administrators: choose one from 1024 to 65535, for example 8890."
        ) from error
    except OSError as error:
        raise LabError(
            f"Port {port} is taken by another program: choose another, for example --port "
            f"{_first_free(min(port + 1, 65000))}, or leave --port out."
        ) from error
    return port


def _first_free(start: int = USUAL_PORT) -> int:
    for port in range(start, min(start + 100, 65536)):
        with contextlib.suppress(OSError):
            _bind(port)
            return port
    raise LabError(f"Ports {start} to {start + 99} are all taken: name a free one with --port.")


def _bind(port: int) -> None:
    """Take a port on every address of localhost for a moment.

    Raises:
        OSError: the port is not to be had.
    """
    for family, kind, _, _, address in socket.getaddrinfo("localhost", port, 0, socket.SOCK_STREAM):
        try:
            probe = socket.socket(family, kind)
        except OSError:
            continue  # this machine knows the address but not the protocol
        with probe:
            if os.name == "posix":  # a port that was left a moment ago is free; on Windows: any is
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
            except OSError:
                if family == socket.AF_INET:
                    raise
                if _is_taken(address):  # IPv6 may simply be switched off
                    raise


def _is_taken(address: tuple[object, ...]) -> bool:
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex(address) == 0


def _can_open_browser() -> bool:
    """Is there a screen, and a browser to show on it?"""
    has_screen = sys.platform in ("darwin", "win32") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
    if not has_screen:
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def _greet(address: str, port: int, with_browser: bool, first: str) -> None:
    """Print where the course is open."""
    if with_browser:
        print(f"{first} Your browser opens it; if it does not, go to this address:", flush=True)
    else:
        print(f"{first} Open this address in a browser:", flush=True)
    print(f"\n    {address}\n", flush=True)
    if not with_browser and os.environ.get("SSH_CONNECTION"):
        print(
            "From the machine you sit at, first run "
            f"`ssh -L {port}:localhost:{port} ...` with the name of this machine.",
            flush=True,
        )


# -- watching and stopping -------------------------------------------------------------------------


@contextlib.contextmanager
def _stop_signals_interrupt() -> Iterator[None]:
    """Make every way of asking this process to end look like Ctrl-C, even in the background."""
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before: dict[int, Callable[..., object] | int | None] = {}
    try:
        for number in numbers:
            before[number] = signal.signal(number, signal.default_int_handler)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)


def _errors(log: Path, process: subprocess.Popen[bytes]) -> Iterator[str]:
    """Errors that the server logs, as they come, until it ends."""
    with log.open(encoding="utf-8", errors="replace") as file:
        file.seek(0, os.SEEK_END)
        rest = ""
        while process.poll() is None:
            *lines, rest = (rest + file.read()).split("\n")
            for line in lines:
                if re.match(ERROR_MARK, line):
                    yield re.sub(ERROR_MARK, "", line)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=1)


def _last_words(log: Path) -> str:
    """What a server said before it ended: its last error, else its last line."""
    lines = [one for one in log.read_text("utf-8", "replace").splitlines() if one.strip()]
    errors = [
        re.sub(r"^\[[EC] [^]]*\] *", "", one) for one in lines if one.startswith(("[E", "[C"))
    ]
    words = (errors or lines or ["it said nothing"])[-1]
    return words.strip().rstrip(".")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the server; it ends its kernels. A second Ctrl-C must not leave half of them behind."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    finally:
        signal.signal(signal.SIGINT, before)
