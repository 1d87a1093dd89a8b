"""Merging a new version of a notebook into a learner's copy: every rule, then all of them at
random."""

import copy
from itertools import count

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

from coursekit.study.working_copy.cells import KEPT
from coursekit.study.working_copy.merge import merge

MAKERS = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}


def cell(name, source, role="prose", kind="code", **metadata):
    """A course cell; its role is prose, answer, check or task text."""
    one = MAKERS[kind](source, id=name, metadata=copy.deepcopy(metadata))
    if role != "prose":
        one.metadata["nbgrader"] = {
            "grade_id": f"grade-{name}",
            "solution": role == "answer",
            "grade": role == "check",
            "locked": role in ("check", "task"),
            "points": 1,
            "schema_version": 3,
            "task": False,
        }
    return one


def book(*cells, **metadata):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return copy.deepcopy(
        new_notebook(cells=list(cells), metadata={"kernelspec": kernel, **metadata})
    )


def merged(base, mine, new, **options):
    """Merge, and check what holds for every merge: valid, inputs untouched, a second merge changes
    nothing."""
    before = copy.deepcopy((base, mine, new))
    result = merge(base, mine, new, **options).notebook
    assert (base, mine, new) == before
    nbformat.validate(result)
    for again in (base, new) if base is not None else (new,):
        assert merge(again, result, new, **options).notebook == result
    return result


def sources(notebook):
    return [one.source for one in notebook.cells]


def edit(notebook, name, **changes):
    result = copy.deepcopy(notebook)
    next(one for one in result.cells if one.id == name).update(changes)
    return result


# --- answers ------------------------------------------------------------------


def test_an_answer_is_kept_and_the_text_around_it_renewed():
    base = book(cell("text", "old text", kind="markdown"), cell("a", "...", "answer"))
    new = book(cell("text", "new text", kind="markdown"), cell("a", "...", "answer"))
    mine = edit(base, "a", source="return 42")

    outcome = merge(base, mine, new)

    assert sources(outcome.notebook) == ["new text", "return 42"]
    assert (outcome.new_text, outcome.answers, outcome.notes) == (1, 1, [])
    merged(base, mine, new)


def test_an_untouched_answer_cell_gets_the_new_stub():
    base, new = book(cell("a", "old stub", "answer")), book(cell("a", "new stub", "answer"))

    assert sources(merged(base, base, new)) == ["new stub"]


def test_an_answer_is_kept_when_its_stub_changed_and_the_learner_is_told():
    base, new = book(cell("a", "old stub", "answer")), book(cell("a", "new stub", "answer"))
    mine = edit(base, "a", source="my answer")

    assert sources(merged(base, mine, new)) == ["my answer"]
    assert "grade-a" in merge(base, mine, new).notes[0]


def test_an_answer_in_a_cell_of_the_wrong_type_becomes_an_answer_again():
    base = book(cell("a", "...", "answer"))
    mine = copy.deepcopy(base)
    mine.cells[0] = cell("a", "return 42", "answer", kind="markdown")

    result = merged(base, mine, base)

    assert (result.cells[0].cell_type, result.cells[0].source) == ("code", "return 42")
    assert "markdown" in merge(base, mine, base).notes[0]


def test_an_answer_keeps_its_own_output_and_pasted_pictures():
    base = book(cell("a", "...", "answer"), cell("w", "Write here", "answer", kind="markdown"))
    mine = edit(base, "a", source="1 + 1", outputs=[new_output("stream", text="2")])
    mine = edit(
        mine, "w", source="![](attachment:x.png)", attachments={"x.png": {"image/png": "AA"}}
    )
    new = book(cell("a", "....", "answer"), cell("w", "Write here!", "answer", kind="markdown"))

    result = merged(base, mine, new)

    assert result.cells[0].outputs[0].text == "2"
    assert result.cells[1].attachments == {"x.png": {"image/png": "AA"}}


def test_a_pasted_picture_alone_is_an_answer():
    base = book(cell("w", "![](attachment:x.png)", "answer", kind="markdown"))
    mine = edit(base, "w", attachments={"x.png": {"image/png": "AA"}})
    new = edit(base, "w", source="Paste your picture here")

    assert merged(base, mine, new).cells[0].attachments == {"x.png": {"image/png": "AA"}}


def test_without_a_base_an_answer_that_differs_from_the_stub_is_kept():
    new = book(cell("a", "new stub", "answer"))
    mine = book(cell("a", "my answer or an old stub, who knows", "answer"))

    assert sources(merged(None, mine, new)) == sources(mine)


def test_without_a_base_nbgraders_checksum_tells_an_old_stub_from_an_answer():
    from nbgrader.utils import compute_checksum

    old = book(cell("a", "old stub", "answer"), cell("t", "old task", "task", kind="markdown"))
    for one in old.cells:
        one.metadata.nbgrader["checksum"] = compute_checksum(one)
    new = book(cell("a", "new stub", "answer"), cell("t", "new task", "task", kind="markdown"))

    assert sources(merged(None, old, new)) == ["new stub", "new task"]
    assert sources(merged(None, edit(old, "a", source="mine"), new)) == ["mine", "new task"]


# --- other cells --------------------------------------------------------------


def test_a_cell_that_only_the_learner_changed_stays_changed():
    base = book(cell("c", "x = 1"), cell("m", "text", kind="markdown"))
    mine = edit(edit(base, "c", source="x = 2"), "m", source="my text")

    assert merged(base, mine, base) == mine


@pytest.mark.parametrize("kind", ["code", "markdown", "raw"])
def test_of_a_cell_that_both_changed_both_versions_stand_there(kind):
    base = book(cell("c", "old", kind=kind), cell("d", "after"))
    mine = edit(base, "c", source="line one\nline two")
    new = edit(base, "c", source="new")

    result = merged(base, mine, new)

    assert [one.id for one in result.cells][::2] == ["c", "d"]
    assert result.cells[0].source == "new"
    kept = result.cells[1]
    assert kept.cell_type == kind
    assert kept.metadata.tags == [KEPT]
    first, rest = kept.source.split("\n", 1)
    assert "Kept by coursekit update" in first
    assert first.startswith("# " if kind == "code" else "> ")
    assert rest.strip() == "line one\nline two"


def test_a_kept_cell_magic_stays_in_the_first_line():
    base = book(cell("c", "old"))
    mine = edit(base, "c", source="%%time\nwork()")

    kept = merged(base, mine, edit(base, "c", source="new")).cells[1].source.splitlines()

    assert kept[0] == "%%time"
    assert kept[1].startswith("# Kept by coursekit update")
    assert kept[2] == "work()"


def test_both_making_the_same_change_is_no_conflict():
    base, new = book(cell("c", "teh")), book(cell("c", "the"))

    assert sources(merged(base, new, new)) == ["the"]


@pytest.mark.parametrize("role", ["prose", "check"])
def test_of_an_emptied_cell_there_is_nothing_to_keep(role):
    base = book(cell("c", "old", role), cell("d", "dropped", role))
    mine = edit(edit(base, "c", source=" \n"), "d", source="")
    new = book(cell("c", "new", role))

    assert merged(base, mine, new) == new


@pytest.mark.parametrize("role", ["check", "task"])
def test_checks_and_task_texts_are_the_courses_and_an_edited_one_is_kept_below(role):
    base = book(cell("c", "check('1.2')", role))
    mine = edit(base, "c", source="check('1.2')\nprint(x)")

    result = merged(base, mine, base)

    assert result.cells[0] == base.cells[0]
    assert result.cells[1].source.endswith("check('1.2')\nprint(x)")
    assert "nbgrader" not in result.cells[1].metadata
    assert "belongs to the course" in merge(base, mine, base).notes[0]


def test_a_picture_pasted_into_a_task_text_is_kept_below():
    base = book(cell("t", "Draw it", "task", kind="markdown"))
    mine = edit(base, "t", attachments={"x.png": {"image/png": "AA"}})

    result = merged(base, mine, base)

    assert result.cells[0] == base.cells[0]
    assert result.cells[1].attachments == {"x.png": {"image/png": "AA"}}


def test_a_check_whose_type_changed_is_mended_without_a_copy():
    base = book(cell("c", "check('1.2')", "check"))
    mine = book(cell("c", "check('1.2')", "check", kind="markdown"))

    assert merged(base, mine, base) == base


def test_the_same_edit_is_kept_once():
    base = book(cell("c", "check()", "check"))
    first = merged(base, edit(base, "c", source="mine"), base)
    second = merged(base, edit(first, "c", source="mine"), base)

    assert sources(second) == sources(first)


def test_a_course_cell_that_changed_its_type_follows_the_course():
    base, new = book(cell("c", "text")), book(cell("c", "text", kind="markdown"))

    assert merged(base, base, new).cells[0].cell_type == "markdown"


def test_outputs_stay_with_the_text_they_came_from():
    def shown(text):
        return [new_output("stream", text=text)]

    base = book(*(cell(name, name) for name in "abc"))
    for one in base.cells:
        one.update(outputs=shown("course, old"), execution_count=1)
    mine = edit(base, "a", outputs=shown("mine"), execution_count=7)
    mine = edit(mine, "b", outputs=shown("mine"), execution_count=8)
    new = edit(base, "b", source="b, new")
    for one in new.cells:
        one.update(outputs=shown("course, new"), execution_count=2)

    result = merged(base, mine, new)

    said = [(one.outputs[0].text, one.execution_count) for one in result.cells]
    assert said == [("mine", 7), ("course, new", 2), ("course, new", 2)]


# --- cells that come and go ---------------------------------------------------


def test_added_cells_stay_below_the_cell_they_stood_below_and_travel_with_it():
    a, b, c = (cell(name, name) for name in "abc")
    own = [cell(f"own{number}", f"mine {number}") for number in range(4)]
    base, new = book(a, b, c), book(c, b, a)
    mine = book(own[0], a, own[1], own[2], b, c, own[3])

    assert sources(merged(base, mine, new)) == [
        "mine 0",
        "c",
        "mine 3",
        "b",
        "a",
        "mine 1",
        "mine 2",
    ]


def test_the_order_of_the_course_comes_back():
    a, b = cell("a", "a"), cell("b", "b")

    assert sources(merged(book(a, b), book(b, cell("own", "own"), a), book(a, b))) == [
        "a",
        "b",
        "own",
    ]


def test_a_new_cell_of_the_course_comes_in_its_place():
    a, b = cell("a", "a"), cell("b", "b")

    outcome = merge(book(a, b), book(a, b), book(a, cell("n", "n"), b))

    assert sources(outcome.notebook) == ["a", "n", "b"]
    assert outcome.new_text == 1


@pytest.mark.parametrize("role", ["answer", "check", "task"])
def test_a_deleted_exercise_cell_comes_back_everywhere(role):
    a, b = cell("a", "a"), cell("b", "b", role)

    assert merged(book(a, b), book(a), book(a, b), restore_deleted=False) == book(a, b)
    assert "is back" in merge(book(a, b), book(a), book(a, b)).notes[0]


def test_a_deleted_cell_of_a_chapter_stays_deleted_until_the_course_changes_it():
    base = book(cell("a", "a"), cell("b", "b"))
    mine = book(cell("a", "a"))
    new = edit(base, "b", source="b, better")

    assert merged(base, mine, base, restore_deleted=False) == mine
    assert sources(merged(base, mine, new, restore_deleted=False)) == ["a", "b, better"]


def test_any_deleted_cell_of_an_exercise_notebook_comes_back():
    base = book(cell("a", "a"), cell("b", "b"))

    assert merged(base, book(cell("a", "a")), base, restore_deleted=True) == base


def test_a_cell_that_the_course_dropped_goes_unless_the_learner_changed_it():
    base = book(cell("a", "a"), cell("b", "b"), cell("c", "...", "answer"), cell("d", "d"))
    mine = edit(edit(base, "b", source="my b"), "c", source="my answer")
    new = book(cell("a", "a"))

    outcome = merge(base, mine, new)

    assert sources(outcome.notebook) == ["a", "my b", "my answer"]
    assert all(one.metadata.tags == [KEPT] for one in outcome.notebook.cells[1:])
    assert "nbgrader" not in outcome.notebook.cells[2].metadata
    assert outcome.removed == 1
    assert len(outcome.notes) == 2
    merged(base, mine, new)


def test_a_dropped_cell_that_returns_is_a_course_cell_again():
    base = book(cell("a", "a"), cell("c", "...", "answer"))
    without = book(cell("a", "a"))
    kept = merged(base, edit(base, "c", source="my answer"), without)

    result = merged(without, kept, base)

    assert sources(result) == ["a", "my answer"]
    assert result.cells[1].metadata == base.cells[1].metadata


def test_a_copy_of_an_answer_does_not_carry_nbgraders_name():
    base = book(cell("a", "...", "answer", deletable=False))
    mine = copy.deepcopy(base)
    mine.cells.append(cell("copy", "second try", "answer", deletable=False))
    mine.cells[1].metadata.nbgrader.grade_id = "grade-a"

    result = merged(base, mine, base)

    assert sources(result) == ["...", "second try"]
    assert result.cells[1].metadata == {}


# --- ids and metadata ---------------------------------------------------------


def with_other_ids(notebook):
    fresh = count()
    result = copy.deepcopy(notebook)
    for one in result.cells:
        one.id = f"other{next(fresh)}"
    return result


def test_renewed_ids_are_found_by_grade_id_and_by_unchanged_text():
    base = book(
        cell("m", "text", kind="markdown"),
        cell("a", "...", "answer"),
        cell("t", "check()", "check"),
    )
    new = edit(edit(base, "m", source="new text"), "t", source="check(2)")
    mine = with_other_ids(edit(base, "a", source="my answer"))

    result = merged(base, mine, new)

    assert sources(result) == ["new text", "my answer", "check(2)"]
    assert [one.id for one in result.cells] == ["m", "a", "t"]


def test_renewed_ids_without_a_base():
    new = book(cell("m", "text", kind="markdown"), cell("a", "...", "answer"))
    mine = with_other_ids(edit(new, "a", source="my answer"))

    assert sources(merged(None, mine, new)) == ["text", "my answer"]


def test_a_pasted_answer_takes_the_place_of_the_one_that_was_cut():
    base = book(cell("a", "...", "answer"), cell("t", "check()", "check"))
    mine = edit(edit(base, "a", source="my answer"), "a", id="pasted")

    result = merged(base, mine, base)

    assert [(one.id, one.source) for one in result.cells] == [("a", "my answer"), ("t", "check()")]


def test_ids_that_the_course_renewed_are_followed():
    base = book(cell("a", "...", "answer"))
    new = edit(base, "a", id="renamed", source="new stub")

    assert sources(merged(base, edit(base, "a", source="mine"), new)) == ["mine"]


def test_text_that_the_learner_typed_anew_is_not_mistaken_for_a_dropped_cell():
    base = book(cell("a", "a"), cell("b", "same text"))
    mine = book(cell("a", "a"), cell("own", "same text"))

    assert sources(merged(base, mine, book(cell("a", "a")))) == ["a", "same text"]


def test_metadata_of_a_cell_is_the_courses_but_for_what_a_person_sets():
    base = book(cell("c", "c", tags=["old"], slide="a", gone=1))
    new = book(cell("c", "c", tags=["new"], slide="b", jupyter={"source_hidden": True}))
    mine = copy.deepcopy(base)
    mine.cells[0].metadata.update(tags=["old", "own"], tool={"x": 1}, collapsed=True)

    assert merged(base, mine, new).cells[0].metadata == {
        "tags": ["new", "own"],
        "slide": "b",
        "tool": {"x": 1},
        "collapsed": True,
    }


def test_nbgraders_marks_are_always_the_courses():
    base = book(cell("a", "...", "answer"))
    mine = copy.deepcopy(base)
    mine.cells[0].metadata.nbgrader["points"] = 1000

    assert merged(base, mine, base) == base


def test_notebook_metadata_keeps_the_learners_keys_and_the_courses_kernel():
    base = book(title="old", theirs=1)
    new = book(title="new", added=2)
    mine = book(title="old", theirs=1, toc={"own": True})
    mine.metadata.kernelspec = {"name": "my-env", "display_name": "Mine", "language": "python"}

    assert merged(base, mine, new).metadata == {
        "kernelspec": new.metadata.kernelspec,
        "title": "new",
        "added": 2,
        "toc": {"own": True},
    }


def test_another_display_name_of_the_same_kernel_is_left_alone():
    mine = book()
    mine.metadata.kernelspec.display_name = "Python 3 (ipykernel)"

    assert merged(book(), mine, book()) == mine


# --- everything at once -------------------------------------------------------

KINDS = st.sampled_from(["code", "markdown", "raw"])
ROLES = st.sampled_from(["prose", "answer", "check", "task"])
NAMES = [f"n{number}" for number in range(8)]
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=12)


@st.composite
def courses(draw):
    """Two versions of a course notebook that share some cells."""
    roles = {name: (draw(ROLES), draw(KINDS)) for name in NAMES}

    def version():
        names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=6))
        texts = {name: draw(st.sampled_from(["one", "two", "", "  "])) for name in names}
        return book(*(cell(name, texts[name], *roles[name]) for name in names))

    return version(), version()


@st.composite
def learners(draw, base):
    """A learner's copy of the base and the texts that the learner typed."""
    mine, typed, fresh = copy.deepcopy(base), [], count()

    def type_something():
        # marked, so that it can be told from all that the course says
        text = f"mine{next(fresh)} {draw(TEXT)}"
        typed.append(text)
        return text

    actions = st.sampled_from(
        ["change", "delete", "add", "move", "copy", "type", "empty", "run", "tag"]
    )
    for action in draw(st.lists(actions, max_size=8)):
        place = draw(st.integers(0, max(0, len(mine.cells) - 1)))
        if action == "add":
            mine.cells.insert(place, cell(f"own{next(fresh)}", type_something(), kind=draw(KINDS)))
        elif not mine.cells:
            continue
        elif action == "change":
            mine.cells[place].source = type_something()
        elif action == "delete":
            text = mine.cells.pop(place).source
            if text not in sources(mine):
                typed = [one for one in typed if one != text]
        elif action == "move":
            mine.cells.insert(draw(st.integers(0, len(mine.cells))), mine.cells.pop(place))
        elif action == "copy":
            twin = copy.deepcopy(mine.cells[place])
            twin.id = f"copy{next(fresh)}"
            mine.cells.insert(place, twin)
        elif action == "type":
            old = mine.cells[place]
            mine.cells[place] = MAKERS[draw(KINDS)](old.source, id=old.id, metadata=old.metadata)
        elif action == "empty":
            typed = [one for one in typed if one != mine.cells[place].source]
            mine.cells[place].source = ""
        elif action == "run" and mine.cells[place].cell_type == "code":
            mine.cells[place].outputs = [new_output("stream", text=f"output {next(fresh)}")]
        elif action == "tag":
            mine.cells[place].metadata["tags"] = draw(st.sampled_from([["own"], [], [KEPT]]))
    present = sources(mine)
    typed = [text for text in typed if text in present]
    if draw(st.integers(0, 4)) == 0:
        mine = with_other_ids(mine)
    return mine, typed


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.booleans(), st.booleans())
def test_whatever_both_sides_do_nothing_typed_is_lost(data, restore_deleted, base_lost):
    base, new = data.draw(courses())
    mine, typed = data.draw(learners(base))
    before = copy.deepcopy((base, mine, new))
    known = None if base_lost else base

    result = merge(known, mine, new, restore_deleted=restore_deleted).notebook

    assert (base, mine, new) == before
    nbformat.validate(result)
    ids = [one.id for one in result.cells]
    assert len(set(ids)) == len(ids)
    names = [one.metadata.nbgrader.grade_id for one in result.cells if "nbgrader" in one.metadata]
    assert len(set(names)) == len(names)
    for text in typed:
        assert any(text in source for source in sources(result)), f"lost: {text!r}"
    there = {one.id: one for one in result.cells}
    for one in new.cells:
        role = one.metadata.get("nbgrader", {})
        if role:
            assert there[one.id].metadata.nbgrader == role
        if role.get("locked"):
            assert there[one.id].source == one.source
            assert there[one.id].cell_type == one.cell_type
    in_order = [one.id for one in new.cells if one.id in there]
    assert [name for name in ids if name in in_order] == in_order
    assert merge(new, result, new, restore_deleted=restore_deleted).notebook == result
    # a killed update may ask the old base once more; by then the ids are the course's again
    if not base_lost and set(ids) & {one.id for one in [*base.cells, *new.cells]}:
        assert merge(base, result, new, restore_deleted=restore_deleted).notebook == result


@settings(max_examples=100, deadline=None)
@given(st.data(), st.booleans())
def test_a_learner_who_changed_nothing_gets_exactly_the_course(data, restore_deleted):
    base, new = data.draw(courses())

    result = merge(base, base, new, restore_deleted=restore_deleted)

    assert result.notebook == new
    assert result.answers == 0
