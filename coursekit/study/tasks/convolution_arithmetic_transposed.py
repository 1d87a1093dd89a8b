"""The exercise 3.6 of chapter 03: a transposed convolution."""

import numpy as np

from coursekit.reference import conv2d, conv_transpose2d
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator

# --- 3.6 Copies of the kernel ----------------------------------------------------------------------------------


def _up_cases(rng: Rng) -> list[Case]:
    x, w = np.array([[1.0, 2], [0, 3]]), np.array([[1.0, 2, 0], [0, 1, 0], [4, 0, 1]])
    cases = [Case((x, w, 2, 0), label="x = [[1, 2], [0, 3]], kernel 3, stride 2, padding 0")]
    for H, W, F, S, P in [
        (3, 3, 3, 1, 0),
        (3, 4, 3, 2, 1),
        (2, 3, 4, 3, 1),
        (4, 3, 2, 3, 0),
        (4, 5, 4, 2, 1),
    ]:
        x, w = rng.normal(size=(H, W)).round(2), rng.normal(size=(F, F)).round(2)
        cases.append(Case((x, w, S, P), label=f"{H} × {W}, kernel {F}, stride {S}, padding {P}"))
    return cases


def _up(x: np.ndarray, w: np.ndarray, stride: int, padding: int) -> np.ndarray:
    y: np.ndarray = conv_transpose2d(x[None, None], w[None, None], stride=stride, padding=padding)[
        0, 0
    ]
    return y


def _overwritten(x: np.ndarray, w: np.ndarray, stride: int, padding: int) -> np.ndarray:
    F = len(w)
    y = np.zeros(_up(x, w, stride, 0).shape)
    for i, j in np.ndindex(*x.shape):
        y[i * stride : i * stride + F, j * stride : j * stride + F] = x[i, j] * w
    return _cropped(y, padding)


def _cropped(y: np.ndarray, padding: int) -> np.ndarray:
    return y[padding : y.shape[0] - padding, padding : y.shape[1] - padding]


def _padded_instead(x: np.ndarray, w: np.ndarray, stride: int, padding: int) -> np.ndarray:
    return np.pad(_up(x, w, stride, 0), padding)


def _cut_at_the_end(x: np.ndarray, w: np.ndarray, stride: int, padding: int) -> np.ndarray:
    y = _up(x, w, stride, 0)
    return y[: y.shape[0] - 2 * padding, : y.shape[1] - 2 * padding]


def _cut_once(x: np.ndarray, w: np.ndarray, stride: int, padding: int) -> np.ndarray:
    return _up(x, w, stride, 0)[padding:, padding:]


def _input_padded(x: np.ndarray, w: np.ndarray, stride: int, padding: int) -> np.ndarray:
    return _up(np.pad(x, padding), w, stride, 0)


def _repeated(x: np.ndarray, w: np.ndarray, stride: int, padding: int) -> np.ndarray:
    large = x.repeat(stride, axis=0).repeat(stride, axis=1)[: (len(x) - 1) * stride + 1]
    large = large[:, : (x.shape[1] - 1) * stride + 1]
    return _cropped(_up(large, w, 1, 0), padding)


def _one_apart(x: np.ndarray, w: np.ndarray, stride: int, padding: int) -> np.ndarray:
    y = np.zeros(_up(x, w, stride, 0).shape)
    close = _up(x, w, 1, 0)
    y[: close.shape[0], : close.shape[1]] = close
    return _cropped(y, padding)


def _laid_down(
    x: np.ndarray, w: np.ndarray, stride: int, size: tuple[int, int], cut: int
) -> np.ndarray:
    """Lay the copies into an array of this size, and cut each side."""
    F, y = len(w), np.zeros(size)
    for i, j in np.ndindex(*x.shape):
        y[i * stride : i * stride + F, j * stride : j * stride + F] += x[i, j] * w
    return _cropped(y, cut)


def _room_without_kernel(x: np.ndarray, w: np.ndarray, stride: int, padding: int) -> np.ndarray:
    return _laid_down(x, w, stride, (len(x) * stride, x.shape[1] * stride), padding)


def _room_after_cutting(x: np.ndarray, w: np.ndarray, stride: int, padding: int) -> np.ndarray:
    rows, columns = ((n - 1) * stride - 2 * padding + len(w) for n in x.shape)
    return _laid_down(x, w, stride, (rows, columns), 0)


def _weight_by_weight(
    x: np.ndarray, w: np.ndarray, stride: int, padding: int, *, inside: bool
) -> np.ndarray:
    """Add every weight where it falls in the final output; an index below 0 counts from the end."""
    y, F = np.zeros_like(_up(x, w, stride, padding)), len(w)
    for i, j in np.ndindex(*x.shape):
        for a, m in np.ndindex(F, F):
            r, q = i * stride + a - padding, j * stride + m - padding
            if not inside or (r < len(y) and q < len(y[0])):
                y[r, q] += x[i, j] * w[a, m]
    return y


def _square_room(x: np.ndarray, w: np.ndarray, stride: int, padding: int) -> np.ndarray:
    side = (len(x) - 1) * stride + len(w)
    return _laid_down(x, w, stride, (side, side), padding)


def _nearly_one_too_many(x: np.ndarray, w: np.ndarray, stride: int, padding: int) -> np.ndarray:
    rows, columns = (n * stride + len(w) - 1 for n in x.shape)
    return _laid_down(x, w, stride, (rows, columns), padding)


def _way_down(x: np.ndarray, w: np.ndarray, stride: int, padding: int) -> np.ndarray:
    x, F = np.pad(x, padding), len(w)
    y = np.zeros([(n - F) // stride + 1 for n in x.shape])
    for i, j in np.ndindex(*y.shape):
        y[i, j] = np.sum(x[i * stride : i * stride + F, j * stride : j * stride + F] * w)
    return y


def _too_large(x: np.ndarray, w: np.ndarray, stride: int, padding: int) -> np.ndarray:
    y = np.zeros((len(x) * stride + len(w), x.shape[1] * stride + len(w)))
    whole = _up(x, w, stride, 0)
    y[: whole.shape[0], : whole.shape[1]] = whole
    return _cropped(y, padding)


UP = Task(
    id="3.6",
    title="Copies of the kernel",
    points=4,
    minutes=15,
    difficulty=3,
    name="transposed_conv",
    cases=_up_cases,
    reference=_up,
    hints=(
        "Leave the padding for the end. How large is the output without it? The last copy starts at (H - 1) * stride "
        "and is F high.",
        "Start from zeros. Pixel (i, j) puts x[i, j] times the whole kernel into the square whose corner is "
        "(i * stride, j * stride).",
        "Copies overlap, so add with +=. At the end keep what is at least `padding` away from every side, and think "
        "of the padding 0.",
    ),
    misconceptions=(
        Misconception(
            "overwritten instead of added",
            "Where copies overlap, yours overwrite each other: add them, with +=.",
            _overwritten,
        ),
        Misconception(
            "kernel flipped",
            "Your copies are flipped. Flip the kernel only if you slide it over zeros between the pixels; a copy is "
            "put down as it is.",
            lambda x, w, stride, padding: _up(x, w[::-1, ::-1].copy(), stride, padding),
        ),
        Misconception(
            "padding not cut off",
            "The copies are right. The padding is still missing: cut that many pixels off at each side.",
            lambda x, w, stride, padding: _up(x, w, stride, 0),
        ),
        Misconception(
            "empty slice",
            "Where the padding is 0, your output is empty: a slice that ends with -0 ends at the start. Write the "
            "end as a length minus the padding.",
            lambda x, w, stride, padding: _up(x, w, stride, 0)[padding:-padding, padding:-padding],
        ),
        Misconception(
            "padding added",
            "You put zeros around the output. Here padding works the other way round than in a convolution: it makes "
            "the output smaller.",
            _padded_instead,
        ),
        Misconception(
            "input padded",
            "You put zeros around the input, as before a convolution. Here padding is cut off the output.",
            _input_padded,
        ),
        Misconception(
            "cut at the end only",
            "You cut twice the padding off at the end; half of it belongs to the start.",
            _cut_at_the_end,
        ),
        Misconception(
            "cut at the start only",
            "You cut the padding off at the start only; it goes at every side.",
            _cut_once,
        ),
        Misconception(
            "stride forgotten",
            "Your output has the right size, and your copies lie one pixel apart: the copy of pixel (i, j) starts at "
            "(i * stride, j * stride).",
            _one_apart,
        ),
        Misconception(
            "pixels repeated",
            "You repeated the pixels before laying the kernel down. Between the pixels there is nothing: each puts "
            "down one copy.",
            _repeated,
        ),
        Misconception(
            "room for one copy too many",
            "Your output has room for more copies than there are pixels: the last copy starts at "
            "(H - 1) * stride, and nothing comes after its F rows.",
            _too_large,
        ),
        Misconception(
            "room for a step of each pixel",
            "Your output has room for `stride` rows for each of the H pixels; the last copy needs F rows after its "
            "start at (H - 1) * stride.",
            _room_without_kernel,
        ),
        Misconception(
            "room counted from H steps",
            "Your output is too large: from the first copy to the last there are H - 1 steps, and after the last "
            "start come F rows.",
            _nearly_one_too_many,
        ),
        Misconception(
            "no room for what is cut off",
            "Where there is padding, your copies do not fit: you made room for the final size only. Make room for "
            "whole copies, add them all, and cut at the end.",
            _room_after_cutting,
        ),
        Misconception(
            "no room for what is cut off, weight by weight",
            "Where there is padding, some weights fall outside your output: past its end that is an error, and an "
            "index below 0 counts from the end. Make room for whole copies, and cut when all are added.",
            lambda x, w, stride, padding: _weight_by_weight(x, w, stride, padding, inside=False),
        ),
        Misconception(
            "negative index",
            "Where there is padding, some weights fall above or left of your output. An index below 0 is no error, it "
            "counts from the end: they land on the other side.",
            lambda x, w, stride, padding: _weight_by_weight(x, w, stride, padding, inside=True),
        ),
        Misconception(
            "square output",
            "Your output is as wide as it is high; x may have more columns than rows, or fewer.",
            _square_room,
        ),
        Misconception(
            "stride forgotten, in the size too",
            "The stride does not appear in your answer: the copies of neighboring pixels start `stride` apart, and the "
            "output is larger by that.",
            lambda x, w, stride, padding: _up(x, w, 1, padding),
        ),
        Misconception(
            "the way down",
            "That is the ordinary convolution: the kernel gathers a sum, and the output is smaller. Here each pixel "
            "spreads a whole kernel, and the output is larger.",
            _way_down,
        ),
        Misconception(
            "an ordinary convolution",
            "That is the way down: the kernel gathers a sum. Here each pixel spreads a whole kernel.",
            lambda x, w, stride, padding: conv2d(
                np.pad(x, len(w) - 1)[None, None], w[None, None], stride=stride
            )[0, 0],
        ),
    ),
)
