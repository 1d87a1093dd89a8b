"""Read what a person types into a widget's text field; say in a sentence what is wrong with it."""

import numpy as np


def numbers(text: str, what: str = "the kernel") -> np.ndarray:
    """Read numbers with commas or blanks between them: ``1, 2, 3``.

    Raises:
        ValueError: there is none, or something else than numbers.
    """
    parts = text.replace(",", " ").split()
    if not parts:
        raise ValueError(f"{what} is empty, expected numbers such as 1, 2, 3")
    try:
        values = np.array([float(part) for part in parts])
    except ValueError:
        raise ValueError(
            f"{what} {text!r} has something else than numbers in it, expected 1, 2, 3"
        ) from None
    if not np.isfinite(values).all():
        raise ValueError(f"{what} {text!r} has a number that is not finite, expected 1, 2, 3")
    return values


def matrix(text: str, what: str = "the kernel") -> np.ndarray:
    """Read a matrix with semicolons between its rows: ``1 0 -1; 2 0 -2; 1 0 -1``.

    Raises:
        ValueError: something else than numbers, or rows of different lengths.
    """
    rows = [numbers(row, what) for row in text.strip().strip(";").split(";")]
    lengths = [len(row) for row in rows]
    if len(set(lengths)) > 1:
        raise ValueError(f"the rows of {what} have {lengths} numbers, expected the same in each")
    return np.array(rows)
