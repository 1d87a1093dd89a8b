"""Slides in a real browser: decks with networking off, and JupyterLab as a room sees it."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from labpage import LabPage, Widget
from labserver import LabServer
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from playwright.sync_api import Browser, Page

from coursekit.chapters import CHAPTERS, Chapter, chapter
from coursekit.live import deckpage
from coursekit.live.deck import columns, slides, write_deck
from coursekit.live.room import PRESENT, make_room
from coursekit.notebooks import read
from coursekit.paths import MARKER

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
READY = [one for one in CHAPTERS if (ROOT / one.notebook).is_file()]
ROOM = {"width": 1280, "height": 720}
CURRENT = "section.present:not(.stack) .page"

# --- decks


@pytest.fixture
def tab(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """Return a tab without a network; afterwards it must not have asked for one, nor complained."""
    context = browser.new_context(viewport=ROOM, offline=True)
    asked: list[str] = []
    said: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("console", lambda message: said.append(message.text))
    context.on("weberror", lambda error: said.append(str(error.error)))
    yield context.new_page()
    context.close()
    assert asked
    assert all(url.startswith((tmp_path.as_uri(), "data:")) for url in asked), asked
    assert said == []


def show(tab: Page, path: Path) -> list[str]:
    """Open a deck and return the names of its slides."""
    tab.goto(path.as_uri())
    tab.wait_for_selector("html[data-ready]")
    return tab.evaluate("() => Reveal.getSlides().map(slide => slide.id)")


def deck_of(tmp_path: Path, *cells: NotebookNode) -> Path:
    made = slides(new_notebook(cells=list(cells)))
    path = tmp_path / "deck.html"
    path.write_text(deckpage.page("Test", columns(made)), encoding="utf-8")
    return path


def prose(source: str, kind: str = "slide", **ours: Any) -> NotebookNode:
    return new_markdown_cell(
        source, metadata={"slideshow": {"slide_type": kind}, "coursekit": ours}
    )


def printed(text: str, kind: str = "fragment", live: bool = False) -> NotebookNode:
    metadata = {"slideshow": {"slide_type": kind}, "tags": ["live"] if live else []}
    outputs = [new_output("stream", name="stdout", text=text)]
    return new_code_cell("print(text)", metadata=metadata, outputs=outputs, execution_count=1)


GO = """id => {
    const {h, v} = Reveal.getIndices(document.getElementById(id));
    Reveal.slide(h, v, -1);
    while (Reveal.availableFragments().next) Reveal.nextFragment();
}"""
# what sticks out of the slide, out of the window, or is not in view though a key press has just shown it
WRONG = """() => {
    const page = Reveal.getCurrentSlide().querySelector(".page");
    const room = page.getBoundingClientRect();
    const wrong = [];
    if (room.bottom > innerHeight || room.right > innerWidth || room.top < 0 || room.left < 0) {
        wrong.push("the slide leaves the window");
    }
    if (page.scrollWidth > page.clientWidth) wrong.push("wider than the slide");
    const scrolls = page.scrollHeight > page.clientHeight + 1;
    if (scrolls && page.tabIndex !== 0) wrong.push("scrolls, but not by keyboard");
    for (const one of page.querySelectorAll("*")) {
        const box = one.getBoundingClientRect();
        // KaTeX keeps a copy for screen readers and draws roots larger than what it shows of them
        if (!box.width || one.closest(".katex-mathml, .katex svg")) continue;
        const within = one.parentElement.closest(".katex-display, table");
        if (within && within.scrollWidth > within.clientWidth) continue;
        const out = box.right > room.right + 1 || box.left < room.left - 1;
        const below = !scrolls && box.bottom > room.bottom + 1;
        if (out || below) wrong.push(`${one.tagName}.${one.className}: ${one.textContent.slice(0, 40)}`);
    }
    const last = [...page.querySelectorAll(".fragment.visible")].pop()?.getBoundingClientRect();
    if (last && (last.top > room.bottom - 1 || last.bottom < room.top)) wrong.push("not in view");
    return wrong;
}"""


@pytest.mark.parametrize("one", READY, ids=lambda one: one.slug)
def test_nothing_leaves_its_slide(one: Chapter, tab: Page, tmp_path: Path) -> None:
    names = show(tab, write_deck(one, tmp_path / "deck.html"))
    assert len(names) >= 9
    for name in names:
        tab.evaluate(GO, name)
        assert tab.evaluate(WRONG) == [], name
    assert tab.locator(".katex-error").all_text_contents() == []
    assert tab.locator(".page .katex").count() > 5
    drawn = tab.evaluate(
        "() => [...document.querySelectorAll('img')].every(one => one.naturalWidth > 0)"
    )
    assert drawn, "a picture is not drawn"
    shared = tab.evaluate(
        "() => Reveal.getSlides().reduce((sum, one) => sum + Number(one.dataset.timing), 0)"
    )
    cells = read(ROOT / one.notebook).cells
    assert shared == 60 * sum(
        cell.metadata.get("coursekit", {}).get("minutes", 0) for cell in cells
    )


def test_no_part_of_a_chapter_is_lost_when_slides_are_shared_out(tab: Page, tmp_path: Path) -> None:
    made = slides(read(ROOT / chapter(1).notebook))
    show(tab, write_deck(chapter(1), tmp_path / "deck.html"))
    assert tab.locator(".part").count() == sum(len(slide.parts) for slide in made)
    texts = tab.locator(".part pre.code").all_text_contents()
    cells = [
        cell.source
        for cell in read(ROOT / chapter(1).notebook).cells
        if cell.cell_type == "code" and cell.metadata.slideshow.slide_type != "skip"
    ]
    assert texts == cells, "code is missing or out of order"


def test_a_question_comes_before_its_answer_and_the_answer_by_key(
    tab: Page, tmp_path: Path
) -> None:
    deck = deck_of(tmp_path, prose("# One\n\n**Predict.** What comes?"), printed("two", live=True))
    show(tab, deck)
    code, result = tab.locator("pre.code"), tab.locator("pre.result")
    said = tab.locator(".aria-status")  # to a screen reader
    assert tab.locator("main").get_by_text("What comes?").is_visible()
    assert not code.is_visible()
    assert "What comes?" in said.inner_text()
    assert "print" not in said.inner_text()
    tab.keyboard.press("Space")
    code.wait_for(state="visible")
    assert not result.is_visible()
    assert "two" not in said.inner_text()
    tab.keyboard.press("Space")
    result.wait_for(state="visible")
    assert said.inner_text().strip() == "two"
    tab.keyboard.press("Shift+Space")
    result.wait_for(state="hidden")
    assert result.locator("..").get_attribute("aria-hidden") == "true"


def test_a_long_slide_becomes_several_and_the_question_goes_along(
    tab: Page, tmp_path: Path
) -> None:
    lines = "\n".join(map(str, range(16)))
    deck = deck_of(
        tmp_path,
        prose("# One"),
        printed(lines),
        prose("**Predict.** And then?", "fragment"),
        printed(lines),
    )
    first, second = show(tab, deck)
    assert second == f"{first}.2"
    tab.evaluate(GO, first)
    assert tab.locator(CURRENT).get_by_text("And then?").count() == 0
    tab.keyboard.press("Space")
    tab.locator(CURRENT).get_by_text("And then?").wait_for(state="visible")
    assert tab.locator(CURRENT).locator(".running").inner_text() == "One"
    assert tab.locator(CURRENT).locator("pre.code").count() == 1


def test_output_that_is_too_long_for_any_slide_scrolls(tab: Page, tmp_path: Path) -> None:
    deck = deck_of(tmp_path, prose("# One"), printed("\n".join(map(str, range(200))), "subslide"))
    names = show(tab, deck)
    tab.evaluate(GO, names[-1])
    page = tab.locator(CURRENT)
    assert page.evaluate("page => page.scrollHeight > page.clientHeight")
    assert tab.evaluate(WRONG) == []
    tab.keyboard.press("ArrowDown")
    assert page.evaluate("page => page.scrollTop") > 100
    tab.keyboard.press("ArrowUp")
    assert page.evaluate("page => page.scrollTop") == 0
    assert tab.evaluate("() => Reveal.getCurrentSlide().id") == names[-1]


def test_a_line_that_is_too_long_is_broken(tab: Page, tmp_path: Path) -> None:
    (name,) = show(tab, deck_of(tmp_path, printed("x" * 500, "slide")))
    tab.evaluate(GO, name)
    assert tab.evaluate(WRONG) == []


def test_what_sticks_out_is_seen(tab: Page, tmp_path: Path) -> None:
    (name,) = show(tab, deck_of(tmp_path, prose("<div style='width:3000px'>wide</div>")))
    tab.evaluate(GO, name)
    assert any("wide" in one for one in tab.evaluate(WRONG))


def test_the_speaker_sees_notes_and_the_time_without_a_server(tab: Page, tmp_path: Path) -> None:
    deck = deck_of(
        tmp_path,
        prose("# One", notes="Wave at $x_1$.", minutes=2),
        prose("more", "fragment", notes="Now **sit**."),
    )
    show(tab, deck)
    with tab.context.expect_page() as opened:
        tab.keyboard.press("s")
    speaker = opened.value
    notes = speaker.locator(".speaker-controls-notes .value")
    notes.get_by_text("Wave at").wait_for()
    assert "x1" not in notes.inner_text().replace("\n", ""), "the formula is there twice"
    speaker.locator(".pacing").first.wait_for()
    tab.keyboard.press("Space")
    notes.locator("strong", has_text="sit").wait_for()
    assert tab.locator(".aria-status").inner_text().strip() == "more", "a screen reader reads notes"
    assert not tab.locator("main").get_by_text("Wave at").is_visible(), "the room sees the notes"


def test_a_printed_deck_is_cut_nowhere(tab: Page, tmp_path: Path) -> None:
    path = write_deck(chapter(1), tmp_path / "deck.html")
    names = show(tab, path)
    tab.goto(f"{path.as_uri()}?print-pdf")
    tab.locator(".pdf-page").first.wait_for()
    assert tab.locator(".pdf-page").count() == len(names)
    cut = tab.evaluate(
        """() => [...document.querySelectorAll(".pdf-page")].filter(sheet => {
            const page = sheet.querySelector(".page");
            const bottom = page.getBoundingClientRect().bottom;
            const long = page.scrollHeight > page.clientHeight + 1;
            return long || bottom > sheet.getBoundingClientRect().bottom + 1;
        }).length"""
    )
    assert cut == 0


def test_the_browser_refuses_what_a_deck_may_not_fetch(browser: Browser, tmp_path: Path) -> None:
    deck = deck_of(tmp_path, prose('<img alt="out" src="http://192.0.2.1/x.png">'))
    context = browser.new_context()
    page = context.new_page()
    said: list[str] = []
    sent: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("response", lambda response: sent.append(response.url))
    page.goto(deck.as_uri())
    page.wait_for_selector("html[data-ready]")
    context.close()
    assert any("192.0.2.1" in one and "Content Security Policy" in one for one in said), said
    assert not any("192.0.2.1" in one for one in sent)


# --- JupyterLab before a room

STAND_INS = r"""
def _install(shell):
    import re
    pattern = re.compile(r"\s*%(reveal|peek)\b.*")
    def only_ours(lines):
        ours = [line for line in lines if pattern.fullmatch(line.rstrip("\n"))]
        return [ours[-1].lstrip()] if ours else lines
    def reveal(line):
        shell.set_next_input(f"answer = 40 + 2  # {line.strip()}\nanswer", replace=True)
    def peek(line):
        from coursekit.live.room import as_typed
        shell.set_next_input(as_typed(shell.get_parent()["content"]["code"]), replace=True)
        print("peeked")
    shell.register_magic_function(reveal, "line", "reveal")
    shell.register_magic_function(peek, "line", "peek")
    shell.input_transformers_cleanup.append(only_ours)
_install(get_ipython())
"""
LIVE, PROSE, WIDGET = "first-average", "predict-first-average", "widget-slide-the-kernel"
DECK = """() => document.querySelector(".jp-Deck") !== null"""
ACTIVE = """() => {
    const cell = course.content.activeCell.model;
    return {id: cell.id, source: cell.sharedModel.getSource(), mode: course.content.mode};
}"""
PICK = """id => {
    const index = course.content.widgets.findIndex(cell => cell.model.id === id);
    if (index < 0) throw new Error("there is no cell " + id);
    jupyterapp.shell.activateById(course.id);
    course.content.activeCellIndex = index;
    course.content.mode = "command";
    course.content.activate();
}"""
KERNEL = """code => course.sessionContext.session.kernel.requestExecute({code}).done.then(
    reply => reply.content.status
)"""
# the contrast of every piece of text that is seen, the weakest first
CONTRAST = r"""() => {
    const parse = text => {
        const numbers = text.match(/[\d.]+/g).map(Number);
        return numbers.length < 4 ? [...numbers, 1] : numbers;
    };
    const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
    const light = color => {
        const [r, g, b] = color.slice(0, 3).map(one => {
            const part = one / 255;
            return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = element => {
        const layers = [];
        for (let one = element; one; one = one.parentElement) {
            layers.unshift(parse(getComputedStyle(one).backgroundColor));
        }
        return layers.reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
    };
    const found = [];
    for (const one of document.querySelectorAll(".jp-Notebook .jp-Cell *")) {
        const text = [...one.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
        const seen = one.checkVisibility({visibilityProperty: true}) && !one.closest("mjx-assistive-mml");
        if (!text || !seen) continue;
        const below = ground(one);
        const [a, b] = [light(below), light(over(parse(getComputedStyle(one).color), below))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        found.push({ratio, text: one.textContent.slice(0, 30), code: one.closest(".cm-line") !== null});
    }
    return found.sort((a, b) => a.ratio - b.ratio);
}"""


@pytest.fixture(scope="module", params=[False, True], ids=["light", "dark"])
def room(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[LabServer, bool]]:
    """Return a JupyterLab for a room, and whether the room is dark."""
    work, state = tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("jupyter")
    shutil.copy(ROOT / chapter(1).notebook, work / "lecture.ipynb")
    (work / MARKER).mkdir()
    with LabServer(work, state) as running:
        yield running, request.param


# keys, letters and slides do not depend on the theme; colors do
in_the_light = pytest.mark.parametrize("room", [False], ids=["light"], indirect=True)


@pytest.fixture(scope="module")
def stage(room: tuple[LabServer, bool], browser: Browser) -> Iterator[LabPage]:
    """Return the lecturer's tab, in which JupyterLab stays loaded."""
    server, dark = room
    make_room(server.state / "settings", size=24, dark=dark)  # as at the start of every lecture
    context = browser.new_context(viewport=ROOM)
    yield LabPage(server, context, "lecture")
    context.close()


@pytest.fixture
def lecture(stage: LabPage, request: pytest.FixtureRequest) -> Iterator[LabPage]:
    """Return the lecture in front of the room, on a kernel that has stand-ins for the magics."""
    stage.name = request.node.name.replace("[", "-").strip("]")
    stage.outside.clear()
    stage.open("lecture.ipynb")
    assert stage.page.evaluate(KERNEL, STAND_INS) == "ok"
    yield stage
    stage.screenshot("end")
    outside, popups = list(stage.outside), stage.popups()
    if stage.page.evaluate(DECK):
        press(stage, PRESENT)  # the next lecture begins without slides
        stage.page.wait_for_function(f"() => !({DECK})()")
    stage.close()
    if popups:
        stage.page.goto("about:blank")  # and without what popped up
    assert not outside, f"the page asked other machines for {outside}"
    assert not popups, f"these popped up over the lecture: {popups}"


def active(lecture: LabPage) -> dict[str, str]:
    return lecture.page.evaluate(ACTIVE)


def wait_for_source(lecture: LabPage, source: str) -> None:
    lecture.page.wait_for_function(
        "source => course.content.activeCell.model.sharedModel.getSource() === source", arg=source
    )


def press(lecture: LabPage, key: str) -> None:
    """Press a key as the settings write it."""
    lecture.page.keyboard.press(key.replace(" ", "+").replace(key[-1], key[-1].lower()))


def present(lecture: LabPage, cell: str) -> None:
    lecture.page.evaluate(PICK, cell)
    assert not lecture.page.evaluate(DECK), "it begins with slides"
    press(lecture, PRESENT)
    lecture.page.wait_for_function(DECK)
    lecture.page.evaluate(PICK, cell)


@in_the_light
def test_letters_and_line_numbers_are_those_of_a_room(lecture: LabPage) -> None:
    sizes = lecture.page.evaluate(
        """() => ['.jp-Notebook .cm-line', '.jp-Notebook .jp-MarkdownOutput p'].map(
            one => getComputedStyle(document.querySelector(one)).fontSize)"""
    )
    assert sizes == ["24px", "24px"]
    assert lecture.page.locator(".jp-Notebook .cm-lineNumbers").count() > 5


def test_text_and_code_have_strong_contrast(lecture: LabPage) -> None:
    found = lecture.page.evaluate(CONTRAST)
    assert sum(one["code"] for one in found) > 100
    assert sum(not one["code"] for one in found) > 20
    weak = [one for one in found if one["ratio"] < 7]
    assert weak == []


@in_the_light
@pytest.mark.parametrize("slides_on", [False, True], ids=["notebook", "slides"])
def test_keys_work_while_typing_and_while_not(lecture: LabPage, slides_on: bool) -> None:
    if slides_on:
        present(lecture, LIVE)
    else:
        lecture.page.evaluate(PICK, LIVE)
    press(lecture, "Alt J")  # while not typing
    wait_for_source(lecture, "answer = 40 + 2  # next line\nanswer")
    keyboard = lecture.page.keyboard
    keyboard.press("Escape" if active(lecture)["mode"] == "edit" else "Shift")
    lecture.page.evaluate(PICK, LIVE)
    keyboard.press("Enter")
    keyboard.press("ControlOrMeta+a")
    keyboard.type("for i in")  # half a line
    keyboard.press("ArrowLeft")  # with the cursor within a word
    press(lecture, "Alt P")
    lecture.output(LIVE).get_by_text("peeked").wait_for()
    wait_for_source(lecture, "for i in")
    press(lecture, "Alt R")
    wait_for_source(lecture, "answer = 40 + 2  # \nanswer")
    assert active(lecture)["id"] == LIVE
    lecture.page.evaluate(PICK, LIVE)
    keyboard.press("ControlOrMeta+Enter")
    lecture.output(LIVE).get_by_text("42", exact=True).wait_for()


@in_the_light
def test_a_key_leaves_prose_alone(lecture: LabPage) -> None:
    lecture.page.evaluate(PICK, PROSE)
    before = active(lecture)
    press(lecture, "Alt R")
    lecture.page.evaluate(PICK, LIVE)
    press(lecture, "Alt R")
    wait_for_source(lecture, "answer = 40 + 2  # \nanswer")
    lecture.page.evaluate(PICK, PROSE)
    assert active(lecture) == before


@in_the_light
def test_slides_in_jupyterlab_have_live_kernels_and_widgets(lecture: LabPage) -> None:
    lecture.run_all()
    present(lecture, PROSE)
    lecture.page.keyboard.press("Space")
    lecture.page.wait_for_function(f"() => course.content.activeCell.model.id === '{LIVE}'")
    assert lecture.page.get_by_text("Everything in this course").first.is_hidden()
    while active(lecture)["id"] != WIDGET:
        before = active(lecture)["id"]
        lecture.page.keyboard.press("Space")
        lecture.page.wait_for_function(
            "before => course.content.activeCell.model.id !== before", arg=before
        )
    widget = Widget(lecture.output(WIDGET))
    before = widget.source()
    widget.step(widget.sliders[0])
    widget.expect_new_picture(before)
    lecture.screenshot("widget")
    press(lecture, PRESENT)
    lecture.page.wait_for_function(f"() => !({DECK})()")
