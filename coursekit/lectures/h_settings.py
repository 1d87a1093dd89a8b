"""Hierarchical compositionality, slides 94 and 95: common settings, and kernels of one pixel."""

from collections import Counter
from math import log2

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.lectures.h_layer import shape_of
from coursekit.lectures.nets import net
from coursekit.reference import conv1x1, conv2d, conv2d_cost, output_size

NETS = ("AlexNet", "VGG-16", "GoogLeNet", "ResNet-50")
WIDTHS = range(20, 41)


def _powers() -> Finding:
    depths = [32, 64, 128, 512]
    exponents = [log2(K) for K in depths]
    return Finding(
        all(one.is_integer() for one in exponents),
        ", ".join(f"{K} is 2^{one:g}" for K, one in zip(depths, exponents, strict=True)),
    )


def _powers_in_practice() -> Finding:
    from torch import nn

    shares, found, powers = [], 0, 0
    for name in NETS:
        depths = [one.out_channels for one in net(name).modules() if isinstance(one, nn.Conv2d)]
        right = sum(log2(K).is_integer() for K in depths)
        shares.append(f"{name} {right} of {len(depths)}")
        found, powers = found + len(depths), powers + right
    return Finding(2 * powers > found, "convolutions: " + ", ".join(shares))


def _settings_in_practice() -> Finding:
    """See which kernel, stride and padding the convolutions of five networks have most often."""
    from torch import nn

    found = Counter(
        (one.kernel_size[0], one.stride[0], one.padding[0])
        for name in NETS
        for one in net(name).modules()
        if isinstance(one, nn.Conv2d)
    )
    often = [setting for setting, _ in found.most_common(3)]
    shown = "; ".join(f"F, S, P = {F}, {S}, {P}: {n}" for (F, S, P), n in found.most_common(4))
    return Finding(
        set(often) == {(3, 1, 1), (5, 1, 2), (1, 1, 0)},
        f"of {found.total()} convolutions {shown}; of F = 5 with S = 2 "
        f"{sum(n for (F, S, _), n in found.items() if (F, S) == (5, 2))}",
    )


def _keeps(F: int, P: int) -> Finding:
    sizes = [output_size(W, F, padding=P) for W in WIDTHS]
    return Finding(
        sizes == list(WIDTHS),
        f"{WIDTHS[0]} to {WIDTHS[-1]} pixels become {sizes[0]} to {sizes[-1]}",
    )


def _whatever_fits() -> Finding:
    fitting = {W: [P for P in range(5) if (W + 2 * P - 5) % 2 == 0] for W in WIDTHS}
    some = [W for W in WIDTHS if fitting[W]]
    return Finding(
        len(some) == len(WIDTHS),
        f"of the widths {WIDTHS[0]} to {WIDTHS[-1]} the {len(some)} odd ones have a padding that fits, "
        f"and each fits; 32 has {len(fitting[32])}",
    )


def _halves() -> Finding:
    sizes = {W: output_size(W, 5, stride=2, padding=2) for W in WIDTHS}
    return Finding(
        all(size == (W + 1) // 2 for W, size in sizes.items()), f"32 becomes {sizes[32]}"
    )


def _one_by_one() -> Sides:
    rng = np.random.default_rng(95)
    x, w = rng.normal(size=(1, 64, 6, 6)), rng.normal(size=(32, 64))
    each = [[w @ x[0, :, i, j] for j in range(6)] for i in range(6)]
    return Sides(
        conv2d(x, w[:, :, None, None])[0].transpose(1, 2, 0), each, "64 maps of 6×6, 32 filters"
    )


def _sees_no_neighbors() -> Finding:
    rng = np.random.default_rng(95)
    x, w = rng.normal(size=(1, 64, 6, 6)), rng.normal(size=(32, 64))
    moved = x.copy()
    moved[:, :, 2, 3] += 1
    changed = np.argwhere(np.abs(conv1x1(moved, w) - conv1x1(x, w)).max((0, 1)) > 1e-9)
    return Finding(
        changed.tolist() == [[2, 3]],
        f"one pixel changed, {len(changed)} pixel of the output changes",
    )


CLAIMS = (
    Claim(
        "H94-powers",
        "32, 64, 128 and 512 are powers of 2",
        "number",
        compute=_powers,
        chapter=3,
        cell="explain-calculator",
    ),
    Claim(
        "H94-common-powers",
        "it is common to have a power of 2 of filters",
        "comparison",
        compute=_powers_in_practice,
        chapter=11,
        cell="five-networks",
    ),
    Claim(
        "H94-three",
        "F = 3, S = 1, P = 1: by slide 85 it keeps the size",
        "shape",
        compute=lambda: _keeps(3, 1),
        chapter=3,
        cell="padding-that-keeps-the-size",
    ),
    Claim(
        "H94-five",
        "F = 5, S = 1, P = 2: by slide 85 it keeps the size",
        "shape",
        compute=lambda: _keeps(5, 2),
        chapter=3,
        cell="padding-that-keeps-the-size",
    ),
    Claim(
        "H94-one",
        "F = 1, S = 1, P = 0: by slide 85 it keeps the size",
        "shape",
        compute=lambda: _keeps(1, 0),
        chapter=3,
        cell="padding-that-keeps-the-size",
    ),
    Claim(
        "H94-common-settings",
        "these three settings are common",
        "comparison",
        compute=_settings_in_practice,
        chapter=11,
        cell="five-networks",
    ),
    Claim(
        "H94-whatever-fits",
        "F = 5, S = 2 and whatever P fits, so there is one",
        "comparison",
        compute=_whatever_fits,
        conventions={
            "rounded down, as in torch, where P = 2 takes every width to its half, rounded up": _halves
        },
        chapter=3,
        cell="explain-what-fits",
        remark="By slide 81 a stride has to fit, and then no padding does on the lecture's own 32×32",
    ),
    Claim(
        "H95-shape",
        "56×56×64 under 32 filters of 1×1",
        "shape",
        printed="56×56×32",
        compute=lambda: shape_of(64, 56, 32, 1),
        chapter=3,
        cell="matrix-for-each-pixel",
    ),
    Claim(
        "H95-filter",
        "each of these filters",
        "shape",
        printed="1×1×64",
        compute=lambda: (1, 1, conv2d_cost((64, 56, 56), 1, 1, bias=False).parameters),
        chapter=3,
        cell="matrix-for-each-pixel",
    ),
    Claim(
        "H95-dot",
        "1×1 convolution: at each pixel a dot product with 64 numbers for each filter",
        "formula",
        compute=_one_by_one,
        chapter=3,
        cell="matrix-for-each-pixel",
    ),
    Claim(
        "H95-sense",
        "1×1 convolutions make sense: they mix the channels of a pixel",
        "comparison",
        compute=_sees_no_neighbors,
        chapter=3,
        cell="mix-the-colors",
    ),
)
