"""Exercises 13.5 to 13.7: whitening kernels, a stage of ResNet-9 as a module, and a training run."""

from collections.abc import Callable
from typing import Any

import numpy as np

from coursekit.study.drawn_images import draw_images
from coursekit.study.symptoms import one_class, out_of_order, renumbered
from coursekit.study.task import Case, Misconception, Task

Array = np.ndarray
Rng = np.random.Generator

# --- 13.5 Whitening -------------------------------------------------------------------------------------------


def _whitening_cases(rng: Rng) -> list[Case]:
    by_hand = np.array([0.0, 2, 2, 0, 0, 0, 10, 10]).reshape(1, 2, 2, 2)
    cases = [Case((by_hand, 1, 24.0), label="channels 0 2 2 0 and 0 0 10 10, F = 1, epsilon = 24")]
    for N, C, F in ((6, 1, 2), (8, 2, 2)):
        rough = rng.normal(0.3, 1, (N, C, 9, 8))
        x = rough[:, :, 1:, :] + 0.7 * rough[:, :, :-1, :]  # neighbors are alike
        x[..., 1:] += 0.4 * x[..., :-1]
        x += rng.uniform(0.5, 1.5)  # and the mean is not 0
        cases.append(Case((x, F, 0.1), label=f"N = {N}, C = {C}, F = {F}, epsilon = 0.1"))
    return cases


def _patches(x: Array, F: int, stride: int = 1) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, (F, F), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, x.shape[1] * F * F)


def _largest(kernels: Array) -> Array:
    """Return the sign of the entry of largest size of each kernel."""
    largest = np.abs(kernels).argmax(axis=1)
    return np.sign(kernels[np.arange(len(kernels)), largest])


def _channels_apart(x: Array, F: int) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, (F, F), axis=(2, 3))
    return windows.reshape(-1, x.shape[1] * F * F)


def _of_centered_patches(patches: Array) -> Array:
    centered = patches - patches.mean(axis=1, keepdims=True)
    return centered.T @ centered / len(patches)


def _whitening(
    patches: Callable[[Array, int], Array] = _patches,
    covariance: Callable[[Array], Array] = lambda p: np.cov(p.T, bias=True),
    factor: Callable[[Array, float], Array] = lambda v, epsilon: 1 / np.sqrt(v + epsilon),
    columns: bool = True,
    order: int = -1,
    sign: Callable[[Array], Array] = _largest,
) -> Callable[[Array, int, float], Array]:
    """Return whitening with some of its steps done otherwise."""

    def kernels(x: Array, F: int, epsilon: float) -> Array:
        variances, directions = np.linalg.eigh(covariance(patches(x, F)))
        rows = directions.T if columns else directions
        found = (rows * factor(variances, epsilon)[:, None])[::order]
        return (found * sign(found)[:, None]).reshape(-1, x.shape[1], F, F)

    return kernels


WHITENING = Task(
    id="13.5",
    title="Whitening kernels",
    points=3,
    minutes=15,
    difficulty=3,
    name="whitening_kernels",
    returns=("kernels",),
    cases=_whitening_cases,
    reference=_whitening(),
    rtol=1e-5,
    hints=(
        "`np.lib.stride_tricks.sliding_window_view(x, (F, F), axis=(2, 3))` is (N, C, H', W', F, F). A patch "
        "is a row of C · F · F numbers: which axes belong together?",
        "`np.linalg.eigh` gives the variances from small to large, and their directions in the *columns*.",
        "Divide each direction by the root of its variance plus epsilon, turn the order around, fix the signs.",
    ),
    misconceptions=(
        Misconception(
            "rows of the eigenvectors",
            "You took the rows of what `eigh` returns. The eigenvectors are its columns.",
            _whitening(columns=False),
        ),
        Misconception(
            "smallest first",
            "Your kernels are right and come in the order of `eigh`, the smallest variance first.",
            _whitening(order=1),
        ),
        Misconception(
            "no root",
            "You divided by the variance. What has to become 1 is the standard deviation, its root.",
            _whitening(factor=lambda v, epsilon: 1 / (v + epsilon)),
        ),
        Misconception(
            "multiplied",
            "You multiplied by the root. Directions that vary much have to become smaller: divide.",
            _whitening(factor=lambda v, epsilon: np.sqrt(v + epsilon)),
        ),
        Misconception(
            "epsilon outside the root",
            "You added epsilon to the root of the variance. It belongs to the variance, below the root.",
            _whitening(factor=lambda v, epsilon: 1 / (np.sqrt(v) + epsilon)),
        ),
        Misconception(
            "epsilon forgotten",
            "You left epsilon out, so directions that hold nothing but noise are blown up.",
            _whitening(factor=lambda v, epsilon: 1 / np.sqrt(v)),
        ),
        Misconception(
            "not scaled",
            "Your kernels have length 1: the directions are there, and their variances are still different.",
            _whitening(factor=lambda v, epsilon: np.ones_like(v)),
        ),
        Misconception(
            "mean not subtracted",
            "You did not subtract the mean of the patches. A covariance is about differences from it.",
            _whitening(covariance=lambda p: p.T @ p / len(p)),
        ),
        Misconception(
            "divided by n - 1",
            "You divided by the number of patches less 1, as `np.cov` does. Asked for is their number.",
            _whitening(covariance=lambda p: np.cov(p.T)),
        ),
        Misconception(
            "mean of each patch",
            "You subtracted from each patch its own mean. What is to be 0 on average is each of its entries, over "
            "all patches.",
            _whitening(covariance=_of_centered_patches),
        ),
        Misconception(
            "signs by the sum",
            "Your kernels are right up to their signs: you made their sums positive, as the chapter does. Here the "
            "entry of largest size decides.",
            _whitening(sign=lambda kernels: np.sign(kernels.sum(axis=1))),
        ),
        Misconception(
            "signs left alone",
            "Your kernels are right up to their signs: make the entry of largest size (by "
            "`np.abs`) positive in each.",
            _whitening(sign=lambda kernels: np.ones(len(kernels))),
        ),
        Misconception(
            "channels not in the row",
            "Your rows are no patches: `reshape` ran over the places of one channel after those of another. Bring the "
            "channels next to the F × F axes first.",
            _whitening(patches=_channels_apart),
        ),
        Misconception(
            "patches side by side",
            "Your patches do not overlap. A convolution of stride 1 sees them at every place.",
            _whitening(patches=lambda x, F: _patches(x, F, F)),
        ),
    ),
)

# --- 13.6 A stage of ResNet-9 ---------------------------------------------------------------------------------


def _stage_cases(rng: Rng) -> list[Case]:
    cases = []
    for C, K, train in ((2, 4, False), (3, 5, True), (4, 6, False)):
        given = {
            "x": rng.normal(size=(3, C, 8, 8)),
            "seed": int(rng.integers(10**6)),
            "train": train,
        }
        mode = "training" if train else "testing"
        cases.append(Case((C, K), label=f"C = {C}, K = {K}, {mode}", given=given))
    return cases


def _layers(C: int, K: int, relu: bool = True, stride: int = 1, early: bool = False) -> list[Any]:
    from torch import nn

    convolution = nn.Conv2d(C, K, 3, stride, padding=1, bias=False)
    if early:
        return [convolution, nn.ReLU(), nn.BatchNorm2d(K)]
    return [convolution, nn.BatchNorm2d(K), *([nn.ReLU()] if relu else [])]


def _stage(
    C: int,
    K: int,
    *,
    skip: str = "block",
    last_relu: bool = True,
    relu_after: bool = False,
    early_relu: bool = False,
    pool: str = "max",
    place: str = "middle",
) -> Any:
    """Build a stage of ResNet-9, or one with something else in it."""
    import torch
    from torch import nn

    class Stage(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            stride = 2 if pool == "stride" else 1
            self.entry = nn.Sequential(*_layers(C, K, stride=stride, early=early_relu))
            self.first = nn.Sequential(*_layers(K, K, early=early_relu))
            self.second = nn.Sequential(*_layers(K, K, last_relu, early=early_relu))
            pools = {"max": nn.MaxPool2d(2), "average": nn.AvgPool2d(2), "stride": nn.Identity()}
            self.pool = pools[pool]

        def forward(self, x: Any) -> Any:
            x = self.entry(self.pool(x)) if place == "before" else self.entry(x)
            x = self.pool(x) if place == "middle" else x
            if skip == "each":
                x = x + self.first(x)
                y = x + self.second(x)
            else:
                y = self.second(self.first(x))
                y = x + y if skip == "block" else y
            y = torch.relu(y) if relu_after else y
            return self.pool(y) if place == "after" else y

    return Stage()


STAGE = Task(
    id="13.6",
    title="A stage of ResNet-9",
    points=3,
    minutes=12,
    difficulty=2,
    name="stage",
    graded_by="module",
    returns=("y", "dx", "parameters"),
    cases=_stage_cases,
    reference=lambda C, K: _stage(C, K),
    uses_torch=True,
    hints=(
        "The three convolutions each bring a batch normalization and a ReLU: a small function that returns an "
        "`nn.Sequential` of the three saves you from writing them three times.",
        "In `forward`, keep what comes out of the pooling in a variable: you need it twice.",
        "The addition is the last thing that happens. No ReLU follows it: the one before it has done its work.",
    ),
    misconceptions=(
        Misconception(
            "no skip",
            "Nothing is added: your two last convolutions replace what comes out of the pooling.",
            lambda C, K: _stage(C, K, skip="none"),
        ),
        Misconception(
            "ReLU after the addition",
            "This is the block of He's paper: its last ReLU comes after the addition. In ResNet-9 it comes before.",
            lambda C, K: _stage(C, K, last_relu=False, relu_after=True),
        ),
        Misconception(
            "no last ReLU",
            "Your last convolution has no ReLU behind its normalization. All three have one.",
            lambda C, K: _stage(C, K, last_relu=False),
        ),
        Misconception(
            "ReLU before normalization",
            "Your ReLU comes before the batch normalization. It comes after it.",
            lambda C, K: _stage(C, K, early_relu=True),
        ),
        Misconception(
            "stride instead of pooling",
            "Your first convolution has stride 2, and nothing is pooled. Here max pooling halves the image.",
            lambda C, K: _stage(C, K, pool="stride"),
        ),
        Misconception(
            "skip around each convolution",
            "You added after each of the two convolutions. One way leads around both together.",
            lambda C, K: _stage(C, K, skip="each"),
        ),
        Misconception(
            "pooled first",
            "You pooled before the first convolution. It works on the large image, and pooling follows it.",
            lambda C, K: _stage(C, K, place="before"),
        ),
        Misconception(
            "pooled last",
            "You pooled at the end. It stands between the first convolution and the two that have a way around them.",
            lambda C, K: _stage(C, K, place="after"),
        ),
        Misconception(
            "average pooling",
            "You pooled by the average. Asked for is the maximum.",
            lambda C, K: _stage(C, K, pool="average"),
        ),
    ),
)

# --- 13.7 A training run --------------------------------------------------------------------------------------

STEPS = 60
AT_LEAST = 0.6


def _run_cases(rng: Rng) -> list[Case]:
    import torch

    x, labels, x_test, labels_test = draw_images(rng, train=1000, test=500)
    args = (*map(torch.from_numpy, (x, labels, x_test)), STEPS, int(rng.integers(1000)))
    kept = {"labels": labels_test, "at_least": AT_LEAST}
    label = f"1000 images, {STEPS} steps"
    return [Case(args, label=label, given={"steps": STEPS}, kept=kept)]


def _run(
    images: Any,
    labels: Any,
    images_test: Any,
    steps: int,
    seed: int,
    *,
    lr: float = 0.02,
    shift: int = 0,
) -> Any:
    """Train a small net in a few steps; return the classes of the test images."""
    import torch
    from torch import nn
    from torch.nn.functional import cross_entropy

    torch.manual_seed(seed)
    net = nn.Sequential(*_layers(1, 8), nn.MaxPool2d(2), *_layers(8, 16), nn.MaxPool2d(2))
    net.extend([nn.Flatten(), nn.Linear(16 * 7 * 7, 4)])
    mean, std = images.mean(), images.std()
    optimizer = torch.optim.SGD(net.parameters(), lr, momentum=0.9, nesterov=True)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = lr * min((step + 1) / 10, (steps - step) / (steps - 10))
        at = torch.randperm(len(images))[:100]
        loss = cross_entropy(net((images[at] - mean) / std), (labels[at] + shift) % 4)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        return net.eval()((images_test - mean) / std).argmax(1)


def _reference_run(*args: Any) -> Any:
    return _run(*args)


def _wrong_order(*args: Any) -> Any:
    predicted = _run(*args)
    return predicted[np.random.default_rng(0).permutation(len(predicted))]


RUN = Task(
    id="13.7",
    title="Sixty steps",
    points=3,
    minutes=20,
    difficulty=3,
    name="train_fast",
    graded_by="accuracy",
    returns=("predicted",),
    cases=_run_cases,
    reference=_reference_run,
    uses_torch=True,
    hints=(
        "Two convolutions with batch normalization, ReLU and pooling, and a linear layer are enough. Normalize the "
        "images, those of the test by the same two numbers.",
        "Batches of 100, momentum 0.9 and a rate of a few hundredths go a long way. Let the rate climb "
        "for ten steps and come down to nearly 0 along a line: set `group['lr']` of the optimizer's `param_groups`.",
        "After the loop: `net.eval()`, `torch.no_grad()`, scores of the test images in their order, `argmax(1)`.",
    ),
    misconceptions=(
        Misconception(
            "one class",
            "All your predictions are the same. A loss that became NaN does that, and so does a net that never moved.",
            lambda images, labels, images_test, steps, seed: np.zeros(len(images_test), int),
            one_class,
        ),
        Misconception(
            "classes numbered otherwise",
            "Most predictions would be right if every class had another number: do yours begin at 1?",
            lambda *args: _run(*args, shift=1),
            renumbered,
        ),
        Misconception(
            "another order",
            "Each class comes about as often as it should, but to the wrong images. Were the test images shuffled?",
            _wrong_order,
            out_of_order,
        ),
    ),
)
