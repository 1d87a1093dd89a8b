"""The figures of chapter 10 show what they say."""

import json

import numpy as np
import pytest
from matplotlib.axes import Axes

from coursekit.paths import CourseNotFoundError, course_root
from coursekit.reference.layers import BatchLast, Flatten, MaxPool2d, ReLU
from coursekit.reference.network import Sequential
from coursekit.reference.trained_layers import Linear
from coursekit.show import training_a_convnet as show
from coursekit.show import training_a_convnet_schedules as schedules
from coursekit.show import training_a_convnet_sick as sick
from coursekit.show import training_a_convnet_valley as valley

START = np.array([-4.0, 2.0])

# --- the valley


def test_plain_descent_in_the_valley_is_what_the_formula_says():
    path, losses = valley.descent("SGD", 0.1, 0.9, 10, START)
    assert np.allclose(path[3], [-4 * 0.9**3, 0])  # 1 - rate times curvature, along and across
    assert losses[0] == pytest.approx(0.5 * (16 + 10 * 4))


@pytest.mark.parametrize("name", ["momentum", "Nesterov"])
def test_without_momentum_they_are_plain_descent(name):
    expected = valley.descent("SGD", 0.05, 0, 10, START)[0]
    assert np.allclose(valley.descent(name, 0.05, 0, 10, START)[0], expected)


def test_momentum_adds_the_step_before():
    path, _ = valley.descent("momentum", 0.01, 0.5, 10, START)
    first, second = np.diff(path, axis=0)[:2]
    assert np.allclose(second, 0.5 * first - 0.01 * path[1] * [1, 10])


def test_adam_moves_both_weights_alike_at_first():
    path, _ = valley.descent("Adam", 0.1, 0.9, 50, START)
    assert np.allclose(path[1], [-3.9, 1.9])


def test_the_valley_says_when_it_arrives():
    drawn = valley.valley("SGD", 0.1, 0, 1, np.array([1.0, 0]))
    # the loss falls by 0.81 in each step, and 0.81 ** 22 is the first power below a hundredth
    assert (
        "SGD, learning rate 0.1: from step 22 on the loss stays below a hundredth" in drawn.caption
    )
    assert "momentum" not in drawn.caption.split(":")[0]
    lost = valley.valley("SGD", 1.0, 0, 30, START)
    assert "does not come to stay below a hundredth" in lost.caption
    assert "2/30 = 0.0667" in lost.caption


@pytest.mark.parametrize(
    ("name", "curvature", "rate", "mu", "steps"),
    [
        ("SGD", 30, 0.05, 0, 25),
        ("momentum", 30, 0.05, 0.6, 11),
        ("Nesterov", 30, 0.02, 0.9, 10),
        ("Adam", 30, 0.5, 0, 35),
        ("SGD", 60, 0.02, 0, 46),
        ("momentum", 60, 0.05, 0.6, 13),
        ("Nesterov", 60, 0.02, 0.9, 9),
        ("Adam", 60, 0.5, 0, 35),
        ("SGD", 1, 1.0, 0, 1),
    ],
)
def test_the_steps_that_the_chapter_names(name, curvature, rate, mu, steps):
    _, losses = valley.descent(name, rate, mu, curvature, START)
    assert valley.arrival(losses) == steps


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1, two", "something else than numbers"),
        ("1", "expected two"),
        ("1, 2, 3", "expected two"),
        ("9, 0", "up to 9 in size"),
        ("", "the start is empty"),
    ],
)
def test_a_start_typed_wrong(text, sentence):
    widget = show.valley_widget()
    before = widget.html
    widget.children[4].value = text
    assert sentence in widget.message
    assert widget.html == before


@pytest.mark.parametrize("name", valley.OPTIMIZERS)
def test_every_optimizer_of_the_widget_moves_the_picture(name):
    widget = show.valley_widget()
    before = widget.html
    if name != widget.children[0].value:
        widget.children[0].value = name
        assert widget.html != before
    assert f"50 steps of {name}" in widget.html


def test_an_unknown_optimizer():
    with pytest.raises(ValueError, match=r"'LBFGS', expected one of SGD, momentum"):
        valley.valley("LBFGS", 0.1, 0.9, 10, START)


# --- schedules


def test_the_schedule_draws_what_it_says():
    drawn = schedules.schedule("step", 0.1, 0, 10, 0.1)
    assert "multiplied by 0.1 every 10 epochs, 2 times" in drawn.caption
    assert "in the last step it is 1.0e-03" in drawn.caption
    # 200 steps each at 0.1, 0.01 and 0.001
    assert "All steps together: 22.2, of which 95% in the first half" in drawn.caption


def test_a_warm_up_moves_the_drops():
    rate = schedules.make("step", 0.1, 5, 10, 0.1)
    each = schedules.EACH
    assert rate(0) == pytest.approx(0.1 / 3)
    assert rate(15 * each - 1) == pytest.approx(0.1)
    assert rate(15 * each) == pytest.approx(0.01)
    assert "10 epochs, 2 times" in schedules.schedule("step", 0.1, 5, 10, 0.1).alt
    assert "15 epochs, 1 times" in schedules.schedule("step", 0.1, 0, 15, 0.1).alt


def test_the_cosine_ends_near_zero_and_has_no_use_for_drops():
    drawn = schedules.schedule("cosine", 0.2, 0, 10, 0.1)
    assert "to 0" in drawn.alt
    assert "no use for the sliders of the drops" in drawn.caption
    assert schedules.make("cosine", 0.2, 0, 1, 0.1)(15 * schedules.EACH) == pytest.approx(0.1)


def test_every_control_of_the_schedule_moves_the_picture():
    widget = show.schedule_widget()
    for control, value in zip(widget.children[:5], ("step", 0.2, 3, 7, 0.5), strict=True):
        before = widget.html
        if control.value != value:
            control.value = value
            assert widget.html != before, control.description
    widget.children[0].value = "constant"
    assert "then stays" in widget.html


def test_an_unknown_schedule():
    with pytest.raises(ValueError, match="'triangle', expected one of constant"):
        schedules.make("triangle", 0.1, 0, 1, 0.1)


def test_measured_schedules_list_their_losses():
    runs = {
        "constant": ([1.0] * 4, [0.1] * 4, [(0.9, 0.7), (0.8, 0.75)]),
        "step": ([1.0] * 4, [0.1, 0.1, 0.01, 0.01], [(0.9, 0.7), (0.5, 0.85)]),
    }
    drawn = show.schedules(runs)
    assert "constant: rate from 0.1 to 1.0e-01, loss 0.90, 0.80" in drawn.alt
    assert "step: rate from 0.1 to 1.0e-02, loss 0.90, 0.50" in drawn.alt


# --- curves


def test_a_running_average_of_equal_numbers_is_that_number_from_the_start():
    assert np.allclose(show.smooth([3.0] * 5), 3)


def test_a_running_average_weighs_the_past_less():
    assert np.allclose(show.smooth([1.0, 3.0], beta=0.5), [1, (0.5 * 1 + 3) / 1.5])


def test_the_range_test_marks_the_lowest_average_and_a_tenth_of_it(monkeypatch):
    marked = []
    monkeypatch.setattr(
        Axes, "axvline", lambda self, x, *, label, **how: marked.append((float(x), label))
    )
    rates = np.geomspace(1e-4, 1, 41)
    losses = np.concatenate([np.full(10, 2.3), np.linspace(2.3, 0.5, 20), np.linspace(2, 6, 11)])
    drawn = show.range_test(rates, losses)
    low = rates[np.argmin(show.smooth(losses))]
    assert f"at a rate of {low:.2g}" in drawn.alt
    assert "at 2.3 after a quarter" in drawn.alt
    assert [place for place, _ in marked] == pytest.approx([low, low / 10])
    assert [label for _, label in marked] == [
        f"lowest, at {low:.2g}",
        f"a tenth of that, {low / 10:.2g}",
    ]


def test_the_race_says_where_each_ends():
    drawn = show.race({"SGD": [2.0] * 30, "Adam": [2.0] * 10 + [0.5] * 20}, "Look.")
    assert "SGD 2.00, Adam 0.50" in drawn.alt
    assert drawn.caption == "Look."


def test_epochs_say_where_validation_is_lowest():
    drawn = show.epochs([1.0, 0.5, 0.4, 0.2], [(0.9, 0.6), (0.7, 0.8), (0.8, 0.75)], 2, 0.85)
    assert "falling to 0.30" in drawn.alt
    assert "from 0.90 to 0.80, lowest after epoch 2" in drawn.alt
    assert "from 60% to 75%" in drawn.alt


def test_clothes_show_the_first_of_each_class(monkeypatch):
    shown = {}
    monkeypatch.setattr(show, "gallery", lambda images, **_: shown.update(images))
    images = np.arange(4, dtype=np.uint8)[:, None, None, None] * np.ones((1, 1, 2, 2))
    show.clothes(images, np.array([1, 0, 0, 1]), ("shirt", "shoe"))
    assert shown["shirt"].max() == pytest.approx(1 / 255)
    assert shown["shoe"].max() == 0


# --- twins and patients


def test_twins_say_which_gaps_stay_small():
    gaps = {"float64": np.full(5, 1e-15), "float32": np.array([0, 1e-7, 1e-6, 1e-2, 1e-5])}
    drawn = show.twins([2.0] * 5, [2.0] * 5, gaps, 1e-4)
    assert "float64: stays below 0.0001 in 5 steps" in drawn.alt
    assert "float32: later exceeds 0.0001 in 5 steps" in drawn.alt


def test_decisions_are_those_of_pooling_and_relu():
    network = Sequential(BatchLast(), MaxPool2d(2), ReLU())
    x = np.array([[1.0, 5, -1, -2], [2, 3, -3, -4]])[None, None]
    found = show.decisions(network, x)
    assert found.tolist() == [1, 0, 1, 0]  # second pixel, first pixel; open, closed
    x[0, 0, 1, 1] = 9
    assert show.decisions(network, x).tolist() == [3, 0, 1, 0]


def tiny():
    return Sequential(Flatten(), Linear(4, 10, np.random.default_rng(0)))


def some(count):
    rng = np.random.default_rng(1)
    labels = np.resize(np.arange(10), count)
    x = rng.normal(size=(count, 1, 2, 2)).astype(np.float32)
    x[:, 0, 0, 0] += labels
    return x, labels


def test_follow_looks_at_validation_every_twenty_steps():
    x, labels = some(100)
    losses, checks = show.follow(tiny(), x, labels, x=x, labels=labels, lr=0.01, steps=45)
    assert len(losses) == 45
    assert [step for step, _ in checks] == [19, 39]
    assert losses[-1] < losses[0]


def test_follow_can_begin_at_zero_and_change_the_view():
    x, labels = some(100)
    net, seen = tiny(), []

    def view(images):
        seen.append(len(images))
        return images

    losses, _ = show.follow(
        net, x, labels, x=x, labels=labels, lr=0, zero=True, view=view, steps=20
    )
    assert losses == pytest.approx([np.log(10)] * 20)
    assert not net.params["1.w"].any()
    assert seen == [50] * 20 + [100]


def test_follow_sorts_by_class_where_nothing_is_shuffled():
    x, labels = some(500)
    seen = []

    def view(images):
        seen.append(images[:, 0, 0, 0].mean())
        return images

    show.follow(tiny(), x, labels, x=x, labels=labels, lr=0, shuffled=False, view=view, steps=10)
    assert np.allclose(seen, np.arange(10), atol=0.6)


def test_patients_keep_their_causes_until_asked():
    runs = {
        "A": ([2.3] * 30, [(19, 2.3)]),
        "B": ([2.0, 1.0, float("nan")] + [float("nan")] * 7, [(5, float("nan"))]),
    }
    kept, told = show.patients(runs), show.patients(runs, {"A": "asleep", "B": "exploded"})
    assert "asleep" not in kept.alt
    assert "A (asleep): from 2.3 to 2.3" in told.alt
    assert "B (exploded): not a number from step 2 on" in told.alt
    assert kept.png != told.png


@pytest.mark.parametrize(
    ("losses", "checks", "words"),
    [
        ([2.3] * 5 + [0.1] * 20, [2.0, 0.8, 1.3], "by way of 0.8"),
        ([2.3] * 5 + [30.0] + [2.3] * 20, [2.3, 2.3], "with jumps above 4"),
        ([2.3] * 5 + [3.9] + [2.3] * 20, [2.3, 2.3], "with jumps to 3.9"),
    ],
)
def test_a_curve_in_words(losses, checks, words):
    assert words in sick.describe(losses, list(enumerate(checks)))


# --- the benchmark


def test_the_benchmark_draws_the_recorded_ratios():
    recorded = json.loads((course_root() / "benchmarks" / "reference.json").read_text("utf-8"))
    drawn = show.draw_benchmark(recorded)
    for row in recorded["LeNet-5"]:
        if row["what"] == "ours":
            assert f"LeNet-5 {row['case']}: {row['ratio']:g}" in drawn.alt
    assert recorded["machine"]["date"] in drawn.caption
    assert show.benchmark().alt == drawn.alt


def test_without_the_repository_the_benchmark_says_where_it_is(monkeypatch):
    def nowhere():
        raise CourseNotFoundError("no checkout")

    monkeypatch.setattr(show, "course_root", nowhere)
    assert "benchmarks/reference.json" in show.benchmark().data
