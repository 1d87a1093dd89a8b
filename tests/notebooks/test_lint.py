"""Every notebook keeps the rules of lint.py, and every rule finds what was planted for it."""

import copy
from pathlib import Path

import lint
import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(
    file
    for folder in ("notebooks", "solutions", "exercises")
    for file in (ROOT / folder).rglob("*.ipynb")
    if ".ipynb_checkpoints" not in file.parts
)
RULES = lint.ANYWHERE + lint.EXECUTED + lint.CHAPTER + lint.GRADED
PICTURE = '<img alt="a ramp" src="data:image/png;base64,AAAA">'
FIGURE = f"<figure>{PICTURE}<figcaption>A ramp.</figcaption></figure>"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_notebook(file):
    faults = lint.problems(lint.read(file), file)
    assert not faults, "\n".join(["", *faults])


def test_there_are_notebooks_to_check():
    assert FILES, f"no notebooks below {ROOT}: the tests would check nothing"


def text(name, source, **metadata):
    return {"cell_type": "markdown", "id": name, "source": source, "metadata": metadata}


def code(name, source, count, *outputs, **metadata):
    return {
        "cell_type": "code",
        "id": name,
        "source": source,
        "execution_count": count,
        "outputs": list(outputs),
        "metadata": metadata,
    }


def graded(name, points):
    flags = {"grade": True, "locked": True, "solution": False, "task": False}
    return {"schema_version": 3, "grade_id": name, "points": points, **flags}


@pytest.fixture
def good(tmp_path) -> tuple[dict, Path]:
    """Return a small chapter that keeps every rule, and a path for it."""
    (tmp_path / "02_other.ipynb").touch()
    cells = [
        text(
            "title",
            "# A ramp\n\nRead [the other one](02_other.ipynb) after [this part](#What-rises).",
        ),
        code("imports-and-seed", "import numpy as np\n\nrng = np.random.default_rng(0)", 1),
        text(
            "what-rises",
            "## What rises\n\nSix is $3!$, and `a != b`; \\$5 too.\n\n"
            + 5 * "prose and more of it ",
        ),
        code(
            "show-it",
            "show.ramp()",
            2,
            {"output_type": "display_data", "data": {"text/html": FIGURE}},
        ),
        text("a-picture", "![a hill](02_other.ipynb)\n\n*A hill.*"),
        code(
            "measure", "assert True\n" + 10 * "a + b - c\n", 3, tags=["nbval-ignore-output", "live"]
        ),
        code("check-it", "check(1)", 4, nbgrader=graded("check-it", 2)),
        *(text(f"more-{k}", "And so on.") for k in range(lint.CELLS[0])),
    ]
    for cell in cells:
        cell["metadata"]["slideshow"] = {"slide_type": "slide"}
    metadata = {"kernelspec": dict(lint.KERNEL), "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata}, tmp_path / "01_ramp.ipynb"


def find(notebook, name):
    return next(cell for cell in notebook["cells"] if cell["id"] == name)


def say(source):
    """Return what plants a sentence in the notebook."""

    def plant(notebook):
        find(notebook, "what-rises")["source"] += f"\n\n{source}"

    return plant


def print_out(line):
    """Return what plants a printed line."""

    def plant(notebook):
        find(notebook, "measure")["outputs"] = [
            {"output_type": "stream", "name": "stdout", "text": line}
        ]

    return plant


def html(source):
    """Return what plants an HTML output."""

    def plant(notebook):
        find(notebook, "show-it")["outputs"][0]["data"] = {"text/html": source}

    return plant


def show(data):
    """Return what plants an output of another kind."""

    def plant(notebook):
        find(notebook, "show-it")["outputs"][0]["data"] = data

    return plant


def put(name, **fields):
    """Return what changes fields of a cell."""

    def plant(notebook):
        find(notebook, name).update(fields)

    return plant


def describe(name, **metadata):
    """Return what changes metadata of a cell."""

    def plant(notebook):
        find(notebook, name)["metadata"].update(metadata)

    return plant


def about(**metadata):
    """Return what changes metadata of the notebook."""

    def plant(notebook):
        notebook["metadata"].update(metadata)

    return plant


def no_live_cell(notebook):
    find(notebook, "measure")["metadata"]["tags"] = []


def too_few(notebook):
    del notebook["cells"][lint.CELLS[0] - 1 :]


def too_many(notebook):
    notebook["cells"] += [text(f"again-{k}", "And on.") for k in range(lint.CELLS[1])]


def grade(**changes):
    """Return what changes nbgrader's metadata of the check."""

    def plant(notebook):
        find(notebook, "check-it")["metadata"]["nbgrader"].update(changes)

    return plant


ERROR = {"output_type": "error", "ename": "ValueError", "evalue": "", "traceback": []}
VIEW = "application/vnd.jupyter.widget-view+json"

# the rule that must speak, what is planted, words that it must say
PLANTED = [
    (lint.no_error_outputs, put("measure", outputs=[ERROR]), "ValueError"),
    (lint.short_code_cells, put("measure", source="x = 1\n" * 13), "13 lines"),
    (lint.pictures_speak, html('<img src="a.png">'), "no alt text"),
    (
        lint.pictures_speak,
        html('<figure><img alt=" " src="a"><figcaption>A.</figcaption></figure>'),
        "no alt text",
    ),
    (
        lint.pictures_speak,
        html('<img alt="a ramp" src="a.png"><figcaption>A.</figcaption>'),
        "no caption",
    ),
    (lint.pictures_speak, html(FIGURE + '<figure><img alt="two" src="b"></figure>'), "no caption"),
    (lint.pictures_speak, show({"image/png": "AAAA", "text/plain": "<Figure>"}), "bare image/png"),
    (lint.pictures_speak, say("![](02_other.ipynb)\n\n*A hill.*"), "no alt text"),
    (lint.pictures_speak, say("![a hill](02_other.ipynb)\n\nNext."), "no caption"),
    (lint.nothing_of_one_machine, print_out("saved in /home/ada/data"), "/home/ada"),
    (lint.nothing_of_one_machine, print_out("saved in /tmp/tmp1234"), "/tmp/tmp1234"),
    (lint.nothing_of_one_machine, print_out(r"C:\Users\ada"), "path of one machine"),
    (lint.nothing_of_one_machine, print_out("<object at 0x7f0000001234>"), "memory address"),
    (lint.nothing_of_one_machine, print_out("lib/python3.11/site-packages/numpy"), "installation"),
    (lint.nothing_of_one_machine, print_out("/opt/conda/bin/python3.11"), "installation"),
    (lint.nothing_of_one_machine, print_out("ipykernel_77/12.py:1: UserWarning"), "kernel's file"),
    (lint.nothing_of_one_machine, say("Open http://localhost:8888/lab."), "its port"),
    (
        lint.nothing_of_one_machine,
        describe("measure", execution={"iopub.execute_input": ""}),
        "'execution'",
    ),
    (lint.small, print_out("x" * lint.MOST_BYTES), "bytes"),
    (lint.readable_ids, put("measure", id="3f2a9c1d"), "3f2a9c1d"),
    (lint.readable_ids, put("measure", id="Cell_1"), "Cell_1"),
    (lint.readable_ids, put("measure", id="show-it"), "on two cells"),
    (lint.portable_kernel, about(kernelspec={**lint.KERNEL, "name": "venv"}), "kernelspec"),
    (
        lint.portable_kernel,
        about(kernelspec={**lint.KERNEL, "display_name": "course"}),
        "kernelspec",
    ),
    (lint.portable_kernel, about(language_info={"name": "python", "version": "3.11.2"}), "3.11.2"),
    (lint.no_widget_state, about(widgets={}), "metadata.widgets"),
    (lint.no_widget_state, show({VIEW: {}, "text/html": FIGURE}), "widget view"),
    (lint.calm_prose, say("That was easy!"), "easy!"),
    (lint.calm_prose, say("Well done \U0001f389"), "emoji"),
    (lint.calm_prose, html(FIGURE.replace("A ramp.", "Look!")), "Look!"),
    (lint.heading_structure, say("# Another title"), "expected one"),
    (lint.heading_structure, put("title", source="No title"), "expected one"),
    (lint.heading_structure, say("#### Deep"), "level 4 below level 2"),
    (lint.links_lead_somewhere, say("[gone](03_gone.ipynb)"), "03_gone.ipynb"),
    (lint.links_lead_somewhere, say('<a href="../gone.html">gone</a>'), "gone.html"),
    (lint.links_lead_somewhere, say("[gone](#What-falls)"), "#What-falls"),
    (lint.american_spelling, say("Normalise the colour."), "Normalise"),
    (lint.american_spelling, say("its behaviour"), "behaviour"),
    (lint.american_spelling, print_out("grey, from the centre"), "grey"),
    (lint.american_spelling, put("measure", source="# analyse it\nassert True"), "analyse"),
    (lint.numbered_from_one, put("measure", execution_count=None), "expected 1 to 4"),
    (lint.numbered_from_one, put("check-it", execution_count=5), "expected 1 to 4"),
    (lint.everything_is_checked, describe("measure", tags=["live", "nbval-skip"]), "nbval-skip"),
    (lint.everything_is_checked, put("measure", source="print(time())"), "no assert"),
    (lint.everything_is_checked, put("measure", source="# NBVAL_SKIP\nassert 1"), "NBVAL_SKIP"),
    (lint.imports_first, put("imports-and-seed", source="import numpy as np"), "no a seed"),
    (lint.imports_first, put("imports-and-seed", source="rng = default_rng(0)"), "no imports"),
    (lint.balanced, say("prose " * 300), "words of prose"),
    (lint.balanced, put("measure", source="a + b\n" * 90), "words of prose"),
    (lint.length, too_few, "17 cells"),
    (lint.length, too_many, "cells, expected"),
    (lint.slides, describe("measure", slideshow={}), "slide_type None"),
    (lint.slides, no_live_cell, "tagged live"),
    (lint.valid_nbgrader, grade(schema_version=2), "schema 2"),
    (lint.valid_nbgrader, grade(points=None), "None points"),
    (lint.valid_nbgrader, grade(points=0), "add up to 0"),
    (lint.valid_nbgrader, grade(grade=False), "not graded"),
    (lint.valid_nbgrader, grade(grade_id=""), "grade_id"),
    (lint.valid_nbgrader, grade(locked="yes"), "lacks nbgrader's locked"),
    (lint.valid_nbgrader, describe("measure", nbgrader=graded("check-it", 1)), "no other cell"),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_rule_is_silent_about_a_good_notebook(rule, good):
    assert rule(*good) == []


@pytest.mark.parametrize(
    ("rule", "plant", "words"),
    PLANTED,
    ids=[f"{rule.__name__}-{words}" for rule, _, words in PLANTED],
)
def test_a_rule_finds_what_was_planted(rule, plant, words, good):
    notebook, path = good
    damaged = copy.deepcopy(notebook)
    plant(damaged)
    said = "\n".join(rule(damaged, path))
    assert words in said, f"{rule.__name__} said {said!r}, expected {words!r} in it"


def test_every_rule_has_something_planted():
    assert {rule for rule, _, _ in PLANTED} == set(RULES)


@pytest.mark.parametrize(
    "fine",
    [
        "The factorial $n!$ grows, and $$n! > 2^n$$ for large n.",
        "Write `x != y`, or x != y.",
        "```\nprint('Hello!')\n```",
        "![a hill](02_other.ipynb)\n*A hill.*",
        "The analyses and the optimists agree, precisely and otherwise.",
        "See [the paper](https://example.org/colour) and <https://example.org/!>.",
        "The address of row 0x10 is `0x10`.",
        "## Another part\n\n### BEGIN SOLUTION\nIt rises.\n### END SOLUTION\n\n### A part of it",
    ],
    ids=["factorial", "unequal", "fence", "picture", "spelling", "web", "short hex", "nbgrader"],
)
def test_what_is_fine_stays_fine(fine, good):
    notebook, path = good
    say(fine)(notebook)
    faults = [fault for rule in lint.ANYWHERE for fault in rule(notebook, path)]
    assert not faults


@pytest.mark.parametrize(
    ("path", "rule", "applies"),
    [
        ("notebooks/01_a.ipynb", lint.slides, True),
        ("notebooks/00_start_here.ipynb", lint.slides, False),
        ("notebooks/16_lecture_numbers.ipynb", lint.length, True),
        ("notebooks/00_start_here.ipynb", lint.numbered_from_one, True),
        ("solutions/01_a/a.ipynb", lint.numbered_from_one, True),
        ("solutions/01_a/a.ipynb", lint.valid_nbgrader, True),
        ("exercises/01_a/a.ipynb", lint.numbered_from_one, False),
        ("exercises/01_a/a.ipynb", lint.calm_prose, True),
    ],
)
def test_rules_know_what_they_are_for(path, rule, applies):
    assert (rule in lint.rules_for(Path(path))) == applies
