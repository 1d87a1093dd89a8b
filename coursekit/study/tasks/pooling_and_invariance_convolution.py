"""The exercises of chapter 04 on pooling and blurring as convolutions."""

import numpy as np

from coursekit.reference import conv2d
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator

# --- 4.3 Average pooling is a convolution ---------------------------------------------------------------------


def _kernel_cases(rng: Rng) -> list[Case]:
    sizes = [(3, 2), (2, 3), (2, 2)]
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
        Misconception(
            "one window for all",
            "This window is right for one channel. `conv2d` wants a kernel for each output channel, with one such part "
            "for each input channel, so four axes.",
            lambda C, F: np.full((F, F), 1 / F**2),
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


def _columns_only(x: np.ndarray, w: np.ndarray, S: int) -> np.ndarray:
    y: np.ndarray = conv2d(x[None, None], w[None, None, :, None] / w.sum(), stride=S)[0, 0]
    return y


def _same_in_every_row(x: np.ndarray, weights: np.ndarray, S: int) -> np.ndarray:
    kernel = np.tile(weights, (len(weights), 1))
    y: np.ndarray = conv2d(x[None, None], kernel[None, None], stride=S)[0, 0]
    return y


def _at_places_of_x(x: np.ndarray, w: np.ndarray, S: int) -> np.ndarray:
    everywhere = _blurred(x, w, 1)
    y = np.zeros(_blurred(x, w, S).shape)
    for i in range(0, everywhere.shape[0], S):
        for j in range(0, everywhere.shape[1], S):
            y[i, j] = everywhere[i, j]
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
            "blurred down the columns only",
            "You blurred down the columns only; upright stripes pass through that untouched.",
            _columns_only,
        ),
        Misconception(
            "same weights in every row",
            "NumPy laid the list w on every row of the window alike, so across you blur and down you only add up. "
            "`np.outer(w, w)` has a weight for every pixel.",
            lambda x, w, S: _same_in_every_row(x, w / w.sum(), S),
        ),
        Misconception(
            "squares for products",
            "`w * w` squares each weight and stays a list. The kernel has the product of every two weights, w[a] "
            "w[m]: `np.outer(w, w)`.",
            lambda x, w, S: _same_in_every_row(x, w * w / w.sum() ** 2, S),
        ),
        Misconception(
            "mean of the products",
            "You took the mean of the products. The weights of the kernel already add up to 1, so add the products up.",
            lambda x, w, S: _blurred(x, w, S) / len(w) ** 2,
        ),
        Misconception(
            "places of x used in y",
            "You wrote to y[i, j] where i and j count by S. Let them count outputs, which read x from i * S and j * S.",
            _at_places_of_x,
        ),
        Misconception(
            "zeros around the picture",
            "Your picture has zeros around it, so it gets darker at the borders. Use only the places where the kernel "
            "lies inside whole.",
            _zeros_around,
        ),
    ),
)
