"""Adversarial and fooling images."""

import pytest
import torch
from seeing import CLASSES, SHAPE, images, linear, net, weights
from torch.nn.functional import cross_entropy

from coursekit.errors import CourseError
from coursekit.inspection import fast_gradient_sign, fooling_images, noise, projected_gradient


def two_classes():
    model = linear()
    with torch.no_grad():
        model[1].weight[2:], model[1].bias[2:] = 0, -1000  # never
    return model


# ---- fast gradient sign


def test_of_two_linear_scores_the_sign_is_that_of_the_difference_of_the_weights():
    model, x = two_classes(), images()
    w = weights(model)
    y = torch.tensor([0, 1, 0])
    away = (w[1 - y] - w[y]).sign()
    found = fast_gradient_sign(model, x, y, 0.25)
    torch.testing.assert_close(found, x + 0.25 * away)
    found = fast_gradient_sign(model, x, y, 0.25, targeted=True)
    torch.testing.assert_close(found, x - 0.25 * away)
    # the margin shrinks by epsilon times the sum of all differences, as much as any such change can do
    scores = model(fast_gradient_sign(model, x, 0, 0.25)) - model(x)
    expected = -0.25 * (w[0] - w[1]).abs().sum()
    torch.testing.assert_close((scores[:, 0] - scores[:, 1]).detach(), expected.expand(3))


def test_the_sign_is_that_of_the_gradient_of_the_loss():
    model, x, y = net().eval(), images(), torch.tensor([3, 1, 2])
    z = x.clone().requires_grad_()
    (g,) = torch.autograd.grad(cross_entropy(model(z), y), z)
    torch.testing.assert_close(fast_gradient_sign(model, x, y, 0.1), x + 0.1 * g.sign())


def test_epsilon_may_differ_by_channel_and_bounds_hold():
    x = images().clamp(-1, 1)
    far = torch.tensor([0.5, 0.0])
    found = fast_gradient_sign(net(), x, 1, far, low=-1.0, high=torch.tensor([1.0, 1.0]))
    assert torch.equal(found[:, 1], x[:, 1])
    assert found.abs().max() == 1
    moved = (found - x)[:, 0].abs()
    assert moved.max().item() == pytest.approx(0.5)


def test_of_a_score_that_is_sure_the_direction_is_still_known():
    model = two_classes().float()
    x = images(dtype=torch.float32)
    w = weights(model)
    with torch.no_grad():
        model[1].bias[0] = 25.0  # e^-25 is nothing beside 1 in single precision
    found = fast_gradient_sign(model, x, 0, 0.25)
    torch.testing.assert_close(found, x + 0.25 * (w[1] - w[0]).sign())


# ---- projected gradient


def test_no_pixel_is_further_than_epsilon_and_more_steps_raise_the_loss():
    model, x = net().eval(), images(8)
    y = model(x).argmax(1)
    losses = []
    for found in (
        x,
        fast_gradient_sign(model, x, y, 0.5),
        projected_gradient(model, x, y, 0.5, steps=20, seed=None),
    ):
        assert (found - x).abs().max() <= 0.5 + 1e-12
        losses.append(cross_entropy(model(found), y).item())
    assert losses[0] < losses[1] < losses[2]


def test_a_linear_model_is_at_its_worst_in_the_corner():
    model, x = two_classes(), images()
    corner = fast_gradient_sign(model, x, 0, 0.3)
    for seed in (None, 1):
        found = projected_gradient(model, x, 0, 0.3, steps=10, seed=seed)
        torch.testing.assert_close(found, corner)
    one = projected_gradient(model, x, 0, 0.3, steps=1, rate=0.5, seed=None)
    torch.testing.assert_close(one, (x + corner) / 2)


def test_targeted_steps_lead_to_the_class_that_was_asked_for():
    model, x = linear(), images()
    found = projected_gradient(model, x, 3, 0.5, steps=10, targeted=True, seed=None)
    assert model(found).argmax(1).tolist() == [3, 3, 3]


def test_none_is_the_class_that_the_model_sees_and_seeds_start_elsewhere():
    model, x = net().eval(), images()
    by_label = projected_gradient(model, x, model(x).argmax(1), 0.2, steps=3, seed=1)
    assert torch.equal(projected_gradient(model, x, None, 0.2, steps=3, seed=1), by_label)
    other = projected_gradient(model, x, None, 0.2, steps=3, rate=0.1, seed=2)
    assert not torch.equal(
        other, projected_gradient(model, x, None, 0.2, steps=3, rate=0.1, seed=1)
    )


def test_sizes_that_are_none_are_refused():
    for options, message in [
        ({"epsilon": -0.1}, "epsilon is -0.1"),
        (
            {"epsilon": torch.ones(3)},
            r"epsilon has shape \(3,\), expected a number or one for each of 2",
        ),
        ({"rate": 0.0}, "rate 0.0, expected .* above 0"),
        ({"steps": 0}, "steps is 0"),
        ({"labels": 7}, "holds 7 to 7, expected classes from 0 to 3"),
    ]:
        given = {"labels": 1, "epsilon": 0.1, "seed": None} | options
        with pytest.raises(CourseError, match=message):
            projected_gradient(net(), images(), **given)


# ---- fooling images


def test_noise_becomes_whatever_class_one_likes():
    model = linear()
    start = noise((CLASSES, *SHAPE), seed=0, like=images())
    target = torch.arange(CLASSES)
    found = fooling_images(model, start, target, confidence=0.95)
    p = model(found.images).softmax(1).detach().gather(1, target[:, None])[:, 0]
    torch.testing.assert_close(found.confidence, p)
    assert (p >= 0.95).all()
    assert found.steps < 200
    assert (found.images - start).abs().max() < 2


def test_what_is_sure_already_is_left_alone():
    model, x = linear(), images()
    sure = fooling_images(model, x[:1], 1, confidence=0.9).images
    again = fooling_images(model, torch.cat((sure, x[1:2])), 1, confidence=0.9)
    assert torch.equal(again.images[0], sure[0])
    assert not torch.equal(again.images[1], x[1])
    assert fooling_images(model, sure, 1, confidence=0.9).steps == 0


def test_too_few_steps_are_told_by_the_confidence_and_each_is_as_long_as_the_rate():
    x = images()
    found = fooling_images(net(), x, 2, steps=3, rate=0.01)
    assert found.steps == 3
    assert (found.confidence < 0.99).all()
    one = fooling_images(net(), x, 2, steps=1, rate=0.01)
    assert (one.images - x).square().mean((1, 2, 3)).sqrt().tolist() == pytest.approx([0.01] * 3)
    assert (found.confidence > one.confidence).all()


def test_fooling_images_stay_within_bounds():
    found = fooling_images(net(), images(), 2, steps=20, rate=0.2, low=-0.5, high=0.5)
    assert found.images.abs().max() == 0.5
    model, far = linear(), 50 * images()
    found = fooling_images(model, far, 1, confidence=1e-9, low=-1.0, high=1.0)
    assert torch.equal(found.images, far.clamp(-1, 1))


def test_what_is_no_aim_is_refused():
    for options, message in [
        ({"target": None}, "target is None, expected the class to see"),
        ({"confidence": 1.0}, "confidence is 1.0"),
        ({"steps": 0}, "steps is 0"),
        ({"target": 4}, "expected classes from 0 to 3"),
    ]:
        with pytest.raises(CourseError, match=message):
            fooling_images(net(), images(), **{"target": 1, **options})
