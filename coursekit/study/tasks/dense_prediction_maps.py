"""Exercises 15.2 to 15.4: a dense layer anywhere, the tent, and two maps of scores in one."""

import numpy as np

from coursekit.reference import (
    bilinear_kernel,
    conv1x1,
    conv2d,
    upsample_bilinear,
    upsample_nearest,
)
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator

# --- 15.2 A dense layer on a larger map ---------------------------------------------------------------------------


def _dense_cases(rng: Rng) -> list[Case]:
    ramp = np.arange(6.0).reshape(1, 2, 3)
    by_hand = Case((ramp, np.array([[1.0, 0, 0, -1]]), (1, 2, 2)), label="x 1×2×3, weights 1×4")
    cases = [by_hand]
    for (C, h, w), (H, W), K in (
        ((2, 3, 2), (3, 2), 3),
        ((3, 2, 3), (5, 6), 2),
        ((2, 3, 3), (6, 8), 4),
    ):
        x, dense = rng.normal(size=(C, H, W)).round(2), rng.normal(size=(K, C * h * w)).round(2)
        cases.append(
            Case((x, dense, (C, h, w)), label=f"x {C}×{H}×{W}, trained on {C}×{h}×{w}, {K} outputs")
        )
    return cases


def _slide(x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    return conv2d(x[None], np.ascontiguousarray(kernel))[0]


def _anywhere(x: np.ndarray, w: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    return _slide(x, w.reshape(-1, *shape))


def _channel_last(x: np.ndarray, w: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    C, h, width = shape
    return _slide(x, w.reshape(-1, h, width, C).transpose(0, 3, 1, 2))


def _columns_first(x: np.ndarray, w: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    C, h, width = shape
    return _slide(x, w.reshape(-1, C, width, h).transpose(0, 1, 3, 2))


def _side_by_side(x: np.ndarray, w: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    C, h, width = shape
    kernel = w.reshape(-1, C, h, width)
    rows, columns = x.shape[1] // h, x.shape[2] // width
    y = [
        [
            (kernel * x[:, i * h : (i + 1) * h, j * width : (j + 1) * width]).sum((1, 2, 3))
            for j in range(columns)
        ]
        for i in range(rows)
    ]
    return np.array(y).transpose(2, 0, 1)


def _by_channel(x: np.ndarray, w: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    kernel = w.reshape(-1, *shape)
    each = [_slide(x[c : c + 1], kernel[:, c : c + 1]) for c in range(shape[0])]
    return np.stack(each, axis=1)


ANYWHERE = Task(
    id="15.2",
    title="A dense layer on a larger map",
    points=3,
    minutes=10,
    difficulty=2,
    name="dense_anywhere",
    cases=_dense_cases,
    reference=_anywhere,
    hints=(
        "A row of `weights` belongs to one output. `weights[k].reshape(shape)` puts them back where they belong: "
        "channels, rows, columns.",
        "How many places has a window of h × w on a map of H × W, if it never hangs over an edge?",
        "At place (i, j) the window is `x[:, i : i + h, j : j + w]`, all channels of it. Multiply and add up.",
    ),
    misconceptions=(
        Misconception(
            "channels last",
            "You read the weights as rows, columns, channels. `reshape` of a map (C, h, w) puts one whole channel "
            "after the other, and so must you.",
            _channel_last,
        ),
        Misconception(
            "columns before rows",
            "You swapped the height and the width of the kernel; with a square one nobody would notice.",
            _columns_first,
        ),
        Misconception(
            "kernel flipped",
            "Your kernel is flipped. The dense layer multiplies its first weight with the first pixel.",
            lambda x, w, shape: _slide(x, w.reshape(-1, *shape)[:, :, ::-1, ::-1]),
        ),
        Misconception(
            "first channel only",
            "Only the first channel counts in your result. A dense layer has a weight for every number of every "
            "channel.",
            lambda x, w, shape: _slide(x[:1], w.reshape(-1, *shape)[:, :1]),
        ),
        Misconception(
            "all outputs added up",
            "You added up the outputs too: every output has the same number. Each keeps its own sum over channels, "
            "rows and columns.",
            lambda x, w, shape: _anywhere(x, w, shape).sum(axis=0) + np.zeros((len(w), 1, 1)),
        ),
        Misconception(
            "channels kept apart",
            "You have a number for each channel. A dense layer adds over the channels as well.",
            _by_channel,
        ),
        Misconception(
            "means",
            "You took means. A dense layer adds the products up and does not divide.",
            lambda x, w, shape: _anywhere(x, w, shape) / np.prod(shape),
        ),
        Misconception(
            "windows side by side",
            "Your windows lie side by side. Move by one row or column at a time.",
            _side_by_side,
        ),
        Misconception(
            "added up over all places",
            "You added the outputs of all places up. Each place keeps its own.",
            lambda x, w, shape: _anywhere(x, w, shape).sum(axis=(1, 2)),
        ),
        Misconception(
            "the dense layer as it was",
            "You have one number for each output, from the top left corner. On a larger map there are more places.",
            lambda x, w, shape: _anywhere(x, w, shape)[:, 0, 0],
        ),
        Misconception(
            "first place only",
            "You computed one place alone, at the top left: that is the dense layer as it was.",
            lambda x, w, shape: _anywhere(x, w, shape)[:, :1, :1],
        ),
        Misconception(
            "last place missing",
            "Your loops stop one place early, along the rows and along the columns.",
            lambda x, w, shape: _anywhere(np.pad(x, ((0, 0), (0, 1), (0, 1))), w, shape)[
                :, : max(0, x.shape[1] - shape[1]), : max(0, x.shape[2] - shape[2])
            ],
        ),
        Misconception(
            "outputs as the last axis",
            "Your result is (rows, columns, K). The outputs are channels: K comes first.",
            lambda x, w, shape: _anywhere(x, w, shape).transpose(1, 2, 0),
        ),
    ),
)

# --- 15.3 The tent ------------------------------------------------------------------------------------------------


def _tent_cases(rng: Rng) -> list[Case]:
    scales = [2, 3, 4, *rng.choice(np.arange(5, 17), size=3, replace=False).tolist()]
    return [Case((int(s),), label=f"s = {s}") for s in scales]


def _sides(s: int) -> int:
    return 2 * s - s % 2


def _outer(line: np.ndarray) -> np.ndarray:
    return np.outer(line, line)


def _peak_at(s: int, center: float, F: int | None = None) -> np.ndarray:
    places = np.arange(F or _sides(s))
    return _outer(np.maximum(1 - np.abs(places - center) / s, 0))


def _distances(s: int) -> np.ndarray:
    return np.abs(np.arange(_sides(s)) - (_sides(s) - 1) / 2) / s


def _linspace(s: int) -> np.ndarray:
    F = _sides(s)
    half = np.linspace(0, 1, F // 2 + F % 2)
    return _outer(np.concatenate([half, half[::-1][F % 2 :]]))


TENT = Task(
    id="15.3",
    title="The tent",
    points=3,
    minutes=10,
    difficulty=2,
    name="tent",
    returns=("w",),
    cases=_tent_cases,
    reference=lambda s: bilinear_kernel(s),
    hints=(
        "How many entries has it along an axis for s = 2, and how many for s = 3? The formula has a remainder in it: "
        "`s % 2`.",
        "Along one axis: the distances of the places 0, 1, … from the center, divided by s, taken away from 1.",
        "The kernel is the product of a tent down the rows with the same tent along the columns: `np.outer`.",
    ),
    misconceptions=(
        Misconception(
            "always 2s entries",
            "Your kernel has 2s entries along an axis, for odd s too. There it has 2s - 1, so that one entry lies in "
            "the middle.",
            lambda s: _peak_at(s, s - 0.5, 2 * s),
        ),
        Misconception(
            "always 2s - 1 entries",
            "Your kernel has 2s - 1 entries along an axis, for even s too. There it has 2s, with the middle between "
            "two of them.",
            lambda s: _peak_at(s, s - 1, 2 * s - 1),
        ),
        Misconception(
            "center at F / 2",
            "Your center is F / 2. The entries are counted from 0, so the middle is at (F - 1) / 2.",
            lambda s: _outer(1 - np.abs(np.arange(_sides(s)) - _sides(s) / 2) / s),
        ),
        Misconception(
            "center on an entry",
            "Your tent has its top on an entry, also for even s, and so everything moves by half a pixel. The middle "
            "of F entries is at (F - 1) / 2.",
            lambda s: _peak_at(s, _sides(s) // 2),
        ),
        Misconception(
            "center rounded down",
            "Your tent has its top on an entry, also for even s: (F - 1) / 2 was rounded down. There the middle lies "
            "between two entries.",
            lambda s: _outer(1 - np.abs(np.arange(_sides(s)) - (_sides(s) - 1) // 2) / s),
        ),
        Misconception(
            "weights that sum to 1",
            "You divided by the sum. Copies of this kernel lie s apart and overlap; it is their sum at every pixel "
            "that is 1, not the sum of one kernel.",
            lambda s: bilinear_kernel(s) / bilinear_kernel(s).sum(),
        ),
        Misconception(
            "from 0 to 1",
            "Your tent begins with 0 and reaches 1. Its ends are not 0: a pixel just within reach still gets a little.",
            _linspace,
        ),
        Misconception(
            "one axis",
            "That is the tent along one axis; the kernel is a square of numbers.",
            lambda s: np.diag(bilinear_kernel(s)) ** 0.5,
        ),
        Misconception(
            "a pyramid of sums",
            "You took the mean of the tents along both axes; bilinear interpolation multiplies them.",
            lambda s: (
                np.add.outer(np.diag(bilinear_kernel(s)) ** 0.5, np.diag(bilinear_kernel(s)) ** 0.5)
                / 2
            ),
        ),
        Misconception(
            "a sum of both axes",
            "You added the tents along both axes; bilinear interpolation multiplies them.",
            lambda s: 2 - np.add.outer(_distances(s), _distances(s)),
        ),
        Misconception(
            "distances added",
            "You took both distances away from one 1. There is a factor for each axis, and the two are multiplied.",
            lambda s: 1 - np.add.outer(_distances(s), _distances(s)),
        ),
        Misconception(
            "a round cone",
            "Your weights fall with the straight distance from the center, in a circle. Bilinear weights are a "
            "product of one factor for each axis.",
            lambda s: 1 - np.hypot.outer(_distances(s), _distances(s)),
        ),
        Misconception(
            "divided by the largest",
            "You divided by the largest weight. For even s no pixel lies in the middle, and no weight is 1.",
            lambda s: bilinear_kernel(s) / bilinear_kernel(s).max(),
        ),
        Misconception(
            "distance with a sign",
            "Your weights fall from one corner to the other: the distance lost its bars, |a - c|.",
            lambda s: _outer(1 - (np.arange(_sides(s)) - (_sides(s) - 1) / 2) / s),
        ),
        Misconception(
            "a box",
            "That is a kernel that repeats a pixel s times: nearest neighbor. Bilinear weights fall off evenly.",
            lambda s: np.ones((s, s)),
        ),
        Misconception(
            "falls off too fast",
            "Your tent falls by 1/c for each pixel, where c is its middle; it falls by 1/s.",
            lambda s: _outer(
                1 - np.abs(np.arange(_sides(s)) - (_sides(s) - 1) / 2) / ((_sides(s) - 1) / 2)
            ),
        ),
    ),
)

# --- 15.4 Coarse and fine -----------------------------------------------------------------------------------------


def _fuse_cases(rng: Rng) -> list[Case]:
    coarse, fine = np.array([[[1.0, 2], [3, 4]]]), np.arange(9.0).reshape(1, 3, 3)
    cases = [Case((coarse, fine, np.array([[10.0]])), label="2×2 and 3×3, one class, one channel")]
    for K, C, (H, W) in ((2, 3, (4, 6)), (3, 2, (5, 8)), (3, 4, (7, 5))):
        size = (K, (H + 1) // 2, (W + 1) // 2)
        args = (rng.normal(size=size), rng.normal(size=(C, H, W)), rng.normal(size=(K, C)))
        args = tuple(one.round(2) for one in args)  # type: ignore[assignment]
        cases.append(Case(args, label=f"{K} classes, {C} channels of {H}×{W}"))
    return cases


def _twice(coarse: np.ndarray, like: np.ndarray) -> np.ndarray:
    return upsample_nearest(coarse[None], 2)[0][:, : like.shape[1], : like.shape[2]]


def _scored(fine: np.ndarray, w: np.ndarray) -> np.ndarray:
    return conv1x1(fine[None], w)[0]


def _fuse(coarse: np.ndarray, fine: np.ndarray, w: np.ndarray) -> np.ndarray:
    return _twice(coarse, fine) + _scored(fine, w)


def _tiled(coarse: np.ndarray, fine: np.ndarray, w: np.ndarray) -> np.ndarray:
    large = np.tile(coarse, (1, 2, 2))[:, : fine.shape[1], : fine.shape[2]]
    return large + _scored(fine, w)


def _cut_at_the_start(coarse: np.ndarray, fine: np.ndarray, w: np.ndarray) -> np.ndarray:
    large = upsample_nearest(coarse[None], 2)[0]
    return large[:, -fine.shape[1] :, -fine.shape[2] :] + _scored(fine, w)


def _zeros_between(coarse: np.ndarray, fine: np.ndarray, w: np.ndarray) -> np.ndarray:
    y = _scored(fine, w)
    y[:, ::2, ::2] += coarse
    return y


def _not_cut(coarse: np.ndarray, fine: np.ndarray, w: np.ndarray) -> np.ndarray:
    return upsample_nearest(coarse[None], 2)[0] + _scored(fine, w)


def _always_cut(coarse: np.ndarray, fine: np.ndarray, w: np.ndarray) -> np.ndarray:
    return upsample_nearest(coarse[None], 2)[0][:, :-1, :-1] + _scored(fine, w)


def _fine_thinned(coarse: np.ndarray, fine: np.ndarray, w: np.ndarray) -> np.ndarray:
    return coarse + _scored(fine, w)[:, ::2, ::2]


def _bilinear(coarse: np.ndarray, fine: np.ndarray, w: np.ndarray) -> np.ndarray:
    large = upsample_bilinear(coarse[None], scale=2, align_corners=False)[0]
    return large[:, : fine.shape[1], : fine.shape[2]] + _scored(fine, w)


FUSE = Task(
    id="15.4",
    title="Coarse and fine",
    points=3,
    minutes=10,
    difficulty=2,
    name="fuse",
    returns=("scores",),
    cases=_fuse_cases,
    reference=_fuse,
    hints=(
        "`np.repeat(coarse, 2, axis=1)` repeats rows. Which axis holds the columns?",
        "A 1×1 convolution multiplies the C numbers of every pixel with the matrix w. `np.einsum` or `np.tensordot` "
        "can do it for all pixels; a loop over the pixels is fine too.",
        "Cut what was enlarged with a slice to the height and width of the fine map, then add.",
    ),
    misconceptions=(
        Misconception(
            "tiled",
            "You put two copies of the whole map side by side. Every single entry is to be repeated.",
            _tiled,
        ),
        Misconception(
            "zeros between",
            "Your enlarged map has zeros between its entries; fill them by repeating.",
            _zeros_between,
        ),
        Misconception(
            "bilinear",
            "You interpolated bilinearly; the task asks for repetition.",
            _bilinear,
        ),
        Misconception(
            "cut at the top and left",
            "You cut rows at the top or columns at the left. Entry 0 of both maps is the same corner: cut at the end.",
            _cut_at_the_start,
        ),
        Misconception(
            "not cut",
            "Your enlarged scores are larger than the fine map where it has an odd side, which was rounded up on the "
            "way down: cut them.",
            _not_cut,
        ),
        Misconception(
            "cut in any case",
            "You cut the last row and column in any case. Cut only where the fine map has an odd side.",
            _always_cut,
        ),
        Misconception(
            "fine map thinned out",
            "You thinned the fine scores out to the size of the coarse ones. Enlarge the coarse ones instead.",
            _fine_thinned,
        ),
        Misconception(
            "product of both",
            "You multiplied the two; scores are added.",
            lambda coarse, fine, w: _twice(coarse, fine) * _scored(fine, w),
        ),
        Misconception(
            "mean of both",
            "You took the mean of the two; scores are added.",
            lambda coarse, fine, w: _fuse(coarse, fine, w) / 2,
        ),
        Misconception(
            "stacked",
            "You stacked the two maps of scores. Add them: K scores for each pixel.",
            lambda coarse, fine, w: np.concatenate([_twice(coarse, fine), _scored(fine, w)]),
        ),
        Misconception(
            "coarse alone",
            "The fine map does not count in your result.",
            lambda coarse, fine, w: _twice(coarse, fine),
        ),
        Misconception(
            "fine alone",
            "The coarse scores do not count in your result.",
            lambda coarse, fine, w: _scored(fine, w),
        ),
        Misconception(
            "fine map not scored",
            "You added the channels of the fine map up, all with weight 1. Its scores are their sums weighted by w.",
            lambda coarse, fine, w: _twice(coarse, fine) + fine.sum(axis=0),
        ),
    ),
)
