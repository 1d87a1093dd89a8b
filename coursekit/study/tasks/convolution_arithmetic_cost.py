"""The exercise 3.4 of chapter 03: what a layer costs."""

import numpy as np

from coursekit.reference import conv2d_cost
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


def _one_channel_of_output(C: int, H: int, W: int, K: int, F: int, S: int, P: int) -> Cost3:
    parameters, activations, products = _cost(C, H, W, K, F, S, P)
    return parameters, activations // K, products


def _products_of_one_kernel(C: int, H: int, W: int, K: int, F: int, S: int, P: int) -> Cost3:
    parameters, activations, products = _cost(C, H, W, K, F, S, P)
    return parameters, activations, products // K


def _parameters_of_one_kernel(C: int, H: int, W: int, K: int, F: int, S: int, P: int) -> Cost3:
    _, activations, products = _cost(C, H, W, K, F, S, P)
    return C * F * F + 1, activations, products


def _input_channels_in_output(C: int, H: int, W: int, K: int, F: int, S: int, P: int) -> Cost3:
    parameters, activations, products = _cost(C, H, W, K, F, S, P)
    return parameters, C * activations, products


def _fence_post(C: int, H: int, W: int, K: int, F: int, S: int, P: int) -> Cost3:
    activations = K * ((H + 2 * P - F) // S) * ((W + 2 * P - F) // S)
    return K * (C * F * F + 1), activations, activations * C * F * F


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
            "The parameters are right. You took the height twice: the image's width may differ, and so may that of "
            "the output.",
            lambda C, H, W, K, F, S, P: _cost(C, H, H, K, F, S, P),
        ),
        Misconception(
            "square image, by its width",
            "The parameters are right. You took the width twice: the image's height may differ, and so may that of "
            "the output.",
            lambda C, H, W, K, F, S, P: _cost(C, W, W, K, F, S, P),
        ),
        Misconception(
            "fence post",
            "The parameters are right. In your places along an axis the first one is missing, the + 1 of 3.1.",
            _fence_post,
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
            "one channel of the output",
            "Parameters and multiply-adds are right. Your activations are those of one kernel; the output has a "
            "channel for each of the K.",
            _one_channel_of_output,
        ),
        Misconception(
            "products of one kernel",
            "Parameters and activations are right. Your multiply-adds are those of one kernel; there are K.",
            _products_of_one_kernel,
        ),
        Misconception(
            "parameters of one kernel",
            "Activations and multiply-adds are right. Your parameters are those of one kernel; there are K.",
            _parameters_of_one_kernel,
        ),
        Misconception(
            "input channels in the output",
            "Parameters and multiply-adds are right. In your activations stands the C of the input: a kernel sums "
            "over the channels, so they do not come out again.",
            _input_channels_in_output,
        ),
        Misconception(
            "input among the activations",
            "Parameters and multiply-adds are right. You counted the input among the activations; here they are the "
            "output of the layer only.",
            _input_added,
        ),
    ),
)
