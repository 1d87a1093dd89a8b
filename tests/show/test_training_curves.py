"""Curves drawn from the log that a run has written."""

import pytest

from coursekit.show.training_curves import training_curves


def epoch(number, loss, accuracy):
    return {
        "number": number,
        "loss": loss,
        "accuracy": accuracy,
        "test_loss": 1.5,
        "test_accuracy": accuracy,
        "seconds": 20.0,
    }


RUN = [{"recipe": {}}, epoch(1, 2.0, 0.25), epoch(2, 0.5, 0.875)]


def test_the_alt_text_tells_where_each_run_began_and_ended():
    drawn = training_curves({"narrow": RUN, "wide": RUN[:2]}, "Which is better?", goal=0.9)
    assert drawn.caption == "Which is better?"
    assert "narrow: training loss from 2.00 to 0.50, test loss 1.50 and accuracy 87.5%" in drawn.alt
    assert "after 2 epochs and 40 s" in drawn.alt
    assert "wide: training loss from 2.00 to 2.00" in drawn.alt
    assert drawn.png.startswith(b"\x89PNG")


def test_runs_of_other_epochs_can_be_compared_over_time():
    over_epochs, over_time = (
        training_curves({"a": RUN}, "Look.", over=over) for over in ("epochs", "seconds")
    )
    assert "over seconds" in over_time.alt
    assert over_epochs.png != over_time.png


def test_a_loss_that_was_not_finite_leaves_a_gap():
    drawn = training_curves({"a": [*RUN, {**epoch(3, None, 0.1), "test_loss": None}]}, "Look.")
    assert "to nan, test loss nan" in drawn.alt


def test_the_log_of_a_run_can_be_drawn_as_it_is(tmp_path):
    from coursekit.data import Images, fashion_mnist
    from coursekit.models import lenet5
    from coursekit.training import Recipe, read_results, train

    data = fashion_mnist()
    few = Images(data.x[:200], data.labels[:200], data.x_test[:50], data.labels_test[:50])
    history = train(lenet5(), few, Recipe(lr=0.01, epochs=2), folder=tmp_path)
    drawn = training_curves({"LeNet": read_results(tmp_path / "log.jsonl")}, "Look.")
    assert f"accuracy {history.epochs[-1].test_accuracy:.1%} at the end" in drawn.alt


@pytest.mark.parametrize(
    ("logs", "options", "words"),
    [
        ({}, {}, "at least one run"),
        ({"a": RUN[:1]}, {}, "a finished epoch in each"),
        ({str(i): RUN for i in range(9)}, {}, "9 runs, expected at most"),
        ({"a": RUN}, {"over": "steps"}, "over is 'steps'"),
    ],
)
def test_what_cannot_be_drawn_is_refused(logs, options, words):
    with pytest.raises(ValueError, match=words):
        training_curves(logs, "Look.", **options)
