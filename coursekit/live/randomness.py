"""The state of a chapter's random numbers before each cell: put back, it shows the same whatever ran before."""

import sys
from contextlib import suppress
from typing import Any

State = tuple[dict[str, Any] | None, Any]


class Randomness:
    """The states of ``rng`` and of torch's own generator before each cell of a chapter.

    With the states put back before a cell runs, it draws what it draws in the chapter.
    """

    def __init__(self) -> None:
        self.states: dict[str, State] = {}

    def remember(self, cell: str, names: dict[str, Any]) -> None:
        """Note the state before a cell, given the names of the kernel."""
        self.states[cell] = state(names)

    def put_back(self, cell: str, names: dict[str, Any]) -> None:
        """Give the generators the state that they have before a cell in the chapter, if that is known."""
        if cell in self.states:
            restore(self.states[cell], names)


def state(names: dict[str, Any]) -> State:
    """Return the state of the generators."""
    rng: Any = names.get("rng")
    torch = sys.modules.get("torch")
    own = rng.bit_generator.state if hasattr(rng, "bit_generator") else None
    return own, torch.get_rng_state() if torch else None


def restore(states: State, names: dict[str, Any]) -> None:
    """Give the generators a state."""
    own, of_torch = states
    rng: Any = names.get("rng")
    torch = sys.modules.get("torch")
    if own is not None and hasattr(rng, "bit_generator"):
        with suppress(TypeError, ValueError):  # another kind of generator, made by hand
            rng.bit_generator.state = own
    if of_torch is not None and torch:
        torch.set_rng_state(of_torch)
