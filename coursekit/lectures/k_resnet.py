"""Khapra, slides 71 and 72: what ResNet-152 won, and how it was trained."""

from itertools import pairwise

import numpy as np

from coursekit.lectures.claim import Claim, Compute, Finding, Published
from coursekit.lectures.nets import layers, net
from coursekit.reference.initialization import he_normal, xavier_normal


def _normalized() -> Finding:
    from torch import nn

    modules = list(net("ResNet-152").modules())
    convs = [m for m in modules if isinstance(m, nn.Conv2d)]
    follows = sum(
        isinstance(b, nn.BatchNorm2d) for a, b in pairwise(modules) if isinstance(a, nn.Conv2d)
    )
    return Finding(follows == len(convs), f"{follows} of {len(convs)} convolutions")


def _no_dropout() -> Finding:
    from torch import nn

    found = sum(isinstance(m, nn.Dropout) for m in net("ResNet-152").modules())
    return Finding(found == 0, f"{found} dropout layers")


def _variance(rule: str) -> float:
    """Return n times the variance of the weights that a rule draws for n = 500."""
    draw = {"He": he_normal, "Xavier": xavier_normal}[rule]
    return 500 * float(np.var(draw((500, 500), np.random.default_rng(72))))


def halved() -> Finding:
    """See whether He's variance is half of Xavier's."""
    he, xavier = _variance("He"), _variance("Xavier")
    return Finding(
        bool(np.isclose(he, xavier / 2, rtol=0.05)),
        f"n Var(w) is {he:.1f} for He, {xavier:.1f} for Xavier",
    )


def inputs_halved() -> Finding:
    """See whether He's variance is Xavier's with half as many inputs."""
    he, xavier = _variance("He"), _variance("Xavier")
    return Finding(
        bool(np.isclose(he, 2 * xavier, rtol=0.05)),
        f"He's variance, {he:.1f}/n, is Xavier's 1/n with n/2 for n",
    )


def _recipe(id_: str, what: str, printed: str, entry: str, remark: str = "") -> Claim:
    return Claim(
        f"K72-{id_}",
        f"ResNet's training: {what}",
        "number",
        printed=printed,
        compute=lambda: Published(f"ResNet {entry}"),
        chapter=12,
        cell="the-recipe",
        remark=remark,
    )


def _better(id_: str, task: str, printed: str, compute: Compute | None = None) -> Claim:
    return Claim(
        f"K71-{id_}",
        f"ResNet was better than the second entry in {task}, by this many percent",
        "number",
        printed=printed,
        compute=compute,
        unchecked="" if compute else "the paper does not state the score of the second entry",
    )


CLAIMS = (
    Claim(
        "K71-depth",
        "layers of the deepest ResNet",
        "count",
        printed="152",
        compute=lambda: layers("ResNet-152"),
        place="slides 71 and 72",
        chapter=12,
        cell="the-family",
    ),
    Claim(
        "K71-first",
        "first place in all five main tracks of ILSVRC and COCO 2015",
        "comparison",
        unchecked="a ranking of 2015: the paper says the same, and nothing here could compute it",
    ),
    _better(
        "detection",
        "ImageNet detection",
        "16%",
        # its mean average precision, and by how many points the second was behind
        lambda: Published(
            ("ResNet detection", "ResNet detection ahead"),
            lambda score, ahead: 100 * ahead / (score - ahead),
        ),
    ),
    _better("localization", "ImageNet localization", "27%"),
    _better("coco-detection", "COCO detection", "11%"),
    _better("coco-segmentation", "COCO segmentation", "12%"),
    Claim(
        "K72-batchnorm",
        "ResNet: batch normalization after every convolution",
        "comparison",
        compute=_normalized,
        chapter=12,
        cell="the-recipe",
    ),
    Claim(
        "K72-initialization",
        "ResNet is initialized by He's rule, called Xavier/2",
        "comparison",
        compute=halved,
        conventions={
            "the 2 divides the number of inputs, not the variance: 1/(n/2)": inputs_halved,
        },
        chapter=7,
        cell="predict-ten-relu-layers",
    ),
    _recipe("momentum", "momentum", "0.9", "momentum"),
    _recipe("rate", "learning rate at the start", "0.1", "learning rate"),
    _recipe(
        "divided", "the rate is divided by this at a plateau of the error", "10", "rate divided by"
    ),
    _recipe("batch", "images in a batch", "256", "batch"),
    _recipe(
        "decay",
        "weight decay",
        "1e-5",
        "weight decay",
        "Over a training the two are not the same: see what is left of a weight",
    ),
    Claim(
        "K72-dropout",
        "ResNet: no dropout",
        "comparison",
        compute=_no_dropout,
        chapter=12,
        cell="the-recipe",
    ),
)
