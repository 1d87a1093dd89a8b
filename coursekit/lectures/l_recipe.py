"""Louppe, "Convolutional networks": the pattern INPUT → [[CONV → ReLU]*N → POOL?]*M → [FC → ReLU]*K → FC."""

from functools import cache
from itertools import product

import numpy as np

from coursekit.lectures.claim import Claim, Compute, Finding, Kind, Sides
from coursekit.lectures.nets import net
from coursekit.reference import conv2d, max_pool2d, relu

PLACE = "Convolutional networks"
GENERAL = "INPUT -> [[CONV -> RELU]*N -> POOL?]*M -> [FC -> RELU]*K -> FC"
MLP = "INPUT -> [FC -> RELU]*K -> FC"
IMAGE = (3, 32, 32)


@cache
def _kinds(pattern: str, *, pooled: bool = True, **times: int) -> tuple[str, ...]:
    """Return the kinds of layer of a pattern, from the image on."""
    from coursekit.models import read_pattern

    return tuple(layer.kind for layer in read_pattern(pattern).layers(times, optional=pooled))


@cache
def settings(pattern: str) -> tuple[int, int, int] | None:
    """Return the smallest N, M and K with which the general pattern has the layers of this one; None if none has."""
    wanted = _kinds(pattern)
    for pooled in (True, False):
        for N, M, K in product(range(4), repeat=3):
            if _kinds(GENERAL, pooled=pooled, N=N, M=M, K=K) == wanted:
                return N, M, K
    return None


def _follows(pattern: str) -> Finding:
    found = settings(pattern)
    letters = (
        "" if found is None else ", ".join(f"{a} = {b}" for a, b in zip("NMK", found, strict=True))
    )
    return Finding(found is not None, f"the same {len(_kinds(pattern))} layers with {letters}")


def _any_numbers() -> Finding:
    """Build a network in which N, M and K are 0 or 2, with pooling and without."""
    import torch

    from coursekit.models import parse

    built = 0
    with torch.device("meta"):
        for pooled, (N, M, K) in product((True, False), product((0, 2), repeat=3)):
            model = parse(
                GENERAL, input_shape=IMAGE, times={"N": N, "M": M, "K": K}, optional=pooled
            )
            built += tuple(model(torch.empty(1, *IMAGE)).shape) == (1, 10)
    return Finding(
        built == 2 * 2**3, f"{built} of {2 * 2**3} settings give ten scores for an image"
    )


def _in_use() -> dict[str, tuple[int, int]]:
    """Return N, at its largest, and K of networks in use."""
    from torch import nn

    found = {}
    for name in ("LeNet-5", "AlexNet", "VGG-16", "VGG-19"):
        run, longest, linear = 0, 0, 0
        for layer in net(name).modules():
            if isinstance(layer, nn.Conv2d):
                run += 1
                longest = max(longest, run)
            elif isinstance(layer, nn.MaxPool2d):
                run = 0
            linear += isinstance(layer, nn.Linear)
        found[name] = (longest, linear - 1)
    return found


def _usual(letter: str) -> Finding:
    numbers = {name: (N if letter == "N" else K) for name, (N, K) in _in_use().items()}
    within = [n <= 3 if letter == "N" else n < 3 for n in numbers.values()]
    shown = ", ".join(f"{name} {n}" for name, n in numbers.items())
    return Finding(sum(within) > len(within) / 2, f"{letter} of {shown}")


def _linear_classifier() -> Sides:
    """See whether the scores of INPUT → FC are a linear function and a constant."""
    import torch

    from coursekit.models import parse

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = parse("INPUT -> FC", input_shape=IMAGE).double()
        a, b = (torch.randn(1, *IMAGE, dtype=torch.float64) for _ in range(2))
    with torch.no_grad():
        start = model(torch.zeros_like(a))
        return Sides(
            (model(2 * a - 3 * b) - start).numpy(),
            (2 * (model(a) - start) - 3 * (model(b) - start)).numpy(),
            "two random images",
        )


def _layers_of_an_mlp(counted: str) -> Sides:
    """Compare K with how many layers the net has: with weights, or hidden ones."""
    depths = range(1, 5)
    kinds = [_kinds(MLP, K=K) for K in depths]
    count = [one.count("FC" if counted == "weights" else "ReLU") for one in kinds]
    return Sides(list(depths), count, "K from 1 to 4")


def _pieces(layers: int) -> int:
    """Count the straight pieces of what a unit answers along a line, on top of convolutions with ReLU."""
    rng = np.random.default_rng(15)
    t = np.linspace(-3, 3, 4001)
    a, b = rng.normal(size=(2, 1, 2 * layers + 1, 2 * layers + 1))
    x = a + t[:, None, None, None] * b
    for layer in range(layers):
        kernels = 1 if layer == layers - 1 else 4
        x = relu(conv2d(x, rng.normal(size=(kernels, x.shape[1], 3, 3))))
    bends = np.abs(np.diff(x[:, 0, 0, 0], 2)) > 1e-9
    return 1 + int((bends[1:] & ~bends[:-1]).sum())  # a bend between two points shows at both


def _more_complex() -> Finding:
    one, two = _pieces(1), _pieces(2)
    return Finding(two > one, f"straight pieces along a line: one layer {one}, two layers {two}")


def _destroys() -> Finding:
    """Find two images that differ and pool to the same."""
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    other = x.copy()
    other[0, 0, ::2] -= 1
    same = np.array_equal(max_pool2d(x, 2), max_pool2d(other, 2))
    return Finding(
        bool(same and not np.array_equal(x, other)),
        f"two images that differ in {int((x != other).sum())} pixels have the same maxima: {same}",
    )


def _claim(
    id_: str, says: str, compute: Compute, cell: str, kind: Kind = "comparison", chapter: int = 11
) -> Claim:
    return Claim(
        f"L-{id_}",
        says,
        kind,
        compute=compute,
        place=PLACE,
        chapter=chapter,
        cell=cell,
    )


def _example(id_: str, pattern: str) -> Claim:
    return _claim(
        f"pattern-{id_}",
        f"{pattern.replace('->', '→').replace('RELU', 'ReLU')} follows the pattern",
        lambda: _follows(pattern),
        "five-patterns",
    )


CLAIMS = (
    Claim(
        "L-pattern-common",
        "the most common architecture of convolutional networks follows the pattern [[CONV → ReLU]*N → POOL?]*M → "
        "[FC → ReLU]*K → FC",
        "comparison",
        unchecked="nobody has counted the networks in use; those of chapter 12 do not follow it",
        place=PLACE,
        chapter=11,
        cell="five-patterns",
    ),
    _claim("pattern-numbers", "N, M and K may be 0 or more", _any_numbers, "parameters-by-pooling"),
    _claim("pattern-n", "usually N is 3 at most", lambda: _usual("N"), "five-networks"),
    _claim("pattern-k", "usually K is below 3", lambda: _usual("K"), "five-networks"),
    Claim(
        "L-pattern-linear-numbers",
        "INPUT → FC is the pattern with these N, M and K",
        "number",
        printed="0 0 0",
        compute=lambda: settings("INPUT -> FC") or (),
        place=PLACE,
        chapter=11,
        cell="five-patterns",
    ),
    _claim(
        "pattern-linear",
        "INPUT → FC is a linear classifier",
        _linear_classifier,
        "five-patterns",
        "formula",
    ),
    Claim(
        "L-pattern-mlp",
        "INPUT → [FC → ReLU]*K → FC is a K-layer perceptron",
        "count",
        compute=lambda: _layers_of_an_mlp("weights"),
        conventions={
            "hidden layers are counted; with weights there are K + 1": (
                lambda: _layers_of_an_mlp("hidden")
            )
        },
        place=PLACE,
        chapter=11,
        cell="five-patterns",
        remark="Further on the lecture counts the other way: AlexNet's 3-layer perceptron has two hidden layers",
    ),
    _example("one-convolution", "INPUT -> CONV -> RELU -> FC"),
    _example("two-poolings", "INPUT -> [CONV -> RELU -> POOL]*2 -> FC -> RELU -> FC"),
    _example("stacked", "INPUT -> [[CONV -> RELU]*2 -> POOL]*3 -> [FC -> RELU]*2 -> FC"),
    _claim(
        "stacked-complex",
        "several convolutions before a pooling can compute more complex features than one",
        _more_complex,
        "side-by-side-or-folded",
        chapter=5,
    ),
    _claim(
        "pooling-destroys",
        "pooling destroys information",
        _destroys,
        "shuffle-inside",
        chapter=4,
    ),
)
