"""The exercises 11.4 to 11.6: what a 1×1 convolution saves, a head that averages, and a batch that fits."""

from typing import Any

import numpy as np

from coursekit.reference import conv2d_cost
from coursekit.study.task import Case, Misconception, Task

Array = np.ndarray
Rng = np.random.Generator

# --- 11.4 When does a reduction pay? --------------------------------------------------------------------------


def _reduction_cases(rng: Rng) -> list[Case]:
    drawn = [(12, 2, 2, 4, 3, 3), (192, 28, 28, 32, 5, 16)]
    for F in (3, 5):
        C, K = int(rng.integers(40, 200)), int(rng.integers(10, 60))
        H, W, D = int(rng.integers(9, 15)), int(rng.integers(16, 30)), int(rng.integers(4, 20))
        drawn.append((C, H, W, K, F, D))
    return [
        Case(n, label="C = {}, H = {}, W = {}, K = {}, F = {}, D = {}".format(*n)) for n in drawn
    ]


def _reduction(C: int, H: int, W: int, K: int, F: int, D: int) -> tuple[int, int, int]:
    direct = conv2d_cost((C, H, W), K, F, padding=F // 2).multiply_adds
    before = conv2d_cost((C, H, W), D, 1).multiply_adds
    after = conv2d_cost((D, H, W), K, F, padding=F // 2).multiply_adds
    # C·D + D·F²·K < C·F²·K, and equal is not fewer
    return direct, before + after, (C * F**2 * K - 1) // (C + F**2 * K)


def _limit(C: int, F: int, K: int) -> float:
    return C * F**2 * K / (C + F**2 * K)


def _without_the_1x1(C: int, H: int, W: int, K: int, F: int, D: int) -> tuple[int, int, int]:
    return C * F**2 * K * H * W, D * F**2 * K * H * W, C - 1


def _only_reduced_wrong(C: int, H: int, W: int, K: int, F: int, D: int) -> tuple[int, int, int]:
    direct, _, limit = _reduction(C, H, W, K, F, D)
    return direct, D * F**2 * K * H * W, limit


def _f_once(C: int, H: int, W: int, K: int, F: int, D: int) -> tuple[int, int, int]:
    limit = (C * F * K - 1) // (C + F * K)
    return C * F * K * H * W, (C * D + D * F * K) * H * W, limit


def _one_place(C: int, H: int, W: int, K: int, F: int, D: int) -> tuple[int, int, int]:
    direct, reduced, limit = _reduction(C, H, W, K, F, D)
    return direct // (H * W), reduced // (H * W), limit


def _with_biases(C: int, H: int, W: int, K: int, F: int, D: int) -> tuple[int, int, int]:
    limit = _reduction(C, H, W, K, F, D)[2]
    return K * (C * F**2 + 1), D * (C + 1) + K * (D * F**2 + 1), limit


def _shrinking(C: int, H: int, W: int, K: int, F: int, D: int) -> tuple[int, int, int]:
    places = (H - F + 1) * (W - F + 1)
    reduced = C * D * H * W + D * F**2 * K * places
    return C * F**2 * K * places, reduced, _reduction(C, H, W, K, F, D)[2]


def _one_kernel(C: int, H: int, W: int, K: int, F: int, D: int) -> tuple[int, int, int]:
    return _reduction(C, H, W, 1, F, D)


def _square(C: int, H: int, W: int, K: int, F: int, D: int) -> tuple[int, int, int]:
    return _reduction(C, H, H, K, F, D)


def _twice(C: int, H: int, W: int, K: int, F: int, D: int) -> tuple[int, int, int]:
    direct, reduced, limit = _reduction(C, H, W, K, F, D)
    return 2 * direct, 2 * reduced, limit


def _limit_as(rule: Any) -> Any:
    def answer(C: int, H: int, W: int, K: int, F: int, D: int) -> tuple[int, int, Any]:
        return *_reduction(C, H, W, K, F, D)[:2], rule(_limit(C, F, K))

    return answer


REDUCTION = Task(
    id="11.4",
    title="When does a reduction pay?",
    points=3,
    minutes=12,
    difficulty=2,
    name="reduction",
    returns=("direct", "reduced", "limit"),
    cases=_reduction_cases,
    reference=_reduction,
    hints=(
        "At one place, a kernel of F × F on C channels takes C * F**2 products, and there are K kernels. Padding keeps "
        "H * W places.",
        "The reduced way has two layers: D kernels of 1 × 1 on C channels, then K kernels of F × F on D channels. Add "
        "both.",
        "Set reduced < direct, divide by H * W, and solve for D. Then look for the largest whole number that fulfills "
        "it; where both are equal, nothing is saved.",
    ),
    misconceptions=(
        Misconception(
            "the 1×1 convolution is free",
            "You left out what the 1×1 convolution costs, as the slide does. So any D below C seems to pay.",
            _without_the_1x1,
        ),
        Misconception(
            "the 1×1 convolution not counted",
            "Your `direct` and your `limit` are right. In `reduced` the 1×1 convolution is missing: it computes too.",
            _only_reduced_wrong,
        ),
        Misconception(
            "F instead of F²",
            "Your kernels are F long. They are F high and F wide.",
            _f_once,
        ),
        Misconception(
            "one place only",
            "You counted the products of one place. The kernels are laid on every pixel.",
            _one_place,
        ),
        Misconception(
            "parameters",
            "You counted parameters. Asked for are multiply-adds: each weight is used once at every place, and a bias "
            "multiplies nothing.",
            _with_biases,
        ),
        Misconception(
            "no padding",
            "Your maps shrink by F - 1. The exercise pads them, so that height and width stay.",
            _shrinking,
        ),
        Misconception(
            "limit not a whole number",
            "Your `limit` is where both ways cost the same. Asked for is the largest whole number of channels that "
            "costs less.",
            _limit_as(lambda limit: limit),
        ),
        Misconception(
            "limit rounded up",
            "Your `limit` is rounded up. With so many channels nothing is saved any more.",
            _limit_as(np.ceil),
        ),
        Misconception(
            "any reduction pays",
            "You say that any D up to C saves something. The 1×1 convolution costs too: compare both ways, and solve "
            "for D.",
            lambda C, H, W, K, F, D: (*_reduction(C, H, W, K, F, D)[:2], C),
        ),
        Misconception(
            "any smaller number pays",
            "You say that any D below C saves something, as if the 1×1 convolution were free: compare both ways, and "
            "solve for D.",
            lambda C, H, W, K, F, D: (*_reduction(C, H, W, K, F, D)[:2], C - 1),
        ),
        Misconception(
            "one kernel only",
            "You counted one kernel of F × F. There are K.",
            _one_kernel,
        ),
        Misconception(
            "square maps",
            "You counted H · H places. The image may be higher than wide: H · W.",
            _square,
        ),
        Misconception(
            "multiplications and additions",
            "You have twice too many: a multiplication with its addition counts once.",
            _twice,
        ),
        Misconception(
            "equal counts as fewer",
            "Your `limit` is one too large where both ways cost exactly the same. Equal is not fewer.",
            _limit_as(lambda limit: np.floor(limit + 1e-9)),
        ),
    ),
)

# --- 11.5 A head that averages --------------------------------------------------------------------------------


def _head_cases(rng: Rng) -> list[Case]:
    x = np.array([[[[1.0, 2.0], [3.0, 6.0]], [[0.0, 0.0], [4.0, 0.0]]]])
    by_hand = (x, np.array([[1.0, 2.0], [0.0, -1.0], [1.0, 1.0]]), np.array([0.5, 1.0, 0.0]))
    cases = [Case(by_hand, label="one image of 2 × 2 × 2, 3 classes")]
    for N, C, H, W, K in ((3, 4, 3, 5, 6), (2, 7, 4, 3, 5)):
        x = rng.normal(size=(N, C, H, W)).round(2)
        w, b = rng.normal(size=(K, C)).round(2), rng.normal(size=K).round(2)
        cases.append(Case((x, w, b), label=f"x {N} × {C} × {H} × {W}, {K} classes"))
    return cases


def _head(x: Array, w: Array, b: Array) -> tuple[Array, Array]:
    places = np.einsum("kc,nchw->nkhw", w, x) + b[:, None, None]
    return x.mean(axis=(2, 3)) @ w.T + b, places


def _head_with(scores: Any = None, places: Any = None) -> Any:
    def head(x: Array, w: Array, b: Array) -> tuple[Any, Any]:
        right = _head(x, w, b)
        return (
            right[0] if scores is None else scores(x, w, b),
            right[1] if places is None else places(x, w, b),
        )

    return head


def _no_bias(x: Array, w: Array, b: Array) -> Array:
    return np.einsum("kc,nchw->nkhw", w, x)


HEAD = Task(
    id="11.5",
    title="A head that averages",
    points=3,
    minutes=10,
    difficulty=2,
    name="averaging_head",
    returns=("scores", "places"),
    cases=_head_cases,
    reference=_head,
    hints=(
        "For `scores` take the mean over height and width first: axes 2 and 3 of (N, C, H, W). What is left has the "
        "shape (N, C).",
        "A linear layer with weights (K, C) is `means @ w.T + b`.",
        "For `places` the same weights meet the C numbers of every pixel. `np.einsum` says it in letters: which one is "
        "summed over, and which stay? The biases belong to the classes, axis 1.",
    ),
    misconceptions=(
        Misconception(
            "sum instead of mean",
            "Your `scores` are too large by the number of places: you added them up instead of averaging.",
            _head_with(scores=lambda x, w, b: x.sum(axis=(2, 3)) @ w.T + b),
        ),
        Misconception(
            "maximum instead of mean",
            "You took the largest number of each map. This head takes the mean.",
            _head_with(scores=lambda x, w, b: x.max(axis=(2, 3)) @ w.T + b),
        ),
        Misconception(
            "no biases",
            "The biases are missing, in both answers.",
            lambda x, w, b: (x.mean(axis=(2, 3)) @ w.T, _no_bias(x, w, b)),
        ),
        Misconception(
            "no biases at the places",
            "Your `scores` are right. At the places the biases are missing, so their mean is not the score.",
            _head_with(places=_no_bias),
        ),
        Misconception(
            "no biases in the scores",
            "Your `places` are right. In the scores the biases are missing.",
            _head_with(scores=lambda x, w, b: x.mean(axis=(2, 3)) @ w.T),
        ),
        Misconception(
            "places share the score",
            "Your `places` add up to the score. Each place is to have a full score of its own, and their mean is the "
            "score.",
            _head_with(places=lambda x, w, b: _head(x, w, b)[1] / (x.shape[2] * x.shape[3])),
        ),
        Misconception(
            "one score for all places",
            "Your `places` repeat the score. Each place has its own: the same weights meet the numbers of that pixel, "
            "before any mean is taken.",
            _head_with(
                places=lambda x, w, b: np.broadcast_to(
                    _head(x, w, b)[0][:, :, None, None], _head(x, w, b)[1].shape
                )
            ),
        ),
        Misconception(
            "mean over the batch too",
            "Your `scores` are the mean over all images: the batch, axis 0, is to stay.",
            _head_with(
                scores=lambda x, w, b: np.tile(x.mean(axis=(0, 2, 3)) @ w.T + b, (len(x), 1))
            ),
        ),
        Misconception(
            "classes last",
            "Your `places` have the classes in the last axis. They are the channels of the answer: (N, K, H, W).",
            _head_with(places=lambda x, w, b: _head(x, w, b)[1].transpose(0, 2, 3, 1)),
        ),
    ),
)

# --- 11.6 The batch that fits ---------------------------------------------------------------------------------


def _batch_cases(rng: Rng) -> list[Case]:
    drawn = [(1000, 500, 100_000)]
    for _ in range(3):
        P, A = int(rng.integers(100_000, 900_000)), int(rng.integers(2_000, 9_000))
        drawn.append((P, A, 12 * P + 4 * A * int(rng.integers(30, 300)) + 3 * A))
    return [Case(n, label="P = {:,}, A = {:,}, {:,} bytes".format(*n)) for n in drawn]


def _batch(parameters: int, activations: int, memory: int) -> int:
    return (memory - 12 * parameters) // (4 * activations)


BATCH = Task(
    id="11.6",
    title="The batch that fits",
    points=2,
    minutes=7,
    difficulty=1,
    name="largest_batch",
    returns=("images",),
    cases=_batch_cases,
    reference=_batch,
    hints=(
        "What is there once, however many images there are? What is there once for each image?",
        "SGD with momentum keeps three numbers for each parameter: the weight, its gradient and its velocity.",
    ),
    misconceptions=(
        Misconception(
            "weights only",
            "You left memory for the weights alone. Each of them also has a gradient and a velocity.",
            lambda P, A, memory: (memory - 4 * P) // (4 * A),
        ),
        Misconception(
            "no velocities",
            "You left memory for weights and gradients. SGD with momentum keeps a velocity for each weight as well.",
            lambda P, A, memory: (memory - 8 * P) // (4 * A),
        ),
        Misconception(
            "no parameters",
            "You gave all of the memory to activations.",
            lambda P, A, memory: memory // (4 * A),
        ),
        Misconception(
            "numbers instead of bytes",
            "You counted numbers. Each of them takes four bytes.",
            lambda P, A, memory: (memory - 3 * P) // A,
        ),
        Misconception(
            "bytes of the activations forgotten",
            "The parameters are right. An activation takes four bytes as well.",
            lambda P, A, memory: (memory - 12 * P) // A,
        ),
        Misconception(
            "bytes of the parameters forgotten",
            "The activations are right. A parameter's three numbers take four bytes each as well.",
            lambda P, A, memory: (memory - 3 * P) // (4 * A),
        ),
        Misconception(
            "four numbers for each parameter",
            "You left room for four numbers for each parameter, as Adam needs. SGD with momentum keeps three.",
            lambda P, A, memory: (memory - 16 * P) // (4 * A),
        ),
        Misconception(
            "three numbers for each activation",
            "You counted three numbers for each activation. Gradient and velocity belong to the parameters.",
            lambda P, A, memory: (memory - 12 * P) // (12 * A),
        ),
        Misconception(
            "parameters for every image",
            "In your batch every image has parameters of its own. The network is there once.",
            lambda P, A, memory: memory // (12 * P + 4 * A),
        ),
        Misconception(
            "everything for every image",
            "You counted one number for each parameter, and once for every image. The network is there once, with "
            "three numbers for each parameter.",
            lambda P, A, memory: memory // (4 * (P + A)),
        ),
        Misconception(
            "activations twice",
            "You left room for a gradient of each activation. In this exercise an image takes its activations only.",
            lambda P, A, memory: (memory - 12 * P) // (8 * A),
        ),
        Misconception(
            "rounded up",
            "The last image of your batch no longer fits.",
            lambda P, A, memory: -(-(memory - 12 * P) // (4 * A)),
        ),
        Misconception(
            "not a whole number",
            "A batch has a whole number of images.",
            lambda P, A, memory: (memory - 12 * P) / (4 * A),
        ),
    ),
)
