"""Find solution text in a file that students get, wherever in the file it may hide."""

import ast
import base64
import binascii
import gzip
import html
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

from coursekit.chapters import CHAPTERS
from coursekit.study.reveal import solution_lines
from coursekit.study.tasks import chapter_tasks

SHORT = 12  # characters without spaces; `return dx, dw` has 11 and says nothing
DEPTH = 4  # an archive in an attachment in a notebook is three; a bomb of archives is many more

_OWNER = "coursekit/reference"
_REFERENCE = Path(__file__).resolve().parent.parent / "reference"
# of every class of layers, whatever it computes
_FORM = frozenset({"def __init__(self):", "super().__init__()", "def forward(self, x):"})
_SENTENCE = re.compile(r"(?<=[.;:!?])\s+")
_DROPPED = re.compile(r"[\s\\]+")  # what an editor, a JSON string or a formatter adds or takes away
_TAG = re.compile(r"<[^<>]*>")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}")
_URL_SAFE = str.maketrans("-_", "+/")
_COMPUTES = re.compile(r"[-+*/@%(\[]")


@dataclass(frozen=True)
class Secret:
    """A line that students are not meant to get.

    Args:
        text: the line, without indentation and without the sign of a comment.
        owner: whose it is: ``"the solution of task 1.2"``.
        kind: ``"code"``, or ``"words"`` for a comment (it is a step of the plan) or a written answer.
    """

    text: str
    owner: str
    kind: Literal["code", "words"]

    @property
    def of_the_reference(self) -> bool:
        """Whether it is a line of the reference, not of a solution."""
        return self.owner.startswith(_OWNER)

    @cached_property
    def squeezed(self) -> str:
        """The line without its spaces."""
        return _squeeze(self.text)

    @cached_property
    def alone(self) -> re.Pattern[str]:
        """The line with any spaces, and not as a part of something longer."""
        tokens = re.findall(r"\w+|[^\w\s]", self.text)
        spaced = [
            rf"{'[ ]+' if a[-1:].isalnum() and b[0].isalnum() else '[ ]*'}{re.escape(b)}"
            for a, b in pairwise(["", *tokens])
        ]
        return re.compile(rf"(?<![\w.]){''.join(spaced)}(?!\w|\.\w|[ ]*[-+*/@%(\[])")

    def is_in(self, text: "_Text") -> bool:
        """Tell whether a text contains the line."""
        if len(self.squeezed) >= SHORT:
            return self.squeezed in text.squeezed
        if self.kind == "code" and _COMPUTES.search(self.text):
            return bool(self.alone.search(text.text))
        return self.squeezed in text.lines


@dataclass(frozen=True)
class Leak:
    """A secret in a file: which, and where in the file."""

    secret: Secret
    place: str

    def __str__(self) -> str:
        return f"{self.place} contains a line of {self.secret.owner}: {self.secret.text!r}"


def secrets(root: Path) -> list[Secret]:
    """Return every line of every solution, and of the reference.

    A written solution counts sentence by sentence. What every class of layers shares does not count
    (`super().__init__()`), nor, of the reference, what every program may share: imports, signatures,
    docstrings, and lines shorter than `SHORT`.

    Args:
        root: the folder with solutions/.
    """
    found = []
    for one in CHAPTERS:
        if (root / one.solutions).is_file():
            for task in chapter_tasks(one):
                owner, written = f"the solution of task {task.id}", task.kind == "written"
                for line in solution_lines(task, root):
                    for part in _SENTENCE.split(line.strip()) if written else [line]:
                        found.append(_secret(part, owner, written))
    for path in sorted(_REFERENCE.rglob("*.py")):
        owner = f"{_OWNER}/{path.relative_to(_REFERENCE).as_posix()}"
        lines = (_secret(line, owner) for line in _code_lines(path.read_text("utf-8")))
        found += [line for line in lines if len(line.squeezed) >= SHORT]
    return [secret for secret in found if secret.squeezed and secret.text not in _FORM]


def leaks(name: str, data: bytes, hidden: list[Secret], teaches: bool = False) -> Iterator[Leak]:
    """Yield the secrets that a file contains.

    All of a notebook counts: sources, outputs, metadata, attachments, ids; and what is wrapped once
    more: HTML, base64, zip and gzip. Spaces do not matter. A long line is found anywhere; one shorter
    than `SHORT` only where it is not part of something longer (`return W - F + 1`), and if it computes
    nothing (`return y`) only on a line of its own. Nothing finds words in the pixels of a picture.

    Args:
        name: the file's path, for the reader.
        data: its content.
        hidden: from `secrets`.
        teaches: the file is a chapter. Measured over chapters 01 to 06, chapters teach 16 lines of code
            that solutions use as well (the loops of a sliding window, the steps of the perceptron; in
            chapter 02 all the code of task 2.2, which learners then write from memory) and share 3 with
            the reference (`return params`), but not one of the comments, the steps of a solution's plan.
            So in a chapter's code cells code may be shown. Comments and written answers are refused
            there as well, so a solution that is pasted whole is seen; and everything of a solution is
            refused in the rest of the chapter. The reference may be quoted in a chapter: whoever has
            coursekit has it. In exercises nothing was found, and nothing is allowed.
    """
    places = list(_places(name, data))
    for secret in hidden:
        for place, text, is_taught in places:
            taught = teaches and ((is_taught and secret.kind == "code") or secret.of_the_reference)
            if not taught and secret.is_in(text):
                yield Leak(secret, place)
                break


class _Text:
    """A text somewhere in a file, in the forms in which it is searched."""

    def __init__(self, parts: Iterable[str]) -> None:
        self.text = "\n\0\n".join(parts)
        self.squeezed = _squeeze(self.text)
        self.lines = {_squeeze(_bare(line)) for line in self.text.splitlines()}


def _squeeze(text: str) -> str:
    return _DROPPED.sub("", text)


def _bare(line: str) -> str:
    return line.strip().lstrip("#").strip()


def _secret(line: str, owner: str, written: bool = False) -> Secret:
    words = written or line.strip().startswith("#")
    return Secret(_bare(line), owner, "words" if words else "code")


def _code_lines(source: str) -> list[str]:
    """Return the lines of a module that say how it computes."""
    lines = source.splitlines()
    skipped: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.FunctionDef() | ast.ClassDef():
                skipped.update(range(node.lineno, node.body[0].lineno))
            case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant(value=str())):
                skipped.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return [line for number, line in enumerate(lines, 1) if number not in skipped]


def _places(name: str, data: bytes) -> Iterator[tuple[str, _Text, bool]]:
    """Yield each place of a file, its texts, and whether it is the source of a code cell."""
    yield f"the name of {name}", _Text([name]), False
    try:
        raw = json.loads(_decode(data))
        cells = [(cell["id"], cell["cell_type"], cell) for cell in raw.pop("cells")]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):  # no notebook
        yield name, _Text(_unwrapped(data, DEPTH)), False
        return
    yield f"the metadata of {name}", _Text(_strings(raw, DEPTH)), False
    for cell_id, kind, cell in cells:
        for key, value in cell.items():
            place = f"cell {cell_id} of {name}"
            if key == "source":
                yield place, _Text(_strings(value, DEPTH)), kind == "code"
            else:
                yield f"{place} ({key})", _Text([key, *_strings(value, DEPTH)]), False


def _strings(value: Any, depth: int) -> Iterator[str]:
    """Yield all texts in a JSON value, the names of its keys among them, and what is wrapped in them."""
    match value:
        case dict():
            for key, inner in value.items():
                yield key
                yield from _strings(inner, depth)
        case list():
            # a text of several lines stands as a list of them
            for strings, some in groupby(value, lambda inner: isinstance(inner, str)):
                if strings:
                    yield from _wrapped("".join(some), depth)
                else:
                    for inner in some:
                        yield from _strings(inner, depth)
        case str():
            yield from _wrapped(value, depth)


def _wrapped(text: str, depth: int) -> Iterator[str]:
    """Yield a text, and what is in it as HTML, in an address, in base64, or as JSON."""
    yield text
    plain = unquote(html.unescape(_TAG.sub("", text)))
    if plain != text:
        yield plain
    if depth == 0:
        return
    if text.lstrip()[:1] in ("{", "["):
        try:
            inner = json.loads(text)
        except (ValueError, RecursionError):
            inner = None
        yield from _strings(inner, depth - 1)
    for run in {*_BASE64.findall(text), *_BASE64.findall("".join(text.split()))}:
        try:
            data = base64.b64decode(run.translate(_URL_SAFE) + "=" * (-len(run) % 4))
        except binascii.Error:
            continue  # it only looked like base64
        yield from _unwrapped(data, depth - 1)


def _unwrapped(data: bytes, depth: int) -> Iterator[str]:
    """Yield the texts in a file's content, also from a zip or gzip archive."""
    yield from _wrapped(_decode(data), depth)
    if depth == 0:
        return
    try:
        if data[:2] == b"\x1f\x8b":
            yield from _unwrapped(gzip.decompress(data), depth - 1)
        elif zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for member in archive.infolist():
                    yield member.filename
                    yield from _unwrapped(archive.read(member), depth - 1)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError):
        return  # damaged or locked: nobody else gets at what is in it either


def _decode(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")  # a picture or an array: plain text in it stays readable
