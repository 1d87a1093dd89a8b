"""What every network has in common, and what sets one apart."""

import pytest
import torch
from nets import NETS
from torch import nn
from torch.nn.functional import cross_entropy

from coursekit.errors import CourseError
from coursekit.models import (
    Residual,
    alexnet,
    cifar_resnet,
    googlenet,
    lenet5_1998,
    resnet,
    resnet9,
    start_as_identity,
    vgg,
    whitened_resnet,
    zfnet,
)
from coursekit.models.googlenet import Scores
from coursekit.models.lenet_1998 import C3_LOOKS_AT, ScaledTanh
from coursekit.models.resnet9 import AddedTo


def images(shape, count=2):
    return torch.randn(count, *shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("name", NETS)
def test_a_step_of_training_reaches_every_parameter_and_testing_is_the_same_twice(name):
    torch.manual_seed(0)
    net = NETS[name]
    model, x = net(), images(net.shape)
    out = model(x)
    parts = tuple(out) if isinstance(out, Scores) else (out,)
    assert [part.shape for part in parts] == [(2, net.classes)] * len(parts)
    sum(cross_entropy(part, torch.tensor([0, 1])) for part in parts).backward()
    for place, parameter in model.named_parameters():
        assert parameter.grad is not None, place
        assert parameter.grad.isfinite().all(), place
        assert parameter.grad.any(), place
    model.eval()
    with torch.no_grad():
        first, again = model(x), model(x)
        alone = model(x[:1])
    assert isinstance(first, torch.Tensor)
    assert torch.equal(first, again)
    assert first.shape == (2, net.classes)
    # when testing, an image's scores do not depend on the others of its batch
    torch.testing.assert_close(alone, first[:1], rtol=1e-3, atol=1e-3 * first.abs().max().item())


@pytest.mark.parametrize("name", ["vgg-16 with batchnorm", "resnet-18", "resnet9", "a pattern"])
def test_the_seed_decides_the_weights(name):
    first, same, other = (_seeded(name, seed) for seed in (1, 1, 2))
    assert all(map(torch.equal, first.parameters(), same.parameters()))
    assert not all(map(torch.equal, first.parameters(), other.parameters()))


def _seeded(name, seed):
    torch.manual_seed(seed)
    return NETS[name]()


def test_the_initial_weights_have_hes_spread():
    torch.manual_seed(0)
    layers = [
        m for m in vgg(11, size=32, hidden=400).modules() if isinstance(m, nn.Conv2d | nn.Linear)
    ]
    assert len(layers) == 11
    for layer in layers:
        assert not layer.bias.any()
        halved = 1 if layer is layers[-1] else 2
        expected = (halved / layer.weight[0].numel()) ** 0.5
        # the spread of n numbers is known to about 1 / sqrt(2 n)
        near = 5 / (2 * layer.weight.numel()) ** 0.5
        assert layer.weight.std().item() == pytest.approx(expected, rel=near)


# ---- LeNet-5 of 1998


def test_the_table_of_connections_is_the_papers():
    # Table I: the first six look at three neighbors, the next six at four, three at four in two pairs, one at all
    assert [len(below) for below in C3_LOOKS_AT] == [3] * 6 + [4] * 9 + [6]
    assert len(set(map(frozenset, C3_LOOKS_AT))) == 16
    columns = [sum(below in looked for looked in C3_LOOKS_AT) for below in range(6)]
    assert columns == [10] * 6
    for first, below in enumerate(C3_LOOKS_AT[:6]):
        assert set(below) == {(first + k) % 6 for k in range(3)}
    for first, below in enumerate(C3_LOOKS_AT[6:12]):
        assert set(below) == {(first + k) % 6 for k in range(4)}


def test_a_map_of_c3_looks_at_its_maps_only():
    x = images((6, 14, 14), 1).requires_grad_()
    maps = lenet5_1998().C3[0](x)
    for number, below in enumerate(C3_LOOKS_AT):
        (gradient,) = torch.autograd.grad(maps[0, number].sum(), x, retain_graph=True)
        seen = {channel for channel in range(6) if gradient[0, channel].any()}
        assert seen == set(below)


def test_the_connections_of_lenet_are_those_of_the_paper():
    model = lenet5_1998()
    layers = [model.C1[0], *model.C3[0].kernels, model.C5[0], model.F6[0]]
    sizes = [28, *[10] * 16, 1, 1]
    weights = sum(
        sum(p.numel() for p in layer.parameters()) * size**2
        for layer, size in zip(layers, sizes, strict=True)
    )
    # a unit of S2 and S4 has four inputs and a bias
    subsampled = 5 * (6 * 14**2 + 16 * 5**2)
    assert weights + subsampled + 84 * 10 == 340908


def test_the_squashing_function_keeps_one():
    torch.testing.assert_close(
        ScaledTanh()(torch.tensor([-1.0, 0, 1])), torch.tensor([-1.0, 0, 1]), atol=1e-4, rtol=0
    )


def test_the_nearest_code_has_the_highest_score():
    output = lenet5_1998().output
    assert set(output.codes.unique().tolist()) == {-1.0, 1.0}
    scores = output(output.codes)
    assert scores.argmax(dim=1).tolist() == list(range(10))
    assert not scores.diagonal().any()
    expected = ((output.codes[3] - output.codes[5]) ** 2).sum()
    assert scores[3, 5] == -expected


def test_subsampling_is_a_weighted_average_with_a_bias():
    layer = lenet5_1998().S2[0]
    with torch.no_grad():
        layer.weight[1], layer.bias[1] = 3.0, 0.5
    x = images((6, 4, 4), 1)
    torch.testing.assert_close(layer(x)[0, 1, 0, 0], 3 * x[0, 1, :2, :2].mean() + 0.5)


# ---- AlexNet and GoogLeNet


def test_a_group_of_alexnet_sees_its_own_half():
    x = images((96, 9, 9), 1).requires_grad_()
    conv2 = alexnet(classes=2, hidden=2).features[4]
    (gradient,) = torch.autograd.grad(conv2(x)[0, :128].sum(), x)
    assert gradient[0, :48].any()
    assert not gradient[0, 48:].any()


@pytest.mark.parametrize(("build", "count"), [(alexnet, 2), (zfnet, 2)])
def test_normalization_is_the_papers(build, count):
    with torch.device("meta"):
        norms = [m for m in build(classes=2).modules() if isinstance(m, nn.LocalResponseNorm)]
    assert len(norms) == count
    x = images((8, 2, 2), 1)
    near = [x[:, max(0, c - 2) : c + 3].square().sum(dim=1) for c in range(8)]
    expected = x / (2 + 1e-4 * torch.stack(near, dim=1)) ** 0.75
    torch.testing.assert_close(norms[0](x), expected)


def test_the_heads_of_googlenet_speak_in_training_only():
    torch.manual_seed(0)
    model = googlenet(auxiliary=True, classes=4)
    with torch.no_grad():
        out = model(images((3, 224, 224), 1))
        assert isinstance(out, Scores)
        assert out._fields == ("scores", "after_4a", "after_4d")
        assert model.eval()(images((3, 224, 224), 1)).shape == (1, 4)


# ---- residual networks

STARTS = {
    "basic": lambda **how: resnet(18, **how),
    "bottleneck": lambda **how: resnet(50, **how),
    "option A": lambda **how: cifar_resnet(14, **how),
    "option B": lambda **how: cifar_resnet(14, shortcut="B", **how),
    "resnet9": lambda **how: resnet9(width=4, **how),
}


@pytest.mark.parametrize("name", STARTS)
@pytest.mark.parametrize("training", [True, False])
def test_with_a_last_gamma_of_zero_every_block_is_its_shortcut(name, training):
    torch.manual_seed(0)
    model = STARTS[name](zero_init_residual=True, classes=5).train(training)
    for block in model.modules():
        if isinstance(block, Residual | AddedTo):
            *others, last = [m for m in block.layers.modules() if isinstance(m, nn.BatchNorm2d)]
            assert not last.weight.any()
            assert all((norm.weight == 1).all() for norm in others)
    usual = STARTS[name](classes=5).train(training)
    seen = {"identities": 0}

    def compare(block, inputs, output):
        (x,) = inputs
        around = block.shortcut(x) if isinstance(block, Residual) else x
        torch.testing.assert_close(output, around.relu())
        seen["identities"] += output.shape == x.shape and torch.equal(output, x)

    for block in model.modules():
        if isinstance(block, Residual | AddedTo):
            block.register_forward_hook(compare)
    with torch.no_grad():
        model(images((3, 64, 64)))
        assert seen["identities"] >= 2
        changed = [b for b in usual.modules() if isinstance(b, Residual | AddedTo)][-1]
        changed.register_forward_hook(
            lambda block, inputs, output: seen.update(usual=torch.equal(output, inputs[0]))
        )
        usual(images((3, 64, 64)))
    assert seen["usual"] is False


def test_a_net_can_be_started_as_its_shortcuts_later():
    model = cifar_resnet(14)
    start_as_identity(model)
    expected = cifar_resnet(14, zero_init_residual=True)
    zeros = [[not p.any() for p in m.parameters()] for m in (model, expected)]
    assert zeros[0] == zeros[1]
    assert sum(not m.weight.any() for m in model.modules() if isinstance(m, nn.BatchNorm2d)) == 6


def test_option_a_keeps_every_second_pixel_and_appends_zeros():
    block = cifar_resnet(8).stage2[0]
    x = images((16, 6, 6), 1)
    around = block.shortcut(x)
    assert torch.equal(around[:, :16], x[:, :, ::2, ::2])
    assert around.shape == (1, 32, 3, 3)
    assert not around[:, 16:].any()


@pytest.mark.parametrize("at", ["1x1", "3x3"])
def test_the_stride_of_a_bottleneck_is_where_it_was_asked_for(at):
    with torch.device("meta"):
        block = resnet(50, stride_at=at).stage2[0]
    strides = {
        f"{c.kernel_size[0]}x{c.kernel_size[1]}"
        for c in block.layers
        if isinstance(c, nn.Conv2d) and c.stride == (2, 2)
    }
    assert strides == {at}


@pytest.mark.parametrize(
    "build",
    [
        lambda **how: resnet(18, **how),
        lambda **how: resnet(50, shortcut="A", **how),
        lambda **how: cifar_resnet(14, **how),
        lambda **how: resnet9(width=4, **how),
    ],
)
def test_a_plain_twin_is_the_same_net_without_the_addition(build):
    torch.manual_seed(0)
    net = build(classes=3).eval()
    twin = build(classes=3, plain=True).eval()
    ours = net.state_dict()
    twin.load_state_dict({name: ours[name] for name in twin.state_dict()})
    left_over = set(ours) - set(twin.state_dict())
    assert all(".shortcut." in name for name in left_over)
    x = images((3, 32, 32))
    with torch.no_grad():
        assert not torch.allclose(net(x), twin(x))
        for block in net.modules():
            if isinstance(block, Residual):
                block.shortcut = None
            if isinstance(block, AddedTo):
                block.plain = True
        assert torch.equal(net(x), twin(x))


def test_the_first_kernels_of_a_whitened_resnet_hand_their_input_through():
    torch.manual_seed(0)
    layer = whitened_resnet(widths=(24, 32, 48)).stage2[0]
    x = images((24, 5, 5))
    with torch.no_grad():
        y = layer(x)
    assert torch.equal(y[:, :24], x)
    assert layer.weight[24:].std().item() == pytest.approx((2 / (24 * 9)) ** 0.5, rel=0.1)


# ---- refusals


@pytest.mark.parametrize(
    ("build", "given", "words"),
    [
        (lenet5_1998, {"classes": 0}, "classes is 0, expected a whole number of at least 1"),
        (alexnet, {"variant": "2014"}, "variant is '2014', expected 'published' or 'slide 53'"),
        (alexnet, {"hidden": 0}, "hidden is 0"),
        (zfnet, {"hidden": None}, "hidden is None"),
        (alexnet, {"channels": 2.5}, "channels is 2.5"),
        (zfnet, {"classes": True}, "classes is True"),
        (zfnet, {"channels": 0}, "channels is 0"),
        (vgg, {"depth": 12}, "depth is 12, expected 11, 13, 16 or 19"),
        (vgg, {"size": 100}, "size is 100, expected a multiple of 32"),
        (vgg, {"size": 0}, "size is 0"),
        (vgg, {"widths": (64, 128)}, "widths has 2 numbers, expected 5"),
        (vgg, {"widths": (64, 128, 0, 4, 4)}, r"widths\[2\] is 0"),
        (vgg, {"hidden": 0}, "hidden is 0"),
        (googlenet, {"classes": -1}, "classes is -1"),
        (googlenet, {"channels": "3"}, "channels is '3'"),
        (resnet, {"depth": 20}, "depth is 20, expected 18, 34, 50, 101 or 152"),
        (resnet, {"shortcut": "C"}, "shortcut is 'C', expected 'A' or 'B'"),
        (resnet, {"stride_at": 3}, "stride_at is 3, expected '1x1' or '3x3'"),
        (resnet, {"plain": True, "zero_init_residual": True}, "a plain net has none"),
        (cifar_resnet, {"depth": 21}, "depth is 21, expected 6n \\+ 2, such as 20 or 26"),
        (cifar_resnet, {"depth": 2}, "depth is 2"),
        (cifar_resnet, {"shortcut": None}, "shortcut is None"),
        (cifar_resnet, {"plain": True, "zero_init_residual": True}, "a plain net has none"),
        (resnet9, {"width": 0}, "width is 0"),
        (whitened_resnet, {"channels": 0}, "channels is 0"),
        (whitened_resnet, {"widths": (128, 384)}, "widths is .* expected three"),
        (whitened_resnet, {"widths": (16, 32, 64)}, "widths is .* from 24 on"),
        (whitened_resnet, {"widths": (64, 32, 64)}, "widths is .* that do not fall"),
        (resnet9, {"plain": True, "zero_init_residual": True}, "a plain net has none"),
    ],
)
def test_what_there_is_no_network_for_is_refused(build, given, words):
    with pytest.raises(CourseError, match=words):
        build(**given)
