"""Exercises 2.5 and 2.6: a layer with channels, and one matrix for a whole convolution."""

from collections.abc import Callable

import numpy as np

from coursekit.reference import conv2d, toeplitz2d
from coursekit.study.task import Case, Misconception, Task
from coursekit.study.tasks.convolution_2d_windows import draw, slide

Rng = np.random.Generator

# --- 2.5 A layer ----------------------------------------------------------------------------------------------


def _layer_cases(rng: Rng) -> list[Case]:
    # as many kernels as columns of the output: then biases added along the wrong axis raise no error
    channels = np.array([[[1.0, 2], [3, 4]], [[10, 20], [30, 40]]])
    by_hand = channels, np.array([[[[2.0]], [[0.1]]]]), np.array([1.0])
    cases = [
        Case(by_hand, label="two channels, one kernel of 1 by 1 with weights 2 and 0.1, bias 1")
    ]
    for C, H, W, K, F_h, F_w in [(3, 5, 6, 4, 3, 3), (2, 4, 5, 3, 2, 3), (4, 6, 5, 4, 3, 2)]:
        label = f"{C} channels of {H} by {W}, {K} kernels of {F_h} by {F_w}"
        args = draw(rng, C, H, W), draw(rng, K, C, F_h, F_w), draw(rng, K)
        cases.append(Case(args, label=label))
    return cases


def _layer(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    y: np.ndarray = conv2d(x[None], w, b)[0]
    return y


def _parts(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Return the answer of every slice of every kernel by itself, (K, C, H_out, W_out)."""
    return np.array([[slide(x_c, w_c) for x_c, w_c in zip(x, w_k, strict=True)] for w_k in w])


def _same_slice(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    return _layer(x, np.repeat(w[:, :1], len(x), axis=1), b)


def _exchanged(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Read w[c, k], which only exists where there are as many kernels as channels."""
    maps = [sum(slide(x[c], w[c, k]) for c in range(len(x))) + b[k] for k in range(len(w))]
    return np.array(maps)


def _first_map_only(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    y = np.zeros(_layer(x, w, b).shape)
    y[0] = _layer(x, w, b)[0]
    return y


LAYER = Task(
    id="2.5",
    title="A layer of kernels",
    points=4,
    minutes=15,
    difficulty=2,
    name="conv_layer",
    cases=_layer_cases,
    reference=_layer,
    hints=(
        "One map at a time. For map k, slide the slice `w[k, c]` over the channel `x[c]`, for every c, and add the "
        "answers up. Your code of 2.2 can be copied into the cell as a helper.",
        "Start every map from zeros, add C answers to it, and then the bias b[k] once.",
        "Or without a helper: at place (i, j) the window `x[:, i : i + F_h, j : j + F_w]` has the shape of `w[k]`.",
    ),
    misconceptions=(
        Misconception(
            "last channel only",
            "Only the last channel is left in your maps: you assign where you should add, with +=.",
            lambda x, w, b: _parts(x, w)[:, -1] + b[:, None, None],
        ),
        Misconception(
            "first channel only",
            "Your maps read the first channel only: is `return` or the end of the sum indented too far?",
            lambda x, w, b: _parts(x, w)[:, 0] + b[:, None, None],
        ),
        Misconception(
            "channels not summed",
            "You kept one map for each channel of each kernel. A kernel adds its channels up: one map a kernel.",
            lambda x, w, b: _parts(x, w) + b[:, None, None, None],
        ),
        Misconception(
            "a map for each kernel and channel",
            "You made a map for each kernel and each channel. A kernel adds its channels up: one map a kernel.",
            lambda x, w, b: np.concatenate(list(_parts(x, w))),
        ),
        Misconception(
            "channels added before weighing",
            "You added the channels first and the slices too. Each slice belongs to its own channel: multiply, then "
            "add.",
            lambda x, w, b: _layer(x.sum(axis=0)[None], w.sum(axis=1)[:, None], b),
        ),
        Misconception(
            "mean over channels",
            "You averaged over the channels; the weights already say how much each channel counts.",
            lambda x, w, b: _parts(x, w).mean(axis=1) + b[:, None, None],
        ),
        Misconception(
            "bias forgotten",
            "Your sums are right and the bias is missing: every entry of map k gets b[k] added.",
            lambda x, w, b: _layer(x, w, np.zeros(len(b))),
        ),
        Misconception(
            "bias along the columns",
            "Your biases went along the columns: NumPy lines b up with the last axis of y, and it belongs to the "
            "first. Give it two more axes.",
            lambda x, w, b: _layer(x, w, np.zeros(len(b))) + b,
        ),
        Misconception(
            "bias once a channel",
            "You added the bias once for every channel: it belongs to the map, so it comes after the sum over the "
            "channels.",
            lambda x, w, b: _layer(x, w, b * len(x)),
        ),
        Misconception(
            "bias once a product",
            "You added the bias to every single product: it comes once an entry, after the sum.",
            lambda x, w, b: _layer(x, w, b * w[0].size),
        ),
        Misconception(
            "one slice for all channels",
            "You used the first slice of each kernel for every channel: channel c has its own slice, w[k, c].",
            _same_slice,
        ),
        Misconception(
            "sum carried over",
            "Your sum goes on from one map to the next: set it back to zero before each kernel.",
            lambda x, w, b: np.cumsum(_layer(x, w, np.zeros(len(b))), axis=0) + b[:, None, None],
        ),
        Misconception(
            "sum carried over with the bias",
            "Each of your maps contains the maps before it: start each one from zeros.",
            lambda x, w, b: np.cumsum(_layer(x, w, b), axis=0),
        ),
        Misconception(
            "kernels turned",
            "Your kernels are turned by 180 degrees; a layer slides them as they are.",
            lambda x, w, b: _layer(x, w[:, :, ::-1, ::-1], b),
        ),
        Misconception(
            "bias along the rows",
            "Your biases went along the rows: NumPy lines shapes up from the last axis, and `b[:, None]` has two. The "
            "maps are the first of three axes, so b needs two more.",
            lambda x, w, b: _parts(x, w).sum(axis=1) + b[:, None],
        ),
        Misconception(
            "summed over the kernels",
            "You added up over the kernels and kept the channels. It is the other way round: one map a kernel.",
            lambda x, w, b: _parts(x, w).sum(axis=0) + b[:, None, None],
        ),
        Misconception(
            "kernel and channel exchanged",
            "You read w[c, k]: the first axis of w counts kernels, the second channels, so it is w[k, c].",
            _exchanged,
        ),
        Misconception(
            "first channel for every slice",
            "All slices of your kernels read channel 0: slice w[k, c] belongs to channel x[c].",
            lambda x, w, b: _layer(np.repeat(x[:1], len(x), axis=0), w, b),
        ),
        Misconception(
            "first kernel for every map",
            "All your maps come from kernel 0 and differ in their bias only: map k belongs to kernel w[k].",
            lambda x, w, b: _layer(x, np.repeat(w[:1], len(w), axis=0), b),
        ),
        Misconception(
            "maps added up",
            "You added up the kernels too. Only channels are summed: every kernel keeps a map of its own.",
            lambda x, w, b: _layer(x, w, b).sum(axis=0),
        ),
        Misconception(
            "maps last",
            "Your numbers are right and in another order: maps first, then rows, then columns.",
            lambda x, w, b: _layer(x, w, b).transpose(1, 2, 0).copy(),
        ),
        Misconception(
            "first map only",
            "Only map 0 is filled: is `return` indented so far that it belongs to a loop?",
            _first_map_only,
        ),
    ),
)

# --- 2.6 The matrix with blocks -------------------------------------------------------------------------------


def _matrix_cases(rng: Rng) -> list[Case]:
    cases = [Case((np.array([[1.0, 2], [3, 4]]), 3, 3), label="w = 1 2 / 3 4, H = 3, W = 3")]
    # outputs that are not square, in both directions: else a wrong row number stays hidden
    for H, W, F_h, F_w in [(4, 6, 2, 3), (6, 4, 3, 2), (4, 4, 3, 3), (3, 5, 1, 2)]:
        label = f"w of {F_h} by {F_w}, H = {H}, W = {W}"
        cases.append(Case((draw(rng, F_h, F_w), H, W), label=label))
    return cases


def _rows(w: np.ndarray, H: int, W: int) -> tuple[int, int]:
    return H - w.shape[0] + 1, W - w.shape[1] + 1


def _moved_by_one(w: np.ndarray, H: int, W: int) -> np.ndarray:
    H_out, W_out = _rows(w, H, W)
    first = toeplitz2d(w, H, W)[0]
    return np.array([np.roll(first, p) for p in range(H_out * W_out)])


def _kernel_in_one_piece(w: np.ndarray, H: int, W: int) -> np.ndarray:
    H_out, W_out = _rows(w, H, W)
    T = np.zeros((H_out * W_out, H * W))
    for i, j in np.ndindex(H_out, W_out):
        start = i * W + j
        T[i * W_out + j, start : start + w.size] = w.ravel()
    return T


def _width_of_the_output(w: np.ndarray, H: int, W: int) -> np.ndarray:
    (H_out, W_out), (F_h, F_w) = _rows(w, H, W), w.shape
    T = np.zeros((H_out * W_out, H * W))
    for i, j, a, b in np.ndindex(H_out, W_out, F_h, F_w):
        T[i * W_out + j, (i + a) * W_out + j + b] = w[a, b]
    return T


def _blocks_stay(w: np.ndarray, H: int, W: int) -> np.ndarray:
    H_out, W_out = _rows(w, H, W)
    return np.tile(toeplitz2d(w, H, W)[:W_out], (H_out, 1))


def _row_for_every_pixel(w: np.ndarray, H: int, W: int) -> np.ndarray:
    H_out, W_out = _rows(w, H, W)
    T = np.zeros((H, W, H * W))
    T[:H_out, :W_out] = toeplitz2d(w, H, W).reshape(H_out, W_out, H * W)
    return T.reshape(H * W, H * W)


def _numbered(
    w: np.ndarray, H: int, W: int, row: Callable[[int, int], int], width: int
) -> np.ndarray:
    """Fill T entry by entry, with row number ``row(i, j)`` and ``width`` columns to a row of the image."""
    H_out, W_out = _rows(w, H, W)
    T = np.zeros((H_out * W_out, H * W))
    for i, j in np.ndindex(H_out, W_out):
        for a, b in np.ndindex(w.shape):
            T[row(i, j), (i + a) * width + j + b] = w[a, b]
    return T


def _rows_by_height(w: np.ndarray, H: int, W: int) -> np.ndarray:
    H_out = _rows(w, H, W)[0]
    return _numbered(w, H, W, lambda i, j: i * H_out + j, W)


def _rows_down_the_columns(w: np.ndarray, H: int, W: int) -> np.ndarray:
    H_out = _rows(w, H, W)[0]
    return _numbered(w, H, W, lambda i, j: j * H_out + i, W)


def _columns_by_height(w: np.ndarray, H: int, W: int) -> np.ndarray:
    W_out = _rows(w, H, W)[1]
    return _numbered(w, H, W, lambda i, j: i * W_out + j, H)


MATRIX = Task(
    id="2.6",
    title="The matrix with blocks",
    points=4,
    minutes=18,
    difficulty=3,
    name="blocked_toeplitz",
    returns=("T",),
    cases=_matrix_cases,
    reference=lambda w, H, W: toeplitz2d(w, H, W),
    hints=(
        "Row number i * W_out + j of T belongs to output (i, j). Pixel (r, q) of the image has column number r * W + "
        "q. Which pixels does output (i, j) read, and with which weights?",
        "Output (i, j) reads pixel (i + a, j + b) with weight w[a, b]. Four loops and one assignment are enough.",
        "Shorter: give T the four axes H_out, W_out, H, W. Then the whole kernel goes in at once for every (i, j), and "
        "a reshape at the end makes two axes of four.",
    ),
    misconceptions=(
        Misconception(
            "each row moved by one",
            "You moved each row by one against the row above. Within a row of the image that is right; but from the "
            "last place of one row to the first of the next the window goes back to the left edge.",
            _moved_by_one,
        ),
        Misconception(
            "kernel in one piece",
            "Your rows hold the kernel in one piece. Between two rows of the kernel lie the pixels of the image that "
            "the window does not touch: from one pixel to the one below it are W columns.",
            _kernel_in_one_piece,
        ),
        Misconception(
            "columns counted with the width of the output",
            "You counted the columns with the width of the output. A column is a pixel of the image: pixel (r, q) has "
            "the number r * W + q.",
            _width_of_the_output,
        ),
        Misconception(
            "kernel turned",
            "Your rows hold the kernel turned by 180 degrees: output (i, j) reads pixel (i, j) with w[0, 0].",
            lambda w, H, W: toeplitz2d(w[::-1, ::-1].copy(), H, W),
        ),
        Misconception(
            "transposed",
            "That is the transpose: T has one row for every output and one column for every pixel, so that T @ "
            "x.ravel() is the output.",
            lambda w, H, W: toeplitz2d(w, H, W).T.copy(),
        ),
        Misconception(
            "column by column",
            "You counted pixels and outputs column by column; `ravel` goes row by row.",
            lambda w, H, W: toeplitz2d(w.T.copy(), W, H),
        ),
        Misconception(
            "blocks stay",
            "All your rows of blocks are the same: one row of the output further down, the window is one row of the "
            "image further down too.",
            _blocks_stay,
        ),
        Misconception(
            "four axes",
            "Your numbers are right, in an array with four axes: bring the two of the output together, and the two of "
            "the image.",
            lambda w, H, W: toeplitz2d(w, H, W).reshape(*_rows(w, H, W), H, W),
        ),
        Misconception(
            "a row for every pixel",
            "You made a row for every pixel, and some stay empty: T has a row for every output, and row (i, j) is "
            "number i * W_out + j.",
            _row_for_every_pixel,
        ),
        Misconception(
            "rows counted with the height of the output",
            "You counted the rows of T with H_out. One row of the output further down are W_out places: (i, j) has the "
            "number i * W_out + j.",
            _rows_by_height,
        ),
        Misconception(
            "rows down the columns",
            "Your rows of T follow the output down its columns; `ravel` goes row by row: (i, j) has the number i * "
            "W_out + j.",
            _rows_down_the_columns,
        ),
        Misconception(
            "columns counted with the height of the image",
            "You counted the columns of T with H. From one pixel to the one below it are W columns: pixel (r, q) has "
            "the number r * W + q.",
            _columns_by_height,
        ),
        Misconception(
            "reshaped the other way",
            "Your numbers are right and the last reshape is not: T has a row for every output and a column for every "
            "pixel.",
            lambda w, H, W: toeplitz2d(w, H, W).reshape(H * W, -1),
        ),
        Misconception(
            "rows counted with the width of the image",
            "An index runs off T. If it is the one of the row: rows of T are outputs, so (i, j) has the number i * "
            "W_out + j, with the width of the output.",
            lambda w, H, W: _numbered(w, H, W, lambda i, j: i * W + j, W),
        ),
    ),
)
