"""Exercises 7.4 and 7.6: what a network carries forward and backward, layer by layer."""

from collections.abc import Callable

import numpy as np

from coursekit.reference import relu
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator
Array = np.ndarray


def _rms(values: Array) -> float:
    return float(np.sqrt(np.mean(values**2)))


# --- 7.4 Size after every layer --------------------------------------------------------------------------------


def _forward_cases(rng: Rng) -> list[Case]:
    by_hand = (
        np.array([[1.0, 7.0]]),
        np.array([[[1.0, 0.0], [0.0, 1.0]], [[1.0, 1.0], [-1.0, 0.0]]]),
    )
    cases = [Case(by_hand, label="1 sample, 2 layers of 2 units")]
    for N, depth, n in [(3, 2, 4), (5, 4, 8), (4, 6, 20)]:
        x, weights = rng.normal(size=(N, n)), rng.normal(size=(depth, n, n)) * (2 / n) ** 0.5
        cases.append(
            Case((x.round(3), weights.round(3)), label=f"N = {N}, {depth} layers of {n} units")
        )
    return cases


def _sizes(
    x: Array, weights: Array, measure: Callable[[Array], float] = _rms, *, transposed: bool = False
) -> Array:
    h, found = x, []
    for w in weights:
        h = relu(h @ w if transposed else h @ w.T)
        found.append(measure(h))
    return np.array(found)


def _forward(x: Array, weights: Array) -> Array:
    return _sizes(x, weights)


def _before_relu(x: Array, weights: Array) -> Array:
    h, found = x, []
    for w in weights:
        s = h @ w.T
        found.append(_rms(s))
        h = relu(s)
    return np.array(found)


def _not_passed_on(x: Array, weights: Array) -> Array:
    s, found = x, []
    for w in weights:
        s = s @ w.T
        found.append(_rms(relu(s)))
    return np.array(found)


def _without_relu(x: Array, weights: Array) -> Array:
    h, found = x, []
    for w in weights:
        h = h @ w.T
        found.append(_rms(h))
    return np.array(found)


FORWARD = Task(
    id="7.4",
    title="Size after every layer",
    points=3,
    minutes=10,
    difficulty=2,
    name="relu_sizes",
    returns=("sizes",),
    cases=_forward_cases,
    reference=_forward,
    hints=(
        "Keep one array h and replace it layer by layer. It starts as x.",
        "One layer: sums h @ w.T, then everything below 0 becomes 0. Measure after that.",
        "The size is the root of the mean of the squares: np.sqrt(np.mean(h**2)), one number for a layer.",
    ),
    misconceptions=(
        Misconception(
            "standard deviation",
            "You measured the standard deviation, which subtracts the mean. Behind ReLU the mean is not 0, and the "
            "next layer feels it: take the root of the mean square.",
            lambda x, weights: _sizes(x, weights, lambda h: float(h.std())),
        ),
        Misconception(
            "root forgotten",
            "This is the mean square. The size is its root.",
            lambda x, weights: _sizes(x, weights, lambda h: float(np.mean(h**2))),
        ),
        Misconception(
            "variance",
            "You measured the variance. The size is the root of the mean square, with no mean subtracted.",
            lambda x, weights: _sizes(x, weights, lambda h: float(h.var())),
        ),
        Misconception(
            "measured before ReLU",
            "You measured the sums before ReLU. What goes on to the next layer is what ReLU leaves.",
            _before_relu,
        ),
        Misconception(
            "ReLU not passed on",
            "You measured behind ReLU, but the next layer reads what was there before it. It reads h, what ReLU has "
            "left.",
            _not_passed_on,
        ),
        Misconception(
            "ReLU forgotten",
            "Your layers have no ReLU: everything below 0 passes too.",
            _without_relu,
        ),
        Misconception(
            "weights not transposed",
            "You computed h @ w, so units read columns of w. Each row of w belongs to one unit.",
            lambda x, weights: _sizes(x, weights, transposed=True),
        ),
        Misconception(
            "every layer reads the input",
            "Each of your layers reads x. Only the first does; the others read what the layer before has sent.",
            lambda x, weights: np.array([_rms(relu(x @ w.T)) for w in weights]),
        ),
        Misconception(
            "input counted as a layer",
            "Your first number is the size of the input. The task asks for one number for each layer, after it.",
            lambda x, weights: np.array([_rms(x), *_forward(x, weights)]),
        ),
        Misconception(
            "one layer late",
            "You measured before each layer instead of after it: the input is in your answer, the last layer is not.",
            lambda x, weights: np.array([_rms(x), *_forward(x, weights)[:-1]]),
        ),
        Misconception(
            "mean without squares",
            "You took the mean of the outputs themselves. Square first, then take the mean, then the root: it is mean "
            "squares for which the rule of the chapter holds.",
            lambda x, weights: _sizes(x, weights, lambda h: float(np.abs(h).mean())),
        ),
        Misconception(
            "a root for each sample",
            "You took the root for each sample and then the mean of the roots. The mean square runs over all samples "
            "and units; the root comes last.",
            lambda x, weights: _sizes(
                x, weights, lambda h: float(np.sqrt((h**2).mean(axis=1)).mean())
            ),
        ),
        Misconception(
            "length instead of size",
            "You added up the squares. The size is their mean (then the root), so that it does not depend on how many "
            "numbers there are.",
            lambda x, weights: _sizes(x, weights, lambda h: float(np.sqrt(np.sum(h**2)))),
        ),
        Misconception(
            "only the numbers above 0",
            "You left out the zeros before you took the mean. The zeros are outputs too; that is the point.",
            lambda x, weights: _sizes(
                x, weights, lambda h: _rms(h[h > 0]) if (h > 0).any() else 0.0
            ),
        ),
        Misconception(
            "last layer alone",
            "You returned one number. The task asks for one for each layer, in an array.",
            lambda x, weights: float(_forward(x, weights)[-1]),
        ),
    ),
)

# --- 7.6 The way back ------------------------------------------------------------------------------------------


def _back_cases(rng: Rng) -> list[Case]:
    by_hand = (
        np.array([[1.0, 7.0]]),
        np.array([[[1.0, 2.0], [0.0, 1.0]], [[2.0, 0.0], [0.0, 1.0]]]),
        np.array([[[0.5, 0.1]], [[0.0, 0.6]]]),
    )
    cases = [Case(by_hand, label="1 sample, 2 layers of 2 units")]
    for N, depth, n in [(3, 2, 3), (4, 4, 6), (2, 5, 12)]:
        dh = rng.normal(size=(N, n)).round(3)
        weights = (rng.normal(size=(depth, n, n)) * n**-0.5).round(3)
        hs = np.tanh(rng.normal(size=(depth, N, n))).round(3)
        cases.append(Case((dh, weights, hs), label=f"N = {N}, {depth} layers of {n} units"))
    return cases


def _slope(h: Array) -> Array:
    return 1 - h**2


def _walk(
    dh: Array,
    weights: Array,
    hs: Array,
    slope: Callable[[Array], Array] = _slope,
    *,
    transposed: bool = False,
) -> list[Array]:
    """Return the gradients at the output of layer 0 (the input), 1, ... and the last."""
    found = [dh]
    for w, h in zip(weights[::-1], hs[::-1], strict=True):
        da = found[-1] * slope(h)
        found.append(da @ (w.T if transposed else w))
    return found[::-1]


def _measured(gradients: list[Array]) -> Array:
    return np.array([_rms(one) for one in gradients])


def _back(dh: Array, weights: Array, hs: Array) -> Array:
    return _measured(_walk(dh, weights, hs)[1:])


def _slope_of_the_layer_below(dh: Array, weights: Array, hs: Array) -> Array:
    found = [dh]
    for k in range(len(weights) - 1, 0, -1):
        found.append((found[-1] @ weights[k]) * _slope(hs[k - 1]))
    return _measured(found[::-1])


def _slope_of_the_wrong_layer(dh: Array, weights: Array, hs: Array) -> Array:
    found = [dh]
    for k in range(len(weights) - 1, 0, -1):
        found.append((found[-1] * _slope(hs[k - 1])) @ weights[k])
    return _measured(found[::-1])


def _weights_before_the_slope(dh: Array, weights: Array, hs: Array) -> Array:
    found = [dh]
    for k in range(len(weights) - 1, 0, -1):
        found.append((found[-1] @ weights[k]) * _slope(hs[k]))
    return _measured(found[::-1])


def _weights_of_the_layer_below(dh: Array, weights: Array, hs: Array) -> Array:
    found = [dh]
    for k in range(len(weights) - 1, 0, -1):
        found.append((found[-1] * _slope(hs[k])) @ weights[k - 1])
    return _measured(found[::-1])


def _every_step_from_dh(dh: Array, weights: Array, hs: Array) -> Array:
    steps = [(dh * _slope(h)) @ w for w, h in zip(weights[1:], hs[1:], strict=True)]
    return _measured([*steps, dh])


def _at_the_sums(dh: Array, weights: Array, hs: Array) -> Array:
    gradients = _walk(dh, weights, hs)[1:]
    return _measured([d * _slope(h) for d, h in zip(gradients, hs, strict=True)])


def _forward_order(dh: Array, weights: Array, hs: Array) -> Array:
    return _measured(_walk(dh, weights[::-1], hs[::-1])[1:])


BACK = Task(
    id="7.6",
    title="The way back",
    points=4,
    minutes=16,
    difficulty=3,
    name="gradient_sizes",
    returns=("sizes",),
    cases=_back_cases,
    reference=_back,
    hints=(
        "Start at the last layer: the gradient at its output is dh, so the last number is the size of dh.",
        "One step back through a layer: the slope of tanh at this layer's output h is 1 − h². That gives da. Then "
        "da @ w is the gradient at the output of the layer below.",
        "Walk from the last layer to the second: with L layers there are L − 1 steps, since the gradient at the "
        "network's input is not asked for.",
        "Collect the sizes on the way and turn the list round at the end: the first number belongs to layer 1.",
    ),
    misconceptions=(
        Misconception(
            "order reversed",
            "Your numbers are right and in the order of the way back. Layer 1 comes first.",
            lambda dh, weights, hs: _back(dh, weights, hs)[::-1],
        ),
        Misconception(
            "order reversed, one layer too far",
            "You walked as far as the input, left out dh itself, and kept the order of the way back. The numbers are "
            "for the outputs of layers 1 to L, layer 1 first.",
            lambda dh, weights, hs: _measured(_walk(dh, weights, hs)[:-1])[::-1],
        ),
        Misconception(
            "slope forgotten",
            "You went back through the weights alone. On the way through tanh its slope comes in.",
            lambda dh, weights, hs: _measured(_walk(dh, weights, hs, np.ones_like)[1:]),
        ),
        Misconception(
            "slope with h instead of its square",
            "Your slope is 1 − h. That of tanh is 1 − h²: h can be negative.",
            lambda dh, weights, hs: _measured(_walk(dh, weights, hs, lambda h: 1 - h)[1:]),
        ),
        Misconception(
            "slope of the sigmoid",
            "h (1 − h) is the slope of the sigmoid. These layers have tanh.",
            lambda dh, weights, hs: _measured(_walk(dh, weights, hs, lambda h: h * (1 - h))[1:]),
        ),
        Misconception(
            "tanh taken twice",
            "You put h into tanh once more. h is already the output of tanh, and its slope is 1 − h².",
            lambda dh, weights, hs: _measured(
                _walk(dh, weights, hs, lambda h: 1 - np.tanh(h) ** 2)[1:]
            ),
        ),
        Misconception(
            "slope of ReLU",
            "You let pass what is above 0 and stopped the rest: that is ReLU. These layers have tanh.",
            lambda dh, weights, hs: _measured(
                _walk(dh, weights, hs, lambda h: (h > 0).astype(float))[1:]
            ),
        ),
        Misconception(
            "slope of the layer below",
            "You went through the weights of a layer first and then through the tanh of the layer below. dh arrives at "
            "the output of the last layer, so its own tanh comes first.",
            _slope_of_the_layer_below,
        ),
        Misconception(
            "weights before the slope",
            "You went through a layer's weights first and took its slope afterward. dh arrives at the output of the "
            "layer, so the slope comes first: da = dh · (1 − h²), then da @ w.",
            _weights_before_the_slope,
        ),
        Misconception(
            "weights of the layer below",
            "You took the weights of the layer below. A layer's weights lie between its own output and the output of "
            "the layer below, so the slope at h_k and the weights w_k go together.",
            _weights_of_the_layer_below,
        ),
        Misconception(
            "every step from dh",
            "Each of your steps starts from dh. Only the first does; the others go on from what came out of the step "
            "before.",
            _every_step_from_dh,
        ),
        Misconception(
            "dh left out",
            "One number is missing: the last is the size of dh itself, the gradient at the output of the last layer.",
            lambda dh, weights, hs: _back(dh, weights, hs)[:-1],
        ),
        Misconception(
            "standard deviation",
            "You measured the standard deviation, which subtracts the mean. The size is the root of the mean square.",
            lambda dh, weights, hs: np.array([d.std() for d in _walk(dh, weights, hs)[1:]]),
        ),
        Misconception(
            "slope of the wrong layer",
            "You took the slope at the outputs of the layer below, and then the weights of this one. A layer's weights "
            "and its tanh belong together.",
            _slope_of_the_wrong_layer,
        ),
        Misconception(
            "weights transposed",
            "You computed da @ w.T. Forward it was h @ w.T; what an input gets back comes along the same weights, the "
            "other way.",
            lambda dh, weights, hs: _measured(_walk(dh, weights, hs, transposed=True)[1:]),
        ),
        Misconception(
            "input counted as a layer",
            "You have one number too many: the first is the gradient at the network's input. The task asks for the "
            "outputs of the layers.",
            lambda dh, weights, hs: _measured(_walk(dh, weights, hs)),
        ),
        Misconception(
            "one layer too far",
            "Your numbers belong to the inputs of the layers: the network's input is in your answer, and dh is not. "
            "The task asks for the outputs.",
            lambda dh, weights, hs: _measured(_walk(dh, weights, hs)[:-1]),
        ),
        Misconception(
            "measured at the sums",
            "You measured after the slope of tanh, at the sums. The task asks for the gradients at the outputs.",
            _at_the_sums,
        ),
        Misconception(
            "walked forward",
            "You took the first layer's weights first. The gradient arrives at the last layer.",
            _forward_order,
        ),
        Misconception(
            "root forgotten",
            "These are mean squares. The size is the root.",
            lambda dh, weights, hs: _back(dh, weights, hs) ** 2,
        ),
    ),
)
