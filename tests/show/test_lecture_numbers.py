"""The verdicts as a picture, and the ledger behind its controls."""

from coursekit.lectures import Verdict, ledger
from coursekit.show.lecture_numbers import filter_widget, kinds, marks, verdicts


def book():
    return ledger().where(lecture="K", chapter=1)


def test_the_picture_tells_every_count():
    counts = book().counts()
    drawn = verdicts(book())
    for one in Verdict:
        assert (f"{counts[one]} {one.value}" in drawn.alt) == bool(counts[one])


def test_without_statements_there_is_a_picture_too():
    assert verdicts(ledger().where(text="nothing says this")).caption == "No statements."


def test_the_widget_starts_with_what_is_wrong_and_follows_its_controls():
    widget = filter_widget(book())
    lecture, verdict, _chapter, _kind, words = widget.children[:5]
    assert "K07-average-9" in widget.html
    assert "K03-less-noisy" not in widget.html
    verdict.value = "right"
    assert "K03-less-noisy" in widget.html
    words.value = "noisy"
    assert "1 statement:" in widget.html
    words.value, verdict.value, lecture.value = "", "", "K"
    assert f"{len(book())} statements" in widget.html
    assert widget.message == ""


def test_what_nothing_fits_is_said_and_the_table_stays():
    widget = filter_widget(book())
    before = widget.html
    widget.children[4].value = "nothing says this"
    assert "no statement with &#x27;nothing says this&#x27; fits" in widget.message
    assert widget.html == before


def test_kinds_come_with_most_mistakes_on_top():
    drawn = kinds(ledger().where(lecture="K"))
    shares = []
    for part in drawn.alt.partition("verdict. ")[2].rstrip(".").split("; "):
        kind, _, counts = part.partition(": ")
        of_kind = ledger().where(lecture="K", kind=kind)
        assert all(f"{of_kind.counts()[one]} {one.value}" in counts for one in of_kind.counts())
        shares.append(of_kind.counts()[Verdict.WRONG] / len(of_kind))
    assert shares == sorted(shares, reverse=True)
    assert len(shares) > 3


def test_every_verdict_is_a_mark_behind_its_slide():
    text = marks(ledger().where(lecture="K", chapter=1)).replace("\N{NO-BREAK SPACE}", " ")
    key, paragraph = text.split("\n\n")
    assert "✗ wrong" in key
    assert " 7 ✗✗ " in f"{paragraph} "
    whole = "".join(marks().split("\n\n")[1:])
    assert sum(whole.count(mark) for mark in "✓≈◇✗–") == len(ledger())


def test_a_stored_notebook_shows_the_table():
    html = filter_widget(book())._repr_mimebundle_()["text/html"]
    assert "<table" in html
    assert "run this cell" in html
    assert "<tr id=" not in html, "an id stands once on a page: in the table of its chapter"
