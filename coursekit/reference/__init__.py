"""NumPy reference implementations: the formulas of the course, readable first.

Every operation comes as up to three functions:

- ``op(x, w, ...)`` returns the output y;
- ``op_forward(x, w, ...)`` returns ``(y, cache)``, what training needs;
- ``op_backward(dy, cache)`` returns the gradients of the loss in the order of op's array arguments.

Arrays are float32 or float64 (integers are computed as float64), never written into, and laid out
N, C, (H,) W.
"""

from coursekit.reference.convolution1d import (
    conv1d,
    conv1d_backward,
    conv1d_forward,
    true_conv1d,
)
from coursekit.reference.geometry import output_size
from coursekit.reference.gradcheck import GradientReport, gradcheck
from coursekit.reference.toeplitz import toeplitz1d, toeplitz1d_sparse

__all__ = [
    "GradientReport",
    "conv1d",
    "conv1d_backward",
    "conv1d_forward",
    "gradcheck",
    "output_size",
    "toeplitz1d",
    "toeplitz1d_sparse",
    "true_conv1d",
]
