"""What a GPU likes does nothing on a CPU; and where it is switched on, it computes the same or nearly."""

import json

import pytest
import torch
from tiny import CLASSES, images, net, same
from torch import nn

from coursekit.training import NonFiniteLossError, Recipe, examine, speed, train
from coursekit.training.speed import Speed, Told, trial_step

PLAIN = Recipe(lr=0.05, momentum=0.9, epochs=2, batch_size=8)
FAST = Recipe(
    lr=0.05,
    momentum=0.9,
    epochs=2,
    batch_size=8,
    bf16=True,
    channels_last=True,
    compile="default",
)


@pytest.fixture
def helpful(monkeypatch):
    """Pretend that the CPU gains from everything, and compile without a compiler for the CPU."""
    compiled = []

    def compile_quickly(model, mode):
        compiled.append(mode)
        return real(model, backend="aot_eager")

    real = torch.compile
    monkeypatch.setattr(speed, "helps", lambda device: True)
    monkeypatch.setattr(torch, "compile", compile_quickly)
    yield compiled
    torch.compiler.reset()


def test_on_a_cpu_the_fast_recipe_is_the_plain_one_bit_for_bit_and_says_so(tmp_path):
    one, other = net(), net()
    plain = train(one, images(), PLAIN)
    fast = train(other, images(), FAST, folder=tmp_path)
    assert same(one, other)
    assert plain.losses == fast.losses
    used = {
        "device": "cpu",
        "precision": "float32",
        "channels_last": False,
        "compile": "no",
        "torch": torch.__version__,
        "processes": 1,
    }
    assert fast.used == plain.used == used
    assert fast.compile_seconds == 0
    head = json.loads((tmp_path / "log.jsonl").read_text().splitlines()[0])
    assert head["used"] == used
    assert head["recipe"]["bf16"] is True
    result = fast.result()
    assert (result["bf16"], result["used_precision"]) == (True, "float32")


def test_a_model_of_float64_stays_in_float64_and_the_history_says_so(helpful):
    history = train(net().double(), images(), FAST)
    assert history.used["precision"] == "float64"
    assert history.used["compile"] == "no"


def test_where_it_helps_bfloat16_is_used_and_the_losses_stay_near(helpful):
    recipe = Recipe(lr=0.05, epochs=2, batch_size=8, bf16=True)
    seen = []

    class Watched(nn.Linear):
        def forward(self, x):
            y = super().forward(x)
            seen.append((y.dtype, self.weight.dtype, torch.is_autocast_enabled("cpu")))
            return y

    def watched():
        model = net()
        torch.manual_seed(1)
        model[5] = Watched(64, CLASSES)
        return model

    model = watched()
    history = train(model, images(), recipe)
    assert set(seen) == {(torch.bfloat16, torch.float32, True)}  # in testing, too
    assert history.used["precision"] == "bfloat16"
    exact = train(watched(), images(), Recipe(lr=0.05, epochs=2, batch_size=8))
    assert history.losses != exact.losses
    assert history.losses == pytest.approx(exact.losses, rel=0.1)
    last = history.epochs[-1]
    assert examine(model, images(), recipe) == (last.test_loss, last.test_accuracy)


def test_where_it_helps_the_model_is_compiled_ahead_and_the_weights_are_its_own(helpful):
    recipe = Recipe(lr=0.05, epochs=2, batch_size=8, compile="max-autotune")
    model, plain = net(), net()
    model[4].p = plain[4].p = 0.0  # a compiled dropout draws other numbers
    history = train(model, images(), recipe)
    assert helpful == ["max-autotune"]
    assert history.used["compile"] == "max-autotune"
    assert history.compile_seconds > 0
    expected = train(plain, images(), Recipe(lr=0.05, epochs=2, batch_size=8))
    assert history.losses == pytest.approx(expected.losses, rel=1e-4)
    assert model.state_dict().keys() == plain.state_dict().keys()
    for name, value in plain.state_dict().items():
        torch.testing.assert_close(model.state_dict()[name], value, rtol=1e-3, atol=1e-4)


def test_where_it_helps_batches_and_weights_have_their_channels_last(helpful):
    recipe = Recipe(lr=0.05, epochs=1, batch_size=8, channels_last=True, crop=1)
    seen = []

    class Watched(nn.Conv2d):
        def forward(self, x):
            seen.extend(
                one.is_contiguous(memory_format=torch.channels_last) for one in (x, self.weight)
            )
            return super().forward(x)

    model = nn.Sequential(Watched(2, 4, 3), nn.Flatten(), nn.Linear(64, CLASSES))
    train(model, images(), recipe)
    assert seen
    assert all(seen)


def test_a_loss_that_is_not_finite_stops_a_compiled_run_in_bfloat16_too(helpful):
    model = nn.Sequential(nn.Flatten(), nn.Linear(72, 9), nn.ReLU(), nn.Linear(9, CLASSES))
    recipe = Recipe(lr=1e30, epochs=5, batch_size=8, bf16=True, compile="default")
    with pytest.raises(NonFiniteLossError, match=r"layer '[013]' \(\w+\)") as caught:
        train(model, images(), recipe)
    assert caught.value.step == len(caught.value.history.losses) > 0
    assert all(p.isfinite().all() for p in model.parameters())


def test_the_layer_is_looked_for_as_the_step_was_computed(helpful):
    class Overflow(nn.Module):  # only in bfloat16, and not at once
        calls = 0

        def forward(self, x):
            self.calls += 1
            bad = self.calls > 5 and torch.is_autocast_enabled("cpu")
            return x / 0 if bad else x

    model = nn.Sequential(nn.Flatten(), nn.Linear(72, CLASSES), Overflow())
    with pytest.raises(NonFiniteLossError, match=r"layer '2' \(Overflow\)") as caught:
        train(model, images(), Recipe(lr=0.01, epochs=5, batch_size=8, bf16=True))
    assert caught.value.step > 0


def test_a_step_on_trial_changes_nothing():
    model, twin = net(), net()
    x = torch.rand(8, 2, 6, 6)
    torch.manual_seed(4)
    expected = torch.rand(3)
    torch.manual_seed(4)
    how = Speed(Recipe(), next(model.parameters()))
    trial_step(model, model, x, torch.zeros(8, dtype=torch.int64), how)
    assert same(model, twin)
    assert all(p.grad is None for p in model.parameters())
    assert torch.equal(torch.rand(3), expected)


def test_cudnn_looks_for_algorithms_during_the_run_only(monkeypatch):
    monkeypatch.setattr(speed, "helps", lambda device: True)
    how, before = Speed(Recipe(), nn.Parameter(torch.zeros(1))), torch.backends.cudnn.benchmark
    with how.set_up():
        assert torch.backends.cudnn.benchmark is True
    assert torch.backends.cudnn.benchmark is before is False


def test_numbers_are_told_exactly():
    loss = torch.tensor(0.1, dtype=torch.float64, requires_grad=True)
    assert Told(loss, torch.tensor(2**40)).read() == [0.1, 2**40]
