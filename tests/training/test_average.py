"""The running average of the weights is what is tested and what the model ends with."""

import pytest
import torch
from tiny import images, net, same

from coursekit.training import Recipe, examine, train
from coursekit.training.averaging import Average


def test_the_average_follows_each_weight_as_the_formula_says():
    model = net()
    expected = {name: value.clone() for name, value in model.state_dict().items()}
    average = Average(model, 0.3)
    for step in range(5):
        with torch.no_grad():
            for value in model.state_dict().values():
                if value.is_floating_point():
                    value.copy_(torch.rand(value.shape) * 7)
        average.update(step)
        d = min(0.3, (1 + step) / (10 + step))
        for name, value in model.state_dict().items():
            if value.is_floating_point():
                expected[name] = d * expected[name] + (1 - d) * value
    for name, value in average.model.state_dict().items():
        torch.testing.assert_close(value, expected[name])
    assert not any(p.requires_grad for p in average.model.parameters())
    average.move_into_model()
    assert same(model, average.model)


def test_after_training_the_model_is_the_average_that_was_tested():
    recipe = Recipe(lr=0.1, epochs=3, batch_size=8, ema=0.95)
    plain, averaged, data = net(), net(), images(test=200)
    train(plain, data, Recipe(lr=0.1, epochs=3, batch_size=8))
    history = train(averaged, data, recipe)
    assert not same(plain, averaged)
    last = history.epochs[-1]
    assert examine(averaged, data, recipe) == (last.test_loss, last.test_accuracy)


def test_averaging_does_not_change_the_training_itself():
    recipes = [Recipe(lr=0.1, epochs=2, batch_size=8, ema=ema) for ema in (0.0, 0.9)]
    one, other = (train(net(), images(), recipe) for recipe in recipes)
    assert one.losses == other.losses


def test_a_decay_of_almost_nothing_is_no_average():
    one, other = net(), net()
    train(one, images(), Recipe(lr=0.1, epochs=1, batch_size=8))
    train(other, images(), Recipe(lr=0.1, epochs=1, batch_size=8, ema=1e-9))
    for name, value in one.state_dict().items():
        torch.testing.assert_close(other.state_dict()[name], value, msg=name)


# ---- mirror images


def test_test_flips_average_the_scores_of_an_image_and_its_mirror_image():
    recipe, model, data = Recipe(epochs=1, batch_size=8, test_flips=True), net(), images(test=200)
    history = train(model, data, recipe)
    plain, flipped = (examine(model, data, recipe, flips=flips) for flips in (False, True))
    assert flipped == (history.epochs[-1].test_loss, history.epochs[-1].test_accuracy)
    assert flipped != plain
    mean = torch.tensor(data.x.mean((0, 2, 3), keepdims=True))
    std = torch.tensor(data.x.std((0, 2, 3), keepdims=True))
    x = ((torch.tensor(data.x_test) - mean) / std).float()
    model.eval()
    with torch.no_grad():
        scores = (model(x) + model(x.flip(3))) / 2
    labels = torch.tensor(data.labels_test)
    assert flipped[0] == pytest.approx(
        torch.nn.functional.cross_entropy(scores, labels).item(), abs=1e-5
    )
    assert flipped[1] == (scores.argmax(1) == labels).double().mean().item()
