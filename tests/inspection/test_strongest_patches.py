"""The parts of images that filters answer to most, and what their units see."""

import numpy as np
import pytest
import torch
from seeing import Own, images, net
from torch import nn

from coursekit.errors import CourseError
from coursekit.inspection import activations, strongest_patches
from coursekit.models import cifar_resnet


@pytest.mark.parametrize("batch_size", [4, 100])
def test_the_strongest_answers_are_found_one_of_each_image(batch_size):
    model, x = net(), images(20)
    A = activations(model, x, ["conv2"])["conv2"]
    found = strongest_patches(model, x, "conv2", count=3, batch_size=batch_size)
    assert found.channels == tuple(range(6))
    for k in range(6):
        best = A[:, k].flatten(1).amax(1)
        assert found.values[k].tolist() == best.sort(descending=True).values[:3].tolist()
        for value, n, (row, column) in zip(
            found.values[k], found.images[k], found.places[k], strict=True
        ):
            assert A[n, k, row, column] == value


def test_a_patch_alone_gives_the_answer():
    """Run on the cut patch, without padding, the layer answers with the number found: in the middle of an image."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(2, 4, 3, stride=2), nn.ReLU(), nn.Conv2d(4, 5, 2)).double()
    found = strongest_patches(model, images(12, (2, 16, 15)), "2", count=4)
    assert found.patches.shape == (5, 4, 2, 5, 5)
    for k in range(5):
        answers = model(found.patches[k])
        assert answers.shape == (4, 5, 1, 1)
        torch.testing.assert_close(answers[:, k, 0, 0], found.values[k])


def test_patches_at_the_border_have_a_margin():
    model = nn.Sequential(nn.Conv2d(1, 1, 3, padding=1, bias=False)).double()
    with torch.no_grad():
        model[0].weight[:] = 1
    x = torch.zeros(2, 1, 6, 5, dtype=torch.float64)
    x[0, 0, 0, 0], x[1, 0, 5, 4] = 3, 2
    model[0].weight.data[0, 0, :, :] = torch.tensor([[0, 0, 0], [0, 1, 0], [0, 0, 0]])
    found = strongest_patches(model, x, "0", count=2, fill=-7.0)
    assert found.images.tolist() == [[0, 1]]
    assert found.boxes.tolist() == [[[-1, -1, 2, 2], [4, 3, 7, 6]]]
    assert found.patches[0, 0, 0].tolist() == [[-7, -7, -7], [-7, 3, 0], [-7, 0, 0]]
    assert found.patches[0, 1, 0].tolist() == [[0, 0, -7], [0, 2, -7], [-7, -7, -7]]


def test_a_field_that_lies_outside_the_image_is_all_margin():
    model = nn.Sequential(nn.Conv2d(1, 1, 1, padding=3)).double()
    with torch.no_grad():
        model[0].weight[:], model[0].bias[:] = -1, 0
    x = torch.ones(1, 1, 4, 4, dtype=torch.float64)
    found = strongest_patches(model, x, "0", count=1, fill=5.0)
    assert found.boxes.tolist() == [[[-3, -3, -2, -2]]]
    assert found.patches.flatten().tolist() == [5.0]


@pytest.mark.parametrize(
    ("model", "layer"),
    [
        (net(), "conv2"),
        (net(), "conv1"),
        (Own(), "relu#2"),
        (cifar_resnet(20).double(), "stage2.0"),
    ],
)
def test_no_pixel_outside_the_box_changes_the_answer_and_its_corners_do(model, layer):
    shape = (3, 24, 24) if layer == "stage2.0" else (2, 24, 24)
    x = images(2, shape)
    found = strongest_patches(model, x, layer, [1], count=1)
    n, (row, column) = found.images[0, 0], found.places[0, 0]
    top, left, bottom, right = found.boxes[0, 0].tolist()
    outside = x[n : n + 1].clone()
    outside += 5
    inside = (slice(max(top, 0), bottom), slice(max(left, 0), right))
    outside[..., *inside] = x[n, :, *inside]
    answer = activations(model, outside, [layer])[layer][0, 1, row, column]
    torch.testing.assert_close(answer, found.values[0, 0])
    assert bottom - top < 24


def test_a_linear_layer_sees_the_whole_image():
    x = images(5)
    found = strongest_patches(net(), x, "head", [3, 1], count=2)
    assert found.channels == (3, 1)
    assert strongest_patches(net(), x, "head", np.array([3, 1]), count=2).channels == (3, 1)
    assert found.boxes.unique(dim=0).tolist() == [[[0, 0, 9, 8], [0, 0, 9, 8]]]
    assert torch.equal(found.patches, x[found.images])
    scores = net().eval()(x).detach()
    assert found.values[0].tolist() == scores[:, 3].sort(descending=True).values[:2].tolist()


def test_what_has_no_patches_is_refused():
    class Twisted(nn.Module):
        def forward(self, x):
            return x.transpose(2, 3).contiguous()

    with pytest.raises(CourseError, match="sees of the image is not known"):
        strongest_patches(
            nn.Sequential(Twisted(), nn.Conv2d(2, 2, 3).double()), images(), "1", count=1
        )
    with pytest.raises(CourseError, match=r"has shape \(3, 2, 72\), expected"):
        strongest_patches(nn.Sequential(nn.Flatten(2)), images(), "0", count=1)
    for options, message in [
        ({"count": 4}, "count is 4, expected at most 3: one of each image"),
        ({"count": 0}, "count is 0"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"channels": [6]}, r"channels is \[6\], expected some of 0 to 5"),
        ({"channels": []}, r"channels is \[\]"),
    ]:
        with pytest.raises(CourseError, match=message):
            strongest_patches(net(), images(), "conv2", **{"count": 2, **options})
