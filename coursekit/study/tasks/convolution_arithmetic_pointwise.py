"""The exercise 3.5 of chapter 03: a 1x1 convolution."""

import numpy as np

from coursekit.reference import conv1x1
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator

# --- 3.5 A matrix for each pixel -------------------------------------------------------------------------------


def _mix_cases(rng: Rng) -> list[Case]:
    x = np.array([[[[1.0, 2]], [[3, 4]]]])  # one row of two pixels
    by_hand = Case(
        (x, np.array([[1.0, 2], [1, -1]]), np.array([0.0, 10])),
        label="one image, two channels, two pixels",
    )
    cases = [by_hand]
    # as wide as there are kernels: a bias along the wrong axis is then a wrong value, not a NumPy error
    for N, C, K, H, W in [(1, 3, 2, 4, 2), (2, 4, 3, 2, 3), (3, 5, 4, 2, 4)]:
        x, w, b = (rng.normal(size=size).round(2) for size in ((N, C, H, W), (K, C), (K,)))
        cases.append(Case((x, w, b), label=f"N = {N}, C = {C}, K = {K}, H = {H}, W = {W}"))
    return cases


def _mix(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    return conv1x1(x, w, b)


def _pixels_torn_apart(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    N, C, H, W = x.shape
    return (x.reshape(N * H * W, C) @ w.T + b).reshape(N, len(w), H, W)


def _put_back_wrong(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    N, C, H, W = x.shape
    return (x.transpose(0, 2, 3, 1).reshape(-1, C) @ w.T + b).reshape(N, len(w), H, W)


def _room_for_c(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    y = np.zeros(x.shape)
    y[:, : len(w)] = conv1x1(x, w, b)
    return y


def _images_mixed(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    N, C, H, W = x.shape
    return (w @ x.reshape(C, -1)).reshape(N, len(w), H, W) + b[:, None, None]


def _bias_along_pixels(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    N, C, H, W = x.shape
    return (w @ x.reshape(N, C, H * W) + b).reshape(N, len(w), H, W)


def _left_flat(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    y = conv1x1(x, w, b)
    return y.reshape(*y.shape[:2], -1)


def _first_image(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    y = np.zeros((len(x), len(w), *x.shape[2:]))
    y[0] = conv1x1(x, w, b)[0]
    return y


def _shaped_like_the_input(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    return conv1x1(x, w, b).reshape(x.shape)


def _loop_to_c(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    y = conv1x1(x, w, b)
    for k in range(x.shape[1]):
        y[:, k] = conv1x1(x, w[k][None], b[k : k + 1])[:, 0]
    return y


def _indices_exchanged(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    y = np.zeros((len(x), len(w), *x.shape[2:]))
    for k in range(len(w)):
        y[:, k] = b[k]
        for c in range(x.shape[1]):
            y[:, k] += w[c, k] * x[:, c]
    return y


MIX = Task(
    id="3.5",
    title="A matrix for each pixel",
    points=3,
    minutes=8,
    difficulty=2,
    name="mix_channels",
    cases=_mix_cases,
    reference=_mix,
    hints=(
        "Take one pixel of one image, `x[n, :, i, j]`: C numbers. What do w and b make of it? Loops over n, i and j "
        "are allowed.",
        "Without the loops: `x.reshape(N, C, H * W)` has the channels of a pixel in a column, and `@` multiplies the "
        "matrix with each image of a batch.",
        "The bias belongs to an output channel, which is axis 1: `b[:, None, None]` lines it up.",
    ),
    misconceptions=(
        Misconception(
            "bias forgotten",
            "The products are right. Each output channel still gets its bias b[k].",
            lambda x, w, b: conv1x1(x, w),
        ),
        Misconception(
            "bias along the width",
            "The products are right. NumPy lined your bias up with the last axis, the width: b[k] belongs to output "
            "channel k, which is axis 1.",
            lambda x, w, b: conv1x1(x, w) + b,
        ),
        Misconception(
            "bias along the pixels",
            "In the first case the products are right. NumPy lined your bias up with the last axis, the pixels, and "
            "raises an error where there are more of them than biases: b[k] belongs to output channel k.",
            _bias_along_pixels,
        ),
        Misconception(
            "bias along the height",
            "`b[:, None]` lines the bias up with the last axis but one, the height: b[k] belongs to output channel k, "
            "so two axes have to follow it.",
            lambda x, w, b: conv1x1(x, w) + b[:, None],
        ),
        Misconception(
            "width taken for channels",
            "`x @ w.T` sums over the last axis of x, which is the width. The sum is over the channels, axis 1: bring "
            "that one to the end first, and back afterwards.",
            lambda x, w, b: x @ w.T + b,
        ),
        Misconception(
            "matrix transposed",
            "You multiplied with w turned on its side: row k of w belongs to output channel k, column c to input "
            "channel c.",
            lambda x, w, b: (x.transpose(0, 2, 3, 1) @ w + b).transpose(0, 3, 1, 2),
        ),
        Misconception(
            "indices exchanged",
            "You read w[c, k]; its rows are the output channels, so it is w[k, c].",
            _indices_exchanged,
        ),
        Misconception(
            "images mixed",
            "One image is right, several are not: your `reshape` puts all images into one row, but they lie in memory "
            "one after another, each with all its channels. Keep their axis.",
            _images_mixed,
        ),
        Misconception(
            "first image only",
            "Only the first image of the batch is mixed; x has N of them.",
            _first_image,
        ),
        Misconception(
            "pixels left flat",
            "Your numbers are right and the pixels still stand in one row: give them their rows and columns back.",
            _left_flat,
        ),
        Misconception(
            "pixels torn apart",
            "`reshape` keeps the order in memory, so a row of your array holds neighboring pixels of one channel, "
            "not the channels of one pixel. Move the channel axis first, or let it stay before the pixels.",
            _pixels_torn_apart,
        ),
        Misconception(
            "put back in the wrong order",
            "Your products are right and stand in the wrong places: before you reshape back, the axes are image, "
            "pixel, channel. Shape them so, and then move the channels to axis 1.",
            _put_back_wrong,
        ),
        Misconception(
            "channels last",
            "Your numbers are right, with the channels on the last axis: the output is (N, K, H, W).",
            lambda x, w, b: conv1x1(x, w, b).transpose(0, 2, 3, 1).copy(),
        ),
        Misconception(
            "bias once for each input channel",
            "You added the bias inside the sum over the channels, so it is in there C times; it is added once.",
            lambda x, w, b: conv1x1(x, w, b * x.shape[1]),
        ),
        Misconception(
            "room for C channels",
            "Your output has as many channels as the input. It has one for each row of w.",
            _room_for_c,
        ),
        Misconception(
            "shaped like the input",
            "Your code works where x has as many channels as w has rows, and raises where not. The output has one "
            "channel for each row of w.",
            _shaped_like_the_input,
        ),
        Misconception(
            "loop over too many channels",
            "Your code works where x has as many channels as w has rows, and runs past the end of w where not: k "
            "counts the rows of w, c the channels of x.",
            _loop_to_c,
        ),
        Misconception(
            "last channel only",
            "Only the last input channel is left: your loop over the channels assigns where it should add.",
            lambda x, w, b: conv1x1(x[:, -1:], w[:, -1:], b),
        ),
    ),
)
