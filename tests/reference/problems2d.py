"""Random problems on images, and torch's answers to them in float64."""

from dataclasses import dataclass

import numpy as np
import torch
from hypothesis import strategies as st

from coursekit.reference.layout import batch_last

LAYOUTS = ("plain", "batch last", "every other", "reversed", "Fortran")


@dataclass(frozen=True)
class Problem2d:
    """Arguments of conv2d, or of conv_transpose2d, that fit together."""

    x: np.ndarray
    w: np.ndarray
    b: np.ndarray | None
    steps: dict
    seed: int

    def dy(self, shape: tuple[int, ...]) -> np.ndarray:
        dtype = np.result_type(self.x, self.w)
        return np.random.default_rng(self.seed + 1).standard_normal(shape).astype(dtype)


def laid_out(values: np.ndarray, layout: str) -> np.ndarray:
    """Return the same values, read-only, in another order of memory."""
    match layout:
        case "batch last":
            values = batch_last(values)
        case "every other":
            values = np.repeat(values, 2, axis=-1)[..., ::2]
        case "reversed":
            values = np.ascontiguousarray(values[..., ::-1, :])[..., ::-1, :]
        case "Fortran":
            values = np.asfortranarray(values)
    values = values[...]
    values.flags.writeable = False
    return values


@st.composite
def problems2d(draw, *, transposed=False, dtypes=(np.float32, np.float64)):
    """Draw a problem; all sizes differ along height and width."""
    pair = lambda low, high, label: draw(  # noqa: E731
        st.tuples(st.integers(low, high), st.integers(low, high)), label=label
    )
    S, P, D, F = pair(1, 3, "S"), pair(0, 3, "P"), pair(1, 3, "D"), pair(1, 4, "F")
    groups, C_g, K_g = (draw(st.integers(1, 3), label=name) for name in ("groups", "C_g", "K_g"))
    N = draw(st.integers(0, 3), label="N")
    steps = {"stride": S, "padding": P, "dilation": D, "groups": groups}
    beyond = pair(0, 5, "beyond the least")
    if transposed:
        O = tuple(draw(st.integers(0, max(s, d) - 1)) for s, d in zip(S, D, strict=True))  # noqa: E741
        steps["output_padding"] = O
        # the least input that leaves a pixel: (size - 1) S - 2P + D (F - 1) + O + 1 >= 1
        least = [
            max(1, -(-(2 * p - d * (f - 1) - o) // s) + 1)
            for s, p, d, f, o in zip(S, P, D, F, O, strict=True)
        ]
        w_shape = (groups * C_g, K_g, *F)
    else:
        least = [max(1, d * (f - 1) + 1 - 2 * p) for p, d, f in zip(P, D, F, strict=True)]
        w_shape = (groups * K_g, C_g, *F)
    size = [a + b for a, b in zip(least, beyond, strict=True)]
    seed = draw(st.integers(0, 2**32 - 1), label="seed")
    rng = np.random.default_rng(seed)
    dtype = draw(st.sampled_from(dtypes), label="dtype")
    x = rng.standard_normal((N, groups * C_g, *size)).astype(dtype)
    w = rng.standard_normal(w_shape).astype(dtype)
    b = rng.standard_normal(groups * K_g).astype(dtype) if draw(st.booleans(), label="b") else None
    x = laid_out(x, draw(st.sampled_from(LAYOUTS), label="layout of x"))
    w = laid_out(w, draw(st.sampled_from(LAYOUTS[2:]), label="layout of w"))
    return Problem2d(x, w, b, steps, seed)


def torch_answers(problem: Problem2d, function, dy: np.ndarray | None = None):
    """Return torch's y, and its gradients for dy, with the sizes of what was added up for each."""
    arrays = [a for a in (problem.x, problem.w, problem.b) if a is not None]
    results = []
    for made in (np.asarray, np.abs):  # the second run adds absolute values: the scale of rounding
        tensors = [
            torch.tensor(made(a).astype(np.float64, order="C"), requires_grad=True) for a in arrays
        ]
        y = function(*tensors, **problem.steps)
        gradients = ()
        if dy is not None:
            gradients = torch.autograd.grad(y, tensors, torch.tensor(made(dy).astype(np.float64)))
        results.append([y.detach().numpy(), *(g.numpy() for g in gradients)])
    return results
