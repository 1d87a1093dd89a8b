"""Exercises 14.2 and 14.4: images that are changed along a gradient, in torch."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator

# --- the net of the exercises ---------------------------------------------------------------------------------


def scores(x: Any, w: Any, v: Any) -> Any:
    """Return the scores (N, classes) of a small net: a convolution, a ReLU, the mean of each map, a linear layer."""
    from torch.nn.functional import conv2d

    return conv2d(x, w).relu().mean((2, 3)) @ v.T


def draw_net(rng: Rng, C: int, K: int, classes: int) -> tuple[Any, Any]:
    """Draw kernels (K, C, 3, 3) and the weights (classes, K) of the linear layer."""
    import torch

    w, v = rng.normal(0, 0.5, (K, C, 3, 3)), rng.normal(size=(classes, K))
    return torch.from_numpy(w), torch.from_numpy(v)


def gradient_at(value: Callable[[Any], Any], x: Any) -> Any:
    """Return the gradient of a number that depends on an image."""
    import torch

    at = x.detach().clone().requires_grad_()
    return torch.autograd.grad(value(at), at)[0]


# --- 14.2 Gradient ascent -------------------------------------------------------------------------------------


def _ascent_cases(rng: Rng) -> list[Case]:
    import torch

    x = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]], dtype=torch.float64)
    w = torch.tensor([[[[3.0, 0.0], [0.0, 4.0]]]], dtype=torch.float64)
    cases = [Case((x, w, 0.5, 1), label="x = 1 2 / 3 4, w = 3 0 / 0 4, one step of 0.5")]
    for N, C, steps in ((1, 2, 3), (1, 1, 5)):
        x = torch.from_numpy(rng.normal(0.5, 1, (N, C, 6, 6)))
        w = torch.from_numpy(rng.normal(size=(1, C, 3, 3)))
        rate = float(rng.uniform(0.2, 0.4))
        label = f"{N} × {C} × 6 × 6, {steps} steps"
        cases.append(Case((x, w, rate, steps), label=label))
    return cases


def _rms(g: Any) -> Any:
    return g.square().mean().sqrt()


def _ascend(
    x: Any,
    w: Any,
    rate: float,
    steps: int,
    *,
    sign: int = 1,
    size: Callable[[Any], Any] = _rms,
    again: bool = True,
    piled: bool = False,
    rectified: bool = True,
    length: bool = True,
    more: int = 0,
    only: int | None = None,
    padding: int = 0,
    change: bool = False,
) -> Any:
    import torch
    from torch.nn.functional import conv2d

    def answer(image: Any) -> Any:
        y = conv2d(image, w, padding=padding)
        y = y.relu() if rectified else y
        return y.norm() if length else y.mean()

    first = gradient_at(answer, x)
    total, before = torch.zeros_like(x), x
    for _ in range(steps + more if only is None else only):
        g = gradient_at(answer, x) if again else first
        total = total + g
        g = total if piled else g
        before, x = x, x + sign * rate * g / size(g)
    return x - before if change else x


def _never_cut_off(x: Any, w: Any, rate: float, steps: int) -> Any:
    """Go on with the result of a computation, which keeps no gradient of its own."""
    import torch

    for _ in range(steps):
        x = x.requires_grad_()
        length = torch.nn.functional.conv2d(x, w).relu().norm()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch warns of what the sentence explains
            length.backward()
            x = x + rate * x.grad / _rms(x.grad)
    return x.detach()


def _reference_ascend(x: Any, w: Any, rate: float, steps: int) -> Any:
    return _ascend(x, w, rate, steps)


ASCENT = Task(
    id="14.2",
    title="Uphill",
    points=3,
    minutes=14,
    difficulty=2,
    name="ascend",
    returns=("x",),
    cases=_ascent_cases,
    reference=_reference_ascend,
    uses_torch=True,
    hints=(
        "In each step: a copy of the image that wants a gradient, the answer, its gradient, the new image.",
        "`image = x.clone().requires_grad_()`, then `torch.autograd.grad(answer, image)` returns a tuple with one "
        "gradient.",
        "The root mean square of `g` is one number for the whole tensor: square, mean, root.",
    ),
    misconceptions=(
        Misconception(
            "downhill",
            "You stepped against the gradient, as in training. There the loss has to fall; here the answer has to "
            "grow.",
            lambda x, w, rate, steps: _ascend(x, w, rate, steps, sign=-1),
        ),
        Misconception(
            "plain gradient",
            "You took the gradient as it is. Divide it by its root mean square, so that the rate says how far a "
            "pixel moves.",
            lambda x, w, rate, steps: _ascend(x, w, rate, steps, size=lambda g: 1.0),
        ),
        Misconception(
            "divided by the length",
            "You divided by the length of the gradient, the root of the *sum* of squares. Asked for is the root of "
            "their mean.",
            lambda x, w, rate, steps: _ascend(x, w, rate, steps, size=lambda g: g.norm()),
        ),
        Misconception(
            "divided by the mean square",
            "You divided by the mean square and left the root out.",
            lambda x, w, rate, steps: _ascend(x, w, rate, steps, size=lambda g: g.square().mean()),
        ),
        Misconception(
            "divided by the largest",
            "You divided by the largest entry of the gradient. Asked for is its root mean square.",
            lambda x, w, rate, steps: _ascend(x, w, rate, steps, size=lambda g: g.abs().max()),
        ),
        Misconception(
            "divided by the standard deviation",
            "You divided by its standard deviation, which leaves its mean out: take the root mean square.",
            lambda x, w, rate, steps: _ascend(x, w, rate, steps, size=lambda g: g.std()),
        ),
        Misconception(
            "divided by the mean size",
            "You divided by the mean of the sizes. Asked for is the root mean square: square first, then mean, "
            "then root.",
            lambda x, w, rate, steps: _ascend(x, w, rate, steps, size=lambda g: g.abs().mean()),
        ),
        Misconception(
            "sign of the gradient",
            "You took the sign of the gradient: then every pixel moves by the same amount. Keep its values, divided "
            "by their root mean square.",
            lambda x, w, rate, steps: _ascend(x, w, rate, steps, size=lambda g: g.abs()),
        ),
        Misconception(
            "one gradient for all steps",
            "You computed the gradient once, at the start, and went on with it. The image has moved: ask again in "
            "each step.",
            lambda x, w, rate, steps: _ascend(x, w, rate, steps, again=False),
        ),
        Misconception(
            "gradients piled up",
            "Your gradients add up from step to step: `backward` adds to `.grad`. Begin each step with a fresh one.",
            lambda x, w, rate, steps: _ascend(x, w, rate, steps, piled=True),
        ),
        Misconception(
            "the new image not cut off",
            "In the second step `.grad` is None: your new image is the result of a computation, and torch keeps no "
            "gradient for those. Begin each step with `x.detach().clone().requires_grad_()`.",
            _never_cut_off,
        ),
        Misconception(
            "no ReLU",
            "You climbed the answer before the ReLU. Places where it is negative should not count.",
            lambda x, w, rate, steps: _ascend(x, w, rate, steps, rectified=False),
        ),
        Misconception(
            "mean instead of length",
            "You climbed the mean of the map. Asked for is its length, in which loud places count more.",
            lambda x, w, rate, steps: _ascend(x, w, rate, steps, length=False),
        ),
        Misconception(
            "one step too many",
            "You took one step more than was asked for.",
            lambda x, w, rate, steps: _ascend(x, w, rate, steps, more=1),
        ),
        Misconception(
            "one step only",
            "You took one step, whatever `steps` is. Does your `return` stand inside the loop?",
            lambda x, w, rate, steps: _ascend(x, w, rate, steps, only=1),
        ),
        Misconception(
            "border added",
            "You padded the image with zeros. `conv2d(x, w)` alone does not.",
            lambda x, w, rate, steps: _ascend(x, w, rate, steps, padding=1),
        ),
        Misconception(
            "the change alone",
            "You returned the last step alone. Asked for is the image after all steps.",
            lambda x, w, rate, steps: _ascend(x, w, rate, steps, change=True),
        ),
    ),
)

# --- 14.4 The fast gradient sign ------------------------------------------------------------------------------


def _sign_cases(rng: Rng) -> list[Case]:
    import torch

    x = torch.full((1, 1, 3, 3), 0.5, dtype=torch.float64)
    w = torch.ones((1, 1, 3, 3), dtype=torch.float64)
    w[0, 0, 0] = -0.5
    v = torch.tensor([[1.0], [-1.0]], dtype=torch.float64)
    y = torch.tensor([0])
    cases = [Case((x, y, w, v, 0.6, 0.0, 1.0), label="gray 3×3, epsilon = 0.6")]
    for N, C, classes in ((6, 1, 4), (8, 2, 6)):
        w, v = draw_net(rng, C, 4, classes)
        x = torch.from_numpy(rng.uniform(0, 1, (N, C, 7, 7)))
        labels = torch.from_numpy(rng.integers(0, classes, N))
        epsilon = float(rng.uniform(0.2, 0.3))
        label = f"{N} × {C} × 7 × 7, {classes} classes"
        cases.append(Case((x, labels, w, v, epsilon, 0.0, 1.0), label=label))
    return cases


def _fast_sign(
    x: Any,
    y: Any,
    w: Any,
    v: Any,
    epsilon: float,
    low: float,
    high: float,
    *,
    step: Callable[[Any], Any] | None = None,
    way: int = 1,
    of: str = "loss",
    clip: str = "image",
) -> Any:
    from torch.nn.functional import cross_entropy

    def value(image: Any) -> Any:
        s = scores(image, w, v)
        if of == "score":
            return s.gather(1, y[:, None]).sum()
        if of == "found":
            return cross_entropy(s, s.argmax(1))
        return cross_entropy(s.softmax(1) if of == "softmax" else s, y)

    g = gradient_at(value, x)
    moved = way * epsilon * (g.sign() if step is None else step(g))
    if clip == "image":
        return (x + moved).clamp(low, high)
    if clip == "low only":
        return (x + moved).clamp(min=low)
    if clip == "high only":
        return (x + moved).clamp(max=high)
    if clip == "to epsilon":
        return (x + moved).clamp(-epsilon, epsilon)
    if clip == "step":
        return x + moved.clamp(low, high)
    if clip == "step only":
        return moved.clamp(low, high)
    return x + moved


def _reference_sign(x: Any, y: Any, w: Any, v: Any, epsilon: float, low: float, high: float) -> Any:
    return _fast_sign(x, y, w, v, epsilon, low, high)


def _by_rms(g: Any) -> Any:
    return g / g.square().mean((1, 2, 3), keepdim=True).sqrt()


def _sign_slip(**how: Any) -> Callable[..., Any]:
    return lambda x, y, w, v, epsilon, low, high: _fast_sign(x, y, w, v, epsilon, low, high, **how)


SIGN = Task(
    id="14.4",
    title="One step to another class",
    points=3,
    minutes=12,
    difficulty=2,
    name="fast_gradient_sign",
    returns=("x",),
    cases=_sign_cases,
    reference=_reference_sign,
    uses_torch=True,
    hints=(
        "The loss is `cross_entropy(scores(image, w, v), y)`, and its gradient is taken at the image, not at the "
        "weights.",
        "Every pixel moves by epsilon, up or down: only the sign of the gradient counts.",
        "At the end no pixel may be darker than `low` or brighter than `high`: `clamp`.",
    ),
    misconceptions=(
        Misconception(
            "downhill",
            "You moved to where the loss falls: your images are recognized better than before. Which way does it "
            "grow?",
            _sign_slip(way=-1),
        ),
        Misconception(
            "downhill and not clipped",
            "You moved to where the loss falls, and over the border of what an image can hold. Turn around, then "
            "clip.",
            _sign_slip(way=-1, clip="none"),
        ),
        Misconception(
            "softmax twice",
            "You gave probabilities to `cross_entropy`. It takes scores and does the softmax itself.",
            _sign_slip(of="softmax"),
        ),
        Misconception(
            "gradient without sign",
            "You moved along the gradient itself. Every pixel should move by the same amount, epsilon.",
            _sign_slip(step=lambda g: g),
        ),
        Misconception(
            "gradient of length one",
            "You scaled the gradient to length 1. Its sign, pixel by pixel, is something else: −1 or 1.",
            _sign_slip(step=lambda g: g / g.flatten(1).norm(dim=1)[:, None, None, None]),
        ),
        Misconception(
            "gradient of root mean square one",
            "You scaled the gradient to a root mean square of 1. Its sign, pixel by pixel, is something else.",
            _sign_slip(step=_by_rms),
        ),
        Misconception(
            "gradient of largest entry one",
            "You divided the gradient by its largest entry. Its sign, pixel by pixel, is something else: −1 or 1.",
            _sign_slip(step=lambda g: g / g.abs().max()),
        ),
        Misconception(
            "up only",
            "You moved only the pixels whose gradient is positive. Where it is negative, the loss grows when the "
            "pixel gets darker.",
            _sign_slip(step=lambda g: (g > 0).to(g.dtype)),
        ),
        Misconception(
            "score instead of loss",
            "You went up the score of the right class. That makes the class surer. What should grow is the loss.",
            _sign_slip(of="score"),
        ),
        Misconception(
            "not clipped",
            "Some of your pixels are darker than `low` or brighter than `high`: no image file could hold them.",
            _sign_slip(clip="none"),
        ),
        Misconception(
            "clipped below only",
            "You brought back what is below `low`, and left what is above `high`.",
            _sign_slip(clip="low only"),
        ),
        Misconception(
            "clipped above only",
            "You brought back what is above `high`, and left what is below `low`.",
            _sign_slip(clip="high only"),
        ),
        Misconception(
            "clipped to epsilon",
            "You clipped the image from −epsilon to epsilon. Its own limits are `low` and `high`.",
            _sign_slip(clip="to epsilon"),
        ),
        Misconception(
            "the step clipped",
            "You clipped the step. What has to stay from `low` to `high` is the image.",
            _sign_slip(clip="step"),
        ),
        Misconception(
            "the classes that the net finds",
            "You took the class that the net finds for the right one. Use the labels `y`.",
            _sign_slip(of="found"),
        ),
        Misconception(
            "the change alone",
            "You returned the change alone. Asked for is the changed image.",
            _sign_slip(clip="step only"),
        ),
    ),
)
