"""Three formulas for filtering an image, as lectures write them, and how they are one idea.

Each gives one number for every pixel (i, j) of the image; outside the image there are zeros. They
differ in which neighbors of the pixel the kernel K of m rows and n columns meets, and in which
direction it runs:

- :func:`filter_preceding` looks up and left, the kernel runs backward: true convolution;
- :func:`filter_succeeding` looks down and right, the kernel runs forward: cross-correlation, which
  deep learning calls convolution;
- :func:`filter_centered` looks to all sides, the kernel runs backward.

So the centered result is the preceding one, moved by half a kernel, and the succeeding one is the
preceding one of the kernel turned by 180 degrees, moved by a kernel less one:

    centered(I, K)[i, j]    =  preceding(I, K)[i + m // 2, j + n // 2]
    succeeding(I, K)[i, j]  =  preceding(I, K[::-1, ::-1])[i + m - 1, j + n - 1]
"""

import numpy as np
from jaxtyping import Float, Num

from coursekit.reference.arguments import as_float_array


def filter_preceding(
    image: Num[np.ndarray, "H W"], kernel: Num[np.ndarray, "m n"]
) -> Float[np.ndarray, "H W"]:
    r"""Convolve in the sense of mathematics: look at the preceding neighbors of every pixel.

    .. math:: S_{i,j} = \sum_{a=0}^{m-1} \sum_{b=0}^{n-1} I_{i-a,\,j-b} \, K_{a,b}

    Args:
        image: I, (H, W), zero outside.
        kernel: K, (m, n).

    Returns:
        S: (H, W), float32 where image and kernel are, float64 otherwise.

    Raises:
        TypeError: image or kernel is not an array of real numbers.
        ValueError: image or kernel does not have two axes, or the kernel has no entry.

    Source: CS7015 lecture 11, slide 9, the first formula.
    """
    image, K = _as_image_and_kernel(image, kernel)
    S = np.zeros(image.shape, np.result_type(image, K))
    for a, b in np.ndindex(K.shape):
        S += _moved(image, a, b) * K[a, b]
    return S


def filter_succeeding(
    image: Num[np.ndarray, "H W"], kernel: Num[np.ndarray, "m n"]
) -> Float[np.ndarray, "H W"]:
    r"""Cross-correlate: look at the succeeding neighbors of every pixel.

    .. math:: S_{i,j} = \sum_{a=0}^{m-1} \sum_{b=0}^{n-1} I_{i+a,\,j+b} \, K_{a,b}

    The first H - m + 1 rows and W - n + 1 columns are what ``conv2d`` without padding returns.

    Args, Returns and Raises: as for :func:`filter_preceding`.

    Source: CS7015 lecture 11, slide 9, the second formula, and the example of slide 10.
    """
    image, K = _as_image_and_kernel(image, kernel)
    S = np.zeros(image.shape, np.result_type(image, K))
    for a, b in np.ndindex(K.shape):
        S += _moved(image, -a, -b) * K[a, b]
    return S


def filter_centered(
    image: Num[np.ndarray, "H W"], kernel: Num[np.ndarray, "m n"]
) -> Float[np.ndarray, "H W"]:
    r"""Convolve with the kernel centered on the pixel of interest: look at all neighbors.

    .. math::
        S_{i,j} = \sum_{a=-\lfloor m/2 \rfloor}^{m-1-\lfloor m/2 \rfloor} \;
                  \sum_{b=-\lfloor n/2 \rfloor}^{n-1-\lfloor n/2 \rfloor}
                  I_{i-a,\,j-b} \, K_{\lfloor m/2 \rfloor + a,\, \lfloor n/2 \rfloor + b}

    The bounds are chosen so that every entry of the kernel is met once. For an odd m they are
    -(m-1)/2 and (m-1)/2; the slide's lower bound, the floor of -m/2, is one less, where the kernel
    has no entry. With an even m there is no middle, and the entry m/2 takes its place.

    Args, Returns and Raises: as for :func:`filter_preceding`.

    Source: CS7015 lecture 11, slide 11.
    """
    image, K = _as_image_and_kernel(image, kernel)
    middle, center = K.shape[0] // 2, K.shape[1] // 2
    S = np.zeros(image.shape, np.result_type(image, K))
    for a in range(-middle, K.shape[0] - middle):
        for b in range(-center, K.shape[1] - center):
            S += _moved(image, a, b) * K[middle + a, center + b]
    return S


def _moved(image: np.ndarray, a: int, b: int) -> np.ndarray:
    """Return the image moved down by a rows and right by b columns: entry (i, j) is I[i - a, j - b]."""
    H, W = image.shape
    moved = np.zeros(image.shape, image.dtype)
    to = slice(max(a, 0), max(H + a, 0)), slice(max(b, 0), max(W + b, 0))
    of = slice(max(-a, 0), max(H - a, 0)), slice(max(-b, 0), max(W - b, 0))
    moved[to] = image[of]
    return moved


def _as_image_and_kernel(image: np.ndarray, kernel: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return both as arrays of float32 or float64 with two axes."""
    image, kernel = as_float_array("image", image), as_float_array("kernel", kernel)
    if image.ndim != 2:
        raise ValueError(f"image has shape {image.shape}, expected (H, W): one channel")
    if kernel.ndim != 2 or kernel.size == 0:
        raise ValueError(f"kernel has shape {kernel.shape}, expected (m, n), each size at least 1")
    return image, kernel
