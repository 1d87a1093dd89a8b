"""The pages of a grading say what happened, to whom it matters, and let nobody write on them."""

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest
from examples import (
    ALIKE,
    HOSTILE,
    MANUAL,
    NAMES,
    NOTHING_ALIKE,
    RUN,
    SEED,
    STATES,
    TRACE,
    VERDICTS,
    WORDS,
    a_class,
    hostile,
    task,
    with_task,
    without_tasks,
)
from parsed import assert_sound, marks, one, parse, rows, section, text

from coursekit.grading.grader import NOT_YOUR_OWN
from coursekit.grading.names import file_stem
from coursekit.grading.reports.pages import feedback_page, summary_page
from coursekit.grading.reports.points import Given
from coursekit.grading.reports.rendering import feedback_link
from coursekit.grading.result import (
    CRASHED,
    GRADED,
    MISSING,
    TIMED_OUT,
    TO_READ,
    UNREADABLE,
    Result,
)
from coursekit.grading.result import (
    STATES as ALL_STATES,
)


def feedback(result, manual=None):
    """Return the tree of a student's page, after the checks that every page has to pass."""
    return assert_sound(feedback_page(result, manual or {}))


def summary(results, manual=None, alike=NOTHING_ALIKE, **run):
    """Return the tree of the teacher's page, after the checks that every page has to pass."""
    return assert_sound(summary_page(results, manual or {}, alike, {**RUN, **run}))


def of_task(page, task_id="1.2"):
    """Return what the page says about one task."""
    return next(a for a in page.select("article.task") if text(a.h3).startswith(f"{task_id} "))


# --- what a student reads -------------------------------------------------------------------------------------


def test_the_score_and_what_a_person_still_has_to_give():
    page = feedback(STATES[GRADED])
    assert text(one(page, ".score .points")) == "17.5 of 20 points"
    assert "A person still has to read 1 answer and can give up to 2 points more." in text(page)
    parts = [(part["class"][0], part["width"]) for part in page.select(".score svg.strip rect")]
    assert parts == [("full", "87.50%"), ("unread", "10.00%"), ("rest", "2.50%")]
    assert one(page, ".score svg.strip")["aria-label"] == (
        "17.5 of 20 points, 2 points still to be given by a person"
    )


def test_where_all_answers_are_written_a_person_gives_the_first_points():
    words = replace(STATES[GRADED], tasks=(task("1.7"),))
    page = feedback(words)
    assert text(one(page, ".score .points")) == "No points yet"
    assert "read 1 answer and can give up to 2 points more" in text(page)
    assert "No submission has points yet" in text(section(summary([words]), "totals"))


def test_the_score_with_the_points_of_a_person():
    page = feedback(STATES[GRADED], MANUAL)
    assert text(one(page, ".score .points")) == "19 of 20 points"
    assert "still" not in text(section(page, "result"))
    written = of_task(page, "1.7")
    assert text(written.header).endswith("1.5 of 2 points")
    assert text(one(written, ".status")) == "Read by a person: some points"
    assert (
        one(written, "blockquote").get_text()
        == "Well put.\nWhat about padding, at the ends <of> x?"
    )
    assert text(one(written, "blockquote code")) == "padding"


def test_who_and_what_the_page_is_about():
    page = feedback(STATES[GRADED])
    assert text(page.h1) == "Convolution in one dimension"
    assert text(one(page, ".who bdi")) == "Emmy Noether"
    assert text(page.title) == "Emmy Noether: feedback on chapter 01, Convolution in one dimension"


@pytest.mark.parametrize(
    ("state", "happened", "advice"),
    [
        (GRADED, "Your submission was graded. All points in 5 of 7 tasks.", None),
        (TIMED_OUT, "was still running when its time was up", "does a loop never end"),
        (CRASHED, "ended the process that ran it", "usual causes are"),
        (UNREADABLE, "could not be read as a notebook", "hand in that file"),
        (MISSING, "No notebook of yours was found", "send your teacher the notebook"),
    ],
)
def test_every_state_is_said_in_a_sentence_with_what_to_do(state, happened, advice):
    result = section(feedback(STATES[state]), "result")
    assert happened in text(result)
    headings = [text(heading) for heading in result.select("h3")]
    assert headings == (["What to do now"] if advice else [])
    assert advice is None or advice in text(result)
    assert STATES[state].reason in text(result)


@pytest.mark.parametrize("state", [UNREADABLE, MISSING])
def test_without_a_grading_there_is_no_score_and_no_zero(state):
    page = feedback(STATES[state])
    assert text(one(page, ".score")) == "No points yet"
    assert "This is not a zero" in text(page)
    assert not page.select("#tasks")
    assert not re.search(r"\d of \d", text(page))


@pytest.mark.parametrize(
    ("verdict", "kind", "status"),
    [
        ("passed", "full", "Right"),
        ("wrong value", "nothing", "Wrong value"),
        ("partly", "partly", "Partly right: wrong value"),
        ("wrong shape", "nothing", "Wrong shape"),
        ("wrong type", "nothing", "Wrong type"),
        ("changed its input", "nothing", "Changed its input"),
        ("raised", "partly", "Partly right: raised an error"),
        ("not attempted", "untouched", "Not attempted"),
        ("not defined", "nothing", "Not defined"),
        (NOT_YOUR_OWN, "nothing", "Not your own code"),
        (TIMED_OUT, "stopped", "Timed out"),
        (CRASHED, "stopped", "Crashed"),
        (TO_READ, "unread", "Still to be read"),
        ("left empty", "untouched", "Not attempted"),
    ],
)
def test_every_verdict_has_a_word_a_sign_and_its_sentences(verdict, kind, status):
    result = with_task(VERDICTS[verdict])
    shown = of_task(feedback(result), VERDICTS[verdict].id)
    assert text(one(shown, ".status")) == status
    assert one(shown, ".status use")["href"] == f"#sign-{kind}"
    assert kind in shown["class"]
    for sentence in VERDICTS[verdict].sentences:
        assert sentence.replace("`", "") in text(shown)


def test_every_verdict_has_been_looked_at():
    mark = test_every_verdict_has_a_word_a_sign_and_its_sentences.pytestmark[0]
    assert {row[0] for row in mark.args[1]} == set(VERDICTS)
    assert set(STATES) == set(ALL_STATES)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Your function ran on 6 inputs drawn for this grading: all 6 results agree."),
        ({"status": "wrong value", "passed": 4}, "grading: 4 of 6 results agree."),
        ({"status": "wrong value", "passed": 1}, "grading: 1 of 6 results agrees."),
        ({"status": "wrong value", "passed": 0}, "grading: none of the results agrees."),
        ({"passed": 1, "total": 1}, "ran on 1 input drawn for this grading: the result agrees."),
        ({"status": "raised", "passed": 0, "total": 1}, "the result does not agree."),
        (
            {"state": TIMED_OUT, "status": TIMED_OUT, "passed": 2},
            "get through them: 2 of 6 results agree.",
        ),
        (
            {"state": CRASHED, "status": "raised", "passed": 1},
            "get through them: 1 of 6 results agrees.",
        ),
    ],
)
def test_what_was_run_is_said_in_numbers(changes, said):
    assert said in text(of_task(feedback(with_task(task(**changes)))))


@pytest.mark.parametrize("verdict", ["not attempted", "not defined", NOT_YOUR_OWN, TO_READ])
def test_nothing_is_said_to_have_run_where_nothing_did(verdict):
    one_task = VERDICTS[verdict]
    assert "drawn for this grading" not in text(of_task(feedback(with_task(one_task)), one_task.id))


def test_a_known_mistake_is_called_by_its_name():
    shown = of_task(feedback(with_task(VERDICTS["wrong value"])))
    assert "This is a known mistake, called kernel flipped." in text(shown)
    assert "known mistake" not in text(of_task(feedback(with_task(VERDICTS["partly"]))))


def test_the_traceback_is_shown_without_the_colors_of_a_terminal():
    shown = of_task(feedback(with_task(VERDICTS["raised"])))
    trace = one(shown, "pre[aria-label^=Traceback]").get_text()
    assert "\x1b" in TRACE
    assert "----> 5         y[i] = x[i : i + F] @ w\n" in trace
    assert not re.search(r"\x1b|\[\d+m|\\x1b", trace)


def test_the_answer_is_there_and_folded():
    shown = of_task(feedback(STATES[GRADED]))
    assert not one(shown, "details").has_attr("open")
    assert text(one(shown, "details summary")) == "Your answer to task 1.2"
    assert one(shown, "details pre").get_text() == VERDICTS["partly"].answer
    written = of_task(feedback(STATES[GRADED]), "1.7")
    assert one(written, "details pre").get_text() == WORDS
    assert "words" in one(written, "details pre")["class"]


def test_the_seed_of_the_inputs_stays_with_the_teacher():
    for result in STATES.values():
        assert str(SEED) not in feedback_page(result, MANUAL)


def test_notes_and_the_graded_file_stand_at_the_end():
    note = "Code cell 3 raised `NameError`."
    page = feedback(replace(STATES[GRADED], notes=(note,)))
    assert [text(item) for item in section(page, "notes").select("li")] == [note.replace("`", "")]
    assert "Emmy Noether/convolution_1d.ipynb (SHA-256 5f2b5f2b5f2b5f2b…)" in text(page.footer)
    assert not feedback(STATES[GRADED]).select("#notes")


# --- what nobody can do ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [*HOSTILE, "'\"<&>`", "</pre></article></main>"])
def test_hostile_text_is_text_and_nowhere_markup(said):
    harmless = feedback_page(hostile("harmless"), {})
    page = feedback_page(hostile(said), {("<i>", "1.7"): Given(1.0, said)})
    assert marks(page) == marks(harmless)
    assert text(one(feedback(hostile(said)), ".who")) == said
    teachers = summary_page([hostile(said)], {}, NOTHING_ALIKE, RUN)
    assert marks(teachers) == marks(summary_page([hostile("harmless")], {}, NOTHING_ALIKE, RUN))
    assert said.replace("`", "") in text(section(parse(teachers), "all")).replace("`", "")


def test_a_hostile_comment_is_text():
    given = {("Emmy Noether", "1.7"): Given(1.0, HOSTILE[0])}
    page = feedback(STATES[GRADED], given)
    assert text(one(page, "blockquote")) == HOSTILE[0]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("a\x00b", r"a\x00b"),
        ("a\x1bb\x07", r"a\x1bb\x07"),
        ("a\ud800b", r"a\ud800b"),
        ("user\u202e.exe", r"user\u202e.exe"),
        ("a\ufffe\U0001ffffb", r"a\ufffe\u1ffffb"),
    ],
)
def test_what_cannot_be_stored_or_seen_is_written_out(said, shown):
    page = feedback_page(hostile(said), {})
    page.encode("utf-8")
    assert text(one(parse(page), ".who")) == shown
    summary_page([hostile(said)], {}, NOTHING_ALIKE, RUN).encode("utf-8")


def test_the_colors_of_a_terminal_vanish_from_sentences_too():
    said = "your code raised \x1b[1;31mValueError\x1b[0m: \x1b]8;;http://x\x07no"
    page = feedback(with_task(replace(VERDICTS["raised"], sentences=(said,))))
    assert "your code raised ValueError: no" in text(of_task(page))


def test_a_text_without_end_is_cut_and_says_so():
    endless = with_task(
        replace(VERDICTS["raised"], answer="a" * 10**6 + "the end", sentences=("b" * 10**5,))
    )
    page = feedback_page(endless, {})
    assert len(page) < 100_000
    assert "[980,007 characters left out]" in page
    assert "the end</code>" in page


# --- what the teacher reads -----------------------------------------------------------------------------------


def states_and_hostile():
    """Return a submission in each state, one of another's code, and one whose name is markup."""
    results = [replace(result, student=state) for state, result in STATES.items()]
    cheat = with_task(VERDICTS[NOT_YOUR_OWN], student="short cut")
    return [*results, cheat, replace(STATES[GRADED], student=HOSTILE[0])]


def test_submissions_are_counted_by_state():
    page = summary(states_and_hostile())
    assert rows(section(page, "states").table) == [
        ["graded", "3", "43%"],
        ["timed out", "1", "14%"],
        ["crashed", "1", "14%"],
        ["unreadable", "1", "14%"],
        ["missing", "1", "14%"],
    ]
    assert one(section(page, "states"), "svg[role=img]")["aria-label"] == (
        "States: 3 graded, 1 timed out, 1 crashed, 1 unreadable, 1 missing"
    )


def test_what_needs_a_person_comes_with_its_reason_and_what_to_do():
    needs = section(summary(states_and_hostile()), "first").select("section.need")
    assert [text(need.h3) for need in needs] == [
        "Unreadable (1 of 7)",
        "Missing (1 of 7)",
        "Timed out (1 of 7)",
        "Crashed (1 of 7)",
        "Not their own code (1 of 7)",
        "Written answers still to be read (5 of 7)",
    ]
    assert [rows(need.table)[0] for need in needs[:5]] == [
        [state, STATES[state].reason] for state in (UNREADABLE, MISSING, TIMED_OUT, CRASHED)
    ] + [["short cut", "Task 1.2."]]
    assert [row[1] for row in rows(needs[5].table)] == ["Task 1.7."] * 5
    assert all(len(text(need.p)) > 60 for need in needs)


def test_a_stopped_task_of_a_graded_submission_needs_a_person_too():
    graded = replace(STATES[TIMED_OUT], state=GRADED, reason="")
    need = section(summary([graded]), "first").select("section.need")[0]
    assert rows(need.table) == [["Emmy Noether", "Task 1.2."]]


def test_nothing_needs_a_person_once_all_is_graded_and_read():
    page = summary([STATES[GRADED]], MANUAL)
    assert text(section(page, "first")).endswith("every written answer has been read.")


def test_a_long_list_is_folded_and_whole():
    unread = section(summary(a_class(120)), "first").select("section.need")[-1]
    count = int(re.search(r"\((\d+) of 120\)", text(unread.h3))[1])
    assert count > 100
    assert len(rows(one(unread, "details table"))) == count


def test_totals_are_drawn_said_and_listed_alike():
    results = a_class(30)
    totals = section(summary(results, MANUAL), "totals")
    table = rows(totals.table)
    graded = sum(bool(result.tasks) for result in results)
    assert sum(int(row[1]) for row in table) == graded
    label = one(totals, "svg[role=img]")["aria-label"]
    said = "; ".join(f"{points} points: {count}" for points, count, _ in table)
    assert label == f"Histogram of totals. {said}."
    assert sum(int(count) for _, count, _ in table) == graded
    drawn = [text(node) for node in totals.select("svg rect + text")]
    assert drawn == [row[1] for row in table if row[1] != "0"]
    assert f"{30 - graded} submissions without points, which is not zero, are not counted" in text(
        totals
    )
    assert "written answers still wait to be read" in text(totals)


def test_full_marks_stand_in_the_last_bar():
    manual = {("Emmy Noether", "1.7"): Given(2.0)}
    table = rows(section(summary([with_task(task())], manual), "totals").table)
    assert table[-1] == ["18 to 20", "1", "100%"]
    assert table[0] == ["0 to under 2", "0", "0%"]


def test_one_of_many_is_still_to_be_seen():
    results = [with_task(task(), student=str(k)) for k in range(400)]
    parts = section(summary([*results, STATES[MISSING]]), "states").select("svg.strip rect")
    assert [part["class"][0] for part in parts] == ["graded", "untouched"]
    assert float(parts[1]["width"][:-1]) == pytest.approx(0.99, abs=0.01)
    assert float(parts[1]["x"][:-1]) == pytest.approx(99.01, abs=0.01)


def test_mean_and_median_of_the_totals():
    results = [
        with_task(task(points=points, status="wrong value"), student=str(points))
        for points in (0.0, 0.5, 3.0)
    ]
    manual = {(result.student, "1.7"): Given(2.0) for result in results}
    totals = text(section(summary(results, manual), "totals"))
    assert "mean 18.17, median 17.5 of 20" in totals
    assert "wait" not in totals and "no points" not in totals


def test_every_task_has_its_distribution_and_its_mean():
    verdicts = ("passed", "passed", "partly", "wrong value", "not attempted", TIMED_OUT)
    results = [with_task(VERDICTS[name], student=str(k)) for k, name in enumerate(verdicts)]
    tasks = section(summary(results, {("0", "1.7"): Given(1.0)}), "tasks")
    second = tasks.select("section.numbers")[1]
    assert text(second.header) == "1.2 The sliding dot product mean 1.58 of 3 points"
    counts = "2 all points, 1 some points, 1 no points, 1 not attempted, 1 timed out or crashed"
    assert one(second, "svg[role=img]")["aria-label"] == f"1.2 The sliding dot product: {counts}"
    assert [text(item) for item in second.select("figcaption li")] == counts.split(", ")
    bar = {
        rect["class"][0]: float(rect["width"][:-1])
        for rect in one(second, "svg.strip").select("rect")
    }
    assert bar == pytest.approx(
        {"full": 33.33, "partly": 16.67, "nothing": 16.67, "untouched": 16.67, "stopped": 16.67},
        abs=0.01,
    )
    assert rows(tasks.table)[1] == [
        "1.2 The sliding dot product",
        *["2", "1", "1", "1", "1", "0", "1.58", "3"],
    ]
    assert text(tasks.select("section.numbers")[6].header).endswith("mean 1 of 2 points so far")
    assert rows(tasks.table)[6][1:] == ["0", "1", "0", "0", "0", "5", "1", "2"]


def test_the_most_common_mistakes_come_with_their_sentence():
    names = ["kernel flipped"] * 3 + ["no longer known"] * 2 + [f"rare {k}" for k in range(5)]
    results = [
        with_task(replace(VERDICTS["wrong value"], misconception=name), student=f"{k}")
        for k, name in enumerate(names)
    ]
    items = [text(item) for item in section(summary(results), "tasks").select("section > ul > li")]
    assert items[0].startswith("kernel flipped, 3 answers: Your kernel runs backward")
    fourth = replace(VERDICTS["wrong value"], id="1.4")
    others = section(summary([with_task(fourth)]), "tasks").select("section > ul > li")
    assert "Your rows hold the kernel backward." in text(others[0])
    assert items[1:] == [
        "no longer known, 2 answers",
        *(f"rare {k}, 1 answer" for k in range(3)),
        "other known mistakes, 2 answers",
    ]


@pytest.mark.parametrize(
    ("trace", "sentence", "kind"),
    [
        (TRACE, "", "IndexError"),
        (
            "Traceback (most recent call last):\ntorch.cuda.OutOfMemoryError: a\nb: c",
            "",
            "OutOfMemoryError",
        ),
        ("Traceback (most recent call last):\n  x\nOops", "", "Oops"),
        ("", "Case 1 of 2: your code raised TypeError: f() takes no arguments", "TypeError"),
        ("", "Case 1 of 2: `@` adds up along the last axis", "another error"),
    ],
)
def test_the_kinds_of_error_are_counted(trace, sentence, kind):
    raised = replace(VERDICTS["raised"], trace=trace, sentences=(sentence,))
    page = summary([with_task(raised, student=str(k)) for k in range(2)])
    assert f"Errors raised: {kind} 2" in text(section(page, "tasks"))


def test_alike_answers_are_a_listing_and_no_accusation():
    pairs = section(summary(a_class(30), alike=ALIKE), "pairs")
    assert "A listing, not an accusation." in text(pairs)
    tables = pairs.select("table")
    assert rows(tables[0]) == [
        [NAMES[0], NAMES[3], "1.4 (94%), 1.6 (same text)"],
        [NAMES[1], HOSTILE[0], "1.6 (91%)"],
    ]
    assert rows(tables[1]) == [[NAMES[2], "1.5 (same text)"]]
    assert [text(summary) for summary in pairs.select("summary")] == [
        "Task 1.4: 8 of 30 submissions",
        "Task 1.6: 5 of 30 submissions, like the published solution",
    ]
    assert [text(item) for item in pairs.select("details")[0].select("li")] == list(NAMES[:8])
    assert "No answers are alike." in text(section(summary([]), "pairs"))


def test_every_submission_is_in_the_table_with_its_points():
    table = rows(
        section(summary(states_and_hostile(), {("graded", "1.7"): Given(2.0)}), "all").table
    )
    lines = {row[0]: row for row in table}
    assert list(lines) == sorted(lines, key=str.casefold)
    assert lines["graded"] == [
        "graded", "graded", "19.5", "all points: 2", "some points: 2.5", "all points: 2", "all points: 3",
        "all points: 4", "all points: 4", "all points: 2", "",
    ]  # fmt: skip
    assert lines["short cut"][2:5] == ["15 1 unread", "all points: 2", "no points: 0"]
    assert lines["short cut"][-2] == "still to be read: –"
    assert lines[TIMED_OUT][4] == "timed out or crashed: 1"
    assert lines[MISSING] == [MISSING, MISSING, *"––––––––", STATES[MISSING].reason]


@pytest.mark.parametrize("name", [*NAMES, "a#b?c=d&e%f", ".hidden", "..", "con:aux", "a\\b", " "])
def test_links_lead_to_the_file_that_the_page_is_written_to(name):
    page = section(summary([replace(STATES[GRADED], student=name)]), "all")
    link = one(page, "tbody a")["href"]
    assert link == feedback_link(name)
    folder, file = link.split("/")
    assert folder == "feedback"
    assert unquote(file) == f"{file_stem(name)}.html"
    assert Path(unquote(file)).name == unquote(file), "the link would lead out of the folder"


def test_the_settings_say_how_to_repeat_the_run():
    again = section(summary([]), "again")
    assert text(again.pre) == (
        "coursekit grade SUBMISSIONS --chapter 1 --seed 918273645 --limit-seconds 30 --limit-memory 2048 --out RESULTS"
    )
    said = [text(node) for node in again.select("dd")]
    assert said[1:3] == ["918273645", "30 seconds for one cell, or for all calls of one task"]
    assert "without a sandbox" not in text(again)


def test_a_run_without_a_sandbox_says_so():
    again = section(summary([], sandbox=False), "again")
    assert "This grading ran without a sandbox" in text(again)
    assert text(again.pre).endswith("--out RESULTS --unsafe")


@pytest.mark.parametrize("size", [0, 1, 30, 800])
def test_a_class_of_any_size_is_a_sound_page(size):
    page = summary(a_class(size), alike=ALIKE)
    table = section(page, "all").table
    assert len(rows(table) if table else []) == size


def test_a_class_that_handed_in_nothing():
    results = [without_tasks(MISSING, "Nothing.", student=str(k)) for k in range(5)]
    page = summary(results)
    assert "No submission has points yet, so there are no totals." in text(section(page, "totals"))
    assert len(rows(section(page, "first").table)) == 5


def test_the_same_results_give_the_same_bytes_in_any_order():
    results = a_class(30)
    first = summary_page(results, MANUAL, ALIKE, RUN)
    assert summary_page(results[::-1], MANUAL, ALIKE, RUN) == first
    student: Result = results[0]
    assert feedback_page(student, MANUAL) == feedback_page(student, dict(MANUAL))


# --- how it looks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colors_are_told_from_their_background(scheme):
    colors = palette(scheme)
    for name in ("ink", "quiet", "link", "full-text", "nothing-text", "untouched-text"):
        for ground in ("page", "panel"):
            assert contrast(colors[name], colors[ground]) >= 4.5, (name, ground)
    for name in ("full", "nothing", "untouched", "stopped", "bar"):
        assert contrast(colors[name], colors["page"]) >= 3, name


def palette(scheme):
    """Return the colors of the style sheet by name."""
    style = one(parse(feedback_page(STATES[GRADED], {})), "style").get_text()
    light, dark = re.findall(r":root \{(.*?)\}", style, re.DOTALL)[:2]
    found = dict(re.findall(r"--([\w-]+): (#\w{6})", light))
    return (
        found if scheme == "light" else {**found, **dict(re.findall(r"--([\w-]+): (#\w{6})", dark))}
    )


def contrast(one_color, other):
    """Return the contrast of two colors as WCAG 2 defines it."""

    def luminance(color):
        channels = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    low, high = sorted((luminance(one_color), luminance(other)))
    return (high + 0.05) / (low + 0.05)
