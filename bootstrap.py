"""Make the environment of the course: `.venv` in this folder, with the package and all it needs.

    python3 bootstrap.py              what a learner needs
    python3 bootstrap.py --for test   and what the tests need, a browser included

It uses the standard library alone, and Python 3.6 can read it, so that an old Python gets a
sentence instead of a SyntaxError. A second run finds its stamp and does nothing; a killed run is
repaired by the next one.
"""

import argparse
import contextlib
import errno
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

OLDEST, NEWEST = (3, 11), (3, 14)  # what torch and this course support


def other_pythons() -> "list[str]":
    """Names of the supported Pythons on the PATH that do run (a shim of pyenv may not)."""
    names = [f"python3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
    return [name for name in names if shutil.which(name) and runs(name)]


def runs(python: str) -> bool:
    """Does this command start a Python?"""
    nowhere = subprocess.DEVNULL
    return subprocess.call([python, "-c", ""], stdout=nowhere, stderr=nowhere) == 0


def python_problem(version: "tuple[int, ...]") -> str:
    """Say what is wrong with this version of Python and what to do, or nothing when it will do."""
    if OLDEST <= version[:2] <= NEWEST:
        return ""
    found = ".".join(str(part) for part in version[:3])
    goal = "test" if "test" in sys.argv[1:] else "lab"
    others = other_pythons()
    advice = "install one of these" + (
        "" if os.name == "nt" else f", then run `make {goal} PYTHON=python3.{OLDEST[1] + 1}`"
    )
    if others:
        advice = f"{others[0]} is on this machine: run `make {goal} PYTHON={others[0]}`"
    return (
        f"This is Python {found} ({sys.executable}), and the course needs Python "
        f"{OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}: {advice}."
    )


if python_problem(sys.version_info[:3]):  # before anything below is read that an old Python lacks
    sys.exit(python_problem(sys.version_info[:3]))


ROOT = Path(__file__).resolve().parent
EXTRAS = {"lab": ".", "test": ".[dev]"}  # from small to large: the larger serves the smaller
GIGABYTE = 10**9
DISK_NEEDED = 3 * GIGABYTE  # the environment takes half of it, pip's downloads and cache the rest
TEMPORARY_NEEDED = GIGABYTE
PIP_INSTALL = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
PIP_INSTALL += ["--progress-bar", "off", "--constraint", "constraints.txt"]

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
)
BROWSER_PLACES = {
    "darwin": (
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    ),
    "win32": (
        r"%ProgramFiles%\Google\Chrome\Application\chrome.exe",
        r"%LocalAppData%\Google\Chrome\Application\chrome.exe",
        r"%ProgramFiles(x86)%\Microsoft\Edge\Application\msedge.exe",
    ),
}


class BootstrapError(Exception):
    """Something outside this program is in the way; its text is one sentence for the user."""


def say(text: str) -> None:
    """Print a line at once, also into a pipe."""
    print(text, flush=True)


# -- the environment and its stamp -----------------------------------------------------------------


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
        scripts = self.folder / ("Scripts" if os.name == "nt" else "bin")
        ending = ".exe" if os.name == "nt" else ""
        self.python = scripts / f"python{ending}"
        self.command = scripts / f"coursekit{ending}"

    @property
    def own_files(self) -> list[Path]:
        """What this program keeps in the folder, whatever else goes."""
        return [self.state_file, self.lock_file, self.log]

    def stamp(self) -> str:
        """Digest of all that decides what the environment holds, apart from the extras."""
        digest = hashlib.sha256()
        # the settings of JupyterLab are copied into the environment, not read from the checkout
        settings = sorted(self.root.glob("jupyter/*.json"))
        for path in [self.root / "pyproject.toml", self.root / "constraints.txt", *settings]:
            try:
                digest.update(path.read_bytes())
            except OSError as error:
                raise BootstrapError(
                    f"{path} cannot be read ({error.strerror}): this checkout is not whole, "
                    "clone the course again."
                ) from error
        # an editable install and its commands hold absolute paths: a moved checkout needs new ones
        digest.update(f"{sys.version_info[:2]} {self.folder}".encode())
        return digest.hexdigest()

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
        return (
            known.get("state") == "ready"
            and known.get("stamp") == self.stamp()
            and list(EXTRAS).index(known.get("goal", "lab")) >= list(EXTRAS).index(goal)
            and self.python.exists()
            and self.command.exists()
        )

    def is_foreign(self) -> bool:
        """Was it made by somebody else?"""
        if self.state_file.exists() or not self.folder.exists():
            return False
        return any(one not in self.own_files for one in self.folder.iterdir())

    def works(self) -> bool:
        """Does its Python run, with pip and in a supported version?"""
        code = f"import sys, pip; sys.exit(not {OLDEST} <= sys.version_info[:2] <= {NEWEST})"
        try:
            return subprocess.run([self.python, "-c", code], capture_output=True).returncode == 0
        except OSError:
            return False

    def empty(self) -> None:
        """Delete what is in it, apart from the files of this program."""
        for one in self.folder.iterdir():
            if one in self.own_files:
                continue
            if one.is_dir() and not one.is_symlink():
                shutil.rmtree(one)
            else:
                one.unlink()


@contextlib.contextmanager
def sole_user(environment: Environment) -> Iterator[BinaryIO]:
    """Let one run at a time work in the environment; yields the file that holds the lock.

    pip inherits the lock: when a run is killed and its pip lives on, the next run waits for it.
    """
    handle = environment.lock_file.open("ab")
    try:
        waiting = False
        while not _lock(handle.fileno()):
            if not waiting:
                say("Another run is at work in .venv: waiting until it has finished.")
            waiting = True
            time.sleep(1)
        yield handle
    finally:
        handle.close()


def _lock(descriptor: int) -> bool:
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


# -- running pip and the like, with progress -------------------------------------------------------


class Progress:
    """What a long command is doing: in a terminal one line that changes, else a line at times."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.live = sys.stdout.isatty()
        self.started = time.monotonic()
        self.next_line = 20.0
        self.shown = ""
        self.hinted = False

    def tick(self) -> None:
        """Show what the log says now."""
        seconds = time.monotonic() - self.started
        text = f"  {seconds:3.0f} s  {self.phase()}"
        if self.live:
            width = shutil.get_terminal_size().columns - 1
            print("\r" + text[:width].ljust(width), end="", flush=True)
        elif seconds > self.next_line:
            say(text)
            self.next_line = seconds + 20

    def clear(self) -> None:
        """Remove the line that changes."""
        if self.live:
            print("\r" + " " * (shutil.get_terminal_size().columns - 1) + "\r", end="", flush=True)

    def phase(self) -> str:
        """The last thing the log tells, in a few words."""
        text = tail(self.log)
        if "nvidia" in text and not self.hinted and not has_nvidia_gpu():
            self.hinted = True
            self.clear()
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


def tail(log: Path, size: int = 20000) -> str:
    """The end of a log."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - size))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


def has_nvidia_gpu() -> bool:
    """Does this machine look as if it had an NVIDIA GPU?"""
    return bool(shutil.which("nvidia-smi")) or Path("/dev/nvidia0").exists()


def run(
    command: Sequence[str | Path],
    log: Path,
    lock: int = -1,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> int:
    """Run a command, its output appended to the log, and return its exit status."""
    surroundings = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    surroundings.update(PIP_USER="0", PYTHONUNBUFFERED="1", PYTHONIOENCODING="utf-8")
    surroundings.update(variables)
    progress = Progress(log)
    with log.open("ab") as output:
        output.write(("$ " + " ".join(str(word) for word in command) + "\n").encode())
        output.flush()
        child = subprocess.Popen(
            [str(word) for word in command],
            cwd=ROOT,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=() if os.name == "nt" or lock < 0 else (lock,),
            preexec_fn=None if os.name == "nt" else obey,
            start_new_session=True,  # Ctrl-C in the terminal comes here alone: `stop` passes it on
        )
        try:
            while True:
                try:
                    return int(child.wait(timeout=0.2))
                except subprocess.TimeoutExpired:
                    progress.tick()
        finally:
            progress.clear()
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
    if os.name == "nt":
        child.terminate()
    else:
        child.send_signal(signal.SIGINT)
    try:
        child.wait(timeout=10)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


# -- what can be in the way ------------------------------------------------------------------------


CAUSES = (
    (
        r"No space left on device|Errno 28\]|WinError 112\]|Disk quota exceeded",
        "the disk is full (of this folder, or of the temporary folder {temporary}): the "
        "environment needs about 3 GB free, on Linux 8 GB when torch brings its GPU libraries (README.md "
        "says how to do without): make room and run `{again}` again",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError|TLSV1_ALERT",
        "the package index's certificate is not trusted on this network: set PIP_CERT to the "
        "certificate file of your proxy or institution and run `{again}` again",
    ),
    (
        r"NewConnectionError|NameResolutionError|ConnectTimeoutError|ReadTimeout|ProxyError"
        r"|name resolution|Network is unreachable|Connection (refused|reset|aborted)"
        r"|RemoteDisconnected|IncompleteRead",
        "the package index cannot be reached: connect to the network (behind a proxy, set "
        "HTTPS_PROXY) and run `{again}` again",
    ),
    (
        r"\b(4\d\d Client|5\d\d Server) Error",
        "the package index answered with an error: wait a little, or check the index in "
        "`pip config list`, and run `{again}` again",
    ),
    (
        r"DO NOT MATCH THE HASHES|BadZipFile|BadZipfile|is an invalid wheel",
        "a download arrived damaged: run `{again}` again",
    ),
    (
        r"(No matching distribution found for"
        r"|no matching distributions available for your environment:)\s+(?P<what>\S+)",
        "the package index has no {what} of the tested version for Python {python} on {machine}: "
        "use another Python, for example `make {goal} PYTHON=python3.12`, or conda (see README.md)",
    ),
    (
        r"ResolutionImpossible|conflicting dependencies",
        "pyproject.toml and constraints.txt ask for versions that exclude each other: undo your "
        "change to them, or report it with the log",
    ),
    (
        r"Permission denied|Errno 13\]|WinError 5\]|Read-only file system",
        "a file may not be written: close JupyterLab and other programs that use {folder}, make "
        "sure the folder is yours, and run `{again}` again",
    ),
)


def explain(status: int, text: str, goal: str) -> str:
    """Turn pip's output into one sentence: what was in the way and what to do next."""
    facts = {
        "again": again(goal),
        "folder": ROOT / ".venv",
        "goal": goal,
        "machine": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "temporary": tempfile.gettempdir(),
    }
    for pattern, sentence in CAUSES:
        match = re.search(pattern, text)
        if match:
            return sentence.format(**facts, **match.groupdict())
    if status in (-9, 137):
        return (
            "the system killed pip, most likely for want of memory: close other programs and run "
            f"`{again(goal)}` again"
        )
    errors = re.findall(r"(?m)^\s*(?:ERROR|error): (.+)$", text)
    reason = errors[-1].strip().rstrip(".") if errors else f"it ended with exit status {status}"
    return f"{reason}; run `{again(goal)}` again, and if it fails again, report it with the log"


def again(goal: str) -> str:
    """The command that leads here."""
    if os.name == "nt":
        return "python bootstrap.py" + (" --for test" if goal == "test" else "")
    return f"make {goal}"


def check_disk(environment: Environment) -> None:
    """Stop before the download when the environment would not fit."""
    free = shutil.disk_usage(environment.root).free
    if free < DISK_NEEDED:
        raise BootstrapError(
            f"{environment.root} has {free / GIGABYTE:.1f} GB of free disk, and the environment "
            f"needs about {DISK_NEEDED / GIGABYTE:.0f} GB: make room there, or move the course to "
            "a larger disk."
        )


def temporary_folder(environment: Environment) -> dict[str, str]:
    """Variables that lead pip's downloads into the environment when the usual place is small."""
    try:
        roomy = shutil.disk_usage(tempfile.gettempdir()).free >= TEMPORARY_NEEDED
    except OSError:  # Python finds no usable temporary folder at all
        roomy = False
    if roomy:
        return {}
    folder = environment.folder / "tmp"
    folder.mkdir(exist_ok=True)
    return dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))


def find_browser() -> str:
    """Path of a browser that the tests can drive, or nothing."""
    for name in BROWSERS:
        found = shutil.which(name)
        if found:
            return found
    for place in BROWSER_PLACES.get(sys.platform, ()):
        path = Path(os.path.expandvars(place))
        if path.exists():
            return str(path)
    return ""


def provide_browser(environment: Environment) -> None:
    """Make sure that there is a browser for the tests; on Debian, install one if we may."""
    if find_browser():
        return
    advice = (
        "install Chromium (Debian: `apt-get install chromium`; elsewhere from chromium.org), or "
        "run `make test BROWSER=no` for all tests but the browser's."
    )
    prefix = administrator()
    if not shutil.which("apt-get") or prefix is None:
        raise BootstrapError(
            f"The tests drive a browser, and no Chromium, Chrome or Edge was found: {advice}"
        )
    say("Installing Debian's chromium for the browser tests, usually half a minute.")
    install = [*prefix, "apt-get", "install", "--yes", "--no-install-recommends"]
    install += ["chromium", "fonts-dejavu-core"]
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (install, [*prefix, "apt-get", "update"], install):
        status = run(command, environment.log, variables=quiet)
        if status == 0 and command is install and find_browser():
            return
    errors = re.findall(r"(?m)^E: (.+)$", tail(environment.log))
    reason = errors[-1].rstrip(".") if errors else f"exit status {status}"
    raise BootstrapError(
        f"Debian's chromium could not be installed ({reason}; log: {environment.log}): {advice}"
    )


def administrator() -> "list[str] | None":
    """What to put before a command that needs root: nothing, sudo, or None when there is no way."""
    if os.name == "nt":
        return None
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True).returncode == 0:
        return [sudo, "-n"]
    return None


# -- making it -------------------------------------------------------------------------------------


def create(environment: Environment, goal: str, lock: int) -> None:
    """Create the empty environment.

    Debian keeps ensurepip, which venv needs, in a package of its own, and its pip refuses to
    install anywhere but into a folder named by --target: a virtualenv fetched that way does it.
    """
    status = 1
    if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
        status = run([sys.executable, "-m", "venv", environment.folder], environment.log, lock)
        if status == 0 and environment.works():
            return
    if not importlib.util.find_spec("pip"):
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise BootstrapError(
            f"Python {version} ({sys.executable}) has neither ensurepip nor pip, so it cannot make "
            f"an environment: install them (Debian: `apt-get install python3-venv`) and run "
            f"`{again(goal)}` again."
        )
    room = temporary_folder(environment)
    with tempfile.TemporaryDirectory(dir=room.get("TMPDIR")) as folder:
        pip = [sys.executable, *PIP_INSTALL, "--target", folder, "virtualenv"]
        status = run(pip, environment.log, lock, room)
        if status == 0:
            # not the default folders in the user's home: nothing of this shall stay behind
            make = [sys.executable, "-m", "virtualenv", "--app-data", f"{folder}/data"]
            make += ["--no-periodic-update", str(environment.folder)]
            status = run_with_path(make, environment.log, lock, folder)
    if status != 0 or not environment.works():
        raise BootstrapError(failure(environment, status, goal))


def run_with_path(command: Sequence[str | Path], log: Path, lock: int, folder: str) -> int:
    """Run a Python command that finds its modules in a folder."""
    code = "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); "
    code += "runpy.run_module(sys.argv.pop(1), run_name='__main__', alter_sys=True)"
    return run([command[0], "-c", code, folder, *command[2:]], log, lock)


def failure(environment: Environment, status: int, goal: str) -> str:
    """The sentence for a command that failed."""
    reason = explain(status, environment.log.read_text("utf-8", "replace"), goal)
    return f"The environment could not be made: {reason}. The log is {environment.log}."


def install(environment: Environment, goal: str, lock: int) -> None:
    """Bring the environment to what this checkout asks for."""
    known = environment.state()
    if environment.is_foreign() and not environment.works():
        raise BootstrapError(
            f"The folder {environment.folder} was not made by this program and holds no working "
            f"Python with pip: move it away or delete it, and run `{again(goal)}` again."
        )
    sound = environment.is_foreign() or (
        known.get("state") == "ready"
        and known.get("python") == f"{sys.version_info[:2]}"
        and known.get("folder") == str(environment.folder)
        and environment.works()
    )
    goal = max(goal, known.get("goal", "lab"), key=list(EXTRAS).index)
    environment.log.write_bytes(b"")
    if not sound:
        if known.get("state") == "installing":
            say("An earlier run did not finish: starting afresh.")
        environment.write_state(state="installing")
        environment.empty()
        check_disk(environment)
        size = "1.5 GB" + (" (5 GB with GPU libraries)" if sys.platform == "linux" else "")
        say(
            f"Making the environment of the course in .venv: it takes about {size}, and usually a "
            "minute or two on a fast line."
        )
        say(f"  The log is {environment.log.relative_to(environment.root)}.")
        create(environment, goal, lock)
    else:
        say("Updating the environment in .venv, usually less than a minute.")
        say(f"  The log is {environment.log.relative_to(environment.root)}.")
    # from here on a killed run leaves half of something
    environment.write_state(state="installing")
    pip = [
        str(environment.python),
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
    ]
    pip += ["--progress-bar", "off", "--constraint", "constraints.txt", "--editable", EXTRAS[goal]]
    started = time.monotonic()
    status = run(pip, environment.log, lock, temporary_folder(environment))
    if status != 0:
        sentence = failure(environment, status, goal)
        untouched = "Installing collected packages" not in environment.log.read_text(
            "utf-8", "replace"
        )
        if sound and untouched and known:
            environment.write_state(**known)  # it is as good as it was: keep it
            sentence += f" Until then, `{environment.command} lab` runs it as it was."
        elif sound and untouched:
            environment.state_file.unlink()
        raise BootstrapError(sentence)
    shutil.rmtree(environment.folder / "tmp", ignore_errors=True)
    environment.write_state(
        state="ready",
        stamp=environment.stamp(),
        goal=goal,
        python=f"{sys.version_info[:2]}",
        folder=str(environment.folder),
    )
    say(f"The environment is ready after {time.monotonic() - started:.0f} s.")


def bootstrap(root: Path, goal: str, browser: bool = True) -> None:
    """Make sure that the environment serves this goal.

    Raises:
        BootstrapError: something outside is in the way; its text is for the user.
    """
    environment = Environment(root)
    needs_browser = goal == "test" and browser and not find_browser()
    if environment.serves(goal) and not needs_browser:
        say("The environment in .venv is up to date.")
        return
    try:
        environment.folder.mkdir(exist_ok=True)
        with sole_user(environment) as lock:
            if needs_browser:
                provide_browser(environment)
            if environment.serves(goal):
                say("The environment in .venv is up to date.")
            else:
                install(environment, goal, lock.fileno())
    except FileExistsError as error:
        raise BootstrapError(
            f"{environment.folder} is a file, and the environment goes into a folder of that name: "
            f"move it away and run `{again(goal)}` again."
        ) from error
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise BootstrapError(
                f"{error.filename or environment.folder} may not be written by this user: copy the "
                f"course to a folder of your own, or change the owner, and run `{again(goal)}` "
                "again."
            ) from error
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BootstrapError(
                f"The disk is full at {error.filename or environment.root}: the environment needs "
                f"about {DISK_NEEDED / GIGABYTE:.0f} GB, make room and run `{again(goal)}` again."
            ) from error
        raise


def outside(environment: Environment) -> str:
    """The Python below the environment when it is the environment's own that runs, else nothing.

    An environment cannot be made anew by the Python that lies in it.
    """
    if Path(sys.prefix).resolve() != environment.folder.resolve():
        return ""
    return str(getattr(sys, "_base_executable", "") or "")


def main(arguments: "list[str] | None" = None) -> int:
    """Run the command line and return the exit status."""
    parser = argparse.ArgumentParser(prog="bootstrap.py", description=__doc__.split("\n")[0])
    parser.add_argument(
        "--for",
        dest="goal",
        choices=list(EXTRAS),
        default="lab",
        help="lab: what a learner needs; test: also what the tests need (default: lab)",
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="do not ask for a browser for the tests"
    )
    chosen = parser.parse_args(arguments)
    environment = Environment(ROOT)
    below = outside(environment)
    if below and below != sys.executable and not environment.serves(chosen.goal):
        return subprocess.call([below, __file__, *(arguments or sys.argv[1:])])
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stop pip too, and say so
    try:
        bootstrap(ROOT, chosen.goal, not chosen.no_browser)
    except BootstrapError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"Stopped before the end: `{again(chosen.goal)}` starts afresh.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
