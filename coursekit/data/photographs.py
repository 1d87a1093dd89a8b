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
    if name not in NAMES:
        raise ValueError(f"there is no photograph {name!r}, expected one of {', '.join(NAMES)}")
    from sklearn.datasets import load_sample_image  # takes a second to import

    gray: np.ndarray = load_sample_image(f"{name}.jpg") @ np.array(LUMA) / 255
    return gray
