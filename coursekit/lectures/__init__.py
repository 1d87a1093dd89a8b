"""Every checkable statement of the five lectures, with what computes it: the ledger of chapter 16.

A statement is one :class:`Claim` in a module named after its lecture (``k_sensor``, ``t_dropout`` ...), which lists
its claims in ``CLAIMS``. Nobody stores a verdict: :func:`judge` computes what is right and compares. The modules are
found by their names; a new one needs no other file to know it.
"""

from coursekit.lectures.claim import Claim, Finding, Kind, Published, Sides
from coursekit.lectures.collection import LECTURES, Lecture, claims
from coursekit.lectures.ledger import Ledger, ledger
from coursekit.lectures.verdict import Outcome, Verdict, judge

__all__ = [
    "LECTURES",
    "Claim",
    "Finding",
    "Kind",
    "Lecture",
    "Ledger",
    "Outcome",
    "Published",
    "Sides",
    "Verdict",
    "claims",
    "judge",
    "ledger",
]
