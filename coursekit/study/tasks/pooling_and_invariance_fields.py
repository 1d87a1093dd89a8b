"""The exercises of chapter 04 on what a unit sees, and on the way back to it through max pooling."""

import numpy as np

from coursekit.reference import (
    average_pool2d_backward,
    average_pool2d_forward,
    max_pool2d_backward,
    max_pool2d_forward,
    receptive_field,
)
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator
GRID = np.array([[1.0, 4, 2, 1], [5, 8, 3, 4], [7, 6, 4, 5], [1, 3, 1, 2]])  # CS7015, slide 44

# --- 4.5 What a unit sees -------------------------------------------------------------------------------------


def _field_cases(rng: Rng) -> list[Case]:
    cases = [
        Case((np.array([3, 3]), np.array([1, 1])), label="two layers of 3, stride 1"),
        Case((np.array([3, 3, 3]), np.array([2, 2, 2])), label="three layers of 3, stride 2"),
        Case((np.array([5, 2, 5, 2]), np.array([1, 2, 1, 2])), label="LeNet's first four layers"),
    ]
    for n in (3, 5, 6):
        F, S = rng.integers(2, 8, size=n), rng.integers(1, 4, size=n)
        cases.append(Case((F, S), label=f"F = {F.tolist()}, S = {S.tolist()}"))
    return cases


def _field(F: np.ndarray, S: np.ndarray) -> tuple[int, int]:
    field = receptive_field([(int(f), int(s)) for f, s in zip(F, S, strict=True)])
    return field.size, field.stride


def _step(S: np.ndarray) -> int:
    return int(np.prod(S))


def _too_early(F: np.ndarray, S: np.ndarray) -> tuple[int, int]:
    return int(1 + np.sum((F - 1) * np.cumprod(S))), _step(S)


def _stride_below(F: np.ndarray, S: np.ndarray) -> tuple[int, int]:
    return int(1 + np.sum((F - 1) * np.append(1, S[:-1]))), _step(S)


def _strides_added(F: np.ndarray, S: np.ndarray) -> tuple[int, int]:
    j = np.cumsum(np.append(1, S - 1))
    return int(1 + np.sum((F - 1) * j[:-1])), int(j[-1])


def _step_added(F: np.ndarray, S: np.ndarray) -> tuple[int, int]:
    j = 1 + np.cumsum(np.append(0, S))
    return int(1 + np.sum((F - 1) * j[:-1])), int(j[-1])


def _first_layer_twice(F: np.ndarray, S: np.ndarray) -> tuple[int, int]:
    r, j = _field(F, S)
    return int(F[0]) + (r - 1) * int(S[0]), j * int(S[0])


def _gap_too_many(F: np.ndarray, S: np.ndarray) -> tuple[int, int]:
    r = int(F[-1])
    for f, s in zip(F[-2::-1], S[-2::-1], strict=True):
        r = r * int(s) + int(f)
    return r, _step(S)


FIELD = Task(
    id="4.5",
    title="What a unit sees",
    points=3,
    minutes=8,
    difficulty=2,
    name="field",
    returns=("r", "j"),
    cases=_field_cases,
    reference=_field,
    hints=(
        "An input sees itself and is 1 away from the next: begin with r = 1 and j = 1, and go through the layers from "
        "the input upward.",
        "A kernel of F has F - 1 gaps between its entries. Each gap is j inputs wide, where j is what the layers "
        "*below* made of it.",
        "Only after its own kernel has been counted does a layer's stride multiply j.",
    ),
    misconceptions=(
        Misconception(
            "F instead of F - 1",
            "You added F for each layer. The entry that is already there counts once; a kernel of F adds F - 1 more.",
            lambda F, S: (int(1 + np.sum(F * np.append(1, np.cumprod(S)[:-1]))), _step(S)),
        ),
        Misconception(
            "begun with 0",
            "Your receptive field begins with 0; without any layer a unit sees one entry, itself.",
            lambda F, S: (_field(F, S)[0] - 1, _step(S)),
        ),
        Misconception(
            "strides ignored",
            "Your r adds F - 1 for each layer, whatever the strides below. After a stride of 2, neighbors stand two "
            "inputs apart.",
            lambda F, S: (int(1 + np.sum(F - 1)), _step(S)),
        ),
        Misconception(
            "kernels added up",
            "You added the kernels up. Where two layers meet, one entry is counted twice: each layer adds F - 1, and "
            "times the strides below.",
            lambda F, S: (int(np.sum(F)), _step(S)),
        ),
        Misconception(
            "kernels multiplied",
            "You multiplied the kernels. Neighbors share most of what they see, so a layer adds to r; what multiplies "
            "is the step j.",
            lambda F, S: (int(np.prod(F)), _step(S)),
        ),
        Misconception(
            "own stride instead of those below",
            "Each layer of yours adds F - 1 times its own stride. How far apart its inputs stand is decided by the "
            "layers below, all of them.",
            lambda F, S: (int(1 + np.sum((F - 1) * S)), _step(S)),
        ),
        Misconception(
            "own stride too early",
            "You multiplied with a layer's stride before you counted its kernel. The kernel reads what comes in, and "
            "that stands as far apart as the layers below left it.",
            _too_early,
        ),
        Misconception(
            "only the layer below",
            "You used the stride of the layer just below. All layers below count: their strides multiply.",
            _stride_below,
        ),
        Misconception(
            "strides added",
            "You added the strides up. A stride of 2 on top of a stride of 2 makes neighbors stand 4 apart: multiply.",
            _strides_added,
        ),
        Misconception(
            "steps added in j",
            "Your r is right. In j you added the strides up: a step of 2 made of steps of 2 is a step of 4.",
            lambda F, S: (_field(F, S)[0], int(np.sum(S))),
        ),
        Misconception(
            "last stride as j",
            "Your r is right. Your j is the last stride, which counts units of the layer below; asked is for inputs.",
            lambda F, S: (_field(F, S)[0], int(S[-1])),
        ),
        Misconception(
            "from the top down",
            "You multiplied each layer's F - 1 with the strides of the layers above it. What counts are those below: "
            "start at F[0] and S[0], and let j grow as you go up. (With r = (r - 1) * S + F, start at the top.)",
            lambda F, S: _field(F[::-1], S[::-1]),
        ),
        Misconception(
            "swapped",
            "You returned j first: the order is r, j.",
            lambda F, S: _field(F, S)[::-1],
        ),
        Misconception(
            "step replaced by the stride",
            "Your j is the stride of the last layer you met. A layer multiplies the step that is there: j * S.",
            lambda F, S: (_stride_below(F, S)[0], int(S[-1])),
        ),
        Misconception(
            "stride added to the step",
            "You add each stride to j. With stride 1 neighbors stay as far apart as they were: multiply.",
            _step_added,
        ),
        Misconception(
            "step begins with 0",
            "Your j begins with 0, and 0 times anything stays 0: neighbors in the input are 1 apart.",
            lambda F, S: (1, 0),
        ),
        Misconception(
            "first layer twice",
            "You begin with r = F[0], j = S[0] and then count the first layer again: begin with 1 and 1, or with the "
            "second layer.",
            _first_layer_twice,
        ),
        Misconception(
            "first layer left out",
            "You left out the first layer; numbers of layers begin with 0.",
            lambda F, S: _field(F[1:], S[1:]),
        ),
        Misconception(
            "last layer left out",
            "You left out the last layer: r and j are asked for after it.",
            lambda F, S: _field(F[:-1], S[:-1]),
        ),
        Misconception(
            "first layer only",
            "You return what the first layer sees: does your `return` stand inside the loop?",
            lambda F, S: (int(F[0]), int(S[0])),
        ),
        Misconception(
            "last stride left out of j",
            "Your r is right. In j the last stride is missing: it says how far apart the last layer's units are.",
            lambda F, S: (_field(F, S)[0], _step(S[:-1])),
        ),
        Misconception(
            "one gap too many",
            "You go down from the top with r * S. Between r units are r - 1 gaps: r becomes (r - 1) * S + F.",
            _gap_too_many,
        ),
        Misconception(
            "area instead of side",
            "You squared r: asked is how many inputs a unit sees along one axis.",
            lambda F, S: (_field(F, S)[0] ** 2, _step(S)),
        ),
    ),
)

# --- 4.6 The way back through max pooling ---------------------------------------------------------------------


def _backward_cases(rng: Rng) -> list[Case]:
    dy = np.arange(1.0, 10).reshape(3, 3)
    cases = [
        Case((dy, GRID + np.arange(16).reshape(4, 4) / 100, 2, 1), label="4 × 4, F = 2, S = 1")
    ]
    for H, W, F, S in [(4, 6, 2, 2), (5, 7, 3, 2), (7, 6, 3, 1), (8, 9, 4, 3)]:
        x = (rng.permutation(H * W) - H * W // 2).reshape(H, W) / 4  # no two are equal
        shape = ((H - F) // S + 1, (W - F) // S + 1)
        cases.append(
            Case((rng.normal(size=shape).round(2), x, F, S), label=f"{H} × {W}, F = {F}, S = {S}")
        )
    return cases


def _backward(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    cache = max_pool2d_forward(x[None, None], F, stride=S)[1]
    dx: np.ndarray = max_pool2d_backward(dy[None, None], cache)[0, 0]
    return dx


def _shared_out(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    cache = average_pool2d_forward(x[None, None], F, stride=S)[1]
    dx: np.ndarray = average_pool2d_backward(dy[None, None], cache)[0, 0]
    return dx


def _winners(
    x: np.ndarray, F: int, S: int, shape: tuple[int, ...]
) -> list[tuple[int, int, int, int]]:
    """Return for each window its place (i, j) and where in it the largest entry stands (a, m)."""
    found = []
    for i, j in np.ndindex(*shape):
        a, m = divmod(int(x[i * S : i * S + F, j * S : j * S + F].argmax()), F)
        found.append((i, j, a, m))
    return found


def _overwritten(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    dx = np.zeros_like(x)
    for i, j, a, m in _winners(x, F, S, dy.shape):
        dx[i * S + a, j * S + m] = dy[i, j]
    return dx


def _erased(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    dx = np.zeros_like(x)
    for i, j, a, m in _winners(x, F, S, dy.shape):
        dx[i * S : i * S + F, j * S : j * S + F] = 0
        dx[i * S + a, j * S + m] = dy[i, j]
    return dx


def _counted_through_x(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    dx = np.zeros_like(x)
    for i, j, a, m in _winners(x, F, S, dy.shape):
        dx.flat[a * F + m] += dy[i, j]
    return dx


def _transposed(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    dx = np.zeros_like(x)
    for i, j, a, m in _winners(x, F, S, dy.shape):
        dx[i * S + m, j * S + a] += dy[i, j]
    return dx


def _stride_forgotten(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    dx = np.zeros_like(x)
    for i, j, a, m in _winners(x, F, 1, dy.shape):
        dx[i + a, j + m] += dy[i, j]
    return dx


def _added_without_stride(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    dx = np.zeros_like(x)
    for i, j, a, m in _winners(x, F, S, dy.shape):
        dx[i + a, j + m] += dy[i, j]
    return dx


def _row_by_argmax(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    dx = np.zeros_like(x)
    for i, j, a, m in _winners(x, F, S, dy.shape):
        dx[i * S : i * S + F, j * S : j * S + F][a * F + m] += dy[i, j]
    return dx


def _places_of_x_in_dy(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    dx = np.zeros_like(x)
    for i, j, a, m in _winners(x, F, S, dy.shape):
        dx[i * S + a, j * S + m] += dy[i * S, j * S]
    return dx


def _place_in_window(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    dx = np.zeros_like(x)
    for i, j, a, m in _winners(x, F, S, dy.shape):
        dx[a, m] += dy[i, j]
    return dx


def _times_x(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    return _backward(dy, x, F, S) * x


def _own_value(dy: np.ndarray, x: np.ndarray, F: int, S: int) -> np.ndarray:
    return _times_x(np.ones_like(dy), x, F, S)


BACKWARD = Task(
    id="4.6",
    title="The way back through max pooling",
    points=4,
    minutes=15,
    difficulty=3,
    name="max_pool_backward",
    returns=("dx",),
    cases=_backward_cases,
    reference=_backward,
    hints=(
        "y[i, j] is a copy of one entry of its window. If that entry grows a little, y[i, j] grows by the same; if "
        "another one does, nothing happens.",
        "Loop over the windows as in 4.1. `argmax` of a window counts through it row by row; "
        "`np.unravel_index(k, window.shape)` makes a row and a column of it.",
        "That row and column count from the corner of the window, which stands at i * S, j * S. An entry may win "
        "several windows: add.",
    ),
    misconceptions=(
        Misconception(
            "overwritten instead of added",
            "Where an entry wins several windows, only the last one's gradient is left: use +=.",
            _overwritten,
        ),
        Misconception(
            "erased by the next window",
            "A window writes zeros over what earlier windows left for its other entries: add to the slice of dx, with "
            "+=.",
            _erased,
        ),
        Misconception(
            "counted through x",
            "You took the `argmax` of a window as a place in x. It counts through the window; make a row and a column "
            "of it and add where the window begins.",
            _counted_through_x,
        ),
        Misconception(
            "shared out",
            "You shared the gradient out among all entries of the window, as average pooling does. The maximum comes "
            "from one of them.",
            _shared_out,
        ),
        Misconception(
            "given to the whole window",
            "Every entry of a window gets the full gradient. Would y[i, j] change if an entry grew a little that is "
            "not the largest?",
            lambda dy, x, F, S: _shared_out(dy, x, F, S) * F**2,
        ),
        Misconception(
            "dy forgotten",
            "Your winners get 1 for each window that they won; what comes back is the dy of that window.",
            lambda dy, x, F, S: _backward(np.ones_like(dy), x, F, S),
        ),
        Misconception(
            "times x",
            "You multiplied with the entry that won. y is a copy of it, so when it grows by a little, y grows by just "
            "that: the factor is 1.",
            _times_x,
        ),
        Misconception(
            "place in the window taken for place in x",
            "You used the winner's place inside its window as its place in x: add where the window begins, i * S "
            "and j * S.",
            _place_in_window,
        ),
        Misconception(
            "stride forgotten",
            "Your windows begin at i, j whatever S is; they begin at i * S, j * S.",
            _stride_forgotten,
        ),
        Misconception(
            "row and column exchanged",
            "Inside the window you exchanged row and column: `argmax` counts row by row, so the row is k // F and the "
            "column k % F.",
            _transposed,
        ),
        Misconception(
            "added without the stride",
            "You looked into the right window and then added at i + a, j + m: the window begins at i * S, j * S.",
            _added_without_stride,
        ),
        Misconception(
            "argmax taken for a row",
            "`argmax` of a window counts all its entries, and you used it as a row. Make a row and a column "
            "of it with `np.unravel_index`.",
            _row_by_argmax,
        ),
        Misconception(
            "places of x used in dy",
            "You read dy[i, j] where i and j count entries of x. dy has one entry a window: let i and j count windows.",
            _places_of_x_in_dy,
        ),
        Misconception(
            "written into a copy",
            "Your dx is 0 everywhere. If you wrote into `.flatten()` or `.ravel()` of a slice, that was a copy: write "
            "into dx itself.",
            lambda dy, x, F, S: np.zeros_like(x),
        ),
        Misconception(
            "value instead of gradient",
            "Your winners get their own value. What comes back to them is dy of their window; how large they are does "
            "not matter.",
            _own_value,
        ),
    ),
)
