"""The figures of chapter 16: the verdicts as a picture, and the ledger with controls."""

from dataclasses import dataclass
from html import escape
from itertools import groupby
from textwrap import fill

import ipywidgets
import numpy as np

from coursekit.lectures import LECTURES, Ledger, Verdict, judge, ledger
from coursekit.lectures.ledger import MARKS
from coursekit.show.figure import BLACK, GRAY, GREEN, ORANGE, RED, SKY, Picture, canvas, picture
from coursekit.show.widget import Explorer, explorer

# a hatch beside each color, for who cannot tell the colors apart
_LOOKS = {
    Verdict.RIGHT: (GREEN, ""),
    Verdict.ROUNDED: (SKY, ".."),
    Verdict.CONVENTION: (ORANGE, "//"),
    Verdict.WRONG: (RED, "xx"),
    Verdict.UNCHECKED: (GRAY, ""),
}
_LEAST = 6  # a part of a bar narrower than this has no number in it


def verdicts(book: Ledger | None = None) -> Picture:
    """Draw how many statements of each lecture have which verdict.

    Args:
        book: whose claims to count; None for all.
    """
    book = ledger() if book is None else book
    parts = {letter: book.where(lecture=letter) for letter in LECTURES}
    shown = {letter: part for letter, part in parts.items() if len(part)}
    names = "; ".join(LECTURES[letter].name for letter in shown)
    caption = f"Every checkable statement once. {names}." if shown else "No statements."
    return _bars(shown, "statements", caption)


def kinds(book: Ledger | None = None) -> Picture:
    """Draw how the verdicts on each kind of statement are divided, in percent.

    Args:
        book: whose claims to count; None for all.
    """
    book = ledger() if book is None else book
    found: list[str] = sorted({claim.kind for claim in book.claims})
    parts = {kind: book.where(kind=kind) for kind in found}
    shown = dict(sorted(parts.items(), key=lambda part: -_share(part[1], Verdict.WRONG)))
    sizes = ", ".join(f"{kind} {len(part)}" for kind, part in shown.items())
    return _bars(
        shown,
        "percent of the statements of a kind",
        f"Each bar is all statements of a kind, the kind with most mistakes on top. Statements of each: {sizes}."
        if shown
        else "No statements.",
        percent=True,
    )


def _share(book: Ledger, verdict: Verdict) -> float:
    return book.counts()[verdict] / len(book)


def _bars(parts: dict[str, Ledger], along: str, caption: str, percent: bool = False) -> Picture:
    """Draw a bar for each part, divided by verdict."""
    counts = {name: part.counts() for name, part in parts.items()}
    figure, ax = canvas(9, 0.7 * max(2, len(parts)) + 1.4)
    left = np.zeros(len(parts))
    for one in Verdict:
        numbers = np.array([counts[name][one] for name in parts])
        whole = np.array([len(part) for part in parts.values()])
        widths = 100 * numbers / whole if percent else numbers
        color, hatch = _LOOKS[one]
        bars = ax.barh(
            list(parts),
            widths,
            left=left,
            color=color,
            hatch=hatch,
            edgecolor="white",
            label=one.value,
        )
        for bar, width, number in zip(bars, widths, numbers, strict=True):
            if width >= _LEAST:
                place = (bar.get_x() + width / 2, bar.get_y() + bar.get_height() / 2)
                box = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none"}
                ax.text(*place, str(number), ha="center", va="center", color=BLACK, bbox=box)
        left = left + widths
    ax.invert_yaxis()
    ax.set(xlabel=along)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=5, fontsize=10)
    told = "; ".join(
        f"{LECTURES[name].by if name in LECTURES else name}: "
        + ", ".join(f"{counts[name][one]} {one.value}" for one in Verdict if counts[name][one])
        for name in parts
    )
    return picture(figure, alt=f"A bar for each part, divided by verdict. {told}.", caption=caption)


def marks(book: Ledger | None = None) -> str:
    """Return every verdict as one mark: a paragraph for each lecture, slide by slide.

    Args:
        book: whose verdicts to show; None for all.
    """
    book = ledger() if book is None else book
    key = ", ".join(f"{mark} {one.value}" for one, mark in MARKS.items())
    paragraphs = [f"{key}; behind the number of the slide"]
    for letter in LECTURES:
        words = []
        for slide, of_slide in groupby(
            book.where(lecture=letter).claims, key=lambda claim: claim.slide
        ):
            row = "".join(MARKS[judge(claim).verdict] for claim in of_slide)
            if slide:
                words.append(f"{slide}\N{NO-BREAK SPACE}{row}")
            else:  # in tens, which are easier to count
                words += [row[k : k + 10] for k in range(0, len(row), 10)]
        if words:
            paragraphs.append(fill(f"{letter}: " + "  ".join(words), 96, break_long_words=False))
    return "\n\n".join(paragraphs)


@dataclass(frozen=True)
class Filtered:
    """A part of the ledger, and in words which part."""

    part: Ledger
    asked: str

    @property
    def alt(self) -> str:
        """What a reader who cannot see the table should know first."""
        return f"{self.asked} {self.part.alt}"

    def _repr_html_(self) -> str:
        # an id stands once on a page, in the table of its chapter; and as JupyterLab does not look after links in a
        # widget, without a tab of their own they would replace it
        table = self.part._repr_html_().replace("<tr id=", "<tr data-row=")
        table = table.replace("<a href=", "<a target='_blank' rel='noopener' href=")
        return f"<p>{escape(self.asked)}</p>{table}"


def filter_widget(book: Ledger | None = None) -> Explorer:
    """Return the ledger with controls; it starts with what is wrong.

    Args:
        book: whose claims to show; None for all.
    """
    book = ledger() if book is None else book

    def narrowed(lecture: str, verdict: str, chapter: int, kind: str, text: str) -> Filtered:
        found = book.where(
            lecture=lecture or None,
            verdict=verdict or None,
            chapter=chapter or None,
            kind=kind or None,
            text=text,
        )
        if text and not len(found):
            raise ValueError(
                f"no statement with {text!r} fits; try fewer letters, or set the menus to all"
            )
        words = (
            f"lecture {lecture}" if lecture else "all lectures",
            f"the verdict {verdict}" if verdict else "every verdict",
            f"chapter {chapter:02d}" if chapter else "all chapters",
            f"of the kind {kind}" if kind else "of every kind",
            f"with {text!r}" if text else "",
        )
        return Filtered(found, f"Statements: {', '.join(filter(None, words))}.")

    found = {claim.lecture for claim in book.claims}
    lectures = [(one.name, letter) for letter, one in LECTURES.items() if letter in found]
    chapters = sorted({claim.chapter for claim in book.claims if claim.chapter})
    kinds = sorted({claim.kind for claim in book.claims})
    some = [(one.value, one.value) for one in Verdict]
    return explorer(
        narrowed,
        lecture=ipywidgets.Dropdown(options=[("all", ""), *lectures], description="lecture"),
        verdict=ipywidgets.Dropdown(
            options=[("all", ""), *some], value=Verdict.WRONG.value, description="verdict"
        ),
        chapter=ipywidgets.Dropdown(
            options=[("all", 0), *((f"{n:02d}", n) for n in chapters)], description="chapter"
        ),
        kind=ipywidgets.Dropdown(
            options=[("all", ""), *((one, one) for one in kinds)], description="kind"
        ),
        text=ipywidgets.Text(description="with the words", continuous_update=False),
    )
