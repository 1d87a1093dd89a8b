"""A recipe says what it takes, and its schedule is the reference's, in steps."""

import pytest
import torch
from torch import nn

from coursekit.errors import CourseError
from coursekit.reference.schedules import cosine, linear, step_decay, warm_up
from coursekit.training import Recipe, make_optimizer, set_rate

SCHEDULES = {
    "constant": (Recipe(lr=0.2, epochs=4), step_decay(0.2, 1, 1.0)),
    "step": (
        Recipe(lr=0.2, epochs=4, schedule="step", step_epochs=1.5, step_factor=0.5),
        step_decay(0.2, 15, 0.5),
    ),
    "cosine": (Recipe(lr=0.2, epochs=4, schedule="cosine"), cosine(0.2, 40)),
    "warm-up and cosine": (
        Recipe(lr=0.2, epochs=4, schedule="cosine", warm_up=0.5),
        warm_up(cosine(0.2, 35), 5),
    ),
    "warm-up and line": (
        Recipe(lr=0.2, epochs=4, schedule="linear", warm_up=0.5),
        warm_up(linear(0.2, 35), 5),
    ),
    "warm-up alone": (Recipe(lr=0.2, epochs=4, warm_up=4), warm_up(0.2, 40)),
    "warm-up and cosine, nothing left": (
        Recipe(lr=0.2, epochs=1, schedule="cosine", warm_up=1),
        warm_up(0.2, 10),
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_epochs_become_steps_of_the_references_schedule(name):
    recipe, expected = SCHEDULES[name]
    rate = recipe.rate(10)
    steps = range(10 * recipe.epochs)
    assert [rate(step) for step in steps] == [expected(step) for step in steps]


def test_the_optimizer_has_every_number_of_the_recipe():
    weights = [nn.Parameter(torch.zeros(2))]
    sgd = make_optimizer(Recipe(lr=0.3, momentum=0.8, nesterov=True, weight_decay=0.01), weights)
    assert isinstance(sgd, torch.optim.SGD)
    names = ("lr", "momentum", "nesterov", "weight_decay")
    assert [sgd.param_groups[0][name] for name in names] == [0.3, 0.8, True, 0.01]
    adam = make_optimizer(Recipe(optimizer="adam", lr=0.3, weight_decay=0.01), weights)
    assert type(adam) is torch.optim.Adam
    assert [adam.param_groups[0][name] for name in ("lr", "weight_decay")] == [0.3, 0.01]
    set_rate(adam, 0.5)
    assert adam.param_groups[0]["lr"] == 0.5


@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_norms_and_biases_can_be_spared_the_weight_decay(name):
    model = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.Linear(3, 2))
    recipe = Recipe(optimizer=name, lr=0.3, weight_decay=0.01, decay_norm_and_bias=False)
    optimizer = make_optimizer(recipe, model.parameters())
    decay = {
        id(p): group["weight_decay"] for group in optimizer.param_groups for p in group["params"]
    }
    assert {n: decay[id(p)] for n, p in model.named_parameters()} == {
        "0.weight": 0.01,
        "0.bias": 0,
        "1.weight": 0,
        "1.bias": 0,
        "2.weight": 0.01,
        "2.bias": 0,
    }
    set_rate(optimizer, 0.5)
    assert [group["lr"] for group in optimizer.param_groups] == [0.5, 0.5]


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"optimizer": "sdg"}, "optimizer is 'sdg', expected one of 'sgd', 'adam'"),
        (
            {"schedule": None},
            "schedule is None, expected one of 'constant', 'step', 'cosine', 'linear'",
        ),
        ({"lr": -1}, "lr is -1.0, expected a finite number of at least 0"),
        ({"lr": "fast"}, "lr is 'fast'"),
        ({"lr": float("nan")}, "lr is nan"),
        ({"momentum": 1}, "momentum is 1.0, .* below 1"),
        ({"weight_decay": -0.1}, "weight_decay is -0.1"),
        ({"label_smoothing": 1}, "label_smoothing is 1.0"),
        ({"epochs": 0}, "epochs is 0"),
        ({"epochs": 2.5}, "epochs is 2.5, expected a whole number"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"flip": True}, "flip is True, expected one of 'none', 'random', 'alternating'"),
        ({"crop": -1}, "crop is -1"),
        ({"cutout": 2.5}, "cutout is 2.5"),
        ({"ema": 1}, "ema is 1.0, .* below 1"),
        ({"whiten": -0.1}, "whiten is -0.1"),
        ({"compile": True}, "compile is True, expected one of 'no', 'default'"),
        ({"bf16": 1}, "bf16 is 1, expected True or False"),
        ({"channels_last": "yes"}, "channels_last is 'yes'"),
        ({"test_flips": None}, "test_flips is None"),
        ({"decay_norm_and_bias": 0}, "decay_norm_and_bias is 0"),
        ({"nesterov": 1}, "nesterov is 1, expected True or False"),
        ({"nesterov": True}, "nesterov needs a momentum"),
        ({"optimizer": "adam", "momentum": 0.9}, "Adam takes no momentum"),
        ({"step_factor": 2}, "step_factor is 2.0, expected 0 to 1"),
        ({"step_epochs": 0}, "step_epochs is 0"),
        ({"warm_up": 11}, "warm_up takes 11 of 10 epochs"),
    ],
)
def test_a_recipe_that_cannot_be_followed_is_refused_in_words(given, words):
    with pytest.raises(CourseError, match=f"^Recipe: {words}"):
        Recipe(**given)
