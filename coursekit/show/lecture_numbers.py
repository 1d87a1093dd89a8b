"""The figures of chapter 16: the verdicts as a picture, and the ledger with controls."""

import ipywidgets
import numpy as np

from coursekit.lectures import LECTURES, Ledger, Verdict, ledger
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
    counts = {letter: book.where(lecture=letter).counts() for letter in LECTURES}
    shown = [letter for letter, found in counts.items() if found]
    figure, ax = canvas(9, 0.7 * max(2, len(shown)) + 1.4)
    left = np.zeros(len(shown))
    for one in Verdict:
        widths = np.array([counts[letter][one] for letter in shown])
        color, hatch = _LOOKS[one]
        bars = ax.barh(
            shown, widths, left=left, color=color, hatch=hatch, edgecolor="white", label=one.value
        )
        for bar, width in zip(bars, widths, strict=True):
            if width >= _LEAST:
                place = (bar.get_x() + width / 2, bar.get_y() + bar.get_height() / 2)
                box = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none"}
                ax.text(*place, str(width), ha="center", va="center", color=BLACK, bbox=box)
        left = left + widths
    ax.invert_yaxis()
    ax.set(xlabel="statements")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=5, fontsize=10)
    told = "; ".join(
        f"{LECTURES[letter].by}: "
        + ", ".join(f"{counts[letter][one]} {one.value}" for one in Verdict if counts[letter][one])
        for letter in shown
    )
    return picture(
        figure,
        alt=f"A bar for each lecture, divided by verdict. {told}.",
        caption="Every checkable statement once. "
        + " ".join(f"{letter} is {LECTURES[letter].by}'s lecture." for letter in shown)
        if shown
        else "No statements.",
    )


def filter_widget(book: Ledger | None = None) -> Explorer:
    """Return the ledger with controls; it starts with what is wrong.

    Args:
        book: whose claims to show; None for all.
    """
    book = ledger() if book is None else book

    def narrowed(lecture: str, verdict: str, chapter: int, kind: str, text: str) -> Ledger:
        return book.where(
            lecture=lecture or None,
            verdict=verdict or None,
            chapter=chapter or None,
            kind=kind or None,
            text=text,
        )

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
