"""A bar on a terminal, lines elsewhere, and no word about what is over at once."""

import io
import re
import sys
import time

import pytest
from tiny import images, net

from coursekit.training import Recipe, progress, train

RECIPE = Recipe(epochs=3, batch_size=8)


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def slow(monkeypatch):
    """Make every run one that takes long."""
    monkeypatch.setattr(progress, "SECONDS", 0.0)


def test_elsewhere_each_epoch_gets_a_plain_line(slow, capsys):
    history = train(net(), images(), RECIPE)
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert [line.split(":")[0] for line in lines] == [f"epoch {i} of 3" for i in (1, 2, 3)]
    assert f"loss {history.epochs[2].loss:.3f}" in lines[2]
    assert f"test loss {history.epochs[2].test_loss:.3f}" in lines[2]
    assert f"{history.epochs[2].images_per_second:,.0f} images/s" in lines[2]
    assert lines[2].endswith(f"{history.epochs[2].memory / 1e9:.1f} GB")
    assert err == ""


def test_on_a_terminal_there_is_a_bar_with_loss_and_accuracy_and_no_lines(
    slow, monkeypatch, capsys
):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    model = net()
    model.register_forward_hook(lambda *_: time.sleep(0.05))  # a bar moves every 0.1 s
    train(model, images(), RECIPE)
    shown = terminal.getvalue()
    assert "epoch 1 of 3" in shown
    assert "/15" in shown
    assert "loss " in shown
    assert "accuracy " in shown
    assert re.search(r"[1-9][0-9]* images/s, (?!0\.0)\d+\.\d GB", shown)
    assert capsys.readouterr().out == ""


def test_a_run_of_a_moment_says_nothing(monkeypatch, capsys):
    terminal = Terminal()
    train(net(), images(), RECIPE)
    monkeypatch.setattr(sys, "stderr", terminal)
    train(net(), images(), RECIPE)
    assert terminal.getvalue().strip() == capsys.readouterr().out == ""


def test_who_wants_it_quiet_gets_it_quiet(slow, monkeypatch, capsys):
    terminal = Terminal()
    train(net(), images(), RECIPE, show=False)
    monkeypatch.setattr(sys, "stderr", terminal)
    train(net(), images(), RECIPE, show=False)
    assert terminal.getvalue() == capsys.readouterr().out == ""
