"""The chapters that train networks, for a minute or more in all.

All their cells run once in the tests, in order and on a fresh kernel, where pytest runs notebooks/. Lecture mode and
the browser, where every cell of a shorter chapter runs once more, take shorter ways through these; their tests say
which.
"""

FIRST_LONG = 7


def is_long(number: int) -> bool:
    """Tell whether a chapter is one of them."""
    return number >= FIRST_LONG
