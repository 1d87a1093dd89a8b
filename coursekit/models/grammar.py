r"""The lectures' notation for networks, as text and as a tree.

::

    network  INPUT -> part -> part ...
    part     CONV, RELU, POOL or FC; or [part -> part ...]
             followed by *2 (twice), by *N (N is given later) or by ? (may be left out)

``→`` does for ``->``, and upper and lower case are the same.

Source: Louppe lecture 5, "Architectures"; CS231n, Convolutional neural networks, "Layer patterns".
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from coursekit.errors import CourseError

KINDS = {"CONV": "CONV", "RELU": "ReLU", "POOL": "POOL", "FC": "FC"}
MOST_LAYERS = 1000
DEEPEST = 50  # brackets within brackets

_TOKEN = re.compile(r"(?P<arrow>->|→)|(?P<word>[^\W\d]\w*)|(?P<number>\d+)|(?P<sign>[][*?])")
_LAYER = "a layer (CONV, RELU, POOL or FC) or ["


class PatternError(CourseError):
    """A pattern that is no network, with a mark under the place.

    Args:
        problem: a sentence.
        text: the pattern.
        position: where in it, from 0 on.
    """

    def __init__(self, problem: str, text: str, position: int) -> None:
        start = text.rfind("\n", 0, position) + 1
        line = text[start:].split("\n", 1)[0]
        # a tab stays a tab, so that the mark stands below its place
        indent = "".join("\t" if c == "\t" else " " for c in line[: position - start])
        super().__init__(f"{problem}\n  {line}\n  {indent}^")
        self.position = position


@dataclass(frozen=True)
class Layer:
    """One layer of a pattern: CONV, ReLU, POOL or FC."""

    kind: str
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return self.kind


@dataclass(frozen=True)
class Group:
    """Parts in brackets, one after another."""

    parts: tuple["Part", ...]

    def __str__(self) -> str:
        return f"[{' -> '.join(map(str, self.parts))}]"


@dataclass(frozen=True)
class Repeat:
    """A part several times: so often, or as often as a letter will say."""

    part: "Layer | Group"
    times: int | str
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.part}*{self.times}"


@dataclass(frozen=True)
class Maybe:
    """A part that may be left out."""

    part: "Layer | Group"

    def __str__(self) -> str:
        return f"{self.part}?"


Part = Layer | Group | Repeat | Maybe


@dataclass(frozen=True)
class Pattern:
    """A network in the lectures' notation; ``str`` writes it out again."""

    parts: tuple[Part, ...]
    text: str = field(default="", compare=False)

    def __str__(self) -> str:
        return " -> ".join(["INPUT", *map(str, self.parts)])

    def layers(
        self, times: Mapping[str, int] | None = None, *, optional: bool = True
    ) -> tuple[Layer, ...]:
        """Return the layers from the input on, with everything repeated as often as it says.

        Args:
            times: a number for every letter of the pattern, for example ``{"N": 2, "M": 3}``.
            optional: whether what has a question mark is there.

        Raises:
            PatternError: a letter has no number, or there are more than 1000 layers.
            CourseError: a number is none or below 0, or belongs to no letter.
        """
        times = dict(times or {})
        for name, number in times.items():
            if not isinstance(number, int) or isinstance(number, bool) or number < 0:
                raise CourseError(f"{name} is {number!r}, expected a whole number of at least 0.")
        unknown = sorted(set(times) - set(self._letters(self.parts)))
        if unknown:
            raise CourseError(
                f"The pattern {self} has no {unknown[0]}, expected a letter behind *."
            )
        return tuple(self._expand(self.parts, times, optional))

    def _letters(self, parts: tuple[Part, ...]) -> Iterator[str]:
        for part in parts:
            if isinstance(part, Repeat) and isinstance(part.times, str):
                yield part.times
            inner = part.part if isinstance(part, Repeat | Maybe) else part
            if isinstance(inner, Group):
                yield from self._letters(inner.parts)

    def _expand(
        self, parts: tuple[Part, ...], times: dict[str, int], optional: bool
    ) -> list[Layer]:
        found: list[Layer] = []
        for part in parts:
            match part:
                case Layer():
                    found.append(part)
                case Group():
                    found += self._expand(part.parts, times, optional)
                case Maybe():
                    found += self._expand((part.part,), times, optional) if optional else []
                case Repeat():
                    inner = self._expand((part.part,), times, optional)
                    count = self._count(part, times)
                    if len(inner) * count > MOST_LAYERS:
                        raise self._too_many(part.position)
                    found += inner * count
            if len(found) > MOST_LAYERS:
                raise self._too_many(0)
        return found

    def _count(self, part: Repeat, times: dict[str, int]) -> int:
        if isinstance(part.times, int):
            return part.times
        if part.times not in times:
            raise PatternError(
                f"How often is {part.times}? Give it a number: times={{{part.times!r}: 2}}.",
                self.text or str(self),
                part.position,
            )
        return times[part.times]

    def _too_many(self, position: int) -> PatternError:
        problem = f"This makes more than {MOST_LAYERS} layers, expected fewer."
        return PatternError(problem, self.text or str(self), position)


def read_pattern(text: str) -> Pattern:
    """Read a network in the lectures' notation.

    Raises:
        PatternError: the text is none; the message says where, and what was expected there.
    """
    if not isinstance(text, str):
        raise CourseError(
            f"The pattern is {text!r}, expected text: 'INPUT -> [CONV -> RELU]*2 -> FC'."
        )
    return _Reader(text).pattern()


@dataclass(frozen=True)
class _Token:
    kind: str  # arrow, word, number, sign or end
    text: str
    position: int

    def __str__(self) -> str:
        return repr(self.text) if self.text else "the end"


class _Reader:
    """Reads one token after another, and knows the next one."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.next = next(self.tokens)
        self.depth = 0

    def pattern(self) -> Pattern:
        if self.next.text.upper() != "INPUT":
            raise self.error("INPUT")
        self.take()
        parts = []
        while self.next.kind == "arrow":
            self.take()
            parts.append(self.part())
        if self.next.kind != "end":
            raise self.error("-> or the end")
        return Pattern(tuple(parts), self.text)

    def part(self) -> Part:
        """Read a layer or a group, and the ``*`` or ``?`` behind it."""
        item = self.group() if self.next.text == "[" else self.layer()
        if self.next.text == "?":
            self.take()
            return Maybe(item)
        if self.next.text != "*":
            return item
        position = self.take().position
        if self.next.kind not in ("number", "word"):
            raise self.error("a number or a letter behind *")
        times = self.take()
        return Repeat(item, self.number(times) if times.kind == "number" else times.text, position)

    def group(self) -> Group:
        opening = self.take()
        self.depth += 1
        if self.depth > DEEPEST:
            problem = f"Brackets stand {self.depth} deep, expected at most {DEEPEST}."
            raise PatternError(problem, self.text, opening.position)
        parts = [self.part()]
        while self.next.kind == "arrow":
            self.take()
            parts.append(self.part())
        if self.next.kind == "end":
            raise PatternError(
                "This [ is never closed, expected ] for it.", self.text, opening.position
            )
        if self.next.text != "]":
            raise self.error("-> or ]")
        self.take()
        self.depth -= 1
        return Group(tuple(parts))

    def layer(self) -> Layer:
        if self.next.text.upper() not in KINDS:
            raise self.error(_LAYER)
        token = self.take()
        return Layer(KINDS[token.text.upper()], token.position)

    def number(self, token: _Token) -> int:
        if len(token.text) > len(str(MOST_LAYERS)) or int(token.text) > MOST_LAYERS:
            problem = f"Found {token.text[:20]} repetitions, expected at most {MOST_LAYERS}."
            raise PatternError(problem, self.text, token.position)
        return int(token.text)

    def take(self) -> _Token:
        taken, self.next = self.next, next(self.tokens, self.next)
        return taken

    def error(self, expected: str) -> PatternError:
        return PatternError(
            f"Found {self.next}, expected {expected}.", self.text, self.next.position
        )


def _tokens(text: str) -> Iterator[_Token]:
    """Yield the tokens and then the end; what is none is a token of one character."""
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        found = _TOKEN.match(text, position)
        if found is None:
            yield _Token("sign", text[position], position)
            position += 1
        else:
            yield _Token(found.lastgroup or "", found[0], position)
            position = found.end()
    yield _Token("end", "", len(text))
