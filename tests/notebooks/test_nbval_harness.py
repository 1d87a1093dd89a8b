"""The notebooks' harness (conftest.py, nbval_sanitize.cfg) sees what it should, and only that.

Tiny notebooks go through a pytest of their own, with the course's settings: some must pass, some
must fail.
"""

import base64
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

DEADLINE_SECONDS = 300  # a dead kernel that goes unnoticed would take the ten minutes of a cell
WIDGET = "application/vnd.jupyter.widget-view+json"


@dataclass(frozen=True)
class Case:
    """A notebook as it is stored, and words that the harness must say of it, if any."""

    cells: list
    fault: str | None = None


def cell(source, *outputs, count=1, tags=()):
    return new_code_cell(
        source, execution_count=count, outputs=list(outputs), metadata={"tags": list(tags)}
    )


def printed(text):
    return new_output("stream", name="stdout", text=text)


def shown(data):
    return new_output("display_data", data=data)


def returned(text, count):
    return new_output("execute_result", data={"text/plain": text}, execution_count=count)


def figure(alt="a ramp", pixels=b"pixels", caption="A ramp."):
    encoded = base64.b64encode(pixels).decode()
    picture = f'<img alt="{alt}" src="data:image/png;base64,{encoded}">'
    return f"<figure>{picture}<figcaption>{caption}</figcaption></figure>"


def draws(stored):
    """Return a cell that shows figure() when run, and has another picture stored."""
    source = f'display({{"text/html": {figure()!r}, "text/plain": "figure"}}, raw=True)'
    return cell(source, shown({"text/html": stored, "text/plain": "figure"}))


SLIDER = "import ipywidgets\nipywidgets.IntSlider(description='place')"
PLAIN = {"text/plain": "Interactive: run this cell"}
INTERACTIVE = f"display({ {WIDGET: {'model_id': 'a'}, **PLAIN} }, raw=True)"
TRANSPORT = (
    "import json\nfrom ipykernel.connect import get_connection_info\n"
    "print(json.loads(get_connection_info())['transport'])"
)
DIES = "import os\nos._exit(9)"

CASES = {
    "right_number": Case([cell("print(2)", printed("2\n"))]),
    "wrong_number": Case([cell("print(2)", printed("3\n"))], "Cell outputs differ"),
    "output_lost": Case([cell("print(2)")], "Unexpected output fields"),
    "output_too_much": Case([cell("x = 2", printed("2\n"))], "Missing output fields"),
    "same_figure": Case([draws(figure())]),
    "other_pixels": Case(
        [draws(figure(pixels=b"drawn by another version of the library, and longer"))]
    ),
    "other_caption": Case([draws(figure(caption="A ramp, rising."))], "mismatch 'text/html'"),
    "other_alt": Case([draws(figure(alt="a line"))], "mismatch 'text/html'"),
    "no_figure": Case([cell("x = 2", shown({"text/html": figure()}))], "Missing output fields"),
    "never_run": Case([cell("x = 2", count=None)], "execution count is null"),
    "empty_cell": Case([cell("", count=None), cell("print(2)", printed("2\n"))]),
    "kernel_dies": Case(
        [cell(DIES), cell("print(2)", printed("2\n"), count=2)], "the kernel died while it ran"
    ),
    "raises": Case([cell("1 / 0")], "ZeroDivisionError"),
    "semicolon": Case([cell("2;")]),
    "counts": Case(
        [
            cell("6 * 7", returned("42", 1)),
            cell("Out[1] + 1", returned("43", 2), count=2),
            cell("print(In[1])", printed("6 * 7\n"), count=3),
        ]
    ),
    "real_widget": Case([cell(SLIDER, returned("IntSlider(value=0, description='place')", 1))]),
    "widget_with_words": Case([cell(INTERACTIVE, shown(PLAIN))]),
    "other_words": Case(
        [cell(INTERACTIVE, shown({"text/plain": "Run this cell"}))], "mismatch 'text/plain'"
    ),
    "address": Case([cell("print(object())", printed("<object object at 0x7f0000000010>\n"))]),
    "temporary": Case(
        [cell("import tempfile\nprint(tempfile.mkdtemp())", printed("/tmp/another\n"))]
    ),
    "warning": Case(
        [
            cell(
                "import warnings\nwarnings.warn('careful')",
                new_output(
                    "stream",
                    name="stderr",
                    text="/home/ada/scratch/ipykernel_7/77.py:2: UserWarning: careful\n"
                    "  warnings.warn('careful')\n",
                ),
            )
        ]
    ),
    "differs_and_says_so": Case(
        [cell("print(object)", printed("other\n"), tags=["nbval-ignore-output"])]
    ),
    "no_ports": Case([cell(TRANSPORT, printed("ipc\n"))]),
    "private_history": Case(
        [cell("print(get_ipython().history_manager.hist_file)", printed(":memory:\n"))],
    ),
}


@pytest.fixture(scope="module")
def results(tmp_path_factory, course) -> dict[str, str]:
    """Run every case at once, by two workers; return what pytest said about each notebook."""
    folder = tmp_path_factory.mktemp("harness")
    (folder / "tests").mkdir()
    for name in ("conftest.py", "pyproject.toml", "tests/nbval_sanitize.cfg"):
        shutil.copy(course / name, folder / name)
    for name, case in CASES.items():
        nbformat.write(new_notebook(cells=case.cells), folder / f"{name}.ipynb")
    finished = run_pytest(folder, "-n", "2", "--dist", "loadfile", ".")
    ran = ElementTree.parse(folder / "report.xml").getroot().iter("testcase")
    said: dict[str, str | None] = dict.fromkeys(CASES)
    for one in ran:
        name = one.get("classname").removesuffix(".ipynb").rpartition(".")[2]
        said[name] = (said[name] or "") + "".join(
            part.text or "" for part in [*one.iter("failure"), *one.iter("error")]
        )
    missing = [name for name, text in said.items() if text is None]
    assert not missing, (
        f"these notebooks did not run: {missing}\n{finished.stdout}{finished.stderr}"
    )
    return said


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    options = ["--color=no", "-p", "no:cacheprovider", "--junitxml=report.xml"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
    )


@pytest.mark.parametrize("name", CASES)
def test_harness(name, results):
    said, fault = results[name], CASES[name].fault
    if fault is None:
        assert said == "", f"{name}.ipynb should pass, and failed:\n{said}"
    else:
        told = said or "nothing, it passed"
        assert fault in said, f"{name}.ipynb should fail with {fault!r}, and pytest said:\n{told}"


def test_a_cell_after_the_death_of_its_kernel_is_not_blamed(results):
    assert "died in an earlier cell" in results["kernel_dies"]


def test_a_cell_has_minutes_and_not_half_an_hour(pytestconfig):
    assert pytestconfig.option.nbval_cell_timeout <= 600
