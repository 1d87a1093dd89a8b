"""Decks: what a chapter's cells become, and what is said where no deck can be made."""

import errno
import html.parser
import re
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
)
from typer.testing import CliRunner

from coursekit import cli
from coursekit.chapters import CHAPTERS, Chapter, chapter
from coursekit.errors import CourseError
from coursekit.live import deck, shown
from coursekit.live.deck import columns, slides, write_deck
from coursekit.notebooks import read

ROOT = Path(__file__).resolve().parents[2]
READY = [one for one in CHAPTERS if (ROOT / one.notebook).is_file()]


def prose(source: str, kind: str = "-", **ours: object) -> NotebookNode:
    metadata: dict[str, object] = {"slideshow": {"slide_type": kind}}
    if ours:
        metadata["coursekit"] = ours
    return new_markdown_cell(source, metadata=metadata)


def code(source: str, kind: str = "-", live: bool = False, printed: str = "") -> NotebookNode:
    metadata: dict[str, object] = {"slideshow": {"slide_type": kind}}
    if live:
        metadata["tags"] = ["live"]
    outputs = [new_output("stream", name="stdout", text=printed)] if printed else []
    return new_code_cell(source, metadata=metadata, outputs=outputs, execution_count=1)


def cut(*cells: NotebookNode) -> list[deck.Slide]:
    return slides(new_notebook(cells=list(cells)))


def result(**data: str) -> str:
    bundle = {name.replace("__", "/").replace("_plus_", "+"): value for name, value in data.items()}
    return shown.results([new_output("execute_result", data=bundle)])


# --- cutting


def test_slide_types_make_slides_beside_and_below_each_other() -> None:
    made = cut(
        prose("# One", "slide"),
        prose("more"),
        prose("## Two", "subslide"),
        prose("a secret", "skip"),
        prose("## Three", "slide"),
    )
    assert [[slide.headed for slide in column] for column in columns(made)] == [
        [True, True],
        [True],
    ]
    shown = "".join(part.html for slide in made for part in slide.parts)
    assert "more" in made[0].parts[1].html
    assert "secret" not in shown


def test_a_chapter_that_starts_below_starts_beside() -> None:
    assert len(columns(cut(prose("text", "subslide")))) == 1


def test_what_waits_for_a_key_press() -> None:
    (slide,) = cut(
        prose("# Question", "slide"),
        prose("at once"),
        prose("later", "fragment"),
        code("x = 1", "fragment", printed="one"),
        code("y = 2", printed="two"),
    )
    assert [part.waits for part in slide.parts] == [False, False, True, True, False]
    assert "one" in slide.parts[3].html, "code that nobody types comes with its result"


def test_live_code_waits_after_its_question_and_its_result_after_the_code() -> None:
    (slide,) = cut(
        prose("**Predict.** What is it?", "slide"), code("1 + 1", live=True, printed="two")
    )
    question, typed, shown = slide.parts
    assert (question.asks, question.waits) == (True, False)
    assert typed.waits
    assert "two" not in typed.html
    assert shown.waits
    assert "two" in shown.html


def test_live_code_on_a_slide_of_its_own_repeats_its_question() -> None:
    first, second = cut(
        prose("A story.\n\n**Predict:** up or down?", "slide"),
        code("x", "subslide", live=True),
    )
    assert "story" in first.parts[0].html
    assert "up or down?" in second.parts[0].html
    assert "story" not in second.parts[0].html
    assert [part.waits for part in second.parts] == [False, True]


def test_other_code_and_other_prose_repeat_nothing() -> None:
    assert len(cut(prose("**Predict.** Why?", "slide"), code("x", "subslide"))[1].parts) == 1
    assert len(cut(prose("No question.", "slide"), code("x", "subslide", live=True))[1].parts) == 1


def test_a_slide_knows_the_heading_above_it() -> None:
    first, second = cut(prose("## A *noisy* sensor", "slide"), code("x", "subslide"))
    assert (first.headed, second.headed) == (True, False)
    assert second.title == "A <em>noisy</em> sensor"


def test_a_comment_in_code_is_no_heading() -> None:
    _, second = cut(prose("## Right", "slide"), code("# Wrong\nx", "subslide"))
    assert second.title == "Right"


def test_notes_stay_with_what_they_are_about() -> None:
    (slide,) = cut(
        prose("# One", "slide", notes="Smile *now*."),
        code("x = 1", "fragment"),
        prose("Wait for answers.", "notes"),
    )
    assert len(slide.parts) == 2
    assert "Smile <em>now</em>." in slide.parts[0].notes
    assert "Wait for answers." in slide.parts[1].notes
    assert not any("answers" in part.html for part in slide.parts)


def test_notes_without_anything_to_show_are_kept() -> None:
    (slide,) = cut(prose("Good morning.", "notes"))
    assert "Good morning." in slide.parts[0].notes


# --- time


def test_minutes_are_shared_out_among_the_slides_of_a_section() -> None:
    made = cut(
        prose("# One", "slide", minutes=3),
        prose("b", "fragment"),
        prose("c", "subslide"),
        prose("# Two", "slide", minutes=1),
    )
    assert [slide.seconds for slide in made] == [120, 60, 60]


def test_a_section_may_begin_in_the_middle_of_a_slide() -> None:
    (slide,) = cut(prose("# One", "slide", minutes=1), prose("## Two", "fragment", minutes=2))
    assert slide.seconds == 180


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["slide", "subslide", "fragment", "-"]),
            st.none() | st.integers(1, 12),
            st.booleans(),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_no_second_is_lost_or_invented(cells: list[tuple[str, int | None, bool]]) -> None:
    made = cut(
        *(
            prose("text", kind, **({"minutes": minutes} if minutes else {}))
            if minutes or not is_code
            else code("x", kind, live=True, printed="y")
            for kind, minutes, is_code in cells
        )
    )
    assert sum(slide.seconds for slide in made) == sum(
        60 * (minutes or 0) for _, minutes, _ in cells
    )


# --- cells as HTML


def test_code_is_highlighted_and_stays_the_same_text() -> None:
    source = 'if a < b:\n    print("<b>&", a)  # why'
    made = shown.code(source)
    assert "<b>" not in made
    assert text_of(made) == source
    assert made.count("<span") > 3


def test_prose_keeps_formulas_and_tables() -> None:
    made = shown.prose("Here $x_i * y_i$ and $a_i * b$\n\n| a |\n|--|\n| $z_1$ |")
    assert "$x_i * y_i$" in made
    assert "<em>" not in made
    assert "<table>" in made


def test_only_links_to_the_web_stay_links() -> None:
    made = shown.prose("[here](../exercises/a.ipynb) [below](#x) [there](https://example.org/a)")
    assert re.findall(r"<a\b[^>]*>", made) == ['<a href="https://example.org/a">']
    assert "here" in made


def test_a_figure_keeps_its_alternative_text() -> None:
    figure = '<figure><img alt="a bar" src="data:image/png;base64,AA=="><figcaption>c</figcaption></figure>'
    assert figure in result(text__html=figure, text__plain="[Figure: a bar]")


def test_a_bare_picture_gets_an_alternative_text() -> None:
    made = result(image__png="QUJD\nREVG\n", text__plain='<Figure "1">')
    assert 'src="data:image/png;base64,QUJDREVG"' in made
    assert 'alt="&lt;Figure &quot;1&quot;&gt;"' in made


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"text__plain": "a < b"}, "a &lt; b"),
        ({"text__markdown": "*so*", "text__plain": "so"}, "<em>so</em>"),
        ({"text__latex": "$x^2$", "text__plain": "x"}, "$x^2$"),
        ({"image__svg_plus_xml": "<svg></svg>", "text__plain": "x"}, "<svg></svg>"),
    ],
)
def test_results_of_other_kinds(data: dict[str, str], expected: str) -> None:
    assert expected in result(**data)


def test_what_cells_print_is_text() -> None:
    outputs = [
        new_output("stream", name="stdout", text="<script>alert(1)</script>\n"),
        new_output("error", ename="E", evalue="v", traceback=["\x1b[31mE\x1b[0m: <v>"]),
    ]
    made = shown.results(outputs)
    assert "<script>" not in made
    assert "&lt;script&gt;" in made
    assert "&lt;v&gt;" in made
    assert "\x1b" not in made
    assert shown.results([]) == ""


# --- the page


class Tags(html.parser.HTMLParser):
    """Collects every tag of a page with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(page)
    return parser.found


def text_of(markup: str) -> str:
    parts: list[str] = []
    parser = html.parser.HTMLParser()
    parser.handle_data = parts.append  # type: ignore[method-assign]
    parser.feed(markup)
    return "".join(parts)


@pytest.mark.parametrize("one", READY, ids=lambda one: one.slug)
def test_a_chapter_becomes_one_file_with_everything_inside(one: Chapter, tmp_path: Path) -> None:
    path = write_deck(one, tmp_path / "deck.html")
    page = path.read_text(encoding="utf-8")
    found = tags(page)
    assert ("html", {"lang": "en"}) in found
    assert f"<title>{one.title}</title>" in page
    outside = [
        (tag, value)
        for tag, attributes in found
        for name, value in attributes.items()
        if name in ("src", "href", "data", "poster", "srcset")
        and tag != "a"
        and not (value or "").startswith(("data:", "#"))
    ]
    assert outside == []
    styles = "".join(re.findall(r"<style>.*?</style>", page, re.DOTALL))
    assert "@font-face" in styles
    assert not re.findall(r"url\((?!data:)[^)]*\)|@import", styles)

    notebook = read(ROOT / one.notebook)
    seen = [cell for cell in notebook.cells if cell.metadata.slideshow.get("slide_type") != "skip"]
    stored = "".join(
        output.get("data", {}).get("text/html", "")
        for cell in seen
        for output in cell.get("outputs", [])
    )
    alts = [attributes["alt"] for tag, attributes in tags(stored) if tag == "img"]
    assert alts
    assert [attributes["alt"] for tag, attributes in found if tag == "img"] == alts
    minutes = sum(cell.metadata.get("coursekit", {}).get("minutes", 0) for cell in notebook.cells)
    timings = [
        int(attributes["data-timing"]) for _, attributes in found if "data-timing" in attributes
    ]
    assert sum(timings) == 60 * minutes
    names = [
        attributes["id"] for tag, attributes in found if tag == "section" and "id" in attributes
    ]
    assert len(names) == len(set(names)) == len(timings)


def test_the_same_chapter_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (write_deck(READY[0], tmp_path / name).read_bytes() for name in "ab")
    assert first == second


# --- what can be in the way


@pytest.fixture
def small_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a course whose first chapter has one cell."""
    root = tmp_path / "course"
    (root / "notebooks").mkdir(parents=True)
    monkeypatch.setattr(deck, "course_root", lambda: root)
    cells = [prose("# One", "slide"), code("1", live=True, printed="1")]
    nbformat.write(new_notebook(cells=cells), root / chapter(1).notebook)
    return root


def test_without_a_name_the_deck_lies_with_the_lecture_copies(small_course: Path) -> None:
    path = write_deck(chapter(1))
    assert path == small_course / "work" / "live" / "01_convolution_1d.html"
    assert path.is_file()


def test_a_deck_is_made_anew_over_an_older_one(small_course: Path, tmp_path: Path) -> None:
    path = write_deck(chapter(1), tmp_path / "deck.html")
    path.write_text(path.read_text(encoding="utf-8") + "<!-- of last year -->", encoding="utf-8")
    assert "of last year" not in write_deck(chapter(1), path).read_text(encoding="utf-8")


def test_a_chapter_without_a_notebook(small_course: Path, tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"Chapter 02 has no notebook here .*: choose a chapter"):
        write_deck(chapter(2), tmp_path / "deck.html")
    assert not (tmp_path / "deck.html").exists()


def test_a_chapter_without_results(small_course: Path, tmp_path: Path) -> None:
    path = small_course / chapter(1).notebook
    notebook = read(path)
    notebook.cells[1].update(outputs=[], execution_count=None)
    nbformat.write(notebook, path)
    with pytest.raises(CourseError, match=r"without results.*`coursekit execute notebooks/01_\S+`"):
        write_deck(chapter(1), tmp_path / "deck.html")


@pytest.mark.parametrize("content", [b"my thesis", b"\xff\xfe\x00", b""])
def test_a_file_of_somebody_else_stays(small_course: Path, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "thesis.html"
    path.write_bytes(content)
    with pytest.raises(CourseError, match=r"thesis\.html is there already.*--to"):
        write_deck(chapter(1), path)
    assert path.read_bytes() == content


def test_a_folder_is_no_place_for_a_deck(small_course: Path, tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"is a folder.*--to .*slides\.html"):
        write_deck(chapter(1), tmp_path)


def test_a_folder_that_cannot_be_written_to(
    small_course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CourseError, match=r"cannot be written to .* name a file in a folder"):
        write_deck(chapter(1), tmp_path / "file" / "deck.html")

    def refuse(path: Path, content: str) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(deck, "atomic_write", refuse)
    with pytest.raises(CourseError, match=r"Permission denied.* name a file in a folder"):
        write_deck(chapter(1), tmp_path / "deck.html")


# --- the command


def test_the_command_says_where_the_deck_is(small_course: Path, tmp_path: Path) -> None:
    path = tmp_path / "deck.html"
    done = CliRunner().invoke(cli.app, ["slides", "01", "--to", str(path)])
    assert done.exit_code == 0
    assert str(path) in done.stdout
    assert path.is_file()


def test_the_command_refuses_in_one_sentence(small_course: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(cli.app, ["slides", "2", "--to", str(tmp_path / "deck.html")])
    assert done.exit_code == 1
    assert done.stderr.startswith("Chapter 02 has no notebook here")
    assert len(done.stderr.splitlines()) == 1
    unknown = CliRunner().invoke(cli.app, ["slides", "17"])
    assert unknown.exit_code == 2
    assert "16" in unknown.stderr
    assert "Traceback" not in unknown.stderr
