"""The exercise 11.3: the parameters of a network."""

from typing import Any

import numpy as np

from coursekit.reference import conv2d_cost, linear_cost
from coursekit.study.task import Case, Misconception, Task
from coursekit.study.tasks.architectures_shapes import (
    CONV,
    LENET,
    POOL,
    draw_network,
    network_label,
    shapes_of,
)

Array = np.ndarray
Rng = np.random.Generator


def _count_cases(rng: Rng) -> list[Case]:
    cases = [Case((LENET, np.array([120, 84, 10]), 1, 32, 32), label="LeNet-5, 1 × 32 × 32")]
    for n in (2, 3):
        layers, C, H, W = draw_network(rng)
        units = rng.integers(20, 200, n)
        label = f"{network_label(layers, C, H, W)}, {n} linear layers"
        cases.append(Case((layers, units, C, H, W), label=label))
    return cases


def _count(layers: Array, units: Array, C: int, H: int, W: int) -> Array:
    counts = []
    for (kind, K, F, _, _), (_, H_out, W_out) in zip(
        layers.tolist(), shapes_of(layers, C, H, W).tolist(), strict=True
    ):
        counts.append(conv2d_cost((C, 99, 99), K, F).parameters if kind == CONV else 0)
        C, H, W = K if kind == CONV else C, H_out, W_out
    inputs = C * H * W
    for n in units.tolist():
        counts.append(linear_cost(inputs, n).parameters)
        inputs = n
    return np.array(counts)


def _counted(
    layers: Array, units: Array, C: int, H: int, W: int, conv: Any, dense: Any, first: Any
) -> Array:
    """Return counts by formulas for a convolution, a linear layer and the inputs of the first linear one."""
    image, counts = (C, H, W), []
    for kind, K, F, S, P in layers.tolist():
        counts.append(conv(C, K, F, image[0]) if kind == CONV else 0)
        H, W = ((n + 2 * P - F) // S + 1 for n in (H, W))
        C = K if kind == CONV else C
    inputs = first(C, H, W, image)
    for n in units.tolist():
        counts.append(dense(inputs, n))
        inputs = n
    return np.array(counts)


def _count_with(
    conv: Any = lambda C, K, F, image: K * (C * F * F + 1),
    dense: Any = lambda n_in, n: n * (n_in + 1),
    first: Any = lambda C, H, W, image: C * H * W,
) -> Any:
    def counted(layers: Array, units: Array, C: int, H: int, W: int) -> Array:
        return _counted(layers, units, C, H, W, conv, dense, first)

    return counted


def _pooling_takes_the_channels(layers: Array, units: Array, C: int, H: int, W: int) -> Array:
    """Count as if behind a pooling there were as many channels as it has kernels: none."""
    sizes, counts = shapes_of(layers, C, H, W), []
    for kind, K, F, _, _ in layers.tolist():
        counts.append(K * (C * F * F + 1) if kind == CONV else 0)
        C = K
    inputs = C * int(sizes[-1, 1] * sizes[-1, 2])
    for n in units.tolist():
        counts.append(n * (inputs + 1))
        inputs = n
    return np.array(counts)


def _each_sees_the_map(layers: Array, units: Array, C: int, H: int, W: int) -> Array:
    counts = _count(layers, units, C, H, W)
    inputs = int(np.prod(shapes_of(layers, C, H, W)[-1]))
    return np.array([*counts[: len(layers)], *units * (inputs + 1)])


def _without_poolings(layers: Array, units: Array, C: int, H: int, W: int) -> Array:
    """Count with maps that the poolings have left as they were."""
    kept = layers.copy()
    kept[kept[:, 0] == POOL, 2:] = (1, 1, 0)
    return _count(kept, units, C, H, W)


def _before_the_last_pooling(layers: Array, units: Array, C: int, H: int, W: int) -> Array:
    """Count as if the linear layers saw what the last layer gets."""
    kept = layers.copy()
    kept[-1, 2:] = (1, 1, 0)
    counts = _count(kept, units, C, H, W)
    return np.array([*_count(layers, units, C, H, W)[: len(layers)], *counts[len(layers) :]])


def _without_padding(layers: Array, units: Array, C: int, H: int, W: int) -> Array:
    return _count(layers * np.array([1, 1, 1, 1, 0]), units, C, H, W)


def _used_at_every_place(layers: Array, units: Array, C: int, H: int, W: int) -> Array:
    counts, sizes = _count(layers, units, C, H, W), shapes_of(layers, C, H, W)
    return np.array([*counts[: len(layers)] * sizes[:, 1] * sizes[:, 2], *counts[len(layers) :]])


def _poolings_with_weights(layers: Array, units: Array, C: int, H: int, W: int) -> Array:
    counts, channels = _count(layers, units, C, H, W), shapes_of(layers, C, H, W)[:, 0]
    is_pool = layers[:, 0] == POOL
    counts[: len(layers)][is_pool] = 2 * channels[is_pool]
    return counts


def _rows_of_poolings_missing(layers: Array, units: Array, C: int, H: int, W: int) -> Array:
    counts = _count(layers, units, C, H, W)
    return counts[counts > 0]


COUNT = Task(
    id="11.3",
    title="Every parameter",
    points=3,
    minutes=14,
    difficulty=2,
    name="parameters",
    returns=("counts",),
    cases=_count_cases,
    reference=_count,
    hints=(
        "Walk through the layers as in 11.2, since the first linear layer must know how many numbers reach it.",
        "A kernel covers all channels that come in, and has one bias. How many numbers are that, and how many kernels "
        "are there? A pooling has nothing to learn.",
        "The first linear layer sees all C * H * W numbers of the last map; each further one sees the units before it. "
        "A unit has one weight for each number it sees, and a bias.",
    ),
    misconceptions=(
        Misconception(
            "biases of the convolutions left out",
            "You left out the biases of the convolutions, as the slides with LeNet do. Every kernel has one.",
            _count_with(conv=lambda C, K, F, image: K * C * F * F),
        ),
        Misconception(
            "no biases at all",
            "You counted weights only. Every kernel and every unit has a bias too.",
            _count_with(lambda C, K, F, image: K * C * F * F, lambda n_in, n: n * n_in),
        ),
        Misconception(
            "one bias for a layer",
            "Your layers have one bias each. There is one for every kernel and one for every unit.",
            _count_with(lambda C, K, F, image: K * C * F * F + 1, lambda n_in, n: n * n_in + 1),
        ),
        Misconception(
            "biases of the linear layers left out",
            "The convolutions are right. In the linear layers you left out the biases, one for every unit.",
            _count_with(dense=lambda n_in, n: n * n_in),
        ),
        Misconception(
            "kernels of one channel",
            "Your kernels cover one channel. A kernel reaches through all channels of its input.",
            _count_with(conv=lambda C, K, F, image: K * (F * F + 1)),
        ),
        Misconception(
            "channels of the image in every layer",
            "All your kernels reach through the channels of the image. From the second convolution on the input has as "
            "many channels as the convolution before has kernels.",
            _count_with(conv=lambda C, K, F, image: K * (image * F * F + 1)),
        ),
        Misconception(
            "channels that come out",
            "Your kernels reach through as many channels as come out. A kernel covers what comes in: count before you "
            "set C to K.",
            _count_with(conv=lambda C, K, F, image: K * (K * F * F + 1)),
        ),
        Misconception(
            "no channels behind a pooling",
            "Behind a pooling you have no channels left: the K of a pooling means nothing, its maps are as many as "
            "before.",
            _pooling_takes_the_channels,
        ),
        Misconception(
            "every linear layer sees the map",
            "All your linear layers see the last map. From the second on, a layer sees the units of the one before.",
            _each_sees_the_map,
        ),
        Misconception(
            "first linear layer sees channels only",
            "Your first linear layer sees one number for each channel. That is so behind global average pooling; here "
            "the map is flattened, all its places count.",
            _count_with(first=lambda C, H, W, image: C),
        ),
        Misconception(
            "first linear layer sees one channel",
            "Your first linear layer sees the places of one map. There are as many maps as channels.",
            _count_with(first=lambda C, H, W, image: H * W),
        ),
        Misconception(
            "first linear layer sees the image",
            "Your first linear layer is as large as if it saw the image. What does it see?",
            _count_with(first=lambda C, H, W, image: image[0] * image[1] * image[2]),
        ),
        Misconception(
            "poolings do not shrink",
            "Your first linear layer is too large: the poolings have no parameters, but they do make the maps smaller.",
            _without_poolings,
        ),
        Misconception(
            "before the last layer",
            "Your first linear layer sees what goes into the last convolution or pooling. It sees what comes out.",
            _before_the_last_pooling,
        ),
        Misconception(
            "padding forgotten",
            "Your first linear layer is too small: the convolutions have padding, which keeps the maps larger.",
            _without_padding,
        ),
        Misconception(
            "square maps",
            "You flattened H · H numbers of each map. The images may be higher than wide: H · W.",
            _count_with(first=lambda C, H, W, image: C * H * H),
        ),
        Misconception(
            "multiplied by the places",
            "You multiplied the convolutions by the places of their maps. A kernel is stored once, and used at all of "
            "them.",
            _used_at_every_place,
        ),
        Misconception(
            "poolings with weights",
            "Your poolings have a weight and a bias for each map, as in the LeNet-5 of 1998. Here they have none.",
            _poolings_with_weights,
        ),
        Misconception(
            "no entry for poolings",
            "The numbers are right, but the poolings have no entry. They count 0, and every layer is to have one.",
            _rows_of_poolings_missing,
        ),
    ),
)
