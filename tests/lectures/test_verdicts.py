"""How a verdict is found: by computing, with the printed digits, conventions and slips."""

import numpy as np
import pytest

from coursekit.lectures import Claim, Finding, Ledger, Published, Sides, Verdict, judge
from coursekit.lectures.printed import read


def claim(**parts):
    return Claim(**({"id": "K01-test", "says": "something", "kind": "number"} | parts))


def verdict(printed, value, **parts):
    return judge(claim(printed=printed, compute=lambda: value, **parts))


@pytest.mark.parametrize(
    ("printed", "value", "expected"),
    [
        ("150", 150, Verdict.RIGHT),
        ("0.5", 0.5, Verdict.RIGHT),
        ("0", 0, Verdict.RIGHT),
        ("-0.53", -0.53, Verdict.RIGHT),
        ("48,120", 48120, Verdict.RIGHT),
        ("1e-5", 1e-5, Verdict.RIGHT),
        ("1e-5", 1e-4, Verdict.WRONG),
        ("2.11", 2.1121, Verdict.ROUNDED),
        ("2.11", 2.115, Verdict.ROUNDED),
        ("27.55M", 27_549_000, Verdict.ROUNDED),
        ("~122M", 122_400_000, Verdict.ROUNDED),
        ("1.96", 1.967, Verdict.CONVENTION),
        ("-0.3", -0.39, Verdict.CONVENTION),
        ("-0.4", -0.31, Verdict.WRONG),
        ("~102M", 102_764_544, Verdict.CONVENTION),
        ("1.80", 1.811, Verdict.WRONG),
        ("150", 156, Verdict.WRONG),
        ("0.39", -0.39, Verdict.WRONG),
        ("5", np.nan, Verdict.WRONG),
        ("5", np.inf, Verdict.WRONG),
    ],
)
def test_the_printed_digits_decide(printed, value, expected):
    assert verdict(printed, value).verdict is expected


@pytest.mark.parametrize(
    ("printed", "value", "expected"),
    [
        ("96×55×55", (96, 55, 55), Verdict.RIGHT),
        ("8 4 7 5", np.array([[8, 4], [7, 5]]), Verdict.RIGHT),
        ("8 4 7 5", (8, 4, 7), Verdict.WRONG),
        ("8 4", (4, 8), Verdict.WRONG),
        ("1.1 2.2", (1.1, 2.24), Verdict.ROUNDED),
        ("1.1 2.2", (1.1, 2.29), Verdict.CONVENTION),
        ("1.1 2.2", (1.19, 2.3), Verdict.WRONG),
    ],
)
def test_of_several_numbers_the_worst_decides(printed, value, expected):
    assert verdict(printed, value).verdict is expected


def test_another_convention_is_named_and_a_slip_only_explains():
    other = verdict("150", 156, conventions={"half": lambda: 78, "no biases": lambda: 150})
    assert (other.verdict, other.because) == (Verdict.CONVENTION, "no biases")
    assert other.computed == "156"
    slip = verdict("150", 156, slips={"half": lambda: 78, "no biases": lambda: 150})
    assert slip.verdict is Verdict.WRONG
    assert slip.because.endswith("slip: no biases")
    assert verdict("150", 156, slips={"half": lambda: 78}).because == ""


def test_digits_cut_off_behind_a_slip_are_said():
    outcome = verdict("2.16", 2.269, slips={"entered twice": lambda: 2.169})
    assert outcome.because.endswith("entered twice; digits cut off, not rounded")


@pytest.mark.parametrize(
    ("printed", "value", "shown"),
    [
        ("1.80", 1.8111, "1.811"),
        ("1024×1000", (1024, 1000), "1024×1000"),
        ("1957", 1960, "1960"),
        ("1,024", 2048, "2,048"),
        ("2400", 24160, "24,160"),
        ("27.55M", 28_823_912, "28.824M"),
        ("16%", 15.86, "15.9%"),
        ("1e-5", 1e-4, "0.0001"),
        ("7", 7.25, "7.2"),
    ],
)
def test_computed_numbers_are_shown_like_the_printed_ones(printed, value, shown):
    assert verdict(printed, value).computed == shown


def formula(printed, expected, **parts):
    return judge(claim(kind="formula", compute=lambda: Sides(printed, expected, "three"), **parts))


def test_a_formula_is_right_if_both_sides_agree():
    outcome = formula([1, 2, 3], [1, 2, 3 + 1e-12])
    assert outcome.verdict is Verdict.RIGHT
    assert outcome.computed == "both sides agree in 3 numbers for three"


def test_a_formula_that_fails_shows_where():
    outcome = formula([1, 2, 5], [1, 2, 3])
    assert outcome.verdict is Verdict.WRONG
    assert outcome.computed == "1 of 3 numbers differ for three, as printed 5, right is 3"
    assert "shape (2,) in place of (3,)" in formula([1, 2], [1, 2, 3]).computed
    assert formula(np.nan, 1.0).verdict is Verdict.WRONG


def test_a_formula_may_hold_under_a_convention():
    outcome = formula([1], [2], conventions={"doubled": lambda: Sides([2], [2])})
    assert (outcome.verdict, outcome.because) == (Verdict.CONVENTION, "doubled")


def test_what_is_right_instead_is_checked_too():
    good = formula([1], [2], right=("twice as much", lambda: Sides([2], [2])))
    assert good.because == "right is: twice as much"
    with pytest.raises(ValueError, match="should be right instead, and is not"):
        formula([1], [2], right=("half as much", lambda: Sides([0.5], [2])))


def test_an_experiment_decides_by_what_it_finds():
    def experiment(hold):
        return judge(claim(kind="comparison", compute=lambda: Finding(hold, "3 < 4")))

    assert experiment(True).verdict is Verdict.RIGHT
    assert experiment(False).verdict is Verdict.WRONG
    assert experiment(True).computed == "3 < 4"


def test_published_numbers_are_compared_and_their_source_is_named():
    outcome = judge(claim(printed="1e-5", compute=lambda: Published("ResNet weight decay")))
    assert outcome.verdict is Verdict.WRONG
    assert "He et al. 2016" in outcome.source
    assert judge(claim(printed="1", compute=lambda: 1)).source == ""


def test_what_cannot_be_checked_says_why():
    outcome = judge(claim(unchecked="nobody kept the data"))
    assert (outcome.verdict, outcome.because) == (Verdict.UNCHECKED, "nobody kept the data")


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"id": "X01-test", "compute": lambda: 1}, "id is 'X01-test'"),
        ({"kind": "guess", "compute": lambda: 1}, "kind is 'guess'"),
        ({}, "either compute or a reason"),
        ({"compute": lambda: 1, "unchecked": "no"}, "either compute or a reason"),
        ({"id": "L-pooling", "compute": lambda: 1}, "expected a place"),
        ({"compute": lambda: 1, "cell": "title"}, "of which chapter"),
        ({"compute": lambda: 1, "printed": "about 7"}, "'about' in 'about 7' is no number"),
    ],
)
def test_a_claim_whose_parts_do_not_fit_is_refused(parts, message):
    with pytest.raises(ValueError, match=message):
        claim(**parts)


def test_numbers_without_anything_printed_and_the_other_way_round_are_refused():
    with pytest.raises(ValueError, match="expected Sides or a Finding"):
        judge(claim(compute=lambda: 7))
    with pytest.raises(ValueError, match="expected numbers to compare"):
        judge(claim(printed="7", compute=lambda: Finding(True, "7")))


@pytest.mark.parametrize(
    ("claim_id", "place", "slide", "slides"),
    [
        ("K04-test", "", 4, {4}),
        ("H100-test", "", 100, {100}),
        ("V14-test", "slides 14 and 16", 14, {14, 16}),
        ("T49-test", "slides 49 to 51 and 90", 49, {49, 50, 51, 90}),
        ("L-test", "Pooling, 2 notes", 0, set()),
    ],
)
def test_a_claim_knows_its_slides(claim_id, place, slide, slides):
    one = claim(id=claim_id, place=place, compute=lambda: 1)
    assert one.slide == slide
    assert one.slides == slides


def test_a_printed_number_knows_what_its_last_digit_counts():
    assert [one.step for one in read("1.80 27.55M 16 1e-5")] == [0.01, 10_000, 1, 1e-5]


def test_the_table_escapes_what_it_shows():
    odd = claim(id="K09-odd", says="a < b", kind="comparison", compute=lambda: Finding(True, "<i>"))
    html = Ledger((odd,))._repr_html_()
    assert "a &lt; b" in html
    assert "<i>" not in html
