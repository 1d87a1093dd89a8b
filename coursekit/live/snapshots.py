"""What a chapter has computed by a cell, written down so that long cells need not run again.

Snapshots lie in the working copy, are read by nobody else, and hold for the code and the libraries they were made with.
"""

from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from coursekit.files import atomic_write
from coursekit.live.keeping import state_folder
from coursekit.live.randomness import Randomness, State
from coursekit.live.script import Script
from coursekit.paths import CourseNotFoundError

_STATES = "randomness.pickle"


@dataclass(frozen=True)
class Snapshot:
    """The names of a kernel after a cell.

    Args:
        number: of the cell.
        names: with their values.
        state: of the random numbers.
    """

    number: int
    names: dict[str, Any]
    state: State


def folder_of(script: Script) -> Path | None:
    """Return where the snapshots of a script are; None if there is no place for them."""
    made_with = "-".join(version(one) for one in ("numpy", "torch"))
    try:
        return state_folder() / f"{script.chapter.folder}-{script.version}-{made_with}"
    except CourseNotFoundError:
        return None


def newest(script: Script, most: int) -> Snapshot | None:
    """Return the snapshot after the last possible cell, None if there is none to be had.

    Args:
        script: of the chapter.
        most: the largest number of a cell that will do.
    """
    folder = folder_of(script)
    if folder is None or not folder.is_dir():
        return None
    numbers = {int(path.stem) for path in folder.glob("*.pickle") if path.stem.isdigit()}
    for number in sorted((one for one in numbers if one <= most), reverse=True):
        found = _load(folder / f"{number}.pickle")
        if isinstance(found, Snapshot):
            return found
    return None


def save(script: Script, snapshot: Snapshot) -> bool:
    """Write a snapshot down; tell whether that was possible."""
    return _dump(script, f"{snapshot.number}.pickle", snapshot)


def load_randomness(script: Script, randomness: Randomness) -> None:
    """Add what is known of a script's random numbers."""
    folder = folder_of(script)
    states = _load(folder / _STATES) if folder else None
    if isinstance(states, dict):
        randomness.states = {**states, **randomness.states}


def save_randomness(script: Script, randomness: Randomness) -> None:
    """Write down what is known of a script's random numbers."""
    _dump(script, _STATES, randomness.states)


def _load(path: Path) -> Any:
    import cloudpickle

    # whatever is wrong with it, the cells can still be run
    with suppress(Exception):
        return cloudpickle.loads(path.read_bytes())
    return None


def _dump(script: Script, name: str, thing: Any) -> bool:
    import cloudpickle

    folder = folder_of(script)
    # something that cannot be written down, a full disk, a read-only folder: the cells run again next time
    with suppress(Exception):
        if folder is not None:
            atomic_write(folder / name, cloudpickle.dumps(thing))
            return True
    return False
