"""Parameters, shapes, multiply-adds and receptive fields that others have published.

Parameters and multiply-adds of torchvision: ``num_params`` and GFLOPS (it counts multiply-adds) of the weights
IMAGENET1K_V1, as in its documentation (pytorch.org/vision/stable/models.html) and in its code
(``torchvision.models.ResNet18_Weights.IMAGENET1K_V1.meta``), version 0.28.0.
"""

import pytest
import torch
from torchvision_twins import CLASSES, googlenet_as_in_torchvision

from coursekit.models import (
    alexnet,
    cifar_resnet,
    googlenet,
    lenet5_1998,
    resnet,
    resnet9,
    summary,
    vgg,
    whitened_resnet,
    zfnet,
)


def parameters(model):
    return sum(p.numel() for p in model.parameters())


def on_meta(build, *args, **how):
    with torch.device("meta"):
        return build(*args, **how)


# ---- torchvision


@pytest.mark.parametrize(
    ("depth", "num_params", "gigas"),
    [
        (18, 11689512, 1.814),
        (34, 21797672, 3.664),
        (50, 25557032, 4.089),
        (101, 44549160, 7.801),
        (152, 60192808, 11.514),
    ],
)
def test_resnets_have_torchvisions_parameters_and_multiply_adds(depth, num_params, gigas):
    model = on_meta(resnet, depth)
    assert parameters(model) == num_params
    assert round(summary(model, (3, 224, 224)).multiply_adds / 1e9, 3) == gigas


@pytest.mark.parametrize(
    ("depth", "batchnorm", "num_params", "gigas"),
    [
        (11, False, 132863336, 7.609),
        (11, True, 132868840, 7.609),
        (13, False, 133047848, 11.308),
        (13, True, 133053736, 11.308),
        (16, False, 138357544, 15.47),
        (16, True, 138365992, 15.47),
        (19, False, 143667240, 19.632),
        (19, True, 143678248, 19.632),
    ],
)
def test_vggs_have_torchvisions_parameters_and_multiply_adds(depth, batchnorm, num_params, gigas):
    model = on_meta(vgg, depth, batchnorm=batchnorm)
    assert parameters(model) == num_params
    assert round(summary(model, (3, 224, 224)).multiply_adds / 1e9, 3) == gigas


def test_googlenet_with_torchvisions_changes_has_its_parameters_and_multiply_adds():
    # 3×3 kernels for 5×5, batchnorm, and no head behind 4a and 4d: num_params 6624904, 1.498 GFLOPS
    model = on_meta(googlenet_as_in_torchvision)
    table = summary(model, (3, 224, 224))
    more_classes = (1000 - CLASSES) * (1024 + 1)
    heads = sum(parameters(model.get_submodule(name)) for name in ("after_4a", "after_4d"))
    assert parameters(model) - heads + more_classes == 6624904
    assert round((table.multiply_adds + (1000 - CLASSES) * 1024) / 1e9, 3) == 1.498


# ---- the papers


def test_lenet_5_has_the_papers_parameters():
    # LeCun et al. 1998, section II.B, layer by layer; 60000 is "60,000 trainable free parameters" in section III
    table = summary(lenet5_1998(), (1, 32, 32), depth=1)
    assert [row.parameters for row in table] == [156, 12, 1516, 32, 48120, 10164, 0]
    assert table.parameters == 60000
    shapes = [(6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5), (120,), (84,), (10,)]
    assert [row.shape for row in table] == shapes


def test_alexnet_has_the_papers_shapes_and_about_60_million_parameters():
    # Krizhevsky et al. 2012, section 3.5: kernels of 11×11×3, 5×5×48, 3×3×256, 3×3×192, 3×3×192; "60 million"
    model = on_meta(alexnet)
    convolutions = [m for m in model.modules() if isinstance(m, torch.nn.Conv2d)]
    assert [tuple(c.weight.shape) for c in convolutions] == [
        (96, 3, 11, 11),
        (256, 48, 5, 5),
        (384, 256, 3, 3),
        (384, 192, 3, 3),
        (256, 192, 3, 3),
    ]
    table = summary(model, (3, 227, 227))
    # 253440, 186624, 64896, 64896, 43264, 4096, 4096, 1000: the neurons in Figure 2, but for its 253440,
    # which is no size of any map: 55 · 55 · 96 = 290400
    neurons = [row.activations for row in table if row.kind in ("Conv2d", "Linear")]
    assert neurons == [290400, 186624, 64896, 64896, 43264, 4096, 4096, 1000]
    assert table.parameters == 60965224  # Caffe's bvlc_alexnet, the same net, has as many


def test_the_alexnet_of_slide_53_has_its_shapes_and_not_its_total():
    table = summary(on_meta(alexnet, variant="slide 53"), (3, 227, 227))
    sizes = [row.shape for row in table if row.kind in ("Conv2d", "MaxPool2d", "Linear")]
    pixels = [(96, 55), (96, 27), (256, 23), (256, 11), (384, 9), (384, 7), (256, 5), (256, 2)]
    assert sizes == [(c, n, n) for c, n in pixels] + [(4096,), (4096,), (1000,)]
    assert table.parameters == 28823912  # the slide says 27.55M


def test_zfnet_has_the_papers_shapes():
    # Zeiler and Fergus 2014, Figure 3
    table = summary(on_meta(zfnet), (3, 224, 224))
    sizes = [row.shape for row in table if row.kind in ("Conv2d", "MaxPool2d")]
    pixels = [(96, 110), (96, 55), (256, 26), (256, 13), (384, 13), (384, 13), (256, 13), (256, 6)]
    assert sizes == [(c, n, n) for c, n in pixels]
    assert table.parameters == 62357608
    # AlexNet without groups, and with 7×7 in place of 11×11
    assert table.parameters - 60965224 == 96 * 3 * (7**2 - 11**2) + 307200 + 663552 + 442368


@pytest.mark.parametrize(("depth", "millions"), [(11, 133), (13, 133), (16, 138), (19, 144)])
def test_vggs_have_the_papers_parameters_and_stages(depth, millions):
    # Simonyan and Zisserman 2015, Tables 1 and 2
    table = summary(on_meta(vgg, depth), (3, 224, 224), depth=1)
    assert round(table.parameters / 1e6) == millions
    pixels = [(64, 112), (128, 56), (256, 28), (512, 14), (512, 7)]
    assert [row.shape for row in table] == [(c, n, n) for c, n in pixels] + [(1000,)]


# Szegedy et al. 2015, Table 1: output, parameters in K (1024), multiply-adds in M; neither counts biases. Its
# multiply-adds follow from its widths, all but those of 5a (which give 51); its parameters only about.
GOOGLENET = {
    "inception_3a": ((256, 28), 159, 128),
    "inception_3b": ((480, 28), 380, 304),
    "inception_4a": ((512, 14), 364, 73),
    "inception_4b": ((512, 14), 437, 88),
    "inception_4c": ((512, 14), 463, 100),
    "inception_4d": ((528, 14), 580, 119),
    "inception_4e": ((832, 14), 840, 170),
    "inception_5a": ((832, 7), 1072, 54),
    "inception_5b": ((1024, 7), 1388, 71),
}


def test_googlenet_has_the_papers_shapes_and_almost_its_costs():
    model = on_meta(googlenet)
    table = summary(model, (3, 224, 224), depth=1)
    for name, ((channels, pixels), kilos, megas) in GOOGLENET.items():
        row = table[name]
        assert row.shape == (channels, pixels, pixels)
        biases = sum(p.numel() for p in model.get_submodule(name).parameters() if p.dim() == 1)
        assert (row.parameters - biases) / 1024 == pytest.approx(kilos, rel=0.08)
        if name != "inception_5a":
            assert row.multiply_adds / 1e6 == pytest.approx(megas, abs=1)
    assert table["stem"].shape == (192, 28, 28)
    assert table["pool_3"].shape == (480, 14, 14)
    assert table["pool_4"].shape == (832, 7, 7)
    # the first convolution has 9408 weights and 118M multiply-adds. The table has 2.7K and 34M, which are those of 8
    # kernels of 7×7 for each color and a 1×1 convolution of their 24 maps to 64: 24 · 49 + 24 · 64 = 2712 weights
    inner = summary(model, (3, 224, 224))
    assert inner["stem.0.0"].multiply_adds == 9408 * 112**2
    # 1×1 and 3×3 together: 112K and 360M
    both = [inner[name] for name in ("stem.3.0", "stem.4.0")]
    assert sum(row.multiply_adds for row in both) / 1e6 == pytest.approx(360, abs=0.5)
    assert (sum(row.parameters for row in both) - 256) / 1024 == 112


@pytest.mark.parametrize(
    ("depth", "gigas"), [(18, 1.8), (34, 3.6), (50, 3.8), (101, 7.6), (152, 11.3)]
)
def test_resnets_have_the_papers_shapes_and_multiply_adds(depth, gigas):
    # He et al. 2016, Table 1, "FLOPs (multiply-adds)", with the stride in the first 1×1 convolution
    model = on_meta(resnet, depth, stride_at="1x1")
    table = summary(model, (3, 224, 224), depth=1)
    wide = 4 if depth >= 50 else 1
    pixels = [(64 * wide, 56), (128 * wide, 28), (256 * wide, 14), (512 * wide, 7)]
    expected = [(64, 56, 56), *((c, n, n) for c, n in pixels), (1000,)]
    assert [row.shape for row in table] == expected
    assert table.multiply_adds / 1e9 == pytest.approx(gigas, abs=0.07)
    inner = summary(model, (3, 224, 224))
    assert inner["stem.0"].shape == (64, 112, 112)
    layers = [row for row in inner if row.kind in ("Conv2d", "Linear")]
    projections = [row for row in layers if ".shortcut." in row.name]
    assert len(layers) - len(projections) == depth


@pytest.mark.parametrize(
    ("depth", "option_a", "millions"),
    [
        (20, 269722, 0.27),
        (32, 464154, 0.46),
        (44, 658586, 0.66),
        (56, 853018, 0.85),
        (110, 1727962, 1.7),
    ],
)
def test_cifar_resnets_have_the_papers_parameters_and_shapes(depth, option_a, millions):
    # He et al. 2016, Table 6 and section 4.2
    model = on_meta(cifar_resnet, depth)
    assert parameters(model) == option_a
    assert parameters(on_meta(cifar_resnet, depth, plain=True)) == option_a
    projections = 16 * 32 + 2 * 32 + 32 * 64 + 2 * 64
    assert parameters(on_meta(cifar_resnet, depth, shortcut="B")) == option_a + projections
    assert option_a / 1e6 == pytest.approx(millions, abs=0.03)
    table = summary(model, (3, 32, 32), depth=1)
    shapes = [(16, 32, 32), (16, 32, 32), (32, 16, 16), (64, 8, 8), (10,)]
    assert [row.shape for row in table] == shapes
    inner = summary(model, (3, 32, 32))
    assert sum(row.kind in ("Conv2d", "Linear") for row in inner) == depth


def test_resnet9_has_its_shapes_and_parameters():
    # Page 2018, "6.5M" weights; with the 2 · 2240 of batchnorm and the 5120 of the linear layer
    table = summary(on_meta(resnet9), (3, 32, 32), depth=1)
    shapes = [(64, 32, 32), (128, 16, 16), (256, 8, 8), (512, 4, 4), (10,)]
    assert [row.shape for row in table] == shapes
    assert table.parameters == 6573120
    inner = summary(on_meta(resnet9), (3, 32, 32))
    assert sum(row.kind in ("Conv2d", "Linear") for row in inner) == 9


# Araujo et al. 2019, Computing receptive fields of convolutional neural networks, the table at the end
@pytest.mark.parametrize(
    ("model", "size", "part", "pixels"),
    [
        (alexnet, 227, "features", 195),
        (vgg, 224, "stage5", 212),
        (lambda: resnet(50, stride_at="1x1"), 224, "stage4", 483),
        (lambda: resnet(101, stride_at="1x1"), 224, "stage4", 1027),
        (lambda: resnet(152, stride_at="1x1"), 224, "stage4", 1507),
    ],
)
def test_receptive_fields_are_the_published_ones(model, size, part, pixels):
    row = summary(on_meta(model), (3, size, size), depth=1)[part]
    assert row.receptive_field == (pixels, pixels)


def test_the_whitened_resnet_has_the_papers_stages_and_9_point_9_million_parameters():
    # Jordan 2024, airbench96: stages of 128, 384 and 512 channels, three convolutions in each
    table = summary(on_meta(whitened_resnet), (3, 32, 32), depth=1)
    shapes = [(24, 31, 31), (128, 15, 15), (384, 7, 7), (512, 3, 3), (10,)]
    assert [row.shape for row in table] == shapes
    assert table.parameters == 9918776
    whitening, head = 24 * 12 + 24, 512 * 10
    convolutions = 9 * (24 * 128 + 2 * 128**2 + 128 * 384 + 2 * 384**2 + 384 * 512 + 2 * 512**2)
    norms = 3 * 2 * (128 + 384 + 512)
    assert table.parameters == whitening + convolutions + norms + head
