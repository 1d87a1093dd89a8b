"""Points that people give: the file that keeps them, the sheet that they are typed into, and the way back."""

import csv
import errno
import io
import json
import os
import re
import unicodedata

import pytest
from class_results import code, prose, small_class, submission
from hypothesis import example, given, settings
from hypothesis import strategies as st

from coursekit.errors import CourseError
from coursekit.grading.reports.manual import load_manual, merge, save_manual
from coursekit.grading.reports.points import Given, comment_on, points_of, total, unread
from coursekit.grading.reports.sheet import cell, printable, read_table, table, unguarded
from coursekit.grading.reports.to_read import read_points, to_read_csv

CLASS = small_class()


def rows_of(text):
    assert text.startswith("\ufeff"), "Excel takes UTF-8 without the mark for Windows-1252"
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


@pytest.fixture
def sheet(tmp_path):
    """Write a sheet and read it back."""

    def read(content, results=CLASS, name="sheet.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_points(path, results)

    return read


def refusal(read, content, **options):
    with pytest.raises(CourseError) as error:
        read(content, **options)
    return str(error.value)


# --- what an answer scores -------------------------------------------------------------------------------------


def test_given_points_count_for_written_answers_only():
    zoe = CLASS[0]
    manual = {("zoe", "1.7"): Given(1.5, "Good."), ("zoe", "1.2"): Given(0, "no")}
    assert [points_of("zoe", task, manual) for task in zoe.tasks] == [3, 1.5, 0.5, None]
    assert [comment_on("zoe", task, manual) for task in zoe.tasks] == ["", "Good.", "", ""]
    assert (total(zoe, manual), unread(zoe, manual)) == (5, 1)


def test_a_comment_alone_leaves_an_answer_unread():
    zoe = CLASS[0]
    manual = {("zoe", "1.7"): Given(None, "Ask her.")}
    assert (total(zoe, manual), unread(zoe, manual)) == (3.5, 2)


def test_nothing_known_is_not_zero():
    assert total(CLASS[3], {}) is None
    assert total(submission("eva", prose("1.7")), {}) is None
    assert total(submission("eva", prose("1.7")), {("eva", "1.7"): Given(0)}) == 0
    assert total(submission("eva", code("1.2")), {}) == 0


def test_many_parts_of_a_point_add_up_to_what_people_expect():
    eva = submission("eva", *(code(f"1.{n}", points=0.1) for n in range(3)))
    assert total(eva, {}) == 0.3


# --- the file that keeps them ----------------------------------------------------------------------------------

NAMES = st.text(min_size=1, max_size=8)
GIVEN = st.builds(Given, st.none() | st.floats(0, 1e6), st.none() | st.text(max_size=20))


@settings(deadline=None)
@given(st.dictionaries(st.tuples(NAMES, NAMES), GIVEN, max_size=4))
@example({("a\udcff", "1.2"): Given(1, "a file name that is no UTF-8")})
def test_what_was_saved_is_loaded(tmp_path_factory, manual):
    path = tmp_path_factory.mktemp("saved") / "manual.json"
    save_manual(path, manual)
    assert load_manual(path) == manual


def test_the_same_points_give_the_same_bytes_in_the_order_of_names_and_tasks(tmp_path):
    keys = [("zoe", "1.2"), ("Ada", "1.10"), ("ada", "1.9"), ("Ada", "1.9")]
    save_manual(tmp_path / "one.json", {key: Given(1) for key in keys})
    save_manual(tmp_path / "other.json", {key: Given(1) for key in reversed(keys)})
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "other.json").read_bytes()
    stored = json.loads((tmp_path / "one.json").read_text())["given"]
    assert [(one["student"], one["task"]) for one in stored] == [
        ("Ada", "1.9"),
        ("Ada", "1.10"),
        ("ada", "1.9"),
        ("zoe", "1.2"),
    ]


def test_before_anybody_gave_points_there_are_none(tmp_path):
    assert load_manual(tmp_path / "manual.json") == {}


ENTRY = {"student": "ada", "task": "1.7", "points": 1.0, "comment": None}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "null",
        "[" * 100_000,
        '{"format": 1}',
        '{"format": 2, "given": []}',
        '{"format": 1, "given": 3}',
        '{"format": 1, "given": [{"student": "ada"}]}',
        *(
            json.dumps({"format": 1, "given": [ENTRY | wrong]})
            for wrong in (
                {"points": -1},
                {"points": "1"},
                {"points": True},
                {"points": float("nan")},
                {"points": float("inf")},
                {"student": 7},
                {"task": ["1.7"]},
                {"comment": 7},
            )
        ),
        json.dumps({"format": 1, "given": [ENTRY, ENTRY]}),
        b"\xff\xfe\x00",
    ],
)
def test_a_damaged_file_is_never_taken_for_an_empty_one(tmp_path, content):
    path = tmp_path / "manual.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CourseError, match=r"manual\.json is damaged: .* put a copy of it back"):
        load_manual(path)


def test_a_file_that_cannot_be_read_is_not_taken_for_an_empty_one(tmp_path):
    (tmp_path / "manual.json").mkdir()
    with pytest.raises(CourseError, match="cannot be read: Is a directory"):
        load_manual(tmp_path / "manual.json")


def test_a_full_disk_leaves_the_old_file_whole(tmp_path, monkeypatch):
    path = tmp_path / "manual.json"
    save_manual(path, {("ada", "1.7"): Given(1)})

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        save_manual(path, {})
    assert load_manual(path) == {("ada", "1.7"): Given(1)}
    assert list(tmp_path.iterdir()) == [path]


def test_new_points_replace_old_ones_and_leave_open_what_they_do_not_say():
    old = {("ada", "1.7"): Given(1, "old"), ("gone", "1.7"): Given(2, "kept")}
    new = {("ada", "1.7"): Given(2), ("zoe", "1.7"): Given(None, "new")}
    assert merge(old, new) == {
        ("ada", "1.7"): Given(2, "old"),
        ("gone", "1.7"): Given(2, "kept"),
        ("zoe", "1.7"): Given(None, "new"),
    }
    assert merge(old, {("ada", "1.7"): Given(None, "")})["ada", "1.7"] == Given(1, "")
    assert merge(old, {("ada", "1.7"): Given(0)})["ada", "1.7"] == Given(0, "old")
    assert old["ada", "1.7"] == Given(1, "old")


# --- the sheet that goes out -----------------------------------------------------------------------------------


def test_the_sheet_lists_the_written_answers_task_by_task_with_what_was_given():
    manual = {("ada", "1.7"): Given(1.5, "Why?"), ("gone", "1.7"): Given(2)}
    rows = rows_of(to_read_csv(CLASS, manual))
    assert [(row["student"], row["task"]) for row in rows] == [
        (name, task) for task in ("task 1.7", "task 1.10") for name in ("ada", "Jörg", "zoe")
    ]
    assert rows[0] == {
        "student": "ada",
        "task": "task 1.7",
        "title": "Explain",
        "max": "2",
        "points": "1.5",
        "comment": "Why?",
        "answer": "Because it slides.",
    }
    assert (rows[1]["points"], rows[1]["comment"]) == ("", "")
    assert to_read_csv(reversed(CLASS), manual) == to_read_csv(CLASS, manual)


def test_an_answer_of_a_megabyte_does_not_spill_into_the_rows_below():
    (row,) = rows_of(to_read_csv([submission("ada", prose("1.7", "x" * 1_000_000))], {}))
    assert len(row["answer"]) < 32_767
    assert row["answer"].endswith("x [cut here]")


def test_a_long_comment_is_not_cut(sheet):
    manual = {("ada", "1.7"): Given(1, "long " * 5000 + "end")}
    assert sheet(to_read_csv(CLASS, manual)) == manual


HOSTILE = st.text(
    st.sampled_from("=+-@\t\r\n'\";,ab ＝\x00\x1b\ud800") | st.characters(), max_size=12
)


@settings(deadline=None)
@given(HOSTILE)
@example("=cmd|'/c calc'!A1")
@example("first;=1+1")
@example("first\n@SUM(1)")
@example("'=1")
@example("''\t=1")
def test_no_text_becomes_a_formula_and_every_text_comes_back(text):
    shown = cell(text)
    assert not re.match(r"[=+\-@＝＋－＠\t\r\n]", shown)
    # nor where a spreadsheet that expects semicolons, tabs or no quotation marks begins a cell
    assert not any(re.match(r"[=+\-@]", part) for part in re.split(r"[;\t\r\n]", shown))
    assert unguarded(shown) == printable(text)
    assert not any(unicodedata.category(sign) in ("Cs", "Cc") for sign in re.sub(r"\s", "", shown))
    shown.encode()


@settings(deadline=None)
@given(st.lists(st.lists(HOSTILE, min_size=2, max_size=2), max_size=3), st.sampled_from(",;\t"))
def test_a_table_is_read_as_it_was_written_whatever_the_separator(rows, separator):
    written = csv.reader(io.StringIO(table([("a", "b"), *rows])[1:], newline=""))
    saved = io.StringIO()
    csv.writer(saved, delimiter=separator).writerows(written)
    names, found = read_table(saved.getvalue().encode(), ("a", "b"))
    assert names == ["a", "b"]
    wanted = [[printable(one) for one in row] for row in rows]
    assert [row for _, row in found] == [
        row for row in wanted if any(cell(one).strip() for one in row)
    ]


LINES = st.text(st.characters(exclude_categories=("Cc", "Cs")) | st.just("\n"), max_size=20)


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=6),
        st.tuples(st.integers(0, 200), LINES),
        min_size=1,
        max_size=3,
    )
)
@example({"=ada": (150, "=1+1"), "ada": (0, "- one\n- two")})
@example({"ada": (0, ""), "ada ": (1, ""), " ada": (2, "")})
def test_points_come_back_from_the_sheet_for_every_name_and_comment(tmp_path_factory, written):
    results = [submission(name, prose("1.7")) for name in written]
    manual = {
        (name, "1.7"): Given(points / 100, comment.strip())
        for name, (points, comment) in written.items()
    }
    path = tmp_path_factory.mktemp("sheet") / "to_read.csv"
    path.write_bytes(to_read_csv(results, manual).encode())
    assert read_points(path, results) == manual


# --- and back in -----------------------------------------------------------------------------------------------

PLAIN = "student,task,points,comment\nJörg,1.7,1.5,Schön\nada,1.10,2,\nzoe,1.7,,\n"
READ = {("Jörg", "1.7"): Given(1.5, "Schön"), ("ada", "1.10"): Given(2, "")}
GERMAN = PLAIN.replace(",", ";").replace("1.5", "1,5")


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("windows-1252"),
        PLAIN.replace("\n", "\r\n").encode(),
        GERMAN.encode("windows-1252"),
        ("sep=;\n" + GERMAN).encode("utf-8-sig"),
        PLAIN.replace(",", "\t").encode("utf-16"),
        PLAIN.replace("ö", "o\N{COMBINING DIAERESIS}").encode(),
        ("\n" + PLAIN + ",,,\n\n").encode(),
        PLAIN.replace("student", " Student ").replace(",1.7", ",Task 1.7").encode(),
        PLAIN.replace(",1.10", ',"1,10"').encode(),
        PLAIN.replace("ada", "  ada ").replace(",2,", ", 2.00 ,").encode(),
        "points,Nachname,comment,task,student\n1.5,X,Schön,1.7,Jörg\n2,Y,,1.10,ada\n".encode(),
    ],
    ids=[
        "utf-8",
        "byte order mark",
        "Windows-1252",
        "CRLF",
        "Excel in German",
        "Excel's line",
        "Excel's Unicode text",
        "ö as two signs",
        "empty rows",
        "capitals and words",
        "decimal comma in the task",
        "spaces",
        "other columns in another order",
    ],
)
def test_a_sheet_is_read_as_spreadsheets_save_it(sheet, content):
    found = {
        key: Given(one.points, unicodedata.normalize("NFC", one.comment))
        for key, one in sheet(content).items()
    }
    assert found == READ


def test_without_a_column_for_comments_they_stay_as_they_are(sheet):
    found = sheet("student,task,points\nada,1.7,1\n")
    assert found == {("ada", "1.7"): Given(1, None)}
    assert merge({("ada", "1.7"): Given(0, "kept")}, found)["ada", "1.7"] == Given(1, "kept")


def test_empty_points_are_not_read_yet_and_keep_what_was_given(sheet):
    before = {("ada", "1.7"): Given(1.5, "Why?")}
    filled = sheet("student,task,points,comment\nada,1.7,,\nzoe,1.7,, Later. \nnobody,9.9,,\n")
    assert filled == {("zoe", "1.7"): Given(None, "Later.")}
    assert merge(before, filled)["ada", "1.7"] == Given(1.5, "Why?")


def test_a_comment_that_was_deleted_beside_points_is_gone(sheet):
    before = {("ada", "1.7"): Given(1.5, "meant for Zoe")}
    filled = sheet("student,task,points,comment\nada,1.7,1.5,\n")
    assert merge(before, filled)["ada", "1.7"] == Given(1.5, "")


def test_an_untouched_sheet_changes_nothing(sheet):
    manual = {
        ("ada", "1.7"): Given(1.25, "=1+1\n- no"),
        ("zoe", "1.10"): Given(0, ""),
        ("Jörg", "1.7"): Given(None, "?"),
    }
    assert merge(manual, sheet(to_read_csv(CLASS, manual))) == manual


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (
            "adda,1.7,1",
            "row 2 (adda, task 1.7): there is no submission of 'adda'; did you mean ada",
        ),
        ("xyz,1.7,1", "there is no submission of 'xyz'; expected a name from the sheet"),
        (",1.7,1", "row 2 (no name, task 1.7): there is no submission of ''"),
        ("ada,1.8,1", "there is no task '1.8', expected 1.7 or 1.10"),
        ("ada,,1", "there is no task '', expected 1.7 or 1.10"),
        ("ada,1.2,1", "task 1.2 is not read by a person, expected 1.7 or 1.10"),
        ("ben,1.7,1", "the submission is unreadable, so it has no answers"),
        ("ada,1.7,-1", "points are -1, expected a number from 0 to 2"),
        ("ada,1.7,-0.001", "points are -0.001, expected a number from 0 to 2"),
        ("ada,1.7,2.001", "points are 2.001, expected a number from 0 to 2"),
        ('ada,1.7,"2,5"', "points are 2,5, expected a number from 0 to 2"),
        ("ada,1.7,two", "points are 'two', expected a number from 0 to 2"),
        ("ada,1.7,nan", "points are 'nan', expected a number from 0 to 2"),
        ("ada,1.7,1_0", "points are '1_0', expected a number from 0 to 2"),
        ("ada,1.7,1/2", "points are '1/2', expected a number from 0 to 2"),
        ("ada,1.7,1,5", "there are 4 cells, expected 3; is there a comma in a cell"),
        (
            "ada,1.7,1\nada,task 1.7,2",
            "row 3 (ada, task 1.7): points: 2, but 1 in row 2; expected one row",
        ),
    ],
)
def test_a_row_that_cannot_be_right_is_refused_with_what_was_expected(sheet, row, sentence):
    text = refusal(sheet, f"student,task,points\n{row}\n")
    assert sentence in text
    assert "sheet.csv was not read, nothing was changed: 1 row cannot be right." in text


def test_a_row_of_a_chapter_without_written_answers_is_refused(sheet):
    text = refusal(
        sheet, "student,task,points\nada,1.2,1\n", results=[submission("ada", code("1.2"))]
    )
    assert "task 1.2 is not read by a person, this chapter has none" in text


def test_the_same_row_twice_is_one_row_when_both_agree(sheet):
    head = "student,task,points,comment\n"
    assert sheet(head + "ada,1.7,1,\nada,1.7,1.0,yes\nada,1.7,,yes\n") == {
        ("ada", "1.7"): Given(1, "yes")
    }
    text = refusal(sheet, head + "ada,1.7,1,yes\nada,1.7,1,no\n")
    assert "row 3 (ada, task 1.7): comment: 'no', but 'yes' in row 2" in text


def test_everything_that_is_wrong_is_listed_at_once_and_nothing_is_taken(sheet):
    rows = "\n".join(f"nobody{n},1.7,1" for n in range(14))
    text = refusal(sheet, f"student,task,points\nada,1.7,1\n{rows}\n")
    assert "14 rows cannot be right" in text
    assert text.count("  row ") == 10
    assert "row 3 " in text
    assert "  and 4 more." in text


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "is empty, expected a row with the names student, task, points"),
        ("\n , \n", "expected a row with the names student, task, points"),
        ("ada,1.7,1\n", "begins with 'ada,1.7,1', expected a row with the names"),
        ("student,task\nada,1.7\n", "begins with 'student,task', expected"),
        ("student,task,points,Points\n", "has two columns 'points', expected one"),
        (b"PK\x03\x04rest", "is a workbook, expected CSV: save it as CSV UTF-8"),
        (
            'student,task,points,comment\nada,1.7,1,"good\nzoe,1.7,1,\n',
            "cannot be read after row 1",
        ),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "begins with "),
    ],
)
def test_what_is_no_such_sheet_is_refused(sheet, content, sentence):
    assert sentence in refusal(sheet, content)


def test_a_sheet_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CourseError, match=r"none\.csv cannot be read: No such file"):
        read_points(tmp_path / "none.csv", CLASS)


def test_two_names_that_look_alike_are_not_mixed_up(sheet):
    head = "student,task,points\n"
    spaces = [submission(name, prose("1.7")) for name in ("ada", "ada ")]
    assert sheet(head + "ada,1.7,1\n", results=spaces) == {("ada", "1.7"): Given(1)}
    text = refusal(sheet, head + '"  ada",1.7,1\n', results=spaces)
    assert "2 submissions have the name 'ada' but for spaces and signs" in text
    unseen = [submission(name, prose("1.7")) for name in ("a\x01", "a\x02")]
    assert "2 submissions" in refusal(
        sheet, to_read_csv(unseen, {("a\x01", "1.7"): Given(1)}), results=unseen
    )
