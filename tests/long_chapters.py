"""The chapters whose cells all run once in the tests, in order and on a fresh kernel: where pytest runs notebooks/.

In lecture mode and in the browser every cell of the first two runs once more. The others are long, or train networks;
there they take shorter ways, and the tests say which.
"""

FIRST_LONG = 3


def is_long(number: int) -> bool:
    """Tell whether a chapter is one of them."""
    return number >= FIRST_LONG
