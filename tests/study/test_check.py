"""What check says to every kind of answer, as a learner reads it."""

import logging
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from coursekit.study import check
from coursekit.study.compare import difference
from coursekit.study.evaluate import evaluate
from coursekit.study.task import Case, Misconception, Task
from coursekit.study.tasks import find_task
from coursekit.study.verdict import Verdict

SLIDING = find_task("1.2")
BACKWARD = find_task("1.6")
PLACES = find_task("1.1")


def right(x, w):
    return np.correlate(x, w, "valid")


def second_off(y):
    return y + 0.5 * (np.arange(len(y)) == 1)


def verdict_on(answer, task=SLIDING) -> Verdict:
    return evaluate(task, answer)


def test_a_right_answer_passes_visible_checks_and_promises_no_more():
    said = str(verdict_on(right))
    assert "visible checks passed (5 of 5 cases agree)" in said
    assert "grading draws other inputs" in said
    assert "all tests" not in said.lower()


@pytest.mark.parametrize(
    ("answer", "status", "sentence"),
    [
        (lambda x, w: None, "wrong type", "returned None: is its return line missing?"),
        (lambda x, w: right(x, w).tolist(), "wrong type", "y is a list, expected a NumPy array: make it one with"),
        (lambda x, w: (v for v in x), "wrong type", "returned a generator, which has not computed anything yet"),
        (lambda x, w: torch.tensor(right(x, w)), "wrong type", "y is a torch tensor, expected a NumPy array"),
        (lambda x, w: 3.5, "wrong type", "y is the single number 3.5, expected an array of shape (3,)"),
        (lambda x, w: "done", "wrong type", "y is a str, expected a NumPy array"),
        (lambda x, w: {"y": 1}, "wrong type", "y is a dict, expected a NumPy array"),
        (lambda x, w: right(x, w).astype(int), "wrong type", "holds int64, which cuts off fractions"),
        (lambda x, w: right(x, w).astype(complex), "wrong type", "holds complex128, expected float64"),
        (lambda x, w: right(x, w).astype(object), "wrong type", "holds object, expected float64"),
        (lambda x, w: right(x, w)[None], "wrong shape", "y has shape (1, 3), expected (3,)"),
        (lambda x, w: np.append(right(x, w), 0.0), "wrong shape", "y has shape (4,), expected (3,)"),
        (lambda x, w: right(x, w) * np.nan, "wrong value", "y[0] is NaN (not a number), expected -1"),
        (lambda x, w: second_off(right(x, w)), "wrong value", "y[1] is 2.5, expected 2"),
    ],
)  # fmt: skip
def test_what_a_wrong_answer_is_told(answer, status, sentence):
    verdict = verdict_on(answer)
    assert verdict.status == status
    assert sentence in str(verdict)


@pytest.mark.parametrize(
    ("given", "expected", "sentence"),
    [
        (1_388_394, 1_388_395, "y is 1388394, expected 1388395."),
        (2e6, 0.5, "y is 2000000, expected 0.5."),
        (1e20, 0.5, "y is 1e+20, expected 0.5."),
        (0.12345678, 0.12345679, "y is 0.12345678, expected 0.12345679."),
        (0.25, 0.125, "y is 0.25, expected 0.125."),
        (2, 0.5, "y is 2, expected 0.5."),
        (np.inf, 1.0, "y is inf, expected 1."),
    ],
)
def test_two_numbers_that_differ_look_different(given, expected, sentence):
    assert difference(given, expected, ("y",), 1e-12, 0).sentence == sentence


def test_the_first_disagreement_names_its_case():
    def wrong_for_long_kernels(x, w):
        return right(x, w) + (len(w) > 3)

    verdict = verdict_on(wrong_for_long_kernels)
    assert "Case 3 of 5 (W = 9, F = 4)" in str(verdict)
    assert (verdict.passed, verdict.total) == (2, 5)
    assert verdict.points == pytest.approx(3 * 2 / 5)
    assert 'hint("1.2")' in str(verdict)


def test_whole_numbers_are_right_where_nothing_was_cut_off():
    counts = find_task("3.3")
    assert (
        verdict_on(lambda *sizes: counts.reference(*sizes).astype(int), counts).status == "passed"
    )
    one_more = verdict_on(lambda *sizes: counts.reference(*sizes).astype(int) + 1, counts)
    assert "expected 1." in str(one_more)
    assert "cuts off" not in str(one_more)


def test_a_count_must_be_whole():
    said = str(evaluate(PLACES, lambda W, F: (W - F) / 1 + 1))
    assert "is 5, a floating-point number, expected a whole one: divide with //" in said


def counting(**changes) -> Task:
    """Return a task that counts the entries of x from 0, so its answer is an array of whole numbers."""
    task = Task(
        id="1.9", title="Count", points=1, minutes=1, difficulty=1, name="count", hints=("", ""), returns=("n",),
        cases=lambda rng: [Case((np.zeros(2),)), Case((np.zeros(0),))],
        reference=lambda x: np.arange(len(x)),
    )  # fmt: skip
    return replace(task, **changes)


@pytest.mark.parametrize("order", [1, -1])
def test_an_array_of_counts_must_be_whole_even_where_it_is_empty(order):
    task = counting(cases=lambda rng: [Case((np.zeros(2),)), Case((np.zeros(0),))][::order])
    said = str(evaluate(task, lambda x: np.arange(len(x)) / 1))
    assert "n holds float64, expected whole numbers: make the array with dtype=int" in said


def test_a_mistake_that_raises_is_recognized_by_the_kind_of_its_error():
    known = Misconception("one too far", "You looked one place too far.", lambda x: x[len(x)])
    task = counting(misconceptions=(known,))
    assert evaluate(task, lambda x: x[len(x) + 3]).misconception is known
    assert evaluate(task, lambda x: x["first"].no_such).misconception is known  # an IndexError too
    assert evaluate(task, lambda x: x.first).misconception is None
    assert evaluate(task, lambda x: len(x)).misconception is None
    mistyped = Misconception("mistyped", "You mistyped it.", lambda x: x1)  # noqa: F821
    task = counting(misconceptions=(mistyped,))
    assert evaluate(task, lambda x: x2).misconception is None  # noqa: F821


def test_a_mistake_that_returns_too_many_values_is_recognized():
    known = Misconception(
        "twice", "Once is enough.", lambda x: (np.arange(len(x)), np.arange(len(x)))
    )
    verdict = evaluate(counting(misconceptions=(known,)), lambda x: (np.arange(len(x)),) * 2)
    assert verdict.misconception is known


def test_a_mistake_that_gives_nan_is_recognized_and_is_no_right_answer():
    known = Misconception("nothing", "You divided by nothing.", lambda x: np.full(len(x), np.nan))
    task = counting(misconceptions=(known,), cases=lambda rng: [Case((np.zeros(2),))],
                    reference=lambda x: np.zeros(len(x)))  # fmt: skip
    verdict = evaluate(task, lambda x: np.full(len(x), np.nan))
    assert verdict.misconception is known
    assert verdict.points == 0
    assert evaluate(task, lambda x: np.array([0, np.nan])).misconception is None


def test_arrays_that_do_not_fit_at_an_at_sign_are_said_with_both_sizes():
    said = str(evaluate(counting(), lambda x: np.ones((4, 3)) @ np.ones((5, 2))))
    assert "met 3 and 5 entries there" in said


def test_two_results_are_told_apart_by_name():
    said = str(evaluate(BACKWARD, lambda dy, x, w: np.zeros(len(x))))
    assert "returned a NumPy array, expected 2 values: dx, dw" in said
    said = str(evaluate(BACKWARD, lambda dy, x, w: (np.zeros(len(x)), np.zeros(len(w) + 1))))
    assert "dx[0] is 0, expected" in said


def test_writing_into_an_argument_is_said_even_when_the_answer_is_right():
    def tramples(x, w):
        y = right(x, w)
        x[0] = 99
        return y

    verdict = verdict_on(tramples)
    assert verdict.status == "changed its input"
    assert "wrote into its argument x" in str(verdict)
    assert "x.copy()" in str(verdict)


def test_one_learners_damage_does_not_reach_the_next_case():
    def tramples(x, w):
        w *= 0
        return right(x, w)

    assert verdict_on(tramples).status == "changed its input"
    assert verdict_on(right).status == "passed"


def test_an_array_that_lies_about_equality_is_compared_as_what_it_holds():
    class Liar(np.ndarray):
        def __eq__(self, other):
            return np.ones(self.shape, bool)

        def __array_ufunc__(self, ufunc, method, *inputs, **options):
            return np.zeros(self.shape)

        def __array__(self, *args, **options):
            raise AssertionError("asked politely")

    assert verdict_on(lambda x, w: np.zeros(len(x) - len(w) + 1).view(Liar)).status == "wrong value"
    assert verdict_on(lambda x, w: right(x, w).view(Liar)).status == "passed"


def test_the_learners_own_traceback_without_the_course():
    def breaks(x, w):
        rows = [1, 2, 3]
        return rows[10]

    verdict = verdict_on(breaks)
    assert verdict.status == "raised"
    assert "your code raised IndexError: list index out of range" in str(verdict)
    assert "return rows[10]" in verdict.trace
    assert "test_check.py" in verdict.trace
    assert "evaluate.py" not in verdict.trace
    assert str(Path("coursekit") / "study") not in verdict.trace


def test_a_wrong_signature_is_named():
    said = str(verdict_on(lambda x: x))
    assert "cannot be called as `sliding_dot(x, w)`" in said
    assert "takes 1 positional argument but 2 were given" in said


def test_half_finished_is_not_the_same_as_not_attempted():
    def half(x, w):
        if len(w) > 3:
            raise NotImplementedError
        return right(x, w)

    verdict = verdict_on(half)
    assert verdict.status == "raised"
    assert "part of it is not written yet" in str(verdict)


def test_an_endless_loop_that_the_learner_stops():
    def endless(x, w):
        raise KeyboardInterrupt

    verdict = verdict_on(endless)
    assert "you stopped it" in str(verdict)
    assert "in endless" in verdict.trace


def test_an_endless_loop_is_stopped_once_not_in_each_case():
    calls = []

    def endless(x, w):
        calls.append(x)
        raise KeyboardInterrupt

    verdict_on(endless)
    assert len(calls) == 1


def test_no_trace_without_an_error():
    assert verdict_on(lambda x, w: None).trace == ""


def test_what_is_not_a_function():
    said = str(verdict_on(np.ones(3)))
    assert "got a NumPy array, expected the function itself" in said
    assert 'check("1.2", sliding_dot)' in said


def test_the_courses_own_function_is_not_an_answer():
    from coursekit.reference import conv1d

    assert "the course's own function" in str(verdict_on(conv1d))


def test_check_prints_the_verdict_and_returns_nothing(capsys):
    assert check("1.2", right) is None
    assert "visible checks passed" in capsys.readouterr().out


def test_check_prints_the_traceback(capsys):
    check("1.2", lambda x, w: 1 / 0)
    out = capsys.readouterr().out
    assert "your code raised ZeroDivisionError: division by zero" in out
    assert "Traceback" in out


@pytest.mark.parametrize(("answer", "points"), [(right, 3.0), (lambda x, w: None, 0.0)])
def test_under_nbgrader_the_value_is_the_points(monkeypatch, capsys, answer, points):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert check("1.2", answer) == points
    assert capsys.readouterr().err == ""  # nbgrader takes any word on stderr for a failure


def test_under_nbgrader_a_right_answer_may_write_to_stderr(monkeypatch, capsys):
    handler = logging.StreamHandler()  # keeps the stream that is stderr now

    def talkative(x, w):
        print("still computing", file=sys.stderr)
        check("1.1", lambda W, F: W - F + 1)  # a check within a check
        handler.handle(logging.makeLogRecord({"msg": "a log line"}))
        return right(x, w)

    check("1.2", talkative)
    assert "still computing" in capsys.readouterr().err
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert check("1.2", talkative) == 3.0
    said = capsys.readouterr()
    assert said.err == ""
    assert "still computing\n" in said.out
    assert "a log line\n" in said.out
    print("as before", file=sys.stderr)
    assert capsys.readouterr().err == "as before\n"


def test_the_html_says_the_same_and_escapes_what_came_from_outside():
    def angry(x, w):
        raise ValueError("<script>")

    html = verdict_on(angry)._repr_html_()
    assert "&lt;script&gt;" in html
    assert "<script>" not in html
    assert "<code>" in verdict_on(lambda x: x)._repr_html_()
