"""One JupyterLab, one Chromium and one tab for all browser tests; each begins with no notebook open."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import NoChromiumError, launch
from labpage import LabPage
from labserver import LabServer
from playwright.sync_api import Browser, sync_playwright

from coursekit.paths import MARKER

SIZE = {"width": 1400, "height": 1000}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a headless Chromium. Without one the tests fail: a skipped test looks passed."""
    with sync_playwright() as playwright:
        try:
            chromium = launch(playwright)
        except NoChromiumError as error:
            pytest.fail(str(error), pytrace=False)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def working_copy(course: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder as a learner has it: chapters and exercises side by side, and the marker."""
    work = tmp_path_factory.mktemp("work")
    for folder in ("notebooks", "exercises"):
        shutil.copytree(course / folder, work / folder, ignore=shutil.ignore_patterns(".*"))
    (work / MARKER).mkdir()
    return work


@pytest.fixture(scope="session")
def server(working_copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """Return a JupyterLab on the working copy."""
    with LabServer(working_copy, tmp_path_factory.mktemp("jupyter")) as running:
        yield running


@pytest.fixture(scope="session")
def tab(server: LabServer, browser: Browser) -> Iterator[LabPage]:
    """Return the tab: to load JupyterLab anew for every test would take most of their time."""
    context = browser.new_context(viewport=SIZE)
    yield LabPage(server, context, "tests")
    context.close()


@pytest.fixture
def lab(tab: LabPage, request: pytest.FixtureRequest) -> Iterator[LabPage]:
    """Return the tab; afterwards nothing may have popped up or been asked of other machines."""
    tab.name = re.sub(r"\W+", "-", request.node.name).strip("-")
    tab.outside.clear()
    yield tab
    tab.screenshot("end")
    popups, outside = tab.popups(), list(tab.outside)
    tab.close()
    if popups or outside:
        tab.page.goto("about:blank")  # the next test loads JupyterLab anew
    assert not popups, f"these popped up over the notebook, expected nothing: {popups}"
    assert not outside, f"the page asked other machines for {outside}, expected to work offline"
