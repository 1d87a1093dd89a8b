"""Khapra, slides 51 to 56: six years of ImageNet, AlexNet and ZFNet."""

from coursekit.lectures.claim import Claim, Compute, Finding, Published
from coursekit.lectures.nets import layers, rows, shape, size, table
from coursekit.reference import conv2d_cost, output_size, pool2d_cost

DRAWN = "AlexNet of slide 53"

# the convolutions as slide 56 draws them, side by side: maps in, kernels, size of a kernel
ALEX = [(3, 96, 11), (96, 256, 5), (256, 384, 3), (384, 384, 3), (384, 256, 3)]
ZF_DRAWN = [(3, 96, 7), (96, 256, 5), (256, 512, 3), (512, 1024, 3), (1024, 512, 3)]


def _convolutions(drawn: list[tuple[int, int, int]], *, bias: bool = True) -> list[int]:
    return [conv2d_cost((C, F, F), K, F, bias=bias).parameters for C, K, F in drawn]


def _no_stride_gives_55() -> Finding:
    tried = [(S, P) for S in range(1, 12) for P in range(4)]
    found = [(S, P) for S, P in tried if output_size(227, 7, stride=S, padding=P) == 55]
    return Finding(
        bool(found), f"of {len(tried)} strides and paddings {len(found)} take 227 to 55 with 7×7"
    )


def _alexnet_gives_55() -> Finding:
    side = output_size(227, 11, stride=4)
    return Finding(side == 55, f"11×11 with stride 4 takes 227 to {side}")


def _fitting_width() -> int:
    """Return the width of an image on which 11×11 with stride 4 has 55 places and nothing is left over."""
    fitting = [W for W in range(200, 260) if (W - 11) % 4 == 0]
    return next(W for W in fitting if output_size(W, 11, stride=4, fit="exact") == 55)


def _cut_before_adding() -> int:
    """Return the sum of the layers' weights, where the large ones lose their last digits first."""
    convolutions = _convolutions(ALEX, bias=False)
    dense = [256 * 2 * 2 * 4096, 4096 * 4096, 4096 * 1000]
    cut = [n // 10**5 * 10**5 for n in convolutions[2:]] + [n // 10**6 * 10**6 for n in dense]
    return sum(convolutions[:2]) + sum(cut)


def _error(id_: str, printed: str, entry: str, what: str) -> Claim:
    return Claim(
        f"K51-error-{id_}",
        f"top-5 error of {what}, in percent",
        "number",
        printed=printed,
        compute=lambda: Published(f"top-5 error {entry}"),
        chapter=11,
        cell="ilsvrc",
    )


def _depth(id_: str, printed: str, name: str) -> Claim:
    return Claim(
        f"K51-depth-{id_}",
        f"{name} has this many layers",
        "count",
        printed=printed,
        compute=lambda: layers(name),
        chapter=11,
        cell="count-the-layers",
        remark="Counted are layers with weights along one way",
    )


def _shape(id_: str, layer: str, printed: str, row: str) -> Claim:
    return Claim(
        f"K53-{id_}",
        f"AlexNet as drawn: shape behind {layer}",
        "shape",
        printed=printed,
        compute=lambda: shape(DRAWN, row),
        chapter=11,
        cell="alexnet-twice",
    )


def _zf(
    id_: str,
    layer: str,
    printed: str,
    compute: Compute,
    conventions: dict[str, Compute] | None = None,
) -> Claim:
    return Claim(
        f"K56-{id_}",
        f"ZFNet: {layer}",
        "shape",
        printed=printed,
        compute=compute,
        conventions=conventions or {},
        chapter=11,
        cell="zfnet-audit",
    )


def _published_kernels() -> list[int]:
    shapes = [row.shape for row in rows("ZFNet", "Conv2d")[2:]]
    return [one[0] for one in shapes if one is not None]


CLAIMS = (
    _error("2010", "28.2", "2010", "the best entry of 2010"),
    _error("2011", "25.8", "2011", "the best entry of 2011"),
    _error("alexnet", "16.4", "AlexNet", "AlexNet, 2012"),
    Claim(
        "K51-error-zfnet",
        "top-5 error of ZFNet, 2013, in percent",
        "number",
        printed="11.7",
        compute=lambda: Published("top-5 error ZFNet"),
        conventions={
            "the entry of Clarifai, the company of ZFNet's first author": (
                lambda: Published("top-5 error Clarifai")
            )
        },
        chapter=11,
        cell="three-networks",
    ),
    _error("vgg", "7.3", "VGG", "VGG, 2014"),
    _error("googlenet", "6.7", "GoogLeNet", "GoogLeNet, 2014"),
    _error("resnet", "3.57", "ResNet", "ResNet, 2015"),
    _depth("alexnet", "8", "AlexNet"),
    _depth("zfnet", "8", "ZFNet"),
    _depth("vgg", "19", "VGG-19"),
    _depth("googlenet", "22", "GoogLeNet"),
    _depth("resnet", "152", "ResNet-152"),
    Claim(
        "K53-input",
        "AlexNet: the image is 227×227",
        "shape",
        printed="227×227",
        compute=lambda: [_fitting_width()] * 2,
        chapter=3,
        cell="what-fits",
        remark="The paper says 224, on which 11×11 with stride 4 does not have its 55 places",
    ),
    _shape("conv-1", "the first convolution, 11×11", "96×55×55", "features.0"),
    _shape("pool-1", "the first pooling", "96×27×27", "features.2"),
    _shape("conv-2", "the second convolution, 5×5", "256×23×23", "features.3"),
    _shape("pool-2", "the second pooling", "256×11×11", "features.5"),
    _shape("conv-3", "the third convolution, 3×3", "384×9×9", "features.6"),
    _shape("conv-4", "the fourth convolution, 3×3", "384×7×7", "features.8"),
    _shape("conv-5", "the fifth convolution, 3×3", "256×5×5", "features.10"),
    _shape("pool-5", "the last pooling", "256×2×2", "features.12"),
    Claim(
        "K53-as-published",
        "this is the network of AlexNet's paper: 256×2×2 in front of the dense layers",
        "shape",
        printed="256×2×2",
        compute=lambda: [row.shape for row in rows("AlexNet", "MaxPool2d")][-1] or (),
        conventions={
            "without the padding that the paper has in its convolutions 2 to 5": (
                lambda: shape(DRAWN, "features.12")
            )
        },
        chapter=11,
        cell="alexnet-twice",
    ),
    Claim(
        "K53-parameters",
        "AlexNet as drawn: parameters in all",
        "count",
        printed="27.55M",
        compute=lambda: table(DRAWN).parameters,
        slips={
            "biases left out": lambda: (
                table(DRAWN).parameters
                - sum(size((row.shape or (0,))[:1]) for row in rows(DRAWN, "Conv2d", "Linear"))
            ),
            "dense layers cut to whole millions and convolutions 3 to 5 to tenths before they are added": (
                _cut_before_adding
            ),
        },
        chapter=11,
        cell="alexnet-audit",
        remark="Slide 58 cuts before it adds, too; here it is a guess that leads to the printed digits",
    ),
    Claim(
        "K53-dense",
        "AlexNet: units of the three dense layers",
        "shape",
        printed="4096 4096 1000",
        compute=lambda: [size(row.shape or ()) for row in rows("AlexNet", "Linear")],
        place="slides 53 and 56",
        chapter=11,
        cell="alexnet-twice",
    ),
    Claim(
        "K54-linear",
        "made into one row, 2×2×256 are this many numbers",
        "count",
        printed="1024",
        compute=lambda: size(shape(DRAWN, "features.12")),
        chapter=11,
        cell="alexnet-twice",
    ),
    Claim(
        "K56-seven",
        "ZFNet: a kernel of 7×7 makes 55×55 of 227×227",
        "comparison",
        compute=_no_stride_gives_55,
        right=("11×11 with stride 4 does, the kernel of AlexNet beside it", _alexnet_gives_55),
        chapter=11,
        cell="zfnet-audit",
        remark="In the paper 7×7 with stride 2 makes 110×110, and a pooling makes 55×55 of that",
    ),
    _zf(
        "kernels",
        "maps behind the third, fourth and fifth convolution",
        "512 1024 512",
        _published_kernels,
        {
            "a larger variant that the paper tries in its table of errors": lambda: Published(
                "ZFNet larger variant"
            )
        },
    ),
    Claim(
        "K56-last-pooling",
        "ZFNet: the last pooling makes 256 maps out of 512",
        "count",
        printed="256",
        compute=lambda: pool2d_cost((ZF_DRAWN[-1][1], 5, 5), 3, stride=2).shape[0],
        chapter=11,
        cell="zfnet-audit",
        remark="A pooling works on each map by itself, so as many maps leave as enter",
    ),
    Claim(
        "K56-difference",
        "ZFNet as drawn has this many parameters more than AlexNet",
        "count",
        printed="1.45M",
        compute=lambda: sum(_convolutions(ZF_DRAWN)) - sum(_convolutions(ALEX)),
        slips={
            "only the first layer and the fifth are counted, the fifth with 256 kernels on 1,024 maps": (
                lambda: (
                    sum(_convolutions([ZF_DRAWN[0], (1024, 256, 3)]))
                    - sum(_convolutions([ALEX[0], ALEX[4]]))
                )
            )
        },
        chapter=11,
        cell="zfnet-audit",
        remark="Counted are the convolutions, since both nets are drawn with the same dense layers",
    ),
)
