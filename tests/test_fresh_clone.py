"""The README's commands, typed in a fresh clone, with the package index and all.

The blocks of the README marked ``bash`` are run line by line. `make lab` is waited for and stopped,
`make test` runs one quick file, for it would run this test again.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

QUICK_FILE = "tests/test_environment_files.py"
PATIENCE_SECONDS = 1500  # a slow line may need many minutes for the first installation
# what the surroundings of this test run would tell make, Python and Jupyter
PRIVATE = ("MAKE", "MFLAGS", "VIRTUAL_ENV", "PYTEST", "JUPYTER", "IPYTHON", "PYTHONPATH", "GIT_")
FINISHED = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)


def readme_commands(text: str) -> list[str]:
    """The lines of the blocks marked bash, in order; other blocks are for other systems."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line for kind, block in blocks if kind == "bash" for line in block.splitlines()]
    return [line for line in lines if line.strip() and not line.startswith("#")]


def clone(course: Path, target: Path) -> None:
    """Clone the course, with the changes that its next commit would hold."""
    if not (course / ".git").exists():  # downloaded as an archive
        shutil.copytree(course, target, ignore=shutil.ignore_patterns(".venv", "work", ".*_cache"))
        return
    # a checkout of another user, as in a container, is only read
    settings = target.with_name("gitconfig")
    settings.write_text("[safe]\n\tdirectory = *\n")
    trusting = {**surroundings(target), "GIT_CONFIG_GLOBAL": str(settings)}

    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], env=trusting, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    git("clone", "--quiet", str(course), str(target))
    listed = git("-C", str(course), "ls-files", "-z", "-co", "--exclude-standard").split("\0")
    for name in filter(None, listed):
        if (course / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(course / name, target / name)
        else:
            (target / name).unlink(missing_ok=True)


def surroundings(folder: Path) -> dict[str, str]:
    """Variables as a new user has them, and no screen."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(PRIVATE) and name not in ("DISPLAY", "WAYLAND_DISPLAY")
    }
    jupyter = {f"JUPYTER_{kind}_DIR": f"{folder}-{kind}" for kind in ("RUNTIME", "CONFIG", "DATA")}
    # pip would compile 15,000 files that are deleted in a minute, which takes half of its time
    # and mypy need not read again what it has just read in this checkout: it compares the contents
    types = str(Path(__file__).resolve().parent.parent / ".mypy_cache")
    return {**kept, **jupyter, "PIP_COMPILE": "0", "MYPY_CACHE_DIR": types}


@contextmanager
def lab(command: str, folder: Path) -> Iterator[str]:
    """Run a command that opens the course until its address answers, then press Ctrl-C."""
    output = folder.with_name("lab.txt")
    with output.open("wb") as file:
        process = subprocess.Popen(
            ["bash", "-c", command],
            cwd=folder,
            env=surroundings(folder),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    everything: list[psutil.Process] = []
    try:
        end = time.monotonic() + PATIENCE_SECONDS
        while "To stop it" not in output.read_text():
            assert process.poll() is None, output.read_text()
            assert time.monotonic() < end, output.read_text()
            time.sleep(0.2)
        everything = psutil.Process(process.pid).children(recursive=True)
        yield output.read_text()
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(timeout=60)
        _, left = psutil.wait_procs(everything, timeout=30)
    assert [one for one in left if one.is_running() and one.status() not in FINISHED] == []
    assert "Stopping JupyterLab" in output.read_text()


def answer(text: str) -> bytes:
    """What the printed address answers."""
    (address,) = re.findall(r"^ +(http://\S+)$", text, re.MULTILINE)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(address, timeout=60) as page:
        return page.read()


def test_only_bash_blocks_are_commands() -> None:
    text = "```bash\n# first\nmake lab\n```\n\n```console\nrm -rf x\n```\n```bash\nmake test\n```\n"
    assert readme_commands(text) == ["make lab", "make test"]


@pytest.mark.clone
def test_readme_commands_work_in_a_fresh_clone(course: Path) -> None:
    commands = readme_commands((course / "README.md").read_text(encoding="utf-8"))
    assert {"make lab", "make test", "make site"} <= set(commands)
    # not pytest's own folder: it keeps the last three, of 1.6 GB each
    with tempfile.TemporaryDirectory(prefix="fresh-clone-") as temporary:
        folder = Path(temporary, "course")
        clone(course, folder)
        for command in commands:
            started = time.monotonic()
            if command == "make lab":
                with lab(command, folder) as text:
                    print(f"{command}: usable after {time.monotonic() - started:.1f} s")
                    assert b"JupyterLab" in answer(text)
                assert (folder / "work/notebooks/00_start_here.ipynb").is_file()
                continue
            typed = f"{command} PYTEST_ARGS={QUICK_FILE}" if command == "make test" else command
            done = subprocess.run(
                ["bash", "-c", typed],
                cwd=folder,
                env=surroundings(folder),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=PATIENCE_SECONDS,
            )
            assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
            print(f"{typed}: passed after {time.monotonic() - started:.1f} s")
        assert (folder / "build/site/index.html").is_file()

        # a second time nothing is installed: pip would have begun a new log
        log = folder / ".venv/coursekit-bootstrap.log"
        before = log.stat().st_mtime_ns
        started = time.monotonic()
        with lab("make lab", folder) as text:
            print(f"make lab again: usable after {time.monotonic() - started:.1f} s")
            assert b"JupyterLab" in answer(text)
            assert "The environment in .venv is up to date." in text
        assert log.stat().st_mtime_ns == before
