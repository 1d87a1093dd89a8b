"""Bring a kernel to the state before a cell: run the references of the cells above it, quietly.

The names of the kernel are emptied first, so it does not matter what was run before, or which built-in function was
overwritten in passing. What takes long is written down, and read back the next time.
"""

import time
from collections.abc import Callable
from typing import Any

from coursekit.errors import CourseError
from coursekit.live import snapshots
from coursekit.live.randomness import Randomness, restore, state
from coursekit.live.script import Part, Script

LONG_SECONDS = 2.0  # after so much work the names are written down
Say = Callable[[str], None]


class CatchupError(CourseError):
    """A reference failed in this kernel."""


def catch_up(shell: Any, script: Script, until: Part, randomness: Randomness, say: Say) -> None:
    """Run all cells before one.

    Args:
        shell: of the kernel.
        script: of the chapter.
        until: the cell to stop before.
        randomness: takes note of each cell's.
        say: told now and then what is being done.

    Raises:
        CatchupError: a reference raised an error.
    """
    todo = script.parts[: until.number - 1]
    _forget_names(shell)
    snapshots.load_randomness(script, randomness)
    known = snapshots.newest(script, len(todo))
    if known is not None:
        _run(shell, todo[0])  # imports, and settings that are no names
        shell.user_ns.update(known.names)
        restore(known.state, shell.user_ns)
    since = time.monotonic()
    for part in todo[known.number if known else 0 :]:
        say(f"Running cell [{part.number}] of {len(todo)}: {part.name}.")
        randomness.remember(part.id, shell.user_ns)
        _run(shell, part)
        if time.monotonic() - since > LONG_SECONDS:
            snapshots.save(
                script, snapshots.Snapshot(part.number, _names(shell), state(shell.user_ns))
            )
            since = time.monotonic()
    randomness.remember(until.id, shell.user_ns)
    snapshots.save_randomness(script, randomness)


def _run(shell: Any, part: Part) -> None:
    from IPython.utils.capture import capture_output

    # an error is sent past what capture_output sees; one that the chapter means to show is no news here
    show, shell._showtraceback = shell._showtraceback, lambda *_: None
    try:
        with capture_output():
            result = shell.run_cell(part.source, store_history=False)
    finally:
        shell._showtraceback = show
    if result.success or part.may_fail:
        return
    error = result.error_in_exec or result.error_before_exec
    if isinstance(error, KeyboardInterrupt):
        raise CatchupError(
            f"stopped in cell [{part.number}] ({part.name}); what ran before it stays."
        )
    raise CatchupError(
        f"the reference of cell [{part.number}] ({part.name}) raised {type(error).__name__}: {error}. "
        "Restart the kernel and try again; if it fails again, run `coursekit doctor`."
    )


def _names(shell: Any) -> dict[str, Any]:
    """Return what was defined in a kernel."""
    hidden = shell.user_ns_hidden
    return {name: value for name, value in shell.user_ns.items() if name not in hidden}


def _forget_names(shell: Any) -> None:
    """Remove what was defined: a name like `sum` or `list`, once overwritten, would break what comes."""
    for name in _names(shell):
        del shell.user_ns[name]
