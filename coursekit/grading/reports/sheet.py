"""Tables for spreadsheets: CSV that Excel, LibreOffice, pandas and learning platforms read alike, and back.

A file begins with a byte order mark. Without it Excel takes UTF-8 for Windows-1252 and shows "JÃ¶rg";
pandas, Moodle and Canvas drop it. Python's csv module wants ``encoding="utf-8-sig"``.

What students write reaches the teacher's spreadsheet, where a cell that begins with ``=`` is a program.
Such a cell gets an apostrophe in front, which makes it text everywhere, and `read_table` takes it away
again. The same holds after a line break, a tab or a semicolon inside a cell: a spreadsheet that expects
another separator than the comma may begin a new cell there.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from coursekit.errors import CourseError

BYTE_ORDER_MARK = "\ufeff"
LONGEST_CELL = 10_000
"""Characters; Excel spills what exceeds 32,767 into the rows below."""

_SIGNS = "=+\\-@＝＋－＠"
_GUARDED = (
    re.compile(rf"\A('*)(?=[{_SIGNS}\t\r\n])"),
    re.compile(rf"(?<=[\n\r\t;])('*)(?=[{_SIGNS}])"),
)
_GUARDS = (
    re.compile(rf"\A'('*)(?=[{_SIGNS}\t\r\n])"),
    re.compile(rf"(?<=[\n\r\t;])'('*)(?=[{_SIGNS}])"),
)


def table(rows: Iterable[Sequence[str]]) -> str:
    """Return rows, the header among them, as the text of a CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([cell(one) for one in row] for row in rows)
    return BYTE_ORDER_MARK + text.getvalue()


def cell(text: str) -> str:
    """Return a text as it stands in a cell: readable, and never a formula."""
    text = printable(text)
    for pattern in _GUARDED:
        text = pattern.sub(r"'\1", text)
    return text


def unguarded(text: str) -> str:
    """Return the text that `cell` was given, from the text that it made of it."""
    for pattern in _GUARDS:
        text = pattern.sub(r"\1", text)
    return text


def shortened(text: str) -> str:
    """Return a text that fits into a cell."""
    return text if len(text) <= LONGEST_CELL else text[:LONGEST_CELL] + " [cut here]"


def printable(text: str) -> str:
    """Return a text with a visible sign in the place of what no file of text may hold."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}"
        if unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\t\n\r"
        else sign
        for sign in text
    )


def task_name(task_id: str) -> str:
    """Return a task's id as no spreadsheet mends it: 1.10 would become 1.1, and 1.2 the first of February."""
    return f"task {task_id}"


def task_id(text: str) -> str:
    """Return the id that a cell names, as `task_name` wrote it or as a person did: "1.2", "Task 1,2"."""
    found = re.fullmatch(r"(?:task)?\s*([0-9]+)[.,]([0-9]+)(?:\s.*)?", text.strip(), re.I | re.S)
    return f"{found[1]}.{found[2]}" if found else text.strip()


def read_table(data: bytes, needed: Sequence[str]) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Read a table as spreadsheets save it.

    Args:
        data: the content of the file: separated by commas, semicolons or tabs; UTF-8, UTF-16 or
            Windows-1252.
        needed: names of the columns without which it is not the table that was meant.

    Returns:
        The names of the columns in small letters, and the rows that are not empty, each with its number in
        the spreadsheet.

    Raises:
        CourseError: this is no such table; the sentence goes on after the file's name.
    """
    text = _decode(data)
    if text.lower().startswith("sep="):  # a line for Excel, which does not show it
        text = text.partition("\n")[2]
    for separator in ",;\t":
        try:
            header = next(_rows(text, separator), None)
        except csv.Error:
            continue
        if header is None:
            break
        names = [unguarded(name).strip().casefold() for name in header[1]]
        if set(needed) <= set(names):
            twice = [name for name in names if name and names.count(name) > 1]
            if twice:
                raise CourseError(f"has two columns {twice[0]!r}, expected one: delete the other.")
            return names, _body(text, separator)
    given = text.strip().splitlines()
    raise CourseError(
        f"begins with {_short(given[0])}, " + f"expected a row with the names {', '.join(needed)}."
        if given
        else f"is empty, expected a row with the names {', '.join(needed)}, and rows below it."
    )


def _decode(data: bytes) -> str:
    if data.startswith(b"PK\x03\x04"):
        raise CourseError("is a workbook, expected CSV: save it as CSV UTF-8 in your spreadsheet.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):  # "Unicode text" in Excel
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("windows-1252", errors="replace")


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that hold anything, and their numbers."""
    # strict: a quotation mark that nobody closed would swallow the rest of the file
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    while True:
        number += 1
        try:
            row = next(reader)
        except StopIteration:
            return
        if any(one.strip() for one in row):
            yield number, row


def _body(text: str, separator: str) -> list[tuple[int, list[str]]]:
    rows: list[tuple[int, list[str]]] = []
    try:
        for number, row in _rows(text, separator):
            rows.append((number, [unguarded(one) for one in row]))
    except csv.Error as error:
        last = f" after row {rows[-1][0]}" if rows else ""
        raise CourseError(
            f"cannot be read{last} ({error}), expected a quotation mark at both ends of a cell that has one: "
            "save it anew from your spreadsheet."
        ) from error
    return rows[1:]


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:60] + "...")
