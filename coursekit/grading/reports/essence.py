"""What is left of an answer when everything is taken away that a copy can change without thought.

Of code: comments, docstrings, layout, the heads of functions (the exercise gives them) and names. A name
becomes the number of other names that were used since its last use. So it does not matter what it is, and one
more line at the top does not renumber all that follow, as it would with numbers in the order of first
appearance. With those, ``tmp = 0`` at the top left copies of sixteen published solutions 69 to 86 % alike, with
distances 86 to 98 %.

Of prose: everything but the words.
"""

import builtins
import io
import keyword
import re
import tokenize
import unicodedata
from collections.abc import Iterator
from itertools import islice

LONGEST = 1000
"""Only so many tokens are looked at: an answer of a megabyte must not hold up the class."""

_KEPT = frozenset(keyword.kwlist) | frozenset(dir(builtins))
_UNSEEN = frozenset(("Cc", "Cf", "Cs"))
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_LAYOUT = frozenset(
    (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
)


def of_code(source: str) -> tuple[str, ...]:
    """Return the essence of Python code; what Python cannot split into tokens is split into words and signs."""
    source = _visible(source)
    try:
        lines = list(_logical_lines(source))
    except (tokenize.TokenError, SyntaxError):
        text = re.sub("#.*", "", source)
        lines = [re.findall(r"\w+|[^\w\s]", line) for line in text.splitlines()]
    return tuple(islice(_without_names(lines), LONGEST))


def of_prose(text: str) -> tuple[str, ...]:
    """Return the words of an answer in small letters."""
    return tuple(re.findall(r"\w+", _visible(text).casefold()))[:LONGEST]


def _visible(text: str) -> str:
    """Return a text without signs that nobody sees, and with one way to write each of the others."""
    text = unicodedata.normalize("NFKC", text[: LONGEST * 10])
    return "".join(
        sign for sign in text if sign in "\t\n" or unicodedata.category(sign) not in _UNSEEN
    )


def _logical_lines(source: str) -> Iterator[list[str]]:
    """Yield the tokens of each statement, without docstrings and other strings that stand alone."""
    line: list[tuple[int, str]] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in _LAYOUT or not token.string.strip():
            if token.type not in (tokenize.NEWLINE, tokenize.ENDMARKER):
                continue
        elif token.string != ";":
            line.append((token.type, token.string))
            continue
        if any(kind != tokenize.STRING for kind, _ in line):
            yield [_string(text) if kind == tokenize.STRING else text for kind, text in line]
        line = []


def _string(text: str) -> str:
    """Return a string with the same quotation marks whatever they were."""
    found = re.fullmatch(r"([a-z]*)(\"{3}|'{3}|\"|')(.*)\2", text, re.I | re.S)
    return f"{found[1].lower()}'{found[3]}'" if found else text


def _without_names(lines: list[list[str]]) -> Iterator[str]:
    used: list[str] = []  # the latest last
    for line in lines:
        depth, head = 0, line[:1] == ["def"] or line[:2] == ["async", "def"]
        for place, token in enumerate(line):
            depth += (token in _OPENING) - (token in _CLOSING)
            before, after = line[place - 1 : place], line[place + 1 : place + 2]
            # what a copy cannot rename: words of the language, attributes, names of arguments in a call
            fixed = (
                not token.isidentifier()
                or token in _KEPT
                or before == ["."]
                or (depth > 0 and after == ["="] and not head)
            )
            if not fixed:
                known = token in used
                distance = used[::-1].index(token) if known else None
                if known:
                    used.remove(token)
                used.append(token)
                token = "name" if distance is None else f"name {distance}"
            if not head:
                yield token
            elif token == ":" and depth == 0:
                head = False
