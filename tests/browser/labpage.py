"""One notebook in a browser's JupyterLab: open, run, read, move what can be moved."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from labserver import LabServer
from playwright.sync_api import BrowserContext, Locator, Page, Request
from playwright.sync_api import TimeoutError as WaitedTooLongError

OPEN_SECONDS = 60
RUN_SECONDS = 600
WAIT_SECONDS = 30.0
LOCAL = {"127.0.0.1", "localhost"}
NO_HOST = {"data", "blob", "about", "chrome"}

# What somebody sees of a widget: its picture, or its table with what stands above it.
SEEN = """place => {
    const seen = place.querySelector("img, table");
    return seen ? seen.src || seen.closest(".widget-html-content").innerHTML : "";
}"""

# Clicking Run All is not reliable: the toolbar says idle before the kernel is. These promises are.
WITHIN = """(seconds, what, promise) => Promise.race([promise, new Promise((_, no) => setTimeout(
    () => no(new Error(`${what} took more than ${seconds} s`)), seconds * 1000
))])"""
OPEN = """async ([path, seconds]) => {
    const open = async () => {
        await jupyterapp.restored;
        const how = {path, factory: "Notebook"};
        const panel = await jupyterapp.commands.execute("docmanager:open", how);
        await panel.context.ready;
        await panel.revealed;
        await panel.sessionContext.ready;
        window.course = panel;
    };
    await within(seconds, `opening ${path}`, open());
}"""
# Disposed of, not closed: that would ask whether to save what a test has changed.
CLOSE = """async () => {
    if (window.jupyterapp === undefined) return;
    for (const panel of [...jupyterapp.shell.widgets("main")]) {
        if (panel.sessionContext) await panel.sessionContext.shutdown();
        panel.dispose();
    }
    window.course = undefined;
}"""
# Every notebook has a new kernel, so nothing is restarted: after a restart JupyterLab 4.6 now and then loses
# its connection and never learns that the kernel is ready (2 of 8 tries; without a restart 0 of 8).
RUN_ALL = """async seconds => {
    jupyterapp.shell.activateById(course.id);
    await jupyterapp.commands.execute("notebook:clear-all-cell-outputs");
    const run = jupyterapp.commands.execute("notebook:run-all-cells");
    await within(seconds, "running all cells", run);
}"""
RUN_CELL = """async ([id, source, seconds]) => {
    const cells = course.content.widgets;
    const index = cells.findIndex(cell => cell.model.id === id);
    if (index < 0) throw new Error("there is no cell " + id);
    if (source !== null) cells[index].model.sharedModel.setSource(source);
    course.content.activeCellIndex = index;
    jupyterapp.shell.activateById(course.id);
    await within(seconds, `cell ${id}`, jupyterapp.commands.execute("notebook:run-cell"));
}"""
CELLS = """() => course.content.widgets.map(cell => {
    const model = cell.model.toJSON();
    const outputs = (model.outputs || []);
    return {
        id: model.id,
        kind: model.cell_type,
        count: model.execution_count,
        errors: outputs.filter(o => o.output_type === "error").map(o => o.ename + ": " + o.evalue),
        widget: outputs.some(o => "application/vnd.jupyter.widget-view+json" in (o.data || {})),
        empty: !model.source || !model.source.length,
    };
})"""


@dataclass
class LabPage:
    """A browser tab with one notebook in it.

    Args:
        server: the JupyterLab to open it in.
        context: a browser context that nobody else uses.
        name: names the workspace and the screenshots.
    """

    server: LabServer
    context: BrowserContext
    name: str
    outside: list[str] = field(default_factory=list)  # addresses that it asked other machines for

    def __post_init__(self) -> None:
        self.context.on("request", self._record)
        self.page: Page = self.context.new_page()
        self.page.add_init_script(f"window.within = {WITHIN}")
        self.page.set_default_timeout(WAIT_SECONDS * 1000)

    def open(self, path: str) -> None:
        """Open a notebook and wait until its kernel is ready."""
        if not self.page.evaluate("() => window.jupyterapp !== undefined"):
            self.page.goto(self.server.url(path, self.name))
            self.page.wait_for_function("() => window.jupyterapp !== undefined")
        self.page.evaluate(OPEN, [path, OPEN_SECONDS])

    def close(self) -> None:
        """Close every notebook and end its kernel; JupyterLab, which takes seconds to load, stays for the next."""
        self.page.evaluate(CLOSE)

    def run_all(self) -> None:
        """Clear what is stored, run all cells, wait until the last has ended."""
        self.page.evaluate(RUN_ALL, RUN_SECONDS)

    def run_cell(self, cell_id: str, source: str | None = None) -> str:
        """Run one cell, with another source if given; return what it shows."""
        self.page.evaluate(RUN_CELL, [cell_id, source, RUN_SECONDS])
        return self.text(cell_id)

    def text(self, cell_id: str) -> str:
        """Return what a cell shows, as text."""
        # not inner_text: JupyterLab paints a cell some time after it has come into view
        parts = self.output(cell_id).locator(".jp-OutputArea-output").all_text_contents()
        return "\n".join(parts)

    def cells(self) -> list[dict]:
        """Return what the notebook knows of each cell: id, kind, count, errors, widget, empty."""
        return self.page.evaluate(CELLS)

    def output(self, cell_id: str) -> Locator:
        """Return the place below a cell where its output appears, in view."""
        index = [cell["id"] for cell in self.cells()].index(cell_id)
        cell = self.page.locator(f'.jp-Notebook .jp-Cell[data-windowed-list-index="{index}"]')
        cell.scroll_into_view_if_needed()
        return cell.locator(".jp-Cell-outputArea")

    def errors(self) -> list[str]:
        """Return every error that a cell shows, whether in view or not."""
        found = [f"{cell['id']}: {error}" for cell in self.cells() for error in cell["errors"]]
        found += self.page.locator(
            '.jp-Notebook [data-mime-type="application/vnd.jupyter.error"]'
        ).all_inner_texts()
        found += self.page.get_by_text("Error displaying widget").all_inner_texts()
        return found

    def widgets(self) -> list[str]:
        """Return the ids of the cells that show a widget."""
        return [cell["id"] for cell in self.cells() if cell["widget"]]

    def popups(self) -> list[str]:
        """Return what pops up over the page: news, dialogs."""
        return self.page.locator(".Toastify__toast, .jp-Dialog").all_inner_texts()

    def screenshot(self, name: str) -> None:
        """Keep a picture of the page in the folder that COURSEKIT_SCREENSHOTS names, if it does."""
        if folder := os.environ.get("COURSEKIT_SCREENSHOTS"):
            file = re.sub(r"[^\w.-]+", "-", f"{self.name}-{name}.png")
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder, file))

    def _record(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in NO_HOST and address.hostname not in LOCAL:
            self.outside.append(request.url)


@dataclass
class Widget:
    """An interactive figure: controls, and a picture that follows them."""

    place: Locator

    @property
    def picture(self) -> Locator:
        return self.place.locator("img, table").first

    @property
    def sliders(self) -> list[Locator]:
        return self.place.locator(".noUi-handle").all()

    @property
    def menus(self) -> list[Locator]:
        return self.place.locator(".widget-dropdown select").all()

    @property
    def fields(self) -> list[Locator]:
        return self.place.locator(".widget-text input").all()

    def expect_new_picture(self, before: str) -> None:
        """Wait until the picture is another one.

        Raises:
            AssertionError: it stayed the same.
        """
        try:
            self.place.page.wait_for_function(
                f"([place, before]) => ({SEEN})(place) !== before",
                arg=[self.place.element_handle(), before],
                timeout=WAIT_SECONDS * 1000,
            )
        except WaitedTooLongError:
            raise AssertionError(
                f"the picture stayed the same for {WAIT_SECONDS} s, expected another one"
            ) from None

    def source(self) -> str:
        """Return the picture as it is now."""
        seen: str = self.place.evaluate(SEEN)
        return seen

    def step(self, slider: Locator) -> None:
        """Move a slider one step to the right, with the keyboard."""
        slider.focus()
        slider.press("ArrowRight")

    def choose_other(self, menu: Locator) -> None:
        """Choose another entry of a menu than the one that it shows."""
        # by place: what an entry shows may hold blanks that its value does not
        menu.select_option(index=0 if menu.evaluate("menu => menu.selectedIndex") else 1)

    def type(self, box: Locator, text: str) -> None:
        """Write into a text field and press Enter."""
        box.fill(text)
        box.press("Enter")
