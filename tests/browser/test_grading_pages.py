"""The pages of a grading in a real browser: of any width, in both color schemes, asking nobody for anything."""

import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "grading"))

from examples import ALIKE, HOSTILE, MANUAL, RUN, STATES, VERDICTS, a_class, hostile, with_task

from coursekit.grading.reports.pages import feedback_page, summary_page

pytestmark = pytest.mark.browser

PAGES = {
    **{f"feedback {state}": feedback_page(result, MANUAL) for state, result in STATES.items()},
    "feedback raised": feedback_page(with_task(VERDICTS["raised"], student="x" * 200), {}),
    "feedback hostile": feedback_page(hostile("".join(HOSTILE)), {}),
    "summary": summary_page(a_class(30), MANUAL, ALIKE, RUN),
    "summary of nobody": summary_page([], {}, ALIKE, RUN),
}
# 320 is also what 1280 becomes at a zoom of 400 %
WIDTHS = (320, 390, 640, 1280)
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def tab(browser: Browser, tmp_path: Path):
    """Return a tab that opens a page from a file, and fails at the end if the page did anything."""
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    yield page
    context.close()
    assert all(url.startswith(tmp_path.as_uri()) for url in asked), asked
    assert said == []


@pytest.mark.parametrize("name", PAGES)
def test_no_page_is_wider_than_the_window(name: str, tab: Page, tmp_path: Path):
    path = tmp_path / "page.html"
    path.write_text(PAGES[name], encoding="utf-8")
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)
        tab.goto(path.as_uri())
        tab.evaluate("() => document.querySelectorAll('details').forEach(one => (one.open = true))")
        for width in WIDTHS:
            tab.set_viewport_size({"width": width, "height": 800})
            assert tab.evaluate(TOO_WIDE) <= 0, f"{width} pixels, {scheme}"


def test_print_shows_what_is_folded(tab: Page, tmp_path: Path):
    path = tmp_path / "page.html"
    path.write_text(PAGES["feedback graded"], encoding="utf-8")
    tab.goto(path.as_uri())
    answer = tab.locator("details pre").first
    assert not answer.is_visible()
    tab.emulate_media(media="print")
    assert answer.is_visible()


def test_colors_follow_the_reader(tab: Page, tmp_path: Path):
    path = tmp_path / "page.html"
    path.write_text(PAGES["summary"], encoding="utf-8")
    tab.goto(path.as_uri())
    ground = "() => getComputedStyle(document.body).backgroundColor"
    tab.emulate_media(color_scheme="light")
    light = tab.evaluate(ground)
    tab.emulate_media(color_scheme="dark")
    assert tab.evaluate(ground) != light
