"""Hierarchical compositionality, slides 53 to 69: filters, and a layer of them on a color image."""

import numpy as np
from scipy import signal

from coursekit.lectures.claim import Claim, Compute, Finding, Sides
from coursekit.reference import conv2d, conv2d_cost, kernels, relu

CROSS_CORRELATION = (
    "cross-correlation, which deep learning calls convolution: the filter is not flipped"
)


def _random(*shape: int) -> np.ndarray:
    return np.random.default_rng(59).normal(size=shape)


def _flat(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    return conv2d(image[None, None], kernel[None, None])[0, 0]


def _stripes(degrees: float) -> np.ndarray:
    i, j = np.mgrid[:25, :25] - 12
    angle = np.deg2rad(degrees)
    return np.cos(2 * np.pi * (j * np.cos(angle) + i * np.sin(angle)) / 6)


def _gabor_prefers() -> Finding:
    angles = (0, 45, 90, 135)
    found = {}
    for turned in angles:
        kernel = kernels.gabor(13, sigma=2.5, wavelength=6, angle=np.deg2rad(turned))
        answers = [np.abs(_flat(_stripes(a), kernel - kernel.mean())).max() for a in angles]
        found[turned] = angles[int(np.argmax(answers))]
    return Finding(
        all(turned == best for turned, best in found.items()),
        "turned by an angle, it answers most to stripes of "
        + ", ".join(f"{turned}°: {best}°" for turned, best in found.items()),
    )


def _gaussian_blurs() -> Finding:
    bell = kernels.gaussian(9, sigma=1.5)
    noise, flat = _random(60, 60), np.full((12, 12), 0.5)
    before, after, level = noise.std(), _flat(noise, bell).std(), _flat(flat, bell)
    return Finding(
        bool(after < before and np.allclose(level, 0.5)),
        f"noise of {before:.2f} comes out with {after:.2f}, a flat 0.5 as {level[0, 0]:g}",
    )


def _taken(order: str) -> Finding:
    """See whether a layer of the course takes an image in some order of its axes."""
    image = {"H×W×C": _random(1, 32, 32, 3), "C×H×W": _random(1, 3, 32, 32)}[order]
    try:
        y = conv2d(image, _random(6, 3, 5, 5))
    except ValueError:
        return Finding(False, "conv2d refuses an image with its 3 in the last place")
    return Finding(True, f"conv2d makes {y.shape[1:]}")


def made(*depths: int, image: int = 3) -> tuple[int, ...]:
    """Run layers of 5×5 filters over a random 32×32 image; return height, width and depth."""
    x = _random(1, image, 32, 32)
    for K in depths:
        x = relu(conv2d(x, _random(K, x.shape[1], 5, 5)))
    return x.shape[2], x.shape[3], x.shape[1]


def _windows(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    seen = np.lib.stride_tricks.sliding_window_view(x, w.shape)[0]
    return np.tensordot(seen, w, axes=3)


def _dot_products() -> Sides:
    x, w = _random(3, 9, 8), _random(3, 5, 5)
    return Sides(conv2d(x[None], w[None])[0, 0], _windows(x, w), "a random 9×8×3 image")


def _accepted(groups: int) -> list[int]:
    """Return the depths of filter, of 1 to 6, that a layer takes on 3 channels."""
    taken = []
    for depth in range(1, 7):
        try:
            conv2d(_random(1, 3, 6, 6), _random(3, depth, 5, 5), groups=groups)
        except ValueError:
            continue
        taken.append(depth)
    return taken


def _always_full_depth(groups: tuple[int, ...]) -> Finding:
    found = {G: _accepted(G) for G in groups}
    return Finding(
        all(depths == [3] for depths in found.values()),
        "on 3 channels in "
        + ", ".join(f"{G} group{'s' * (G > 1)}: depth {d[0]}" for G, d in found.items()),
    )


def _products_of_one_number() -> float:
    cost = conv2d_cost((3, 32, 32), 1, 5)
    return cost.multiply_adds / cost.activations


def _with_bias() -> Sides:
    x, w, b = _random(3, 5, 5), _random(1, 3, 5, 5), np.array([0.7])
    return Sides(conv2d(x[None], w, b).item(), x.ravel() @ w.ravel() + b[0], "one chunk of 5×5×3")


def _own_map() -> Finding:
    x, w = _random(1, 3, 9, 9), _random(2, 3, 5, 5)
    both = conv2d(x, w)
    alone = [conv2d(x, w[k : k + 1])[:, 0] for k in range(2)]
    same = all(np.allclose(both[:, k], alone[k]) for k in range(2))
    return Finding(
        same and both.shape[1] == 2, f"{both.shape[1]} maps, each as its filter alone makes it"
    )


def _without_activation() -> Finding:
    x, first, second = _random(1, 1, 12, 12), _random(1, 1, 5, 5), _random(1, 1, 5, 5)
    one = signal.convolve2d(first[0, 0], second[0, 0])[None, None]  # both in a single filter
    plain = np.allclose(conv2d(conv2d(x, first), second), conv2d(x, one))
    bent = np.allclose(conv2d(relu(conv2d(x, first)), second), conv2d(x, one))
    rows, columns = one.shape[2:]
    return Finding(
        plain and not bent,
        f"two filters of 5×5 in a row are one of {rows}×{columns}; with ReLU between them, they are not",
    )


def _related() -> Sides:
    x, w = _random(9, 8), _random(5, 5)
    right = signal.convolve2d(x, w[::-1, ::-1], "valid")
    return Sides(_flat(x, w), right, "a random 9×8 image and a 5×5 filter")


def _multiply_and_add(right: str) -> Sides:
    x, w = _random(9, 8), _random(5, 5)
    how = {"convolution": signal.convolve2d, "correlation": signal.correlate2d}[right]
    multiplied = [[np.sum(x[i : i + 5, j : j + 5] * w) for j in range(4)] for i in range(5)]
    return Sides(multiplied, how(x, w, "valid"), "a random 9×8 image and a 5×5 filter")


def _one_map_each() -> Sides:
    filters = (1, 2, 6, 32)
    return Sides(filters, [made(K)[2] for K in filters], "1, 2, 6 and 32 filters")


def _claim(id_: str, says: str, printed: str, compute: Compute, place: str = "") -> Claim:
    return Claim(
        f"H{id_}",
        says,
        "shape" if "×" in printed else "count",
        printed=printed,
        compute=compute,
        chapter=2,
        cell="a-layer-in-loops",
        place=place,
    )


CLAIMS = (
    Claim(
        "H55-gabor",
        "Gabor filters, one for each direction of stripes",
        "comparison",
        compute=_gabor_prefers,
        chapter=2,
        cell="which-stripes-where",
    ),
    Claim(
        "H56-gaussian",
        "a Gaussian filter blurs",
        "comparison",
        compute=_gaussian_blurs,
        chapter=2,
        cell="noise-through-kernels",
    ),
    Claim(
        "H58-order",
        "the axes of a 32×32×3 image are height, width and depth, in this order",
        "shape",
        compute=lambda: _taken("H×W×C"),
        conventions={
            "channels last; this course and torch put them first, C×H×W": lambda: _taken("C×H×W")
        },
        chapter=2,
        cell="color",
    ),
    Claim(
        "H59-dot-products",
        "the filter slides over the image, and each place gives a dot product",
        "formula",
        compute=_dot_products,
        chapter=2,
        cell="slide-in-two-loops",
    ),
    Claim(
        "H60-always",
        "filters always extend through the full depth of the input",
        "shape",
        compute=lambda: _always_full_depth((1, 3)),
        conventions={"layers of one group, as all here are": lambda: _always_full_depth((1,))},
        chapter=2,
        cell="a-layer-in-loops",
    ),
    _claim(
        "61-products",
        "a 5×5×3 filter on a chunk of the image: a dot product of 5·5·3 numbers",
        "75",
        _products_of_one_number,
    ),
    Claim(
        "H61-bias",
        "and with a bias added it is one number",
        "formula",
        compute=_with_bias,
        chapter=2,
        cell="color",
    ),
    _claim("62-map", "32×32×3 under one 5×5×3 filter", "28×28×1", lambda: made(1)),
    Claim(
        "H63-second",
        "a second filter makes a second map",
        "comparison",
        compute=_own_map,
        chapter=2,
        cell="a-layer-in-loops",
    ),
    _claim("64-maps", "6 filters of 5×5 make 6 maps", "6", lambda: made(6)[2]),
    _claim(
        "64-shape", "stacked, they are a new image", "28×28×6", lambda: made(6), "slides 64 and 65"
    ),
    _claim(
        "65-depth",
        "the 6 filters of the first layer are as deep as the image",
        "5×5×3",
        lambda: (5, 5, *_accepted(groups=1)),
    ),
    Claim(
        "H65-activations",
        "between the convolutions of a ConvNet there are activation functions",
        "comparison",
        compute=_without_activation,
        remark="Without them two layers would be one",
        place="slides 65 and 66",
        chapter=5,
        cell="collapse",
    ),
    _claim(
        "66-depth",
        "the 10 filters of the second layer are as deep as the first layer has maps",
        "5×5×6",
        lambda: _random(10, made(6)[2], 5, 5)[0].transpose(1, 2, 0).shape,
        "slides 66 and 86",
    ),
    _claim(
        "66-shape",
        "6 filters of 5×5×3, ReLU, 10 filters of 5×5×6, ReLU",
        "24×24×10",
        lambda: made(6, 10),
        "slides 66 and 86",
    ),
    Claim(
        "H69-one-map",
        "one filter, one activation map; the example has 32",
        "count",
        compute=_one_map_each,
        chapter=2,
        cell="a-layer-in-loops",
    ),
    Claim(
        "H69-related",
        "the layer is called convolutional because it is related to the convolution of two signals",
        "formula",
        compute=_related,
        chapter=2,
        cell="which-way-round",
        remark="It is the convolution with the filter turned by 180°",
    ),
    Claim(
        "H69-multiply-and-add",
        "convolution: multiply filter and image elementwise, and add",
        "formula",
        compute=lambda: _multiply_and_add("convolution"),
        conventions={CROSS_CORRELATION: lambda: _multiply_and_add("correlation")},
        chapter=2,
        cell="three-formulas-one-pixel",
    ),
)
