"""Show an object rich in Jupyter, plain elsewhere."""

from typing import Any


def show(thing: Any) -> None:
    """Display an object in a notebook, print it in a terminal."""
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        print(thing)
        return
    if getattr(get_ipython(), "kernel", None) is None:
        print(thing)
    else:
        display(thing)
