"""The loop does what five lines of plain torch do, twice the same, and says what does not fit."""

import math

import numpy as np
import pytest
import torch
from tiny import CLASSES, images, net, same
from torch import nn
from torch.nn.functional import cross_entropy

from coursekit.errors import CourseError
from coursekit.training import NonFiniteLossError, Recipe, train

RECIPES = {
    "sgd": Recipe(lr=0.05, epochs=3, batch_size=16),
    "nesterov": Recipe(
        lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01, epochs=3, batch_size=7
    ),
    "adam": Recipe(optimizer="adam", lr=0.01, weight_decay=0.01, epochs=3, batch_size=10),
    "smoothed": Recipe(lr=0.05, label_smoothing=0.2, epochs=2, batch_size=16),
    "step": Recipe(lr=0.1, schedule="step", step_epochs=1, epochs=3, batch_size=16),
    "cosine": Recipe(lr=0.1, schedule="cosine", warm_up=1, epochs=4, batch_size=16, seed=5),
}


def plain(model, data, recipe):
    """Train as anybody would write it down, and return the losses."""
    x = torch.from_numpy(data.x)
    flat = data.x.transpose(1, 0, 2, 3).reshape(data.x.shape[1], -1)
    mean = torch.tensor(flat.mean(1)).float()[:, None, None]
    std = torch.tensor(flat.std(1)).float()[:, None, None]
    labels = torch.from_numpy(data.labels)
    if recipe.optimizer == "adam":
        make, options = torch.optim.Adam, {}
    else:
        make = torch.optim.SGD
        options = {"momentum": recipe.momentum, "nesterov": recipe.nesterov}
    optimizer = make(model.parameters(), lr=recipe.lr, weight_decay=recipe.weight_decay, **options)
    order, losses = torch.Generator().manual_seed(recipe.seed), []
    rate = recipe.rate(len(x) // recipe.batch_size)
    torch.manual_seed(recipe.seed)
    model.train()
    for _ in range(recipe.epochs):
        full = len(x) // recipe.batch_size * recipe.batch_size
        for i in torch.randperm(len(x), generator=order)[:full].split(recipe.batch_size):
            optimizer.param_groups[0]["lr"] = rate(len(losses))
            scores = model((x[i].float() - mean) / std)
            loss = cross_entropy(scores, labels[i], label_smoothing=recipe.label_smoothing)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


@pytest.mark.parametrize("name", RECIPES)
def test_the_loop_is_plain_torch_bit_for_bit(name):
    one, other = net(), net()
    losses = plain(one, images(), RECIPES[name])
    history = train(other, images(), RECIPES[name])
    assert history.losses == losses
    assert same(one, other)


def test_the_same_seed_gives_the_same_weights_and_another_gives_others():
    models = [net(), net(), net()]
    for model, seed in zip(models, (0, 0, 1), strict=True):
        torch.rand(3)  # the caller's random numbers, which are not to matter
        train(model, images(), Recipe(epochs=2, batch_size=8, seed=seed))
    assert same(models[0], models[1])
    assert not same(models[0], models[2])


def test_the_random_numbers_of_the_caller_stay_as_they_were():
    model = net()
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    train(model, images(), Recipe(epochs=1, batch_size=8))
    assert torch.equal(torch.rand(4), expected)


def test_the_history_holds_every_step_and_epoch():
    model, data = net(), images(count=40, test=12)
    history = train(model, data, Recipe(lr=0.02, schedule="cosine", epochs=3, batch_size=16))
    assert len(history.losses) == len(history.rates) == 3 * 2  # 40 images are two batches of 16
    assert [epoch.number for epoch in history.epochs] == [1, 2, 3]
    assert history.epochs[1].loss == pytest.approx(np.mean(history.losses[2:4]))
    assert history.rates[0] == 0.02
    assert history.rates == sorted(history.rates, reverse=True)
    assert all(epoch.seconds > 0 for epoch in history.epochs)


def test_accuracies_are_parts_of_the_images_that_are_right():
    model, data = net(), images(count=40, test=12)
    last = train(model, data, Recipe(lr=0.05, epochs=8, batch_size=8)).epochs[-1]
    model.eval()
    mean = data.x.mean((0, 2, 3), keepdims=True)
    std = data.x.std((0, 2, 3), keepdims=True)
    x = torch.tensor((data.x_test - mean) / std).float()
    with torch.no_grad():
        scores = model(x)
    labels = torch.from_numpy(data.labels_test)
    assert last.test_accuracy == (scores.argmax(1) == labels).double().mean().item()
    assert last.test_loss == pytest.approx(cross_entropy(scores, labels).item(), abs=1e-5)
    assert last.test_accuracy > 0.8
    assert 0.5 < last.accuracy <= 1


@pytest.mark.parametrize("training", [True, False])
def test_the_mode_of_the_model_stays_as_it_was(training):
    model = net().train(training)
    train(model, images(), Recipe(epochs=1, batch_size=8))
    assert model.training is training


def test_a_model_of_float64_is_trained_in_float64():
    model = net().double()
    history = train(model, images(), Recipe(epochs=1, batch_size=8))
    assert all(p.dtype == torch.float64 for p in model.parameters())
    assert history.losses[0] != float(np.float32(history.losses[0]))  # it has more digits


# ---- a loss that is not finite


def test_steps_that_are_too_long_stop_with_step_layer_and_advice():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(72, 9), nn.ReLU(), nn.Linear(9, CLASSES))
    with pytest.raises(NonFiniteLossError) as caught:
        train(model, images(), Recipe(lr=1e15, epochs=5, batch_size=8))
    stop = caught.value
    assert stop.step == len(stop.history.losses) > 0
    assert all(math.isfinite(loss) for loss in stop.history.losses)
    assert f"at step {stop.step}" in str(stop)
    assert f"layer {stop.layer!r} (Linear)" in str(stop)
    assert "a learning rate of 1e+14 instead of 1e+15" in str(stop)


def test_a_bad_layer_is_named_and_the_learning_rate_not_blamed_for_the_first_step():
    class Root(nn.Module):
        def forward(self, x):
            return x.sqrt()  # of negative numbers

    model = nn.Sequential()
    model.add_module("rows", nn.Flatten())
    model.add_module("root", Root())
    model.add_module("last", nn.Linear(72, CLASSES))
    with pytest.raises(
        NonFiniteLossError, match="'root' \\(Root\\), which has no weights"
    ) as caught:
        train(model, images(), Recipe(epochs=1, batch_size=8))
    assert caught.value.step == 0
    assert "learning rate of" not in str(caught.value)


def test_weights_that_broke_are_told_from_outputs_that_overflow():
    model = net()
    with torch.no_grad():
        model[5].weight[0, 0] = math.nan
    with pytest.raises(NonFiniteLossError, match="'5' \\(Linear\\), whose weights are not finite"):
        train(model, images(), Recipe(epochs=1, batch_size=8))


# ---- what does not fit


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (nn.Flatten(), "nothing to train"),
        (lambda x: x, "model is a function"),
        (nn.Sequential(nn.Flatten(), nn.Linear(72, 2)), "2 classes and the labels go up to 2"),
        (nn.Conv2d(2, 3, 3), r"returned \(8, 3, 4, 4\) for 8 images"),
    ],
)
def test_a_model_that_does_not_fit_is_refused_in_words(model, words):
    with pytest.raises(CourseError, match=words):
        train(model, images(), Recipe(epochs=1, batch_size=8))


def test_a_batch_larger_than_the_set_is_refused():
    with pytest.raises(CourseError, match="batch_size is 41 and there are 40 images"):
        train(net(), images(count=40), Recipe(epochs=1, batch_size=41))
