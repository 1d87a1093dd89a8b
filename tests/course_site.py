"""The site for its tests: built as a person builds it, from a copy, once for all processes of pytest."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, writes

from coursekit.chapters import CHAPTERS
from coursekit.lock import locked

ROOT = Path(__file__).resolve().parent.parent
READY = [one for one in CHAPTERS if (ROOT / one.notebook).is_file()]
EXERCISES = [one for one in READY if (ROOT / one.exercises).is_file()]


def address(notebook: str) -> str:
    """Return where the page of a notebook lies in the site."""
    return notebook.replace(".ipynb", ".html")


PAGES = [
    "index.html",
    "search.html",
    *(address(one.notebook) for one in READY),
    *(address(one.exercises) for one in EXERCISES),
    *sorted(f"docs/{path.stem}.html" for path in (ROOT / "docs").glob("*.md")),
]

SOURCES = ("Makefile", "index.md", "LICENSE", "LICENSE-CC-BY-4.0", "site", "coursekit/live/deck")
CONTENT = ("notebooks", "exercises", "docs")
PATIENCE_SECONDS = 300
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="


def built_site(shared: Path) -> Path:
    """Return the site of the course, in a folder that all processes share."""
    return _once(shared / "course", lambda folder: _copy(folder, *CONTENT))


def tiny_site(shared: Path) -> Path:
    """Return a site of two short chapters that hold what is hard to show."""
    return _once(shared / "tiny-course", tiny_course)


def make_site(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run ``make site`` in a copy of the course, in the environment of the tests."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("M")}
    return subprocess.run(
        ["make", "site", "PYTHON=true", f"BIN={Path(sys.executable).parent}"],
        cwd=folder,
        env=own,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )


def tiny_course(folder: Path) -> None:
    """Write a course of two chapters: links to cells, formulas in outputs, what is too wide for a phone."""
    _copy(folder)
    first, second = READY[:2]
    wide = "".join(f"<td>{'column' * 3} {n}</td>" for n in range(12))
    shown = [
        f'<figure><img alt="a dot" src="data:image/png;base64,{DOT}"><figcaption>where $x^2$ is</figcaption></figure>'
        "<p><em>Interactive: run this cell to move the controls.</em></p>",
        f"<table><tr>{wide}</tr></table>",
        f"<a href='{Path(second.notebook).name}#cell-id=last'>there</a>",
    ]
    outputs = [
        new_output("execute_result", {"text/html": html, "text/plain": "Explorer()"})
        for html in shown
    ]
    linked = f"[there]({Path(second.notebook).name}#cell-id=computed), [below](#below)"
    chapters = {
        first.notebook: [
            new_markdown_cell(f"# {first.title}\n\n{linked}", id="title"),
            new_code_cell("show()", id="shown", execution_count=1, outputs=outputs),
            new_markdown_cell(
                f"## Below\n\n$$y = {' + '.join(f'x_{{{n}}}' for n in range(60))}$$", id="below"
            ),
        ],
        second.notebook: [
            new_markdown_cell(f"# {second.title}", id="title"),
            new_code_cell(
                "print(2)",
                id="computed",
                execution_count=1,
                outputs=[new_output("stream", text="stored, not computed\n")],
            ),
            new_markdown_cell("The end.", id="last"),
        ],
        "notebooks/00_start_here.ipynb": [
            new_code_cell("map()", id="map-of-chapters", execution_count=1, outputs=outputs[:1])
        ],
    }
    for path, cells in chapters.items():
        (folder / path).parent.mkdir(exist_ok=True)
        python = {"language_info": {"name": "python"}}
        text = writes(new_notebook(cells=cells, metadata=python))
        (folder / path).write_text(text, encoding="utf-8")
    (folder / "docs").mkdir()
    (folder / "docs" / "more.md").write_text("# More\n", encoding="utf-8")


def _copy(folder: Path, *content: str) -> None:
    for name in (*SOURCES, *content):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(".*", "__*"))
        else:
            shutil.copy2(ROOT / name, folder / name)


def _once(folder: Path, fill: Callable[[Path], None]) -> Path:
    built = folder / "build" / "site"
    with locked(folder.with_suffix(".lock"), PATIENCE_SECONDS):
        if not (folder / "made").exists():
            shutil.rmtree(folder, ignore_errors=True)
            fill(folder)
            done = make_site(folder)
            assert done.returncode == 0, done.stdout + done.stderr
            (folder / "made").touch()
    return built
