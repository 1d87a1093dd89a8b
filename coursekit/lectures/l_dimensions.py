"""Louppe, "Convolutions": padding, strides, dilation."""

from inspect import signature
from math import ceil

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.reference import conv2d, conv2d_cost, output_size, receptive_field

FACTORS = (1, 2, 3)


def _random(*shape: int) -> np.ndarray:
    return np.random.default_rng(7).normal(size=shape)


def _frame() -> Sides:
    x, u = _random(1, 2, 5, 6), _random(3, 2, 3, 3)
    framed = np.pad(x, ((0, 0), (0, 0), (2, 2), (2, 2)))
    return Sides(conv2d(x, u, padding=2), conv2d(framed, u), "a random image, padding 2")


def _keeps_the_size() -> Finding:
    keeping = {F: P for F in range(1, 8) for P in range(F) if output_size(32, F, padding=P) == 32}
    return Finding(
        sorted(keeping) == [1, 3, 5, 7],
        "of 32 pixels stay 32 with "
        + ", ".join(f"kernel {F} padding {P}" for F, P in keeping.items()),
    )


def _steps() -> Sides:
    x, u = _random(1, 1, 9, 11), _random(1, 1, 3, 3)
    return Sides(
        conv2d(x, u, stride=3), conv2d(x, u)[..., ::3, ::3], "a random 9×11 image, stride 3"
    )


def _divided(*, rounded: bool) -> Sides:
    """Compare the size with a stride with the size without, divided by the stride."""
    cases = [(W, F, S) for W in range(6, 13) for F in (1, 2, 3) for S in FACTORS]
    divided = [output_size(W, F) / S for W, F, S in cases]
    return Sides(
        [ceil(one) for one in divided] if rounded else divided,
        [output_size(W, F, stride=S) for W, F, S in cases],
        "6 to 12 entries, kernels of 1 to 3, strides of 1 to 3",
    )


def _zeros_between() -> Sides:
    x, u = _random(1, 1, 9, 9), _random(1, 1, 3, 3)
    spread = np.zeros((1, 1, 5, 5))
    spread[..., ::2, ::2] = u
    return Sides(conv2d(x, spread), conv2d(x, u, dilation=2), "a random image, dilation 2")


def _sees_more() -> Finding:
    sizes = [receptive_field([(3, 1, D)]).size for D in FACTORS]
    counts = {conv2d_cost((1, 16, 16), 1, 3, dilation=D, bias=False).parameters for D in FACTORS}
    return Finding(
        sizes == sorted(set(sizes)) and len(counts) == 1,
        f"dilation 1, 2, 3: {', '.join(map(str, sizes))} pixels across, always {counts.pop()} weights",
    )


def _parameters(*, groups: bool) -> int:
    """Count what a convolution takes besides images, kernels and biases."""
    names = [p.name for p in signature(conv2d).parameters.values() if p.kind is p.KEYWORD_ONLY]
    return len([name for name in names if groups or name != "groups"])


CLAIMS = (
    Claim(
        "L-three-parameters",
        "further parameters of a convolution",
        "count",
        printed="3",
        compute=lambda: _parameters(groups=True),
        conventions={
            "without groups, which split a layer into several, as AlexNet's are": (
                lambda: _parameters(groups=False)
            )
        },
        place="Convolutions: Convolutional layers",
        chapter=3,
        cell="widget-layer",
    ),
    Claim(
        "L-padding",
        "padding is the size of a frame of zeros around the input",
        "formula",
        compute=_frame,
        place="Convolutions: Convolutional layers",
        chapter=3,
        cell="padding-that-keeps-the-size",
    ),
    Claim(
        "L-padding-keeps",
        "padding can keep the spatial dimension constant from layer to layer",
        "comparison",
        compute=_keeps_the_size,
        place="Convolutions: Padding",
        chapter=3,
        cell="padding-that-keeps-the-size",
        remark="With odd kernels; the same padding on both sides cannot do it for even ones",
    ),
    Claim(
        "L-stride",
        "the stride is the step by which the kernel moves",
        "formula",
        compute=_steps,
        place="Convolutions: Convolutional layers",
        chapter=3,
        cell="stride-three",
    ),
    Claim(
        "L-stride-factor",
        "a stride reduces the dimension of the map by a constant factor",
        "formula",
        compute=lambda: _divided(rounded=False),
        conventions={
            "but for rounding: where it does not divide, it is rounded up": (
                lambda: _divided(rounded=True)
            )
        },
        place="Convolutions: Strides",
        chapter=3,
        cell="stride-three",
    ),
    Claim(
        "L-dilation",
        "dilation puts rows and columns of zeros between the weights",
        "formula",
        compute=_zeros_between,
        place="Convolutions: Dilation",
        chapter=3,
        cell="dilation-spreads-the-kernel",
    ),
    Claim(
        "L-dilation-sees",
        "dilation above 1 enlarges the receptive field and adds no parameter",
        "comparison",
        compute=_sees_more,
        place="Convolutions: Dilation",
        chapter=3,
        cell="dilation-spreads-the-kernel",
    ),
)
