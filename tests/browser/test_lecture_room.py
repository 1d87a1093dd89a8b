"""The room of a lecture: a key for each magic, the lecturer's copy shared, people who follow."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from labpage import LabPage
from labserver import LabServer
from playwright.sync_api import Browser, Page, expect

from coursekit.chapters import chapter
from coursekit.live.lecture import LECTURER, make_copy
from coursekit.live.room import KEYS, PRESENT, make_room
from coursekit.notebooks import read
from coursekit.paths import MARKER

pytestmark = pytest.mark.browser

FIRST = chapter(1)
SIZE = {"width": 1400, "height": 1000}
SOON = 20_000  # milliseconds; JupyterLab saves every 5 s, the page looks twice a second
EDIT = """id => {
    const index = course.content.widgets.findIndex(cell => cell.model.id === id);
    course.content.activeCellIndex = index;
    course.content.mode = "edit";
    course.content.widgets[index].editor.focus();
}"""
SOURCE = (
    "id => course.content.widgets.find(cell => cell.model.id === id).model.sharedModel.getSource()"
)
SOURCE_IS = (
    "([id, text]) => course.content.widgets.find(cell => cell.model.id === id)"
    ".model.sharedModel.getSource() === text"
)
SHARE = (
    "import sys; from pathlib import Path; from coursekit.live import sharing;"
    "sharing.course_root = lambda: Path(sys.argv[1]);"
    "sys.exit(sharing.share(1, 0, '127.0.0.1'))"
)
PROMPTS = """() => [...document.querySelectorAll(".jp-InputPrompt")]
    .filter(one => one.textContent.trim() && one.scrollWidth > one.clientWidth).length"""


@pytest.fixture(scope="module", params=[False, True], ids=["alone", "collaborative"])
def place(request, tmp_path_factory) -> Iterator[tuple[LabServer, Path]]:
    """A JupyterLab with the settings of a room, without and with jupyter-collaboration."""
    course = tmp_path_factory.mktemp("course")
    work, state = course / "work", tmp_path_factory.mktemp("jupyter")
    (work / MARKER).mkdir(parents=True)
    room = make_room(state / "room")
    with LabServer(work, state, room, collaborative=request.param) as running:
        yield running, course


@pytest.fixture
def lecture(place, course: Path, browser: Browser, request) -> Iterator[LabPage]:
    """The lecture copy of chapter 01 in that room, with nothing run."""
    server, root = place
    made = make_copy(FIRST, course, root / "work", LECTURER, fresh=True)
    context = browser.new_context(viewport=SIZE)
    lab = LabPage(server, context, re.sub(r"\W+", "-", request.node.name).strip("-"))
    lab.open(made.path.relative_to(root / "work").as_posix())
    yield lab
    lab.screenshot("end")
    outside = lab.outside
    lab.page.evaluate("() => window.course && course.sessionContext.shutdown()")
    context.close()
    assert not outside, f"the page asked other machines for {outside}, expected to work offline"


@pytest.fixture
def follower(place, browser: Browser) -> Iterator[Page]:
    """A browser that was given the address of `coursekit share`."""
    _, root = place
    process = subprocess.Popen(
        [sys.executable, "-c", SHARE, str(root)], stdout=subprocess.PIPE, text=True
    )
    address = next(line.strip() for line in process.stdout if "http://" in line)
    context = browser.new_context(viewport={"width": 900, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    yield page
    context.close()
    process.terminate()
    process.communicate(timeout=30)
    assert errors == []


def press(lab: LabPage, cell: str, magic: str) -> None:
    """Press the key of a magic in a cell."""
    key = next(key.press for key in KEYS if key.magic == magic)
    lab.page.evaluate(EDIT, cell)
    lab.page.keyboard.press(key.replace(" ", "+"))


def published(course: Path) -> dict:
    return {cell.id: cell for cell in read(course / FIRST.notebook).cells}


def holds(lab: LabPage, cell: str, text: str) -> None:
    """Wait until a cell holds a text."""
    lab.page.wait_for_function(SOURCE_IS, arg=[cell, text])


def says(lab: LabPage, cell: str, text: str) -> None:
    """Wait until a text is to be read below a cell."""
    expect(lab.output(cell)).to_contain_text(text, timeout=60_000)


def test_each_key_does_what_its_magic_does(lecture: LabPage, course: Path):
    chapters = published(course)
    for cell in ("lecture", "imports-and-seed"):
        lecture.run_cell(cell)
    press(lecture, "sensor-readings", "%reveal")
    holds(lecture, "sensor-readings", chapters["sensor-readings"].source)
    lecture.run_cell("sensor-readings")
    loop = "slide-in-a-loop"
    first = chapters[loop].source.splitlines()[0]
    press(lecture, loop, "%reveal next line")
    holds(lecture, loop, first)
    press(lecture, loop, "%diff")
    says(lecture, loop, chapters[loop].source.splitlines()[1].strip())
    holds(lecture, loop, first)
    press(lecture, loop, "%peek")
    says(lecture, loop, chapters[loop].source.splitlines()[-1].strip())
    holds(lecture, loop, first)
    last = "check-the-gradient"
    press(lecture, last, "%catchup")
    says(lecture, last, "cells [1] to [18] have run")
    press(lecture, last, "%reveal")
    holds(lecture, last, chapters[last].source)
    assert chapters[last].outputs[0].text.split() == lecture.run_cell(last).split()
    lecture.screenshot("keys")
    assert lecture.errors() == []


@pytest.mark.parametrize("place", [False], ids=["alone"], indirect=True)
def test_the_key_of_the_slides_starts_and_ends_them(lecture: LabPage):
    lecture.run_cell("imports-and-seed")  # the only cell with a number
    slides = lecture.page.locator("body[data-jp-deck-mode='presenting']")
    press_key = PRESENT.replace(" ", "+")
    lecture.page.evaluate(EDIT, "sensor-readings")
    lecture.page.keyboard.press("Escape")
    assert lecture.page.evaluate(PROMPTS) == 0, "what stands beside the cells is cut off"
    expect(slides).to_have_count(0)
    lecture.page.keyboard.press(press_key)
    expect(slides).to_have_count(1)
    lecture.screenshot("slides")
    lecture.page.keyboard.press(press_key)
    expect(slides).to_have_count(0)


def test_the_room_follows_and_can_change_nothing(lecture: LabPage, follower: Page, course: Path):
    chapters = published(course)
    expect(follower.locator("#state")).to_have_text("Read-only, as the lecturer's copy stands now.")
    assert follower.locator("textarea, input, [contenteditable]").count() == 0
    for cell in ("lecture", "imports-and-seed"):
        lecture.run_cell(cell)
    gap = lecture.page.evaluate(SOURCE, "first-average")
    assert "%catchup" not in follower.content()
    lecture.run_cell("first-average", f"{gap}\n%catchup")
    press(lecture, "first-average", "%reveal")
    holds(lecture, "first-average", chapters["first-average"].source)
    printed = lecture.run_cell("first-average").strip()
    there = follower.locator("article[data-cell='first-average']")
    expect(there).to_contain_text(printed, timeout=SOON)
    expect(there).to_contain_text("x[:7] @ w", timeout=SOON)
    expect(there).to_have_class("latest")
    expect(there).to_be_in_viewport()
    there.locator(".copy").click()
    expect(there.locator(".copy")).to_have_text("Copied")
    follower.mouse.wheel(0, -4000)
    expect(follower.locator("#follow")).to_have_attribute("aria-pressed", "false")
    follower.locator("#follow").click()
    expect(there).to_be_in_viewport()
    assert lecture.errors() == []
