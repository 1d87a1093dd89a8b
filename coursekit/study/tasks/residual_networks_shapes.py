"""Exercises 12.1, 12.4 and 12.5: layers, shortcuts that change the shape, parameters."""

from collections.abc import Callable

import numpy as np

from coursekit.study.task import Case, Misconception, Task

Array = np.ndarray
Rng = np.random.Generator

# --- 12.1 What is in a name -----------------------------------------------------------------------------------


def _depth_cases(rng: Rng) -> list[Case]:
    cases = [Case((np.array([3, 4, 6, 3]), 2), label="blocks 3 4 6 3 of 2 convolutions")]
    for stages, each in ((3, 2), (4, 3), (5, 3)):
        blocks = rng.integers(2, 30, stages)
        label = f"blocks {' '.join(map(str, blocks))} of {each} convolutions"
        cases.append(Case((blocks, each), label=label))
    return cases


def _depth(blocks: Array, convolutions: int) -> int:
    return int(convolutions * np.sum(blocks) + 2)


DEPTH = Task(
    id="12.1",
    title="What is in a name",
    points=1,
    minutes=4,
    difficulty=1,
    name="count_layers",
    returns=("layers",),
    cases=_depth_cases,
    reference=_depth,
    hints=(
        "Layers with weights: which are there before the first block, and which behind the last one?",
        "ResNet-34 has 3 + 4 + 6 + 3 blocks of two convolutions. What is missing to 34?",
    ),
    misconceptions=(
        Misconception(
            "blocks alone",
            "You counted the convolutions in the blocks. A ResNet begins with one more, and ends with a linear layer.",
            lambda blocks, c: c * np.sum(blocks),
        ),
        Misconception(
            "one end forgotten",
            "You are one short: before the blocks stands a convolution, behind them a linear layer.",
            lambda blocks, c: c * np.sum(blocks) + 1,
        ),
        Misconception(
            "projections counted, one for each stage",
            "You counted a projection for every stage. The name of a ResNet leaves them out: a shortcut is beside the "
            "layers, not one of them.",
            lambda blocks, c: c * np.sum(blocks) + 2 + len(blocks),
        ),
        Misconception(
            "projections counted, from the second stage on",
            "You counted the projections where a new stage begins. The name of a ResNet leaves them out.",
            lambda blocks, c: c * np.sum(blocks) + 1 + len(blocks),
        ),
        Misconception(
            "pooling counted",
            "You are one over. Batchnorm and pooling have no place in the name: one convolution in front, one linear "
            "layer at the end.",
            lambda blocks, c: c * np.sum(blocks) + 3,
        ),
        Misconception(
            "blocks counted as layers",
            "You counted blocks. Each has several layers.",
            lambda blocks, c: np.sum(blocks) + 2,
        ),
        Misconception(
            "stages counted as blocks",
            "You counted stages. The numbers say how many blocks there are in each.",
            lambda blocks, c: c * len(blocks) + 2,
        ),
        Misconception(
            "stages counted as blocks, and nothing at the ends",
            "You counted stages. The numbers say how many blocks there are in each; and a ResNet begins with a "
            "convolution of its own and ends with a linear layer.",
            lambda blocks, c: c * len(blocks),
        ),
        Misconception(
            "batchnorm counted",
            "You counted the batchnorms too. They have parameters, but the name counts convolutions and linear layers.",
            lambda blocks, c: 2 * (c * np.sum(blocks) + 1) + 1,
        ),
    ),
)

# --- 12.4 A shortcut without weights --------------------------------------------------------------------------


def _shortcut_cases(rng: Rng) -> list[Case]:
    by_hand = np.arange(1.0, 17.0).reshape(1, 1, 4, 4)
    cases = [Case((by_hand, 2, 2), label="1 to 16 in 4 rows, 2 channels out, stride 2")]
    for shape, K, stride in (
        ((2, 3, 6, 4), 6, 2),
        ((1, 2, 9, 6), 5, 3),
        ((2, 3, 4, 5), 7, 1),
        ((2, 2, 7, 5), 4, 2),
    ):
        x = rng.normal(size=shape).round(2) + 0.003
        label = f"{shape[1]} channels to {K}, {shape[2]} × {shape[3]} pixels, stride {stride}"
        cases.append(Case((x, K, stride), label=label))
    return cases


def _padded(x: Array, before: int, after: int) -> Array:
    return np.pad(x, ((0, 0), (before, after), (0, 0), (0, 0)))


def _shortcut(x: Array, K: int, stride: int) -> Array:
    return _padded(x[:, :, ::stride, ::stride], 0, K - x.shape[1])


def _pooled(x: Array, stride: int, pool: Callable[..., Array], *, whole: bool) -> Array:
    """Return one number for each window of stride × stride pixels, those cut by the edge only if not whole."""
    rows, columns = (range(0, n - (stride - 1) * whole, stride) for n in x.shape[2:])
    lines = [
        [pool(x[:, :, i : i + stride, j : j + stride], axis=(2, 3)) for j in columns] for i in rows
    ]
    return np.moveaxis(np.array(lines), (0, 1), (2, 3))


def _means(x: Array, stride: int) -> Array:
    N, C, H, W = x.shape
    return x.reshape(N, C, H // stride, stride, W // stride, stride).mean(axis=(3, 5))


SHORTCUT = Task(
    id="12.4",
    title="A shortcut without weights",
    points=2,
    minutes=8,
    difficulty=2,
    name="shortcut_a",
    cases=_shortcut_cases,
    reference=_shortcut,
    hints=(
        "`a[::2]` takes every second entry of an array, the first one included. Which two axes of x are the image?",
        "Make an array of zeros of the shape of the result, and write the pixels that stay into its first channels.",
    ),
    misconceptions=(
        Misconception(
            "zeros in front",
            "Your new channels stand before the old ones. They are appended.",
            lambda x, K, stride: _padded(x[:, :, ::stride, ::stride], K - x.shape[1], 0),
        ),
        Misconception(
            "zeros on both sides",
            "Your new channels stand on both sides of the old ones. They are appended.",
            lambda x, K, stride: (
                _padded(
                    x[:, :, ::stride, ::stride],
                    (K - x.shape[1]) // 2,
                    K - x.shape[1] - (K - x.shape[1]) // 2,
                )
                if K - x.shape[1] > 1
                else _padded(x[:, :, ::stride, ::stride], 1, 0)
            ),
        ),
        Misconception(
            "averaged",
            "You averaged over the pixels. This shortcut keeps one of them and leaves the others out.",
            lambda x, K, stride: _padded(_means(x, stride), 0, K - x.shape[1]),
        ),
        Misconception(
            "averaged, whole windows",
            "You averaged over the pixels. This shortcut keeps one of them and leaves the others out.",
            lambda x, K, stride: _padded(
                _pooled(x, stride, np.mean, whole=True), 0, K - x.shape[1]
            ),
        ),
        Misconception(
            "averaged, windows, those at the edge too",
            "You averaged over the pixels. This shortcut keeps one of them and leaves the others out.",
            lambda x, K, stride: _padded(
                _pooled(x, stride, np.mean, whole=False), 0, K - x.shape[1]
            ),
        ),
        Misconception(
            "maximum, whole windows",
            "You took the largest pixel of each window. This shortcut keeps the first, whatever its value.",
            lambda x, K, stride: _padded(_pooled(x, stride, np.max, whole=True), 0, K - x.shape[1]),
        ),
        Misconception(
            "maximum, windows, those at the edge too",
            "You took the largest pixel of each window. This shortcut keeps the first, whatever its value.",
            lambda x, K, stride: _padded(
                _pooled(x, stride, np.max, whole=False), 0, K - x.shape[1]
            ),
        ),
        Misconception(
            "pixels beyond the last whole step",
            "You keep H // stride pixels. In 7 pixels with stride 2, pixels 0, 2, 4 and 6 stay: four.",
            lambda x, K, stride: _padded(
                x[:, :, ::stride, ::stride][:, :, : x.shape[2] // stride, : x.shape[3] // stride],
                0,
                K - x.shape[1],
            ),
        ),
        Misconception(
            "from pixel 1 on",
            "You began with pixel 1. Begin with pixel 0.",
            lambda x, K, stride: _padded(x[:, :, 1::stride, 1::stride], 0, K - x.shape[1]),
        ),
        Misconception(
            "the last pixel of each step",
            "You kept the last pixel of each step. Begin with pixel 0: a convolution with this stride has its first "
            "window there, too.",
            lambda x, K, stride: _padded(
                x[:, :, stride - 1 :: stride, stride - 1 :: stride], 0, K - x.shape[1]
            ),
        ),
        Misconception(
            "channels repeated",
            "You repeated the channels. The new ones are zeros.",
            lambda x, K, stride: x[:, np.arange(K) % x.shape[1]][:, :, ::stride, ::stride],
        ),
        Misconception(
            "stride along one axis",
            "You left out rows, and kept all columns.",
            lambda x, K, stride: _padded(x[:, :, ::stride], 0, K - x.shape[1]),
        ),
        Misconception(
            "stride along the other axis",
            "You left out columns, and kept all rows.",
            lambda x, K, stride: _padded(x[:, :, :, ::stride], 0, K - x.shape[1]),
        ),
        Misconception(
            "stride along the channels",
            "You left out channels. Axes 2 and 3 of x are the image.",
            lambda x, K, stride: _padded(x[:, ::stride, ::stride], 0, K - x[:, ::stride].shape[1]),
        ),
        Misconception(
            "stride forgotten",
            "You appended the channels, and all pixels are still there.",
            lambda x, K, stride: _padded(x, 0, K - x.shape[1]),
        ),
        Misconception(
            "channels forgotten",
            "You left out pixels. The result needs K channels.",
            lambda x, K, stride: x[:, :, ::stride, ::stride],
        ),
        Misconception(
            "K channels appended",
            "You appended K channels. The result has K in all.",
            lambda x, K, stride: _padded(x[:, :, ::stride, ::stride], 0, K),
        ),
        Misconception(
            "a corner",
            "You cut out a corner of the image. Every stride-th pixel of the whole image stays.",
            lambda x, K, stride: _padded(
                x[:, :, : -(-x.shape[2] // stride), : -(-x.shape[3] // stride)], 0, K - x.shape[1]
            ),
        ),
    ),
)

# --- 12.5 What a block costs ----------------------------------------------------------------------------------


def _cost_cases(rng: Rng) -> list[Case]:
    cases = [Case((4, 4, 1, False), label="basic, 4 to 4 channels")]
    for bottleneck in (False, True):
        some = 4 * rng.integers(3, 40, 4)
        for C, K, stride in (
            (some[0], some[0], 1), (some[1], some[1], 2), (some[2], 2 * some[2] + 4, 2),
            (some[3], 2 * some[3] + 4, 1),
        ):  # fmt: skip
            kind = "bottleneck" if bottleneck else "basic"
            label = f"{kind}, {C} to {K} channels, stride {stride}"
            cases.append(Case((int(C), int(K), stride, bottleneck), label=label))
    return cases


def _cost(
    C: int, K: int, stride: int, bottleneck: bool, *, norm: int = 2, bias: int = 0,
    around: str = "needed", narrow: str = "out", norm_around: bool = True,
    squared: bool = True, second: str = "out", kernel_around: int = 1,
) -> int:  # fmt: skip
    """Return the parameters of a block, with one mistake if asked for."""
    M = {"out": K // 4, "in": C // 4, "whole": K}[narrow]
    basic = [(C, K, 3), (K, K, 3)] if second == "out" else [(C, C, 3), (C, K, 3)]
    inside = [(C, M, 1), (M, M, 3), (M, K, 1)] if bottleneck else basic
    total = sum(c * k * F ** (1 + squared) + (norm + bias) * k for c, k, F in inside)
    projects = {
        "needed": C != K or stride > 1, "never": False, "always": True,
        "channels": C != K, "stride": stride > 1, "both": C != K and stride > 1,
    }[around]  # fmt: skip
    if projects:
        total += C * K * kernel_around**2 + (norm * K if norm_around else 0) + bias * K
    return int(total)


COST = Task(
    id="12.5",
    title="What a block costs",
    points=3,
    minutes=12,
    difficulty=2,
    name="block_parameters",
    returns=("parameters",),
    cases=_cost_cases,
    reference=lambda C, K, stride, bottleneck: _cost(C, K, stride, bottleneck),
    hints=(
        "List the convolutions first, each with its channels in, channels out and kernel size.",
        "A convolution without a bias has C · K · F · F weights, the batchnorm behind it 2 K.",
        "When does the sum F(x) + x not fit? Two things can change the shape.",
    ),
    misconceptions=(
        Misconception(
            "batchnorm forgotten",
            "You counted the kernels. Every convolution is followed by a batchnorm, which learns two numbers for each "
            "channel.",
            lambda *a: _cost(*a, norm=0),
        ),
        Misconception(
            "one number for each channel",
            "You counted one number for each channel behind a convolution, as a bias would be. The batchnorm that "
            "stands there has two.",
            lambda *a: _cost(*a, norm=1),
        ),
        Misconception(
            "running averages counted",
            "You counted the running averages of batchnorm. They are not learned by descent (chapter 08).",
            lambda *a: _cost(*a, norm=4),
        ),
        Misconception(
            "biases counted",
            "You gave the convolutions biases. The batchnorm behind them makes those redundant.",
            lambda *a: _cost(*a, bias=1),
        ),
        Misconception(
            "projection forgotten",
            "You counted the layers. Where the shape changes, the shortcut is a projection, with weights of its own.",
            lambda *a: _cost(*a, around="never"),
        ),
        Misconception(
            "projection always",
            "You counted a projection in every block. Where the shape stays, the shortcut is the identity.",
            lambda *a: _cost(*a, around="always"),
        ),
        Misconception(
            "projection only for channels",
            "You counted a projection where the channels change. A stride changes the shape as well.",
            lambda *a: _cost(*a, around="channels"),
        ),
        Misconception(
            "projection only for strides",
            "You counted a projection where the stride is 2. New channels change the shape as well.",
            lambda *a: _cost(*a, around="stride"),
        ),
        Misconception(
            "projection only for both",
            "You counted a projection where channels *and* pixels change. One of the two is enough.",
            lambda *a: _cost(*a, around="both"),
        ),
        Misconception(
            "a projection of 3 × 3",
            "Your projections have kernels of 3 × 3. A projection is a 1 × 1 convolution.",
            lambda *a: _cost(*a, kernel_around=3),
        ),
        Misconception(
            "the side of a kernel instead of its area",
            "A 3 × 3 kernel has 9 weights for each pair of channels. You counted 3.",
            lambda *a: _cost(*a, squared=False),
        ),
        Misconception(
            "channels changed in the second convolution",
            "Your basic blocks go from C to C and then to K. The first convolution already gives K channels.",
            lambda *a: _cost(*a, second="in"),
        ),
        Misconception(
            "a bottleneck that is not narrow",
            "Your bottlenecks have all K channels inside. The point is the quarter: K/4.",
            lambda *a: _cost(*a, narrow="whole"),
        ),
        Misconception(
            "the projection's batchnorm forgotten",
            "You counted the kernel of the projection. A batchnorm follows it, too.",
            lambda *a: _cost(*a, norm_around=False),
        ),
        Misconception(
            "a quarter of the input",
            "Your bottlenecks have a quarter of the *input's* channels inside. It is a quarter of the output's.",
            lambda *a: _cost(*a, narrow="in"),
        ),
        Misconception(
            "a bottleneck is like a basic block",
            "Your bottlenecks are basic blocks. A bottleneck has three convolutions, of 1 × 1, 3 × 3 and 1 × 1.",
            lambda C, K, stride, bottleneck: _cost(C, K, stride, False),
        ),
    ),
)
