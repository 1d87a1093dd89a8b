"""Exercise 15.6: a small fully convolutional network as a torch module."""

from collections.abc import Callable
from typing import Any

import numpy as np

from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator


def _cases(rng: Rng) -> list[Case]:
    cases = []
    for C, K, (H, W) in ((1, 3, (8, 8)), (2, 4, (6, 10)), (3, 2, (12, 4))):
        given = {"x": rng.normal(size=(2, C, H, W)), "seed": int(rng.integers(10**6))}
        cases.append(Case((C, K), label=f"{C} channels, {K} classes, {H}×{W}", given=given))
    return cases


def _net(slip: str = "") -> Callable[[int, int], Any]:
    """Return what builds the net, with one mistake."""

    def build(C: int, K: int) -> Any:
        from torch import Tensor, cat, nn
        from torch.nn.functional import interpolate, max_pool2d

        class Net(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                padding = 0 if slip == "no padding" else 1
                self.first = nn.Conv2d(C, 6, 3, padding=padding)
                self.second = nn.Conv2d(6, 10, 3, padding=padding)
                if slip == "stacked":
                    self.score = nn.Conv2d(16, K, 1)
                    return
                side = 3 if slip == "3x3 scores" else 1
                self.coarse = nn.Conv2d(10, K, side, padding=side // 2)
                if slip != "coarse alone":
                    self.fine = nn.Conv2d(6, K, side, padding=side // 2)

            def enlarged(self, y: Tensor, like: Tensor) -> Tensor:
                size = like.shape[-2:]
                if slip == "nearest":
                    return interpolate(y, size=size, mode="nearest")
                return interpolate(
                    y, size=size, mode="bilinear", align_corners=slip == "corners aligned"
                )

            def forward(self, x: Tensor) -> Tensor:
                before = self.first(x)
                fine = before if slip in ("no first relu", "no relu") else before.relu()
                pooled = (
                    nn.functional.avg_pool2d(fine, 2)
                    if slip == "average pooling"
                    else max_pool2d(fine, 2)
                )
                if slip in ("no pooling", "stride for pooling"):
                    pooled = fine
                coarse = self.second(pooled)
                if slip == "stride for pooling":  # the places that a stride of 2 would compute
                    coarse = coarse[..., ::2, ::2]
                if slip not in ("no second relu", "no relu"):
                    coarse = coarse.relu()
                if slip == "stacked":
                    return self.score(cat([fine, self.enlarged(coarse, fine)], dim=1))
                scores = self.coarse(coarse)
                if slip == "coarse alone":
                    return self.enlarged(scores, fine)
                if slip == "pooled skip":
                    return self.enlarged(scores + self.fine(pooled), fine)
                if slip == "scores rectified":
                    return self.enlarged(scores.relu(), fine) + self.fine(fine).relu()
                if slip == "coarse map":
                    return scores + max_pool2d(self.fine(fine), 2)
                y = self.enlarged(scores, fine) + self.fine(fine)
                if slip == "skip before the relu":
                    return self.enlarged(scores, fine) + self.fine(before)
                if slip == "output rectified":
                    return y.relu()
                if slip == "mean":
                    return y / 2
                if slip == "softmax":
                    return y.softmax(1)
                return y

        return Net()

    return build


NET = Task(
    id="15.6",
    title="A net for every pixel",
    points=4,
    minutes=15,
    difficulty=3,
    name="build_fcn",
    graded_by="module",
    returns=("y", "dx", "parameters"),
    cases=_cases,
    reference=_net(),
    uses_torch=True,
    hints=(
        "Four layers have weights: two 3×3 convolutions with `padding=1`, two 1×1 convolutions. Make them in "
        "`__init__`.",
        "In `forward`, give the fine map a name: it is used twice, by the pooling and by its own 1×1 convolution.",
        '`nn.functional.interpolate(scores, scale_factor=2, mode="bilinear", align_corners=False)` doubles the coarse '
        "scores; then add the fine ones.",
    ),
    misconceptions=(
        Misconception(
            "no skip",
            "Only the coarse map is scored: your fine map never reaches the output.",
            _net("coarse alone"),
        ),
        Misconception(
            "a skip from the pooled map",
            "You scored the map behind the pooling. It has lost its detail; the fine map is the one before.",
            _net("pooled skip"),
        ),
        Misconception(
            "stacked instead of added",
            "You stacked both maps and scored them with one convolution. That can do the same, but here each map has a "
            "1×1 convolution of its own, and the scores are added.",
            _net("stacked"),
        ),
        Misconception(
            "nearest neighbor",
            "You enlarged by nearest neighbor, which is what `interpolate` does when it is not told a mode.",
            _net("nearest"),
        ),
        Misconception(
            "corners aligned",
            "With `align_corners=True` a pixel is a point and not a square, and both maps no longer cover the same "
            "area.",
            _net("corners aligned"),
        ),
        Misconception(
            "not enlarged",
            "Your scores have the size of the coarse map. There is one for every pixel of x.",
            _net("coarse map"),
        ),
        Misconception(
            "softmax inside",
            "Your net ends in a softmax. It returns scores; the loss takes the softmax itself.",
            _net("softmax"),
        ),
        Misconception(
            "scores rectified",
            "You put a ReLU behind the 1×1 convolutions. Scores may be negative.",
            _net("scores rectified"),
        ),
        Misconception(
            "no ReLU behind the first convolution",
            "Behind your first convolution there is no ReLU.",
            _net("no first relu"),
        ),
        Misconception(
            "no ReLU behind the second convolution",
            "Behind your second convolution there is no ReLU.",
            _net("no second relu"),
        ),
        Misconception(
            "no ReLU at all",
            "There is no ReLU behind either 3×3 convolution: without the pooling your net would be linear.",
            _net("no relu"),
        ),
        Misconception(
            "skip from before the ReLU",
            "You scored the fine map before its ReLU. The fine map is what comes out of the ReLU.",
            _net("skip before the relu"),
        ),
        Misconception(
            "output rectified",
            "You put a ReLU behind the sum. Scores may be negative.",
            _net("output rectified"),
        ),
        Misconception(
            "no pooling",
            "Your net does not pool, so both maps are equally fine and nothing has to be enlarged.",
            _net("no pooling"),
        ),
        Misconception(
            "stride for pooling",
            "Your second convolution has stride 2 and reads the fine map. Here max pooling halves the map first.",
            _net("stride for pooling"),
        ),
        Misconception(
            "average pooling",
            "You took means; the pooling keeps the largest.",
            _net("average pooling"),
        ),
        Misconception(
            "no padding",
            "Without padding your convolutions lose rows and columns at the border: `padding=1`.",
            _net("no padding"),
        ),
        Misconception(
            "scores of 3×3",
            "Your scores come from 3×3 kernels; a map is scored place by place, with 1×1.",
            _net("3x3 scores"),
        ),
        Misconception(
            "mean of both",
            "You took the mean of coarse and fine scores; they are added.",
            _net("mean"),
        ),
    ),
)
