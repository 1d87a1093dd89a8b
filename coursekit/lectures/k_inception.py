"""Khapra, slides 60 to 63: the Inception block."""

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.lectures.nets import net, shape, table
from coursekit.reference import conv1x1, conv2d, conv2d_cost, output_size

INPUT = (192, 28, 28)  # what block 3a sees


def _stacked(padded: bool) -> Finding:
    sides = [output_size(28, F, padding=F // 2 if padded else 0) for F in (1, 3, 5)]
    how = "padded by half of a kernel" if padded else "without padding"
    return Finding(
        len(set(sides)) == 1,
        f"kernels of 1, 3 and 5 on 28 pixels {how}: {', '.join(map(str, sides))}; only equal sizes can be stacked",
    )


def _output_size() -> Sides:
    cases = [(W, H, F) for W in (6, 9) for H in (5, 8) for F in (1, 3, 5)]
    made = [conv2d(np.zeros((1, 2, H, W)), np.zeros((1, 2, F, F))).size for W, H, F in cases]
    return Sides(
        [(W - F + 1) * (H - F + 1) for W, H, F in cases],
        made,
        f"{len(cases)} sizes of image and kernel",
    )


def _per_entry() -> Sides:
    cases = [(3, 16), (5, 16), (5, 192)]
    costs = [conv2d_cost((D, 9, 9), 4, F) for F, D in cases]
    right = [cost.multiply_adds / cost.activations for cost in costs]
    return Sides([F * F * D for F, D in cases], right, "three kernels, multiply-adds for one entry")


def _naive() -> Finding:
    """Compare the multiply-adds of block 3a with those of the same kernels on all 192 channels."""
    kernels = {1: 64, 3: 128, 5: 32}
    naive = sum(conv2d_cost(INPUT, K, F, padding=F // 2).multiply_adds for F, K in kernels.items())
    block = table("GoogLeNet", 1)["inception_3a"].multiply_adds
    return Finding(
        naive > block,
        f"{naive / 1e6:.0f} million multiply-adds naively, {block / 1e6:.0f} with reductions",
    )


def _along_depth() -> Sides:
    rng = np.random.default_rng(62)
    x, w = rng.normal(size=(1, 6, 4, 5)), rng.normal(size=(2, 6))
    y = conv1x1(x, w)
    right = np.array(
        [[[w[k] @ x[0, :, i, j] for j in range(5)] for i in range(4)] for k in range(2)]
    )
    return Sides(y[0], right, "a random 6×4×5 input and two kernels")


def _reduced(counted: str) -> Sides:
    """Compare F·F·D1 with what one entry costs on the reduced input of the 5×5 of block 3a."""
    reduce, large = conv2d_cost(INPUT, 16, 1), conv2d_cost((16, 28, 28), 32, 5, padding=2)
    work = large.multiply_adds + (reduce.multiply_adds if counted == "both" else 0)
    return Sides(5 * 5 * 16, work / large.activations, "the 5×5 of block 3a, for one entry")


def _own_reductions() -> Finding:
    three, five = (shape("GoogLeNet", f"inception_3a.{way}.0.0")[0] for way in ("three", "five"))
    return Finding(
        three != five, f"block 3a: {three} channels before the 3×3, {five} before the 5×5"
    )


def _order() -> Finding:
    kinds = [row.kind for row in table("GoogLeNet") if row.name.startswith("inception_3a.pooled")]
    return Finding(kinds[:2] == ["MaxPool2d", "Conv2d"], ", ".join(kinds))


def _many() -> Finding:
    blocks = sum(name.startswith("inception") for name, _ in net("GoogLeNet").named_children())
    return Finding(blocks > 1, f"{blocks} blocks")


CLAIMS = (
    Claim(
        "K60-concatenate",
        "1×1, 3×3, 5×5 and a pooling can be applied at once and their maps stacked",
        "comparison",
        compute=lambda: _stacked(padded=False),
        conventions={
            "if each is padded to keep the size; the slide draws four different sizes": (
                lambda: _stacked(padded=True)
            )
        },
        chapter=11,
        cell="inception-block",
    ),
    Claim(
        "K61-naive",
        "doing so naively takes many computations",
        "comparison",
        compute=_naive,
        chapter=11,
        cell="inception-block",
    ),
    Claim(
        "K61-size",
        "without padding a kernel of F×F gives (W - F + 1)(H - F + 1) entries",
        "formula",
        compute=_output_size,
        chapter=3,
        cell="count-places",
    ),
    Claim(
        "K61-cost",
        "each entry of the output takes F·F·D computations",
        "formula",
        compute=_per_entry,
        chapter=3,
        cell="explain-cost",
    ),
    Claim(
        "K62-depth",
        "a 1×1 convolution aggregates along the depth",
        "formula",
        compute=_along_depth,
        chapter=3,
        cell="matrix-for-each-pixel",
    ),
    Claim(
        "K62-shape",
        "D1 kernels of 1×1 make D1×W×H of D×W×H",
        "shape",
        compute=lambda: Sides(
            [conv2d_cost((D, 7, 9), 4, 1).shape for D in (4, 8, 16)],
            [(4, 7, 9)] * 3,
            "4 kernels on 4, 8 and 16 channels",
        ),
        chapter=3,
        cell="matrix-for-each-pixel",
    ),
    Claim(
        "K62-cost",
        "on D1 instead of D channels an entry takes F·F·D1 computations instead of F·F·D",
        "formula",
        compute=lambda: _reduced("both"),
        conventions={
            "the large kernel alone, without the 1×1 convolution in front of it": (
                lambda: _reduced("large")
            )
        },
        chapter=3,
        cell="back-up-again",
    ),
    Claim(
        "K63-own",
        "the 3×3 and the 5×5 kernels have reductions of their own, D1 and D2",
        "comparison",
        compute=_own_reductions,
        chapter=11,
        cell="inception-block",
    ),
    Claim(
        "K63-order",
        "the pooling comes before its 1×1 convolution",
        "comparison",
        compute=_order,
        chapter=11,
        cell="inception-block",
    ),
    Claim(
        "K63-concatenation",
        "the first Inception block puts out these maps",
        "shape",
        printed="256×28×28",
        compute=lambda: shape("GoogLeNet", "inception_3a", 1),
        chapter=11,
        cell="inception-block",
    ),
    Claim(
        "K63-many",
        "GoogLeNet has many such blocks",
        "count",
        compute=_many,
        chapter=11,
        cell="googlenet-table",
    ),
)
