"""How far a learner has come: a file in the working copy, shown as a table, sent nowhere."""

from coursekit.study.progress.recording import (
    progress,
    record,
    record_hint,
    record_solution_seen,
)

__all__ = ["progress", "record", "record_hint", "record_solution_seen"]
