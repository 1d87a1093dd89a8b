"""Exercises 14.3 and 14.5: maps of what a score depends on, in torch."""

from collections.abc import Callable
from typing import Any

import numpy as np

from coursekit.study.task import Case, Misconception, Task
from coursekit.study.tasks.under_the_hood_ascent import draw_net, gradient_at, scores

Rng = np.random.Generator

# --- 14.3 Occlusion -------------------------------------------------------------------------------------------


def _occlusion_cases(rng: Rng) -> list[Case]:
    import torch

    x = torch.zeros((1, 1, 4, 4), dtype=torch.float64)
    x[0, 0, :, 2:] = torch.tensor([9.0, 18.0], dtype=torch.float64)
    w = torch.ones((1, 1, 3, 3), dtype=torch.float64) / 9
    v = torch.tensor([[0.0], [4.0]], dtype=torch.float64)
    cases = [Case((x, w, v, 1, 2, 2), label="9 and 18 on the right of 4×4, a square of 2")]
    for C, H, W, size, stride in ((2, 8, 6, 2, 1), (1, 9, 12, 3, 3)):
        w, v = draw_net(rng, C, 5, 4)
        x = torch.from_numpy(rng.normal(0.4, 1, (1, C, H, W)))
        label = int(scores(x, w, v)[0].argmin())  # not the class that the net finds
        named = f"{C} × {H} × {W}, a square of {size}, stride {stride}"
        cases.append(Case((x, w, v, label, size, stride), label=named))
    return cases


def _occlusion(
    x: Any,
    w: Any,
    v: Any,
    label: int,
    size: int,
    stride: int,
    *,
    told: str = "drop",
    kept: bool = False,
    inverted: bool = False,
    turned: bool = False,
    probability: bool = False,
    of: str = "label",
    fill: float | str = 0.0,
    last: bool = True,
    only: int | None = None,
    spread: bool = True,
) -> Any:
    import torch

    def asked(image: Any) -> Any:
        s = scores(image, w, v)
        s = (s.softmax(1) if probability else s)[0]
        return {"label": s[label], "all": s.sum(), "largest": s.max()}[of]

    H, W = x.shape[2:]
    rows = range(0, H - size + (1 if last else 0), stride)
    columns = range(0, W - size + (1 if last else 0), stride)
    found = torch.zeros((len(rows), len(columns)), dtype=x.dtype)
    covered = x.clone()
    for i, top in enumerate(rows):
        for j, left in enumerate(columns):
            if not kept:
                covered = x.clone()
            if not spread:
                top, left = i, j
            there = (0, slice(only), slice(top, top + size), slice(left, left + size))
            if inverted:
                covered = torch.zeros_like(x)
                covered[there] = x[there]
            else:
                covered[there] = {"mean": x.mean(), "darkest": x.min()}.get(str(fill), fill)
            after = asked(covered)
            drop = asked(x) - after
            found[i, j] = {
                "drop": drop,
                "rise": -drop,
                "after": after,
                "part": drop / asked(x),
                "size": drop.abs(),
                "falls": drop.relu(),
            }[told]
    return found.T if turned else found


def _reference_occlusion(x: Any, w: Any, v: Any, label: int, size: int, stride: int) -> Any:
    return _occlusion(x, w, v, label, size, stride)


def _covered(**how: Any) -> Callable[..., Any]:
    return lambda x, w, v, label, size, stride: _occlusion(x, w, v, label, size, stride, **how)


OCCLUSION = Task(
    id="14.3",
    title="Cover and see",
    points=3,
    minutes=14,
    difficulty=2,
    name="occlusion_map",
    returns=("drops",),
    cases=_occlusion_cases,
    reference=_reference_occlusion,
    uses_torch=True,
    hints=(
        "There is a place for every row and column at which the square still fits: `range(0, H - size + 1, stride)`.",
        "Work on a copy for each place, or the squares stay where they were.",
        "A drop is the score of the whole image minus that of the covered one.",
    ),
    misconceptions=(
        Misconception(
            "every place",
            "You covered every place, one pixel after the other. From one place to the next it is `stride` pixels.",
            lambda x, w, v, label, size, stride: _occlusion(x, w, v, label, size, 1),
        ),
        Misconception(
            "number of the place for its pixel",
            "You took the number of a place for its first pixel. Place i begins at pixel i times `stride`.",
            _covered(spread=False),
        ),
        Misconception(
            "first channel only",
            "You covered the first channel only. The square hides all of them.",
            _covered(only=1),
        ),
        Misconception(
            "score instead of drop",
            "You returned the score of the covered image. Asked for is by how much it fell.",
            _covered(told="after"),
        ),
        Misconception(
            "rise instead of drop",
            "Your signs are turned around: where the class loses, the drop is positive.",
            _covered(told="rise"),
        ),
        Misconception(
            "part of the score",
            "You divided the drop by the score. Asked for is the drop itself.",
            _covered(told="part"),
        ),
        Misconception(
            "signs lost",
            "You took the size of the drop. Where covering helps the class, the drop is negative.",
            _covered(told="size"),
        ),
        Misconception(
            "rises left out",
            "You set negative drops to 0. Where covering helps the class, keep them.",
            _covered(told="falls"),
        ),
        Misconception(
            "all classes",
            "You added up the scores of all classes. Asked for is the one of `label`.",
            _covered(of="all"),
        ),
        Misconception(
            "the largest score",
            "You took the largest score, before and after. Asked for is the one of `label`, both times.",
            _covered(of="largest"),
        ),
        Misconception(
            "darkest pixel as cover",
            "You covered with the darkest value of this image. Asked for is 0.",
            _covered(fill="darkest"),
        ),
        Misconception(
            "squares stay",
            "Your squares stay in the image when the next one comes. Begin each time with a fresh copy.",
            _covered(kept=True),
        ),
        Misconception(
            "everything else covered",
            "You covered everything but the square. That is another question: what is enough for the score.",
            _covered(inverted=True),
        ),
        Misconception(
            "rows and columns turned",
            "Your map lies on its side: its rows belong to rows of the image.",
            _covered(turned=True),
        ),
        Misconception(
            "probability",
            "You took the softmax. A drop of the score is asked for; a probability also falls when another class "
            "gains.",
            _covered(probability=True),
        ),
        Misconception(
            "mean of the image as cover",
            "You covered with the mean of this image. Asked for is 0, the mean of all training images.",
            _covered(fill="mean"),
        ),
        Misconception(
            "last place missing",
            "Your squares never reach the last row and column: a range ends before its end.",
            _covered(last=False),
        ),
    ),
)

# --- 14.5 Integrated gradients --------------------------------------------------------------------------------


def _integrated_cases(rng: Rng) -> list[Case]:
    import torch

    x = torch.tensor([[[[1.0, 2.0, 0], [0, 1, 0], [0, 0, -1]]]], dtype=torch.float64)
    w = torch.full((1, 1, 3, 3), 0.5, dtype=torch.float64)
    w[0, 0, 2, 2] = -0.5
    v = torch.tensor([[2.0], [1.0]], dtype=torch.float64)
    dark = torch.full_like(x, -1.0)
    cases = [Case((x, dark, w, v, 0, 2), label="3×3 against −1 everywhere, 2 steps")]
    for C, steps in ((2, 5), (1, 8)):
        w, v = draw_net(rng, C, 6, 3)
        x = torch.from_numpy(rng.normal(0.3, 1.5, (1, C, 7, 7)))
        baseline = torch.from_numpy(rng.normal(-0.2, 0.7, (1, C, 7, 7)))
        label = int(scores(x, w, v)[0].argmin())  # not the class that the net finds
        named = f"{C} × 7 × 7, class {label}, {steps} steps"
        cases.append(Case((x, baseline, w, v, label, steps), label=named))
    return cases


def _integrated(
    x: Any,
    baseline: Any,
    w: Any,
    v: Any,
    label: int,
    steps: int,
    *,
    at: float = 0.5,
    times: str = "difference",
    mean: bool = True,
    start: bool = True,
    where: str = "way",
    everything: bool = False,
    largest: bool = False,
    probability: bool = False,
) -> Any:
    import torch

    def score(image: Any) -> Any:
        s = scores(image, w, v)
        if largest:
            return s.max()
        return s.sum() if everything else (s.softmax(1) if probability else s)[0, label]

    begin = baseline if start else torch.zeros_like(x)
    total = torch.zeros_like(x)
    for k in range(steps):
        t = k / max(steps - 1, 1) if where == "both ends" else (k + at) / steps
        way = begin + t * (x - begin)
        point = {"image": x, "too far": begin + t * x}.get(where, way)
        g = gradient_at(score, point)
        total = g if where == "last only" else total + g
    factor = {"difference": x - begin, "image": x, "one": torch.ones_like(x), "back": begin - x}
    return factor[times] * total / (steps if mean else 1)


def _reference_integrated(x: Any, baseline: Any, w: Any, v: Any, label: int, steps: int) -> Any:
    return _integrated(x, baseline, w, v, label, steps)


def _way(**how: Any) -> Callable[..., Any]:
    return lambda x, baseline, w, v, label, steps: _integrated(
        x, baseline, w, v, label, steps, **how
    )


INTEGRATED = Task(
    id="14.5",
    title="Shares that add up",
    points=4,
    minutes=18,
    difficulty=3,
    name="integrated_gradients",
    returns=("contributions",),
    cases=_integrated_cases,
    reference=_reference_integrated,
    uses_torch=True,
    hints=(
        "First a function, or a few lines, for the gradient of the score at any image.",
        "The places on the way are `baseline + t * (x - baseline)`, with t in the middle of each of the n parts.",
        "The mean of the gradients, times how far each pixel has come from the baseline.",
    ),
    misconceptions=(
        Misconception(
            "gradient at the image times the difference",
            "You took the gradients at the image, or at dimmed copies of it. What counts is their mean on the whole "
            "way from the baseline.",
            _way(where="image"),
        ),
        Misconception(
            "plain gradient",
            "You returned the gradient at the image. A share is the mean gradient on the way from the baseline, "
            "times how far the pixel has come.",
            _way(where="image", times="one"),
        ),
        Misconception(
            "gradient not multiplied",
            "You returned the mean gradient. A share of the score is that, times how far the pixel has come.",
            _way(times="one"),
        ),
        Misconception(
            "times the image",
            "You multiplied by the image. What a pixel has come from the baseline is the difference of both.",
            _way(times="image"),
        ),
        Misconception(
            "from the image to the baseline",
            "Your shares have the other sign: the way leads from the baseline to the image.",
            _way(times="back"),
        ),
        Misconception(
            "sum instead of mean",
            "You added up the gradients and did not divide by the steps. With more steps your shares grow.",
            _way(mean=False),
        ),
        Misconception(
            "from the left end",
            "You asked at the start of each part of the way, the baseline among them. Asked for is its middle.",
            _way(at=0.0),
        ),
        Misconception(
            "from the right end",
            "You asked at the end of each part of the way, the image among them. Asked for is its middle.",
            _way(at=1.0),
        ),
        Misconception(
            "one part too far",
            "Your places lie one part too far, the last one beyond the image: does your k begin at 0 or 1?",
            _way(at=1.5),
        ),
        Misconception(
            "both ends",
            "You asked from the baseline to the image, both included. Asked for are the middles of n equal parts.",
            _way(where="both ends"),
        ),
        Misconception(
            "way longer than to the image",
            "Your way leads from b to b + x. It has to end at x: add a part of the difference x − b.",
            _way(where="too far"),
        ),
        Misconception(
            "last gradient only",
            "Only the last gradient is left of your sum: each step has to add to the total.",
            _way(where="last only"),
        ),
        Misconception(
            "the largest score",
            "You took the largest score at each place, which may change on the way. Asked for is the one of `label`.",
            _way(largest=True),
        ),
        Misconception(
            "all classes",
            "You added up the scores of all classes. Asked for is the one of `label`.",
            _way(everything=True),
        ),
        Misconception(
            "baseline left out",
            "You started at zeros. The baseline is an argument: begin there.",
            _way(start=False),
        ),
        Misconception(
            "probability",
            "You took the softmax. Asked for are shares of the score, the number before it.",
            _way(probability=True),
        ),
    ),
)
