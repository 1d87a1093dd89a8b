"""Images made by gradient ascent: maximum responses and dreams."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from seeing import SHAPE, Own, images, linear, net, weights
from torch import nn

from coursekit.errors import CourseError
from coursekit.inspection import Regularization, activations, dream, limits, maximum_response, noise
from coursekit.inspection.ascent import blurred, unit_step

# ---- starts, steps and bounds


def test_noise_follows_its_seed_and_its_scale():
    one, same, other = (noise((1, 1, 60, 60), seed=s, scale=0.3) for s in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert one.std().item() == pytest.approx(0.3, rel=0.05)
    assert noise((2,), seed=0, like=images()).dtype == torch.float64


def test_limits_are_black_and_white():
    mean, std = torch.tensor([100.0, 51.0]), torch.tensor([50.0, 102.0])
    low, high = limits(mean, std)
    assert low.tolist() == [-2.0, -0.5]
    assert high.tolist() == pytest.approx([3.1, 2.0])


def test_a_step_has_a_mean_square_of_one_however_small_the_gradient():
    g = images() * torch.tensor([1.0, 1e-200, 0.0], dtype=torch.float64)[:, None, None, None]
    step = unit_step(g)
    assert step.square().mean((1, 2, 3)).tolist() == pytest.approx([1, 1, 0])


def test_the_blur_is_a_gaussian():
    x = images()
    for sigma in (0.0, 0.5, 1.3):
        expected = (
            x.numpy()
            if sigma == 0
            else gaussian_filter(
                x.numpy(),
                (0, 0, sigma, sigma),
                mode="nearest",
                radius=(0, 0, *[int(np.ceil(3 * sigma))] * 2),
            )
        )
        np.testing.assert_allclose(blurred(x, sigma), expected, atol=1e-12)


# ---- maximum response


def test_the_ascent_of_a_linear_score_goes_straight_along_its_weights():
    model, start = linear(), images(1)
    w = weights(model)[2]
    direction = w / w.square().mean().sqrt()
    found = maximum_response(model, SHAPE, None, 2, seed=0, start=start, steps=7, rate=0.3)
    torch.testing.assert_close(found.image, start + 7 * 0.3 * direction)
    gain = 0.3 * (w * direction).sum().item()
    first = model(start)[0, 2].item()
    assert found.responses == pytest.approx([first + k * gain for k in range(8)])


def test_decay_pulls_the_image_to_a_fixed_point():
    model, start, d, rate = linear(), images(1), 0.1, 0.2
    w = weights(model)[1]
    direction = w / w.square().mean().sqrt()
    kept = Regularization(decay=d)
    found = maximum_response(
        model, SHAPE, None, 1, seed=0, start=start, steps=5, rate=rate, regularization=kept
    )
    q = (1 - d) ** 5
    expected = q * start + rate * direction * (1 - d) * (1 - q) / d
    torch.testing.assert_close(found.image, expected)


def test_blur_takes_away_the_finest_pattern():
    model = net().eval()

    def roughness(kept):
        image = maximum_response(
            model, (2, 16, 16), "conv1", 0, seed=0, steps=20, place=(8, 8), regularization=kept
        ).image
        return (image.diff(dim=3).square().mean() / image.square().mean()).item()

    assert roughness(Regularization(blur=0.7)) < 0.6 * roughness(None)


def test_jitter_spreads_what_one_place_asks_for():
    def touched(kept):
        start = torch.zeros(1, 2, 16, 16, dtype=torch.float64)
        image = maximum_response(
            *(net(), (2, 16, 16), "conv1", 0),
            seed=0,
            steps=60,
            place=(8, 8),
            start=start,
            regularization=kept,
        ).image
        changed = image[0].any(0).nonzero()
        return changed.amin(0).tolist(), changed.amax(0).tolist()

    assert touched(None) == ([7, 7], [9, 9])
    assert touched(Regularization(jitter=3)) == ([4, 4], [12, 12])


@pytest.mark.parametrize("layer", ["conv2", "norm", "head", None])
def test_the_answer_of_every_layer_grows(layer):
    found = maximum_response(net(), SHAPE, layer, 3, seed=1, steps=20, rate=0.05)
    assert len(found.responses) == 21
    assert found.responses[-1] > found.responses[0]
    if layer:
        answers = activations(net(), found.image, [layer])[layer]
        assert answers[0, 3].mean().item() == pytest.approx(found.responses[-1])


def test_one_place_is_asked_about_and_the_rest_of_the_image_stays():
    start = images(1)
    found = maximum_response(net(), SHAPE, "conv1", 1, seed=0, place=(4, 2), start=start, steps=3)
    changed = (found.image != start)[0].any(0).nonzero()
    assert changed.amin(0).tolist() == [3, 1]
    assert changed.amax(0).tolist() == [5, 3]


def test_pixels_stay_within_their_bounds():
    low, high = torch.tensor([-0.5, -0.1]), torch.tensor([0.2, 0.3])
    found = maximum_response(net(), SHAPE, "conv2", 1, seed=0, steps=50, low=low, high=high)
    for channel in range(2):
        assert found.image[0, channel].min().item() == pytest.approx(low[channel].item())
        assert found.image[0, channel].max().item() == pytest.approx(high[channel].item())


def test_seeds_say_where_it_starts_and_how_it_moves():
    def image(seed, **options):
        return maximum_response(net(), SHAPE, "conv2", 1, seed=seed, steps=3, **options).image

    assert torch.equal(image(1), image(1))
    assert not torch.equal(image(1), image(2))
    moved = {"start": images(1), "regularization": Regularization(jitter=2)}
    assert torch.equal(image(1, **moved), image(1, **moved))
    assert not torch.equal(image(1, **moved), image(2, **moved))


def test_what_cannot_be_maximized_is_refused():
    dead = net()
    with torch.no_grad():
        dead.conv2.bias[:] = -100
    with pytest.raises(CourseError, match=r"channel 1 of relu2 at the start: .* before the ReLU"):
        maximum_response(dead, SHAPE, "relu2", 1, seed=0)
    for options, message in [
        ({"channel": 6}, r"channel is 6, expected 0 to 5: .*'conv2' has shape \(1, 6, 4, 3\)"),
        ({"channel": -1}, "channel is -1"),
        ({"place": (4, 0)}, r"place is \(4, 0\)"),
        ({"place": (1,)}, r"place is \(1,\)"),
        ({"layer": "conv3"}, "no layer 'conv3'"),
        ({"steps": 0}, "steps is 0"),
        ({"regularization": Regularization(decay=1)}, "decay is 1"),
        ({"regularization": Regularization(blur=-1)}, "blur is -1"),
        ({"regularization": Regularization(jitter=-1)}, "jitter is -1"),
        ({"start": images(2)}, r"start has shape \(2, 2, 9, 8\), expected \(1, 2, 9, 8\)"),
        ({"low": torch.zeros(3)}, r"low has shape \(3,\), expected a number or one for each of 2"),
        ({"low": 1.0, "high": 0.0}, "low is above high"),
    ]:
        given = {"layer": "conv2", "channel": 1, "seed": 0} | options
        with pytest.raises(CourseError, match=message):
            maximum_response(net(), SHAPE, **given)


def test_an_output_without_channels_is_refused():
    model = nn.Sequential(nn.Flatten(0))
    for way in (
        lambda: maximum_response(model, SHAPE, "0", 0, seed=0),
        lambda: dream(model, images(1), "0", seed=0),
    ):
        with pytest.raises(CourseError, match=r"'0' has shape \(\d+,\), expected \(N, K\)"):
            way()
    with pytest.raises(CourseError, match=r"channel is 4, expected 0 to 3: The model's output has"):
        maximum_response(linear(), SHAPE, None, 4, seed=0)


# ---- dreams


def test_one_scale_of_a_linear_layer_is_the_formula():
    x = images(1)
    model = nn.Sequential(nn.Identity())  # ½ mean(x²) has a gradient along x
    found = dream(model, x, "0", seed=0, scales=1, steps=1, rate=0.1, jitter=0)
    torch.testing.assert_close(found, x + 0.1 * x / x.square().mean().sqrt())


def test_a_dream_makes_the_layer_answer_more_strongly_at_every_number_of_scales():
    model, x = net(), images(1, (2, 31, 24))
    before = activations(model, x, ["conv2"])["conv2"].square().mean()
    strengths = []
    for scales in (1, 3):
        image = dream(model, x, "conv2", seed=0, scales=scales)
        assert image.shape == x.shape
        strengths.append(activations(model, image, ["conv2"])["conv2"].square().mean())
    assert min(strengths) > 1.1 * before


def test_the_first_scales_make_larger_shapes():
    def smooth(scales):
        x = torch.zeros(1, 2, 48, 48, dtype=torch.float64)
        change = dream(net(), x, "conv1", seed=0, scales=scales, ratio=2.0, steps=8, jitter=0)
        return (blurred(change, 2).square().mean() / change.square().mean()).item()

    assert smooth(3) > 0
    assert smooth(3) != pytest.approx(smooth(1))


def test_a_dream_needs_no_image_of_the_size_that_the_classifier_takes():
    model = net()
    model.head = nn.Sequential(nn.Flatten(), nn.Linear(72, 4)).double()
    assert dream(model, images(1, (2, 30, 17)), "relu2", seed=0, steps=1).shape == (1, 2, 30, 17)
    assert dream(Own(), images(1), "relu#2", seed=0, steps=1, scales=1).shape == (1, *SHAPE)


def test_chosen_channels_alone_are_dreamt_of():
    x = images(1)
    image = dream(nn.Sequential(nn.Identity()), x, "0", [1], seed=0, scales=1)
    assert torch.equal(image[:, 0], x[:, 0])
    assert (image[:, 1].abs() > x[:, 1].abs()).all()


def test_dreams_stay_within_bounds_and_follow_their_seed():
    x = images(1, (2, 16, 16)).clamp(-1, 1)
    image = dream(net(), x, "conv2", seed=0, rate=0.5, low=-1.0, high=1.0)
    assert image.abs().max() == 1
    assert torch.equal(dream(net(), x, "conv2", seed=3), dream(net(), x, "conv2", seed=3))
    assert not torch.equal(dream(net(), x, "conv2", seed=3), dream(net(), x, "conv2", seed=4))


def test_dreams_of_nothing_are_refused():
    dead = net()
    with torch.no_grad():
        dead.conv2.bias[:] = -100
    with pytest.raises(CourseError, match="'relu2' answers with 0 everywhere"):
        dream(dead, images(1), "relu2", seed=0, scales=1)
    for options, message in [
        ({"scales": 0}, "scales is 0"),
        ({"scales": 9}, "9 scales with a ratio of 1.4 begin with 1×1"),
        ({"scales": 20}, "begin with 0×0 pixels: take fewer"),
        ({"ratio": 1.0}, "ratio is 1.0, expected more than 1"),
        ({"steps": 0}, "steps is 0"),
        ({"jitter": -1}, "jitter is -1"),
        (
            {"channels": [6]},
            r"channels is \[6\], expected some of 0 to 5: What comes out of 'conv2'",
        ),
        ({"channels": []}, r"channels is \[\]"),
    ]:
        if options == {"scales": 9}:
            message = "does not take images of shape"
        with pytest.raises(CourseError, match=message):
            dream(net(), images(1), "conv2", seed=0, **options)
