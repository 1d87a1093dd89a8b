"""A results log: what was tried and what came of it, one line of JSON for each run."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from coursekit.errors import CourseError


def json_line(values: Mapping[str, Any]) -> str:
    """Return names and values as one line of JSON, with null for NaN and infinity."""
    plain = {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in values.items()
    }
    return json.dumps(plain, allow_nan=False)


def record(path: Path | str, result: Mapping[str, Any], **more: Any) -> None:
    """Append one line to a results log.

    Args:
        path: of the log; made if it is not there.
        result: names and values that JSON knows, for example ``history.result()``. NaN and infinity,
            which it does not know, become null: a run that failed is a result as well.
        more: further ones, such as ``note="wider"``; they stand first.

    Raises:
        CourseError: JSON has no form for a value, or the file cannot be written.
    """
    try:
        line = json_line({**more, **result})
    except (TypeError, ValueError) as error:
        raise CourseError(
            f"The result cannot be recorded: {error}. JSON takes text, numbers, True, False "
            "and None: float(value) makes a number of what NumPy or torch computed."
        ) from error
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")  # one write: two runs that end together do not mix their lines
    except OSError as error:
        raise CourseError(f"The result cannot be recorded in {path}: {error.strerror}.") from error


def read_results(path: Path | str) -> list[dict[str, Any]]:
    """Return the lines of a results log, the oldest first; none where there is no log yet.

    Raises:
        CourseError: a line is no JSON object.
    """
    path = Path(path)
    if not path.exists():
        return []
    results = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            result = json.loads(line)
        except ValueError:
            result = None
        if not isinstance(result, dict):
            raise CourseError(
                f"Line {number} of {path} is no JSON object: {line[:60]!r}. Mend or remove it."
            )
        results.append(result)
    return results
