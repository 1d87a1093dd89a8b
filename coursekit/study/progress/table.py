"""A learner's progress as a table, for a notebook and for a terminal."""

from dataclasses import dataclass
from html import escape
from itertools import groupby

from coursekit.chapters import chapter

_HEADINGS = ("task", "title", "best points", "status", "hints", "solution", "last check")


@dataclass(frozen=True)
class Row:
    """One task and what the learner did with it.

    Args:
        task_id: for example ``"1.2"``.
        title: of the task.
        points: the best result of the visible checks so far.
        out_of: what a right answer scores.
        minutes: what the task usually takes.
        status: ``"not attempted"``, ``"attempted"`` or ``"visible checks passed"``; ``"a person reads it"``
            where the answer is written.
        hints: how many were read.
        solution_seen: whether it was shown.
        checked: the day of the last check, empty before the first.
        done: whether nothing is left to do.
        written: whether the answer is in words, which no check can judge; it does not count here.
    """

    task_id: str
    title: str
    points: float
    out_of: float
    minutes: int
    status: str
    hints: int
    solution_seen: bool
    checked: str
    done: bool
    written: bool

    @property
    def cells(self) -> tuple[str, ...]:
        """What the table shows, in the order of its columns."""
        return (
            self.task_id,
            self.title,
            f"({_short(self.out_of)})"
            if self.written
            else f"{_short(self.points)} of {_short(self.out_of)}",
            self.status,
            str(self.hints),
            "seen" if self.solution_seen else "–",
            self.checked or "–",
        )


@dataclass(frozen=True)
class Progress:
    """The tasks in order, and sentences that the learner should read first."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    @property
    def total(self) -> str:
        """One sentence that sums up the table."""
        checked = [row for row in self.rows if not row.written]
        done = [row for row in checked if row.done]
        points, out_of = sum(row.points for row in checked), sum(row.out_of for row in checked)
        minutes, of_minutes = sum(row.minutes for row in done), sum(row.minutes for row in checked)
        total = (
            f"{len(done)} of {len(checked)} tasks done, {_short(points)} of {_short(out_of)} "
            f"points in visible checks, about {minutes} of {of_minutes} minutes of exercises."
        )
        written = len(self.rows) - len(checked)
        if not written:
            return total
        answers = "1 written answer, which" if written == 1 else f"{written} written answers, which"
        return f"{total} Not counted: {answers} no program can check."

    def __str__(self) -> str:
        if not self.rows:
            return "\n".join(self.notes)
        table = [_HEADINGS, *(row.cells for row in self.rows)]
        widths = [max(len(line[column]) for line in table) for column in range(len(_HEADINGS))]
        lines = [*self.notes, "Your progress", "  " + _line(_HEADINGS, widths)]
        for title, rows in self._chapters():
            lines += [title, *("  " + _line(row.cells, widths) for row in rows)]
        return "\n".join([*lines, self.total])

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        if not self.rows:
            return notes
        head = "".join(f"<th scope='col' style='{_LEFT}'>{heading}</th>" for heading in _HEADINGS)
        groups = []
        for title, rows in self._chapters():
            first = (
                f"<tr><th scope='rowgroup' colspan='{len(_HEADINGS)}' "
                f"style='{_LEFT};padding-top:0.8em'>{escape(title)}</th></tr>"
            )
            groups.append(f"<tbody>{first}{''.join(map(_html_row, rows))}</tbody>")
        # no color of its own, so that it reads in a light and in a dark theme
        return (
            f"{notes}<table style='border-collapse:collapse;color:inherit;background:transparent'>"
            f"<caption style='{_LEFT};color:inherit'>Your progress</caption>"
            f"<thead><tr style='border-bottom:1px solid currentColor'>{head}</tr></thead>"
            f"{''.join(groups)}<tfoot><tr style='border-top:1px solid currentColor'>"
            f"<td colspan='{len(_HEADINGS)}' style='{_LEFT}'>{escape(self.total)}</td>"
            "</tr></tfoot></table>"
        )

    def _chapters(self) -> list[tuple[str, list[Row]]]:
        groups = groupby(self.rows, key=lambda row: row.task_id.partition(".")[0])
        return [(_title(number), list(rows)) for number, rows in groups]


_LEFT = "text-align:left;background:transparent"


def _html_row(row: Row) -> str:
    name, *rest = (escape(text) for text in row.cells)
    cells = "".join(f"<td style='{_LEFT}'>{text}</td>" for text in rest)
    return f"<tr><th scope='row' style='{_LEFT};font-weight:normal'>{name}</th>{cells}</tr>"


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    return "  ".join(text.ljust(width) for text, width in zip(cells, widths, strict=True)).rstrip()


def _title(number: str) -> str:
    try:
        return f"{number} {chapter(int(number)).title}"
    except ValueError:
        return number


def _short(number: float) -> str:
    return f"{round(number, 2):g}"
