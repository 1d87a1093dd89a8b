"""The browser that the tests drive."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from environment.folder import Environment
from environment.machine import BootstrapError, say
from environment.running import run

BROWSERS: tuple[str, ...] = ("chromium", "chromium-browser", "google-chrome")
BROWSERS += ("google-chrome-stable", "chrome", "microsoft-edge", "msedge")
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


def find_browser() -> str:
    """Path of a browser that the tests can drive, or nothing."""
    places = [os.path.expandvars(place) for place in BROWSER_PLACES.get(sys.platform, ())]
    found = [shutil.which(name) for name in BROWSERS]
    found += [place for place in places if Path(place).exists()]
    return next(filter(None, found), "")


def provide_browser(environment: Environment) -> None:
    """Have Debian install a browser for the tests, if this is Debian and we may."""
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
    packages = ("--yes", "--no-install-recommends", "chromium", "fonts-dejavu-core")
    for words in (("install", *packages), ("update",), ("install", *packages)):
        command = (*prefix, "apt-get", *words)
        status = run(environment, *command, DEBIAN_FRONTEND="noninteractive")
        if status == 0 and find_browser():
            return
    errors = re.findall(r"(?m)^E: (.+)$", environment.log.read_text("utf-8", "replace"))
    reason = errors[-1].rstrip(".") if errors else f"exit status {status}"
    raise BootstrapError(
        f"Debian's chromium could not be installed ({reason}; log: {environment.log}): {advice}"
    )


def administrator() -> list[str] | None:
    """What to put before a command that needs root: nothing, sudo, or None when there is no way."""
    if os.name == "nt":
        return None
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True).returncode == 0:
        return [sudo, "-n"]
    return None
