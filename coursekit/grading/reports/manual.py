"""Points and comments that a person gives to written answers: stored beside the results, not in them.

A regrade writes results/ anew and leaves these alone. `coursekit.grading.reports.to_read` has the sheet through which
they come in.
"""

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from coursekit.errors import CourseError
from coursekit.files import atomic_write
from coursekit.grading.reports.points import Given, Manual

FORMAT = 1


def load_manual(path: Path) -> dict[tuple[str, str], Given]:
    """Return what people gave so far: nothing where there is no such file.

    Raises:
        CourseError: the file cannot be read or is damaged. It is never taken for an empty one, since the
            next write would then lose what it holds.
    """
    try:
        text = path.read_bytes().decode("utf-8")
        return _from_json(text)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise CourseError(
            f"{path} cannot be read: {error.strerror}. It holds the points that people gave to written answers; "
            "make it readable and try again."
        ) from error
    except (ValueError, RecursionError) as error:
        raise CourseError(
            f"{path} is damaged: {error}. It holds the points that people gave to written answers. Nothing was "
            "changed; put a copy of it back, or rename it and read your sheets in again."
        ) from error


def save_manual(path: Path, manual: Manual) -> None:
    """Write what people gave: the same points always give the same bytes.

    Raises:
        OSError: the file cannot be written; the old one is whole.
    """
    given = [
        {"student": student, "task": task, **asdict(one)}
        for (student, task), one in sorted(manual.items(), key=lambda item: order(*item[0]))
    ]
    # ASCII: the name of a folder may hold what UTF-8 cannot
    atomic_write(path, json.dumps({"format": FORMAT, "given": given}, indent=1) + "\n")


def merge(old: Manual, new: Manual) -> dict[tuple[str, str], Given]:
    """Return old points and comments with new ones in their places; what the new ones leave open stays."""
    merged = dict(old)
    for key, given in new.items():
        before = merged.get(key, Given())
        merged[key] = Given(
            before.points if given.points is None else given.points,
            before.comment if given.comment is None else given.comment,
        )
    return merged


def order(student: str, task: str) -> tuple[Any, ...]:
    """Return what to sort by: students as people sort names, tasks by number."""
    numbers = tuple(int(part) if part.isdecimal() else math.inf for part in task.split("."))
    return student.casefold(), student, numbers, task


def _from_json(text: str) -> dict[tuple[str, str], Given]:
    """Return what a file holds; a ValueError tells why it cannot be."""
    raw = json.loads(text)
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise ValueError(f"it is not of format {FORMAT}")
    manual: dict[tuple[str, str], Given] = {}
    try:
        for one in raw["given"]:
            key = one["student"], one["task"]
            given = Given(one["points"], one["comment"])
            if not _sound(key, given) or key in manual:
                raise ValueError(f"an entry cannot be right: {one}")
            manual[key] = given
    except (KeyError, TypeError) as error:
        raise ValueError("an entry is incomplete") from error
    return manual


def _sound(key: tuple[Any, Any], given: Given) -> bool:
    number = isinstance(given.points, int | float) and not isinstance(given.points, bool)
    return (
        all(isinstance(name, str) for name in key)
        and (given.points is None or (number and 0 <= given.points < math.inf))  # NaN is neither
        and isinstance(given.comment, str | None)
    )
