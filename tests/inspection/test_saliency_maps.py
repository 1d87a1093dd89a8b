"""Saliency, SmoothGrad, guided backpropagation and integrated gradients against what is known."""

import numpy as np
import pytest
import torch
from seeing import CLASSES, Own, Quadratic, images, linear, net, weights
from torch import nn

from coursekit.errors import CourseError
from coursekit.inspection import (
    guided_backpropagation,
    integrated_gradients,
    magnitude,
    saliency,
    smoothgrad,
)

# ---- saliency


def test_the_saliency_of_a_linear_model_is_its_weights():
    model, x = linear(), images()
    for target in range(CLASSES):
        assert torch.equal(saliency(model, x, target), weights(model)[[target] * 3])
    each = torch.tensor([2, 0, 3])
    assert torch.equal(saliency(model, x, each), weights(model)[each])
    for same in (each.numpy(), each.tolist(), each.to(torch.uint8)):
        assert torch.equal(saliency(model, x, same), weights(model)[each])
    assert torch.equal(saliency(model, x, np.int64(2)), saliency(model, x, 2))
    assert torch.equal(saliency(model, x), weights(model)[model(x).argmax(1)])


def test_saliency_is_the_difference_quotient():
    model, x = net().eval(), images(1)
    found = saliency(model, x, 2)[0]
    for place in [(0, 0, 0), (1, 4, 3), (0, 8, 7)]:
        step = torch.zeros_like(x[0])
        step[place] = 1e-6
        quotient = (model(x + step) - model(x - step))[0, 2] / 2e-6
        assert found[place].item() == pytest.approx(quotient.item(), abs=1e-7)


def test_images_do_not_mix():
    x = images()
    together = saliency(net(), x, 1)
    for n in range(3):
        torch.testing.assert_close(saliency(net(), x[n : n + 1], 1)[0], together[n])


def test_magnitude_is_the_largest_of_the_channels():
    maps = torch.tensor([[[[1.0, -2.0]], [[-3.0, 0.5]]]])
    assert magnitude(maps).tolist() == [[[3.0, 2.0]]]
    with pytest.raises(CourseError, match=r"shape \(1, 2\), expected \(N, C, H, W\)"):
        magnitude(torch.zeros(1, 2))


def test_targets_that_are_none_are_refused():
    model, x = linear(), images()
    for target, message in [
        (4, "holds 4 to 4, expected classes from 0 to 3"),
        (-1, "holds -1 to -1"),
        (True, "target is True"),
        (1.5, "target is 1.5"),
        ("cat", "target is 'cat'"),
        (torch.tensor([1, 2]), r"of shape \(2,\), expected .* each of 3 images"),
        (torch.tensor([1.0, 2, 3]), r"of shape \(3,\)"),
    ]:
        with pytest.raises(CourseError, match=message):
            saliency(model, x, target)


def test_scores_of_another_shape_and_models_without_a_gradient_are_refused():
    with pytest.raises(CourseError, match=r"returned \(3, 2, 9, 8\) for 3 images"):
        saliency(nn.Identity(), images())

    class Pair(nn.Module):
        def forward(self, x):
            return x, x

    with pytest.raises(CourseError, match="returned a tuple for 3 images"):
        saliency(Pair(), images())

    class Detached(nn.Module):
        def forward(self, x):
            return x.detach().flatten(1)

    with pytest.raises(CourseError, match="There is no gradient"):
        saliency(Detached(), images())
    with pytest.raises(CourseError, match=r"does not take images of shape \(3, 1, 9, 8\)"):
        saliency(net(), images(shape=(1, 9, 8)))


# ---- SmoothGrad


def test_smoothgrad_of_a_linear_model_is_its_saliency():
    model, x = linear(), images()
    torch.testing.assert_close(smoothgrad(model, x, 1, seed=0, count=3), saliency(model, x, 1))


def test_smoothgrad_of_a_quadratic_model_adds_the_mean_of_the_noise():
    model, x = Quadratic(), images()
    x[1] *= 10
    count, part = 400, 0.2
    found = smoothgrad(model, x, 1, seed=0, count=count, noise=part)
    mean_of_noise = found / (2 * model.w[1]) - x
    sigma = part * (x.amax((1, 2, 3)) - x.amin((1, 2, 3)))
    spread = mean_of_noise.std((1, 2, 3)) * count**0.5
    torch.testing.assert_close(spread, sigma, rtol=0.2, atol=0)


def test_smoothgrad_asks_about_the_class_that_the_image_has_without_noise():
    asked = []

    def method(model, x, classes):
        asked.append(classes.tolist())
        return torch.zeros_like(x)

    model, x = net().eval(), images(8)
    smoothgrad(model, x, seed=0, count=4, noise=3.0, method=method)
    assert asked == [model(x).argmax(1).tolist()] * 4


def test_smoothgrad_follows_its_seed():
    one, same, other = (smoothgrad(net(), images(), seed=s, count=2) for s in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    for wrong, message in [({"count": 0}, "count is 0"), ({"noise": -1}, "noise is -1")]:
        with pytest.raises(CourseError, match=message):
            smoothgrad(net(), images(), seed=0, **wrong)


# ---- guided backpropagation


@pytest.mark.parametrize("inplace", [False, True])
def test_guided_backpropagation_lets_only_what_is_positive_back_through_a_relu(inplace):
    model, x = net(inplace=inplace).eval(), images()
    a = model.norm(model.conv1(x)).detach().requires_grad_()
    b = a.clamp(min=0)
    c = model.conv2(b)
    w = model.head[2].weight[2].detach()
    back = (w[None, :, None, None] / c[0, 0].numel()).clamp(min=0) * (c > 0)
    (back,) = torch.autograd.grad(c, b, back)
    back = back.clamp(min=0) * (a > 0)
    y = x.clone().requires_grad_()
    (expected,) = torch.autograd.grad(model.norm(model.conv1(y)), y, back)
    torch.testing.assert_close(guided_backpropagation(model, x, 2), expected)
    assert not torch.allclose(saliency(model, x, 2), expected)


def test_relus_as_functions_and_in_place_are_guided_too():
    x = images()
    expected = guided_backpropagation(Own(), x, 1)
    torch.testing.assert_close(guided_backpropagation(Own(inplace=True), x, 1), expected)

    class Methods(Own):
        def forward(self, x):
            x = torch.relu(self.conv1(x))
            x = self.conv2(x).relu()
            x = self.conv3(x)
            x.relu_()
            return self.last(x.mean((2, 3)))

    torch.testing.assert_close(guided_backpropagation(Methods(), x, 1), expected)
    assert not torch.allclose(saliency(Own(), x, 1), expected)


def test_scores_are_the_same_with_guided_relus_and_afterwards_relus_are_none():
    x = images()
    guided_backpropagation(net(), x)
    y = torch.tensor([-1.0, 2.0], requires_grad=True)
    (g,) = torch.autograd.grad(torch.relu(y), y, torch.tensor([1.0, -1.0]))
    assert g.tolist() == [0.0, -1.0]


def test_a_model_without_relus_is_not_guided():
    with pytest.raises(CourseError, match=r"ran no ReLU.*take saliency\(\)"):
        guided_backpropagation(linear(), images())


# ---- integrated gradients


@pytest.mark.parametrize("steps", [1, 4])
def test_integrated_gradients_are_exact_for_linear_and_quadratic_scores(steps):
    x, start = images(), images(seed=9)
    for model in (linear(), Quadratic()):
        for base in (None, start, start[:1]):
            b = torch.zeros_like(x) if base is None else base
            found = integrated_gradients(model, x, 2, baseline=base, steps=steps)
            quadratic = isinstance(model, Quadratic)
            w = model.w[2] if quadratic else weights(model)[2]
            expected = w * (x**2 - b**2 if quadratic else x - b)
            torch.testing.assert_close(found.values, expected)
            difference = (model(x) - model(b))[:, 2].detach()
            torch.testing.assert_close(found.difference, difference)
            torch.testing.assert_close(found.gap, torch.zeros(3, dtype=torch.float64))


def test_contributions_add_up_the_better_the_more_steps():
    model, x = net().eval(), images(4)
    found = integrated_gradients(model, x, steps=300)
    top = model(x).argmax(1, keepdim=True)
    difference = (model(x) - model(torch.zeros_like(x))).gather(1, top)[:, 0].detach()
    torch.testing.assert_close(found.difference, difference)
    few = integrated_gradients(model, x, steps=2)
    assert found.gap.abs().max() < 0.002 * found.difference.abs().max()
    assert few.gap.abs().sum() > 10 * found.gap.abs().sum()


def test_baselines_and_steps_that_do_not_fit_are_refused():
    for base, message in [
        (images(2), r"baseline has shape \(2, 2, 9, 8\), expected that of the images"),
        (images(1, (2, 8, 8)), r"baseline has shape \(1, 2, 8, 8\)"),
        (0.0, "baseline is a float"),
    ]:
        with pytest.raises(CourseError, match=message):
            integrated_gradients(net(), images(), baseline=base)
    with pytest.raises(CourseError, match="steps is 0"):
        integrated_gradients(net(), images(), steps=0)
