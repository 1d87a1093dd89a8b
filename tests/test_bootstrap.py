"""bootstrap.py says in one sentence what is in the way, and does its work once.

The Pythons and pips here are small shell scripts; the real thing is tried in test_fresh_clone.py.
"""

import ast
import contextlib
import errno
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

ROOT = Path(__file__).resolve().parent.parent
path_before = [*sys.path]
sys.path.insert(0, str(ROOT))
import bootstrap  # noqa: E402
from environment import browser, folder, machine, pythons, running  # noqa: E402

sys.path[:] = path_before

REAL_PYTHON = sys.executable  # the fixture puts another in its place

# A Python that makes environments, whose Python is itself, and whose pip does as PIP_SCRIPT says.
PYTHON = """#!/bin/sh
case "$*" in
  *"-m venv "*)
    for folder; do :; done
    mkdir -p "$folder/bin" && cp "$0" "$folder/bin/python";;
  *"-m pip install"*)
    echo "$*" >> "{calls}"
    {pip};;
esac
"""
SUCCEED = 'touch "$(dirname "$0")/coursekit"'


class Checkout:
    """A checkout of two files and a Python that is a shell script."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = folder / "course"
        self.root.mkdir()
        (self.root / "pyproject.toml").write_text("[project]\n")
        (self.root / "constraints.txt").write_text("torch==2.13.0\n")
        self.calls = folder / "calls.txt"
        self.python = folder / "python"
        self.pip(SUCCEED)
        monkeypatch.setattr(bootstrap, "ROOT", self.root)
        monkeypatch.setattr(sys, "executable", str(self.python))

    def pip(self, script: str) -> None:
        """From now on pip does this, also the one of an environment that is there."""
        for python in (self.python, self.root / ".venv/bin/python"):
            if python is self.python or python.exists():
                python.write_text(PYTHON.format(calls=self.calls, pip=script))
                python.chmod(0o755)

    @property
    def installs(self) -> list[str]:
        """The calls of pip, but those that renew pip itself."""
        calls = self.calls.read_text().splitlines() if self.calls.exists() else []
        return [call for call in calls if not call.endswith(" pip")]

    @property
    def environment(self) -> folder.Environment:
        return folder.Environment(self.root)

    def run(self, goal: str = "lab", browser: bool = False) -> None:
        bootstrap.bootstrap(self.environment, goal, browser)

    def refusal(self, goal: str = "lab", browser: bool = False) -> str:
        """The sentence that stops the run."""
        with pytest.raises(machine.BootstrapError) as caught:
            self.run(goal, browser)
        sentence = str(caught.value)
        assert "\n" not in sentence
        return sentence


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=10**12))
    return Checkout(tmp_path, monkeypatch)


# -- Python ----------------------------------------------------------------------------------------


def test_an_old_python_can_read_what_stops_it() -> None:
    trees = {
        name: ast.parse((ROOT / name).read_text(encoding="utf-8"), feature_version=(3, 6))
        for name in ("bootstrap.py", "environment/__init__.py", "environment/pythons.py")
    }
    # and what is evaluated before the check of the version means something to Python 3.6
    body = trees["bootstrap.py"].body
    check = next(
        node
        for node in body
        if isinstance(node, ast.If) and "python_problem" in ast.unparse(node.test)
    )
    before = body[: body.index(check)]
    names = [node.module for node in before if isinstance(node, ast.ImportFrom)]
    assert names == ["pathlib", "environment.pythons"]
    evaluated = [*before, *trees["environment/__init__.py"].body]
    evaluated += trees["environment/pythons.py"].body
    for node in ast.walk(ast.Module(evaluated, [])):
        if isinstance(node, ast.FunctionDef):
            annotations = [one.annotation for one in node.args.args] + [node.returns]
            assert all(isinstance(one, ast.Constant | ast.Name) for one in annotations)


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 10, 9), (3, 15, 0), (4, 0, 0)])
def test_wrong_python_names_what_was_found_and_needed(
    version: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pythons, "other_pythons", list)
    sentence = pythons.python_problem(version)
    assert ".".join(map(str, version)) in sentence
    assert "needs Python 3.11 to 3.14: install one" in sentence
    monkeypatch.setattr(pythons, "other_pythons", lambda: ["python3.13"])
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", "--for", "test"])
    assert "run `make test PYTHON=python3.13`" in pythons.python_problem(version)
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", "--for", "site"])
    assert "run `make site PYTHON=python3.13`" in pythons.python_problem(version)


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 4), (3, 13, 1), (3, 14, 0)])
def test_right_pythons_pass(version: tuple[int, ...]) -> None:
    assert pythons.python_problem(version) == ""


def test_wrong_python_stops_the_file_before_anything_else(tmp_path: Path) -> None:
    code = "import runpy, sys; sys.version_info = (3, 10, 2, 'final', 0); "
    code += f"runpy.run_path({str(ROOT / 'bootstrap.py')!r}, run_name='__main__')"
    start = [sys.executable, "-I", "-S", "-c", code]  # an editable install would find the parts
    done = subprocess.run(start, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("This is Python 3.10.2")
    assert len(done.stderr.splitlines()) == 1


def test_other_pythons_are_those_that_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, status in (("python3.14", 127), ("python3.12", 0), ("python3.10", 0)):
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {status}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pythons.other_pythons() == ["python3.12"]


# -- once, and again when something changed --------------------------------------------------------


def test_first_run_installs_and_the_second_does_nothing(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.run()
    said = capsys.readouterr().out
    assert "usually a minute or two" in said
    assert "The log is .venv" in said
    (call,) = checkout.installs
    assert call.endswith("--constraint constraints.txt --editable .")
    checkout.run()
    assert len(checkout.installs) == 1
    assert capsys.readouterr().out == "The environment in .venv is up to date.\n"


def test_a_new_environment_first_gets_the_pinned_pip(checkout: Checkout) -> None:
    checkout.run()
    renewal, install = checkout.calls.read_text().splitlines()
    assert renewal.endswith("--constraint constraints.txt pip")
    assert install.endswith("--editable .")
    (checkout.root / "constraints.txt").write_text("torch==2.14.0\n")
    checkout.run()
    (update,) = checkout.calls.read_text().splitlines()[2:]
    assert update.endswith("--editable .")


def test_without_a_newer_pip_nothing_else_is_tried(checkout: Checkout) -> None:
    checkout.pip("echo NewConnectionError; exit 1")
    assert "connect to the network" in checkout.refusal()
    assert len(checkout.calls.read_text().splitlines()) == 1, "one wait for the network is enough"


def test_test_environment_serves_learners_and_not_the_other_way(checkout: Checkout) -> None:
    checkout.run("lab")
    checkout.run("site")
    checkout.run("test")
    assert [call.rpartition(" ")[2] for call in checkout.installs] == [".", ".[site]", ".[dev]"]
    checkout.run("lab")
    checkout.run("site")
    assert len(checkout.installs) == 3
    (checkout.root / "constraints.txt").write_text("torch==2.14.0\n")
    checkout.run("lab")
    assert checkout.installs[-1].endswith(".[dev]"), "an update keeps what the tests need"


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt", "jupyter/new.json"])
def test_a_changed_file_updates_the_environment_in_place(checkout: Checkout, name: str) -> None:
    checkout.run()
    mine = checkout.root / ".venv/mine.txt"
    mine.touch()
    (checkout.root / name).parent.mkdir(exist_ok=True)
    (checkout.root / name).write_text("# changed\n")
    checkout.run()
    assert len(checkout.installs) == 2
    assert mine.exists()


def test_another_python_or_place_makes_it_anew(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout.run()
    (checkout.root / ".venv/mine.txt").touch()
    moved = checkout.root.with_name("moved")
    checkout.root.rename(moved)
    checkout.root = moved
    checkout.run()
    assert not (moved / ".venv/mine.txt").exists()
    assert len(checkout.installs) == 2
    state = checkout.environment.state()
    checkout.environment.write_state(**{**state, "python": "(3, 10)", "stamp": "old"})
    (moved / ".venv/mine.txt").touch()
    checkout.run()
    assert not (moved / ".venv/mine.txt").exists()


@pytest.mark.parametrize("name", ["bin/python", "bin/coursekit", "coursekit-environment.json"])
def test_a_missing_part_is_noticed(checkout: Checkout, name: str) -> None:
    checkout.run()
    (checkout.root / ".venv" / name).unlink()
    checkout.run()
    assert len(checkout.installs) == 2
    assert checkout.environment.serves("lab")


def test_killed_run_is_repaired_by_the_next(checkout: Checkout) -> None:
    """A real SIGKILL while a real process of pip is at work."""
    half = checkout.root / ".venv/half"
    checkout.pip(f'echo $$ > "{half}.new"; mv "{half}.new" "{half}"; exec sleep 60')
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "import bootstrap; from environment import folder, machine; from pathlib import Path\n"
        f"environment = folder.Environment(Path({str(checkout.root)!r}))\n"
        f"sys.executable = {str(checkout.python)!r}\n"
        "machine.DISK_NEEDED = 0\nbootstrap.bootstrap(environment, 'lab', False)"
    )
    process = subprocess.Popen([REAL_PYTHON, "-c", code], stdout=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while not half.exists() and time.monotonic() < end:
        time.sleep(0.05)
    pip = psutil.Process(int(half.read_text()))
    process.kill()
    process.wait()
    if sys.platform == "linux":  # elsewhere the next run waits for the pip that lives on
        psutil.wait_procs([pip], timeout=20)
        assert not pip.is_running()
    assert checkout.environment.state()["state"] == "installing"
    assert not checkout.environment.serves("lab")
    checkout.pip(SUCCEED)
    checkout.run()
    assert checkout.environment.serves("lab")
    assert not half.exists(), "it started afresh"


def test_two_runs_at_once_install_once(checkout: Checkout) -> None:
    checkout.environment.folder.mkdir()
    with (
        checkout.environment.alone(),
        checkout.environment.lock_file.open("ab") as other,
    ):
        assert not folder.take_lock(other.fileno())
    with checkout.environment.lock_file.open("ab") as other:
        assert folder.take_lock(other.fileno())


def test_interrupt_stops_pip_and_says_so_in_one_line(checkout: Checkout) -> None:
    checkout.pip("exec sleep 60")
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "import bootstrap; from environment import machine; from pathlib import Path\n"
        "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"bootstrap.ROOT = Path({str(checkout.root)!r})\nmachine.DISK_NEEDED = 0\n"
        f"sys.executable = {str(checkout.python)!r}\nsys.exit(bootstrap.main([]))"
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        checkout.calls.unlink(missing_ok=True)
        process = subprocess.Popen(
            [REAL_PYTHON, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        end = time.monotonic() + 60
        while not checkout.calls.exists() and time.monotonic() < end:
            time.sleep(0.05)
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 130
        assert errors == b"Stopped before the end: `make lab` starts afresh.\n"


# -- what can be in the way ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("ERROR: Could not install: [Errno 28] No space left on device", "the disk is full"),
        (
            "WARNING: Retrying: NewConnectionError: Temporary failure in name resolution\n"
            "ERROR: No matching distribution found for hatchling>=1.25",
            "the package index cannot be reached: connect to the network",
        ),
        (
            "Retrying (Retry(total=4)) after connection broken by 'ProxyError(...)'\n",
            "set HTTPS_PROXY",
        ),
        ("ssl.SSLCertVerificationError: CERTIFICATE_VERIFY_FAILED", "set PIP_CERT"),
        ("ERROR: HTTP error 503: 503 Server Error: busy for url", "answered with an error"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES from the file", "arrived damaged"),
        ("ERROR: No matching distribution found for torch==2.13.0", "has no torch==2.13.0"),
        (
            "no matching distributions available for your environment:\n    soupsieve\n\n"
            "ERROR: ResolutionImpossible",
            "has no soupsieve",
        ),
        ("ERROR: ResolutionImpossible: for help visit", "versions that exclude each other"),
        ("ERROR: [Errno 13] Permission denied: 'x'", "close JupyterLab"),
        ("ERROR: something new.", "something new; run `make lab` again"),
        ("", "exit status 1"),
    ],
)
def test_failures_of_pip_become_one_sentence(checkout: Checkout, output: str, said: str) -> None:
    (checkout.root / "output").write_text(output + "\n")
    checkout.pip("cat output; exit 1")
    sentence = checkout.refusal()
    assert said in sentence
    assert "`make lab" in sentence or "undo your change" in sentence
    assert str(checkout.environment.log) in sentence
    assert not checkout.environment.serves("lab")
    checkout.pip(SUCCEED)
    checkout.run()
    assert checkout.environment.serves("lab")


def test_pip_killed_for_want_of_memory(checkout: Checkout) -> None:
    checkout.pip("kill -9 $$")
    assert "for want of memory" in checkout.refusal()


def test_failed_update_keeps_what_works(checkout: Checkout) -> None:
    checkout.run()
    before = checkout.environment.state()
    (checkout.root / "constraints.txt").write_text("# changed\n")
    checkout.pip("echo NewConnectionError; exit 1")
    assert ".venv/bin/coursekit lab` runs it as it was" in checkout.refusal()
    assert checkout.environment.state() == before
    checkout.pip("echo Installing collected packages: a, b; echo Errno 28]; exit 1")
    checkout.refusal()
    assert checkout.environment.state() == {"state": "installing"}, "half of it may be new"


def test_too_little_disk_is_found_before_the_download(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = SimpleNamespace(free=1.2e9)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    sentence = checkout.refusal()
    assert "has 1.2 GB of free disk" in sentence
    assert "about 3 GB" in sentence
    assert checkout.installs == []


def test_small_temporary_folder_is_not_used(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    def usage(folder: object) -> SimpleNamespace:
        return SimpleNamespace(free=10**12 if Path(str(folder)) == checkout.root else 10**8)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    checkout.pip(f'echo "$TMPDIR" > "{checkout.root}/temporary"; {SUCCEED}')
    checkout.run()
    assert (checkout.root / "temporary").read_text().strip().endswith(".venv/tmp")
    assert not (checkout.root / ".venv/tmp").exists(), "and nothing of it stays"


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_folder_that_cannot_be_written(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise OSError(number, os.strerror(number), str(checkout.root / ".venv"))

    monkeypatch.setattr(Path, "mkdir", refuse)
    sentence = checkout.refusal()
    assert str(checkout.root / ".venv") in sentence
    assert ("make room" if number == errno.ENOSPC else "copy the course") in sentence


def test_what_is_in_the_place_of_the_environment(checkout: Checkout) -> None:
    (checkout.root / ".venv").write_text("")
    assert "is a file" in checkout.refusal()
    (checkout.root / ".venv").unlink()
    (checkout.root / ".venv").mkdir()
    (checkout.root / ".venv/mine.txt").touch()
    assert "move it away or delete it" in checkout.refusal()
    assert (checkout.root / ".venv/mine.txt").exists()


def test_environment_made_by_hand_is_used(checkout: Checkout) -> None:
    subprocess.run([checkout.python, "-m", "venv", checkout.root / ".venv"], check=True)
    (checkout.root / ".venv/mine.txt").touch()
    checkout.run()
    assert checkout.environment.serves("lab")
    assert (checkout.root / ".venv/mine.txt").exists()


@pytest.mark.parametrize("missing", ["pyproject.toml", "constraints.txt"])
def test_checkout_that_is_not_whole(checkout: Checkout, missing: str) -> None:
    (checkout.root / missing).unlink()
    with contextlib.suppress(FileNotFoundError):
        checkout.environment.state_file.unlink()
    sentence = checkout.refusal()
    assert missing in sentence
    assert "clone the course again" in sentence


def without(monkeypatch: pytest.MonkeyPatch, *modules: str) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name in modules else find(name)
    )


def test_without_ensurepip_a_virtualenv_is_fetched(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, "ensurepip")
    checkout.python.write_text(
        f"""#!/bin/sh
echo "$*" >> "{checkout.calls}"
case "$*" in
  *"-m virtualenv "*)
    for folder; do :; done
    mkdir -p "$folder/bin" && cp "$0" "$folder/bin/python";;
  *"--editable"*) {SUCCEED};;
esac
"""
    )
    checkout.run()
    fetch, make, _works, install = checkout.installs
    assert "--target" in fetch
    assert fetch.endswith(" virtualenv")
    assert "virtualenv --app-data" in make
    assert install.endswith("--editable .")


def test_without_ensurepip_and_pip_the_package_is_named(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, "ensurepip", "pip")
    sentence = checkout.refusal()
    assert "neither ensurepip nor pip" in sentence
    assert "apt-get install python3-venv" in sentence


# -- the browser -----------------------------------------------------------------------------------


@pytest.fixture
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "BROWSERS", ())
    monkeypatch.setattr(browser, "BROWSER_PLACES", {})


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Puts shell scripts first on the PATH."""
    folder = tmp_path / "tools"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def make(name: str, script: str) -> None:
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)

    return make


@pytest.mark.usefixtures("no_browser")
def test_without_browser_and_permission_the_ways_out_are_named(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "administrator", lambda: None)
    sentence = checkout.refusal("test", browser=True)
    assert "no Chromium, Chrome or Edge was found" in sentence
    assert "make test BROWSER=no" in sentence
    assert checkout.installs == [], "before anything else is done"
    checkout.run("test", browser=False)
    checkout.run("lab", browser=True)


def test_debian_gets_its_chromium_after_an_update_of_the_lists(
    checkout: Checkout,
    monkeypatch: pytest.MonkeyPatch,
    tools: Callable[[str, str], None],
    tmp_path: Path,
) -> None:
    calls, program = tmp_path / "apt.txt", tmp_path / "tools/chromium-of-this-test"
    monkeypatch.setattr(browser, "BROWSERS", (program.name,))
    monkeypatch.setattr(browser, "BROWSER_PLACES", {})
    monkeypatch.setattr(browser, "administrator", list)
    # apt knows no packages before its first update
    tools(
        "apt-get",
        f'echo "$1 $DEBIAN_FRONTEND" >> {calls}; [ "$1" = update ] && exit 0\n'
        f"grep -q update {calls} || exit 100\ntouch {program}; chmod +x {program}",
    )
    checkout.run("test", browser=True)
    assert calls.read_text().split("\n")[:3] == [
        "install noninteractive",
        "update noninteractive",
        "install noninteractive",
    ]
    checkout.run("test", browser=True)
    assert len(calls.read_text().splitlines()) == 3


@pytest.mark.usefixtures("no_browser")
def test_failed_installation_of_chromium_is_one_sentence(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch, tools: Callable[[str, str], None]
) -> None:
    monkeypatch.setattr(browser, "administrator", list)
    tools("apt-get", "echo 'E: Unable to locate package chromium'; exit 100")
    sentence = checkout.refusal("test", browser=True)
    assert "(Unable to locate package chromium;" in sentence
    assert "BROWSER=no" in sentence


def test_browsers_are_found_where_systems_keep_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(browser, "BROWSERS", ())
    monkeypatch.setenv("ProgramFiles", str(tmp_path))
    (tmp_path / "chrome.exe").touch()
    place = os.path.join("$ProgramFiles", "chrome.exe")  # noqa: PTH118
    monkeypatch.setattr(browser, "BROWSER_PLACES", {sys.platform: (place,)})
    assert browser.find_browser() == str(tmp_path / "chrome.exe")
    (tmp_path / "chrome.exe").unlink()
    assert browser.find_browser() == ""


def test_administrator(monkeypatch: pytest.MonkeyPatch, tools: Callable[[str, str], None]) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert browser.administrator() == []
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    tools("sudo", "exit 0")
    prefix = browser.administrator()
    assert prefix is not None
    assert prefix[1:] == ["-n"]
    tools("sudo", "exit 1")
    assert browser.administrator() is None


# -- progress --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("log", "phase"),
    [
        ("", "starting"),
        ("  Installing build dependencies: started\n", "preparing"),
        ("Collecting numpy>=2\n  Obtaining\n", "collecting numpy>=2"),
        ("  Downloading https://a.example/b/torch-2.whl (9 MB)\n", "downloading torch-2.whl"),
        ("WARNING: Retrying (Retry(total=4))\n", "the package index does not answer, trying again"),
        ("Installing collected packages: a, b, c\n", "installing 3 packages"),
    ],
)
def test_progress_tells_what_pip_does(tmp_path: Path, log: str, phase: str) -> None:
    path = tmp_path / "log"
    path.write_text("$ pip install\n" + log)
    assert running.Progress(path).phase() == phase


def test_gpu_libraries_without_a_gpu_are_mentioned_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "log"
    path.write_text("Collecting nvidia-cublas==1\n")
    monkeypatch.setattr(running, "has_nvidia_gpu", lambda: True)
    progress = running.Progress(path)
    progress.phase()
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(running, "has_nvidia_gpu", lambda: False)
    progress.phase()
    progress.phase()
    assert capsys.readouterr().out.count("README.md says how") == 1


# -- the command line ------------------------------------------------------------------------------


def test_main_prints_the_sentence_and_returns_1(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.pip("echo NewConnectionError; exit 1")
    assert bootstrap.main([]) == 1
    said = capsys.readouterr()
    assert len(said.err.splitlines()) == 1
    assert "connect to the network" in said.err
    checkout.pip(SUCCEED)
    assert bootstrap.main(["--for", "test", "--no-browser"]) == 0
    assert bootstrap.main(["--for", "lab"]) == 0
    assert bootstrap.main(["--for", "site"]) == 0


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """`main` makes SIGTERM an interrupt; what runs after it wants the old way."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)
