"""What Verbeek's lecture is known to have wrong or to leave open, and the measuring behind its claims."""

import numpy as np
import pytest

from coursekit.lectures import Verdict, ledger
from coursekit.lectures.v_backprop import _numeric
from coursekit.lectures.v_fields import _seen
from coursekit.lectures.v_neuron import threshold_unit, units_of_1943
from coursekit.lectures.v_pooling import change
from coursekit.lectures.v_training import _patterns

BOOK = ledger().where(lecture="V")


@pytest.mark.parametrize(
    ("claim_id", "computed", "because"),
    [
        ("V08-tanh", "", "2σ(2x) - 1"),
        ("V47-parameters", "268.4M", "2 to the power of 20"),
        ("V50-authors", "3", ""),
    ],
)
def test_known_mistakes_are_found_and_no_others(claim_id, computed, because):
    _, outcome = BOOK[claim_id]
    assert outcome.verdict is Verdict.WRONG
    assert computed in outcome.computed
    assert because in outcome.because


def test_all_else_is_right_under_some_reading_or_says_why_it_cannot_be_checked():
    known = {
        "V08-tanh",
        "V47-parameters",
        "V50-authors",
    }
    assert {claim.id for claim, o in BOOK if o.verdict is Verdict.WRONG} == known
    assert all(o.because for _, o in BOOK.where(verdict="other convention"))


@pytest.mark.parametrize(
    ("claim_id", "because"),
    [
        ("V03-units", "wires of its own"),
        ("V04-matrix", "h(Wᵀx)"),
        ("V07-leaky", "α of at most 1"),
        ("V12-dropout", "draws units"),
        ("V19-translation", "equivariance"),
        ("V28-depth", "groups"),
        ("V42-fits", "odd width"),
        ("V43-invariance", "less sensitive"),
        ("V51-images", "cut off"),
        ("V51-days", "upper end"),
        ("V57-dense", "all but the first"),
        ("V59-bilinear", "between the pixels"),
        ("V59-max", "ReLU"),
    ],
)
def test_readings_under_which_a_statement_holds_are_named(claim_id, because):
    _, outcome = BOOK[claim_id]
    assert outcome.verdict is Verdict.CONVENTION
    assert because in outcome.because


# ---- the same numbers again, without the claims' functions


def test_256_million_is_a_million_too_short_by_a_power_of_two():
    weights = 16 * 16 * 256 * 4096
    assert weights == 2**28 == 256 * 2**20
    assert BOOK["V47-parameters"][1].computed == f"{(weights + 4096) / 1e6:.1f}M"


def test_twice_the_sigmoid_needs_twice_the_input():
    x = np.linspace(-3, 3, 7)
    assert np.allclose(2 / (1 + np.exp(-2 * x)) - 1, np.tanh(x))
    assert not np.allclose(2 / (1 + np.exp(-x)) - 1, np.tanh(x))


def test_a_unit_of_1943_knows_and_or_and_a_veto_but_no_weights():
    bits = [(a, b, c) for a in (0, 1) for b in (0, 1) for c in (0, 1)]
    known = units_of_1943()
    assert tuple(int(a and b and c) for a, b, c in bits) in known
    assert tuple(int(a or b or c) for a, b, c in bits) in known
    assert tuple(int((a or b) and not c) for a, b, c in bits) in known
    weighted = tuple(int(a or (b and c)) for a, b, c in bits)
    assert threshold_unit((2, 1, 1), 2) == weighted
    assert weighted not in known
    assert tuple(a ^ b for a, b, _ in bits) not in known


def test_the_numeric_gradient_agrees_with_a_known_one():
    at = np.array([[0.3, -1.2], [2.0, 0.1]])
    assert np.allclose(_numeric(lambda x: float(np.sum(np.sin(x))), at), np.cos(at), atol=1e-11)
    assert at[0, 0] == 0.3


def test_dropout_switches_off_units():
    assert _patterns() == 2**3


@pytest.mark.parametrize("layer", ["convolution", "pooling"])
def test_receptive_fields_are_measured(layer):
    assert [_seen(n, 1, layer) for n in range(1, 5)] == [3, 5, 7, 9]
    assert [_seen(n, 2, layer) for n in range(1, 5)] == [3, 7, 15, 31]


def test_pooling_over_two_pixels_is_far_from_invariant():
    assert change(1) > change(2) > 0.5 > change(8) > 0.1
