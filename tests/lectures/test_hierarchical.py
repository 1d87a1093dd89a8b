"""The third lecture: what it is known to say right or by another convention, computed again without its claims."""

import re
from collections import Counter

import numpy as np
import pytest

from coursekit.lectures import Verdict, ledger

BOOK = ledger().where(lecture="H")


def test_every_verdict_has_its_share():
    counts = Counter({verdict.name: n for verdict, n in BOOK.counts().items()})
    assert counts == {"RIGHT": 72, "ROUNDED": 1, "CONVENTION": 9, "UNCHECKED": 8}


@pytest.mark.parametrize("claim", BOOK.claims, ids=lambda one: one.id)
def test_claims_stand_on_the_slides_that_the_lecture_has(claim):
    slides = [int(number) for number in re.findall(r"\d+", claim.where)]
    assert 33 <= min(slides) <= max(slides) <= 100
    assert min(slides) <= claim.slide <= max(slides)


def slid(size, kernel, stride=1, padding=0):
    """Output size by laying the kernel down, one place after the other."""
    padded = np.zeros(size + 2 * padding)
    return len(np.lib.stride_tricks.sliding_window_view(padded, kernel)[::stride])


@pytest.mark.parametrize(
    ("claim_id", "printed"),
    [
        ("H71-map", (slid(32, 5), slid(32, 5), 1)),
        ("H76-stride-1", (slid(7, 3),) * 2),
        ("H79-stride-2", (slid(7, 3, stride=2),) * 2),
        ("H84-padded", (slid(7, 3, padding=1),) * 2),
        ("H64-shape", (slid(32, 5), slid(32, 5), 6)),
        ("H66-shape", (slid(slid(32, 5), 5), slid(slid(32, 5), 5), 10)),
        ("H90-shape", (slid(32, 5, padding=2), slid(32, 5, padding=2), 10)),
        ("H95-shape", (slid(56, 1), slid(56, 1), 32)),
        ("H61-products", (np.ones((5, 5, 3)).size,)),
        ("H92-filter", (np.ones((5, 5, 3)).size + 1,)),
        ("H92-layer", (10 * (np.ones((5, 5, 3)).size + 1),)),
        ("H99-products", (np.ones((5, 5, 3)).size,)),
    ],
)
def test_sizes_and_counts_are_those_of_a_kernel_laid_down_place_by_place(claim_id, printed):
    claim, outcome = BOOK[claim_id]
    assert outcome.verdict is Verdict.RIGHT
    assert claim.printed == outcome.computed == "×".join(str(number) for number in printed)


@pytest.mark.parametrize(
    ("claim_id", "computed", "because"),
    [
        ("H46-invariant", "and pooling", "depth alone"),
        ("H50-local", "on for 16 things", "what its neurons stand for"),
        ("H58-order", "3 in the last place", "C×H×W"),
        ("H60-always", "3 groups: depth 1", "one group"),
        ("H69-multiply-and-add", "20 of 20 numbers differ", "the filter is not flipped"),
        ("H81-cannot", "2×2 places", "torch rounds down"),
        ("H82-formula", "as printed 2.3333, right is 2", "only strides that fit"),
        ("H85-keeps", "4: none", "F is odd"),
        ("H94-whatever-fits", "32 has 0", "rounded down"),
    ],
)
def test_what_holds_under_another_convention_only(claim_id, computed, because):
    _, outcome = BOOK[claim_id]
    assert outcome.verdict is Verdict.CONVENTION
    assert computed in outcome.computed
    assert because in outcome.because


def test_a_stride_that_does_not_fit_leaves_pixels_unread():
    starts = range(0, 7 - 3 + 1, 3)
    read = {start + tap for start in starts for tap in range(3)}
    assert set(range(7)) - read == {6}
    assert "1" in BOOK["H81-fit"][1].computed


def test_what_cannot_be_checked_is_history_or_needs_what_is_not_here():
    unchecked = {claim.id for claim, outcome in BOOK if outcome.verdict is Verdict.UNCHECKED}
    assert unchecked == {
        "H33-first",
        "H33-majority",
        "H33-effort",
        "H40-year",
        "H41-year",
        "H49-understand",
        "H51-scenes",
        "H86-works-worse",
    }
