"""The exercises 3.4 to 3.6 of chapter 03: what a layer costs, and the layers 1x1 and transposed."""

import numpy as np

from coursekit.reference import conv1x1, conv2d, conv2d_cost, conv_transpose2d
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator

# --- 3.4 What does the layer cost? -----------------------------------------------------------------------------


def _cost_cases(rng: Rng) -> list[Case]:
    sizes = [(2, 5, 4, 3, 3, 1, 0), (3, 32, 32, 10, 5, 1, 2), (3, 227, 227, 96, 11, 4, 0)]
    for _ in range(3):
        C, K, F, S, P = (
            int(rng.integers(low, high)) for low, high in ((2, 65), (2, 65), (2, 8), (1, 4), (0, 4))
        )
        H, W = (int(rng.integers(8, 100)) for _ in range(2))
        sizes.append((C, H, W, K, F, S, P))
    return [
        Case(
            numbers, label="C = {}, H = {}, W = {}, K = {}, F = {}, S = {}, P = {}".format(*numbers)
        )
        for numbers in sizes
    ]


Cost3 = tuple[int, int, int]


def _cost(C: int, H: int, W: int, K: int, F: int, S: int, P: int) -> Cost3:
    cost = conv2d_cost((C, H, W), K, F, stride=S, padding=P)
    return cost.parameters, cost.activations, cost.multiply_adds


def _one_channel(C: int, H: int, W: int, K: int, F: int, S: int, P: int) -> Cost3:
    return _cost(1, H, W, K, F, S, P)


def _no_bias(C: int, H: int, W: int, K: int, F: int, S: int, P: int) -> Cost3:
    _, activations, products = _cost(C, H, W, K, F, S, P)
    return K * C * F * F, activations, products


def _one_bias(C: int, H: int, W: int, K: int, F: int, S: int, P: int) -> Cost3:
    _, activations, products = _cost(C, H, W, K, F, S, P)
    return K * C * F * F + 1, activations, products


def _bias_each_channel(C: int, H: int, W: int, K: int, F: int, S: int, P: int) -> Cost3:
    _, activations, products = _cost(C, H, W, K, F, S, P)
    return K * C * (F * F + 1), activations, products


def _channel_missing_in_products(C: int, H: int, W: int, K: int, F: int, S: int, P: int) -> Cost3:
    parameters, activations, _ = _cost(C, H, W, K, F, S, P)
    return parameters, activations, activations * F * F


def _bias_in_products(C: int, H: int, W: int, K: int, F: int, S: int, P: int) -> Cost3:
    parameters, activations, _ = _cost(C, H, W, K, F, S, P)
    return parameters, activations, activations * (C * F * F + 1)


def _places_of_the_input(C: int, H: int, W: int, K: int, F: int, S: int, P: int) -> Cost3:
    return K * (C * F * F + 1), K * H * W, K * H * W * C * F * F


def _products_of_the_input(C: int, H: int, W: int, K: int, F: int, S: int, P: int) -> Cost3:
    parameters, activations, _ = _cost(C, H, W, K, F, S, P)
    return parameters, activations, K * H * W * C * F * F


def _without_kernels(C: int, H: int, W: int, K: int, F: int, S: int, P: int) -> Cost3:
    parameters, activations, products = _cost(C, H, W, K, F, S, P)
    return parameters, activations // K, products // K


def _input_added(C: int, H: int, W: int, K: int, F: int, S: int, P: int) -> Cost3:
    parameters, activations, products = _cost(C, H, W, K, F, S, P)
    return parameters, activations + C * H * W, products


def _one_channel_of_parameters(C: int, H: int, W: int, K: int, F: int, S: int, P: int) -> Cost3:
    _, activations, products = _cost(C, H, W, K, F, S, P)
    return K * (F * F + 1), activations, products


def _two_operations(C: int, H: int, W: int, K: int, F: int, S: int, P: int) -> Cost3:
    parameters, activations, products = _cost(C, H, W, K, F, S, P)
    return parameters, activations, 2 * products


COST = Task(
    id="3.4",
    title="What does the layer cost?",
    points=3,
    minutes=8,
    difficulty=2,
    name="layer_cost",
    returns=("parameters", "activations", "multiply_adds"),
    cases=_cost_cases,
    reference=_cost,
    hints=(
        "A kernel covers all C channels: how many weights has one, and how many biases? There are K of them.",
        "The activations are the entries of the output: K channels, each as high and as wide as 3.1 says.",
        "Each entry of the output is one sum. How many products does it add up?",
    ),
    misconceptions=(
        Misconception(
            "one channel",
            "Your kernels cover one channel. A kernel has weights for each of the C channels of the input.",
            _one_channel,
        ),
        Misconception(
            "biases forgotten",
            "Activations and multiply-adds are right. In the parameters the biases are missing.",
            _no_bias,
        ),
        Misconception(
            "one bias for the layer",
            "Activations and multiply-adds are right. Your layer has one bias in all; every kernel has its own.",
            _one_bias,
        ),
        Misconception(
            "a bias for each channel",
            "Activations and multiply-adds are right. You gave each kernel a bias for every input channel; its sum "
            "over all channels gets one.",
            _bias_each_channel,
        ),
        Misconception(
            "channels missing in the products",
            "Parameters and activations are right. Your multiply-adds cover one channel of the input; each output "
            "reads all of them.",
            _channel_missing_in_products,
        ),
        Misconception(
            "biases among the multiply-adds",
            "Parameters and activations are right. You counted adding the bias as a multiply-add; it multiplies "
            "nothing.",
            _bias_in_products,
        ),
        Misconception(
            "one channel in the parameters",
            "Activations and multiply-adds are right. In the parameters your kernels cover one channel; they have "
            "weights for each of the C.",
            _one_channel_of_parameters,
        ),
        Misconception(
            "two operations each",
            "Parameters and activations are right. You counted product and addition apart; together they are one "
            "multiply-add.",
            _two_operations,
        ),
        Misconception(
            "square image",
            "The parameters are right. You took one axis twice: height and width of the image may differ, and so do "
            "those of the output.",
            lambda C, H, W, K, F, S, P: _cost(C, H, H, K, F, S, P),
        ),
        Misconception(
            "padding forgotten",
            "The parameters are right. The padding does not appear in your places: it makes the input larger by 2P.",
            lambda C, H, W, K, F, S, P: _cost(C, H, W, K, F, S, 0),
        ),
        Misconception(
            "stride forgotten",
            "The parameters are right. The stride does not appear in your places.",
            lambda C, H, W, K, F, S, P: _cost(C, H, W, K, F, 1, P),
        ),
        Misconception(
            "places of the input",
            "The parameters are right. You took the height and width of the input; the kernel lies on the places of "
            "the output.",
            _places_of_the_input,
        ),
        Misconception(
            "products at every pixel of the input",
            "Parameters and activations are right. Your multiply-adds are those of one place at every pixel of the "
            "input; there is one for each entry of the output.",
            _products_of_the_input,
        ),
        Misconception(
            "one kernel",
            "The parameters are right. Activations and multiply-adds are those of one kernel; there are K.",
            _without_kernels,
        ),
        Misconception(
            "input among the activations",
            "Parameters and multiply-adds are right. You counted the input among the activations; here they are the "
            "output of the layer only.",
            _input_added,
        ),
    ),
)

# --- 3.5 A matrix for each pixel -------------------------------------------------------------------------------


def _mix_cases(rng: Rng) -> list[Case]:
    x = np.array([[[[1.0, 2]], [[3, 4]]]])  # one row of two pixels
    by_hand = Case(
        (x, np.array([[1.0, 1], [1, -1]]), np.array([0.0, 10])),
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
            "last channel only",
            "Only the last input channel is left: your loop over the channels assigns where it should add.",
            lambda x, w, b: conv1x1(x[:, -1:], w[:, -1:], b),
        ),
    ),
)

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
            "an ordinary convolution",
            "That is the way down: the kernel gathers a sum. Here each pixel spreads a whole kernel.",
            lambda x, w, stride, padding: conv2d(
                np.pad(x, len(w) - 1)[None, None], w[None, None], stride=stride
            )[0, 0],
        ),
    ),
)
