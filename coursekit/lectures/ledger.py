"""The ledger as a table that can be narrowed down."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from coursekit.chapters import chapter
from coursekit.lectures.claim import Claim
from coursekit.lectures.collection import LECTURES, claims
from coursekit.lectures.verdict import Outcome, Verdict, judge
from coursekit.paths import CourseNotFoundError, course_root, working_copy

_HEADINGS = ("where", "the lecture says", "printed", "computed here", "verdict", "chapter")
MARKS = {
    Verdict.RIGHT: "✓",
    Verdict.ROUNDED: "≈",
    Verdict.CONVENTION: "◇",
    Verdict.WRONG: "✗",
    Verdict.UNCHECKED: "–",
}


@dataclass(frozen=True, repr=False)
class Ledger:
    """Claims and the verdicts on them. It prints as text, a notebook shows it as a table.

    Args:
        claims: in the order of the rows.
    """

    claims: tuple[Claim, ...]

    def where(
        self,
        *,
        lecture: str | None = None,
        verdict: Verdict | str | None = None,
        chapter: int | None = None,
        kind: str | None = None,
        slide: int | None = None,
        text: str | None = None,
    ) -> "Ledger":
        """Return the rows that meet all conditions; None asks for nothing.

        Args:
            lecture: its letter.
            verdict: one of :class:`Verdict`, or its words.
            chapter: number of the chapter that treats it.
            kind: of statement.
            slide: the number of one of its slides.
            text: what the statement or the remark contains, in any case.

        Raises:
            ValueError: there is no such lecture or verdict.
        """
        if lecture is not None and lecture not in LECTURES:
            raise ValueError(
                f"there is no lecture {lecture!r}, expected one of {', '.join(LECTURES)}"
            )
        wanted = None if verdict is None else Verdict(verdict)
        kept = tuple(
            claim
            for claim in self.claims
            if lecture in (None, claim.lecture)
            and chapter in (None, claim.chapter)
            and kind in (None, claim.kind)
            and (slide is None or slide in claim.slides)
            and (not text or text.lower() in f"{claim.id} {claim.says} {claim.remark}".lower())
            and (wanted is None or judge(claim).verdict is wanted)
        )
        return Ledger(kept)

    def counts(self) -> Counter[Verdict]:
        """Return how many claims have which verdict."""
        return Counter(judge(claim).verdict for claim in self.claims)

    @property
    def title(self) -> str:
        """Return how many rows there are, by verdict."""
        counts = self.counts()
        parts = [f"{counts[one]} {one.value}" for one in Verdict if counts[one]]
        rows = "1 statement" if len(self) == 1 else f"{len(self)} statements"
        return f"{rows}: {', '.join(parts)}" if parts else "No statement fits."

    def __getitem__(self, claim_id: str) -> tuple[Claim, Outcome]:
        """Return the claim of this id and the outcome.

        Raises:
            KeyError: there is none.
        """
        for claim in self.claims:
            if claim.id == claim_id:
                return claim, judge(claim)
        raise KeyError(f"no claim is called {claim_id!r}")

    def __iter__(self) -> Iterator[tuple[Claim, Outcome]]:
        return ((claim, judge(claim)) for claim in self.claims)

    def __len__(self) -> int:
        return len(self.claims)

    def __str__(self) -> str:
        lines = [self.title]
        for claim, outcome in self:
            printed = f" [{claim.printed}]" if claim.printed else ""
            lines.append(f"{claim.id}: {claim.says}{printed}")
            why = "; ".join(part for part in (outcome.computed, explained(claim, outcome)) if part)
            lines.append(
                f"    {MARKS[outcome.verdict]} {outcome.verdict.value}: {why}".rstrip(": ")
            )
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)  # a notebook stores it beside the table, for who cannot see tables

    @property
    def alt(self) -> str:
        """What a reader who cannot see the table should know first."""
        return f"A table of statements. {self.title}"

    def _repr_html_(self) -> str:
        # no color of its own, so that it reads in a light and in a dark theme; a box of its own for long ones, which
        # takes the focus so that the keyboard can scroll it
        box = "max-height:36em;overflow:auto;line-height:1.4"
        head = "".join(f"<th scope='col' style='{_LEFT}'>{heading}</th>" for heading in _HEADINGS)
        body = "".join(_row(claim, outcome) for claim, outcome in self)
        return (
            f"<div tabindex='0' role='region' aria-label='{escape(self.title)}' style='{box}'>"
            "<table style='border-collapse:collapse'>"
            f"<caption style='text-align:left'>{escape(self.title)}</caption>"
            f"<thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table></div>"
        )


_LEFT = "text-align:left;vertical-align:top;padding:0.3em 0.5em"


def ledger() -> Ledger:
    """Return all claims of all lectures."""
    return Ledger(claims())


def explained(claim: Claim, outcome: Outcome) -> str:
    """Return why the verdict is what it is, where a published number stands, and the claim's remark."""
    published = f"compared with {outcome.source}" if outcome.source else ""
    parts = [part for part in (outcome.because, claim.remark, published) if part]
    return ". ".join(part[0].upper() + part[1:] for part in parts)


def link(claim: Claim) -> str:
    """Return the address of the chapter's cell from a notebook of the course; empty while there is none."""
    if claim.chapter is None:
        return ""
    one = chapter(claim.chapter)
    try:
        here = ((working_copy() or course_root()) / one.notebook).is_file()
    except CourseNotFoundError:
        return ""
    if not here:
        return ""
    return f"{one.folder}.ipynb" + (f"#cell-id={claim.cell}" if claim.cell else "")


def _row(claim: Claim, outcome: Outcome) -> str:
    number = "" if claim.chapter is None else f"{claim.chapter:02d}"
    address = link(claim)
    target = (
        f"<a href='{escape(address)}' style='text-decoration:underline'>chapter {number}</a>"
        if address
        else number
    )
    why = explained(claim, outcome)
    cells = (
        escape(f"{claim.lecture}, {claim.where}"),
        escape(claim.says),
        escape(claim.printed),
        escape(outcome.computed),
        f"<strong>{MARKS[outcome.verdict]} {outcome.verdict.value}</strong>"
        + (f"<br>{escape(why)}" if why else ""),
        target,
    )
    first, *rest = cells
    return (
        f"<tr id='{claim.id}' title='{claim.id}'><th scope='row' style='{_LEFT};font-weight:normal'>{first}</th>"
        + "".join(f"<td style='{_LEFT}'>{cell}</td>" for cell in rest)
        + "</tr>"
    )
