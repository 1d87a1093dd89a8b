"""The exercises of chapter 04: pooling, what it forgets, what a stride does, and what a unit sees."""

import numpy as np

from coursekit.reference import (
    average_pool2d_backward,
    average_pool2d_forward,
    conv2d,
    max_pool2d,
    max_pool2d_backward,
    max_pool2d_forward,
    receptive_field,
)
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator
GRID = np.array([[1.0, 4, 2, 1], [5, 8, 3, 4], [7, 6, 4, 5], [1, 3, 1, 2]])  # CS7015, slide 44

# --- 4.1 The largest of every window --------------------------------------------------------------------------


def _pool_cases(rng: Rng) -> list[Case]:
    cases = [
        Case((GRID, 2, 2), label="the chapter's 4 × 4 numbers, F = 2, S = 2"),
        Case((GRID, 2, 1), label="the chapter's 4 × 4 numbers, F = 2, S = 1"),
    ]
    for H, W, F, S in [(5, 7, 3, 2), (8, 6, 2, 3), (7, 9, 4, 2)]:
        x = rng.normal(size=(H, W)).round(2)
        cases.append(Case((x, F, S), label=f"{H} × {W} numbers, F = {F}, S = {S}"))
    below = -rng.uniform(0.1, 5, size=(4, 7)).round(2)
    return [*cases, Case((below, 2, 2), label="4 × 7 numbers, all below 0, F = 2, S = 2")]


def _pool(x: np.ndarray, F: int, S: int) -> np.ndarray:
    y: np.ndarray = max_pool2d(x[None, None], F, stride=S)[0, 0]
    return y


def _mean(x: np.ndarray, F: int, S: int) -> np.ndarray:
    y: np.ndarray = average_pool2d_forward(x[None, None], F, stride=S)[0][0, 0]
    return y


def _every_window(x: np.ndarray, rows: range, columns: range, F: int) -> np.ndarray:
    return np.array([[x[i : i + F, j : j + F].max() for j in columns] for i in rows])


def _last_place_missing(x: np.ndarray, F: int, S: int) -> np.ndarray:
    H, W = x.shape
    return _every_window(x, range(0, H - F, S), range(0, W - F, S), F)


def _over_the_end(x: np.ndarray, F: int, S: int) -> np.ndarray:
    H, W = x.shape
    return _every_window(x, range(0, H, S), range(0, W, S), F)


def _counted_by_strides(x: np.ndarray, F: int, S: int) -> np.ndarray:
    rows, columns = (range(0, side // S * S, S) for side in x.shape)
    return _every_window(x, rows, columns, F)


def _one_apart(x: np.ndarray, F: int, S: int) -> np.ndarray:
    rows, columns = _pool(x, F, S).shape
    return _every_window(x, range(rows), range(columns), F)


def _other_window(x: np.ndarray, F: int, S: int, side: int) -> np.ndarray:
    rows, columns = (range(0, n * S, S) for n in _pool(x, F, S).shape)
    return _every_window(x, rows, columns, side)


POOL = Task(
    id="4.1",
    title="The largest of every window",
    points=3,
    minutes=8,
    difficulty=1,
    name="max_pool",
    cases=_pool_cases,
    reference=_pool,
    hints=(
        "How many windows fit below each other? As many as a kernel of F with stride S has places on H entries: "
        "(H - F) // S + 1. The same for the width.",
        "Window (i, j) begins at row i * S and column j * S and is F long: "
        "`x[i * S : i * S + F, j * S : j * S + F]`. Fill y[i, j] with its largest entry.",
    ),
    misconceptions=(
        Misconception(
            "begins with zero",
            "Where all numbers of a window are below 0, you answer 0, which is not in the window: start from one of "
            "its numbers, or take `.max()` of the whole window.",
            lambda x, F, S: np.maximum(_pool(x, F, S), 0),
        ),
        Misconception(
            "mean instead of maximum",
            "You took the mean of each window; this task keeps its largest entry.",
            _mean,
        ),
        Misconception(
            "stride forgotten",
            "Your window moves by one entry whatever S is, so you have too many windows.",
            lambda x, F, S: _pool(x, F, 1),
        ),
        Misconception(
            "windows always side by side",
            "Your windows lie side by side: you moved them by F. How far they move is a number of its own, S.",
            lambda x, F, S: _pool(x, F, F),
        ),
        Misconception(
            "as many windows, one entry apart",
            "You have the right number of windows, but number i begins at entry i; it should begin at i * S.",
            _one_apart,
        ),
        Misconception(
            "last window missing",
            "You stop before the last window that still fits: it may begin at entry H - F, and `range` leaves out "
            "its end.",
            _last_place_missing,
        ),
        Misconception(
            "fence post",
            "You counted the steps between windows, (H - F) // S; there is one window more than there are steps.",
            lambda x, F, S: _pool(x, F, S)[:-1, :-1],
        ),
        Misconception(
            "windows counted by strides",
            "You counted H // S windows. The last of them hang over the end, where Python cuts the slice off without a "
            "word; a window has to fit whole.",
            _counted_by_strides,
        ),
        Misconception(
            "windows over the end",
            "You also kept windows that hang over an end. Python cuts such a slice off without a word; keep only "
            "the windows that lie inside whole.",
            _over_the_end,
        ),
        Misconception(
            "window one entry short",
            "Your windows are one entry short on each side: a slice leaves out its end, so a : a + F already has "
            "F entries.",
            lambda x, F, S: _other_window(x, F, S, F - 1),
        ),
        Misconception(
            "window as large as the stride",
            "Your windows have S entries a side. S says how far they move; how large they are is F.",
            lambda x, F, S: _other_window(x, F, S, S),
        ),
    ),
)

# --- 4.2 What stays -------------------------------------------------------------------------------------------


def _stay_cases(rng: Rng) -> list[Case]:
    by_hand = np.array([[0.0, 9, 0, 0, 0, 5, 0, 0], [0, 0, 0, 0, 7, 0, 0, 3]])
    cases = [Case((by_hand, 2, 1), label="2 × 8 numbers, F = 2, moved by 1")]
    for H, W, F, d in [(6, 12, 3, 1), (8, 16, 2, 1), (8, 16, 4, 2), (9, 15, 3, 2), (12, 20, 4, 3)]:
        x = rng.integers(0, 40, size=(H, W)).astype(float)
        cases.append(Case((x, F, d), label=f"{H} × {W} numbers, F = {F}, moved by {d}"))
    # one window wide, so that all stay; what comes in from elsewhere shows in one window or in two
    narrow = np.stack([rng.integers(20, 40, size=40), rng.integers(0, 20, size=40)], axis=1) * 1.0
    narrow[1, 1] = 99
    return [*cases, Case((narrow, 2, 1), label="40 × 2 numbers, F = 2, moved by 1")]


def _stays(x: np.ndarray, F: int, d: int) -> float:
    return _stays_when(x, np.roll(x, d, axis=1), F)


def _stays_when(x: np.ndarray, moved: np.ndarray, F: int) -> float:
    return float(np.mean(_pool(x, F, F) == _pool(moved, F, F)))


def _nothing_comes_back(x: np.ndarray, F: int, d: int) -> float:
    return _stays_when(x, np.pad(x, ((0, 0), (d, 0)))[:, : x.shape[1]], F)


def _pooled_moved(x: np.ndarray, F: int, d: int) -> float:
    pooled = _pool(x, F, F)
    return float(np.mean(pooled == np.roll(pooled, d, axis=1)))


def _compared_with_moved_pooled(x: np.ndarray, F: int, d: int) -> float:
    return float(np.mean(np.roll(_pool(x, F, F), d, axis=1) == _pool(np.roll(x, d, axis=1), F, F)))


def _means_stay(x: np.ndarray, F: int, d: int) -> float:
    return float(np.mean(_mean(x, F, F) == _mean(np.roll(x, d, axis=1), F, F)))


STAYS = Task(
    id="4.2",
    title="What stays",
    points=2,
    minutes=8,
    difficulty=2,
    name="share_that_stays",
    returns=("the share",),
    cases=_stay_cases,
    reference=_stays,
    hints=(
        "Four steps: pool x; move x; pool what you moved; compare the two pooled arrays.",
        "`np.roll(x, d, axis=1)` moves the columns. Windows side by side are what `reshape` makes: "
        "`x.reshape(H // F, F, W // F, F)`, and the maximum over axes 1 and 3 pools.",
        "`before == after` is an array of True and False, and its mean is the share of True.",
    ),
    misconceptions=(
        Misconception(
            "share that changes",
            "That is the share that changes; asked was for what stays.",
            lambda x, F, d: 1 - _stays(x, F, d),
        ),
        Misconception(
            "number instead of share",
            "You counted the windows that stay; divide by how many there are.",
            lambda x, F, d: round(_stays(x, F, d) * _pool(x, F, F).size),
        ),
        Misconception(
            "percent",
            "You answered in percent; a share lies between 0 and 1.",
            lambda x, F, d: 100 * _stays(x, F, d),
        ),
        Misconception(
            "pixels instead of windows",
            "You compared the pictures themselves. Pool both first: the question is what the pooled ones have in "
            "common.",
            lambda x, F, d: float(np.mean(x == np.roll(x, d, axis=1))),
        ),
        Misconception(
            "pooled picture moved",
            "You moved the pooled picture. What moves is the input; pool it anew after it has moved.",
            _pooled_moved,
        ),
        Misconception(
            "compared with the moved pooled picture",
            "You compared with the pooled picture moved along, which asks for equivariance. To stay means to be the "
            "same in the same window.",
            _compared_with_moved_pooled,
        ),
        Misconception(
            "moved down",
            "Your picture moved down: axis 0 are the rows. To the right is axis 1.",
            lambda x, F, d: _stays_when(x, np.roll(x, d, axis=0), F),
        ),
        Misconception(
            "moved through all rows",
            "What left a row on the right came in again in the next row: without an axis, `np.roll` treats the "
            "picture as one long line.",
            lambda x, F, d: _stays_when(x, np.roll(x, d), F),
        ),
        Misconception(
            "moved to the left",
            "Your picture moved to the left.",
            lambda x, F, d: _stays_when(x, np.roll(x, -d, axis=1), F),
        ),
        Misconception(
            "zeros come in",
            "Zeros come in at your left side; here, what leaves on the right comes in again.",
            _nothing_comes_back,
        ),
        Misconception(
            "divided by the pixels",
            "You divided by the number of pixels; there are fewer windows than that.",
            lambda x, F, d: _stays(x, F, d) / F**2,
        ),
        Misconception(
            "means",
            "You compared the means of the windows; this task is about their maxima.",
            _means_stay,
        ),
    ),
)

# --- 4.3 Average pooling is a convolution ---------------------------------------------------------------------


def _kernel_cases(rng: Rng) -> list[Case]:
    sizes = [(2, 2), (3, 2), (2, 3)]
    sizes += [(int(rng.integers(2, 7)), int(rng.integers(2, 9))) for _ in range(4)]
    return [Case((C, F), label=f"{C} channels, F = {F}") for C, F in sizes]


def _per_channel(C: int, F: int, weight: float) -> np.ndarray:
    w = np.zeros((C, C, F, F))
    w[np.arange(C), np.arange(C)] = weight
    return w


def _one_pixel(C: int, F: int) -> np.ndarray:
    w = np.zeros((C, C, F, F))
    w[np.arange(C), np.arange(C), 0, 0] = 1
    return w


KERNELS = Task(
    id="4.3",
    title="Average pooling is a convolution",
    points=3,
    minutes=8,
    difficulty=2,
    name="averaging_kernels",
    returns=("w",),
    cases=_kernel_cases,
    reference=lambda C, F: _per_channel(C, F, 1 / F**2),
    hints=(
        "Kernel k makes output channel k, and w[k, c] is what it does with input channel c. Which input channels may "
        "output channel k depend on?",
        "Start from zeros of shape (C, C, F, F), and fill only w[c, c], for each c, with what makes a mean out of "
        "F * F numbers.",
    ),
    misconceptions=(
        Misconception(
            "channels mixed",
            "Every output of yours is a sum over all channels. Pooling keeps the channels apart: w[k, c] is zero "
            "where k and c differ.",
            lambda C, F: np.full((C, C, F, F), 1 / F**2),
        ),
        Misconception(
            "channels averaged",
            "You also took the mean over the channels. Pooling keeps them apart: w[k, c] is zero where k and c differ.",
            lambda C, F: np.full((C, C, F, F), 1 / (C * F**2)),
        ),
        Misconception(
            "sum instead of mean",
            "Your kernels add the window up; a mean also divides by the number of its entries.",
            lambda C, F: _per_channel(C, F, 1.0),
        ),
        Misconception(
            "ones everywhere",
            "With ones everywhere each output is the sum of all channels and all entries of the window. Pooling keeps "
            "channels apart, and a mean is not a sum.",
            lambda C, F: np.ones((C, C, F, F)),
        ),
        Misconception(
            "divided by F",
            "You divided by F, the side of the window. How many entries has it?",
            lambda C, F: _per_channel(C, F, 1 / F),
        ),
        Misconception(
            "divided by the channels too",
            "You divided by the number of channels as well; each mean is over the entries of one window in one "
            "channel.",
            lambda C, F: _per_channel(C, F, 1 / (C * F**2)),
        ),
        Misconception(
            "kernels for groups",
            "These are the kernels for `groups=C`, where each sees one channel. Without groups each kernel has a "
            "part for every input channel, most of them zero.",
            lambda C, F: np.full((C, 1, F, F), 1 / F**2),
        ),
        Misconception(
            "one pixel of each window",
            "Your kernels pick the first entry of the window, which is what a stride without pooling does; a mean "
            "reads all of them.",
            _one_pixel,
        ),
    ),
)

# --- 4.4 Blur before the stride -------------------------------------------------------------------------------


def _blur_cases(rng: Rng) -> list[Case]:
    ramp = np.arange(25.0).reshape(5, 5) ** 2
    cases = [Case((ramp, np.array([1.0, 2, 1]), 2), label="5 × 5 numbers, w = 1 2 1, S = 2")]
    for H, W, F, S in [(7, 9, 3, 2), (13, 14, 4, 3), (9, 12, 5, 2), (10, 9, 3, 3)]:
        half = rng.uniform(0.5, 3, size=(F + 1) // 2).round(2)
        w = np.concatenate([half, half[::-1][F % 2 :]])
        x = rng.normal(size=(H, W)).round(2)
        cases.append(Case((x, w, S), label=f"{H} × {W} numbers, {F} weights, S = {S}"))
    return cases


def _blurred(x: np.ndarray, w: np.ndarray, S: int | tuple[int, int]) -> np.ndarray:
    y: np.ndarray = conv2d(x[None, None], np.outer(w, w)[None, None] / w.sum() ** 2, stride=S)[0, 0]
    return y


def _subsampled_first(x: np.ndarray, w: np.ndarray, S: int) -> np.ndarray:
    return _blurred(x[::S, ::S], w, 1)


def _rows_only(x: np.ndarray, w: np.ndarray, S: int) -> np.ndarray:
    y: np.ndarray = conv2d(x[None, None], w[None, None, None] / w.sum(), stride=S)[0, 0]
    return y


def _zeros_around(x: np.ndarray, w: np.ndarray, S: int) -> np.ndarray:
    F = len(w)
    return _blurred(np.pad(x, (F // 2, (F - 1) // 2)), w, S)


BLUR = Task(
    id="4.4",
    title="Blur before the stride",
    points=3,
    minutes=10,
    difficulty=2,
    name="blur_pool",
    cases=_blur_cases,
    reference=lambda x, w, S: _blurred(x, w, S),
    hints=(
        "`np.outer(w, w)` is the kernel with an entry for every pixel of the window. By what do you divide so that a "
        "flat picture stays what it is?",
        "Blur first: slide the kernel over x one pixel at a time. Only then keep every S-th row and every S-th column "
        "of the result, beginning with the first.",
    ),
    misconceptions=(
        Misconception(
            "not normalized",
            "A flat picture of 1 comes out of yours as something else: divide by the sum of all weights of the kernel.",
            lambda x, w, S: _blurred(x, w, S) * w.sum() ** 2,
        ),
        Misconception(
            "normalized once",
            "You divided by the sum of w once. The kernel is w times w, so its entries add up to the square of that.",
            lambda x, w, S: _blurred(x, w, S) * w.sum(),
        ),
        Misconception(
            "divided by the number of weights",
            "You divided by how many weights there are; a weighted mean is divided by their sum.",
            lambda x, w, S: _blurred(x, w, S) * (w.sum() / len(w)) ** 2,
        ),
        Misconception(
            "stride forgotten",
            "You blurred and kept every pixel; keep every S-th row and column.",
            lambda x, w, S: _blurred(x, w, 1),
        ),
        Misconception(
            "stride along the rows only",
            "You kept every S-th column and all rows: the stride holds in both directions.",
            lambda x, w, S: _blurred(x, w, (1, S)),
        ),
        Misconception(
            "stride down the columns only",
            "You kept every S-th row and all columns: the stride holds in both directions.",
            lambda x, w, S: _blurred(x, w, (S, 1)),
        ),
        Misconception(
            "subsampled first",
            "You threw pixels away first and blurred what was left. What is too fast must go before, or it comes "
            "back as something else.",
            _subsampled_first,
        ),
        Misconception(
            "not blurred",
            "You kept every S-th row and column of x itself. Blur comes first.",
            lambda x, w, S: x[::S, ::S].copy(),
        ),
        Misconception(
            "last place missing",
            "You stop before the last place where the kernel still fits: it may begin at row H - F, and `range` leaves "
            "out its end.",
            lambda x, w, S: _blurred(x, w, 1)[:-1, :-1][::S, ::S].copy(),
        ),
        Misconception(
            "blurred along the rows only",
            "You blurred along the rows only; stripes that lie level pass through that untouched.",
            _rows_only,
        ),
        Misconception(
            "zeros around the picture",
            "Your picture has zeros around it, so it gets darker at the borders. Use only the places where the kernel "
            "lies inside whole.",
            _zeros_around,
        ),
    ),
)

# --- 4.5 What a unit sees -------------------------------------------------------------------------------------


def _field_cases(rng: Rng) -> list[Case]:
    cases = [
        Case((np.array([3, 3]), np.array([1, 1])), label="two layers of 3, stride 1"),
        Case((np.array([3, 3, 3]), np.array([2, 2, 2])), label="three layers of 3, stride 2"),
        Case((np.array([5, 2, 5, 2]), np.array([1, 2, 1, 2])), label="LeNet's first four layers"),
    ]
    for n in (3, 5, 6):
        F, S = rng.integers(2, 8, size=n), rng.integers(1, 4, size=n)
        cases.append(Case((F, S), label=f"F = {F.tolist()}, S = {S.tolist()}"))
    return cases


def _field(F: np.ndarray, S: np.ndarray) -> tuple[int, int]:
    field = receptive_field([(int(f), int(s)) for f, s in zip(F, S, strict=True)])
    return field.size, field.stride


def _step(S: np.ndarray) -> int:
    return int(np.prod(S))


def _too_early(F: np.ndarray, S: np.ndarray) -> tuple[int, int]:
    return int(1 + np.sum((F - 1) * np.cumprod(S))), _step(S)


def _stride_below(F: np.ndarray, S: np.ndarray) -> tuple[int, int]:
    return int(1 + np.sum((F - 1) * np.append(1, S[:-1]))), _step(S)


def _strides_added(F: np.ndarray, S: np.ndarray) -> tuple[int, int]:
    j = np.cumsum(np.append(1, S - 1))
    return int(1 + np.sum((F - 1) * j[:-1])), int(j[-1])


FIELD = Task(
    id="4.5",
    title="What a unit sees",
    points=3,
    minutes=8,
    difficulty=2,
    name="field",
    returns=("r", "j"),
    cases=_field_cases,
    reference=_field,
    hints=(
        "An input sees itself and is 1 away from the next: begin with r = 1 and j = 1, and go through the layers from "
        "the input upward.",
        "A kernel of F has F - 1 gaps between its entries. Each gap is j inputs wide, where j is what the layers "
        "*below* made of it.",
        "Only after its own kernel has been counted does a layer's stride multiply j.",
    ),
    misconceptions=(
        Misconception(
            "F instead of F - 1",
            "You added F for each layer. The entry that is already there counts once; a kernel of F adds F - 1 more.",
            lambda F, S: (int(1 + np.sum(F * np.append(1, np.cumprod(S)[:-1]))), _step(S)),
        ),
        Misconception(
            "begun with 0",
            "Your receptive field begins with 0; without any layer a unit sees one entry, itself.",
            lambda F, S: (_field(F, S)[0] - 1, _step(S)),
        ),
        Misconception(
            "strides ignored",
            "Your r adds F - 1 for each layer, whatever the strides below. After a stride of 2, neighbors stand two "
            "inputs apart.",
            lambda F, S: (int(1 + np.sum(F - 1)), _step(S)),
        ),
        Misconception(
            "kernels added up",
            "You added the kernels up. Where two layers meet, one entry is counted twice: each layer adds F - 1, and "
            "times the strides below.",
            lambda F, S: (int(np.sum(F)), _step(S)),
        ),
        Misconception(
            "kernels multiplied",
            "You multiplied the kernels. Neighbors share most of what they see, so a layer adds to r; what multiplies "
            "is the step j.",
            lambda F, S: (int(np.prod(F)), _step(S)),
        ),
        Misconception(
            "own stride instead of those below",
            "Each layer of yours adds F - 1 times its own stride. How far apart its inputs stand is decided by the "
            "layers below, all of them.",
            lambda F, S: (int(1 + np.sum((F - 1) * S)), _step(S)),
        ),
        Misconception(
            "own stride too early",
            "You multiplied with a layer's stride before you counted its kernel. The kernel reads what comes in, and "
            "that stands as far apart as the layers below left it.",
            _too_early,
        ),
        Misconception(
            "only the layer below",
            "You used the stride of the layer just below. All layers below count: their strides multiply.",
            _stride_below,
        ),
        Misconception(
            "strides added",
            "You added the strides up. A stride of 2 on top of a stride of 2 makes neighbors stand 4 apart: multiply.",
            _strides_added,
        ),
        Misconception(
            "steps added in j",
            "Your r is right. In j you added the strides up: a step of 2 made of steps of 2 is a step of 4.",
            lambda F, S: (_field(F, S)[0], int(np.sum(S))),
        ),
        Misconception(
            "last stride as j",
            "Your r is right. Your j is the last stride, which counts units of the layer below; asked is for inputs.",
            lambda F, S: (_field(F, S)[0], int(S[-1])),
        ),
        Misconception(
            "from the top down",
            "You began with the last layer. With this rule begin at the input: F[0] and S[0] come first.",
            lambda F, S: _field(F[::-1], S[::-1]),
        ),
        Misconception(
            "swapped",
            "You returned j first: the order is r, j.",
            lambda F, S: _field(F, S)[::-1],
        ),
    ),
)

# --- 4.6 The way back through max pooling ---------------------------------------------------------------------


def _backward_cases(rng: Rng) -> list[Case]:
    dy = np.arange(1.0, 10).reshape(3, 3)
    cases = [
        Case((dy, GRID + np.arange(16).reshape(4, 4) / 100, 2, 1), label="4 × 4, F = 2, S = 1")
    ]
    for H, W, F, S in [(4, 6, 2, 2), (5, 7, 3, 2), (7, 6, 3, 1), (8, 9, 4, 3)]:
        x = (rng.permutation(H * W) - H * W // 2).reshape(H, W) / 4  # no two are equal
        shape = ((H - F) // S + 1, (W - F) // S + 1)
        cases.append(
            Case((rng.normal(size=shape).round(2), x, F, S), label=f"{H} × {W}, F = {F}, S = {S}")
        )
    return cases


def _backward(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    cache = max_pool2d_forward(x[None, None], F, stride=S)[1]
    dx: np.ndarray = max_pool2d_backward(dy[None, None], cache)[0, 0]
    return dx


def _shared_out(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    cache = average_pool2d_forward(x[None, None], F, stride=S)[1]
    dx: np.ndarray = average_pool2d_backward(dy[None, None], cache)[0, 0]
    return dx


def _winners(
    x: np.ndarray, F: int, S: int, shape: tuple[int, ...]
) -> list[tuple[int, int, int, int]]:
    """Return for each window its place (i, j) and where in it the largest entry stands (a, m)."""
    found = []
    for i, j in np.ndindex(*shape):
        a, m = divmod(int(x[i * S : i * S + F, j * S : j * S + F].argmax()), F)
        found.append((i, j, a, m))
    return found


def _overwritten(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    dx = np.zeros_like(x)
    for i, j, a, m in _winners(x, F, S, dy.shape):
        dx[i * S + a, j * S + m] = dy[i, j]
    return dx


def _erased(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    dx = np.zeros_like(x)
    for i, j, a, m in _winners(x, F, S, dy.shape):
        dx[i * S : i * S + F, j * S : j * S + F] = 0
        dx[i * S + a, j * S + m] = dy[i, j]
    return dx


def _counted_through_x(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    dx = np.zeros_like(x)
    for i, j, a, m in _winners(x, F, S, dy.shape):
        dx.flat[a * F + m] += dy[i, j]
    return dx


def _transposed(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    dx = np.zeros_like(x)
    for i, j, a, m in _winners(x, F, S, dy.shape):
        dx[i * S + m, j * S + a] += dy[i, j]
    return dx


def _stride_forgotten(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    dx = np.zeros_like(x)
    for i, j, a, m in _winners(x, F, 1, dy.shape):
        dx[i + a, j + m] += dy[i, j]
    return dx


def _place_in_window(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    dx = np.zeros_like(x)
    for i, j, a, m in _winners(x, F, S, dy.shape):
        dx[a, m] += dy[i, j]
    return dx


def _times_x(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    return _backward(dy, x, F, S) * x


BACKWARD = Task(
    id="4.6",
    title="The way back through max pooling",
    points=4,
    minutes=15,
    difficulty=3,
    name="max_pool_backward",
    returns=("dx",),
    cases=_backward_cases,
    reference=_backward,
    hints=(
        "y[i, j] is a copy of one entry of its window. If that entry grows a little, y[i, j] grows by the same; if "
        "another one does, nothing happens.",
        "Loop over the windows as in 4.1. `argmax` of a window counts through it row by row; "
        "`np.unravel_index(k, window.shape)` makes a row and a column of it.",
        "That row and column count from the corner of the window, which stands at i * S, j * S. An entry may win "
        "several windows: add.",
    ),
    misconceptions=(
        Misconception(
            "overwritten instead of added",
            "Where an entry wins several windows, only the last one's gradient is left: use +=.",
            _overwritten,
        ),
        Misconception(
            "erased by the next window",
            "A window writes zeros over what earlier windows left for its other entries: add to the slice of dx, with "
            "+=.",
            _erased,
        ),
        Misconception(
            "counted through x",
            "You took the `argmax` of a window as a place in x. It counts through the window; make a row and a column "
            "of it and add where the window begins.",
            _counted_through_x,
        ),
        Misconception(
            "shared out",
            "You shared the gradient out among all entries of the window, as average pooling does. The maximum comes "
            "from one of them.",
            _shared_out,
        ),
        Misconception(
            "given to the whole window",
            "Every entry of a window gets the full gradient. Would y[i, j] change if an entry grew a little that is "
            "not the largest?",
            lambda dy, x, F, S: _shared_out(dy, x, F, S) * F**2,
        ),
        Misconception(
            "dy forgotten",
            "Your winners get 1 for each window that they won; what comes back is the dy of that window.",
            lambda dy, x, F, S: _backward(np.ones_like(dy), x, F, S),
        ),
        Misconception(
            "times x",
            "You multiplied with the entry that won. y is a copy of it, so when it grows by a little, y grows by just "
            "that: the factor is 1.",
            _times_x,
        ),
        Misconception(
            "place in the window taken for place in x",
            "You used the winner's place inside its window as its place in x: add where the window begins, i * S "
            "and j * S.",
            _place_in_window,
        ),
        Misconception(
            "stride forgotten",
            "Your windows begin at i, j whatever S is; they begin at i * S, j * S.",
            _stride_forgotten,
        ),
        Misconception(
            "row and column exchanged",
            "Inside the window you exchanged row and column: `argmax` counts row by row, so the row is k // F and the "
            "column k % F.",
            _transposed,
        ),
    ),
)

# --- 4.7 In your own words ------------------------------------------------------------------------------------

WORDS = Task(
    id="4.7",
    title="What should stay, and what should move",
    points=2,
    minutes=8,
    difficulty=2,
    name="invariance and equivariance of three tasks",
    kind="written",
    hints=(
        "For each of the three, imagine the picture moved by a few pixels. Should the answer be the same, move along, "
        "or become another one?",
        "Then ask which layer forgets what: stride and pooling a little of the place, a mean over the whole map "
        "all of it.",
    ),
)

TASKS = (POOL, STAYS, KERNELS, BLUR, FIELD, BACKWARD, WORDS)
