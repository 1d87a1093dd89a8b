"""Hierarchical compositionality, slides 42 to 48: features made by hand, found without labels, or learned."""

from functools import cache
from itertools import pairwise

import numpy as np

from coursekit.lectures.claim import Claim, Finding
from coursekit.lectures.nets import net
from coursekit.reference import (
    conv2d,
    conv2d_backward,
    conv2d_forward,
    kernels,
    linear_backward,
    linear_forward,
    max_pool2d,
    receptive_field,
    relu,
    relu_backward,
    relu_forward,
    softmax_cross_entropy_backward,
    softmax_cross_entropy_forward,
)
from coursekit.reference.arguments import as_pair

IMAGES = 20


def gradients(labels: np.ndarray) -> dict[str, np.ndarray]:
    """Return the gradients of a kernel layer and a classifier on top, for eight random images."""
    rng = np.random.default_rng(42)
    x, w1, w2 = (
        rng.normal(size=(8, 1, 6, 6)),
        rng.normal(size=(3, 1, 3, 3)),
        rng.normal(size=(3, 48)),
    )
    s, of_conv = conv2d_forward(x, w1)
    h, of_relu = relu_forward(s)
    scores, of_linear = linear_forward(h.reshape(8, -1), w2)
    _, of_loss = softmax_cross_entropy_forward(scores, labels)
    dh, dw2, _ = linear_backward(softmax_cross_entropy_backward(1.0, of_loss), of_linear)
    dw1 = conv2d_backward(relu_backward(dh.reshape(h.shape), of_relu), of_conv)[1]
    return {"features": dw1, "classifier": dw2}


def _end_to_end() -> Finding:
    lengths = {part: float(np.linalg.norm(dw)) for part, dw in gradients(np.arange(8) % 3).items()}
    return Finding(
        min(lengths.values()) > 1e-3,
        "lengths of the gradients: " + ", ".join(f"{part} {n:.2f}" for part, n in lengths.items()),
    )


def _driven_by_the_goal() -> Finding:
    one, other = (gradients(labels)["features"] for labels in (np.arange(8) % 3, np.arange(8) % 2))
    cosine = float(np.sum(one * other) / np.linalg.norm(one) / np.linalg.norm(other))
    return Finding(
        cosine < 0.99,
        f"the same images with other labels: cosine {cosine:.2f} of the kernels' gradients",
    )


def _without_labels() -> Finding:
    """Cluster three heaps by k-means, which sees no label, and count afterwards what fell together."""
    rng = np.random.default_rng(44)
    labels = np.arange(150) % 3
    x = np.array([[0, 0], [6, 0], [0, 6]])[labels] + rng.normal(size=(150, 2))
    centers = x[[0]]
    for _ in range(2):  # start far apart
        far = np.min(np.sum((x[:, None] - centers) ** 2, axis=2), axis=1).argmax()
        centers = np.vstack([centers, x[far]])
    for _ in range(10):
        nearest = np.sum((x[:, None] - centers) ** 2, axis=2).argmin(axis=1)
        centers = np.array([x[nearest == k].mean(axis=0) for k in range(3)])
    right = sum(np.bincount(labels[nearest == k]).max() for k in range(3)) / len(x)
    return Finding(right > 0.95, f"three heaps: {right:.0%} lie in the cluster of their own kind")


def _global() -> Finding:
    from torch import nn

    layers = list[tuple[int, ...]]()
    sizes = []
    for layer in net("VGG-16").modules():
        if isinstance(layer, nn.Conv2d):
            layers.append((layer.kernel_size[0], layer.stride[0]))
            sizes.append(receptive_field(layers).size)
        elif isinstance(layer, nn.MaxPool2d):
            layers.append(
                (as_pair("kernel", layer.kernel_size, 1)[0], as_pair("stride", layer.stride, 1)[0])
            )
    grows = all(b > a for a, b in pairwise(sizes))
    return Finding(
        grows, f"the convolutions of VGG-16 see {', '.join(map(str, sizes))} pixels a side"
    )


@cache
def _changes(pooled: bool) -> np.ndarray:
    """Move images by one pixel; return by how much they and the answers of random layers change, in the mean."""
    changes = np.zeros(4)
    for seed in range(IMAGES):
        rng = np.random.default_rng(seed)
        wide = conv2d(rng.normal(size=(1, 1, 62, 63)), kernels.gaussian(9, sigma=1.5)[None, None])
        old, new = wide[..., :-1], wide[..., 1:]
        for layer in range(4):
            changes[layer] += np.linalg.norm(new - old) / np.linalg.norm(old) / IMAGES
            w = rng.normal(size=(8, old.shape[1], 3, 3)) * np.sqrt(2 / (9 * old.shape[1]))
            old, new = relu(conv2d(old, w)), relu(conv2d(new, w))
            if pooled:
                old, new = max_pool2d(old, 2), max_pool2d(new, 2)
    return changes


def _invariant(pooled: bool) -> Finding:
    """See whether the last layer changes by less than two thirds of what the image does."""
    changes = _changes(pooled)
    layers = {
        how: _changes(with_pooling)[1:]
        for how, with_pooling in (("", False), (" and pooling", True))
    }
    return Finding(
        bool(changes[-1] < 2 / 3 * changes[0]),
        f"moved by a pixel, the image changes by {changes[0]:.0%}; three layers of convolution"
        + ", of convolution".join(
            f"{how} by {', '.join(f'{change:.0%}' for change in found)}"
            for how, found in layers.items()
        ),
    )


def _shared() -> Finding:
    """See which weights each of three scores depends on."""
    rng = np.random.default_rng(46)
    x, w1, w2 = (
        rng.normal(size=(1, 1, 6, 6)),
        rng.normal(size=(3, 1, 3, 3)),
        rng.normal(size=(3, 48)),
    )
    s, of_conv = conv2d_forward(x, w1)
    h, of_relu = relu_forward(s)
    _, of_linear = linear_forward(h.reshape(1, -1), w2)
    own, low = 0, 0
    for category in range(3):
        dh, dw2, _ = linear_backward(np.eye(3)[[category]], of_linear)
        dw1 = conv2d_backward(relu_backward(dh.reshape(h.shape), of_relu), of_conv)[1]
        own += int(np.flatnonzero(np.abs(dw2).sum(axis=1)).tolist() == [category])
        low += int((np.abs(dw1).sum(axis=(1, 2, 3)) > 0).all())
    return Finding(
        own == low == 3,
        f"{low} of 3 scores depend on every kernel, {own} of 3 on their own weights of the classifier only",
    )


CLAIMS = (
    Claim(
        "H42-end-to-end",
        "end to end, the features are learned, too: what the goal says reaches every layer",
        "comparison",
        compute=_end_to_end,
        place="slides 42, 45 and 48",
        chapter=5,
        cell="train-on-features",
    ),
    Claim(
        "H42-goal",
        "the features that are learned depend on the goal",
        "comparison",
        compute=_driven_by_the_goal,
        place="slides 42 and 48",
        chapter=6,
        cell="backward-of-a-convnet",
    ),
    Claim(
        "H44-unsupervised",
        "between fixed features and the classifier, k-means learned something without labels",
        "comparison",
        compute=_without_labels,
        chapter=5,
        cell="hand-made-or-learned",
    ),
    Claim(
        "H46-global",
        "features of higher layers are more global",
        "comparison",
        compute=_global,
        chapter=4,
        cell="growth-with-depth",
    ),
    Claim(
        "H46-invariant",
        "features of higher layers are more invariant",
        "comparison",
        compute=lambda: _invariant(pooled=False),
        conventions={
            "with pooling between the layers; depth alone does not do it": (
                lambda: _invariant(pooled=True)
            )
        },
        chapter=4,
        cell="photograph-moves",
        remark="Random weights; the change is measured against the length of the answers",
    ),
    Claim(
        "H46-shared",
        "features of low layers are shared among categories",
        "comparison",
        compute=_shared,
        chapter=6,
        cell="backward-of-a-convnet",
    ),
)
