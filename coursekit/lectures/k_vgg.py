"""Khapra, slide 58: VGG-16."""

from math import prod

from coursekit.lectures.claim import Claim, Finding
from coursekit.lectures.nets import net, parameters, rows, shape, table
from coursekit.reference import linear_cost

LAST = {1: 2, 2: 2, 3: 4, 4: 4, 5: 4}  # the name of each stage's last convolution


def _three_by_three() -> Finding:
    from torch import nn

    sizes = {m.kernel_size for m in net("VGG-16").modules() if isinstance(m, nn.Conv2d)}
    return Finding(sizes == {(3, 3)}, f"kernels of its convolutions: {sorted(sizes)}")


def _terms(classes: int) -> list[int]:
    """Return the weights of the three dense layers, without biases, as the slide multiplies them."""
    sizes = [((512, 7, 7), 4096), ((4096,), 4096), ((4096,), classes)]
    return [linear_cost(n, units, bias=False).parameters for n, units in sizes]


def _first_is_most() -> Finding:
    first = rows("VGG-16", "Linear")[0].parameters
    return Finding(
        first > table("VGG-16").parameters / 2,
        f"{first:,} of {table('VGG-16').parameters:,}",
    )


def _cut(terms: list[int]) -> int:
    return sum(term // 10**6 * 10**6 for term in terms)


def _conv(stage: int, printed: str) -> Claim:
    return Claim(
        f"K58-conv-{stage}",
        f"VGG-16: shape behind the convolutions of stage {stage}",
        "shape",
        printed=printed,
        compute=lambda: shape("VGG-16", f"stage{stage}.{LAST[stage]}"),
        chapter=11,
        cell="vgg-audit",
    )


def _pool(stage: int, printed: str) -> Claim:
    return Claim(
        f"K58-pool-{stage}",
        f"VGG-16: shape behind the pooling of stage {stage}",
        "shape",
        printed=printed,
        compute=lambda: shape("VGG-16", f"stage{stage}", 1),
        chapter=11,
        cell="vgg-audit",
    )


CLAIMS = (
    _conv(1, "64×224×224"),
    _pool(1, "64×112×112"),
    _conv(2, "128×112×112"),
    _pool(2, "128×56×56"),
    _conv(3, "256×56×56"),
    _pool(3, "256×28×28"),
    _conv(4, "512×28×28"),
    _pool(4, "512×14×14"),
    _conv(5, "512×14×14"),
    _pool(5, "512×7×7"),
    Claim(
        "K58-units",
        "VGG-16: units of the three dense layers",
        "shape",
        printed="4096 4096 1000",
        compute=lambda: [prod(row.shape or ()) for row in rows("VGG-16", "Linear")],
        chapter=11,
        cell="vgg-audit",
    ),
    Claim(
        "K58-kernels",
        "all kernels are 3×3",
        "comparison",
        compute=_three_by_three,
        chapter=11,
        cell="stack-of-small",
    ),
    Claim(
        "K58-convolutions",
        "VGG-16: parameters outside of the fully connected layers",
        "count",
        printed="~16M",
        compute=lambda: parameters("VGG-16", "Conv2d"),
        slips={
            "the paper's 138 million less the 122 for the other layers": lambda: (
                int(138e6) - _cut(_terms(1024))
            )
        },
        chapter=11,
        cell="vgg-audit",
    ),
    Claim(
        "K58-formula",
        "the last term of its formula: 4096 times 1024 weights for the classes",
        "number",
        printed="4096×1024",
        compute=lambda: (4096, (rows("VGG-16", "Linear")[-1].shape or (0,))[0]),
        chapter=11,
        cell="vgg-audit",
        remark="The same slide draws 1000 classes",
    ),
    Claim(
        "K58-dense",
        "VGG-16: parameters in the fully connected layers",
        "count",
        printed="~122M",
        compute=lambda: parameters("VGG-16", "Linear"),
        slips={
            "each of the three terms is cut to whole millions before they are added": lambda: _cut(
                _terms(1024)
            )
        },
        chapter=11,
        cell="vgg-audit",
    ),
    Claim(
        "K58-first",
        "VGG-16: parameters in the first fully connected layer",
        "count",
        printed="~102M",
        compute=lambda: rows("VGG-16", "Linear")[0].parameters,
        chapter=11,
        cell="vgg-audit",
    ),
    Claim(
        "K58-most",
        "most parameters are in the first fully connected layer",
        "comparison",
        compute=_first_is_most,
        chapter=11,
        cell="five-networks",
    ),
)
