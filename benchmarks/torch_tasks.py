"""A small assignment in torch for the benchmark of grading, until the course has a chapter in torch.

It is a module of tasks as the chapters have them, and lies beside the notebook when nbgrader grades it: the
notebook's check cells import it.
"""

import os
from typing import Any

import numpy as np
import torch
from torch.nn.functional import conv2d, cross_entropy

from coursekit.study.evaluate import evaluate
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator


def normal(rng: Rng, *shape: int) -> torch.Tensor:
    """Return normal float32 numbers."""
    return torch.from_numpy(rng.standard_normal(shape).astype(np.float32))


def conv_cases(rng: Rng) -> list[Case]:
    """Draw images, kernels and biases for a layer."""
    cases = []
    for N, C, H, W, K, size, stride, padding in (
        (1, 1, 5, 5, 1, 3, 1, 0),
        (2, 3, 8, 7, 4, 3, 1, 1),
        (2, 2, 9, 9, 3, 3, 2, 1),
        (1, 3, 12, 10, 2, 5, 3, 2),
        (4, 8, 16, 16, 8, 3, 1, 1),
    ):
        x, w, b = normal(rng, N, C, H, W), normal(rng, K, C, size, size), normal(rng, K)
        label = f"{N}x{C}x{H}x{W}, {K} kernels of {size}x{size}, stride {stride}, padding {padding}"
        cases.append(Case((x, w, b, stride, padding), label=label))
    return cases


CONV = Task(
    id="17.1",
    title="A layer as one product",
    points=4,
    minutes=15,
    difficulty=2,
    name="conv_layer",
    cases=conv_cases,
    reference=lambda x, w, b, stride, padding: conv2d(x, w, b, stride, padding),
    misconceptions=(
        Misconception(
            "bias forgotten",
            "The biases do not appear in your answer.",
            lambda x, w, b, stride, padding: conv2d(x, w, None, stride, padding),
        ),
        Misconception(
            "kernel flipped",
            "You turned the kernels round; a layer of a network does not.",
            lambda x, w, b, stride, padding: conv2d(x, w.flip(2, 3), b, stride, padding),
        ),
        Misconception(
            "padding forgotten",
            "There is no padding in your answer.",
            lambda x, w, b, stride, padding: conv2d(x, w, b, stride),
        ),
    ),
    hints=("`torch.nn.functional.unfold` gives all windows as columns.",),
    rtol=1e-3,
    atol=1e-4,
    uses_torch=True,
)


def block_cases(rng: Rng) -> list[Case]:
    """Draw images and two sets of kernels that keep their shape."""
    sizes = ((1, 2, 4, 4), (2, 4, 6, 5), (4, 8, 12, 12))
    return [
        Case(
            (normal(rng, N, C, H, W), 0.2 * normal(rng, C, C, 3, 3), 0.2 * normal(rng, C, C, 3, 3))
        )
        for N, C, H, W in sizes
    ]


def block(x: torch.Tensor, w1: torch.Tensor, w2: torch.Tensor) -> torch.Tensor:
    """Return relu(x + conv(relu(conv(x))))."""
    return torch.relu(x + conv2d(torch.relu(conv2d(x, w1, padding=1)), w2, padding=1))


BLOCK = Task(
    id="17.2",
    title="A residual block",
    points=3,
    minutes=10,
    difficulty=2,
    name="residual_block",
    cases=block_cases,
    reference=block,
    misconceptions=(
        Misconception(
            "skip after the ReLU",
            "You added x after the last ReLU; it is added before.",
            lambda x, w1, w2: (
                x + torch.relu(conv2d(torch.relu(conv2d(x, w1, padding=1)), w2, padding=1))
            ),
        ),
        Misconception(
            "no skip",
            "Where does x come back in?",
            lambda x, w1, w2: torch.relu(
                conv2d(torch.relu(conv2d(x, w1, padding=1)), w2, padding=1)
            ),
        ),
    ),
    hints=("Which of the two ReLUs comes after the sum?",),
    rtol=1e-3,
    atol=1e-4,
    uses_torch=True,
)


def loss_cases(rng: Rng) -> list[Case]:
    """Draw scores, labels and how much of each label is spread."""
    return [
        Case(
            (2 * normal(rng, N, K), torch.from_numpy(rng.integers(0, K, N)), eps),
            label=f"{N} images, {K} classes, eps = {eps}",
        )
        for N, K, eps in ((1, 3, 0.0), (4, 10, 0.1), (16, 10, 0.3), (8, 2, 0.5))
    ]


LOSS = Task(
    id="17.3",
    title="Labels that are not quite sure",
    points=3,
    minutes=10,
    difficulty=2,
    name="smoothed_loss",
    returns=("loss",),
    cases=loss_cases,
    reference=lambda s, labels, eps: cross_entropy(s, labels, label_smoothing=eps),
    misconceptions=(
        Misconception(
            "not smoothed",
            "Your loss does not depend on eps.",
            lambda s, labels, eps: cross_entropy(s, labels),
        ),
        Misconception(
            "summed",
            "You added the losses of the images up; take their mean.",
            lambda s, labels, eps: cross_entropy(s, labels, label_smoothing=eps, reduction="sum"),
        ),
    ),
    hints=("A smoothed label is 1 - eps times the label plus eps / K everywhere.",),
    rtol=1e-4,
    atol=1e-5,
    uses_torch=True,
)

TASKS = (CONV, BLOCK, LOSS)


def check(task_id: str, answer: Any) -> float | None:
    """Show the verdict on an answer, and under nbgrader return its points, as the course's own check does."""
    task = next(one for one in TASKS if one.id == task_id)
    verdict = evaluate(task, answer)
    print(verdict)
    return verdict.points if os.environ.get("NBGRADER_EXECUTION") else None
