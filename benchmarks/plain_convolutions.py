"""Other ways to write a two-dimensional convolution in NumPy, to see what each idea costs.

All take x (N, C, H, W) and w (K, C, F, F), stride 1, no padding, and return y; forward only.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import signal


def window_einsum(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Take all windows as a view and contract them with the kernels."""
    windows = sliding_window_view(x, w.shape[2:], axis=(2, 3))  # (N, C, H_out, W_out, F, F)
    return np.einsum("nchwab,kcab->nkhw", windows, w, optimize=True)


def im2col(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Copy all windows into one matrix, F * F times the input, and multiply once."""
    K, C, F, _ = w.shape
    windows = sliding_window_view(x, (F, F), axis=(2, 3))
    N, _, H_out, W_out = windows.shape[:4]
    columns = windows.transpose(1, 4, 5, 0, 2, 3).reshape(C * F * F, -1)
    return (w.reshape(K, -1) @ columns).reshape(K, N, H_out, W_out).transpose(1, 0, 2, 3)


def fft(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Multiply in the frequency domain: the cost does not depend on the kernel's size."""
    _, _, F, _ = w.shape
    H, W = x.shape[2:]
    X = np.fft.rfft2(x)
    kernels = np.conj(np.fft.rfft2(w, (H, W)))  # conjugate: cross-correlation, not convolution
    y = np.fft.irfft2(np.einsum("nchw,kchw->nkhw", X, kernels, optimize=True), (H, W))
    return y[:, :, : H - F + 1, : W - F + 1].astype(x.dtype)


def scipy_correlate(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Let scipy.signal correlate every channel with every kernel, and add."""
    return np.array(
        [
            [
                sum(signal.correlate2d(c, v, "valid") for c, v in zip(image, kernel, strict=True))
                for kernel in w
            ]
            for image in x
        ]
    )
