"""Verbeek, slides 43 to 45: pooling."""

from functools import cache

import numpy as np

from coursekit.data import photograph
from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.lectures.nets import net
from coursekit.reference import conv2d, conv2d_cost, max_pool2d, pool2d_cost, relu
from coursekit.reference.kernels import sobel


@cache
def change(window: int) -> float:
    """Return by how much the edges of a photograph change, relative to their size, if it moves by a pixel."""
    photo, w = photograph("china")[100:260], sobel("x")[None, None]
    old, new = (relu(conv2d(photo[None, None, :, a : a + 320], w)) for a in (16, 15))
    old, new = (max_pool2d(one[..., :152, :312], window) for one in (old, new))
    return float(np.linalg.norm(new - old) / np.linalg.norm(old))


def _pooled(hold: str) -> Finding:
    changes = {F: change(F) for F in (1, 2, 8)}
    less = changes[1] > changes[2] > changes[8]
    return Finding(
        max(changes[2], changes[8]) < 0.01 if hold == "invariant" else less,
        f"edges of a photograph moved by one pixel change by {changes[1]:.0%}, "
        f"pooled over 2×2 by {changes[2]:.0%}, over 8×8 by {changes[8]:.0%}",
    )


def _cheaper() -> Finding:
    first = conv2d_cost((3, 32, 32), 16, 3, padding=1).shape
    pooled = pool2d_cost(first, 2).shape
    whole, small = (conv2d_cost(s, 32, 3, padding=1).multiply_adds for s in (first, pooled))
    return Finding(
        bool(small < whole and np.prod(pooled) < np.prod(first)),
        f"{np.prod(first):,} numbers become {np.prod(pooled):,}; the next layer takes {small:,} "
        f"multiply-adds instead of {whole:,}",
    )


def _each_map() -> Sides:
    x = np.random.default_rng(44).normal(size=(1, 4, 6, 6))
    alone = np.concatenate([max_pool2d(x[:, c : c + 1], 2) for c in range(4)], axis=1)
    return Sides(max_pool2d(x, 2), alone, "four random maps, together and one by one")


def _poolings(name: str) -> set[tuple[int, int]]:
    from torch import nn

    found = [m for m in net(name).modules() if isinstance(m, nn.MaxPool2d)]
    return {(int(m.kernel_size), int(m.stride)) for m in found}  # type: ignore[arg-type]


def _common_pooling() -> Finding:
    found = {name: _poolings(name) for name in ("AlexNet", "VGG-16", "ResNet-152")}
    return Finding(
        set().union(*found.values()) == {(2, 2), (3, 2)},
        ", ".join(f"{name}: F = {F}, S = {S}" for name, one in found.items() for F, S in one),
    )


CLAIMS = (
    Claim(
        "V43-invariance",
        "the effect of pooling is invariance to small translations",
        "comparison",
        compute=lambda: _pooled("invariant"),
        conventions={
            "in the usual loose sense: less sensitive, and the less the larger the window": (
                lambda: _pooled("less")
            )
        },
        chapter=4,
        cell="photograph-moves",
    ),
    Claim(
        "V44-smaller",
        "pooling makes the representation smaller and computing cheaper",
        "comparison",
        compute=_cheaper,
        chapter=4,
        cell="stride-one-and-mean",
    ),
    Claim(
        "V44-maps",
        "pooling operates over each map independently",
        "formula",
        compute=_each_map,
        chapter=4,
        cell="pooling",
    ),
    Claim(
        "V45-common",
        "common settings are F = 2, S = 2 and F = 3, S = 2",
        "comparison",
        compute=_common_pooling,
        chapter=4,
        cell="explain-slides",
    ),
)
