"""The verdict on a claim: never stored, always computed."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache

import numpy as np

from coursekit.lectures.claim import Answer, Claim, Compute, Finding, Published, Sides
from coursekit.lectures.printed import Fit, PrintedNumber, read

CUT_OFF = "digits cut off, not rounded"


class Verdict(Enum):
    """What becomes of a statement, from best to worst, and at the end those that nothing here can decide."""

    RIGHT = "right"
    ROUNDED = "right up to rounding"
    CONVENTION = "other convention"
    WRONG = "wrong"
    UNCHECKED = "not checkable here"


@dataclass(frozen=True)
class Outcome:
    """A verdict and the numbers behind it.

    Args:
        verdict: on the claim.
        computed: what comes out here.
        because: which convention, which mistake, what is right instead, or why it cannot be checked.
        source: where the number is published with which the claim was compared; empty where it was computed.
    """

    verdict: Verdict
    computed: str
    because: str
    source: str = ""


class NotHereError(Exception):
    """What a claim needs is not here, such as a record that only the course's repository holds."""


@cache
def judge(claim: Claim) -> Outcome:
    """Compute what is right and compare it with what the lecture says.

    Raises:
        ValueError: the claim computes nothing that its printed numbers could be compared with, or what it calls right
            instead does not hold either.
    """
    if claim.compute is None:
        return Outcome(Verdict.UNCHECKED, "", claim.unchecked)
    try:
        answer = claim.compute()
    except NotHereError as missing:
        return Outcome(Verdict.UNCHECKED, "", str(missing))
    if claim.printed:
        return _of_numbers(claim, answer)
    return _of_statement(claim, answer)


def _of_numbers(claim: Claim, answer: Answer) -> Outcome:
    printed = read(claim.printed)
    computed = _as_numbers(claim, answer)
    shown = _written(claim.printed, printed, computed)
    source = answer.source if isinstance(answer, Published) else ""
    reasons = []
    fits = _fits(printed, computed)
    if "off" not in fits:
        verdict = Verdict.RIGHT if set(fits) == {"exact"} else Verdict.ROUNDED
        if "cut off" in fits:
            verdict = Verdict.CONVENTION
            reasons.append(CUT_OFF)
        return Outcome(verdict, shown, _sentence(reasons), source)
    if name := _explains(claim, claim.conventions):
        return Outcome(Verdict.CONVENTION, shown, name, source)
    if name := _explains(claim, claim.slips):
        reasons.append(f"what is printed comes out with this slip: {name}")
    return Outcome(Verdict.WRONG, shown, _sentence(reasons), source)


def _of_statement(claim: Claim, answer: Answer) -> Outcome:
    shown = _described(claim, answer)
    if _holds(claim, answer):
        return Outcome(Verdict.RIGHT, shown, "")
    for name, run in claim.conventions.items():
        if _holds(claim, run()):
            return Outcome(Verdict.CONVENTION, shown, name)
    reasons = []
    if claim.right:
        instead, run = claim.right
        if not _holds(claim, run()):
            raise ValueError(f"{claim.id}: {instead!r} should be right instead, and is not")
        reasons.append(f"right is: {instead}")
    for name, run in claim.slips.items():
        if _holds(claim, run()):
            reasons.append(f"it comes from this slip: {name}")
    return Outcome(Verdict.WRONG, shown, _sentence(reasons))


def _explains(claim: Claim, readings: Mapping[str, Compute]) -> str:
    """Return the name of the first reading under which the printed numbers come out, cut off or rounded."""
    printed = read(claim.printed)
    for name, run in readings.items():
        fits = _fits(printed, _as_numbers(claim, run()))
        if "off" not in fits:
            return f"{name}; {CUT_OFF}" if "cut off" in fits else name
    return ""


def _as_numbers(claim: Claim, answer: Answer) -> tuple[float, ...]:
    if isinstance(answer, Sides | Finding):
        raise ValueError(
            f"{claim.id}: computes a {type(answer).__name__}, expected numbers to compare with {claim.printed!r}"
        )
    value = answer.value if isinstance(answer, Published) else answer
    return tuple(np.asarray(value, dtype=float).ravel().tolist())


def _fits(printed: tuple[PrintedNumber, ...], computed: tuple[float, ...]) -> list[Fit]:
    if len(printed) != len(computed):
        return ["off"]
    return [p.fit(c) for p, c in zip(printed, computed, strict=True)]


def _written(text: str, printed: tuple[PrintedNumber, ...], computed: tuple[float, ...]) -> str:
    like = printed if len(printed) == len(computed) else printed[:1] * len(computed)
    between = "×" if "×" in text else " "
    return between.join(p.like(c) for p, c in zip(like, computed, strict=True))


def _holds(claim: Claim, answer: Answer) -> bool:
    if not isinstance(answer, Sides | Finding):
        raise ValueError(f"{claim.id}: without printed numbers, expected Sides or a Finding")
    return answer.hold


def _described(claim: Claim, answer: Answer) -> str:
    if isinstance(answer, Finding):
        return answer.shown
    if not isinstance(answer, Sides):
        raise ValueError(f"{claim.id}: without printed numbers, expected Sides or a Finding")
    left, right = answer.arrays
    of = f" for {answer.of}" if answer.of else ""
    if left.shape != right.shape:
        return f"shape {left.shape} in place of {right.shape}{of}"
    if answer.hold:
        numbers = "one number" if left.size == 1 else f"{left.size} numbers"
        return f"both sides agree in {numbers}{of}"
    apart = ~np.isclose(left, right, rtol=1e-6, atol=1e-9)
    first = np.unravel_index(int(np.argmax(apart)), left.shape)
    differ = f"{int(apart.sum())} of {left.size} numbers differ{of}, " if left.size > 1 else ""
    at = "" if left.size > 1 or not answer.of else of
    return f"{differ}as printed {left[first]:.5g}, right is {right[first]:.5g}{at}"


def _sentence(reasons: list[str]) -> str:
    return "; ".join(reasons)
