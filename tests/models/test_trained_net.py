"""The trained network that ships: it is the file that was recorded, as good as the record says, made by its recipe."""

import hashlib
import json
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch

from coursekit.data import Images, fashion_mnist
from coursekit.errors import CourseError
from coursekit.models.trained import RECORD, WEIGHTS, fashion_net, trained_fashion_net
from coursekit.training import make_fashion_net as making


def test_the_file_is_the_recorded_one_and_small():
    told = json.loads(RECORD.read_text(encoding="utf-8"))
    content = WEIGHTS.read_bytes()
    assert hashlib.sha256(content).hexdigest() == told["sha256"]
    assert len(content) == told["bytes"] < 1_500_000
    assert told["recipe"] == asdict(making.RECIPE)


def test_it_is_as_good_as_the_record_says():
    net, data = trained_fashion_net(), fashion_mnist()
    with torch.no_grad():
        found = net.model(net.normalized(data.x_test[:600])).argmax(1).numpy()
    accuracy = (found == data.labels_test[:600]).mean()
    assert accuracy == pytest.approx(net.record["test accuracy"], abs=0.03)
    assert not net.model.training


def test_brightness_undoes_the_normalization():
    net = trained_fashion_net()
    levels = np.arange(0, 256, 17, dtype=np.uint8).reshape(1, 1, 4, 4)
    x = net.normalized(levels)
    assert x.dtype == torch.float32
    assert net.brightness(x) == pytest.approx(levels / 255, abs=1e-6)


def test_parameters_are_as_many_as_told():
    count = sum(p.numel() for p in fashion_net().parameters())
    assert count == trained_fashion_net().record["parameters"]
    assert str(count) in fashion_net.__doc__


def test_the_trunk_takes_images_of_any_size():
    model = fashion_net().eval()
    assert model[:14](torch.zeros(1, 1, 40, 52)).shape == (1, 64, 10, 13)


def test_a_damaged_file_says_which_command_makes_it_anew(tmp_path):
    damaged = tmp_path / "net.npz"
    damaged.write_bytes(WEIGHTS.read_bytes()[:-1])
    with pytest.raises(CourseError, match=r"sha256.*coursekit\.training\.make_fashion_net"):
        trained_fashion_net(damaged)


@pytest.mark.parametrize("missing", ["weights", "record"])
def test_a_missing_file_says_which_command_makes_it_anew(tmp_path, missing):
    with pytest.raises(CourseError, match=r"coursekit\.training\.make_fashion_net"):
        trained_fashion_net(**{missing: tmp_path / "nothing"})


def few(count: int) -> Images:
    data = fashion_mnist()
    return Images(data.x[:count], data.labels[:count], data.x_test[:50], data.labels_test[:50])


def test_the_recipe_lowers_the_loss_and_what_it_makes_can_be_read(tmp_path):
    data, recipe = few(320), replace(making.RECIPE, epochs=4, warm_up=0)
    model, accuracy = making.trained(data, recipe, show=False)
    mean, std = making.channel_statistics(data.x)
    x = (torch.tensor(data.x, dtype=torch.float64) - mean) / std
    with torch.no_grad():
        loss = torch.nn.functional.cross_entropy(model(x.float()), torch.tensor(data.labels))
    assert loss < 0.8 * np.log(10)  # what a net has that has learned nothing
    making.write(model, data, tmp_path / "net.npz", tmp_path / "net.json", accuracy)
    again = trained_fashion_net(tmp_path / "net.npz", tmp_path / "net.json")
    assert again.record["test accuracy"] == round(accuracy, 4)
    assert torch.equal(again.model(x[:3].float()), model(x[:3].float()))


def test_packed_twice_gives_the_same_bytes():
    model, data = trained_fashion_net().model, few(100)
    assert making.packed(model, data) == making.packed(model, data)


@pytest.mark.parametrize(
    ("anew", "status", "said"), [(0.9, 0, "after training anew"), (0.8, 1, "too far apart")]
)
def test_check_compares_what_ships_with_a_new_run(monkeypatch, capsys, anew, status, said):
    monkeypatch.setattr(making, "trained", lambda data: (None, anew))
    monkeypatch.setattr(making, "examine", lambda *given: (0.0, shipped()))
    assert making.main(["--check"]) == status
    told = capsys.readouterr()
    assert said in told.out + told.err


def shipped() -> float:
    return trained_fashion_net().record["test accuracy"]
