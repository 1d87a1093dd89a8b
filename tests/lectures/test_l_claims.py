"""The fifth lecture: what it has wrong, and what it is right about, computed again without the claims' functions."""

import numpy as np
import pytest

from coursekit.lectures import Verdict, ledger
from coursekit.lectures.l_matrix_names import one_on_every_diagonal
from coursekit.lectures.l_recipe import settings
from coursekit.lectures.l_residual import growth
from coursekit.lectures.l_under_the_hood import ascent


def test_as_many_claims_of_each_verdict_as_were_seen():
    counts = ledger().where(lecture="L").counts()
    assert counts == {
        Verdict.RIGHT: 85,
        Verdict.CONVENTION: 11,
        Verdict.WRONG: 2,
        Verdict.UNCHECKED: 10,
    }


@pytest.mark.parametrize(
    ("claim_id", "verdict", "computed", "because"),
    [
        ("L-example-slides", Verdict.RIGHT, "122 148 126 134", ""),
        ("L-template", Verdict.RIGHT, "3 0 3 0 0 0 3 0 6 0 3 0", ""),
        ("L-matrix-toeplitz", Verdict.CONVENTION, "1 1 0 0", "doubly blocked"),
        ("L-matrix-circulant", Verdict.CONVENTION, "[True, False, True]", "doubly blocked"),
        ("L-pooling-max", Verdict.WRONG, "differ", "hj + n, wi + m"),
        ("L-pooling-average", Verdict.WRONG, "differ", "hj + n, wi + m"),
        ("L-same-amount", Verdict.CONVENTION, "moved by 4, its answer by 2", "with stride 1"),
        ("L-three-parameters", Verdict.CONVENTION, "4", "without groups"),
        ("L-stride-factor", Verdict.CONVENTION, "", "rounded up"),
        ("L-pattern-mlp", Verdict.CONVENTION, "as printed 1, right is 2", "K + 1"),
        ("L-alexnet-layers", Verdict.CONVENTION, "5", "poolings"),
        ("L-alexnet-perceptron", Verdict.RIGHT, "3", ""),
        ("L-field-name", Verdict.CONVENTION, "of 41 pixels across 15", "Luo"),
        ("L-resnet-reason", Verdict.CONVENTION, "with batchnorm", "without batchnorm"),
        ("L-filters-lenet", Verdict.CONVENTION, "16 filters", "slices"),
        ("L-response-maximum", Verdict.CONVENTION, "largest pixel", "from 0 to 1"),
    ],
)
def test_known_findings(claim_id, verdict, computed, because):
    _, outcome = ledger()[claim_id]
    assert outcome.verdict is verdict
    assert computed in outcome.computed
    assert because in outcome.because


def test_every_claim_says_where_it_stands():
    claims = ledger().where(lecture="L").claims
    assert len(claims) > 100
    assert all(claim.place and not claim.slide for claim in claims)


def test_the_index_of_pooling_as_printed_leaves_the_image():
    w, s = 2, 3  # columns of a window, and of the output
    printed = [s * i + m for i in range(s) for m in range(w)]
    right = [w * i + m for i in range(s) for m in range(w)]
    assert max(printed) > s * w - 1
    assert right == list(range(s * w))


def test_a_matrix_is_toeplitz_where_every_diagonal_has_one_number():
    assert one_on_every_diagonal(np.array([[1, 2, 3], [4, 1, 2]]))
    assert not one_on_every_diagonal(np.array([[1, 2, 3], [4, 1, 5]]))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("INPUT -> FC", (0, 0, 0)),
        ("INPUT -> [CONV -> RELU]*2 -> POOL -> FC", (2, 1, 0)),
        ("INPUT -> [FC -> RELU]*3 -> FC", (0, 0, 3)),
        ("INPUT -> POOL -> CONV -> FC", None),
    ],
)
def test_the_numbers_of_a_pattern_are_found(pattern, expected):
    assert settings(pattern) == expected


def test_gradients_explode_with_batchnorm_and_vanish_without():
    with_batchnorm, without = (growth(plain=True, normalized=one) for one in (True, False))
    assert with_batchnorm > 100
    assert without < 0.01
    assert growth(plain=False, normalized=True) < with_batchnorm


def test_bounded_pixels_stay_between_0_and_1():
    assert ascent(20, bounded=True)[1] <= 1
    assert ascent(100, bounded=False)[1] > 2
