"""A lecture copy is the chapter with gaps, and nothing that was typed in one is lost."""

import pytest

from coursekit.chapters import CHAPTERS, chapter
from coursekit.live.lecture import LECTURER, STUDENTS, LectureError, lecture_copy, make_copy
from coursekit.live.script import read_script
from coursekit.notebooks import DamagedNotebookError, read, write
from coursekit.paths import course_root

FIRST = chapter(1)
WRITTEN = [one for one in CHAPTERS if (course_root() / one.notebook).is_file()]


def published(one=FIRST):
    return read(course_root() / one.notebook)


@pytest.fixture
def root(tmp_path):
    """A course with one chapter."""
    folder = tmp_path / "course"
    write(published(), folder / FIRST.notebook)
    return folder


@pytest.mark.parametrize("audience", [LECTURER, STUDENTS])
@pytest.mark.parametrize("one", WRITTEN, ids=lambda one: one.folder)
def test_cells_and_ids_are_those_of_the_chapter(one, audience):
    chapters, made = published(one), lecture_copy(one, published(one), audience)
    ids = [cell.id for cell in made.cells if not cell.id.startswith("notes-")]
    assert ids == ["lecture", *(cell.id for cell in chapters.cells)]


@pytest.mark.parametrize("one", WRITTEN, ids=lambda one: one.folder)
def test_what_is_coded_live_is_left_out_and_the_rest_is_there(one):
    script = read_script(one)
    made = {cell.id: cell for cell in lecture_copy(one, published(one), LECTURER).cells}
    for part in script.parts:
        assert made[part.id].source == (part.prompt if part.live else part.source)
        assert made[part.id].outputs == []
        assert made[part.id].execution_count is None
    assert sum(part.live for part in script.parts) > 5


def test_speaker_notes_are_for_the_lecturer_alone():
    notebook = published()
    notebook.cells[2].metadata["coursekit"]["notes"] = "Wait for three answers."
    mine, theirs = (lecture_copy(FIRST, notebook, one) for one in (LECTURER, STUDENTS))
    place = [cell.id for cell in mine.cells].index(notebook.cells[2].id)
    notes = mine.cells[place + 1]
    assert "Wait for three answers." in notes.source
    assert notes.metadata.slideshow.slide_type == "notes"
    assert "Wait for three answers." not in str(theirs)
    assert not any(cell.id.startswith("notes-") for cell in theirs.cells)


def test_the_chapter_itself_is_not_changed():
    notebook = published()
    before = str(notebook)
    lecture_copy(FIRST, notebook, LECTURER)
    assert str(notebook) == before


def test_a_copy_is_written_once(root, work):
    first = make_copy(FIRST, root, work, LECTURER)
    assert first.path == work / "live" / "01_convolution_1d.ipynb"
    before = first.path.stat().st_mtime_ns
    again = make_copy(FIRST, root, work, LECTURER)
    assert "nothing typed in it" in again.sentence
    assert first.path.stat().st_mtime_ns == before


def test_both_copies_lie_side_by_side(root, work):
    paths = {make_copy(FIRST, root, work, one).path.name for one in (LECTURER, STUDENTS)}
    assert paths == {"01_convolution_1d.ipynb", "01_convolution_1d_students.ipynb"}


def type_in(path, text="y = 1"):
    notebook = read(path)
    next(cell for cell in notebook.cells if cell.id == "slide-in-a-loop").source = text
    write(notebook, path)


def test_a_copy_that_was_typed_in_stays(root, work):
    path = make_copy(FIRST, root, work, LECTURER).path
    type_in(path)
    before = path.read_bytes()
    assert (
        "something was typed in it. Add --fresh" in make_copy(FIRST, root, work, LECTURER).sentence
    )
    assert path.read_bytes() == before


def test_fresh_gives_it_another_name(root, work):
    path = make_copy(FIRST, root, work, LECTURER).path
    type_in(path)
    before = path.read_bytes()
    assert (
        "the one before is 01_convolution_1d.typed-1.ipynb"
        in make_copy(FIRST, root, work, LECTURER, True).sentence
    )
    assert path.with_name("01_convolution_1d.typed-1.ipynb").read_bytes() == before
    assert "y = 1" not in path.read_text()


def test_a_copy_that_only_ran_follows_the_chapter(root, work):
    path = make_copy(FIRST, root, work, LECTURER).path
    ran = read(path)
    ran.cells[2].execution_count = 3
    write(ran, path)
    newer = read(root / FIRST.notebook)
    newer.cells[2].source += "\n\nOne more sentence."
    write(newer, root / FIRST.notebook)
    assert "anew" in make_copy(FIRST, root, work, LECTURER).sentence
    assert "One more sentence." in path.read_text()


def test_a_deleted_or_copied_cell_counts_as_typed(root, work):
    path = make_copy(FIRST, root, work, LECTURER).path
    fewer = read(path)
    del fewer.cells[5]
    write(fewer, path)
    assert "stays as it is" in make_copy(FIRST, root, work, LECTURER).sentence


def test_a_damaged_copy_stays_until_fresh(root, work):
    path = work / "live" / "01_convolution_1d.ipynb"
    path.parent.mkdir()
    path.write_text("half a notebook")
    assert "cannot be read as a notebook" in make_copy(FIRST, root, work, LECTURER).sentence
    assert path.read_text() == "half a notebook"
    make_copy(FIRST, root, work, LECTURER, fresh=True)
    assert path.with_name("01_convolution_1d.typed-1.ipynb").read_text() == "half a notebook"


def test_a_chapter_that_is_not_written_is_named(root, work):
    with pytest.raises(LectureError, match="chapter 16 has no notebook yet"):
        make_copy(chapter(16), root, work, LECTURER)


def test_a_damaged_chapter_is_named(root, work):
    (root / FIRST.notebook).write_text("{}")
    with pytest.raises(DamagedNotebookError, match=r"01_convolution_1d\.ipynb is not a notebook"):
        make_copy(FIRST, root, work, LECTURER)


def test_a_folder_where_nothing_can_be_written(root, work):
    (work / "live").write_text("a file in the way")
    with pytest.raises(OSError, match="live"):
        make_copy(FIRST, root, work, LECTURER)
    assert (work / "live").read_text() == "a file in the way"
