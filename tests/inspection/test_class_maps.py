"""Grad-CAM, class activation maps and occlusion."""

import pytest
import torch
from seeing import images, linear, net, weights

from coursekit.errors import CourseError
from coursekit.inspection import class_activation_map, grad_cam, occlusion, over_images
from coursekit.models import cifar_resnet

# ---- Grad-CAM


def test_behind_global_average_pooling_grad_cam_is_the_class_activation_map():
    model, x = net(), images()
    for target in (None, 0, 3, torch.tensor([2, 0, 1])):
        cam = class_activation_map(model, x, "relu2", target)
        assert cam.shape == (3, 4, 3)
        assert (cam < 0).any()
        torch.testing.assert_close(grad_cam(model, x, "relu2", target, positive=False), cam)
        torch.testing.assert_close(grad_cam(model, x, "relu2", target), cam.clamp(min=0))


def test_the_same_for_a_residual_network():
    torch.manual_seed(0)
    model, x = cifar_resnet(20), images(1, (3, 32, 32), dtype=torch.float32)
    cam = class_activation_map(model, x, "stage3", 3)
    torch.testing.assert_close(grad_cam(model, x, "stage3", 3), cam.clamp(min=0))


def test_a_class_activation_map_adds_up_to_the_score_without_its_bias():
    model, x = net().eval(), images()
    cam = class_activation_map(model, x, "relu2", 1)
    expected = model(x)[:, 1] - model.head[2].bias[1]
    torch.testing.assert_close(cam.sum((1, 2)), expected.detach())


def test_grad_cam_of_a_deeper_layer_is_the_formula():
    model, x = net().eval(), images()
    A = model.relu1(model.norm(model.conv1(x))).detach().requires_grad_()
    scores = model.head(model.relu2(model.conv2(A)))
    (g,) = torch.autograd.grad(scores[:, 2].sum(), A)
    expected = sum(g[:, k].mean((1, 2))[:, None, None] * A[:, k] for k in range(5))
    torch.testing.assert_close(grad_cam(model, x, "relu1", 2), expected.clamp(min=0).detach())


def test_grad_cam_needs_no_weights_that_are_trained():
    model, x = net(), images()
    expected = grad_cam(model, x, "relu2")
    torch.testing.assert_close(grad_cam(model.requires_grad_(False), x, "relu2"), expected)


def test_maps_are_made_as_large_as_the_images():
    maps = torch.arange(4.0).reshape(1, 2, 2)
    large = over_images(maps, torch.zeros(1, 3, 4, 6))
    assert large.shape == (1, 4, 6)
    assert large[0, 0].tolist() == pytest.approx([0, 0, 1 / 3, 2 / 3, 1, 1], abs=1e-6)
    assert large[0, -1, -1] == 3
    assert large.mean() == pytest.approx(1.5)


def test_layers_without_maps_and_other_heads_are_refused():
    with pytest.raises(CourseError, match=r"'head' has shape \(3, 4\), expected feature maps"):
        grad_cam(net(), images(), "head")
    with pytest.raises(CourseError, match=r"expected a linear layer for the 5 channels of 'relu1'"):
        class_activation_map(net(), images(), "relu1")
    with pytest.raises(CourseError, match=r"'conv1' is Conv2d.*Take grad_cam\(\)"):
        class_activation_map(net(), images(), "relu2", head="conv1")
    with pytest.raises(CourseError, match=r"maps has shape \(3, 1, 4, 3\)"):
        over_images(images(shape=(1, 4, 3)), images())
    with pytest.raises(CourseError, match="has no linear layer"):
        class_activation_map(net().conv1, images(), "conv1")


# ---- occlusion


@pytest.mark.parametrize(("size", "stride"), [(1, 1), (3, 1), (4, 3), (8, 8)])
def test_what_a_linear_model_loses_is_the_covered_part_of_its_sum(size, stride):
    model, x, fill = linear(), images(), 0.7
    target = torch.tensor([1, 3, 0])
    found = occlusion(model, x, target, size=size, stride=stride, fill=fill, batch_size=5)
    share = (weights(model)[target] * (x - fill)).sum(1)
    assert found.drops.shape == (3, len(found.tops), len(found.lefts))
    for i, top in enumerate(found.tops):
        for j, left in enumerate(found.lefts):
            part = share[:, top : top + size, left : left + size].sum((1, 2))
            torch.testing.assert_close(found.drops[:, i, j], part)


def test_covers_reach_every_border():
    found = occlusion(linear(), images(), 0, size=4, stride=3)
    assert found.tops == (0, 3, 5)
    assert found.lefts == (0, 3, 4)
    found = occlusion(linear(), images(), 0, size=3, stride=3)
    assert found.tops == (0, 3, 6)


def test_over_pixels_each_has_the_mean_of_the_covers_on_it():
    found = occlusion(linear(), images(), 0, size=4, stride=3)
    pixels = found.over_pixels()
    assert pixels.shape == (3, 9, 8)
    torch.testing.assert_close(pixels[:, 0, 0], found.drops[:, 0, 0])
    torch.testing.assert_close(pixels[:, 3, 0], found.drops[:, :2, 0].mean(1))
    torch.testing.assert_close(pixels[:, 5, 5], found.drops[:, 1:, 1:].mean((1, 2)))
    ones = occlusion(linear(), images(), 0, size=1)
    torch.testing.assert_close(ones.over_pixels(), ones.drops)


def test_the_class_is_that_of_the_whole_image():
    model, x = net().eval(), images(6)
    found = occlusion(model, x, size=5, stride=4)
    expected = occlusion(model, x, model(x).argmax(1), size=5, stride=4)
    assert torch.equal(found.drops, expected.drops)


def test_covers_that_do_not_fit_are_refused():
    for wrong, message in [
        ({"size": 9}, "size is 9, expected at most 8: the images are 9×8"),
        ({"size": 3, "stride": 4}, "stride is 4, expected at most 3"),
        ({"size": 0}, "size is 0"),
        ({"stride": 0}, "stride is 0"),
        ({"batch_size": 0}, "batch_size is 0"),
    ]:
        with pytest.raises(CourseError, match=message):
            occlusion(linear(), images(), **wrong)
