"""The file with a learner's progress: several kernels write it, none loses another's records."""

import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from coursekit.files import atomic_write, remove_leftovers, set_aside
from coursekit.lock import locked

FILE = "progress.json"
WAIT_SECONDS = 10.0


@dataclass(frozen=True)
class Record:
    """What is known about one task.

    Args:
        points: the best result of the visible checks so far.
        out_of: what a right answer scored at that time.
        status: what the last check said; empty before the first.
        checked: when it said so, in ISO format; empty before the first.
        hints: how many hints were read.
        solution_seen: whether the solution was shown.
    """

    points: float = 0.0
    out_of: float = 0.0
    status: str = ""
    checked: str = ""
    hints: int = 0
    solution_seen: bool = False

    @property
    def share(self) -> float:
        """The best result so far, from 0 to 1."""
        return self.points / self.out_of if self.out_of > 0 else 0.0


def load(folder: Path) -> tuple[dict[str, Record], list[str]]:
    """Return the records by task, and a sentence if the file was damaged and is kept aside.

    Raises:
        BusyError: another kernel holds the file for too long.
        OSError: the folder cannot be read or written.
    """
    if not (folder / FILE).exists():
        return {}, []
    with locked(folder / "progress.lock", WAIT_SECONDS):
        return _load(folder)


def change(folder: Path, task_id: str, edit: Callable[[Record], Record]) -> list[str]:
    """Change the record of one task and leave the others as they are in the file by now.

    Returns:
        A sentence if the file was damaged and had to be kept aside.

    Raises:
        BusyError: another kernel holds the file for too long.
        OSError: the file cannot be written.
    """
    with locked(folder / "progress.lock", WAIT_SECONDS):
        remove_leftovers(folder / FILE)
        records, notes = _load(folder)
        records[task_id] = edit(records.get(task_id, Record()))
        _save(folder, records)
    return notes


def better(record: Record, points: float, out_of: float) -> Record:
    """Return the record with this result if it is the best so far."""
    now = replace(record, points=_number(points), out_of=_number(out_of))
    return now if now.share > record.share or record.out_of <= 0 else record


def _number(value: float) -> float:
    return float(value) if math.isfinite(value) else 0.0


def _load(folder: Path) -> tuple[dict[str, Record], list[str]]:
    path = folder / FILE
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))["tasks"].items()
        damaged = False
    except FileNotFoundError:
        return {}, []
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, IsADirectoryError):
        stored, damaged = (), True
    records = {}
    for task_id, entry in stored:
        record = _record(entry)
        if record is None:
            damaged = True
        else:
            records[task_id] = record
    if not damaged:
        return records, []
    kept = set_aside(path, "damaged")
    _save(folder, records)
    rest = (
        f"{len(records)} of its entries could be read and stay"
        if records
        else "a new one begins now"
    )
    return records, [
        f"The file with your progress was damaged: it is kept as {kept.name} in the folder "
        f"{folder.name}, and {rest}."
    ]


def _record(entry: object) -> Record | None:
    if not isinstance(entry, dict):
        return None
    values = {one.name: entry[one.name] for one in fields(Record) if one.name in entry}
    for name, value in values.items():
        default = getattr(Record, name)
        # a float may be stored as an integer; a bool is an integer to Python and no number to us
        kinds = (int, float) if isinstance(default, float) else (type(default),)
        if not isinstance(value, kinds) or isinstance(value, bool) != isinstance(default, bool):
            return None
    return Record(**values)


def _save(folder: Path, records: dict[str, Record]) -> None:
    stored = {task_id: asdict(records[task_id]) for task_id in sorted(records)}
    atomic_write(folder / FILE, json.dumps({"tasks": stored}, indent=1, ensure_ascii=False) + "\n")
