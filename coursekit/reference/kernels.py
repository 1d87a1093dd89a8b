"""Kernels made by hand: blur, sharpen, edges, and the Gabor filters that nets learn by themselves.

All are float64, and meant for cross-correlation, which is what ``conv2d`` computes: a kernel looks
like what it answers to. x counts columns to the right and y counts rows downward, as in an image,
both from the middle of the kernel, which for an even size lies between two pixels.
"""

from typing import Literal, SupportsFloat, SupportsIndex

import numpy as np
from jaxtyping import Float

from coursekit.reference.arguments import Size, as_count, as_number, as_pair

Axis = Literal["x", "y"]

LARGEST_KERNEL = 1000
LEAST_LENGTH = 0.01  # pixels: less than that is one pixel or a rounding error


def box(size: Size) -> Float[np.ndarray, "F_h F_w"]:
    r"""Kernel of the mean of a window, which blurs.

    .. math:: w_{a,m} = 1 / (F_h F_w)

    The entries add up to 1, so that brightness stays. Separable.

    Args:
        size: F, pixels along each side; one number, or one for the height and one for the width.

    Raises:
        TypeError: size is not a whole number, or a pair of them.
        ValueError: size is below 1 or above 1000.

    Source: CS7015 lecture 11, slide 13.
    """
    F_h, F_w = _as_size(size)
    return np.full((F_h, F_w), 1 / (F_h * F_w))


def gaussian(size: Size, sigma: SupportsFloat) -> Float[np.ndarray, "F_h F_w"]:
    r"""Kernel of a mean that weighs near pixels more than far ones, which blurs without corners.

    .. math:: w(x, y) \propto \exp\left( -\frac{x^2 + y^2}{2 \sigma^2} \right)

    The entries add up to 1, also where the size cuts the bell off; 6 sigma lose little. Separable.

    Args:
        size: F, pixels along each side; one number, or one for the height and one for the width.
        sigma: standard deviation of the bell, in pixels.

    Raises:
        TypeError: size is not a whole number, or a pair of them, or sigma is not a number.
        ValueError: size is below 1 or above 1000, or sigma is below 0.01 or not finite.

    Source: Hierarchical compositionality and convolutions, slide 56.
    """
    F_h, F_w = _as_size(size)
    sigma = as_number("sigma", sigma, LEAST_LENGTH)
    return np.outer(_bell(F_h, sigma), _bell(F_w, sigma))


def gabor(
    size: Size,
    *,
    sigma: SupportsFloat,
    wavelength: SupportsFloat,
    angle: SupportsFloat = 0.0,
    phase: SupportsFloat = 0.0,
    aspect: SupportsFloat = 1.0,
) -> Float[np.ndarray, "F_h F_w"]:
    r"""Kernel of a wave under a bell, which answers to stripes of one width and direction.

    .. math::
        w(x, y) &= \exp\left( -\frac{x'^2 + \gamma^2 y'^2}{2 \sigma^2} \right)
                   \cos\left( 2 \pi \frac{x'}{\lambda} + \psi \right)

        x' &= x \cos\theta + y \sin\theta, \qquad y' = -x \sin\theta + y \cos\theta

    Not normalized: the value in the middle is the cosine of the phase. With phase 0 it also
    answers a little to flat gray, with phase pi/2 it does not.

    Args:
        size: F, pixels along each side; one number, or one for the height and one for the width.
        sigma: standard deviation of the bell along the wave, in pixels.
        wavelength: lambda, pixels from one stripe to the next.
        angle: theta, the direction in which the wave runs, in radians from x toward y: 0 makes
            upright stripes, pi/2 level ones.
        phase: psi, in radians: 0 puts a stripe into the middle, pi/2 an edge.
        aspect: gamma: below 1, the bell is longer along the stripes than across them.

    Raises:
        TypeError: size is not a whole number, or a pair of them, or another is not a number.
        ValueError: size is below 1 or above 1000; sigma, wavelength or aspect is below 0.01; or a
            number is not finite.

    Source: Hierarchical compositionality and convolutions, slide 55; Daugman 1985.
    """
    F_h, F_w = _as_size(size)
    sigma = as_number("sigma", sigma, LEAST_LENGTH)
    wavelength = as_number("wavelength", wavelength, LEAST_LENGTH)
    theta, psi = as_number("angle", angle), as_number("phase", phase)
    gamma = as_number("aspect", aspect, LEAST_LENGTH)
    x, y = _from_middle(F_w), _from_middle(F_h)[:, None]
    along = x * np.cos(theta) + y * np.sin(theta)  # x'
    across = -x * np.sin(theta) + y * np.cos(theta)  # y'
    bell = np.exp(-((along / sigma) ** 2 + (gamma * across / sigma) ** 2) / 2)
    return bell * np.cos(2 * np.pi * along / wavelength + psi)


def sharpen(amount: SupportsFloat = 1.0) -> Float[np.ndarray, "3 3"]:
    r"""Kernel of the image and its edges added on top.

    .. math:: w = \begin{pmatrix} 0 & -s & 0 \\ -s & 1 + 4s & -s \\ 0 & -s & 0 \end{pmatrix}

    That is the image minus s times its :func:`laplacian`. The entries add up to 1.

    Args:
        amount: s; 1 is the lecture's kernel, 0 changes nothing.

    Raises:
        TypeError: amount is not a number.
        ValueError: amount is below 0 or not finite.

    Source: CS7015 lecture 11, slide 14.
    """
    identity = np.zeros((3, 3))
    identity[1, 1] = 1
    return identity - as_number("amount", amount, 0.0) * laplacian()


def laplacian(neighbors: SupportsIndex = 4) -> Float[np.ndarray, "3 3"]:
    r"""Kernel of how much the neighbors are brighter than the pixel: edges of every direction.

    .. math::
        w_4 = \begin{pmatrix} 0 & 1 & 0 \\ 1 & -4 & 1 \\ 0 & 1 & 0 \end{pmatrix} \qquad
        w_8 = \begin{pmatrix} 1 & 1 & 1 \\ 1 & -8 & 1 \\ 1 & 1 & 1 \end{pmatrix}

    The entries add up to 0: a flat or evenly rising region gives 0. With 4 neighbors it is the sum
    of the two second derivatives, with 8 it is three times that sum.

    Args:
        neighbors: 4, or 8 with those at the corners.

    Raises:
        TypeError: neighbors is not a whole number.
        ValueError: neighbors is neither 4 nor 8.

    Source: CS7015 lecture 11, slide 15.
    """
    count = as_count("neighbors", neighbors, 0)
    if count not in (4, 8):
        raise ValueError(f"neighbors is {count}, expected 4 or 8")
    kernel = np.ones((3, 3))
    if count == 4:
        kernel[::2, ::2] = 0  # the corners
    kernel[1, 1] = -count
    return kernel


def sobel(axis: Axis) -> Float[np.ndarray, "3 3"]:
    r"""Kernel of the slope along one axis, averaged over three lines along the other.

    .. math:: w_x = \begin{pmatrix} 1 \\ 2 \\ 1 \end{pmatrix} \begin{pmatrix} -1 & 0 & 1 \end{pmatrix},
              \qquad w_y = w_x^\top

    Not normalized, as usual: the answer is 8 times the slope per pixel. w_x finds upright edges,
    and is positive where the image gets brighter to the right; w_y downward. Separable.

    Args:
        axis: "x" for the slope along the width, "y" along the height.

    Raises:
        ValueError: axis is neither "x" nor "y".

    Source: Sobel and Feldman 1968.
    """
    return _along(axis, np.outer([1.0, 2, 1], [-1.0, 0, 1]))


def derivative(axis: Axis) -> Float[np.ndarray, "F_h F_w"]:
    r"""Kernel of the slope along one axis.

    .. math:: w_x = \frac{1}{2} \begin{pmatrix} -1 & 0 & 1 \end{pmatrix}, \qquad w_y = w_x^\top

    The answer is the slope per pixel, halfway between the two pixels that are compared.

    Args:
        axis: "x" for the slope along the width, "y" along the height.

    Raises:
        ValueError: axis is neither "x" nor "y".

    Source: Louppe lecture 5, "convolutions can implement differential operators", there between
    neighbors: (-1, 1).
    """
    return _along(axis, np.array([[-0.5, 0, 0.5]]))


def _along(axis: Axis, kernel: np.ndarray) -> np.ndarray:
    """Return a kernel made for x, turned to the axis."""
    if not isinstance(axis, str) or axis not in ("x", "y"):
        raise ValueError(f"axis is {axis!r}, expected 'x' or 'y'")
    return kernel if axis == "x" else np.ascontiguousarray(kernel.T)


def _as_size(size: Size) -> tuple[int, int]:
    """Return the height and the width of a kernel."""
    F_h, F_w = as_pair("size", size, 1)
    if max(F_h, F_w) > LARGEST_KERNEL:
        raise ValueError(f"size is {size!r}, expected at most {LARGEST_KERNEL} pixels a side")
    return F_h, F_w


def _from_middle(size: int) -> np.ndarray:
    """Positions of the pixels along one side, counted from the middle."""
    return np.arange(size) - (size - 1) / 2


def _bell(size: int, sigma: float) -> np.ndarray:
    """One line through a Gaussian, with the sum 1."""
    exponent = -((_from_middle(size) / sigma) ** 2) / 2
    bell = np.exp(exponent - exponent.max())  # a narrow bell between two pixels is not 0 / 0
    return bell / bell.sum()
