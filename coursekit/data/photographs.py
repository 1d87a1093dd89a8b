"""Photographs that scikit-learn ships under Creative Commons licenses (credits: sklearn.datasets, images/README)."""

import numpy as np
from jaxtyping import Float

NAMES = ("china", "flower")
LUMA = (
    0.299,
    0.587,
    0.114,
)  # ITU-R BT.601: how much red, green and blue each add to what we see as brightness


def photograph(name: str = "china") -> Float[np.ndarray, "H W"]:
    """Return a photograph in gray, 0 (black) to 1 (white), 427 rows of 640 pixels.

    Raises:
        ValueError: there is no photograph of this name.
    """
    gray: np.ndarray = color_photograph(name).transpose(1, 2, 0) @ np.array(LUMA)
    return gray


def color_photograph(name: str = "china") -> Float[np.ndarray, "3 H W"]:
    """Return a photograph as its red, green and blue channel, 0 to 1, 427 rows of 640 pixels.

    Raises:
        ValueError: there is no photograph of this name.
    """
    if name not in NAMES:
        raise ValueError(f"there is no photograph {name!r}, expected one of {', '.join(NAMES)}")
    from sklearn.datasets import load_sample_image  # takes a second to import

    colors: np.ndarray = load_sample_image(f"{name}.jpg").transpose(2, 0, 1) / 255
    return colors
