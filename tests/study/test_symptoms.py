"""What went wrong in a training run, read off its predictions."""

import numpy as np
import pytest

from coursekit.study.symptoms import at_chance, one_class, out_of_order, renumbered

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 4, 400)
MOSTLY = np.where(RNG.random(400) < 0.9, LABELS, RNG.integers(0, 4, 400))
# predictions, and the symptoms that they have
RUNS = {
    "good": (MOSTLY, set()),
    "half good": (np.where(RNG.random(400) < 0.4, LABELS, RNG.integers(0, 4, 400)), set()),
    "always 2": (np.full(400, 2), {one_class, at_chance}),
    "guessed": (RNG.integers(0, 4, 400), {at_chance, out_of_order}),
    "guessed among three": (RNG.integers(0, 3, 400), {at_chance}),
    "counted from 1": (MOSTLY + 1, {renumbered}),
    "moved around": ((MOSTLY + 3) % 4, {renumbered}),
    "shuffled": (RNG.permutation(MOSTLY), {at_chance, out_of_order}),
}


@pytest.mark.parametrize("what", RUNS)
@pytest.mark.parametrize("symptom", [one_class, at_chance, renumbered, out_of_order])
def test_a_run_has_its_symptoms_and_no_others(what, symptom):
    predicted, symptoms = RUNS[what]
    assert symptom(predicted, LABELS) is (symptom in symptoms)


def test_one_class_is_right_where_there_is_only_one():
    assert not one_class(np.zeros(5), np.zeros(5))
