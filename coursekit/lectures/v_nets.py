"""Verbeek, slides 48 to 54: networks from LeNet to ResNet, what made them work, and what they respond to."""

from coursekit.lectures.claim import Claim, Compute, Finding, Published
from coursekit.lectures.nets import layers, net, rows, shape, table
from coursekit.lectures.published import PUBLISHED

NAMED = ("AlexNet", "VGG-19", "ResNet-152")  # on slide 50, by depth


def _activations(name: str) -> set[str]:
    kinds = {type(m).__name__ for m in net(name).modules()}
    return {kind for kind in kinds if "tanh" in kind.lower() or "relu" in kind.lower()}


def _relu_now() -> Finding:
    found = {name: _activations(name) for name in ("LeNet-5 of 1998", *NAMED)}
    before = all("tanh" in kind.lower() for kind in found["LeNet-5 of 1998"])
    now = all("relu" in kind.lower() for name in NAMED for kind in found[name])
    return Finding(
        before and now and all(found.values()),
        ", ".join(f"{name}: {' and '.join(sorted(kinds))}" for name, kinds in found.items()),
    )


def _steps(name: str) -> tuple[int, int]:
    """Count the convolutions along the way and the poolings that make the maps smaller."""
    from torch import nn

    convs = sum(
        isinstance(m, nn.Conv2d) and m.stride[0] > 1 and ".shortcut." not in path
        for path, m in net(name).named_modules()
    )
    pools = sum(isinstance(m, nn.MaxPool2d) and m.stride in (2, 3) for m in net(name).modules())
    return convs, pools


def _strided(names: tuple[str, ...]) -> Finding:
    found = {name: _steps(name) for name in names}
    return Finding(
        all(convs > pools for convs, pools in found.values()),
        ", ".join(f"{name}: {c} strided, {p} pooling" for name, (c, p) in found.items()),
    )


def _hundreds() -> Finding:
    depths, where = PUBLISHED["ResNet of ECCV 2016, layers"]
    assert isinstance(depths, tuple)
    return Finding(
        max(depths) >= 200, f"{', '.join(f'{one:g}' for one in depths)} layers ({where})"
    )


def _widest(name: str) -> int:
    return max(row.shape[0] for row in rows(name, "Conv2d") if row.shape)


def _more_filters() -> Finding:
    found, old = {name: _widest(name) for name in NAMED}, _widest("LeNet-5")
    return Finding(
        min(found.values()) >= 100 > old and max(found.values()) >= 1000,
        f"most maps of a layer: {', '.join(f'{name} {k}' for name, k in found.items())}; LeNet-5 {old}",
    )


def _counts(names: tuple[str, ...]) -> dict[str, float]:
    return {name: table(name).parameters / 1e6 for name in names}


def _shown(counts: dict[str, float]) -> str:
    return ", ".join(f"{name} {count:.{2 if count < 1 else 1}f}" for name, count in counts.items())


def _millions() -> Finding:
    counts, old = _counts(NAMED), _counts(("LeNet-5",))
    return Finding(
        min(counts.values()) >= 10 > 100 * old["LeNet-5"],
        f"millions: {_shown(counts)}; {_shown(old)}",
    )


def _published(
    id_: str,
    says: str,
    printed: str,
    entry: str,
    conventions: dict[str, Compute] | None = None,
    chapter: int | None = 13,
    cell: str | None = "explain-peak",
    remark: str = "",
) -> Claim:
    return Claim(
        id_,
        says,
        "number",
        printed=printed,
        compute=lambda: Published(entry),
        conventions=conventions or {},
        chapter=chapter,
        cell=cell,
        remark=remark,
    )


def _seen(id_: str, says: str) -> Claim:
    return Claim(
        id_,
        says,
        "comparison",
        unchecked="it takes a net trained on a million photographs, and somebody to name what its patches show",
    )


CLAIMS = (
    Claim(
        "V48-relu",
        "ReLU is dominant now, tanh was before",
        "comparison",
        compute=_relu_now,
        chapter=11,
        cell="lenet",
    ),
    Claim(
        "V48-subsampling",
        "more strided convolution now than pooling",
        "comparison",
        compute=lambda: _strided(NAMED),
        conventions={"in ResNet, the newest of the nets": lambda: _strided(("ResNet-152",))},
        chapter=11,
        cell="count-the-layers",
        remark="Counted are steps that make the maps smaller, without those of shortcuts",
    ),
    Claim(
        "V50-depth",
        "layers of Simonyan and Zisserman's network",
        "count",
        printed="19",
        compute=lambda: layers("VGG-19"),
        chapter=11,
        cell="ilsvrc",
    ),
    Claim(
        "V50-hundreds",
        "residual networks of He et al., ECCV 2016, have hundreds of layers",
        "count",
        compute=_hundreds,
        chapter=12,
        cell="explain-family",
        remark="The winner with 152 layers is from the first paper, CVPR 2016",
    ),
    Claim(
        "V50-filters",
        "hundreds to thousands of filters in a layer instead of tens",
        "count",
        compute=_more_filters,
        chapter=11,
        cell="three-networks",
    ),
    Claim(
        "V50-millions",
        "the networks that it names have tens or hundreds of millions of parameters, more than before",
        "count",
        compute=_millions,
        chapter=11,
        cell="three-networks",
        remark="Deeper does not mean more: ResNet-152 has fewer than VGG-19, and GoogLeNet has 7 million",
    ),
    _published(
        "V50-authors",
        "the paper on the winner of 2012 is cited with this many authors, Krizhevsky and Hinton",
        "2",
        "AlexNet authors",
        remark="On slides 50 and 51; Sutskever is missing",
    ),
    _published(
        "V51-images",
        "images to train on in the ImageNet challenge",
        "1.2M",
        "ImageNet training images",
        chapter=13,
        cell="six-days",
        remark="The paper of 2012 says roughly 1.2 million",
    ),
    Claim(
        "V51-classes",
        "classes in the ImageNet challenge",
        "count",
        printed="1000",
        compute=lambda: shape("AlexNet", rows("AlexNet", "Linear")[-1].name),
        chapter=11,
        cell="alexnet-twice",
        remark="Compared with the outputs of the nets that took part",
    ),
    _published(
        "V51-faces",
        "faces that Schroff et al. train on",
        "200M",
        "FaceNet faces",
        {"the upper end of 100 to 200 million": (lambda: Published("FaceNet faces", max))},
        chapter=13,
        cell="six-days",
    ),
    _published(
        "V51-days",
        "days for which the winner of 2012 was trained",
        "6",
        "AlexNet days of training",
        {"the upper end of five to six days": (lambda: Published("AlexNet days of training", max))},
    ),
    _published(
        "V51-gpus",
        "GPUs on which the winner of 2012 was trained",
        "2",
        "AlexNet GPUs",
        cell="six-days",
    ),
    Claim(
        "V51-progress",
        "the computing performance of GPUs grows rapidly",
        "comparison",
        unchecked="it is a matter of data sheets, which chapter 13 compares for four GPUs",
        chapter=13,
        cell="alexnet-at-peak",
    ),
    _published(
        "V52-patches",
        "patches that Zeiler and Fergus show for each filter",
        "9",
        "ZFNet patches",
        chapter=14,
        cell="nine-patches",
    ),
    _seen("V52-first", "layer 1 responds to simple edges and colors"),
    _seen("V52-second", "layer 2 responds to corners and to centers with another surround"),
    _seen("V53-parts", "layer 3 responds to various parts of objects"),
    _seen("V54-objects", "layers 4 and 5 respond to whole objects or large parts of them"),
)
