"""Every entry of a folder of submissions becomes one student, whatever it is."""

import os
import shutil
from pathlib import Path

import pytest

from coursekit.chapters import chapter
from coursekit.grading.folder import FolderError, find_entries, read_students
from coursekit.grading.result import MISSING, UNREADABLE
from coursekit.paths import course_root
from coursekit.study.tasks import chapter_tasks

TASKS = chapter_tasks(chapter(1))
NOTEBOOK = course_root() / chapter(1).exercises
OTHER = course_root() / chapter(2).exercises


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "submissions").mkdir()
    return tmp_path / "submissions"


def hand_in(folder: Path, name: str, notebook: Path = NOTEBOOK) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(notebook, path)
    return path


def found(folder: Path, *students: str) -> dict[str, tuple[str, str]]:
    return {one.student: (one.file, one.state) for one in find_entries(folder, TASKS, students)}


def test_a_file_or_a_folder_for_each_student(folder):
    hand_in(folder, "anna.ipynb")
    hand_in(folder, "ben/renamed by my browser (2).ipynb")
    hand_in(folder, "Zoë Ünal_4711_assignsubmission_file/deep/down/here.IPYNB")
    assert found(folder) == {
        "anna": ("anna.ipynb", ""),
        "ben": ("ben/renamed by my browser (2).ipynb", ""),
        "Zoë Ünal_4711_assignsubmission_file": (
            "Zoë Ünal_4711_assignsubmission_file/deep/down/here.IPYNB",
            "",
        ),
    }


def test_the_notebook_of_this_chapter_is_chosen(folder):
    hand_in(folder, "anna/01_convolution_1d/convolution_1d.ipynb")
    hand_in(folder, "anna/02_convolution_2d/convolution_2d.ipynb", OTHER)
    assert found(folder)["anna"] == ("anna/01_convolution_1d/convolution_1d.ipynb", "")


def test_of_two_that_fit_one_is_graded_and_the_student_is_told(folder):
    hand_in(folder, "anna/a.ipynb")
    hand_in(folder, "anna/b.ipynb")
    (entry,) = find_entries(folder, TASKS)
    assert entry.file == "anna/b.ipynb"
    assert entry.note == "Your folder holds 2 notebooks of this chapter; graded is b.ipynb."


def test_what_computers_leave_in_folders_is_nobody(folder):
    hand_in(folder, "anna/convolution_1d.ipynb")
    hand_in(folder, "anna/.ipynb_checkpoints/convolution_1d-checkpoint.ipynb")
    hand_in(folder, "anna/__MACOSX/._convolution_1d.ipynb")
    for name in (".DS_Store", "Thumbs.db", "desktop.ini"):
        (folder / name).write_text("x")
    (folder / "__MACOSX").mkdir()
    assert found(folder) == {"anna": ("anna/convolution_1d.ipynb", "")}


def test_nothing_is_skipped(folder):
    (folder / "empty").mkdir()
    (folder / "wrong").mkdir()
    (folder / "wrong/essay.pdf").write_text("x")
    (folder / "essay.docx").write_text("x")
    hand_in(folder, "elsewhere/02/convolution_2d.ipynb", OTHER)
    hand_in(folder, "elsewhere/03/convolution_2d.ipynb", OTHER)
    entries = {one.student: one for one in find_entries(folder, TASKS)}
    assert {name: one.state for name, one in entries.items()} == {
        "empty": MISSING,
        "wrong": UNREADABLE,
        "essay": UNREADABLE,
        "elsewhere": MISSING,
    }
    assert "no notebook, only essay.pdf" in entries["wrong"].reason
    assert "no exercises of this chapter, only 02/" in entries["elsewhere"].reason


def test_links_and_pipes_in_a_folder_are_not_followed(folder):
    secret = hand_in(folder.parent, "secret/convolution_1d.ipynb")
    (folder / "anna").mkdir()
    (folder / "anna/mine.ipynb").symlink_to(secret)
    (folder / "ben").symlink_to(secret.parent)
    os.mkfifo(folder / "cleo.ipynb")
    entries = {one.student: one for one in find_entries(folder, TASKS)}
    assert set(entries) == {"anna", "ben", "cleo"}
    assert (
        entries["anna"].file == "anna/mine.ipynb"
    )  # and reading it refuses, see test_submission.py
    assert entries["ben"].file == "ben"


def test_who_is_on_the_list_and_handed_in_nothing_is_missing(folder):
    hand_in(folder, "Zoë.ipynb")
    decomposed = "Zoe\u0308"
    assert found(folder, decomposed, "Anna", "Anna") == {
        "Zoë": ("Zoë.ipynb", ""),
        "Anna": ("", MISSING),
    }


def test_nobody_is_graded_as_somebody_else(folder):
    hand_in(folder, "anna.ipynb")
    hand_in(folder, "anna/convolution_1d.ipynb")
    assert set(found(folder)) == {"anna (1)", "anna (2)"}


def test_the_order_does_not_depend_on_the_file_system(folder):
    for name in ("b", "A", "c", "ä"):
        hand_in(folder, f"{name}.ipynb")
    assert list(found(folder)) == ["A", "b", "c", "ä"]


def test_a_name_that_is_no_text(folder):
    shutil.copyfile(NOTEBOOK, os.fsencode(folder) + b"/\xff\xfe.ipynb")
    (entry,) = find_entries(folder, TASKS)
    assert entry.student.isprintable()
    assert (folder / entry.file).is_file()


@pytest.mark.parametrize("missing", [True, False])
def test_no_folder(folder, missing):
    path = folder / "nowhere"
    if not missing:
        path.write_text("x")
    with pytest.raises(FolderError, match="one folder or one notebook for each student"):
        find_entries(path, TASKS)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("anna\nben\n", ("anna", "ben")),
        ("student,mail\nanna,a@x\n\nben,b@x\n", ("anna", "ben")),
        ("\ufeffName;Mail\r\nZoë Ünal;z@x\r\n", ("Zoë Ünal",)),
        ('"Ünal, Zoë",z@x\n', ("Ünal, Zoë",)),
    ],
)
def test_a_list_of_students(tmp_path, text, names):
    path = tmp_path / "list.csv"
    path.write_bytes(text.encode())
    assert read_students(path) == names


@pytest.mark.parametrize(("data", "said"), [(b"", "no names"), (b"\xff\xfe\x00", "UTF-8")])
def test_a_list_that_is_none(tmp_path, data, said):
    path = tmp_path / "list.csv"
    path.write_bytes(data)
    with pytest.raises(FolderError, match=said):
        read_students(path)
    with pytest.raises(FolderError, match="cannot be read"):
        read_students(tmp_path / "nowhere.csv")
