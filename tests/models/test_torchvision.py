"""Our networks give torchvision's scores on the same weights, and small changes do not.

The scores come from torchvision's code and are stored beside this file, so that nobody needs torchvision to run the
comparison; ``python tests/models/torchvision_twins.py`` makes them anew.
"""

import json

import pytest
from torch import nn
from torchvision_twins import CASES, CLASSES, RECORDED, far, filled, scores

from coursekit.models import resnet, vgg

THEIRS = json.loads(RECORDED.read_text(encoding="utf-8"))


def test_every_network_that_torchvision_has_is_recorded():
    assert set(THEIRS) - {"about"} == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_the_scores_are_torchvisions(name):
    build, _, size = CASES[name]
    model = filled(build)
    # other instruction sets sum in another order
    assert far(scores(model, size), THEIRS[name]) < 1e-4


def _without_one_relu():
    model = vgg(11, classes=CLASSES)
    model.stage3[3] = nn.Identity()
    return model


@pytest.mark.parametrize(
    ("name", "build"),
    [
        ("resnet50", lambda: resnet(50, stride_at="1x1", classes=CLASSES)),
        ("resnet34", lambda: resnet(34, plain=True, classes=CLASSES)),
        ("vgg11", _without_one_relu),
    ],
)
def test_a_small_change_is_seen(name, build):
    model = filled(build)
    assert far(scores(model, CASES[name][2]), THEIRS[name]) > 1e-2
