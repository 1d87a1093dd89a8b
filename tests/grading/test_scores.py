"""scores.csv: what a learning platform imports, and what a teacher understands at a glance."""

import csv
import io
import random
import re

from class_results import code, prose, small_class, submission
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.grading.reports.points import Given
from coursekit.grading.reports.scores import scores_csv
from coursekit.grading.reports.sheet import printable, unguarded

MANUAL = {
    ("ada", "1.7"): Given(1.5, "Why?"),
    ("ada", "1.10"): Given(0, ""),
    ("zoe", "1.10"): Given(2),
    ("zoe", "1.7"): Given(None, "Later."),
    ("gone", "1.7"): Given(2),
}


def rows_of(text):
    assert text.startswith("\ufeff"), "Excel takes UTF-8 without the mark for Windows-1252"
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def test_one_row_for_each_submission_says_what_is_known():
    assert scores_csv(small_class(), MANUAL)[1:].splitlines() == [
        "student,state,score,max,reading,task 1.2,task 1.7,task 1.9,task 1.10,file,reason",
        "ada,timed out,3.25,8,done,1.25,1.5,0.5,0,ada/a.ipynb,Task 1.2 took longer than 10 seconds.",
        "ben,unreadable,,8,,,,,,ben.pdf,It is not a notebook.",
        "cem,missing,,8,,,,,,,There is no notebook.",
        "Jörg,crashed,3.5,8,2 to read,3,,0.5,,Jörg/a.ipynb,",
        "zoe,graded,5.5,8,1 to read,3,,0.5,2,zoe/a.ipynb,",
    ]


def test_an_answer_that_earned_nothing_is_a_zero_and_an_unknown_one_is_empty():
    wrong, unread, nothing = rows_of(
        scores_csv(
            [
                submission("a", code("1.2"), prose("1.7")),
                submission("b", code("1.2", points=3.0), prose("1.7")),
                submission("c", state="missing"),
            ],
            {("a", "1.7"): Given(0)},
        )
    )
    assert (wrong["score"], wrong["task 1.2"], wrong["task 1.7"]) == ("0", "0", "0")
    assert (unread["score"], unread["task 1.7"], unread["reading"]) == ("3", "", "1 to read")
    assert (nothing["score"], nothing["task 1.2"], nothing["reading"]) == ("", "", "")


def test_without_written_answers_there_is_nothing_to_read():
    (row,) = rows_of(scores_csv([submission("a", code("1.2"))], {}))
    assert row["reading"] == ""


def test_a_class_of_which_nothing_could_be_read_still_has_its_rows():
    (row,) = rows_of(scores_csv([submission("a", state="unreadable", reason="Empty.")], {}))
    assert (row["state"], row["score"], row["max"]) == ("unreadable", "", "")


def test_the_order_of_the_results_does_not_matter():
    results = small_class()
    wanted = scores_csv(results, MANUAL)
    for seed in range(5):
        random.Random(seed).shuffle(results)
        assert scores_csv(results, MANUAL) == wanted


@settings(deadline=None)
@given(st.text(st.sampled_from("=+-@\t\r\n'\";, a\x00\ud800"), min_size=1, max_size=10))
def test_a_name_is_never_a_formula_and_never_a_second_row(name):
    text = scores_csv([submission(name, code("1.2"), state="crashed", reason=name)], {})
    text.encode()
    (row,) = rows_of(text)
    for column in ("student", "reason"):
        assert not re.match(r"[=+\-@\t\r\n]", row[column])
        assert unguarded(row[column]) == printable(name)
