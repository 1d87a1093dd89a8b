"""The small FCN: sizes, skips, and upsampling that starts as interpolation."""

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy, interpolate

from coursekit.errors import CourseError
from coursekit.models import Fcn, fcn, summary
from coursekit.models.fcn import enlargement


def built(*args, **options) -> Fcn:
    torch.manual_seed(0)
    return fcn(*args, **options)


@pytest.mark.parametrize("stride", [4, 8, 16])
@pytest.mark.parametrize("size", [(64, 64), (96, 160), (17, 33), (1, 5)])
@pytest.mark.parametrize("upsampling", ["learned", "nearest"])
def test_scores_have_the_size_of_the_image_whatever_it_is(stride, size, upsampling):
    net = built(stride, classes=3, width=2, upsampling=upsampling).eval()
    assert net(torch.randn(2, 1, *size)).shape == (2, 3, *size)


@pytest.mark.parametrize("scale", [2, 3, 4, 16])
def test_learned_upsampling_starts_as_bilinear_interpolation_away_from_the_border(scale):
    x = torch.randn(1, 3, 5, 6)
    expected = interpolate(x, scale_factor=scale, mode="bilinear", align_corners=False)
    inside = (..., slice(scale, -scale), slice(scale, -scale))
    found = enlargement(3, scale, "learned")(x)
    torch.testing.assert_close(found[inside], expected[inside], atol=1e-5, rtol=1e-5)
    assert found.shape == expected.shape


@pytest.mark.parametrize("way", ["bilinear", "nearest"])
def test_fixed_upsampling_has_nothing_to_learn(way):
    layer = enlargement(2, 4, way)
    assert list(layer.parameters()) == []
    options = {"align_corners": False} if way == "bilinear" else {}
    x = torch.randn(1, 2, 3, 4)
    assert torch.equal(layer(x), interpolate(x, scale_factor=4, mode=way, **options))


@pytest.mark.parametrize("stride", [4, 8, 16])
def test_maps_are_scored_down_to_the_stride_and_no_finer(stride):
    rows = [row for row in summary(fcn(stride), (1, 64, 64)) if row.name.startswith("scores")]
    assert [row.shape[-1] for row in rows] == [4, 8, 16][: {16: 1, 8: 2, 4: 3}[stride]]
    assert rows[-1].shape == (5, 64 // stride, 64 // stride)


def test_a_finer_net_starts_as_the_coarser_one_with_two_steps_for_one():
    """The added scores are 0, and enlarging by 2 and then 8 is not far from enlarging by 16."""
    fine = built(8, upsampling="nearest").eval()
    coarse = built(16, upsampling="nearest").eval()
    coarse.load_state_dict(fine.state_dict(), strict=False)
    x = torch.randn(1, 1, 64, 64)
    assert torch.equal(fine(x), coarse(x))


@pytest.mark.parametrize("stride", [4, 8, 16])
def test_a_step_of_training_reaches_every_parameter(stride):
    net = built(stride, width=4)
    with torch.no_grad():  # the finer scores start at 0, and what is before them waits for a step
        for score in net.scores:
            score.weight.normal_()
    masks = torch.randint(5, (2, 32, 32))
    masks[:, :8] = 255
    cross_entropy(net(torch.randn(2, 1, 32, 32)), masks, ignore_index=255).backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())


def test_maps_add_up_as_documented():
    net = built(4, classes=2, width=3).eval()
    with torch.no_grad():
        for score in net.scores:
            score.weight.normal_()
        x, maps = torch.randn(1, 1, 48, 40), []
        y = x
        for stage in net.stages:
            y = stage(y)
            maps.append(y)
        one, two, three = (s(m) for s, m in zip(net.scores, reversed(maps[1:]), strict=True))
        up, again, last = net.enlarge
        by_hand = last(again(up(one)[..., :5] + two) + three)
    assert torch.allclose(by_hand, net(x), atol=1e-6)


def test_the_docstring_counts_the_parameters():
    count = sum(p.numel() for p in fcn(4).parameters())
    assert f"{count:,} parameters" in (fcn.__doc__ or "")
    assert summary(fcn(4), (1, 64, 64)).parameters == count


def test_the_seed_decides_the_weights():
    first, again = built(8), built(8)
    assert all(map(torch.equal, first.parameters(), again.parameters()))
    assert isinstance(first.enlarge[0], nn.ConvTranspose2d)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"stride": 2}, "stride is 2, expected 4, 8 or 16"),
        ({"classes": 0}, "classes is 0"),
        ({"width": 0}, "width is 0"),
        ({"channels": 1.5}, "channels is 1.5"),
        ({"upsampling": "cubic"}, "upsampling is 'cubic'"),
    ],
)
def test_what_does_not_fit_is_said(wrong, sentence):
    with pytest.raises(CourseError, match=sentence):
        fcn(**wrong)
