"""Random convolution problems, and torch's answers to them in float64."""

from dataclasses import dataclass

import numpy as np
import torch
from hypothesis import strategies as st

RELATIVE = {np.dtype(np.float32): 1e-5, np.dtype(np.float64): 1e-10}


@dataclass(frozen=True)
class Problem:
    """Arguments of conv1d that fit together."""

    x: np.ndarray
    w: np.ndarray
    stride: int
    padding: int
    dilation: int
    seed: int  # for what a test wants to add, such as dy

    @property
    def steps(self) -> dict[str, int]:
        return {"stride": self.stride, "padding": self.padding, "dilation": self.dilation}

    @property
    def single(self) -> bool:
        return self.x.ndim == 1

    def dy(self, shape: tuple[int, ...]) -> np.ndarray:
        dtype = np.result_type(self.x, self.w)
        return np.random.default_rng(self.seed + 1).standard_normal(shape).astype(dtype)


def _laid_out(values: np.ndarray, layout: str) -> np.ndarray:
    """Return the same values, read-only, in another order of memory."""
    match layout:
        case "reversed":
            array = np.ascontiguousarray(values[..., ::-1])[..., ::-1]
        case "every other":
            array = np.repeat(values, 2, axis=-1)[..., ::2]
        case "axes swapped":
            array = np.asfortranarray(values)
        case "strided and reversed":
            array = np.repeat(values[..., ::-1], 3, axis=-1)[..., ::-3]
        case _:
            array = values
    assert np.array_equal(array, values)
    array.flags.writeable = False  # whoever writes into an argument gets an exception
    return array


@st.composite
def problems(
    draw,
    *,
    dtypes=(np.float32, np.float64),
    same_dtype=True,
    single=None,
    least_W=1,  # torch refuses a signal without entries
    plain=False,  # without stride, padding and dilation
):
    """Draw a Problem; x and w are read-only, and not always contiguous."""
    S = 1 if plain else draw(st.integers(1, 4), label="S")
    P = 0 if plain else draw(st.integers(0, 4), label="P")
    D = 1 if plain else draw(st.integers(1, 3), label="D")
    F = draw(st.integers(1, 5), label="F")
    W = max(least_W, D * (F - 1) + 1 - 2 * P) + draw(st.integers(0, 9), label="W beyond the least")
    if draw(st.booleans(), label="single") if single is None else single:
        shapes = (W,), (F,)
    else:
        N = draw(st.integers(0, 3), label="N")
        C, K = draw(st.integers(1, 3), label="C"), draw(st.integers(1, 3), label="K")
        shapes = (N, C, W), (K, C, F)
    seed = draw(st.integers(0, 2**32 - 1), label="seed")
    rng = np.random.default_rng(seed)
    dtype = draw(st.sampled_from(dtypes), label="dtype")
    arrays = []
    for shape in shapes:
        if not same_dtype:
            dtype = draw(st.sampled_from(dtypes), label="dtype")
        if np.issubdtype(dtype, np.floating):
            values = rng.standard_normal(shape).astype(dtype)
        else:
            values = rng.integers(0 if np.issubdtype(dtype, np.unsignedinteger) else -9, 9, shape)
            values = values.astype(dtype)
        layouts = ("plain", "reversed", "every other", "axes swapped", "strided and reversed")
        arrays.append(_laid_out(values, draw(st.sampled_from(layouts), label="layout")))
    return Problem(*arrays, S, P, D, seed)


def torch_conv1d(x: np.ndarray, w: np.ndarray, **steps: int) -> np.ndarray:
    """Return torch's output, computed in float64."""
    return _torch(x, w, None, steps)[0]


def torch_gradients(
    x: np.ndarray, w: np.ndarray, dy: np.ndarray, **steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return dx and dw from torch's autograd, computed in float64."""
    return _torch(x, w, dy, steps)[1:]


def _torch(x, w, dy, steps):
    # a copy, because torch takes neither negative strides nor memory that may not be written
    x_t, w_t = (torch.tensor(a.astype(np.float64, order="C"), requires_grad=True) for a in (x, w))
    batch = (x_t, w_t) if x.ndim == 3 else (x_t[None, None], w_t[None, None])
    y = torch.nn.functional.conv1d(*batch, **steps)
    if x.ndim == 1:
        y = y[0, 0]
    if dy is not None:
        y.backward(torch.tensor(dy.astype(np.float64)))
        return y.detach().numpy(), x_t.grad.numpy(), w_t.grad.numpy()
    return y.detach().numpy(), None, None


def assert_close(actual: np.ndarray, expected: np.ndarray, magnitude: np.ndarray) -> None:
    """Compare entry by entry, relative to the sum of the absolute values of its terms.

    Terms that cancel leave a small sum with the rounding error of large ones.
    """
    assert actual.shape == expected.shape
    allowed = RELATIVE[actual.dtype] * magnitude
    assert np.all(np.abs(actual - expected) <= allowed), f"{actual}\nis not\n{expected}"
