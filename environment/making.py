"""Make the environment, bring it up to date, repair it."""

import importlib.util
import shutil
import sys
import tempfile
import time

from environment.browser import find_browser, provide_browser
from environment.explaining import failure
from environment.folder import EXTRAS, Environment, larger
from environment.machine import (
    BootstrapError,
    again,
    check_disk,
    refusals_in_words,
    say,
    temporary_folder,
)
from environment.running import run

PIP_INSTALL = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
PIP_INSTALL += ["--progress-bar", "off", "--constraint", "constraints.txt"]


def bootstrap(environment: Environment, goal: str, browser: bool = True) -> None:
    """Make sure that the environment serves this goal.

    Raises:
        BootstrapError: something outside is in the way; its text is for the user.
    """
    needs_browser = goal == "test" and browser and not find_browser()
    if needs_browser or not environment.serves(goal):
        with refusals_in_words(environment.folder, goal), environment.alone():
            if needs_browser:
                provide_browser(environment)
            if not environment.serves(goal):  # the run that we waited for may have made it
                install(environment, goal)
                return
    say("The environment in .venv is up to date.")


def install(environment: Environment, goal: str) -> None:
    """Bring the environment to what this checkout asks for."""
    if environment.is_foreign() and not environment.works():
        raise BootstrapError(
            f"The folder {environment.folder} was not made by this program and holds no working "
            f"Python with pip: move it away or delete it, and run `{again(goal)}` again."
        )
    known, sound = environment.state(), environment.is_sound()
    goal = larger(goal, known.get("goal", "lab"))
    environment.log.write_bytes(b"")
    if sound:
        announce(environment, "Updating the environment in .venv, usually less than a minute.")
    else:
        make_anew(environment, goal)
    # from here on a killed run leaves half of something
    environment.write_state(state="installing")
    started = time.monotonic()
    pip = [*PIP_INSTALL, "--editable", EXTRAS[goal]]
    room = temporary_folder(environment.folder)
    # a new environment's pip is as old as its Python, and slower than the newest (with 3.11 by a fifth)
    status = 0 if sound else run(environment, environment.python, *PIP_INSTALL, "pip", **room)
    status = status or run(environment, environment.python, *pip, **room)
    if status != 0:
        sentence = failure(environment, status, goal)
        log = environment.log.read_text("utf-8", "replace")
        if sound and "Installing collected packages" not in log:  # it is as good as it was: keep it
            if known:
                environment.write_state(**known)
                sentence += f" Until then, `{environment.command} lab` runs it as it was."
            else:
                environment.state_file.unlink()
        raise BootstrapError(sentence)
    shutil.rmtree(environment.folder / "tmp", ignore_errors=True)
    stamp = environment.stamp()
    environment.write_state(state="ready", stamp=stamp, goal=goal, **environment.origin)
    say(f"The environment is ready after {time.monotonic() - started:.0f} s.")


def announce(environment: Environment, text: str) -> None:
    """Say what comes, and where to look when it takes long."""
    say(text)
    say(f"  The log is {environment.log.relative_to(environment.root)}.")


def make_anew(environment: Environment, goal: str) -> None:
    """Delete what is there and make an environment with nothing but pip."""
    if environment.state().get("state") == "installing":
        say("An earlier run did not finish: starting afresh.")
    environment.write_state(state="installing")
    environment.empty()
    check_disk(environment.root)
    size = "1.5 GB" + (" (5 GB with GPU libraries)" if sys.platform == "linux" else "")
    announce(
        environment,
        f"Making the environment of the course in .venv: it takes about {size}, and usually a "
        "minute or two on a fast line.",
    )
    if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
        status = run(environment, sys.executable, "-m", "venv", environment.folder)
        if status == 0 and environment.works():
            return
    if not importlib.util.find_spec("pip"):
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise BootstrapError(
            f"Python {version} ({sys.executable}) has neither ensurepip nor pip, so it cannot make "
            f"an environment: install them (Debian: `apt-get install python3-venv`) and run "
            f"`{again(goal)}` again."
        )
    status = fetch_virtualenv(environment)
    if status != 0 or not environment.works():
        raise BootstrapError(failure(environment, status, goal))


def fetch_virtualenv(environment: Environment) -> int:
    """Make the environment with a virtualenv from the package index; returns the exit status.

    Debian keeps ensurepip, which venv needs, in a package of its own, and its pip refuses to
    install anywhere but into a folder named by --target.
    """
    room = temporary_folder(environment.folder)
    with tempfile.TemporaryDirectory(dir=room.get("TMPDIR")) as folder:
        fetch = [*PIP_INSTALL, "--target", folder, "virtualenv"]
        # not virtualenv's default folders in the user's home: nothing of this shall stay behind
        make = ["-m", "virtualenv", "--app-data", f"{folder}/data", "--no-periodic-update"]
        return run(environment, sys.executable, *fetch, **room) or run(
            environment, sys.executable, *make, environment.folder, PYTHONPATH=folder
        )
