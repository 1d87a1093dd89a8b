"""How what was typed differs from the reference."""

import ast
import difflib
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

SAME = "What you typed is the reference."
SAME_CODE = "The same code as the reference; only comments or layout differ."
NOTHING = "Nothing is typed yet."
_COLORS = {
    "-": ("#fbe3d6", "only yours"),
    "+": ("#d7efe3", "only in the reference"),
    " ": ("transparent", ""),
}


@dataclass(frozen=True)
class Comparison:
    """Two texts, line by line.

    Args:
        sentence: the verdict in words.
        lines: each with ``"-"`` (typed only), ``"+"`` (reference only) or ``" "`` (both) before it.
    """

    sentence: str
    lines: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join([self.sentence, *self.lines])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = []
        for line in self.lines:
            color, title = _COLORS[line[0]]
            rows.append(
                f'<div style="background:{color};color:#111" title="{title}">'
                f'<span style="user-select:none">{line[0]} </span>{escape(line[2:])}</div>'
            )
        code = f'<pre style="padding:0.4em;background:#fff">{"".join(rows)}</pre>' if rows else ""
        return f"<div><p>{escape(self.sentence)}</p>{code}</div>"


def compare(typed: str, reference: str) -> Comparison:
    """Compare what was typed with the reference."""
    if not typed.strip():
        return Comparison(NOTHING)
    if typed.rstrip() == reference.rstrip():
        return Comparison(SAME)
    if _meaning(typed) == _meaning(reference):
        return Comparison(SAME_CODE)
    lines = tuple(_side_by_side(_lines(typed), _lines(reference)))
    mine, theirs = sum(line[0] == "-" for line in lines), sum(line[0] == "+" for line in lines)
    if not mine:
        return Comparison(
            f"Nothing of yours differs; {_count(theirs)} of the reference (+) missing.", lines
        )
    return Comparison(
        f"{_count(mine)} of yours (-) and {_count(theirs)} of the reference (+) differ.", lines
    )


def with_next_line(typed: str, reference: str) -> str | None:
    """Return what was typed, and after it the line of the reference that comes next; None if none is left.

    Lines count as typed in the order of the reference; others between them stay and count for nothing.
    """
    todo = _lines(reference)
    for line in _lines(typed):
        if todo and _bare(line) == _bare(todo[0]):
            del todo[0]
    while todo and not todo[0].strip():
        del todo[0]  # an empty line is nothing to see
    if not todo:
        return None
    done = len(_lines(reference)) - len(todo)
    gap = [] if not typed.strip() or done == 0 else _blank_lines_before(reference, done)
    return "\n".join([*(_lines(typed) if typed.strip() else []), *gap, todo[0]])


def _side_by_side(typed: list[str], reference: list[str]) -> Iterator[str]:
    """Yield the lines of both, each with its sign; spaces within a line make no difference."""
    mine, theirs = ([(_indent(line), _bare(line)) for line in text] for text in (typed, reference))
    matcher = difflib.SequenceMatcher(None, mine, theirs, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            yield from (f"  {line}" for line in reference[c:d])
        else:
            yield from (f"- {line}" for line in typed[a:b])
            yield from (f"+ {line}" for line in reference[c:d])


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip()) if line.strip() else 0


def _blank_lines_before(reference: str, index: int) -> list[str]:
    lines, gap = _lines(reference), []
    while index > 0 and not lines[index - 1].strip():
        gap.append("")
        index -= 1
    return gap


def _lines(text: str) -> list[str]:
    return text.rstrip().split("\n")


def _bare(line: str) -> str:
    """Return a line without comment and spaces, which nobody types twice in the same way."""
    try:
        tokens = tokenize.generate_tokens(io.StringIO(line).readline)
        return "".join(one.string for one in tokens if one.type != tokenize.COMMENT).strip()
    except (tokenize.TokenError, IndentationError):  # a line of a longer statement
        return "".join(line.split())


def _meaning(text: str) -> str | None:
    try:
        return ast.dump(ast.parse(text))
    except (SyntaxError, ValueError):
        return None


def _count(lines: int) -> str:
    return f"{lines} line{'' if lines == 1 else 's'}"
