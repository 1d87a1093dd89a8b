"""The magics, in a kernel that gets the messages of JupyterLab: a lecturer is never stuck, and loses nothing."""

import re

import pytest
from room import room, text_of

from coursekit.chapters import chapter
from coursekit.live.lecture import LECTURER, lecture_copy
from coursekit.live.room import KEYS
from coursekit.live.script import read_script
from coursekit.notebooks import read
from coursekit.paths import MARKER, course_root

FIRST = chapter(1)
SCRIPT = read_script(FIRST)
LOOP = SCRIPT.part("slide-in-a-loop")
ALONE = "predict"  # no cell of the chapter


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("work")
    (folder / MARKER).mkdir()
    return folder


@pytest.fixture(scope="module")
def open_room(place):
    with room(place, "live/01_convolution_1d.ipynb") as opened:
        yield opened


@pytest.fixture
def lab(open_room):
    """The lecture copy of chapter 01, on a kernel that has run its first cells."""
    open_room.open(lecture_copy(FIRST, read(course_root() / FIRST.notebook), LECTURER))
    open_room.run("lecture")
    return open_room


def typed_file(place):
    return (place / MARKER / "live" / "01_convolution_1d.typed.py").read_text()


# -- reveal


def test_reveal_puts_the_reference_in_place(lab):
    assert text_of(lab.run(LOOP.id, "%reveal")) == ""
    assert lab.cells[LOOP.id] == LOOP.source


def test_reveal_below_the_prompt(lab):
    lab.run(LOOP.id, f"{LOOP.prompt}\n%reveal")
    assert lab.cells[LOOP.id] == LOOP.source


@pytest.mark.parametrize(
    "typed", ["mine = 17", "for half a", "def broken(:\n    'never closed", "%%timeit\npass"]
)
def test_what_was_typed_neither_runs_nor_gets_lost(lab, place, typed):
    said = text_of(lab.run(LOOP.id, f"{LOOP.prompt}\n{typed}\n%reveal"))
    assert "What you typed is kept in 01_convolution_1d.typed.py" in said
    assert lab.cells[LOOP.id] == LOOP.source
    assert typed in typed_file(place)
    assert text_of(lab.run(ALONE, "'mine' in globals()")) == "False"


def test_what_cannot_be_written_down_stands_below_as_comments(lab, place):
    file = place / MARKER / "live" / "01_convolution_1d.typed.py"
    file.parent.mkdir(exist_ok=True)
    file.unlink(missing_ok=True)
    file.mkdir()
    try:
        lab.run(LOOP.id, "mine = 17\n%reveal")
    finally:
        file.rmdir()
    assert lab.cells[LOOP.id] == f"{LOOP.source}\n\n# typed before:\n# mine = 17"


def test_the_reference_itself_is_nothing_to_keep(lab):
    assert text_of(lab.run(LOOP.id, f"{LOOP.source}\n%reveal")) == ""


def test_revealing_leaves_nothing_in_the_kernel(lab):
    """So the cells of a lecture, each revealed and run, do what the chapter's cells do one after the other."""
    everything = (
        "import os as _os, pickle as _pickle, random as _random, sys as _sys\n"
        "print({name: id(thing) for name, thing in globals().items() if name[0] != '_'}, _os.getcwd(), "
        "hash((_pickle.dumps(_random.getstate()), _pickle.dumps(np.random.get_state()))), rng.bit_generator.state, "
        "hash(str(np.get_printoptions())), hash(str(_sys.modules['matplotlib'].rcParams)))"
    )
    lab.run(LOOP.id, "%catchup")
    before = text_of(lab.run(ALONE, everything))
    assert "'rng'" in before
    for line in (
        "%reveal",
        f"{LOOP.prompt}\n%reveal",
        f"{LOOP.prompt}\nmine = 17\n%reveal next line",
    ):
        lab.run(LOOP.id, line)
        assert text_of(lab.run(ALONE, everything)) == before
    lab.run(ALONE, "mine = rng.normal()")
    assert text_of(lab.run(ALONE, everything)) != before


def test_reveal_line_by_line(lab):
    lab.run(LOOP.id, f"{LOOP.prompt}\n%reveal next line")
    assert lab.cells[LOOP.id] == "y = []"
    lab.run(LOOP.id, lab.cells[LOOP.id] + "\n# my own line\n%reveal next line")
    assert lab.cells[LOOP.id] == "y = []\n# my own line\nfor i in range(len(x)):"


def test_after_the_last_line_it_says_so(lab):
    assert "Every line of the reference is there" in text_of(
        lab.run(LOOP.id, f"{LOOP.source}\n%reveal next line")
    )
    assert lab.cells[LOOP.id] == LOOP.source


def test_the_number_of_another_cell(lab):
    lab.run(ALONE, "%reveal 4")
    assert lab.cells[ALONE] == LOOP.source


def test_a_copied_cell_is_known_by_its_prompt(lab):
    lab.run(ALONE, f"{LOOP.prompt}\n%reveal")
    assert lab.cells[ALONE] == LOOP.source


# -- peek and diff


def test_peek_shows_the_reference_and_leaves_the_cell(lab):
    assert text_of(lab.run(LOOP.id, f"{LOOP.prompt}\ny = [\n%peek")) == LOOP.source
    assert lab.cells[LOOP.id] == f"{LOOP.prompt}\ny = ["


def test_diff_shows_what_differs_and_leaves_the_cell(lab):
    wrong = LOOP.source.replace("y = []", "y = [0]")
    said = text_of(lab.run(LOOP.id, f"{wrong}\n%diff"))
    assert "- y = [0]\n+ y = []" in said
    assert lab.cells[LOOP.id] == wrong


def test_a_key_pressed_in_the_middle_of_a_line_joins_it_again(lab):
    key = next(one for one in KEYS if one.magic == "%diff")
    said = text_of(lab.run(LOOP.id, f"y = [0{key.text}]"))
    assert "- y = [0]" in said
    assert lab.cells[LOOP.id] == "y = [0]"


# -- catchup


def test_catchup_on_a_fresh_kernel_gives_what_the_chapter_shows(lab):
    last = SCRIPT.part("check-the-gradient")
    lab.restart()
    lab.run(ALONE, "%load_ext coursekit.live")
    assert "cells [1] to [18] have run" in text_of(lab.run(last.id, f"{last.prompt}\n%catchup"))
    assert lab.cells[last.id] == last.prompt
    lab.run(last.id, "%reveal")
    stored = next(cell for cell in read(course_root() / FIRST.notebook).cells if cell.id == last.id)
    assert text_of(lab.run(last.id)) == text_of(stored.outputs)


def test_catchup_mends_overwritten_names(lab):
    lab.run(ALONE, "len = range = sum = 3; np = None; mine = 4")
    assert "have run" in text_of(lab.run(SCRIPT.parts[-1].id, "%catchup"))
    assert (
        text_of(lab.run(ALONE, "len([1, 2]), sum(range(3)), 'mine' in globals()"))
        == "(2, 3, False)"
    )


def test_random_numbers_go_on_as_in_the_chapter_whatever_was_drawn(lab, place):
    last, draw = SCRIPT.parts[-1].id, "print(rng.normal())"
    lab.run(last, "%catchup")
    first = text_of(lab.run(last, draw))
    lab.run(ALONE, "rng.normal(size=7)")
    assert text_of(lab.run(last, draw)) == first
    for snapshot in (place / MARKER).rglob("[0-9]*.pickle"):
        snapshot.unlink()  # or nothing would run again
    lab.run(last, "%catchup")
    assert text_of(lab.run(last, draw)) == first


def test_catchup_in_the_first_cell(lab):
    assert "the kernel is empty" in text_of(lab.run(SCRIPT.parts[0].id, "%catchup"))


def test_a_reference_that_fails_is_named(lab):
    lab.run(ALONE, "import numpy; keep = numpy.array; numpy.array = None")
    try:
        outputs = lab.run(SCRIPT.parts[3].id, "%catchup")
    finally:
        lab.restart()
    assert re.search(
        r"the reference of cell \[\d\] \(.*\) raised TypeError: .* Restart the kernel",
        text_of(outputs),
        re.S,
    )
    assert not any(one["output_type"] == "error" for one in outputs)


# -- what goes wrong


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("%reveal 99", "chapter 01 has no cell [99]; its code cells are [1] to [22]."),
        ("%reveal 0", "chapter 01 has no cell [0]"),
        (
            "%reveal everything",
            "`%reveal everything` is not understood. Give nothing, `next line`, or the number",
        ),
        ("%peek a", "`%peek a` is not understood. Give nothing, or the number of a cell"),
        ("%diff -1", "`%diff -1` is not understood"),
        ("%catchup now", "`%catchup now` is not understood"),
        ("%reveal", "this cell is none of the chapter's: was it added or copied?"),
    ],
)
def test_a_slip_gets_one_sentence_and_the_cell_keeps_what_was_typed(lab, line, sentence):
    outputs = lab.run(ALONE, f"x = [\n{line}")
    assert sentence in text_of(outputs)
    assert not any(one["output_type"] == "error" for one in outputs)
    assert lab.cells[ALONE] == "x = ["


@pytest.mark.parametrize("line", ["%lecture", "%lecture two", "%lecture 17"])
def test_no_such_chapter(lab, line):
    assert "names no chapter: give a number from 1 to 16" in text_of(lab.run(ALONE, line))


def test_the_timer_follows_the_cells(lab):
    lab.run(ALONE, "%timer 30")
    assert "30:00" in text_of(lab.run(ALONE, "get_ipython()._coursekit_lecture.timer.html()"))
    lab.run(LOOP.id, "1")
    assert "A noisy sensor, planned 2:00" in text_of(
        lab.run(ALONE, "get_ipython()._coursekit_lecture.timer.html()")
    )


def test_every_kernel_of_the_environment_knows_the_magics_even_after_a_restart(place):
    with room(place, "live/01_convolution_1d.ipynb") as lab:
        for _ in range(2):
            lab.run(LOOP.id, "%reveal")
            assert lab.cells[LOOP.id] == LOOP.source
            lab.restart()
            lab.type(LOOP.id, "")


def test_a_notebook_with_another_name(place):
    with room(place, "renamed.ipynb") as lab:
        lab.run("a", "%load_ext coursekit.live")
        lab.run(LOOP.id, "%reveal")
        assert lab.cells[LOOP.id] == LOOP.source  # the only chapter with such a cell


def test_neither_the_name_nor_the_cell_says_which_chapter(place):
    with room(place, "renamed.ipynb") as lab:
        lab.run("a", "%load_ext coursekit.live")
        assert "which chapter is this?" in text_of(lab.run("a", "%reveal 4"))
        assert "Convolution in one dimension" in text_of(lab.run("a", "%lecture 1"))
        lab.run("a", "%reveal 4")
        assert lab.cells["a"] == LOOP.source


def test_a_program_that_does_not_say_which_cell_it_runs(place):
    with room(place, "live/01_convolution_1d.ipynb", says_cell=False) as lab:
        lab.run("a", "%load_ext coursekit.live")
        assert "does not say which cell it runs. Give the number" in text_of(
            lab.run("b", "%reveal")
        )
        assert LOOP.source in text_of(lab.run("b", "%reveal 4"))
        assert LOOP.source in text_of(lab.run("b", "%peek 4"))
        assert "have run" in text_of(lab.run("b", "%catchup 4"))


def test_loaded_twice_and_taken_out(place):
    with room(place) as lab:
        lab.run("a", "%load_ext coursekit.live\n%reload_ext coursekit.live")
        lab.run("a", "%lecture 1")
        lab.run("b", "%reveal 4")
        assert lab.cells["b"] == LOOP.source
        lab.run("a", "%unload_ext coursekit.live")
        assert "%reveal` not found" in text_of(lab.run("a", "%reveal 4"))
