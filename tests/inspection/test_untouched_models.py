"""To look at a model does not change it, whatever happens."""

import pytest
import torch
from seeing import SHAPE, images, net
from torch import nn

from coursekit import inspection
from coursekit.errors import CourseError
from coursekit.inspection import saliency

WAYS = {
    "activations": lambda m, x: inspection.activations(m, x),
    "activations up to a layer": lambda m, x: inspection.activations(m, x, ["relu1"]),
    "filters": lambda m, x: inspection.filters(m, "conv1"),
    "population": lambda m, x: inspection.population(m, x, "conv2", bins=4),
    "saliency": saliency,
    "smoothgrad": lambda m, x: inspection.smoothgrad(m, x, seed=1, count=2),
    "guided": inspection.guided_backpropagation,
    "integrated": lambda m, x: inspection.integrated_gradients(m, x, steps=2).values,
    "randomization": lambda m, x: inspection.randomization(m, x, saliency, seed=1),
    "grad-cam": lambda m, x: inspection.grad_cam(m, x, "relu2"),
    "cam": lambda m, x: inspection.class_activation_map(m, x, "relu2"),
    "occlusion": lambda m, x: inspection.occlusion(m, x, size=4, stride=4).drops,
    "maximum": lambda m, x: inspection.maximum_response(m, SHAPE, "conv2", 1, seed=1, steps=2),
    "patches": lambda m, x: inspection.strongest_patches(m, x, "conv2", count=1).patches,
    "dream": lambda m, x: inspection.dream(m, x[:1], "conv1", seed=1, scales=2, steps=2),
    "sign": lambda m, x: inspection.fast_gradient_sign(m, x, 1, 0.1),
    "projected": lambda m, x: inspection.projected_gradient(m, x, 1, 0.1, steps=2, seed=1),
    "fooling": lambda m, x: inspection.fooling_images(m, x, 1, steps=2).images,
}


def state(model):
    """Return all that a model has: modes, weights, averages, gradients, hooks."""
    values = {name: value.clone() for name, value in model.state_dict().items()}
    grads = [None if p.grad is None else p.grad.clone() for p in model.parameters()]
    modes = [m.training for m in model.modules()]
    hooks = [(len(m._forward_hooks), len(m._forward_pre_hooks)) for m in model.modules()]
    needs = [p.requires_grad for p in model.parameters()]
    return values, grads, (modes, hooks, needs)


def used(inplace=False):
    """Return a net in the midst of training, with some gradients and some modes of its own."""
    model = net(inplace=inplace).train()
    model.norm.eval()
    model.conv2.bias.requires_grad_(False)
    model.conv1.weight.grad = torch.ones_like(model.conv1.weight)
    return model


def assert_same(one, other):
    assert one[0].keys() == other[0].keys()
    for name in one[0]:
        assert torch.equal(one[0][name], other[0][name]), name
    for a, b in zip(one[1], other[1], strict=True):
        assert (a is None) == (b is None)
        assert a is None or torch.equal(a, b)
    assert one[2] == other[2]


def plain(result):
    """Return the numbers of a result as a list of tensors."""
    if isinstance(result, torch.Tensor):
        return [result]
    if isinstance(result, dict):
        return list(result.values())
    if isinstance(result, tuple | list):
        return [t for part in result for t in plain(part)]
    if hasattr(result, "__dataclass_fields__"):
        return plain(list(vars(result).values()))
    return [torch.tensor(result)] if isinstance(result, float | int) else []


@pytest.mark.parametrize("way", WAYS)
def test_a_model_its_images_and_the_random_numbers_stay_as_they_were(way):
    model, x = used(inplace=True), images()
    before, given = state(model), x.clone()
    torch.manual_seed(7)
    generator = torch.get_rng_state()
    result = plain(WAYS[way](model, x))
    assert_same(state(model), before)
    assert torch.equal(x, given)
    assert torch.equal(torch.get_rng_state(), generator)
    assert not any(tensor.requires_grad for tensor in result)
    assert all(tensor.double().isfinite().all() for tensor in result)


@pytest.mark.parametrize("way", WAYS)
def test_the_same_seed_gives_the_same_result_also_without_gradients_and_in_training_mode(way):
    x, model = images(), net().train()
    expected = plain(WAYS[way](net().eval(), x))
    torch.manual_seed(99)
    with torch.no_grad():
        found = plain(WAYS[way](model, x))
    for a, b in zip(expected, found, strict=True):
        torch.testing.assert_close(a, b)


FORWARD = ("activations", "activations up to a layer", "population", "patches", "occlusion", "cam")


@pytest.mark.parametrize("way", [way for way in WAYS if way != "filters"])
def test_in_inference_mode_there_is_no_gradient_and_all_else_works(way):
    model, x = net(), images()
    expected = plain(WAYS[way](model, x))
    with torch.inference_mode():
        strange = images()
        if way in FORWARD:
            found = plain(WAYS[way](model, strange))
        else:
            with pytest.raises(CourseError, match="call this outside of it"):
                WAYS[way](model, strange)
            found = expected
    again = plain(WAYS[way](model, strange))  # images from there have gradients outside
    for a, b, c in zip(expected, found, again, strict=True):
        torch.testing.assert_close(a, b)
        torch.testing.assert_close(a, c)


@pytest.mark.parametrize("way", [way for way in WAYS if way != "filters"])
def test_after_an_error_too(way):
    class Breaks(nn.Module):
        def forward(self, x):
            torch.rand(3)
            raise RuntimeError("no more")

    model = used()
    model.conv2 = Breaks()
    if way in ("activations up to a layer", "dream"):
        model.conv1 = Breaks()
    before, generator = state(model), torch.get_rng_state()
    with pytest.raises(CourseError, match="no more"):
        WAYS[way](model, images())
    assert_same(state(model), before)
    assert torch.equal(torch.get_rng_state(), generator)


@pytest.mark.parametrize("way", [way for way in WAYS if way not in ("filters",)])
def test_what_is_no_model_and_what_are_no_images_is_refused(way):
    with pytest.raises(CourseError, match=r"model is a str, expected a torch\.nn\.Module"):
        WAYS[way]("net", images())
    lazy = nn.Sequential(nn.LazyConv2d(3, 3))
    with pytest.raises(CourseError, match="learn their sizes from the first images"):
        WAYS[way](lazy, images())
    assert lazy[0].has_uninitialized_params()
    if way == "maximum":
        return
    wrong = {
        r"has shape \(2, 9, 8\)": images()[0],
        "dtype torch.uint8": images().to(torch.uint8),
        "at least one image": images()[:0],
        r"dtype torch.float32 on cpu.*\.to\(": images().float(),
    }
    if way == "dream":
        wrong[r"has shape \(1, 9, 8\)"] = wrong.pop(r"has shape \(2, 9, 8\)")
    for message, x in wrong.items():
        with pytest.raises(CourseError, match=message):
            WAYS[way](net(), x)
