"""Verbeek, slides 35 to 42: output sizes, padding, and the parameters of a layer."""

from itertools import product

import numpy as np

from coursekit.lectures.claim import Claim, Compute, Finding, Sides
from coursekit.lectures.k_sizes import places
from coursekit.lectures.nets import rows
from coursekit.reference import conv2d, conv2d_cost, output_size

LAYER = ((3, 32, 32), 10, 5)


def _size_formula(reading: str) -> Sides:
    cases = list(product(range(5, 13), range(1, 6), range(1, 5)))
    if reading == "fits":
        cases = [(N, F, S) for N, F, S in cases if (N - F) % S == 0]
    printed = [(N - F) / S + 1 for N, F, S in cases]
    if reading == "rounded down":
        printed = [float(np.floor(one)) for one in printed]
    counted = [places(N, F, 0, S) for N, F, S in cases]
    return Sides(printed, counted, f"{len(cases)} combinations of size, filter and stride")


def _is_a_size(stride: int) -> Finding:
    exact = (7 - 3) / stride + 1
    return Finding(
        exact == int(exact),
        f"{exact:.2f}; {places(7, 3, 0, stride)} places, and the last "
        f"{(7 - 3) % stride} of 7 pixels unread",
    )


def _keeping(F: int) -> list[int]:
    """Return the paddings that keep an image's size."""
    return [P for P in range(F + 1) if places(32, F, P) == 32]


def _half_padding(sizes: range) -> Finding:
    found = {F: _keeping(F) for F in sizes}
    return Finding(
        all(P == [(F - 1) / 2] for F, P in found.items()),
        "filters and the paddings that keep the size: "
        + ", ".join(f"{F}: {P[0] if P else 'none'}" for F, P in found.items()),
    )


def _common_settings() -> Sides:
    settings = [(3, 1), (5, 2), (1, 0)]
    sizes = [output_size(W, F, padding=P) for (F, P), W in product(settings, (7, 32))]
    return Sides(sizes, [7, 32] * 3, "three settings on 7 and on 32 pixels")


def _whatever_fits(widths: tuple[int, ...]) -> Finding:
    found = {W: [P for P in range(5) if (W + 2 * P - 5) % 2 == 0] for W in widths}
    return Finding(
        all(found.values()),
        "paddings below 5 that fit: "
        + ", ".join(f"{P or 'none'} for {W} pixels" for W, P in found.items()),
    )


def _powers() -> Finding:
    counts = {
        name: sorted({row.shape[0] for row in rows(name, "Conv2d") if row.shape})
        for name in ("VGG-16", "AlexNet")
    }
    examples = [32, 64, 128, 512, *counts["VGG-16"]]
    return Finding(
        all(np.log2(one).is_integer() for one in examples),
        "; ".join(f"{name} has {', '.join(map(str, one))}" for name, one in counts.items()),
    )


def _example(id_: str, says: str, printed: str, compute: Compute) -> Claim:
    return Claim(
        id_,
        says,
        "worked example",
        printed=printed,
        compute=compute,
        chapter=3,
        cell="stride-three",
    )


CLAIMS = (
    Claim(
        "V35-formula",
        "the output size is (N - F)/stride + 1",
        "formula",
        compute=lambda: _size_formula("all"),
        conventions={
            "rounded down, as in torch, where the stride does not fit": (
                lambda: _size_formula("rounded down")
            )
        },
        chapter=3,
        cell="explain-stride-three",
    ),
    _example("V35-stride-1", "N = 7, F = 3, stride 1", "5", lambda: places(7, 3)),
    _example("V35-stride-2", "N = 7, F = 3, stride 2", "3", lambda: places(7, 3, 0, 2)),
    _example("V35-stride-3", "N = 7, F = 3, stride 3", "2.33", lambda: (7 - 3) / 3 + 1),
    Claim(
        "V35-no-size",
        "for N = 7 and F = 3 a stride of 3 does not fit",
        "comparison",
        compute=lambda: Finding(not _is_a_size(3).hold, _is_a_size(3).shown),
        chapter=3,
        cell="explain-stride-three",
        remark="What to do then is a convention; torch rounds down",
    ),
    Claim(
        "V37-seven",
        "a 3×3 filter on 7×7 with a border of 1",
        "shape",
        printed="7×7",
        compute=lambda: conv2d(np.zeros((1, 1, 7, 7)), np.zeros((1, 1, 3, 3)), padding=1).shape[2:],
        chapter=3,
        cell="padding-that-keeps-the-size",
    ),
    Claim(
        "V37-half",
        "a padding of (F - 1)/2 keeps the size",
        "comparison",
        compute=lambda: _half_padding(range(1, 8)),
        conventions={"for odd F, as all examples have it": lambda: _half_padding(range(1, 8, 2))},
        chapter=3,
        cell="padding-that-keeps-the-size",
    ),
    Claim(
        "V37-paddings",
        "the padding for F = 3, 5 and 7",
        "worked example",
        printed="1 2 3",
        compute=lambda: [_keeping(F)[0] for F in (3, 5, 7)],
        chapter=3,
        cell="padding-that-keeps-the-size",
    ),
    Claim(
        "V39-size",
        "(32 + 2·2 - 5)/1 + 1, for ten 5×5 filters with padding 2 on 32×32×3",
        "worked example",
        printed="32",
        compute=lambda: output_size(32, 5, padding=2),
        chapter=3,
        cell="count-the-parameters",
    ),
    Claim(
        "V39-shape",
        "output volume of ten 5×5 filters with padding 2 on 32×32×3",
        "shape",
        printed="32×32×10",
        compute=lambda: np.roll(conv2d_cost(*LAYER, padding=2).shape, -1),
        chapter=3,
        cell="count-the-parameters",
    ),
    Claim(
        "V41-filter",
        "parameters of each of the ten 5×5 filters on 32×32×3",
        "count",
        printed="76",
        compute=lambda: conv2d_cost(LAYER[0], 1, 5).parameters,
        chapter=3,
        cell="count-the-parameters",
    ),
    Claim(
        "V41-layer",
        "parameters of that layer of ten filters",
        "count",
        printed="760",
        compute=lambda: conv2d_cost(*LAYER, padding=2).parameters,
        chapter=3,
        cell="count-the-parameters",
    ),
    Claim(
        "V42-powers",
        "common numbers of filters are powers of 2, such as 32, 64, 128 and 512",
        "comparison",
        compute=_powers,
        chapter=11,
        cell="five-networks",
    ),
    Claim(
        "V42-same",
        "F = 3 with P = 1, F = 5 with P = 2, F = 1 with P = 0: with stride 1 all keep the size",
        "formula",
        compute=_common_settings,
        chapter=3,
        cell="padding-that-keeps-the-size",
    ),
    Claim(
        "V42-fits",
        "for F = 5 and stride 2 there is a padding that fits",
        "comparison",
        compute=lambda: _whatever_fits((32, 33)),
        conventions={
            "for an odd width, where every padding fits": lambda: _whatever_fits((33, 35))
        },
        chapter=3,
        cell="explain-what-fits",
    ),
)
