"""Chapters and exercises in a real JupyterLab, in a real browser.

Chapters, widgets and exercises are found, not listed: a new chapter needs no change here. To look at
what the browser saw, name a folder for the pictures: ``COURSEKIT_SCREENSHOTS=shots pytest -m browser``.
"""

import json
import re
from pathlib import Path

import chromium
import nbformat
import pytest
from labpage import LabPage, Widget
from long_chapters import is_long
from nbformat.v4 import new_code_cell, new_notebook
from needed import needed

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(file.stem for file in (ROOT / "notebooks").glob("*.ipynb"))
EXERCISES = sorted(
    file.relative_to(ROOT).as_posix() for file in (ROOT / "exercises").glob("*/*.ipynb")
)
NOT_A_NUMBER = "1, two, 3"
# a widget shows any net, and need not wait for good ones
SHORTER = {"15_dense_prediction": ("train-loop", "steps=200", "steps=2")}


@pytest.mark.parametrize("page", PAGES)
def test_notebook_runs_and_its_widgets_move(page: str, lab: LabPage):
    lab.open(f"notebooks/{page}.ipynb")
    if is_long(int(page[:2])):
        run_for_widgets(lab, page)
    else:
        lab.run_all()
        left = [cell["id"] for cell in lab.cells() if cell["kind"] == "code" and not cell["count"]]
        assert not left, f"these cells did not run: {left}"
    assert lab.errors() == []
    for cell_id in lab.widgets():
        widget = Widget(lab.output(cell_id))
        lab.screenshot(f"{cell_id}-before")
        controls = move_everything(widget)
        lab.screenshot(f"{cell_id}-after")
        assert controls, f"the widget of {cell_id} has no slider, menu or text field"
    assert lab.errors() == []


def run_for_widgets(lab: LabPage, page: str) -> None:
    """Run the cells that show a widget, and those that they need; all run where pytest runs notebooks/."""
    stored = nbformat.read(ROOT / "notebooks" / f"{page}.ipynb", as_version=4).cells
    wanted = [cell.id for cell in stored if "_widget(" in cell.source]
    for cell_id in needed(stored, wanted):
        source = next(cell.source for cell in stored if cell.id == cell_id)
        lab.run_cell(cell_id, shortened(page, cell_id, source))
    assert lab.widgets() == wanted, "the names of functions that make a widget end in _widget"


def shortened(page: str, cell_id: str, source: str) -> str:
    """Return what a cell runs here: where nets are hardly trained, nothing asserts that they are good."""
    if page not in SHORTER:
        return source
    place, long, short = SHORTER[page]
    assert cell_id != place or long in source, f"{place} trains otherwise now: change SHORTER"
    return re.sub(r"^ *assert .*$", "", source.replace(long, short), flags=re.M)


def move_everything(widget: Widget) -> int:
    """Use every control of a widget once and see the picture follow; return how many there are."""
    widget.picture.wait_for()
    for slider in widget.sliders:
        before = widget.source()
        widget.step(slider)
        widget.expect_new_picture(before)
    for menu in widget.menus:
        before = widget.source()
        widget.choose_other(menu)
        widget.expect_new_picture(before)
    for box in widget.fields:
        right = box.input_value()
        before = widget.source()
        widget.type(box, NOT_A_NUMBER)
        message = widget.place.get_by_text("Not possible")
        message.wait_for()
        assert widget.source() == before, "a text that is no number changed the picture"
        widget.type(box, right)
        message.wait_for(state="hidden")
    return len(widget.sliders) + len(widget.menus) + len(widget.fields)


@pytest.mark.parametrize("path", EXERCISES)
def test_a_check_fails_and_then_passes(path: str, lab: LabPage):
    answer_id, right = first_answer(ROOT / path.replace("exercises/", "solutions/", 1))
    check_id = answer_id.replace("-answer", "-check")
    lab.open(path)
    lab.run_all()
    assert lab.errors() == []
    stub = lab.text(check_id)
    assert "not attempted yet" in stub.lower(), f"before an answer the check says {stub!r}"
    lab.run_cell(answer_id, re.match(r"def .*:\n", right)[0] + "    return None\n")
    wrong = lab.run_cell(check_id)
    lab.screenshot("wrong")
    assert "passed" not in wrong, f"to an answer of None the check says {wrong!r}"
    assert "not attempted" not in wrong, f"to an answer of None the check says {wrong!r}"
    assert "None" in wrong, (
        f"to an answer of None the check says {wrong!r}, expected it to name None"
    )
    lab.run_cell(answer_id, right)
    passed = lab.run_cell(check_id)
    lab.screenshot("right")
    assert "visible checks passed" in passed, f"to the right answer the check says {passed!r}"
    assert lab.errors() == []


def first_answer(solutions: Path) -> tuple[str, str]:
    """Return id and source of the first answer that is a function."""
    notebook = json.loads(solutions.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["metadata"].get("nbgrader", {}).get("solution") and source.startswith("def "):
            return cell["id"], source
    raise AssertionError(f"{solutions.name} has no answer that is a function")


def test_the_start_page_leads_to_chapter_01(lab: LabPage):
    lab.open("notebooks/00_start_here.ipynb")
    link = lab.page.locator('.jp-Notebook a[href*="01_convolution_1d.ipynb"]').first
    link.scroll_into_view_if_needed()
    link.click()
    lab.page.get_by_role("tab", name="01_convolution_1d.ipynb").wait_for()
    assert len(lab.context.pages) == 1, "the link opened a window, expected a tab in JupyterLab"


# --- the helpers see what they should

FIXED = """import ipywidgets
from IPython.display import display
picture = ipywidgets.HTML('<img alt="still" src="data:image/png;base64,AAAA">')
slider = ipywidgets.IntSlider()
ipywidgets.VBox([slider, picture])"""
FOLLOWS = """import ipywidgets
picture = ipywidgets.Image(value=b"0", format="png")
slider = ipywidgets.IntSlider()
slider.observe(lambda change: setattr(picture, "value", str(change.new).encode()), "value")
ipywidgets.VBox([slider, picture])"""


@pytest.fixture
def planted(working_copy: Path):
    """Return what writes a notebook of one cell and returns its path."""

    def write(name: str, source: str) -> str:
        kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
        cells = [new_code_cell(source, id="planted")]
        notebook = new_notebook(cells=cells, metadata={"kernelspec": kernel})
        nbformat.write(notebook, working_copy / f"{name}.ipynb")
        return f"{name}.ipynb"

    return write


def test_an_error_is_seen(lab: LabPage, planted):
    lab.open(planted("raises", "1 / 0"))
    lab.run_all()
    assert any("ZeroDivisionError" in error for error in lab.errors())


def test_a_picture_that_follows_is_seen(lab: LabPage, planted):
    lab.open(planted("follows", FOLLOWS))
    lab.run_all()
    assert lab.widgets() == ["planted"]
    assert move_everything(Widget(lab.output("planted"))) == 1


def test_a_picture_that_stays_is_seen(lab: LabPage, planted, monkeypatch):
    monkeypatch.setattr("labpage.WAIT_SECONDS", 2.0)
    lab.open(planted("fixed", FIXED))
    lab.run_all()
    with pytest.raises(AssertionError, match="stayed the same"):
        move_everything(Widget(lab.output("planted")))


def test_a_request_to_another_machine_is_seen(lab: LabPage, planted):
    lab.open(
        planted(
            "outside",
            "from IPython.display import HTML\nHTML('<img src=\"http://192.0.2.1/x.png\">')",
        )
    )
    with lab.page.expect_request("http://192.0.2.1/*"):
        lab.run_all()
    assert set(lab.outside) == {"http://192.0.2.1/x.png"}
    lab.page.goto("about:blank")  # the fixture would complain, as it should
    lab.outside.clear()


def test_without_chromium_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr(chromium, "find_browser", lambda: "")
    with pytest.raises(chromium.NoChromiumError, match="apt install chromium"):
        chromium.find_chromium(None)
    with pytest.raises(chromium.NoChromiumError):
        chromium.find_chromium("/nowhere/chrome")
    assert chromium.find_chromium(__file__) == __file__
