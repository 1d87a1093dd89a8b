"""One statement of a lecture, and what its computation may answer."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike

from coursekit.lectures.printed import read
from coursekit.lectures.published import PUBLISHED

Kind = Literal["number", "formula", "worked example", "shape", "count", "comparison"]

_ID = re.compile(r"[VKHTL](\d{2,3})?(-[a-z0-9]+)+")
_SLIDES = re.compile(r"(\d+)(?: to (\d+))?")


@dataclass(frozen=True)
class Sides:
    """The two sides of a formula, on the same inputs.

    Args:
        printed: what the formula gives as the lecture writes it.
        right: what it should give, computed in another way.
        of: what was put in, such as "a random 5×6 image".
    """

    printed: ArrayLike
    right: ArrayLike
    of: str = ""

    @property
    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """Both sides as floats."""
        return np.asarray(self.printed, dtype=float), np.asarray(self.right, dtype=float)

    @property
    def hold(self) -> bool:
        """Whether both sides have the same shape and, up to the rounding of the machine, the same numbers."""
        left, right = self.arrays
        return left.shape == right.shape and bool(np.allclose(left, right, rtol=1e-6, atol=1e-9))


@dataclass(frozen=True)
class Finding:
    """What came out of an experiment.

    Args:
        hold: whether it is as the lecture says.
        shown: the numbers that decide, as a reader should see them.
    """

    hold: bool
    shown: str


@dataclass(frozen=True)
class Published:
    """A number that nobody can compute here, but that a publication states.

    Args:
        names: of one or more entries of :data:`coursekit.lectures.published.PUBLISHED`.
        computed: makes the number that is claimed of theirs; None takes the first as it is.
    """

    names: tuple[str, ...] | str
    computed: Callable[..., ArrayLike] | None = None

    @property
    def value(self) -> ArrayLike:
        """Return the number."""
        values = [PUBLISHED[name].value for name in self._entries]
        return self.computed(*values) if self.computed else values[0]

    @property
    def source(self) -> str:
        """Return where it stands."""
        return "; ".join(dict.fromkeys(PUBLISHED[name].where for name in self._entries))

    @property
    def _entries(self) -> tuple[str, ...]:
        return (self.names,) if isinstance(self.names, str) else self.names


Answer: TypeAlias = ArrayLike | Sides | Finding | Published
Compute: TypeAlias = Callable[[], Answer]


@dataclass(frozen=True, eq=False)  # a claim is itself and no other: it can be a key
class Claim:
    """One checkable statement.

    A numeric claim has ``printed``, and ``compute`` returns the numbers that are right, in the same order. A formula
    is without ``printed``; ``compute`` returns its :class:`Sides`. Whatever else an experiment can settle returns a
    :class:`Finding`. None of the functions may hold the answer as a literal: it comes from the reference, from a model
    or from NumPy.

    Args:
        id: the lecture's letter, the slide's two or three digits if there is one, and words: ``K04-average``.
        says: what the lecture says, in our words.
        kind: of statement.
        printed: the numbers as printed, with blanks or × between them: ``"1.80"``, ``"96×55×55"``, ``"27.55M"``.
            The number of digits counts.
        compute: returns what is right.
        conventions: other readings that are in use, by name; under one of them the statement is right.
        slips: mistakes, by name, that lead to what is printed; they explain a wrong statement.
        right: what would be right instead, for a statement without printed numbers, and a function that shows it.
        chapter: where the course treats it.
        cell: the cell of the chapter's notebook.
        place: where it stands; by default the slide of the id.
        unchecked: why it cannot be checked here; then nothing is computed.
        remark: a sentence that the reader needs beside the numbers.

    Raises:
        ValueError: the parts do not fit together.
    """

    id: str
    says: str
    kind: Kind
    printed: str = ""
    compute: Compute | None = None
    conventions: Mapping[str, Compute] = field(default_factory=dict)
    slips: Mapping[str, Compute] = field(default_factory=dict)
    right: tuple[str, Compute] | None = None
    chapter: int | None = None
    cell: str | None = None
    place: str = ""
    unchecked: str = ""
    remark: str = ""

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError(f"id is {self.id!r}, expected such as 'K04-average' or 'L-pooling'")
        if self.kind not in get_args(Kind):
            raise ValueError(f"{self.id}: kind is {self.kind!r}, expected one of {get_args(Kind)}")
        if (self.compute is None) == (not self.unchecked):
            raise ValueError(f"{self.id}: expected either compute or a reason in unchecked")
        if not self.place and not self.slide:
            raise ValueError(f"{self.id}: no slide in the id, expected a place")
        if self.cell and self.chapter is None:
            raise ValueError(f"{self.id}: cell {self.cell!r} of which chapter?")
        if self.printed:
            read(self.printed)

    @property
    def lecture(self) -> str:
        """The letter of the lecture."""
        return self.id[0]

    @property
    def slide(self) -> int:
        """The number of the slide, 0 where the lecture has none."""
        digits = self.id[1:].partition("-")[0]
        return int(digits) if digits else 0

    @property
    def slides(self) -> frozenset[int]:
        """The numbers of all slides on which it stands, none where the lecture has none."""
        if not self.slide:
            return frozenset()
        spans = _SLIDES.findall(self.where)
        return frozenset(k for a, b in spans for k in range(int(a), int(b or a) + 1))

    @property
    def where(self) -> str:
        """Where it stands in the lecture."""
        return self.place or f"slide {self.slide}"

    @property
    def functions(self) -> dict[str, Any]:
        """Everything that it computes, by name."""
        named = {"compute": self.compute, **self.conventions, **self.slips}
        if self.right:
            named[self.right[0]] = self.right[1]
        return {name: run for name, run in named.items() if run is not None}
