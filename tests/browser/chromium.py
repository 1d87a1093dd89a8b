"""Find a Chromium and start it without anything that a test does not need."""

import os
import sys
from pathlib import Path

from playwright.sync_api import Browser, Playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # environment/ is no installed package

from environment.browser import find_browser

ADVICE = (
    "No Chromium was found, and the browser tests need one. Install it (Debian and Ubuntu: "
    "`sudo apt install chromium`; macOS: `brew install --cask chromium`; anywhere: "
    "`python -m playwright install chromium`), or leave these tests out: `pytest -m 'not browser'`."
)
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
)


class NoChromiumError(RuntimeError):
    """There is no Chromium on this machine."""


def find_chromium(playwrights_own: str | None = None) -> str:
    """Return the path of a Chromium: the system's, else the one that playwright has fetched.

    Raises:
        NoChromiumError: there is none; the text says how to install one.
    """
    if found := find_browser():
        return found
    if playwrights_own and Path(playwrights_own).exists():
        return playwrights_own
    raise NoChromiumError(ADVICE)


def launch(playwright: Playwright) -> Browser:
    """Start a headless Chromium with a fresh profile."""
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return playwright.chromium.launch(
        executable_path=find_chromium(playwright.chromium.executable_path),
        args=[*FLAGS, *(["--no-sandbox"] if as_root else [])],  # its sandbox refuses root
    )
