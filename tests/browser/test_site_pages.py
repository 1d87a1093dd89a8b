"""Every page of the site in a real browser, from files, with networking off."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from course_site import PAGES, READY, address
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

DESK = {"width": 1400, "height": 900}
PHONE = {"width": 400, "height": 800}
DRAWN = "html[data-formulas=drawn]"
FIRST, SECOND = (address(one.notebook) for one in READY[:2])
THEIRS = "[PST]: "  # what the theme tells about itself
# what leaves the page to the right, without a box around it that scrolls
WIDE = """() => {
    const page = ".bd-main, .bd-content, .bd-article-container";
    const out = one => one.getBoundingClientRect().right > innerWidth + 1;
    const seen = one => one.checkVisibility({visibilityProperty: true, opacityProperty: true});
    const scrolls = one => !one.matches(page) && !out(one) && getComputedStyle(one).overflowX !== "visible";
    return [...document.querySelectorAll("main *")].filter(one => {
        if (!out(one) || !seen(one)) return false;
        let box = one;
        while (box && !scrolls(box)) box = box.parentElement;
        return !box;
    }).map(one => `${one.tagName}.${one.className}: ${one.textContent.slice(0, 40)}`);
}"""
# the theme lets what scrolls be reached by keyboard, a moment after the width of the page has changed
REACHABLE = """() => [...document.querySelectorAll("pre, .output, .pst-scrollable-table-container")].every(
    one => one.tabIndex >= 0 || one.scrollWidth <= one.clientWidth
)"""
# Leaves one of each kind: of the colors of code, the formulas, the rows of tables and the paragraphs that stand in the
# same surroundings.
# A chapter has thousands of others, which look the same, and axe-core would take ten seconds for them.
THIN = """() => {
    const seen = new Set();
    const again = kind => seen.has(kind) || !seen.add(kind);
    const name = one => `${one.tagName}.${one.className}`;
    const around = one => one && !one.matches("article") ? name(one) + around(one.parentElement) : "";
    for (const word of document.querySelectorAll("article pre span")) {
        if (again(around(word))) word.replaceWith(word.textContent);
    }
    for (const formula of document.querySelectorAll("article .katex-display, article .katex")) {
        if (again(around(formula) + formula.tabIndex)) formula.replaceWith("formula");
    }
    for (const row of document.querySelectorAll("article tbody tr")) {
        const parts = new Set([...row.querySelectorAll("*")].map(name));
        if (!row.querySelector("img") && again(around(row) + [...parts].sort())) row.remove();
    }
    for (const text of document.querySelectorAll("article p")) {
        if (text.querySelector("a, img, [id]")) continue;
        const parts = new Set([...text.querySelectorAll("*")].map(name));
        if (again(around(text) + [...parts].sort())) text.remove();
    }
}"""


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """Return a tab without a network; afterwards it must not have asked for one, nor complained."""
    context = browser.new_context(
        viewport=DESK, offline=True, color_scheme="light", reduced_motion="reduce"
    )
    asked: list[str] = []
    said: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("console", lambda message: said.append(message.text))
    context.on("weberror", lambda error: said.append(str(error.error)))
    yield context.new_page()
    context.close()
    assert asked
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert [text for text in said if not text.startswith(THEIRS)] == []


def show(tab: Page, site: Path, name: str) -> None:
    """Open a page and wait until its formulas are drawn."""
    tab.goto(f"{site.as_uri()}/{name}")
    tab.wait_for_selector(DRAWN)


def violations(tab: Page, *rules: str) -> list[str]:
    """Return what axe-core finds on the page that is serious or critical, by these rules or by all."""
    # preload would fetch styles, which a browser forbids to files
    options: dict[str, object] = {"resultTypes": ["violations"], "preload": False}
    if rules:
        options["runOnly"] = list(rules)
    return [
        f"{one['id']} ({one['impact']}): {node['target']} {node['html'][:200]}"
        for one in Axe().run(tab, options=options).response["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_accessible_and_fits_a_phone(name: str, tab: Page, site: Path) -> None:
    tab.set_viewport_size(PHONE)
    show(tab, site, name)
    assert tab.locator("h1").count() == 1
    assert tab.locator(".katex-error").all_text_contents() == []
    assert tab.locator(".formula:not(:has(.katex))").all_text_contents() == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert tab.evaluate(WIDE) == []
    tab.wait_for_function(REACHABLE)
    tab.evaluate(THIN)
    assert violations(tab, "scrollable-region-focusable") == []
    tab.set_viewport_size(DESK)
    assert tab.evaluate(WIDE) == []
    assert violations(tab) == []
    tab.emulate_media(color_scheme="dark")
    tab.wait_for_selector("html[data-theme=dark]")
    assert violations(tab, "color-contrast", "link-in-text-block") == []


def test_axe_finds_what_is_wrong(tab: Page, small_site: Path) -> None:
    show(tab, small_site, FIRST)
    tab.evaluate(
        """() => document.querySelector("article").insertAdjacentHTML("beforeend",
            '<img src=""><p style="color: #999; background: #aaa">faint</p><div style="width: 2000px">wide</div>')"""
    )
    found = " ".join(violations(tab))
    assert "image-alt" in found
    assert "color-contrast" in found
    tab.set_viewport_size(PHONE)
    assert [wide for wide in tab.evaluate(WIDE) if wide.endswith("wide")]


def test_what_is_too_wide_for_a_phone_scrolls_in_a_box_of_its_own(
    tab: Page, small_site: Path
) -> None:
    tab.set_viewport_size(PHONE)
    show(tab, small_site, FIRST)
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert tab.evaluate(WIDE) == []
    for box in (".pst-scrollable-table-container", ".katex-display"):
        scrolling = tab.locator(f"{box}[tabindex='0']")
        expect(scrolling).to_have_count(1)
        assert scrolling.evaluate("box => box.scrollWidth > box.clientWidth")
    tab.wait_for_function(REACHABLE)
    assert violations(tab) == []


def test_formulas_in_a_caption_are_drawn(tab: Page, small_site: Path) -> None:
    show(tab, small_site, FIRST)
    expect(tab.locator(".cell_output figcaption .katex")).to_have_count(1)
    assert "$" not in tab.locator("figcaption").inner_text()


def test_a_link_to_a_cell_brings_it_into_view(tab: Page, site: Path, small_site: Path) -> None:
    show(tab, small_site, FIRST)
    tab.locator(".cell_output").get_by_role("link", name="there").click()
    tab.wait_for_url("**/*#cell-id=last")
    assert tab.url.startswith(f"{small_site.as_uri()}/{SECOND}")
    # below a hundred pictures that the browser has not loaded yet
    show(tab, site, f"{FIRST}#cell-id=measure-the-cost")
    expect(tab.locator("[id='cell-id=measure-the-cost']")).to_be_in_viewport()


def test_search_finds_a_word_without_a_server(tab: Page, site: Path) -> None:
    show(tab, site, "index.html")
    tab.keyboard.press("Control+k")
    tab.keyboard.type("Toeplitz")
    tab.keyboard.press("Enter")
    results = tab.locator("#search-results li")
    expect(results.first).to_be_visible()
    tab.wait_for_function(
        "() => document.querySelector('#search-results').textContent.includes('matching')"
    )
    titles = results.get_by_role("link").all_inner_texts()
    assert f"{READY[0].number} · {READY[0].title}" in titles
    results.get_by_role("link", name=READY[0].title).first.click()
    expect(tab.locator("h1")).to_contain_text(READY[0].title)


def test_the_switch_turns_a_page_dark_and_the_next_page_stays_so(tab: Page, site: Path) -> None:
    show(tab, site, FIRST)
    background = "() => getComputedStyle(document.body).backgroundColor"
    light = tab.evaluate(background)
    tab.get_by_role("button", name="Color mode").click()
    tab.get_by_role("button", name="Dark").click()
    assert tab.evaluate(background) != light
    tab.locator("a.right-next").click()
    tab.wait_for_selector(DRAWN)
    assert tab.locator("html").get_attribute("data-theme") == "dark"
    figure = tab.locator("figure img").first
    if figure.count():
        assert (
            figure.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(255, 255, 255)"
        )
